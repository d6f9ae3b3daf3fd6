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
from itertools import combinations
from math import comb, gcd, lcm

from boundgen.bounds.activity import active_terms
from boundgen.bounds.order import simplest_first
from boundgen.bounds.weight_space import Multiples, WeightSpace, dot
from boundgen.errors import LimitError
from boundgen.exact.integers import integers, inverse
from boundgen.exact.linear_algebra import Span
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
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
TOO_LARGE = f"the cone of its weights has more than {MOST_RAYS} extreme rays"
MOST_CHAMBERS = 60
TOO_MANY = f"its closed form would have more than {MOST_CHAMBERS} cases, by the signs of the weights"
MOST_COMBINATIONS = 5000
MOST_DIRECTIONS = 150
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


def subdivision(program: LinearProgram, space: WeightSpace, sign: int, region: Region, budget: Budget) -> Subdivision:
    """What of the cone of weights matters somewhere in a region of data.

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
        Where the cone is too large, or there are too many chambers for a closed form.
    """
    found = _directions(program, space, sign, budget)
    if len(found) > MOST_DIRECTIONS:
        raise LimitError(TOO_MANY)
    order = simplest_first(list(region.names))
    directions: dict[Direction, tuple[Term, ...]] = {}
    own = set()
    for direction, terms in found.items():
        sums = _sums(program, space, sign, direction, terms, budget)
        options, is_own = _leading(sorted(terms, key=order), sums, region, budget)
        directions |= {direction: options} if options else {}
        own |= {direction} if is_own else set()
    return Subdivision(directions, _chambers(directions, own, space))


def whole_subdivision(program: LinearProgram, space: WeightSpace, sign: int, budget: Budget) -> Subdivision:
    """All of the cone of weights, whether or not it matters at some data.

    Parameters
    ----------
    program : LinearProgram
        With independent rows.
    space : WeightSpace
    sign : {1, -1}
    budget : Budget

    Raises
    ------
    LimitError
        Where the cone is too large, or there are too many chambers.
    """
    found = _directions(program, space, sign, budget)
    if len(found) > MOST_DIRECTIONS:
        raise LimitError(TOO_MANY)
    directions = {direction: tuple(sorted(terms, key=str)) for direction, terms in found.items()}
    return Subdivision(directions, _chambers(directions, (), space))


def recession(program: LinearProgram, budget: Budget) -> tuple[Term, ...]:
    """Functions of the data that are not negative where some ψ meets the rows: together they say that there is one."""
    return tuple(dict.fromkeys(-right_side(program, ray).primitive() for ray in recession_rays(program, budget)))


def recession_rays(program: LinearProgram, budget: Budget) -> list[tuple[int, ...]]:
    """The extreme rays y of ``A'y <= 0``, y <= 0 in inequality rows: each says that ``y · right`` is not positive."""
    rays = _rays(program, (), (), 1, budget, MOST_RAYS)
    if rays is None:
        raise LimitError(TOO_LARGE)
    return rays


# ---------------------------------------------------------------- rays
def _rays(
    program: LinearProgram,
    costs: Sequence[Mapping[int, Number]],
    signed: Sequence[bool],
    sign: int,
    budget: Budget,
    most: int,
) -> list[tuple[int, ...]] | None:
    """The extreme rays of the pairs (y, weights) with ``A'y <= sign * costs``, y <= 0 in inequality rows.

    None once more than `most` are met on the way.
    """
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
    found = direct_rays(integers(list(rows)), partial(budget.step, "enumerating the cone of weights", 0), most)
    return None if found is None else sorted(tuple(int(x) for x in ray) for ray in found)


def _directions(program: LinearProgram, space: WeightSpace, sign: int, budget: Budget) -> dict[Direction, set[Term]]:
    """The directions of the extreme rays, with the functions of the data that stand on them."""
    found: dict[Direction, set[Term]] = {}
    for direction, points in dual_points(program, space, sign, budget).items():
        found[direction] = {right_side(program, point) for point in points}
    return found


def dual_points(
    program: LinearProgram, space: WeightSpace, sign: int, budget: Budget
) -> dict[Direction, list[tuple[Fraction, ...]]]:
    """The extreme rays of the cone by their directions: in each the points of the dual polyhedron at its costs.

    Raises
    ------
    LimitError
        Where there are too many.
    """
    size = len(program.rows)
    rays = _rays(program, space.costs, space.signed, sign, budget, MOST_RAYS)
    if rays is None:
        raise LimitError(TOO_LARGE)
    found: dict[Direction, list[tuple[Fraction, ...]]] = {}
    for ray in rays:
        divisor = gcd(*ray[size:])
        if divisor:
            point = tuple(Fraction(x, divisor) for x in ray[:size])
            found.setdefault(tuple(x // divisor for x in ray[size:]), []).append(point)
    return dict(sorted(found.items(), reverse=True))


def _integral(row: Sequence[Number]) -> tuple[int, ...]:
    scale = lcm(*(x.denominator for x in row))
    return tuple(int(x * scale) for x in row)


# ---------------------------------------------------------------- chambers
def _chambers(directions: Directions, own: Collection[Direction], space: WeightSpace) -> tuple[Chamber, ...]:
    """The chambers that are needed, where some directions always have the minimum."""
    if comb(len(directions), len(space.weights)) > MOST_COMBINATIONS:
        raise LimitError(TOO_MANY)
    found = []
    for chamber in _spanned(directions):
        if _is_met(chamber, space.corners) and not any(_is_cut(chamber, direction) for direction in own):
            found.append(chamber)
            if len(found) > MOST_CHAMBERS:
                raise LimitError(TOO_MANY)
    if not found:
        raise LimitError("it has no finite bound, whatever its weights")
    return tuple(found)


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


def _is_cut(chamber: Chamber, direction: Direction) -> bool:
    """Whether a direction inside cuts the chamber into smaller ones.

    The minimum is concave in the weights, so where the direction has it the smaller ones are at least as large.
    """
    return direction not in chamber.directions and chamber.at(direction) is not None


# ---------------------------------------------------------------- functions in one direction
def _sums(
    program: LinearProgram, space: WeightSpace, sign: int, direction: Direction, terms: Collection[Term], budget: Budget
) -> set[Term] | None:
    """What other directions together give in one: vertices of its slice that are on no ray; None if there are too many.

    In a single direction, and where the weights are not negative in one of them, there are none.
    """
    if len(direction) == 1 or (sum(map(bool, direction)) == 1 and not any(space.signed)):
        return set()
    cost: dict[int, Number] = {}
    for multiple, costs in zip(direction, space.costs, strict=True):
        for j, c in costs.items():
            cost[j] = cost.get(j, 0) + multiple * c
    rays = _rays(program, [cost], [False], sign, budget, MOST_SUMS)
    if rays is None:
        return None
    vertices = {right_side(program, ray[:-1]).scaled(Fraction(1, ray[-1])) for ray in rays if ray[-1]}
    return vertices - set(terms)


def _leading(
    terms: Sequence[Term], sums: set[Term] | None, region: Region, budget: Budget
) -> tuple[tuple[Term, ...], bool]:
    """The functions of a direction that are strictly the largest somewhere, and whether no sum ever is above all.

    At almost all data the functions differ, and then what a sum attains too is no extreme ray of the graph of the
    minimum: all of it can be left out at once.
    """
    options = active_terms(terms, region, budget) if len(terms) > 1 else tuple(terms)
    if not sums:
        return options, sums is not None
    everything = [*options, *sorted(sums, key=str)]
    functions = AffineFunctions(region, everything)
    own, others = range(len(options)), range(len(options), len(everything))
    if not any(_leads(functions, k, own, budget) for k in others):
        return options, True
    kept = list(own)
    for k in own:
        rest = [each for each in kept if each != k]
        if not _leads(functions, k, [*rest, *others], budget):
            kept = rest
    return tuple(options[k] for k in kept), False


def _leads(functions: AffineFunctions, k: int, others: Collection[int], budget: Budget) -> bool:
    budget.step("removing terms that can never be active", 0)
    return functions.strictly_active(k, others)[0]
