"""Bounds as functions of one sensitivity parameter, exactly: kinks, and where the sign is lost.

At given data every term is an affine function of the parameter, so each side of a bound is piecewise linear.
Kinks are crossings of two terms and are computed from them; no grid is involved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from boundgen.bounds.closed_form import Bounds
from boundgen.errors import DataError, did_you_mean
from boundgen.exact.rational import Written, rational
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter

CurvePoint = tuple[Fraction, Fraction]
SAMPLES = 64


@dataclass(frozen=True)
class TermLine:
    """``height + slope * parameter``."""

    height: Fraction
    slope: Fraction

    def at(self, x: Fraction) -> Fraction:
        return self.height + self.slope * x

    def __neg__(self) -> TermLine:
        return TermLine(-self.height, -self.slope)


@dataclass(frozen=True)
class Curve:
    """One side of a bound.

    Parameters
    ----------
    points : tuple of (parameter, value)
        Ends and kinks, with straight lines between them. Over a denominator that moves with the parameter
        the pieces are not straight, and there are further points between.
    kinks : tuple of (parameter, value)
        Where one term takes over from another.
    sign_lost : tuple of Fraction
        Parameter values beyond which the bound no longer excludes zero: it is zero there.
    """

    points: tuple[CurvePoint, ...]
    kinks: tuple[CurvePoint, ...]
    sign_lost: tuple[Fraction, ...]


@dataclass(frozen=True)
class Sensitivity:
    """Both sides of a bound against one parameter.

    Parameters
    ----------
    estimand, parameter : str
    low, high : Fraction
        The range of the parameter.
    lower, upper : Curve
    allowed : (Fraction, Fraction) or None
        Where in the range all testable implications hold; None: nowhere.
    """

    estimand: str
    parameter: str
    low: Fraction
    high: Fraction
    lower: Curve
    upper: Curve
    allowed: CurvePoint | None


def sensitivity(
    bounds: Bounds,
    cells: Mapping[str, Written],
    parameter: str,
    low: Written | None = None,
    high: Written | None = None,
    parameters: Mapping[str, Written] | None = None,
) -> Sensitivity:
    """Bounds at given data as functions of one parameter.

    Parameters
    ----------
    bounds : Bounds
    cells : mapping of canonical cell name to exact number
        As for `Bounds.evaluate`.
    parameter : str
    low, high : exact number, optional
        The range that is looked at; by default that of the parameter's declaration.
    parameters : mapping of name to exact number, optional
        The values of the other parameters.

    Raises
    ------
    DataError
        Bad data or parameters as in `Bounds.evaluate`, a range without end, and bounds that were derived without
        their testable implications.

    Examples
    --------
    >>> from boundgen import catalogue
    >>> bounds = catalogue.load("mediation_limited_defiers").bound("delta1")
    >>> cells = {"P(Y=0,M=0|A=0)": "7/10", "P(Y=1,M=1|A=0)": "3/10"}
    >>> cells |= {"P(Y=0,M=0|A=1)": "4/10", "P(Y=0,M=1|A=1)": "2/10", "P(Y=1,M=1|A=1)": "4/10"}
    >>> found = sensitivity(bounds, cells, "gamma")
    >>> print(*found.upper.kinks[0])
    1/10 2/5
    """
    if bounds.conditions is None:
        raise DataError(
            "these bounds were derived without their testable implications", remedy="Derive with conditions=True."
        )
    low, high = parameter_range(bounds.parameters, parameter, low, high)
    for end in (low, high):
        at = bounds.checked(cells, {**(parameters or {}), parameter: end})

    def line(term: Term) -> TermLine:
        slope = term.mapping().get(parameter, Fraction(0))
        return TermLine(term.value({**at, parameter: 0}), slope)

    over = TermLine(Fraction(1), Fraction(0)) if bounds.denominator is None else line(bounds.denominator)
    begin, end = _positive(over, low, high, bounds.name)
    allowed = allowed_part([line(term) for term in bounds.conditions], low, high)
    lower = _curve([line(term) for term in bounds.lower.terms], over, begin, end, allowed)
    upper = _mirrored(_curve([-line(term) for term in bounds.upper.terms], over, begin, end, allowed))
    return Sensitivity(bounds.name, parameter, low, high, lower, upper, allowed)


def parameter_range(
    parameters: Sequence[Parameter], name: str, low: Written | None, high: Written | None
) -> CurvePoint:
    """The ends that were asked for, or those of the declaration."""
    declared = {parameter.name: parameter for parameter in parameters}
    if name not in declared:
        known = ", ".join(declared) or "none"
        raise DataError(f"unknown parameter '{name}'", remedy=f"{did_you_mean(name, declared)}parameters: {known}")
    start = declared[name].low if low is None else low
    end = declared[name].high if high is None else high
    if start is None or end is None:
        raise DataError(f"the range of parameter {name} has no end", remedy="Say from where to where to look.")
    found = rational(start, name), rational(end, name)
    if found[0] >= found[1]:
        raise DataError(
            f"the range of parameter {name} from {found[0]} to {found[1]} is empty",
            remedy="Write the smaller end first.",
        )
    return found


def _positive(over: TermLine, low: Fraction, high: Fraction, name: str) -> CurvePoint:
    """Where in the range the denominator is positive; where it ends in zero, a little before."""
    at_low, at_high = over.at(low), over.at(high)
    if at_low <= 0 and at_high <= 0:
        raise DataError(
            f"{name} cannot be drawn: at these data its condition does not have a positive probability",
            remedy="Draw the other estimands.",
        )
    if at_low > 0 and at_high > 0:
        return low, high
    zero = -over.height / over.slope
    return (low, zero - (zero - low) / SAMPLES) if at_low > 0 else (zero + (high - zero) / SAMPLES, high)


def allowed_part(conditions: Iterable[TermLine], low: Fraction, high: Fraction) -> CurvePoint | None:
    """The part of the range in which every condition is non-negative."""
    for condition in conditions:
        if condition.slope > 0:
            low = max(low, -condition.height / condition.slope)
        elif condition.slope < 0:
            high = min(high, -condition.height / condition.slope)
        elif condition.height < 0:
            return None
    return (low, high) if low <= high else None


def _curve(
    terms: Sequence[TermLine], over: TermLine, low: Fraction, high: Fraction, allowed: CurvePoint | None
) -> Curve:
    """The largest of the terms over the denominator; its sign matters where the data allow the assumptions."""
    corners = [(x, max(term.at(x) for term in terms)) for x in (low, *kinks_between(terms, low, high), high)]
    lost = [x for x in _ends_of_sign(corners) if allowed and allowed[0] <= x <= allowed[1]]
    shown = list(_between(corners)) if over.slope else corners
    values = {x: y / over.at(x) for x, y in shown}
    kinks = tuple((x, values[x]) for x, _ in corners[1:-1])
    return Curve(tuple(values.items()), kinks, tuple(dict.fromkeys(lost)))


def kinks_between(terms: Sequence[TermLine], low: Fraction, high: Fraction) -> Iterator[Fraction]:
    """Where, from left to right, a steeper term overtakes the largest one."""
    best = max(terms, key=lambda term: (term.at(low), term.slope))
    while True:
        crossings = [
            ((best.height - term.height) / (term.slope - best.slope), -term.slope, term)
            for term in terms
            if term.slope > best.slope
        ]
        if not crossings:
            return
        x, _, best = min(crossings, key=lambda crossing: crossing[:2])
        if x >= high:
            return
        yield x


def _ends_of_sign(points: Sequence[CurvePoint]) -> Iterator[Fraction]:
    """Where a piecewise linear function stops, or begins, to be positive."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if (y0 > 0) != (y1 > 0):
            yield x0 + (x1 - x0) * y0 / (y0 - y1)


def _between(corners: Sequence[CurvePoint]) -> Iterator[CurvePoint]:
    """Corners and points of the straight lines between them."""
    for (x0, y0), (x1, y1) in pairwise(corners):
        for i in range(SAMPLES):
            yield x0 + (x1 - x0) * i / SAMPLES, y0 + (y1 - y0) * i / SAMPLES
    yield corners[-1]


def _mirrored(curve: Curve) -> Curve:
    return Curve(tuple((x, -y) for x, y in curve.points), tuple((x, -y) for x, y in curve.kinks), curve.sign_lost)


# ---------------------------------------------------------------- parts of curves
def part(points: Sequence[CurvePoint], start: Fraction, end: Fraction) -> tuple[CurvePoint, ...]:
    """The piece of a curve between two parameter values, as far as the curve goes."""
    start, end = max(start, points[0][0]), min(end, points[-1][0])
    if start >= end:
        return ()
    inside = [point for point in points if start < point[0] < end]
    return (start, height(points, start)), *inside, (end, height(points, end))


def height(points: Sequence[CurvePoint], x: Fraction) -> Fraction:
    """The value of a curve at a parameter value between its ends."""
    (x0, y0), (x1, y1) = next(pair for pair in pairwise(points) if pair[0][0] <= x <= pair[1][0])
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
