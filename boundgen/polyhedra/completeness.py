"""Whether a list that comes from elsewhere is all vertices and extreme rays of a polyhedron.

Small polyhedra are enumerated anew, since no check is cheaper. Of others the list is complete where it is closed, as
in a certificate: each point is a vertex, and every edge at a vertex leads to what is listed. Relabellings carry edges
to edges, so one vertex of each orbit is enough.
"""

from __future__ import annotations

import numpy as np

from boundgen.exact.integers import Integers, independent_rows, keys, primitive, product
from boundgen.polyhedra.auto_engine import enumerate_if_easy
from boundgen.polyhedra.cones import Cone
from boundgen.polyhedra.decomposition import LOCAL
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import Generators
from boundgen.polyhedra.explorers import explorer
from boundgen.polyhedra.mirror import homogeneous_rays
from boundgen.polyhedra.orbit_engine import cone_of
from boundgen.polyhedra.symmetry import homogeneous
from boundgen.work.limits import Budget

CHUNK = 4096
NOWHERE = -1


def is_inside(generators: Generators, polyhedron: DualPolyhedron) -> bool:
    """Whether there is a point, and all points and directions are those of the polyhedron: each is a valid term."""
    rays, rows = homogeneous_rays(generators), homogeneous(polyhedron).T
    chunks = (rays[start : start + CHUNK] for start in range(0, len(rays), CHUNK))
    return bool(generators.vertices) and all((product(chunk, rows) >= 0).all() for chunk in chunks)


def is_complete(generators: Generators, polyhedron: DualPolyhedron, budget: Budget) -> bool:
    """Whether points and directions inside a polyhedron are all its vertices and extreme rays, and nothing else.

    Raises
    ------
    BudgetError
        If time or memory end the check.
    """
    direct = enumerate_if_easy(polyhedron, budget)
    if direct is not None:
        return direct == generators
    cone, rays = cone_of(polyhedron), primitive(homogeneous_rays(generators))
    number = {key: k for k, key in enumerate(keys(rays))}
    if len(number) < len(rays):
        return False
    orbits = _orbits(cone, rays, number)
    if orbits is None:
        return False
    first = np.unique(orbits)
    return all(is_extreme(cone, rays[k]) for k in first) and _is_closed(cone, rays, number, orbits, budget)


def is_extreme(cone: Cone, ray: Integers) -> bool:
    """Whether a vector spans an extreme ray of the cone.

    The rank is taken modulo a prime, so it may be too small, but never too large.
    """
    values = product(cone.rows, ray)
    if not ray.any() or (values < 0).any():
        return False
    return len(independent_rows(cone.rows[values == 0])) == cone.dimension - 1


def _orbits(cone: Cone, rays: Integers, number: dict[bytes, int]) -> Integers | None:
    """For each ray the first one of its orbit; None where the image of a ray is not listed."""
    maps = []
    for matrix in cone.maps():
        places = [number.get(key, NOWHERE) for key in keys(primitive(product(rays, matrix)))]
        if NOWHERE in places:
            return None
        maps.append(np.array(places, dtype=np.int64))
    first = np.arange(len(rays))
    while True:
        before = first.copy()
        for images in maps:
            lowest = np.minimum(first, first[images])
            first = lowest.copy()
            np.minimum.at(first, images, lowest)
        if np.array_equal(first, before):
            return first


def _is_closed(cone: Cone, rays: Integers, number: dict[bytes, int], orbits: Integers, budget: Budget) -> bool:
    """Whether every edge at one vertex of each orbit leads to what is listed.

    Vertices and their edges are connected, and every extreme ray is an edge at some vertex: nothing else is missing.
    """
    first = [int(k) for k in np.unique(orbits) if rays[k][0]]
    done = 0

    def step() -> None:
        budget.step("checking orbits of vertices that were kept", done, len(first))

    with explorer(cone, LOCAL, step, budget.resources.executor) as edges:
        for k in first:
            edges.add(rays[k])
        while (at_vertex := edges.next()) is not None:
            if any(key not in number for key in keys(at_vertex[1])):
                return False
            done += 1
            step()
    return True
