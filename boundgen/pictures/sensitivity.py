"""Bounds against one sensitivity parameter: kinks, where the sign is lost, where the data refute the assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.symbols import pretty
from boundgen.errors import DataError
from boundgen.evaluation.curves import Curve, CurvePoint, Sensitivity, height, part, sensitivity
from boundgen.evaluation.piecewise_curves import PiecewiseSensitivity, piecewise_sensitivity
from boundgen.exact.rational import Written
from boundgen.pictures.canvas import (
    INK,
    PALE,
    legend_below,
    new_picture,
    style,
    write_title,
    zero_line,
)
from boundgen.pictures.intervals import unit_of, unit_of_bounds
from boundgen.pictures.piecewise_panel import draw_pieces
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
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DrawnBounds = Bounds | PiecewiseBounds


def sensitivity_picture(
    bounds: DrawnBounds | Sequence[DrawnBounds],
    cells: Mapping[str, Written],
    parameter: str,
    *,
    low: Written | None = None,
    high: Written | None = None,
    parameters: Mapping[str, Written] | None = None,
    unit: str | None = None,
    parameter_unit: str | None = None,
    title: str = "",
) -> Figure:
    """Bounds at given data as functions of one parameter, one panel for each estimand.

    Parameters
    ----------
    bounds : Bounds or PiecewiseBounds, or several
    cells, parameter, low, high, parameters
        As for `boundgen.evaluation.curves.sensitivity`.
    unit, parameter_unit : str, optional
        What the bounds and the parameter are measured in; by default probability, or units of the outcome.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        As in `boundgen.evaluation.curves.sensitivity`, and where there is nothing to draw.
    LibraryError
        If matplotlib is not installed.
    """
    several = [bounds] if isinstance(bounds, Bounds | PiecewiseBounds) else list(bounds)
    if not several:
        raise DataError("there are no bounds to draw", remedy="Give the bounds of at least one estimand.")
    found = [curves_of(each, cells, parameter, low, high, parameters) for each in several]
    units = [unit or unit_of_bounds(each) for each in several]
    words = [dict(each.notation.words).get(each.name, "") for each in several]
    return panels_picture(found, units, words, parameter_unit or unit_of(several[0].arms), title)


def unchanged(bounds: Sequence[DrawnBounds], parameter: str) -> set[str]:
    """Identified estimands that a parameter does not change: beside others they need no panel of their own."""
    same = {each.name for each in bounds if isinstance(each, Bounds) and each.identified}
    same &= {each.name for each in bounds if isinstance(each, Bounds) and parameter in each.idle_parameters}
    return same if len(same) < len(bounds) else set()


def curves_of(
    bounds: DrawnBounds,
    cells: Mapping[str, Written],
    parameter: str,
    low: Written | None,
    high: Written | None,
    parameters: Mapping[str, Written] | None,
) -> Sensitivity | PiecewiseSensitivity:
    """Bounds of either kind as functions of a parameter."""
    if isinstance(bounds, Bounds):
        return sensitivity(bounds, cells, parameter, low, high, parameters)
    return piecewise_sensitivity(bounds, cells, parameter, low, high, parameters)


def panels_picture(
    panels: Sequence[Sensitivity | PiecewiseSensitivity],
    units: Sequence[str],
    words: Sequence[str],
    parameter_unit: str,
    title: str,
) -> Figure:
    """A panel for each estimand, with what it is in words, over the same parameter."""
    with style():
        figure = new_picture(6.0, 0.9 + 2.5 * len(panels))
        several = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        entries: LegendArtists = {}
        for axes, each, unit, said in zip(several, panels, units, words, strict=True):
            entries |= draw_curves(axes, each)
            axes.set_ylabel(f"{pretty(each.estimand)} ({unit})")
            write_title(axes, "\n".join(filter(None, [title if axes is several[0] else "", said])))
        share_scale(list(several), units)
        several[-1].set_xlabel(f"sensitivity parameter {pretty(panels[0].parameter)} ({parameter_unit})")
        legend_below(figure, [(artist, label) for label, artist in entries.items()], columns=3)
    return figure


def share_scale(panels: Sequence[Axes], units: Sequence[str]) -> None:
    """One scale for panels in the same unit: they are compared. Where an end is infinite, its arrow is at the frame."""
    for unit in set(units):
        same = [axes for axes, own in zip(panels, units, strict=True) if own == unit]
        if any(axes.findobj(lambda artist: artist.get_gid() == "infinite") for axes in same):
            continue
        ends = [axes.get_ylim() for axes in same]
        for axes in same:
            axes.set_ylim(min(low for low, _ in ends), max(high for _, high in ends))


def draw_curves(
    axes: Axes, sensitivity: Sensitivity | PiecewiseSensitivity, heights: Sequence[float] = ()
) -> LegendArtists:
    """One panel, in which these heights are to be seen too; what its legend explains."""
    if isinstance(sensitivity, PiecewiseSensitivity):
        return draw_pieces(axes, sensitivity, heights)
    return _draw_terms(axes, sensitivity)


def _draw_terms(axes: Axes, sensitivity: Sensitivity) -> LegendArtists:
    axes.set_xlim(float(sensitivity.low), float(sensitivity.high))
    entries = {"zero": zero_line(axes, upright=False)}
    entries |= draw_refuted(axes, sensitivity)
    if sensitivity.allowed and sensitivity.allowed[0] < sensitivity.allowed[1]:
        entries |= _draw_band(axes, sensitivity, sensitivity.allowed)
    for curve in (sensitivity.lower, sensitivity.upper):
        entries |= _draw_curve(axes, curve, sensitivity)
    entries |= _draw_sign(axes, sensitivity)
    axes.margins(y=0.12)
    return entries


def _draw_band(axes: Axes, sensitivity: Sensitivity, allowed: CurvePoint) -> LegendArtists:
    """What lies between the bounds, where the data allow the assumptions."""
    edges = [part(curve.points, *allowed) for curve in (sensitivity.lower, sensitivity.upper)]
    if not all(edges):
        return {}
    places = sorted({x for edge in edges for x, _ in edge})
    lower, upper = ([float(height(edge, x)) for x in places] for edge in edges)
    band = axes.fill_between(
        [float(x) for x in places], lower, upper, facecolor=PALE, edgecolor="none", zorder=1, gid="band"
    )
    return {"between the bounds": band}


def _draw_curve(axes: Axes, curve: Curve, sensitivity: Sensitivity) -> LegendArtists:
    """The bound as a line, thin where the data exclude the parameter, with its kinks."""
    start, end = sensitivity.allowed or (sensitivity.high, sensitivity.high)
    pieces = (
        (sensitivity.low, start, 0.6, "excluded"),
        (start, end, 1.6, "bound"),
        (end, sensitivity.high, 0.6, "excluded"),
    )
    entries: LegendArtists = {}
    for low, high, width, name in pieces:
        points = part(curve.points, low, high)
        if points:
            line = axes.plot(*_coordinates(points), color=INK, linewidth=width, zorder=3, gid=name)[0]
            entries[BOUND if name == "bound" else EXCLUDED] = line
    kinks = [(x, y) for x, y in curve.kinks if start <= x <= end]
    if kinks:
        entries["kink"] = axes.plot(*_coordinates(kinks), **KINK_MARKS, zorder=5, gid="kinks")[0]
    return entries


def _coordinates(points: Sequence[CurvePoint]) -> tuple[list[float], list[float]]:
    return [float(x) for x, _ in points], [float(y) for _, y in points]


def _draw_sign(axes: Axes, sensitivity: Sensitivity) -> LegendArtists:
    """Where the bounds stop to exclude zero, with the value of the parameter."""
    entries: LegendArtists = {}
    for curve, sign in ((sensitivity.lower, 1), (sensitivity.upper, -1)):
        for x in curve.sign_lost:
            entries["the sign is lost"] = axes.plot(
                float(x), 0, color=INK, marker="D", markersize=5.5, linewidth=0, zorder=6, clip_on=False, gid="sign"
            )[0]
            right = 1 if 2 * x <= sensitivity.low + sensitivity.high else -1
            beside = min(
                max(x + right * (sensitivity.high - sensitivity.low) / 20, curve.points[0][0]), curve.points[-1][0]
            )
            up = -sign if height(curve.points, beside) * sign > 0 else sign
            write_beside(axes, equation(sensitivity.parameter, x), float(x), right, up)
    return entries
