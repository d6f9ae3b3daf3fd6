"""Observed data as text: what was read, and of how many units."""

from __future__ import annotations

import os

from boundgen.data.observed import ObservedArm, ObservedData, Source
from boundgen.rendering.text import inline

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


def _source_lines(source: Source) -> list[str]:
    if source.used is None:
        return [f"data: {inline(source.name)} ({source.kind})", *(f"  {note}" for note in source.notes)]
    of = f" of {source.units}" if source.units != source.used else ""
    lines = [f"data: {inline(source.name)} ({source.kind}), {source.used}{of} units"]
    if source.left_out:
        lines.append(f"  {source.left_out} left out: not asked for")
    if source.dropped_units:
        columns = ", ".join(f"{column} {count}" for column, count in source.dropped)
        lines.append(f"  {source.dropped_units} dropped: they miss {columns}")
    return lines + [f"  {note}" for note in source.notes]
