"""The smallest distribution that shows something: fewest strata, then smallest denominators."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, lcm

from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint, Maximum, Optimum
from boundgen.polyhedra.region import Region

MOST_STRATA = 3
MOST_SUPPORTS = 3000
LARGEST_DENOMINATOR = 12


@dataclass(frozen=True)
class Population:
    """A distribution over a program's columns, and parameter values."""

    strata: tuple[Fraction, ...]
    parameters: tuple[Fraction, ...]


def smallest_population(
    region: Region, columns: int, demands: Sequence[Term], possible: Sequence[int] | None = None
) -> Population | None:
    """A point of the region where every demand is strictly positive, as small as can be found.

    Supports of up to three strata are tried in turn, so a witness of one or two strata is found if there is
    one; then the simplest weights with a denominator up to 12. None is a proof that there is no point at all.
    Where only some columns are `possible`, because the others are zero in the whole region, no others are tried.
    """
    able = range(columns) if possible is None else possible
    functions = [region.function(demand) for demand in demands]
    anywhere = _solve(region, functions, {})
    if anywhere is None:
        return None
    helpful = [_helpful(function, columns) for function in functions]
    for size in range(1, MOST_STRATA + 1):
        if comb(len(able), size) > MOST_SUPPORTS:
            break
        supports = (s for s in itertools.combinations(able, size) if all(h.intersection(s) for h in helpful))
        found = [s for s in supports if _on(region, functions, columns, s)]
        if found:
            return min((_simplest(region, functions, columns, s) for s in found), key=_size)
    return _simplest(region, functions, columns, _support(anywhere.point[:columns]))


def _helpful(function: tuple[dict[int, Number], Number], columns: int) -> frozenset[int]:
    """The strata without which the function is not positive: without parameters, a mean is positive in some stratum."""
    coefficients, constant = function
    if any(i >= columns for i in coefficients):
        return frozenset(range(columns))
    return frozenset(j for j in range(columns) if coefficients.get(j, 0) + constant > 0)


def _support(point: Sequence[Fraction]) -> tuple[int, ...]:
    return tuple(j for j, weight in enumerate(point) if weight)


def _size(population: Population) -> tuple[int, ...]:
    denominators = [value.denominator for value in (*population.strata, *population.parameters)]
    return lcm(*denominators), *(j for j, weight in enumerate(population.strata) if weight)


def _on(
    region: Region, functions: list[tuple[dict[int, Number], Number]], columns: int, support: tuple[int, ...]
) -> Optimum | None:
    """The point of the largest margin whose strata are all in the support."""
    return _solve(region, functions, {j: 0 for j in range(columns) if j not in support})


def _simplest(
    region: Region, functions: list[tuple[dict[int, Number], Number]], columns: int, support: tuple[int, ...]
) -> Population:
    if len(support) <= MOST_STRATA:
        for weights in _weights(len(support)):
            fixed: dict[int, Number] = dict.fromkeys(range(columns), 0) | dict(zip(support, weights, strict=True))
            found = _solve(region, functions, fixed)
            if found:
                return _population(found, columns)
    found = _on(region, functions, columns, support)
    assert found
    return _population(found, columns)


def _population(optimum: Optimum, columns: int) -> Population:
    return Population(optimum.point[:columns], optimum.point[columns:-1])


def _weights(count: int) -> Iterator[tuple[Fraction, ...]]:
    """Positive weights that sum to one, by growing denominator."""
    for denominator in range(count, LARGEST_DENOMINATOR + 1):
        for cuts in itertools.combinations(range(1, denominator), count - 1):
            ends = (0, *cuts, denominator)
            yield tuple(Fraction(b - a, denominator) for a, b in itertools.pairwise(ends))


def _solve(
    region: Region, functions: list[tuple[dict[int, Number], Number]], fixed: dict[int, Number]
) -> Optimum | None:
    """The point with the largest margin (at most one) by which all functions are positive; None without any.

    Fixed unknowns are replaced by their numbers, so that programs on few strata are small.
    """
    free = [i for i in range(region.size) if i not in fixed]
    number = {old: new for new, old in enumerate(free)}
    slack = len(free)

    def placed(coefficients: dict[int, Number], constant: Number) -> tuple[dict[int, Number], Number]:
        constant += sum(c * fixed[i] for i, c in coefficients.items() if i in fixed)
        return {number[i]: c for i, c in coefficients.items() if i in number}, constant

    program = Maximum(
        slack + 1,
        {slack: 1},
        [Constraint(*placed(dict(c.coefficients), c.constant), c.relation) for c in region.constraints],
        [number[i] for i in region.nonnegative if i in number],
    )
    program.add(Constraint({slack: -1}, 1))
    for coefficients, constant in functions:
        moved, rest = placed(coefficients, constant)
        program.add(Constraint({**moved, slack: -1}, rest))
    best = program.solve()
    if best is None or best.value <= 0:
        return None
    whole = [Fraction(fixed[i]) if i in fixed else best.point[number[i]] for i in range(region.size)]
    return Optimum(best.value, (*whole, best.value))
