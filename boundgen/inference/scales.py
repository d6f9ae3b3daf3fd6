"""By what a function of the data is relaxed: the standard error that as many independent units would give it.

A relaxation of delta standard errors moves with them, and where delta is large that is no less than what the function
itself moves by. So these errors are functions of the cells, with derivatives: of independent units of equal weight,
whatever the design is. One factor for all of them, which only the number delta depends on, brings them to the size of
the design's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt

import numpy as np

from boundgen.exact.arrays import Array
from boundgen.inference.bound_lines import BoundLine
from boundgen.inference.estimated_functions import known
from boundgen.inference.estimated_terms import from_least, gradients_of
from boundgen.inference.sample import UNSEEN, ArmPrecision, Sample
from boundgen.inference.variation import ExactEstimate, combined


def scale_of(line: BoundLine, sample: Sample) -> ExactEstimate:
    """The standard error of a line where it is zero in the sample, or at the nearest value that it is for.

    Of a sample without units where the line is least it is that with `UNSEEN` units more there, as standard errors are.
    What a line's own slopes change by, if it is a product, is left out.

    Parameters
    ----------
    line : BoundLine
    sample : Sample

    Returns
    -------
    ExactEstimate
        Zero where the line does not vary.
    """
    at, here = _zero(line), at_zero(line)
    slopes, back = gradients_of([here, line.divisor], len(sample.cells))
    moving = from_least(slopes[None], sample, lambda _: here)[0]
    variance, by_value, by_cell = 0.0, 0.0, np.zeros(len(sample.cells))
    for arm in sample.precision:
        part = _variance(arm, sample, moving[arm.places])
        variance += part.value
        by_cell[arm.places] += part.by_cell
        by_value -= part.by_slopes(back[arm.places])
    if variance <= 0:
        return known(0)
    size = sqrt(_design(sample) / variance)
    moved = ExactEstimate(Fraction(0), {i: Fraction(size / 2 * slope) for i, slope in enumerate(by_cell) if slope})
    gradient = combined([(Fraction(1), moved), (Fraction(size / 2 * by_value), at)]).gradient
    return ExactEstimate(Fraction(size * variance), gradient)


def at_zero(line: BoundLine) -> ExactEstimate:
    """A line at that value, taken to be fixed."""
    return combined([(Fraction(1), line.numerator), (-_zero(line).value, line.divisor)])


def _zero(line: BoundLine) -> ExactEstimate:
    """Where a line is zero, with its derivatives; an end of its range does not move."""
    below = line.divisor.value
    zero = line.numerator.value / below if below else Fraction(0)
    nearest = Fraction(min(max(zero, line.low), line.high))
    if not below or nearest != zero:
        return known(nearest)
    above, under = ((Fraction(1) / below, line.numerator), (-zero / below, line.divisor))
    return ExactEstimate(zero, combined([above, under]).gradient)


def _design(sample: Sample) -> float:
    """By how much variances are larger than those of independent units of equal weight, overall."""
    return sum(_units(arm) for arm in sample.precision) / sum(max(1.0, arm.size) for arm in sample.precision)


def _units(arm: ArmPrecision) -> int:
    return max(1, arm.units)


@dataclass(frozen=True, eq=False)
class _ArmVariance:
    """What an arm's units add to the variance of a function: ``(k * sum p a^2 - (k * sum p a)^2) / N``.

    Parameters
    ----------
    shares, above : array of shape (cells,)
        p and a: the arm's shares, and the function's slopes from the least on; the last cell holds units in none.
    least : int
        The cell where the slope is least.
    kept, units : float
        k and N: the part that units of the sample are, and how many units there are.
    """

    shares: Array
    above: Array
    least: int
    kept: float
    units: float

    @property
    def mean(self) -> float:
        return self.kept * float(self.above @ self.shares)

    @property
    def value(self) -> float:
        return (self.kept * float(self.above**2 @ self.shares) - self.mean**2) / self.units

    @property
    def by_cell(self) -> Array:
        """Derivatives by the arm's shares, which sum up to one."""
        found = self.kept * self.above * (self.above - 2 * self.mean) / self.units
        return np.asarray(found[:-1] - found[-1])

    def by_slopes(self, slopes: Array) -> float:
        """The derivative where slopes grow by so much for each."""
        grown = np.append(slopes, 0.0)
        grown -= grown[self.least]
        return 2 * self.kept * float((self.shares * (self.above - self.mean)) @ grown) / self.units


def _variance(arm: ArmPrecision, sample: Sample, slopes: Array) -> _ArmVariance:
    """With no unit more, or with some where the slope is least, whichever is larger."""
    shares, units = sample.probabilities[arm.places], _units(arm)
    rest = 0.0 if arm.whole else max(0.0, 1 - float(shares.sum()))
    # In an arm that is whole nobody is in the last cell: there it has the least slope of the others.
    slopes = np.append(slopes, slopes.min() if arm.whole else 0.0)
    least = int(slopes.argmin())
    simple = _ArmVariance(np.append(shares, rest), slopes - slopes[least], least, 1.0, units)
    more = replace(simple, kept=units / (units + UNSEEN), units=units + UNSEEN)
    return max(simple, more, key=lambda each: each.value)
