"""SIMEX: add more measurement error, see where the slope goes, and extrapolate to none (Cook & Stefanski 1994)."""

from __future__ import annotations

from math import sqrt

import numpy as np

from boundgen.companions.heterogeneity.bces import Line
from boundgen.exact.arrays import Array

NOISE_LEVELS = (0.0, 0.5, 1.0, 1.5, 2.0)
SIMULATIONS = 1000


def least_squares(gamma: Array, tau: Array) -> tuple[Array, Array]:
    """Slopes and their conventional variances, for each row of gamma, and of tau if that has rows too."""
    centred = gamma - gamma.mean(axis=-1, keepdims=True)
    squares = (centred**2).sum(axis=-1)
    slope = (centred * tau).sum(axis=-1) / squares
    residual = tau - tau.mean(axis=-1, keepdims=True) - slope[..., None] * centred
    return slope, (residual**2).sum(axis=-1) / (gamma.shape[-1] - 2) / squares


def simex(
    gamma: Array,
    tau: Array,
    sd_u: Array,
    seed: int = 1,
    simulations: int = SIMULATIONS,
    cov: Array | None = None,
) -> Line:
    """The slope by a quadratic through the levels of added error, extrapolated to -1.

    The variance is the extrapolated difference of the mean variance and the variance of slopes between simulations
    (Stefanski & Cook 1995). Its square root is NaN where that is not positive. Where errors of both effects go along,
    ``cov``, what is added to gamma is added to tau in proportion, so that the extrapolation takes that out as well.
    Groups must come in an order that does not depend on that of the rows.

    Parameters
    ----------
    gamma, tau, sd_u : arrays of shape (groups,)
    seed, simulations : int
    cov : array of shape (groups,), optional
        Covariances of the errors of both; zero without.
    """
    noise = np.random.default_rng(seed).standard_normal((simulations, len(gamma))) * sd_u
    along = np.zeros(len(gamma)) if cov is None else cov / sd_u**2
    slopes, variances = [], []
    for level in NOISE_LEVELS:
        found, variance = least_squares(gamma + sqrt(level) * noise, tau + sqrt(level) * along * noise)
        slopes.append(float(found.mean()))
        variances.append(float(variance.mean() - (found.var(ddof=1) if level else 0.0)))
    slope, variance_none = (float(np.polyval(np.polyfit(NOISE_LEVELS, each, 2), -1.0)) for each in (slopes, variances))
    error = sqrt(variance_none) if variance_none > 0 else float("nan")
    return Line(slope, float(tau.mean() - slope * gamma.mean()), error)
