"""Data for a model: which file serves which `observe` statement, what kind of data it holds, and all of it together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

from boundgen.data.cells_file import CELL, CellAmounts, cell_arms, cells_joint, cells_source, read_cells
from boundgen.data.joint import Joint
from boundgen.data.observed import ObservedArm, ObservedData, Source
from boundgen.data.options import Written, column_list, column_names, conditions, cuts
from boundgen.data.rows import Options, observed_variables, read_rows
from boundgen.data.strata import strata_of
from boundgen.data.tables import Table, open_table
from boundgen.data.texts import Text, listed
from boundgen.errors import DataError, quoted
from boundgen.language.model import Model
from boundgen.limits import Limits, Report, silent
from boundgen.strata.cells import Block, observed_blocks

Kind = Literal["auto", "microdata", "counts", "probabilities"]
COUNT_COLUMNS, PROBABILITY_COLUMNS = ("count", "n"), ("probability",)
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
        unit; counts, with a column ``count`` or ``n``; or probabilities, with a column ``probability``. Counts and
        probabilities stand beside a column for each variable, or beside a column ``cell`` of canonical names.
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
        conditions(where),
        cuts(dichotomize),
        weights,
        drop_missing,
        cluster,
        column_list(within),
    )
    _check_options(model, options)
    files = [_file(model, given, kind, options) for given in _given(source)]
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
    strata = strata_of(options.within, ordered, joints) if options.within else None
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


def _file(model: Model, given: tuple[int | None, Any], kind: Kind, options: Options) -> _File:
    number, source = given
    if number is not None and not 0 <= number < len(model.observations):
        count = len(model.observations)
        raise DataError(
            f"there is no observe statement {number + 1}",
            remedy=f"The model has {count}: {_statements(model)}." if count > 1 else "The model has one.",
        )
    table = _mapping_table(source) if isinstance(source, Mapping) else open_table(source)
    return _File(table, number, *_kind(model, table, kind, options))


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
    for statement in (*(n.statement for n in options.names), *(c.statement for c in options.conditions)):
        if statement is not None and statement not in numbers:
            raise DataError(f"there is no observe statement {statement + 1}", remedy=_statements(model))


def _statements(model: Model) -> str:
    return ", ".join(
        f"{number + 1} of {', '.join(observed_variables(model, number))}" for number in range(len(model.observations))
    )


# ---------------------------------------------------------------- kinds
def _kind(model: Model, table: Table, kind: Kind, options: Options) -> tuple[str, str | None]:
    """What the table holds and the column of amounts; None for micro-data."""
    mapped = {name.column for name in options.names}
    free = [column for column in table.columns if column not in mapped and column not in model.by_name]
    found = {
        "counts": [column for column in COUNT_COLUMNS if column in free],
        "probabilities": [column for column in PROBABILITY_COLUMNS if column in free],
    }
    if kind == "auto":
        kind = _guessed(model, table, found, options)
    if kind == "microdata":
        return kind, None
    if options.weights:
        raise DataError(f"{table.name}: {kind} take no weights", remedy="--weights is for micro-data.")
    if options.cluster:
        raise DataError(
            f"{table.name}: {kind} do not say which units are of one cluster", remedy="--cluster is for micro-data."
        )
    if options.within and (kind == "probabilities" or CELL in table.columns):
        raise DataError(
            f"{table.name}: {'probabilities' if kind == 'probabilities' else 'cells by name'} have no covariates",
            remedy="--within is for micro-data, and for counts beside a column for each variable and covariate.",
        )
    if not found[kind]:
        names = " or ".join(COUNT_COLUMNS if kind == "counts" else PROBABILITY_COLUMNS)
        raise DataError(
            f"{table.name}: no column {quoted(names)} holds {kind}", remedy=f"columns: {listed(table.columns)}"
        )
    if CELL in table.columns and (options.names or options.conditions or options.cuts):
        raise DataError(
            f"{table.name}: cells by name leave nothing to map, to select or to dichotomize",
            remedy="Leave --map, --where and --dichotomize out.",
        )
    return kind, found[kind][0]


def _guessed(model: Model, table: Table, found: Mapping[str, Sequence[str]], options: Options) -> Kind:
    """By the columns; where that could go wrong, it is asked for."""
    amounts = [column for columns in found.values() for column in columns]
    if not amounts or options.weights:
        return "microdata"
    known = {
        CELL,
        *amounts,
        *model.by_name,
        *(n.column for n in options.names),
        *(c.column for c in options.conditions),
        *options.within,
        *([options.cluster] if options.cluster else []),
    }
    others = [column for column in table.columns if column not in known]
    # Where no statement finds its columns, that is what should be said.
    servable = any(_has_columns(model, table, number, options) for number in range(len(model.observations)))
    if len(amounts) > 1 or (others and servable and CELL not in table.columns):
        beside = f"columns {listed(amounts)}" if len(amounts) > 1 else f"a column {quoted(amounts[0])} beside others"
        raise DataError(
            f"{table.name}: {beside}: are these micro-data, counts or probabilities?",
            remedy="Say it: --kind microdata, --kind counts or --kind probabilities.",
        )
    return "counts" if found["counts"] else "probabilities"


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
