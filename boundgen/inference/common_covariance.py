"""One covariance of the cells for all functions of them: for tests that measure distances, such as Cox & Shi's.

Standard errors of single terms allow for unseen units where that term is least. A distance needs one covariance for all
terms: each share is given the variance that it would have with `UNSEEN` units more in its cell, where that is larger.
Where variances rest on few clusters or large weights, an arm's is longer by the square of Student's quantile over the
normal one.
"""

from __future__ import annotations

import numpy as np

from boundgen.companions.student import student_ratio
from boundgen.exact.arrays import Array
from boundgen.inference.sample import UNSEEN, ArmPrecision, Sample


def common_covariance(sample: Sample) -> Array:
    """The covariance of the estimated cells, with what may be unseen and with Student's t.

    Returns
    -------
    array of shape (cells, cells)
    """
    found = sample.corrected.copy()
    for arm in sample.precision:
        block = np.ix_(arm.places, arm.places)
        found[block] = (found[block] + _unseen(sample, arm)) * student_ratio(np.array(arm.freedom)) ** 2
    return found


def _unseen(sample: Sample, arm: ArmPrecision) -> Array:
    """What units that were not seen would add: each cell may take some from all cells in proportion to their shares."""
    shares = sample.probabilities[arm.places]
    if not arm.whole:
        shares = np.append(shares, max(0.0, 1 - float(shares.sum())))
    with_more = (arm.size * shares + UNSEEN) / (arm.size + UNSEEN)
    lacking = with_more * (1 - with_more) / (arm.size + UNSEEN) - shares * (1 - shares) / arm.size
    moves = np.eye(len(shares)) - shares
    # Of a share the move is 1 - share in its own cell.
    scale = np.divide(np.clip(lacking, 0.0, None), (1 - shares) ** 2, out=np.zeros(len(shares)), where=shares < 1)
    found = (moves.T * scale) @ moves
    return np.asarray(found[: len(arm.places), : len(arm.places)])
