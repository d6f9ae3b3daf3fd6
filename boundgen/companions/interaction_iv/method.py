"""Covariates that moderate the effect of treatment on the mediator: two-stage least squares of Small (2011)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from boundgen.companions.checks import check_binary, check_varies
from boundgen.companions.facts import facts_of
from boundgen.companions.interaction_iv.post_baseline import sequential
from boundgen.companions.interaction_iv.sensitivity import (
    Modification,
    Shifted,
    TauSensitivity,
    corners,
    default_steps,
    sensitivity,
    surface,
)
from boundgen.companions.intervals import check_level
from boundgen.companions.regression.anderson_rubin import anderson_rubin_sets, unusual
from boundgen.companions.regression.covariance import FEW_CLUSTERS, WORDS, CovType, checked_cov_type
from boundgen.companions.regression.design import CONSTANT, Design, check_independent, regression
from boundgen.companions.regression.strength import (
    first_stage,
    partial_f,
    robust_f,
    threshold_of,
    threshold_words,
)
from boundgen.companions.regression.two_stage import Fit, least_squares, overidentification, t_interval, two_stage
from boundgen.companions.result import (
    CompanionAssumption,
    CompanionEstimate,
    CompanionResult,
    ConfidenceSet,
    Diagnostic,
    ResultTable,
    SharpBounds,
)
from boundgen.companions.sharp_bounds import NOT_ASKED, natural_effect_bounds, sharp_warnings
from boundgen.data.columns import Columns, Labels, NamedColumns, columns_of
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

MIN_EXPLAINED_SHARE = 1e-12
# The natural effects that the estimates are under model (1), which has no interaction of treatment and mediator.
ESTIMATE_OF = {"delta0": ("indirect", "δ(0)"), "delta1": ("indirect", "δ(1)"), "zeta0": ("direct", "ζ(0)")}
ESTIMATE_OF["zeta1"] = ("direct", "ζ(1)")
SUTVA = CompanionAssumption(
    "2",
    "one potential outcome",
    "Whatever sets the mediator to m leads to the same Y(r, m), which does not depend on other units; units are a "
    "random sample.",
)
ASSUMPTIONS = (
    CompanionAssumption("R", "randomization", "The treatment R is randomized."),
    SUTVA,
    CompanionAssumption(
        "(1)",
        "additive linear effects",
        "Y(r, m) = Y(0, 0) + θ_M m + θ_R r for each unit, with effects that may differ between units: no interaction "
        "of treatment and mediator.",
    ),
    CompanionAssumption(
        "(4)", "linearity in the covariates", "E[Y(0, 0) | X] is linear in X (and in further covariates)."
    ),
    CompanionAssumption("IV-A1", "relevance", "R × X helps to predict M in a linear model that has R and X."),
    CompanionAssumption(
        "IV-A2",
        "effects do not depend on X",
        "The average direct effect, and the average effect of the mediator, are the same at all X. The table of "
        "τ_R and τ_M shows what follows where they are not.",
    ),
    CompanionAssumption("IV-A3", "effect and level of the mediator", "M is independent of θ_M given R and X."),
)
EQUAL_VARIANCE = (
    CompanionAssumption(
        "AA-1", "distribution of effects", "θ_R and θ_M are independent of X (for homoskedastic errors)."
    ),
    CompanionAssumption("AA-2", "equal variance", "The variance of Y(0, 0) given X is the same at all X."),
)


@dataclass(frozen=True, eq=False)
class _Study:
    """Columns as the regressions take them."""

    sample: Columns
    treatment: Array
    mediator: Array
    outcome: Array
    centred: Array
    interacted: tuple[str, ...]
    design: Design
    clusters: Labels | None
    cov_type: CovType

    @property
    def at(self) -> tuple[int, int]:
        """Where R and M stand among the regressors."""
        return 1, self.design.exogenous.shape[1]


def interaction_iv(
    columns: NamedColumns,
    *,
    outcome: str = "Y",
    treatment: str = "A",
    mediator: str = "M",
    interactions: Sequence[str] = ("X",),
    covariates: Sequence[str] = (),
    post_baseline: Sequence[str] = (),
    clusters: str | None = None,
    weights: Any = None,
    cov_type: CovType | None = None,
    tau_r: Sequence[Sequence[float]] | None = None,
    tau_m: Sequence[Sequence[float]] | None = None,
    level: float = 0.95,
    bounds: bool = True,
) -> CompanionResult:
    """Direct effect and effect of a mediator with products of treatment and covariates as instruments.

    Parameters
    ----------
    columns : mapping of str to sequences of shape (n,), or data frame
    outcome, treatment, mediator : str
        Names of columns; the treatment is 0 or 1 and randomized.
    interactions : sequence of str
        Covariates X; their products with the treatment are the instruments.
    covariates : sequence of str
        Further covariates, in both stages, without products.
    post_baseline : sequence of str
        Measured confounders of mediator and outcome that come after the treatment. The instruments do without them;
        the table ``regressions`` has the standard regression that adjusts for them (section 4): θ_M with them, θ_R
        from what θ_M M leaves of the outcome.
    clusters : str, optional
        Units with the same label may depend on each other.
    weights : str or sequence of shape (n,), optional
        Positive weights of units.
    cov_type : {"unadjusted", "robust", "clustered"}, optional
        By default unadjusted (homoskedastic errors), as in the paper; with weights robust, with clusters clustered.
    tau_r, tau_m : sequences of sequences of shape (p,), optional
        Values of the sensitivity parameters: by how much a unit of each of the p covariates X raises the direct
        effect, and the effect of the mediator. All combinations are computed. By default a tenth of the outcome's
        standard deviation for a standard deviation of one covariate after the other.
    level : float
        Of the intervals (Student's t), and of the Anderson-Rubin set.
    bounds : bool
        Whether to compute the sharp bounds, where treatment, mediator and outcome are discrete.

    Returns
    -------
    CompanionResult
        Estimates ``direct`` (θ_R), ``mediator`` (θ_M, with its Anderson-Rubin set) and ``indirect``
        (θ_M E[M(1) − M(0)]); tables ``regressions``, ``first_stage``, ``sensitivity`` and ``contour``.

    Raises
    ------
    DataError
        Missing values, columns that are no numbers or do not vary, perfect collinearity, no effect on the mediator.
    LibraryError
        If linearmodels is not installed.

    Notes
    -----
    Small (2011), Mediation analysis without sequential ignorability, sections 5 and 6.

    Robust errors are the sandwich of two-stage least squares: in the bread and between its slices stands the mediator
    that the first stage fits, and the observed one in the residuals alone. The paper prints
    ``A_i = (1, X_i, R_i, M_i)``, with the observed mediator. In 2000 trials of 1000 units in which the error of θ_M is
    0.111, the fitted mediator says 0.110; the observed one between the slices, as printed, 0.40; and in both places
    0.048, and then 95% intervals cover in 60% of trials.
    """
    if not interactions:
        raise DataError("no covariate is named", remedy="Its product with the treatment is the instrument: X=COLUMN.")
    regressors = {"X": interactions, "W": covariates, "L": post_baseline}
    data = columns_of(columns, {"Y": outcome, "A": treatment, "M": mediator, **regressors, "C": clusters}, weights)
    return from_columns(data, level=level, cov_type=cov_type, tau_r=tau_r, tau_m=tau_m, bounds=bounds)


def from_columns(
    data: Columns,
    *,
    level: float = 0.95,
    cov_type: CovType | None = None,
    tau_r: Sequence[Sequence[float]] | None = None,
    tau_m: Sequence[Sequence[float]] | None = None,
    bounds: bool = True,
) -> CompanionResult:
    """The method at a sample: parts A, M, Y, X, and perhaps W, L and C."""
    check_level(level)
    study = _study(data, cov_type)
    fit = two_stage(study.design, study.cov_type, study.clusters)
    sets = anderson_rubin_sets(study.design, study.cov_type, level, study.clusters)
    estimates = _estimates(study, fit, sets, level)
    sharp_bounds, reason = _sharp_bounds(study) if bounds else ((), NOT_ASKED)
    shifts = sensitivity(study.design, fit, study.treatment, study.centred, study.at, study.clusters)
    steps = default_steps(study.outcome, study.mediator, study.centred)
    grid = (_grid(tau_r, steps[0], "tau_r", study), _grid(tau_m, steps[1], "tau_m", study))
    return CompanionResult(
        method="interaction-iv",
        title="products of treatment and covariates as instruments for the mediator",
        source="Small (2011), Mediation analysis without sequential ignorability, sections 5 and 6",
        data=facts_of(data),
        estimates=estimates,
        assumptions=(*ASSUMPTIONS, *(EQUAL_VARIANCE if study.cov_type == "unadjusted" else ())),
        diagnostics=_diagnostics(study, fit),
        warnings=(*_warnings(study, sets, level), *sharp_warnings(estimates, sharp_bounds)),
        tables=(
            _regressions(study, fit, level),
            _first_stage_table(study),
            _sensitivity_table(shifts, grid, fit.df, level),
            _contour_table(shifts, steps, study.interacted, fit.df, level),
        ),
        bounds=sharp_bounds,
        no_bounds=reason,
        options=(("level", level), ("errors", WORDS[study.cov_type])),
    )


# ---------------------------------------------------------------- columns
def _study(data: Columns, cov_type: CovType | None) -> _Study:
    data.one("M")
    data.several("X")
    sample = data.ordered(("Y", "A", "M", "X", "W", "L", "C"))
    r, m, y = (sample.one(part) for part in ("A", "M", "Y"))
    check_binary(r, "A", "treatment")
    for part in ("Y", "M", "X", "W", "L"):
        for name, column in zip(sample.names.get(part, ()), sample.numbers.get(part, ()), strict=True):
            check_varies(column, f"column '{name}'")
    clusters = sample.labels.get("C")
    kind = _cov_type(cov_type, clusters, sample.weights)
    x = sample.matrix("X")
    centred = x - np.average(x, axis=0, weights=sample.weights)
    design = _design(sample, centred)
    check_independent(design)
    if first_stage(design).explained[0, 0] <= MIN_EXPLAINED_SHARE * float(m @ m):
        raise DataError(
            "the products of treatment and covariates do not move the mediator at all",
            remedy="Assumption IV-A1: take covariates that do.",
        )
    return _Study(sample, r, m, y, centred, sample.names["X"], design, clusters, kind)


def _cov_type(asked: CovType | None, clusters: Labels | None, weights: Array | None) -> CovType:
    if asked == "clustered" and clusters is None:
        raise DataError("clustered errors need a column of clusters", remedy="Name it: C=COLUMN.")
    return checked_cov_type(asked, clusters, weights, "unadjusted" if weights is None else "robust")


def _design(sample: Columns, centred: Array) -> Design:
    """Both stages: the constant, R, X and further covariates are exogenous, R × X are the instruments."""
    root, r, w = np.sqrt(sample.unit_weights), sample.one("A"), sample.matrix("W")
    # Beside the constant, centred columns change nothing but the constant, and what is far from zero keeps its digits.
    further, m, y = (column - column.mean(axis=0) for column in (w, sample.one("M"), sample.one("Y")))
    exogenous = np.column_stack([np.ones(sample.size), r, centred, further]) * root[:, None]
    treatment, covariates = sample.name("A"), sample.names["X"]
    names = (CONSTANT, treatment, *covariates, *sample.names.get("W", ()), sample.name("M"))
    return Design(
        y * root,
        exogenous,
        (m * root)[:, None],
        r[:, None] * centred * root[:, None],
        (*names, *(f"{treatment} × {name}" for name in covariates)),
    )


# ---------------------------------------------------------------- estimates
def _estimates(study: _Study, fit: Fit, sets: tuple[ConfidenceSet, ...], level: float) -> tuple[CompanionEstimate, ...]:
    direct, mediator = study.at
    named = (
        (direct, "direct", "θ_R", "average direct effect of the treatment", ()),
        (mediator, "mediator", "θ_M", "average effect of one unit of the mediator", sets),
    )
    found = []
    for place, name, symbol, words, others in named:
        value, error = float(fit.parameters[place]), float(fit.std_errors[place])
        low, high = fit.interval(value, error, level)
        found.append(CompanionEstimate(name, symbol, value, error, low, high, words, fit.words, others))
    return (*found, _indirect(study, fit, level))


def _indirect(study: _Study, fit: Fit, level: float) -> CompanionEstimate:
    """θ_M times the effect of R on M: under (1), IV-A2 and IV-A3 both natural indirect effects."""
    moved, of_moved = _effect_on_mediator(study)
    slope = float(fit.parameters[study.at[1]])
    error = fit.error_of(slope * of_moved + moved * fit.influences[:, study.at[1]])
    low, high = fit.interval(slope * moved, error, level)
    words = "average indirect effect, θ_M E[M(1) − M(0)]"
    return CompanionEstimate(
        "indirect", "indirect effect", slope * moved, error, low, high, words, fit.words_of_influences
    )


def _effect_on_mediator(study: _Study) -> tuple[float, Array]:
    """The difference of means of M, and what each unit adds to its error."""
    w = study.sample.unit_weights
    value, influences = 0.0, np.zeros(study.sample.size)
    for arm, sign in ((0, -1), (1, 1)):
        inside = w * (study.treatment == arm)
        mean = float(inside @ study.mediator / inside.sum())
        value += sign * mean
        influences += sign * inside * (study.mediator - mean) / inside.sum()
    return value, influences


def _sharp_bounds(study: _Study) -> tuple[tuple[SharpBounds, ...], str]:
    """Sharp bounds on the natural effects, beside the estimates that equal them under model (1)."""
    found, reason = natural_effect_bounds(study.treatment, study.mediator, study.outcome, study.sample.weights)
    return tuple(
        replace(
            each,
            estimand=ESTIMATE_OF[each.estimand][0],
            assumptions=f"{each.assumptions}, {ESTIMATE_OF[each.estimand][1]}",
        )
        for each in found
    ), reason


# ---------------------------------------------------------------- diagnostics
def _diagnostics(study: _Study, fit: Fit) -> tuple[Diagnostic, ...]:
    stage, count = first_stage(study.design), len(study.interacted)
    strength, threshold = partial_f(stage), threshold_of(count)
    moved, of_moved = _effect_on_mediator(study)
    found = [
        Diagnostic(
            "first-stage F",
            strength,
            f"partial F of R × X (IV-A1); {threshold_words(threshold, count)}",
            strength < threshold.value,
        ),
        Diagnostic("threshold of F", threshold.value, "Stock, Wright & Yogo (2002), for homoskedastic errors"),
        Diagnostic("effect on the mediator", moved, f"difference of means; error {fit.error_of(of_moved):.4f}"),
    ]
    robust = robust_f(stage, study.clusters)
    if robust is not None:
        kind = "robust" if study.clusters is None else "clustered"
        found.insert(1, Diagnostic("first-stage F, " + kind, robust, "the same with such errors"))
    return (*found, *_overidentification(study))


def _overidentification(study: _Study) -> tuple[Diagnostic, ...]:
    tested = overidentification(study.design, study.cov_type, study.clusters)
    if tested is None:
        return ()
    words = f"{tested.name} {tested.statistic:.4f} (chi-squared, {tested.df}): whether the instruments agree (IV-A2)"
    return (Diagnostic("p of overidentification", tested.p, words, tested.p < 0.05),)


def _warnings(study: _Study, sets: tuple[ConfidenceSet, ...], level: float) -> tuple[str, ...]:
    count = len(study.interacted)
    strength, threshold = partial_f(first_stage(study.design)), threshold_of(count)
    found = []
    if strength < threshold.value:
        found.append(
            f"The instruments are weak: a first-stage F of {strength:.2f}; {threshold_words(threshold, count)}. "
            "The estimates are then biased toward the standard regression, and their intervals cover too rarely. "
            "The Anderson-Rubin set of θ_M does not depend on strength."
        )
    elif not threshold.enough:
        found.append(f"The first-stage F is {strength:.2f}, but {threshold_words(threshold, count)}.")
    found += filter(None, (unusual(each.pieces, level, "θ_M") for each in sets))
    if study.cov_type == "clustered" and study.clusters is not None and len(study.clusters.names) < FEW_CLUSTERS:
        few = len(study.clusters.names)
        found.append(f"There are {few} clusters, too few to trust clustered errors: {FEW_CLUSTERS} or more are better.")
    if study.cov_type == "clustered" and not sets:
        found.append("There is no Anderson-Rubin set: there are too few clusters for that many instruments.")
    return tuple(found)


# ---------------------------------------------------------------- tables
def _regressions(study: _Study, fit: Fit, level: float) -> ResultTable:
    """As Table 1 of the paper: the standard regression beside the instruments."""
    standard = least_squares(study.design, study.cov_type, study.clusters)
    rows = []
    for name, each in (("standard regression", standard), ("IV", fit)):
        cells: list[str | float | None] = [name]
        for place in study.at:
            value, error = float(each.parameters[place]), float(each.std_errors[place])
            cells += [value, error, *each.interval(value, error, level)]
        rows.append(tuple(cells))
    if study.sample.has("L"):
        rows.append(_sequential_row(study, level))
    columns = ("method", *(f"{of}{what}" for of in ("direct", "mediator") for what in ("", "_error", "_low", "_high")))
    title = "The standard regression, which takes the mediator as ignorable, beside the instruments"
    return ResultTable("regressions", title, columns, tuple(rows))


def _sequential_row(study: _Study, level: float) -> tuple[str | float | None, ...]:
    """Small (2011, section 4): the standard regression where measured confounders come after the treatment."""
    confounders = study.sample.matrix("L")
    confounders = (confounders - confounders.mean(axis=0)) * np.sqrt(study.sample.unit_weights)[:, None]
    found = sequential(study.design, confounders, study.sample.names["L"], study.cov_type, study.clusters)
    direct = (found.direct, found.direct_error, *found.second.interval(found.direct, found.direct_error, level))
    slope, error = found.mediator, found.mediator_error
    return ("standard regression, L after treatment", *direct, slope, error, *found.first.interval(slope, error, level))


def _first_stage_table(study: _Study) -> ResultTable:
    """The coefficients of the instruments in the regression of the mediator."""
    design = study.design
    names = (*design.names[: design.exogenous.shape[1]], *design.names[design.exogenous.shape[1] + 1 :])
    plain = regression(design.endogenous[:, 0], design.every_instrument)
    fit = two_stage(plain, study.cov_type, study.clusters)
    rows = tuple(
        (names[j], float(fit.parameters[j]), float(fit.std_errors[j]), float(fit.parameters[j] / fit.std_errors[j]))
        for j in range(design.exogenous.shape[1], len(names))
    )
    return ResultTable(
        "first_stage", "First stage: what moves the mediator", ("instrument", "value", "error", "t"), rows
    )


def _grid(given: Sequence[Sequence[float]] | None, steps: Modification, name: str, study: _Study) -> list[Modification]:
    if given is None:
        return corners(steps)
    found = []
    for each in given:
        values = tuple(float(value) for value in np.atleast_1d(np.asarray(each, dtype=np.float64)))
        if len(values) != len(study.interacted) or not np.isfinite(values).all():
            raise DataError(
                f"{name} {', '.join(f'{v:g}' for v in values)}: one number is needed for each of "
                f"{', '.join(study.interacted)}",
                remedy="Each says by how much a unit of that covariate raises the effect.",
            )
        found.append(values)
    if not found:
        raise DataError(f"{name} has no values", remedy="Give one at least, or leave it out.")
    return found


def _sensitivity_table(
    shifts: TauSensitivity, grid: tuple[list[Modification], list[Modification]], df: int, level: float
) -> ResultTable:
    """As Table 2 of the paper."""
    rows = tuple((_written(r), _written(m), *_cells(shifts.at(r, m), df, level)) for m in grid[1] for r in grid[0])
    title = "Sensitivity: effects that a unit of X raises by τ_R (direct) and τ_M (mediator)"
    return ResultTable("sensitivity", title, ("τ_R", "τ_M", *COLUMNS), rows)


COLUMNS = ("direct", "direct_low", "direct_high", "mediator", "mediator_low", "mediator_high")


def _contour_table(
    shifts: TauSensitivity, steps: tuple[Modification, Modification], names: tuple[str, ...], df: int, level: float
) -> ResultTable:
    """The estimates over a square of τ_R and τ_M, one covariate after the other; `CompanionResult.plot` draws it."""
    rows = tuple(
        (name, each.tau_r[j], each.tau_m[j], *_cells(each, df, level))
        for j, name in enumerate(names)
        for each in surface(shifts, steps, j)
    )
    title = "Sensitivity over a square of τ_R and τ_M of one covariate (the others change no effect)"
    return ResultTable("contour", title, ("covariate", "τ_R", "τ_M", *COLUMNS), rows)


def _cells(shifted: Shifted, df: int, level: float) -> tuple[float | None, ...]:
    direct = t_interval(shifted.direct, shifted.direct_error, df, level)
    mediator = t_interval(shifted.mediator, shifted.mediator_error, df, level)
    return (shifted.direct, *direct, shifted.mediator, *mediator)


def _written(values: Modification) -> str:
    return f"({', '.join(f'{value:.6g}' for value in values)})"
