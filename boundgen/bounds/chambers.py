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
from boundgen.work.limits import Budget

Direction = tuple[int, ...]
# The functions of the data of which the largest is the value in a direction.
Directions = Mapping[Direction, tuple[Term, ...]]
MOST_RAYS = 5000
MOST_CHAMBERS = 60
TOO_MANY = f"its closed form would have more than {MOST_CHAMBERS} cases, by the signs of the weights"
MOST_COMBINATIONS = 20_000
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


def cone_directions(
    program: LinearProgram, space: WeightSpace, sign: int, region: Region, budget: Budget
) -> Directions:
    """The directions of the cone that matter somewhere in a region of data, each with its functions.

    Parameters
    ----------
    program : LinearProgram
        With independent rows.
    space : WeightSpace
    sign : {1, -1}
        -1 is the minimum of the negative costs.
    region : Region
    budget : Budget

    Raises
    ------
    LimitError
        Where the cone is too large.
    """
    size = len(program.rows)
    directions: dict[Direction, set[Term]] = {}
    for ray in _rays(program, space.costs, space.signed, sign, budget):
        divisor = gcd(*ray[size:])
        if divisor:
            term = right_side(program, ray[:size]).scaled(Fraction(1, divisor))
            directions.setdefault(tuple(x // divisor for x in ray[size:]), set()).add(term)
    order = simplest_first(list(region.names))
    leading = {
        direction: active_terms(sorted(terms, key=order), region, budget) if len(terms) > 1 else tuple(terms)
        for direction, terms in sorted(directions.items(), reverse=True)
    }
    return _without_sums(leading, region, budget)


def recession(program: LinearProgram, budget: Budget) -> tuple[Term, ...]:
    """Functions of the data that are not negative where some ψ meets the rows: together they say that there is one."""
    rays = _rays(program, (), (), 1, budget)
    return tuple(dict.fromkeys(-right_side(program, ray).primitive() for ray in rays))


def chambers(directions: Directions, space: WeightSpace, region: Region, budget: Budget) -> tuple[Chamber, ...]:
    """Chambers such that at all possible weights the largest value of those that have them is the minimum.

    Raises
    ------
    LimitError
        Where there are too many for a closed form.
    """
    if comb(len(directions), len(space.weights)) > MOST_COMBINATIONS:
        raise LimitError(TOO_MANY)
    found = [chamber for chamber in _spanned(directions) if _is_met(chamber, space.corners)]
    if len(found) > 1:
        found = [chamber for chamber in found if _is_needed(chamber, directions, region, budget)]
    if not found:
        raise LimitError("it has no finite bound, whatever its weights")
    if len(found) > MOST_CHAMBERS:
        raise LimitError(TOO_MANY)
    return tuple(found)


# ---------------------------------------------------------------- rays
def _rays(
    program: LinearProgram, costs: Sequence[Mapping[int, Number]], signed: Sequence[bool], sign: int, budget: Budget
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
    budget.step("enumerating the cone of weights", 0)
    found = direct_rays(integers(list(rows)), partial(budget.step, "enumerating the cone of weights", 0), MOST_RAYS)
    if found is None:
        raise LimitError(f"the cone of its weights has more than {MOST_RAYS} extreme rays on the way")
    return sorted(tuple(int(x) for x in ray) for ray in found)


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


def _is_needed(chamber: Chamber, directions: Directions, region: Region, budget: Budget) -> bool:
    """Whether the chamber is not cut into smaller ones, by a direction inside, whose value is at least as large."""
    for inside in directions:
        multiples = None if inside in chamber.directions else chamber.at(inside)
        if multiples and prod(len(directions[each]) for each in multiples) <= MOST_SUMS:
            sums = _sums(multiples, directions)
            if not any(_leads(each, directions[inside], region, budget) for each in sums):
                return False
    return True


def _without_sums(directions: Directions, region: Region, budget: Budget) -> Directions:
    """Directions without functions that are never above what a combination of other directions gives."""
    kept = dict(directions)
    for direction in sorted(directions, key=lambda each: (-sum(map(bool, each)), each)):
        others = {each: terms for each, terms in kept.items() if each != direction}
        sums = _reaching(direction, others)
        if not sums:
            continue
        terms = list(kept[direction])
        for term in kept[direction]:
            rest = [other for other in terms if other != term]
            if not _leads(term, [*rest, *sums], region, budget):
                terms = rest
        kept = {each: tuple(terms) if each == direction else kept[each] for each in kept}
        if not terms:
            del kept[direction]
    return kept


def _reaching(direction: Direction, others: Directions) -> list[Term]:
    """What combinations of other directions give in a direction; nothing where there are too many of them."""
    if comb(len(others), len(direction)) > MOST_COMBINATIONS:
        return []
    supports: dict[tuple[Direction, ...], dict[Direction, Fraction]] = {}
    for chamber in _spanned(others):
        multiples = chamber.at(direction)
        if multiples:
            supports[tuple(sorted(multiples))] = multiples
    if sum(prod(len(others[each]) for each in support) for support in supports) > MOST_SUMS:
        return []
    return [term for multiples in supports.values() for term in _sums(multiples, others)]


def _sums(multiples: Mapping[Direction, Fraction], directions: Directions) -> list[Term]:
    chosen = product(*(directions[direction] for direction in multiples))
    return [combination(zip(multiples.values(), terms, strict=True)) for terms in chosen]


def _leads(term: Term, others: Sequence[Term], region: Region, budget: Budget) -> bool:
    """Whether a function is strictly above all others somewhere in the region."""
    budget.step("removing terms that can never be active", 0)
    if term in others:
        return False
    functions = AffineFunctions(region, [term, *others])
    return functions.strictly_active(0, range(1, len(others) + 1))[0]
