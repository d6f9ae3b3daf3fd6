"""Causal graphs drawn at random, and what they say about dependence."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import strategies as st

from boundgen.graphs.graph import CausalGraph, Node

NAMES = ["X", "Y", "M", "IL-6", "a b", "graph", 'say "so"', "Größe", "in", "x.1", "7", "back\\slash", "A#", "E"]
MARKS = ["latent", "exposure", "outcome", "adjusted", "selected"]
VALUES = [(), (0, 1), (0, 1, 2), (1, 2), ("low", "high")]


@st.composite
def graphs(draw: st.DrawFn, names: list[str] = NAMES, *, marked: bool = True, most: int = 6) -> CausalGraph:
    """Nodes in any order, arrows along an order of their own, and pairs with a cause."""
    order = draw(st.lists(st.sampled_from(names), min_size=2, max_size=most, unique=True))
    ahead = list(combinations(order, 2))
    effects = draw(st.lists(st.sampled_from(ahead), unique=True, max_size=8))
    shared = draw(st.lists(st.sampled_from(ahead), unique=True, max_size=4))
    shared = [pair[::-1] if draw(st.booleans()) else pair for pair in shared]
    # Not all are latent.
    nodes = [_node(draw, name, marked, i > 0) for i, name in enumerate(draw(st.permutations(order)))]
    return CausalGraph(tuple(nodes), tuple(effects), tuple(shared))


def _node(draw: st.DrawFn, name: str, marked: bool, may_be_latent: bool) -> Node:
    if not marked:
        return Node(name, frozenset(["latent"] if may_be_latent and draw(st.integers(0, 3)) == 0 else []))
    marks = draw(st.sets(st.sampled_from(MARKS), max_size=2)) - (set() if may_be_latent else {"latent"})
    if not marks and draw(st.booleans()):
        marks = {"randomized"}
    return Node(name, frozenset(marks), draw(st.sampled_from(VALUES)), draw(st.sampled_from(["", "in words, two"])))


def separations(graph: CausalGraph, names: list[str]) -> set[tuple[str, str, tuple[str, ...]]]:
    """Every pair of these names with every set of others given which the graph makes the two independent.

    Two are dependent if a path joins them in the moral graph of their ancestors without the set (Lauritzen).
    """
    arrows = [*graph.effects, *((f"U{i}", end) for i, pair in enumerate(graph.shared) for end in pair)]
    found = set()
    for x, y in combinations(sorted(names), 2):
        others = sorted(set(names) - {x, y})
        for chosen in product((False, True), repeat=len(others)):
            given = tuple(name for name, taken in zip(others, chosen, strict=True) if taken)
            if not _are_joined(arrows, x, y, given):
                found.add((x, y, given))
    return found


def _are_joined(arrows: list[tuple[str, str]], x: str, y: str, given: tuple[str, ...]) -> bool:
    kept = {x, y, *given}
    while new := {start for start, end in arrows if end in kept} - kept:
        kept |= new
    parents = {name: {start for start, end in arrows if end == name} for name in kept}
    links = [(name, parent) for name in kept for parent in parents[name]]
    links += [pair for name in kept for pair in combinations(parents[name], 2)]
    reached = {x}
    while new := {
        b for a, b in [*links, *((b, a) for a, b in links)] if a in reached and b not in reached and b not in given
    }:
        reached |= new
    return y in reached
