"""Enumeration by cddlib with rational arithmetic (``cdd.gmp``)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from boundgen.polyhedra.cdd_script import growing_rows
from boundgen.polyhedra.children import enumerate_in_child
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, Known, generators
from boundgen.work.limits import Budget

SCRIPT = Path(__file__).with_name("cdd_script.py")
# Up to this many numbers (a 4-level instrument) cddlib needs well under a second.
SMALL = 1000


def enumerate_with_cdd(polyhedron: DualPolyhedron, budget: Budget, _known: Known = ()) -> Generators:
    """Vertices and extreme rays by double description; of large polyhedra in a process of their own."""
    if polyhedron.size > SMALL:
        rows = enumerate_in_child(SCRIPT, "cdd", polyhedron, budget)
        return _of_rows([[Fraction(value) for value in row] for row in rows], polyhedron.dimension)
    found = enumerate_within(polyhedron, budget, None)
    assert found is not None, "there is no limit"
    return found


def enumerate_within(polyhedron: DualPolyhedron, budget: Budget, most: int | None) -> Generators | None:
    """Vertices and extreme rays, or None once more than `most` are met on the way."""
    inequalities = [list(row) for row in polyhedron.inequalities]
    total = len(inequalities)
    rows = growing_rows(inequalities, lambda: budget.step("enumerating the dual polyhedron", 0, total), most)
    return None if rows is None else _of_rows(rows, polyhedron.dimension)


def _of_rows(rows: Sequence[Sequence[Fraction]], dimension: int) -> Generators:
    """Vertices and rays, told apart by the first column."""
    vertices = [tuple(row[1:]) for row in rows if row[0]]
    # cddlib leaves out the vertex at the origin of a cone.
    vertices = vertices or [(Fraction(0),) * dimension]
    return generators(vertices, [tuple(row[1:]) for row in rows if not row[0]])
