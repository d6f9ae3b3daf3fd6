"""Pictures of companion results: estimates with intervals beside sharp bounds, and drawings of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from os.path import basename
from typing import TYPE_CHECKING

from boundgen.companions.report import without_estimate
from boundgen.companions.result import CompanionEstimate, CompanionResult, DataFacts, SharpBounds
from boundgen.errors import DataError
from boundgen.pictures.intervals import BoundsBar, interval_chart

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 40
# Drawings of tables, by the name of the table: a function from (result, table, title) to a figure.
DRAWINGS: dict[str, tuple[str, str]] = {
    "sites": ("boundgen.pictures.site_effects", "site_effects_picture"),
    "contour": ("boundgen.pictures.contours", "contour_picture"),
    "indirect": ("boundgen.pictures.effects", "effects_scatter"),
}


def companion_picture(result: CompanionResult, what: str = "estimates", title: str = "") -> Figure:
    """What `CompanionResult.plot` draws.

    Raises
    ------
    DataError
        For a name that nothing is drawn for.
    LibraryError
        If matplotlib is not installed.
    """
    if what == "estimates":
        return estimates_chart((result,), title or f"{result.method}: {result.title}")
    table = next((each for each in result.tables if each.name == what and what in DRAWINGS), None)
    if table is None:
        drawn = ", ".join(["estimates", *(each.name for each in result.tables if each.name in DRAWINGS)])
        raise DataError(f"{result.method} has no picture '{what}'", remedy=f"Pictures: {drawn}.")
    module, function = DRAWINGS[what]
    figure: Figure = getattr(import_module(module), function)(result, table, title)
    return figure


def estimates_chart(results: Sequence[CompanionResult], title: str = "") -> Figure:
    """A row for each estimate: the point with its first interval, and the sharp bounds on the same effect as bars.

    Bounds that the sample contradicts are no bars; the title names their assumptions.
    """
    bars = [bar for found in results for bar in _bars(found, len(results) > 1)]
    if len({bar.label for bar in bars}) > MOST_ROWS:
        raise DataError("there are too many estimates for a picture", remedy=f"At most {MOST_ROWS} are drawn.")
    contradicted = dict.fromkeys(b.assumptions for found in results for b in found.bounds if b.contradicted)
    counted = dict.fromkeys(_counted(found.data) for found in results)
    lines = [
        title,
        ", ".join(counted),
        *([f"contradicted by the sample: {', '.join(contradicted)}"] if contradicted else []),
    ]
    return interval_chart(
        bars,
        quantity="effect",
        unit="units of the outcome",
        outer_label=_interval_label(results),
        point_label="estimate",
        title="\n".join(filter(None, lines)),
    )


def _counted(data: DataFacts) -> str:
    """The source of the data, where it has a name, and how many are used."""
    source = basename(dict(data.roles).get("source", ""))
    return f"{source}: {data.used} {data.unit}" if source else f"{data.used} {data.unit}"


def _interval_label(results: Sequence[CompanionResult]) -> str:
    levels = {level for found in results for name, level in found.options if name == "level" and level}
    kinds = {each.interval for found in results for each in found.estimates if each.low is not None}
    percent = f"{100 * float(next(iter(levels))):g}% " if len(levels) == 1 else ""
    return f"{percent}interval" + (f" ({kinds.pop()})" if len(kinds) == 1 else "")


def _bars(result: CompanionResult, several: bool) -> list[BoundsBar]:
    prefix = f"{result.method}: " if several else ""
    bars = []
    for each in result.estimates:
        label = _label(prefix + each.symbol, each.words)
        bars.append(_point(each, label))
        bars += [_bar(b, label) for b in result.bounds if b.estimand == each.name and not _none(b)]
    for symbol, alone in without_estimate(result).items():
        bars += [_bar(b, _label(prefix + symbol, b.words)) for b in alone if not _none(b)]
    return bars


def _label(symbol: str, words: str) -> str:
    """A quantity in a row of its own: its symbol, and what it is in words."""
    return f"{symbol}: {words}" if words else symbol


def _none(bounds: SharpBounds) -> bool:
    return bounds.lower is None or bounds.upper is None


def _point(each: CompanionEstimate, label: str) -> BoundsBar:
    outer = None if each.low is None or each.high is None else (each.low, each.high)
    return BoundsBar(label, "", each.value, each.value, outer=outer)


def _bar(bounds: SharpBounds, label: str) -> BoundsBar:
    low, high = bounds.lower or 0.0, bounds.upper or 0.0
    # Ends that are equal but for rounding must not look crossed.
    return BoundsBar(label, f"sharp: {bounds.assumptions}", low, max(low, high), contradicted=bounds.contradicted)
