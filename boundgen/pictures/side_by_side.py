"""The picture of estimates side by side, as Figures 2 and 4 of Blackwell, Ma & Opacic (2024).

At left the effect of the treatment on each mediator; then a panel for each estimand, all on one scale, in which bounds
are thick and intervals thin, zero and the total effect dotted.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from boundgen.bounds.symbols import pretty
from boundgen.data.report import sources_text
from boundgen.errors import DataError
from boundgen.inference.estimation import Estimate
from boundgen.inference.side_by_side import ChosenColumns, SideBySide
from boundgen.pictures.canvas import INK, SHADE, legend_below, new_picture, number_text, style, zero_line
from boundgen.pictures.estimates import MOST_BARS, bar_of, outer_label, outer_name
from boundgen.pictures.intervals import (
    FILLS,
    GAP,
    LONGEST_LABEL,
    BoundsBar,
    draw_interval,
    edges_of,
    label_rows,
    legend_keys,
    unit_of,
)
from boundgen.rendering.numbers import percent_of, short

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 6
TITLE_LINE = 100


def side_by_side_picture(study: SideBySide, title: str = "") -> Figure:
    """The picture of `SideBySide.plot`."""
    names = study.estimands
    if len(names) > MOST_PANELS:
        raise DataError(
            f"a picture of {len(names)} estimands", remedy=f"At most {MOST_PANELS} are drawn: name some of them."
        )
    bars = {name: _bars(study, name) for name in names}
    every = [bar for several in bars.values() for bar in several]
    if not every:
        raise DataError("there are no bounds with finite ends to draw", remedy="Name other estimands.")
    rows = [_row_label(study, chosen) for chosen in study.chosen]
    groups = list(dict.fromkeys(bar.group for bar in every))
    if len(rows) * len(groups) > MOST_BARS:
        raise DataError(
            f"a panel of {len(rows) * len(groups)} bars", remedy=f"At most {MOST_BARS}: name fewer columns or models."
        )
    left = any(chosen.effect(study.mediator) for chosen in study.chosen)
    first = study.estimations[0]
    with style():
        count = len(names) + left
        figure = new_picture(1.4 + 2.6 * count, 1.0 + 0.24 * len(rows) * (len(groups) + GAP))
        panels = list(figure.subplots(1, count, sharey=True, squeeze=False)[0])
        entries: dict[str, Artist] = {}
        if left:
            entries |= _draw_effects(panels[0], study, len(groups))
        edges = edges_of(every)
        for axes, name in zip(panels[left:], names, strict=True):
            for bar in bars[name]:
                place = rows.index(bar.label) * (len(groups) + GAP) + groups.index(bar.group)
                draw_interval(axes, bar, edges, place, FILLS[groups.index(bar.group) % len(FILLS)])
            entries |= _draw_totals(axes, study, len(groups)) | {"zero": zero_line(axes, upright=True)}
            axes.set_title(textwrap.fill(_described(study, name), LONGEST_LABEL), fontsize=9)
            axes.set_xlabel(f"bounds ({unit_of(first.arms)})")
        for axes in panels:
            label_rows(axes, rows, len(groups))
        _share_scale(panels[left:])
        heading = "\n".join(textwrap.fill(line, TITLE_LINE) for line in (*filter(None, [title]), _sources(study)))
        figure.suptitle(heading, fontsize=9, x=0.01, ha="left")
        labels = ("bounds", "half-median-unbiased bounds", outer_label(first), "lower = upper")
        keys = {label: artist for artist, label in legend_keys(every, groups, labels)}
        drawn = [(artist, label) for label, artist in {**keys, **entries}.items()]
        legend_below(figure, drawn, columns=3, notes=study.notes)
    return figure


def _described(study: SideBySide, name: str) -> str:
    """An estimand in words, as the first model that has it says."""
    return next(
        each.notation.described(name) for each in study.estimations if any(e.estimand == name for e in each.estimates)
    )


def _sources(study: SideBySide) -> str:
    return "; ".join(dict.fromkeys(sources_text(each.data) for each in study.estimations))


def _row_label(study: SideBySide, chosen: ChosenColumns) -> str:
    """The choice of columns; with its units where they differ."""
    same = len({each.n for each in study.chosen}) == 1
    return chosen.label if same else f"{chosen.label} (n = {chosen.n})"


def _bars(study: SideBySide, name: str) -> list[BoundsBar]:
    names = dict(zip((model.name for model in study.models), study.sets, strict=True))
    bars = []
    for chosen in study.chosen:
        for estimation in chosen.estimations:
            for each in estimation.estimates:
                if each.estimand == name and all(map(isfinite, each.found.plug_in)):
                    group = _group(names[estimation.model], each)
                    bars.append(bar_of(each, _row_label(study, chosen), group, outer_name(estimation)))
    return bars


def _group(assumptions: str, each: Estimate) -> str:
    at = ", ".join(f"{pretty(name)} = {short(value)}" for name, value in each.parameters)
    return assumptions + (f", {at}" if at else "")


def _share_scale(panels: Sequence[Axes]) -> None:
    """One scale for the panels that are compared."""
    ends = [axes.get_xlim() for axes in panels]
    for axes in panels:
        axes.set_xlim(min(low for low, _ in ends), max(high for _, high in ends))


def _middle(row: int, groups: int) -> float:
    return row * (groups + GAP) + (groups - 1) / 2


def _draw_effects(axes: Axes, study: SideBySide, groups: int) -> dict[str, Artist]:
    """The effect of the treatment on the mediator: a point with its interval in each row."""
    entries: dict[str, Artist] = {}
    percent = f"{percent_of(study.estimations[0].level)}%"
    for row, chosen in enumerate(study.chosen):
        effect = chosen.effect(study.mediator)
        if effect is None:
            continue
        place = _middle(row, groups)
        if effect.interval is not None:
            (line,) = axes.plot(effect.interval, (place, place), color=INK, linewidth=0.9, gid="effect interval")
            entries[f"{percent} confidence interval"] = line
        (point,) = axes.plot(effect.value, place, color=INK, marker="o", markersize=4.5, linewidth=0, gid="effect")
        entries["estimated effect"] = point
        axes.set_title(f"effect of {effect.treatment} on {effect.variable}", fontsize=9)
    zero_line(axes, upright=True)
    axes.set_xlabel("units of the mediator" if _is_counted(study) else "probability")
    return entries


def _is_counted(study: SideBySide) -> bool:
    return set(study.models[0].by_name[study.mediator or ""].domain) != {0, 1}


def _draw_totals(axes: Axes, study: SideBySide, groups: int) -> dict[str, Artist]:
    """The total effect in each row: of one outcome with the same units it is one line."""
    totals = [chosen.effect(study.outcome) for chosen in study.chosen]
    known = [effect for effect in totals if effect is not None]
    if not known:
        return {}
    same = max(each.value for each in known) - min(each.value for each in known) < 1e-12
    value = f" ({number_text(known[0].value)})" if same else " in each row"
    entries: dict[str, Artist] = {}
    for row, effect in enumerate(totals):
        if effect is not None:
            ends = [_middle(row, groups) + side * (groups + GAP) / 2 for side in (-1, 1)]
            (line,) = axes.plot(
                [effect.value] * 2, ends, color=SHADE, linewidth=2.2, linestyle=(0, (1, 1.4)), zorder=3, gid="total"
            )
            entries[f"total effect of {effect.treatment} on {effect.variable}{value}"] = line
    return entries
