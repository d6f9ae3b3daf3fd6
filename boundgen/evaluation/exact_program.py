"""Bounds at one distribution as exact linear programs, where no closed form is needed or none was derived."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from boundgen.bounds.problem import EstimandProgram
from boundgen.exact.rational import Number
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.linear_program import Entry, LinearProgram
from boundgen.program.reduced import reduce

Values = Mapping[str, Fraction | int]


def bounds_at(asked: EstimandProgram, values: Values) -> tuple[Fraction, Fraction] | None:
    """The least and the greatest value of an estimand over the populations that have these cells and parameters.

    They are what the closed form gives there. None where no population has them, or where the estimand is conditional
    and its condition has probability zero.

    Parameters
    ----------
    asked : EstimandProgram
        With its denominator, where it is conditional.
    values : mapping of name to number
        Cells and parameters; what is left out is zero.
    """
    over = asked.denominator.value(values) if asked.denominator is not None else Fraction(1)
    low = _minimum(asked.program, values)
    if low is None or over <= 0:
        return None
    high = _minimum(asked.program.negated(), values)
    assert high is not None, "a population has these cells"
    return low / over, -high / over


def _minimum(program: LinearProgram, values: Values) -> Fraction | None:
    """The minimum at these values; None where no distribution of strata has them."""
    # The reduced program has the same optimum and far fewer columns.
    reduced = reduce(program).complete
    columns = range(len(reduced.columns))
    costs = {j: -column.cost for j, column in enumerate(reduced.columns)}
    found = maximum(len(columns), costs, _constraints(reduced, values), columns)
    return None if found is None else program.offset.value(values) - found.value


def _constraints(program: LinearProgram, values: Values) -> list[Constraint]:
    """``right - entries · ψ  (= or >=)  0`` for each row."""
    entries: list[dict[int, Entry]] = [{} for _ in program.rows]
    for j, column in enumerate(program.columns):
        for i, entry in column.entries:
            entries[i][j] = -entry
    rights: list[Number] = [row.right.value(values) for row in program.rows]
    return [
        Constraint(of_row, right, "=" if row.relation == "=" else ">=")
        for of_row, right, row in zip(entries, rights, program.rows, strict=True)
    ]
