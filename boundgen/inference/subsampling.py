"""Subsampling (Politis & Romano 1994): parts of the sample err around it as it errs around the truth.

Parts are drawn without replacement, so they need no assumption on ties; but their size is a choice, and in samples
that are not large the answer depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.inference.estimated_bounds import EstimatedBounds
from boundgen.inference.estimated_terms import EstimatedTerms
from boundgen.inference.resampling import ResampledSide, Resampling, check_draws, largest, resampled_bounds

FEWEST = 5


def part_sizes(sizes: Sequence[int]) -> list[int]:
    """The same share of every arm, ``n^(-1/3)`` for n units in all, so that parts have about ``n^(2/3)`` units.

    >>> part_sizes([500, 500])
    [50, 50]
    """
    share = sum(sizes) ** (-1 / 3)
    return [round(size * share) for size in sizes]


def subsampled_side(terms: EstimatedTerms, moves: Array, shrinkage: float) -> ResampledSide:
    """Errors of parts, shrunk to those of the whole."""
    everything = np.ones(len(terms.values), dtype=bool)
    value = float(terms.values.max())
    return ResampledSide(value, shrinkage * (largest(terms, moves, everything, terms.values) - value))


def shrinkage_of(parts: Sequence[int], sizes: Sequence[int]) -> float:
    """Parts vary more than the whole: by ``n / b``, less what they share with it, ``1 - b / n``."""
    share = sum(parts) / sum(sizes)
    return sqrt(share / (1 - share))


def subsampled_bounds(
    lower: EstimatedTerms, upper: EstimatedTerms, resampling: Resampling, level: float, seed: int, draws: int
) -> EstimatedBounds:
    """Estimates and intervals; `upper` holds minus the upper terms.

    Raises
    ------
    DataError
        For samples that are not counts of independent units, and arms of which a part would be too small.
    """
    check_draws(draws, "subsampling")
    if resampling.arms is None:
        raise DataError(
            "subsampling draws units, and with weights or clusters these are not all that the sample is",
            remedy="Use --method intersection or directional.",
        )
    sizes = [arm.size for arm in resampling.arms]
    parts = part_sizes(sizes)
    if min(parts) < FEWEST:
        raise DataError(
            f"subsampling would take {min(parts)} units of the smallest arm ({min(sizes)} units)",
            remedy=f"It needs {FEWEST} at least. Use --method intersection.",
        )
    moves, shrinkage = resampling.parts(parts, draws, seed), shrinkage_of(parts, sizes)
    low, high = (subsampled_side(terms, moves, shrinkage) for terms in (lower, upper))
    kept = np.ones(len(lower.values), dtype=bool), np.ones(len(upper.values), dtype=bool)
    return resampled_bounds(low, high, level, resampling.sample.n, kept, corrected=True)
