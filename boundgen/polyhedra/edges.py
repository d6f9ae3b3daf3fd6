"""Edges of a polyhedron from its vertices and rays: which of them are adjacent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

Incidence = NDArray[np.bool_]
# Numbers that are compared at a time.
CHUNK = 2_000_000


def adjacent_pairs(
    tight: Incidence, starts: range, least: int, wanted: Callable[[int], Incidence], step: Callable[[int], None]
) -> Iterator[tuple[int, int]]:
    """Pairs of vertices and rays that an edge joins, the first of each pair among the starts.

    Two are adjacent if no third one has all the inequalities tight that they have in common (Fukuda & Prodon, 1996).
    A third one that has them is among those that share enough with the first one, so the others are not asked.

    Parameters
    ----------
    tight : Incidence
        For every vertex and ray (a row) whether each inequality holds with equality: a vertex and a ray of one
        polyhedron without lines, all of them, each once.
    starts : range
        The numbers of the vertices.
    least : int
        How many inequalities are tight on an edge at least: one less than the dimension.
    wanted : function of int
        Which others make a pair that is asked for with a start.
    step : function of int
        Is told how many starts are done.

    Yields
    ------
    pair of int
    """
    words = _packed(tight)
    counts = tight.astype(np.float32)
    for done, i in enumerate(starts):
        step(done)
        near = np.flatnonzero(counts @ counts[i] >= least)
        other = wanted(i)[near] & ((near > i) | (near < starts.start) | (near >= starts.stop)) & (near != i)
        candidates = near[other]
        for part in np.array_split(candidates, 1 + candidates.size * near.size * words.shape[1] // CHUNK):
            common = words[part] & words[i]
            holds = np.ones((part.size, near.size), dtype=bool)
            for word in range(words.shape[1]):
                mine = common[:, word, None]
                holds &= (mine & words[near, word][None, :]) == mine
            yield from ((i, int(j)) for j in part[holds.sum(axis=1) == 2])


def _packed(tight: Incidence) -> NDArray[np.uint64]:
    """Rows of bits, 64 in a word."""
    padded = np.pad(tight, ((0, 0), (0, -tight.shape[1] % 64)))
    return np.ascontiguousarray(np.packbits(padded, axis=1)).view(np.uint64)
