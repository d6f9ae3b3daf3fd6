"""The symmetries of a dual polyhedron, as automorphisms of its program's coloured graph (BLISS, by igraph).

D. Bremner, M. Dutour Sikirić & A. Schürmann (2009), Polyhedral representation conversion up to symmetries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from boundgen.exact.integers import Integers, independent_rows, integers, inverse, product
from boundgen.polyhedra.bliss_script import QUESTIONS
from boundgen.polyhedra.children import answer_of_child
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.graph import COLUMN, SIGN

Permutation = tuple[int, ...]
Edges = Sequence[tuple[int, int]]
MOST_NODES = 20_000
SCRIPT = Path(__file__).with_name("bliss_script.py")
# Up to this many nodes BLISS needs a few tenths of a second.
SMALL_GRAPH = 3000


def homogeneous(dual: DualPolyhedron) -> Integers:
    """The inequalities as rows ``H x >= 0`` for ``x = (1, y)``, and ``x_0 >= 0`` as the last one."""
    infinity = (1, *([0] * dual.dimension))
    return integers([*dual.inequalities, infinity])


def coloured(dual: DualPolyhedron) -> tuple[int, ...]:
    """The colours of the graph's nodes as numbers, with the costs; no node where there is no graph."""
    names = _colours(dual) if dual.graph else []
    number = {name: k for k, name in enumerate(sorted(set(names)))}
    return tuple(number[name] for name in names)


def has_many_nodes(nodes: int) -> bool:
    """Whether a graph is too large for a search of its symmetries."""
    return nodes > MOST_NODES


def no_step() -> None:
    """Where nobody waits to hear of progress."""


def stabilizer(colours: Sequence[int], edges: Edges, step: Callable[[], None] = no_step) -> tuple[Permutation, ...]:
    """Generators of the permutations of nodes that keep colours and edges."""
    if not colours or has_many_nodes(len(colours)):
        return ()
    found = _bliss("generators", [(edges, colours)], step)
    return tuple(sorted(tuple(generator) for generator in found))


def isomorphism(one: DualPolyhedron, other: DualPolyhedron, step: Callable[[], None] = no_step) -> Integers | None:
    """The linear map that takes one polyhedron to another by relabelling, or None where there is none.

    The upper bound is often the lower one with the values of the outcome exchanged.
    """
    if one.graph is None or other.graph is None or len(one.inequalities) != len(other.inequalities):
        return None
    if has_many_nodes(len(one.graph.colours)):
        return None
    names = _colours(one), _colours(other)
    if sorted(names[0]) != sorted(names[1]) or len(one.graph.edges) != len(other.graph.edges):
        return None
    number = {name: k for k, name in enumerate(sorted(set(names[0])))}
    graphs = [(one.graph.edges, [number[name] for name in names[0]])]
    graphs.append((other.graph.edges, [number[name] for name in names[1]]))
    image = _bliss("isomorphism", graphs, step)
    if image is None:
        return None
    count = len(one.inequalities)
    permutation = [image[node] for node in range(count)]
    if any(node >= count for node in permutation):
        return None
    return linear_map(homogeneous(one), homogeneous(other), (*permutation, count))


def linear_map(rows: Integers, images: Integers, permutation: Sequence[int]) -> Integers | None:
    """The matrix N, points times N, under which row k of one system takes the values of its image; or None.

    A point x goes to x' with ``images[permutation[k]] · x' = rows[k] · x`` for all k, up to a positive factor.
    """
    target = images[list(permutation)]
    basis = independent_rows(target)
    if len(basis) < target.shape[1]:
        return None
    solved, scale = inverse(target[basis])
    matrix = product(solved, rows[basis]).T
    if not np.array_equal(
        product(target, matrix.T), product(rows, integers([[scale]]) * np.eye(rows.shape[1], dtype=int))
    ):
        return None
    divisor = int(np.gcd.reduce(matrix, axis=None))
    return matrix // divisor


def _bliss(question: str, graphs: Sequence[tuple[Edges, Sequence[int]]], step: Callable[[], None]) -> Any:
    """The answer of BLISS; about large graphs from a process of its own, since the library hears no limit."""
    if max(len(colours) for _, colours in graphs) > SMALL_GRAPH:
        return answer_of_child(SCRIPT, {"question": question, "graphs": graphs}, step, "the search for symmetries")
    return QUESTIONS[question](*graphs)


def _colours(dual: DualPolyhedron) -> list[str]:
    """The colours of the graph; of a column also its cost, as far as rows cannot shift it."""
    assert dual.graph is not None
    count = len(dual.inequalities)
    columns = [k for k in range(count) if dual.graph.colours[k] == COLUMN]
    signs = [k for k in range(count) if dual.graph.colours[k] == SIGN]
    costs = dict(zip(columns, _unshifted(integers(dual.inequalities), columns, signs), strict=True))
    return [f"{colour} {costs[k]}" if k in costs else colour for k, colour in enumerate(dual.graph.colours)]


def _unshifted(rows: Integers, columns: Sequence[int], signs: Sequence[int]) -> list[Fraction]:
    """The part of the costs that is orthogonal to the equality rows, so the same however these shift the costs."""
    equalities = np.flatnonzero(~rows[list(signs), 1:].any(axis=0)) + 1
    entries, costs = rows[np.ix_(np.array(columns, dtype=int), equalities)], rows[columns, :1]
    if not entries.size:
        return [Fraction(int(cost)) for cost in costs[:, 0]]
    solved, scale = inverse(product(entries.T, entries))
    shifted = product(entries, product(solved, product(entries.T, costs)))
    return [Fraction(int(c) * scale - int(s), scale) for c, s in zip(costs[:, 0], shifted[:, 0], strict=True)]
