"""Data for a model: which file serves which `observe` statement, what kind of data it holds, and all of it together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

from boundgen.data.amount_words import sure_amounts
from boundgen.data.amounts import Said, kind_of
from boundgen.data.cells_file import CELL, CellAmounts, cell_arms, cells_joint, cells_source, read_cells
from boundgen.data.covariate_strata import covariate_strata_of
from boundgen.data.joint import Joint
from boundgen.data.observed import ObservedArm, ObservedData, Source
from boundgen.data.open_table import open_table
from boundgen.data.options import Written, column_list, column_names, cuts, row_filters
from boundgen.data.roles import Options, observed_variables
from boundgen.data.rows import read_rows
from boundgen.data.table import Table
from boundgen.data.tables_of_counts import Read
from boundgen.data.texts import Text, listed
from boundgen.errors import DataError, quoted
from boundgen.language.model import Model
from boundgen.strata.cells import Block, observed_blocks
from boundgen.work.limits import Limits, Report, silent

Kind = Literal["auto", "microdata", "counts", "probabilities"]
COVARIATES = "Covariates are columns of their own, measured before treatment."
NUMBERED = re.compile(r"(\d+)=(.+)", re.DOTALL)


@dataclass(frozen=True)
class _File:
    """A table, the statement that it was given for (None: not said), and what kind it is."""

    table: Table
    statement: int | None
    kind: str
    amount_column: str | None

    @property
    def holds_cells(self) -> bool:
        return self.amount_column is not None and CELL in self.table.columns


def read_data(
    model: Model,
    source: Any,
    *,
    columns: Written | Mapping[str, str] = (),
    where: Written = (),
    dichotomize: Written = (),
    weights: str | None = None,
    cluster: str | None = None,
    within: Written = (),
    kind: Kind = "auto",
    counts: str | None = None,
    probabilities: str | None = None,
    drop_missing: bool = False,
    limits: Limits = Limits(),
    report: Report = silent,
) -> ObservedData:
    """Read the observed distribution of a model's cells.

    Parameters
    ----------
    model : Model
    source : str, path, data frame, mapping, or sequence of these
        A file (CSV, Parquet, Stata), or the name of data that boundgen ships. It holds micro-data, one row for each
        unit; counts, with a column ``count``, ``n``, ``Freq``, ``_freq`` and the like; or probabilities, with a column
        ``probability``, ``prop`` and the like. Counts and probabilities stand beside a column for each variable, or
        beside a column ``cell`` of canonical names. What looks like a table and is not recognised is refused.
        A mapping of canonical names to integers (counts) or fractions (probabilities) is one too.
        Several sources serve several `observe` statements: ``["1=trial.csv", "2=survey.csv"]``, or without
        numbers where the columns tell.
    columns : str, sequence of str or mapping
        Where variables have other names: ``"A=treat,Y=vote"``; ``"2: A=treat"`` for one `observe` statement.
    where : str or sequence of str
        Conditions for rows to be used: ``"manip=0"``; ``"1: manip=0"`` for one `observe` statement.
    dichotomize : str or sequence of str
        ``"M=median"`` is above the median of the rows that are used, whatever their weights; ``"M>=median"`` at it
        or above; ``"M>7"``; ``"Y=yes"``.
    weights : str, optional
        A column of weights.
    cluster : str, optional
        A column of micro-data that names the cluster of each unit; clusters of different files are different. What is
        estimated stays the same; its covariance does not.
    within : str or sequence of str
        Columns of discrete covariates, measured before treatment: ``"sex,educ"``. The data then say what stands in
        the cells within each stratum too.
    kind : {"auto", "microdata", "counts", "probabilities"}
    counts, probabilities : str, optional
        The column that holds them, whatever its name.
    drop_missing : bool
        Leave rows out that miss a value which is needed, instead of refusing them.
    limits : Limits
    report : function of (what, done, total)

    Returns
    -------
    ObservedData

    Raises
    ------
    FileError
        For files that cannot be read.
    DataError
        For columns that are not there, values that are not declared, values that are missing, empty arms,
        probabilities that do not sum to one, arms with a single cluster, strata with too few units.

    >>> from boundgen import catalogue
    >>> data = read_data(catalogue.load("mediation_mmr"), "jobs")
    >>> data.units
    (('A=0', 299), ('A=1', 600))
    >>> print(data.probabilities["P(Y=1,M=1|A=1)"])
    137/600
    """
    blocks = observed_blocks(model, limits)
    options = Options(
        column_names(columns),
        row_filters(where),
        cuts(dichotomize),
        weights,
        drop_missing,
        cluster,
        column_list(within),
        counts,
        probabilities,
    )
    _check_options(model, options)
    files = [_file(model, given, kind, options, report) for given in _given(source)]
    _check_amounts([file.table for file in files], options)
    served = _served(model, blocks, files, options, report)
    arms: dict[int, ObservedArm] = {}
    sources: list[Source] = []
    joints: list[Joint] = []
    for file, numbers, cells in served:
        found, one, joint = _read(model, blocks, file, numbers, cells, options, report)
        arms |= found
        sources.append(one)
        joints.append(joint)
    ordered = tuple(arms[i] for i in range(len(blocks)))
    strata = covariate_strata_of(options.within, ordered, joints) if options.within else None
    return ObservedData(model.name, ordered, tuple(sources), tuple(joints), strata)


def _read(
    model: Model,
    blocks: Sequence[Block],
    file: _File,
    numbers: Sequence[int],
    cells: CellAmounts | None,
    options: Options,
    report: Report,
) -> tuple[dict[int, ObservedArm], Source, Joint]:
    if cells is None:
        return read_rows(model, blocks, numbers, file.table, file.kind, file.amount_column, options, report)
    arms = cell_arms(blocks, numbers, cells)
    return arms, cells_source(cells, arms), cells_joint(model, arms)


# ---------------------------------------------------------------- what was given
def _given(source: Any) -> list[tuple[int | None, Any]]:
    """Each source with the statement that it was given for."""
    if isinstance(source, Mapping) and source and all(isinstance(key, int) for key in source):
        return [(key - 1, value) for key, value in source.items()]
    if isinstance(source, str | os.PathLike | Mapping) or hasattr(source, "iloc"):
        return [_numbered(source)]
    if not isinstance(source, Sequence) or not source:
        raise DataError("no data were given", remedy="Name a file, or data from 'boundgen catalogue --data'.")
    return [_numbered(one) for one in source]


def _numbered(source: Any) -> tuple[int | None, Any]:
    """``1=FILE`` is for the first `observe` statement."""
    match = NUMBERED.fullmatch(source) if isinstance(source, str) and not os.path.exists(source) else None
    return (int(match[1]) - 1, match[2]) if match else (None, source)


def _file(model: Model, given: tuple[int | None, Any], kind: Kind, options: Options, report: Report) -> _File:
    number, source = given
    if number is not None and not 0 <= number < len(model.observations):
        count = len(model.observations)
        raise DataError(
            f"there is no observe statement {number + 1}",
            remedy=f"The model has {count}: {_statements(model)}." if count > 1 else "The model has one.",
        )
    table = _mapping_table(source) if isinstance(source, Mapping) else open_table(source)
    return _File(table, number, *_kind(model, table, kind, options, report))


def _mapping_table(cells: Mapping[Any, Any]) -> Table:
    """Counts where every number is an integer, else probabilities."""
    numbers = list(cells.values())
    what = "count" if all(isinstance(n, Integral) and not isinstance(n, bool) for n in numbers) else "probability"
    columns: dict[str, list[Text]] = {CELL: list(map(str, cells)), what: list(map(str, numbers))}
    return Table("mapping", tuple(columns), lambda names, _report: iter([[columns[name] for name in names]]))


def _check_options(model: Model, options: Options) -> None:
    """Every name and number in the options is one of the model."""
    numbers = range(len(model.observations))
    observed = dict.fromkeys(name for number in numbers for name in observed_variables(model, number))
    for name in (*(n.variable for n in options.names), *(c.variable for c in options.cuts)):
        if name not in observed:
            raise DataError(
                f"the model observes no variable {quoted(name)}", remedy=f"observed: {listed(tuple(observed))}"
            )
    for name in options.within:
        if name in observed or name in {n.column for n in options.names}:
            raise DataError(f"{quoted(name)} is a variable of the model, not a covariate", remedy=COVARIATES)
    for statement in (*(n.statement for n in options.names), *(f.statement for f in options.filters)):
        if statement is not None and statement not in numbers:
            raise DataError(f"there is no observe statement {statement + 1}", remedy=_statements(model))


def _check_amounts(tables: Sequence[Table], options: Options) -> None:
    """What is named as amounts stands in some file."""
    for kind, column in (("counts", options.counts), ("probabilities", options.probabilities)):
        if column is not None and not any(column in table.columns for table in tables):
            tables[0].check(column, f" for {kind}", "")


def _statements(model: Model) -> str:
    return ", ".join(
        f"{number + 1} of {', '.join(observed_variables(model, number))}" for number in range(len(model.observations))
    )


# ---------------------------------------------------------------- kinds
def _kind(model: Model, table: Table, kind: Kind, options: Options, report: Report) -> tuple[str, str | None]:
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
    if CELL in table.columns and (options.names or options.filters or options.cuts):
        raise DataError(
            f"{table.name}: cells by name leave nothing to map, to select or to dichotomize",
            remedy="Leave --map, --where and --dichotomize out.",
        )
    return found, amounts


def _found_kind(model: Model, table: Table, kind: Kind, options: Options, report: Report) -> tuple[str, str | None]:
    said = Said(kind, options.counts, options.probabilities, options.weights)
    read = _columns_read(model, table, options)
    if read.all or kind != "auto" or said.declared(table.columns):
        return kind_of(table, read, said, report)
    # No statement finds its columns: these are cells by name, or that is what will be said.
    amounts = [column for columns in sure_amounts(table.columns).values() for column in columns]
    if CELL in table.columns and not amounts:
        raise DataError(
            f"{table.name}: no column beside '{CELL}' is known to hold counts or probabilities",
            remedy=f"Name it: --counts COLUMN or --probabilities COLUMN; columns: {listed(table.columns)}",
        )
    return kind_of(table, Read((), (), tuple(c for c in table.columns if c not in amounts)), said, report)


def _columns_read(model: Model, table: Table, options: Options) -> Read:
    """What is read for those statements that find their columns."""
    numbers = [n for n in range(len(model.observations)) if _has_columns(model, table, n, options)]
    cut = {cut.variable for cut in options.cuts}
    variables = [(name, options.column(n, name)) for n in numbers for name in observed_variables(model, n)]
    others = [each.column for each in options.filters if each.column in table.columns]
    others += [column for column in (*options.within, options.cluster) if column in table.columns] if numbers else []
    known = [*model.by_name, *(name.column for name in options.names)]
    return Read(
        tuple(dict.fromkeys(column for name, column in variables if name not in cut)),
        tuple(dict.fromkeys([column for name, column in variables if name in cut] + others)) if numbers else (),
        tuple(dict.fromkeys(column for column in known if column in table.columns)),
    )


# ---------------------------------------------------------------- who serves whom
def _served(
    model: Model, blocks: Sequence[Block], files: Sequence[_File], options: Options, report: Report
) -> list[tuple[_File, list[int], CellAmounts | None]]:
    """Each file with its statements; those that repeat another need no data."""
    numbers = list(dict.fromkeys(block.observation for block in blocks))
    cells = [_cells(model, blocks, file, report) for file in files]
    owners = {file.statement: i for i, file in enumerate(files) if file.statement is not None}
    if len(owners) < sum(file.statement is not None for file in files):
        raise DataError("an observe statement was given two files", remedy="Pool them in one.")
    free = [i for i, file in enumerate(files) if file.statement is None]
    for number in numbers:
        if number not in owners:
            owners[number] = _owner(model, blocks, files, cells, free, number, options)
    served = [(file, [n for n in numbers if owners[n] == i], cells[i]) for i, file in enumerate(files)]
    for file, own, _ in served:
        if not own:
            raise DataError(f"{file.table.name}: no observe statement needs it", remedy=_statements(model))
    return served


def _cells(model: Model, blocks: Sequence[Block], file: _File, report: Report) -> CellAmounts | None:
    if not file.holds_cells:
        return None
    file.table.check(CELL, "", "")
    return read_cells(model, blocks, file.table, file.kind, file.amount_column or "", report)


def _owner(
    model: Model,
    blocks: Sequence[Block],
    files: Sequence[_File],
    cells: Sequence[CellAmounts | None],
    free: Sequence[int],
    number: int,
    options: Options,
) -> int:
    """The file that serves a statement for which none was named."""
    if len(free) == 1:
        return free[0]
    able = [i for i in free if _is_able(model, blocks, files[i], cells[i], number, options)]
    if len(able) == 1:
        return able[0]
    what = f"observe statement {number + 1} ({', '.join(observed_variables(model, number))})"
    names = " and ".join(files[i].table.name for i in able)
    raise DataError(
        f"{names} could both serve {what}" if able else f"no file serves {what}",
        remedy=f"Say which: {number + 1}=FILE.",
    )


def _is_able(
    model: Model, blocks: Sequence[Block], file: _File, cells: CellAmounts | None, number: int, options: Options
) -> bool:
    if cells is not None:
        own = {cell.name for block in blocks if block.observation == number for cell in block.cells}
        return not own.isdisjoint(cells.cells)
    return _has_columns(model, file.table, number, options)


def _has_columns(model: Model, table: Table, number: int, options: Options) -> bool:
    return all(options.column(number, variable) in table.columns for variable in observed_variables(model, number))
