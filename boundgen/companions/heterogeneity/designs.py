"""Effects of groups in two more designs of Fu (2023): types of treatment that share a control arm, and an instrument.

Section 5, "Multiple Treatment Meta Design": each type of treatment is a group. Units without treatment are in every
effect, so that the errors of effects go along; what they share moves all points of the line alike. Section 5.2,
equation (28): where the treatment is not randomized, an instrument Z is, and effects are ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundgen.companions.heterogeneity.subgroups import Effects
from boundgen.data.texts import listed
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

SMALLEST_MOVE = 1e-12


@dataclass(frozen=True)
class SharedError:
    """The variance of what all estimated effects on the mediator share: the mean of the control arm."""

    of_mediator: float = 0.0
    of_outcome: float = 0.0


def treatment_effects(treatment: Array, mediator: Array, outcome: Array, name: str) -> tuple[Effects, SharedError]:
    """Differences of the mean of each type of treatment from that of the control arm, which is treatment 0.

    Returns
    -------
    effects : Effects
        With the errors of the arms with treatment alone.
    shared : SharedError
        What the control arm adds to all; it moves points without changing their slope.

    Raises
    ------
    DataError
        Without a control arm, and for arms with fewer than two units.
    """
    types, counts = np.unique(treatment, return_counts=True)
    if 0 not in types:
        raise DataError("no unit has treatment 0, the control arm", remedy="Recode it: --recode A=...")
    small = [f"{name}={each:g}" for each, count in zip(types, counts, strict=True) if count < 2]
    if small:
        raise DataError(
            f"arms with fewer than two units: {listed(small)}", remedy="Leave them out, --where COLUMN!=VALUE."
        )
    pairs = np.column_stack([mediator, outcome])
    control = pairs[treatment == 0]
    shared = np.cov(control.T) / len(control)
    found = []
    for each in types[types != 0]:
        arm = pairs[treatment == each]
        spread = np.cov(arm.T) / len(arm)
        gamma, tau = arm.mean(axis=0) - control.mean(axis=0)
        found.append((gamma, tau, np.sqrt(spread[0, 0]), np.sqrt(spread[1, 1]), spread[0, 1]))
    names = tuple(f"{name}={each:g}" for each in types if each != 0)
    return Effects(names, *np.array(found).T), SharedError(float(shared[0, 0]), float(shared[1, 1]))


def instrumented_effects(
    labels: Sequence[str], instrument: Array, treatment: Array, mediator: Array, outcome: Array
) -> Effects:
    """Ratios of covariances with the instrument in each subgroup, equation (28), with robust errors.

    Returns
    -------
    Effects

    Raises
    ------
    DataError
        For subgroups in which the instrument does not vary, or does not move the treatment.
    """
    names, which = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    found, still = [], []
    for k, name in enumerate(names):
        here = which == k
        ratio = _ratios(instrument[here], treatment[here], np.column_stack([mediator[here], outcome[here]]))
        if ratio is None:
            still.append(str(name))
        else:
            found.append(ratio)
    if still:
        raise DataError(
            f"subgroups in which the instrument does not move the treatment: {listed(still)}",
            remedy="Leave them out, --where COLUMN!=VALUE, or join them to others.",
        )
    return Effects(tuple(map(str, names)), *np.array(found).T)


def _ratios(z: Array, t: Array, both: Array) -> tuple[float, float, float, float, float] | None:
    """Effects on mediator and outcome, their errors, and the covariance of these."""
    about: npt.NDArray[np.float64] = z - z.mean()
    moved = float(about @ t)
    if abs(moved) <= SMALLEST_MOVE * max(1.0, float(np.abs(about).sum() * np.abs(t).max())):
        return None
    effects = about @ both / moved
    left = both - t[:, None] * effects
    influences = about[:, None] * (left - left.mean(axis=0)) / moved
    spread = influences.T @ influences * len(z) / max(1, len(z) - 2)
    return effects[0], effects[1], np.sqrt(spread[0, 0]), np.sqrt(spread[1, 1]), spread[0, 1]
