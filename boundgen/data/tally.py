"""Rows -> how much stands at each joint value, chunk by chunk: memory follows the different values, not the rows."""

from __future__ import annotations

import decimal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar, cast

from boundgen.data.matching import MOST_KEPT, Code, Coder
from boundgen.data.table import Table
from boundgen.data.texts import Text, is_missing, label_text, missing_among
from boundgen.errors import DataError, quoted
from boundgen.exact.rational import is_decimal, number_in
from boundgen.work.limits import Report

Weight = int | Decimal | Fraction
# More than any study has, and few enough for 64 bits.
MOST_UNITS = 10**15
Held = TypeVar("Held")
# Digits enough for sums of squares of any numbers that are read; a sum that would need more is refused, not rounded.
EXACT = decimal.Context(
    prec=5000, traps=[decimal.Inexact, decimal.InvalidOperation], Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN
)


@dataclass(frozen=True)
class Amount:
    """What rows amount to: their units, and the sums of their weights and of the 2nd and 4th powers of these."""

    units: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)
    fourths: Fraction = Fraction(0)

    @staticmethod
    def of_units(units: int) -> Amount:
        """Units that weigh one each."""
        return Amount(units, *(Fraction(units),) * 3)

    def __add__(self, other: Amount) -> Amount:
        pairs = zip(self._sums, other._sums, strict=True)
        return Amount(self.units + other.units, *(one + more for one, more in pairs))

    def __sub__(self, other: Amount) -> Amount:
        pairs = zip(self._sums, other._sums, strict=True)
        return Amount(self.units - other.units, *(one - less for one, less in pairs))

    @property
    def _sums(self) -> tuple[Fraction, Fraction, Fraction]:
        return self.total, self.squares, self.fourths

    def part(self, share: Fraction, counted: bool) -> Amount:
        """A share of each unit; of all shares of them one counts them."""
        if share == 1 and counted:
            return self
        powers = self.total * share, self.squares * share**2, self.fourths * share**4
        return Amount(self.units if counted else 0, *powers)


@dataclass(frozen=True)
class Amounts:
    """What a row amounts to, by the text in a column.

    Parameters
    ----------
    column : str
    what : str
        For messages: ``count``.
    value : function
        None where the text is no such amount, and for counts and probabilities where there is no text.
    units : function
        How many units the row stands for.
    powers : function
        The sums of the second and of the fourth powers of their weights.
    missing_allowed : bool
        Whether a row may be without (a weight that is missing makes the row one with a missing value).
    """

    column: str
    what: str
    value: Callable[[str], Weight | None]
    units: Callable[[Weight], int]
    powers: Callable[[Weight], tuple[Weight, Weight]]
    missing_allowed: bool = False


CodeKey = tuple[Code, ...]
Tally = dict[CodeKey, Amount]


@dataclass(frozen=True)
class Tallied:
    """What was counted.

    Parameters
    ----------
    amounts : mapping of key to Amount
    lacking : mapping of columns to mapping of key to Amount
        Rows (each counted one) where nothing stands in these columns, of weights or of clusters.
    clusters : mapping of key to mapping of cluster to number, or None
        The sum of weights of each cluster; None where rows are not in clusters.
    """

    amounts: Tally
    lacking: Mapping[tuple[str, ...], Tally] = field(default_factory=dict)
    clusters: Mapping[CodeKey, Mapping[str, Weight]] | None = None


def tally(table: Table, columns: Sequence[str], coders: Sequence[Coder], report: Report) -> Tallied:
    """Each row counts one."""
    found: Counter[CodeKey] = Counter()
    for chunk in table.chunks(columns, report):
        found.update(_keys(coders, chunk))
    return Tallied({key: Amount.of_units(count) for key, count in found.items()})


def _keys(coders: Sequence[Coder], chunk: Sequence[list[Text]]) -> Iterator[CodeKey]:
    return zip(*(coder.column(texts) for coder, texts in zip(coders, chunk, strict=True)), strict=True)


def tally_amounts(
    table: Table, columns: Sequence[str], coders: Sequence[Coder], amounts: Amounts, report: Report
) -> Tallied:
    """Each row amounts to what stands in a column."""
    sums: _Sums = {}
    without: Counter[CodeKey] = Counter()
    known = AmountValues(table, amounts)
    with decimal.localcontext(EXACT):
        for *chunk, texts in table.chunks([*columns, amounts.column], report):
            values = known.of(texts)
            for key, held in _grouped(_keys(coders, chunk), values):
                stated = [value for value in held if value is not None]
                without[key] += len(held) - len(stated)
                _add(sums, key, stated, amounts)
    return Tallied(_found(sums), _lacking({(amounts.column,): without}))


_Sums = dict[CodeKey, tuple[int, Weight, Weight, Weight]]


def _add(sums: _Sums, key: CodeKey, values: Sequence[Weight], amounts: Amounts) -> None:
    units, total, squares, fourths = sums.get(key, (0, 0, 0, 0))
    powers = [amounts.powers(value) for value in values]
    sums[key] = (
        units + sum(map(amounts.units, values)),
        added([total, *values]),
        added([squares, *(square for square, _ in powers)]),
        added([fourths, *(fourth for _, fourth in powers)]),
    )


def added(numbers: Sequence[Weight]) -> Weight:
    """The sum; decimals and fractions do not mix by themselves."""
    if {Decimal, Fraction} <= set(map(type, numbers)):
        return sum((Fraction(number) for number in numbers), Fraction(0))
    return sum(numbers)


def _found(sums: _Sums) -> Tally:
    return {
        key: Amount(units, Fraction(total), Fraction(squares), Fraction(fourths))
        for key, (units, total, squares, fourths) in sums.items()
    }


def _lacking(without: Mapping[tuple[str, ...], Counter[CodeKey]]) -> dict[tuple[str, ...], Tally]:
    return {
        columns: {key: Amount(count) for key, count in counts.items() if count} for columns, counts in without.items()
    }


def _grouped(keys: Iterable[CodeKey], items: Sequence[Held]) -> Iterator[tuple[CodeKey, list[Held]]]:
    """The items of each key of a chunk."""
    groups: defaultdict[CodeKey, list[Held]] = defaultdict(list)
    for key, item in zip(keys, items, strict=True):
        groups[key].append(item)
    yield from groups.items()


# ---------------------------------------------------------------- clusters
def tally_clusters(
    table: Table, columns: Sequence[str], coders: Sequence[Coder], cluster: str, report: Report
) -> Tallied:
    """Each row counts one, and is in a cluster. Memory follows the different pairs of joint value and cluster."""
    clusters: defaultdict[CodeKey, Counter[Text]] = defaultdict(Counter)
    known = _Labels()
    for *chunk, written in table.chunks([*columns, cluster], report):
        names = known.of(written)
        for key, held in _grouped(_keys(coders, chunk), names):
            clusters[key].update(held)
    without = Counter({key: _taken_missing(totals) for key, totals in clusters.items()})
    found = {key: Amount.of_units(totals.total()) for key, totals in clusters.items() if totals}
    return Tallied(found, _lacking({(cluster,): without}), {key: cast(_Named, clusters[key]) for key in found})


def _taken_missing(totals: Counter[Text]) -> int:
    """How many rows have no cluster; they are taken out."""
    return sum(totals.pop(name) for name in missing_among(totals))


# Missing names were taken out.
_Named = Mapping[str, Weight]


def tally_weighted_clusters(
    table: Table, columns: Sequence[str], coders: Sequence[Coder], cluster: str, amounts: Amounts, report: Report
) -> Tallied:
    """Each row has a weight and is in a cluster."""
    sums: _Sums = {}
    clusters: defaultdict[CodeKey, dict[Text, Weight]] = defaultdict(dict)
    without: defaultdict[tuple[str, ...], Counter[CodeKey]] = defaultdict(Counter)
    known, labels = AmountValues(table, amounts), _Labels()
    with decimal.localcontext(EXACT):
        for *chunk, written, texts in table.chunks([*columns, cluster, amounts.column], report):
            names = labels.of(written)
            keys, values, lost = list(_keys(coders, chunk)), known.of(texts), missing_among(names)
            if lost or any(value is None for value in values):
                keys, names, values = _whole(keys, names, values, lost, without, (amounts.column, cluster))
            for key, held in _grouped(keys, list(zip(names, cast(list[Weight], values), strict=True))):
                _add(sums, key, [value for _, value in held], amounts)
                totals = clusters[key]
                for name, value in held:
                    totals[name] = added([totals.get(name, 0), value])
    return Tallied(_found(sums), _lacking(without), {key: cast(_Named, totals) for key, totals in clusters.items()})


def _whole(
    keys: Sequence[CodeKey],
    names: Sequence[Text],
    values: Sequence[Weight | None],
    lost: set[Text],
    without: Mapping[tuple[str, ...], Counter[CodeKey]],
    columns: tuple[str, str],
) -> tuple[list[CodeKey], list[Text], list[Weight | None]]:
    """The rows of a chunk with a weight and a cluster; the others are counted by what they miss."""
    whole = []
    for key, name, value in zip(keys, names, values, strict=True):
        lacks = tuple(c for c, is_lost in zip(columns, (value is None, name in lost), strict=True) if is_lost)
        if lacks:
            without[lacks][key] += 1
        else:
            whole.append((key, name, value))
    return [key for key, _, _ in whole], [name for _, name, _ in whole], [value for _, _, value in whole]


class _Labels(dict[Text, Text]):
    """The name of a cluster that each text is, however its program writes numbers."""

    def of(self, texts: Sequence[Text]) -> list[Text]:
        """The names of a chunk."""
        if len(self) > MOST_KEPT:
            self.clear()
        return list(map(self.__getitem__, texts))

    def __missing__(self, text: Text) -> Text:
        found = self[text] = None if text is None else label_text(text)
        return found


class AmountValues(dict[Text, "Weight | None"]):
    """The amount that each text is; texts are looked at when they are first met."""

    def __init__(self, table: Table, amounts: Amounts) -> None:
        super().__init__()
        self._table, self._amounts = table, amounts

    def of(self, texts: Sequence[Text]) -> list[Weight | None]:
        """The amounts of a chunk; None where there is none."""
        if len(self) > MOST_KEPT:
            self.clear()
        return list(map(self.__getitem__, texts))

    def __missing__(self, text: Text) -> Weight | None:
        missing = self._amounts.missing_allowed and is_missing(text)
        found = self[text] = None if missing else _value(self._table, self._amounts, text)
        return found


def _value(table: Table, amounts: Amounts, text: Text) -> Weight:
    value = None if text is None else amounts.value(text.strip())
    if value is None:
        comma = text is not None and "," in text
        raise DataError(
            f"{table.name}: {quoted(text or '')} in column {quoted(amounts.column)} is not a {amounts.what}",
            remedy="Write numbers with a decimal point." if comma else _NEEDS[amounts.what],
        )
    return value


# ---------------------------------------------------------------- the three kinds
_NEEDS = {
    "count": "Counts are integers, zero or more.",
    "probability": "Probabilities are numbers from 0 to 1: 0.25 or 1/4; divide percents by 100.",
    "weight": "Weights are numbers, zero or more.",
}


def counts(column: str) -> Amounts:
    """Each row stands for a number of units."""
    return Amounts(column, "count", count_value, int, lambda count: (count, count))


def probabilities(column: str) -> Amounts:
    """Each row stands for a share of its arm; how many units there are is not known, so rows are counted."""
    return Amounts(column, "probability", probability_value, lambda _: 1, lambda _: (0, 0))


def weights(column: str) -> Amounts:
    """Each row is one unit with a weight."""
    return Amounts(column, "weight", weight_value, lambda weight: 1 if weight else 0, _powers, missing_allowed=True)


def _powers(weight: Weight) -> tuple[Weight, Weight]:
    square: Weight = weight * weight  # type: ignore[operator]
    return square, square * square  # type: ignore[operator]


def count_value(text: str) -> int | None:
    """
    >>> count_value("12"), count_value("12.0"), count_value("1.5"), count_value("-1")
    (12, 12, None, None)
    """
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        return int(text)
    number = number_in(text)
    return int(number) if number is not None and 0 <= number <= MOST_UNITS and number.denominator == 1 else None


def probability_value(text: str) -> Fraction | None:
    """
    >>> probability_value("0.25"), probability_value("1/3"), probability_value("1.5")
    (Fraction(1, 4), Fraction(1, 3), None)
    """
    found = number_in(text)
    return found if found is not None and 0 <= found <= 1 else None


def weight_value(text: str) -> Decimal | Fraction | None:
    """Decimals add up many times faster than fractions.

    >>> weight_value("0.1"), weight_value("1/3"), weight_value("-1"), weight_value("inf")
    (Decimal('0.1'), Fraction(1, 3), None, None)
    """
    found = Decimal(text) if is_decimal(text) else number_in(text)
    return None if found is None or found < 0 else found
