"""Causal trees and forests of an experiment: from covariates to conditional average effects of the treatment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from boundgen.errors import DataError
from boundgen.exact.arrays import Array, Mask
from boundgen.work.libraries import library

EffectFunction = Callable[[Array], Array]

# Units of each arm that a group needs for its average effect to be about normal.
MIN_UNITS_PER_ARM = 20
DEPTH = 3
THRESHOLDS = 12


def halves(treated: Mask, splits: int, seed: int) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Each arm halved at random; either half is held out once, so that there are two pairs for each split."""
    chance = np.random.default_rng(seed)
    for _ in range(splits):
        parts: tuple[list[npt.NDArray[np.int64]], ...] = ([], [])
        for arm in (treated, ~treated):
            order = chance.permutation(np.flatnonzero(arm))
            parts[0].append(order[: len(order) // 2])
            parts[1].append(order[len(order) // 2 :])
        first, second = (np.sort(np.concatenate(part)) for part in parts)
        yield first, second
        yield second, first


def difference(outcome: Array, treated: Mask) -> tuple[float, float]:
    """The difference of means of both arms, and its standard error."""
    arms = outcome[treated], outcome[~treated]
    if min(map(len, arms)) < 2:
        raise DataError("an arm has fewer than two units", remedy="The check compares two arms.")
    variance = sum(float(arm.var(ddof=1)) / len(arm) for arm in arms)
    return float(arms[0].mean() - arms[1].mean()), sqrt(variance)


def causal_tree(x: Array, treated: Mask, outcome: Array, _seed: int = 0, depth: int = DEPTH) -> EffectFunction:
    """A small tree that splits where the effects of both sides differ most; its leaves predict their effects.

    It need not be good, for the test is right whatever it finds; it only has to find low effects where they are.
    """
    effect = float(outcome[treated].mean() - outcome[~treated].mean())
    split = _best_split(x, treated, outcome) if depth else None
    if split is None:
        return lambda at: np.full(len(at), effect)
    column, threshold = split
    below = x[:, column] <= threshold
    left, right = (causal_tree(x[part], treated[part], outcome[part], 0, depth - 1) for part in (below, ~below))
    return lambda at: _grown(at, at[:, column] <= threshold, left, right)


def _grown(at: Array, below: Mask, left: EffectFunction, right: EffectFunction) -> Array:
    found = np.empty(len(at))
    found[below], found[~below] = left(at[below]), right(at[~below])
    return found


def _best_split(x: Array, treated: Mask, outcome: Array) -> tuple[int, float] | None:
    """The column and threshold with the largest studentised difference of effects, if any is beyond chance alone."""
    best, place = 1.0, None
    for column in range(x.shape[1]):
        for threshold in np.unique(np.quantile(x[:, column], np.linspace(0, 1, THRESHOLDS + 2)[:-1])):
            below = x[:, column] <= threshold
            if min((side & arm).sum() for side in (below, ~below) for arm in (treated, ~treated)) < MIN_UNITS_PER_ARM:
                continue
            (low, low_error), (high, high_error) = (difference(outcome[s], treated[s]) for s in (below, ~below))
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


def forest_of(x: Array, treated: Mask, outcome: Array, seed: int, trees: int) -> Any:
    """A fitted causal forest of econml; in an experiment the treatment is centred by its mean."""
    forest = forest_library().CausalForest(n_estimators=trees, random_state=seed, n_jobs=1)
    return forest.fit(x, (treated - treated.mean()).reshape(-1, 1), outcome - outcome.mean())


def causal_forest(x: Array, treated: Mask, outcome: Array, seed: int = 0) -> EffectFunction:
    """The causal forest of econml (Athey, Tibshirani & Wager 2019)."""
    forest = forest_of(x, treated, outcome, seed, 200)
    return lambda at: np.asarray(forest.predict(at)).ravel()


def econml_leaves(x: Array, treated: Mask, outcome: Array, at: Array, seed: int) -> Array:
    """The leaves, as numbers, of one honest causal tree of econml, as deep and as coarse as our own."""
    forest = forest_library().CausalForest(
        n_estimators=1, subforest_size=1, inference=False, honest=True, max_samples=1.0, max_depth=DEPTH,
        min_samples_leaf=MIN_UNITS_PER_ARM, random_state=seed, n_jobs=1,
    )  # fmt: skip
    forest.fit(x, (treated - treated.mean()).reshape(-1, 1), outcome - outcome.mean())
    return np.asarray(forest.apply(at), dtype=np.float64).ravel()
