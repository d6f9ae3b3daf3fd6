"""Enumeration by adjacency decomposition over orbits.

The vertices and edges of a polyhedron without lines form a connected graph. So a set of vertices that contains
all neighbours of its members is complete. Relabellings of the program carry neighbours to neighbours, so it is
enough to look at the neighbours of one vertex of each orbit.

T. Christof & G. Reinelt (2001), Decomposition and parallelization techniques for enumerating the facets of
combinatorial polytopes; D. Bremner, M. Dutour Sikirić & A. Schürmann (2009), Polyhedral representation conversion up
to symmetries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from boundgen.exact.integers import Integers, keys, primitive, product, small
from boundgen.polyhedra.cones import Cone, Step, direct_rays, first_ray

if TYPE_CHECKING:
    from boundgen.polyhedra.explorers import Explorer

# A local cone with more rays than this on the way is itself decomposed; those within it, with this many times more
# for each level: it is decomposed only where that is likely to pay, since its own local cones are seldom much easier.
LOCAL = 4000
HARDER = 4


class Orbits:
    """Rays met so far with all their images; one of each orbit, and whether its neighbours are known.

    Parameters
    ----------
    maps : tuple of Integers
        Generators of the symmetries.
    everywhere : bool
        Whether to look at the neighbours of every orbit; otherwise of those alone whose first coordinate is not 0.
    """

    def __init__(self, maps: tuple[Integers, ...], everywhere: bool = False) -> None:
        self.maps = maps
        self.representatives: list[Integers] = []
        self._everywhere = everywhere
        self._known: set[bytes] = set()
        self._members: list[Integers] = []
        self._pending: dict[bytes, Integers] = {}
        self.done = 0

    def __len__(self) -> int:
        """How many rays are known."""
        return len(self._known)

    @property
    def visited(self) -> int:
        """How many orbits are to be looked at, as far as they are known."""
        return self.done + len(self._pending)

    @property
    def pending(self) -> tuple[Integers, ...]:
        """Rays whose neighbours are not known."""
        return tuple(self._pending.values())

    def visits(self, ray: Integers) -> bool:
        """Whether the neighbours of a ray are to be looked at."""
        return self._everywhere or bool(ray[0])

    def add(self, ray: Integers) -> bool:
        """Whether the ray is of a new orbit; then the whole orbit is known from now on."""
        key = _key(ray)
        if key in self._known:
            return False
        self._known.add(key)
        self.representatives.append(ray)
        if self.visits(ray):
            self._pending[key] = ray
        frontier = ray[None, :]
        while len(frontier):
            self._members.append(frontier)
            frontier = self._images(frontier)
        return True

    def _images(self, rays: Integers) -> Integers:
        """The images of rays under the generators that were not known."""
        fresh: dict[bytes, Integers] = {}
        for matrix in self.maps:
            for image in primitive(product(rays, matrix)):
                key = _key(image)
                if key not in self._known:
                    fresh[key] = image
        self._known |= fresh.keys()
        return small(np.array(list(fresh.values()), dtype=object)) if fresh else rays[:0]

    def is_pending(self, ray: Integers) -> bool:
        """Whether the neighbours of a ray are still to be looked at."""
        return _key(ray) in self._pending

    def reopen(self, rays: Sequence[Integers]) -> None:
        """The neighbours of rays are not known after all."""
        self._pending |= {_key(ray): ray for ray in rays}
        self.done -= len(rays)

    def finish(self, ray: Integers) -> None:
        """The neighbours of a ray are known."""
        del self._pending[_key(ray)]
        self.done += 1

    def all(self) -> Integers:
        """Every ray that is known."""
        return small(np.vstack(self._members))


def explore(
    orbits: Orbits, explorer: Explorer, step: Step, note: Callable[[Integers, list[Integers]], None] = lambda *_: None
) -> None:
    """Look at the neighbours of every orbit, until there is no new one: closure, which proves completeness."""
    for ray in orbits.pending:
        explorer.add(ray)
    while (found := explorer.next()) is not None:
        ray, beside = found
        new = []
        for other in beside:
            if orbits.add(other):
                new.append(other)
                step()
        for other in filter(orbits.visits, new):
            explorer.add(other)
        orbits.finish(ray)
        note(ray, new)
        step()


def extreme_rays(cone: Cone, step: Step, most: int) -> Integers:
    """All extreme rays of a cone: directly where that is easy, over orbits where it is not."""
    found = direct_rays(cone.rows, step, most)
    if found is not None:
        return found
    from boundgen.polyhedra.explorers import Here

    orbits = Orbits(cone.maps(step), everywhere=True)
    orbits.add(first_ray(cone, cone.rows.sum(axis=0), step))
    explore(orbits, Here(cone, most * HARDER, step), step)
    return orbits.all()


def _key(ray: Integers) -> bytes:
    """The same bytes for the same numbers, whatever their type."""
    return keys(ray[None, :])[0]
