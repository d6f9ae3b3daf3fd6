"""What the attributes of nodes say, by the names that the formats give them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from boundgen.errors import GraphError, quoted
from boundgen.language.values import Value
from boundgen.language.variables import MOST_VALUES

Attributes = Mapping[str, Any]
# Of dagitty (with its short forms), networkx as y0 and pywhy mark them, Causal Fusion, causaloptim and DoWhy.
MARK_OF = {
    **dict.fromkeys("latent l unobserved u hidden h".split(), "latent"),
    **dict.fromkeys("exposure e source treatment".split(), "exposure"),
    **dict.fromkeys("outcome o target".split(), "outcome"),
    **dict.fromkeys("adjusted a conditioned".split(), "adjusted"),
    **dict.fromkeys("selected s selection selection_bias selectionbias".split(), "selected"),
    "randomized": "randomized",
}
# causaloptim counts the values of unmeasured causes too, which may have any.
COUNTED = "nvals"
LEVELS = ("levels", COUNTED)
MONOTONE = "edge.monotone"
# How something is drawn, and what follows from the rest: Graphviz, dagitty, igraph, causaloptim and Causal Fusion.
DRAWN = frozenset(
    """arrowhead arrowsize arrowtail bb bgcolor class color colorscheme comment constraint decorate dir
    fillcolor fixedsize fontcolor fontname fontsize from.num group headclip headlabel headport height id image
    key label labelangle labeldistance labelfontcolor labelfontname labelfontsize labelfloat layer leftside len
    lp margin metadata minlen name nodesep ordering orientation pad penwidth peripheries pin pos rank rankdir
    ranksep ratio rlconnect samehead sametail shape shapefile sides size skew splines style tailclip taillabel
    tailport target to.num tooltip url vertices viewport width x xlabel xlp xend y yend z""".split()
)
# Names that mean something for nodes and are how arrows are drawn, or the other way round.
OF_ARROWS = DRAWN | {MONOTONE, "type", "from", "to", "source", "label"}
# Those of a graph: what draws it, its name, and what networkx and y0 note for themselves.
OF_GRAPHS = DRAWN | {"name", "label", "node_default", "edge_default", "no_set_latent"}
NO = ("", "0", "false", "no", "none", "f", "n", "off")
PLAIN_TYPES = ("basic", "directed", "bidirected", "observed", "variable", "node")


class NodeAttributes:
    """The attributes of one node, understood.

    Parameters
    ----------
    name : str
        Of the node, for messages.
    attributes : mapping
    of_arrow : bool
        Whether they are those of an arrow, of which none says anything.

    Attributes
    ----------
    marks : frozenset of str
    values : tuple of int, Fraction or str
    bounded : bool
    label : str
    unknown : tuple of str
        The names of those that say nothing that is known.
    remarks : tuple of str
    """

    def __init__(self, name: str, attributes: Attributes, *, of_arrow: bool = False) -> None:
        self.name = name
        self.values: tuple[Value, ...] = ()
        self.bounded = False
        self.label = ""
        marks: set[str] = set()
        unknown: list[str] = []
        counted = False
        remarks: list[str] = []
        listed: dict[str, tuple[Value, ...]] = {}
        for key, value in attributes.items():
            word = str(key).lower()
            if of_arrow:
                if word not in OF_ARROWS:
                    unknown.append(str(key))
            elif word in MARK_OF:
                marks |= {MARK_OF[word]} if is_true(value) else set()
            elif word == "observed":
                marks |= set() if is_true(value) else {"latent"}
            elif word == "type":
                marks |= _type(value, unknown)
            elif word in LEVELS:
                listed[word] = levels(name, value)
                counted = word == COUNTED
            elif word == "domain":
                listed[word], self.bounded = domain(name, value)
            elif word == "style":
                marks |= {"latent"} if is_invisible(value) else set()
            elif word == "label":
                self.label = " ".join(str(value).split())
            elif word not in DRAWN or (word == "name" and str(value) != name):
                unknown.append(str(key))
        if listed:
            word = "domain" if "domain" in listed else next(iter(listed))
            self.values = listed[word]
            if len(set(listed.values())) > 1:
                remarks.append(f"{name} has several sets of values ({', '.join(listed)}); {word} is taken.")
        if {"latent", "randomized"} <= marks:
            marks.discard("latent")
            remarks.append(f"{name} is latent and randomized; it is taken as randomized.")
        if counted and "latent" in marks:
            self.values = ()
        self.label = "" if self.label == name else self.label
        self.marks = frozenset(marks)
        self.unknown = tuple(unknown)
        self.remarks = tuple(remarks)


def is_true(value: object) -> bool:
    """Whether an attribute says yes; one without a value does.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_true(None), is_true("no"), is_true(0), is_true("1.0")
    (True, False, False, True)
    """
    return value is None or str(value).strip().lower() not in (*NO, "0.0")


def is_invisible(style: object) -> bool:
    """Whether a style of Graphviz draws nothing: what has it is there to place the rest.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_invisible("bold, invis"), is_invisible("dashed")
    (True, False)
    """
    return "invis" in re.split(r"\W+", str(style).lower())


def _type(value: object, unknown: list[str]) -> set[str]:
    word = str(value).lower()
    if word in MARK_OF:
        return {MARK_OF[word]}
    if word not in PLAIN_TYPES:
        unknown.append(f"type={value}")
    return set()


def levels(name: str, value: object) -> tuple[Value, ...]:
    """The values 0, 1, ... of a number of levels.

    Parameters
    ----------
    name : str
    value : int or str

    Returns
    -------
    tuple of int

    Raises
    ------
    GraphError
        For what is no number of levels.
    """
    text = str(value).strip()
    number = int(float(text)) if re.fullmatch(r"[0-9]{1,6}(\.0*)?", text) else 0
    if not 2 <= number <= MOST_VALUES:
        raise GraphError(
            f"{quoted(name)} has {quoted(value)} levels",
            remedy=f"Write a number between 2 and {MOST_VALUES}: levels=3.",
        )
    return tuple(range(number))


def domain(name: str, value: object) -> tuple[tuple[Value, ...], bool]:
    """A domain in the language's own spelling: ``{low, mid, high}``, or ``[0, 100]`` for a bounded outcome.

    Parameters
    ----------
    name : str
    value : str

    Returns
    -------
    tuple of the values and whether it is bounded

    Raises
    ------
    GraphError
        For what the language does not read.
    """
    from boundgen.errors import BoundgenError
    from boundgen.language.model import Model

    try:
        found = Model.parse(f"model m\nvariable V in {' '.join(str(value).split())}").variables
    except BoundgenError:
        found = ()
    if len(found) != 1:
        raise GraphError(
            f"the domain of {quoted(name)} is {quoted(value)}", remedy="Write {0, 1, 2}, {low, high} or [0, 1]."
        )
    return found[0].domain, found[0].bounded
