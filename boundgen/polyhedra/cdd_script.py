"""One enumeration by cddlib: inequalities in, generators out, as JSON.

A large one is run by its path, in a process of its own, so this file imports nothing of boundgen.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from fractions import Fraction

import cdd
import cdd.gmp

FIRST = 32


def enumerate_rows(inequalities: list[list[int]]) -> list[list[Fraction]]:
    """Rows of vertices (first column 1) and rays (first column 0)."""
    found = _generators(inequalities)
    if found.lin_set:
        raise ArithmeticError("the dual polyhedron has a line: dependent rows were left in the program")
    return [list(row) for row in found.array]


def growing_rows(
    inequalities: list[list[int]], step: Callable[[], None], most: int | None
) -> list[list[Fraction]] | None:
    """The same, or None once more than `most` are met on the way.

    cddlib does not stop in between: it is asked for the first inequalities, for twice as many, and so on.
    """
    size = FIRST
    while most is not None and size < len(inequalities):
        step()
        if len(_generators(inequalities[:size]).array) > most:
            return None
        size *= 2
    step()
    found = enumerate_rows(inequalities)
    return None if most is not None and len(found) > most else found


def _generators(inequalities: list[list[int]]) -> cdd.gmp.Matrix:
    matrix = cdd.gmp.matrix_from_array(inequalities, rep_type=cdd.RepType.INEQUALITY)
    return cdd.gmp.copy_generators(cdd.gmp.polyhedron_from_matrix(matrix))


if __name__ == "__main__":
    json.dump([[str(value) for value in row] for row in enumerate_rows(json.load(sys.stdin))], sys.stdout)
