"""What every picture of bounds against a parameter marks: where data refute assumptions, numbers at the zero line."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from boundgen.bounds.symbols import pretty
from boundgen.evaluation.curves import Sensitivity
from boundgen.evaluation.piecewise_curves import PiecewiseSensitivity
from boundgen.pictures.canvas import INK, number_text

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

LegendArtists = dict[str, "Artist"]
REFUTED = "a testable implication fails:\nthe data contradict the assumptions"
# Darker than what lies between the bounds.
REFUTED_SHADE = "0.75"
BOUND, EXCLUDED = "bound", "bound, where the data contradict the assumptions"
KINK_MARKS: dict[str, Any] = {
    "color": INK,
    "marker": "o",
    "markerfacecolor": "white",
    "markersize": 4.5,
    "linewidth": 0,
    "clip_on": False,
}


def draw_refuted(axes: Axes, sensitivity: Sensitivity | PiecewiseSensitivity) -> LegendArtists:
    """The parts of the range that the data exclude, in a shade of their own."""
    low, high = sensitivity.allowed or (sensitivity.high, sensitivity.high)
    entries: LegendArtists = {}
    for start, end in ((sensitivity.low, low), (high, sensitivity.high)):
        if start < end:
            entries[REFUTED] = axes.axvspan(
                float(start), float(end), facecolor=REFUTED_SHADE, linewidth=0, zorder=0.2, gid="refuted"
            )
    return entries


def write_beside(axes: Axes, text: str, x: float, right: int, up: int) -> None:
    """A text next to a place on the zero line, on the side where the curve is not."""
    axes.annotate(
        text,
        (x, 0),
        xytext=(9 * right, 5 * up),
        textcoords="offset points",
        ha="left" if right > 0 else "right",
        va="bottom" if up > 0 else "top",
        fontsize=8,
        zorder=7,
    )


def equation(name: str, value: Fraction) -> str:
    """``γ = 0.12``, or with ``≈`` where three digits are not all of it."""
    shown = number_text(float(value))
    exact = Fraction(shown.replace("−", "-")) == value
    return f"{pretty(name)} {'=' if exact else '≈'} {shown}"
