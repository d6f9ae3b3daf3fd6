"""A graph as text of dagitty."""

from __future__ import annotations

import re

from boundgen.graphs.graph import MARKS, CausalGraph, Node
from boundgen.language.values import values_text

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Words that begin something else, whatever their case.
RESERVED = frozenset("dag digraph edge graph mag node pag pdag strict subgraph".split())


def to_dagitty(graph: CausalGraph) -> str:
    """The text.

    Parameters
    ----------
    graph : CausalGraph

    Returns
    -------
    str
    """
    lines = ["dag {"]
    for node in graph.nodes:
        attributes = [mark for mark in MARKS if mark in node.marks] + attributes_of(node)
        lines.append(name_text(node.name) + (f" [{','.join(attributes)}]" if attributes else ""))
    lines += [f"{name_text(start)} -> {name_text(end)}" for start, end in graph.effects]
    lines += [f"{name_text(start)} <-> {name_text(end)}" for start, end in graph.shared]
    return "\n".join([*lines, "}"])


def name_text(name: str) -> str:
    """A name as dagitty and DOT write it, in quotation marks where they are needed."""
    if PLAIN.fullmatch(name) and name.lower() not in RESERVED:
        return name
    return quoted_text(name)


def quoted_text(text: str) -> str:
    """A text in quotation marks."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def attributes_of(node: Node) -> list[str]:
    """What a node says beside its marks: its values, and what it stands for.

    Two values of something that is measured need not be said.

    Returns
    -------
    list of str
    """
    found = []
    if node.bounded:
        found.append(f"domain={quoted_text(f'[{values_text(node.values)}]')}")
    elif node.values == tuple(range(len(node.values))):
        found += [f'levels="{len(node.values)}"'] if len(node.values) > 2 or (node.values and node.latent) else []
    elif node.values:
        found.append(f"domain={quoted_text(f'{{{values_text(node.values)}}}')}")
    return found + ([f"label={quoted_text(node.label)}"] if node.label else [])
