"""The directional bootstrap of the max (Fang & Santos 2019).

The max of estimated terms is not differentiable where terms tie, so the bootstrap of the max fails there. It has a
directional derivative: the largest of the derivatives of the terms that tie. That is bootstrapped instead, with the
terms that may tie for all that the sample says.
"""

from __future__ import annotations

from math import log, sqrt

import numpy as np

from boundgen.inference.critical import Mask
from boundgen.inference.estimated_bounds import EstimatedBounds
from boundgen.inference.estimated_terms import ZERO, EstimatedTerms
from boundgen.inference.resampling import ResampledSide, Resampling, check_draws, largest, resampled_bounds
from boundgen.inference.sample import Array


def nearly_active(terms: EstimatedTerms, covariance: Array, n: int) -> Mask:
    """The terms less than ``sqrt(log n)`` standard errors (of the difference) below the largest one."""
    top = int(np.argmax(terms.values))
    differences = terms.gradients - terms.gradients[top]
    variances = np.einsum("ti,ij,tj->t", differences, covariance, differences)
    errors = np.sqrt(np.clip(variances, 0.0, None))
    return np.asarray(terms.values[top] - terms.values <= sqrt(log(n)) * errors + ZERO)


def directional_side(terms: EstimatedTerms, active: Mask, moves: Array) -> ResampledSide:
    """Errors of the max are those of its directional derivative at the nearly active terms."""
    return ResampledSide(float(terms.values.max()), largest(terms, moves, active, np.zeros(len(terms.values))))


def directional_bounds(
    lower: EstimatedTerms, upper: EstimatedTerms, resampling: Resampling, level: float, seed: int, draws: int
) -> EstimatedBounds:
    """Estimates and intervals; `upper` holds minus the upper terms."""
    check_draws(draws, "directional")
    sample = resampling.sample
    moves = resampling.moves(draws, seed)
    active = tuple(nearly_active(terms, sample.covariance, sample.n) for terms in (lower, upper))
    low, high = directional_side(lower, active[0], moves), directional_side(upper, active[1], moves)
    return resampled_bounds(low, high, level, sample.n, (active[0], active[1]), corrected=True)
