"""Normal intervals, and percentiles of a bootstrap that does not depend on the order of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from boundgen.companions.result import ConfidenceSet
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

MOST_DRAWS = 1_000_000
NUMBERS_PER_CHUNK = 4_000_000
# Fewer draws than this share have an estimate: the percentiles would be of another experiment.
MIN_SHARE_OF_DRAWS = 0.9


def check_level(level: float) -> None:
    """Refuse a level that is no probability between 0 and 1."""
    if not 0 < level < 1:
        raise DataError(f"{level:g} is not a level of confidence", remedy="Give a number between 0 and 1: 0.95.")


def check_draws(draws: int, seed: int) -> None:
    """Refuse numbers of bootstrap draws that give no percentiles, or take for ever, and seeds that are none."""
    if seed < 0:
        raise DataError(f"{seed} is not a seed", remedy="Give an integer, zero or more.")
    if draws != 0 and not 20 <= draws <= MOST_DRAWS:
        raise DataError(f"{draws} bootstrap draws", remedy=f"Give 20 to {MOST_DRAWS}, or 0 for none.")


def normal_interval(value: float, error: float | None, level: float) -> tuple[float | None, float | None]:
    """``value ± z · error``; no interval without an error."""
    if error is None:
        return None, None
    width = NormalDist().inv_cdf((1 + level) / 2) * error
    return value - width, value + width


@dataclass(frozen=True, eq=False)
class Groups:
    """Units that are alike, in an order that does not depend on that of the rows.

    Parameters
    ----------
    columns : tuple of arrays of shape (groups,)
    counts : array of shape (groups,)
        How many units each group has.
    weights : array of shape (groups,)
        The weight of one unit of the group.
    """

    columns: tuple[Array, ...]
    counts: Array
    weights: Array

    @property
    def units(self) -> int:
        return int(self.counts.sum())

    @property
    def totals(self) -> Array:
        """The weight of each group."""
        return self.counts * self.weights

    @property
    def squares(self) -> Array:
        """The sum of squared weights of each group."""
        return self.counts * self.weights**2


def groups_of(columns: tuple[Array, ...], weights: Array | None) -> Groups:
    """Sort units into groups of equal values and weights."""
    weight = np.ones(len(columns[0])) if weights is None else weights
    rows, counts = np.unique(np.column_stack([*columns, weight]), axis=0, return_counts=True)
    return Groups(tuple(rows[:, i] for i in range(len(columns))), counts.astype(np.float64), rows[:, -1])


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Estimates in resamples of units.

    Parameters
    ----------
    draws : array of shape (draws, quantities)
        Only those in which every quantity has an estimate.
    asked : int
    """

    draws: Array
    asked: int

    @property
    def lost(self) -> int:
        """Resamples without an estimate."""
        return self.asked - len(self.draws)

    @property
    def usable(self) -> bool:
        return self.asked > 0 and len(self.draws) >= MIN_SHARE_OF_DRAWS * self.asked

    def percentiles(self, quantity: int, level: float) -> tuple[ConfidenceSet, ...]:
        """The percentile interval of a quantity; none where too many resamples have no estimate."""
        if not self.usable:
            return ()
        low, high = np.quantile(self.draws[:, quantity], [(1 - level) / 2, (1 + level) / 2])
        return (ConfidenceSet("bootstrap percentile", ((float(low), float(high)),)),)

    def warnings(self) -> tuple[str, ...]:
        """What the reader must know of lost resamples."""
        if not self.lost:
            return ()
        said = (
            f"{self.lost} of {self.asked} bootstrap resamples have no estimate (an empty cell, or a division by zero)"
        )
        what = "; the percentiles are of the others." if self.usable else ", so there are no bootstrap intervals."
        return (said + what,)


def bootstrap(groups: Groups, statistic: Callable[[Array], Array], draws: int, seed: int) -> Bootstrap:
    """Resample units with replacement.

    Parameters
    ----------
    groups : Groups
    statistic : function from (draws, groups) weights to (draws, quantities)
        NaN or infinity where a resample has no estimate.
    draws, seed : int
    """
    chance = np.random.default_rng(seed)
    shares = groups.counts / groups.counts.sum()
    size = max(1, NUMBERS_PER_CHUNK // len(shares))
    found: list[npt.NDArray[np.float64]] = []
    for start in range(0, draws, size):
        resampled = chance.multinomial(groups.units, shares, size=min(size, draws - start))
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(statistic(resampled * groups.weights))
    every = np.concatenate(found) if found else np.empty((0, 1))
    return Bootstrap(every[np.isfinite(every).all(axis=1)], draws)
