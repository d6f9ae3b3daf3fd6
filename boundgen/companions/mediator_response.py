"""Checking a monotonic mediator response with covariates: no group of units may respond the other way on average.

The founding paper (Section 4.5) estimates conditional average effects of the treatment on the mediator with a causal
forest, and doubts the assumption if some are below zero. But estimates scatter: some are below zero also where all
effects are zero or positive. So beside them stands a test that keeps its level. On one half of the units a learner
finds where effects are lowest; on the other half the average effect there is estimated, and tested against zero. Which
group is tested depends on the first half alone, so that the test is an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from boundgen.companions.causal_trees import (
    MIN_CLUSTERS_PER_ARM,
    MIN_UNITS_PER_ARM,
    EffectFunction,
    SampledUnits,
    causal_forest,
    causal_tree,
    difference,
    forest_library,
    forest_of,
    halves,
    is_large_enough,
)
from boundgen.companions.checks import check_binary
from boundgen.companions.facts import facts_of
from boundgen.companions.response_groups import (
    EffectGroup,
    Fifth,
    contrary_p_value,
    covariate_groups,
    fifths,
    groups_of_fifths,
)
from boundgen.companions.result import DataFacts
from boundgen.data.columns import Columns, NamedColumns, columns_of
from boundgen.errors import DataError, quoted
from boundgen.exact.arrays import Array, Mask
from boundgen.rendering.rendered import Rendered

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_SPLITS = 1000
# Covariates, treatment and mediator of one half, a seed and what units weigh -> effects at covariates.
Learner = Callable[[Array, Mask, Array, int, SampledUnits], EffectFunction]


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
    level : float
        Of the intervals in tables.
    groups : tuple of EffectGroup
        All units, the tested group, fifths by predicted effect, and subgroups by single covariates.
    data : DataFacts or None
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
    level: float = 0.95
    groups: tuple[EffectGroup, ...] = field(default=(), repr=False)
    data: DataFacts | None = field(default=None, repr=False)

    @property
    def contrary(self) -> float:
        """The share of estimated effects on the other side of zero: noise puts some there too, so it is no test."""
        return float(np.mean(self.effects > 0 if self.decreasing else self.effects < 0))

    def text(self, unicode: bool = True) -> str:
        """What was found, and what it means."""
        from boundgen.companions.response_report import response_text

        return response_text(self, unicode)

    def json(self) -> dict[str, Any]:
        """Everything, with the estimated effect of each unit: the schema ``boundgen.response/1``."""
        from boundgen.companions.response_report import response_json

        return response_json(self)

    def rows(self) -> list[dict[str, Any]]:
        """One row for each group: all units, the tested one, fifths, subgroups."""
        from boundgen.companions.response_report import response_rows

        return response_rows(self)

    def latex(self) -> str:
        """The groups as a LaTeX table (booktabs)."""
        from boundgen.companions.response_report import response_latex

        return response_latex(self)

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
    weights: str | None = None,
    cluster: str | None = None,
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
    weights, cluster : str, optional
        Names of columns: how much units weigh, and which of them belong together. Clusters are held out whole.
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
    if not covariates:
        raise DataError("there are no covariates", remedy="Name columns from before the treatment.")
    data = columns_of(columns, {"A": treatment, "M": mediator, "X": covariates, "C": cluster}, weights)
    settings = ResponseSettings(learner, decreasing, share, splits, seed)
    return response_test(data, settings)


@dataclass(frozen=True)
class ResponseSettings:
    """What the check is told beside the data; as for `mediator_response`.

    Parameters
    ----------
    learner : {"tree", "forest"}
    decreasing : bool
    share : float
    splits, seed : int
    level : float
        Of the intervals in tables.
    """

    learner: str = "tree"
    decreasing: bool = False
    share: float = 0.2
    splits: int = 20
    seed: int = 1
    level: float = 0.95

    def check(self) -> None:
        """Refuse what is out of range.

        Raises
        ------
        DataError
        """
        if not 0.02 <= self.share <= 0.5 or not 1 <= self.splits <= MOST_SPLITS:
            raise DataError(
                f"a group of {self.share:g} in {self.splits} splits",
                remedy=f"A share from 0.02 to 0.5; from one split to {MOST_SPLITS}.",
            )
        if not 0 < self.level < 1:
            raise DataError(f"the level {self.level:g} is not between 0 and 1", remedy="0.95 is usual.")
        if self.seed < 0:
            raise DataError(f"the seed {self.seed} is negative", remedy="Give zero or a positive integer.")


def response_test(data: Columns, settings: ResponseSettings) -> ResponseTest:
    """The check at columns that play the parts A, M and X.

    Units are put in an order that does not depend on that of the rows.

    Returns
    -------
    ResponseTest

    Raises
    ------
    DataError
        As for `mediator_response`.
    """
    settings.check()
    learn = _learner(settings.learner)
    if not data.has("X"):
        raise DataError("there are no covariates", remedy="Name columns from before the treatment: --covariates.")
    check_binary(data.one("A"), "A", "treatment")
    sign = -1 if settings.decreasing else 1
    keys = [*([] if data.weights is None else [data.weights]), *(each.codes for each in data.labels.values())]
    order = np.lexsort((*keys, data.one("M"), data.one("A"), *data.matrix("X").T))
    clusters = data.labels["C"].codes if "C" in data.labels else None
    pieces = SampledUnits(data.weights, clusters).at(order)
    x, treated, outcome = data.matrix("X")[order], data.one("A")[order] == 1, sign * data.one("M")[order]
    held_out = _held_out(x, treated, outcome, pieces, learn, settings)
    effects = np.empty(data.size)
    effects[order] = sign * held_out.effects
    average, error = difference(outcome, treated, pieces)
    size, lowest, lowest_error = (float(median) for median in np.median(held_out.groups, axis=0))
    p_value = min(1.0, 2 * float(np.median([contrary_p_value(*group[1:]) for group in held_out.groups])))
    extreme = "highest" if settings.decreasing else "lowest"
    groups = (
        EffectGroup("all", "all units", data.size, sign * average, error, contrary_p_value(average, error)),
        EffectGroup(
            "tested", f"{extreme} {settings.share:.0%}, held out", ceil(size), sign * lowest, lowest_error, p_value
        ),
        *groups_of_fifths(held_out.fifths, 2 * settings.splits, sign),
        *covariate_groups(data.names["X"], x, treated, outcome, sign, pieces),
    )
    return ResponseTest(
        n=data.size,
        learner=settings.learner,
        splits=settings.splits,
        share=settings.share,
        average=sign * average,
        average_error=error,
        lowest=sign * lowest,
        lowest_error=lowest_error,
        p_value=p_value,
        effects=effects,
        intervals_contrary=(
            _intervals_contrary(x, treated, outcome, settings.seed, pieces.weights)
            if settings.learner == "forest"
            else None
        ),
        decreasing=settings.decreasing,
        level=settings.level,
        groups=groups,
        data=facts_of(data),
    )


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """What learners of one half say of the other.

    Parameters
    ----------
    effects : array of shape (n,)
        The mean of what is predicted for each unit.
    groups : list of (units, effect, error)
        Of the groups whose predicted effects are lowest, in held-out halves where they are large enough.
    fifths : list of Fifth
    """

    effects: Array
    groups: list[tuple[int, float, float]]
    fifths: list[Fifth]


def _held_out(
    x: Array, treated: Mask, outcome: Array, pieces: SampledUnits, learn: Learner, settings: ResponseSettings
) -> _HeldOut:
    sums, times = np.zeros(len(x)), np.zeros(len(x))
    groups, all_fifths = [], list[Fifth]()
    for number, (first, second) in enumerate(halves(treated, settings.splits, settings.seed, pieces.clusters)):
        seed = settings.seed + number
        predicted = learn(x[first], treated[first], outcome[first], seed, pieces.at(first))(x[second])
        sums[second] += predicted
        times[second] += 1
        chosen = second[predicted <= np.quantile(predicted, settings.share)]
        if is_large_enough(treated[chosen], pieces.at(chosen)):
            groups.append((len(chosen), *difference(outcome[chosen], treated[chosen], pieces.at(chosen))))
        all_fifths += fifths(predicted, treated[second], outcome[second], pieces.at(second))
    if len(groups) <= settings.splits:
        few = f"{MIN_UNITS_PER_ARM} units"
        if pieces.clusters is not None:
            few += f" or {MIN_CLUSTERS_PER_ARM} clusters of equal size"
        raise DataError(
            f"the groups to be tested have fewer than {few} in an arm",
            remedy="Test a larger share of the units; the sample may be too small for this check.",
        )
    return _HeldOut(sums / times, groups, all_fifths)


def _tree(x: Array, treated: Mask, outcome: Array, seed: int, pieces: SampledUnits) -> EffectFunction:
    return causal_tree(x, treated, outcome, seed, pieces=pieces)


LEARNER_FUNCTIONS: Mapping[str, Learner] = {"tree": _tree, "forest": causal_forest}


def _learner(name: str) -> Learner:
    if name not in LEARNER_FUNCTIONS:
        raise DataError(f"there is no learner {quoted(name)}", remedy=f"learners: {', '.join(LEARNER_FUNCTIONS)}")
    if name == "forest":
        forest_library()
    return LEARNER_FUNCTIONS[name]


def _intervals_contrary(x: Array, treated: Mask, outcome: Array, seed: int, weights: Array | None) -> float:
    """The share of pointwise 95% intervals wholly below zero, of a forest of all units, 2000 trees as in the paper."""
    _, high = forest_of(x, treated, outcome, seed, 2000, weights).predict_interval(x, alpha=0.05)
    return float(np.mean(np.asarray(high).ravel() < 0))
