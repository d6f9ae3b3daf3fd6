"""The engine `orbits`: adjacency decomposition, and what it proved where time or memory end it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from boundgen.errors import BudgetError
from boundgen.exact.integers import Integers
from boundgen.polyhedra.cones import Cone, Step, first_ray
from boundgen.polyhedra.decomposition import LOCAL, Orbits, explore
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators, Known
from boundgen.polyhedra.explorers import explorer
from boundgen.polyhedra.journal import Journal, journal
from boundgen.polyhedra.mirror import mirror_image, points_and_directions
from boundgen.polyhedra.symmetry import coloured, has_many_nodes, homogeneous
from boundgen.work.clock import held
from boundgen.work.limits import Budget

# What it takes to bring a term into the form in which it is read, on two sides of a bound.
SECONDS_FOR_A_TERM = 0.0005
# Notes are signed. They are looked over for so long all the same, which is all of them where they are few.
CHECKING_SECONDS = 10.0


def enumerate_over_orbits(polyhedron: DualPolyhedron, budget: Budget, known: Known = ()) -> Generators:
    """Vertices and extreme rays; those found so far where the budget is used up, since each is one.

    The cone over the polyhedron has both as its extreme rays: ``(1, y)`` and ``(0, r)``. Only vertices need to be
    visited: they are connected among themselves, and every extreme ray of the polyhedron is an edge at some vertex.
    """
    budget = budget.own_share()
    image = mirror_image(polyhedron, known, budget)
    if image is not None:
        return image
    cone = cone_of(polyhedron)
    if has_many_nodes(len(cone.colours)):
        budget.remark("symmetries are not looked for: the program is too large")
    kept = journal(polyhedron, budget)
    orbits = Orbits(cone.maps(partial(budget.step, "looking for symmetries", 0)))
    try:
        _explore(cone, orbits, kept, budget)
    except BudgetError as error:
        with held():
            kept.close()
            if not orbits.representatives:
                raise
            return points_and_directions(orbits.all(), _missing(error, orbits, kept))
    kept.finish()
    budget.remark(_counts(orbits))
    return points_and_directions(orbits.all(), "")


def _explore(cone: Cone, orbits: Orbits, kept: Journal, budget: Budget) -> None:
    def step() -> None:
        reserve = 2 * len(orbits) * SECONDS_FOR_A_TERM
        budget.step("enumerating orbits of vertices", orbits.done, orbits.visited, reserve)

    taken = kept.replay(orbits, cone)
    if taken:
        budget.remark(f"resumed: the neighbours of {len(taken)} orbits are known")
    elif not orbits.pending:
        orbits.add(first_ray(cone, cone.rows[-1], step))
        kept.begin(orbits.representatives[0])

    with explorer(cone, LOCAL, step, budget.resources.executor) as found:
        explore(orbits, found, step, kept.write)
    if not _agree(taken, cone, orbits, step, budget):
        budget.remark("the notes were wrong: the neighbours of their orbits are looked for again")
        orbits.reopen(taken)
        with explorer(cone, LOCAL, step, budget.resources.executor) as found:
            explore(orbits, found, step, kept.write)


def _agree(taken: Sequence[Integers], cone: Cone, orbits: Orbits, step: Step, budget: Budget) -> bool:
    """Whether the neighbours of orbits that were noted are known, as far as a short time shows."""
    end = time.monotonic() + CHECKING_SECONDS
    with explorer(cone, LOCAL, step, budget.resources.executor) as again:
        for ray in taken:
            again.add(ray)
        while time.monotonic() < end and (found := again.next()) is not None:
            if any(orbits.add(other) for other in found[1]):
                return False
    return True


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
