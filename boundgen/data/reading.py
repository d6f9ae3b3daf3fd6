"""Data for a model: what was given, which file serves which `observe` statement, and all of it together."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.data.cells_file import CellAmounts, cell_arms, cells_joint, cells_source
from boundgen.data.covariate_strata import covariate_strata_of
from boundgen.data.joint import CovariateStratum, Joint
from boundgen.data.laws import check_laws
from boundgen.data.names import THIN_STRATA, ThinStrata
from boundgen.data.observed import DataSource, ObservedArm, ObservedData
from boundgen.data.options import WrittenOption, column_list, column_names, cuts, one_column, row_filters, with_columns
from boundgen.data.recodes import recodes
from boundgen.data.roles import Options, observed_variables, with_indicators
from boundgen.data.rows import read_rows
from boundgen.data.serving import served_by
from boundgen.data.sources import DataFile, DataKind, data_file, given_sources, statements_text
from boundgen.data.table import Table
from boundgen.data.texts import listed
from boundgen.data.thin_strata import counted_again, strata_of, without
from boundgen.errors import DataError, did_you_mean, no_option, quoted
from boundgen.language.model import Model
from boundgen.strata.cells import Arm, observed_arms
from boundgen.work.limits import Limits, Report, ignore

COVARIATES = "Covariates are columns of their own, measured before treatment."


@public
def read_data(
    model: Model | str | os.PathLike[str],
    source: Any,
    *,
    columns: WrittenOption | Mapping[str, str] = (),
    where: WrittenOption = (),
    dichotomize: WrittenOption = (),
    recode: WrittenOption | Mapping[str, Any] = (),
    weights: str | None = None,
    cluster: str | None = None,
    within: WrittenOption = (),
    thin_strata: ThinStrata = "merge",
    kind: DataKind = "auto",
    counts: str | None = None,
    probabilities: str | None = None,
    events: str | None = None,
    totals: str | None = None,
    drop_missing: bool = False,
    limits: Limits = Limits(),
    report: Report = ignore,
    **variables: str,
) -> ObservedData:
    """Read the observed distribution of a model's cells.

    Parameters
    ----------
    model : Model, str or path
        A name of the catalogue or a file stands for its model.
    source : str, path, data frame, mapping, or sequence of these
        A file (text, Excel, R, Stata, Parquet), or the name of data that boundgen ships. It holds micro-data, one row
        for each unit; counts, with a column ``count``, ``n``, ``Freq``, ``_freq`` and the like; or probabilities, with
        a column ``probability``, ``prop`` and the like. Counts and probabilities stand beside a column for each
        variable, or beside a column ``cell`` of canonical names. What looks like a table and is not recognised is
        refused.
        A mapping of canonical names to integers (counts) or fractions (probabilities) is one too, and so is a
        cross-tabulation, of pandas or in a file.
        Several sources serve several `observe` statements: ``["1=trial.csv", "2=survey.csv"]``, or without
        numbers where the columns tell.
    columns : str, sequence of str or mapping
        Where variables have other names: ``"A=treat,Y=vote"``; ``"2: A=treat"`` for one `observe` statement.
    where : str or sequence of str
        Conditions for rows to be used: ``"manip=0"``; ``"1: manip=0"`` for one `observe` statement.
    dichotomize : str or sequence of str
        ``"M=median"`` is above the median of the rows that are used, whatever their weights; ``"M>=median"`` at it
        or above; ``"M>7"``; ``"Y=yes"``.
    recode : str, sequence of str or mapping
        How values of a variable or covariate are made of those of its column: ``"Y=cut(1,3,5)"`` is above 1, 3 and 5;
        ``"Y=quantiles(4)"``; ``"A=values(treated=1, control=0)"``, with ``else=0`` for all others and ``NA`` for none,
        or ``{"A": {"treated": 1, "control": 0}}``; ``"R=there"`` says whether the column holds a value.
    weights : str, optional
        A column of weights.
    cluster : str, optional
        A column of micro-data that names the cluster of each unit; clusters of different files are different. What is
        estimated stays the same; its covariance does not.
    within : str or sequence of str
        Columns of discrete covariates, measured before treatment: ``"sex,educ"``. The data then say what stands in
        the cells within each stratum too.
    thin_strata : {"merge", "leave-out", "refuse"}
        What becomes of strata with fewer than five units in an arm: merged with the nearest stratum (the bounds stay
        valid), left out (they are about the other units then), or refused. What is done is said in a note.
    kind : {"auto", "microdata", "counts", "probabilities"}
    counts, probabilities : str, optional
        The column that holds them, whatever its name.
    events, totals : str, optional
        The columns of a table that say how many units of each group have the second value of a variable
        (``"deaths"``, or ``"Y=deaths"``), and how many units there are.
    drop_missing : bool
        Leave rows out that miss a value which is needed, instead of refusing them.
    limits : Limits
    report : function of (what, done, total)
    **variables
        Columns of variables by keyword: ``A="treat"``.

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

    Examples
    --------
    >>> from boundgen import catalogue
    >>> data = read_data(catalogue.load("mediation_mmr"), "jobs")
    >>> data.units
    (('A=0', 299), ('A=1', 600))
    >>> print(data.probabilities["P(Y=1,M=1|A=1)"])
    137/600
    """
    model = given_model(model)
    columns = with_columns(columns, _named_columns(model, variables))
    if thin_strata not in THIN_STRATA:
        raise DataError(f"{quoted(thin_strata)} says nothing of thin strata", remedy=f"One of {listed(THIN_STRATA)}.")
    model_arms = observed_arms(model, limits)
    options = Options(
        column_names(columns),
        row_filters(where),
        cuts(dichotomize),
        one_column("weights", weights),
        drop_missing,
        one_column("cluster", cluster),
        column_list(within),
        one_column("counts", counts),
        one_column("probabilities", probabilities),
        recodes(recode),
        one_column("events", events),
        one_column("totals", totals),
    )
    options = with_indicators(model, options)
    _check_options(model, options)
    files = [data_file(model, given, kind, options, report) for given in given_sources(source)]
    _check_amounts([file.table for file in files], options)
    arms: dict[int, ObservedArm] = {}
    sources: list[DataSource] = []
    joints: list[Joint] = []
    for file, numbers, cells in served_by(model, model_arms, files, options, report):
        found, one, joint = _read(model, model_arms, file, numbers, cells, options, report)
        arms |= found
        sources.append(one)
        joints.append(joint)
    ordered = tuple(arms[i] for i in range(len(model_arms)))
    check_laws(
        model_arms, {cell: share for arm in ordered for cell, share in zip(arm.cells, arm.probabilities, strict=True)}
    )
    if not options.within:
        return ObservedData(model.name, ordered, tuple(sources), tuple(joints))
    return _within(model, ordered, sources, joints, options.within, thin_strata)


def _named_columns(model: Model, keywords: Mapping[str, object]) -> list[dict[str, str]]:
    """Columns of variables by keyword."""
    for name in keywords:
        if name not in model.by_name:
            raise no_option(name, [*model.by_name, *READING])
    return [{name: str(one_column(name, column))} for name, column in keywords.items() if column is not None]


def _within(
    model: Model,
    arms: tuple[ObservedArm, ...],
    sources: list[DataSource],
    joints: list[Joint],
    covariates: tuple[str, ...],
    thin: ThinStrata,
) -> ObservedData:
    """The data within strata; where thin ones are left out, everything is about the units of the others."""
    found = strata_of(covariates, len(arms), joints, thin)
    if found.left_out:
        sources = [_left_out(source, joint, found.left_out) for source, joint in zip(sources, joints, strict=True)]
        joints = [without(joint, found.left_out) for joint in joints]
        arms = tuple(counted_again(arm, number, joints) for number, arm in enumerate(arms))
    strata = covariate_strata_of(covariates, arms, joints, found.groups)
    sources[0] = replace(sources[0], notes=(*sources[0].notes, *found.notes))
    return ObservedData(model.name, arms, tuple(sources), tuple(joints), strata)


def _left_out(source: DataSource, joint: Joint, values: Sequence[CovariateStratum]) -> DataSource:
    units = sum(each.amount.units for each in joint.units if each.stratum in values)
    return replace(source, used=(source.used or 0) - units)


def _read(
    model: Model,
    model_arms: Sequence[Arm],
    file: DataFile,
    numbers: Sequence[int],
    cells: CellAmounts | None,
    options: Options,
    report: Report,
) -> tuple[dict[int, ObservedArm], DataSource, Joint]:
    if cells is None:
        return read_rows(model, model_arms, numbers, file.table, file.kind, file.amount_column, options, report)
    arms = cell_arms(model_arms, numbers, cells)
    return arms, cells_source(model_arms, cells, arms), cells_joint(model, model_arms, arms)


def _check_options(model: Model, options: Options) -> None:
    """Every name and number in the options is one of the model."""
    numbers = range(len(model.observations))
    observed = dict.fromkeys(name for number in numbers for name in observed_variables(model, number))
    for name in (*(n.variable for n in options.names), *(c.variable for c in options.cuts)):
        if name not in observed:
            raise DataError(
                f"the model observes no variable {quoted(name)}",
                remedy=f"{did_you_mean(name, observed)}observed: {listed(tuple(observed))}",
            )
    for one in options.recodes:
        if one.name not in observed and one.name not in options.within:
            known = listed((*observed, *options.within))
            raise DataError(
                f"{quoted(one.name)} is no variable and no covariate to recode", remedy=f"There are: {known}"
            )
        if any(cut.variable == one.name for cut in options.cuts):
            raise DataError(f"{quoted(one.name)} is recoded and dichotomized", remedy="Say one of both.")
    for name in options.within:
        if name in observed or name in {n.column for n in options.names}:
            raise DataError(f"{quoted(name)} is a variable of the model, not a covariate", remedy=COVARIATES)
    _check_once(options)
    for statement in (*(n.statement for n in options.names), *(f.statement for f in options.filters)):
        if statement is not None and statement not in numbers:
            raise DataError(f"there is no observe statement {statement + 1}", remedy=statements_text(model))


def _check_once(options: Options) -> None:
    """Of two columns for one variable neither is meant more than the other."""
    found: dict[tuple[int | None, str], str] = {}
    for each in options.names:
        column = found.setdefault((each.statement, each.variable), each.column)
        if column != each.column:
            raise DataError(
                f"{quoted(each.variable)} is both column {quoted(column)} and column {quoted(each.column)}",
                remedy="Name one column.",
            )


def _check_amounts(tables: Sequence[Table], options: Options) -> None:
    """What is named as amounts stands in some file."""
    if options.events is not None and not any(table.counts for table in tables):
        raise DataError(
            f"no column {quoted(options.events)} for events and {quoted(options.totals)} for totals",
            remedy=f"columns: {listed(tables[0].columns)}",
        )
    for kind, column in (("counts", options.counts), ("probabilities", options.probabilities)):
        if column is not None and not any(column in table.columns for table in tables):
            tables[0].check(column, f" for {kind}", "")


# What may be said of a source, beside names of variables.
READING = tuple(
    name
    for name, parameter in inspect.signature(read_data).parameters.items()
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in ("limits", "report")
)
