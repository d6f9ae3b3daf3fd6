"""Small's sensitivity analysis (2011, section 6): effects that differ with the covariates of the instruments.

Two-stage least squares is linear in the outcome, so that the estimates at each (τ_R, τ_M) are combinations of a few
fits, and their variances are quadratic forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from boundgen.companions.regression.covariance import cluster_sums
from boundgen.companions.regression.design import Design, projection
from boundgen.companions.regression.two_stage import Fit
from boundgen.data.columns import Labels
from boundgen.exact.arrays import Array

Modification = tuple[float, ...]
GRID_STEPS = 11


@dataclass(frozen=True)
class Shifted:
    """Estimates where effects differ with covariates as stated.

    Parameters
    ----------
    tau_r, tau_m : tuple of float
        By how much a unit of each covariate raises the direct effect, and the effect of the mediator.
    direct, mediator : float
        At the mean of the covariates: the average effects.
    direct_error, mediator_error : float
    """

    tau_r: Modification
    tau_m: Modification
    direct: float
    direct_error: float
    mediator: float
    mediator_error: float


@dataclass(frozen=True, eq=False)
class TauSensitivity:
    """What is needed at every (τ_R, τ_M).

    Parameters
    ----------
    slopes : array of shape (2, 1 + 2p)
        The coefficients of R and of M where the outcome is Y, R (X − E X) of each covariate, and M (X − E X).
    variances : array of shape (2, 1 + 2p, 1 + 2p)
        Quadratic forms in the combinations of these outcomes.
    covariates : int
        p.
    """

    slopes: Array
    variances: Array
    covariates: int

    def at(self, tau_r: Sequence[float], tau_m: Sequence[float]) -> Shifted:
        """The estimates at one (τ_R, τ_M): two-stage least squares of Y − R τ_R'(X − E X) − M τ_M'(X − E X)."""
        mix = np.array([1.0, *(-t for t in tau_r), *(-t for t in tau_m)])
        values = self.slopes @ mix
        errors = [sqrt(max(0.0, float(mix @ form @ mix))) for form in self.variances]
        return Shifted(tuple(tau_r), tuple(tau_m), float(values[0]), errors[0], float(values[1]), errors[1])


def sensitivity(
    design: Design, fit: Fit, treatment: Array, centred: Array, at: tuple[int, int], clusters: Labels | None
) -> TauSensitivity:
    """Prepare a design for shifts of its outcome.

    Parameters
    ----------
    design : Design
        With one mediator, rows multiplied by the square roots of weights. The mediator may be centred: covariates are
        regressors, so that this does not change the slopes.
    fit : Fit
        Its fit: the type of covariance is that of it.
    treatment : array of shape (n,)
        R, without weights.
    centred : array of shape (n, p)
        X − E X, without weights.
    at : (int, int)
        Where R and M stand among the regressors.
    clusters : Labels or None
    """
    mediator = design.endogenous[:, 0]
    root = design.exogenous[:, [0]]
    outcomes = np.column_stack([design.outcome, treatment[:, None] * centred * root, mediator[:, None] * centred])
    size = np.linalg.norm(design.regressors, axis=0)
    regressors = design.regressors / size
    fitted = projection(design.every_instrument, regressors)
    bread = np.linalg.inv(fitted.T @ fitted)
    coefficients = bread @ fitted.T @ outcomes
    residuals = outcomes - regressors @ coefficients
    forms = [_form(residuals, fitted @ bread[:, j], bread[j, j], fit, clusters) / size[j] ** 2 for j in at]
    return TauSensitivity((coefficients / size[:, None])[list(at)], np.array(forms), centred.shape[1])


def _form(residuals: Array, weights: Array, bread: float, fit: Fit, clusters: Labels | None) -> Array:
    """The variance of one coefficient as a quadratic form in combinations of outcomes."""
    if fit.cov_type == "unadjusted":
        return np.asarray(residuals.T @ residuals * bread / fit.df)
    sums = cluster_sums(residuals * weights[:, None], clusters)
    return np.asarray(fit.scale * sums.T @ sums)


# ---------------------------------------------------------------- grids
def default_steps(outcome: Array, mediator: Array, covariates: Array) -> tuple[Modification, Modification]:
    """A tenth of the outcome's standard deviation for a standard deviation of each covariate (and of the mediator).

    To two digits, so that the table prints what was used.
    """
    spread, of_mediator = float(outcome.std()), float(mediator.std())
    of_covariates = covariates.std(axis=0)
    return (
        tuple(_short(0.1 * spread / each) for each in of_covariates),
        tuple(_short(0.1 * spread / (each * of_mediator)) for each in of_covariates),
    )


def _short(value: float) -> float:
    return float(f"{value:.2g}")


def corners(steps: Modification) -> list[Modification]:
    """None of the covariates changes the effect, then one after the other does; for one or two, all combinations."""
    count = len(steps)
    if count <= 2:
        chosen = [tuple(code >> (count - 1 - j) & 1 for j in range(count)) for code in range(2**count)]
    else:
        chosen = [(0,) * count, *(tuple(int(i == j) for i in range(count)) for j in range(count))]
    return [tuple(step * on for step, on in zip(steps, each, strict=True)) for each in chosen]


def surface(shifts: TauSensitivity, steps: tuple[Modification, Modification], covariate: int) -> list[Shifted]:
    """Estimates over a square grid of both τ of one covariate, from minus to plus two steps."""
    axes = [np.linspace(-2 * step[covariate], 2 * step[covariate], GRID_STEPS) for step in steps]
    one = np.eye(shifts.covariates)[covariate]
    return [shifts.at((r * one).tolist(), (m * one).tolist()) for m in axes[1] for r in axes[0]]
