"""Sequential ignorability: natural effects by the mediation formula (Imai, Keele & Yamamoto 2010)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np

from boundgen.companions import adjustment
from boundgen.companions.checks import check_binary
from boundgen.companions.facts import facts_of
from boundgen.companions.intervals import (
    Bootstrap,
    Groups,
    bootstrap,
    check_draws,
    check_level,
    groups_of,
    normal_interval,
)
from boundgen.companions.natural_effects import CONTRASTS, EFFECTS, with_total
from boundgen.companions.proportion import proportion_table
from boundgen.companions.result import CompanionAssumption, CompanionEstimate, CompanionResult, Diagnostic, ResultTable
from boundgen.companions.sharp_bounds import NOT_ASKED, natural_effect_bounds, sharp_warnings
from boundgen.data.columns import Columns, NamedColumns, columns_of
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

MOST_MEDIATOR_LEVELS = 20
# Below this a cell's mean is hardly normal.
FEW_UNITS_PER_CELL = 10
VARIANCE_ROUNDING = 1e-12
ASSUMPTIONS = (
    CompanionAssumption("1 (4)", "ignorability of the treatment", "{Y(a′, m), M(a)} ⊥ A: the treatment is randomized."),
    CompanionAssumption(
        "1 (5)",
        "ignorability of the mediator",
        "Y(a′, m) ⊥ M(a) given A = a: within an arm the mediator is as if randomized. "
        "No measured or unmeasured cause affects both mediator and outcome. No data can test this; the sharp bounds "
        "do without it.",
    ),
    CompanionAssumption(
        "1", "positivity", "Both treatments, and in both arms every level of the mediator, have units."
    ),
    CompanionAssumption(
        "", "consistency", "A unit's mediator and outcome are those of its own treatment, and of nobody else's."
    ),
)


@dataclass(frozen=True, eq=False)
class Cells:
    """Sums over the units of each arm and level of the mediator; arrays end in shape (2, levels).

    Parameters
    ----------
    total, outcome : arrays
        Sums of weights, and of weights times the outcome.
    """

    total: Array
    outcome: Array

    def means(self) -> Array:
        """E[Y | A=a, M=m]."""
        return self.outcome / self.total

    def shares(self) -> Array:
        """P(M=m | A=a)."""
        found: Array = self.total / self.total.sum(axis=-1, keepdims=True)
        return found

    def four_means(self) -> Array:
        """E[Y(0,M(0))], E[Y(1,M(1))], E[Y(0,M(1))], E[Y(1,M(0))] by the mediation formula (Theorem 1)."""
        means, shares = self.means(), self.shares()
        products = [(means[..., a, :] * shares[..., b, :]).sum(axis=-1) for a, b in ((0, 0), (1, 1), (0, 1), (1, 0))]
        return np.stack(products, axis=-1)


def ignorability(
    columns: NamedColumns,
    *,
    treatment: str = "A",
    mediator: str = "M",
    outcome: str = "Y",
    covariates: Sequence[str] = (),
    weights: Any = None,
    level: float = 0.95,
    seed: int = 1,
    draws: int = 1000,
    folds: int = 5,
    bounds: bool = True,
) -> CompanionResult:
    """Natural direct and indirect effects under sequential ignorability, by the mediation formula.

    Parameters
    ----------
    columns : mapping of str to sequences of shape (n,), or data frame
    treatment, mediator, outcome : str
        Names of columns: the treatment is 0 or 1 and randomized; each value of the mediator is a level.
    covariates : sequence of str
        Columns given which treatment and mediator are as if randomized. With them the estimates are doubly robust
        (Tchetgen Tchetgen & Shpitser 2012) and the bounds, where the covariates are discrete, means over their strata.
    weights : str or sequence of shape (n,), optional
        Positive weights of units.
    level : float
        Of the intervals: by the delta method (their equation for the variance of δ, with sample variances within
        cells), and percentiles of a bootstrap over units.
    seed, draws : int
        Of the bootstrap; no draws, no bootstrap. With covariates there is none, and the seed is of the folds.
    folds : int
        Of cross-fitting, with covariates: regressions are learned from the units of all other folds; 1 for none.
    bounds : bool
        Whether to compute the sharp bounds; simulations do without them.

    Returns
    -------
    CompanionResult
        Estimates ``delta0``, ``delta1``, ``zeta0``, ``zeta1``, ``total``; sharp bounds under randomization and under
        monotonic mediator response, where mediator and outcome are discrete; and a table ``proportion_mediated``
        of δ(0) and δ(1) over the total effect, with Fieller's sets and the same bounds. With covariates a table
        ``regression`` has the effects by the mediation formula given them, from regressions alone.

    Raises
    ------
    DataError
        A treatment that is not 0 and 1, more than 20 levels of the mediator, a level that only one arm has.

    Notes
    -----
    Imai, Keele & Yamamoto (2010), Identification, inference and sensitivity analysis for causal mediation effects,
    Statistical Science 25, 51-71: Assumption 1, Theorem 1, and the nonparametric estimator of Section 4.

    >>> sample = {"A": [0, 0, 0, 0, 1, 1, 1, 1], "M": [0, 0, 1, 1, 0, 1, 1, 1], "Y": [0, 1, 1, 3, 0, 2, 2, 4]}
    >>> found = ignorability(sample, draws=0)
    >>> found.estimate("delta0").value  # (1/4 - 1/2) 0.5 + (3/4 - 1/2) 2
    0.375
    """
    data = columns_of(columns, {"A": treatment, "M": mediator, "Y": outcome, "X": covariates}, weights)
    return from_columns(data, level=level, seed=seed, draws=draws, folds=folds, bounds=bounds)


def from_columns(
    data: Columns, *, level: float = 0.95, seed: int = 1, draws: int = 1000, folds: int = 5, bounds: bool = True
) -> CompanionResult:
    """The method at a sample: parts A, M, Y, and perhaps covariates X and W."""
    check_level(level)
    check_draws(draws, seed)
    a, m, y, w = data.one("A"), data.one("M"), data.one("Y"), data.weights
    check_binary(a, "A", "treatment")
    levels = np.unique(m)
    _check_levels(a, m, levels)
    if data.has("X") or data.has("W"):
        return adjustment.from_columns(data, level=level, seed=seed, folds=folds, bounds=bounds)
    groups = groups_of((a, np.searchsorted(levels, m).astype(np.float64), y), w)
    resamples = bootstrap(groups, lambda found: _effects(_cells(groups, found, len(levels))), draws, seed)
    covariance = _covariance(groups, len(levels))
    estimates = _estimates(groups, len(levels), covariance, resamples, level)
    sharp_bounds, reason = natural_effect_bounds(a, m, y, w) if bounds else ((), NOT_ASKED)
    proportions = proportion_table(estimates, with_total(covariance), sharp_bounds, level)
    return CompanionResult(
        method="ignorability",
        title="the mediation formula under sequential ignorability",
        source="Imai, Keele & Yamamoto (2010), Statistical Science 25, 51-71, Assumption 1 and Theorem 1",
        data=facts_of(data),
        estimates=estimates,
        assumptions=ASSUMPTIONS,
        diagnostics=_diagnostics(groups, len(levels), covariance),
        warnings=(
            *_warnings(groups, levels, covariance),
            *resamples.warnings(),
            *sharp_warnings(estimates, sharp_bounds),
        ),
        tables=(*filter(None, [proportions]), _cells_table(groups, levels)),
        bounds=sharp_bounds,
        no_bounds=reason,
        options=(("level", level), ("draws", draws), ("seed", seed)),
    )


# ---------------------------------------------------------------- estimates
def _cells(groups: Groups, totals: Array, levels: int) -> Cells:
    """Sums within cells, for one weighting of the groups or for many."""
    arm, code, outcome = groups.columns
    place = np.zeros((len(arm), 2 * levels))
    place[np.arange(len(arm)), (arm * levels + code).astype(int)] = 1
    shape = (*totals.shape[:-1], 2, levels)
    return Cells((totals @ place).reshape(shape), ((totals * outcome) @ place).reshape(shape))


def _effects(cells: Cells) -> Array:
    return cells.four_means() @ CONTRASTS.T


def _covariance(groups: Groups, levels: int) -> Array | None:
    """The covariance of the four means by the delta method; None where a cell has a single unit.

    With equal weights the variances of δ are those of Imai, Keele & Yamamoto (2010, Section 4), in which the variances
    of the outcome have n - 1 in the denominator. With weights they are the sandwich with the same corrections.
    """
    arm, code = (column.astype(int) for column in groups.columns[:2])
    outcome = groups.columns[2]
    units = _cells(groups, groups.counts, levels).total
    if (units < 2).any():
        return None
    cells = _cells(groups, groups.totals, levels)
    means, shares = cells.means(), cells.shares()
    inside = outcome - means[arm, code]
    unbiased = units / (units - 1)
    of_cells = _squares(groups, inside**2, levels) / cells.total**2 * unbiased
    size, weight = units.sum(axis=1), cells.total.sum(axis=1)
    own = (means * shares).sum(axis=1)
    crossed = np.array([means[0] @ shares[1], means[1] @ shares[0]])
    found = np.zeros((4, 4))
    for a in (0, 1):
        b = 1 - a
        mean, cross = a, 2 + a
        here, there = arm == a, arm == b
        # Ȳ_a, and Σ_m μ_am P(M=m | A=b), whose shares are of the other arm.
        spread = groups.squares @ (here * (outcome - own[a]) ** 2) / weight[a] ** 2
        found[mean, mean] = spread * size[a] / (size[a] - 1)
        moved = means[a][code] - crossed[a]
        found[cross, cross] = shares[b] ** 2 @ of_cells[a] + groups.squares @ (there * moved**2) / weight[b] ** 2
        with_mean = _squares(groups, inside * (outcome - own[a]), levels)[a] / (cells.total[a] * weight[a])
        found[mean, cross] = shares[b] @ (with_mean * unbiased[a])
        found[1 - mean, cross] = groups.squares @ (there * moved * (outcome - own[b])) / weight[b] ** 2
    return np.triu(found) + np.triu(found, 1).T


def _squares(groups: Groups, values: Array, levels: int) -> Array:
    """Sums of squared weights times values within cells."""
    return _cells(replace(groups, columns=(*groups.columns[:2], values)), groups.squares, levels).outcome


def _estimates(
    groups: Groups, levels: int, covariance: Array | None, resamples: Bootstrap, level: float
) -> tuple[CompanionEstimate, ...]:
    values = _effects(_cells(groups, groups.totals, levels))
    found = []
    for i, (name, (symbol, words)) in enumerate(EFFECTS.items()):
        error = _error(covariance, CONTRASTS[i])
        low, high = normal_interval(float(values[i]), error, level)
        others = resamples.percentiles(i, level)
        found.append(CompanionEstimate(name, symbol, float(values[i]), error, low, high, words, "delta method", others))
    return tuple(found)


def _error(covariance: Array | None, contrast: Array) -> float | None:
    """A standard error; None where the variance is not known, or estimated below zero.

    Sample variances (n - 1) in small cells can make the paper's estimate of a small variance negative.
    """
    if covariance is None:
        return None
    variance = float(contrast @ covariance @ contrast)
    scale = float(np.abs(contrast) @ np.abs(covariance) @ np.abs(contrast))
    return sqrt(max(0.0, variance)) if variance >= -VARIANCE_ROUNDING * scale else None


# ---------------------------------------------------------------- what is refused, what is said
def _check_levels(a: Array, m: Array, levels: Array) -> None:
    if len(levels) > MOST_MEDIATOR_LEVELS:
        raise DataError(
            f"the mediator has {len(levels)} values, and the mediation formula needs a discrete one",
            remedy="Cut it: --dichotomize M=median, or 'M>NUMBER'. Effects are then those through the cut mediator.",
        )
    for value in levels:
        for arm in (0, 1):
            if not ((a == arm) & (m == value)).any():
                raise DataError(
                    f"no unit with treatment {arm} has the mediator {value:g}, so its mean outcome there is not known",
                    remedy="Coarsen the mediator, --dichotomize M=median, or leave the level out, --where.",
                )


def _diagnostics(groups: Groups, levels: int, covariance: Array | None) -> tuple[Diagnostic, ...]:
    units = _cells(groups, groups.counts, levels).total
    fewest = int(units.min())
    found = [
        Diagnostic(
            "smallest cell",
            fewest,
            "units with the same treatment and mediator (positivity)",
            warning=fewest < FEW_UNITS_PER_CELL,
        )
    ]
    error = _error(covariance, CONTRASTS[1] - CONTRASTS[0])
    if error is not None:
        values = _effects(_cells(groups, groups.totals, levels))
        difference = float(values[1] - values[0])
        p_value = 2 * NormalDist().cdf(-abs(difference) / error) if error else float(difference == 0)
        words = "p-value of δ(1) = δ(0): not assumed; where it fails there is more than one effect through the mediator"
        found.append(Diagnostic("no interaction", p_value, words))
    return tuple(found)


def _warnings(groups: Groups, levels: Array, covariance: Array | None) -> tuple[str, ...]:
    if covariance is None:
        return ("A cell has a single unit, so there are no standard errors by the delta method.",)
    found = []
    units = _cells(groups, groups.counts, len(levels)).total
    few = [(a, i) for a in (0, 1) for i in range(len(levels)) if units[a, i] < FEW_UNITS_PER_CELL]
    if few:
        shown = ", ".join(f"A={a}, M={levels[i]:g}: {units[a, i]:.0f}" for a, i in few)
        found.append(f"Cells with fewer than {FEW_UNITS_PER_CELL} units ({shown}): their means are not about normal.")
    without = [
        EFFECTS[name][0] for name, row in zip(EFFECTS, CONTRASTS, strict=True) if _error(covariance, row) is None
    ]
    if without:
        found.append(f"The variance of {', '.join(without)} is estimated below zero, so there is no standard error.")
    return tuple(found)


def _cells_table(groups: Groups, levels: Array) -> ResultTable:
    units = _cells(groups, groups.counts, len(levels)).total
    cells = _cells(groups, groups.totals, len(levels))
    means, shares = cells.means(), cells.shares()
    rows = tuple(
        (a, float(value), int(units[a, i]), float(shares[a, i]), float(means[a, i]))
        for a in (0, 1)
        for i, value in enumerate(levels)
    )
    columns = ("treatment", "mediator", "units", "share of arm", "mean outcome")
    return ResultTable("cells", "What the mediation formula is made of", columns, rows)
