"""Site effects on the outcome against site effects on the mediators, with the line that they must lie on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from boundgen.companions.result import CompanionResult, ResultTable
from boundgen.errors import DataError
from boundgen.pictures.canvas import INK, SHADE, legend_below, new_picture, style, write_title, zero_line

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 6
LARGEST_POINT = 60.0
# Where the columns of the mediators begin in the table of sites: an effect, then its error.
FIRST = 6


def site_effects_picture(result: CompanionResult, table: ResultTable, title: str = "") -> Figure:
    """A panel for each mediator (Reardon & Raudenbush, discussion of assumption vii).

    Up: the effect of treatment on the outcome in a site, less what the other mediators explain. Right: its effect on
    the mediator. The line goes through the origin, with the one-step estimate as slope; points of sites that count more
    are larger, and crosses are errors.

    Parameters
    ----------
    found : CompanionResult
        Of the method ``multisite``.
    table : ResultTable
        Its table ``sites``.
    title : str

    Raises
    ------
    DataError
        For more mediators than panels.
    """
    names = [column.removeprefix("γ ") for column in table.columns[FIRST::2]]
    if len(names) > MOST_PANELS:
        raise DataError(
            f"{len(names)} mediators are too many for a picture", remedy=f"At most {MOST_PANELS} are drawn."
        )
    slopes = np.array([result.estimate(f"one_step_{name}").value for name in names])
    rows: Any = np.array([row[1:] for row in table.rows], dtype=np.float64)
    with style():
        figure = new_picture(0.6 + 3.2 * len(names), 3.4)
        panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        entries: dict[str, Artist] = {}
        for j, (axes, name) in enumerate(zip(panels, names, strict=True)):
            entries |= _panel(axes, rows, slopes, j)
            axes.set_xlabel(f"effect of treatment on {name}")
        others = ",\nless the other mediators" if len(names) > 1 else ""
        panels[0].set_ylabel(f"effect on the outcome{others}")
        write_title(panels[0], title)
        legend_below(figure, [(artist, label) for label, artist in entries.items()], columns=2)
    return figure


def _panel(axes: Axes, rows: Any, slopes: Any, j: int) -> dict[str, Artist]:
    """One mediator; what the legend explains. Columns of rows: units, precision, β, its error, fit, then γ."""
    precision, outcome, error = rows[:, 1], rows[:, 2], rows[:, 3]
    compliance, errors = rows[:, 5::2], rows[:, 6::2]
    others = [i for i in range(len(slopes)) if i != j]
    left = outcome - compliance[:, others] @ slopes[others]
    axes.errorbar(compliance[:, j], left, yerr=error, xerr=errors[:, j], fmt="none", ecolor=SHADE, elinewidth=0.6)
    sizes = LARGEST_POINT * precision / precision.max()
    points = axes.scatter(compliance[:, j], left, s=sizes, color=INK, zorder=3, gid="sites")
    low, high = min(0.0, compliance[:, j].min()), max(0.0, compliance[:, j].max())
    (line,) = axes.plot([low, high], [slopes[j] * low, slopes[j] * high], color=INK, linewidth=1.2, gid="line")
    zero_line(axes, upright=True)
    return {
        "site, with standard errors": points,
        "through the origin, one-step estimate": line,
        "zero": zero_line(axes, upright=False),
    }
