"""Checking a monotonic mediator response with covariates: no group of units may respond the other way on average.

The founding paper (Section 4.5) estimates conditional average effects of the treatment on the mediator with a causal
forest, and doubts the assumption if some are below zero. But estimates scatter: some are below zero also where all
effects are zero or positive. So beside them stands a test that keeps its level. On one half of the units a learner
finds where effects are lowest; on the other half the average effect there is estimated, and tested against zero. Which
group is tested depends on the first half alone, so that the test is an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from boundgen.errors import DataError, quoted
from boundgen.rendering.rendered import Rendered
from boundgen.rendering.text import in_ascii
from boundgen.work.libraries import library

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
# Covariates, treatment and mediator of one half -> a function from covariates to effects.
Learner = Callable[[Array, Mask, Array, int], Callable[[Array], Array]]

# Units of each arm that a group needs for its average effect to be about normal.
FEWEST = 20
DEPTH = 3
THRESHOLDS = 12
MOST_VALUES = 50


@dataclass(frozen=True, eq=False)
class ResponseTest(Rendered):
    """Conditional average effects of a treatment on a mediator, and whether any group's goes the other way.

    Parameters
    ----------
    n : int
    learner : str
    splits : int
        Halvings of the sample; each half is held out once.
    share : float
        The size of the group that is tested, as a share of the half that is held out.
    average, average_error : float
        The average effect of all units.
    lowest, lowest_error : float
        The average effect in the group whose predicted effects are lowest (with `decreasing`, highest): the median
        over held-out halves.
    p_value : float
        Of no group having an effect the other way: twice the median over held-out halves (Meinshausen, Meier &
        Bühlmann 2009).
    effects : array of shape (n,)
        Estimated conditional effects, each from halves that the unit was not in.
    intervals_contrary : float or None
        The share of units whose 95% interval of the conditional effect is wholly on the other side of zero; from the
        forest only.
    decreasing : bool
        Whether the other way is up.
    """

    n: int
    learner: str
    splits: int
    share: float
    average: float
    average_error: float
    lowest: float
    lowest_error: float
    p_value: float
    effects: Array = field(repr=False)
    intervals_contrary: float | None = None
    decreasing: bool = False

    @property
    def contrary(self) -> float:
        """The share of estimated effects on the other side of zero: noise puts some there too, so it is no test."""
        return float(np.mean(self.effects > 0 if self.decreasing else self.effects < 0))

    def text(self, unicode: bool = True) -> str:
        """What was found, and what it means."""
        side, extreme = ("above", "highest") if self.decreasing else ("below", "lowest")
        lines = [
            f"Average effect on the mediator: {self.average:.4f} (standard error {self.average_error:.4f}), "
            f"n = {self.n}",
            f"Estimated conditional effects ({self.learner}): from {self.effects.min():.4f} "
            f"to {self.effects.max():.4f}, {self.contrary:.1%} {side} zero",
        ]
        if self.intervals_contrary is not None:
            lines.append(f"  95% intervals wholly {side} zero: {self.intervals_contrary:.1%}")
        lines += [
            f"  Noise alone puts some {side} zero. The test does not count that:",
            f"The {self.share:.0%} with the {extreme} predicted effects, held out ({2 * self.splits} halves): "
            f"{self.lowest:.4f} (standard error {self.lowest_error:.4f})",
            f"p = {self.p_value:.3f} of no group responding the other way on average",
        ]
        text = "\n".join(lines) + "\n"
        return text if unicode else in_ascii(text)

    def json(self) -> dict[str, Any]:
        """Everything, with the estimated effect of each unit: the schema ``boundgen.response/1``."""
        return {"schema": "boundgen.response/1", **self.rows()[0], "effects": self.effects.tolist()}

    def rows(self) -> list[dict[str, Any]]:
        """One row: the average effect, the tested group's, and the test."""
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "effects"}
        return [{**named, "contrary": self.contrary}]

    def plot(self, title: str = "") -> Figure:
        """A histogram of the estimated conditional effects, as in the founding paper, with what the test says.

        Raises
        ------
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.response import response_histogram

        return response_histogram(self, title)


def mediator_response(
    data: Mapping[str, Sequence[Any]] | Any,
    treatment: str,
    mediator: str,
    covariates: Sequence[str],
    *,
    learner: str = "tree",
    decreasing: bool = False,
    share: float = 0.2,
    splits: int = 20,
    seed: int = 1,
) -> ResponseTest:
    """Test whether any group of units responds to the treatment the other way on average.

    Parameters
    ----------
    data : mapping of column to values, or data frame
        One row for each unit, without missing values.
    treatment, mediator : str
        Columns; the treatment has the values 0 and 1 and is randomized with the same probability for all.
    covariates : sequence of str
        Columns from before the treatment. Texts become one indicator for each value.
    learner : {"tree", "forest"}
        A causal tree that comes with boundgen, or the causal forest of econml (the extra ``forest``).
    decreasing : bool
        Whether the assumption is that the treatment raises nobody's mediator.
    share : float
        Of the group that is tested.
    splits : int
    seed : int

    Raises
    ------
    DataError
        For columns that miss, missing values, treatments other than 0 and 1, and samples that are too small.
    LibraryError
        If the forest is asked for and econml is not installed.

    >>> chance = np.random.default_rng(1)
    >>> a, x = chance.integers(0, 2, 2000), chance.normal(size=2000)
    >>> m = chance.random(2000) < 0.4 + np.where(x < 0, -0.2, 0.2) * a  # one half is moved downwards
    >>> mediator_response({"A": a, "M": m, "x": x}, "A", "M", ["x"]).p_value < 0.01
    True
    """
    if not 0.02 <= share <= 0.5 or splits < 1:
        raise DataError(
            f"a group of {share:g} in {splits} splits", remedy="A share from 0.02 to 0.5; one split or more."
        )
    treated = _treatment(data, treatment)
    outcome = _numbers(data, mediator) * (-1 if decreasing else 1)
    x = _covariates(data, covariates)
    if not len(treated) == len(outcome) == len(x):
        raise DataError("the columns have different lengths", remedy="Give one row for each unit.")
    learn = _learner(learner)
    average, error = _difference(outcome, treated)
    sums, times = np.zeros(len(x)), np.zeros(len(x))
    found = []
    for number, (first, second) in enumerate(halves(treated, splits, seed)):
        predicted = learn(x[first], treated[first], outcome[first], seed + number)(x[second])
        sums[second] += predicted
        times[second] += 1
        chosen = second[predicted <= np.quantile(predicted, share)]
        if min(treated[chosen].sum(), (~treated[chosen]).sum()) >= FEWEST:
            found.append(_difference(outcome[chosen], treated[chosen]))
    if len(found) <= splits:
        raise DataError(
            f"the groups to be tested have fewer than {FEWEST} units in an arm",
            remedy="Test a larger share of the units; the sample may be too small for this check.",
        )
    sign = -1 if decreasing else 1
    return ResponseTest(
        n=len(x),
        learner=learner,
        splits=splits,
        share=share,
        average=sign * average,
        average_error=error,
        lowest=sign * float(np.median([effect for effect, _ in found])),
        lowest_error=float(np.median([error for _, error in found])),
        p_value=min(1.0, 2 * float(np.median([_p_value(effect, error) for effect, error in found]))),
        effects=sign * sums / times,
        intervals_contrary=_intervals_contrary(x, treated, outcome, seed) if learner == "forest" else None,
        decreasing=decreasing,
    )


# ---------------------------------------------------------------- columns
def _column(data: Any, name: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(data[name])
    except (KeyError, IndexError, TypeError, ValueError):
        raise DataError(f"the data have no column {quoted(name)}", remedy="Name columns of the data.") from None


def _numbers(data: Any, name: str) -> Array:
    try:
        found = _column(data, name).astype(float)
    except (TypeError, ValueError):
        raise DataError(f"the column {quoted(name)} is not of numbers", remedy="Code it by numbers.") from None
    _refuse_missing(name, int(np.sum(~np.isfinite(found))))
    return np.asarray(found)


def _refuse_missing(name: str, missing: int) -> None:
    if missing:
        raise DataError(f"the column {quoted(name)} misses {missing} values", remedy="Leave these rows out first.")


def _treatment(data: Any, name: str) -> Mask:
    found = _numbers(data, name)
    values = sorted({float(value) for value in found})
    if values != [0.0, 1.0]:
        shown = ", ".join(f"{value:g}" for value in values[:5])
        raise DataError(
            f"the treatment {quoted(name)} has the values {shown}", remedy="It must have the values 0 and 1."
        )
    return np.asarray(found == 1)


def _covariates(data: Any, names: Sequence[str]) -> Array:
    """Columns of numbers; a column of texts becomes one indicator for each value but the first."""
    if not names:
        raise DataError("there are no covariates", remedy="Name columns from before the treatment.")
    columns: list[Array] = []
    for name in names:
        found = _column(data, name)
        if found.dtype.kind in "biuf":
            columns.append(_numbers(data, name))
            continue
        _refuse_missing(name, sum(value is None or value != value or value == "" for value in found))
        values = sorted({str(value) for value in found})
        if len(values) > MOST_VALUES:
            raise DataError(
                f"the covariate {quoted(name)} has {len(values)} different texts", remedy="Group them first."
            )
        columns += [np.asarray(found.astype(str) == value, dtype=float) for value in values[1:]]
    return np.column_stack(columns) if columns else np.zeros((len(_column(data, names[0])), 0))


# ---------------------------------------------------------------- halves
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


def _difference(outcome: Array, treated: Mask) -> tuple[float, float]:
    """The difference of means of both arms, and its standard error."""
    arms = outcome[treated], outcome[~treated]
    if min(map(len, arms)) < 2:
        raise DataError("an arm has fewer than two units", remedy="The check compares two arms.")
    variance = sum(float(arm.var(ddof=1)) / len(arm) for arm in arms)
    return float(arms[0].mean() - arms[1].mean()), sqrt(variance)


def _p_value(effect: float, error: float) -> float:
    if error == 0:
        return 0.0 if effect < 0 else 1.0
    return NormalDist().cdf(effect / error)


# ---------------------------------------------------------------- learners
def _learner(name: str) -> Learner:
    if name == "tree":
        return causal_tree
    if name == "forest":
        _forest_library()
        return causal_forest
    raise DataError(f"there is no learner {quoted(name)}", remedy="learners: tree, forest")


def causal_tree(
    x: Array, treated: Mask, outcome: Array, _seed: int = 0, depth: int = DEPTH
) -> Callable[[Array], Array]:
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


def _grown(at: Array, below: Mask, left: Callable[[Array], Array], right: Callable[[Array], Array]) -> Array:
    found = np.empty(len(at))
    found[below], found[~below] = left(at[below]), right(at[~below])
    return found


def _best_split(x: Array, treated: Mask, outcome: Array) -> tuple[int, float] | None:
    """The column and threshold with the largest studentised difference of effects, if any is beyond chance alone."""
    best, place = 1.0, None
    for column in range(x.shape[1]):
        for threshold in np.unique(np.quantile(x[:, column], np.linspace(0, 1, THRESHOLDS + 2)[:-1])):
            below = x[:, column] <= threshold
            if min((side & arm).sum() for side in (below, ~below) for arm in (treated, ~treated)) < FEWEST:
                continue
            (low, low_error), (high, high_error) = (_difference(outcome[s], treated[s]) for s in (below, ~below))
            distance = abs(low - high) / max(sqrt(low_error**2 + high_error**2), 1e-9)
            if distance > best:
                best, place = distance, (column, float(threshold))
    return place


def _forest_library() -> Any:
    return library("econml.grf", "forest", "this causal tree or forest needs")


def _forest(x: Array, treated: Mask, outcome: Array, seed: int, trees: int) -> Any:
    """In an experiment the treatment is centred by its mean."""
    forest = _forest_library().CausalForest(n_estimators=trees, random_state=seed, n_jobs=1)
    return forest.fit(x, (treated - treated.mean()).reshape(-1, 1), outcome - outcome.mean())


def causal_forest(x: Array, treated: Mask, outcome: Array, seed: int = 0) -> Callable[[Array], Array]:
    """The causal forest of econml (Athey, Tibshirani & Wager 2019)."""
    forest = _forest(x, treated, outcome, seed, 200)
    return lambda at: np.asarray(forest.predict(at)).ravel()


def econml_leaves(x: Array, treated: Mask, outcome: Array, at: Array, seed: int) -> Array:
    """The leaves, as numbers, of one honest causal tree of econml, as deep and as coarse as our own."""
    forest = _forest_library().CausalForest(
        n_estimators=1, subforest_size=1, inference=False, honest=True, max_samples=1.0, max_depth=DEPTH,
        min_samples_leaf=FEWEST, random_state=seed, n_jobs=1,
    )  # fmt: skip
    forest.fit(x, (treated - treated.mean()).reshape(-1, 1), outcome - outcome.mean())
    return np.asarray(forest.apply(at), dtype=np.float64).ravel()


def _intervals_contrary(x: Array, treated: Mask, outcome: Array, seed: int) -> float:
    """The share of pointwise 95% intervals wholly below zero, of a forest of all units, 2000 trees as in the paper."""
    _, high = _forest(x, treated, outcome, seed, 2000).predict_interval(x, alpha=0.05)
    return float(np.mean(np.asarray(high).ravel() < 0))
