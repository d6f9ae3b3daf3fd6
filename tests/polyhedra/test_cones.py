"""The quadrant, the octant, and a cone over a square: their rays, and which are neighbours."""

from __future__ import annotations

from itertools import product

import numpy as np

from boundgen.exact.integers import Integers, integers, vector
from boundgen.polyhedra.cones import Cone, direct_rays, first_ray, neighbours
from boundgen.polyhedra.symmetry import no_step

OCTANT = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
# z >= |x| and z >= |y|: its rays are the corners (±1, ±1, 1) of a square.
OVER_A_SQUARE = [[1, 0, 1], [-1, 0, 1], [0, 1, 1], [0, -1, 1]]


def cone(rows: list[list[int]], colours: tuple[int, ...] | None = None) -> Cone:
    """Without edges every permutation of nodes of one colour is a symmetry of the graph."""
    return Cone(integers(rows), tuple(range(len(rows))), colours or (0,) * len(rows), ())


def listed(rays: Integers | None) -> set[tuple[int, ...]]:
    assert rays is not None
    assert len({tuple(ray) for ray in rays.tolist()}) == len(rays)
    return {tuple(ray) for ray in rays.tolist()}


def all_rays(found: Cone) -> Integers:
    rays = direct_rays(found.rows, no_step, None)
    assert rays is not None
    return rays


def test_rays() -> None:
    assert listed(direct_rays(integers([[1, 0], [0, 1]]), no_step, None)) == {(1, 0), (0, 1)}
    assert listed(direct_rays(integers(OCTANT), no_step, None)) == {(1, 0, 0), (0, 1, 0), (0, 0, 1)}
    square = {(x, y, 1) for x, y in product((1, -1), repeat=2)}
    assert listed(direct_rays(integers(OVER_A_SQUARE), no_step, None)) == square


def test_too_many_rays() -> None:
    assert direct_rays(integers(OVER_A_SQUARE), no_step, 2) is None


def test_a_first_ray_is_one_of_them() -> None:
    ray = first_ray(cone(OVER_A_SQUARE), vector([0, 0, 1]), no_step)
    assert tuple(ray) in {(x, y, 1) for x, y in product((1, -1), repeat=2)}


def test_neighbours_share_an_edge_of_the_square() -> None:
    """Opposite corners are no neighbours."""
    found = neighbours(cone(OVER_A_SQUARE), vector([1, 1, 1]), all_rays)
    assert listed(found) == {(1, -1, 1), (-1, 1, 1)}


def test_all_rays_of_the_octant_are_neighbours() -> None:
    assert listed(neighbours(cone(OCTANT), vector([1, 0, 0]), all_rays)) == {(0, 1, 0), (0, 0, 1)}


def test_the_edges_at_a_ray() -> None:
    """At (1, 0, 0) of the octant the rows y >= 0 and z >= 0 are tight: a quadrant without the coordinate x."""
    local, values, out = cone(OCTANT).local(vector([1, 0, 0]))
    assert (local.rows.tolist(), values.tolist(), out) == ([[1, 0], [0, 1]], [1, 0, 0], 0)
    # Symmetries keep what is tight apart from what is not.
    assert local.colours == (0, 1, 1)


def test_symmetries_exchange_coordinates() -> None:
    maps = cone(OCTANT).maps()
    assert maps
    assert all(sorted(matrix.tolist()) == sorted(OCTANT) for matrix in maps)


def test_a_row_with_a_colour_of_its_own_stays() -> None:
    (matrix,) = cone(OCTANT, (1, 0, 0)).maps()
    assert matrix.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]


def test_what_is_no_linear_map_is_no_symmetry() -> None:
    """A corner may not be exchanged with its neighbour alone: z stays, so opposite inequalities stay opposite."""
    for matrix in cone(OVER_A_SQUARE).maps():
        image = np.array(OVER_A_SQUARE) @ matrix.T
        assert sorted(image.tolist()) == sorted(OVER_A_SQUARE)
