"""Which levels may be exchanged: permutations of the observed cells that map a set of terms onto itself.

Nothing is asked of how the terms were found. A relabelling is found on the terms themselves, modulo
everything that may be added to a term without changing its value.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import gcd, lcm

from boundgen.bounds.symbols import Notation
from boundgen.exact.linear_algebra import Span
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term, plain_number
from boundgen.language.expressions import Value
from boundgen.strata.cells import Arm, Assignment, distinct_cells

# Coordinates of a term in the normal form, sorted by place: equal for equal functions.
FormKey = tuple[tuple[int, Number], ...]
FormVector = dict[int, Number]
# For each variable, what its values are exchanged for; the others stay.
Exchange = Mapping[str, Mapping[Value, Value]]
Scaling = Callable[[FormVector], FormKey]
Action = Callable[[FormVector], FormVector]
CONSTANT = ""


@dataclass(frozen=True)
class LevelClass:
    """Levels of a variable that may be relabelled at will.

    Parameters
    ----------
    variable : str
    levels : tuple of value
        In the order of the domain; at least two.
    whole : bool
        Whether these are all levels of the variable.
    """

    variable: str
    levels: tuple[Value, ...]
    whole: bool

    def generators(self) -> list[Exchange]:
        """Exchanges of neighbours: they generate all permutations of the levels."""
        return [transposition(self.variable, a, b) for a, b in itertools.pairwise(self.levels)]


class NormalForms:
    """Terms as functions of the observable distributions: a normal form, and what exchanges do to it.

    Parameters
    ----------
    arms : sequence of Arm
    names : iterable of str
        Parameters, and all other names that may stand in terms.
    zeros : sequence of Term
        Functions that are zero at every distribution, beside "a complete arm sums to one".
    """

    def __init__(self, arms: Sequence[Arm], names: Iterable[str], zeros: Sequence[Term]) -> None:
        self.cells = distinct_cells(arms)
        totals = [Term.of(-1, {cell.name: 1 for cell in arm.cells}) for arm in arms if arm.complete]
        self._zeros = [*totals, *zeros]
        self._names = (*dict.fromkeys([*(cell.name for cell in self.cells), *names]), CONSTANT)
        self._place = {name: i for i, name in enumerate(self._names)}
        self._by_event = {(cell.event, cell.context): cell.name for cell in self.cells}
        span = Span()
        for i, zero in enumerate(self._zeros):
            span.add(i, dict(self._coordinates(zero)))
        self._rest: list[FormVector] = [
            {j: plain_number(c) for j, c in span.rest({i: 1}).items()} for i in range(len(self._names))
        ]

    def vector(self, term: Term) -> FormVector:
        """The normal form of a term."""
        return _combined(self._coordinates(term), self._rest)

    def named(self, event: Assignment, context: Assignment) -> str:
        """The name of a cell."""
        return self._by_event[event, context]

    def action(self, exchange: Exchange) -> Action | None:
        """What an exchange of levels does to normal forms.

        None where it does not map observed cells to observed cells, or zero functions to zero functions.
        """
        image = self.images(exchange)
        if image is None:
            return None
        rests = [self._rest[self._place[image.get(name, name)]] for name in self._names]
        if any(_combined(self._coordinates(zero), rests) for zero in self._zeros):
            return None
        return lambda vector: _combined(vector.items(), rests)

    def images(self, exchange: Exchange) -> dict[str, str] | None:
        """Each cell's image under an exchange; None where one is not observed."""
        found = {}
        for cell in self.cells:
            image = self._by_event.get(exchanged(cell.event, cell.context, exchange))
            if image is None:
                return None
            found[cell.name] = image
        return found

    def _coordinates(self, term: Term) -> list[tuple[int, Number]]:
        found = [(self._place[name], plain_number(c)) for name, c in term.coefficients]
        return [*found, (self._place[CONSTANT], plain_number(term.constant))]


def level_classes(
    functions: NormalForms, notation: Notation, families: Sequence[Sequence[FormVector]], scaling: Scaling
) -> tuple[LevelClass, ...]:
    """The levels whose exchange maps each family of terms onto itself."""
    keys = [(family, {scaling(vector) for vector in family}) for family in families]

    def is_exchangeable(exchange: Exchange) -> bool:
        act = functions.action(exchange) if _shown(functions, notation, exchange) else None
        return act is not None and all(scaling(act(vector)) in known for family, known in keys for vector in family)

    return classes_of(notation, is_exchangeable)


def classes_of(notation: Notation, is_exchangeable: Callable[[Exchange], bool]) -> tuple[LevelClass, ...]:
    """The levels that may be relabelled, where two levels are exchanged as it is said.

    Where a and b, and b and c may be exchanged, so may a and c: a level is compared with one of each class.
    """
    found = []
    for variable, domain in notation.domains:
        classes: list[list[Value]] = []
        for level in domain:
            home = next((c for c in classes if is_exchangeable(transposition(variable, c[0], level))), None)
            if home is None:
                classes.append([level])
            else:
                home.append(level)
        found += [LevelClass(variable, tuple(c), len(c) == len(domain)) for c in classes if len(c) > 1]
    return tuple(found)


def _shown(functions: NormalForms, notation: Notation, exchange: Exchange) -> bool:
    """Whether symbols show what an exchange does to cells, so that letters can stand for the levels.

    They do not show ``Z=1`` of ``observe P(Y | Z=1)``.
    """
    images = functions.images(exchange)
    if images is None or all(name == image for name, image in images.items()):
        return False
    symbols = dict(notation.symbols)
    return all(symbols[image] == symbols[name].exchanged(exchange) for name, image in images.items())


def transposition(variable: str, one: Value, other: Value) -> Exchange:
    return {variable: {one: other, other: one}}


def exchanged(event: Assignment, context: Assignment, exchange: Exchange) -> tuple[Assignment, Assignment]:
    """Event and context of a cell after an exchange."""
    found = [
        tuple((name, exchange.get(name, {}).get(value, value)) for name, value in part) for part in (event, context)
    ]
    return found[0], found[1]


# ---------------------------------------------------------------- normal forms as keys
def exact(vector: FormVector) -> FormKey:
    """Equal for equal functions."""
    return tuple(sorted(vector.items()))


def up_to_scale(vector: FormVector) -> FormKey:
    """Equal for positive multiples of a function: what matters of a condition ``f >= 0``."""
    scale = lcm(*[c.denominator for c in vector.values()])
    whole = sorted([(i, int(c * scale)) for i, c in vector.items()])
    divisor = gcd(*[c for _, c in whole])
    return tuple(whole) if divisor == 1 else tuple([(i, c // divisor) for i, c in whole])


def up_to_sign(vector: FormVector) -> FormKey:
    """Equal for multiples of a function: what matters of an equality ``f = 0``."""
    key = up_to_scale(vector)
    return key if not key or key[0][1] > 0 else tuple((i, -c) for i, c in key)


def _combined(coordinates: Iterable[tuple[int, Number]], vectors: Sequence[FormVector]) -> FormVector:
    found: FormVector = {}
    for i, factor in coordinates:
        for j, c in vectors[i].items():
            found[j] = found.get(j, 0) + factor * c
    return {j: c for j, c in found.items() if c}


def connected(count: int, generators: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """What the generators take into each other, in the order of first members."""
    met: set[int] = set()
    for start in range(count):
        if start in met:
            continue
        met.add(start)
        orbit = [start]
        for i in orbit:
            new = {image[i] for image in generators} - met
            met |= new
            orbit.extend(new)
        yield tuple(sorted(orbit))
