"""Exact linear programs by cddlib (``cdd.gmp``), which begins anew each time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import cdd
import cdd.gmp

from boundgen.polyhedra.optimum import Optimum

INFEASIBLE = (cdd.LPStatusType.INCONSISTENT, cdd.LPStatusType.STRUC_INCONSISTENT)


class LibrarySolver:
    """See `boundgen.polyhedra.optimum.Solver`."""

    def __init__(self, size: int, objective: Mapping[int, int], nonnegative: Iterable[int]) -> None:
        self._rows = [_row(size, {i: 1}, 0) for i in nonnegative]
        self._equalities: list[int] = []
        self._size = size
        self.aim(objective)

    def add(self, coefficients: Mapping[int, int], constant: int, relation: Literal[">=", "="]) -> None:
        if relation == "=":
            self._equalities.append(len(self._rows))
        self._rows.append(_row(self._size, coefficients, constant))

    def aim(self, objective: Mapping[int, int]) -> None:
        self._objective = _row(self._size, objective, 0)

    def solve(self) -> Optimum | None:
        program = self._solved(self._objective)
        if program.status == cdd.LPStatusType.OPTIMAL:
            return Optimum(program.obj_value, tuple(program.primal_solution))
        # cddlib stops at the first of the two systems, primal and dual, that it finds to have no solution.
        if program.status in INFEASIBLE or self._solved([0] * (self._size + 1)).status != cdd.LPStatusType.OPTIMAL:
            return None
        raise ArithmeticError("unbounded program")

    def _solved(self, objective: list[int]) -> cdd.gmp.LinProg:
        matrix = cdd.gmp.matrix_from_array(
            # A row that always holds, since cddlib wants one.
            [*self._rows, _row(self._size, {}, 1)],
            rep_type=cdd.RepType.INEQUALITY,
            lin_set=self._equalities,
            obj_type=cdd.LPObjType.MAX,
            obj_func=objective,
        )
        program = cdd.gmp.linprog_from_matrix(matrix)
        cdd.gmp.linprog_solve(program)
        return program


def _row(size: int, coefficients: Mapping[int, int], constant: int) -> list[int]:
    return [constant, *(coefficients.get(i, 0) for i in range(size))]
