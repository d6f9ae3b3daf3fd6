"""A graph as R code for causaloptim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from boundgen.errors import GraphError, quoted
from boundgen.graphs.graph import CausalGraph, NamePair, Node, names_listed
from boundgen.graphs.identifiers import free_name

UNMEASURED = "Ur"


def to_causaloptim(graph: CausalGraph) -> str:
    """The code: what is randomized stands left, all else right, where one cause (Ur) affects everything.

    Sachs, Jonzon, Sjölander and Gabriel (2023) allow no other graphs; where fewer share causes, the bounds that
    causaloptim gives are valid and need not be sharp.

    Parameters
    ----------
    graph : CausalGraph

    Returns
    -------
    str

    Raises
    ------
    GraphError
        For bounded outcomes, which have no number of values.
    """
    for node in graph.nodes:
        if node.bounded:
            raise GraphError(
                f"{quoted(node.name)} is any number between two ends, and causaloptim counts values",
                remedy="Give it a list of values.",
            )
    ends = _causes(graph)
    main = [node for node in graph.nodes if node.name not in ends]
    names = _names([node.name for node in main])
    right = [node.name for node in main if "randomized" not in node.marks]
    arrows = [(names[start], names[end]) for start, end in graph.effects if start not in ends]
    cause = [UNMEASURED] if len(right) > 1 else []
    arrows += [(each, names[end]) for each in cause for end in right]
    order = list(dict.fromkeys([name for pair in arrows for name in pair] + list(names.values())))
    nodes = {names[node.name]: node for node in main} | {each: Node(each, frozenset({"latent"})) for each in cause}
    return "\n".join(
        [
            *(f"# {each}" for each in _comments(graph, ends, right, names)),
            "library(causaloptim)",
            "library(igraph)",
            "",
            f"graph <- graph_from_literal({_literal(arrows, order)})",
            *(f"V(graph)${key} <- {_vector(values)}" for key, values in _attributes([nodes[name] for name in order])),
            *(f"E(graph)${key} <- rep(0, {len(arrows)})" for key in ("rlconnect", "edge.monotone") if arrows),
        ]
    )


def _causes(graph: CausalGraph) -> dict[str, tuple[str, ...]]:
    """Latent nodes that are no variables, with what they affect."""
    below, above = graph.children(), graph.parents()
    return {
        node.name: tuple(below[node.name])
        for node in graph.nodes
        if node.latent and not node.values and not above[node.name]
    }


def _names(names: Sequence[str]) -> dict[str, str]:
    """Names as causaloptim takes them: letters and digits, which do not begin with p."""
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9]", "", name)
        plain = plain if re.match(r"[A-Za-oq-z]", plain) and plain not in (UNMEASURED, "Ul") else f"V{plain}"
        found[name] = free_name(plain, set(found.values()), "")
    return found


def _literal(arrows: Iterable[NamePair], order: Sequence[str]) -> str:
    """Arrows, and the nodes that have none."""
    pairs = list(arrows)
    alone = [name for name in order if all(name not in pair for pair in pairs)]
    return ", ".join([*(f"{start} -+ {end}" for start, end in pairs), *alone])


def _attributes(nodes: Sequence[Node]) -> Iterator[tuple[str, list[int]]]:
    yield "leftside", [int("randomized" in node.marks) for node in nodes]
    yield "latent", [int(node.latent) for node in nodes]
    yield "nvals", [len(node.values) or 2 for node in nodes]
    yield "exposure", [int("exposure" in node.marks) for node in nodes]
    yield "outcome", [int("outcome" in node.marks) for node in nodes]


def _vector(values: Iterable[int]) -> str:
    return f"c({', '.join(map(str, values))})"


def _comments(
    graph: CausalGraph, ends: dict[str, tuple[str, ...]], right: list[str], names: dict[str, str]
) -> Iterator[str]:
    if graph.name:
        yield f"The graph of {graph.name}; values are numbered from 0."
    for name, written in names.items():
        if name != written:
            yield f"{written} is {name}."
    shared = [*ends.values(), *graph.shared]
    if len(right) > 1 and not any(set(right) <= set(each) for each in shared):
        yield (
            f"In the model not all of {names_listed(right)} share one cause. Here they do: causaloptim knows nothing "
            "else, and its bounds are valid, but need not be sharp."
        )
    selected = graph.marked("selected")
    if selected:
        yield f"Only units with values of {names_listed(selected)} are observed, which causaloptim is not told."
