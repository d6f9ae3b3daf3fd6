"""Sharp bounds at one distribution where the program's coefficients depend on it, or where a ratio is bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import inf
from typing import Literal

from boundgen.exact.rational import Number
from boundgen.polyhedra.optimum import Constraint, Maximum, Optimum, maximum
from boundgen.program.weighted_program import ProgramAtData, WeightedProgram

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
    constraints = _constraints(numbers)
    if not _selections_possible(program, constraints):
        return UNDEFINED
    problem = _problem(numbers, constraints, program.identified)
    low = _least(problem, numbers, 1)
    if low is None:
        return UNDEFINED
    high = _least(problem, numbers, -1)
    assert high is not None, "a population has these cells"
    ends = (divided_end(low, over), divided_end(-high, over))
    return ends if over > 0 else (ends[1], ends[0])


def extreme_population(
    program: WeightedProgram, values: Mapping[str, Number], side: Literal["lower", "upper"]
) -> tuple[Fraction, ...] | None:
    """The probabilities of the strata in a population that attains a bound at data; None where none does."""
    over = program.over.value(values)
    if not over:
        return None
    numbers = program.at(values)
    problem = _problem(numbers, _constraints(numbers), program.identified)
    try:
        best = _optimum(problem, numbers, 1 if (side == "lower") == (over > 0) else -1)
    except ArithmeticError:
        return None
    if best is None:
        return None
    scale = Fraction(1) if program.identified else best.point[-1]
    return tuple(weight / scale for weight in best.point[: len(numbers.costs)]) if scale else None


def is_possible(program: WeightedProgram, values: Mapping[str, Number]) -> bool:
    """Whether some population has these cells and parameters; for where no testable implication says so.

    A population that gives a selection no probability has any cells in it, and does not count.
    """
    size, constraints = len(program.columns), _constraints(program.at(values))
    return maximum(size, {}, constraints, range(size)) is not None and _selections_possible(program, constraints)


def divided_end(end: Fraction | float, divisor: Fraction) -> Fraction | float:
    """An end over a divisor; infinities keep their size."""
    return end / divisor if isinstance(end, Fraction) else end * (1 if divisor > 0 else -1)


def _constraints(program: ProgramAtData) -> list[Constraint]:
    """``entries · ψ - right``, which is zero, or not above."""
    return [
        Constraint(row.entries, -row.right, "=")
        if row.relation == "="
        else Constraint({j: -entry for j, entry in row.entries.items()}, row.right)
        for row in program.rows
    ]


def _problem(program: ProgramAtData, constraints: Sequence[Constraint], identified: bool) -> Maximum:
    """The rows, for any objective.

    Where the divisor is not identified by Charnes and Cooper (1962): θ = ψ / divisor, and last t = 1 / divisor. There
    t = 0 is a solution only where θ has no total, and the rows hold that of ψ.
    """
    size = len(program.costs)
    if identified:
        return Maximum(size, {}, constraints, range(size))
    scaled = [Constraint({**each.coefficients, size: each.constant}, 0, each.relation) for each in constraints]
    scaled.append(Constraint({j: divisor for j, divisor in enumerate(program.divisors) if divisor}, -1, "="))
    return Maximum(size + 1, {}, scaled, range(size + 1))


def _optimum(problem: Maximum, program: ProgramAtData, sign: int) -> Optimum | None:
    """Where a sign times costs over divisors is least; None where no ψ meets the rows, or none has a divisor."""
    problem.aim({j: -sign * cost for j, cost in enumerate(program.costs) if cost})
    return problem.solve()


def _least(problem: Maximum, program: ProgramAtData, sign: int) -> Fraction | float | None:
    try:
        best = _optimum(problem, program, sign)
    except ArithmeticError:
        return -inf
    return None if best is None else -best.value


def _selections_possible(program: WeightedProgram, constraints: Sequence[Constraint]) -> bool:
    """Whether each selection whose probability is not known can have a positive one at these data."""
    size = len(program.columns)
    for selection in sorted({selection for column in program.columns for selection in column.selected}):
        inside = {j: 1 for j, column in enumerate(program.columns) if selection in column.selected}
        most = maximum(size, inside, constraints, range(size))
        if most is None or most.value <= 0:
            return False
    return True
