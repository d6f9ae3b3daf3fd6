"""The engine `orbits`: adjacency decomposition, and what it proved where time or memory end it."""

from __future__ import annotations

from functools import partial

from boundgen.errors import BudgetError
from boundgen.limits import Work
from boundgen.polyhedra.cones import Cone, first_ray
from boundgen.polyhedra.decomposition import LOCAL, Orbits, explore
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators
from boundgen.polyhedra.explorers import explorer
from boundgen.polyhedra.journal import Journal, journal
from boundgen.polyhedra.mirror import mirror_image, points_and_directions
from boundgen.polyhedra.symmetry import coloured, has_many_nodes, homogeneous

# What it takes to bring a term into the form in which it is read, on two sides of a bound.
SECONDS_FOR_A_TERM = 0.0005


def enumerate_over_orbits(polyhedron: DualPolyhedron, work: Work) -> Generators:
    """Vertices and extreme rays; those found so far where the budget is used up, since each is one.

    The cone over the polyhedron has both as its extreme rays: ``(1, y)`` and ``(0, r)``. Only vertices need to be
    visited: they are connected among themselves, and every extreme ray of the polyhedron is an edge at some vertex.
    """
    work = work.own_share()
    image = mirror_image(polyhedron, work)
    if image is not None:
        return image
    cone = cone_of(polyhedron)
    if has_many_nodes(len(cone.colours)):
        work.remark("symmetries are not looked for: the program is too large")
    kept = journal(polyhedron, work)
    orbits = Orbits(cone.maps(partial(work.step, "looking for symmetries", 0)))
    try:
        _explore(cone, orbits, kept, work)
    except BudgetError as error:
        kept.close()
        if not orbits.representatives:
            raise
        return points_and_directions(orbits.all(), _missing(error, orbits, kept))
    kept.finish()
    work.remark(_counts(orbits))
    return points_and_directions(orbits.all(), "")


def _explore(cone: Cone, orbits: Orbits, kept: Journal, work: Work) -> None:
    def step() -> None:
        reserve = 2 * len(orbits) * SECONDS_FOR_A_TERM
        work.step("enumerating orbits of vertices", orbits.done, orbits.visited, reserve)

    replayed = kept.replay(orbits)
    if replayed:
        work.remark(f"resumed: the neighbours of {replayed} orbits are known")
    else:
        orbits.add(first_ray(cone, cone.rows[-1], step))
        kept.begin(orbits.representatives[0])

    with explorer(cone, LOCAL, step, work.means.executor) as found:
        explore(orbits, found, step, kept.write)


def cone_of(polyhedron: DualPolyhedron) -> Cone:
    """The cone over a polyhedron, with its graph; no symmetry moves the last inequality, ``x_0 >= 0``."""
    nodes = (*range(len(polyhedron.inequalities)), -1)
    edges = polyhedron.graph.edges if polyhedron.graph else ()
    return Cone(homogeneous(polyhedron), nodes, coloured(polyhedron), edges)


def _counts(orbits: Orbits) -> str:
    vertices = sum(bool(ray[0]) for ray in orbits.representatives)
    return (
        f"{vertices} orbits of vertices and {len(orbits.representatives) - vertices} of rays "
        f"under {len(orbits.maps)} generating symmetries"
    )


def _missing(error: BudgetError, orbits: Orbits, kept: Journal) -> str:
    reason = error.message.removesuffix("; nothing was derived")
    again = " --resume goes on from here." if kept.path else ""
    return f"{reason}: {orbits.visited - orbits.done} of the orbits found so far may have further neighbours.{again}"
