"""Remove dominated strata."""

from __future__ import annotations

from dataclasses import replace

from boundgen.program.linear_program import Column, Entry, LinearProgram, Reduction


def remove_dominated(program: LinearProgram) -> Reduction:
    """A column is dominated by one with the same equality entries and no larger `<=` entries and cost.

    Weight on the dominated stratum can be moved to the other without leaving the assumptions or raising the cost.
    """
    equal = set(program.equalities)
    groups: dict[tuple[tuple[int, Entry], ...], list[int]] = {}
    for j, column in enumerate(program.columns):
        groups.setdefault(tuple((i, e) for i, e in column.entries if i in equal), []).append(j)
    kept = sorted(j for group in groups.values() for j in _undominated(program, group, equal))
    columns = tuple(program.columns[j] for j in kept)
    return Reduction(
        "remove dominated strata", replace(program, columns=columns), tuple(kept), tuple(range(len(program.rows)))
    )


def _undominated(program: LinearProgram, group: list[int], equal: set[int]) -> list[int]:
    kept: list[int] = []
    for j in sorted(group, key=lambda j: (program.columns[j].cost, _slack_entries(program.columns[j], equal), j)):
        if not any(_dominates(program.columns[k], program.columns[j], equal) for k in kept):
            kept = [k for k in kept if not _dominates(program.columns[j], program.columns[k], equal)]
            kept.append(j)
    return kept


def _slack_entries(column: Column, equal: set[int]) -> tuple[tuple[int, Entry], ...]:
    return tuple((i, e) for i, e in column.entries if i not in equal)


def _dominates(one: Column, other: Column, equal: set[int]) -> bool:
    if one.cost > other.cost:
        return False
    mine, theirs = dict(_slack_entries(one, equal)), dict(_slack_entries(other, equal))
    return all(mine.get(i, 0) <= theirs.get(i, 0) for i in mine.keys() | theirs.keys())
