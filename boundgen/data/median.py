"""The exact median of a column in bounded memory: the file is read again, with a narrower interval each time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MOST_DIFFERENT = 100_000
BINS = 10_000
Numbers = Callable[[], Iterable[tuple[float, int]]]


@dataclass(frozen=True)
class _Interval:
    """Where the median lies, and how many numbers lie below."""

    low: float
    high: float
    below: int


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
    count, low, high, held = _first_look(numbers, most)
    if not count:
        return None
    ranks = ((count - 1) // 2, count // 2)
    interval = _Interval(low, high, 0)
    while held is None:
        interval = _narrowed(numbers, interval, ranks)
        held = _held(numbers, interval, most)
    first, second = (_at(held, rank - interval.below) for rank in ranks)
    return first if first == second else first / 2 + second / 2


def _first_look(numbers: Numbers, most: int) -> tuple[int, float, float, Counter[float] | None]:
    """How many numbers there are, the least, the greatest, and all of them where not too many are different."""
    count, low, high = 0, math.inf, -math.inf
    held: Counter[float] | None = Counter()
    for number, times in numbers():
        count += times
        low = number if number < low else low
        high = number if number > high else high
        if held is not None:
            held[number] += times
            held = held if len(held) <= most else None
    return count, low, high, held


def _held(numbers: Numbers, interval: _Interval, most: int) -> Counter[float] | None:
    """The numbers in the interval, or None where too many are different."""
    held: Counter[float] = Counter()
    low, high = interval.low, interval.high
    for number, times in numbers():
        if low <= number <= high:
            held[number] += times
            if len(held) > most:
                return None
    return held


def _narrowed(numbers: Numbers, interval: _Interval, ranks: tuple[int, int]) -> _Interval:
    """The part of the interval that holds both ranks, by the least and the greatest number in each of many bins."""
    width = (interval.high - interval.low) / BINS
    bins: dict[int, tuple[int, float, float]] = {}
    start, end = interval.low, interval.high
    for number, times in numbers():
        if start <= number <= end:
            place = int((number - start) / width)
            if place in bins:
                count, low, high = bins[place]
                bins[place] = (count + times, number if number < low else low, number if number > high else high)
            else:
                bins[place] = (times, number, number)
    below, low, found_below, high = interval.below, interval.low, interval.below, interval.high
    for place in sorted(bins):
        count, least, greatest = bins[place]
        if below <= ranks[0] < below + count:
            low, found_below = least, below
        if below <= ranks[1] < below + count:
            high = greatest
        below += count
    return _Interval(low, high, found_below)


def _at(held: Counter[float], rank: int) -> float:
    """The number at a rank, from 0."""
    for number in sorted(held):
        rank -= held[number]
        if rank < 0:
            return number
    raise AssertionError("the rank is below the count")
