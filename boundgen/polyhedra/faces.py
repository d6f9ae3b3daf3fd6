"""Points in the middle of faces of a region, and what holds everywhere on a face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.linear_algebra import Span
from boundgen.polyhedra.optimum import Constraint, Maximum
from boundgen.polyhedra.region import Function, Region
from boundgen.terms import Number

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

    def value(self, function: Function) -> Fraction:
        """The value at the point."""
        coefficients, constant = function
        return sum((c * self.point[i] for i, c in coefficients.items()), Fraction(constant))

    def vanishes(self, function: Function) -> bool:
        """Whether a function is zero on the whole face."""
        return self.hull.depends(_vector(function)) is not None


def face(region: Region, functions: Sequence[Function] = ()) -> Face | None:
    """The part of the region where functions that are nowhere negative on it are zero; None where there is none.

    One program over the cone of the region: every inequality that is not tight on the whole face can be
    slack by one at a point far enough out, and all of them at once at their sum.
    """
    size, scale = region.size, region.size
    inequalities = [k for k, constraint in enumerate(region.constraints) if constraint.relation == ">="]
    slacks = {k: size + 1 + n for n, k in enumerate(inequalities)}
    signs = {i: size + 1 + len(slacks) + n for n, i in enumerate(region.nonnegative)}
    margins = (*slacks.values(), *signs.values())
    program = Maximum(size + 1 + len(margins), dict.fromkeys(margins, 1), (), (*region.nonnegative, *margins))
    program.add(Constraint({scale: 1}, -1))
    for k, constraint in enumerate(region.constraints):
        raised: dict[int, Number] = {**constraint.coefficients, scale: constraint.constant}
        program.add(Constraint(raised | ({slacks[k]: -1} if k in slacks else {}), 0, constraint.relation))
    for coefficients, constant in functions:
        program.add(Constraint({**coefficients, scale: constant}, 0, "="))
    for i, margin in signs.items():
        program.add(Constraint({i: 1, margin: -1}))
    for margin in margins:
        program.add(Constraint({margin: -1}, 1))
    best = program.solve()
    if best is None:
        return None
    tight = tuple(k for k in inequalities if not best.point[slacks[k]])
    zero = tuple(i for i in region.nonnegative if not best.point[signs[i]])
    point = tuple(value / best.point[scale] for value in best.point[:size])
    return Face(point, tight, zero, _hull(region, tight, zero))


def _hull(region: Region, tight: Sequence[int], zero: Sequence[int]) -> Span:
    equal = [k for k, constraint in enumerate(region.constraints) if constraint.relation == "="]
    constraints = [region.constraints[k] for k in (*equal, *tight)]
    functions: list[Function] = [(dict(constraint.coefficients), constraint.constant) for constraint in constraints]
    functions += [({i: 1}, 0) for i in zero]
    found = Span()
    for label, function in enumerate(functions):
        found.add(label, _vector(function))
    return found


def _vector(function: Function) -> dict[int, Number]:
    coefficients, constant = function
    return {**coefficients, CONSTANT: constant}
