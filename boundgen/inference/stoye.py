"""Imbens & Manski (2004) and Stoye (2009): one regular estimate of each end.

Of each side the term that is active in the sample stands for the bound, as if it were known to be the active one. That
is right where one term is active by far, and wrong at ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, sqrt

import numpy as np

from boundgen.exact.arrays import Array
from boundgen.inference.critical import CriticalValue, correlations
from boundgen.inference.estimated_bounds import EstimatedBounds, Interval, is_crossed
from boundgen.inference.estimated_terms import EstimatedTerms
from boundgen.work.libraries import scipy_function

brentq = scipy_function("optimize", "brentq")
ndtr, ndtri, owens_t = (scipy_function("special", name) for name in ("ndtr", "ndtri", "owens_t"))

# Critical values are nearer than this.
FAR = 12.0
SINGULAR = 1 - 1e-9
TINY = 1e-12


@dataclass(frozen=True)
class SetEnds:
    """The estimated ends of the set: their standard errors and the correlation of their errors.

    Parameters
    ----------
    low, high : float
    low_error, high_error : float
    correlation : float
    """

    low: float
    high: float
    low_error: float
    high_error: float
    correlation: float


def active_ends(lower: EstimatedTerms, upper: EstimatedTerms, covariance: Array) -> tuple[SetEnds, int, int]:
    """The term of each side that is active in the sample (the upper ones come with a minus); and their numbers."""
    i, j = int(np.argmax(lower.values)), int(np.argmax(upper.values))
    errors = float(lower.errors[i]), float(upper.errors[j])
    both = correlations(np.stack([lower.gradients[i], -upper.gradients[j]]), covariance)
    correlation = float(both[0, 1]) if min(errors) > 0 else 0.0
    return SetEnds(float(lower.values[i]), -float(upper.values[j]), *errors, correlation), i, j


def both_below(first: float, second: float, correlation: float) -> float:
    """The probability that two standard normal variables are below these values."""
    if inf in (first, second) or correlation > SINGULAR:
        return float(ndtr(min(first, second)))
    if correlation < -SINGULAR:
        return max(0.0, float(ndtr(first) + ndtr(second)) - 1)
    if min(first, second) == -inf:
        return 0.0
    # Owen (1956), with zero moved away from the point where his formula divides by it.
    h, k = (value if abs(value) > TINY else TINY for value in (first, second))
    root = sqrt(1 - correlation**2)
    wedges = owens_t(h, (k - correlation * h) / (h * root)) + owens_t(k, (h - correlation * k) / (k * root))
    return float((ndtr(h) + ndtr(k)) / 2 - wedges - (0.5 if h * k < 0 else 0.0))


def stoye_interval(ends: SetEnds, level: float, n: int) -> Interval | None:
    """The interval that covers either end of the set with the stated probability, with the same allowance on each side.

    Stoye (2009) takes the allowances that make it shortest; equal ones keep it inside the interval of the set. As
    there, a width that may be chance is taken to be zero: the interval does not rely on a superefficient estimate of
    it. None where the interval is empty.
    """
    width = ends.high - ends.low
    if width <= sqrt(log(n)) * max(ends.low_error, ends.high_error):
        width = 0.0
    # An end that does not vary never errs: no allowance is too small for it.
    low_slack, high_slack = (width / error if error else inf for error in (ends.low_error, ends.high_error))
    low_sure, high_sure = (0.0 if error else inf for error in (ends.low_error, ends.high_error))

    def excess(allowance: float) -> float:
        at_low = both_below(allowance + low_sure, allowance + high_slack, -ends.correlation)
        at_high = both_below(allowance + low_slack, allowance + high_sure, -ends.correlation)
        return min(at_low, at_high) - level

    allowance = 0.0 if excess(0.0) >= 0 else float(brentq(excess, 0.0, FAR, xtol=1e-8))
    found = ends.low - ends.low_error * allowance, ends.high + ends.high_error * allowance
    return None if is_crossed(found) else found


@dataclass(frozen=True)
class RegularSide:
    """One side, as a lower bound, whose estimate is normal."""

    value: float
    error: float

    def bound(self, level: float) -> float:
        """Below the truth with this probability."""
        return self.value - float(ndtri(level)) * self.error


def stoye_bounds(
    lower: EstimatedTerms, upper: EstimatedTerms, covariance: Array, n: int, level: float
) -> EstimatedBounds:
    """Plug-in bounds and intervals; `upper` holds minus the upper terms."""
    ends, i, j = active_ends(lower, upper, covariance)
    low, high = RegularSide(ends.low, ends.low_error), RegularSide(-ends.high, ends.high_error)
    upper_tail = 1 - (1 - level) / 2
    return EstimatedBounds(
        plug_in=(ends.low, ends.high),
        half_median_unbiased=None,
        set_interval=(low.bound(upper_tail), -high.bound(upper_tail)),
        parameter_interval=stoye_interval(ends, level, n),
        parameter_interval_adaptive=None,
        kept=((i,), (j,)),
        critical_values=((f"both, {upper_tail:g}", CriticalValue(float(ndtri(upper_tail)), 0.0)),),
    )
