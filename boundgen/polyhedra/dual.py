"""A program's dual polyhedron: its vertices are the terms of the bound, its extreme rays the testable implications."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import lcm

from boundgen.polyhedra.graph import ColouredGraph, coloured_graph
from boundgen.program.linear_program import Column, LinearProgram
from boundgen.program.reduced import ReducedProgram

DualInequality = tuple[int, ...]


@dataclass(frozen=True)
class DualPolyhedron:
    """``{y : y · (column j) <= cost j for all j, y <= 0 in the `<=` rows}``.

    Parameters
    ----------
    dimension : int
        The number of rows of the program.
    inequalities : tuple of tuple of int
        Each ``(b, a_1, ..., a_n)`` means ``b + a · y >= 0``; sorted, without repetitions.
    graph : ColouredGraph or None
        The program that the polyhedron is dual to, as a graph in which its symmetries can be found; the first
        nodes are the inequalities. None where symmetries are not asked for.
    """

    dimension: int
    inequalities: tuple[DualInequality, ...]
    graph: ColouredGraph | None = field(default=None, compare=False, repr=False)

    @property
    def size(self) -> int:
        """The number of numbers that describe it."""
        return self.dimension * len(self.inequalities)


def dual_of(reduced: ReducedProgram) -> DualPolyhedron:
    """The dual of a reduced program, with the graph in which its symmetries can be found.

    The graph is that of the program before dependent rows were dropped: relabelling levels permutes its rows,
    while it would mix the rows that are left with dropped ones.
    """
    program, kept = reduced.program, reduced.passes[-1].rows
    dual = dual_polyhedron(program)
    number = {inequality: k for k, inequality in enumerate(dual.inequalities)}
    size = len(program.rows)
    of_columns = [number[_inequality(column, size)] for column in program.columns]
    of_signs = {number[_sign(i, size)]: kept[i] for i in _sign_rows(program)}
    return replace(dual, graph=coloured_graph(reduced.complete, of_columns, of_signs))


def dual_polyhedron(program: LinearProgram) -> DualPolyhedron:
    """The dual of minimising ``cost · ψ`` over ψ >= 0 that meet the rows. It does not depend on the data."""
    size = len(program.rows)
    found = {_inequality(column, size) for column in program.columns}
    found |= {_sign(i, size) for i in _sign_rows(program)}
    return DualPolyhedron(size, tuple(sorted(found)))


def _sign_rows(program: LinearProgram) -> tuple[int, ...]:
    return tuple(i for i, row in enumerate(program.rows) if row.relation == "<=")


def _inequality(column: Column, size: int) -> DualInequality:
    row: list[Fraction | int] = [column.cost] + [0] * size
    for i, entry in column.entries:
        row[i + 1] = -entry
    return _integral(row)


def _sign(i: int, size: int) -> DualInequality:
    return tuple(-1 if k == i + 1 else 0 for k in range(size + 1))


def _integral(row: list[Fraction | int]) -> DualInequality:
    scale = lcm(*[value.denominator for value in row])
    return tuple([value.numerator * (scale // value.denominator) for value in row])
