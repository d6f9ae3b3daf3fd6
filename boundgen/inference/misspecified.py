"""Intervals that are never empty and stay valid where the model is wrong.

Where a lower term is above an upper one, or a testable implication fails, no value of the estimand is compatible with
the model. What is covered then is the pseudo-true set: terms and implications are all relaxed by the least number
delta of standard errors at which they can hold together (Andrews & Kwon 2024, "Misspecified moment inequality
models"). Where the model is right, delta is zero and the set is that of the bounds; with one term on each side it is
the pseudo-true value of Stoye (2020), "A simple, short, but never-empty confidence interval".

Delta is the largest of 0, of ``(lower term - upper term) / (sum of their standard errors)`` over pairs, and of
``shortfall / standard error`` over implications: the dual of a program in one unknown. Under each of these, the relaxed
terms are functions of the data like any others, with an ordinary interval. One of them is delta, so that the
union of their intervals covers whatever it is, and no critical value has to be larger for it (an intersection-union
test). Zero is among them: the union contains the ordinary interval, and it contains the values at which the relaxed
inequalities hold in the sample. With one term on each side it is Stoye's interval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import isinf
from statistics import NormalDist

import numpy as np

from boundgen.exact.arrays import Array
from boundgen.inference.bound_lines import BoundLine, Level
from boundgen.inference.estimated_bounds import EstimatedBounds, Interval, is_crossed
from boundgen.inference.estimated_functions import known, times
from boundgen.inference.estimated_terms import error_of, linearised, ratio
from boundgen.inference.intersection import selection_level
from boundgen.inference.names import Robust
from boundgen.inference.sample import Sample
from boundgen.inference.scales import at_zero, scale_of
from boundgen.inference.variation import ExactEstimate, combined

# So many relaxations have an interval each. Where there are more, one interval is longer instead.
MOST_RELAXATIONS = 24
# Of the probability of error, what is spent on the length of the relaxation then.
SPENT = 0.1
# Pairs that are looked at in one go.
BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class ScaledLine:
    """A line that should not be positive, and its standard error, by which it is relaxed.

    Parameters
    ----------
    line : BoundLine
    scale : ExactEstimate
        That of `boundgen.inference.scales`, which moves with the cells too.
    """

    line: BoundLine
    scale: ExactEstimate

    def relaxed(self, by: ExactEstimate) -> BoundLine:
        """The line less so many standard errors."""
        return replace(self.line, numerator=self.line.numerator - times(self.scale, by))


# Of the lower side, and of the upper one as that of minus the estimand.
Lines = tuple[BoundLine, ...]
ScaledSides = tuple[tuple[ScaledLine, ...], tuple[ScaledLine, ...]]


@dataclass(frozen=True)
class RobustIntervals:
    """Intervals of the pseudo-true set and of its values.

    Parameters
    ----------
    set_interval, parameter_interval : (lower, upper)
    relaxation : float
        By how many standard errors terms and implications have to be relaxed at the sample; zero where nothing fails.
    """

    set_interval: Interval
    parameter_interval: Interval
    relaxation: float


@dataclass(frozen=True)
class Misfit:
    """What intervals are where assumptions and sample disagree, or where it was asked that they stay valid if they do.

    Parameters
    ----------
    fails : bool
        Whether in the sample lower is above upper, or a testable implication fails: bounds are too narrow then.
    relaxation : float or None
        As in `RobustIntervals`; None where intervals take the model to be right.
    ordinary : EstimatedBounds or None
        With intervals that take the model to be right, where those that are reported do not.
    """

    fails: bool
    relaxation: float | None = None
    ordinary: EstimatedBounds | None = None


def misfit_of(
    estimated: EstimatedBounds,
    shortfalls: Sequence[ExactEstimate],
    robust: Robust,
    intervals: Callable[[], RobustIntervals | None] = lambda: None,
) -> tuple[EstimatedBounds, Misfit | None]:
    """Estimates with robust intervals where these are asked for and there are any, and what there is to be said.

    Parameters
    ----------
    estimated : EstimatedBounds
        Ordinary ones.
    shortfalls : sequence of ExactEstimate
        Minus the testable implications.
    robust : {"auto", "always", "never"}
    intervals : function of nothing
        The robust ones; None where there are none.

    Returns
    -------
    EstimatedBounds
        What is reported.
    Misfit or None
        None where nothing fails and intervals are the ordinary ones.
    """
    fails = is_crossed(estimated.plug_in) or any(each.value > 0 for each in shortfalls)
    wanted = robust == "always" or (fails and robust == "auto")
    other = intervals() if wanted else None
    if other is None:
        return estimated, Misfit(fails) if fails else None
    reported = replace(
        estimated,
        set_interval=other.set_interval,
        parameter_interval=other.parameter_interval,
        parameter_interval_adaptive=None,
    )
    return reported, Misfit(fails, other.relaxation, estimated)


def scaled_lines(lines: Iterable[BoundLine], least: Level, sample: Sample) -> tuple[ScaledLine, ...]:
    """Lines of one side, and one more that says what the estimand is at least, which holds in a wrong model too."""
    known_least = () if isinf(least) else (ScaledLine(BoundLine(known(Fraction(least)), known(1)), known(0)),)
    return (*(ScaledLine(line, scale_of(line, sample)) for line in lines), *known_least)


def robust_intervals(
    sides: ScaledSides,
    shortfalls: Sequence[ExactEstimate],
    intervals: Callable[[ExactEstimate, float], EstimatedBounds],
    sample: Sample,
    level: float,
) -> RobustIntervals | None:
    """Intervals of the pseudo-true set; None where an implication fails that does not vary, so that no length helps.

    Source: Stoye (2020), section 3, for one term on each side; Andrews & Kwon (2024) for the pseudo-true set.

    Parameters
    ----------
    sides : pair of tuple of ScaledLine
    shortfalls : sequence of ExactEstimate
        Minus the testable implications: none should be positive.
    intervals : function of (relaxation, level)
        Ordinary intervals of the lines relaxed by so many standard errors.
    sample : Sample
    level : float

    Returns
    -------
    RobustIntervals or None
    """
    scales = [scale_of(BoundLine(each, known(0)), sample) for each in shortfalls]
    if any(each.value > 0 and not scale.value for each, scale in zip(shortfalls, scales, strict=True)):
        return None
    scaled = [ratio(each, scale) for each, scale in zip(shortfalls, scales, strict=True) if scale.value]
    found = _Relaxations(sides, scaled, sample)
    largest, relaxations = found.largest, found.near
    if relaxations is None:
        spent = SPENT * (1 - level)
        longest = largest + found.spread * _normal_quantile(1 - spent)
        relaxations, level = [known(0), known(Fraction(longest))], level + spent
    each = [intervals(by, level) for by in relaxations]
    # Where the union of intervals of the estimand is a point or nearly so, for what is left of the model says so, the
    # interval that takes the model to be right says more of what the sample allows.
    values = [each[0].set_interval, *(one.parameter_interval for one in each)]
    return RobustIntervals(_hull(one.set_interval for one in each), _hull(values), largest)


def relaxed(side: Sequence[ScaledLine], by: ExactEstimate) -> Lines:
    """All lines less so many of their standard errors."""
    return tuple(line.relaxed(by) for line in side)


def _hull(intervals: Iterable[Interval | None]) -> Interval:
    """From the least to the largest value of intervals; what is crossed is none."""
    ends = [each for each in intervals if each is not None and not is_crossed(each)]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _normal_quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)


# ---------------------------------------------------------------- relaxations
@dataclass(frozen=True, eq=False)
class _Relaxations:
    """How far lines and implications have to be relaxed, each in standard errors.

    A pair of lines ``N - l * D``, one of either side, can hold together once both are relaxed by
    ``(D' N + D N') / (D' s + D s')``.
    """

    sides: ScaledSides
    shortfalls: Sequence[ExactEstimate]
    sample: Sample

    @cached_property
    def largest(self) -> float:
        """At the sample."""
        pairs = (float(values.max()) for _, values in self._blocks())
        return max(0.0, *pairs, *(float(each.value) for each in self.shortfalls))

    @cached_property
    def spread(self) -> float:
        """No relaxation has a larger standard error: one for what its lines move by, and more for their scales."""
        lines = [each for side in self.sides for each in side if each.scale.value]
        if not lines:
            return 1.0
        moving = linearised([*(at_zero(each.line) for each in lines), *(each.scale for each in lines)], self.sample)
        own, of_scale = moving.errors.reshape(2, len(lines))
        return max(1.0, float(((own + self.largest * of_scale) / moving.values[len(lines) :]).max()))

    @cached_property
    def near(self) -> list[ExactEstimate] | None:
        """Zero and those that may be the largest; None if there are too many."""
        reach = 2 * _normal_quantile(selection_level(self.sample.n))
        farthest = reach * self.spread
        pairs: list[tuple[int, int]] = []
        for first, values in self._blocks():
            pairs += [(first + int(v), int(w)) for v, w in np.argwhere(values >= self.largest - farthest)]
            if len(pairs) > 10 * MOST_RELAXATIONS:
                return None
        found = [*self.shortfalls, *(self._pair(v, w) for v, w in pairs)]
        errors = [error_of(each, self.sample) for each in found]
        kept = [
            each for each, error in zip(found, errors, strict=True) if self.largest - float(each.value) <= reach * error
        ]
        return None if len(kept) >= MOST_RELAXATIONS else [known(0), *_distinct(kept)]

    def _blocks(self) -> Iterator[tuple[int, Array]]:
        """Of pairs with some lines of the lower side, the relaxations: the number of the first line, and an array."""
        one, other = (_LineNumbers.of(side) for side in self.sides)
        size = max(1, BLOCK // max(len(self.sides[1]), 1))
        for first in range(0, len(self.sides[0]), size):
            yield first, one.part(first, first + size).relaxations(other)

    def _pair(self, v: int, w: int) -> ExactEstimate:
        one, other = self.sides[0][v], self.sides[1][w]
        above = combined(
            (Fraction(1), times(a.line.divisor, b.line.numerator)) for a, b in ((one, other), (other, one))
        )
        below = combined((Fraction(1), times(a.scale, b.line.divisor)) for a, b in ((one, other), (other, one)))
        return ratio(above, below)


@dataclass(frozen=True, eq=False)
class _LineNumbers:
    """Lines of one side in arrays, each of the length of the number of lines."""

    above: Array
    below: Array
    scale: Array
    low: Array
    high: Array

    @staticmethod
    def of(side: Sequence[ScaledLine]) -> _LineNumbers:
        numbers = [(x.line.numerator.value, x.line.divisor.value, x.scale.value, x.line.low, x.line.high) for x in side]
        return _LineNumbers(*np.array([list(map(float, each)) for each in numbers]).reshape(-1, 5).T)

    def part(self, first: int, end: int) -> _LineNumbers:
        """Some of the lines."""
        arrays = (self.above, self.below, self.scale, self.low, self.high)
        return _LineNumbers(*(array[first:end] for array in arrays))

    def relaxations(self, other: _LineNumbers) -> Array:
        """Of pairs with a line of the other side; minus infinity where a pair says nothing: of its value, or at all."""
        numerators = np.outer(self.above, other.below) + np.outer(self.below, other.above)
        divisors = np.outer(self.scale, other.below) + np.outer(self.below, other.scale)
        says = (divisors > 0) & np.outer(self.below > 0, other.below > 0)
        found = np.divide(numerators, divisors, out=np.full(numerators.shape, -np.inf), where=says)
        moved = self.above[:, None] - np.where(says, found, 0.0) * self.scale[:, None]
        value = np.divide(moved, self.below[:, None], out=np.zeros(moved.shape), where=says)
        near = 1e-9 * (1 + np.abs(value))
        inside = (self.low[:, None] <= value + near) & (value - near <= self.high[:, None])
        inside &= (other.low <= -value + near) & (-value - near <= other.high)
        return np.where(inside, found, -np.inf)


def _distinct(estimates: Iterable[ExactEstimate]) -> Iterable[ExactEstimate]:
    """Estimates that agree at the sample and around it, once."""
    return {(each.value, frozenset(each.gradient.items())): each for each in estimates}.values()
