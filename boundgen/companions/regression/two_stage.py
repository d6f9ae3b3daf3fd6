"""Two-stage least squares by linearmodels, and what each unit adds to an estimate's error."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np

from boundgen.companions.regression.covariance import WORDS, CovType, cluster_sums
from boundgen.companions.regression.design import Design, projection, regression, rest, sizes
from boundgen.companions.regression.library import library
from boundgen.data.columns import Labels
from boundgen.exact.arrays import Array


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted equation.

    Parameters
    ----------
    parameters : array of shape (k,)
        Of the exogenous regressors, then of the mediators.
    std_errors : array of shape (k,)
    residuals : array of shape (n,)
    influences : array of shape (n, k)
        What each unit adds to the error of each parameter, to first order.
    cov_type : {"unadjusted", "robust", "clustered"}
    df : int
        Degrees of freedom of the t distribution: rows less regressors, or clusters less one.
    scale : float
        The small-sample factor of sums of squared influences.
    clusters : Labels or None
    """

    parameters: Array
    std_errors: Array
    residuals: Array
    influences: Array
    cov_type: CovType
    df: int
    scale: float
    clusters: Labels | None

    @property
    def words(self) -> str:
        """What people call the type of errors."""
        return WORDS[self.cov_type]

    @property
    def words_of_influences(self) -> str:
        """That of quantities whose errors are sums of influences, which are robust at least."""
        return WORDS["robust" if self.cov_type == "unadjusted" else self.cov_type]

    def interval(self, value: float, error: float | None, level: float) -> tuple[float | None, float | None]:
        """The interval of Student's t distribution."""
        return t_interval(value, error, self.df, level)

    def error_of(self, influences: Array) -> float:
        """The error of a quantity with these influences, of the kind of this fit (robust for unadjusted)."""
        sums = cluster_sums(influences, self.clusters)
        return sqrt(self.scale * float(np.sum(sums**2)))


def t_interval(value: float, error: float | None, df: int, level: float) -> tuple[float | None, float | None]:
    """``value ± t · error``; none without an error or degrees of freedom."""
    if error is None or df < 1:
        return None, None
    width = float(library("scipy.special").stdtrit(df, (1 + level) / 2)) * error
    return value - width, value + width


def two_stage(design: Design, cov_type: CovType = "robust", clusters: Labels | None = None) -> Fit:
    """Two-stage least squares (linearmodels' IV2SLS), with small-sample corrections.

    Raises
    ------
    LibraryError
        If linearmodels is not installed.
    """
    size = sizes(design.regressors)
    fitted = _fitted_regressors(design, size)
    # Instruments that are the fitted mediators give the same estimates and errors, and are fewer.
    first = design.exogenous.shape[1]
    fit = _library_fit("IV2SLS", replace(design, instruments=fitted[:, first:]), cov_type, clusters)
    residuals = np.asarray(fit.resids, dtype=np.float64).ravel()
    bread = np.linalg.inv(fitted.T @ fitted)
    n, used = len(residuals), clusters if cov_type == "clustered" else None
    groups = n if used is None else len(used.names)
    scale = n / design.df_resid if used is None else groups / (groups - 1) * (n - 1) / design.df_resid
    return Fit(
        np.asarray(fit.params, dtype=np.float64) / size,
        np.asarray(fit.std_errors, dtype=np.float64) / size * sqrt(_absorbed_factor(design)),
        residuals,
        residuals[:, None] * (fitted @ bread) / size,
        cov_type,
        design.df_resid if used is None else groups - 1,
        scale,
        used,
    )


def _fitted_regressors(design: Design, size: Array) -> Array:
    """The regressors of the second stage, of the scale of columns of length one."""
    if not design.endogenous.shape[1]:
        return design.exogenous / size
    first = design.exogenous.shape[1]
    fitted = projection(design.every_instrument, design.endogenous / size[first:])
    return np.column_stack([design.exogenous / size[:first], fitted])


def _absorbed_factor(design: Design) -> float:
    """What the library's degrees of freedom leave out: regressors that were absorbed before."""
    return (design.df_resid + design.absorbed) / design.df_resid


def limited_information(
    design: Design, cov_type: CovType = "robust", clusters: Labels | None = None
) -> tuple[Array, Array] | None:
    """Parameters and errors by limited-information maximum likelihood, less biased where instruments are weak.

    None where the instruments explain a mediator exactly: the likelihood has then no maximum to find.
    """
    if not design.endogenous.shape[1] or _explained(design):
        return None
    fit = _library_fit("IVLIML", design, cov_type, clusters)
    size = sizes(design.regressors)
    return np.asarray(fit.params) / size, np.asarray(fit.std_errors) / size * sqrt(_absorbed_factor(design))


def _explained(design: Design) -> bool:
    """Whether some combination of outcome and mediators is a combination of the instruments."""
    columns = np.column_stack([design.outcome, design.endogenous])
    left = rest(design.every_instrument, columns / sizes(columns))
    return bool(np.linalg.svd(left, compute_uv=False).min() < 1e-7)


def _library_fit(model: str, design: Design, cov_type: CovType, clusters: Labels | None) -> Any:
    """The fit of columns of length one, so that units of measurement do not matter to its arithmetic."""
    parts = [design.exogenous, design.endogenous, design.instruments]
    scaled = [part / sizes(part) if part.shape[1] else None for part in parts]
    options = {"clusters": clusters.codes} if cov_type == "clustered" and clusters is not None else {}
    made = getattr(library("linearmodels.iv"), model)(design.outcome, *scaled)
    return made.fit(cov_type=cov_type, debiased=True, **options)


@dataclass(frozen=True)
class Overidentification:
    """A test that all instruments agree on the effects.

    Parameters
    ----------
    name : str
        ``Sargan``, or ``Hansen J`` where errors are robust or clustered.
    statistic, p : float
    df : int
        Instruments less mediators.
    """

    name: str
    statistic: float
    df: int
    p: float


def overidentification(design: Design, cov_type: CovType, clusters: Labels | None) -> Overidentification | None:
    """Whether the instruments agree; None where there are no more of them than mediators, or too few clusters."""
    stats = library("scipy.stats")
    df = design.instruments.shape[1] - design.endogenous.shape[1]
    columns = design.every_instrument.shape[1]
    if df < 1 or (cov_type == "clustered" and clusters is not None and len(clusters.names) <= columns):
        return None
    if cov_type == "unadjusted":
        left = two_stage(design, cov_type).residuals
        explained = projection(design.every_instrument, left)
        statistic, name = len(left) * float(explained @ explained) / float(left @ left), "Sargan"
    else:
        statistic, name = _hansen(design, cov_type, clusters), "Hansen J"
    return Overidentification(name, statistic, df, float(stats.chi2.sf(statistic, df)))


def _hansen(design: Design, cov_type: CovType, clusters: Labels | None) -> float:
    every = (design.exogenous, design.endogenous, design.instruments)
    parts = [part / sizes(part) if part.shape[1] else None for part in every]
    options = {} if clusters is None or cov_type != "clustered" else {"clusters": clusters.codes}
    outcome = design.outcome / np.linalg.norm(design.outcome)
    model = library("linearmodels.iv").IVGMM(outcome, *parts, weight_type=cov_type, **options)
    return float(model.fit(iter_limit=2, cov_type="robust").j_stat.stat)


def least_squares(design: Design, cov_type: CovType = "robust", clusters: Labels | None = None) -> Fit:
    """Least squares of the outcome on all regressors: the standard regression, which takes mediators as exogenous."""
    return two_stage(regression(design.outcome, design.regressors, design.absorbed), cov_type, clusters)
