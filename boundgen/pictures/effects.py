"""The scatter of effects on the outcome against effects on the mediator, with the lines that were fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from boundgen.companions.result import CompanionResult, ResultTable
from boundgen.pictures.canvas import INK, SHADE, legend_below, new_picture, style, write_title

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

DASHES = ("-", "--", ":", "-.")


def effects_scatter(result: CompanionResult, table: ResultTable, title: str = "") -> Figure:
    """A point for each group, and a line through the means for each slope that is shown."""
    gamma, tau = (np.array([row[name] for row in table.records()], float) for name in ("gamma_hat", "tau_hat"))
    with style():
        figure = new_picture(5.5, 4.2)
        axes = figure.subplots()
        axes.plot(gamma, tau, "o", color=SHADE, markersize=4, gid="groups")
        ends = np.array([gamma.min(), gamma.max()])
        entries: list[tuple[Artist, str]] = []
        slopes = [each for each in result.estimates if each.name.startswith("beta_")]
        for each, dash in zip(slopes, DASHES, strict=False):
            (line,) = axes.plot(ends, tau.mean() + each.value * (ends - gamma.mean()), dash, color=INK, gid=each.name)
            entries.append((line, each.symbol))
        axes.set_xlabel("effect on the mediator")
        axes.set_ylabel("effect on the outcome")
        write_title(axes, title or f"{result.method}: {result.title}")
        legend_below(figure, entries, len(entries))
    return figure
