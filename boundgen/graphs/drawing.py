"""What a source draws, before its attributes are understood: the common tongue of all formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from boundgen.errors import GraphError, Place, quoted
from boundgen.graphs.attributes import MONOTONE, OF_GRAPHS, Attributes, NodeAttributes, is_invisible
from boundgen.graphs.graph import CausalGraph, NamePair, Node, check_size, names_listed

LineKind = Literal["->", "<->", "--"]


@dataclass(frozen=True)
class Arrow:
    """One line between two nodes: an arrow, one with two heads, or one without a direction."""

    start: str
    end: str
    kind: LineKind = "->"
    attributes: Mapping[str, Any] = field(default_factory=dict)
    where: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Drawing:
    """Nodes with their attributes, and arrows.

    Parameters
    ----------
    nodes : mapping of names to attributes
    arrows : tuple of Arrow
    name : str
    attributes : mapping
        Of the graph itself.
    """

    nodes: Mapping[str, Attributes]
    arrows: tuple[Arrow, ...]
    name: str = ""
    attributes: Attributes = field(default_factory=dict)


def headed(back: bool, front: bool) -> tuple[LineKind, bool]:
    """How a line with heads at these of its ends is called, and whether it runs forward.

    Returns
    -------
    tuple of str and bool
    """
    if front and back:
        return "<->", True
    return ("->" if front or back else "--"), front or not back


def graph_of(drawing: Drawing) -> CausalGraph:
    """The graph that is drawn; what it does not hold is among its remarks.

    Parameters
    ----------
    drawing : Drawing

    Returns
    -------
    CausalGraph

    Raises
    ------
    GraphError
        For lines without a direction, cycles, and values that are none.
    """
    check_size(len(drawing.nodes), len(drawing.arrows))
    drawing = _called(drawing)
    read = {name: NodeAttributes(name, attributes) for name, attributes in drawing.nodes.items()}
    nodes = tuple(Node(name, each.marks, each.values, each.label, each.bounded) for name, each in read.items())
    unknown: dict[str, list[str]] = {}
    for name, each in read.items():
        for attribute in each.unknown:
            unknown.setdefault(attribute, []).append(name)
    hidden = [arrow for arrow in drawing.arrows if is_invisible(arrow.attributes.get("style", ""))]
    arrows = [arrow for arrow in drawing.arrows if arrow not in hidden] if hidden else drawing.arrows
    for arrow in arrows:
        _check(arrow)
        for attribute in NodeAttributes(arrow.start, arrow.attributes, of_arrow=True).unknown:
            unknown.setdefault(attribute, []).append(f"{arrow.start} {arrow.kind} {arrow.end}")
    effects = [(arrow.start, arrow.end) for arrow in arrows if arrow.kind == "->"]
    shared = [(arrow.start, arrow.end) for arrow in arrows if arrow.kind == "<->"]
    remarks = [
        *(remark for each in read.values() for remark in each.remarks),
        *(f"{arrow.start} {arrow.kind} {arrow.end} is invisible in the drawing; it is left out." for arrow in hidden),
        *_twice(effects, "->"),
        *_twice([_unordered(pair) for pair in shared], "<->"),
        *(_monotone(arrow) for arrow in arrows if arrow.attributes.get(MONOTONE) in (1, True, "1", "true")),
        *(f"'{key}' of {names_listed(places)} is not used." for key, places in unknown.items()),
        *(f"'{key}' of the graph is not used." for key in drawing.attributes if str(key).lower() not in OF_GRAPHS),
    ]
    once = {_unordered(pair): pair for pair in reversed(shared)}
    return CausalGraph(
        nodes, tuple(dict.fromkeys(effects)), tuple(reversed(once.values())), drawing.name, tuple(remarks)
    )


def _called(drawing: Drawing) -> Drawing:
    """With the names of nodes that stand among their attributes, as igraph has them; for numbers their labels."""
    keys = ["name"] + ["label"] * all(name.isdecimal() for name in drawing.nodes)
    for key in keys:
        names = {node: str(given.get(key) or "") for node, given in drawing.nodes.items()}
        if all(names.values()) and len(set(names.values())) == len(names):
            nodes = {names[node]: given for node, given in drawing.nodes.items()}
            arrows = tuple(replace(each, start=names[each.start], end=names[each.end]) for each in drawing.arrows)
            return replace(drawing, nodes=nodes, arrows=arrows)
    return drawing


def _unordered(pair: NamePair) -> NamePair:
    first, second = sorted(pair)
    return first, second


def _check(arrow: Arrow) -> None:
    if arrow.kind == "--":
        raise GraphError(
            f"the line between {quoted(arrow.start)} and {quoted(arrow.end)} has no direction",
            arrow.where,
            "Say which affects the other, X -> Y, or that they share an unmeasured cause, X <-> Y.",
        )
    if arrow.start == arrow.end:
        raise GraphError(
            f"{quoted(arrow.start)} has an arrow to itself", arrow.where, "A variable may not affect itself: drop it."
        )


def _twice(pairs: list[NamePair], kind: str) -> list[str]:
    return [
        f"{start} {kind} {end} is drawn {n} times; once is enough."
        for (start, end), n in Counter(pairs).items()
        if n > 1
    ]


def _monotone(arrow: Arrow) -> str:
    start, end = arrow.start, arrow.end
    return f"{start} -> {end} is marked as monotone: state it, as in: assume {end}({start}=1) >= {end}({start}=0)"
