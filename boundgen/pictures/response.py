"""The histogram of estimated conditional effects of a treatment on a mediator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundgen.pictures.canvas import INK, legend_below, new_picture, style, zero_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from boundgen.companions.mediator_response import ResponseTest

BINS = 30


def response_histogram(test: ResponseTest, title: str = "") -> Figure:
    """Estimated effects as in Figure 3 of Blackwell, Ma & Opacic (2024), zero dotted; above it, what the test says.

    Raises
    ------
    LibraryError
        If matplotlib is not installed.
    """
    side = "above" if test.decreasing else "below"
    with style():
        figure = new_picture(6.4, 2.8)
        axes = figure.add_subplot()
        _, _, bars = axes.hist(test.effects, bins=BINS, color="0.78", edgecolor=INK, linewidth=0.6, gid="effects")
        entries: list[tuple[Any, str]] = [(bars, "units"), (zero_line(axes, upright=True), "zero")]
        axes.set_xlabel("estimated conditional effect on the mediator")
        axes.set_ylabel("units")
        said = f"{test.contrary:.1%} {side} zero; held-out test of a group there: p = {test.p_value:.3f}"
        axes.set_title(f"{title}\n{said}" if title else said, fontsize=9, loc="left")
        legend_below(figure, entries, columns=2)
    return figure
