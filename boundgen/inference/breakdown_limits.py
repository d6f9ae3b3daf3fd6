"""Where along a parameter the test of intersection bounds stops to support a conclusion, and begins to refute it.

The breakdown value b is the smallest value of the parameter at which the bound does not support the conclusion. There
the bound is at the threshold, or beyond it on the wrong side. So each value is tested as if it were b, at a level, and
what is not rejected covers b with that probability, whether or not bounds are monotone in the parameter, and without
a correction for the many values: only the test at b counts.

- From below, a value is rejected where the corrected bound of Chernozhukov, Lee & Rosen (2013) still supports the
  conclusion. The smallest value that is not rejected is a lower limit; at level one half it is above b at most half
  of the time.
- From above, a value is rejected where every term, raised by a normal quantile of its standard error, is at the
  wrong side of the threshold. One of the terms is the bound, so that no correction for their number is due. The
  largest value that is not rejected is an upper limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise
from math import inf, isinf
from typing import Protocol

import numpy as np

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.evaluation.breakdown_points import BreakdownRange, Conclusion, margins
from boundgen.exact.arrays import Array
from boundgen.inference.critical import CriticalValues
from boundgen.inference.estimated_terms import EstimatedTerms, errors_below, estimated_terms
from boundgen.inference.intersection import corrected_max, selected, selection_value, varying
from boundgen.inference.inversion import Position, ValueTests, inversion
from boundgen.inference.sample import Sample
from boundgen.work.libraries import scipy_function

ndtri = scipy_function("special", "ndtri")

# Bounds with pieces are tested at so many values and between those where the answer changes.
LOOKED_AT = 65
# Where it changes is found to this share of the distance between two of them.
SHARE = Fraction(1, 10**5)


class BreakdownLimits(Protocol):
    """Of one conclusion; None where there is no such value in the range."""

    def first_unsupported(self, level: float) -> float | None:
        """The smallest value of the parameter at which the conclusion is not supported at this level."""

    def last_unrefuted(self, level: float) -> float | None:
        """The largest value at which it is not refuted at this level; None where that is the end of the range."""


def limits_of(
    bounds: Bounds | PiecewiseBounds,
    sample: Sample,
    within: BreakdownRange,
    fixed: Mapping[str, Fraction],
    threshold: Fraction,
    conclusion: Conclusion,
    seed: int,
    draws: int,
) -> BreakdownLimits:
    """What finds the limits of a breakdown value."""
    if isinstance(bounds, PiecewiseBounds):
        return PieceLimits(bounds, sample, within, fixed, threshold, conclusion, seed, draws)
    terms = margins(bounds, conclusion, threshold)
    slopes = np.array([float(term.mapping().get(within.parameter, 0)) for term in terms])
    estimated = estimated_terms(terms, None, sample, {**fixed, within.parameter: 0})
    return TermLimits(estimated, slopes, float(within.low), float(within.high), sample, seed, draws)


# ---------------------------------------------------------------- linear terms
@dataclass(frozen=True, eq=False)
class TermLimits:
    """Of a maximum of terms that are affine in the parameter: between changes of selection, crossings of lines.

    Parameters
    ----------
    terms : EstimatedTerms
        The margins where the parameter is zero: the conclusion is supported where one is positive.
    slopes : array of shape (terms,)
        Along the parameter.
    low, high : float
    sample : Sample
    seed, draws : int
    """

    terms: EstimatedTerms
    slopes: Array
    low: float
    high: float
    sample: Sample
    seed: int
    draws: int

    @cached_property
    def _critical(self) -> CriticalValues:
        return CriticalValues(self.terms, self.sample.smoothed, self.seed, self.draws)

    @cached_property
    def _first(self) -> float:
        return selection_value(self.sample.n, varying(self.terms))

    def first_unsupported(self, level: float) -> float | None:
        """As the protocol says."""
        for low, high in self._same_selection:
            middle = low + 1 if isinf(high) else (low + high) / 2
            critical = self._critical.quantile(selected(self._at(middle), self.terms.errors, self._first), level).value
            found = _not_positive(self.terms.values - critical * self.terms.errors, self.slopes, low, high)
            if found is not None:
                return found
        return None

    def last_unrefuted(self, level: float) -> float | None:
        """As the protocol says. What nothing moves and is nowhere positive never is the bound before it is lost."""
        raised = self.terms.values + float(ndtri(level)) * errors_below(self.terms, self.sample)
        highest = np.maximum(self._at(self.low), self._at(self.high))
        moving = (self.terms.errors > 0) | (highest > 0)
        ends = [self._last(*line) for line in zip(raised[moving], self.slopes[moving], strict=True)]
        last = float(max(ends, default=-inf))
        return None if last >= self.high else max(last, self.low)

    def _at(self, x: float) -> Array:
        """The lines at a value, which may be infinite."""
        return self.terms.values + np.multiply(self.slopes, x, out=np.zeros(len(self.slopes)), where=self.slopes != 0)

    def _last(self, height: float, slope: float) -> float:
        """The last place where a line is not negative."""
        if slope < 0:
            return min(-height / slope, self.high)
        at_high = height + slope * self.high if slope else height
        return self.high if at_high >= 0 else -inf

    @cached_property
    def _same_selection(self) -> tuple[tuple[float, float], ...]:
        """Pieces of the range in which selection keeps the same terms, from left to right."""
        places = {self.low, self.high, *(x for x in self._changes() if self.low < x < self.high)}
        return tuple(pairwise(sorted(places))) or ((self.low, self.high),)

    def _changes(self) -> Iterator[float]:
        """Where selection begins or ceases to keep a term: it does between two values, as a maximum is convex."""
        values, errors, cost = self.terms.values, self.terms.errors, self._first
        for value, error, slope in zip(values, errors, self.slopes, strict=True):
            heights = value + 2 * cost * error - (values - cost * errors)
            yield from _ends(-heights, self.slopes - slope)


def _ends(heights: Array, slopes: Array) -> tuple[float, float]:
    """Between which values no line ``height + slope * x`` is positive, as if there are such values."""
    rising, falling = slopes > 0, slopes < 0
    low = float(np.max(-heights[falling] / slopes[falling], initial=-inf))
    return low, float(np.min(-heights[rising] / slopes[rising], initial=inf))


def _not_positive(heights: Array, slopes: Array, low: float, high: float) -> float | None:
    """The smallest value between two at which no line is positive."""
    if (heights[slopes == 0] > 0).any():
        return None
    start, end = _ends(heights, slopes)
    found = max(start, low)
    return found if found <= min(end, high) else None


# ---------------------------------------------------------------- pieces
@dataclass(frozen=True, eq=False)
class PieceLimits:
    """Of ratios and sums of maxima: tests at many values of the parameter, and between those where they change.

    Parameters
    ----------
    bounds : PiecewiseBounds
    sample : Sample
    within : BreakdownRange
    fixed : mapping of name to Fraction
    threshold : Fraction
    conclusion : {"above", "below"}
    seed, draws : int
    """

    bounds: PiecewiseBounds
    sample: Sample
    within: BreakdownRange
    fixed: Mapping[str, Fraction]
    threshold: Fraction
    conclusion: Conclusion
    seed: int
    draws: int

    def first_unsupported(self, level: float) -> float | None:
        """As the protocol says."""
        return _first_change(self._places, lambda x: self._tests(x).rejects(Position.of(self.threshold), level))

    def last_unrefuted(self, level: float) -> float | None:
        """As the protocol says."""
        last = _first_change(self._places[::-1], lambda x: self._refutes(x, level))
        if last is None:
            return float(self.within.low)
        return None if last >= float(self.within.high) else last

    @cached_property
    def _places(self) -> Sequence[Fraction]:
        low, high = self.within.low, Fraction(self.within.high)
        return [low + (high - low) * i / (LOOKED_AT - 1) for i in range(LOOKED_AT)]

    @cached_property
    def _tests(self) -> Callable[[Fraction], ValueTests]:
        side = 0 if self.conclusion == "above" else 1

        @lru_cache(maxsize=LOOKED_AT)
        def tests(x: Fraction) -> ValueTests:
            at = {**self.fixed, self.within.parameter: x}
            return inversion(self.bounds, self.sample, at, self.seed, self.draws).tests(side)

        return tests

    def _refutes(self, x: Fraction, level: float) -> bool:
        """Whether the bound is clearly at the wrong side of the threshold, in every chamber."""
        place, cost = Position.of(self.threshold), float(ndtri(level))
        for tables in self._tests(x).chambers:
            for table in tables:
                _, terms = table.at(place)
                moving = (terms.errors > 0) | (terms.values > 0)
                errors = errors_below(terms, self.sample)
                if moving.any() and corrected_max(terms.values[moving], errors[moving], -cost) >= 0:
                    return False
        return True


def _first_change(places: Sequence[Fraction], rejects: Callable[[Fraction], bool]) -> float | None:
    """The first place on the way that is not rejected, closely before it; None where all are."""
    before: Fraction | None = None
    for place in places:
        if not rejects(place):
            return float(place if before is None else _border(before, place, rejects))
        before = place
    return None


def _border(outside: Fraction, inside: Fraction, rejects: Callable[[Fraction], bool]) -> Fraction:
    width = abs(inside - outside) * SHARE
    while abs(inside - outside) > width:
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if rejects(middle) else (outside, middle)
    return outside
