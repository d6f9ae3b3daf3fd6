"""Intersection bounds: inference for the largest of estimated terms (Chernozhukov, Lee & Rosen 2013).

Numbers of steps are those of the procedure for finite sets of terms: inequality selection keeps the terms that may
be the largest, and a term pays for its imprecision before the largest is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import log

import numpy as np

from boundgen.exact.arrays import Array, Mask
from boundgen.inference.critical import DRAWS, CriticalValues
from boundgen.inference.estimated_bounds import EstimatedBounds, Interval
from boundgen.inference.estimated_terms import EstimatedTerms
from boundgen.work.libraries import scipy_function

ndtr, ndtri = scipy_function("special", "ndtr"), scipy_function("special", "ndtri")

# A root is found to this accuracy; estimates are printed with four digits.
ACCURACY = 1e-7


@dataclass(frozen=True, eq=False)
class SelectedTerms:
    """Terms of one side (as a lower bound), the terms that selection kept, and where critical values come from."""

    terms: EstimatedTerms
    critical: CriticalValues
    kept: Mask

    def bound(self, level: float) -> float:
        """Step 4: the largest term after each has paid for its imprecision; right with that probability."""
        return corrected_max(self.terms.values, self.terms.errors, self.critical.quantile(self.kept, level).value)


def corrected_max(values: Array, errors: Array, critical: float) -> float:
    """``max over v of (value - critical * error)``."""
    return float(np.max(values - critical * errors))


def selection_level(n: int) -> float:
    """Of step 2: it goes to one slowly."""
    return 1 - 0.1 / log(n)


def selection_value(n: int, terms: int) -> float:
    """Step 2: the first critical value.

    It is Bonferroni's, no smaller than the quantile of the largest of so many terms: selection then does not depend on
    draws, by which a term that is kept or left out would move an end by more than a quantile's Monte-Carlo error.
    """
    return -float(ndtri((1 - selection_level(n)) / max(terms, 1)))


def selected(values: Array, errors: Array, critical: float) -> Mask:
    """Step 3: a term is kept unless it is far below the largest one."""
    return np.asarray(values >= corrected_max(values, errors, critical) - 2 * critical * errors)


def one_side(terms: EstimatedTerms, covariance: Array, n: int, seed: int, draws: int = DRAWS) -> SelectedTerms:
    """Steps 1 to 3 for one side."""
    first = selection_value(n, varying(terms))
    kept = selected(terms.values, terms.errors, first)
    return SelectedTerms(terms, CriticalValues(terms, covariance, seed, draws), kept)


def varying(terms: EstimatedTerms) -> int:
    """How many terms vary."""
    return int(np.count_nonzero(terms.errors))


def intersection_bounds(
    lower: EstimatedTerms,
    upper: EstimatedTerms,
    covariance: Array,
    n: int,
    *,
    level: float = 0.95,
    seed: int = 1,
    draws: int = DRAWS,
) -> EstimatedBounds:
    """Estimates and intervals from the two sides' terms; `upper` holds minus the upper terms.

    Parameters
    ----------
    lower, upper : EstimatedTerms
    covariance : array of shape (cells, cells)
    n : int
        Units in all arms used.
    level : float
        Of the intervals.
    seed, draws : int
        Of the simulation of critical values.
    """
    alpha = 1 - level
    low, high = (one_side(terms, covariance, n, seed, draws) for terms in (lower, upper))

    def at(probability: float) -> Interval:
        return low.bound(probability), -high.bound(probability)

    adaptive = adaptive_level(at, alpha, n)
    return EstimatedBounds(
        plug_in=(float(lower.values.max()), -float(upper.values.max())),
        half_median_unbiased=at(0.5),
        set_interval=at(1 - alpha / 2),
        parameter_interval=inverted_test(lower, upper, covariance, n, alpha, seed, draws),
        parameter_interval_adaptive=at(adaptive),
        kept=(_numbers(low.kept), _numbers(high.kept)),
        critical_values=tuple(
            (f"{name}, {probability:g}", side.critical.quantile(side.kept, probability))
            for name, side in (("lower", low), ("upper", high))
            for probability in (0.5, 1 - alpha / 2)
        ),
    )


def _numbers(kept: Mask) -> tuple[int, ...]:
    return tuple(int(i) for i in np.flatnonzero(kept))


def adaptive_level(at: Callable[[float], Interval], alpha: float, n: int) -> float:
    """The one-sided level between 1 - alpha (a wide set) and 1 - alpha/2 (a point)."""
    width = max(0.0, at(0.5)[1] - at(0.5)[0])
    (low_first, high_first), (low_third, high_third) = at(0.25), at(0.75)
    shift = max(high_third - high_first, low_first - low_third)
    if shift <= 0:
        return 1 - alpha if width > 0 else 1 - alpha / 2
    return 1 - alpha * float(ndtr(width / (shift * log(n))))


# ---------------------------------------------------------------- the parameter
@dataclass(frozen=True, eq=False)
class ValueTest:
    """Whether a value of the estimand is rejected: it may be below no lower term and above no upper one."""

    terms: EstimatedTerms
    signs: Array
    critical: CriticalValues
    first: float
    level: float

    @cached_property
    def landmarks(self) -> tuple[float, ...]:
        """Values that an end may have exactly: zero, and what terms are that do not vary."""
        known = -self.signs[self.terms.errors == 0] * self.terms.values[self.terms.errors == 0]
        return tuple(sorted({0.0, *map(float, known)}))

    def excess(self, value: float) -> float:
        """Positive where the value is rejected. Terms far from binding at this value are left out."""
        moved = self.terms.values + self.signs * value
        kept = selected(moved, self.terms.errors, self.first)
        return corrected_max(moved, self.terms.errors, self.critical.quantile(kept, self.level).value)


def value_test(
    lower: EstimatedTerms, upper: EstimatedTerms, covariance: Array, n: int, alpha: float, seed: int, draws: int
) -> ValueTest:
    """The test of single values, with the joint covariance of both sides."""
    both = lower.beside(upper)
    critical = CriticalValues(both, covariance, seed, draws)
    signs = np.concatenate([-np.ones(len(lower.values)), np.ones(len(upper.values))])
    return ValueTest(both, signs, critical, selection_value(n, varying(both)), 1 - alpha)


def inverted_test(
    lower: EstimatedTerms, upper: EstimatedTerms, covariance: Array, n: int, alpha: float, seed: int, draws: int
) -> Interval | None:
    """The values that are not rejected."""
    test = value_test(lower, upper, covariance, n, alpha, seed, draws)
    inside = _not_rejected(test, float(lower.values.max()), -float(upper.values.max()))
    if inside is None:
        return None
    reach = 1 + float(np.abs(test.terms.values).max()) + 10 * float(test.terms.errors.max())
    return _edge(test, inside, inside - reach), _edge(test, inside, inside + reach)


def _not_rejected(test: ValueTest, low: float, high: float) -> float | None:
    """A value between (or, where they cross, around) the plug-in bounds that is not rejected."""
    middle = (low + high) / 2
    spread = abs(high - low) + float(test.terms.errors.max())
    candidates = [middle, low, high, *np.linspace(middle - spread, middle + spread, 81)]
    return next((float(value) for value in candidates if test.excess(value) <= 0), None)


def _edge(test: ValueTest, inside: float, outside: float) -> float:
    """Where rejection begins between a value that is not rejected and one that is.

    At a landmark, or beyond by less than the accuracy, so that nothing is lost.
    """
    found = inside
    for mark in sorted(test.landmarks, key=lambda mark: abs(mark - inside)):
        if min(inside, outside) < mark < max(inside, outside):
            if test.excess(mark) > 0:
                outside = mark
                break
            inside = found = mark
    while abs(outside - inside) > ACCURACY:
        middle = (inside + outside) / 2
        if test.excess(middle) <= 0:
            inside = middle
        else:
            outside = middle
    return inside if inside == found and found in test.landmarks else outside
