"""How many independent pieces an arm rests on: units, or clusters, of equal weight or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from boundgen.data.joint import Joint
from boundgen.data.observed import ObservedArm
from boundgen.data.tally import Amount
from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.inference.sample import ArmPrecision

# Fewer pieces of equal weight are hardly more than one.
FEWEST = 1.2


@dataclass(frozen=True)
class ArmPieces:
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


def pieces_of(joint: Joint, arms: Sequence[ObservedArm], sums: Any) -> Mapping[int, ArmPieces]:
    """What is independent in each arm that units of a source are in.

    Parameters
    ----------
    joint : Joint
    arms : sequence of ObservedArm
    sums : sparse array, or None
        The weight of each cluster among the units of each kind; None without clusters.

    Returns
    -------
    mapping of int to ArmPieces
    """
    numbers = dict.fromkeys(arm for each in joint.units for arm, _ in each.pattern)
    return {number: _checked(_of_arm(joint, number, arms[number], sums), arms[number]) for number in numbers}


def _of_arm(joint: Joint, number: int, arm: ObservedArm, sums: Any) -> ArmPieces:
    whole = arm.whole
    if sums is not None:
        inside = np.array([any(place == number for place, _ in each.pattern) for each in joint.units], dtype=float)
        weights = np.asarray(sums @ inside)
        weights = weights[weights > 0]
        if len(weights) < whole.units:
            squares = weights**2
            kish = float(weights.sum() ** 2 / squares.sum())
            return ArmPieces(len(weights), kish, float(squares.sum() ** 2 / (squares**2).sum()) - 1, True)
    if whole.total**2 == whole.units * whole.squares:
        # The variance of a mean of a bounded outcome is not known from it, as that of a share is.
        return ArmPieces(whole.units, float(whole.units), whole.units - 1.0 if arm.means else inf, False)
    worth, freedom = whole.total**2 / whole.squares, whole.squares**2 / whole.fourths - 1
    return ArmPieces(whole.units, float(worth), float(freedom), False)


def _checked(pieces: ArmPieces, arm: ObservedArm) -> ArmPieces:
    if pieces.number < FEWEST:
        what = "cluster" if pieces.clustered else "unit"
        raise DataError(
            f"nearly all weight of the arm {arm.name or 'of all units'} is that of one {what}, too few for a variance",
            remedy=f"Look for weights that are wrong; here they are worth {pieces.number:.3g} {what}s of equal weight.",
        )
    return pieces


def arm_precision(
    arm: ObservedArm, places: npt.NDArray[np.int64], probabilities: Array, covariance: Array, pieces: ArmPieces
) -> ArmPrecision:
    """How precisely an arm's shares are known."""
    whole, units = arm.complete and len(places) == len(arm.cells), arm.units or 0
    known = pieces.freedom == inf
    found = ArmPrecision(
        arm.name,
        places,
        whole,
        units,
        float(units),
        pieces.number,
        inf if known else max(1.0, pieces.freedom),
        pieces.count,
        pieces.clustered,
    )
    if known:
        return found
    size = _size(arm, found, probabilities[places], covariance[np.ix_(places, places)])
    return replace(found, size=min(size, float(units)))


def _size(arm: ObservedArm, precision: ArmPrecision, shares: Array, covariance: Array) -> float:
    """The size at which independent units of equal weight would have this covariance, by its trace."""
    simple, actual = float((shares * (1 - shares)).sum()), float(np.trace(covariance))
    if not precision.whole:
        rest = max(0.0, 1 - float(shares.sum()))
        simple, actual = simple + rest * (1 - rest), actual + float(covariance.sum())
    rest_of_arm = arm.whole - sum(arm.amounts, Amount())
    totals = [amount.total for amount in (*arm.amounts, rest_of_arm)]
    # Where all units are in one cell, nothing varies, and only how weights are spread is known.
    return precision.pieces if arm.whole.total in totals or actual <= 0 else simple / (actual * precision.factor)
