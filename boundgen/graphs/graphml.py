"""GraphML, as networkx, igraph (causaloptim) and yEd write it, read with the standard library; entities are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat

from boundgen.errors import GraphError, Source, quoted
from boundgen.graphs.drawing import Arrow, Drawing, headed
from boundgen.graphs.graph_object import directed_kind

REMEDY = (
    'GraphML is <graphml><graph edgedefault="directed"><node id="X"/><edge source="X" target="Y"/></graph></graphml>.'
)


def read_graphml(source: Source) -> Drawing:
    """What a text of GraphML draws.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Drawing

    Raises
    ------
    GraphError
        For XML that holds no graph, for what is no XML, and for document types.
    """
    root = _root(source)
    graphs = [part for part in root if _tag(part) == "graph"] if _tag(root) == "graphml" else []
    if len(graphs) != 1:
        number = f"{len(graphs)} graphs" if graphs else "no graph"
        raise GraphError(f"{source.file}: this XML holds {number}", remedy=REMEDY)
    if any(_tag(part) == "hyperedge" for part in root.iter()):
        raise GraphError(f"{source.file}: the graph has hyperedges", remedy="Draw each as arrows between two nodes.")
    keys = {part.get("id", ""): part for part in root.iter() if _tag(part) == "key"}
    drawn = [part for part in root.iter() if _tag(part) == "node"]
    # Of yEd: a node around others.
    groups = {part.get("id", "") for part in drawn if any(_tag(inner) == "graph" for inner in part)}
    found = [(name, _data(part, keys, "node")) for part in drawn if (name := part.get("id", "")) not in groups]
    names = _names(found)
    nodes = {
        names[name]: {key: value for key, value in given.items() if key != "name" or names[name] != value}
        for name, given in found
    }
    arrows = tuple(_arrows(graphs[0], names, keys))
    of_graph = _data(graphs[0], keys, "graph")
    return Drawing(nodes, arrows, str(of_graph.get("name", "")), of_graph)


def _root(source: Source) -> Element:
    """The tree of a text; a document type, and so every entity of its own, is refused before anything grows."""
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(source.text.encode("utf-8"), True)
        return builder.close()
    except (expat.ExpatError, ParseError, AssertionError, LookupError, ValueError) as error:
        if isinstance(error, GraphError):
            raise
        raise GraphError(f"{source.file}: this is no XML: {error}", remedy=REMEDY) from None


def _refuse(*_: object) -> None:
    raise GraphError("this XML has a document type", remedy="GraphML needs none: take the line <!DOCTYPE ...> out.")


def _tag(part: Element) -> str:
    return part.tag.rpartition("}")[2]


def _data(part: Element, keys: Mapping[str, Element], kind: str) -> dict[str, Any]:
    """The attributes of a node, an edge or a graph by their names, and the defaults of those that it does not have."""
    found: dict[str, Any] = {}
    for identifier, key in keys.items():
        if key.get("for") in (kind, "all", None):
            default = next((each.text or "" for each in key if _tag(each) == "default"), None)
            if default is not None:
                found[key.get("attr.name", identifier)] = default.strip()
    for each in part:
        if _tag(each) == "data":
            identifier = each.get("key", "")
            name = keys[identifier].get("attr.name", "") if identifier in keys else identifier
            label = next((inner.text for inner in each.iter() if _tag(inner) == "NodeLabel"), None)
            if label is not None:
                found["label"] = " ".join(label.split())
            elif name:
                found[name] = (each.text or "").strip()
    return {name: value for name, value in found.items() if value}


def _names(nodes: list[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """What nodes are called: by the attribute `name` of igraph, or the label of yEd, where each has its own."""
    ids = [name for name, _ in nodes]
    if len(set(ids)) < len(ids):
        raise GraphError("two nodes have one id", remedy="Give each node an id of its own.")
    for key in ("name", "label"):
        called = [str(given.get(key, "")) for _, given in nodes]
        if all(called) and len(set(called)) == len(called):
            return dict(zip(ids, called, strict=True))
    return dict(zip(ids, ids, strict=True))


def _arrows(graph: Element, names: Mapping[str, str], keys: Mapping[str, Element]) -> Iterator[Arrow]:
    default = graph.get("edgedefault", "directed")
    for edge in graph.iter():
        if _tag(edge) != "edge":
            continue
        ends = [edge.get(key, "") for key in ("source", "target")]
        for end in ends:
            if end not in names:
                raise GraphError(
                    f"an edge has the end {quoted(end)}, which is no node",
                    remedy="List it among the nodes; an edge ends at variables, not at a group of them.",
                )
        given = _data(edge, keys, "edge")
        directed = edge.get("directed", "true" if default == "directed" else "false") == "true"
        kind, forward = directed_kind(given, directed), True
        heads = next((part for part in edge.iter() if _tag(part) == "Arrows"), None)
        if heads is not None and kind == "->":
            # Of yEd, where every edge is directed and may be drawn with two heads.
            kind, forward = headed(*(heads.get(key, "none") != "none" for key in ("source", "target")))
        start, end = ends if forward else reversed(ends)
        yield Arrow(names[start], names[end], kind, given)
