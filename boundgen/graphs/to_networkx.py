"""A graph as node-link data of networkx, in JSON."""

from __future__ import annotations

import json
from typing import Any

from boundgen.graphs.graph import MARKS, CausalGraph, Node
from boundgen.graphs.identifiers import free_name
from boundgen.language.values import values_text


def to_networkx(graph: CausalGraph) -> str:
    """The text: a directed graph without parallel edges, so shared causes are nodes of their own.

    Each node has the attribute ``hidden``, which `y0.graph.NxMixedGraph.from_latent_variable_dag` asks for. It is read
    by ``networkx.node_link_graph(json.loads(text), edges="edges")``.

    Parameters
    ----------
    graph : CausalGraph

    Returns
    -------
    str
    """
    nodes = [_node(node) for node in graph.nodes]
    names = {node.name for node in graph.nodes}
    edges = [{"source": start, "target": end} for start, end in graph.effects]
    for pair in graph.shared:
        cause = free_name("U", names)
        names.add(cause)
        nodes.append({"id": cause, "hidden": True})
        edges += [{"source": cause, "target": end} for end in pair]
    data = {
        "directed": True,
        "multigraph": False,
        "graph": {"name": graph.name} if graph.name else {},
        "nodes": nodes,
        "edges": edges,
    }
    return json.dumps(data, indent=1, ensure_ascii=False)


def _node(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"id": node.name, "hidden": node.latent}
    found |= {mark: True for mark in MARKS if mark in node.marks and mark != "latent"}
    if node.bounded:
        found["domain"] = f"[{values_text(node.values)}]"
    elif node.values == tuple(range(len(node.values))):
        found |= {"levels": len(node.values)} if node.values else {}
    else:
        found["domain"] = f"{{{values_text(node.values)}}}"
    return found | ({"label": node.label} if node.label else {})
