"""Effects on mediator and outcome in subgroups of micro-data, and the individual-level estimator of the slope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundgen.companions.bces import Line
from boundgen.companions.columns import Array
from boundgen.data.texts import listed
from boundgen.errors import DataError


@dataclass(frozen=True, eq=False)
class Effects:
    """Estimated effects of groups with standard errors: arrays of shape (groups,)."""

    names: tuple[str, ...]
    gamma: Array
    tau: Array
    sd_u: Array
    sd_v: Array


def subgroup_effects(labels: Sequence[str], treatment: Array, mediator: Array, outcome: Array) -> Effects:
    """Differences of means in each subgroup, with the errors of unequal variances.

    Raises
    ------
    DataError
        For a subgroup with fewer than two units in an arm.
    """
    names, which = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    small = [str(n) for k, n in enumerate(names) if any(((which == k) & (treatment == a)).sum() < 2 for a in (0, 1))]
    if small:
        raise DataError(
            f"subgroups with fewer than two units in an arm: {listed(small)}",
            remedy="Leave them out, --where COLUMN!=VALUE, or join them to others.",
        )
    found = [
        [_difference(c[which == k], treatment[which == k]) for c in (mediator, outcome)] for k in range(len(names))
    ]
    each = np.array(found)
    return Effects(tuple(map(str, names)), each[:, 0, 0], each[:, 1, 0], each[:, 0, 1], each[:, 1, 1])


def _difference(column: Array, treatment: Array) -> tuple[float, float]:
    one, zero = column[treatment == 1], column[treatment == 0]
    variance = one.var(ddof=1) / len(one) + zero.var(ddof=1) / len(zero)
    return float(one.mean() - zero.mean()), float(np.sqrt(variance))


def tree_subgroups(
    covariates: Array, treatment: Array, mediator: Array, seed: int
) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Subgroups by a causal tree of effects on the mediator: grown on one half of the units, labels for the other.

    Effects in leaves of the same units would be as far apart as the tree could make them, by their errors too.

    Returns
    -------
    units : array of the units of the second half
    labels : tuple of str
        Their leaves, ``leaf 1`` having the lowest predicted effect.
    """
    from boundgen.inference.response import _halves, causal_tree

    order = np.lexsort((mediator, treatment, *covariates.T))
    x, treated, m = covariates[order], treatment[order] == 1, mediator[order]
    first, second = next(_halves(treated, 1, seed))
    predicted = causal_tree(x[first], treated[first], m[first])(x[second])
    leaves = np.unique(predicted, return_inverse=True)[1]
    return order[second], tuple(f"leaf {leaf + 1}" for leaf in leaves)


def individual(labels: Sequence[str], treatment: Array, mediator: Array, outcome: Array) -> Line:
    """Bias-corrected 2SLS with direct effects (Kolesár et al. 2015; Anatolyev & Gospodinov 2011), for (25)-(26).

    Instruments are treatment by subgroup; subgroup intercepts and the treatment, with the mean direct effect as its
    coefficient, are exogenous. The error is a jackknife over subgroups, for direct effects differ between these.
    """
    names, which = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    slope, direct = _bias_corrected(which, treatment, mediator, outcome)
    left = []
    for k in range(len(names)):
        kept = which != k
        left.append(_bias_corrected(which[kept], treatment[kept], mediator[kept], outcome[kept])[0])
    spread = np.array(left) - np.mean(left)
    return Line(slope, direct, float(np.sqrt((len(left) - 1) / len(left) * (spread**2).sum())))


def _bias_corrected(
    which: npt.NDArray[np.int64], treatment: Array, mediator: Array, outcome: Array
) -> tuple[float, float]:
    groups = np.unique(which)
    within = np.column_stack([which == k for k in groups]).astype(np.float64)
    exogenous, instruments = np.column_stack([within, treatment]), (within * treatment[:, None])[:, 1:]
    m, y, z = (c - exogenous @ np.linalg.lstsq(exogenous, c, rcond=None)[0] for c in (mediator, outcome, instruments))
    n, fixed, excluded = len(m), exogenous.shape[1], instruments.shape[1]
    kappa = (1 - fixed / n) / (1 - fixed / n - excluded / n)
    rest = m - z @ np.linalg.lstsq(z, m, rcond=None)[0]
    slope = float((m - kappa * rest) @ y / ((m - kappa * rest) @ m))
    return slope, float(np.linalg.lstsq(exogenous, outcome - slope * mediator, rcond=None)[0][-1])
