"""The engine `auto`: direct enumeration where that is easy, decomposition over orbits where it is not."""

from __future__ import annotations

from boundgen.limits import Work
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators
from boundgen.polyhedra.ppl_engine import SMALL, enumerate_with_ppl, ppl_within

# Vertices and rays on the way. An instrument of 4 levels needs 300; the attempt costs a tenth of a second.
EASY = 300


def enumerate_automatically(polyhedron: DualPolyhedron, work: Work) -> Generators:
    """Vertices and extreme rays, by the way that the size of the polyhedron asks for.

    The number of vertices and rays that double description meets on the way says how hard a polyhedron is for it,
    which no size of the program does: so it is begun, and given up where there are too many.
    """
    size = f"{polyhedron.dimension} dimensions, {len(polyhedron.inequalities)} inequalities"
    if polyhedron.dimension * len(polyhedron.inequalities) <= SMALL // 4:
        work.remark(f"{size}: direct enumeration")
        return enumerate_with_ppl(polyhedron, work)
    found = ppl_within(polyhedron, work, EASY)
    if found is not None:
        work.remark(f"{size}: direct enumeration")
        return found
    from boundgen.polyhedra.orbit_engine import enumerate_over_orbits

    work.remark(f"{size}: decomposition over orbits, since direct enumeration met more than {EASY} vertices and rays")
    return enumerate_over_orbits(polyhedron, work)
