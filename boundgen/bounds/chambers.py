"""The cone of weights and duals: its directions with functions of the data, and the chambers that directions span.

The minimum of ``the sum of weights times costs`` over ψ >= 0 with A ψ = p is the largest y · p with A'y <= those costs.
The pairs (y, weights) are a cone free of data. At given weights the minimum is the largest combination of its extreme
rays that has these weights, and no more rays are needed than there are weights.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations, product
from math import comb, gcd, lcm, prod

from boundgen.bounds.activity import active_terms
from boundgen.bounds.order import simplest_first
from boundgen.bounds.weight_space import Multiples, WeightSpace, dot
from boundgen.errors import LimitError
from boundgen.exact.integers import integers, inverse
from boundgen.exact.linear_algebra import Span
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term, combination
from boundgen.polyhedra.cones import direct_rays
from boundgen.polyhedra.functions import AffineFunctions
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import Region
from boundgen.program.linear_program import LinearProgram, right_side
from boundgen.work.limits import Work

Direction = tuple[int, ...]
# The functions of the data of which the largest is the value in a direction.
Directions = Mapping[Direction, tuple[Term, ...]]
MOST_RAYS = 5000
MOST_CHAMBERS = 60
TOO_MANY = f"its closed form would have more than {MOST_CHAMBERS} cases, by the signs of the weights"
MOST_COMBINATIONS = 2000
MOST_SUMS = 300


@dataclass(frozen=True)
class Chamber:
    """As many independent directions as there are weights, and the multiple of each as a function of the weights."""

    directions: tuple[Direction, ...]
    multiples: tuple[Multiples, ...]

    def at(self, weights: Sequence[Number]) -> dict[Direction, Fraction] | None:
        """The multiples that sum to these weights, without zeros; None outside the chamber."""
        values = [dot(multiple, weights) for multiple in self.multiples]
        if min(values) < 0:
            return None
        return {direction: c for direction, c in zip(self.directions, values, strict=True) if c}


@dataclass(frozen=True)
class Subdivision:
    """Directions, each with its functions, and chambers that they span.

    At all possible weights the minimum is the largest, among the chambers that have these weights, of the sum of
    multiples times the largest function in each direction.
    """

    directions: Directions
    chambers: tuple[Chamber, ...]


def subdivision(program: LinearProgram, space: WeightSpace, sign: int, region: Region, work: Work) -> Subdivision:
    """What of the cone of weights matters somewhere in a region of data.

    Parameters
    ----------
    program : LinearProgram
        With independent rows.
    space : WeightSpace
    sign : {1, -1}
        -1 is the minimum of the negative costs.
    region : Region
    work : Work

    Raises
    ------
    LimitError
        Where the cone is too large, or there are too many chambers for a closed form.
    """
    found = _directions(program, space, sign, work)
    if comb(len(found), len(space.weights)) > MOST_COMBINATIONS:
        raise LimitError(TOO_MANY)
    spanned = list(_spanned(found))
    order = simplest_first(list(region.names))
    active = {
        direction: active_terms(sorted(terms, key=order), region, work) if len(terms) > 1 else tuple(terms)
        for direction, terms in found.items()
    }
    directions = _without_sums(active, spanned, region, work)
    left = [chamber for chamber in spanned if all(direction in directions for direction in chamber.directions)]
    met = [chamber for chamber in left if _is_met(chamber, space.corners)]
    return Subdivision(directions, tuple(_needed(met, directions, region, work)))


def recession(program: LinearProgram, work: Work) -> tuple[Term, ...]:
    """Functions of the data that are not negative where some ψ meets the rows: together they say that there is one."""
    rays = _rays(program, (), (), 1, work)
    return tuple(dict.fromkeys(-right_side(program, ray).primitive() for ray in rays))


# ---------------------------------------------------------------- rays
def _rays(
    program: LinearProgram, costs: Sequence[Mapping[int, Number]], signed: Sequence[bool], sign: int, work: Work
) -> list[tuple[int, ...]]:
    """The extreme rays of the pairs (y, weights) with ``A'y <= sign * costs``, y <= 0 in inequality rows."""
    size, total = len(program.rows), len(program.rows) + len(costs)
    rows: dict[tuple[int, ...], None] = {}
    for j, column in enumerate(program.columns):
        row: list[Number] = [*[0] * size, *(sign * cost.get(j, 0) for cost in costs)]
        for i, entry in column.entries:
            row[i] = -entry
        rows[_integral(row)] = None
    negative = [i for i, row in enumerate(program.rows) if row.relation == "<="]
    positive = [size + k for k, free in enumerate(signed) if not free]
    for i in (*negative, *positive):
        rows[tuple((1 if i >= size else -1) * (k == i) for k in range(total))] = None
    work.step("enumerating the cone of weights", 0)
    found = direct_rays(integers(list(rows)), partial(work.step, "enumerating the cone of weights", 0), MOST_RAYS)
    if found is None:
        raise LimitError(f"the cone of its weights has more than {MOST_RAYS} extreme rays on the way")
    return sorted(tuple(int(x) for x in ray) for ray in found)


def _directions(program: LinearProgram, space: WeightSpace, sign: int, work: Work) -> dict[Direction, set[Term]]:
    """The directions of the extreme rays, with the functions of the data that stand on them."""
    size = len(program.rows)
    found: dict[Direction, set[Term]] = {}
    for ray in reversed(_rays(program, space.costs, space.signed, sign, work)):
        divisor = gcd(*ray[size:])
        if divisor:
            term = right_side(program, ray[:size]).scaled(Fraction(1, divisor))
            found.setdefault(tuple(x // divisor for x in ray[size:]), set()).add(term)
    return dict(sorted(found.items(), reverse=True))


def _integral(row: Sequence[Number]) -> tuple[int, ...]:
    scale = lcm(*(x.denominator for x in row))
    return tuple(int(x * scale) for x in row)


# ---------------------------------------------------------------- chambers
def _spanned(directions: Collection[Direction]) -> Iterator[Chamber]:
    """All sets of as many independent directions as there are weights."""
    if not directions:
        return
    size = len(next(iter(directions)))
    for chosen in combinations(directions, size):
        span = Span()
        if all(span.add(k, dict(enumerate(direction))) is None for k, direction in enumerate(chosen)):
            numerators, denominator = inverse(integers(chosen).T)
            yield Chamber(chosen, tuple(tuple(Fraction(int(x), denominator) for x in row) for row in numerators))


def _is_met(chamber: Chamber, corners: Sequence[Multiples]) -> bool:
    """Whether combinations of the corners fill a part of the chamber, relative to all of them.

    Those that fill no part are covered by the others, as values are continuous.
    """
    values = [[dot(multiple, corner) for corner in corners] for multiple in chamber.multiples]
    guards = [row for row in values if any(row)]
    if all(x >= 0 for row in guards for x in row):
        return True
    margin = len(corners)
    demands = [Constraint({**dict(enumerate(row)), margin: -1}) for row in guards]
    demands.append(Constraint(dict.fromkeys(range(margin), -1), 1))
    best = maximum(margin + 1, {margin: 1}, demands, range(margin + 1))
    return best is not None and best.value > 0


def _needed(chambers: Sequence[Chamber], directions: Directions, region: Region, work: Work) -> Iterator[Chamber]:
    """The chambers that are not cut into smaller ones of values at least as large."""
    if not chambers:
        raise LimitError("it has no finite bound, whatever its weights")
    needed = 0
    for chamber in chambers:
        if len(chambers) == 1 or not _is_cut(chamber, directions, region, work):
            needed += 1
            if needed > MOST_CHAMBERS:
                raise LimitError(TOO_MANY)
            yield chamber


def _is_cut(chamber: Chamber, directions: Directions, region: Region, work: Work) -> bool:
    """Whether a direction inside has, everywhere in the region, a value at least as large as the chamber's."""
    for inside in directions:
        multiples = None if inside in chamber.directions else chamber.at(inside)
        if multiples and prod(len(directions[each]) for each in multiples) <= MOST_SUMS:
            sums = _sums(multiples, directions)
            if not any(_leads(each, directions[inside], region, work) for each in sums):
                return True
    return False


def _without_sums(directions: Directions, spanned: Sequence[Chamber], region: Region, work: Work) -> Directions:
    """Directions without functions that are never above what a combination of other directions gives."""
    kept = dict(directions)
    for direction in sorted(directions, key=lambda each: (-sum(map(bool, each)), each)):
        others = {each: terms for each, terms in kept.items() if each != direction}
        sums = _reaching(direction, others, spanned)
        if not sums:
            continue
        terms = kept[direction]
        for term in terms:
            rest = tuple(other for other in terms if other != term)
            if not _leads(term, [*rest, *sums], region, work):
                terms = rest
        kept[direction] = terms
        if not terms:
            del kept[direction]
    return kept


def _reaching(direction: Direction, others: Directions, spanned: Sequence[Chamber]) -> list[Term]:
    """What combinations of other directions give in a direction; nothing where there are too many of them."""
    supports: dict[tuple[Direction, ...], dict[Direction, Fraction]] = {}
    for chamber in spanned:
        multiples = chamber.at(direction) if all(each in others for each in chamber.directions) else None
        if multiples:
            supports[tuple(sorted(multiples))] = multiples
    if sum(prod(len(others[each]) for each in support) for support in supports) > MOST_SUMS:
        return []
    return [term for multiples in supports.values() for term in _sums(multiples, others)]


def _sums(multiples: Mapping[Direction, Fraction], directions: Directions) -> list[Term]:
    chosen = product(*(directions[direction] for direction in multiples))
    return [combination(zip(multiples.values(), terms, strict=True)) for terms in chosen]


def _leads(term: Term, others: Sequence[Term], region: Region, work: Work) -> bool:
    """Whether a function is strictly above all others somewhere in the region."""
    work.step("removing terms that can never be active", 0)
    if term in others:
        return False
    functions = AffineFunctions(region, [term, *others])
    return functions.strictly_active(0, range(1, len(others) + 1))[0]
