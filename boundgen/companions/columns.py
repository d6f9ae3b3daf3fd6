"""Columns of numbers for the companion methods, read from the same sources and with the same options as for bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from boundgen.companions.result import DataFacts
from boundgen.data.amounts import Read, Said, kind_of
from boundgen.data.matching import COMPARE, filter_coder
from boundgen.data.median import median
from boundgen.data.options import ColumnName, Cut, RowFilter, Written, column_names, cuts, row_filters
from boundgen.data.tables import Table, open_table
from boundgen.data.tally import count_value, weight_value
from boundgen.data.texts import Text, as_number, is_missing, label_text, listed, looks_numeric, number_or_truth
from boundgen.errors import DataError, quoted
from boundgen.exact.rational import as_float
from boundgen.work.limits import Report, silent

Array = npt.NDArray[np.float64]
Kind = Literal["auto", "microdata", "counts"]
# What a column may be to a method; those in LABELLED are text or numbers, all others are numbers.
PARTS = {
    "A": "treatment",
    "M": "mediator",
    "Y": "outcome",
    "Z": "instrument",
    "S": "site or subgroup",
    "X": "covariate",
    "W": "further covariate",
    "C": "cluster",
    "gamma_hat": "effect on the mediator",
    "tau_hat": "effect on the outcome",
    "sd_u": "standard error of gamma_hat",
    "sd_v": "standard error of tau_hat",
    "cov_uv": "covariance of both errors",
}
LABELLED, SEVERAL = ("S", "C"), ("M", "X", "W")
COVARIATES = ("X", "W")
EFFECTS = ("gamma_hat", "tau_hat", "sd_u", "sd_v")
MOST_UNITS, MOST_TEXTS = 20_000_000, 20
# Weights that floats hold.
SMALLEST, LARGEST = 1e-300, 1e300


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a sample, one entry for each unit that is used.

    Parameters
    ----------
    source : str
        The file, for messages.
    numbers : mapping of part to tuple of arrays of shape (n,)
        ``A``, ``M``, ``Y``, ``Z``, ``X``, ``W``; several mediators or covariates in the order of their naming. A
        covariate of texts is the indicators of all its texts but the first, named ``"sex=male"``.
    labels : mapping of part to tuple of str
        ``S``, ``C``: the site or subgroup, and the cluster, of each unit.
    weights : array of shape (n,) or None
    names : mapping of part to tuple of str
        Which columns they are.
    facts : DataFacts
    """

    source: str
    numbers: Mapping[str, tuple[Array, ...]]
    labels: Mapping[str, tuple[str, ...]]
    weights: Array | None
    names: Mapping[str, tuple[str, ...]]
    facts: DataFacts

    def has(self, part: str) -> bool:
        """Whether some column plays this part."""
        return part in self.names

    def one(self, part: str) -> Array:
        """The only column that plays a part.

        Raises
        ------
        DataError
            If none or several do.
        """
        found = self.several(part)
        if len(found) > 1:
            raise DataError(
                f"{self.source}: {len(found)} columns are the {PARTS[part]}",
                remedy=f"This method takes one: --map {part}=COLUMN.",
            )
        return found[0]

    def several(self, part: str) -> tuple[Array, ...]:
        """The columns that play a part, one at least."""
        if part not in self.numbers:
            raise DataError(
                f"{self.source}: no column is the {PARTS[part]} {part}", remedy=f"Name it: --map {part}=COLUMN."
            )
        return self.numbers[part]


@dataclass(frozen=True)
class _Asked:
    """A column that is read, for a part of the analysis."""

    part: str
    column: str
    cut: Cut | None

    @property
    def labelled(self) -> bool:
        return self.part in LABELLED and self.cut is None

    @property
    def may_be_text(self) -> bool:
        """Whether texts become indicators: any coding of a covariate spans the same space."""
        return self.part in COVARIATES and self.cut is None


def read_columns(
    source: Any,
    *,
    parts: Sequence[str] = tuple(PARTS),
    columns: Written | Mapping[str, str] = (),
    where: Written = (),
    dichotomize: Written = (),
    weights: str | None = None,
    kind: Kind = "auto",
    counts: str | None = None,
    drop_missing: bool = False,
    report: Report = silent,
) -> Columns:
    """Read the columns of a sample.

    Parameters
    ----------
    source : str, path or data frame
        A file (CSV, Parquet, Stata), or the name of data that boundgen ships: micro-data, or counts.
    parts : sequence of str
        Keys of `PARTS` that are read where the data have them; other parts are left alone, also their missing values.
    columns : str, sequence of str or mapping
        Which column plays which part: ``"A=treat,M=anger,Y=vote"``; M and X may be named several times. A part that
        is not named is the column of that name, if there is one.
    dichotomize : str or sequence of str
        ``"M=median"``, ``"M>7"``, ``"Y=yes"``: a part becomes 1 where the comparison holds, else 0. Where several
        columns play a part, the name of one of them stands in its place: ``"sex=female"``.
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
    conditioned = row_filters(where)
    asked = _asked(table, column_names(columns), cuts(dichotomize))
    _check(table, asked, conditioned, weights)
    amount = _amount_column(
        table, asked, conditioned, Said(kind, counts, None, weights, takes_probabilities=False), report
    )
    asked = [one for one in asked if one.part in parts]
    asked = [_at_median(table, one, conditioned, amount, report) for one in asked]
    rows = _Rows(table, asked, conditioned, weights, amount)
    rows.read(report)
    return rows.columns(drop_missing)


def check_columns(
    source: Any,
    *,
    columns: Written | Mapping[str, str] = (),
    where: Written = (),
    dichotomize: Written = (),
    weights: str | None = None,
) -> None:
    """Refuse options that name what is not there, whatever the method.

    Raises
    ------
    FileError, DataError
        As in `read_columns`.
    """
    table = open_table(source)
    _check(table, _asked(table, column_names(columns), cuts(dichotomize)), row_filters(where), weights)


def scaled_weights(weights: Array) -> Array:
    """Weights that are one at most: only their ratios matter, and their squares must be numbers too.

    They are divided by a power of two, which rounds nothing.
    """
    return np.ldexp(weights, -int(np.frexp(weights.max(initial=0.0))[1]))


# ---------------------------------------------------------------- what is asked for
def _asked(table: Table, named: Sequence[ColumnName], cut: Sequence[Cut]) -> list[_Asked]:
    """Every column that plays a part, in the order of the parts."""
    _check_names([name.variable for name in named])
    found: list[_Asked] = []
    explicit = {name.column for name in named}
    for part in PARTS:
        columns = [name.column for name in named if name.variable == part]
        columns = columns or [column for column in (part,) if column in table.columns and column not in explicit]
        if len(columns) > 1 and part not in SEVERAL:
            raise DataError(f"the {PARTS[part]} {part} is named {len(columns)} times", remedy="Name one column.")
        found += [_Asked(part, column, None) for column in columns]
    places = {_cut_place(table, found, one): one for one in cut}
    return [replace(one, cut=places.get(place)) for place, one in enumerate(found)]


def _cut_place(table: Table, asked: Sequence[_Asked], cut: Cut) -> int:
    """Which column a cut is about: by its part, or by its name."""
    places = [place for place, one in enumerate(asked) if cut.variable in (one.part, one.column)]
    if not places:
        raise DataError(
            f"{table.name}: no column is {cut.variable}, so it cannot be cut", remedy=f"--map {cut.variable}=COLUMN."
        )
    if len(places) > 1:
        names = [asked[place].column for place in places]
        raise DataError(
            f"{table.name}: {len(names)} columns are {cut.variable}, so that a cut could mean each of them",
            remedy=f"Name the column: {listed(names)}.",
        )
    return places[0]


def _check_names(found: Sequence[str]) -> None:
    for part in found:
        if part not in PARTS:
            shown = ", ".join(f"{key} {words}" for key, words in PARTS.items())
            raise DataError(f"{quoted(part)} is no part that a column can play", remedy=f"Parts: {shown}.")


def _check(table: Table, asked: Sequence[_Asked], where: Sequence[RowFilter], weights: str | None) -> None:
    taken: dict[str, str] = {}
    for one in asked:
        table.check(one.column, f" for the {PARTS[one.part]} {one.part}", f"Name it: --map {one.part}=COLUMN; ")
        if one.column in taken:
            raise DataError(f"column {quoted(one.column)} cannot be both {taken[one.column]} and {one.part}")
        taken[one.column] = one.part
    for condition in where:
        if condition.statement is not None:
            raise DataError("conditions for one observe statement make no sense here", remedy="Write COLUMN=VALUE.")
        table.check(condition.column, f" for the condition {condition}", "")
    if weights:
        table.check(weights, " for weights", "")


def _amount_column(
    table: Table, asked: Sequence[_Asked], where: Sequence[RowFilter], said: Said, report: Report
) -> str | None:
    """The column of counts; None for micro-data. Where it could be either, it is asked for."""
    if said.counts is not None:
        table.check(said.counts, " for counts", "")
    read = Read((), tuple(dict.fromkeys([*(one.column for one in asked), *(condition.column for condition in where)])))
    found, column = kind_of(table, read, said, report)
    if found == "probabilities":
        raise DataError(
            f"{table.name}: probabilities do not say how many units there are",
            remedy=f"Give counts or micro-data; for micro-data with a column '{column}' say --kind microdata.",
        )
    if found == "counts" and said.weights:
        raise DataError(f"{table.name}: counts take no weights", remedy="--weights is for micro-data.")
    if found == "counts" and said.kind == "auto" and not said.counts and any(one.part in EFFECTS for one in asked):
        raise DataError(
            f"{table.name}: a column {quoted(column)} beside effects of groups: "
            "how many such groups, or units in each?",
            remedy=f"--counts '{column}' repeats each group so often; --kind microdata takes each row as one group.",
        )
    return column


def _at_median(table: Table, one: _Asked, where: Sequence[RowFilter], amount: str | None, report: Report) -> _Asked:
    if one.cut is None or not one.cut.at_median:
        return one
    found = median(lambda: _numbers(table, one.column, where, amount, report))
    if found is None:
        raise DataError(f"{table.name}: column {quoted(one.column)} has no numbers, so no median")
    operator = ">" if one.cut.operator == "=" else one.cut.operator
    return _Asked(one.part, one.column, Cut(one.part, operator, str(found)))


def _numbers(
    table: Table, column: str, where: Sequence[RowFilter], amount: str | None, report: Report
) -> Iterator[tuple[float, int]]:
    """The numbers of a column in rows that are used, with how many units each is."""
    tests = [filter_coder(condition, table.labels.get(condition.column, {})) for condition in where]
    extra = [condition.column for condition in where] + ([amount] if amount else [])
    for texts, *others in table.chunks([column, *extra], report):
        held = [coder.column(part) for coder, part in zip(tests, others, strict=False)]
        amounts = others[-1] if amount else ["1"] * len(texts)
        for text, count, *codes in zip(texts, amounts, *held, strict=True):
            number = None if text is None else as_number(text)
            if number is not None and all(code == 1 for code in codes):
                yield number, count_value(count or "") or 0


# ---------------------------------------------------------------- reading
class _Rows:
    """What was read so far; filled once, then made into `Columns`."""

    def __init__(
        self,
        table: Table,
        asked: Sequence[_Asked],
        where: Sequence[RowFilter],
        weights: str | None,
        amount: str | None,
    ) -> None:
        self.table, self.asked, self.weights, self.amount = table, asked, weights, amount
        self.where = where
        self.values: list[list[Any]] = [[] for _ in asked]
        self.totals: list[float] = []
        self.rows = self.left_out = self.missing = 0
        self.lost: Counter[str] = Counter()
        self.coded: list[str] = []

    def read(self, report: Report) -> None:
        """Read every row: test it, then its values."""
        total = self.weights or self.amount
        wanted = [one.column for one in self.asked]
        tests = [filter_coder(c, self.table.labels.get(c.column, {})) for c in self.where]
        names = [*wanted, *(c.column for c in self.where), *([total] if total else [])]
        # Where no column plays a part, which the methods say, rows are counted by any column.
        for chunk in self.table.chunks(names or self.table.columns[:1], report):
            held = [coder.column(part) for coder, part in zip(tests, chunk[len(wanted) :], strict=False)]
            amounts: Sequence[Text] = chunk[-1] if total else ["1"] * len(chunk[0])
            rows = zip(*chunk[: len(wanted)], strict=True) if wanted else [()] * len(amounts)
            for row, amount, *codes in zip(rows, amounts, *held, strict=True):
                self._take(row, amount, all(code == 1 for code in codes))
        if not self.rows:
            raise DataError(
                f"{self.table.name}: there are no rows", remedy="Data have a row below the header at least."
            )

    def _take(self, row: Sequence[Text], amount: Text, used: bool) -> None:
        total = self._total(amount)
        units = int(total) if self.amount and total is not None else 1
        self.rows += units
        if not used:
            self.left_out += units
            return
        lost = [one.column for one, text in zip(self.asked, row, strict=True) if text is None or is_missing(text)]
        lost += [self.weights or ""] if total is None else []
        if lost:
            self.missing += units
            self.lost.update(dict.fromkeys(lost, units))
            return
        for values, one, text in zip(self.values, self.asked, row, strict=True):
            values.append(self._value(one, text or ""))
        self.totals.append(0.0 if total is None else total)

    def _total(self, amount: Text) -> float | None:
        """What a row counts; None where its weight is missing."""
        if self.weights and (amount is None or is_missing(amount)):
            return None
        text = (amount or "").strip()
        found = weight_value(text) if self.weights else count_value(text)
        if found is None:
            what, column = ("weight", self.weights) if self.weights else ("count", self.amount)
            needs = "Weights are numbers, zero or more." if self.weights else "Counts are integers, zero or more."
            raise DataError(
                f"{self.table.name}: {quoted(text)} in column {quoted(column)} is not a {what}", remedy=needs
            )
        number = as_float(found) if isinstance(found, Fraction | int) else float(found)
        if number and not SMALLEST <= number <= LARGEST:
            raise DataError(
                f"{self.table.name}: {quoted(text)} in column {quoted(self.weights)} is a weight of extreme size",
                remedy="Only ratios of weights matter: give them in other units.",
            )
        return number

    def _value(self, one: _Asked, text: str) -> float | str:
        label = text.strip()
        if one.labelled:
            return label_text(label)
        number = as_number(label)
        if one.cut is not None:
            return _cut(self.table, one, label)
        if number is not None:
            return float(number)
        if label.lower() in ("true", "false"):
            return float(label.lower() == "true")
        if one.may_be_text:
            return label
        raise self._no_number(one, label)

    def _no_number(self, one: _Asked, label: str) -> DataError:
        return DataError(
            f"{self.table.name}: column {quoted(one.column)} ({PARTS[one.part]}) holds {quoted(label)}, "
            "which is not a number",
            remedy=f"Code it in numbers, or make it 0 and 1: --dichotomize {quoted(f'{self._called(one)}={label}')}.",
        )

    def _called(self, one: _Asked) -> str:
        """How the command line names a column: by its part, or where several play it by its own name."""
        return one.column if sum(other.part == one.part for other in self.asked) > 1 else one.part

    def columns(self, drop_missing: bool) -> Columns:
        """The sample; counts become that many units."""
        if self.missing and not drop_missing:
            shown = listed([f"{column} {count}" for column, count in self.lost.most_common()])
            raise DataError(
                f"{self.table.name}: {self.missing} of {self.rows} rows miss a value: {shown}",
                remedy="--drop-missing leaves them out.",
            )
        times = self._times()
        self._refuse_idle_cuts()
        numbers: dict[str, tuple[Array, ...]] = {}
        labels: dict[str, tuple[str, ...]] = {}
        names: dict[str, tuple[str, ...]] = {}
        for one, values in zip(self.asked, self.values, strict=True):
            if one.labelled:
                names[one.part] = (one.column,)
                labels[one.part] = tuple(np.repeat(np.asarray(values, dtype=object), times).tolist())
                continue
            for name, column in self._numbers(one, values):
                names[one.part] = (*names.get(one.part, ()), name)
                numbers[one.part] = (*numbers.get(one.part, ()), np.repeat(column, times))
        weights = scaled_weights(np.asarray(self.totals)[times > 0]) if self.weights else None
        return Columns(self.table.name, numbers, labels, weights, names, self._facts(int(times.sum()), names))

    def _refuse_idle_cuts(self) -> None:
        """``Y=yes`` where the file says ``Yes`` would make all units alike."""
        for one, values in zip(self.asked, self.values, strict=True):
            if one.cut and one.cut.operator in ("=", "!=") and float(one.cut.operator == "=") not in values:
                raise DataError(
                    f"{self.table.name}: column '{one.column}' nowhere holds '{one.cut.value}'",
                    remedy="Write the value as it stands there, capitals too.",
                )

    def _numbers(self, one: _Asked, values: Sequence[float | str]) -> list[tuple[str, Array]]:
        """A column of numbers, or of texts the indicators of all but the first."""
        texts = sorted({value for value in values if isinstance(value, str)})
        if not texts:
            return [(one.column, np.asarray(values, dtype=np.float64))]
        if not all(isinstance(value, str) for value in values):
            raise self._no_number(one, texts[0])
        if not 2 <= len(texts) <= MOST_TEXTS:
            raise DataError(
                f"{self.table.name}: column {quoted(one.column)} ({PARTS[one.part]}) has {len(texts)} different texts",
                remedy=f"2 to {MOST_TEXTS} become indicators; group them first.",
            )
        self.coded.append(f"{one.column} is coded by indicators of {listed(texts[1:])}, against {texts[0]}")
        return [(f"{one.column}={text}", np.array([float(value == text) for value in values])) for text in texts[1:]]

    def _times(self) -> npt.NDArray[np.int64]:
        """How many units each row is; rows of weight zero are none."""
        totals = np.asarray(self.totals, dtype=np.float64)
        times = totals.astype(np.int64) if self.amount else (totals > 0).astype(np.int64)
        if times.sum() > MOST_UNITS:
            raise DataError(f"{self.table.name}: {times.sum()} units", remedy=f"At most {MOST_UNITS} are taken.")
        if not times.sum():
            raise DataError(
                f"{self.table.name}: no unit is left", remedy="All rows miss a value, fail a condition, or count zero."
            )
        return times

    def _facts(self, used: int, names: Mapping[str, tuple[str, ...]]) -> DataFacts:
        notes = [
            f"{self._called(one)} is 1 where {one.column} {one.cut.operator} {one.cut.value}"
            for one in self.asked
            if one.cut
        ]
        notes += self.coded
        notes += [f"{self.left_out} rows fail a condition"] if self.left_out else []
        notes += [f"{self.missing} rows with missing values left out"] if self.missing else []
        notes += [f"weights: {self.weights}"] if self.weights else []
        roles = tuple((PARTS[part], column) for part, columns in names.items() for column in columns)
        return DataFacts(self.rows, used, "units", (("source", self.table.name), *roles), tuple(notes))


def _cut(table: Table, one: _Asked, label: str) -> float:
    assert one.cut
    threshold, number = number_or_truth(one.cut.value), number_or_truth(label)
    if one.cut.operator in ("=", "!="):
        named = one.cut.value in (label, table.labels.get(one.column, {}).get(label))
        same = named or (number is not None and number == threshold)
        if not same and threshold is not None and number is None and looks_numeric(label):
            raise DataError(
                f"{table.name}: '{label[:80]}' in column '{one.column}' cannot be compared with {one.cut.value}",
                remedy="Write numbers with a decimal point, and without separators of thousands.",
            )
        return float(same == (one.cut.operator == "="))
    if number is None or threshold is None:
        wrong = label if number is None else one.cut.value
        raise DataError(
            f"{table.name}: {quoted(wrong)} of column {quoted(one.column)} is not a number",
            remedy="Only numbers can be cut.",
        )
    return float(COMPARE[one.cut.operator](number, threshold))
