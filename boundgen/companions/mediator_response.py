"""Checking a monotonic mediator response with covariates: no group of units may respond the other way on average.

The founding paper (Section 4.5) estimates conditional average effects of the treatment on the mediator with a causal
forest, and doubts the assumption if some are below zero. But estimates scatter: some are below zero also where all
effects are zero or positive. So beside them stands a test that keeps its level. On one half of the units a learner
finds where effects are lowest; on the other half the average effect there is estimated, and tested against zero. Which
group is tested depends on the first half alone, so that the test is an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from boundgen.companions.causal_trees import (
    MIN_UNITS_PER_ARM,
    EffectFunction,
    causal_forest,
    causal_tree,
    difference,
    forest_library,
    forest_of,
    halves,
)
from boundgen.companions.checks import check_binary
from boundgen.data.columns import NamedColumns, columns_of
from boundgen.errors import DataError, quoted
from boundgen.exact.arrays import Array, Mask
from boundgen.rendering.rendered import Rendered
from boundgen.rendering.text import in_ascii

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Covariates, treatment and mediator of one half, and a seed -> effects at covariates.
Learner = Callable[[Array, Mask, Array, int], EffectFunction]


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

        Returns
        -------
        Figure
            Of matplotlib.

        Raises
        ------
        LibraryError
            If matplotlib is not installed.
        """
        from boundgen.pictures.response import response_histogram

        return response_histogram(self, title)


def mediator_response(
    columns: NamedColumns,
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
    columns : mapping of str to sequences of shape (n,), or data frame
        One row for each unit, without missing values.
    treatment, mediator : str
        Names of columns; the treatment has the values 0 and 1 and is randomized with the same probability for all.
    covariates : sequence of str
        Columns from before the treatment. Texts become indicators.
    learner : {"tree", "forest"}
        A causal tree that comes with boundgen, or the causal forest of econml (the extra ``forest``).
    decreasing : bool
        Whether the assumption is that the treatment raises nobody's mediator.
    share : float
        Of the group that is tested.
    splits : int
    seed : int

    Returns
    -------
    ResponseTest

    Raises
    ------
    DataError
        For columns that miss, missing values, treatments other than 0 and 1, and samples that are too small.
    LibraryError
        If the forest is asked for and econml is not installed.

    Examples
    --------
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
    if not covariates:
        raise DataError("there are no covariates", remedy="Name columns from before the treatment.")
    data = columns_of(columns, {"A": treatment, "M": mediator, "X": covariates})
    check_binary(data.one("A"), "A", "treatment")
    sign = -1 if decreasing else 1
    x, treated, outcome = data.matrix("X"), data.one("A") == 1, sign * data.one("M")
    held_out = _held_out(x, treated, outcome, _learner(learner), share, splits, seed)
    average, error = difference(outcome, treated)
    lowest, lowest_error = np.median(held_out.groups, axis=0)
    p_values = [_p_value(*group) for group in held_out.groups]
    return ResponseTest(
        n=data.size,
        learner=learner,
        splits=splits,
        share=share,
        average=sign * average,
        average_error=error,
        lowest=sign * float(lowest),
        lowest_error=float(lowest_error),
        p_value=min(1.0, 2 * float(np.median(p_values))),
        effects=sign * held_out.effects,
        intervals_contrary=_intervals_contrary(x, treated, outcome, seed) if learner == "forest" else None,
        decreasing=decreasing,
    )


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """What learners of one half say of the other.

    Parameters
    ----------
    effects : array of shape (n,)
        The mean of what is predicted for each unit.
    groups : list of (effect, error)
        Of the groups whose predicted effects are lowest, in held-out halves where they are large enough.
    """

    effects: Array
    groups: list[tuple[float, float]]


def _held_out(
    x: Array, treated: Mask, outcome: Array, learn: Learner, share: float, splits: int, seed: int
) -> _HeldOut:
    sums, times = np.zeros(len(x)), np.zeros(len(x))
    groups = []
    for number, (first, second) in enumerate(halves(treated, splits, seed)):
        predicted = learn(x[first], treated[first], outcome[first], seed + number)(x[second])
        sums[second] += predicted
        times[second] += 1
        chosen = second[predicted <= np.quantile(predicted, share)]
        if min(treated[chosen].sum(), (~treated[chosen]).sum()) >= MIN_UNITS_PER_ARM:
            groups.append(difference(outcome[chosen], treated[chosen]))
    if len(groups) <= splits:
        raise DataError(
            f"the groups to be tested have fewer than {MIN_UNITS_PER_ARM} units in an arm",
            remedy="Test a larger share of the units; the sample may be too small for this check.",
        )
    return _HeldOut(sums / times, groups)


def _p_value(effect: float, error: float) -> float:
    if error == 0:
        return 0.0 if effect < 0 else 1.0
    return NormalDist().cdf(effect / error)


def _learner(name: str) -> Learner:
    if name == "tree":
        return causal_tree
    if name == "forest":
        forest_library()
        return causal_forest
    raise DataError(f"there is no learner {quoted(name)}", remedy="learners: tree, forest")


def _intervals_contrary(x: Array, treated: Mask, outcome: Array, seed: int) -> float:
    """The share of pointwise 95% intervals wholly below zero, of a forest of all units, 2000 trees as in the paper."""
    _, high = forest_of(x, treated, outcome, seed, 2000).predict_interval(x, alpha=0.05)
    return float(np.mean(np.asarray(high).ravel() < 0))
