"""Contours of Small's sensitivity analysis (2011, section 6): estimates over both τ of one covariate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from boundgen.companions.result import CompanionResult, ResultTable
from boundgen.errors import DataError
from boundgen.pictures.canvas import INK, PALE, legend_below, new_picture, number_text, style, write_title
from boundgen.rendering.numbers import percent_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 8
# Where the columns of each quantity begin in the table: value, low, high.
QUANTITIES = {"direct effect θ_R": 3, "effect of the mediator θ_M": 6}


def contour_picture(result: CompanionResult, table: ResultTable, title: str = "") -> Figure:
    """A row of two panels for each covariate: contours of θ_R and of θ_M over (τ_R, τ_M).

    Where the interval of the estimate does not hold zero, the panel is shaded; a cross marks effects that do not
    differ with the covariate.

    Parameters
    ----------
    found : CompanionResult
        Of the method ``interaction-iv``.
    table : ResultTable
        Its table ``contour``.
    title : str

    Raises
    ------
    DataError
        For more covariates than panels.
    """
    names = list(dict.fromkeys(str(row[0]) for row in table.rows))
    if len(names) > MOST_PANELS:
        raise DataError(
            f"{len(names)} covariates are too many for a picture",
            remedy=f"At most {MOST_PANELS} are drawn; the table has the others.",
        )
    with style():
        figure = new_picture(7.0, 0.8 + 2.6 * len(names))
        panels = figure.subplots(len(names), 2, squeeze=False)
        for row, name in zip(panels, names, strict=True):
            square: Any = np.array([each[1:] for each in table.rows if each[0] == name], dtype=np.float64)
            for axes, (what, first) in zip(row, QUANTITIES.items(), strict=True):
                _panel(axes, square, first - 1)
                axes.set_xlabel(f"τ_R of {name}")
                axes.set_ylabel(f"τ_M of {name}")
                write_title(axes, what)
        if title:
            write_title(panels[0][0], f"{title}\n{next(iter(QUANTITIES))}")
        legend_below(figure, _legend(result), columns=3)
    return figure


def _panel(axes: Axes, square: Any, first: int) -> None:
    """Contours of one quantity; rows of the square run along τ_R first."""
    across, up = np.unique(square[:, 0]), np.unique(square[:, 1])
    value, low, high = (square[:, first + i].reshape(len(up), len(across)) for i in range(3))
    # How far zero is from the interval: positive outside.
    outside = np.maximum(low, -high)
    if outside.max() > 0:
        axes.contourf(across, up, outside, levels=[0, outside.max() + 1], colors=[PALE])
    if np.ptp(value) > 0:
        lines = axes.contour(across, up, value, levels=7, colors=[INK], linewidths=0.8, linestyles="solid")
        axes.clabel(lines, fontsize=7, fmt=number_text)
    axes.plot([0], [0], marker="x", color=INK, gid="point")


def _legend(result: CompanionResult) -> list[tuple[Any, str]]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    level = dict(result.options).get("level")
    percent = f"{percent_of(level)}% " if isinstance(level, float) else ""
    return [
        (Line2D([], [], color=INK, linewidth=0.8), "estimate"),
        (Line2D([], [], color=INK, marker="x", linestyle="none"), "effects do not differ (IV-A2)"),
        (Patch(facecolor=PALE), f"the {percent}interval does not hold zero"),
    ]
