"""What is identified of weighted costs and what is not: of all ways to part them the one that reads best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from boundgen.bounds.chambers import Directions
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.weight_space import WeightSpace
from boundgen.exact.terms import Term, combination


@dataclass(frozen=True)
class Parting:
    """The value of what is identified beside each monomial, and the functions in each direction."""

    identified: tuple[Term, ...]
    directions: Directions

    def moved(self, space: WeightSpace, i: int, term: Term) -> Parting:
        """The same sum with a function of the data, times weight i, among what is identified."""
        identified = tuple(
            combination([(1, own), (c, term)]) for own, c in zip(self.identified, space.weights[i], strict=True)
        )
        directions = {
            direction: tuple(combination([(1, own), (-direction[i], term)]) for own in terms)
            for direction, terms in self.directions.items()
        }
        return Parting(identified, directions)

    def plain(self, reading: Simplifier) -> Parting:
        """With each function in its form for the reader."""
        directions = {direction: tuple(map(reading.plain, terms)) for direction, terms in self.directions.items()}
        return Parting(tuple(map(reading.plain, self.identified)), directions)

    @property
    def size(self) -> int:
        """Symbols and numbers."""
        terms = [*self.identified, *(term for terms in self.directions.values() for term in terms)]
        return sum(len(term.coefficients) + bool(term.constant) for term in terms)


def shortest_parting(parting: Parting, space: WeightSpace, reading: Simplifier) -> Parting:
    """Move what one arm says of an identified part beside the other monomials of its weight, where that is shorter.

    ``w1 (E[Y | 1] - E[Y | 0]) + the rest`` becomes ``w0 E[Y | 0] + w1 E[Y | 1] + another rest``.
    """
    best = parting.plain(reading)
    for i in range(len(space.weights)):
        candidates = [best.moved(space, i, term).plain(reading) for term in _parts(best, space, i, reading)]
        best = min([best, *candidates], key=lambda each: each.size)
    return best


def _parts(parting: Parting, space: WeightSpace, i: int, reading: Simplifier) -> Iterator[Term]:
    """Parts of one arm, with the sign that takes them out; a weight of one monomial has nothing beside it."""
    weight = space.weights[i]
    found: dict[Term, None] = {}
    for term, multiple in zip(parting.identified, weight, strict=True):
        for cells in reading.complete if multiple and sum(map(bool, weight)) > 1 else ():
            own = {name: c for name, c in term.coefficients if name in cells}
            if own and len(own) < len(term.coefficients):
                found[Term.of(0, own).scaled(-1 / multiple)] = None
    yield from found
