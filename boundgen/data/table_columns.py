"""The columns of a sample from a table of texts, read with the same options as for bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from boundgen.data.amounts import Read, Said, kind_of
from boundgen.data.coding import coded, coding_note, no_number
from boundgen.data.columns import Columns, Labels, scaled_weights
from boundgen.data.cuts import idle_cut, with_median
from boundgen.data.matching import Coder, Missing, Unknown, comparison, filter_coder
from boundgen.data.open_table import is_shipped, open_table
from boundgen.data.options import RowFilter, WrittenOption, column_names, cuts, row_filters
from boundgen.data.parts import EFFECTS, PARTS, PartColumn, check_part_columns, part_columns
from boundgen.data.recodes import recodes, rule_text
from boundgen.data.recoding import ValuesCoder, level_coder, with_limits
from boundgen.data.table import Table
from boundgen.data.tally import Amounts, AmountValues, Weight, counts, weights
from boundgen.data.texts import Text, is_missing, label_text, listed, number_or_truth
from boundgen.errors import DataError, quoted
from boundgen.exact.arrays import Array
from boundgen.exact.rational import as_float
from boundgen.work.limits import Report, ignore

TableKind = Literal["auto", "microdata", "counts"]
MOST_UNITS = 20_000_000
# Weights that floats hold.
SMALLEST_WEIGHT, LARGEST_WEIGHT = 1e-300, 1e300


@dataclass(frozen=True)
class Rows:
    """The rows of a table.

    Parameters
    ----------
    texts : tuple of list of str
        Of each column, in rows that are used and miss nothing.
    amounts : list of number
        How many units, or what weight, these rows are; empty where each is one unit.
    units : int
        Of all rows, used or not.
    left_out, missing : int
        Units that fail a filter, and that miss a value.
    lost : Counter of str
        By column; one unit may miss several.
    """

    texts: tuple[list[str], ...]
    amounts: list[Weight]
    units: int
    left_out: int
    missing: int
    lost: Counter[str]


def read_columns(
    source: Any,
    *,
    parts: Sequence[str] = tuple(PARTS),
    columns: WrittenOption | Mapping[str, str] = (),
    where: WrittenOption = (),
    dichotomize: WrittenOption = (),
    recode: WrittenOption | Mapping[str, Any] = (),
    weights: str | None = None,
    kind: TableKind = "auto",
    counts: str | None = None,
    drop_missing: bool = False,
    report: Report = ignore,
) -> Columns:
    """Read the columns of a sample.

    Parameters
    ----------
    source : str, path or data frame
        A file (text, Excel, R, Stata, Parquet), or the name of data that boundgen ships: micro-data, or counts.
    parts : sequence of str
        Keys of `PARTS` that are read where the data have them; other parts are left alone, also their missing values.
    columns : str, sequence of str or mapping
        Which column plays which part: ``"A=treat,M=anger,Y=vote"``; M and X may be named several times. A part that
        is not named is the column of that name, if there is one.
    dichotomize : str or sequence of str
        ``"M=median"``, ``"M>7"``, ``"Y=yes"``: a part becomes 1 where the comparison holds, else 0. Where several
        columns play a part, the name of one of them stands in its place: ``"sex=female"``.
    recode : str, sequence of str or mapping
        As for `boundgen.data.reading.read_data`, of parts or of columns: ``"M=cut(1,3)"`` is 0, 1 and 2, and of a
        covariate its levels.
    where, weights, drop_missing
        As for `boundgen.data.reading.read_data`.
    kind : {"auto", "microdata", "counts"}
    counts : str, optional
        The column of counts, whatever its name.

    Raises
    ------
    FileError
        For files that cannot be read.
    DataError
        For columns that are not there, values that are missing or no numbers, and counts that are no counts.
    """
    table = open_table(source)
    filters = row_filters(where)
    every = part_columns(table, column_names(columns), cuts(dichotomize), recodes(recode))
    check_part_columns(table, every, filters, weights)
    kind = "counts" if kind == "auto" and is_shipped(source) else kind
    said = Said(kind, counts, None, weights, takes_probabilities=False)
    count_column = _count_column(table, every, filters, said, report)
    wanted = [_with_number(table, one, filters, count_column, report) for one in every if one.part in parts]
    amounts = _amounts(count_column, weights)
    rows = _read(table, wanted, filters, amounts, report)
    _refuse_no_rows(table, rows, drop_missing)
    return _columns(table, wanted, amounts, rows)


def check_columns(
    source: Any,
    *,
    columns: WrittenOption | Mapping[str, str] = (),
    where: WrittenOption = (),
    dichotomize: WrittenOption = (),
    recode: WrittenOption | Mapping[str, Any] = (),
    weights: str | None = None,
) -> None:
    """Refuse options that name what is not there, whatever the method.

    Raises
    ------
    FileError, DataError
        As in `read_columns`.
    """
    table = open_table(source)
    every = part_columns(table, column_names(columns), cuts(dichotomize), recodes(recode))
    check_part_columns(table, every, row_filters(where), weights)


# ---------------------------------------------------------------- before reading
def _count_column(
    table: Table, columns: Sequence[PartColumn], filters: Sequence[RowFilter], said: Said, report: Report
) -> str | None:
    """The column of counts; None for micro-data. Where it could be either, it is asked for."""
    if said.counts is not None:
        table.check(said.counts, " for counts", "")
    read = Read((), tuple(dict.fromkeys([*(one.column for one in columns), *(each.column for each in filters)])))
    kind, column = kind_of(table, read, said, report)
    if kind == "probabilities":
        raise DataError(
            f"{table.name}: probabilities do not say how many units there are",
            remedy=f"Give counts or micro-data; for micro-data with a column '{column}' say --kind microdata.",
        )
    if kind == "counts" and said.weights:
        raise DataError(f"{table.name}: counts take no weights", remedy="--weights is for micro-data.")
    if kind == "counts" and said.kind == "auto" and not said.counts and any(one.part in EFFECTS for one in columns):
        raise DataError(
            f"{table.name}: a column {quoted(column)} beside effects of groups: "
            "how many such groups, or units in each?",
            remedy=f"--counts '{column}' repeats each group so often; --kind microdata takes each row as one group.",
        )
    return column


def _with_number(
    table: Table, one: PartColumn, filters: Sequence[RowFilter], count_column: str | None, report: Report
) -> PartColumn:
    cut = one.cut and with_median(table, one.column, one.cut, filters, count_column, report)
    recode = one.recode and with_limits(table, one.column, one.recode, filters, count_column, report)
    return replace(one, cut=cut, recode=recode)


def _amounts(count_column: str | None, weight_column: str | None) -> Amounts | None:
    if weight_column:
        return weights(weight_column)
    return counts(count_column) if count_column else None


# ---------------------------------------------------------------- reading
def _read(
    table: Table, columns: Sequence[PartColumn], filters: Sequence[RowFilter], amounts: Amounts | None, report: Report
) -> Rows:
    """Every row: whether it is used, what it misses, and what stands in it."""
    held: tuple[list[str], ...] = tuple([] for _ in columns)
    kept: list[Weight] = []
    units, lost = Counter[str](), Counter[str]()
    names = [*(one.column for one in columns), amounts.column if amounts else ""]
    for row, amount, used in _each_row(table, columns, filters, amounts, report):
        times = int(amount) if amounts is not None and amounts.what == "count" and amount is not None else 1
        values: tuple[Any, ...] = (*row, amount)
        gone = [name for name, value in zip(names, values, strict=True) if _is_gone(value)] if used else []
        units["missing" if gone else "used" if used else "left out"] += times
        lost.update(dict.fromkeys(gone, times))
        if used and not gone:
            kept.append(values[-1])
            for texts, text in zip(held, values, strict=False):
                texts.append(text)
    return Rows(held, kept, units.total(), units["left out"], units["missing"], lost)


def _is_gone(value: Any) -> bool:
    return is_missing(value) if isinstance(value, str) else value is None


def _each_row(
    table: Table, columns: Sequence[PartColumn], filters: Sequence[RowFilter], amounts: Amounts | None, report: Report
) -> Iterator[tuple[tuple[Text, ...], Weight | None, bool]]:
    """The texts of a row, its amount (None: missing), and whether it meets the filters."""
    tests = [filter_coder(each, table.labels.get(each.column, {})) for each in filters]
    values = _AmountsInReach(table, amounts) if amounts else None
    recoders = [_recoder(table, one) for one in columns]
    count = len(columns)
    names = [
        *(one.column for one in columns),
        *(each.column for each in filters),
        *([amounts.column] if amounts else []),
    ]
    # Where no column plays a part, which the methods say, rows are counted by any column.
    for chunk in table.chunks(names or table.columns[:1], report):
        size = len(chunk[0])
        codes = [test.column(texts) for test, texts in zip(tests, chunk[count:], strict=False)]
        used = [all(code == 1 for code in row) for row in zip(*codes, strict=True)] if codes else [True] * size
        held: Sequence[Weight | None] = [1] * size if values is None else values.of(chunk[-1])
        texts = [_recoded(table, *one, used) for one in zip(columns, recoders, chunk[:count], strict=True)]
        rows = zip(*texts, strict=True) if count else iter([()] * size)
        yield from zip(rows, held, used, strict=True)
    for one, recoder in zip(columns, recoders, strict=True):
        if one.recode and isinstance(recoder, ValuesCoder):
            recoder.becoming.check(table, one.column, one.recode.name)


def _recoder(table: Table, one: PartColumn) -> Coder | None:
    if one.recode is None:
        return None
    return level_coder(one.recode, table.labels.get(one.column, {}), not (one.may_be_text or one.labelled))


def _recoded(
    table: Table, one: PartColumn, recoder: Coder | None, texts: list[Text], used: Sequence[bool]
) -> list[Text]:
    """The texts of a chunk of a column as its rule makes them."""
    if recoder is None:
        return texts
    codes = recoder.column(texts)
    strange = next(
        (code for code, is_used in zip(codes, used, strict=True) if is_used and isinstance(code, Unknown)), None
    )
    if strange is not None:
        raise DataError(
            f"{table.name}: {quoted(strange.text)} of column {quoted(one.column)} is not a number",
            remedy="Only numbers can be cut.",
        )
    return [None if isinstance(code, Missing | Unknown) else str(code) for code in codes]


class _AmountsInReach(AmountValues):
    """Amounts that floats hold."""

    def __missing__(self, text: Text) -> Weight | None:
        found = super().__missing__(text)
        if found and not SMALLEST_WEIGHT <= _float(found) <= LARGEST_WEIGHT:
            raise DataError(
                f"{self._table.name}: {quoted(text or '')} in column {quoted(self._amounts.column)} "
                "is a weight of extreme size",
                remedy="Only ratios of weights matter: give them in other units.",
            )
        return found


def _float(number: Weight) -> float:
    return as_float(number) if isinstance(number, Fraction | int) else float(number)


def _refuse_no_rows(table: Table, rows: Rows, drop_missing: bool) -> None:
    if not rows.units:
        raise DataError(f"{table.name}: there are no rows", remedy="Data have a row below the header at least.")
    if rows.missing and not drop_missing:
        shown = listed([f"{column} {count}" for column, count in rows.lost.most_common()])
        raise DataError(
            f"{table.name}: {rows.missing} of {rows.units} rows miss a value: {shown}",
            remedy="--drop-missing leaves them out.",
        )


# ---------------------------------------------------------------- columns
def _columns(table: Table, columns: Sequence[PartColumn], amounts: Amounts | None, rows: Rows) -> Columns:
    """The sample; counts become that many units, and rows of weight zero are none."""
    totals = np.array([_float(amount) for amount in rows.amounts], dtype=np.float64)
    weighted = amounts is not None and amounts.what == "weight"
    times = _times(table, totals, weighted)
    numbers: dict[str, tuple[Array, ...]] = {}
    labels: dict[str, Labels] = {}
    names: dict[str, tuple[str, ...]] = {}
    for one, texts in zip(columns, rows.texts, strict=True):
        if one.labelled:
            read = Labels.of([label_text(text) for text in texts])
            label = read.at(np.repeat(np.arange(len(times)), times))
            labels[one.part] = labels[one.part].crossed(label) if one.part in labels else label
            names[one.part] = (*names.get(one.part, ()), one.column)
            continue
        for name, column in _numbers(table, one, texts):
            names[one.part] = (*names.get(one.part, ()), name)
            numbers[one.part] = (*numbers.get(one.part, ()), np.repeat(column, times))
    weight = scaled_weights(totals[times > 0]) if weighted else None
    notes = tuple(_notes(columns, names, amounts, rows))
    return Columns(numbers, labels, weight, names, int(times.sum()), table.name, rows.units, notes)


def _times(table: Table, totals: Array, weighted: bool) -> npt.NDArray[np.int64]:
    """How many units each row is."""
    times = (totals > 0).astype(np.int64) if weighted else totals.astype(np.int64)
    if times.sum() > MOST_UNITS:
        raise DataError(f"{table.name}: {times.sum()} units", remedy=f"At most {MOST_UNITS} are taken.")
    if not times.sum():
        raise DataError(
            f"{table.name}: no unit is left", remedy="All rows miss a value, fail a condition, or count zero."
        )
    return times


def _numbers(table: Table, one: PartColumn, texts: Sequence[str]) -> list[tuple[str, Array]]:
    """A column as numbers: cut, read, or by indicators."""
    about = f"{table.name}: "
    if one.cut is not None:
        return [(one.column, _cut(table, one, texts))]
    stripped = [text.strip() for text in texts]
    if not one.may_be_text:
        wrong = next((text for text in dict.fromkeys(stripped) if number_or_truth(text) is None), None)
        if wrong is not None:
            raise no_number(one.column, one.part, wrong, about, one.called)
    return coded(one.column, one.part, stripped, about, one.called)


def _cut(table: Table, one: PartColumn, texts: Sequence[str]) -> Array:
    """1 where the comparison holds, else 0."""
    assert one.cut
    test = comparison(one.cut.operator, one.cut.value, table.labels.get(one.column, {}))
    held: dict[str, bool] = {}
    for text in dict.fromkeys(texts):
        found = test(text.strip()) if test else None
        if found is None:
            raise _uncut(table, one, text.strip())
        held[text] = found
    if one.cut.operator in ("=", "!=") and (one.cut.operator == "=") not in held.values():
        raise idle_cut(table, one.column, one.cut)
    return np.array([held[text] for text in texts], dtype=np.float64)


def _uncut(table: Table, one: PartColumn, text: str) -> DataError:
    assert one.cut
    if one.cut.operator in ("=", "!="):
        return DataError(
            f"{table.name}: '{text[:80]}' in column '{one.column}' cannot be compared with {one.cut.value}",
            remedy="Write numbers with a decimal point, and without separators of thousands.",
        )
    wrong = text if number_or_truth(text) is None else one.cut.value
    return DataError(
        f"{table.name}: {quoted(wrong)} of column {quoted(one.column)} is not a number",
        remedy="Only numbers can be cut.",
    )


def _notes(
    columns: Sequence[PartColumn], names: Mapping[str, Sequence[str]], amounts: Amounts | None, rows: Rows
) -> Iterator[str]:
    for one in columns:
        if one.cut:
            yield f"{one.called} is 1 where {one.column} {one.cut.operator} {one.cut.value}"
        if one.recode:
            yield f"{one.called} of {one.column}: {rule_text(one.recode.rule)}"
    for one, texts in zip(columns, rows.texts, strict=True):
        if one.may_be_text and one.column not in names[one.part]:
            yield coding_note(one.column, [text.strip() for text in texts])
    if rows.left_out:
        yield f"{rows.left_out} rows fail a condition"
    if rows.missing:
        yield f"{rows.missing} rows with missing values left out"
    if amounts is not None and amounts.what == "weight":
        yield f"weights: {amounts.column}"
