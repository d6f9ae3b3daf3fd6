"""A causal graph as other programs hold it: one frozen value between their formats and a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heappop, heappush

from boundgen.errors import GraphError, quoted, shortened
from boundgen.language.scope import LONGEST_NAME
from boundgen.language.values import Value
from boundgen.rendering.layout import listed
from boundgen.rendering.text import inline

# What a node may be marked as.
MARKS = ("latent", "exposure", "outcome", "adjusted", "selected", "randomized")
MOST_NODES = 1000
MOST_ARROWS = 20_000
MOST_SHOWN = 8
NamePair = tuple[str, str]


@dataclass(frozen=True)
class Node:
    """A variable of a graph.

    Parameters
    ----------
    name : str
        Any text.
    marks : frozenset of str
        Of `MARKS`.
    values : tuple of int, Fraction or str
        In their order; empty where the graph does not say.
    label : str
        What it stands for, in words.
    bounded : bool
        Whether it is any number between the two values.
    """

    name: str
    marks: frozenset[str] = frozenset()
    values: tuple[Value, ...] = ()
    label: str = ""
    bounded: bool = False

    @property
    def latent(self) -> bool:
        """Whether nobody measures it."""
        return "latent" in self.marks


@dataclass(frozen=True)
class CausalGraph:
    """Nodes, effects as arrows, and pairs that share an unmeasured cause of their own; it has no cycle.

    Parameters
    ----------
    nodes : tuple of Node
    effects : tuple of pairs of names
        The first affects the second.
    shared : tuple of pairs of names
        Arrows with two heads.
    name : str
    remarks : tuple of str
        What the source says and a graph does not hold, in sentences.
    """

    nodes: tuple[Node, ...]
    effects: tuple[NamePair, ...] = ()
    shared: tuple[NamePair, ...] = ()
    name: str = ""
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not self.nodes:
            raise GraphError("the graph has no nodes", remedy="Write X -> Y for a variable X that affects Y.")
        check_size(len(self.nodes), len(self.effects) + len(self.shared))
        if len(self.by_name) < len(self.nodes):
            names = [node.name for node in self.nodes]
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            raise GraphError(f"two nodes are called {quoted(twice)}", remedy="Give each a name of its own.")
        for start, end in self.shared:
            if start == end:
                raise GraphError(
                    f"{quoted(start)} shares a cause with itself", remedy="Draw <-> between two variables."
                )
        path = cycle([node.name for node in self.nodes], self.effects)
        if path:
            shown = path if len(path) <= MOST_SHOWN else [*path[: MOST_SHOWN - 1], "...", path[-1]]
            raise GraphError(
                f"the arrows make a cycle: {' -> '.join(map(one_line, shown))}",
                remedy="Effects run forward in time: drop an arrow, or split a variable into its values at "
                "different times.",
            )

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """The nodes by name, in their order."""
        return {node.name: node for node in self.nodes}

    def children(self) -> dict[str, list[str]]:
        """The variables that each node affects directly."""
        return _next([node.name for node in self.nodes], self.effects)

    def parents(self) -> dict[str, list[str]]:
        """The variables that affect each node directly."""
        return _next([node.name for node in self.nodes], [(end, start) for start, end in self.effects])

    def marked(self, mark: str) -> list[str]:
        """The names of the nodes with a mark."""
        return [node.name for node in self.nodes if mark in node.marks]

    def renamed(self, names: Mapping[str, str]) -> CausalGraph:
        """The same graph with other names."""
        return replace(
            self,
            nodes=tuple(replace(node, name=names[node.name]) for node in self.nodes),
            effects=tuple((names[start], names[end]) for start, end in self.effects),
            shared=tuple((names[start], names[end]) for start, end in self.shared),
        )


def check_size(nodes: int, arrows: int) -> None:
    """Refuse what is too large, as soon as that is known."""
    if nodes > MOST_NODES or arrows > MOST_ARROWS:
        raise GraphError(
            f"the graph has more than {MOST_NODES} nodes or {MOST_ARROWS} arrows",
            remedy="Bounds come from a few variables: draw those that the question needs.",
        )


def _next(names: Iterable[str], arrows: Iterable[NamePair]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in names}
    for start, end in arrows:
        found[start].append(end)
    return found


def cycle(names: Iterable[str], arrows: Iterable[NamePair]) -> list[str]:
    """A path along arrows from a node back to itself, or nothing.

    Returns
    -------
    list of str

    Examples
    --------
    >>> cycle("abc", [("a", "b"), ("b", "c"), ("c", "b")]), cycle("abc", [("a", "b"), ("b", "c")])
    (['b', 'c', 'b'], [])
    """
    arrows = list(arrows)
    left = set(sorted_forward(names, arrows)[1])
    if not left:
        return []
    # Each of these has a parent among them, so a walk backwards comes to a node twice.
    before = {end: start for start, end in arrows if start in left and end in left}
    walk = [next(iter(before))]
    while (start := before[walk[-1]]) not in walk:
        walk.append(start)
    round_trip = [*walk[walk.index(start) :], start]
    return _from_the_least(round_trip[::-1])


def _from_the_least(path: list[str]) -> list[str]:
    first = path.index(min(path))
    return [*path[first:-1], *path[:first], path[first]]


def sorted_forward(names: Iterable[str], arrows: Iterable[NamePair]) -> tuple[list[str], list[str]]:
    """Names with causes before effects, as near to the given order as can be; and those that no order has.

    Returns
    -------
    tuple of two lists of str

    Examples
    --------
    >>> sorted_forward("YXM", [("X", "M"), ("M", "Y")])
    (['X', 'M', 'Y'], [])
    """
    places = {name: i for i, name in enumerate(names)}
    waiting = dict.fromkeys(places, 0)
    after: dict[str, set[str]] = {name: set() for name in places}
    for start, end in arrows:
        if end not in after[start]:
            after[start].add(end)
            waiting[end] += 1
    free = [place for name, place in places.items() if not waiting[name]]
    order = list(places)
    ready: list[str] = []
    while free:
        name = order[heappop(free)]
        ready.append(name)
        for end in after[name]:
            waiting[end] -= 1
            if not waiting[end]:
                heappush(free, places[end])
    return ready, [name for name in order if waiting[name]]


def one_line(name: str) -> str:
    """The beginning of a name, on one line."""
    return shortened(inline(" ".join(name.split())), LONGEST_NAME)


def names_listed(names: Iterable[str]) -> str:
    """Names as a sentence has them, not too many of them."""
    shown = [one_line(name) for name in names]
    if len(shown) > MOST_SHOWN:
        shown = [*shown[: MOST_SHOWN - 1], f"{len(shown) - MOST_SHOWN + 1} more"]
    return listed(shown)
