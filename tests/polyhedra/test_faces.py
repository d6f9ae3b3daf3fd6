"""Faces of a square: an edge, a corner, the whole."""

from __future__ import annotations

from fractions import Fraction

from boundgen.polyhedra.faces import face
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region

X, Y = ({0: 1}, 0), ({1: 1}, 0)
# x, y >= 0 and 1 - x >= 0, 1 - y >= 0.
SQUARE = Region(2, (Constraint({0: -1}, 1), Constraint({1: -1}, 1)), (0, 1), {})


def test_the_whole_square() -> None:
    found = face(SQUARE)
    assert found
    assert (found.tight, found.zero) == ((), ())
    assert all(0 < value < 1 for value in found.point)


def test_an_edge() -> None:
    """Where 1 - x = 0: x is one, and y is anything."""
    found = face(SQUARE, [({0: -1}, 1)])
    assert found
    assert (found.tight, found.zero, found.point[0]) == ((0,), (), 1)
    assert 0 < found.point[1] < 1
    assert found.vanishes(({0: 2}, -2))
    assert not found.vanishes(Y)


def test_a_corner() -> None:
    """x + y is zero at the origin alone."""
    found = face(SQUARE, [({0: 1, 1: 1}, 0)])
    assert found
    assert (found.point, found.tight, found.zero) == ((0, 0), (), (0, 1))
    assert found.vanishes(X)
    assert found.vanishes(Y)


def test_there_is_no_such_face() -> None:
    assert face(SQUARE, [({0: 1}, 1)]) is None


def test_the_value_at_the_point() -> None:
    found = face(SQUARE, [({0: -1}, 1), Y])
    assert found
    assert found.value(({0: 3, 1: 5}, Fraction(1, 2))) == Fraction(7, 2)
