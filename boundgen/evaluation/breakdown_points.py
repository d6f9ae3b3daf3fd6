"""Where along a parameter bounds at given data lose a conclusion, exactly: roots, no grid.

A conclusion is that the estimand is above a threshold, or below it. The bound on its side supports it where it is
beyond the threshold; the breakdown value is the smallest value of the parameter at which it is not (Kline & Santos
2013; Masten & Poirier 2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import DataError
from boundgen.evaluation.curves import TermLine, allowed_part
from boundgen.evaluation.piecewise_curves import PiecewiseCurve, Stretch, piecewise_sensitivity
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.exact.univariate import Univariate

# Of the estimand, against the threshold.
Conclusion = Literal["above", "below"]
CONCLUSIONS: tuple[Conclusion, Conclusion] = ("above", "below")
# A value of the parameter; only an end of a range may be infinite.
ParameterValue = Fraction | float


@dataclass(frozen=True)
class BreakdownRange:
    """From where to where along a parameter a breakdown value is looked for.

    Parameters
    ----------
    parameter : str
    low : Fraction
    high : Fraction or infinity
    """

    parameter: str
    low: Fraction
    high: ParameterValue


@dataclass(frozen=True)
class BreakdownPoint:
    """Where a conclusion is lost at given data.

    Parameters
    ----------
    start : Fraction
        From here on no testable implication fails at the data, as far as these are known.
    value : Fraction or None
        The smallest value from there on at which the bound does not support the conclusion; None where there is none.
    regained : Fraction or None
        Where it supports the conclusion again, if it does.
    """

    start: Fraction
    value: Fraction | None
    regained: Fraction | None = None


def breakdown_points(
    bounds: Bounds | PiecewiseBounds,
    cells: Mapping[str, Number],
    within: BreakdownRange,
    fixed: Mapping[str, Fraction],
    threshold: Fraction,
) -> dict[Conclusion, BreakdownPoint]:
    """Where either conclusion is lost.

    Parameters
    ----------
    bounds : Bounds or PiecewiseBounds
    cells : mapping of canonical cell name to exact number
    within : BreakdownRange
    fixed : mapping of name to Fraction
        The values of the other parameters.
    threshold : Fraction

    Returns
    -------
    mapping of {"above", "below"} to BreakdownPoint

    Raises
    ------
    DataError
        Where a testable implication fails at every value of the range, the estimand's condition has no positive
        probability at its start, or bounds with pieces are looked at in a range without end.
    """
    if isinstance(bounds, Bounds):
        return _of_terms(bounds, cells, within, fixed, threshold)
    return _of_pieces(bounds, cells, within, fixed, threshold)


def _allowed(part: tuple[Fraction, Fraction] | None, within: BreakdownRange) -> tuple[Fraction, Fraction]:
    if part is None:
        raise DataError(
            f"at these data a testable implication fails at every value of {within.parameter} that is looked at",
            remedy="boundgen estimate says which; assumptions that the data contradict support no conclusion.",
        )
    return part


# ---------------------------------------------------------------- linear terms
def margins(bounds: Bounds, conclusion: Conclusion, threshold: Fraction) -> tuple[Term, ...]:
    """The bound supports the conclusion where one of these is positive; nothing is divided."""
    over = (bounds.denominator or Term.of(1)).scaled(threshold)
    if conclusion == "above":
        return tuple(term - over for term in bounds.lower.terms)
    return tuple(over - term for term in bounds.upper.terms)


def _of_terms(
    bounds: Bounds,
    cells: Mapping[str, Number],
    within: BreakdownRange,
    fixed: Mapping[str, Fraction],
    threshold: Fraction,
) -> dict[Conclusion, BreakdownPoint]:
    at = {**cells, **fixed, within.parameter: 0}

    def line(term: Term) -> TermLine:
        return TermLine(term.value(at), term.mapping().get(within.parameter, Fraction(0)))

    low, high = within.low, within.high
    part = allowed_part(map(line, bounds.conditions or ()), low, high)  # type: ignore[arg-type]
    start, end = _allowed(part, within)
    if bounds.denominator is not None and line(bounds.denominator).at(start) <= 0:
        raise DataError(
            f"at {within.parameter} = {start} the condition of {bounds.name} does not have a positive probability in "
            "these data",
            remedy="Name the other estimands.",
        )

    def point(conclusion: Conclusion) -> BreakdownPoint:
        shortfalls = (-line(margin) for margin in margins(bounds, conclusion, threshold))
        lost = allowed_part(shortfalls, start, end)
        if lost is None:
            return BreakdownPoint(start, None)
        return BreakdownPoint(start, lost[0], lost[1] if lost[1] < end else None)

    return {conclusion: point(conclusion) for conclusion in CONCLUSIONS}


# ---------------------------------------------------------------- pieces
def _of_pieces(
    bounds: PiecewiseBounds,
    cells: Mapping[str, Number],
    within: BreakdownRange,
    fixed: Mapping[str, Fraction],
    threshold: Fraction,
) -> dict[Conclusion, BreakdownPoint]:
    if not isinstance(within.high, Fraction):
        raise DataError(
            f"the range of parameter {within.parameter} has no end",
            remedy=f"Say from where to where to look: --at {within.parameter}=0:10:1.",
        )
    found = piecewise_sensitivity(bounds, cells, within.parameter, within.low, within.high, fixed)
    allowed = _allowed(found.allowed, within)
    return {
        "above": _point(found.lower, allowed, threshold, 1),
        "below": _point(found.upper, allowed, threshold, -1),
    }


def _point(curve: PiecewiseCurve, allowed: tuple[Fraction, Fraction], threshold: Fraction, sign: int) -> BreakdownPoint:
    parts = [part for stretch in curve.stretches for part in _supports(stretch, allowed, threshold, sign)]
    lost = next((number for number, (_, supported) in enumerate(parts) if not supported), None)
    if lost is None:
        return BreakdownPoint(allowed[0], None)
    regained = next((place for place, supported in parts[lost:] if supported), None)
    return BreakdownPoint(allowed[0], parts[lost][0], regained)


def _supports(
    stretch: Stretch, allowed: tuple[Fraction, Fraction], threshold: Fraction, sign: int
) -> list[tuple[Fraction, bool]]:
    """From each place on, whether the conclusion is supported; a place where it is lost by itself stands there too."""
    low, high = max(stretch.low, allowed[0]), min(stretch.high, allowed[1])
    if low > high:
        return []
    if stretch.kind in ("infinite", "undefined"):
        return [(low, stretch.kind == "infinite" and stretch.sign == sign)]
    if stretch.function is None:
        return [(x, sign * (y - threshold) > 0) for x, y in stretch.points if low <= x <= high]
    function = stretch.function
    margin = (function.above - function.below.scaled(threshold)).scaled(sign)
    roots = margin.roots(low, high)
    found: list[tuple[Fraction, bool]] = []
    for start, end in pairwise(sorted({low, *roots, *function.below.roots(low, high), high})):
        found += [(start, False)] if start in roots else []
        found.append((start, _is_positive(margin, function.below, (start + end) / 2)))
    if low == high or high in roots:
        found.append((high, high not in roots and _is_positive(margin, function.below, high)))
    return found


def _is_positive(above: Univariate, below: Univariate, x: Fraction) -> bool:
    return above.value(x) * below.value(x) > 0
