"""Extreme rays of a pointed cone by cddlib (``cdd.gmp``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm

from boundgen.polyhedra.cdd_script import growing_rows


def extreme_rays(rows: Sequence[Sequence[int]], step: Callable[[], None], most: int | None) -> list[list[int]] | None:
    """The extreme rays of ``{x : rows · x >= 0}``, or None once more than `most` generators are met on the way."""
    found = growing_rows([[0, *row] for row in rows], step, most)
    return None if found is None else [_whole(ray) for first, *ray in found if not first]


def _whole(ray: Sequence[Fraction]) -> list[int]:
    scale = lcm(*(value.denominator for value in ray))
    return [int(value * scale) for value in ray]
