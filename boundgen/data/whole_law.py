"""A model whose outcome has every value that data hold, and these data: its whole law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from boundgen.data.observed import ObservedData
from boundgen.data.open_table import open_table
from boundgen.data.options import column_names, cuts
from boundgen.data.reading import read_data
from boundgen.data.recodes import recodes
from boundgen.data.sources import given_sources
from boundgen.data.texts import exact_number, is_missing
from boundgen.errors import DataError, did_you_mean, quoted
from boundgen.language.model import Model
from boundgen.language.values import is_number, number_value, value_text
from boundgen.language.variables import ManyValued, Variable
from boundgen.strata.cells import observed_arms
from boundgen.work.limits import Limits, Report, ignore

# Every value makes a cell of each event of the other variables.
LAW_CELLS = 5_000_000


def with_whole_law(
    model: Model, outcome: str, source: Any, limits: Limits = Limits(), report: Report = ignore, **options: Any
) -> tuple[Model, ObservedData]:
    """The model with an outcome that has the values in the data, and the data read for it.

    A bounded outcome keeps the ends that the model states; one that is declared with a list of numbers has the range
    of the data.

    Parameters
    ----------
    model : Model
    outcome : str
    source, options
        As for `read_data`.
    limits : Limits
    report : function of (what, done, total)

    Returns
    -------
    (Model, ObservedData)

    Raises
    ------
    DataError
        For outcomes that are not there, are not observed or not numeric, and values outside of the stated ends.
    """
    variable = law_outcome(model, outcome)
    if any(each.variable == outcome for each in cuts(options.get("dichotomize", ()))) or any(
        each.name == outcome for each in recodes(options.get("recode", ()))
    ):
        raise DataError(
            f"'{outcome}' is recoded or dichotomized, and its whole law is asked for",
            remedy="Its values are those of its column: leave one of the two out.",
        )
    ends = {Fraction(end) for end in variable.domain if not isinstance(end, str)} if variable.bounded else set()
    found = _values(outcome, source, options, report)
    if not found | ends:
        raise DataError(f"no number stands in the column of '{outcome}'", remedy="Its law is one of numbers.")
    limits = replace(limits, cells=max(limits.cells, LAW_CELLS))
    wide = _with_values(model, variable, found | ends)
    data = read_data(wide, source, limits=limits, report=report, **options)
    used = _used(wide, data, outcome)
    if ends and used and not min(ends) <= min(used) <= max(used) <= max(ends):
        strange = min(used) if min(used) < min(ends) else max(used)
        raise DataError(
            f"'{outcome}' has the value {float(strange):g}, outside of its ends "
            f"{' and '.join(value_text(each) for each in variable.domain)}",
            remedy="State ends between which every value lies.",
        )
    if not used | ends:
        raise DataError(f"no unit that is used has a value of '{outcome}'", remedy="Its law is one of numbers.")
    if used | ends == found | ends:
        return wide, data
    narrow = _with_values(model, variable, used | ends)
    return narrow, read_data(narrow, source, limits=limits, report=ignore, **options)


def law_outcome(model: Model, outcome: str) -> Variable:
    """The variable of which the whole law is asked for.

    Returns
    -------
    Variable

    Raises
    ------
    DataError
        Where there is none of this name, or it is not a numeric outcome that is observed.
    """
    if outcome not in model.by_name:
        raise DataError(
            f"the model has no variable {quoted(outcome)} for --law",
            remedy=f"{did_you_mean(outcome, model.by_name)}variables: {', '.join(model.by_name)}",
        )
    variable = model.by_name[outcome]
    if variable.randomized or not all(map(is_number, variable.domain)):
        raise DataError(
            f"'{outcome}' is randomized or has named values, and has no law of numbers",
            remedy="--law names a numeric outcome.",
        )
    for observation in model.observations:
        for name, value in observation.settings:
            if name == outcome and value is not None:
                raise DataError(
                    f"'{outcome}' is observed at one value", remedy="Observe it whole: its law is asked for."
                )
    if not any(outcome in dict(each.outcomes) for each in model.observations):
        raise DataError(f"'{outcome}' is not observed", remedy="--law names an outcome that stands in observe.")
    return variable


def _with_values(model: Model, variable: Variable, values: set[Fraction]) -> Model:
    domain = tuple(number_value(value) for value in sorted(values))
    many = ManyValued(variable.name, domain, False, variable.parents, variable.where)
    variables = tuple(many if each.name == variable.name else each for each in model.variables)
    return replace(model, variables=variables, claims=())


def _values(outcome: str, source: Any, options: Mapping[str, Any], report: Report) -> set[Fraction]:
    """Every number in the columns of the outcome, whether or not its row is used."""
    return {
        number
        for text in set(_texts(outcome, source, options, report))
        if text is not None and not is_missing(text)
        for number in [exact_number(text.strip())]
        if number is not None
    }


def _texts(outcome: str, source: Any, options: Mapping[str, Any], report: Report) -> Iterator[str | None]:
    names = column_names(options.get("columns", ()))
    columns = dict.fromkeys([*(each.column for each in names if each.variable == outcome), outcome])
    found = False
    for _, one in given_sources(source):
        if isinstance(one, Mapping):
            continue
        table = open_table(one)
        for column in columns:
            if table.columns.count(column) == 1:
                found = True
                for (texts,) in table.chunks([column], report):
                    yield from texts
                break
    if not found:
        raise DataError(
            f"no file has a column {quoted(next(iter(columns)))} of the values of '{outcome}'",
            remedy=f"The whole law is read from rows or counts beside a column of values: --map {outcome}=COLUMN.",
        )


def _used(model: Model, data: ObservedData, outcome: str) -> set[Fraction]:
    """The values that some unit has, among those that are used."""
    found: set[Fraction] = set()
    limits = Limits(cells=LAW_CELLS)
    for arm, seen in zip(observed_arms(model, limits), data.arms, strict=True):
        for cell, amount in zip(arm.cells, seen.amounts, strict=True):
            if amount.total:
                found |= {
                    Fraction(value) for name, value in cell.event if name == outcome and not isinstance(value, str)
                }
    return found
