"""What every method of inference gives: estimates and intervals of one estimand."""

from __future__ import annotations

from dataclasses import dataclass

from boundgen.inference.critical import CriticalValue

Interval = tuple[float, float]
# What may be given, in the order of printing.
INTERVALS = ("plug_in", "half_median_unbiased", "set_interval", "parameter_interval", "parameter_interval_adaptive")

# Ends that differ by less are equal but for rounding.
ROUNDING = 1e-9


def is_crossed(ends: Interval) -> bool:
    """Whether the lower end is above the upper one, so that it is no interval."""
    return ends[0] > ends[1] + ROUNDING


@dataclass(frozen=True)
class EstimatedBounds:
    """Estimates and intervals of one estimand.

    Parameters
    ----------
    plug_in, set_interval : (lower, upper)
        Where lower is above upper, the data break a testable implication.
    half_median_unbiased : (lower, upper) or None
        None where the method does not give it.
    parameter_interval : (lower, upper) or None
        None where every value is rejected, or the method does not give it.
    parameter_interval_adaptive : (lower, upper) or None
        At the adaptive level.
    kept : (lower, upper)
        Numbers of the terms that the method took to be possibly active; of a ratio or a sum of maxima, of the lines at
        the half-median-unbiased ends.
    critical_values : tuple of (name, CriticalValue)
        With their Monte-Carlo errors.
    """

    plug_in: Interval
    half_median_unbiased: Interval | None
    set_interval: Interval
    parameter_interval: Interval | None
    parameter_interval_adaptive: Interval | None
    kept: tuple[tuple[int, ...], tuple[int, ...]]
    critical_values: tuple[tuple[str, CriticalValue], ...]

    def interval(self, name: str) -> Interval | None:
        """One of `INTERVALS` by name."""
        found: Interval | None = getattr(self, name)
        return found

    @property
    def crossed(self) -> tuple[str, ...]:
        """The intervals whose lower end is above the upper one: they contain nothing."""
        pairs = ((name, self.interval(name)) for name in INTERVALS)
        return tuple(name for name, ends in pairs if ends is not None and is_crossed(ends))
