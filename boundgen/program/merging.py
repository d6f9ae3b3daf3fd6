"""Merge strata that data and assumptions cannot tell apart."""

from __future__ import annotations

from dataclasses import replace

from boundgen.program.linear_program import Entry, LinearProgram, Reduction


def merge(program: LinearProgram) -> Reduction:
    """Of columns with the same entries keep the one of least cost: the others never lower the minimum."""
    best: dict[tuple[tuple[int, Entry], ...], int] = {}
    merged: dict[tuple[tuple[int, Entry], ...], int] = {}
    for j, column in enumerate(program.columns):
        key = column.entries
        merged[key] = merged.get(key, 0) + column.merged
        if key not in best or column.cost < program.columns[best[key]].cost:
            best[key] = j
    columns = tuple(replace(program.columns[j], merged=merged[key]) for key, j in best.items())
    return Reduction(
        "merge strata", replace(program, columns=columns), tuple(best.values()), tuple(range(len(program.rows)))
    )
