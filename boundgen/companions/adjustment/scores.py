"""Means of potential outcomes given covariates, E[Y(a, M(b))]: nuisances, the mediation formula, influence functions.

Tchetgen Tchetgen & Shpitser (2012), Semiparametric theory for causal mediation analysis, Annals of Statistics 40,
1816-1845: Theorem 1 has the efficient influence function of E[Y(a, M(b))], Theorem 2 the estimator that solves it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boundgen.companions.adjustment.learners import Learned, least_squares, logit
from boundgen.data.columns import Codes
from boundgen.exact.arrays import Array

# E[Y(0,M(0))], E[Y(1,M(1))], E[Y(0,M(1))], E[Y(1,M(0))]: the arm of the outcome, and that of the mediator.
PAIRS = ((0, 0), (1, 1), (0, 1), (1, 0))
# Probabilities are divided by this at least.
SMALLEST_SHARE = 0.01
# With fewer units for each coefficient in some cell, slopes of covariates are those of the arm, not of the cell.
UNITS_PER_COEFFICIENT = 10


@dataclass(frozen=True, eq=False)
class AdjustedStudy:
    """A sample with covariates, arrays of shape (n,).

    Parameters
    ----------
    arm : array
        0 or 1.
    level : array
        The mediator, as the number of its level.
    levels : int
    outcome : array
    covariates : array of shape (n, 1 + how many)
        A column of ones first; the others have a mean of zero and a variance of one.
    weights : array
        With a sum of one.
    """

    arm: Codes
    level: Codes
    levels: int
    outcome: Array
    covariates: Array
    weights: Array

    def at(self, units: Codes) -> AdjustedStudy:
        """These units."""
        return AdjustedStudy(
            self.arm[units],
            self.level[units],
            self.levels,
            self.outcome[units],
            self.covariates[units],
            self.weights[units],
        )

    @property
    def cells(self) -> Codes:
        """The cell of each unit: its arm and level."""
        return self.arm * self.levels + self.level

    @property
    def binary(self) -> bool:
        """Whether the outcome is 0 or 1, so that its mean is a probability."""
        return bool(np.isin(self.outcome, (0.0, 1.0)).all())

    @property
    def interacted(self) -> bool:
        """Whether each cell has units enough for slopes of its own."""
        fewest = np.bincount(self.cells, minlength=2 * self.levels).min()
        return bool(fewest >= UNITS_PER_COEFFICIENT * self.covariates.shape[1])

    def regressors(self, level: Codes | int, interacted: bool) -> Array:
        """Of the outcome within an arm: a constant for each level of the mediator, and covariates, by level or not."""
        of_level = (np.broadcast_to(level, self.arm.shape)[:, None] == np.arange(self.levels)).astype(np.float64)
        if interacted:
            products = of_level[:, :, None] * self.covariates[:, None, :]
            found: Array = products.reshape(len(self.arm), -1)
            return found
        return np.column_stack([of_level, self.covariates[:, 1:]])


@dataclass(frozen=True, eq=False)
class Nuisances:
    """Regressions of a sample.

    Parameters
    ----------
    treatment : Learned
        f(A | X).
    mediator : (Learned, Learned)
        f(M | A=a, X).
    outcome : (Learned, Learned)
        E[Y | A=a, M, X].
    interacted : bool
        Whether slopes of covariates differ between levels of the mediator.
    """

    treatment: Learned
    mediator: tuple[Learned, Learned]
    outcome: tuple[Learned, Learned]
    interacted: bool


@dataclass(frozen=True, eq=False)
class Fitted:
    """What regressions say of units.

    Parameters
    ----------
    treated : array of shape (n, 2)
        f(a | X).
    mediator : array of shape (n, 2, levels)
        f(m | a, X).
    outcome : array of shape (n, 2, levels)
        E[Y | a, m, X].
    """

    treated: Array
    mediator: Array
    outcome: Array

    def mixture(self, a: int, b: int) -> Array:
        """η(a, b, X) = Σ_m E[Y | a, m, X] f(m | b, X): the mediation formula given X."""
        found: Array = (self.outcome[:, a] * self.mediator[:, b]).sum(axis=1)
        return found


def learn(study: AdjustedStudy, binary: bool, interacted: bool) -> Nuisances:
    """Logit of the treatment and, in each arm, of the mediator; the outcome in each arm by least squares or a logit."""
    x, w = study.covariates, study.weights
    mediators, outcomes = [], []
    for a in (0, 1):
        here = study.at(np.flatnonzero(study.arm == a))
        mediators.append(logit(here.covariates, here.level, study.levels, here.weights))
        design = here.regressors(here.level, interacted)
        learned = (
            logit(design, here.outcome, 2, here.weights)
            if binary
            else least_squares(design, here.outcome, here.weights)
        )
        outcomes.append(learned)
    treatment = logit(x, study.arm, 2, w)
    return Nuisances(treatment, (mediators[0], mediators[1]), (outcomes[0], outcomes[1]), interacted)


def fitted(nuisances: Nuisances, study: AdjustedStudy) -> Fitted:
    """What the regressions say of these units, which may be others than they were fitted to."""
    x = study.covariates
    mediator = np.stack([each.shares(x) for each in nuisances.mediator], axis=1)
    designs = [study.regressors(level, nuisances.interacted) for level in range(study.levels)]
    outcome = np.stack(
        [np.column_stack([each.mean(design) for design in designs]) for each in nuisances.outcome], axis=1
    )
    return Fitted(nuisances.treatment.shares(x), mediator, outcome)


def influence_values(study: AdjustedStudy, said: Fitted) -> tuple[Array, int]:
    """The uncentred efficient influence function of each of the four means, shape (n, 4) (their Theorem 1).

    ``1{A=a} f(M|b,X) / (f(a|X) f(M|a,X)) (Y − E[Y|a,M,X]) + 1{A=b} / f(b|X) (E[Y|a,M,X] − η) + η``, where
    η = Σ_m E[Y|a,m,X] f(m|b,X).

    Returns
    -------
    values : array of shape (n, 4)
    few : int
        How many units would divide by less than `SMALLEST_SHARE`, and divide by that instead.
    """
    units = np.arange(len(study.arm))
    treated = np.maximum(said.treated, SMALLEST_SHARE)
    of_level = said.mediator[units, :, study.level]
    divisor = np.maximum(of_level, SMALLEST_SHARE)
    values = []
    for a, b in PAIRS:
        mean = said.outcome[units, a, study.level]
        mixture = said.mixture(a, b)
        ratio = np.ones(len(units)) if a == b else of_level[:, b] / divisor[:, a]
        residual = (study.arm == a) / treated[:, a] * ratio * (study.outcome - mean)
        values.append(residual + (study.arm == b) / treated[:, b] * (mean - mixture) + mixture)
    own = np.minimum(said.treated[units, study.arm], of_level[units, study.arm])
    return np.column_stack(values), int((own < SMALLEST_SHARE).sum())


def folds_of(study: AdjustedStudy, folds: int, seed: int) -> Codes:
    """A part of the sample for each unit, drawn within cells, so that no cell is without units in the others."""
    chance = np.random.default_rng(seed)
    found = np.empty(len(study.arm), dtype=np.int64)
    start = 0
    for cell in np.unique(study.cells):
        units = chance.permutation(np.flatnonzero(study.cells == cell))
        found[units] = (start + np.arange(len(units))) % folds
        start += len(units)
    return found


def crossfitted(study: AdjustedStudy, folds: int, seed: int) -> tuple[Array, Fitted, int]:
    """Influence values whose nuisances are learned from the other parts of the sample; with one fold from all of it.

    Returns
    -------
    values : array of shape (n, 4)
    said : Fitted
        What the regressions said of each unit.
    few : int
    """
    binary, interacted = study.binary, study.interacted
    if folds < 2:
        said = fitted(learn(study, binary, interacted), study)
        values, few = influence_values(study, said)
        return values, said, few
    parts = folds_of(study, folds, seed)
    n, levels = len(study.arm), study.levels
    said = Fitted(np.empty((n, 2)), np.empty((n, 2, levels)), np.empty((n, 2, levels)))
    for part in range(folds):
        inside = np.flatnonzero(parts == part)
        others = study.at(np.flatnonzero(parts != part))
        here = fitted(learn(others, binary, interacted), study.at(inside))
        said.treated[inside], said.mediator[inside], said.outcome[inside] = here.treated, here.mediator, here.outcome
    values, few = influence_values(study, said)
    return values, said, few


def by_regression(study: AdjustedStudy) -> tuple[Array, Array]:
    """The four means by the mediation formula given X, Σ over units of η, and what each unit adds to their errors.

    The errors are those of stacked estimating equations: the units' own covariates, and the coefficients of both
    regressions.

    Returns
    -------
    means : array of shape (4,)
    influences : array of shape (n, 4)
    """
    nuisances = learn(study, study.binary, study.interacted)
    said = fitted(nuisances, study)
    w, x = study.weights, study.covariates
    means, influences = [], []
    for a, b in PAIRS:
        mixture = said.mixture(a, b)
        mean = float(w @ mixture)
        moved = w * (mixture - mean)
        outcome, mediator = nuisances.outcome[a], nuisances.mediator[b]
        by_outcome = np.zeros(outcome.coefficients.size)
        for level in range(study.levels):
            design = study.regressors(level, nuisances.interacted)
            by_outcome += (w * said.mediator[:, b, level] * outcome.slope(design)) @ design
        design = study.regressors(study.level, nuisances.interacted)
        residual = (study.arm == a) * (study.outcome - said.outcome[np.arange(len(w)), a, study.level])
        moved = moved + outcome.influences(design, residual[:, None], w) @ by_outcome
        # The derivative by the log odds of level k: f(k) (E[Y|k] − η).
        tilts = said.mediator[:, b, 1:] * (said.outcome[:, a, 1:] - mixture[:, None])
        by_mediator = ((w[:, None] * tilts).T @ x).ravel()
        chosen = study.level[:, None] == np.arange(1, study.levels)
        residuals = (study.arm == b)[:, None] * (chosen - said.mediator[:, b, 1:])
        moved = moved + mediator.influences(x, residuals, w) @ by_mediator
        means.append(mean)
        influences.append(moved)
    return np.array(means), np.column_stack(influences)
