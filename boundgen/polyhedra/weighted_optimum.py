"""Sharp bounds at one distribution where the program's coefficients depend on it, or where a ratio is bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import inf
from typing import Literal

from boundgen.exact.rational import Number
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.linear_program import Entry, LinearProgram
from boundgen.program.weighted_program import WeightedProgram

# A bound at data: infinite where the estimand is not bounded there, None where it is not defined.
End = Fraction | float | None
Ends = tuple[End, End]
UNDEFINED: Ends = (None, None)


def weighted_bounds_at(program: WeightedProgram, values: Mapping[str, Number]) -> Ends:
    """The infimum and the supremum of an estimand over the populations that have these cells and parameters.

    Both are None where no population has them, or none in which the divisor differs from zero. Populations that give
    a selection no probability count as limits of those that do, if there are such.
    """
    over = program.over.value(values)
    if not over:
        return UNDEFINED
    numbers = program.at(values)
    if not _selections_possible(program, numbers):
        return UNDEFINED
    least = _least if program.identified else _least_ratio
    low = least(numbers)
    if low is None:
        return UNDEFINED
    high = least(numbers.negated())
    assert high is not None, "a population has these cells"
    ends = (_over(low, over), _over(-high, over))
    return ends if over > 0 else (ends[1], ends[0])


def extreme_population(
    program: WeightedProgram, values: Mapping[str, Number], side: Literal["lower", "upper"]
) -> tuple[Fraction, ...] | None:
    """The probabilities of the strata in a population that attains a bound at data; None where none does."""
    over = program.over.value(values)
    if not over:
        return None
    numbers = program.at(values)
    wanted = numbers if (side == "lower") == (over > 0) else numbers.negated()
    size = len(wanted.columns)
    costs = {j: -column.cost for j, column in enumerate(wanted.columns) if column.cost}
    ratio = not program.identified
    constraints = _constraints(wanted, size if ratio else None)
    if ratio:
        constraints.append(Constraint({j: c.event for j, c in enumerate(wanted.columns) if c.event}, -1, "="))
    try:
        best = maximum(size + ratio, costs, constraints, range(size + ratio))
    except ArithmeticError:
        return None
    if best is None or (ratio and not best.point[size]):
        return None
    scale = best.point[size] if ratio else Fraction(1)
    return tuple(weight / scale for weight in best.point[:size])


def _over(value: Fraction | float, over: Fraction) -> Fraction | float:
    return value / over if isinstance(value, Fraction) else value * (1 if over > 0 else -1)


def _least(program: LinearProgram) -> Fraction | None:
    """The minimum of the cost; None where no ψ meets the rows."""
    size = len(program.columns)
    costs = {j: -column.cost for j, column in enumerate(program.columns) if column.cost}
    best = maximum(size, costs, _constraints(program, None), range(size))
    return None if best is None else -best.value


def _least_ratio(program: LinearProgram) -> Fraction | float | None:
    """The infimum of cost over divisor, by Charnes and Cooper (1962): θ = ψ / divisor, t = 1 / divisor.

    t = 0 is a solution only where θ has no total, and the rows hold that of ψ.
    """
    size = len(program.columns)
    costs = {j: -column.cost for j, column in enumerate(program.columns) if column.cost}
    constraints = _constraints(program, size)
    constraints.append(Constraint({j: c.event for j, c in enumerate(program.columns) if c.event}, -1, "="))
    try:
        best = maximum(size + 1, costs, constraints, range(size + 1))
    except ArithmeticError:
        return -inf
    return None if best is None else -best.value


def _constraints(program: LinearProgram, scale: int | None) -> list[Constraint]:
    """``right - entries · ψ  (= or >=)  0`` for each row; the right sides times an unknown, where one is named."""
    entries: list[dict[int, Entry]] = [{} for _ in program.rows]
    for j, column in enumerate(program.columns):
        for i, entry in column.entries:
            entries[i][j] = -entry
    found = []
    for own, row in zip(entries, program.rows, strict=True):
        right = row.right.constant
        if scale is not None and right:
            own[scale] = right
        found.append(Constraint(own, 0 if scale is not None else right, "=" if row.relation == "=" else ">="))
    return found


def _selections_possible(program: WeightedProgram, numbers: LinearProgram) -> bool:
    """Whether each selection whose probability is not known can have a positive one at these data."""
    for selection in sorted({s for column in program.columns for s in column.selected}):
        columns = tuple(
            replace(number, cost=-int(selection in column.selected))
            for number, column in zip(numbers.columns, program.columns, strict=True)
        )
        most = _least(replace(numbers, columns=columns))
        if most is None or most == 0:
            return False
    return True
