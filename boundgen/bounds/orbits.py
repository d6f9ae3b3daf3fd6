"""Terms that differ by relabelling alone, as one term with letters in place of levels."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from boundgen.bounds.mirror import Mirror, mirror
from boundgen.bounds.normal_form import normal_form
from boundgen.bounds.relabelling import Form, Levels, Names, exchangeable_levels, exchanged, renamed
from boundgen.language.expressions import Value
from boundgen.strata.cells import Cell, distinct_cells
from boundgen.terms import Term

if TYPE_CHECKING:
    from boundgen.bounds.closed_form import Bounds
    from boundgen.derivation import Derivation

# Indices as papers write them; then other letters.
INDICES = "ijklmnhfg" + string.ascii_lowercase


@dataclass(frozen=True)
class Letters:
    """Letters that stand for distinct levels of one class.

    Parameters
    ----------
    of : Levels
    letters : tuple of (level, letter)
        The level that the representative has, and the letter that is printed for it.
    """

    of: Levels
    letters: tuple[tuple[Value, str], ...]

    def __str__(self) -> str:
        names = ", ".join(letter for _, letter in self.letters)
        where = self.of.variable
        if not self.of.all:
            where = f"{{{', '.join(map(str, self.of.levels))}}} of {where}"
        return f"{'distinct ' if len(self.letters) > 1 else ''}{names} in {where}"


@dataclass(frozen=True)
class Orbit:
    """The terms that exchanges of levels make of one.

    Parameters
    ----------
    representative : Term
        In cells and parameters.
    shown : Term
        The same for the reader; with defined names only where it stands for itself alone.
    letters : tuple of Letters
        For the levels that the representative mentions; empty where it stands for itself alone.
    size : int
    """

    representative: Term
    shown: Term
    letters: tuple[Letters, ...]
    size: int

    @property
    def quantifiers(self) -> str:
        """``for all distinct i, j in Z``, or nothing."""
        return "for all " + " and ".join(map(str, self.letters)) if self.letters else ""

    def expanded(self, cells: Sequence[Cell]) -> Iterator[Term]:
        """Every term that the printed one stands for, some of them more than once."""
        for levels in _assignments(self.letters):
            names = exchanged(cells, levels)
            assert names is not None, "exchangeable levels have the same cells"
            yield renamed(self.representative, names)


@dataclass(frozen=True)
class BoundOrbits:
    """One estimand's terms by orbit, and the mirror that makes the upper bound of the lower one."""

    lower: tuple[Orbit, ...]
    upper: tuple[Orbit, ...]
    mirror: Mirror | None


@dataclass(frozen=True)
class DerivationOrbits:
    """All terms and conditions by orbit.

    Parameters
    ----------
    bounds : tuple of BoundOrbits
    conditions : tuple of Orbit, or None
        None where they were left out.
    """

    bounds: tuple[BoundOrbits, ...]
    conditions: tuple[Orbit, ...] | None


def orbits(derivation: Derivation) -> DerivationOrbits:
    """Group all terms and testable implications of a derivation.

    Levels are exchangeable where exchanging them maps the terms of every bound, and the conditions, to themselves.
    That is looked up in the finished lists, which are complete, so it does not matter how they were found.
    """
    form, conditions = term_form(derivation), derivation.conditions
    terms = [side.terms for bounds in derivation.bounds for side in (bounds.lower, bounds.upper)]
    terms += [(bounds.denominator,) for bounds in derivation.bounds if bounds.denominator]
    sets = [(each, form) for each in terms]
    sets += [(conditions, condition_form(derivation))] if conditions else []
    classes, exchanges = exchangeable_levels(derivation.model, derivation.blocks, sets)
    group = _Grouping(derivation, classes, exchanges)
    of_bounds = tuple(group.bounds(bounds, form) for bounds in derivation.bounds)
    if conditions is None or derivation.shown_conditions is None:
        return DerivationOrbits(of_bounds, None)
    found = group.orbits(conditions, derivation.shown_conditions, condition_form(derivation))
    return DerivationOrbits(of_bounds, found)


def term_form(derivation: Derivation) -> Form:
    """Terms of bounds are equal where the data that the model allows give them equal values."""
    return normal_form(derivation.blocks, derivation.stages[0].lower.reduced.equalities)


def condition_form(derivation: Derivation) -> Form:
    """Conditions are equal up to a positive factor; equalities of the data are conditions themselves."""
    form = normal_form(derivation.blocks, ())
    return lambda term: form(term).primitive()


@dataclass(frozen=True)
class _Grouping:
    """What all lists of terms of one derivation are grouped by."""

    derivation: Derivation
    classes: tuple[Levels, ...]
    exchanges: tuple[Names, ...]

    def bounds(self, bounds: Bounds, form: Form) -> BoundOrbits:
        lower, upper = (self.orbits(side.terms, side.shown, form) for side in (bounds.lower, bounds.upper))
        found = mirror(
            self.derivation.model,
            self.derivation.blocks,
            bounds.lower.terms,
            bounds.upper.terms,
            bounds.denominator,
            form,
        )
        return BoundOrbits(lower, upper, found)

    def orbits(self, terms: Sequence[Term], shown: Sequence[Term], form: Form) -> tuple[Orbit, ...]:
        """The orbits in the order of their first terms."""
        number = {form(term): k for k, term in enumerate(terms)}
        images = [[number[form(renamed(term, names))] for term in terms] for names in self.exchanges]
        return tuple(
            self._orbit([terms[k] for k in orbit], shown[orbit[0]]) for orbit in _components(len(terms), images)
        )

    def _orbit(self, terms: Sequence[Term], shown: Term) -> Orbit:
        if len(terms) == 1:
            return Orbit(terms[0], shown, (), 1)
        # Of forms that are equally short, the one that mentions the fewest levels; of these the first.
        best = min(terms, key=lambda term: sum(len(letters.letters) for letters in self._letters(term)))
        return Orbit(best, best, self._letters(best), len(terms))

    def _letters(self, term: Term) -> tuple[Letters, ...]:
        mentioned: dict[tuple[str, Value], None] = {}
        cells = {cell.name: cell for cell in distinct_cells(self.derivation.blocks)}
        for name in (name for name in self.derivation.order if name in dict(term.coefficients) and name in cells):
            mentioned |= dict.fromkeys((*cells[name].event, *cells[name].context))
        free = iter(dict.fromkeys(letter for letter in INDICES if letter not in self._taken()))
        found = []
        for levels in self.classes:
            used = [value for name, value in mentioned if name == levels.variable and value in levels.levels]
            if used:
                found.append(Letters(levels, tuple((value, next(free)) for value in used)))
        return tuple(found)

    def _taken(self) -> set[str]:
        """Letters that mean something else."""
        model = self.derivation.model
        names = {v.name for v in model.variables} | {p.name for p in model.parameters}
        names |= {d.name for d in model.definitions}
        return names | {symbol.letter for _, symbol in self.derivation.notation.symbols}


def _components(size: int, images: Sequence[Sequence[int]]) -> list[list[int]]:
    """Which numbers the permutations connect."""
    found: list[list[int]] = []
    seen: set[int] = set()
    for start in range(size):
        if start in seen:
            continue
        orbit, queue = [start], [start]
        seen.add(start)
        while queue:
            k = queue.pop()
            for image in images:
                if image[k] not in seen:
                    seen.add(image[k])
                    orbit.append(image[k])
                    queue.append(image[k])
        found.append(sorted(orbit))
    return found


def _assignments(letters: Sequence[Letters]) -> Iterator[dict[str, dict[Value, Value]]]:
    """All ways to give the letters distinct levels, as permutations of levels."""
    if not letters:
        yield {}
        return
    first, *rest = letters
    own = [value for value, _ in first.letters]
    others = [value for value in first.of.levels if value not in own]
    for chosen in permutations(first.of.levels, len(own)):
        left = [value for value in first.of.levels if value not in chosen]
        levels = dict(zip((*own, *others), (*chosen, *left), strict=True))
        for more in _assignments(rest):
            yield {**more, first.of.variable: {**more.get(first.of.variable, {}), **levels}}
