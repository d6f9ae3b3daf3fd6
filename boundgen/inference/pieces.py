"""How many independent pieces an arm rests on: units, or clusters, of equal weight or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from boundgen.data.joint import Joint
from boundgen.data.observed import ObservedArm
from boundgen.exact.arrays import Array
from boundgen.inference.sample import ArmPrecision


@dataclass(frozen=True)
class Pieces:
    """What of an arm is independent of the rest of it.

    Parameters
    ----------
    count : int
        Units, or clusters.
    number : float
        Kish's: so many of equal weight would vary as much.
    freedom : float
        Degrees of freedom of the variance. A variance that is a sum over pieces with weights w varies as one over
        ``(sum of w^2)^2 / sum of w^4`` equal pieces; infinite where pieces are units of equal weight.
    clustered : bool
    """

    count: int
    number: float
    freedom: float
    clustered: bool


def pieces_of(joint: Joint, arms: Sequence[ObservedArm], sums: Any) -> Mapping[int, Pieces]:
    """Of each arm that units of a source are in.

    Parameters
    ----------
    joint : Joint
    arms : sequence of ObservedArm
    sums : sparse array, or None
        The weight of each cluster among the units of each kind; None without clusters.
    """
    numbers = dict.fromkeys(arm for each in joint.units for arm, _ in each.pattern)
    return {number: _of_arm(joint, number, arms[number], sums) for number in numbers}


def _of_arm(joint: Joint, number: int, arm: ObservedArm, sums: Any) -> Pieces:
    whole = arm.whole
    if sums is not None:
        inside = np.array([any(place == number for place, _ in each.pattern) for each in joint.units], dtype=float)
        weights = np.asarray(sums @ inside)
        weights = weights[weights > 0]
        if len(weights) < whole.units:
            squares = weights**2
            kish = float(weights.sum() ** 2 / squares.sum())
            return Pieces(len(weights), kish, float(squares.sum() ** 2 / (squares**2).sum()) - 1, True)
    if whole.total**2 == whole.units * whole.squares:
        return Pieces(whole.units, float(whole.units), inf, False)
    kish, freedom = whole.total**2 / whole.squares, whole.squares**2 / whole.fourths - 1
    return Pieces(whole.units, float(kish), float(freedom), False)


def arm_precision(
    arm: ObservedArm, places: npt.NDArray[np.int64], probabilities: Array, covariance: Array, pieces: Pieces
) -> ArmPrecision:
    """How precisely an arm's shares are known."""
    units = arm.units or 0
    whole = arm.complete and len(places) == len(arm.cells)
    found = ArmPrecision(arm.name, places, whole, units, float(units), pieces.number, pieces.freedom, pieces.clustered)
    if pieces.freedom == inf:
        return found
    shares, own = probabilities[places], covariance[np.ix_(places, places)]
    simple, actual = float((shares * (1 - shares)).sum()), float(np.trace(own))
    if not whole:
        rest = max(0.0, 1 - float(shares.sum()))
        simple, actual = simple + rest * (1 - rest), actual + float(own.sum())
    # Where all units are in one cell, nothing varies, and only how the weights are spread is known.
    is_certain = any(amount.total == arm.whole.total for amount in arm.amounts) or not any(
        amount.total for amount in arm.amounts
    )
    size = pieces.number if is_certain or actual <= 0 else simple / (actual * found.factor)
    return ArmPrecision(
        arm.name,
        places,
        whole,
        units,
        min(size, float(units)),
        pieces.number,
        max(1.0, pieces.freedom),
        pieces.clustered,
    )
