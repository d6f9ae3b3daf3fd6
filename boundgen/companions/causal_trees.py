"""Causal trees and forests of an experiment: from covariates to conditional average effects of the treatment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from boundgen.companions.student import student_ratio
from boundgen.errors import DataError
from boundgen.exact.arrays import Array, Mask
from boundgen.work.libraries import library

EffectFunction = Callable[[Array], Array]

# Units of each arm that a group needs for its average effect to be about normal.
MIN_UNITS_PER_ARM = 20
# Clusters of equal size, with Student's t.
MIN_CLUSTERS_PER_ARM = 5
DEPTH = 3
THRESHOLDS = 12


@dataclass(frozen=True, eq=False)
class SampledUnits:
    """What units weigh, and which of them belong together.

    Parameters
    ----------
    weights : array of shape (n,) or None
        Positive; None where all weigh the same.
    clusters : array of int of shape (n,) or None
        None where units are independent.
    """

    weights: Array | None = None
    clusters: npt.NDArray[np.int64] | None = None

    def at(self, chosen: Any) -> SampledUnits:
        """Those of some units."""
        return SampledUnits(*(None if each is None else each[chosen] for each in (self.weights, self.clusters)))

    @property
    def are_alike(self) -> bool:
        """Whether units are independent and weigh the same."""
        return self.weights is None and self.clusters is None

    def unit_weights(self, size: int) -> Array:
        """The weight of each of so many units: one where there are none."""
        return np.ones(size) if self.weights is None else self.weights

    def worth(self, own: Any) -> float:
        """How many independent units or clusters of equal weight an arm is worth (Kish); `own` tells its units."""
        weights = self.unit_weights(len(own))[own]
        sums = weights if self.clusters is None else np.bincount(self.clusters[own], weights)
        return float(weights.sum() ** 2 / (sums**2).sum()) if len(weights) else 0.0


ALIKE = SampledUnits()


def halves(
    treated: Mask, splits: int, seed: int, clusters: npt.NDArray[np.int64] | None = None
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Each arm halved at random; either half is held out once, so that there are two pairs for each split.

    Clusters are whole: those of each arm are halved, and so are those with units in both arms.

    Yields
    ------
    (learning, held out)
        Numbers of units.
    """
    chance = np.random.default_rng(seed)
    places = np.arange(len(treated)) if clusters is None else clusters
    names, firsts = np.unique(places, return_index=True)
    several = np.isin(names, places[treated]) & np.isin(names, places[~treated])
    kinds = np.where(several, 2, np.where(treated[firsts], 0, 1))
    for _ in range(splits):
        first = np.zeros(len(treated), dtype=bool)
        for kind in range(3 if several.any() else 2):
            order = chance.permutation(names[kinds == kind])
            first |= np.isin(places, order[: len(order) // 2])
        yield np.flatnonzero(first), np.flatnonzero(~first)
        yield np.flatnonzero(~first), np.flatnonzero(first)


def difference(outcome: Array, treated: Mask, pieces: SampledUnits = ALIKE) -> tuple[float, float]:
    """The difference of means of both arms, and its standard error.

    With weights or clusters the error is that of sums over independent pieces, longer by Student's quantile over the
    normal one, with the degrees of freedom that so many pieces of equal weight have (Satterthwaite).

    Returns
    -------
    (difference, error)

    Raises
    ------
    DataError
        For an arm with fewer than two units or clusters.
    """
    arms = outcome[treated], outcome[~treated]
    if min(map(len, arms)) < 2:
        raise DataError("an arm has fewer than two units", remedy="The check compares two arms.")
    if not pieces.are_alike:
        return _difference_of_pieces(outcome, treated, pieces)
    variance = sum(float(arm.var(ddof=1)) / len(arm) for arm in arms)
    return float(arms[0].mean() - arms[1].mean()), sqrt(variance)


def _difference_of_pieces(outcome: Array, treated: Mask, pieces: SampledUnits) -> tuple[float, float]:
    weights, moves, means, worths = pieces.unit_weights(len(outcome)), np.zeros(len(outcome)), [], []
    for own, sign in ((treated, 1.0), (~treated, -1.0)):
        share = weights[own] / weights[own].sum()
        worth = pieces.worth(own)
        if worth < 1 + 1e-9:
            what = "cluster" if pieces.clusters is not None else "unit"
            raise DataError(f"an arm has a single {what} that weighs", remedy="A variance needs two, and many more.")
        means.append(float(share @ outcome[own]))
        moves[own] = sign * sqrt(worth / (worth - 1)) * share * (outcome[own] - means[-1])
        worths.append(worth)
    variances = [
        float((_sums(moves[own], None if pieces.clusters is None else pieces.clusters[own]) ** 2).sum())
        for own in (treated, ~treated)
    ]
    # Clusters with units in both arms move both means together.
    error = sqrt(float((_sums(moves, pieces.clusters) ** 2).sum()))
    parts = sum(part**2 / (worth - 1) for part, worth in zip(variances, worths, strict=True))
    freedom = sum(variances) ** 2 / parts if parts else np.inf
    return means[0] - means[1], error * float(student_ratio(np.array(freedom)))


def _sums(moves: Array, clusters: npt.NDArray[np.int64] | None) -> Array:
    return moves if clusters is None else np.asarray(np.bincount(clusters, moves), dtype=np.float64)


def is_large_enough(treated: Mask, pieces: SampledUnits = ALIKE) -> bool:
    """Whether both arms have the units, and clusters, that an average effect needs to be about normal."""
    if min(treated.sum(), (~treated).sum()) < MIN_UNITS_PER_ARM:
        return False
    fewest = MIN_UNITS_PER_ARM if pieces.clusters is None else MIN_CLUSTERS_PER_ARM
    return pieces.are_alike or min(pieces.worth(own) for own in (treated, ~treated)) >= fewest


def mean_difference(outcome: Array, treated: Mask, weights: Array) -> float:
    """The difference of weighted means of both arms."""
    return float(
        np.average(outcome[treated], weights=weights[treated])
        - np.average(outcome[~treated], weights=weights[~treated])
    )


def causal_tree(
    x: Array, treated: Mask, outcome: Array, _seed: int = 0, depth: int = DEPTH, pieces: SampledUnits = ALIKE
) -> EffectFunction:
    """A small tree that splits where the effects of both sides differ most; its leaves predict their effects.

    It need not be good, for the test is right whatever it finds; it only has to find low effects where they are.
    """
    effect = mean_difference(outcome, treated, pieces.unit_weights(len(outcome)))
    split = _best_split(x, treated, outcome, pieces) if depth else None
    if split is None:
        return lambda at: np.full(len(at), effect)
    column, threshold = split
    below = x[:, column] <= threshold
    left, right = (
        causal_tree(x[part], treated[part], outcome[part], 0, depth - 1, pieces.at(part)) for part in (below, ~below)
    )
    return lambda at: _grown(at, at[:, column] <= threshold, left, right)


def _grown(at: Array, below: Mask, left: EffectFunction, right: EffectFunction) -> Array:
    found = np.empty(len(at))
    found[below], found[~below] = left(at[below]), right(at[~below])
    return found


def _best_split(x: Array, treated: Mask, outcome: Array, pieces: SampledUnits) -> tuple[int, float] | None:
    """The column and threshold with the largest studentised difference of effects, if any is beyond chance alone."""
    best, place = 1.0, None
    for column in range(x.shape[1]):
        for threshold in np.unique(np.quantile(x[:, column], np.linspace(0, 1, THRESHOLDS + 2)[:-1])):
            below = x[:, column] <= threshold
            if not all(is_large_enough(treated[side], pieces.at(side)) for side in (below, ~below)):
                continue
            (low, low_error), (high, high_error) = (
                difference(outcome[s], treated[s], pieces.at(s)) for s in (below, ~below)
            )
            distance = abs(low - high) / max(sqrt(low_error**2 + high_error**2), 1e-9)
            if distance > best:
                best, place = distance, (column, float(threshold))
    return place


def forest_library() -> Any:
    """The forests of econml.

    Raises
    ------
    LibraryError
        If it is not installed.
    """
    return library("econml.grf", "forest", "this causal tree or forest needs")


def forest_of(x: Array, treated: Mask, outcome: Array, seed: int, trees: int, weights: Array | None = None) -> Any:
    """A fitted causal forest of econml; in an experiment the treatment is centred by its mean."""
    forest = forest_library().CausalForest(n_estimators=trees, random_state=seed, n_jobs=1)
    centred = (each - np.average(each, weights=weights) for each in (treated, outcome))
    treatment, response = centred
    return forest.fit(x, treatment.reshape(-1, 1), response, sample_weight=weights)


def causal_forest(
    x: Array, treated: Mask, outcome: Array, seed: int = 0, pieces: SampledUnits = ALIKE
) -> EffectFunction:
    """The causal forest of econml (Athey, Tibshirani & Wager 2019)."""
    forest = forest_of(x, treated, outcome, seed, 200, pieces.weights)
    return lambda at: np.asarray(forest.predict(at)).ravel()


def econml_leaves(x: Array, treated: Mask, outcome: Array, at: Array, seed: int) -> Array:
    """The leaves, as numbers, of one honest causal tree of econml, as deep and as coarse as our own."""
    forest = forest_library().CausalForest(
        n_estimators=1, subforest_size=1, inference=False, honest=True, max_samples=1.0, max_depth=DEPTH,
        min_samples_leaf=MIN_UNITS_PER_ARM, random_state=seed, n_jobs=1,
    )  # fmt: skip
    forest.fit(x, (treated - treated.mean()).reshape(-1, 1), outcome - outcome.mean())
    return np.asarray(forest.apply(at), dtype=np.float64).ravel()
