"""Data as people give them: observed data, cells by name, or whatever `read_data` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from boundgen.errors import DataError, no_option
from boundgen.exact.rational import measured
from boundgen.language.model import Model
from boundgen.language.statements import Parameter

if TYPE_CHECKING:
    from boundgen.data.observed import ObservedData

GivenCells = dict[str, Fraction]


def keywords_of(
    model: Model | None, parameters: Sequence[Parameter], keywords: Mapping[str, Any], further: Sequence[str] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options of `read_data`, and values of parameters, from keywords: these may be names of variables, too.

    Returns
    -------
    tuple of (dict, dict)

    Raises
    ------
    DataError
        For keywords that are two of these.
    no_option
        The error that one is nothing of these.
    """
    from boundgen.data.reading import READING

    variables, declared = list(model.by_name) if model else [], [each.name for each in parameters]
    reading: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name, value in keywords.items():
        homes = name in READING, name in variables, name in declared
        if sum(homes) > 1:
            raise DataError(
                f"{name!r} is both an option and a name of the model",
                remedy="Say it by columns={...} or parameters={...}.",
            )
        if not any(homes):
            raise no_option(name, [*variables, *declared, *further, *READING])
        (values if homes[2] else reading)[name] = value
    return reading, values


def with_keywords(
    model: Model | None,
    parameters: Sequence[Parameter],
    data: Any,
    values: Mapping[str, Any] | None,
    keywords: Mapping[str, Any],
) -> tuple[Any, Mapping[str, Any] | None]:
    """Data and values of parameters, where keywords say more of them: data are read then."""
    if not keywords:
        return data, values
    check_no_strata(keywords)
    reading, more = keywords_of(model, parameters, keywords)
    return given_data(model, data, reading) if reading else data, {**(values or {}), **more}


def check_no_strata(keywords: Mapping[str, Any]) -> None:
    """Refuse covariates where bounds are not averaged over their strata.

    Raises
    ------
    DataError
    """
    from boundgen.data.options import column_list

    if column_list(keywords.get("within") or ()):
        raise DataError(
            "bounds within strata are not evaluated by a closed form",
            remedy="estimate(..., within=...) averages them over strata, and evaluate(..., law=...) does.",
        )


def given_data(model: Model | None, data: Any, options: Mapping[str, Any]) -> ObservedData | GivenCells:
    """Observed data as they are, probabilities of cells as exact numbers, and anything else as `read_data` reads it.

    Parameters
    ----------
    model : Model or None
        None where what the data are for does not know its model: a table cannot be read then.
    data : ObservedData, mapping, or source of `read_data`
        A mapping of cells to numbers holds probabilities, floats at their decimal text; one of which the numbers are
        counts, and one of columns, are tables.
    options : mapping
        Of `read_data`. They come too late for observed data.

    Returns
    -------
    ObservedData or dict of cell to Fraction
    """
    if isinstance(data, Mapping) and not options and _are_probabilities(data):
        return {str(name): measured(value, str(name)) for name, value in data.items()}
    return given_sample(model, data, options)


def given_sample(model: Model | None, data: Any, options: Mapping[str, Any]) -> ObservedData:
    """As `given_data`, but what has numbers by cell is read as data too: numbers of units are wanted."""
    from boundgen.data.observed import ObservedData
    from boundgen.data.reading import read_data

    if isinstance(data, ObservedData):
        _check_read(options)
        return data
    if model is None:
        raise DataError(
            "these bounds do not know their model, so that no table can be read for them",
            remedy="Give read_data(model, ...), or probabilities of cells by name.",
        )
    found: ObservedData = read_data(model, _table(data), **options)
    return found


def _check_read(options: Mapping[str, Any]) -> None:
    if options:
        raise DataError(
            f"the data are read already, so that {', '.join(options)} cannot be taken into account",
            remedy="Give this to read_data, or the table itself instead of what was read.",
        )


def _are_probabilities(data: Mapping[Any, Any]) -> bool:
    """Whether each value is one number, and not all are counts."""
    values = list(data.values())
    if any(_is_column(value) for value in values):
        return False
    counts = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    return not counts or set(values) <= {0, 1}


def _is_column(value: object) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str)


def _table(data: Any) -> Any:
    """A mapping of columns, or a list of rows by name, as the data frame that it stands for."""
    if isinstance(data, list) and data and all(isinstance(row, Mapping) for row in data) and not _are_cells(data):
        from boundgen.work.libraries import library

        return library("pandas", "data", "a table in rows needs").DataFrame(data)
    if isinstance(data, Mapping) and data and all(isinstance(key, str) and _is_column(v) for key, v in data.items()):
        from boundgen.work.libraries import library

        try:
            return library("pandas", "data", "a table in columns needs").DataFrame(dict(data))
        except ValueError as error:
            raise DataError(f"the columns make no table: {error}", remedy="All are of one length.") from None
    return data


def _are_cells(data: Sequence[Mapping[Any, Any]]) -> bool:
    """Whether these are laws of several statements, by names of cells."""
    return any(str(key).lstrip()[:2] in ("P(", "E[") for row in data for key in row)
