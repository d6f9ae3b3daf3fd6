"""One question to nauty about a coloured graph: graph in, permutations out, as JSON.

A large graph is looked at in a process of its own, by the path of this file, so it imports nothing of boundgen.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import pynauty

Edges = Sequence[Sequence[int]]


def generators(edges: Edges, colours: Sequence[int]) -> list[list[int]]:
    """Generators of the permutations of nodes that keep colours and edges."""
    found, *_ = pynauty.autgrp(_graph(edges, colours))
    return [list(generator) for generator in found]


def canonical_label(edges: Edges, colours: Sequence[int]) -> list[int]:
    """The nodes in an order that is the same for all graphs that differ by relabelling alone."""
    return list(pynauty.canon_label(_graph(edges, colours)))


def _graph(edges: Edges, colours: Sequence[int]) -> Any:
    neighbours: dict[int, list[int]] = {}
    for node, other in edges:
        neighbours.setdefault(node, []).append(other)
    classes: dict[int, set[int]] = {}
    for node, colour in enumerate(colours):
        classes.setdefault(colour, set()).add(node)
    ordered = [classes[colour] for colour in sorted(classes)]
    return pynauty.Graph(len(colours), adjacency_dict=neighbours, vertex_coloring=ordered)


QUESTIONS = {"generators": generators, "canonical_label": canonical_label}

if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump(QUESTIONS[given["question"]](given["edges"], given["colours"]), sys.stdout)
