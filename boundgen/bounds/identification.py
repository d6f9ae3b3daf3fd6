"""Quantities that the observed data and the equality assumptions identify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from boundgen.language.statements import Parameter
from boundgen.linear_algebra import Span, transpose
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import model_region
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import ReducedProgram
from boundgen.program.zeros import remove_zeros
from boundgen.terms import Term, combination


def identified_cost(program: LinearProgram) -> Term | None:
    """The mean of the cost over strata as a combination of the rows' right sides, or None where it is not one."""
    possible = remove_zeros(program).program
    rows = transpose((column.entries for column in possible.columns), len(possible.rows))
    span = Span()
    for i in possible.equalities:
        span.add(i, rows[i])
    multiples = span.depends({j: column.cost for j, column in enumerate(possible.columns) if column.cost})
    if multiples is None:
        return None
    return combination((c, possible.rows[i].right) for i, c in multiples.items()) + program.offset


def event_program(program: LinearProgram) -> LinearProgram:
    """The program whose cost is the probability of the estimand's condition."""
    columns = tuple(replace(column, cost=column.event, event=1) for column in program.columns)
    return LinearProgram(program.rows, columns)


def is_identified(
    program: LinearProgram, lower: ReducedProgram, upper: ReducedProgram, parameters: Sequence[Parameter]
) -> bool:
    """Whether the lower bound equals the upper bound at every observable distribution.

    With cells and the total alone all strata may have positive probability at once, so the mean of the cost
    is fixed by the data only if it is a combination of rows. Otherwise one exact linear program decides: the
    largest difference of the estimand between two distributions over strata with the same data and parameters.
    """
    if not program.restricted:
        return identified_cost(program) is not None
    return largest_difference(lower.complete, upper.complete, parameters) == 0


def largest_difference(low: LinearProgram, high: LinearProgram, parameters: Sequence[Parameter]) -> Fraction:
    """The largest width of the bounds, from the two sides' programs (`high` is negated)."""
    first, second = model_region(low, parameters), model_region(high, parameters)
    joint, shared = first.beside(second)
    objective: dict[int, Fraction] = {}
    for program, shift in ((low, 0), (high, first.size)):
        for j, column in enumerate(program.columns):
            if column.cost:
                objective[j + shift] = -Fraction(column.cost)
    same = [Constraint(difference, 0, "=") for difference in shared]
    best = maximum(joint.size, objective, [*joint.constraints, *same], joint.nonnegative)
    return best.value if best else Fraction(0)
