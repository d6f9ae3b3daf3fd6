"""A binary instrument for the mediator: Kim's four instrumental estimands (2022), and the bounds that they may leave.

Kim's equations (5)-(10) write the mediator's coefficients of treated units as π and of untreated units as τ; Lemma 1
has the two exchanged. The names here are those of equations (5)-(10): π is of D = 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from boundgen.companions.checks import check_binary, check_varies
from boundgen.companions.facts import facts_of
from boundgen.companions.intervals import (
    Bootstrap,
    Groups,
    bootstrap,
    check_draws,
    check_level,
    groups_of,
    normal_interval,
)
from boundgen.companions.iv_covariates import parameter_influences, solved
from boundgen.companions.regression.strength import WEAK_F
from boundgen.companions.result import (
    CompanionAssumption,
    CompanionEstimate,
    CompanionResult,
    Diagnostic,
    ResultTable,
    SharpBounds,
)
from boundgen.companions.sharp_bounds import (
    NOT_ASKED,
    instrument_bounds,
    natural_effect_bounds,
    sample_strata,
    sharp_warnings,
    strata_diagnostics,
)
from boundgen.data.columns import Columns, NamedColumns, columns_of
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

NO_EFFECT, TINY = 1e-12, 1e-300
# Columns of groups where there are no covariates: D, Z, M, Y.
ALONE = 4
EFFECTS = {
    "nie0": ("NIE₀", "natural indirect effect without treatment, equation (7)"),
    "nie1": ("NIE₁", "natural indirect effect with treatment, equation (8)"),
    "nde0": ("NDE₀", "natural direct effect at the untreated mediator, equation (9)"),
    "nde1": ("NDE₁", "natural direct effect at the treated mediator, equation (10)"),
}
# What his estimators do not estimate, and the sample's P(Z) bounds too.
WITHOUT_ESTIMATE = {
    "ett0": ("ETT₀", "effect of the mediator, without treatment, on those who then have it"),
    "ett1": ("ETT₁", "effect of the mediator, with treatment, on those who then have it"),
}
ASSUMPTIONS = (
    CompanionAssumption("1", "treatment exogeneity", "{Y(d, m), M(d′)} ⊥ D: the treatment is randomized."),
    CompanionAssumption(
        "2(i)", "randomization of the instrument", "{Y(d, m), M(d′), D} ⊥ Z: the instrument is randomized, whatever D."
    ),
    CompanionAssumption(
        "2(ii)", "exclusion restriction", "Y(d, m, z) = Y(d, m): the instrument affects Y only through M."
    ),
    CompanionAssumption("2(iii)", "relevance", "The instrument moves the mediator, in each arm of the treatment."),
    CompanionAssumption(
        "Prop. 1",
        "constant effects",
        "Y(d′, m′) − Y(d, m) is the same for all units. Without it the estimands are in general not the natural "
        "effects, not even under Assumptions 3 and 4 (monotone M in D, and in Z): they are of those whom Z moves.",
    ),
)
GIVEN = (
    CompanionAssumption(
        "1", "treatment exogeneity", "{Y(d, m), M(d′)} ⊥ D given X: the treatment is as if randomized at each X."
    ),
    CompanionAssumption(
        "2(i)",
        "randomization of the instrument",
        "{Y(d, m), M(d′), D} ⊥ Z given X: the instrument is as if randomized at each X, whatever D.",
    ),
    *ASSUMPTIONS[2:4],
    CompanionAssumption(
        "Prop. 1",
        "constant effects, linear in X",
        "Y(d′, m′) − Y(d, m) is the same for all units with the same X. The equations (5) and (6) of each arm have X "
        "as further regressors: their slopes of M and Z are the same at all X, and their constants are linear in X.",
    ),
)
# Kim's natural effects are those of the model without an instrument, in which M(d) is M(d, Z).
SAME = {"delta0": "nie0", "delta1": "nie1", "zeta0": "nde0", "zeta1": "nde1"}
# The order of the parameters: outcome and mediator equations of both arms, then E[Z].
BETA0, BETA1, ALPHA0, ALPHA1, TAU0, TAU1, PI0, PI1, SHARE = range(9)
PARAMETERS = (
    ("beta0", "β₀", 0, "E[Y₀,M₀] − β₁ E[M₀]"),
    ("beta1", "β₁", 0, "E[Y₀,M₀₁ − Y₀,M₀₀] / E[M₀₁ − M₀₀]"),
    ("alpha0", "α₀", 1, "E[Y₁,M₁] − α₁ E[M₁]"),
    ("alpha1", "α₁", 1, "E[Y₁,M₁₁ − Y₁,M₁₀] / E[M₁₁ − M₁₀]"),
    ("tau0", "τ₀", 0, "E[M₀] − τ₁ E[Z]"),
    ("tau1", "τ₁", 0, "E[M₀₁ − M₀₀]"),
    ("pi0", "π₀", 1, "E[M₁] − π₁ E[Z]"),
    ("pi1", "π₁", 1, "E[M₁₁ − M₁₀]"),
)


@dataclass(frozen=True, eq=False)
class SystemFit:
    """The exactly identified system at a sample.

    Parameters
    ----------
    parameters : array of shape (9,)
        β₀, β₁, α₀, α₁, τ₀, τ₁, π₀, π₁, E[Z].
    covariance : array of shape (9, 9)
        Robust to heteroskedasticity (no small-sample correction).
    """

    parameters: Array
    covariance: Array


def iv(
    columns: NamedColumns,
    *,
    treatment: str = "A",
    instrument: str = "Z",
    mediator: str = "M",
    outcome: str = "Y",
    covariates: Sequence[str] = (),
    weights: Any = None,
    level: float = 0.95,
    seed: int = 1,
    draws: int = 1000,
    bounds: bool = True,
) -> CompanionResult:
    """Kim's instrumental estimands of natural effects, beside the sharp bounds on the natural effects themselves.

    Parameters
    ----------
    columns : mapping of str to sequences of shape (n,), or data frame
    treatment, instrument, mediator, outcome : str
        Names of columns: all but the outcome are 0 or 1; treatment and instrument are randomized.
    covariates : sequence of str
        Columns given which they are: further regressors of every equation, and strata of the bounds where discrete.
    weights : str or sequence of shape (n,), optional
        Positive weights of units.
    level : float
        Of the intervals: normal with errors robust to heteroskedasticity (exactly identified moments and the delta
        method, no small-sample correction), and percentiles of a bootstrap over units.
    seed, draws : int
        Of the bootstrap; no draws, no bootstrap.
    bounds : bool
        Whether to compute the sharp bounds; simulations do without them.

    Returns
    -------
    CompanionResult
        Estimates ``nie0``, ``nie1``, ``nde0``, ``nde1``; a table of Lemma 1's parts; for a discrete outcome sharp
        bounds under four sets of his assumptions, at the sample's P(Z): on the natural effects, and without an
        estimate on ``ett0`` and ``ett1``, the effect of the mediator on those who have it.

    Raises
    ------
    DataError
        A column that is not 0 and 1, an instrument without variation or without effect in an arm.

    Notes
    -----
    Kim (2022), On the use of instrumental variables in mediation analysis, equations (5)-(10) and Lemma 1.
    """
    names = {"A": treatment, "Z": instrument, "M": mediator, "Y": outcome, "X": covariates}
    data = columns_of(columns, names, weights)
    return from_columns(data, level=level, seed=seed, draws=draws, bounds=bounds)


def from_columns(
    data: Columns, *, level: float = 0.95, seed: int = 1, draws: int = 1000, bounds: bool = True
) -> CompanionResult:
    """The method at a sample: parts A, Z, M, Y, and perhaps covariates X and W."""
    check_level(level)
    check_draws(draws, seed)
    d, z, m, y = (data.one(part) for part in ("A", "Z", "M", "Y"))
    for column, part, what in ((d, "A", "treatment"), (z, "Z", "instrument"), (m, "M", "mediator")):
        check_binary(column, part, what)
    _check_arms(d, z)
    covariates = [*data.numbers.get("X", ()), *data.numbers.get("W", ())]
    _check_covariates(data, d, covariates)
    groups = groups_of((d, z, m, y, *covariates), data.weights)
    _check_relevance(groups)
    fit = _fit_given(groups) if covariates else _fit(groups)
    resamples = bootstrap(groups, lambda totals: effects(_parameters(groups, totals)), draws, seed)
    estimates = _estimates(fit, resamples, level)
    sharp_bounds, reason, unstratified = _sharp_bounds(data, covariates) if bounds else ((), NOT_ASKED, "")
    strengths = [_strength(groups, arm) for arm in (0, 1)]
    return CompanionResult(
        method="iv",
        title="a binary instrument for the mediator" + (", given covariates" if covariates else ""),
        source="Kim (2022), On the use of instrumental variables in mediation analysis, equations (7)-(10)",
        data=facts_of(data),
        estimates=estimates,
        assumptions=GIVEN if covariates else ASSUMPTIONS,
        diagnostics=(*_diagnostics(groups, fit, strengths), *strata_diagnostics(unstratified)),
        warnings=(*_weakness(strengths), *resamples.warnings(), *sharp_warnings(estimates, sharp_bounds)),
        tables=(_lemma(groups, fit),),
        bounds=sharp_bounds,
        no_bounds=reason,
        options=(("level", level), ("errors", "robust"), ("draws", draws), ("seed", seed)),
    )


# ---------------------------------------------------------------- refusals
def _check_arms(d: Array, z: Array) -> None:
    for arm in (0, 1):
        here = z[d == arm]
        if np.ptp(here) == 0:
            raise DataError(
                f"the instrument is {here[0]:g} in every unit with treatment {arm}",
                remedy="It must vary in both arms: Assumption 2(iii).",
            )


def _check_covariates(data: Columns, d: Array, covariates: Sequence[Array]) -> None:
    """Refuse covariates that do not vary, and those that explain each other within an arm."""
    for name, column in zip((*data.names.get("X", ()), *data.names.get("W", ())), covariates, strict=True):
        check_varies(column, f"covariate {name}")
    for arm in (0, 1):
        columns = np.column_stack([np.ones(data.size), data.one("Z"), *covariates])[d == arm]
        if np.linalg.matrix_rank(columns / np.linalg.norm(columns, axis=0).clip(min=TINY)) < columns.shape[1]:
            raise DataError(
                f"the covariates and the instrument explain each other in the units with treatment {arm}",
                remedy="Name fewer covariates.",
            )


def _check_relevance(groups: Groups) -> None:
    for arm in (0, 1):
        moved, _ = _of_instrument(groups, arm, 2)
        if not abs(moved) > NO_EFFECT:
            raise DataError(
                f"the instrument does not move the mediator at all in the units with treatment {arm}",
                remedy="The estimand divides by that effect: Assumption 2(iii), relevance.",
            )


# ---------------------------------------------------------------- estimates
def _parameters(groups: Groups, totals: Array) -> Array:
    """The nine parameters, for one weighting of the groups or for many (then in the last axis)."""
    if len(groups.columns) > ALONE:
        return solved(groups, totals).parameters()
    d, z, m, y = groups.columns
    found = [_arm(totals * (d == arm), z, m, y) for arm in (0, 1)]
    outcomes = [part for arm in found for part in arm[:2]]
    mediators = [part for arm in found for part in arm[2:]]
    share = totals @ z / totals.sum(axis=-1)
    return np.stack([*outcomes, *mediators, share], axis=-1)


def _arm(totals: Array, z: Array, m: Array, y: Array) -> tuple[Array, Array, Array, Array]:
    """Two-stage least squares of Y on M with instrument Z, and least squares of M on Z, in one arm."""
    size = totals.sum(axis=-1)
    level, moved = _least_squares(totals, z, m)
    _, reduced = _least_squares(totals, z, y)
    slope = reduced / moved
    return totals @ y / size - slope * (totals @ m / size), slope, level, moved


def _least_squares(totals: Array, z: Array, left: Array) -> tuple[Array, Array]:
    """Level and slope of a column on the binary Z."""
    size = totals.sum(axis=-1)
    of_z, of_left = totals @ z / size, totals @ left / size
    slope = (totals @ (z * left) / size - of_z * of_left) / (of_z - of_z**2)
    return of_left - slope * of_z, slope


def effects(parameters: Array) -> Array:
    """NIE₀, NIE₁, NDE₀, NDE₁ from the nine parameters: Kim (2022), equations (7)-(10)."""
    p = np.moveaxis(parameters, -1, 0)
    untreated, treated = p[TAU0] + p[TAU1] * p[SHARE], p[PI0] + p[PI1] * p[SHARE]
    shift, slopes = p[ALPHA0] - p[BETA0], p[ALPHA1] - p[BETA1]
    moved = treated - untreated
    found = [p[BETA1] * moved, p[ALPHA1] * moved, shift + slopes * untreated, shift + slopes * treated]
    return np.stack(found, axis=-1)


def _gradients(p: Array) -> Array:
    """The derivatives of the four effects, shape (4, 9)."""
    untreated, treated = p[TAU0] + p[TAU1] * p[SHARE], p[PI0] + p[PI1] * p[SHARE]
    of_untreated, of_treated = np.zeros(9), np.zeros(9)
    of_untreated[[TAU0, TAU1, SHARE]] = 1, p[SHARE], p[TAU1]
    of_treated[[PI0, PI1, SHARE]] = 1, p[SHARE], p[PI1]
    found = np.zeros((4, 9))
    for row, slope in ((0, BETA1), (1, ALPHA1)):
        found[row] = p[slope] * (of_treated - of_untreated)
        found[row, slope] += treated - untreated
    for row, mediator, of_mediator in ((2, untreated, of_untreated), (3, treated, of_treated)):
        found[row] = (p[ALPHA1] - p[BETA1]) * of_mediator
        found[row, [ALPHA0, BETA0, ALPHA1, BETA1]] += 1, -1, mediator, -mediator
    return found


def _fit(groups: Groups) -> SystemFit:
    """Stacked moments: each arm's (1, Z) times the residuals of both equations, and Z - E[Z]."""
    p = _parameters(groups, groups.totals)
    d, z, m, y = groups.columns
    one = np.ones_like(z)
    moments, slopes = [], []
    # Each equation: which parameters, the arm, the left side, the regressor.
    equations = ((BETA0, 0, y, m), (ALPHA0, 1, y, m), (TAU0, 0, m, z), (PI0, 1, m, z))
    for first, arm, left, right in equations:
        residual = (d == arm) * (left - p[first] - p[first + 1] * right)
        for instrument in (one, z):
            moments.append(instrument * residual)
            row = np.zeros(9)
            inside = groups.totals * (d == arm) * instrument
            row[[first, first + 1]] = inside.sum(), inside @ right
            slopes.append(row)
    moments.append(z - p[SHARE])
    slopes.append(np.eye(9)[SHARE] * groups.totals.sum())
    g = np.array(moments)
    inverse = np.linalg.inv(np.array(slopes))
    return SystemFit(p, inverse @ (g * groups.squares) @ g.T @ inverse.T)


def _fit_given(groups: Groups) -> SystemFit:
    """The same with covariates in every equation."""
    parameters, influences = parameter_influences(groups)
    return SystemFit(parameters, (influences.T * groups.squares) @ influences)


def _root(variance: float) -> float:
    """A standard error; rounding can make a variance of zero negative."""
    return sqrt(max(0.0, float(variance)))


def _estimates(fit: SystemFit, resamples: Bootstrap, level: float) -> tuple[CompanionEstimate, ...]:
    values, gradients = effects(fit.parameters), _gradients(fit.parameters)
    found = []
    for i, (name, (symbol, words)) in enumerate(EFFECTS.items()):
        error = _root(gradients[i] @ fit.covariance @ gradients[i])
        low, high = normal_interval(float(values[i]), error, level)
        others = resamples.percentiles(i, level)
        found.append(CompanionEstimate(name, symbol, float(values[i]), error, low, high, words, "robust", others))
    return tuple(found)


def _sharp_bounds(data: Columns, covariates: Sequence[Array]) -> tuple[tuple[SharpBounds, ...], str, str]:
    """Sharp bounds with the instrument, and those that leave it out; and why they are not within strata."""
    d, z, m, y, w = data.one("A"), data.one("Z"), data.one("M"), data.one("Y"), data.weights
    strata = sample_strata(np.column_stack(covariates), (d, z)) if covariates else None
    unstratified, strata = (strata, None) if isinstance(strata, str) else ("", strata)
    bounds, reason = instrument_bounds(d, z, m, y, w, strata)
    plain, _ = natural_effect_bounds(d, m, y, w, strata)
    named = (*(replace(each, estimand=SAME[each.estimand]) for each in plain), *bounds)
    return tuple(map(_explained, named)), reason if not plain else "", unstratified


def _explained(bounds: SharpBounds) -> SharpBounds:
    """With symbol and words, where no estimate has them."""
    symbol, words = WITHOUT_ESTIMATE.get(bounds.estimand, ("", ""))
    return replace(bounds, symbol=symbol, words=words)


# ---------------------------------------------------------------- diagnostics
def _of_instrument(groups: Groups, arm: int, place: int) -> tuple[float, float]:
    """The effect of Z on a column (2: M, 3: Y) in one arm, by least squares, and its robust error (HC0)."""
    inside = groups.columns[0] == arm
    totals, squares = groups.totals[inside], groups.squares[inside]
    z, left = groups.columns[1][inside], groups.columns[place][inside]
    rest = _without_covariates(groups, inside, np.column_stack([z, left]))
    z, left = rest[:, 0], rest[:, 1]
    moved = totals @ (z * left) / (totals @ z**2)
    spread = squares @ (z * (left - moved * z)) ** 2
    return float(moved), _root(spread) / float(totals @ z**2)


def _without_covariates(groups: Groups, inside: npt.NDArray[np.bool_], columns: Array) -> Array:
    """What a constant and the covariates leave of columns (Frisch & Waugh)."""
    totals = groups.totals[inside]
    columns = columns - totals @ columns / totals.sum()
    if len(groups.columns) == ALONE:
        return columns
    x = np.column_stack([column[inside] for column in groups.columns[ALONE:]])
    x = x - totals @ x / totals.sum()
    root = np.sqrt(totals)[:, None]
    slopes = np.linalg.lstsq(root * x, root * columns, rcond=None)[0]
    return np.asarray(columns - x @ slopes)


def _strength(groups: Groups, arm: int) -> float:
    """The robust F statistic of the instrument in one arm's first stage."""
    moved, error = _of_instrument(groups, arm, 2)
    return (moved / error) ** 2 if error > 0 else float("inf")


def _diagnostics(groups: Groups, fit: SystemFit, strengths: Sequence[float]) -> tuple[Diagnostic, ...]:
    found = [
        Diagnostic(
            f"first-stage F, treatment {arm}",
            strength,
            f"of Z on M, robust (Assumption 2(iii)); weak below {WEAK_F:g}",
            strength < WEAK_F,
        )
        for arm, strength in enumerate(strengths)
    ]
    p = fit.parameters
    words = "effect of Z on M in the arms (Assumption 4: both of one sign)"
    found.append(Diagnostic("τ₁, π₁", f"{p[TAU1]:.4f}, {p[PI1]:.4f}", words, bool(p[TAU1] * p[PI1] < 0)))
    words = "the sample's: effects are averages over Z with these weights, as estimates and in sharp bounds"
    found.append(Diagnostic("P(Z=1)", float(p[SHARE]), words))
    d, z = groups.columns[:2]
    shares = [groups.totals @ (z * (d == arm)) / (groups.totals @ (d == arm)) for arm in (0, 1)]
    words = "P(Z=1) in the arms (Assumption 2(i): Z is randomized whatever D)"
    found.append(Diagnostic("balance of Z", f"{shares[0]:.4f}, {shares[1]:.4f}", words))
    return tuple(found)


def _weakness(strengths: Sequence[float]) -> tuple[str, ...]:
    weak = [f"{strength:.2f} with treatment {arm}" for arm, strength in enumerate(strengths) if strength < WEAK_F]
    if not weak:
        return ()
    return (
        f"The instrument is weak: a first-stage F of {' and '.join(weak)}, below {WEAK_F:g}. "
        "The estimates are then biased, and neither interval covers as it says.",
    )


def _lemma(groups: Groups, fit: SystemFit) -> ResultTable:
    """Lemma 1: what each coefficient of the system identifies under Assumptions 1 and 2, and the slopes' numerators."""
    reduced = tuple(
        (f"reduced{arm}", f"{symbol} {first}", arm, *_of_instrument(groups, arm, 3), f"E[Y{d},M{d}₁ − Y{d},M{d}₀]")
        for arm, symbol, first, d in ((0, "β₁", "τ₁", "₀"), (1, "α₁", "π₁", "₁"))
    )
    rows = tuple(
        (name, symbol, arm, float(fit.parameters[i]), _root(fit.covariance[i, i]), identifies)
        for i, (name, symbol, arm, identifies) in enumerate(PARAMETERS)
    )
    columns = ("parameter", "symbol", "treatment", "value", "error", "identifies under Assumptions 1-2")
    return ResultTable("lemma1", "Lemma 1: the parts of the estimands", columns, (*rows, *reduced))
