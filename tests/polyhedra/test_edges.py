"""Edges of a square, a cube and an unbounded strip, counted by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from boundgen.polyhedra.edges import Incidence, adjacent_pairs


def everything(tight: Incidence, starts: range, least: int) -> set[tuple[int, int]]:
    return set(adjacent_pairs(tight, starts, least, lambda _: np.ones(len(tight), dtype=bool), lambda _: None))


def cube(dimension: int) -> tuple[list[tuple[int, ...]], Incidence]:
    """The corners of {0, 1}^n, and which of x_i >= 0 and x_i <= 1 are tight at each."""
    corners = list(product((0, 1), repeat=dimension))
    return corners, np.array([[*(x == 0 for x in corner), *(x == 1 for x in corner)] for corner in corners])


@pytest.mark.parametrize("dimension", [2, 3, 6])
def test_corners_of_a_cube_that_differ_in_one_coordinate(dimension: int) -> None:
    corners, tight = cube(dimension)
    found = everything(tight, range(len(corners)), dimension - 1)
    apart = {(i, j): sum(a != b for a, b in zip(corners[i], corners[j], strict=True)) for i, j in found}
    assert set(apart.values()) == {1}
    assert len(found) == dimension * 2 ** (dimension - 1)


def test_more_inequalities_than_bits_in_a_word() -> None:
    """Forty coordinates that are the same one; the corners of a square stay adjacent."""
    _, tight = cube(2)
    assert everything(np.tile(tight, 40), range(4), 1) == {(0, 1), (0, 2), (1, 3), (2, 3)}


def test_rays_stand_before_vertices() -> None:
    """{x >= 0, 0 <= y <= 1} has a ray, number 0, and two vertices; the ray is an edge at each of them."""
    tight = np.array([[False, True, True], [True, True, False], [True, False, True]])
    # The ray (1, 0) lies in both y = 0 and y = 1 when these are taken at infinity.
    assert everything(tight, range(1, 3), 1) == {(1, 0), (2, 0), (1, 2)}


def test_only_what_is_wanted_is_asked() -> None:
    corners, tight = cube(3)
    heights = np.array([corner[-1] for corner in corners])
    found = set(adjacent_pairs(tight, range(8), 2, lambda i: np.asarray(heights != heights[i]), lambda _: None))
    assert found == {(0, 1), (2, 3), (4, 5), (6, 7)}


def test_the_step_hears_of_every_start() -> None:
    _, tight = cube(2)
    heard: list[int] = []
    list(adjacent_pairs(tight, range(4), 1, lambda _: np.ones(4, dtype=bool), heard.append))
    assert heard == [0, 1, 2, 3]
