"""One enumeration by cddlib: inequalities in, generators out, as JSON.

A large one is run by its path, in a process of its own, so this file imports nothing of boundgen.
"""

from __future__ import annotations

import json
import sys

import cdd
import cdd.gmp


def enumerate_rows(inequalities: list[list[int]]) -> list[list[str]]:
    """Rows of vertices (first column 1) and rays (first column 0), as rational strings."""
    matrix = cdd.gmp.matrix_from_array(inequalities, rep_type=cdd.RepType.INEQUALITY)
    found = cdd.gmp.copy_generators(cdd.gmp.polyhedron_from_matrix(matrix))
    if found.lin_set:
        raise ArithmeticError("the dual polyhedron has a line: dependent rows were left in the program")
    return [[str(value) for value in row] for row in found.array]


if __name__ == "__main__":
    json.dump(enumerate_rows(json.load(sys.stdin)), sys.stdout)
