"""Cuts of a column in two, for bounds and companions alike: at its median, and cuts that nothing meets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from boundgen.data.matching import filter_coder
from boundgen.data.median import median
from boundgen.data.options import Cut, RowFilter
from boundgen.data.table import Table
from boundgen.data.tally import count_value
from boundgen.data.texts import as_number
from boundgen.errors import DataError, quoted
from boundgen.work.limits import Report


def with_median(
    table: Table, column: str, cut: Cut, filters: Sequence[RowFilter], count_column: str | None, report: Report
) -> Cut:
    """A cut with its number: ``M=median`` is above the median of the rows that are used, ``M>=median`` at it or above.

    Parameters
    ----------
    table : Table
    column : str
        What is cut.
    cut : Cut
        At the median, or at a number that then stays.
    filters : sequence of RowFilter
        Which rows are used: those that meet all filters about some one statement.
    count_column : str or None
        Of how many units each row is; None where each is one.
    report : function of (what, done, total)

    Raises
    ------
    DataError
        If the column has no numbers.
    """
    if not cut.at_median:
        return cut
    found = median(lambda: numbers_used(table, column, filters, count_column, report))
    if found is None:
        raise DataError(f"{table.name}: column {quoted(column)} has no numbers, so no median")
    return replace(cut, operator=">" if cut.operator == "=" else cut.operator, value=str(found))


def numbers_used(
    table: Table, column: str, filters: Sequence[RowFilter], count_column: str | None, report: Report
) -> Iterator[tuple[float, int]]:
    """The numbers of a column in rows that are used, and how many units they are."""
    coders = [filter_coder(each, table.labels.get(each.column, {})) for each in filters]
    ways = _ways(filters)
    extra = [each.column for each in filters] + ([count_column] if count_column else [])
    for texts, *others in table.chunks([column, *extra], report):
        tests = [coder.column(part) for coder, part in zip(coders, others, strict=False)]
        amounts = others[-1] if count_column else [None] * len(texts)
        for (text, amount, *codes), times in Counter(zip(texts, amounts, *tests, strict=True)).items():
            number = None if text is None else as_number(text)
            if number is not None and (not codes or any(all(codes[i] == 1 for i in way) for way in ways)):
                yield number, times * (1 if amount is None else count_value(amount) or 0)


def _ways(filters: Sequence[RowFilter]) -> list[list[int]]:
    """Each way for a row to be of use, as places of filters: those on all, and those on some one statement."""
    scopes = {each.statement for each in filters} - {None} or {None}
    return [[i for i, each in enumerate(filters) if each.statement in (None, scope)] for scope in scopes]


def idle_cut(table: Table, column: str, cut: Cut) -> DataError:
    """``Y=yes`` where the file says ``Yes`` would make all units alike."""
    return DataError(
        f"{table.name}: column '{column}' nowhere holds '{cut.value}'",
        remedy="Write the value as it stands there, capitals too.",
    )
