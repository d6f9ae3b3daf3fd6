"""Graphs in JSON: node-link data of networkx, and files of Causal Fusion."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boundgen.errors import GraphError, Source, quoted
from boundgen.graphs.drawing import Arrow, Drawing, LineKind
from boundgen.graphs.graph_object import directed_kind

REMEDY = 'Node-link data of networkx are {"nodes": [{"id": "X"}], "edges": [{"source": "X", "target": "Y"}]}.'
# Tasks of Causal Fusion, and how the nodes are marked that they name.
TASKS = {"treatment": "exposure", "outcome": "outcome", "adjusted": "adjusted"}
# What the data hold beside the graph that is read, or that says nothing of it.
READ = (
    "name",
    "nodes",
    "edges",
    "links",
    "graph",
    "directed",
    "multigraph",
    "task",
    "metadata",
    "project_id",
    "_fileType",
)


def read_json(source: Source) -> Drawing:
    """What a text of JSON draws.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Drawing

    Raises
    ------
    GraphError
        For JSON that holds no graph, and for what is no JSON.
    """
    try:
        data = json.loads(source.text)
    except ValueError as error:
        raise GraphError(f"{source.file}: this is no JSON: {error}", remedy=REMEDY) from None
    except RecursionError:
        raise GraphError(f"{source.file}: this JSON is nested too deeply to be a graph", remedy=REMEDY) from None
    return drawn_json(data)


def drawn_json(data: object) -> Drawing:
    """What data of JSON draw.

    Parameters
    ----------
    data : mapping

    Returns
    -------
    Drawing

    Raises
    ------
    GraphError
    """
    if not isinstance(data, Mapping) or not _are_mappings(data.get("nodes")):
        raise GraphError("this JSON holds no list of nodes", remedy=REMEDY)
    # Before its version 3.4 networkx called them links.
    lists = [data[key] for key in ("edges", "links") if key in data]
    if not lists or not all(map(_are_mappings, lists)):
        raise GraphError("this JSON holds no list of edges", remedy=REMEDY)
    edges: list[Mapping[str, Any]] = [*lists[0], *(edge for edge in lists[-1] if edge not in lists[0])]
    is_fusion = any("from" in edge for edge in edges) or "task" in data
    return _fusion(data, edges) if is_fusion else _node_link(data, edges)


def _are_mappings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


# ---------------------------------------------------------------- networkx
def _node_link(data: Mapping[str, Any], edges: Sequence[Mapping[str, Any]]) -> Drawing:
    nodes = {_name(node, "id"): _without(node, "id") for node in data["nodes"]}
    _check_once(data["nodes"], nodes)
    arrows = []
    for edge in edges:
        start, end = (_end(edge, key, nodes) for key in ("source", "target"))
        attributes = _without(edge, "source", "target", "key")
        kind = directed_kind(attributes, data.get("directed", True) is not False)
        arrows.append(Arrow(start, end, kind, attributes))
    of_graph = data["graph"] if isinstance(data.get("graph"), Mapping) else {}
    return Drawing(nodes, tuple(arrows), str(of_graph.get("name", "")), {**of_graph, **_beside(data)})


def _beside(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is not read."""
    return {str(key): value for key, value in data.items() if key not in READ and value}


def _without(item: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in keys and value is not None}


def _name(node: Mapping[str, Any], key: str) -> str:
    if key not in node or isinstance(node[key], list | dict | None):
        raise GraphError(f"the node {quoted(dict(node))} has no '{key}'", remedy=REMEDY)
    return str(node[key])


def _check_once(items: Sequence[object], nodes: Mapping[str, object]) -> None:
    if len(nodes) < len(items):
        raise GraphError("two nodes have one name", remedy="Give each node a name of its own.")


def _end(edge: Mapping[str, Any], key: str, nodes: Mapping[str, Any]) -> str:
    if key not in edge:
        raise GraphError(f"the edge {quoted(dict(edge))} has no '{key}'", remedy=REMEDY)
    name = str(edge[key])
    if name not in nodes:
        raise GraphError(f"an edge has the end {quoted(name)}, which is no node", remedy="List it among the nodes.")
    return name


# ---------------------------------------------------------------- Causal Fusion
def _fusion(data: Mapping[str, Any], edges: Sequence[Mapping[str, Any]]) -> Drawing:
    # Edges name their ends; some versions write the ids of the nodes.
    names = {str(node.get("id")): _name(node, "name" if "name" in node else "id") for node in data["nodes"]}
    names |= {name: name for name in names.values()}
    nodes = {
        _name(node, "name" if "name" in node else "id"): _without(node, "id", "name", "metadata")
        for node in data["nodes"]
    }
    _check_once(data["nodes"], nodes)
    for mark, name in _tasks(data, names):
        nodes[name][mark] = True
    arrows = tuple(_fusion_arrow(edge, names) for edge in edges)
    return Drawing(nodes, arrows, str(data.get("name") or ""), {**_beside(data), **_beside_tasks(data)})


def _beside_tasks(data: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that a task names for something else."""
    sets = _sets(data)
    return {
        f"task: {key}": value for key, value in sets.items() if key not in TASKS and value and isinstance(value, list)
    }


def _sets(data: Mapping[str, Any]) -> Mapping[str, Any]:
    task = data.get("task")
    sets = task.get("sets", task) if isinstance(task, Mapping) else {}
    return sets if isinstance(sets, Mapping) else {}


def _tasks(data: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    sets = _sets(data)
    for key, mark in TASKS.items():
        members = sets.get(key)
        for name in members if isinstance(members, list) else []:
            if str(name) in names:
                yield mark, names[str(name)]


def _fusion_arrow(edge: Mapping[str, Any], names: Mapping[str, str]) -> Arrow:
    start, end = (names[_end(edge, key, names)] for key in ("from", "to"))
    kinds: dict[str, LineKind] = {"directed": "->", "bidirected": "<->", "undirected": "--"}
    word = str(edge.get("type", "directed"))
    if word not in kinds:
        raise GraphError(
            f"the edge between {quoted(start)} and {quoted(end)} is of the type {quoted(word)}",
            remedy="Edges are directed or bidirected.",
        )
    return Arrow(start, end, kinds[word], _without(edge, "id", "from", "to", "type", "metadata"))
