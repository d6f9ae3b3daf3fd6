"""Cones given by inequalities: their extreme rays by double description, one ray, and the edges at a ray."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import import_module
from math import lcm
from typing import Any

import numpy as np

from boundgen.exact.integers import (
    Integers,
    combined,
    independent_rows,
    integers,
    primitive,
    primitive_vector,
    product,
    vector,
)
from boundgen.polyhedra.libraries import exact_library
from boundgen.polyhedra.optimum import Constraint, Maximum
from boundgen.polyhedra.symmetry import Edges, linear_map, no_step, stabilizer

Step = Callable[[], None]
AT_ONCE = 20


@dataclass(frozen=True)
class Cone:
    """A pointed cone ``{x : H x >= 0}`` with what is needed to find its symmetries.

    Parameters
    ----------
    rows : Integers
        H, one inequality a row.
    nodes : tuple of int
        The node of the graph that each row is; -1 for a row that no symmetry moves.
    colours : tuple of int
        One for each node of the graph.
    edges : tuple of (int, int)
    """

    rows: Integers
    nodes: tuple[int, ...]
    colours: tuple[int, ...]
    edges: Edges

    @property
    def dimension(self) -> int:
        return int(self.rows.shape[1])

    def maps(self, step: Step = no_step) -> tuple[Integers, ...]:
        """Generators of the symmetries, as matrices that multiply points from the right.

        Each one is checked: only permutations of inequalities that are linear maps are kept, whatever the graph
        library says.
        """
        place = {node: k for k, node in enumerate(self.nodes)}
        found: dict[bytes, Integers] = {}
        for generator in stabilizer(self.colours, self.edges, step):
            step()
            images = [k if node < 0 else place[generator[node]] for k, node in enumerate(self.nodes)]
            if images != list(range(len(images))):
                matrix = linear_map(self.rows, self.rows, images)
                if matrix is not None:
                    found[repr(matrix.tolist()).encode()] = matrix
        return tuple(found.values())

    def local(self, ray: Integers) -> tuple[Cone, Integers, int]:
        """The edges at a ray as a cone: directions modulo the ray, so without one coordinate that the ray has.

        Returns
        -------
        Cone, values of all rows at the ray, and the coordinate that is left out
        """
        values = product(self.rows, ray)
        tight = np.flatnonzero(values == 0)
        out = int(np.flatnonzero(ray)[0])
        nodes = tuple(self.nodes[k] for k in tight)
        inside = {node for node in nodes if node >= 0}
        colours = tuple(2 * colour + (node in inside) for node, colour in enumerate(self.colours))
        return Cone(np.delete(self.rows[tight], out, axis=1), nodes, colours, self.edges), values, out


def first_ray(cone: Cone, normal: Integers, step: Step) -> Integers:
    """An extreme ray on which a row that is positive inside the cone is positive.

    It minimises a positive combination of independent inequalities, which is bounded, where ``normal · x = 1``. The
    sum will mostly do; where its minimum is not unique, other weights are drawn, larger each time.
    """
    rows, size = cone.rows, cone.dimension
    basis = independent_rows(rows)
    draws = random.Random(0)
    for largest_weight in range(1, sys.maxsize):
        weights = integers([[draws.randint(1, largest_weight) for _ in basis]])
        ray = _lowest(rows, normal, product(weights, rows[basis])[0], basis, step)
        if len(independent_rows(rows[product(rows, ray) == 0])) == size - 1:
            return ray
    raise ArithmeticError("no extreme ray was found")


def _lowest(rows: Integers, normal: Integers, objective: Integers, start: Sequence[int], step: Step) -> Integers:
    """A point of the cone with ``normal · x = 1`` where the objective is least, up to a positive factor.

    Inequalities enter the program only when a point breaks them: most never do, and work can stop in between.
    """
    program = Maximum(rows.shape[1], _entries(-objective), [Constraint(_entries(normal), -1, "=")], ())
    entering: Sequence[int] = start
    while True:
        for row in rows[list(entering)]:
            program.add(Constraint(_entries(row)))
        step()
        best = program.solve()
        assert best is not None, "the cone has a point where the normal is positive"
        point = primitive_vector(vector(_whole(best.point)))
        values = product(rows, point)
        if not (values < 0).any():
            return point
        lowest = np.argsort(values.astype(float), kind="stable")[:AT_ONCE]
        entering = [int(k) for k in lowest if values[k] < 0]


def direct_rays(rows: Integers, step: Step, most: int | None) -> Integers | None:
    """The extreme rays by double description, or None once more than `most` rays are met on the way."""
    rays = _library().extreme_rays([[int(c) for c in row] for row in rows], step, most)
    if rays is None:
        return None
    return primitive(integers(rays)) if rays else np.zeros((0, rows.shape[1]), dtype=np.int64)


@cache
def _library() -> Any:
    return import_module(f"boundgen.polyhedra.{exact_library()}_rays")


def neighbours(cone: Cone, ray: Integers, rays_of: Callable[[Cone], Integers]) -> Integers:
    """The extreme rays that span a two-dimensional face with a given one.

    A direction d of the local cone stands for the face of ``d + c · ray``; its other extreme ray has the least
    c at which all inequalities hold. The ratio test is exact.
    """
    local, values, out = cone.local(ray)
    directions = np.insert(rays_of(local), out, 0, axis=1)
    slack = np.flatnonzero(values)
    missing = -product(directions, cone.rows[slack].T)
    most = _largest_ratio(missing, values[slack])
    multiples = missing[np.arange(len(missing)), most]
    return primitive(combined(directions, values[slack][most][:, None], ray[None, :], multiples[:, None]))


def _largest_ratio(numerators: Integers, denominators: Integers) -> Integers:
    """For each row of numerators the place where it is largest relative to the positive denominators.

    Floats propose, integers decide.
    """
    best: Integers = np.argmax(numerators.astype(float) / denominators.astype(float), axis=1)
    lines = np.arange(len(numerators))
    while True:
        ahead = combined(
            numerators, denominators[best][:, None], denominators[None, :], -numerators[lines, best][:, None]
        )
        better = np.argmax(ahead, axis=1)
        wrong = ahead[lines, better] > 0
        if not wrong.any():
            return best
        best = np.where(wrong, better, best)


def _entries(row: Integers) -> dict[int, int]:
    return {i: int(c) for i, c in enumerate(row) if c}


def _whole(point: Sequence[Fraction]) -> list[int]:
    """The least multiple of a point that is integral."""
    scale = lcm(*(value.denominator for value in point))
    return [int(value * scale) for value in point]
