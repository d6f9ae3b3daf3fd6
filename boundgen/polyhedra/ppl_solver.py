"""Exact linear programs by the Parma Polyhedra Library, which goes on from where it was when a constraint is added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Literal

from boundgen.polyhedra.optimum import Optimum
from boundgen.polyhedra.parma import ppl


class LibrarySolver:
    """See `boundgen.polyhedra.optimum.Solver`."""

    def __init__(self, size: int, objective: Mapping[int, int], nonnegative: Iterable[int]) -> None:
        self._size = size
        self._program = ppl.MIP_Problem(size)
        for i in nonnegative:
            self._program.add_constraint(ppl.Variable(i) >= 0)
        self.aim(objective)
        self._program.set_optimization_mode("maximization")

    def add(self, coefficients: Mapping[int, int], constant: int, relation: Literal[">=", "="]) -> None:
        if not coefficients:
            self._add_trivial(constant, relation)
            return
        expression = ppl.Linear_Expression(dict(coefficients), constant)
        self._program.add_constraint(expression >= 0 if relation == ">=" else expression == 0)

    def _add_trivial(self, constant: int, relation: Literal[">=", "="]) -> None:
        """A constraint without unknowns: nothing to do, or a contradiction."""
        if constant < 0 or (relation == "=" and constant != 0):
            zero = ppl.Linear_Expression({0: 1}, 0)
            self._program.add_constraint(zero >= 1)
            self._program.add_constraint(zero <= 0)

    def aim(self, objective: Mapping[int, int]) -> None:
        self._program.set_objective_function(ppl.Linear_Expression(dict(objective), 0))

    def solve(self) -> Optimum | None:
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
        return Optimum(Fraction(int(value.numerator), int(value.denominator)), tuple(point))
