"""Observed data as text and as rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from boundgen.data.observed import DataSource, ObservedArm, ObservedData
from boundgen.rendering.text import inline

SCHEMA = "boundgen.data/1"
MOST_ARMS = 12


def data_text(data: ObservedData) -> str:
    """What was read, how many units each arm has, and what the reader should know."""
    lines = [line for source in data.sources for line in _source_lines(source)]
    observations = list(dict.fromkeys(arm.observation for arm in data.arms))
    for observation in observations:
        arms = [arm for arm in data.arms if arm.observation == observation and arm.units is not None]
        named = [_arm_text(arm) for arm in arms if arm.name]
        where = f"observe statement {observation + 1}: " if len(observations) > 1 else ""
        if named:
            more = [f"and {len(named) - MOST_ARMS} more arms"] if len(named) > MOST_ARMS else []
            lines.append(f"  {where}{'; '.join([*named[:MOST_ARMS], *more])}")
    return "\n".join(lines)


def sources_text(data: ObservedData) -> str:
    """The data in a few words, for a picture: names without folders, and how many units."""
    named = [inline(os.path.basename(source.name)) for source in data.sources]
    units = [source.used for source in data.sources if source.used is not None]
    return ", ".join(named) + (f": {sum(units)} units" if len(units) == len(named) else "")


def _arm_text(arm: ObservedArm) -> str:
    return f"{arm.name}: {arm.units}"


def _source_lines(source: DataSource) -> list[str]:
    of = f" of {source.units}" if source.units != source.used else ""
    used = "" if source.used is None else f", {source.used}{of} units"
    said = [*([] if source.used is None else _unused(source)), *source.notes]
    return [f"data: {inline(source.name)} ({source.kind}){used}", *(f"  {each}" for each in said)]


def _unused(source: DataSource) -> Iterator[str]:
    """Which units of a source are not used, and why."""
    if source.left_out:
        yield f"{source.left_out} left out: not asked for"
    if source.dropped_units:
        columns = ", ".join(f"{column} {count}" for column, count in source.dropped)
        yield f"{source.dropped_units} dropped: they miss {columns}"


def unused_text(data: ObservedData) -> list[str]:
    """A line for each reason why units of the data are not used."""
    return [line for source in data.sources if source.used is not None for line in _unused(source)]


def data_rows(data: ObservedData) -> list[dict[str, Any]]:
    """A row for each cell of each arm; of a bounded outcome for each share and mean."""
    return [row for arm in data.arms for row in (_mean_rows(arm) if arm.means else _cell_rows(arm))]


def _cell_rows(arm: ObservedArm) -> list[dict[str, Any]]:
    return [
        {
            "observe": arm.observation + 1,
            "arm": arm.name,
            "cell": cell,
            "units": None if arm.units is None else amount.units,
            "weight": float(amount.total),
            "share": float(share),
        }
        for cell, amount, share in zip(arm.cells, arm.amounts, arm.probabilities, strict=True)
    ]


def _mean_rows(arm: ObservedArm) -> list[dict[str, Any]]:
    amounts = dict(zip(arm.cells, arm.amounts, strict=True))
    totals = {m.share: amounts[m.low_cell] + amounts[m.high_cell] for m in arm.means}
    return [
        {
            "observe": arm.observation + 1,
            "arm": arm.name,
            "cell": name,
            "units": None if arm.units is None or name not in totals else totals[name].units,
            "weight": float(totals[name].total) if name in totals else None,
            "share" if name in totals else "mean": float(value),
        }
        for name, value in arm.observed
    ]


def data_json(data: ObservedData) -> dict[str, Any]:
    """What was read, and the share of each cell, exact: the schema ``boundgen.data/1``."""
    return {
        "schema": SCHEMA,
        "model": data.model,
        "sources": [_source_json(source) for source in data.sources],
        "arms": [_arm_json(arm) for arm in data.arms],
    }


def _source_json(source: DataSource) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind,
        "units": source.units,
        "used": source.used,
        "left_out": source.left_out,
        "dropped": dict(source.dropped),
        "dropped_units": source.dropped_units,
        "notes": list(source.notes),
    }


def _arm_json(arm: ObservedArm) -> dict[str, Any]:
    return {
        "observe": arm.observation + 1,
        "arm": arm.name,
        "complete": arm.complete,
        "units": arm.units,
        "shares": {name: str(value) for name, value in arm.observed if name not in {m.name for m in arm.means}},
        **({"means": {m.name: str(dict(arm.observed)[m.name]) for m in arm.means}} if arm.means else {}),
    }
