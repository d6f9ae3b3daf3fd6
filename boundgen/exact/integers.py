"""Exact integer matrices: 64-bit where that provably cannot overflow, Python's integers otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[Any]
SAFE = 2**62
# The rank modulo a prime is at most the rank, so a full rank modulo a prime is a proof.
PRIME = 2_147_483_629


def integers(rows: Sequence[Sequence[int]] | Integers) -> Integers:
    """A matrix of 64-bit integers, or of Python's where a number is larger."""
    matrix = np.array(rows, dtype=object)
    return matrix.astype(np.int64) if largest(matrix) < SAFE else matrix


def vector(numbers: Sequence[int]) -> Integers:
    """One row of integers."""
    found: Integers = integers([numbers])[0]
    return found


def largest(matrix: Integers) -> int:
    """The largest absolute value."""
    if not matrix.size:
        return 0
    return max(int(matrix.max()), -int(matrix.min()))


def product(one: Integers, other: Integers) -> Integers:
    """The matrix product."""
    bound = largest(one) * largest(other) * max(one.shape[-1], 1)
    if bound < SAFE:
        return np.asarray(one @ other)
    return small(np.asarray(one.astype(object) @ other.astype(object)))


def small(matrix: Integers) -> Integers:
    """The same numbers in 64 bits where they fit."""
    return matrix.astype(np.int64) if matrix.dtype == object and largest(matrix) < SAFE else matrix


def combined(one: Integers, factor: Integers, other: Integers, multiple: Integers) -> Integers:
    """``factor * one + multiple * other``, element by element, with broadcasting."""
    if largest(one) * largest(factor) + largest(other) * largest(multiple) < SAFE:
        return np.asarray(factor * one + multiple * other)
    wide = [matrix.astype(object) for matrix in (one, factor, other, multiple)]
    return small(np.asarray(wide[1] * wide[0] + wide[3] * wide[2]))


def keys(rows: Integers) -> list[bytes]:
    """For each row the same bytes for the same numbers, whatever their type."""
    if rows.dtype != np.int64:
        return [_key(small(row)) for row in rows]
    if not rows.size:
        return []
    packed = np.ascontiguousarray(rows)
    return [bytes(row) for row in packed.view(np.dtype((np.void, packed.itemsize * packed.shape[1]))).ravel().tolist()]


def _key(row: Integers) -> bytes:
    return row.tobytes() if row.dtype == np.int64 else repr(row.tolist()).encode()


def primitive_vector(ray: Integers) -> Integers:
    """A vector divided by the greatest common divisor of its numbers."""
    found: Integers = primitive(ray[None, :])[0]
    return found


def primitive(rows: Integers) -> Integers:
    """Each row divided by the greatest common divisor of its numbers."""
    divisors = np.gcd.reduce(rows, axis=1, keepdims=True)
    return small(rows // np.where(divisors == 0, 1, divisors))


def inverse(matrix: Integers) -> tuple[Integers, int]:
    """The inverse of a regular square matrix: integers over one positive number (Bareiss, 1968)."""
    size = len(matrix)
    work = np.hstack([small(matrix), np.eye(size, dtype=np.int64)])
    last = 1
    for k in range(size):
        pivot = next(i for i in range(k, size) if work[i, k])
        if pivot != k:
            work[[k, pivot]] = work[[pivot, k]]
            work[k] = -work[k]
        if work.dtype != object and 2 * largest(work) ** 2 >= SAFE:
            work = work.astype(object)
        others = [i for i in range(size) if i != k]
        work[others] = (work[k, k] * work[others] - np.outer(work[others, k], work[k])) // last
        last = work[k, k]
    numerators, denominator = work[:, size:].astype(object), int(last)
    divisor = gcd(denominator, *(int(x) for x in numerators.flat))
    sign = 1 if denominator > 0 else -1
    return small(sign * numerators // divisor), abs(denominator) // divisor


def independent_rows(matrix: Integers) -> list[int]:
    """Numbers of rows that are independent, found modulo a prime, from the first on; as many as there can be."""
    work = (matrix.astype(object) % PRIME).astype(np.int64)
    kept: list[int] = []
    columns = list(range(work.shape[1]))
    alive = np.arange(len(work))
    while len(alive) and columns:
        nonzero = alive[work[alive].any(axis=1)]
        if not len(nonzero):
            break
        row = int(nonzero[0])
        kept.append(row)
        column = next(c for c in columns if work[row, c])
        columns.remove(column)
        scale = pow(int(work[row, column]), -1, PRIME)
        pivot = work[row] * scale % PRIME
        alive = nonzero[1:]
        work[alive] = (work[alive] - work[alive, column][:, None] * pivot % PRIME) % PRIME
    return kept
