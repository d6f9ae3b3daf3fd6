"""A derivation at one number of levels, its terms taken apart by the levels of a variable.

A term is a number, cells that no level of the variable is in, and for each level a *profile*: which cells of that level
it holds, with which coefficients. Profiles are equal where levels are treated alike.

Where levels are numbers, coefficients grow with them. Then a term is taken apart by the *steps* from one level to the
next instead: ``v`` times a cell of level v, summed over v, is the sum over v >= 1 of P(that level or a higher one).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.relabelling import NormalForms, exact
from boundgen.errors import NoClosedFormError
from boundgen.exact.terms import Term
from boundgen.strata.cells import Arm, Assignment, Cell, cell_name, distinct_cells

# What stands for the level in a cell: no level is named so.
LEVEL = "*"
# A cell whose level is left open: event, context and selection.
Shape = tuple[Assignment, Assignment, Assignment]
Profile = tuple[tuple[Shape, Fraction], ...]
Fixed = tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True)
class LevelledTerm:
    """A term, by the levels of the variable, or by the steps between them.

    Parameters
    ----------
    constant : Fraction
    fixed : Fixed
        Cells of no level, and parameters; by steps also the sums of cells over all levels.
    profiles : tuple of Profile
    """

    constant: Fraction
    fixed: Fixed
    profiles: tuple[Profile, ...]


# What stands before the name of a weight, and marks its level.
WEIGHT = "weight "
Key = Hashable
TermNumbers = tuple[Fraction, ...]


class TermLevels(Protocol):
    """The terms of one derivation, by levels or by steps."""

    @property
    def size(self) -> int:
        """How many levels, or steps, there are."""

    @property
    def names(self) -> tuple[str, ...]:
        """Whose numbers may differ among terms of a kind: that of the empty name is the number in a term."""

    def view(self, term: Term) -> LevelledTerm:
        """A term in one spelling."""

    def key(self, view: LevelledTerm) -> tuple[Key, TermNumbers]:
        """What is equal for terms that differ by these numbers alone, and the numbers."""


class ByLevels:
    """Terms by the levels of a variable.

    Parameters
    ----------
    bounds : Bounds
    variable : str
    first : int
        The first level.
    count : int
        How many levels there are.
    """

    names = ("",)

    def __init__(self, bounds: Bounds | PiecewiseBounds, variable: str, first: int, count: int) -> None:
        self.bounds, self.first, self.size = bounds, first, count
        self._forms = NormalForms(bounds.arms, bounds.notation.order, bounds.simplifier.equalities)
        cells = distinct_cells(bounds.arms)
        self._constant = len({*(cell.name for cell in cells), *bounds.notation.order})
        self._shapes = {cell.name: shape_of(cell, variable) for cell in cells}
        self._cells = {found: name for name, found in self._shapes.items()}

    def view(self, term: Term) -> LevelledTerm:
        """A term in the spelling in which no cell of an arm is subtracted and one of them is left out."""
        plain = without_minus(term, self.bounds.arms)
        profiles: list[dict[Shape, Fraction]] = [{} for _ in range(self.size)]
        fixed = {}
        for name, coefficient in plain.coefficients:
            shape, level = self._shapes.get(name, (None, None))
            if shape is None or level is None:
                fixed[name] = coefficient
            else:
                profiles[level - self.first][shape] = coefficient
        return LevelledTerm(plain.constant, tuple(sorted(fixed.items())), tuple(profile(each) for each in profiles))

    def term(self, view: LevelledTerm) -> Term:
        """The term of a view."""
        found = dict(view.fixed)
        for level, held in enumerate(view.profiles, self.first):
            found |= {self._cells[shape, level]: c for shape, c in held}
        return Term.of(view.constant, found)

    def key(self, view: LevelledTerm) -> tuple[Key, TermNumbers]:
        """The function without its number, whatever its spelling."""
        vector = self._forms.vector(self.term(view))
        number = Fraction(vector.pop(self._constant, 0))
        return exact(vector), (number,)


class ByWeights(ByLevels):
    """Options of maxima that have weights: ``P(V=v) max{...}``. Of an option the level of its weight is marked."""

    def view(self, term: Term) -> LevelledTerm:
        """An option, beside which a name stands for its weight."""
        weights = [name.removeprefix(WEIGHT) for name, _ in term.coefficients if name.startswith(WEIGHT)]
        rest = Term.of(term.constant, {name: c for name, c in term.coefficients if not name.startswith(WEIGHT)})
        view = super().view(rest)
        profiles = [dict(each) for each in view.profiles]
        for name in weights:
            shape, level = self._shapes[name]
            if level is not None:
                profiles[level - self.first][marked(shape)] = Fraction(1)
        return replace(view, profiles=tuple(profile(each) for each in profiles))

    def have_levels(self, terms: Sequence[Term]) -> bool:
        """Whether each weight is of one level."""
        weights = [name.removeprefix(WEIGHT) for t in terms for name, _ in t.coefficients if name.startswith(WEIGHT)]
        return all(name in self._shapes and self._shapes[name][1] is not None for name in weights)

    @staticmethod
    def is_marked(held: Profile) -> bool:
        """Whether the weight is of the level with this profile."""
        return any(is_mark(shape) for shape, _ in held)

    @staticmethod
    def unmarked(held: Profile) -> Profile:
        """The profile without what marks the weight."""
        return tuple(each for each in held if not is_mark(each[0]))

    def key(self, view: LevelledTerm) -> tuple[Key, TermNumbers]:
        """The option as a function without its number, and the level of its weight."""
        plain = tuple(map(self.unmarked, view.profiles))
        marks = tuple(tuple(shape for shape, _ in held if is_mark(shape)) for held in view.profiles)
        key, numbers = super().key(replace(view, profiles=plain))
        return (key, marks), numbers


class BySteps:
    """Terms by the steps between levels that are numbers.

    Parameters
    ----------
    bounds : Bounds
    variable : str
    first : int
        The first level.
    count : int
        How many levels there are.
    """

    def __init__(self, bounds: Bounds, variable: str, first: int, count: int) -> None:
        self.bounds, self.first, self.size = bounds, first, count - 1
        self._shapes = {cell.name: shape_of(cell, variable) for cell in distinct_cells(bounds.arms)}
        whole = [shape for shape, level in self._shapes.values() if level == first]
        self._sums = {shape: whole_name(shape) for shape in whole}
        alone = [name for name, (_, level) in self._shapes.items() if level is None]
        parameters = [each.name for each in bounds.parameters]
        self._names = ("", *self._sums.values(), *alone, *parameters)
        # Of each arm one sum is left out: they sum to one.
        self._totals = [tuple(dict.fromkeys(map(self._total, arm.cells))) for arm in bounds.arms if arm.complete]

    def _total(self, cell: Cell) -> str:
        shape, level = self._shapes[cell.name]
        return cell.name if level is None else self._sums[shape]

    @property
    def names(self) -> tuple[str, ...]:
        """The number, the sums over all levels, cells of no level, and parameters."""
        return self._names

    def view(self, term: Term) -> LevelledTerm:
        """A term in the spelling in which the first sum of each arm is left out."""
        rows: dict[Shape, list[Fraction]] = {shape: [Fraction(0)] * (self.size + 1) for shape in self._sums}
        fixed: dict[str, Fraction] = {}
        for name, coefficient in term.coefficients:
            shape, level = self._shapes.get(name, (None, None))
            if shape is None or level is None:
                fixed[name] = coefficient
            else:
                rows[shape][level - self.first] = coefficient
        for shape, row in rows.items():
            fixed[self._sums[shape]] = row[0]
        number = term.constant
        for names in self._totals:
            least = fixed.get(names[0], Fraction(0))
            number += least
            for name in names:
                fixed[name] = fixed.get(name, Fraction(0)) - least
        steps = (
            profile({shape: row[step + 1] - row[step] for shape, row in rows.items()}) for step in range(self.size)
        )
        return LevelledTerm(number, tuple(sorted((name, c) for name, c in fixed.items() if c)), tuple(steps))

    def key(self, view: LevelledTerm) -> tuple[Key, TermNumbers]:
        """The steps alone; the number and the coefficients of sums beside them."""
        fixed = dict(view.fixed)
        return view.profiles, (view.constant, *(fixed.get(name, Fraction(0)) for name in self.names[1:]))


def marked(shape: Shape) -> Shape:
    """What marks the level of a weight."""
    return shape[0], shape[1], (*shape[2], (WEIGHT, LEVEL))


def unmarked(shape: Shape) -> Shape:
    """The cell that is the weight."""
    return shape[0], shape[1], tuple(each for each in shape[2] if each != (WEIGHT, LEVEL))


def is_mark(shape: Shape) -> bool:
    """Whether a shape is such a mark, and no cell."""
    return (WEIGHT, LEVEL) in shape[2]


def whole_name(shape: Shape) -> str:
    """The name of the sum over all levels of a cell."""
    event, context, selection = shape
    return cell_name(event, context, (), selection)


def shape_of(cell: Cell, variable: str) -> tuple[Shape, int | None]:
    """A cell with its level left open, and the level; None where it has none."""
    parts, levels = [], []
    for part in (cell.event, cell.context, cell.selection):
        levels += [value for name, value in part if name == variable]
        parts.append(tuple((name, LEVEL if name == variable else value) for name, value in part))
    if len(levels) > 1:
        raise NoClosedFormError(
            f"the cell {cell.name} has two levels of {variable}",
            remedy="Families are found where each observed cell has one level of the variable at most.",
        )
    event, context, selection = parts
    return (event, context, selection), (int(levels[0]) if levels else None)


def profile(held: Mapping[Shape, Fraction]) -> Profile:
    """Cells of one level with their coefficients, in an order of their own."""
    return tuple(sorted(((shape, c) for shape, c in held.items() if c), key=repr))


def without_minus(term: Term, arms: Sequence[Arm]) -> Term:
    """A term in which the least coefficient of each complete arm is zero: its cells sum to one."""
    found, number = dict(term.coefficients), term.constant
    for arm in arms:
        if arm.complete:
            least = min(found.get(cell.name, Fraction(0)) for cell in arm.cells)
            if least:
                number += least
                for cell in arm.cells:
                    found[cell.name] = found.get(cell.name, Fraction(0)) - least
    return Term.of(number, found)
