"""Two-stage least squares by linearmodels, and what each unit adds to an estimate's error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Literal

import numpy as np

from boundgen.data.columns import Labels
from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.work.libraries import library as optional_library

Errors = Literal["homoskedastic", "robust", "cluster"]
COVARIANCE = {"homoskedastic": "unadjusted", "robust": "robust", "cluster": "clustered"}
# A column is a combination of others if less than this share of its length is its own.
OWN_SHARE = 1e-9
CONSTANT = "constant"
# The dense matrices of a fit hold at most this many numbers (400 MB).
MOST_NUMBERS = 50_000_000


@dataclass(frozen=True, eq=False)
class Design:
    """An equation with its instruments, rows already multiplied by the square roots of weights.

    Parameters
    ----------
    outcome : array of shape (n,)
    exogenous, endogenous, instruments : arrays of shape (n, ·)
        Regressors that are their own instruments (with the constant), mediators, and excluded instruments.
    names : tuple of str
        Of the columns of the three matrices, in that order.
    absorbed : int
        How many further exogenous regressors (sites) all columns have been freed of before.
    """

    outcome: Array
    exogenous: Array
    endogenous: Array
    instruments: Array
    names: tuple[str, ...]
    absorbed: int = 0

    @property
    def regressors(self) -> Array:
        return np.column_stack([self.exogenous, self.endogenous])

    @property
    def every_instrument(self) -> Array:
        """The excluded instruments and the exogenous regressors."""
        return np.column_stack([self.exogenous, self.instruments])

    @property
    def freedom(self) -> int:
        """Rows less regressors."""
        return len(self.outcome) - self.absorbed - int(self.exogenous.shape[1] + self.endogenous.shape[1])

    @property
    def first_freedom(self) -> int:
        """Rows less the regressors of the first stage."""
        return len(self.outcome) - self.absorbed - int(self.exogenous.shape[1] + self.instruments.shape[1])

    def place(self, name: str) -> int:
        """Where a regressor stands among `regressors`."""
        return self.regressor_names.index(name)

    @property
    def regressor_names(self) -> tuple[str, ...]:
        return self.names[: self.exogenous.shape[1] + self.endogenous.shape[1]]


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted equation.

    Parameters
    ----------
    parameters : array of shape (k,)
        Of the exogenous regressors, then of the mediators.
    errors : array of shape (k,)
    residuals : array of shape (n,)
    influences : array of shape (n, k)
        What each unit adds to the error of each parameter, to first order.
    kind : str
        Of the errors.
    freedom : int
        Of the t distribution: rows less regressors, or clusters less one.
    scale : float
        The small-sample factor of sums of squared influences.
    clusters : Labels or None
    """

    parameters: Array
    errors: Array
    residuals: Array
    influences: Array
    kind: str
    freedom: int
    scale: float
    clusters: Labels | None

    def interval(self, value: float, error: float | None, level: float) -> tuple[float | None, float | None]:
        """The interval of Student's t distribution."""
        return t_interval(value, error, self.freedom, level)

    def error_of(self, influences: Array) -> float:
        """The error of a quantity with these influences, of the kind of this fit (robust for homoskedastic)."""
        sums = cluster_sums(influences, self.clusters)
        return sqrt(self.scale * float(np.sum(sums**2)))


def t_interval(value: float, error: float | None, freedom: int, level: float) -> tuple[float | None, float | None]:
    """``value ± t · error``; none without an error or degrees of freedom."""
    if error is None or freedom < 1:
        return None, None
    width = float(library("scipy.special").stdtrit(freedom, (1 + level) / 2)) * error
    return value - width, value + width


def cluster_sums(rows: Array, clusters: Labels | None) -> Array:
    """Rows summed within clusters; the rows themselves without clusters."""
    if clusters is None:
        return rows
    found = np.zeros((len(clusters.names), *rows.shape[1:]))
    np.add.at(found, clusters.codes, rows)
    return found


def two_stage(design: Design, kind: Errors = "robust", clusters: Labels | None = None) -> Fit:
    """Two-stage least squares (linearmodels' IV2SLS), with small-sample corrections.

    Raises
    ------
    LibraryError
        If linearmodels is not installed.
    """
    size = _sizes(design.regressors)
    fitted = _fitted_regressors(design, size)
    # Instruments that are the fitted mediators give the same estimates and errors, and are fewer.
    first = design.exogenous.shape[1]
    fit = _library_fit("IV2SLS", replace(design, instruments=fitted[:, first:]), kind, clusters)
    residuals = np.asarray(fit.resids, dtype=np.float64).ravel()
    bread = np.linalg.inv(fitted.T @ fitted)
    n, used = len(residuals), clusters if kind == "cluster" else None
    groups = n if used is None else len(used.names)
    scale = n / design.freedom if used is None else groups / (groups - 1) * (n - 1) / design.freedom
    return Fit(
        np.asarray(fit.params, dtype=np.float64) / size,
        np.asarray(fit.std_errors, dtype=np.float64) / size * sqrt(_absorbed_factor(design)),
        residuals,
        residuals[:, None] * (fitted @ bread) / size,
        kind,
        design.freedom if used is None else groups - 1,
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
    return (design.freedom + design.absorbed) / design.freedom


def limited_information(
    design: Design, kind: Errors = "robust", clusters: Labels | None = None
) -> tuple[Array, Array] | None:
    """Parameters and errors by limited-information maximum likelihood, less biased where instruments are weak.

    None where the instruments explain a mediator exactly: the likelihood has then no maximum to find.
    """
    if not design.endogenous.shape[1] or _explained(design):
        return None
    fit = _library_fit("IVLIML", design, kind, clusters)
    size = _sizes(design.regressors)
    return np.asarray(fit.params) / size, np.asarray(fit.std_errors) / size * sqrt(_absorbed_factor(design))


def _explained(design: Design) -> bool:
    """Whether some combination of outcome and mediators is a combination of the instruments."""
    columns = np.column_stack([design.outcome, design.endogenous])
    left = rest(design.every_instrument, columns / _sizes(columns))
    return bool(np.linalg.svd(left, compute_uv=False).min() < 1e-7)


def _library_fit(model: str, design: Design, kind: Errors, clusters: Labels | None) -> Any:
    """The fit of columns of length one, so that units of measurement do not matter to its arithmetic."""
    parts = [design.exogenous, design.endogenous, design.instruments]
    scaled = [part / _sizes(part) if part.shape[1] else None for part in parts]
    options = {"clusters": clusters.codes} if kind == "cluster" and clusters is not None else {}
    made = getattr(library("linearmodels.iv"), model)(design.outcome, *scaled)
    return made.fit(cov_type=COVARIANCE[kind], debiased=True, **options)


@dataclass(frozen=True)
class Overidentification:
    """A test that all instruments agree on the effects.

    Parameters
    ----------
    name : str
        ``Sargan``, or ``Hansen J`` where errors are robust or clustered.
    statistic, p : float
    freedom : int
        Instruments less mediators.
    """

    name: str
    statistic: float
    freedom: int
    p: float


def overidentification(design: Design, kind: Errors, clusters: Labels | None) -> Overidentification | None:
    """Whether the instruments agree; None where there are no more of them than mediators, or too few clusters."""
    stats = library("scipy.stats")
    freedom = design.instruments.shape[1] - design.endogenous.shape[1]
    columns = design.every_instrument.shape[1]
    if freedom < 1 or (kind == "cluster" and clusters is not None and len(clusters.names) <= columns):
        return None
    if kind == "homoskedastic":
        left = two_stage(design, kind).residuals
        explained = projection(design.every_instrument, left)
        statistic, name = len(left) * float(explained @ explained) / float(left @ left), "Sargan"
    else:
        statistic, name = _hansen(design, kind, clusters), "Hansen J"
    return Overidentification(name, statistic, freedom, float(stats.chi2.sf(statistic, freedom)))


def _hansen(design: Design, kind: Errors, clusters: Labels | None) -> float:
    every = (design.exogenous, design.endogenous, design.instruments)
    parts = [part / _sizes(part) if part.shape[1] else None for part in every]
    options = {} if clusters is None or kind != "cluster" else {"clusters": clusters.codes}
    weighting = COVARIANCE[kind]
    outcome = design.outcome / np.linalg.norm(design.outcome)
    model = library("linearmodels.iv").IVGMM(outcome, *parts, weight_type=weighting, **options)
    return float(model.fit(iter_limit=2, cov_type="robust").j_stat.stat)


def least_squares(design: Design, kind: Errors = "robust", clusters: Labels | None = None) -> Fit:
    """Least squares of the outcome on all regressors: the standard regression, which takes mediators as exogenous."""
    return two_stage(regression(design.outcome, design.regressors, design.absorbed), kind, clusters)


def regression(outcome: Array, regressors: Array, absorbed: int = 0) -> Design:
    """An equation without instruments."""
    none = np.empty((len(outcome), 0))
    return Design(outcome, regressors, none, none, (), absorbed)


def library(name: str) -> Any:
    """A library of regressions, imported when it is needed.

    Raises
    ------
    LibraryError
    """
    return optional_library(name, "companions", "this method needs")


def _sizes(matrix: Array) -> Array:
    return np.asarray(np.linalg.norm(matrix, axis=0))


# ---------------------------------------------------------------- linear algebra
def projection(onto: Array, columns: Array) -> Array:
    """Columns projected on the span of others."""
    q, _ = np.linalg.qr(onto / np.where(_sizes(onto) > 0, _sizes(onto), 1))
    found: Array = q @ (q.T @ columns)
    return found


def rest(onto: Array, columns: Array) -> Array:
    """What a projection leaves."""
    if not onto.shape[1] or not columns.shape[1]:
        return columns
    once = columns - projection(onto, columns)
    # Once more: what rounding left of the span.
    return once - projection(onto, once)


def check_independent(design: Design) -> None:
    """Refuse columns that are combinations of others.

    Raises
    ------
    DataError
        Which column, and of which others.
    """
    everything = np.column_stack([design.exogenous, design.endogenous, design.instruments])
    if everything.size > MOST_NUMBERS:
        raise DataError(
            f"{everything.shape[0]} units with {everything.shape[1]} columns (sites, covariates, instruments)",
            remedy=f"At most {MOST_NUMBERS} numbers are held.",
        )
    first, second = design.exogenous.shape[1], design.endogenous.shape[1]
    _check(design.every_instrument, [*design.names[:first], *design.names[first + second :]], design.absorbed)
    _check(design.regressors, design.names[: first + second], design.absorbed)
    place, scaled = _dependent(np.column_stack([design.regressors, design.outcome]))
    if place is not None:
        raise DataError(
            f"the outcome is a linear combination of {_of(scaled, place, design.names)}, without any rest",
            remedy="Nothing is left to estimate errors from. Is the same column under two names?",
        )


def _check(matrix: Array, names: Sequence[str], absorbed: int) -> None:
    if len(matrix) <= matrix.shape[1] + absorbed:
        raise DataError(
            f"{len(matrix)} units are too few for {matrix.shape[1] + absorbed} regressors and instruments",
            remedy="Take fewer covariates, or more units.",
        )
    place, scaled = _dependent(matrix)
    if place is not None:
        raise DataError(
            f"'{names[place]}' is a linear combination of {_of(scaled, place, names)}: perfect collinearity",
            remedy="Leave it out.",
        )


def _dependent(matrix: Array) -> tuple[int | None, Array]:
    """The first column that is a combination of those before it; and the columns, of length one."""
    scaled = matrix / np.where(_sizes(matrix) > 0, _sizes(matrix), 1)
    own = np.abs(np.diag(np.linalg.qr(scaled, mode="r"))) < OWN_SHARE
    return (int(np.argmax(own)) if own.any() else None), scaled


def _of(scaled: Array, place: int, names: Sequence[str]) -> str:
    """Which columns a column is a combination of."""
    multiples = np.linalg.lstsq(scaled[:, :place], scaled[:, place], rcond=None)[0]
    used = [f"'{names[j]}'" for j in range(place) if abs(multiples[j]) > 1e-6 and names[j] != CONSTANT]
    return " and ".join([", ".join(used[:-1]), used[-1]] if len(used) > 1 else used or ["nothing: it is zero"])
