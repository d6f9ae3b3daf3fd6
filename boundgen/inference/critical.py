"""Critical values: quantiles of the largest of several correlated standard normal variables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm

from boundgen.inference.estimated_terms import EstimatedTerms
from boundgen.inference.sample import Array

Mask = npt.NDArray[np.bool_]

DRAWS = 100_000
# As many terms as exact multivariate normal probabilities are still fast and accurate for.
FEW = 3


@dataclass(frozen=True)
class CriticalValue:
    """A quantile and its Monte-Carlo error (a standard error; zero where it is exact)."""

    value: float
    error: float


class CriticalValues:
    """Quantiles of the max of the studentised errors of chosen terms.

    Parameters
    ----------
    terms : EstimatedTerms
    covariance : array of shape (cells, cells)
    seed : int
    draws : int
        Gaussian vectors to draw; 0 asks for exact probabilities, for few terms.
    """

    def __init__(self, terms: EstimatedTerms, covariance: Array, seed: int, draws: int = DRAWS) -> None:
        self._varying = terms.errors > 0
        scaled = terms.gradients[self._varying] / terms.errors[self._varying, None]
        self._correlation = np.clip(scaled @ covariance @ scaled.T, -1.0, 1.0)
        self._draws = draws
        self._seed = seed
        self._simulated: Array | None = None
        self._known: dict[tuple[bytes, float], CriticalValue] = {}

    def quantile(self, kept: Mask, level: float) -> CriticalValue:
        """The quantile of the max over the kept terms that vary; 0 where there is none."""
        chosen = np.asarray(kept, dtype=bool)[self._varying]
        key = chosen.tobytes(), level
        if key not in self._known:
            self._known[key] = self._quantile(chosen, level)
        return self._known[key]

    def exceedance(self, kept: Mask, value: float) -> float:
        """The probability that the max over the kept terms is at least a value."""
        chosen = np.asarray(kept, dtype=bool)[self._varying]
        if not chosen.any():
            return 0.0
        return float(np.mean(self._largest(chosen) >= value))

    def _quantile(self, chosen: Mask, level: float) -> CriticalValue:
        distinct = _distinct(self._correlation[np.ix_(chosen, chosen)])
        if len(distinct) == 0:
            return CriticalValue(0.0, 0.0)
        if len(distinct) == 1:
            return CriticalValue(float(norm.ppf(level)), 0.0)
        if self._draws == 0:
            return CriticalValue(exact_quantile(distinct, level), 0.0)
        return simulated_quantile(self._largest(chosen), level)

    def _largest(self, chosen: Mask) -> Array:
        if self._simulated is None:
            # The correlation matrix is nearly always singular, so its root comes from eigenvalues.
            roots, vectors = np.linalg.eigh(self._correlation)
            root = vectors * np.sqrt(np.clip(roots, 0.0, None))
            used = root[:, roots > 1e-12]
            normal = np.random.default_rng(self._seed).standard_normal((used.shape[1], max(self._draws, 1)))
            self._simulated = used @ normal
        return np.asarray(self._simulated[chosen].max(axis=0))


def simulated_quantile(draws: Array, level: float) -> CriticalValue:
    """A quantile of draws; its error is half of the distance between the quantiles a standard error away."""
    spread = np.sqrt(level * (1 - level) / len(draws))
    low, value, high = np.quantile(draws, [max(level - spread, 0.0), level, min(level + spread, 1.0)])
    return CriticalValue(float(value), float(high - low) / 2)


def exact_quantile(correlation: Array, level: float) -> float:
    """The quantile of the max by the multivariate normal distribution function.

    >>> independent = np.eye(2)
    >>> round(exact_quantile(independent, 0.95), 4) == round(float(norm.ppf(0.95**0.5)), 4)
    True
    """
    size = len(correlation)
    if size > FEW:
        raise ValueError(f"exact probabilities are for at most {FEW} different terms, not {size}")
    distribution = multivariate_normal(np.zeros(size), correlation, allow_singular=True)
    low, high = float(norm.ppf(level)), float(norm.ppf(1 - (1 - level) / size))
    if level < 1 / size:
        low = -10.0
    return float(brentq(lambda x: distribution.cdf(np.full(size, x)) - level, low - 1e-9, high + 1e-9, xtol=1e-8))


def _distinct(correlation: Array) -> Array:
    """The correlation matrix without terms that coincide with an earlier one."""
    kept: list[int] = []
    for i in range(len(correlation)):
        if not any(correlation[i, j] > 1 - 1e-12 for j in kept):
            kept.append(i)
    return correlation[np.ix_(kept, kept)]
