"""Bounds with pieces as functions of one parameter: exact kinks, where guards switch, gaps and infinite ends.

At given data a piece is a quotient of polynomials in the parameter. Where one takes over from another is a root of the
polynomial that their difference has above; an irrational one is as close as a picture can show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Literal

from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.evaluation.curves import SAMPLES, CurvePoint, TermLine, allowed_part, parameter_range
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.rational import Number, Written
from boundgen.exact.univariate import Univariate
from boundgen.polyhedra.weighted_optimum import End, Ends

# Values on both sides of an irrational place that are so close are one.
SAME = Fraction(1, 10**9)
# Where in a stretch the printed form is held against the exact bounds.
CHECKED = (Fraction(1, 9), Fraction(1, 2), Fraction(8, 9))
StretchKind = Literal["function", "points", "infinite", "undefined"]
EndsAlong = Callable[[Fraction], Ends]


@dataclass(frozen=True)
class ParameterFunction:
    """A quotient of polynomials in the parameter."""

    above: Univariate
    below: Univariate

    def value(self, x: Fraction) -> Fraction | None:
        """None where it is divided by zero."""
        below = self.below.value(x)
        return self.above.value(x) / below if below else None

    def difference(self, other: ParameterFunction) -> Univariate:
        """What is zero where both are the same."""
        return self.above * other.below - other.above * self.below

    def __add__(self, other: ParameterFunction) -> ParameterFunction:
        if self.below == other.below:
            return ParameterFunction(self.above + other.above, self.below)
        return ParameterFunction(self.above * other.below + other.above * self.below, self.below * other.below)


@dataclass(frozen=True)
class Stretch:
    """A part of a side between two parameter values.

    Parameters
    ----------
    low, high : Fraction
    kind : {"function", "points", "infinite", "undefined"}
        Points: of bounds that no printed piece gives there, exact at each point and joined by lines.
    points : tuple of (parameter, value)
        None where the side is infinite or undefined.
    sign : int
        Of infinity.
    function : ParameterFunction or None
    """

    low: Fraction
    high: Fraction
    kind: StretchKind
    points: tuple[CurvePoint, ...] = ()
    sign: int = 0
    function: ParameterFunction | None = None


@dataclass(frozen=True)
class PiecewiseCurve:
    """One side of bounds with pieces.

    Parameters
    ----------
    stretches : tuple of Stretch
        From left to right, without gaps.
    kinks : tuple of (parameter, value)
        Where one function takes over from another and the side is continuous.
    jumps : tuple of Fraction
        Where it is not, as where guards switch.
    sign_lost : tuple of Fraction
    """

    stretches: tuple[Stretch, ...]
    kinks: tuple[CurvePoint, ...]
    jumps: tuple[Fraction, ...]
    sign_lost: tuple[Fraction, ...]


@dataclass(frozen=True)
class PiecewiseSensitivity:
    """Both sides of bounds with pieces against one parameter.

    Parameters
    ----------
    estimand, parameter : str
    low, high : Fraction
    lower, upper : PiecewiseCurve
    allowed : (Fraction, Fraction) or None
        Where in the range all testable implications hold, as far as they are known; None: nowhere.
    """

    estimand: str
    parameter: str
    low: Fraction
    high: Fraction
    lower: PiecewiseCurve
    upper: PiecewiseCurve
    allowed: CurvePoint | None


def piecewise_sensitivity(
    bounds: PiecewiseBounds,
    cells: Mapping[str, Written],
    parameter: str,
    low: Written | None = None,
    high: Written | None = None,
    parameters: Mapping[str, Written] | None = None,
) -> PiecewiseSensitivity:
    """Bounds with pieces at given data along one parameter; arguments and errors are those of `sensitivity`."""
    start, end = parameter_range(bounds.parameters, parameter, low, high)
    for place in (start, end):
        at = bounds.checked(cells, {**(parameters or {}), parameter: place})

    def line(term_value: Callable[[Mapping[str, Number]], Fraction]) -> TermLine:
        height = term_value({**at, parameter: 0})
        return TermLine(height, term_value({**at, parameter: 1}) - height)

    def ends(x: Fraction) -> Ends:
        return bounds.ends({**at, parameter: x})[0]

    allowed = allowed_part([line(term.value) for term in bounds.conditions or ()], start, end)
    along = _Along(parameter, at, start, end, ends, allowed)
    lower, upper = (_curve(along, side, bounds.denominator, k) for k, side in enumerate((bounds.lower, bounds.upper)))
    return PiecewiseSensitivity(bounds.name, parameter, start, end, lower, upper, allowed)


def sampled_sensitivity(estimand: str, parameter: str, values: Sequence[tuple[Fraction, Ends]]) -> PiecewiseSensitivity:
    """Bounds that are known at some parameter values alone: exact there, and joined by lines."""
    places = sorted(values, key=lambda value: value[0])
    low, high = places[0][0], places[-1][0]
    lower, upper = (PiecewiseCurve(tuple(_joined([(x, ends[k]) for x, ends in places])), (), (), ()) for k in (0, 1))
    return PiecewiseSensitivity(estimand, parameter, low, high, lower, upper, (low, high))


def _joined(places: Sequence[tuple[Fraction, End]]) -> Iterator[Stretch]:
    """Neighbours of the same kind are one stretch; between kinds nothing is known."""
    run: list[tuple[Fraction, End]] = []
    for place in places:
        if run and _kind_of(run[-1][1]) != _kind_of(place[1]):
            yield _stretch_of(run)
            run = []
        run.append(place)
    yield _stretch_of(run)


def _kind_of(end: End) -> tuple[StretchKind, int]:
    if end is None:
        return "undefined", 0
    if isinstance(end, float):
        return "infinite", 1 if end > 0 else -1
    return "points", 0


def _stretch_of(run: Sequence[tuple[Fraction, End]]) -> Stretch:
    kind, sign = _kind_of(run[0][1])
    points = tuple((x, end) for x, end in run if isinstance(end, Fraction))
    return Stretch(run[0][0], run[-1][0], kind, points, sign)


# ---------------------------------------------------------------- one side
@dataclass(frozen=True)
class _Along:
    """The parameter between two values, the exact bounds at each, and where data allow the assumptions."""

    parameter: str
    at: Mapping[str, Number]
    low: Fraction
    high: Fraction
    ends: EndsAlong
    allowed: CurvePoint | None

    def allows(self, low: Fraction, high: Fraction) -> bool:
        """Whether no testable implication is known to fail between two values."""
        return self.allowed is not None and self.allowed[0] <= low and high <= self.allowed[1]

    def polynomial(self, polynomial: Polynomial) -> Univariate:
        return Univariate.along(polynomial, self.parameter, self.at)

    def quotient(self, function: RationalFunction) -> ParameterFunction:
        return ParameterFunction(self.polynomial(function.numerator), self.polynomial(function.denominator))

    def roots(self, polynomials: Iterable[Univariate]) -> list[Fraction]:
        """With the ends of the range and of what data allow, from left to right."""
        found = {x for each in dict.fromkeys(polynomials) for x in each.roots(self.low, self.high)}
        own = {x for x in self.allowed or () if self.low <= x <= self.high}
        return sorted(found | own | {self.low, self.high})


@dataclass(frozen=True)
class _PieceAlong:
    """A piece, of an extreme law, with everything as polynomials in the parameter."""

    law: int
    guards: tuple[tuple[Univariate, Guard], ...]
    summands: tuple[tuple[Univariate, tuple[ParameterFunction, ...]], ...]

    @property
    def critical(self) -> Iterator[Univariate]:
        """Where the piece may change."""
        for guard, _ in self.guards:
            yield guard
        for _, options in self.summands:
            for option in options:
                yield option.below
            for one, other in combinations(options, 2):
                yield one.difference(other)

    def function(self, x: Fraction, sign: int) -> ParameterFunction | None:
        """What the piece is around a place where nothing changes; None where a guard fails there."""
        if not all(value.value(x) > 0 for value, _ in self.guards):
            return None
        total = ParameterFunction(Univariate(), Univariate.of([1]))
        for weight, options in self.summands:
            values = [(option.value(x), option) for option in options]
            known = [(sign * value, k) for k, (value, _) in enumerate(values) if value is not None]
            if len(known) < len(values):
                return None
            best = options[max(known)[1]]
            total += ParameterFunction(weight * best.above, best.below)
        return total


def _piece_along(piece: Piece, along: _Along) -> _PieceAlong:
    guards = tuple((along.polynomial(guard.polynomial), guard) for guard in piece.guards)
    # What is zero for all values holds, or does not, everywhere.
    moving = tuple(
        (Univariate.of([1]) if not value and guard.relation == ">=" else value, guard) for value, guard in guards
    )
    summands = tuple(
        (along.polynomial(summand.weight), tuple(map(along.quotient, summand.options))) for summand in piece.summands
    )
    return _PieceAlong(piece.law, moving, summands)


def _curve(along: _Along, side: PiecewiseSide, over: Polynomial | None, which: int) -> PiecewiseCurve:
    sign = 1 if side.op == "max" else -1
    pieces = [_piece_along(piece, along) for piece in side.pieces]
    divisor = ParameterFunction(Univariate.of([1]), along.polynomial(over or ONE))
    stretches = _merged(list(_stretches(along, pieces, divisor, which, sign)))
    kinks, jumps = _places(stretches)
    drawn = tuple(_with_points(stretch, along, which) for stretch in stretches)
    lost = _sign_lost(stretches, sign)
    inside = tuple(x for x in lost if along.allows(x, x))
    return PiecewiseCurve(drawn, tuple(kinks), tuple(jumps), inside)


def _stretches(
    along: _Along, pieces: Sequence[_PieceAlong], divisor: ParameterFunction, which: int, sign: int
) -> Iterator[Stretch]:
    """Between places where something changes, the best of the pieces, if it is the exact bound there."""
    critical = [divisor.below, *(each for piece in pieces for each in piece.critical)]
    for start, end in pairwise(along.roots(critical)):
        middle = (start + end) / 2
        found = [(p.law, function) for p in pieces if (function := p.function(middle, sign)) is not None]
        functions = list(
            dict.fromkeys(
                (law, ParameterFunction(f.above * divisor.above, f.below * divisor.below)) for law, f in found
            )
        )
        crossings = replace(along, low=start, high=end).roots(
            one.difference(other) for one, other in combinations(dict.fromkeys(f for _, f in functions), 2)
        )
        for low, high in pairwise(crossings):
            yield _stretch(along, functions, low, high, which, sign)


def _stretch(
    along: _Along,
    functions: Sequence[tuple[int, ParameterFunction]],
    low: Fraction,
    high: Fraction,
    which: int,
    sign: int,
) -> Stretch:
    middle = (low + high) / 2
    by_law: dict[int, tuple[Fraction, ParameterFunction]] = {}
    for law, function in functions:
        value = function.value(middle)
        if value is not None and (law not in by_law or sign * value > by_law[law][0]):
            by_law[law] = sign * value, function
    best = min(by_law.values(), key=lambda pair: pair[0])[1] if by_law else None
    # Where data contradict the assumptions a bound says nothing, and is drawn as it is printed.
    if best is not None and (not along.allows(low, high) or _is_exact(best, along, low, high, which)):
        return Stretch(low, high, "function", function=best)
    kind, infinity = _kind_of(along.ends(middle)[which])
    return Stretch(low, high, kind, sign=infinity)


def _is_exact(function: ParameterFunction, along: _Along, low: Fraction, high: Fraction, which: int) -> bool:
    """Whether the printed form is the exact bound, as it need not be where cells are zero."""
    places = [low + (high - low) * share for share in CHECKED]
    return all(function.value(x) == along.ends(x)[which] for x in places)


def _merged(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Neighbours that are the same function, or of the same kind, as one."""
    found: list[Stretch] = []
    for each in stretches:
        last = found[-1] if found else None
        if last is not None and (last.kind, last.sign) == (each.kind, each.sign) and _is_same(last, each):
            found[-1] = replace(last, high=each.high)
        else:
            found.append(each)
    return found


def _is_same(one: Stretch, other: Stretch) -> bool:
    if one.function is None or other.function is None:
        return one.function is other.function
    return not one.function.difference(other.function)


def _places(stretches: Sequence[Stretch]) -> tuple[list[CurvePoint], list[Fraction]]:
    """Kinks and jumps between neighbours."""
    kinks, jumps = [], []
    for one, other in pairwise(stretches):
        x = one.high
        values = [each.function.value(x) if each.function else None for each in (one, other)]
        if values[0] is not None and values[1] is not None and abs(values[0] - values[1]) < SAME:
            kinks.append((x, values[0]))
        else:
            jumps.append(x)
    return kinks, jumps


def _sign_lost(stretches: Sequence[Stretch], sign: int) -> list[Fraction]:
    """Where a side stops, or begins, to exclude zero."""
    signs: list[tuple[Fraction, bool, bool]] = []
    for each in stretches:
        function = each.function
        if function is None:
            signs.append((each.high, False, False))
            continue
        for start, end in pairwise(sorted({each.low, *function.above.roots(each.low, each.high), each.high})):
            value = function.value((start + end) / 2)
            signs.append((end, True, value is not None and sign * value > 0))
    return [
        x
        for (x, known, beyond), (_, next_known, next_beyond) in pairwise(signs)
        if known and next_known and beyond != next_beyond
    ]


# ---------------------------------------------------------------- what is drawn
def _with_points(stretch: Stretch, along: _Along, which: int) -> Stretch:
    function = stretch.function
    if function is not None:
        straight = function.above.degree <= 1 and function.below.degree <= 0
        places = [stretch.low, stretch.high] if straight else _grid(stretch)
        values = ((x, function.value(x)) for x in places)
        return replace(stretch, points=tuple((x, y) for x, y in values if y is not None))
    if stretch.kind != "points":
        return stretch
    exact = ((x, along.ends(x)[which]) for x in _grid(stretch))
    return replace(stretch, points=tuple((x, y) for x, y in exact if isinstance(y, Fraction)))


def _grid(stretch: Stretch) -> list[Fraction]:
    width = stretch.high - stretch.low
    return [stretch.low + width * i / SAMPLES for i in range(SAMPLES + 1)]
