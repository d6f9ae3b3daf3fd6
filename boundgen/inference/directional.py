"""The directional bootstrap of the max (Fang & Santos 2019).

The max of estimated terms is not differentiable where terms tie, so the bootstrap of the max fails there. It has a
directional derivative: the largest of the derivatives of the terms that tie. That is bootstrapped instead, with the
terms that may tie for all that the sample says.
"""

from __future__ import annotations

from dataclasses import replace
from math import log, sqrt

import numpy as np

from boundgen.exact.arrays import Array, Mask
from boundgen.inference.estimated_bounds import EstimatedBounds
from boundgen.inference.estimated_terms import EstimatedTerms, standard_errors
from boundgen.inference.resampling import ResampledSide, Resampling, check_draws, largest, resampled_bounds
from boundgen.inference.sample import UNSEEN, Sample
from boundgen.inference.variation import ExactEstimate


def nearly_active(terms: EstimatedTerms, sample: Sample) -> Mask:
    """The terms less than ``sqrt(log n)`` standard errors (of the difference) below the largest one."""
    top = int(np.argmax(terms.values))
    exact = terms.exact

    def difference(number: int) -> ExactEstimate:
        assert exact
        return exact(number) - exact(top)

    errors, _ = standard_errors(terms.gradients - terms.gradients[top], sample, difference)
    return np.asarray(terms.values[top] - terms.values <= sqrt(log(sample.n)) * errors)


def directional_side(terms: EstimatedTerms, active: Mask, moves: Array, sample: Sample) -> ResampledSide:
    """Errors of the max are those of its directional derivative at the nearly active terms, each with its own error."""
    spread = np.sqrt(np.clip(((terms.gradients @ sample.smoothed) * terms.gradients).sum(axis=1), 0.0, None))
    scale = np.divide(terms.errors, spread, out=np.zeros(len(spread)), where=spread > 0)
    scaled = replace(terms, gradients=terms.gradients * scale[:, None])
    return ResampledSide(float(terms.values.max()), largest(scaled, moves, active, np.zeros(len(terms.values))))


def directional_bounds(
    lower: EstimatedTerms, upper: EstimatedTerms, resampling: Resampling, level: float, seed: int, draws: int
) -> EstimatedBounds:
    """Estimates and intervals; `upper` holds minus the upper terms."""
    check_draws(draws, "directional")
    sample = resampling.sample
    moves = resampling.moves(draws, seed, UNSEEN)
    active = tuple(nearly_active(terms, sample) for terms in (lower, upper))
    low, high = (directional_side(*each, moves, sample) for each in zip((lower, upper), active, strict=True))
    return resampled_bounds(low, high, level, sample.n, (active[0], active[1]), corrected=True)
