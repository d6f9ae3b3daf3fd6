"""Extreme rays of a pointed cone by the Parma Polyhedra Library."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from boundgen.polyhedra.parma import ppl

# Inequalities at a time; fewer once there are many rays, so that no single call takes long.
CHUNK, FEW, MANY = 32, 4, 500


def extreme_rays(rows: Sequence[Sequence[int]], step: Callable[[], None], most: int | None) -> list[list[int]] | None:
    """The extreme rays of ``{x : rows · x >= 0}``, or None once more than `most` generators are met on the way.

    Inequalities are added a few at a time: one by one is up to twenty times slower, all at once up to four times
    (measured on local cones of instruments), and work can stop in between.
    """
    size = len(rows[0])
    found = ppl.C_Polyhedron(size)
    start, count = 0, 0
    while start < len(rows):
        end = start + (CHUNK if count < MANY else FEW)
        for row in rows[start:end]:
            found.add_constraint(ppl.Linear_Expression(list(row), 0) >= 0)
        count = sum(1 for _ in found.minimized_generators())
        start = end
        step()
        if most is not None and count > most:
            return None
    return [_coefficients(generator, size) for generator in found.minimized_generators() if generator.is_ray()]


def _coefficients(generator: ppl.Generator, size: int) -> list[int]:
    found = [int(c) for c in generator.coefficients()]
    return found + [0] * (size - len(found))
