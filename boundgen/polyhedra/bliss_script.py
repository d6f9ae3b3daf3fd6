"""One question to BLISS about coloured graphs: graphs in, permutations out, as JSON.

A large graph is looked at in a process of its own, by the path of this file, so it imports nothing of boundgen.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

# Edges, and a colour for each node.
Graph = tuple[Sequence[Sequence[int]], Sequence[int]]


def generators(graph: Graph) -> list[list[int]]:
    """Generators of the permutations of nodes that keep colours and edges."""
    edges, colours = graph
    return [list(generator) for generator in _graph(edges, colours).automorphism_group(color=list(colours))]


def isomorphism(one: Graph, other: Graph) -> list[int] | None:
    """For each node of one graph its image in the other one; None where they are not alike."""
    alike, image, _ = _graph(*one).isomorphic_bliss(
        _graph(*other),
        return_mapping_12=True,
        return_mapping_21=True,
        color1=list(one[1]),
        color2=list(other[1]),
    )
    return list(image) if alike else None


def _graph(edges: Sequence[Sequence[int]], colours: Sequence[int]) -> Any:
    return _library().GraphBase(len(colours), [(node, other) for node, other in edges])


@cache
def _library() -> ModuleType:
    """The core of igraph, which is all that is needed: the package around it imports matplotlib where there is one."""
    package = find_spec("igraph")
    folders = package.submodule_search_locations if package else None
    core = PathFinder.find_spec("igraph._igraph", folders) if folders else None
    if core is None or core.loader is None:
        raise ModuleNotFoundError("No module named 'igraph'", name="igraph")
    module = module_from_spec(core)
    core.loader.exec_module(module)
    return module


QUESTIONS: dict[str, Any] = {"generators": generators, "isomorphism": isomorphism}

if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump(QUESTIONS[given["question"]](*given["graphs"]), sys.stdout)
