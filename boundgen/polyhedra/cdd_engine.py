"""Enumeration by cddlib with rational arithmetic (``cdd.gmp``)."""

from __future__ import annotations

from fractions import Fraction

import cdd
import cdd.gmp

from boundgen.limits import Work
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, generators


def enumerate_with_cdd(polyhedron: DualPolyhedron, work: Work) -> Generators:
    """Vertices and extreme rays by double description; cddlib gives no progress on the way."""
    work.step("enumerating the dual polyhedron with cdd", 0)
    matrix = cdd.gmp.matrix_from_array(polyhedron.inequalities, rep_type=cdd.RepType.INEQUALITY)
    found = cdd.gmp.copy_generators(cdd.gmp.polyhedron_from_matrix(matrix))
    if found.lin_set:
        raise ArithmeticError("the dual polyhedron has a line: dependent rows were left in the program")
    rows = [tuple(Fraction(value) for value in row) for row in found.array]
    # Vertices and rays come in one array, told apart by the first column.
    vertices = [row[1:] for row in rows if row[0]]
    rays = [row[1:] for row in rows if not row[0]]
    if not vertices:
        # cddlib leaves out the vertex at the origin of a cone.
        vertices = [(Fraction(0),) * polyhedron.dimension]
    return generators(vertices, rays)
