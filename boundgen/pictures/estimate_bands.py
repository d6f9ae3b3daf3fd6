"""Estimated bounds against a parameter: corrected bounds, a shaded interval, and where the sign is lost.

The bounds at the sample's shares are drawn as sensitivity pictures draw them, with exact kinks. What is estimated is
known at the values of the parameter that were asked for, and joined by lines. Where it is no interval there is a gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import isfinite
from typing import TYPE_CHECKING

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.symbols import pretty
from boundgen.errors import DataError
from boundgen.inference.breakdown import breakdown
from boundgen.inference.breakdown_values import Breakdown
from boundgen.inference.estimated_bounds import Interval, is_crossed
from boundgen.inference.estimation import Estimate, Estimation
from boundgen.inference.methods import DEFAULT, METHODS
from boundgen.pictures.canvas import INK, SHADE, legend_below, new_picture, number_text, style, write_title
from boundgen.pictures.intervals import unit_of, unit_of_bounds
from boundgen.pictures.sensitivity import curves_of, draw_curves, share_scale, unchanged
from boundgen.pictures.sensitivity_marks import LegendArtists, equation
from boundgen.rendering.numbers import percent_of
from boundgen.work.unanswered import Unanswered, attempt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# With fewer values of a parameter there is no curve, and bars say more.
FEWEST_VALUES = 3
MOST_PANELS = 12
# Lighter than what lies between the bounds.
LIGHT = "0.93"
LOST_INTERVAL = "{percent} interval of where the sign is lost"


@dataclass(frozen=True)
class BandPanel:
    """What one panel shows.

    Parameters
    ----------
    bounds : Bounds or PiecewiseBounds
    estimates : tuple of Estimate
        By rising values of the parameter on the axis.
    fixed : mapping of name to Fraction
        The other parameters.
    """

    bounds: Bounds | PiecewiseBounds
    estimates: tuple[Estimate, ...]
    fixed: Mapping[str, Fraction]


def band_parameter(estimation: Estimation) -> str | None:
    """The parameter for the axis: the one with the most values, if these make a curve."""
    values: dict[str, set[Fraction]] = {}
    for each in estimation.estimates:
        for name, value in each.parameters:
            values.setdefault(name, set()).add(value)
    if not values:
        return None
    name = max(values, key=lambda one: len(values[one]))
    return name if len(values[name]) >= FEWEST_VALUES else None


def band_chart(estimation: Estimation, parameter: str, total: float | None = None, title: str = "") -> Figure:
    """A panel for each estimand and each choice of the other parameters.

    Parameters
    ----------
    estimation : Estimation
    parameter : str
        For the axis.
    total : float, optional
        The total effect, a dotted line.
    title : str

    Returns
    -------
    Figure

    Raises
    ------
    DataError
        For more panels than fit in a picture, and bounds that were derived without their testable implications.
    LibraryError
        If matplotlib is not installed.
    """
    panels = list(_panels(estimation, parameter))
    if len(panels) > MOST_PANELS:
        raise DataError(
            f"a picture of {len(panels)} curves against {parameter}",
            remedy=f"At most {MOST_PANELS}: name estimands, or give the other parameters one value.",
        )
    with style():
        figure = new_picture(6.0, 0.9 + 2.5 * len(panels))
        several = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        entries: LegendArtists = {}
        for number, (axes, panel) in enumerate(zip(several, panels, strict=True)):
            entries |= _draw_panel(axes, panel, estimation, parameter, total, title if number == 0 else "")
        share_scale(list(several), [unit_of_bounds(panel.bounds) for panel in panels])
        several[-1].set_xlabel(f"sensitivity parameter {pretty(parameter)} ({unit_of(estimation.bounds[0].arms)})")
        legend_below(figure, [(artist, label) for label, artist in entries.items()], columns=2, notes=estimation.notes)
    return figure


def _panels(estimation: Estimation, parameter: str) -> Iterator[BandPanel]:
    same = unchanged(estimation.bounds, parameter)
    bounds = {each.name: each for each in estimation.bounds if each.name not in same}
    found: dict[tuple[str, tuple[tuple[str, Fraction], ...]], list[Estimate]] = {}
    for each in estimation.estimates:
        if each.estimand in bounds:
            others = tuple(pair for pair in each.parameters if pair[0] != parameter)
            found.setdefault((each.estimand, others), []).append(each)
    for (name, others), estimates in found.items():
        rising = sorted(estimates, key=lambda each: dict(each.parameters)[parameter])
        yield BandPanel(bounds[name], tuple(rising), dict(others))


def _draw_panel(
    axes: Axes, panel: BandPanel, estimation: Estimation, parameter: str, total: float | None, title: str
) -> LegendArtists:
    places = [dict(each.parameters)[parameter] for each in panel.estimates]
    curves = curves_of(panel.bounds, estimation.data.probabilities, parameter, places[0], places[-1], dict(panel.fixed))
    outer = "parameter_interval" if "parameter_interval" in METHODS[estimation.method].gives else "set_interval"
    shaded, corrected = (
        [(float(x), _drawn(each, name)) for x, each in zip(places, panel.estimates, strict=True)]
        for name in (outer, "half_median_unbiased")
    )
    entries = _draw_interval(axes, shaded, estimation, outer)
    entries |= draw_curves(axes, curves, [end for _, ends in shaded if ends for end in ends])
    entries |= _draw_corrected(axes, corrected)
    if total is not None:
        label = f"total effect ({number_text(total)})"
        entries[label] = axes.axhline(total, color=SHADE, linewidth=2.2, linestyle=(0, (1, 1.4)), gid="total")
    lost = _lost(panel, estimation, parameter, places)
    entries |= _draw_lost(axes, lost, estimation, float(places[-1]))
    axes.set_ylabel(f"{pretty(panel.bounds.name)} ({unit_of_bounds(panel.bounds)})")
    others = ", ".join(equation(name, value) for name, value in panel.fixed.items())
    endless = any(not isfinite(end) for each in panel.estimates for end in each.found.interval(outer) or ())
    words = dict(panel.bounds.notation.words).get(panel.bounds.name, "")
    said = (title, words, others, _said(lost, parameter), "what has no end is not drawn" if endless else "")
    write_title(axes, "\n".join(part for part in said if part))
    return entries


def _drawn(each: Estimate, name: str) -> Interval | None:
    """An interval, where it is one that can be drawn."""
    ends = each.found.interval(name)
    return ends if ends and not is_crossed(ends) and all(map(isfinite, ends)) else None


def _runs(values: Sequence[tuple[float, Interval | None]]) -> Iterator[tuple[list[float], list[float], list[float]]]:
    """Neighbours that are intervals: places, lower ends, upper ends."""
    for is_one, run in groupby(values, key=lambda value: value[1] is not None):
        if is_one:
            kept = [(x, *ends) for x, ends in run if ends is not None]
            places, low, high = (list(column) for column in zip(*kept, strict=True))
            yield places, low, high


def _draw_interval(
    axes: Axes, values: Sequence[tuple[float, Interval | None]], estimation: Estimation, outer: str
) -> LegendArtists:
    of = "parameter" if outer == "parameter_interval" else "set"
    label = f"{percent_of(estimation.level)}% interval of the {of} ({estimation.method})"
    entries: LegendArtists = {}
    for places, low, high in _runs(values):
        entries[label] = axes.fill_between(
            places, low, high, facecolor=LIGHT, edgecolor=SHADE, linewidth=0.7, zorder=0.5, gid="interval"
        )
    return entries


def _draw_corrected(axes: Axes, values: Sequence[tuple[float, Interval | None]]) -> LegendArtists:
    entries: LegendArtists = {}
    for places, *sides in _runs(values):
        for side in sides:
            entries["half-median-unbiased bounds"] = axes.plot(
                places, side, color=INK, linewidth=1, linestyle=(0, (4, 2)), zorder=2.5, gid="corrected"
            )[0]
    return entries


# ---------------------------------------------------------------- where the sign is lost
def _lost(
    panel: BandPanel, estimation: Estimation, parameter: str, places: Sequence[Fraction]
) -> Breakdown | Unanswered | None:
    """The breakdown value in the range of the axis; its limits are those of the default method alone."""
    if estimation.method != DEFAULT or estimation.data.strata is not None:
        return None

    def found() -> Breakdown:
        return breakdown(
            panel.bounds,
            estimation.data,
            parameter,
            dict(panel.fixed),
            low=places[0],
            high=places[-1],
            level=estimation.level,
            seed=estimation.seed,
            draws=estimation.draws,
        ).breakdowns[0]

    return attempt(panel.bounds.name, found)


def _draw_lost(axes: Axes, lost: Breakdown | Unanswered | None, estimation: Estimation, end: float) -> LegendArtists:
    """A line along zero, with an arrow where the interval goes on beyond the picture."""
    low, high = lost.interval if isinstance(lost, Breakdown) and lost.conclusion else (None, None)
    if low is None:
        return {}
    label = LOST_INTERVAL.format(percent=f"{percent_of(estimation.level)}%")
    places = [low, end if high is None else high]
    line = axes.plot(places, [0, 0], color=INK, linewidth=2.2, marker="|", markersize=9, zorder=5.5, gid="lost")[0]
    if high is None:
        axes.plot(end, 0, color=INK, marker=">", markersize=6, linewidth=0, clip_on=False, zorder=5.5, gid="lost on")
    return {label: line}


def _said(lost: Breakdown | Unanswered | None, parameter: str) -> str:
    """What the line along zero does not say."""
    if lost is None:
        return ""
    if isinstance(lost, Unanswered):
        return f"no interval of where the sign is lost: {lost.reason}"
    if lost.conclusion is None:
        return f"no sign even at {equation(parameter, lost.start)}"
    return "" if lost.plug_in is not None else "the sign of the sample's bounds is not lost in this range"
