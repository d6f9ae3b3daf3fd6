"""How strongly instruments move mediators: partial F, Cragg-Donald, Sanderson-Windmeijer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boundgen.companions.regression.covariance import cluster_sums
from boundgen.companions.regression.design import Design, rest
from boundgen.companions.regression.library import library
from boundgen.data.columns import Labels
from boundgen.exact.arrays import Array

# Staiger & Stock (1997): below this two-stage least squares is far from normal.
WEAK_F = 10.0
# Stock, Wright & Yogo (2002), in Small (2011, section 5): a nominal 0.05 test has actual level 0.15 at most.
THRESHOLDS = {1: 8.96, 2: 11.59, 3: 12.83, 5: 15.09, 10: 20.88, 15: 26.80}


@dataclass(frozen=True)
class Threshold:
    """The F statistic above which inference can be expected to be reliable.

    Parameters
    ----------
    value : float
    instruments : int
        The number of instruments that it is printed for.
    exact : bool
        Whether that is the number in use.
    enough : bool
        False for more instruments than the table has: the value is then too low.
    """

    value: float
    instruments: int
    exact: bool
    enough: bool


def threshold_of(instruments: int) -> Threshold:
    """The printed threshold for that many instruments; between two of them that of the larger number (stricter).

    >>> threshold_of(4).value, threshold_of(5).value, threshold_of(6).instruments
    (15.09, 15.09, 10)
    >>> threshold_of(16)
    Threshold(value=26.8, instruments=15, exact=False, enough=False)
    """
    larger = [count for count in THRESHOLDS if count >= instruments]
    count = min(larger) if larger else max(THRESHOLDS)
    return Threshold(THRESHOLDS[count], count, count == instruments, bool(larger))


def threshold_words(threshold: Threshold, instruments: int) -> str:
    """Which threshold was used, and for how many instruments it is printed."""
    many = f"{instruments} instrument{'s' if instruments > 1 else ''}"
    if threshold.exact:
        return f"the threshold for {many} is {threshold.value:.2f}"
    if threshold.enough:
        return f"for {many} there is no threshold; the next, {threshold.value:.2f} for {threshold.instruments}, is used"
    return (
        f"for {many} there is no threshold; the last, {threshold.value:.2f} for {threshold.instruments}, "
        "is used, which is too low"
    )


@dataclass(frozen=True, eq=False)
class FirstStage:
    """Mediators and instruments, less what the exogenous regressors explain.

    Parameters
    ----------
    mediators : array of shape (n, P)
    instruments : array of shape (n, K)
        Orthonormal.
    df_resid : int
        n less the regressors of the first stage.
    """

    mediators: Array
    instruments: Array
    df_resid: int

    @property
    def explained(self) -> Array:
        """P × P: what the instruments explain of the mediators."""
        found = self.instruments.T @ self.mediators
        return np.asarray(found.T @ found)

    @property
    def unexplained(self) -> Array:
        left = rest(self.instruments, self.mediators)
        return np.asarray(left.T @ left)


def first_stage(design: Design) -> FirstStage:
    """The first stage of a design."""
    count = design.endogenous.shape[1]
    found = rest(design.exogenous, np.column_stack([design.endogenous, design.instruments]))
    q, _ = np.linalg.qr(found[:, count:] / np.linalg.norm(found[:, count:], axis=0))
    return FirstStage(found[:, :count], q, design.df_first_stage)


def partial_f(stage: FirstStage, mediator: int = 0) -> float:
    """The F statistic of all instruments in the regression of one mediator, homoskedastic."""
    k = stage.instruments.shape[1]
    return _ratio(stage.explained[mediator, mediator] / k, stage.unexplained[mediator, mediator] / stage.df_resid)


def robust_f(stage: FirstStage, clusters: Labels | None, mediator: int = 0) -> float | None:
    """The same with a robust (HC1) or clustered covariance; None where that has no inverse."""
    n, k = stage.instruments.shape
    slopes = stage.instruments.T @ stage.mediators[:, mediator]
    left = rest(stage.instruments, stage.mediators[:, [mediator]])
    scores = cluster_sums(stage.instruments * left, clusters)
    groups = len(scores)
    factor = n / stage.df_resid if clusters is None else groups / (groups - 1) * (n - 1) / stage.df_resid
    covariance = factor * scores.T @ scores
    if groups <= k or np.linalg.cond(covariance) > 1e12:
        return None
    return float(slopes @ np.linalg.solve(covariance, slopes)) / int(k)


def cragg_donald(stage: FirstStage) -> float:
    """The smallest eigenvalue of the matrix analogue of F (Cragg & Donald, 1993); for one mediator, F itself."""
    size = np.sqrt(np.diag(stage.explained + stage.unexplained))
    explained, unexplained = (part / np.outer(size, size) for part in (stage.explained, stage.unexplained))
    if np.linalg.cond(unexplained) > 1e12:
        return float("inf")
    roots = library("scipy.linalg").eigh(explained, unexplained, eigvals_only=True)
    return max(0.0, float(roots[0])) * stage.df_resid / int(stage.instruments.shape[1])


def sanderson_windmeijer(stage: FirstStage, mediator: int) -> float:
    """The conditional F of one mediator given the others (Sanderson & Windmeijer, 2016); for one mediator, F itself.

    What is left of the mediator after two-stage least squares on the other mediators is regressed on the instruments;
    K − P + 1 of them are then still free.
    """
    k, p = stage.instruments.shape[1], stage.mediators.shape[1]
    others = [i for i in range(p) if i != mediator]
    left = stage.mediators[:, mediator]
    if others:
        fitted = stage.instruments.T @ stage.mediators
        slopes = np.linalg.lstsq(fitted[:, others], fitted[:, mediator], rcond=None)[0]
        left = left - stage.mediators[:, others] @ slopes
    explained = stage.instruments.T @ left
    above, below = float(explained @ explained), float(left @ left)
    return _ratio(above / (k - p + 1), (below - above) / stage.df_resid)


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0 else float("inf")
