"""The scatter of effects on the outcome against effects on the mediator, with the lines that were fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundgen.companions.result import CompanionResult, ResultTable
from boundgen.pictures.canvas import INK, SHADE, legend_below, new_picture, style, write_title

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

MOST_NAMES = 40
DASHES = ("-", "--", ":", "-.")


def effects_scatter(result: CompanionResult, table: ResultTable, title: str = "") -> Figure:
    """A point for each group with errors and name, and a line for each slope, as Fu (2023), Figures 6 and 8."""
    records = table.records()
    gamma, tau, sd_u, sd_v = (
        np.array([row[name] for row in records], float) for name in ("gamma_hat", "tau_hat", "sd_u", "sd_v")
    )
    with style():
        figure = new_picture(5.5, 4.2)
        axes = figure.subplots()
        axes.errorbar(gamma, tau, sd_v, sd_u, fmt="none", ecolor=SHADE, elinewidth=0.6, gid="errors")
        (points,) = axes.plot(gamma, tau, "o", color=SHADE, markersize=4, gid="groups")
        if len(records) <= MOST_NAMES:
            for row, x, y in zip(records, gamma, tau, strict=True):
                axes.annotate(str(row["group"]), (x, y), (3, 3), textcoords="offset points", fontsize=6)
        ends = np.array([gamma.min(), gamma.max()])
        entries: list[tuple[Artist, str]] = [(points, "group, one s.e. each way")]
        slopes = [each for each in result.estimates if each.name.startswith("beta_")]
        for each, dash in zip(slopes, DASHES, strict=False):
            (line,) = axes.plot(ends, tau.mean() + each.value * (ends - gamma.mean()), dash, color=INK, gid=each.name)
            entries.append((line, each.symbol))
        axes.set_xlabel("effect on the mediator")
        axes.set_ylabel("effect on the outcome")
        write_title(axes, title or f"{result.method}: {result.title}")
        legend_below(figure, entries, len(entries))
    return figure
