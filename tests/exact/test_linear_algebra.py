"""Elimination by vectors of two and three numbers."""

from __future__ import annotations

from fractions import Fraction

from boundgen.exact.linear_algebra import Span, transpose


def test_a_sum_says_which_vectors_it_is_of() -> None:
    """(2, 3) = 2 (1, 0) + 3 (0, 1)."""
    span = Span()
    assert span.add(7, {0: 1}) is None
    assert span.add(8, {1: 1}) is None
    assert span.depends({0: 2, 1: 3}) == {7: 2, 8: 3}


def test_a_dependent_vector_is_not_added() -> None:
    """(1, 1) and (1, -1) span the plane: (1, 0) is half their sum."""
    span = Span()
    assert span.add(0, {0: 1, 1: 1}) is None
    assert span.add(1, {0: 1, 1: -1}) is None
    assert span.add(2, {0: 1}) == {0: Fraction(1, 2), 1: Fraction(1, 2)}


def test_what_lies_outside_depends_on_nothing() -> None:
    span = Span()
    span.add(0, {0: 1, 1: 1})
    assert span.depends({0: 1}) is None
    assert span.depends({}) == {}


def test_the_rest_is_the_same_for_vectors_that_differ_by_the_span() -> None:
    span = Span()
    span.add(0, {0: 1, 1: 2})
    assert span.rest({0: 5, 1: 1}) == span.rest({0: 6, 1: 3})
    assert span.rest({0: 5, 1: 1}) != span.rest({0: 6, 1: 4})
    assert span.rest({0: 3, 1: 6}) == {}


def test_transpose() -> None:
    """Columns (1, 0), (2, 3) are rows (1, 2), (0, 3)."""
    assert transpose([[(0, 1)], [(0, 2), (1, 3)]], 2) == [{0: 1, 1: 2}, {1: 3}]
