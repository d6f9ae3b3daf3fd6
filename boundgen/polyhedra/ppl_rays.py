"""Extreme rays of a pointed cone by the Parma Polyhedra Library."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from boundgen.polyhedra.parma import ppl

CHUNK = 32


def extreme_rays(rows: Sequence[Sequence[int]], step: Callable[[], None], most: int | None) -> list[list[int]] | None:
    """The extreme rays of ``{x : rows · x >= 0}``, or None once more than `most` generators are met on the way.

    Inequalities are added a few at a time: one by one is up to twenty times slower, all at once up to four times
    (measured on local cones of instruments), and work can stop in between.
    """
    size = len(rows[0])
    found = ppl.C_Polyhedron(size)
    for start in range(0, len(rows), CHUNK):
        for row in rows[start : start + CHUNK]:
            found.add_constraint(ppl.Linear_Expression(list(row), 0) >= 0)
        generators = found.minimized_generators()
        step()
        if most is not None and sum(1 for _ in generators) > most:
            return None
    return [_coefficients(generator, size) for generator in found.minimized_generators() if generator.is_ray()]


def _coefficients(generator: ppl.Generator, size: int) -> list[int]:
    found = [int(c) for c in generator.coefficients()]
    return found + [0] * (size - len(found))
