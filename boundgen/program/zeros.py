"""Remove strata that an assumption row forces to probability zero."""

from __future__ import annotations

from dataclasses import replace

from boundgen.program.linear_program import LinearProgram, Reduction


def remove_zeros(program: LinearProgram) -> Reduction:
    """A row with entries of one sign and right side zero leaves no weight where its entries are not zero."""
    kept = list(range(len(program.columns)))
    forced = True
    while forced:
        forced = False
        for i, row in enumerate(program.rows):
            if row.kind != "assumption" or row.right.constant or row.right.coefficients:
                continue
            entries = {j: dict(program.columns[j].entries).get(i, 0) for j in kept}
            values = [entry for entry in entries.values() if entry]
            if values and (min(values) > 0 or (row.relation == "=" and max(values) < 0)):
                kept = [j for j in kept if not entries[j]]
                forced = True
    columns = tuple(program.columns[j] for j in kept)
    return Reduction(
        "remove strata of probability zero",
        replace(program, columns=columns),
        tuple(kept),
        tuple(range(len(program.rows))),
    )
