"""Rows -> how much stands at each joint value, chunk by chunk: memory follows the different values, not the rows."""

from __future__ import annotations

import decimal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from boundgen.data.matching import MOST_KEPT, Code, Coder
from boundgen.data.tables import Table
from boundgen.data.texts import Text, as_number, is_missing
from boundgen.errors import DataError
from boundgen.limits import Report

Number = int | Decimal | Fraction
# Digits enough for sums of any floats; a sum that would need more is refused, not rounded.
EXACT = decimal.Context(
    prec=3000, traps=[decimal.Inexact, decimal.InvalidOperation], Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN
)


@dataclass(frozen=True)
class Amount:
    """What rows amount to: their units, and the sums of their weights and of the squares of these."""

    units: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.units + other.units, self.total + other.total, self.squares + other.squares)


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
    square : function
        The sum of the squares of their weights.
    missing_allowed : bool
        Whether a row may be without (a weight that is missing makes the row one with a missing value).
    """

    column: str
    what: str
    value: Callable[[str], Number | None]
    units: Callable[[Number], int]
    square: Callable[[Number], Number]
    missing_allowed: bool = False


Key = tuple[Code, ...]
Tally = dict[Key, Amount]


def tally(table: Table, columns: Sequence[str], coders: Sequence[Coder], report: Report) -> Tally:
    """Each row counts one."""
    found: Counter[Key] = Counter()
    for chunk in table.chunks(columns, report):
        found.update(zip(*(coder.column(texts) for coder, texts in zip(coders, chunk, strict=True)), strict=True))
    return {key: Amount(count, Fraction(count), Fraction(count)) for key, count in found.items()}


def tally_amounts(
    table: Table, columns: Sequence[str], coders: Sequence[Coder], amounts: Amounts, report: Report
) -> tuple[Tally, Tally]:
    """Each row amounts to what stands in a column; second, the rows (each counted one) where nothing stands there."""
    sums: dict[Key, tuple[int, Number, Number]] = {}
    without: Counter[Key] = Counter()
    with decimal.localcontext(EXACT):
        for key, values in _groups(table, columns, coders, amounts, report):
            stated = [value for value in values if value is not None]
            without[key] += len(values) - len(stated)
            units, total, squares = sums.get(key, (0, 0, 0))
            sums[key] = (
                units + sum(map(amounts.units, stated)),
                sum(stated, total),
                sum(map(amounts.square, stated), squares),
            )
    found = {key: Amount(units, Fraction(total), Fraction(squares)) for key, (units, total, squares) in sums.items()}
    return found, {key: Amount(count) for key, count in without.items() if count}


def _groups(
    table: Table, columns: Sequence[str], coders: Sequence[Coder], amounts: Amounts, report: Report
) -> Iterator[tuple[Key, list[Number | None]]]:
    """The amounts of each key in each chunk; None where there is none."""
    known = _Values(table, amounts)
    for *chunk, texts in table.chunks([*columns, amounts.column], report):
        keys = zip(*(coder.column(part) for coder, part in zip(coders, chunk, strict=True)), strict=True)
        groups: defaultdict[Key, list[Number | None]] = defaultdict(list)
        for key, value in zip(keys, map(known.__getitem__, texts), strict=True):
            groups[key].append(value)
        yield from groups.items()
        if len(known) > MOST_KEPT:
            known.clear()


class _Values(dict[Text, "Number | None"]):
    """The amount that each text is; texts are looked at when they are first met."""

    def __init__(self, table: Table, amounts: Amounts) -> None:
        super().__init__()
        self._table, self._amounts = table, amounts

    def __missing__(self, text: Text) -> Number | None:
        missing = self._amounts.missing_allowed and is_missing(text)
        found = self[text] = None if missing else _value(self._table, self._amounts, text)
        return found


def _value(table: Table, amounts: Amounts, text: Text) -> Number:
    value = None if text is None else amounts.value(text.strip())
    if value is None:
        comma = text is not None and "," in text
        raise DataError(
            f"{table.name}: '{text or ''}' in column '{amounts.column}' is not a {amounts.what}",
            remedy="Write numbers with a decimal point." if comma else _NEEDS[amounts.what],
        )
    return value


# ---------------------------------------------------------------- the three kinds
_NEEDS = {
    "count": "Counts are integers, zero or more.",
    "probability": "Probabilities are numbers from 0 to 1: 0.25 or 1/4.",
    "weight": "Weights are numbers, zero or more.",
}


def counts(column: str) -> Amounts:
    """Each row stands for a number of units."""
    return Amounts(column, "count", count_value, int, lambda count: count)


def probabilities(column: str) -> Amounts:
    """Each row stands for a share of its arm; how many units there are is not known, so rows are counted."""
    return Amounts(column, "probability", probability_value, lambda _: 1, lambda _: 0)


def weights(column: str) -> Amounts:
    """Each row is one unit with a weight."""
    return Amounts(column, "weight", weight_value, lambda weight: 1 if weight else 0, _squared, missing_allowed=True)


def _squared(weight: Number) -> Number:
    return weight * weight  # type: ignore[operator]


def count_value(text: str) -> int | None:
    """
    >>> count_value("12"), count_value("12.0"), count_value("1.5"), count_value("-1")
    (12, 12, None, None)
    """
    number = as_number(text)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def probability_value(text: str) -> Fraction | None:
    """
    >>> probability_value("0.25"), probability_value("1/3"), probability_value("1.5")
    (Fraction(1, 4), Fraction(1, 3), None)
    """
    try:
        found = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
    return found if 0 <= found <= 1 else None


def weight_value(text: str) -> Decimal | None:
    """
    >>> weight_value("0.1"), weight_value("-1"), weight_value("inf")
    (Decimal('0.1'), None, None)
    """
    try:
        found = Decimal(text) if "_" not in text else None
    except decimal.InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and found >= 0 else None
