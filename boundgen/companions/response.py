"""The check of a monotonic mediator response at a source of data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boundgen.companions.mediator_response import ResponseSettings, ResponseTest, response_test
from boundgen.data.options import WrittenOption, column_list, column_names, cuts
from boundgen.data.parts import PARTS
from boundgen.data.quoting import in_quotes
from boundgen.data.recodes import recodes
from boundgen.data.table_columns import TableKind, read_columns
from boundgen.errors import DataError
from boundgen.work.limits import Report, ignore

USED = ("A", "M", "X", "C")


def response(
    source: Any,
    covariates: WrittenOption = (),
    *,
    columns: WrittenOption | Mapping[str, str] = (),
    where: WrittenOption = (),
    dichotomize: WrittenOption = (),
    recode: WrittenOption | Mapping[str, Any] = (),
    weights: str | None = None,
    cluster: str | None = None,
    kind: TableKind = "auto",
    counts: str | None = None,
    drop_missing: bool = False,
    settings: ResponseSettings = ResponseSettings(),
    report: Report = ignore,
) -> ResponseTest:
    """Test whether any group of units responds to the treatment the other way on average.

    Parameters
    ----------
    source : str, path or data frame
        Micro-data or counts: a file, or the name of data that boundgen ships.
    covariates : str or sequence of str
        Columns from before the treatment; those that play the part X are covariates too.
    weights, cluster : str, optional
        Columns: how much units weigh, and which of them belong together.
    columns, where, dichotomize, recode, kind, counts, drop_missing
        As for `mediate`.
    settings : ResponseSettings
    report : function of (what, done, total)

    Returns
    -------
    ResponseTest

    Raises
    ------
    FileError
        For files that cannot be read.
    DataError
        As `mediator_response`, and for parts that are named and that the check does not use.

    Examples
    --------
    >>> print(round(response("jobs_sex", "sex", settings=ResponseSettings(splits=5)).average, 4))
    0.0781
    """
    settings.check()
    names = column_names(columns)
    pairs = [(name.variable, name.column) for name in names]
    pairs += [("X", column) for column in (column_list(covariates) if covariates else ())]
    pairs += [("C", cluster)] if cluster else []
    _check_used(
        [part for part, _ in pairs],
        [*(one.variable for one in cuts(dichotomize)), *(one.name for one in recodes(recode))],
    )
    data = read_columns(
        source,
        parts=USED,
        columns=[f"{part}={in_quotes(column)}" for part, column in dict.fromkeys(pairs)],
        where=where,
        dichotomize=dichotomize,
        recode=recode,
        weights=weights,
        kind=kind,
        counts=counts,
        drop_missing=drop_missing,
        report=report,
    )
    for part in USED[:2]:
        data.one(part)
    return response_test(data, settings)


def _check_used(named: list[str], cut: list[str]) -> None:
    idle = [part for part in dict.fromkeys([*named, *cut]) if part in PARTS and part not in USED]
    if idle:
        raise DataError(
            f"the check does not use the {' and '.join(f'{PARTS[part]} {part}' for part in idle)}",
            remedy="It uses A, M, X and C: leave the rest out of --map, --dichotomize and --recode.",
        )
