"""A file of selected units alone, of which `--where M=1` says so: its rows as if they had a column M."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from boundgen.data.roles import Options
from boundgen.data.table import Chunk, Table
from boundgen.data.texts import Text
from boundgen.language.model import Model
from boundgen.work.limits import Report


def with_declared(model: Model, table: Table, statement: int | None, options: Options) -> Table:
    """The table with a column for each selection that a condition on rows states and that has none.

    Not where a statement that the table may serve observes how many units are selected: such rows say nothing of it.
    """
    numbers = range(len(model.observations)) if statement is None else (statement,)
    served = [model.observations[number] for number in numbers]
    observed = {name for each in served for name, _ in each.outcomes}
    stated = {(each.column, each.value) for each in options.filters if each.operator == "="}
    selections = {(name, str(value)) for each in served for name, value in each.selection if name not in observed}
    constant = {name: value for name, value in sorted(stated & selections) if name not in table.columns}
    return _with_constants(table, constant) if constant else table


def _with_constants(table: Table, constant: dict[str, str]) -> Table:
    def chunks(columns: Sequence[str], report: Report) -> Iterator[Chunk]:
        stored = [column for column in columns if column not in constant] or [table.columns[0]]
        for chunk in table.chunks(stored, report):
            found: dict[str, list[Text]] = dict(zip(stored, chunk, strict=True))
            yield [found[c] if c not in constant else [constant[c]] * len(chunk[0]) for c in columns]

    return replace(table, columns=(*table.columns, *constant), chunks=chunks)
