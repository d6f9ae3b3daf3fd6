"""A polyhedron that is another one up to relabelling needs no enumeration of its own."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from functools import partial
from math import lcm

from boundgen.errors import BudgetError
from boundgen.exact.integers import Integers, integers, primitive, product
from boundgen.exact.terms import exact
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, Known
from boundgen.polyhedra.symmetry import isomorphism
from boundgen.work.limits import Budget

# Of the time that is left, to find out whether an upper bound needs time of its own.
LOOK = 0.1


def mirror_image(polyhedron: DualPolyhedron, known: Known, budget: Budget) -> Generators | None:
    """The generators of a polyhedron from those of one that is known, or None where none is the same.

    The upper bound often is the lower one with the values of the outcome exchanged.
    """
    for other, found in known:
        matrix = isomorphism(other, polyhedron, partial(budget.step, "looking for symmetries", 0))
        if matrix is not None:
            budget.remark("a mirror image of a polyhedron that is enumerated already")
            return points_and_directions(primitive(product(homogeneous_rays(found), matrix)), found.missing)
    return None


def is_relabelled(one: DualPolyhedron, other: DualPolyhedron, budget: Budget) -> bool:
    """Whether two polyhedra are one and the same up to relabelling, as far as time allows to find out."""
    now = time.monotonic()
    brief = replace(budget, deadline=now + (budget.end - now) * LOOK)
    try:
        return isomorphism(one, other, partial(brief.step, "looking for symmetries", 0)) is not None
    except BudgetError:
        return False


def points_and_directions(rays: Integers, missing: str) -> Generators:
    """Vertices and rays of a polyhedron from the primitive extreme rays ``(1, y)`` and ``(0, r)`` of its cone."""
    rows: list[list[int]] = rays.tolist()
    directions = sorted([tuple(direction) for scale, *direction in rows if not scale])
    if all(scale <= 1 for scale, *_ in rows):
        # To compare fractions takes many times as long.
        whole = sorted([point for scale, *point in rows if scale])
        return Generators(tuple([tuple(map(exact, point)) for point in whole]), tuple(directions), missing)
    vertices = sorted([tuple([Fraction(x, scale) for x in point]) for scale, *point in rows if scale])
    return Generators(tuple(vertices), tuple(directions), missing)


def homogeneous_rays(generators: Generators) -> Integers:
    """Vertices ``(1, y)`` and rays ``(0, r)`` as integer rows, up to positive factors."""
    rows = [[0, *direction] for direction in generators.rays]
    for vertex in generators.vertices:
        scale = lcm(*(x.denominator for x in vertex))
        rows.append([scale, *(x.numerator * (scale // x.denominator) for x in vertex)])
    return integers(rows)
