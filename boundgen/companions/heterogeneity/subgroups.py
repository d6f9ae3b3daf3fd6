"""Effects on mediator and outcome in subgroups of micro-data, and the individual-level estimator of the slope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from boundgen.companions.causal_trees import causal_tree, econml_leaves, halves
from boundgen.companions.heterogeneity.bces import Line
from boundgen.companions.names import TREES
from boundgen.data.texts import listed
from boundgen.errors import DataError, quoted
from boundgen.exact.arrays import Array


@dataclass(frozen=True, eq=False)
class Effects:
    """Estimated effects of groups, their standard errors, and both errors' covariance: arrays of shape (groups,)."""

    names: tuple[str, ...]
    gamma: Array
    tau: Array
    sd_u: Array
    sd_v: Array
    cov: Array


def subgroup_effects(labels: Sequence[str], treatment: Array, mediator: Array, outcome: Array) -> Effects:
    """Differences of means in each subgroup, with the errors of unequal variances and their covariance.

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
    found = [_differences(mediator[which == k], outcome[which == k], treatment[which == k]) for k in range(len(names))]
    return Effects(tuple(map(str, names)), *np.array(found).T)


def _differences(mediator: Array, outcome: Array, treatment: Array) -> tuple[float, float, float, float, float]:
    """Both effects, their errors, and the covariance of these: the same units are in both."""
    arms = [np.array([mediator[treatment == a], outcome[treatment == a]]) for a in (0, 1)]
    gamma, tau = arms[1].mean(axis=1) - arms[0].mean(axis=1)
    spread = sum(np.cov(arm) / arm.shape[1] for arm in arms)
    return gamma, tau, np.sqrt(spread[0, 0]), np.sqrt(spread[1, 1]), spread[0, 1]


def tree_subgroups(
    covariates: Array, treatment: Array, mediator: Array, seed: int, tree: str = "boundgen"
) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Subgroups by a causal tree of effects on the mediator: grown on one half of the units, labels for the other.

    Effects in leaves of the same units would be as far apart as the tree could make them, by their errors too.

    Parameters
    ----------
    covariates : array of shape (n, covariates)
    treatment, mediator : arrays of shape (n,)
    seed : int
        Of the halves, and of econml's tree.
    tree : {"boundgen", "econml"}
        The tree that comes with boundgen, or an honest one of econml (the extra ``forest``; Athey & Imbens 2016).

    Returns
    -------
    units : array of the units of the second half
    labels : tuple of str
        Their leaves: ``leaf 1``, ``leaf 2``, ...

    Raises
    ------
    DataError
        For another tree.
    LibraryError
        If econml is asked for and not installed.
    """
    order = np.lexsort((mediator, treatment, *covariates.T))
    x, treated, m = covariates[order], treatment[order] == 1, mediator[order]
    first, second = next(halves(treated, 1, seed))
    if tree == "econml":
        at: Array = econml_leaves(x[first], treated[first], m[first], x[second], seed)
    elif tree == "boundgen":
        at = causal_tree(x[first], treated[first], m[first])(x[second])
    else:
        raise DataError(f"there is no tree {quoted(tree)}", remedy=f"Trees: {', '.join(TREES)}.")
    leaves = np.unique(at, return_inverse=True)[1]
    return order[second], tuple(f"leaf {leaf + 1}" for leaf in leaves)


def individual(labels: Sequence[str], treatment: Array, mediator: Array, outcome: Array) -> Line:
    """Bias-corrected 2SLS with direct effects (Kolesár et al. 2015; Anatolyev & Gospodinov 2011), for (25)-(26).

    Instruments are treatment by subgroup; subgroup intercepts and the treatment, with the mean direct effect as its
    coefficient, are exogenous. The error is a jackknife over subgroups, for direct effects differ between these.
    """
    which = np.unique(np.asarray(labels, dtype=str), return_inverse=True)[1]
    sums = _sums(which, treatment, mediator, outcome)
    slope, direct = _bias_corrected(sums)
    left = np.array([_bias_corrected(np.delete(sums, k, axis=0))[0] for k in range(len(sums))])
    return Line(slope, direct, float(np.sqrt((len(left) - 1) / len(left) * ((left - left.mean()) ** 2).sum())))


def _sums(which: npt.NDArray[np.int64], treatment: Array, mediator: Array, outcome: Array) -> Array:
    """What each subgroup adds: units, then products of T, M, Y about its means, then of M, Y about those of its arms.

    Subgroup intercepts are partialled out by the former, and the instruments, which with them span all cells of
    subgroup and treatment, by the latter.
    """
    t, m, y = (_about_means(column, which) for column in (treatment, mediator, outcome))
    cells = which * 2 + treatment.astype(int)
    rest_m, rest_y = (_about_means(column, cells) for column in (mediator, outcome))
    products = (np.ones(len(m)), t * t, t * m, t * y, m * m, m * y, rest_m * rest_m, rest_m * rest_y)
    return np.column_stack([np.bincount(which, product) for product in products])


def _about_means(column: Array, which: npt.NDArray[np.int64]) -> Array:
    return np.asarray(column - (np.bincount(which, column) / np.bincount(which))[which])


def _bias_corrected(sums: Array) -> tuple[float, float]:
    """The slope and the mean direct effect of the subgroups whose sums these are."""
    n, tt, tm, ty, mm, my, rest_mm, rest_my = sums.sum(axis=0)
    fixed, excluded = len(sums) + 1, len(sums) - 1
    kappa = (1 - fixed / n) / (1 - fixed / n - excluded / n)
    slope = (my - tm * ty / tt - kappa * rest_my) / (mm - tm * tm / tt - kappa * rest_mm)
    return float(slope), float((ty - slope * tm) / tt)
