"""Graphs of networkx and of what looks like them (y0, igraph by its names), without importing them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from boundgen.errors import GraphError
from boundgen.graphs.attributes import is_true
from boundgen.graphs.drawing import Arrow, Drawing, LineKind

REMEDY = "Give a networkx.DiGraph, a NxMixedGraph of y0, a text of dagitty, or a file."
# Attributes by which an edge of a directed graph says that it has two heads.
TWO_HEADED = ("bidirected", "confounded")


def read_graph_object(graph: Any) -> Drawing:
    """What a graph of networkx draws, or one of y0, which holds a directed and an undirected one.

    Parameters
    ----------
    graph : networkx.DiGraph, y0.graph.NxMixedGraph, or what has their methods

    Returns
    -------
    Drawing

    Raises
    ------
    GraphError
        For what is no graph.
    """
    if hasattr(graph, "directed") and hasattr(graph, "undirected"):
        one, other = read_graph_object(graph.directed), graph.undirected
        nodes, arrows = _parts(other)
        shared = tuple(Arrow(start, end, "<->", attributes) for start, end, attributes in arrows)
        return replace(one, nodes={**nodes, **one.nodes}, arrows=(*one.arrows, *shared))
    nodes, arrows = _parts(graph)
    is_directed = getattr(graph, "is_directed", None)
    forward = bool(is_directed()) if callable(is_directed) else True
    drawn = (Arrow(start, end, directed_kind(given, forward), given) for start, end, given in arrows)
    of_graph = getattr(graph, "graph", None)
    return Drawing(
        nodes, tuple(drawn), str(getattr(graph, "name", "") or ""), of_graph if isinstance(of_graph, dict) else {}
    )


def _parts(graph: Any) -> tuple[dict[str, Mapping[str, Any]], list[tuple[str, str, Mapping[str, Any]]]]:
    """Nodes and edges with their attributes; their names are those that they print."""
    found: list[tuple[str, Mapping[str, Any]]]
    arrows: list[tuple[str, str, Mapping[str, Any]]]
    try:
        found = [(str(node), _given(given)) for node, given in graph.nodes(data=True)]
        arrows = [(str(start), str(end), _given(given)) for start, end, given in graph.edges(data=True)]
    except (AttributeError, TypeError, ValueError):
        raise GraphError(f"{type(graph).__name__} is no graph", remedy=REMEDY) from None
    nodes = dict(found)
    # pgmpy keeps the names of what is not measured beside the nodes.
    latent = getattr(graph, "latents", None)
    for name in map(str, latent) if isinstance(latent, set | frozenset | list | tuple) else ():
        if name in nodes:
            nodes[name] = {"latent": True, **nodes[name]}
    if len(nodes) < len(found):
        raise GraphError("two nodes print the same name", remedy="Give each node a name of its own.")
    return nodes, arrows


def _given(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Those that have a value: None is where a table of attributes is empty."""
    return {key: value for key, value in dict(attributes).items() if value is not None}


def directed_kind(attributes: Mapping[str, Any], directed: bool) -> LineKind:
    """How a line with these attributes is drawn in a graph that is directed, or is not.

    Returns
    -------
    str
        ``"->"``, ``"<->"`` or ``"--"``.
    """
    words = [str(attributes.get(key, "")).lower() for key in ("type", "dir")]
    if _any_true(attributes, TWO_HEADED) or "bidirected" in words or "both" in words:
        return "<->"
    return "->" if directed and "undirected" not in words and "none" not in words else "--"


def _any_true(attributes: Mapping[str, Any], keys: Iterable[str]) -> bool:
    return any(key in attributes and is_true(attributes[key]) for key in keys)
