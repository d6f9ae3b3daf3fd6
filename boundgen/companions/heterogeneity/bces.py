"""BCES: the least-squares slope with the errors taken out (Fu 2023, (23); Akritas & Bershady 1996).

Equation (23) takes the variance of the errors of gamma-hat out of the denominator. Where both estimates come from the
same units their errors go along, and Akritas and Bershady take their covariance out of the numerator; (23) has dropped
it. Both are here: a covariance of zero is (23).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from boundgen.companions.result import ConfidenceSet
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

Form = Literal["akritas-bershady", "printed"]


@dataclass(frozen=True)
class Line:
    """A slope with its intercept and standard error."""

    slope: float
    intercept: float
    error: float


def bces(gamma: Array, tau: Array, sd_u: Array, cov: Array | None = None, form: Form = "akritas-bershady") -> Line:
    """The BCES slope of effects on the outcome on effects on the mediator.

    Parameters
    ----------
    gamma, tau, sd_u : arrays of shape (groups,)
    cov : array of shape (groups,), optional
        Covariances of the errors of both; zero without.
    form : {"akritas-bershady", "printed"}
        Of the variance. Equation (24) as printed has the mean of γ̂ where Akritas and Bershady have γ̂ₖ, so that it
        holds the whole scatter of τ̂ and not that about the line: it is too large unless β is near zero.

    Raises
    ------
    DataError
        If the denominator is not positive, with the figures.
    """
    slopes, errors = bces_rows(gamma[None], tau[None], sd_u[None], np.zeros((1, 1)) if cov is None else cov[None], form)
    if not np.isfinite(slopes[0]):
        raise DataError(f"BCES has no estimate: {refusal_text(gamma, tau, sd_u, cov)}", remedy="Use OLS or SIMEX.")
    slope = float(slopes[0])
    return Line(slope, float(tau.mean() - slope * gamma.mean()), float(errors[0]))


def bces_rows(
    gamma: Array, tau: Array, sd_u: Array, cov: Array, form: Form = "akritas-bershady"
) -> tuple[Array, Array]:
    """Slopes and errors of many samples, one in each row; NaN where the denominator is not positive."""
    centred = gamma - gamma.mean(axis=1, keepdims=True)
    noise = sd_u**2
    denominator = (centred**2).sum(axis=1) - noise.sum(axis=1)
    denominator = np.where(denominator > 0, denominator, np.nan)
    slope = (centred * tau - cov).sum(axis=1) / denominator
    residual = tau - tau.mean(axis=1, keepdims=True)
    if form == "akritas-bershady":
        residual = residual - slope[:, None] * centred
    groups = gamma.shape[1]
    # (24) divides by the mean, not the sum; it is the variance of √K (β̂ - β), so β̂ has a K-th of it.
    parts = (centred * residual - cov + slope[:, None] * noise) / (denominator / groups)[:, None]
    return slope, parts.std(axis=1) / sqrt(groups)


def refusal_text(gamma: Array, tau: Array, sd_u: Array, cov: Array | None = None) -> str:
    """The figures that make the denominator of equation (23), and the slope that it would give."""
    centred = gamma - gamma.mean()
    scatter, noise = float((centred**2).sum()), float((sd_u**2).sum())
    below = scatter - noise
    above = float((centred * tau).sum()) - (0.0 if cov is None else float(cov.sum()))
    would = f"; (23) would give {above / below:.4g}" if below else ""
    return (
        f"the sum of squares of gamma-hat about its mean is {scatter:.4g} and that of its standard errors {noise:.4g}, "
        f"so the denominator of (23) is {below:.4g}, which is not positive{would}"
    )


@dataclass(frozen=True)
class Resampled:
    """A pairs bootstrap percentile-t interval, and the p-value of β = 0 by the restricted wild bootstrap."""

    interval: ConfidenceSet | None
    p_wild: float
    lost: int


def resample(
    gamma: Array, tau: Array, sd_u: Array, level: float, seed: int, draws: int, cov: Array | None = None
) -> Resampled:
    """Both bootstraps of the BCES t-ratio; groups must come in an order that does not depend on that of the rows.

    The wild bootstrap holds γ̂ fixed and imposes β = 0. It gives no interval: at other slopes the residuals hold the
    errors of γ̂, so that the restriction would not be the null hypothesis.

    Parameters
    ----------
    gamma, tau, sd_u : arrays of shape (groups,)
    level : float
        Of the interval.
    seed, draws : int
        The same seed draws the pairs first, then the signs.
    cov : array of shape (groups,), optional
        Covariances of the errors of both; zero without.
    """
    line, groups = bces(gamma, tau, sd_u, cov), len(gamma)
    both = np.zeros(groups) if cov is None else cov
    chance = np.random.default_rng(seed)
    rows = chance.integers(groups, size=(draws, groups))
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes, errors = bces_rows(gamma[rows], tau[rows], sd_u[rows], both[rows])
        ratios = (slopes - line.slope) / errors
    ratios = ratios[np.isfinite(ratios)]
    interval = None
    if len(ratios) >= 0.9 * draws:
        low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
        ends = (line.slope - float(high) * line.error, line.slope - float(low) * line.error)
        interval = ConfidenceSet("pairs bootstrap percentile-t", (ends,))
    signs = chance.choice([-1.0, 1.0], size=(draws, groups))
    wild = tau.mean() + (tau - tau.mean()) * signs
    # The signs flip what the errors have in common with the residuals, so they flip the covariance.
    slopes, errors = bces_rows(
        np.broadcast_to(gamma, wild.shape), wild, np.broadcast_to(sd_u, wild.shape), both * signs
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        # Ties (all signs alike) count, but for rounding.
        beyond = np.abs(slopes / errors) >= abs(line.slope / line.error) * (1 - 1e-9)
    return Resampled(interval, (1 + int(beyond.sum())) / (draws + 1), draws - len(ratios))
