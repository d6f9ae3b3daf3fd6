"""When a bound is at least l: the lines ``numerator - l * divisor`` of which one is then not negative.

Of a ratio they are the edges of its dual polyhedron, each between its two ends; of a sum of maxima, all sums of one
option for each summand, each times what it is divided by. They are linear in l, and nothing is divided, so that what
the bound is divided by may be near zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import inf, log, prod, sqrt
from statistics import NormalDist

import numpy as np

from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.ratio_side import RatioSide, tightness
from boundgen.errors import DataError, PiecewiseError
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.inference.estimand_range import Range
from boundgen.inference.estimated_functions import EstimatedFunctions, known, times
from boundgen.inference.estimated_terms import ratio
from boundgen.inference.intersection import selected
from boundgen.inference.piecewise_range import piecewise_range
from boundgen.inference.sample import Sample
from boundgen.inference.variation import ExactEstimate, combined
from boundgen.program.linear_program import LinearProgram

# A value of the estimand; infinities are floats.
Level = Fraction | float
MOST_SUMS = 5_000
# Up to so many sums, all options of each summand are used.
FEW_SUMS = 256


@dataclass(frozen=True, eq=False)
class BoundLine:
    """``numerator - l * divisor``, which is not negative only where the bound is at least l.

    Parameters
    ----------
    numerator, divisor : ExactEstimate
    low, high : Fraction or infinity
        Between these values of l; elsewhere the line says nothing.
    """

    numerator: ExactEstimate
    divisor: ExactEstimate
    low: Level = -inf
    high: Level = inf

    @property
    def fixed(self) -> tuple[Fraction, ...]:
        """Where the line is zero, if that is known."""
        known = (
            not any(self.numerator.gradient.values())
            and not any(self.divisor.gradient.values())
            and self.divisor.value > 0
        )
        return (self.numerator.value / self.divisor.value,) if known else ()

    @property
    def scale(self) -> Fraction:
        """What the line is divided by, so that it is in units of the estimand and its own units do not matter."""
        return abs(self.divisor.value) or abs(self.numerator.value) or Fraction(1)

    @property
    def order(self) -> tuple[float, ...]:
        """A place among other lines that does not depend on its units either."""
        return (
            float(self.low),
            float(self.high),
            float(self.numerator.value / self.scale),
            float(self.divisor.value > 0),
        )


@dataclass(frozen=True, eq=False)
class SideLines:
    """The lines of one side, as a lower bound: of the upper side those of minus the estimand.

    Parameters
    ----------
    chambers : tuple of tuple of BoundLine
        For each chamber in which the data may lie, its lines: the bound is at least l where one of the right chamber's
        is not negative, and only there.
    least, most : Fraction or infinity
        Between them the estimand lies, whatever the data are.
    """

    chambers: tuple[tuple[BoundLine, ...], ...]
    least: Level = -inf
    most: Level = inf

    @property
    def levels(self) -> list[Level]:
        """Where lines begin or end, where one is zero that nothing moves, and the ends of the range."""
        ends = {end for lines in self.chambers for line in lines for end in (line.low, line.high, *line.fixed)}
        return sorted({self.least, self.most, *(end for end in ends if self.least < end < self.most)})


Chambers = tuple[tuple[BoundLine, ...], ...]


def bound_lines(
    bounds: PiecewiseBounds, sample: Sample, parameters: Mapping[str, Number]
) -> tuple[SideLines, SideLines]:
    """The lines of both sides at a sample."""
    functions = EstimatedFunctions(sample, parameters)
    if bounds.ratio is None:
        over, limits = bounds.denominator or ONE, piecewise_range(bounds, parameters) or Range(-inf, inf)
        lower = SideLines(_of_pieces(bounds.lower, over, functions, 1), limits.low, limits.high)
        return lower, SideLines(_of_pieces(bounds.upper, over, functions, -1), -limits.high, -limits.low)
    lower, upper = (_of_ratio(bounds, side, functions) for side in bounds.ratio)
    return lower, upper


# ---------------------------------------------------------------- ratios
def _of_ratio(bounds: PiecewiseBounds, side: RatioSide, functions: EstimatedFunctions) -> SideLines:
    factor = functions.polynomial(bounds.normal.over.numerator)
    below = functions.polynomial(bounds.normal.over.denominator)
    if factor.gradient or below.gradient or factor.value * below.value <= 0:
        raise PiecewiseError(
            f"intervals of {bounds.name} are not given: it is a ratio that is divided by a further estimated factor"
        )
    over, rights = factor.value / below.value, _Rights(bounds, side, functions)
    limits = piecewise_range(bounds, functions.parameters) or Range(-inf, inf)
    ends = (limits.low, limits.high) if side.op == "max" else (-limits.high, -limits.low)
    return SideLines((tuple(_distinct(_edge_lines(side, rights, over))),), *ends)


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


def _edge_lines(side: RatioSide, rights: _Rights, over: Fraction) -> Iterator[BoundLine]:
    """Edges, as far as they can be positive: below the largest ratio of a stratum that is tight there."""
    tight, generators = tightness(side.reduced.program, side.generators), side.generators
    for edge in side.edges:
        *start, level = map(Fraction, generators.vertices[edge.vertex])
        *step, rise = map(Fraction, (generators.rays if edge.unbounded else generators.vertices)[edge.other])
        end = None if edge.unbounded else rise
        if end is not None:
            step, rise = [b - a for a, b in zip(start, step, strict=True)], end - level
        slopes = [x / rise for x in step]
        low, high = _ends(level, end, rise)
        high = min(high, _largest_ratio(side.reduced.program, tight.support(edge).columns))
        if low < high:
            above = [a - level * slope for a, slope in zip(start, slopes, strict=True)]
            divisor = rights.estimate([-slope * over for slope in slopes])
            yield BoundLine(rights.estimate(above), divisor, _divided(low, over), _divided(high, over))


def _ends(start: Fraction, end: Fraction | None, step: Fraction) -> tuple[Level, Level]:
    if end is None:
        return (start, inf) if step > 0 else (-inf, start)
    return min(start, end), max(start, end)


def _divided(level: Level, over: Fraction) -> Level:
    return level / over if isinstance(level, Fraction) else level


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


def _distinct(lines: Iterable[BoundLine]) -> Iterator[BoundLine]:
    """Lines that are the same at this sample and in its neighbourhood, once: what is between them is valid too."""
    found: dict[object, BoundLine] = {}
    for line in lines:
        key = tuple(
            (e.value, frozenset((p, s) for p, s in e.gradient.items() if s)) for e in (line.numerator, line.divisor)
        )
        old = found.get(key, line)
        found[key] = BoundLine(line.numerator, line.divisor, min(old.low, line.low), max(old.high, line.high))
    yield from sorted(found.values(), key=lambda line: line.order)


# ---------------------------------------------------------------- pieces
def _of_pieces(side: PiecewiseSide, over: Polynomial, functions: EstimatedFunctions, sign: int) -> Chambers:
    """The sums of the pieces that clearly hold; where none does, of each chamber in which the data may lie."""
    clear = [piece for piece in side.pieces if all(_holds(guard, functions, 1) for guard in piece.guards)]
    chambers: dict[frozenset[Guard], list[Piece]] = {frozenset(): clear} if clear else {}
    for piece in () if clear else side.pieces:
        if all(_holds(guard, functions, -1) for guard in piece.guards):
            chambers.setdefault(frozenset(piece.guards), []).append(piece)
    found = [
        tuple(_distinct(line for piece in pieces for line in _sums(piece, over, functions, sign)))
        for pieces in chambers.values()
    ]
    # In no chamber clearly or perhaps: then the data say nothing.
    return tuple(found) or ((),)


def _holds(guard: Guard, functions: EstimatedFunctions, clearly: int) -> bool:
    """Whether a guard clearly holds (1), or does not clearly fail (-1): clear is sqrt(log n) standard errors."""
    found = functions.polynomial(guard.polynomial)
    error = functions.sample.variation.standard_error(found.gradient)
    if not error:
        return found.value > 0 or (guard.relation == ">=" and not found.value)
    return float(found.value) > clearly * sqrt(log(functions.sample.n)) * error


def _sums(piece: Piece, over: Polynomial, functions: EstimatedFunctions, sign: int) -> Iterator[BoundLine]:
    """All sums of one option for each summand."""
    summands = [[_weighted(each.weight, option) for option in each.options] for each in piece.summands]
    if prod(map(len, summands)) > FEW_SUMS:
        summands = [_plausible(options, functions, sign) for options in summands]
    if (count := prod(map(len, summands))) > MOST_SUMS:
        raise DataError(
            f"{count:.2g} sums of one option for each summand, more than {MOST_SUMS}",
            remedy="Ask for an estimand with fewer groups.",
        )
    for chosen in itertools.product(*summands):
        divisors = dict.fromkeys(f.denominator for f in chosen if f.denominator != ONE)
        below = known(1)
        for divisor in (over, *divisors):
            below = times(below, functions.polynomial(divisor))
        yield BoundLine(functions.over([(Fraction(sign), f) for f in chosen], divisors), below)


def _weighted(weight: Polynomial, option: RationalFunction) -> RationalFunction:
    """A weight times an option, of which the weight often is the denominator."""
    multiple = weight.multiple_of(option.denominator)
    if multiple is not None:
        return RationalFunction(option.numerator.scaled(multiple))
    return RationalFunction.of(option.numerator * weight, option.denominator)


def _plausible(options: Sequence[RationalFunction], functions: EstimatedFunctions, sign: int) -> list[RationalFunction]:
    """The options that inequality selection keeps, at Bonferroni's critical value; those over zero are all kept."""
    tops, bottoms = (
        [functions.polynomial(part) for part in parts]
        for parts in ([f.numerator for f in options], [f.denominator for f in options])
    )
    inside = [i for i, bottom in enumerate(bottoms) if bottom.value > 0]
    quotients = [combined([(Fraction(sign), ratio(tops[i], bottoms[i]))]) for i in inside]
    values = np.array([float(each.value) for each in quotients])
    errors = np.array([functions.sample.variation.standard_error(each.gradient) for each in quotients])
    kept = set(range(len(options))) - set(inside)
    if inside:
        critical = generous(functions.sample.n, len(options))
        kept |= {inside[i] for i in np.flatnonzero(selected(values, errors, critical))}
    return [options[i] for i in sorted(kept)]


def generous(n: int, terms: int) -> float:
    """A critical value for selection that is larger than that of the procedure, and needs no simulation."""
    return NormalDist().inv_cdf(1 - 0.1 / log(n) / terms)
