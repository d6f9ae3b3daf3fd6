"""Quantities that the observed data and the equality assumptions identify."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from boundgen.linear_algebra import Span, transpose
from boundgen.program.linear_program import LinearProgram
from boundgen.program.zeros import remove_zeros
from boundgen.terms import Term, combination


def identified_cost(program: LinearProgram) -> Term | None:
    """The mean of the cost over strata as a function of the data, or None where it is not one."""
    possible = remove_zeros(program).program
    found = _combination(possible, [column.cost for column in possible.columns])
    return None if found is None else found + program.offset


def identified_event(program: LinearProgram) -> Term | None:
    """The probability of the conditioning event as a function of the data, or None where it is not one."""
    possible = remove_zeros(program).program
    return _combination(possible, [column.event for column in possible.columns])


def _combination(program: LinearProgram, values: Sequence[Fraction | int]) -> Term | None:
    rows = transpose((column.entries for column in program.columns), len(program.rows))
    span = Span()
    for i in program.equalities:
        span.add(i, rows[i])
    multiples = span.depends({j: value for j, value in enumerate(values) if value})
    if multiples is None:
        return None
    return combination((c, program.rows[i].right) for i, c in multiples.items())
