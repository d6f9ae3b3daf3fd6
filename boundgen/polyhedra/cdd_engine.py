"""Enumeration by cddlib with rational arithmetic (``cdd.gmp``)."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from boundgen.limits import Work
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, generators

CHILD = Path(__file__).with_name("cdd_child.py")
# Up to this many numbers (a 4-level instrument) cddlib needs well under a second.
SMALL = 1000
POLL_SECONDS = 0.2


def enumerate_with_cdd(polyhedron: DualPolyhedron, work: Work) -> Generators:
    """Vertices and extreme rays by double description.

    Large polyhedra are handed to a process of their own, because cddlib hears neither Ctrl-C nor a time limit.
    """
    small = polyhedron.dimension * len(polyhedron.inequalities) <= SMALL
    rows = [
        tuple(Fraction(value) for value in row) for row in (_here(polyhedron) if small else _in_child(polyhedron, work))
    ]
    # Vertices and rays come in one array, told apart by the first column.
    vertices = [row[1:] for row in rows if row[0]]
    rays = [row[1:] for row in rows if not row[0]]
    if not vertices:
        # cddlib leaves out the vertex at the origin of a cone.
        vertices = [(Fraction(0),) * polyhedron.dimension]
    return generators(vertices, rays)


def _here(polyhedron: DualPolyhedron) -> list[list[str]]:
    from boundgen.polyhedra.cdd_child import enumerate_rows

    return enumerate_rows([list(row) for row in polyhedron.inequalities])


def _in_child(polyhedron: DualPolyhedron, work: Work) -> list[list[str]]:
    command = [sys.executable, str(CHILD)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            given: str | None = json.dumps(polyhedron.inequalities)
            for polls in range(10**9):
                work.step("enumerating the dual polyhedron with cdd, tenths of seconds", 2 * polls)
                try:
                    output, _ = child.communicate(given, timeout=POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    given = None
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        raise ArithmeticError("cddlib failed")
    found: list[list[str]] = json.loads(output)
    return found
