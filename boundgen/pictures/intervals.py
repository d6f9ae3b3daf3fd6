"""Interval charts: bounds of several estimands, mediators or assumption sets side by side.

In the manner of Figures 2 and 4 of Blackwell, Ma & Opacic (2024): bounds are thick bars, confidence intervals thin
lines, zero and the total effect dotted lines. Groups differ by place and shade or frame, so that grey print
is enough; nothing is hatched, since many viewers drop hatching.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import isinf
from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import DataError
from boundgen.exact.rational import Written, rational
from boundgen.pictures.canvas import (
    INK,
    SHADE,
    legend_below,
    new_picture,
    number_text,
    style,
    write_title,
    zero_line,
)
from boundgen.strata.cells import Arm, distinct_cells
from boundgen.work.unanswered import answered, attempt

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from boundgen.derivation import Derivation

BarNumber = Fraction | int | float
BarEnds = tuple[BarNumber, BarNumber]
# The shade and the width of the frame; light enough for black lines on top, and neighbours differ much.
FILLS = (("0.78", 0.8), ("white", 0.8), ("0.55", 0.8), ("0.90", 2.0), ("0.66", 2.0), ("white", 2.0))
BAR = 0.62
# Between rows, in heights of a bar.
GAP = 0.6
# Beyond the others, in their width, a bar without end is drawn.
FARTHER = 0.15
LONGEST_LABEL = 34


@dataclass(frozen=True)
class BoundsBar:
    """Bounds to be drawn as one bar.

    Parameters
    ----------
    label : str
        The row: an estimand, a mediator, a study.
    group : str
        What is compared within a row: an assumption set, say. One bar for each group and row. May be empty.
    lower, upper : number
        Infinite where there is no finite bound: the bar ends in an arrow.
    inner, outer : (number, number), optional
        Further intervals of the same bounds, such as estimates corrected for bias (a line of medium width) and a
        confidence interval (a thin line with ends).
    contradicted : bool
        A testable implication of the assumptions fails at these data. So it does where lower is above upper.
    """

    label: str
    group: str
    lower: BarNumber
    upper: BarNumber
    inner: BarEnds | None = None
    outer: BarEnds | None = None
    contradicted: bool = False

    @property
    def refuted(self) -> bool:
        """Whether the data contradict the assumptions."""
        return self.contradicted or self.lower > self.upper


def interval_of(
    bounds: Bounds | PiecewiseBounds,
    cells: Mapping[str, Written],
    parameters: Mapping[str, Written] | None = None,
    label: str | None = None,
    group: str = "",
) -> BoundsBar:
    """The bar of bounds at given data.

    Parameters
    ----------
    bounds : Bounds or PiecewiseBounds
    cells, parameters
        As for `Bounds.evaluate`.
    label : str, optional
        By default the estimand.
    group : str

    Raises
    ------
    DataError
        As in `Bounds.evaluate`, and where the estimand is undefined at the data.
    """
    lower, upper = bounds.evaluate(cells, parameters)
    if lower is None or upper is None:
        raise DataError(f"{bounds.name} is undefined at these data")
    known = bounds.known_conditions
    broken = known is not None and bool(bounds.violations(cells, parameters))
    name = bounds.notation.described(bounds.name) if label is None else label
    return BoundsBar(name, group, lower, upper, contradicted=broken)


def interval_chart(
    intervals: Sequence[BoundsBar],
    *,
    quantity: str = "bounds",
    unit: str = "probability",
    total: BarNumber | None = None,
    total_label: str = "total effect",
    bounds_label: str = "bounds",
    inner_label: str = "corrected bounds",
    outer_label: str = "confidence interval",
    point_label: str = "lower = upper",
    title: str = "",
    notes: Sequence[str] = (),
) -> Figure:
    """A chart with one row for each label and, in it, one bar for each group.

    Parameters
    ----------
    intervals : sequence of BoundsBar
        Rows and groups stand in the order in which they come first.
    quantity, unit : str
        What the axis says: ``quantity (unit)``.
    total : number, optional
        The total effect, drawn as a dotted line.
    total_label, bounds_label, inner_label, outer_label, point_label : str
        What the legend calls the total effect, bars without a group, the inner and the outer intervals, and bounds that
        are a point.
    title : str
    notes : sequence of str
        Beneath the picture.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        Nothing to draw, or two bars for the same row and group.
    LibraryError
        If matplotlib is not installed.
    """
    _check(intervals)
    rows = list(dict.fromkeys(interval.label for interval in intervals))
    groups = list(dict.fromkeys(interval.group for interval in intervals))
    with style():
        figure = new_picture(6.4, 0.7 + 0.24 * len(rows) * (len(groups) + GAP))
        axes = figure.add_subplot()
        edges = edges_of(intervals)
        for interval in intervals:
            row, group = rows.index(interval.label), groups.index(interval.group)
            draw_interval(axes, interval, edges, row * (len(groups) + GAP) + group, FILLS[group % len(FILLS)])
        entries = _reference_lines(axes, total, total_label)
        label_rows(axes, rows, len(groups))
        axes.set_xlabel(f"{quantity} ({unit})")
        write_title(axes, title)
        entries = legend_keys(intervals, groups, (bounds_label, inner_label, outer_label, point_label)) + entries
        legend_below(figure, entries, columns=4, notes=notes)
    return figure


def bounds_chart(
    bounds: Sequence[Bounds | PiecewiseBounds],
    cells: Mapping[str, Written],
    parameters: Mapping[str, Written] | None = None,
    total: Written | None = None,
    title: str = "",
) -> Figure:
    """The chart of bounds on several estimands of one model at the same data; the title names the undefined ones."""
    intervals, without = answered(attempt(each.name, partial(interval_of, each, cells, parameters)) for each in bounds)
    title = "\n".join(part for part in (title, *(f"{each.name}: not drawn" for each in without)) if part)
    known = None if total is None else rational(total, "the total effect")
    return interval_chart(intervals, unit=unit_of_all(bounds), total=known, title=title)


def assumption_chart(
    derivations: Mapping[str, Derivation],
    cells: Mapping[str, Written],
    parameters: Mapping[str, Written] | None = None,
    *,
    total: BarNumber | None = None,
    title: str = "",
) -> Figure:
    """Sets of assumptions side by side at the same data: a row for each estimand, in it a bar for each set.

    Parameters
    ----------
    derivations : mapping of a set's label to Derivation
        Estimands of the same name share a row.
    cells : mapping of canonical cell name to exact number
    parameters : mapping of name to exact number, optional
        Each model takes those that it declares.
    total : number, optional
        The total effect, drawn as a dotted line.
    title : str

    Raises
    ------
    DataError
        As in `Bounds.evaluate`, for parameters that no model has, and where there is nothing to draw.
    LibraryError
        If matplotlib is not installed.
    """
    given = parameters or {}
    own = {
        label: {each.name: given[each.name] for each in derived.model.parameters if each.name in given}
        for label, derived in derivations.items()
    }
    unknown = [name for name in given if not any(name in values for values in own.values())]
    if unknown:
        raise DataError(f"no model has the parameter '{unknown[0]}'", remedy="Leave it out.")
    intervals = [
        interval_of(bounds, cells, own[label], group=label)
        for label, derived in derivations.items()
        for bounds in derived.closed_forms
    ]
    unit = unit_of_all([bounds for derived in derivations.values() for bounds in derived.closed_forms])
    return interval_chart(intervals, unit=unit, total=total, title=title)


def unit_of(arms: Sequence[Arm]) -> str:
    """What bounds are measured in, as far as the observed values tell: probabilities, or units of an outcome."""
    if any(arm.means for arm in arms):
        return "units of the outcome"
    values = {value for cell in distinct_cells(arms) for _, value in cell.event}
    return "probability" if values <= {0, 1} or all(isinstance(v, str) for v in values) else "units of the outcome"


def unit_of_bounds(bounds: Bounds | PiecewiseBounds) -> str:
    """What bounds are measured in; a quotient of two quantities, rather than a mean given a condition, has no unit."""
    if isinstance(bounds, PiecewiseBounds):
        columns = bounds.program.columns
        if any(column.cost and not column.divisor for column in columns):
            return "ratio"
    return unit_of(bounds.arms)


def unit_of_all(bounds: Sequence[Bounds | PiecewiseBounds]) -> str:
    """What several bounds are measured in, each unit once."""
    return " or ".join(dict.fromkeys(map(unit_of_bounds, bounds)))


def _check(intervals: Sequence[BoundsBar]) -> None:
    if not intervals:
        raise DataError("there are no bounds to draw", remedy="Give at least one interval.")
    seen = set()
    for interval in intervals:
        if (interval.label, interval.group) in seen:
            raise DataError(
                f"two intervals for '{interval.label}', group '{interval.group}'",
                remedy="Give each bar of a row a group of its own.",
            )
        seen.add((interval.label, interval.group))


def edges_of(intervals: Sequence[BoundsBar]) -> tuple[float, float]:
    """How far bars without a finite end are drawn: a little beyond all others, and zero."""
    ends = [float(end) for each in intervals for end in (each.lower, each.upper)]
    finite = [0.0, *(end for end in ends if not isinf(end))]
    beyond = FARTHER * ((max(finite) - min(finite)) or 1.0)
    return min(finite) - beyond, max(finite) + beyond


def draw_interval(
    axes: Axes, interval: BoundsBar, edges: tuple[float, float], place: float, fill: tuple[str, float]
) -> None:
    """One bar at its place, with its further intervals."""
    low, high = sorted((float(interval.lower), float(interval.upper)))
    for end, edge, marker in ((low, edges[0], "<"), (high, edges[1], ">")):
        if isinf(end):
            axes.plot(edge, place, marker=marker, color=INK, markersize=6, zorder=4, clip_on=False, gid="infinite")
    low, high = max(low, edges[0]), min(high, edges[1])
    color, frame = fill
    bar: dict[str, Any] = {"facecolor": color, "edgecolor": INK, "linewidth": frame, "gid": "bounds"}
    if interval.refuted:
        bar |= {"facecolor": "none", "linestyle": (0, (3, 2)), "linewidth": 0.8, "gid": "refuted"}
    if low < high or interval.refuted:
        axes.barh(place, high - low, left=low, height=BAR, zorder=2, **bar)
    if low == high:
        axes.plot(low, place, marker="D", color=INK, markersize=4.5, zorder=4, gid="point")
    if interval.inner:
        axes.plot(_floats(interval.inner), (place, place), color=INK, linewidth=2.6, zorder=4, gid="inner")
    if interval.outer:
        axes.plot(_floats(interval.outer), (place, place), color=INK, linewidth=0.9, marker="|", zorder=4, gid="outer")


def _floats(ends: BarEnds) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])


def _reference_lines(axes: Axes, total: BarNumber | None, label: str) -> list[tuple[Artist, str]]:
    entries = [(zero_line(axes, upright=True), "zero")]
    if total is not None:
        line = axes.axvline(float(total), color=SHADE, linewidth=2.2, linestyle=(0, (1, 1.4)), zorder=3, gid="total")
        entries.append((line, f"{label} ({number_text(float(total))})"))
    return entries


def label_rows(axes: Axes, rows: Sequence[str], groups: int) -> None:
    """Labels at the middle of each row; the first row stands on top."""
    height = groups + GAP
    axes.set_yticks([row * height + (groups - 1) / 2 for row in range(len(rows))])
    axes.set_yticklabels([textwrap.fill(label, LONGEST_LABEL) for label in rows])
    axes.set_ylim(len(rows) * height - 0.8, -0.8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.use_sticky_edges = False
    axes.margins(x=0.04)
    axes.grid(axis="x", color="0.92", linewidth=0.6)


def legend_keys(
    intervals: Sequence[BoundsBar], groups: Sequence[str], labels: tuple[str, str, str, str]
) -> list[tuple[Artist, str]]:
    """What the legend explains: only what is in the chart."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    bounds, inner, outer, point = labels
    barred = {each.group for each in intervals if not each.refuted and each.lower < each.upper}
    shown = [(group or bounds, FILLS[i % len(FILLS)]) for i, group in enumerate(groups) if group or group in barred]
    entries: list[tuple[Artist, str]] = [
        (Patch(facecolor=color, edgecolor=INK, linewidth=frame), label) for label, (color, frame) in shown
    ]
    if any(interval.inner for interval in intervals):
        entries.append((Line2D([], [], color=INK, linewidth=2.6), inner))
    if any(interval.outer for interval in intervals):
        entries.append((Line2D([], [], color=INK, linewidth=0.9, marker="|"), outer))
    if any(interval.refuted for interval in intervals):
        broken = Patch(facecolor="none", edgecolor=INK, linewidth=0.8, linestyle=(0, (3, 2)))
        entries.append((broken, "narrow because assumptions and data disagree"))
    if any(isinf(end) for interval in intervals for end in (interval.lower, interval.upper)):
        entries.append((Line2D([], [], color=INK, linewidth=0, marker=">", markersize=6), "no finite bound"))
    if any(interval.lower == interval.upper for interval in intervals):
        entries.append((Line2D([], [], color=INK, linewidth=0, marker="D", markersize=4.5), point))
    return entries
