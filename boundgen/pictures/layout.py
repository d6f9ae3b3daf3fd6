"""Where the variables of a model stand in its graph, and how its edges bend around them.

Layers run from left to right: each variable stands right of all its parents. Edges are straight where nothing is in
the way, else the gentlest arcs that keep clear of other variables and cross little. Places on paper are floats.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from boundgen.language.model import Model

GraphPlace = tuple[float, float]
LAYER_GAP, ROW_GAP, CLEARANCE = 1.25, 1.3, 0.16
STEPS = 24
SOLID_BENDS = (0.0, 0.25, -0.25, 0.4, -0.4, 0.6, -0.6)
DASHED_BENDS = (0.35, -0.35, 0.5, -0.5, 0.7, -0.7, 0.9, -0.9)
MOST_ORDERS = 2000


@dataclass(frozen=True)
class Size:
    """Half of the width and of the height of a variable's frame."""

    width: float
    height: float


@dataclass(frozen=True)
class Edge:
    """An arrow from one variable to another, or (dashed) unmeasured common causes of the two.

    `bend` is how far the arc leaves the straight line, as a share of its length; negative: to the other side.
    """

    start: str
    end: str
    dashed: bool
    bend: float


@dataclass(frozen=True)
class Layout:
    """The places of variables and the edges with their bends."""

    places: Mapping[str, GraphPlace]
    edges: tuple[Edge, ...]


def layout(model: Model, sizes: Mapping[str, Size]) -> Layout:
    """Places and bends for the graph of a model.

    Parameters
    ----------
    model : Model
    sizes : mapping of variable to Size

    Returns
    -------
    Layout
    """
    places = _places(model, sizes)
    arrows = [(parent, variable.name) for variable in model.variables for parent in variable.parents]
    edges: list[Edge] = []
    for start, end in arrows:
        edges.append(_bent(start, end, False, edges, places, sizes))
    for start, end in sorted(_sharing(model), key=lambda pair: math.dist(places[pair[0]], places[pair[1]])):
        edges.append(_bent(start, end, True, edges, places, sizes))
    return Layout(places, tuple(edges))


def _sharing(model: Model) -> list[tuple[str, str]]:
    """The pairs of variables that share an unmeasured cause, in the order of declaration."""
    everyone = [variable.name for variable in model.variables if not variable.randomized]
    pairs = itertools.combinations(everyone, 2)
    if model.causes is None:
        return list(pairs)
    return [pair for pair in pairs if any(set(pair) <= set(cause) for cause in model.causes)]


# ---------------------------------------------------------------- places
def _places(model: Model, sizes: Mapping[str, Size]) -> dict[str, GraphPlace]:
    """Layers from left to right; within one, rows around the middle, with a row for each edge that passes by."""
    layers = _layers(model)
    rows = _rows(model, layers)
    found: dict[str, GraphPlace] = {}
    left = 0.0
    for layer in rows:
        names = [name for name in layer if name in sizes]
        half = max(sizes[name].width for name in names)
        for i, name in enumerate(layer):
            if name in sizes:
                found[name] = (left + half, ((len(layer) - 1) / 2 - i) * ROW_GAP)
        left += 2 * half + LAYER_GAP
    return found


def _layers(model: Model) -> dict[str, int]:
    """The length of the longest path of effects to each variable."""
    found: dict[str, int] = {}
    for variable in model.variables:
        found[variable.name] = max((found[parent] + 1 for parent in variable.parents), default=0)
    return found


def _rows(model: Model, layers: Mapping[str, int]) -> list[list[str]]:
    """Each layer from top to bottom, in the order with the fewest crossings.

    An edge that skips layers passes through a row of its own in each of them.
    """
    rows: list[list[str]] = [[] for _ in range(max(layers.values()) + 1)]
    links: list[tuple[str, str]] = []
    for name, layer in layers.items():
        rows[layer].append(name)
    for variable in model.variables:
        for parent in variable.parents:
            before = parent
            for layer in range(layers[parent] + 1, layers[variable.name]):
                passing = f"{parent} -> {variable.name} at {layer}"
                rows[layer].append(passing)
                links.append((before, passing))
                before = passing
            links.append((before, variable.name))
    return min(_orders(rows), key=lambda order: _crossings(order, links))


def _orders(rows: Sequence[Sequence[str]]) -> Iterable[list[list[str]]]:
    """Orders of the layers: all of them in a small graph, the first ones in a large one."""
    every = itertools.product(*(itertools.permutations(row) for row in rows))
    return ([list(row) for row in order] for order in itertools.islice(every, MOST_ORDERS))


def _crossings(rows: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> int:
    place = {name: (layer, i - (len(row) - 1) / 2) for layer, row in enumerate(rows) for i, name in enumerate(row)}
    spans = [(place[a], place[b]) for a, b in links]
    return sum(
        s[0][0] == t[0][0] and (s[0][1] - t[0][1]) * (s[1][1] - t[1][1]) < 0
        for s, t in itertools.combinations(spans, 2)
    )


# ---------------------------------------------------------------- edges
def _bent(
    start: str,
    end: str,
    dashed: bool,
    others: Sequence[Edge],
    places: Mapping[str, GraphPlace],
    sizes: Mapping[str, Size],
) -> Edge:
    """The edge with the bend that does the least harm."""
    drawn = [(edge, curve(places[edge.start], places[edge.end], edge.bend)) for edge in others]

    def harm(bend: float) -> tuple[float, float]:
        points = curve(places[start], places[end], bend)
        hit = sum(_reaches(points, places[name], size) for name, size in sizes.items() if name not in (start, end))
        crossed = sum(_cross(points, other, {start, end} & {edge.start, edge.end}) for edge, other in drawn)
        crowded = sum(_near(points, other) for _, other in drawn) if dashed else 0
        return 10 * hit + crossed + 2 * crowded, abs(bend)

    return Edge(start, end, dashed, min(DASHED_BENDS if dashed else SOLID_BENDS, key=harm))


def curve(start: GraphPlace, end: GraphPlace, bend: float) -> list[GraphPlace]:
    """Points of the arc between two places: a quadratic Bezier curve, as matplotlib's ``arc3`` draws it."""
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2 + bend * (y1 - y0), (y0 + y1) / 2 - bend * (x1 - x0)
    found = []
    for i in range(STEPS + 1):
        t = i / STEPS
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        found.append((a * x0 + b * middle[0] + c * x1, a * y0 + b * middle[1] + c * y1))
    return found


def _reaches(points: Sequence[GraphPlace], place: GraphPlace, size: Size) -> bool:
    """Whether a curve comes too near to a variable."""
    return any(
        abs(x - place[0]) < size.width + CLEARANCE and abs(y - place[1]) < size.height + CLEARANCE for x, y in points
    )


def _cross(one: Sequence[GraphPlace], other: Sequence[GraphPlace], common: set[str]) -> bool:
    """Whether two curves meet, other than at a variable that they share."""
    if common:
        one, other = one[4:-4], other[4:-4]
    return any(_meet(a, b, c, d) for a, b in pairwise(one) for c, d in pairwise(other))


def _near(one: Sequence[GraphPlace], other: Sequence[GraphPlace]) -> float:
    """The share of a curve, without its ends, that runs beside another one."""
    middle = one[4:-4]
    return sum(min(math.dist(point, place) for place in other) < CLEARANCE for point in middle) / len(middle)


def _meet(a: GraphPlace, b: GraphPlace, c: GraphPlace, d: GraphPlace) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: GraphPlace, b: GraphPlace, c: GraphPlace) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
