"""The least value at a corner of simplices and intervals is that of the linear program."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from boundgen.polyhedra.corners import SimplexProduct, as_simplex_product
from boundgen.polyhedra.optimum import Constraint, maximum

NUMBERS = st.fractions(-3, 3, max_denominator=4)
# How many unknowns a simplex has, and whether they sum to one.
SIMPLICES = st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=3)
INTERVALS = st.lists(st.tuples(NUMBERS, NUMBERS).map(sorted), max_size=2)


def region(simplices: list[tuple[int, bool]], intervals: list[list[Fraction]]) -> tuple[int, list[Constraint], int]:
    """Size, constraints, and how many unknowns may not be negative."""
    constraints: list[Constraint] = []
    place = 0
    for count, whole in simplices:
        constraints.append(Constraint(dict.fromkeys(range(place, place + count), -1), 1, "=" if whole else ">="))
        place += count
    for i, (low, high) in enumerate(intervals, place):
        constraints += [Constraint({i: 1}, -low), Constraint({i: -1}, high)]
    return place + len(intervals), constraints, place


@given(SIMPLICES, INTERVALS, st.data())
def test_least_at_a_corner(
    simplices: list[tuple[int, bool]], intervals: list[list[Fraction]], data: st.DataObject
) -> None:
    size, constraints, cells = region(simplices, intervals)
    slopes = data.draw(st.lists(NUMBERS, min_size=size, max_size=size))
    function = {i: slope for i, slope in enumerate(slopes) if slope}
    product = as_simplex_product(size, constraints, range(cells))
    best = maximum(size, {i: -slope for i, slope in function.items()}, constraints, range(cells))
    assert product is not None
    assert best is not None
    assert product.least(function, 1) == 1 - best.value


def test_an_interval_without_an_end() -> None:
    product = as_simplex_product(2, [Constraint({0: -1}, 1, "="), Constraint({1: 1}, -2)], [0])
    assert product == SimplexProduct((((0,), True),), ((1, 2, None),))
    assert product.least({0: 1, 1: 1}, 0) == 3
    assert product.least({1: -1}, 0) is None


def test_what_is_no_product_is_left_to_the_linear_program() -> None:
    shared = [Constraint({0: -1, 1: -1}, 1, "="), Constraint({1: -1, 2: -1}, 1, "=")]
    assert as_simplex_product(3, shared, range(3)) is None
    assert as_simplex_product(2, [Constraint({0: -1}, 1)], range(2)) is None
    assert as_simplex_product(1, [Constraint({0: 2}, 1)], [0]) is None
    assert as_simplex_product(1, [Constraint({0: 1}, -2), Constraint({0: -1}, 1)], []) is None
