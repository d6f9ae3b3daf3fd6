"""The dual polyhedron of a lower bound, drawn: strata are half-planes, vertices terms, rays testable implications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from boundgen.derivation import Derivation
from boundgen.exact.rational import Written
from boundgen.pictures.canvas import INK, PALE, SHADE, legend_below, new_picture, number_text, style, write_title
from boundgen.pictures.plane import Pair, Plane, direction, dual_plane, times

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINES = ((0, (6, 2)), (0, (2, 2)), (0, (6, 2, 1, 2)), (0, (1, 1)), (0, (9, 3)), (0, (4, 1, 1, 1, 1, 1)))
LegendEntries = list[tuple["Artist", str]]


def dual_picture(
    derivation: Derivation,
    first: str,
    second: str,
    cells: Mapping[str, Written] | None = None,
    *,
    title: str = "",
) -> Figure:
    """The dual polyhedron of the lower bound on a model's first estimand, where all multipliers but two are zero.

    Each stratum allows one side of a line. What all allow is shaded; its vertices carry the terms of the bound, and
    the directions in which it has no end the testable implications.

    Parameters
    ----------
    derivation : Derivation
        Of a model without parameters, for data.
    first, second : str
        Rows of the reduced program: canonical names of cells, ``total``, or assumptions as they were written.
    cells : mapping of canonical cell name to exact number, optional
        Data. Added are the direction in which the bound grows, and the vertex that it reaches; none where the data
        break a testable implication.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ModelError
        For rows that the program does not have, and where no vertex lies in their plane.
    DataError
        As in `Bounds.evaluate`.
    LibraryError
        If matplotlib is not installed.
    """
    plane = dual_plane(derivation, first, second)
    with style():
        figure = new_picture(5.2, 5.4)
        axes = figure.add_subplot()
        _prepare(axes, plane)
        entries = _draw_strata(axes, plane)
        entries += _draw_rays(axes, plane)
        if cells is None:
            entries += _draw_vertices(axes, plane)
        else:
            entries += _draw_data(axes, plane, direction(derivation, first, second, cells))
        write_title(axes, title)
        legend_below(figure, entries, columns=1)
    return figure


def _prepare(axes: Axes, plane: Plane) -> None:
    (left, bottom), (right, top) = plane.window
    axes.set_xlim(float(left), float(right))
    axes.set_ylim(float(bottom), float(top))
    axes.set_aspect("equal")
    axes.set_xlabel(f"multiplier of {plane.rows[0]}")
    axes.set_ylabel(f"multiplier of {plane.rows[1]}")
    axes.fill(*_coordinates(plane.polygon), facecolor=PALE, edgecolor="none", zorder=1, gid="polygon")


def _draw_strata(axes: Axes, plane: Plane) -> LegendEntries:
    """The line of each stratum; the legend says whose it is."""
    entries: LegendEntries = []
    for number, half_plane in enumerate(plane.half_planes):
        (a, b), height = half_plane.normal, half_plane.height
        size = a * a + b * b
        foot = (a * height / size, b * height / size)
        ends = [(float(foot[0]), float(foot[1])), (float(foot[0] - b), float(foot[1] + a))]
        line = axes.axline(
            *ends, color=INK, linewidth=0.9, linestyle=LINES[number % len(LINES)], zorder=2, gid="stratum"
        )
        entries.append((line, f"{half_plane.name}: {_demand(plane, a, b)} ≤ {height}"))
    return entries


def _demand(plane: Plane, *normal: object) -> str:
    """``y1 + y2`` in the names of the axes."""
    named = [(c, f"y({row})") for c, row in zip(normal, plane.rows, strict=True) if c]
    return " + ".join(name if c == 1 else f"{c} {name}" for c, name in named)


def _draw_vertices(axes: Axes, plane: Plane) -> LegendEntries:
    for vertex, term in zip(plane.vertices, plane.terms, strict=True):
        _mark(axes, vertex, True)
        _write(axes, term, vertex, (8, 8))
    return [(_dot(INK), "vertex: a term of the bound")]


def _mark(axes: Axes, vertex: Pair, filled: bool) -> None:
    face = INK if filled else "white"
    axes.plot(*_floats(vertex), marker="o", color=INK, markerfacecolor=face, markersize=7, zorder=6, gid="vertex")


def _dot(face: str) -> Artist:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=INK, linewidth=0, marker="o", markerfacecolor=face, markersize=7)


def _draw_rays(axes: Axes, plane: Plane) -> LegendEntries:
    """Along the edge that has no end, if there is one; the label stands in the middle."""
    from matplotlib.lines import Line2D

    length = (plane.window[1][0] - plane.window[0][0]) / 4
    for ray, condition in zip(plane.rays, plane.conditions, strict=True):
        start = next((v for v in plane.vertices if _is_edge(plane, v, ray)), plane.vertices[0])
        end = _beyond(start, ray, length)
        axes.annotate("", _floats(end), _floats(start), arrowprops=_arrow("-|>", 2.2, INK), zorder=5, gid="ray")
        _write(axes, condition, _beyond(start, ray, length / 2), (-8, -8))
    if not plane.rays:
        return []
    return [(Line2D([], [], color=INK, linewidth=2.2, marker=">"), "direction without end: a testable implication")]


def _beyond(start: Pair, way: Pair, length: Fraction) -> Pair:
    step = length / (max(abs(way[0]), abs(way[1])) or 1)
    return start[0] + step * way[0], start[1] + step * way[1]


def _arrow(style: str, width: float, color: str) -> dict[str, Any]:
    return {"arrowstyle": style, "linewidth": width, "color": color, "shrinkA": 0, "shrinkB": 0}


def _is_edge(plane: Plane, vertex: Pair, ray: Pair) -> bool:
    """Whether a line of a stratum leaves the vertex along the ray."""
    return any(each.slack(vertex) == 0 and times(each.normal, ray) == 0 for each in plane.half_planes)


def _draw_data(axes: Axes, plane: Plane, at: Pair) -> LegendEntries:
    """The value of each vertex at the data, and the level line of the largest; none where a ray goes up."""
    values = [times(at, vertex) for vertex in plane.vertices]
    endless = any(times(at, ray) > 0 for ray in plane.rays)
    best = values.index(max(values))
    # Where the arrow, which starts at a vertex, is not: to the left of it where it is flat, else to the right.
    offset = (-4, 10) if abs(at[1]) < abs(at[0]) else (12, 4)
    for number, (vertex, term, value) in enumerate(zip(plane.vertices, plane.terms, values, strict=True)):
        _mark(axes, vertex, number == best and not endless)
        shown = number_text(float(value))
        _write(axes, term if term == shown else f"{term} = {shown}", vertex, offset)
    start = plane.vertices[best]
    end = _beyond(start, at, (plane.window[1][0] - plane.window[0][0]) / 5)
    axes.annotate("", _floats(end), _floats(start), arrowprops=_arrow("->", 1.6, SHADE), zorder=4, gid="data")
    entries: LegendEntries = [(_key_of_data(), "direction of the data")]
    if endless:
        return [*entries, (_dot("white"), "no largest value: the data contradict the assumptions")]
    if any(at):
        beside = (float(start[0] - at[1]), float(start[1] + at[0]))
        level = axes.axline(_floats(start), beside, color=SHADE, linewidth=1.2, zorder=3, gid="level")
        entries.append((level, f"best value: {number_text(float(values[best]))}"))
    return [*entries, (_dot(INK), "vertex that is the bound at these data")]


def _key_of_data() -> Artist:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=SHADE, linewidth=1.6, marker=">", markerfacecolor="white")


def _write(axes: Axes, text: str, place: Pair, offset: tuple[int, int]) -> None:
    axes.annotate(
        text,
        _floats(place),
        xytext=offset,
        textcoords="offset points",
        ha="left" if offset[0] > 0 else "right",
        va="bottom" if offset[1] > 0 else "top",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8},
        zorder=7,
    )


def _floats(point: Pair) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _coordinates(points: Sequence[Pair]) -> tuple[list[float], list[float]]:
    return [float(x) for x, _ in points], [float(y) for _, y in points]
