"""The picture of estimates: bounds thick, corrected bounds and intervals thin, zero and the total effect dotted."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from boundgen.bounds.symbols import pretty
from boundgen.bounds.total_effect import total_effect
from boundgen.data.report import sources_text
from boundgen.errors import DataError
from boundgen.inference.estimated_bounds import Interval
from boundgen.inference.estimation import Estimate, Estimation
from boundgen.inference.methods import METHODS
from boundgen.pictures.estimate_bands import band_chart, band_parameter
from boundgen.pictures.intervals import BoundsBar, interval_chart, unit_of
from boundgen.rendering.numbers import percent_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_BARS = 60


def estimation_chart(estimation: Estimation, total: float | None = None, title: str = "") -> Figure:
    """Bounds with their intervals: against a parameter of several values, else a bar for each estimand and choice.

    The thin line is the interval of the parameter, or of the set where the method gives none of the parameter. What is
    crossed or empty is no interval, so it is not drawn; its bar is dashed.

    Parameters
    ----------
    found : Estimation
    total : float, optional
        By default the total effect, where it can be computed; against a parameter none.
    title : str
        By default the model's. Below it stand the data and how many units they have.

    Raises
    ------
    DataError
        For more bars or curves than fit in a picture.
    LibraryError
        If matplotlib is not installed.
    """
    title = "\n".join(part for part in (title or _heading(estimation), sources_text(estimation.data)) if part)
    parameter = band_parameter(estimation)
    # Curves have kinks, which a closed form tells.
    if parameter is not None and not any(each.numeric for each in estimation.estimates):
        return band_chart(estimation, parameter, total, title)
    if len(estimation.estimates) > MOST_BARS:
        raise DataError(
            f"a picture of {len(estimation.estimates)} estimates", remedy=f"At most {MOST_BARS}: ask for fewer values."
        )
    notation = estimation.notation
    value, label = _total(estimation) if total is None else (total, "total effect")
    drawn = [each for each in estimation.estimates if all(map(isfinite, each.found.plug_in))]
    endless = [pretty(each.estimand) for each in estimation.estimates if not _has_ends(each, outer_name(estimation))]
    said = (f"{name}: what has no end is not drawn" for name in dict.fromkeys(endless))
    title = "\n".join(part for part in (title, *said) if part)
    return interval_chart(
        [bar_of(each, _named(each, notation.described(each.estimand)), "", outer_name(estimation)) for each in drawn],
        unit=unit_of(estimation.arms),
        total=value,
        total_label=label,
        bounds_label="plug-in bounds",
        inner_label="half-median-unbiased bounds",
        outer_label=outer_label(estimation),
        title=title,
        notes=estimation.notes,
    )


def _heading(estimation: Estimation) -> str:
    """The model in words, where they are known."""
    derivation = estimation.derivation
    return derivation.model.title if derivation is not None and derivation.model.title else estimation.model


def outer_name(estimation: Estimation) -> str:
    """Which interval is the thin line."""
    return "parameter_interval" if "parameter_interval" in METHODS[estimation.method].gives else "set_interval"


def outer_label(estimation: Estimation) -> str:
    """What the thin line is."""
    of = "parameter" if outer_name(estimation) == "parameter_interval" else "set"
    return f"{percent_of(estimation.level)}% interval of the {of} ({estimation.method})"


def _named(each: Estimate, name: str) -> str:
    at = ", ".join(f"{pretty(name)} = {float(value):g}" for name, value in each.parameters)
    return name + (f", {at}" if at else "")


def bar_of(each: Estimate, label: str, group: str, outer: str) -> BoundsBar:
    """The bar of an estimate."""
    low, high = each.found.plug_in
    inner, thin = (_with_ends(each, name) for name in ("half_median_unbiased", outer))
    return BoundsBar(
        label,
        group,
        low,
        # Ends that are equal but for rounding must not look crossed.
        high if "plug_in" in each.crossed else max(low, high),
        inner=inner,
        outer=thin,
        contradicted=bool(each.conditions and each.conditions.violations),
    )


def _with_ends(each: Estimate, name: str) -> Interval | None:
    """An interval, where it is one that can be drawn."""
    ends = each.found.interval(name)
    return ends if ends and name not in each.crossed and all(map(isfinite, ends)) else None


def _has_ends(each: Estimate, outer: str) -> bool:
    intervals = (each.found.interval(name) for name in ("plug_in", "half_median_unbiased", outer))
    return all(isfinite(end) for ends in intervals for end in ends or ())


def _total(estimation: Estimation) -> tuple[float | None, str]:
    effect = (
        None if estimation.derivation is None else total_effect(estimation.derivation, estimation.data.probabilities)
    )
    if effect is None:
        return None, "total effect"
    return float(effect.value), f"total effect of {effect.treatment} on {effect.outcome}"
