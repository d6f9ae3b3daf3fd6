"""What was given as data: each source with its table, the statement that it is for, and what kind of data it holds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

from boundgen.data.amounts import Read, Said, kind_of, sure_amounts
from boundgen.data.cells_file import CELL, VALUE
from boundgen.data.cross_table import CrossNames, cross_table
from boundgen.data.declared import with_declared
from boundgen.data.events import event_columns, with_events
from boundgen.data.open_table import is_shipped, open_table
from boundgen.data.recodes import NewValues, Recode
from boundgen.data.roles import Options, observed_variables
from boundgen.data.table import Table
from boundgen.data.texts import Text, listed
from boundgen.errors import DataError
from boundgen.language.model import Model
from boundgen.work.limits import Report

DataKind = Literal["auto", "microdata", "counts", "probabilities"]
NUMBERED = re.compile(r"(\d+)=(.+)", re.DOTALL)


@dataclass(frozen=True)
class DataFile:
    """A table, the statement that it was given for (None: not said), and what kind it is."""

    table: Table
    statement: int | None
    kind: str
    amount_column: str | None

    @property
    def holds_cells(self) -> bool:
        """Whether cells stand in it by name."""
        return self.amount_column is not None and CELL in self.table.columns


def given_sources(source: Any) -> list[tuple[int | None, Any]]:
    """Each source with the statement that it was given for."""
    if isinstance(source, Mapping) and source and all(isinstance(key, int) for key in source):
        return [(key - 1, value) for key, value in source.items()]
    if isinstance(source, str | os.PathLike | Mapping | Table) or hasattr(source, "iloc"):
        return [_numbered(source)]
    if not isinstance(source, Sequence) or not source:
        nothing = source is None or isinstance(source, Sequence)
        raise DataError(
            "no data were given" if nothing else f"{type(source).__name__} is no data",
            remedy="Give a data frame, columns by name, a file, or data from 'boundgen catalogue --data'.",
        )
    return [_numbered(one) for one in source]


def _numbered(source: Any) -> tuple[int | None, Any]:
    """``1=FILE`` is for the first `observe` statement."""
    match = NUMBERED.fullmatch(source) if isinstance(source, str) and not os.path.exists(source) else None
    return (int(match[1]) - 1, match[2]) if match else (None, source)


def data_file(
    model: Model, given: tuple[int | None, Any], kind: DataKind, options: Options, report: Report
) -> DataFile:
    """The table of a source, and what kind of data it holds.

    Raises
    ------
    FileError
        For files that cannot be read.
    DataError
        For statements that there are not, and for options that the kind of data does not take.
    """
    number, source = given
    if number is not None and not 0 <= number < len(model.observations):
        count = len(model.observations)
        raise DataError(
            f"there is no observe statement {number + 1}",
            remedy=f"The model has {count}: {statements_text(model)}." if count > 1 else "The model has one.",
        )
    table = _mapping_table(source) if isinstance(source, Mapping) else open_table(source)
    table = with_declared(model, table, number, options)
    kind = "counts" if kind == "auto" and is_shipped(source) else kind
    if kind != "microdata" and CELL not in table.columns:
        table = _as_rows(model, table, number, kind, options)
    return DataFile(table, number, *_kind(model, table, kind, options, report))


def _as_rows(model: Model, table: Table, number: int | None, kind: DataKind, options: Options) -> Table:
    """Events out of totals, and cross-tabulations, as tables of counts with a column for each variable."""
    numbers = range(len(model.observations)) if number is None else (number,)
    variables = [(name, options.column(n, name)) for n in numbers for name in observed_variables(model, n)]
    events = event_columns(model, table, variables, options.events, options.totals)
    if events is not None:
        return with_events(table, events)
    if any(has_columns(model, table, n, options) for n in numbers):
        return table
    made: dict[str, frozenset[str] | None] = {cut.variable: None for cut in options.cuts}
    made |= {one.name: _known(model, one) for one in options.recodes if one.name in model.by_name}
    names = CrossNames(
        {column: model.by_name[name] for name, column in variables},
        {column: made[name] for name, column in variables if name in made},
        frozenset([*options.within, *(each.column for each in options.filters)]),
        dict(variables),
        frozenset(_values(model, variables, options)),
    )
    return cross_table(table, names, kind) or table


def _known(model: Model, recode: Recode) -> frozenset[str] | None:
    """The texts to which a rule gives a meaning; None for any."""
    rule = recode.rule
    if not isinstance(rule, NewValues) or rule.other is not None:
        return None
    return frozenset([*(old for old, _ in rule.pairs), *map(str, model.by_name[recode.name].domain)])


def _values(model: Model, variables: Sequence[tuple[str, str]], options: Options) -> Iterator[str]:
    """What values are called, in the model and in rules."""
    for name, _ in variables:
        yield from map(str, model.by_name[name].domain)
    for one in options.recodes:
        if isinstance(one.rule, NewValues):
            yield from (old for old, _ in one.rule.pairs)


def _mapping_table(cells: Mapping[Any, Any]) -> Table:
    """Counts where every number is an integer and none is a mean, else probabilities."""
    numbers = list(cells.values())
    whole = all(isinstance(n, Integral) and not isinstance(n, bool) for n in numbers)
    what = "count" if whole and not any(str(cell).lstrip().startswith("E") for cell in cells) else "probability"
    columns: dict[str, list[Text]] = {CELL: list(map(str, cells)), what: list(map(str, numbers))}
    return Table("mapping", tuple(columns), lambda names, _report: iter([[columns[name] for name in names]]))


def statements_text(model: Model) -> str:
    """The `observe` statements by number, with their variables."""
    return ", ".join(
        f"{number + 1} of {', '.join(observed_variables(model, number))}" for number in range(len(model.observations))
    )


def _kind(model: Model, table: Table, kind: DataKind, options: Options, report: Report) -> tuple[str, str | None]:
    """What the table holds and the column of amounts; None for micro-data."""
    found, amounts = _found_kind(model, table, kind, options, report)
    if found == "microdata":
        return found, None
    if options.weights:
        raise DataError(f"{table.name}: {found} take no weights", remedy="--weights is for micro-data.")
    if options.cluster:
        raise DataError(
            f"{table.name}: {found} do not say which units are of one cluster", remedy="--cluster is for micro-data."
        )
    if options.within and (found == "probabilities" or CELL in table.columns):
        raise DataError(
            f"{table.name}: {'probabilities' if found == 'probabilities' else 'cells by name'} have no covariates",
            remedy="--within is for micro-data, and for counts beside a column for each variable and covariate.",
        )
    if CELL in table.columns and (options.names or options.filters or options.cuts or options.recodes):
        raise DataError(
            f"{table.name}: cells by name leave nothing to map, to select or to recode",
            remedy="Leave --map, --where, --dichotomize and --recode out.",
        )
    return found, amounts


def _found_kind(model: Model, table: Table, kind: DataKind, options: Options, report: Report) -> tuple[str, str | None]:
    said = Said(kind, table.counts or options.counts, options.probabilities, options.weights)
    read = _columns_read(model, table, options)
    if read.all or kind != "auto" or said.declared(table.columns):
        return kind_of(table, read, said, report)
    # No statement finds its columns: these are cells by name, or that is what will be said.
    amounts = [column for columns in sure_amounts(table.columns).values() for column in columns]
    if CELL in table.columns and VALUE in table.columns and not amounts:
        return "probabilities", VALUE
    if CELL in table.columns and not amounts:
        raise DataError(
            f"{table.name}: no column beside '{CELL}' is known to hold counts or probabilities",
            remedy=f"Name it: --counts COLUMN or --probabilities COLUMN; columns: {listed(table.columns)}",
        )
    return kind_of(table, Read((), (), tuple(c for c in table.columns if c not in amounts)), said, report)


def _columns_read(model: Model, table: Table, options: Options) -> Read:
    """What is read for those statements that find their columns."""
    numbers = [n for n in range(len(model.observations)) if has_columns(model, table, n, options)]
    cut = {*(cut.variable for cut in options.cuts), *(one.name for one in options.recodes)}
    variables = [(name, options.column(n, name)) for n in numbers for name in observed_variables(model, n)]
    others = [each.column for each in options.filters if each.column in table.columns]
    others += [column for column in (*options.within, options.cluster) if column in table.columns] if numbers else []
    known = [*model.by_name, *(name.column for name in options.names)]
    return Read(
        tuple(dict.fromkeys(column for name, column in variables if name not in cut)),
        tuple(dict.fromkeys([column for name, column in variables if name in cut] + others)) if numbers else (),
        tuple(dict.fromkeys(column for column in known if column in table.columns)),
    )


def has_columns(model: Model, table: Table, number: int, options: Options) -> bool:
    """Whether a table has a column for each variable of a statement."""
    return all(options.column(number, variable) in table.columns for variable in observed_variables(model, number))
