"""Exact quantiles of a column in bounded memory: the file is read again, with a narrower interval each time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

MOST_DIFFERENT = 100_000
BINS = 10_000
Numbers = Callable[[], Iterable[tuple[float, int]]]


@dataclass(frozen=True)
class _Part:
    """The numbers in an interval: how many lie below it, and which they are; None where too many are different."""

    low: float
    high: float
    below: int
    held: Counter[float] | None

    def holds(self, rank: int) -> bool:
        return self.held is not None and self.below <= rank < self.below + self.held.total()


def median(numbers: Numbers, most: int = MOST_DIFFERENT) -> float | None:
    """The median of numbers with multiplicities; for an even count the mean of the two in the middle.

    Parameters
    ----------
    numbers : function
        Gives the numbers once more each time, with how often each stands there.
    most : int
        How many different numbers may be held at once.

    >>> median(lambda: [(1, 1), (5, 2), (2, 1)])
    3.5
    >>> median(lambda: [(float(i), 1) for i in range(1001)], most=10)
    500.0
    >>> median(lambda: [])
    """
    return quantile(numbers, Fraction(1, 2), most)


def quantile(numbers: Numbers, share: Fraction, most: int = MOST_DIFFERENT) -> float | None:
    """The quantile of a share between 0 and 1; where it falls between two numbers their mean.

    That is the second definition of Hyndman & Fan (1996), of which the median is the usual one.

    >>> [quantile(lambda: [(float(i), 1) for i in range(1, 9)], Fraction(i, 4)) for i in (1, 2, 3)]
    [2.5, 4.5, 6.5]
    """
    count, whole = _first_look(numbers, most)
    if not count:
        return None
    high = math.floor(share * count)
    low = high - 1 if high == share * count else high
    part = _around(numbers, low, whole, most)
    first = _at(part, low)
    second = _at(part if part.holds(high) else _around(numbers, high, whole, most), high)
    return first if first == second else first / 2 + second / 2


def _first_look(numbers: Numbers, most: int) -> tuple[int, _Part]:
    """How many numbers there are, the least and the greatest, and all of them where not too many are different."""
    count, low, high = 0, math.inf, -math.inf
    held: Counter[float] | None = Counter()
    for number, times in numbers():
        count += times
        low = number if number < low else low
        high = number if number > high else high
        if held is not None:
            held[number] += times
            held = held if len(held) <= most else None
    return count, _Part(low, high, 0, held)


def _around(numbers: Numbers, rank: int, part: _Part, most: int) -> _Part:
    """A part with this rank that can be held."""
    while part.held is None:
        part = _narrowed(numbers, part, rank, most)
    return part


def _narrowed(numbers: Numbers, part: _Part, rank: int, most: int) -> _Part:
    """The part of one of many bins: at most a ten-thousandth of the interval."""
    # Halves, because the difference of two large numbers may be too large.
    start, half = part.low / 2, part.high / 2 - part.low / 2
    if half == 0:
        return _held(numbers, part.low, part.high, part.below, math.inf)
    bins: dict[int, tuple[int, float, float]] = {}
    for number, times in numbers():
        if part.low <= number <= part.high:
            place = int((number / 2 - start) / half * BINS)
            if place in bins:
                count, low, high = bins[place]
                bins[place] = (count + times, number if number < low else low, number if number > high else high)
            else:
                bins[place] = (times, number, number)
    below = part.below
    for place in sorted(bins):
        count, low, high = bins[place]
        if rank < below + count:
            return _held(numbers, low, high, below, most)
        below += count
    raise AssertionError("the rank is in the interval")


def _held(numbers: Numbers, low: float, high: float, below: int, most: float) -> _Part:
    """The numbers between two of them, as long as not too many are different."""
    held: Counter[float] = Counter()
    for number, times in numbers():
        if low <= number <= high:
            held[number] += times
            if len(held) > most:
                return _Part(low, high, below, None)
    return _Part(low, high, below, held)


def _at(part: _Part, rank: int) -> float:
    """The number at a rank, from 0."""
    below = part.below
    for number, times in sorted((part.held or Counter()).items()):
        below += times
        if rank < below:
            return number
    raise AssertionError("the rank is in the part")
