"""Observed data to estimated cells with their covariance."""

from __future__ import annotations

import numpy as np

from boundgen.data.observed import ObservedArm, ObservedData
from boundgen.errors import DataError
from boundgen.inference.sample import Array, Sample

# One unit says nothing about its own variance.
FEWEST = 2
# Below this the normal approximation is doubtful.
FEW = 30


def sample_of(data: ObservedData) -> Sample:
    """The estimated cells of data that say how many units they come from.

    Raises
    ------
    DataError
        For probabilities without numbers of units, and arms that are too small.
    """
    for arm in data.arms:
        if arm.units is None:
            raise DataError(
                "probabilities do not say how many units they come from",
                remedy="Give counts or micro-data; for plug-in bounds: boundgen evaluate.",
            )
        if arm.units < FEWEST:
            raise DataError(
                f"the arm {arm.name or 'of all units'} has {arm.units} unit, too few for a variance",
                remedy=f"An arm needs {FEWEST} units at least, and {FEW} for the normal approximation to be of use.",
            )
    cells = tuple(dict.fromkeys(cell for arm in data.arms for cell in arm.cells))
    place = {cell: i for i, cell in enumerate(cells)}
    probabilities, covariance = np.zeros(len(cells)), np.zeros((len(cells), len(cells)))
    for arm in data.arms:
        where = [place[cell] for cell in arm.cells]
        probabilities[where] = [float(p) for p in arm.probabilities]
        covariance[np.ix_(where, where)] = arm_covariance(arm)
    arms = tuple((arm.name, arm.units or 0) for arm in data.arms)
    return Sample(cells, probabilities, covariance, arms)


def arm_covariance(arm: ObservedArm) -> Array:
    """The covariance of an arm's shares.

    A unit of weight w in cell c moves the shares by ``w (1_c - p) / W``, where W is the sum of weights; the covariance
    is the sum of the squares of these moves, ``(diag s - s p' - p s' + S p p') / W²`` with the sums s of squared
    weights by cell and S in all. With weights of one it is ``(diag p - p p') / n``.
    """
    p = np.array([float(share) for share in arm.probabilities])
    squares = np.array([float(amount.squares) for amount in arm.amounts])
    whole, all_squares = float(arm.whole.total), float(arm.whole.squares)
    crossed = np.outer(squares, p)
    return (np.diag(squares) - crossed - crossed.T + all_squares * np.outer(p, p)) / whole**2
