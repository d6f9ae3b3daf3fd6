"""Exact linear programs, solved by the simplex method of the exact library that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import import_module
from math import lcm
from typing import Literal, Protocol

from boundgen.polyhedra.libraries import exact_library

RationalRow = Mapping[int, Fraction | int]
IntegerRow = Mapping[int, int]


@dataclass(frozen=True)
class Constraint:
    """``coefficients · x + constant >= 0``, or ``= 0``."""

    coefficients: RationalRow
    constant: Fraction | int = 0
    relation: Literal[">=", "="] = ">="


@dataclass(frozen=True)
class Optimum:
    """An optimal value and a point that attains it."""

    value: Fraction
    point: tuple[Fraction, ...]


class Solver(Protocol):
    """What a library does: one class in a file for each, made of a size, an objective and unknowns without a sign."""

    def __init__(self, size: int, objective: IntegerRow, nonnegative: Iterable[int]) -> None: ...

    def add(self, coefficients: IntegerRow, constant: int, relation: Literal[">=", "="]) -> None:
        """One more constraint, in integers."""

    def aim(self, objective: IntegerRow) -> None:
        """Another objective for the same constraints."""

    def solve(self) -> Optimum | None:
        """The maximum, or None where the constraints contradict each other; ArithmeticError where there is none."""


class Maximum:
    """The maximum of a linear function over constraints that may be added one by one.

    Parameters
    ----------
    size : int
        Number of unknowns.
    objective : mapping of index to coefficient
    constraints : iterable of Constraint
    nonnegative : iterable of int
        Unknowns that may not be negative.
    """

    def __init__(
        self, size: int, objective: RationalRow, constraints: Iterable[Constraint], nonnegative: Iterable[int]
    ) -> None:
        self._scale, coefficients, _ = _integral(objective, 0)
        self._solver = _solver()(size, coefficients, nonnegative)
        for constraint in constraints:
            self.add(constraint)

    def add(self, constraint: Constraint) -> None:
        """One more constraint."""
        _, coefficients, constant = _integral(constraint.coefficients, constraint.constant)
        self._solver.add(coefficients, constant, constraint.relation)

    def aim(self, objective: RationalRow) -> None:
        """Another objective; one library goes on from the point where it was."""
        self._scale, coefficients, _ = _integral(objective, 0)
        self._solver.aim(coefficients)

    def solve(self) -> Optimum | None:
        """The optimum, or None where the constraints contradict each other.

        Raises
        ------
        ArithmeticError
            Where the objective is unbounded.
        """
        best = self._solver.solve()
        return None if best is None else Optimum(best.value / self._scale, best.point)


def maximum(
    size: int, objective: RationalRow, constraints: Iterable[Constraint], nonnegative: Iterable[int]
) -> Optimum | None:
    """The maximum of a linear function, or None where the constraints contradict each other."""
    return Maximum(size, objective, constraints, nonnegative).solve()


@cache
def _solver() -> type[Solver]:
    found: type[Solver] = import_module(f"boundgen.polyhedra.{exact_library()}_solver").LibrarySolver
    return found


def _integral(coefficients: RationalRow, constant: Fraction | int) -> tuple[int, dict[int, int], int]:
    """The smallest multiple of an expression that is integral: the factor, coefficients and constant."""
    scale = lcm(constant.denominator, *(c.denominator for c in coefficients.values()))
    integers = {i: c.numerator * (scale // c.denominator) for i, c in coefficients.items() if c}
    return scale, integers, constant.numerator * (scale // constant.denominator)
