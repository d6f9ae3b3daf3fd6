"""Remove strata that an assumption row forces to probability zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from boundgen.program.linear_program import Forced, LinearProgram, Reduction


def remove_zeros(program: LinearProgram) -> Reduction:
    """A row with entries of one sign and right side zero leaves no weight where its entries are not zero."""
    kept = list(range(len(program.columns)))
    forced: list[Forced] = []
    found = True
    while found:
        found = False
        for i, row in enumerate(program.rows):
            if row.kind != "assumption" or row.right.constant or row.right.coefficients:
                continue
            entries = {j: e for j in kept if (e := dict(program.columns[j].entries).get(i, 0))}
            values = entries.values()
            if values and (min(values) > 0 or (row.relation == "=" and max(values) < 0)):
                forced.append(Forced(i, tuple(entries)))
                kept = [j for j in kept if j not in entries]
                found = True
    columns = tuple(program.columns[j] for j in kept)
    return Reduction(
        "remove strata of probability zero",
        replace(program, columns=columns),
        tuple(kept),
        tuple(range(len(program.rows))),
        forced=tuple(forced),
    )


def with_forcing_rows(
    program: LinearProgram, forced: Sequence[Forced], multiples: Sequence[Fraction]
) -> tuple[Fraction, ...]:
    """A dual solution of the program without the forced columns as one of the whole program.

    Each forcing row gets the multiple that makes its columns' inequalities hold. Its right side is zero, so
    the value stays; columns that were forced later have no entry in it.
    """
    found = list(multiples)
    for force in reversed(forced):
        bounds: list[Fraction] = [Fraction(0)]
        entry = Fraction(0)
        for j in force.columns:
            column = program.columns[j]
            entry = Fraction(dict(column.entries)[force.row])
            bounds.append((column.cost - sum(e * found[i] for i, e in column.entries)) / entry)
        found[force.row] += min(bounds) if entry > 0 else max(bounds)
    return tuple(found)
