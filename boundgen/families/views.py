"""A derivation at one number of levels, its terms taken apart by the levels of a variable.

A term is a number, cells that no level of the variable is in, and for each level a *profile*: which cells of that level
it holds, with which coefficients. Profiles are equal where levels are treated alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.relabelling import CONSTANT, FormKey, NormalForms, exact
from boundgen.errors import NoClosedFormError
from boundgen.exact.terms import Term
from boundgen.strata.cells import Arm, Assignment, Cell, distinct_cells

# What stands for the level in a cell: no level is named so.
LEVEL = "*"
# A cell whose level is left open: event, context and selection.
Shape = tuple[Assignment, Assignment, Assignment]
Profile = tuple[tuple[Shape, Fraction], ...]
Fixed = tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True)
class View:
    """A term, by the levels of the variable."""

    constant: Fraction
    fixed: Fixed
    profiles: tuple[Profile, ...]


class Levels:
    """The cells of one derivation by the levels of a variable, and terms as functions of these cells.

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
        self.bounds, self.variable, self.first, self.count = bounds, variable, first, count
        self._forms = NormalForms(bounds.arms, bounds.notation.order, bounds.simplifier.equalities)
        self._constant = len({*(c.name for c in distinct_cells(bounds.arms)), *bounds.notation.order})
        self._by_shape = {}
        for cell in distinct_cells(bounds.arms):
            self._by_shape[shape_of(cell, variable)] = cell.name

    @cached_property
    def _shape_of(self) -> Mapping[str, tuple[Shape, int | None]]:
        return {name: found for found, name in self._by_shape.items()}

    def view(self, term: Term) -> View:
        """A term in the spelling in which no cell of an arm is subtracted and one of them is left out."""
        plain = without_minus(term, self.bounds.arms)
        profiles: list[dict[Shape, Fraction]] = [{} for _ in range(self.count)]
        fixed = {}
        for name, coefficient in plain.coefficients:
            shape, place = self._shape_of.get(name, (None, None))
            if shape is None or place is None:
                fixed[name] = coefficient
            else:
                profiles[place - self.first][shape] = coefficient
        return View(plain.constant, tuple(sorted(fixed.items())), tuple(profile(each) for each in profiles))

    def term(self, view: View) -> Term:
        """The term of a view."""
        found = dict(view.fixed)
        for place, held in enumerate(view.profiles, self.first):
            found |= {self._by_shape[shape, place]: c for shape, c in held}
        return Term.of(view.constant, found)

    def key(self, view: View) -> tuple[FormKey, Fraction]:
        """What is equal for terms that differ by a number alone, and that number."""
        vector = self._forms.vector(self.term(view))
        number = Fraction(vector.pop(self._constant, 0))
        return exact(vector), number

    def keys(self, terms: Iterable[Term]) -> dict[FormKey, Fraction]:
        """The terms without their numbers, each with its number; of two that differ by it alone, an error is made."""
        found: dict[FormKey, Fraction] = {}
        for term in terms:
            key, number = self.key(self.view(term))
            found[key] = number
        return found


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
