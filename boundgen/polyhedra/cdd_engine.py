"""Enumeration by cddlib with rational arithmetic (``cdd.gmp``)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from boundgen.limits import Work
from boundgen.polyhedra.children import enumerate_in_child
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, generators

SCRIPT = Path(__file__).with_name("cdd_script.py")
# Up to this many numbers (a 4-level instrument) cddlib needs well under a second.
SMALL = 1000


def enumerate_with_cdd(polyhedron: DualPolyhedron, work: Work) -> Generators:
    """Vertices and extreme rays by double description; of large polyhedra in a process of their own."""
    small = polyhedron.size <= SMALL
    found = _here(polyhedron) if small else enumerate_in_child(SCRIPT, "cdd", polyhedron, work)
    rows = [tuple(Fraction(value) for value in row) for row in found]
    # Vertices and rays come in one array, told apart by the first column.
    vertices = [row[1:] for row in rows if row[0]]
    rays = [row[1:] for row in rows if not row[0]]
    if not vertices:
        # cddlib leaves out the vertex at the origin of a cone.
        vertices = [(Fraction(0),) * polyhedron.dimension]
    return generators(vertices, rays)


def _here(polyhedron: DualPolyhedron) -> list[list[str]]:
    from boundgen.polyhedra.cdd_script import enumerate_rows

    return enumerate_rows([list(row) for row in polyhedron.inequalities])
