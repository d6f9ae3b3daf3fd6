"""Exact linear programs, solved by the simplex method of the Parma Polyhedra Library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Literal

from boundgen.polyhedra.parma import ppl

Row = Mapping[int, Fraction | int]


@dataclass(frozen=True)
class Constraint:
    """``coefficients · x + constant >= 0``, or ``= 0``."""

    coefficients: Row
    constant: Fraction | int = 0
    relation: Literal[">=", "="] = ">="


@dataclass(frozen=True)
class Optimum:
    """An optimal value and a point that attains it."""

    value: Fraction
    point: tuple[Fraction, ...]


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
        self, size: int, objective: Row, constraints: Iterable[Constraint], nonnegative: Iterable[int]
    ) -> None:
        self._size = size
        self._scale, expression = _integral(objective, 0)
        self._program = ppl.MIP_Problem(size)
        for i in nonnegative:
            self._program.add_constraint(ppl.Variable(i) >= 0)
        for constraint in constraints:
            self.add(constraint)
        self._program.set_objective_function(expression)
        self._program.set_optimization_mode("maximization")

    def add(self, constraint: Constraint) -> None:
        """One more constraint."""
        if not any(constraint.coefficients.values()):
            self._add_trivial(constraint)
            return
        _, expression = _integral(constraint.coefficients, constraint.constant)
        self._program.add_constraint(expression >= 0 if constraint.relation == ">=" else expression == 0)

    def _add_trivial(self, constraint: Constraint) -> None:
        """A constraint without unknowns: nothing to do, or a contradiction."""
        if constraint.constant < 0 or (constraint.relation == "=" and constraint.constant != 0):
            zero = ppl.Linear_Expression({0: 1}, 0)
            self._program.add_constraint(zero >= 1)
            self._program.add_constraint(zero <= 0)

    def solve(self) -> Optimum | None:
        """The optimum, or None where the constraints contradict each other.

        Raises
        ------
        ArithmeticError
            Where the objective is unbounded.
        """
        status = self._program.solve()["status"]
        if status == "unfeasible":
            return None
        if status != "optimized":
            raise ArithmeticError("unbounded program")
        value = self._program.optimal_value()
        generator = self._program.optimizing_point()
        divisor = int(generator.divisor())
        point = [Fraction(int(c), divisor) for c in generator.coefficients()]
        point += [Fraction(0)] * (self._size - len(point))
        return Optimum(Fraction(int(value.numerator), int(value.denominator)) / self._scale, tuple(point))


def maximum(size: int, objective: Row, constraints: Iterable[Constraint], nonnegative: Iterable[int]) -> Optimum | None:
    """The maximum of a linear function, or None where the constraints contradict each other."""
    return Maximum(size, objective, constraints, nonnegative).solve()


def _integral(coefficients: Row, constant: Fraction | int) -> tuple[int, ppl.Linear_Expression]:
    """An integer multiple of an expression, and the multiple."""
    scale = lcm(constant.denominator, *(c.denominator for c in coefficients.values()))
    integers = {i: int(c * scale) for i, c in coefficients.items() if c}
    return scale, ppl.Linear_Expression(integers, int(constant * scale))
