"""Anderson-Rubin sets for the coefficient of one mediator: honest however weak the instruments are.

A value θ is in the set if the instruments do not help to predict Y − θ M. Their F statistic is compared with the F
distribution, which no weakness of instruments disturbs. The set may be an interval, empty, the whole line, or two rays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf, sqrt

import numpy as np

from boundgen.companions.regression.covariance import CovType, cluster_sums
from boundgen.companions.regression.design import Design, rest
from boundgen.companions.regression.library import library
from boundgen.companions.result import ConfidenceSet
from boundgen.data.columns import Labels
from boundgen.exact.arrays import Array

Pieces = tuple[tuple[float, float], ...]
# Parts of a coefficient below this share of its own terms are rounding.
ROUNDING = 1e-12
IMAGINARY_ROUNDING = 1e-7
KIND = "Anderson-Rubin"


@dataclass(frozen=True, eq=False)
class Reduced:
    """Outcome, mediator and instruments, less what the exogenous regressors explain.

    Parameters
    ----------
    outcome, mediator : arrays of shape (n,)
    instruments : array of shape (n, K)
        Orthonormal.
    df_first_stage : int
        Of the residuals of the first stage.
    """

    outcome: Array
    mediator: Array
    instruments: Array
    df_first_stage: int


def reduced(design: Design) -> Reduced:
    """What is left of a design with one mediator."""
    found = rest(design.exogenous, np.column_stack([design.outcome, design.endogenous, design.instruments]))
    q, _ = np.linalg.qr(found[:, 2:] / np.linalg.norm(found[:, 2:], axis=0))
    return Reduced(found[:, 0], found[:, 1], q, design.df_first_stage)


def anderson_rubin_sets(
    design: Design, cov_type: CovType, level: float, clusters: Labels | None
) -> tuple[ConfidenceSet, ...]:
    """The set that goes with a type of covariance; none where there are too few clusters."""
    if cov_type == "unadjusted":
        return (anderson_rubin(design, level),)
    robust = robust_anderson_rubin(design, level, clusters if cov_type == "clustered" else None)
    return () if robust is None else (robust,)


def anderson_rubin(design: Design, level: float) -> ConfidenceSet:
    """The set under homoskedastic errors: exact under normal errors, by a quadratic inequality.

    Parameters
    ----------
    design : Design
        With one mediator.
    level : float

    Notes
    -----
    Anderson & Rubin (1949). With P the projection on the K instruments and Q on what they do not explain,
    θ is in the set if ``(Y − θM)'P(Y − θM) / K <= F · (Y − θM)'Q(Y − θM) / df``.
    """
    stats = library("scipy.stats")
    left = reduced(design)
    k = left.instruments.shape[1]
    critical = float(stats.f.ppf(level, k, left.df_first_stage)) * k / left.df_first_stage
    columns = np.column_stack([left.mediator, left.outcome])
    explained = left.instruments.T @ columns
    inside = explained.T @ explained
    outside = rest(left.instruments, columns)
    a, b, c = (
        _difference(inside[i, j], critical * float(outside[:, i] @ outside[:, j])) for i, j in ((0, 0), (0, 1), (1, 1))
    )
    return ConfidenceSet(KIND, quadratic_set(a, b, c))


def _difference(first: float, second: float) -> float:
    found = first - second
    return 0.0 if abs(found) <= ROUNDING * (abs(first) + abs(second)) else float(found)


def quadratic_set(a: float, b: float, c: float) -> Pieces:
    """All θ with ``a θ² − 2 b θ + c <= 0``.

    >>> quadratic_set(1, 0, -4)
    ((-2.0, 2.0),)
    >>> quadratic_set(-1, 0, 4)
    ((-inf, -2.0), (2.0, inf))
    >>> quadratic_set(1, 0, 4), quadratic_set(-1, 0, -4), quadratic_set(0, 1, 4)
    ((), ((-inf, inf),), ((2.0, inf),))
    """
    if a == 0:
        return _linear_set(b, c)
    discriminant = b * b - a * c
    if discriminant < 0:
        return () if a > 0 else ((-inf, inf),)
    # The root of larger size first; the other from the product of roots, without cancellation.
    large = b + (sqrt(discriminant) if b >= 0 else -sqrt(discriminant))
    roots = (0.0, 0.0) if large == 0 else (large / a, c / large)
    low, high = min(roots), max(roots)
    if a > 0:
        return ((low, high),)
    return ((-inf, low), (high, inf)) if low < high else ((-inf, inf),)


def _linear_set(b: float, c: float) -> Pieces:
    if b == 0:
        return ((-inf, inf),) if c <= 0 else ()
    return ((c / (2 * b), inf),) if b > 0 else ((-inf, c / (2 * b)),)


def robust_anderson_rubin(design: Design, level: float, clusters: Labels | None) -> ConfidenceSet | None:
    """The set with errors robust to heteroskedasticity, or to dependence within clusters.

    Returns
    -------
    ConfidenceSet or None
        None where the covariance of the instruments' coefficients has no inverse: too few clusters.

    Notes
    -----
    The Wald statistic of the K coefficients of instruments in the regression of Y − θM (HC1 or clustered), divided by
    K, against the F distribution. Its numerator and its covariance are polynomials in θ; the ends of the set are
    the eigenvalues of the quadratic matrix polynomial ``[[critical · V(θ), g(θ)], [g(θ)', 1]]``.
    """
    stats = library("scipy.stats")
    left = reduced(design)
    n, k = left.instruments.shape
    columns = np.column_stack([left.outcome, left.mediator])
    residuals = rest(left.instruments, columns)
    scores = [cluster_sums(left.instruments * residuals[:, [i]], clusters) for i in (0, 1)]
    groups = len(scores[0])
    factor = n / left.df_first_stage if clusters is None else groups / (groups - 1) * (n - 1) / left.df_first_stage
    critical = float(stats.f.ppf(level, k, left.df_first_stage if clusters is None else groups - 1)) * k * factor
    covariances = [
        critical * part
        for part in (
            scores[0].T @ scores[0],
            -(scores[0].T @ scores[1] + scores[1].T @ scores[0]),
            scores[1].T @ scores[1],
        )
    ]
    slopes = [left.instruments.T @ columns[:, 0], -left.instruments.T @ columns[:, 1]]
    if groups <= k or any(np.linalg.cond(covariances[i]) > 1 / ROUNDING for i in (0, 2)):
        return None
    scale = sqrt(float(columns[:, 0] @ columns[:, 0]) / float(columns[:, 1] @ columns[:, 1])) or 1.0
    return ConfidenceSet(
        f"{KIND}, {'robust' if clusters is None else 'clustered'}", _pieces(covariances, slopes, scale)
    )


def _pieces(covariances: list[Array], slopes: list[Array], scale: float) -> Pieces:
    """Where ``g(θ)' V(θ)⁻¹ g(θ) <= 1``, θ in units of `scale`."""

    def excess(at: float) -> float:
        g = slopes[0] + at * slopes[1]
        return float(g @ np.linalg.solve(covariances[0] + at * covariances[1] + at**2 * covariances[2], g)) - 1

    def far() -> float:
        return float(slopes[1] @ np.linalg.solve(covariances[2], slopes[1])) - 1

    roots = sorted(
        _roots([c * scale**i for i, c in enumerate(covariances)], [s * scale**i for i, s in enumerate(slopes)])
    )
    return _between([root * scale for root in roots], excess, far())


def _roots(covariances: list[Array], slopes: list[Array]) -> list[float]:
    """Real θ at which the bordered polynomial is singular, by its companion form."""
    k = len(slopes[0])
    parts = [np.zeros((k + 1, k + 1)) for _ in range(3)]
    size = np.sqrt(np.trace(covariances[0]) / k)
    for i, part in enumerate(parts):
        part[:k, :k] = covariances[i] / size**2
        if i < 2:
            part[:k, k] = part[k, :k] = slopes[i] / size
    parts[0][k, k] = 1
    one, none = np.eye(k + 1), np.zeros((k + 1, k + 1))
    found = library("scipy.linalg").eigvals(
        np.block([[none, one], [-parts[0], -parts[1]]]), np.block([[one, none], [none, parts[2]]])
    )
    finite = found[np.isfinite(found)]
    return [
        float(root.real)
        for root in finite
        if abs(root.imag) <= IMAGINARY_ROUNDING * (1 + abs(root)) and abs(root) < 1 / ROUNDING
    ]


def _between(roots: list[float], excess: Callable[[float], float], far: float) -> Pieces:
    """The pieces between roots in which the excess is not positive; `far` is the excess at both ends of the line."""
    ends = [-inf, *roots, inf]
    found: list[tuple[float, float]] = []
    for low, high in pairwise(ends):
        if low == high or (far if inf in (-low, high) else excess((low + high) / 2)) > 0:
            continue
        if found and found[-1][1] == low:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return tuple(found)


def unusual(pieces: Pieces, level: float, symbol: str) -> str:
    """What a set that is empty or unbounded means; nothing for an interval."""
    if not pieces:
        return (
            f"The Anderson-Rubin set is empty: at level {level:g} the data reject every {symbol}, and so the "
            "assumptions together: effects that differ with the instruments, or a direct path from them to the outcome."
        )
    if pieces[0][0] == -inf or pieces[-1][1] == inf:
        return (
            f"The Anderson-Rubin set is not bounded: at level {level:g} the data do not tell how large {symbol} is, "
            "whatever the other interval says."
        )
    return ""
