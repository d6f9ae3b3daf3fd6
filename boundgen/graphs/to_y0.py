"""A graph as Python code for y0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from boundgen.graphs.causes import causes
from boundgen.graphs.graph import CausalGraph, NamePair, names_listed


def to_y0(graph: CausalGraph) -> str:
    """The code: y0 knows measured variables, and causes that two of them share.

    Parameters
    ----------
    graph : CausalGraph

    Returns
    -------
    str
    """
    simple = causes(graph)
    pairs = sorted({pair for each in simple.shared for pair in combinations(each, 2)})
    lines = [f"# {each}" for each in _comments(graph, simple.shared)]
    lines += [
        "from y0.graph import NxMixedGraph",
        "",
        "graph = NxMixedGraph.from_str_edges(",
        f"    nodes=[{', '.join(map(_text, simple.variables))}],",
        f"    directed=[{_pairs(simple.effects)}],",
        f"    undirected=[{_pairs(pairs)}],",
        ")",
    ]
    return "\n".join(lines)


def _comments(graph: CausalGraph, shared: Iterable[tuple[str, ...]]) -> Iterator[str]:
    if graph.name:
        yield f"The graph of {graph.name}."
    for name in graph.marked("latent"):
        if graph.by_name[name].values:
            yield f"{name} is never observed; its causes affect what it affects, and this shares a cause."
    for each in shared:
        if len(each) > 2:
            yield f"{names_listed(each)} share one cause; y0 has one for each pair, and identifies the same."
    drawn = graph.marked("randomized")
    if drawn:
        yield f"Randomized: {names_listed(drawn)}."
    selected = graph.marked("selected")
    if selected:
        yield f"Only units with values of {names_listed(selected)} are observed, which y0 is not told."


def _pairs(pairs: Iterable[NamePair]) -> str:
    return ", ".join(f"({_text(start)}, {_text(end)})" for start, end in pairs)


def _text(name: str) -> str:
    return f'"{name}"' if name.isidentifier() else repr(name)
