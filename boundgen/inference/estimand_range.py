"""The range of an estimand: what it may be over all distributions that the model allows, whatever the data are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf

from boundgen.bounds.closed_form import Bounds
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.inference.estimated_bounds import EstimatedBounds, Interval, is_crossed
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.linear_program import LinearProgram

CUT = ("half_median_unbiased", "set_interval", "parameter_interval", "parameter_interval_adaptive")


@dataclass(frozen=True)
class Range:
    """The least and the largest value, exact, or infinite."""

    low: Fraction | float
    high: Fraction | float


@dataclass(frozen=True)
class _Kind:
    """Strata that are alike to assumptions and estimand."""

    cost: Fraction
    event: Fraction
    entries: tuple[tuple[int, Number], ...]


def estimand_range(bounds: Bounds, parameters: Mapping[str, Number]) -> Range | None:
    """The range of an estimand at these values of the parameters.

    None where nothing is to be said: at these parameters no distribution meets the assumptions, or the bounds do not
    know their program.
    """
    if bounds.program is None:
        return None
    program = bounds.program
    divisors = _divisors(program, bounds.denominator, parameters)
    if divisors is None:
        return None
    low, high = _least(program, divisors, parameters, 1), _least(program, divisors, parameters, -1)
    if low is None or high is None:
        return None
    offset = program.offset.value(parameters)
    return Range(low + offset, offset - high)


def _divisors(
    program: LinearProgram, denominator: Term | None, parameters: Mapping[str, Number]
) -> list[Fraction] | None:
    """What each stratum adds to the divisor; None where that is not said by the cells.

    Of a conditional estimand it is whether the stratum is in the event. Of a ratio whose divisor the data identify the
    divisor is a function of cells, and of each cell a stratum has its entry.
    """
    if denominator is None or any(column.event != 1 for column in program.columns):
        return [Fraction(column.event) for column in program.columns]
    place = {row.name: i for i, row in enumerate(program.rows) if row.kind == "cell"}
    names = [name for name, _ in denominator.coefficients]
    if any(name not in place and name not in parameters for name in names):
        return None
    constant = Term.of(denominator.constant, {n: c for n, c in denominator.coefficients if n not in place})
    known, cells = constant.value(parameters), [(place[n], c) for n, c in denominator.coefficients if n in place]
    return [
        known + sum((c * entries.get(i, 0) for i, c in cells), Fraction(0))
        for entries in (dict(column.entries) for column in program.columns)
    ]


def _least(
    program: LinearProgram, divisors: Sequence[Fraction], parameters: Mapping[str, Number], sign: int
) -> Fraction | float | None:
    """The least ratio of the mean cost (times the sign) to the mean divisor; minus infinity where there is none."""
    assumed = [i for i, row in enumerate(program.rows) if row.kind == "assumption"]
    kinds = list(dict.fromkeys(_kinds(program, divisors, assumed, sign)))
    # A ratio of sums over strata: weights are divided by the mean divisor, of which the inverse is one more unknown.
    inverse = len(kinds)
    if not assumed and all(kind.event >= 0 for kind in kinds):
        if not any(kind.event for kind in kinds):
            return None
        if any(not kind.event and kind.cost < 0 for kind in kinds):
            return -inf
        return min(kind.cost / kind.event for kind in kinds if kind.event)
    constraints = _constraints(program, assumed, kinds, parameters)
    try:
        best = maximum(inverse + 1, {j: -kind.cost for j, kind in enumerate(kinds)}, constraints, range(inverse + 1))
    except ArithmeticError:  # without an end
        return -inf
    return None if best is None else -best.value


def _kinds(program: LinearProgram, divisors: Sequence[Fraction], assumed: Sequence[int], sign: int) -> Iterator[_Kind]:
    rows = set(assumed)
    for column, divisor in zip(program.columns, divisors, strict=True):
        yield _Kind(sign * Fraction(column.cost), divisor, tuple((i, e) for i, e in column.entries if i in rows))


def _constraints(
    program: LinearProgram, assumed: Sequence[int], kinds: Sequence[_Kind], parameters: Mapping[str, Number]
) -> Iterator[Constraint]:
    inverse = len(kinds)
    yield Constraint({j: kind.event for j, kind in enumerate(kinds)}, -1, "=")
    yield Constraint({inverse: -1, **dict.fromkeys(range(inverse), 1)}, 0, "=")
    for i in assumed:
        row = program.rows[i]
        entries = {j: -dict(kind.entries).get(i, 0) for j, kind in enumerate(kinds)}
        yield Constraint({**entries, inverse: row.right.value(parameters)}, 0, "=" if row.relation == "=" else ">=")


# ---------------------------------------------------------------- intervals
def cut(estimated: EstimatedBounds, limits: Range | None) -> EstimatedBounds:
    """Corrected bounds and intervals without what the estimand cannot be; plug-in bounds are what they are.

    An interval of a set that lies outside of the range altogether becomes a crossed one, an interval of the estimand
    is empty.
    """
    if limits is None:
        return estimated
    low, high = float(limits.low), float(limits.high)
    half = estimated.half_median_unbiased
    return replace(
        estimated,
        half_median_unbiased=None if half is None else _cut(half, low, high),
        set_interval=_cut(estimated.set_interval, low, high),
        parameter_interval=_cut_values(estimated.parameter_interval, low, high),
        parameter_interval_adaptive=_cut_values(estimated.parameter_interval_adaptive, low, high),
    )


def _cut(ends: Interval, low: float, high: float) -> Interval:
    inside = max(ends[0], low), min(ends[1], high)
    return inside if is_crossed(inside) else (min(inside[0], high), max(inside[1], low))


def _cut_values(ends: Interval | None, low: float, high: float) -> Interval | None:
    if ends is None or is_crossed(ends):
        return ends
    inside = _cut(ends, low, high)
    return None if is_crossed(inside) else inside


def is_cut(before: EstimatedBounds, after: EstimatedBounds) -> bool:
    """Whether an interval reached beyond the range."""
    return any(before.interval(name) != after.interval(name) for name in CUT)


def outside(before: EstimatedBounds, after: EstimatedBounds) -> tuple[str, ...]:
    """The intervals that are nothing any more, for they lay outside altogether."""
    lost = [name for name in CUT if before.interval(name) is not None and name not in before.crossed]
    return tuple(name for name in lost if after.interval(name) is None or name in after.crossed)
