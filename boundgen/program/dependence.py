"""Drop rows that depend on others, and keep what they demand of the data."""

from __future__ import annotations

from boundgen.exact.linear_algebra import Span, transpose
from boundgen.exact.terms import Term, combination
from boundgen.program.linear_program import Column, LinearProgram, Reduction, Row


def drop_dependent_rows(program: LinearProgram) -> Reduction:
    """Keep a largest independent set of equality rows (the gauge), and every inequality row that is not empty.

    A dependent row left in would give the dual polyhedron a line, and then no vertex. A dropped row still
    demands that its right side is the same combination of the kept right sides: an equality of the data.
    """
    rows = transpose((column.entries for column in program.columns), len(program.rows))
    span = Span()
    kept: list[int] = []
    equalities: list[Term] = []
    for i, row in enumerate(program.rows):
        if row.relation == "<=":
            if rows[i] or row.right.coefficients or row.right.constant < 0:
                kept.append(i)
            continue
        multiples = span.add(i, rows[i])
        if multiples is None:
            kept.append(i)
        else:
            parts = [(c, program.rows[k].right) for k, c in multiples.items()]
            equalities.append(row.right - combination(parts))
    return Reduction(
        "drop dependent rows",
        _with_rows(program, kept),
        tuple(range(len(program.columns))),
        tuple(kept),
        tuple(equality for equality in equalities if equality != Term()),
    )


def _with_rows(program: LinearProgram, kept: list[int]) -> LinearProgram:
    number = {old: new for new, old in enumerate(kept)}
    rows: tuple[Row, ...] = tuple(program.rows[i] for i in kept)
    columns = tuple(
        Column(
            column.stratum,
            tuple((number[i], e) for i, e in column.entries if i in number),
            column.cost,
            column.event,
            column.merged,
        )
        for column in program.columns
    )
    return LinearProgram(rows, columns, program.offset)
