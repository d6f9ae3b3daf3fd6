"""Intervals of a bound that is no maximum of linear terms, by inversion of the test of intersection bounds.

The bound is above l where one of the lines ``numerator - l * divisor`` is positive. That none is, is tested at each l
as intersection bounds test it (Chernozhukov, Lee & Rosen 2013), with critical values of the lines at that l. The
interval is what is not rejected. Nothing is divided, so a divisor may be near zero: then the interval is long, or
the whole range of the estimand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import inf, isinf

import numpy as np
import numpy.typing as npt

from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.exact.arrays import Array, Mask
from boundgen.exact.polynomials import ONE
from boundgen.exact.rational import Number
from boundgen.inference.bound_lines import BoundLine, Level, SideLines
from boundgen.inference.critical import CriticalValue, CriticalValues, ndtri, root_of
from boundgen.inference.estimand_range import Range
from boundgen.inference.estimated_bounds import EstimatedBounds, Interval
from boundgen.inference.estimated_functions import EstimatedFunctions
from boundgen.inference.estimated_terms import EstimatedTerms, gradients_of, with_errors
from boundgen.inference.intersection import corrected_max, selected, selection_value, varying
from boundgen.inference.misspecified import (
    Misfit,
    RobustIntervals,
    misfit_of,
    relaxed,
    robust_intervals,
    scaled_lines,
)
from boundgen.inference.names import Robust
from boundgen.inference.piece_lines import piece_lines
from boundgen.inference.piecewise_range import piecewise_range
from boundgen.inference.ratio_lines import ratio_lines
from boundgen.inference.sample import Sample
from boundgen.inference.variation import ExactEstimate, combined
from boundgen.polyhedra.weighted_optimum import Ends

# An end is found to this accuracy (of large ones, relatively); estimates are printed with four digits.
ACCURACY = 1e-6
# Of larger ends, only that they are so large is known.
LARGEST = 1e9
# Of values of l that are looked at where bounds cross.
SCANNED = 41


# ---------------------------------------------------------------- values of the estimand, infinite ones included
@dataclass(frozen=True)
class Position:
    """The value v / u with |v| + u = 1, so that infinite values are positions like others."""

    u: Fraction
    v: Fraction

    @staticmethod
    def of(level: Level) -> Position:
        """Where a value is."""
        if isinf(level):
            return Position(Fraction(0), Fraction(1 if level > 0 else -1))
        exact = Fraction(level)
        return Position(1 / (1 + abs(exact)), exact / (1 + abs(exact)))

    @property
    def level(self) -> float:
        """The value."""
        return float(self.v / self.u) if self.u else inf * float(self.v)

    @property
    def negative(self) -> Position:
        """That of minus the value."""
        return Position(self.u, -self.v)

    def middle(self, other: Position) -> Position:
        """Half way to another position."""
        v = Fraction(float(self.v + other.v) / 2)
        return Position(1 - abs(v), v)

    def is_near(self, other: Position) -> bool:
        """Whether the values agree to the accuracy with which ends are found."""
        one, two = self.level, other.level
        if isinf(one) or isinf(two):
            return min(abs(one), abs(two)) > LARGEST
        return abs(one - two) <= ACCURACY * max(1.0, min(abs(one), abs(two)))


# ---------------------------------------------------------------- lines at a value
@dataclass(frozen=True, eq=False)
class LineTable:
    """Lines in arrays: what is read of them at each value.

    Parameters
    ----------
    lines : tuple of BoundLine
    sample : Sample
    sign : {1, -1}
        Whether they are of the estimand, or of minus the estimand.
    """

    lines: tuple[BoundLine, ...]
    sample: Sample
    sign: int

    @cached_property
    def _limits(self) -> tuple[Array, Array]:
        return np.array([float(x.low) for x in self.lines]), np.array([float(x.high) for x in self.lines])

    @cached_property
    def _numbers(self) -> tuple[Array, Array, Array]:
        scales = (x.scale for x in self.lines)
        numbers = [
            (float(x.numerator.value), float(x.divisor.value), float(s))
            for x, s in zip(self.lines, scales, strict=True)
        ]
        above, below, scale = np.array(numbers, dtype=float).reshape(-1, 3).T
        return above, below, scale

    @cached_property
    def _slopes(self) -> tuple[Array, Array]:
        parts = [x.numerator for x in self.lines], [x.divisor for x in self.lines]
        above, below = (gradients_of(estimates, len(self.sample.cells)) for estimates in parts)
        return above, below

    @cached_property
    def _curved(self) -> bool:
        return any(part.curvature is not None for line in self.lines for part in (line.numerator, line.divisor))

    @cached_property
    def _bends(self) -> tuple[Array, Array, Array]:
        """Second-order variances and covariance of numerators and divisors.

        Of X normal with covariance S that is g'Sg + tr(HSHS) / 2 for a quadratic function; of a product of independent
        variables the last summand is the product of their variances (Aroian 1947).
        """
        found = np.zeros((3, len(self.lines)))
        for i, line in enumerate(self.lines):
            if line.numerator.curvature or line.divisor.curvature:
                one, other = (self._bent(part) for part in (line.numerator, line.divisor))
                found[:, i] = [(a * b.T).sum() / 2 for a, b in ((one, one), (one, other), (other, other))]
        above, both, below = found
        return above, both, below

    def _bent(self, part: ExactEstimate) -> Array:
        bends = np.zeros(self.sample.covariance.shape)
        for places, bend in (part.curvature or {}).items():
            bends[places] = float(bend)
        return np.asarray(bends @ self.sample.corrected)

    def at(self, position: Position) -> tuple[npt.NDArray[np.intp], EstimatedTerms]:
        """The numbers of the lines that say something of this value, and these lines there."""
        own = position if self.sign > 0 else position.negative
        low, high = self._limits
        numbers = np.flatnonzero((low <= own.level) & (own.level <= high))
        above, below, scale = (each[numbers] for each in self._numbers)
        u, v = float(own.u), float(own.v)
        values = (u * above - v * below) / scale
        doubtful = np.abs(values) <= 1e-9 * (u * np.abs(above) + abs(v) * np.abs(below)) / scale

        def exact(i: int) -> ExactEstimate:
            line = self.lines[numbers[i]]
            factors = own.u / line.scale, -own.v / line.scale
            return combined([(factors[0], line.numerator), (factors[1], line.divisor)])

        values[doubtful] = [float(exact(int(i)).value) for i in np.flatnonzero(doubtful)]
        gradients = (u * self._slopes[0][numbers] - v * self._slopes[1][numbers]) / scale[:, None]
        terms = with_errors(values, gradients, self.sample, exact)
        if not self._curved:
            return numbers, terms
        one, both, other = (each[numbers] for each in self._bends)
        second = np.clip(u * u * one - 2 * u * v * both + v * v * other, 0.0, None) / scale**2
        return numbers, replace(terms, errors=np.sqrt(terms.errors**2 + second), second=second)


@dataclass(frozen=True, eq=False)
class LinesTest:
    """Whether lines that should not be positive are clearly so.

    Parameters
    ----------
    kept : tuple of int
        Of the lines the numbers that may bind.
    critical : CriticalValue
    excess : float
        Positive where it is rejected that none is.
    flat : bool
        Whether a line that may bind owes a notable share of its variance to second derivatives.
    """

    kept: tuple[int, ...]
    critical: CriticalValue
    excess: float
    flat: bool = False


NOTHING = LinesTest((), CriticalValue(0.0, 0.0), 0.0)


@dataclass(frozen=True, eq=False)
class ValueTests:
    """ValueTests of values of the estimand at a sample: of one side, or of both together.

    Parameters
    ----------
    chambers : tuple of tuple of LineTable
        For each chamber in which the data may lie its tables; a value must be rejected in all chambers.
    sample : Sample
    seed, draws : int
    """

    chambers: tuple[tuple[LineTable, ...], ...]
    sample: Sample
    seed: int
    draws: int

    @cached_property
    def _root(self) -> Array:
        return root_of(self.sample.smoothed)

    def rejects(self, position: Position, level: float) -> bool:
        """Whether a value is rejected."""
        return all(self._test(tables, position, level).excess > 0 for tables in self.chambers)

    def found(self, position: Position, level: float) -> LinesTest:
        """What the test of the first chamber is made of."""
        return self._test(self.chambers[0], position, level)

    def flat(self, position: Position) -> bool:
        """Whether a line that may bind there owes a notable share of its variance to second derivatives."""
        return any(self._test(tables, position, 0.5).flat for tables in self.chambers)

    def _test(self, tables: tuple[LineTable, ...], position: Position, level: float) -> LinesTest:
        parts = [table.at(position) for table in tables]
        numbers = np.concatenate([part for part, _ in parts])
        terms = parts[0][1] if len(parts) == 1 else parts[0][1].beside(parts[1][1])
        if not len(numbers):
            return NOTHING
        kept = selected(terms.values, terms.errors, selection_value(self.sample.n, varying(terms)))
        few = _chosen(terms, kept)
        flat = bool(few.bent.any())
        second = self._critical(few, level, flat)
        chosen = tuple(int(i) for i in numbers[kept])
        return LinesTest(chosen, second, corrected_max(terms.values, terms.errors, second.value), flat)

    def _critical(self, few: EstimatedTerms, level: float, flat: bool) -> CriticalValue:
        if flat:
            # Gradients say little of how such terms go together; Bonferroni's value is right however they do.
            return CriticalValue(-float(ndtri((1 - level) / np.count_nonzero(few.errors))), 0.0)
        critical = CriticalValues(few, self.sample.smoothed, self.seed, self.draws, self._root)
        return critical.quantile(np.ones(len(few.values), dtype=bool), level)


def _chosen(terms: EstimatedTerms, chosen: Mask) -> EstimatedTerms:
    second = None if terms.second is None else terms.second[chosen]
    return EstimatedTerms(terms.values[chosen], terms.gradients[chosen], terms.errors[chosen], second=second)


# ---------------------------------------------------------------- ends
def first_accepted(positions: Sequence[Position], rejects: Callable[[Position], bool]) -> Position | None:
    """Where rejection ends on the way from the first position to the last; None where it does not end."""
    before: Position | None = None
    for position in positions:
        if not rejects(position):
            return position if before is None else border(before, position, rejects)
        before = position
    return None


def border(outside: Position, inside: Position, rejects: Callable[[Position], bool]) -> Position:
    """Between a rejected position and one that is not: the last that is rejected, so that nothing is lost."""
    while not outside.is_near(inside):
        middle = outside.middle(inside)
        if rejects(middle):
            outside = middle
        else:
            inside = middle
    return outside


@dataclass(frozen=True, eq=False)
class Inversion:
    """Both sides' lines at a sample, and the tests that they make.

    Parameters
    ----------
    sides : pair of SideLines
        Of the lower side, and of the upper one as that of minus the estimand.
    plug_in : (lower, upper)
    sample : Sample
    seed, draws : int
    """

    sides: tuple[SideLines, SideLines]
    plug_in: Interval
    sample: Sample
    seed: int
    draws: int

    def tests(self, side: int) -> ValueTests:
        """Of one side, 0 or 1."""
        tables = tuple((LineTable(lines, self.sample, 1 - 2 * side),) for lines in self.sides[side].chambers)
        return ValueTests(tables, self.sample, self.seed, self.draws)

    def reported(
        self, shortfalls: Sequence[ExactEstimate], level: float, robust: Robust
    ) -> tuple[EstimatedBounds, Misfit | None]:
        """Estimates and intervals, robust ones where these are asked for; arguments and results as for `misfit_of`."""
        ordinary = inverted_bounds(self, level)
        return misfit_of(ordinary, shortfalls, robust, lambda: self._robust(shortfalls, level))

    def _robust(self, shortfalls: Sequence[ExactEstimate], level: float) -> RobustIntervals | None:
        """Intervals that stay valid where the model is wrong; arguments as for `robust_intervals`."""
        sides = [[scaled_lines(lines, one.least, self.sample) for lines in one.chambers] for one in self.sides]
        lower, upper = (tuple(line for lines in chambers for line in lines) for chambers in sides)

        def intervals(by: ExactEstimate, level: float) -> EstimatedBounds:
            one, other = (
                replace(side, chambers=tuple(relaxed(lines, by) for lines in chambers))
                for side, chambers in zip(self.sides, sides, strict=True)
            )
            return inverted_bounds(replace(self, sides=(one, other)), level)

        return robust_intervals((lower, upper), shortfalls, intervals, self.sample, level)

    @cached_property
    def joint_tests(self) -> ValueTests:
        """Of both sides together."""
        lower, upper = (self.tests(side).chambers for side in (0, 1))
        pairs = tuple((one, other) for (one,) in lower for (other,) in upper)
        return ValueTests(pairs, self.sample, self.seed, self.draws)

    def end(self, side: int, level: float) -> float:
        """The end of one side: right with this probability."""
        positions, tests = self._positions([self.plug_in[side]]), self.tests(side)
        found = first_accepted(
            positions if side == 0 else positions[::-1], lambda position: tests.rejects(position, level)
        )
        return (found or positions[-1 if side == 0 else 0]).level

    def values(self, level: float) -> Interval | None:
        """The values that are not rejected by both sides together, from the least to the largest."""
        rejects = self._joint(level)
        positions = self._positions(self.plug_in)
        if all(rejects(position) for position in positions):
            positions = self._positions([*self.plug_in, *self._around()])
        low, high = first_accepted(positions, rejects), first_accepted(positions[::-1], rejects)
        return None if low is None or high is None else (low.level, high.level)

    @property
    def flat(self) -> bool:
        """Whether at the plug-in bounds a line that may bind is nearly flat in the cells."""
        return any(self.tests(side).flat(Position.of(end)) for side, end in enumerate(self.plug_in))

    def _joint(self, level: float) -> Callable[[Position], bool]:
        known: dict[Position, bool] = {}

        def rejects(position: Position) -> bool:
            if position not in known:
                known[position] = self.joint_tests.rejects(position, level)
            return known[position]

        return rejects

    def _positions(self, more: Iterable[float]) -> list[Position]:
        """In rising order the ends of lines and other values within the range."""
        lower, upper = self.sides
        levels = {*lower.levels, *(-level for level in upper.levels)}
        levels |= {Fraction(level) if not isinf(level) else level for level in more}
        return [Position.of(level) for level in sorted(levels) if lower.least <= level <= lower.most]

    def _around(self) -> list[float]:
        """Where bounds cross, or nearly so: values between them and a little beyond."""
        low, high = (max(-LARGEST, min(LARGEST, end)) for end in self.plug_in)
        spread = abs(high - low) + 0.01
        return [float(value) for value in np.linspace((low + high) / 2 - spread, (low + high) / 2 + spread, SCANNED)]


def inversion(
    bounds: PiecewiseBounds, sample: Sample, parameters: Mapping[str, Number], seed: int, draws: int
) -> Inversion:
    """What intervals are found by."""
    # Cells of factors are multiplied, as two effects are of which both may be near zero.
    sides = _sides(bounds, EstimatedFunctions(sample, parameters, curved=bounds.source is not None))
    at = {**dict(zip(sample.cells, sample.variation.shares, strict=True)), **parameters}
    is_known = bounds.denominator is None or bounds.denominator.value(at) > 0
    ends: Ends = bounds.ends(at)[0] if is_known else (None, None)
    least, most = sides[0].least, sides[0].most
    low, high = (least if ends[0] is None else ends[0]), (most if ends[1] is None else ends[1])
    return Inversion(sides, (float(low), float(high)), sample, seed, draws)


def _sides(bounds: PiecewiseBounds, functions: EstimatedFunctions) -> tuple[SideLines, SideLines]:
    limits = piecewise_range(bounds, functions.parameters) or Range(-inf, inf)
    lower, upper = (
        [(ratio_lines(bounds, side, functions),) for side in bounds.ratio]
        if bounds.ratio
        else [
            piece_lines(form, bounds.denominator or ONE, functions, sign)
            for form, sign in ((bounds.lower, 1), (bounds.upper, -1))
        ]
    )
    return SideLines(lower, limits.low, limits.high), SideLines(upper, -limits.high, -limits.low)


def inverted_bounds(inverted: Inversion, level: float) -> EstimatedBounds:
    """Estimates and intervals; the adaptive interval is for linear terms."""
    outer = 1 - (1 - level) / 2
    half, whole = ((inverted.end(0, one_sided), inverted.end(1, one_sided)) for one_sided in (0.5, outer))
    tests = [inverted.tests(side) for side in (0, 1)]
    found = {
        (side, one_sided): tests[side].found(Position.of(ends[side]), one_sided)
        for one_sided, ends in ((0.5, half), (outer, whole))
        for side in (0, 1)
    }
    return EstimatedBounds(
        plug_in=inverted.plug_in,
        half_median_unbiased=half,
        set_interval=whole,
        parameter_interval=inverted.values(level),
        parameter_interval_adaptive=None,
        kept=(found[0, 0.5].kept, found[1, 0.5].kept),
        critical_values=tuple(
            (f"{'upper' if side else 'lower'}, {one_sided:g}", test.critical)
            for (side, one_sided), test in found.items()
        ),
    )
