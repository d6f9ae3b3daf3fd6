"""A panel of bounds with pieces against a parameter: gaps stay gaps, infinite ends are arrows, points are marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

from boundgen.evaluation.curves import CurvePoint, height, part
from boundgen.evaluation.piecewise_curves import PiecewiseCurve, PiecewiseSensitivity, Stretch
from boundgen.pictures.canvas import INK, PALE, zero_line
from boundgen.pictures.sensitivity_marks import (
    BOUND,
    EXCLUDED,
    KINK_MARKS,
    LegendArtists,
    draw_refuted,
    equation,
    write_beside,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

EXACT_POINTS = "exact at each point, joined by lines"
INFINITE = "no finite bound"
UNDEFINED = "undefined at these data"
UNDEFINED_SHADE = "0.6"
# Near a pole a curve leaves the picture: so many times its usual size.
FARTHEST = 8


def draw_pieces(axes: Axes, sensitivity: PiecewiseSensitivity, more: Sequence[float] = ()) -> LegendArtists:
    """One panel, in which more heights are to be seen than the bounds; what its legend explains."""
    axes.set_xlim(float(sensitivity.low), float(sensitivity.high))
    entries = {"zero": zero_line(axes, upright=False)}
    entries |= draw_refuted(axes, sensitivity)
    entries |= _draw_undefined(axes, sensitivity)
    _set_heights(axes, sensitivity, more)
    entries |= _draw_bands(axes, sensitivity)
    for curve in (sensitivity.lower, sensitivity.upper):
        entries |= _draw_curve(axes, curve, sensitivity)
        entries |= _draw_infinite(axes, curve)
    return entries | _draw_sign(axes, sensitivity)


def _parts(sensitivity: PiecewiseSensitivity) -> Iterator[tuple[Fraction, Fraction, float, str]]:
    """The range by whether the data allow the assumptions, with the width and the name of lines there."""
    start, end = sensitivity.allowed or (sensitivity.high, sensitivity.high)
    yield sensitivity.low, start, 0.6, "excluded"
    yield start, end, 1.6, "bound"
    yield end, sensitivity.high, 0.6, "excluded"


def _draw_curve(axes: Axes, curve: PiecewiseCurve, sensitivity: PiecewiseSensitivity) -> LegendArtists:
    """Each stretch as a line of its own, with the kinks where two of them meet."""
    entries: LegendArtists = {}
    for low, high, width, name in _parts(sensitivity):
        for stretch in curve.stretches:
            points = part(stretch.points, low, high) if len(stretch.points) > 1 else ()
            if points:
                line = axes.plot(*_places(points), color=INK, linewidth=width, zorder=3, gid=name)[0]
                entries[BOUND if name == "bound" else EXCLUDED] = line
            if stretch.kind == "points" and low < high:
                own = [point for point in stretch.points if low <= point[0] <= high]
                marks = axes.plot(
                    *_places(own), color=INK, marker=".", markersize=3, linewidth=0, zorder=4, gid="points"
                )
                entries[EXACT_POINTS] = marks[0]
    start, end = sensitivity.allowed or (sensitivity.high, sensitivity.high)
    kinks = [point for point in curve.kinks if start <= point[0] <= end]
    if kinks:
        entries["kink"] = axes.plot(*_places(kinks), **KINK_MARKS, zorder=5, gid="kinks")[0]
    return entries


def _places(points: Sequence[CurvePoint]) -> tuple[list[float], list[float]]:
    return [float(x) for x, _ in points], [float(y) for _, y in points]


def _draw_bands(axes: Axes, sensitivity: PiecewiseSensitivity) -> LegendArtists:
    """What lies between the bounds, where the data allow the assumptions: up to the frame where one is infinite."""
    entries: LegendArtists = {}
    start, end = sensitivity.allowed or (sensitivity.high, sensitivity.high)
    for below in sensitivity.lower.stretches:
        for above in sensitivity.upper.stretches:
            low, high = max(below.low, above.low, start), min(below.high, above.high, end)
            edges = [_edge(axes, each, low, high) for each in (below, above)]
            if low < high and all(edges):
                entries["between the bounds"] = _fill(axes, edges)
    return entries


def _edge(axes: Axes, stretch: Stretch, low: Fraction, high: Fraction) -> Sequence[CurvePoint]:
    """One edge of the band, as far as there is one."""
    if stretch.kind == "infinite" and low < high:
        frame = Fraction(axes.get_ylim()[1 if stretch.sign > 0 else 0])
        return (low, frame), (high, frame)
    return part(stretch.points, low, high) if len(stretch.points) > 1 else ()


def _fill(axes: Axes, edges: Sequence[Sequence[CurvePoint]]) -> Artist:
    low, high = max(edge[0][0] for edge in edges), min(edge[-1][0] for edge in edges)
    places = sorted({x for edge in edges for x, _ in edge if low <= x <= high} | {low, high})
    lower, upper = ([float(height(edge, x)) for x in places] for edge in edges)
    return axes.fill_between(
        [float(x) for x in places], lower, upper, facecolor=PALE, edgecolor=PALE, linewidth=0.4, zorder=1, gid="band"
    )


def _set_heights(axes: Axes, sensitivity: PiecewiseSensitivity, more: Sequence[float]) -> None:
    """Near a pole a curve leaves the picture, which shows the rest."""
    curves = (sensitivity.lower, sensitivity.upper)
    heights = [float(y) for curve in curves for stretch in curve.stretches for _, y in stretch.points]
    usual = FARTHEST * median(map(abs, heights)) if heights else 1.0
    shown = [y for y in (*heights, *more) if abs(y) <= usual] or [-1.0, 1.0]
    low, high = min(*shown, 0.0), max(*shown, 0.0)
    margin = 0.12 * ((high - low) or 1.0)
    axes.set_ylim(low - margin, high + margin)


def _draw_infinite(axes: Axes, curve: PiecewiseCurve) -> LegendArtists:
    """An arrow to where there is no finite bound, in the middle of each such stretch."""
    entries: LegendArtists = {}
    for stretch in (each for each in curve.stretches if each.kind == "infinite"):
        edge = axes.get_ylim()[1 if stretch.sign > 0 else 0]
        marker = "^" if stretch.sign > 0 else "v"
        ends = [float(stretch.low), float(stretch.high)]
        axes.plot(ends, [edge, edge], color=INK, linewidth=1.6, linestyle=(0, (4, 2)), zorder=3, gid="infinite")
        entries[INFINITE] = axes.plot(
            _middle(stretch), edge, color=INK, marker=marker, markersize=6, linewidth=0, clip_on=False, gid="infinite"
        )[0]
    return entries


def _middle(stretch: Stretch) -> float:
    return float((stretch.low + stretch.high) / 2)


def _draw_undefined(axes: Axes, sensitivity: PiecewiseSensitivity) -> LegendArtists:
    """Where no population that agrees with the data gives the estimand a value."""
    entries: LegendArtists = {}
    for stretch in sensitivity.lower.stretches:
        if stretch.kind == "undefined" and stretch.low < stretch.high:
            entries[UNDEFINED] = axes.axvspan(
                float(stretch.low),
                float(stretch.high),
                facecolor=UNDEFINED_SHADE,
                linewidth=0,
                zorder=0.2,
                gid="undefined",
            )
    return entries


def _draw_sign(axes: Axes, sensitivity: PiecewiseSensitivity) -> LegendArtists:
    """Where the bounds stop to exclude zero, with the value of the parameter."""
    entries: LegendArtists = {}
    for curve, sign in ((sensitivity.lower, 1), (sensitivity.upper, -1)):
        for x in curve.sign_lost:
            entries["the sign is lost"] = axes.plot(
                float(x), 0, color=INK, marker="D", markersize=5.5, linewidth=0, zorder=6, clip_on=False, gid="sign"
            )[0]
            right = 1 if 2 * x <= sensitivity.low + sensitivity.high else -1
            write_beside(axes, equation(sensitivity.parameter, x), float(x), right, sign)
    return entries
