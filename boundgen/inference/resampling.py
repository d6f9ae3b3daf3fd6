"""Samples drawn anew: counts of each arm, or, where counts are not all, from the normal approximation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isclose, log

import numpy as np
import numpy.typing as npt

from boundgen.data.joint import Joint
from boundgen.data.observed import ObservedArm, ObservedData
from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.inference.critical import FEWEST_BEYOND, CriticalValue, simulated_quantile, too_few
from boundgen.inference.estimated_bounds import EstimatedBounds, Interval, is_crossed
from boundgen.inference.estimated_terms import EstimatedTerms
from boundgen.inference.sample import Sample
from boundgen.rendering.numbers import percent_of

FEWEST_DRAWS = 200
# Draws that are held in memory as terms at once.
CHUNK = 8192


@dataclass(frozen=True, eq=False)
class CountedArm:
    """The units of one arm by cell; of an incomplete arm, the others come last.

    Parameters
    ----------
    places : array of int
        Where its cells stand among all cells.
    counts : array of int
        One more than places where the arm is incomplete.
    """

    places: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    @property
    def size(self) -> int:
        return int(self.counts.sum())


@dataclass(frozen=True, eq=False)
class Resampling:
    """How to draw a sample like the one at hand.

    Parameters
    ----------
    sample : Sample
    arms : tuple of CountedArm, or None
        None where counts of independent units are not all that the sample is (weights, clusters, shared cells).
    """

    sample: Sample
    arms: tuple[CountedArm, ...] | None

    def moves(self, draws: int, seed: int, unseen: float = 0.0) -> Array:
        """Resampled minus estimated cells, one column for each draw: multinomial counts by arm, or normal.

        With so many units more in each arm, spread evenly over its cells, or the normal's covariance with these.
        """
        chance = np.random.default_rng(seed)
        if self.arms is None:
            return _normal(self.sample.smoothed if unseen else self.sample.corrected, draws, chance)
        moves = np.zeros((len(self.sample.cells), draws))
        for arm in self.arms:
            shares = (arm.counts + unseen / len(arm.counts)) / (arm.size + unseen)
            counts = chance.multinomial(arm.size, shares, size=draws)
            moves[arm.places] = (counts / arm.size - shares)[:, : len(arm.places)].T
        return moves

    def parts(self, sizes: Sequence[int], draws: int, seed: int) -> Array:
        """The same for parts of the arms, of these sizes, drawn without replacement."""
        assert self.arms is not None
        chance = np.random.default_rng(seed)
        moves = np.zeros((len(self.sample.cells), draws))
        for arm, size in zip(self.arms, sizes, strict=True):
            counts = chance.multivariate_hypergeometric(arm.counts, size, size=draws, method="marginals")
            moves[arm.places] = (counts / size - arm.counts / arm.size)[:, : len(arm.places)].T
        return moves


def _normal(covariance: Array, draws: int, chance: np.random.Generator) -> Array:
    roots, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(roots, 0.0, None))
    return np.asarray(root @ chance.standard_normal((len(covariance), draws)))


def resampling_of(data: ObservedData, sample: Sample) -> Resampling:
    """Counts are resampled where the sample's covariance is that of counts of independent units in each arm."""
    arms = []
    for arm in data.arms:
        counts = [amount.units for amount in arm.amounts]
        rest = (arm.units or 0) - sum(counts)
        places = np.array([sample.place[cell] for cell in arm.cells])
        arms.append(CountedArm(places, np.array(counts if arm.complete else [*counts, rest])))
    return Resampling(sample, tuple(arms) if _is_of_counts(data) else None)


def _is_of_counts(data: ObservedData) -> bool:
    """Whether every unit is one by itself, in one arm, and weighs as much as the others of its arm."""
    cells = [cell for arm in data.arms for cell in arm.cells]
    apart = all(len(each.pattern) < 2 for joint in data.joints for each in joint.units)
    alone = all(_clusters_are_units(joint) for joint in data.joints)
    return apart and alone and len(set(cells)) == len(cells) and all(map(_weighs_alike, data.arms))


def _clusters_are_units(joint: Joint) -> bool:
    if joint.clusters is None:
        return True
    names = [name for weights in joint.clusters.weights for name, weight in weights.items() if weight]
    units = sum(each.amount.units for each in joint.units)
    return len(set(names)) == len(names) == units


def _weighs_alike(arm: ObservedArm) -> bool:
    """Weights are equal where the square of their sum is as large as it can be; and so are their means in all cells."""
    amounts = (*arm.amounts, arm.whole)
    equal = all(amount.total**2 == amount.units * amount.squares for amount in amounts)
    return equal and all(amount.total * arm.whole.units == amount.units * arm.whole.total for amount in amounts)


def check_draws(draws: int, method: str) -> None:
    """Resampling has no exact form.

    Raises
    ------
    DataError
        For too few draws.
    """
    if draws < FEWEST_DRAWS:
        raise DataError(
            f"the method {method} resamples, and {draws} draws are too few",
            remedy=f"At least {FEWEST_DRAWS}; exact critical values (0) are for the method intersection.",
        )


# ---------------------------------------------------------------- one side
def largest(terms: EstimatedTerms, moves: Array, chosen: npt.NDArray[np.bool_], start: Array) -> Array:
    """The largest of ``start + gradient * move`` over chosen terms, for each move.

    With terms divided by an estimated denominator this is the delta method.
    """
    gradients, begin = terms.gradients[chosen], start[chosen, None]
    parts = [(begin + gradients @ moves[:, i : i + CHUNK]).max(axis=0) for i in range(0, moves.shape[1], CHUNK)]
    return np.concatenate(parts)


@dataclass(frozen=True, eq=False)
class ResampledSide:
    """One side, as a lower bound, and draws of how far its estimate errs.

    Parameters
    ----------
    value : float
        The plug-in estimate.
    errors : array of shape (draws,)
        Draws of estimate minus truth.
    """

    value: float
    errors: Array

    def critical(self, level: float) -> CriticalValue:
        return simulated_quantile(self.errors, level)

    def bound(self, level: float) -> float:
        """Below the truth with this probability."""
        return self.value - self.critical(level).value


def check_resamples(level: float, draws: int) -> None:
    """Refuse a level whose quantiles lie beyond nearly all resamples."""
    tail = (1 - level) / 2
    if draws and too_few(draws, 1 - tail):
        raise DataError(
            f"{draws} resamples do not show the ends of intervals at a level of {percent_of(level)}%",
            remedy=f"Draw {ceil(FEWEST_BEYOND / tail - 1e-6)} at least, or ask for a lower level.",
        )


def joint_interval(low: ResampledSide, high: ResampledSide, level: float, n: int) -> Interval | None:
    """The parameter's interval: at either end of the set it is covered with the stated probability.

    Both sides are taken at the same one-sided level, the smallest that is enough. At the lower end of the set the lower
    side may not err upwards by more than its quantile, and the upper side not by more than its own and the width of the
    set. A width that may be chance is taken to be zero, so that the interval does not rely on it. Between the ends
    coverage is no smaller, for in large samples errors are log-concave. None where the interval would be empty.
    """
    width = -high.value - low.value
    if width <= np.sqrt(log(n)) * max(low.errors.std(), high.errors.std()):
        width = 0.0
    at_low = np.maximum(_rank(low, low.errors), _rank(high, high.errors - width))
    at_high = np.maximum(_rank(low, low.errors - width), _rank(high, high.errors))
    one_sided = max(float(np.quantile(at, level)) for at in (at_low, at_high))
    ends = low.bound(one_sided), -high.bound(one_sided)
    return None if is_crossed(ends) else ends


def _rank(side: ResampledSide, errors: Array) -> Array:
    """The share of a side's errors that are smaller."""
    return np.asarray(np.searchsorted(np.sort(side.errors), errors) / len(side.errors))


def _half_median(low: ResampledSide, high: ResampledSide) -> Interval:
    """Both ends at their medians; of what the data identify these are one, which draws show on either side of it."""
    ends = low.bound(0.5), -high.bound(0.5)
    return (min(ends), max(ends)) if isclose(low.value, -high.value, rel_tol=0, abs_tol=1e-12) else ends


def resampled_bounds(
    low: ResampledSide,
    high: ResampledSide,
    level: float,
    n: int,
    kept: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
    *,
    corrected: bool,
) -> EstimatedBounds:
    """Both sides as a result; `corrected` says whether the errors' law is right, so that it may correct estimates."""
    upper_tail = 1 - (1 - level) / 2
    levels = (0.5, upper_tail) if corrected else (upper_tail,)
    return EstimatedBounds(
        plug_in=(low.value, -high.value),
        half_median_unbiased=_half_median(low, high) if corrected else None,
        set_interval=(low.bound(upper_tail), -high.bound(upper_tail)),
        parameter_interval=joint_interval(low, high, level, n) if corrected else None,
        parameter_interval_adaptive=None,
        kept=(_numbers(kept[0]), _numbers(kept[1])),
        critical_values=tuple(
            (f"{name}, {probability:g}", side.critical(probability))
            for name, side in (("lower", low), ("upper", high))
            for probability in levels
        ),
    )


def _numbers(kept: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.flatnonzero(kept))
