"""A graph as text of Graphviz, which draws it."""

from __future__ import annotations

from boundgen.graphs.graph import MARKS, CausalGraph, Node
from boundgen.graphs.to_dagitty import attributes_of, name_text

# Unmeasured causes are dashed.
DASHED = "style=dashed"


def to_dot(graph: CausalGraph) -> str:
    """The text; what a node is marked as is an attribute of it, and arrows with two heads are dashed.

    Parameters
    ----------
    graph : CausalGraph

    Returns
    -------
    str
    """
    lines = [f"digraph {name_text(graph.name)} {{" if graph.name else "digraph {", "  rankdir=LR;"]
    for node in graph.nodes:
        attributes = ", ".join(_attributes(node))
        lines.append(f"  {name_text(node.name)} [{attributes}];" if attributes else f"  {name_text(node.name)};")
    lines += [f"  {name_text(start)} -> {name_text(end)};" for start, end in graph.effects]
    lines += [f"  {name_text(start)} -> {name_text(end)} [dir=both, {DASHED}];" for start, end in graph.shared]
    return "\n".join([*lines, "}"])


def _attributes(node: Node) -> list[str]:
    marks = [f"{mark}=true" for mark in MARKS if mark in node.marks]
    drawn = [DASHED] if node.latent else ["shape=box"] if "randomized" in node.marks else []
    return [*marks, *attributes_of(node), *drawn]
