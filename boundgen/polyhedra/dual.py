"""A program's dual polyhedron: its vertices are the terms of the bound, its extreme rays the testable implications."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from boundgen.program.linear_program import LinearProgram

Inequality = tuple[int, ...]


@dataclass(frozen=True)
class DualPolyhedron:
    """``{y : y · (column j) <= cost j for all j, y <= 0 in the `<=` rows}``.

    Parameters
    ----------
    dimension : int
        The number of rows of the program.
    inequalities : tuple of tuple of int
        Each ``(b, a_1, ..., a_n)`` means ``b + a · y >= 0``; sorted, without repetitions.
    """

    dimension: int
    inequalities: tuple[Inequality, ...]


def dual_polyhedron(program: LinearProgram) -> DualPolyhedron:
    """The dual of minimising ``cost · ψ`` over ψ >= 0 that meet the rows. It does not depend on the data."""
    size = len(program.rows)
    found: set[Inequality] = set()
    for column in program.columns:
        row: list[Fraction | int] = [column.cost] + [0] * size
        for i, entry in column.entries:
            row[i + 1] = -entry
        found.add(_integral(row))
    for i, program_row in enumerate(program.rows):
        if program_row.relation == "<=":
            sign = [0] * (size + 1)
            sign[i + 1] = -1
            found.add(tuple(sign))
    return DualPolyhedron(size, tuple(sorted(found)))


def _integral(row: list[Fraction | int]) -> Inequality:
    scale = lcm(*(value.denominator for value in row))
    return tuple(int(value * scale) for value in row)
