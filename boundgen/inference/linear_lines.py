"""Linear terms, over a denominator or not, as the lines ``N - l * D`` that should not be positive at the estimand l.

That a bound ``max over v of N_v / D`` is at most l is ``N_v - l * D <= 0`` for all v, which is linear in the data. The
delta method would divide by an estimate of D, and its intervals are too short where that may be near zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from boundgen.inference.bound_lines import BoundLine, SideLines
from boundgen.inference.estimand_range import Range
from boundgen.inference.estimated_bounds import EstimatedBounds
from boundgen.inference.estimated_functions import known
from boundgen.inference.estimated_terms import error_of, linearised
from boundgen.inference.intersection import intersection_bounds
from boundgen.inference.inversion import Inversion
from boundgen.inference.misspecified import RobustIntervals, relaxed, robust_intervals, scaled_lines
from boundgen.inference.sample import Sample
from boundgen.inference.variation import ExactEstimate

# Fewer standard errors from zero, a denominator is called weak: intervals may be long, or the whole range.
STRONG = 4


@dataclass(frozen=True)
class EstimatedDenominator:
    """What the bounds of an estimand are divided by.

    Parameters
    ----------
    value : float
    standard_error : float
    """

    value: float
    standard_error: float

    @property
    def strength(self) -> float:
        """How many standard errors it is from zero."""
        return self.value / self.standard_error if self.standard_error else inf


def estimated_denominator(below: ExactEstimate, sample: Sample) -> EstimatedDenominator:
    """A denominator at a sample."""
    return EstimatedDenominator(float(below.value), error_of(below, sample))


def inversion_over(
    lower: Iterable[ExactEstimate],
    upper: Iterable[ExactEstimate],
    denominator: ExactEstimate,
    limits: Range | None,
    sample: Sample,
    seed: int,
    draws: int,
) -> Inversion:
    """What intervals of terms over a denominator are found by.

    Parameters
    ----------
    lower, upper : iterable of ExactEstimate
        Terms without the denominator; `upper` holds minus the upper terms.
    denominator : ExactEstimate
        Positive.
    limits : Range or None
        Of the estimand.
    sample : Sample
    seed, draws : int

    Returns
    -------
    Inversion
    """
    lines = [tuple(_line(above, denominator) for above in side) for side in (lower, upper)]
    low, high = (max(line.numerator.value / line.divisor.value for line in side) for side in lines)
    least, most = (-inf, inf) if limits is None else (limits.low, limits.high)
    sides = SideLines((lines[0],), least, most), SideLines((lines[1],), -most, -least)
    return Inversion(sides, (float(low), -float(high)), sample, seed, draws)


def _line(above: ExactEstimate, below: ExactEstimate) -> BoundLine:
    """The line of one term; a multiple of the denominator is a number, whatever the denominator is."""
    multiple = above.value / below.value
    moved = {*above.gradient, *below.gradient}
    if all(above.gradient.get(place, 0) == multiple * below.gradient.get(place, 0) for place in moved):
        return BoundLine(known(multiple), known(1))
    return BoundLine(above, below)


def robust_linear(
    lower: Iterable[ExactEstimate],
    upper: Iterable[ExactEstimate],
    limits: Range | None,
    shortfalls: Sequence[ExactEstimate],
    sample: Sample,
    level: float,
    seed: int,
    draws: int,
) -> RobustIntervals | None:
    """Intervals of linear terms that stay valid where the model is wrong; parameters as for `inversion_over`.

    Parameters
    ----------
    shortfalls : sequence of ExactEstimate
        As for `robust_intervals`.
    level : float

    Returns
    -------
    RobustIntervals or None
    """
    lines = (tuple(BoundLine(term, known(1)) for term in side) for side in (lower, upper))
    ends = (-inf, -inf) if limits is None else (limits.low, -limits.high)
    low, high = (scaled_lines(side, end, sample) for side, end in zip(lines, ends, strict=True))

    def intervals(by: ExactEstimate, level: float) -> EstimatedBounds:
        one, other = (linearised([line.numerator for line in relaxed(side, by)], sample) for side in (low, high))
        return intersection_bounds(one, other, sample.smoothed, sample.n, level=level, seed=seed, draws=draws)

    return robust_intervals((low, high), shortfalls, intervals, sample, level)
