"""The plain bootstrap with percentile intervals: a baseline, invalid where terms tie.

Each resample lies around the sample, whose largest term is too large already; taking the largest again doubles the
error. It is here because it is what is usually done.
"""

from __future__ import annotations

import numpy as np

from boundgen.exact.arrays import Array
from boundgen.inference.estimated_bounds import EstimatedBounds
from boundgen.inference.estimated_terms import EstimatedTerms
from boundgen.inference.resampling import ResampledSide, Resampling, check_draws, largest, resampled_bounds


def percentile_side(terms: EstimatedTerms, moves: Array) -> ResampledSide:
    """Percentiles of resampled bounds are bounds with the resampled errors mirrored."""
    everything = np.ones(len(terms.values), dtype=bool)
    value = float(terms.values.max())
    return ResampledSide(value, value - largest(terms, moves, everything, terms.values))


def bootstrap_bounds(
    lower: EstimatedTerms, upper: EstimatedTerms, resampling: Resampling, level: float, seed: int, draws: int
) -> EstimatedBounds:
    """Plug-in bounds and percentile intervals; `upper` holds minus the upper terms."""
    check_draws(draws, "bootstrap")
    moves = resampling.moves(draws, seed)
    low, high = (percentile_side(terms, moves) for terms in (lower, upper))
    kept = np.ones(len(lower.values), dtype=bool), np.ones(len(upper.values), dtype=bool)
    return resampled_bounds(low, high, level, resampling.sample.n, kept, corrected=False)
