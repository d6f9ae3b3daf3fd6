"""Enumeration by adjacency decomposition over orbits.

The vertices and edges of a polyhedron without lines form a connected graph. So a set of vertices that contains
all neighbours of its members is complete. Relabellings of the program carry neighbours to neighbours, so it is
enough to look at the neighbours of one vertex of each orbit.

T. Christof & G. Reinelt (2001), Decomposition and parallelization techniques for enumerating the facets of
combinatorial polytopes; D. Bremner, M. Dutour Sikirić & A. Schürmann (2009).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from boundgen.polyhedra.cones import Cone, Step, direct_rays, first_ray, neighbours
from boundgen.polyhedra.integers import Integers, integers, primitive, product, small

# A polyhedron with more rays than this on the way is decomposed; a local cone, with this many times more for each
# level: it is decomposed only where that is likely to pay, for its own local cones are seldom much easier.
HARD = 1000
HARDER = 4


@dataclass
class Orbits:
    """Rays met so far with all their images, and one of each orbit whose neighbours are still to be found."""

    maps: tuple[Integers, ...]
    known: set[bytes] = field(default_factory=set)
    members: list[Integers] = field(default_factory=list)
    representatives: list[Integers] = field(default_factory=list)

    def add(self, ray: Integers) -> bool:
        """Whether the ray is new; then its whole orbit is known from now on."""
        if _key(ray) in self.known:
            return False
        self.known.add(_key(ray))
        self.representatives.append(ray)
        frontier = ray[None, :]
        while len(frontier):
            self.members.append(frontier)
            images = [image for matrix in self.maps for image in primitive(product(frontier, matrix))]
            fresh = {key: image for image in images if (key := _key(image)) not in self.known}
            self.known |= fresh.keys()
            frontier = small(np.array(list(fresh.values()), dtype=object)) if fresh else frontier[:0]
        return True

    def all(self) -> Integers:
        """Every ray that is known."""
        return small(np.vstack(self.members))


def extreme_rays(cone: Cone, step: Step, most: int) -> Integers:
    """All extreme rays of a cone: directly where that is easy, over orbits where it is not."""
    found = direct_rays(cone.rows, step, most)
    if found is not None:
        return found
    start = first_ray(cone, cone.rows.sum(axis=0))
    return closure(cone, start, lambda _: True, step, most * HARDER).all()


def closure(cone: Cone, start: Integers, visited: Callable[[Integers], bool], step: Step, most: int) -> Orbits:
    """All rays that can be reached from one by way of rays that are to be visited."""
    orbits = Orbits(cone.maps())
    orbits.add(start)
    queue = deque([start])
    while queue:
        ray = queue.popleft()
        step()
        for neighbour in neighbours(cone, ray, lambda local: extreme_rays(local, step, most)):
            if orbits.add(neighbour) and visited(neighbour):
                queue.append(neighbour)
    return orbits


def _key(ray: Integers) -> bytes:
    return ray.tobytes() if ray.dtype == np.int64 else repr(ray.tolist()).encode()
