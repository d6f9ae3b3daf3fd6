"""Observed data to estimated cells with their covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np

from boundgen.data.cell_places import parts
from boundgen.data.joint import Clusters, Joint
from boundgen.data.observed import ObservedArm, ObservedData, arms_apart
from boundgen.data.tally import Amount
from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.inference.pieces import ArmPieces, arm_precision, pieces_of
from boundgen.inference.sample import Sample
from boundgen.inference.variation import Variation
from boundgen.work.libraries import scipy_function

csr_array, diags_array = scipy_function("sparse", "csr_array"), scipy_function("sparse", "diags_array")

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
    return sample(data.arms, data.joints or (arms_apart(enumerate(data.arms)),))


def sample(arms: Sequence[ObservedArm], joints: Sequence[Joint]) -> Sample:
    """The estimated cells of arms, and their covariance from the units of each source.

    Parameters
    ----------
    arms : sequence of ObservedArm
        A cell that stands in several is estimated by the first.
    joints : sequence of Joint
        Numbers of arms are places in `arms`.
    """
    place: dict[str, int] = {}
    columns = [_columns(arm, place) for arm in arms]
    variation = Variation(_shares(arms, columns, len(place)))
    covariance = np.zeros((len(place), len(place)))
    pieces: dict[int, ArmPieces] = {}
    for joint in joints:
        scale = _mean_weight(joint)
        moves = _moves(joint, arms, columns, len(place), scale)
        sums = None if joint.clusters is None else _cluster_sums(joint.clusters, scale)
        covariance += moves.T @ (_products(joint, sums, scale) @ moves)
        pieces |= pieces_of(joint, arms, sums)
    probabilities = np.array([float(share) for share in variation.shares])
    units = tuple((arm.name, arm.units or 0) for arm in arms)
    precision = tuple(
        arm_precision(arm, np.array(each.where), probabilities, covariance, pieces[number])
        for number, (arm, each) in enumerate(zip(arms, columns, strict=True))
        if each.where
    )
    n = sum(each.amount.units for joint in joints for each in joint.units if each.pattern)
    return Sample(tuple(place), probabilities, covariance, units, variation, n, precision)


def counted_sample(arms: Sequence[tuple[str, Sequence[str], Sequence[int]]]) -> Sample:
    """The sample of arms (name, cells, counts) of which all units are in the cells.

    >>> counted_sample([("Z=0", ["a", "b"], [3, 1])]).probabilities
    array([0.75, 0.25])
    """
    observed = [_counted(*arm) for arm in arms]
    return sample(observed, (arms_apart(enumerate(observed)),))


def _counted(name: str, cells: Sequence[str], counts: Sequence[int]) -> ObservedArm:
    amounts = tuple(Amount.of_units(int(count)) for count in counts)
    whole = sum(amounts, Amount())
    return ObservedArm(0, name, tuple(cells), True, amounts, whole, whole.units)


@dataclass(frozen=True)
class _Columns:
    """The numbers of an arm's new cells, and where they stand among all cells."""

    numbers: list[int]
    where: list[int]


def _columns(arm: ObservedArm, place: dict[str, int]) -> _Columns:
    new = [(number, cell) for number, cell in enumerate(arm.cells) if cell not in place]
    place.update({cell: len(place) + i for i, (_, cell) in enumerate(new)})
    return _Columns([number for number, _ in new], [place[cell] for _, cell in new])


def _shares(arms: Sequence[ObservedArm], columns: Sequence[_Columns], size: int) -> tuple[Fraction, ...]:
    shares = [Fraction(0)] * size
    for arm, each in zip(arms, columns, strict=True):
        for number, where in zip(each.numbers, each.where, strict=True):
            shares[where] = arm.probabilities[number]
    return tuple(shares)


def _mean_weight(joint: Joint) -> Fraction:
    whole = sum((each.amount for each in joint.units), Amount())
    return whole.total / whole.units if whole.total and whole.units else Fraction(1)


def _moves(joint: Joint, arms: Sequence[ObservedArm], columns: Sequence[_Columns], size: int, scale: Fraction) -> Array:
    """By how much units of each kind move the estimated cells, for a weight of `scale`.

    A unit of weight w in cell c of an arm moves the arm's shares by ``w (1_c - p) / W``, where W is the arm's sum of
    weights; of a bounded outcome it may be in two cells in parts. It moves those of other arms not at all.
    """
    moves = np.zeros((len(joint.units), size))
    shares = [np.array([float(share) for share in arm.probabilities]) for arm in arms]
    for row, each in enumerate(joint.units):
        for number, cell in each.pattern:
            new = columns[number]
            held = {} if cell is None else dict(parts(cell))
            own = np.array([held.get(one, 0) for one in new.numbers], dtype=float)
            moves[row, new.where] += (own - shares[number][new.numbers]) * float(scale / arms[number].whole.total)
    return moves


def _products(joint: Joint, sums: Any, scale: Fraction) -> Any:
    """For units of each two kinds: the sum over clusters of the products of their weights there, in units of `scale`.

    Without clusters every unit is one by itself, and the products are squares of weights.
    """
    if sums is None:
        return diags_array([float(each.amount.squares / scale**2) for each in joint.units])
    return sums.T @ sums


def _cluster_sums(clustered: Clusters, scale: Fraction) -> Any:
    """The weight of each cluster among the units of each kind, in units of `scale`.

    Weights matter only by their ratios; divided before they are floats, they neither overflow nor vanish.
    """
    weights = clustered.weights
    names = list(chain.from_iterable(weights))
    # The number of a cluster is its last place; that some numbers are not used does no harm.
    place = dict(zip(names, range(len(names)), strict=True))
    alone = len(place) == len(names)
    clusters = range(len(names)) if alone else list(map(place.__getitem__, names))
    kinds = np.repeat(np.arange(len(weights)), [len(each) for each in weights])
    values = [float(Fraction(weight) / scale) for each in weights for weight in each.values()]
    return csr_array((values, (clusters, kinds)), shape=(len(names), len(weights)))
