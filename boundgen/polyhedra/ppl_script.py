"""One enumeration by the Parma Polyhedra Library: inequalities in, generators out, as JSON.

A large one is run by its path, in a process of its own, so this file imports nothing of boundgen.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction

import ppl


def enumerate_rows(
    inequalities: Sequence[Sequence[int]], step: Callable[[int], None], most: int | None = None
) -> list[list[Fraction]] | None:
    """Rows of vertices (first column 1) and rays (first column 0); None once more than `most` are met on the way.

    Inequalities are added one at a time, in an order that keeps the intermediate polyhedra small (measured:
    four times faster than handing over all at once for a 5-level instrument, and three times faster than
    plain lexicographic order for a mediator with a 3-level instrument), and work can stop in between.
    """
    dimension = len(inequalities[0]) - 1
    polyhedron = ppl.C_Polyhedron(dimension)
    for done, (constant, *coefficients) in enumerate(sorted(inequalities, key=insertion_order), 1):
        polyhedron.add_constraint(ppl.Linear_Expression(coefficients, constant) >= 0)
        found = polyhedron.minimized_generators()
        step(done)
        if most is not None and done % 4 == 0 and sum(1 for _ in found) > most:
            return None
    return [_row(generator, dimension) for generator in polyhedron.minimized_generators()]


def insertion_order(inequality: Sequence[int]) -> tuple[int, ...]:
    """Least constant first, then the last columns, largest coefficient first."""
    constant, *coefficients = inequality
    return constant, *(-c for c in reversed(coefficients))


def _row(generator: ppl.Generator, dimension: int) -> list[Fraction]:
    if generator.is_line():
        raise ArithmeticError("the dual polyhedron has a line: dependent rows were left in the program")
    coefficients = [int(c) for c in generator.coefficients()]
    coefficients += [0] * (dimension - len(coefficients))
    point = bool(generator.is_point())
    divisor = int(generator.divisor()) if point else 1
    return [Fraction(point), *(Fraction(c) if divisor == 1 else Fraction(c, divisor) for c in coefficients)]


if __name__ == "__main__":
    rows = enumerate_rows(json.load(sys.stdin), lambda _: None)
    json.dump([[str(value) for value in row] for row in rows or []], sys.stdout)
