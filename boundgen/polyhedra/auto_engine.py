"""The engine `auto`: direct enumeration where that is easy, decomposition over orbits where it is not."""

from __future__ import annotations

from boundgen.limits import Work
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators
from boundgen.polyhedra.ppl_engine import SMALL, enumerate_with_ppl, ppl_within

# Up to this size a look for symmetries takes longer than direct enumeration.
TINY = 600
# Vertices and rays on the way. An instrument of 4 levels needs 300.
EASY = 300


def enumerate_automatically(polyhedron: DualPolyhedron, work: Work) -> Generators:
    """Vertices and extreme rays, by the way that the size of the polyhedron asks for.

    The number of vertices and rays that double description meets on the way says how hard a polyhedron of middle size
    is for it, which its own size does not: so it is begun, and given up where there are too many.
    """
    size = f"{polyhedron.dimension} dimensions, {len(polyhedron.inequalities)} inequalities"
    if polyhedron.size <= TINY:
        work.remark(f"{size}: direct enumeration, as it is small")
        return enumerate_with_ppl(polyhedron, work)
    if polyhedron.size <= SMALL:
        found = ppl_within(polyhedron, work, EASY)
        if found is not None:
            work.remark(f"{size}: direct enumeration, which met at most {EASY} vertices and rays")
            return found
    reason = "it is large" if polyhedron.size > SMALL else "it meets many vertices and rays"
    from boundgen.polyhedra.orbit_engine import enumerate_over_orbits

    work.remark(f"{size}: decomposition over orbits, as {reason}")
    return enumerate_over_orbits(polyhedron, work)
