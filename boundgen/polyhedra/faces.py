"""Points in the middle of faces of a region, and what holds everywhere on a face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.exact.linear_algebra import Span
from boundgen.exact.rational import Number
from boundgen.polyhedra.optimum import Constraint, Maximum, maximum
from boundgen.polyhedra.region import AffineFunction, Region, value_at

CONSTANT = -1


@dataclass(frozen=True)
class Face:
    """A non-empty face of a region, by a point in its relative interior and what is zero on all of it.

    A function that is non-negative on the region and zero at the point is zero on the whole face.

    Parameters
    ----------
    point : tuple of Fraction
    tight : tuple of int
        The inequalities of the region, by number, that hold with equality on the whole face.
    zero : tuple of int
        The non-negative unknowns that are zero on the whole face.
    hull : Span
        The functions that are zero on the whole face.
    """

    point: tuple[Fraction, ...]
    tight: tuple[int, ...]
    zero: tuple[int, ...]
    hull: Span

    def value(self, function: AffineFunction) -> Fraction:
        """The value at the point."""
        return value_at(function, self.point)

    def vanishes(self, function: AffineFunction) -> bool:
        """Whether a function is zero on the whole face."""
        return not self.value(function) and self.hull.depends(_vector(function)) is not None


def no_step() -> None:
    """Where nobody waits to hear of progress."""


def face(region: Region, functions: Sequence[AffineFunction] = (), step: Callable[[], None] = no_step) -> Face | None:
    """The part of the region where functions that are nowhere negative on it are zero; None where there is none.

    Each inequality that is tight at all points met so far is made as slack as possible (up to one). The middle of
    the points met is then slack wherever the face is.
    """
    part = region.within(Constraint(*function, "=") for function in functions)
    inequalities = {k: c for k, c in enumerate(region.constraints) if c.relation == ">="}
    demands: dict[tuple[str, int], AffineFunction] = {("tight", k): _function(c) for k, c in inequalities.items()}
    demands |= {("zero", i): ({i: 1}, 0) for i in region.nonnegative}
    first = maximum(part.size, {}, part.constraints, part.nonnegative)
    if first is None:
        return None
    points = [first.point]
    found: dict[str, list[int]] = {"tight": [], "zero": []}
    for (kind, k), demand in demands.items():
        if any(value_at(demand, point) for point in points):
            continue
        step()
        slack = _slackest(part, demand)
        if value_at(demand, slack):
            points.append(slack)
        else:
            found[kind].append(k)
    middle = tuple(sum(values, Fraction(0)) / len(points) for values in zip(*points, strict=True))
    tight, zero = tuple(found["tight"]), tuple(found["zero"])
    return Face(middle, tight, zero, _hull(region, tight, zero))


def _slackest(region: Region, demand: AffineFunction) -> tuple[Fraction, ...]:
    """A point where a function is as large as possible, or at least one."""
    margin = region.size
    program = Maximum(region.size + 1, {margin: 1}, region.constraints, region.nonnegative)
    coefficients, constant = demand
    program.add(Constraint({**coefficients, margin: -1}, constant))
    program.add(Constraint({margin: -1}, 1))
    best = program.solve()
    assert best, "the region has a point"
    return best.point[: region.size]


def _function(constraint: Constraint) -> AffineFunction:
    return dict(constraint.coefficients), constraint.constant


def _hull(region: Region, tight: Sequence[int], zero: Sequence[int]) -> Span:
    equal = [k for k, constraint in enumerate(region.constraints) if constraint.relation == "="]
    functions = [_function(region.constraints[k]) for k in (*equal, *tight)]
    functions += [({i: 1}, 0) for i in zero]
    found = Span()
    for label, function in enumerate(functions):
        found.add(label, _vector(function))
    return found


def _vector(function: AffineFunction) -> dict[int, Number]:
    coefficients, constant = function
    return {**coefficients, CONSTANT: constant}
