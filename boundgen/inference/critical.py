"""Critical values: quantiles of the largest of several correlated standard normal variables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from boundgen.errors import DataError
from boundgen.exact.arrays import Array, Mask
from boundgen.inference.estimated_terms import EstimatedTerms
from boundgen.work.libraries import scipy_function

brentq, ndtri = scipy_function("optimize", "brentq"), scipy_function("special", "ndtri")

DRAWS = 100_000
# As many terms as exact multivariate normal probabilities are still fast and accurate for.
FEW = 3
# Numbers that are held at once: with very many terms there are fewer draws than were asked for.
MOST_NUMBERS = 40_000_000
FEWEST_DRAWS = 1_000
# A quantile beyond which fewer draws lie is hardly one.
FEWEST_BEYOND = 4


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
        Gaussian vectors to draw, fewer for very many terms; 0 asks for exact probabilities, for few terms.
    root : array, optional
        Of the covariance: terms that change little then have critical values that change little.
    """

    def __init__(
        self, terms: EstimatedTerms, covariance: Array, seed: int, draws: int = DRAWS, root: Array | None = None
    ) -> None:
        self._varying = terms.errors > 0
        # A vector for each term: the products of these are the correlations.
        self._vectors = _vectors(terms.gradients[self._varying], covariance, root)
        self.draws = draws_for(len(self._vectors), draws)
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
        distinct = _distinct(self._vectors[chosen], FEW + 1)
        if len(distinct) == 0:
            return CriticalValue(0.0, 0.0)
        if len(distinct) == 1:
            return CriticalValue(float(ndtri(level)), 0.0)
        if self.draws == 0:
            return CriticalValue(exact_quantile(np.clip(distinct @ distinct.T, -1.0, 1.0), level), 0.0)
        if too_few(self.draws, level):
            # Bonferroni's is never too small.
            return CriticalValue(-float(ndtri((1 - level) / np.count_nonzero(chosen))), 0.0)
        return simulated_quantile(self._largest(chosen), level)

    def _largest(self, chosen: Mask) -> Array:
        if self._simulated is None:
            self._simulated = self._vectors @ _normal(self._seed, self._vectors.shape[1], max(self.draws, 1))
        used = self._simulated if chosen.all() else self._simulated[chosen]
        return np.asarray(used.max(axis=0))


@lru_cache(maxsize=2)
def _normal(seed: int, rows: int, draws: int) -> Array:
    """Where a test is inverted, critical values are asked for at many values of the estimand."""
    return np.random.default_rng(seed).standard_normal((rows, draws))


def draws_for(terms: int, draws: int) -> int:
    """How many draws there are room for."""
    return min(draws, max(FEWEST_DRAWS, MOST_NUMBERS // max(terms, 1)))


def _vectors(gradients: Array, covariance: Array, root: Array | None) -> Array:
    """A root of the correlation matrix of terms: of that matrix, or of the cells' covariance where that is smaller.

    These matrices are nearly always singular, so their roots come from eigenvalues.
    """
    if root is None and len(gradients) <= len(covariance):
        return _of_length_one(root_of(correlations(gradients, covariance)))
    return _of_length_one(_of_length_one(gradients) @ (root_of(covariance) if root is None else root))


def correlations(gradients: Array, covariance: Array) -> Array:
    """The correlation matrix of functions with these gradients."""
    directions = _of_length_one(gradients)
    together = directions @ covariance @ directions.T
    spread = np.sqrt(np.clip(np.diag(together), 0.0, None))
    found = _ratio(_ratio(together, spread[:, None]), spread)
    np.fill_diagonal(found, 1.0)
    return np.clip(found, -1.0, 1.0)


def _of_length_one(vectors: Array) -> Array:
    """The vectors divided by their lengths, by their largest entry first, of which the square may vanish."""
    scaled = _ratio(vectors, np.abs(vectors).max(axis=1, initial=0.0, keepdims=True))
    return _ratio(scaled, np.linalg.norm(scaled, axis=1, keepdims=True))


def _ratio(above: Array, below: Array) -> Array:
    """Zero where floats hold nothing to divide by."""
    return np.divide(above, below, out=np.zeros(above.shape), where=np.broadcast_to(below > 0, above.shape))


def root_of(matrix: Array) -> Array:
    """A matrix that gives this one when it is multiplied by its transpose."""
    roots, vectors = np.linalg.eigh(matrix)
    largest = roots.max(initial=0.0)
    used = roots > 1e-12 * largest
    return np.asarray(vectors[:, used] * np.sqrt(roots[used]))


def too_few(draws: int, level: float) -> bool:
    """Whether so few of the draws lie beyond a quantile that they do not show where it is."""
    return draws * (1 - level) < FEWEST_BEYOND * (1 - 1e-9)


def simulated_quantile(draws: Array, level: float) -> CriticalValue:
    """A quantile of draws; its error is half of the distance between the quantiles a standard error away."""
    spread = np.sqrt(level * (1 - level) / len(draws))
    low, value, high = np.quantile(draws, [max(level - spread, 0.0), level, min(level + spread, 1.0)])
    return CriticalValue(float(value), float(high - low) / 2)


def exact_quantile(correlation: Array, level: float) -> float:
    """The quantile of the max by the multivariate normal distribution function.

    >>> independent = np.eye(2)
    >>> round(exact_quantile(independent, 0.95), 4) == round(float(ndtri(0.95**0.5)), 4)
    True
    """
    size = len(correlation)
    if size > FEW:
        raise DataError(
            f"exact probabilities are for at most {FEW} terms that differ, and here are more",
            remedy="Simulate critical values: 100000 draws are usual.",
        )
    # scipy.stats takes long to import, and few calls come here.
    distribution = scipy_function("stats", "multivariate_normal")(np.zeros(size), correlation, allow_singular=True)
    low, high = float(ndtri(level)), float(ndtri(1 - (1 - level) / size))
    if level < 1 / size:
        low = -10.0
    return float(brentq(lambda x: distribution.cdf(np.full(size, x)) - level, low - 1e-9, high + 1e-9, xtol=1e-8))


def _distinct(vectors: Array, most: int) -> Array:
    """The vectors without those that coincide with an earlier one; no more than are asked for."""
    kept: list[Array] = []
    for vector in vectors:
        if not any(vector @ other > 1 - 1e-12 for other in kept):
            kept.append(vector)
        if len(kept) == most:
            break
    return np.array(kept)
