"""The lines of a ratio: the edges of its dual polyhedron, whose points at l are the vertices of its slice there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, log, sqrt

from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.ratio_side import RatioSide, tightness
from boundgen.errors import PiecewiseError
from boundgen.exact.polynomials import ONE, RationalFunction
from boundgen.inference.bound_lines import BoundLine, Level, distinct_lines
from boundgen.inference.estimated_functions import EstimatedFunctions, times
from boundgen.inference.estimated_terms import error_of, ratio
from boundgen.inference.variation import ExactEstimate
from boundgen.program.linear_program import LinearProgram


@dataclass(frozen=True, eq=False)
class EstimatedFactor:
    """What a ratio is divided by beside its divisor, ``above / below``: nearly always one.

    Parameters
    ----------
    above, below : ExactEstimate
    low, high : Fraction
        Where it may be: sqrt(log n) standard errors away.
    """

    above: ExactEstimate
    below: ExactEstimate
    low: Fraction
    high: Fraction

    def level(self, end: Level, farthest: bool) -> Level:
        """The value of l that is ``end`` times one over the factor, the nearest to zero or the farthest from it."""
        if not isinstance(end, Fraction) or not end:
            return end
        divisor = self.low if farthest else self.high
        return end / divisor if divisor > 0 else inf if end > 0 else -inf


def ratio_lines(bounds: PiecewiseBounds, side: RatioSide, functions: EstimatedFunctions) -> tuple[BoundLine, ...]:
    """The lines of one side.

    Where the ratio is divided by an estimated factor too, an edge counts where it is one whatever the factor may be.
    """
    factor, rights = _factor(bounds, functions), _Rights(bounds, side, functions)
    return tuple(distinct_lines(_edge_lines(side, rights, factor))) if factor.high > 0 else ()


def _factor(bounds: PiecewiseBounds, functions: EstimatedFunctions) -> EstimatedFactor:
    above = functions.polynomial(bounds.normal.over.numerator)
    below = functions.polynomial(bounds.normal.over.denominator)
    if bounds.denominator is None and (above.gradient or below.gradient):
        raise PiecewiseError(
            f"intervals of {bounds.name} are not given: it is a ratio that is divided by a factor of either sign"
        )
    if below.value <= 0:
        # A group is empty: the factor may be anything, and no edge counts.
        return EstimatedFactor(above, below, Fraction(0), Fraction(0))
    quotient = ratio(above, below)
    reach = Fraction(
        sqrt(log(functions.sample.n)) * max(error_of(quotient, functions.sample, sign) for sign in (1, -1))
    )
    return EstimatedFactor(above, below, quotient.value - reach, quotient.value + reach)


@dataclass(frozen=True, eq=False)
class _Rights:
    """Right sides of rows at a sample, all times the denominators that some of them have."""

    bounds: PiecewiseBounds
    side: RatioSide
    functions: EstimatedFunctions

    @cached_property
    def _each(self) -> tuple[RationalFunction, ...]:
        normal = self.bounds.normal
        return tuple(normal.expanded(normal.program.rows[i].right) for i in self.side.reduced.passes[-1].rows[:-1])

    def estimate(self, form: Sequence[Fraction]) -> ExactEstimate:
        """The combination of right sides with these multiples."""
        divisors = dict.fromkeys(each.denominator for each in self._each if each.denominator != ONE)
        parts = [(Fraction(y), each) for y, each in zip(form, self._each, strict=True) if y]
        return self.functions.over(parts, divisors)


def _edge_lines(side: RatioSide, rights: _Rights, factor: EstimatedFactor) -> Iterator[BoundLine]:
    """Edges, as far as they can be positive: below the largest ratio of a stratum that is tight there."""
    tight, generators = tightness(side.reduced.program, side.generators), side.generators
    for edge in side.edges:
        *start, level = map(Fraction, generators.vertices[edge.vertex])
        *step, rise = map(Fraction, (generators.rays if edge.unbounded else generators.vertices)[edge.other])
        end = None if edge.unbounded else rise
        if end is not None:
            step, rise = [b - a for a, b in zip(start, step, strict=True)], end - level
        low, high = _ends(level, end, rise)
        high = min(high, _largest_ratio(side.reduced.program, tight.support(edge).columns))
        low, high = factor.level(low, farthest=low > 0), factor.level(high, farthest=high < 0)
        if low < high:
            slopes = [x / rise for x in step]
            above = rights.estimate([a - level * slope for a, slope in zip(start, slopes, strict=True)])
            divisor = rights.estimate([-slope for slope in slopes])
            yield BoundLine(times(above, factor.below), times(divisor, factor.above), low, high)


def _ends(start: Fraction, end: Fraction | None, step: Fraction) -> tuple[Level, Level]:
    if end is None:
        return (start, inf) if step > 0 else (-inf, start)
    return min(start, end), max(start, end)


def _largest_ratio(program: LinearProgram, columns: Iterable[int]) -> Level:
    """The largest ratio of a distribution over some strata."""
    found: Level = -inf
    for j in columns:
        cost, event = program.columns[j].cost, program.columns[j].event
        if event:
            found = max(found, Fraction(cost) / Fraction(event))
        elif cost > 0:
            return inf
    return found
