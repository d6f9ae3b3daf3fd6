"""Where pictures are drawn: matplotlib without its global state, in one style."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from boundgen.rendering.numbers import with_minus
from boundgen.work.libraries import missing_library

try:
    import matplotlib.style
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
except ImportError as error:
    raise missing_library(error, "pictures", "pictures need") from None

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

STYLE = {
    "axes.axisbelow": True,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.dpi": 110,
    "font.family": "DejaVu Sans",  # it comes with matplotlib, so pictures are the same everywhere
    "font.size": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "text.parse_math": False,  # a dollar in a title or a column's name is a dollar
    "svg.hashsalt": "boundgen",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}
INK, SHADE, PALE = "black", "0.55", "0.85"
LONGEST_LINE, LONGEST_NOTE = 76, 100
# Of a legend in one column, until it is no wider than the axes.
LEGEND_LINES = (56, 44, 32, 24)
# Files hold no date and no program, so that the same picture is the same bytes.
METADATA = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


class Picture(Figure):
    """A matplotlib figure that belongs to no window and that notebooks show by themselves."""

    def _repr_png_(self) -> bytes:
        return rendered(self, "png")


@contextmanager
def style() -> Iterator[None]:
    """The style of all pictures, whatever the user's settings of matplotlib are; they come back afterwards."""
    with matplotlib.style.context(["default", STYLE]):
        yield


def new_picture(width: float, height: float) -> Picture:
    """An empty picture, in inches; call it inside `style`."""
    return Picture(figsize=(width, height), layout="constrained")


def rendered(figure: Figure, form: str) -> bytes:
    """The bytes of a picture as png, svg or pdf: the same for the same picture."""
    buffer = BytesIO()
    with style():
        figure.savefig(buffer, format=form, metadata=METADATA[form], bbox_inches="tight")
    return buffer.getvalue()


def legend_below(
    figure: Figure, entries: Sequence[tuple[Artist, str]], columns: int, notes: Sequence[str] = ()
) -> None:
    """A legend under the axes, where it covers nothing; no wider than they are, and the picture grows by its height.

    As many columns as fit, and of one column that does not fit shorter lines. Over it stand notes in small letters, two
    lines at most for each.
    """
    if not entries:
        return
    figure.draw_without_rendering()
    boxes = [axes.get_window_extent() for axes in figure.axes]
    left, right = min(box.x0 for box in boxes), max(box.x1 for box in boxes)
    legend = _legend(figure, entries, columns, (left, right), notes)
    height = legend.get_window_extent().height / figure.dpi
    whole = figure.get_figheight() + height
    figure.set_figheight(whole)
    engine = figure.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine)
    engine.set(rect=(0, height / whole, 1, 1 - height / whole))


def _legend(
    figure: Figure,
    entries: Sequence[tuple[Artist, str]],
    columns: int,
    ends: tuple[float, float],
    notes: Sequence[str],
) -> Legend:
    """The legend between these ends, in pixels."""
    left, right = ends
    where = (left / figure.bbox.width, 0, (right - left) / figure.bbox.width, 1)
    handles, labels = zip(*entries, strict=True)
    shapes = [(number, LONGEST_LINE) for number in range(min(columns, len(entries)), 0, -1)]
    shapes += [(1, width) for width in LEGEND_LINES]

    said = (f"Note: {' '.join(note.split())}" for note in notes)
    noted = "\n".join(textwrap.fill(line, LONGEST_NOTE, max_lines=2, placeholder=" …") for line in said)

    def legend(number: int, width: int) -> Legend:
        lines = ["\n".join(textwrap.fill(line, width) for line in label.split("\n")) for label in labels]
        return figure.legend(
            handles,
            lines,
            loc="lower center",
            bbox_to_anchor=where,
            ncols=number,
            handlelength=2.4,
            borderaxespad=0,
            title=noted or None,
            title_fontsize=6.5,
            alignment="left" if noted else "center",
        )

    for shape in shapes[:-1]:
        found = legend(*shape)
        if found.get_window_extent().width <= right - left:
            return found
        found.remove()
    return legend(*shapes[-1])


def write_title(axes: Axes, title: str) -> None:
    """A title over the left end of the axes, no wider than they are."""
    lines = [textwrap.fill(line, LONGEST_LINE) for line in title.split("\n")]
    axes.set_title("\n".join(lines), fontsize=9, loc="left")


def number_text(value: float | int, digits: int = 3) -> str:
    """A number as pictures print it: ``0.127``, with a true minus sign."""
    return with_minus(f"{float(value):.{digits}g}", True)


def zero_line(axes: Axes, upright: bool) -> Artist:
    """The dotted line at zero."""
    draw = axes.axvline if upright else axes.axhline
    return draw(0, color=INK, linewidth=1, linestyle=(0, (1, 2)), zorder=3, gid="zero")
