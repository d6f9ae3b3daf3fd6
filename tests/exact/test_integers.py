"""Integer matrices: the same numbers in 64 bits and beyond."""

from __future__ import annotations

import numpy as np
import pytest

from boundgen.exact.integers import (
    combined,
    independent_rows,
    integers,
    inverse,
    keys,
    primitive,
    primitive_vector,
    product,
    small,
    vector,
)

LARGE = 2**62


def test_large_numbers_do_not_overflow() -> None:
    assert integers([[1, 2]]).dtype == np.int64
    assert integers([[LARGE]]).dtype == object
    assert product(integers([[LARGE]]), integers([[4]])).tolist() == [[4 * LARGE]]
    # 2^40 · 2^40 does not fit, although both factors do.
    assert product(integers([[2**40]]), integers([[2**40]])).tolist() == [[2**80]]


def test_numbers_that_became_small_are_in_64_bits_again() -> None:
    assert small(np.array([[LARGE - LARGE + 3]], dtype=object)).dtype == np.int64
    assert small(np.array([[LARGE]], dtype=object)).dtype == object


@pytest.mark.parametrize("scale", [1, LARGE])
def test_combined(scale: int) -> None:
    """3 (1, 2) - 2 (1, 1) = (1, 4)."""
    one, other = vector([scale, 2 * scale]), vector([scale, scale])
    assert combined(one, vector([3]), other, vector([-2])).tolist() == [scale, 4 * scale]


def test_keys_do_not_depend_on_the_type() -> None:
    plain = integers([[1, 2], [3, 4]])
    assert keys(plain) == keys(plain.astype(object))
    assert len(set(keys(plain))) == 2


def test_primitive() -> None:
    assert primitive(integers([[2, -4], [0, 3]])).tolist() == [[1, -2], [0, 1]]
    assert primitive_vector(vector([6, 9])).tolist() == [2, 3]


def test_inverse() -> None:
    """The inverse of (2 1; 1 1) is (1 -1; -1 2); that of (2 0; 0 1) is half of (1 0; 0 2)."""
    numerators, denominator = inverse(integers([[2, 1], [1, 1]]))
    assert (numerators.tolist(), denominator) == ([[1, -1], [-1, 2]], 1)
    numerators, denominator = inverse(integers([[2, 0], [0, 1]]))
    assert (numerators.tolist(), denominator) == ([[1, 0], [0, 2]], 2)


def test_independent_rows() -> None:
    """The second row is twice the first."""
    assert independent_rows(integers([[1, 2], [2, 4], [0, 1]])) == [0, 2]
    assert independent_rows(integers([[0, 0]])) == []
