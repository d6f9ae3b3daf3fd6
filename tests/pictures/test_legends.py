"""Laws of all pictures: a legend explains every mark and is no wider than the axes, and nothing is hatched."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

from boundgen import catalogue, derive, estimate, evaluate, mediate, read_data
from boundgen.inference.side_by_side import side_by_side
from support.catalogue import derived

pytest.importorskip("matplotlib")

from matplotlib.collections import Collection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from boundgen.pictures import (
    BoundsBar,
    assumption_chart,
    evaluation_chart,
    graph_picture,
    interval_chart,
    picture_bytes,
    sensitivity_picture,
)

# What the legend says of each kind of mark.
SAID = {
    "bound": ("bound",),
    "excluded": ("bound, where the data contradict",),
    "band": ("between the bounds",),
    "interval": ("interval of the",),
    "corrected": ("half-median-unbiased bounds",),
    "inner": ("half-median-unbiased bounds", "corrected bounds"),
    "outer": ("interval",),
    "effect": ("estimated effect",),
    "effect interval": ("confidence interval",),
    "infinite": ("no finite bound",),
    "kinks": ("kink",),
    "lost": ("interval of where the sign is lost",),
    "lost on": ("interval of where the sign is lost",),
    "point": ("lower = upper", "estimate"),
    "points": ("exact at each point",),
    "refuted": ("narrow because assumptions and data disagree", "a testable implication fails"),
    "sign": ("the sign is lost",),
    "sites": ("site",),
    "total": ("total effect",),
    "undefined": ("undefined at these data",),
    "zero": ("zero",),
}
LIMITED = "mediation_limited_defiers"


def _bars() -> Any:
    inf = float("inf")
    long = (
        "a set of assumptions of which the name is so long that no axes are as wide as one line of it would have to be"
    )
    return interval_chart(
        [
            BoundsBar("a row with quite a long label", "one", -0.2, 0.3, inner=(-0.1, 0.2), outer=(-0.3, 0.4)),
            BoundsBar("a row with quite a long label", long, -0.2, inf),
            BoundsBar("b", "one", 0.2, 0.1),
            BoundsBar("b", "other", 0.2, 0.2),
            BoundsBar("b", "third", 0.1, 0.2),
        ],
        total=0.1,
    )


def _assumptions() -> Any:
    sets = {name: derived(name) for name in ("mediation_randomization", "mediation_mmr")}
    return assumption_chart(sets, read_data("mediation_mmr", "framing").probabilities, total=Fraction(1, 10))


def _against_parameter() -> Any:
    return estimate(derived(LIMITED), "bursztyn", {"gamma": ["0", "0.1", "0.2"]}, draws=500).plot(total=0.1)


def _evaluated() -> Any:
    found = derive(catalogue.load(LIMITED), ["delta1"])
    data = read_data(LIMITED, "transphobia")
    made = evaluate(found, data, {"gamma": ["0", "0.1"]})
    return evaluation_chart(made, found, data.probabilities)


def _refuted() -> Any:
    observed = read_data(LIMITED, "framing").probabilities
    swapped = {
        name.replace("A=0", "A=?").replace("A=1", "A=0").replace("A=?", "A=1"): p for name, p in observed.items()
    }
    return sensitivity_picture(derived(LIMITED).bounds, swapped, "gamma", high="0.5")


def _several() -> Any:
    sets = ["mediation_randomization", "mediation_mmr", LIMITED]
    return side_by_side(sets, "jobs", ["delta0", "zeta1"], parameters={"gamma": "0.1"}, draws=500).plot(title="JOBS II")


PICTURES: dict[str, Callable[[], Any]] = {
    "bars": _bars,
    "assumptions": _assumptions,
    "estimates": lambda: estimate(derived("mediation_mmr"), "jobs", draws=500).plot(),
    "estimates against a parameter": _against_parameter,
    "evaluations against a parameter": _evaluated,
    "refuted": _refuted,
    "side by side": _several,
    "companion": lambda: mediate("ignorability", "jobs").plot(),
    "graph": lambda: graph_picture(catalogue.load("mediation_mmr")),
}


@cache
def picture(name: str) -> Any:
    figure = PICTURES[name]()
    figure.draw_without_rendering()
    return figure


def marks(figure: Any) -> list[Any]:
    """What is drawn in axes, other than their frames, ticks and grids."""
    found = [artist for axes in figure.axes for artist in (*axes.lines, *axes.patches, *axes.collections)]
    assert all(isinstance(artist, Line2D | Patch | Collection) for artist in found)
    return found


@pytest.mark.parametrize("name", [name for name in PICTURES if name != "graph"])
def test_every_mark_has_an_entry(name: str) -> None:
    figure = picture(name)
    (legend,) = figure.legends
    entries = [text.get_text().replace("\n", " ") for text in legend.get_texts()]
    looks = {(patch.get_facecolor(), patch.get_linewidth()) for patch in legend.get_patches()}
    for mark in marks(figure):
        if mark.get_gid() == "bounds":
            assert (mark.get_facecolor(), mark.get_linewidth()) in looks
            continue
        said = SAID[mark.get_gid()]
        assert any(words in entry for words in said for entry in entries), (mark.get_gid(), entries)
    assert len(set(entries)) == len(entries)


@pytest.mark.parametrize("name", PICTURES)
def test_no_legend_is_wider_than_its_axes_or_covers_them(name: str) -> None:
    figure = picture(name)
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    frames = [axes.get_window_extent() for axes in figure.axes]
    for legend in figure.legends:
        box = legend.get_window_extent()
        assert min(frame.x0 for frame in frames) - 2 <= box.x0
        assert box.x1 <= max(frame.x1 for frame in frames) + 2
        assert all(box.y1 <= other.y0 for other in boxes)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_hatched(name: str) -> None:
    """A hatch is a pattern in SVG, which many viewers drop."""
    figure = picture(name)
    assert all(not mark.get_hatch() for mark in marks(figure) if isinstance(mark, Patch | Collection))
    assert b"<pattern" not in picture_bytes(figure, "svg")


@pytest.mark.parametrize("name", ["refuted", "estimates against a parameter"])
def test_panels_that_are_compared_have_one_scale(name: str) -> None:
    assert len({axes.get_ylim() for axes in picture(name).axes}) == 1
    assert len(picture(name).axes) > 1


def test_bounds_side_by_side_have_one_scale() -> None:
    _, *panels = picture("side by side").axes
    assert len({axes.get_xlim() for axes in panels}) == 1


@pytest.mark.parametrize("name", ["estimates", "estimates against a parameter", "side by side"])
def test_the_caption_says_which_data_and_how_many_units(name: str) -> None:
    figure = picture(name)
    heading = figure.get_suptitle() or figure.axes[0].get_title(loc="left")
    assert "units" in heading
    assert "jobs" in heading or "bursztyn" in heading
