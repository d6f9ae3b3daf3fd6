"""Mediation from heterogeneous effects (Fu 2023): the slope of effects on the outcome on effects on the mediator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from boundgen.companions.checks import check_binary
from boundgen.companions.facts import facts_of
from boundgen.companions.heterogeneity.bces import Line, Resampled, bces, refusal_text, resample
from boundgen.companions.heterogeneity.designs import SharedError, instrumented_effects, treatment_effects
from boundgen.companions.heterogeneity.remark import remark_table
from boundgen.companions.heterogeneity.simex import least_squares, simex
from boundgen.companions.heterogeneity.subgroups import Effects, individual, subgroup_effects
from boundgen.companions.intervals import check_draws, check_level
from boundgen.companions.names import BASES
from boundgen.companions.regression.library import library
from boundgen.companions.result import (
    CompanionAssumption,
    CompanionEstimate,
    CompanionResult,
    DataFacts,
    Diagnostic,
    ResultTable,
    SharpBounds,
)
from boundgen.companions.sharp_bounds import NOT_ASKED, natural_effect_bounds, sharp_warnings
from boundgen.data.columns import Columns, NamedColumns, columns_of
from boundgen.data.parts import EFFECTS
from boundgen.errors import DataError, quoted
from boundgen.exact.arrays import Array

MIN_GROUPS, FEW_GROUPS, UNRELIABLE = 4, 30, 0.5
ASSUMPTIONS = (
    CompanionAssumption(
        "1", "no correlation", "Effects on the mediator are not correlated with direct effects: Cov(γₖ, δₖ) = 0."
    ),
    CompanionAssumption("Proposition 1", "variation", "Effects on the mediator vary between groups: Var(γₖ) > 0."),
    CompanionAssumption("Proposition 1(2)", "slope", "β is the same in all groups, or independent of γₖ."),
    CompanionAssumption(
        "2",
        "heterogeneous measurement",
        "Estimated effects are normal about the true ones, with known errors not correlated with γₖ. Errors of γ̂ₖ and "
        "τ̂ₖ have the covariance that is given, or none.",
    ),
    CompanionAssumption(
        "Section 5",
        "effects",
        "The given effects are of the treatment in each group, by randomization or another design, and groups are "
        "independent.",
    ),
    CompanionAssumption(
        "Section 4.1",
        "what β is under interaction",
        "Where treatment and mediator interact, β is the effect of the mediator with treatment (θ is in it), and "
        "β·γ the total indirect effect η(1), equation (20). The pure one η(0), equation (19), is not "
        "identified: the direct effect δ(1) beside it depends on γ.",
    ),
)
SHARED = CompanionAssumption(
    "Section 5",
    "multiple treatment meta design",
    "Types of treatment are groups, and share the control arm. What its mean errs by is in all effects alike: it moves "
    "the line, but not its slope. The errors in the slopes are those of the treated arms; those of indirect effects "
    "have both.",
)
INSTRUMENTED = CompanionAssumption(
    "(28)",
    "instrument of the treatment",
    "In each group Z is as if randomized and affects mediator and outcome only through the treatment, which it moves. "
    "Effects are then those of units that Z moves, if these are never moved away from the treatment.",
)
OF_UNITS = CompanionAssumption(
    "(25)-(26)",
    "linear model",
    "For the individual-level estimator: the outcome is linear in the mediator with the same β for all units, beside "
    "direct effects of groups; what else affects both may be anything.",
)
TOO_SHORT = (
    "The pairs bootstrap interval may be far too short here: in a design with a reliability of 1/3 it misses the slope "
    "in about a fifth of all samples (make fu-table). The wild bootstrap's test of beta = 0 keeps its level there."
)


def heterogeneity(
    columns: NamedColumns,
    *,
    gamma_hat: str = "gamma_hat",
    tau_hat: str = "tau_hat",
    sd_u: str = "sd_u",
    sd_v: str = "sd_v",
    cov_uv: str | None = None,
    group: str | None = None,
    base: str = "simex",
    level: float = 0.95,
    seed: int = 1,
    draws: int = 1000,
) -> CompanionResult:
    """OLS, SIMEX and BCES slopes, and β·γ̂ₖ as the indirect effect of each group.

    Parameters
    ----------
    columns : mapping of str to sequences of shape (groups,), or data frame
    gamma_hat, tau_hat : str
        Names of columns: estimated effects on the mediator and on the outcome.
    sd_u, sd_v : str
        Their standard errors.
    cov_uv : str, optional
        The covariance of the errors of both, where both are estimated from the same units; zero without. Fu has no
        such term in (23), and says that it is not needed; Akritas & Bershady, whom he follows, have it.
    group : str, optional
        What the groups are called.
    base : {"simex", "bces", "ols"}
        Whose slope the indirect effects use.
    level, seed, draws
        Of intervals, and of the bootstraps of BCES; the seed is that of SIMEX too.

    Raises
    ------
    DataError
        Fewer than four groups, errors that are not positive, effects on the mediator that do not vary, and BCES as
        base where its denominator is not positive.

    Notes
    -----
    Fu (2023), Extract mechanisms from heterogeneous effects, Propositions 1-2, equations (16), (23)-(24).
    """
    parts = {"gamma_hat": gamma_hat, "tau_hat": tau_hat, "sd_u": sd_u, "sd_v": sd_v, "cov_uv": cov_uv, "S": group}
    return from_effects(columns_of(columns, parts), base=base, level=level, seed=seed, draws=draws)


def from_effects(
    data: Columns, *, base: str = "simex", level: float = 0.95, seed: int = 1, draws: int = 1000
) -> CompanionResult:
    """The method at effects of groups: parts gamma_hat, tau_hat, sd_u, sd_v, and perhaps cov_uv and S."""
    g, t, u, v = (data.one(part) for part in EFFECTS)
    cov = data.one("cov_uv") if data.has("cov_uv") else np.zeros(len(g))
    names = data.labels["S"].texts if data.has("S") else [f"{k + 1}" for k in range(len(g))]
    effects = Effects(tuple(names), g, t, u, v, cov)
    return _result(effects, facts_of(data, unit="groups"), base=base, level=level, seed=seed, draws=draws)


def _result(
    given: Effects,
    facts: DataFacts,
    *,
    base: str,
    level: float,
    seed: int,
    draws: int,
    further: tuple[CompanionEstimate, ...] = (),
    shared: SharedError = SharedError(),
) -> CompanionResult:
    """All slopes, and others that are shown beside."""
    check_level(level)
    check_draws(draws, seed)
    effects = _ordered(given)
    if base not in BASES:
        raise DataError(f"{quoted(base)} is no estimator of the slope", remedy=f"Estimators: {', '.join(BASES)}.")
    lines = _lines(effects, base, seed)
    resampled = _resampled(effects, level, seed, draws) if "bces" in lines and draws else None
    estimates = [_estimate(name, line, len(effects.names), level) for name, line in lines.items()]
    if resampled is not None and resampled.interval is not None:
        estimates[-1] = replace(estimates[-1], others=(resampled.interval,))
    indirect, table = _indirect(effects, lines[base], base, level, shared)
    return CompanionResult(
        method="heterogeneity",
        title="mediation from heterogeneous effects of groups",
        source="Fu (2023), Propositions 1-2, (16), (23)-(24); Akritas & Bershady (1996); Cook & Stefanski (1994)",
        data=facts,
        estimates=(*estimates, *further, indirect),
        assumptions=ASSUMPTIONS,
        diagnostics=(*_diagnostics(effects), *_wild_test(resampled)),
        warnings=(*_warnings(effects, lines), *_resampling_warnings(effects, resampled, draws), *_without_error(lines)),
        tables=(table, *filter(None, [remark_table(effects, level)])),
        no_bounds="There are no sharp bounds beside: the estimand is a mean over groups, and only effects are used.",
        options=(("level", level), ("seed", seed), ("draws", draws), ("base", base)),
    )


def _lines(effects: Effects, base: str, seed: int) -> dict[str, Line]:
    """The slopes; BCES only where its denominator is positive, unless it is what the indirect effects use."""
    g, t, u, cov = effects.gamma, effects.tau, effects.sd_u, effects.cov
    slope, variance = least_squares(g, t)
    lines = {"ols": Line(float(slope), float(t.mean() - slope * g.mean()), float(np.sqrt(variance)))}
    lines["simex"] = simex(g, t, u, seed, cov=cov)
    if ((g - g.mean()) ** 2).sum() > (u**2).sum() or base == "bces":
        lines["bces"] = bces(g, t, u, cov)
    return lines


def _resampled(effects: Effects, level: float, seed: int, draws: int) -> Resampled:
    return resample(effects.gamma, effects.tau, effects.sd_u, level, seed, draws, effects.cov)


def heterogeneity_units(
    columns: NamedColumns,
    *,
    subgroup: str = "S",
    treatment: str = "A",
    mediator: str = "M",
    outcome: str = "Y",
    base: str = "simex",
    level: float = 0.95,
    seed: int = 1,
    draws: int = 1000,
    bounds: bool = True,
) -> CompanionResult:
    """From units with a subgroup each: effects by differences of means, and the individual-level estimator beside.

    Parameters
    ----------
    columns : mapping of str to sequences of shape (n,), or data frame
    subgroup, treatment, mediator, outcome : str
        Names of columns; the treatment is 0 or 1.
    base, level, seed, draws
        As for `heterogeneity`.
    bounds : bool
        Whether to compute sharp bounds on the indirect effect, where mediator and outcome are discrete.

    Raises
    ------
    DataError
        As `heterogeneity`; a treatment that is not 0 and 1, and subgroups with fewer than two units in an arm.
    """
    parts = {"A": treatment, "M": mediator, "Y": outcome, "S": subgroup}
    return from_units(columns_of(columns, parts), base=base, level=level, seed=seed, draws=draws, bounds=bounds)


def from_units(
    data: Columns,
    *,
    base: str = "simex",
    level: float = 0.95,
    seed: int = 1,
    draws: int = 1000,
    bounds: bool = True,
) -> CompanionResult:
    """The method at units with subgroups: parts A, M, Y, S."""
    check_level(level)
    labels, (a, m, y) = data.labels["S"].texts, (data.one(part) for part in ("A", "M", "Y"))
    check_binary(a, "A", "treatment")
    effects = subgroup_effects(labels, a, m, y)
    _ordered(effects)
    order = np.lexsort((y, m, a, np.asarray(labels, dtype=str)))
    line = individual([labels[i] for i in order], a[order], m[order], y[order])
    further = (_estimate("individual", line, len(effects.names), level),)
    result = _result(effects, facts_of(data), base=base, level=level, seed=seed, draws=draws, further=further)
    sharp, reason = _sharp_bounds(np.asarray(labels, dtype=str), a, m, y) if bounds else ((), NOT_ASKED)
    warnings = (*result.warnings, *sharp_warnings(result.estimates, sharp))
    assumptions = (*result.assumptions, OF_UNITS)
    return replace(result, bounds=sharp, no_bounds=reason, warnings=warnings, assumptions=assumptions)


def from_treatments(
    data: Columns, *, base: str = "simex", level: float = 0.95, seed: int = 1, draws: int = 1000
) -> CompanionResult:
    """The method at types of treatment that share a control arm: parts A (0 for control), M, Y."""
    a, m, y = (data.one(part) for part in ("A", "M", "Y"))
    effects, shared = treatment_effects(a, m, y, data.name("A"))
    result = _result(effects, facts_of(data), base=base, level=level, seed=seed, draws=draws, shared=shared)
    return replace(result, assumptions=(*result.assumptions, SHARED))


def from_instrument(
    data: Columns, *, base: str = "simex", level: float = 0.95, seed: int = 1, draws: int = 1000
) -> CompanionResult:
    """The method at units with subgroups and an instrument for the treatment: parts A, Z, M, Y, S."""
    z, a, m, y = (data.one(part) for part in ("Z", "A", "M", "Y"))
    effects = instrumented_effects(data.labels["S"].texts, z, a, m, y)
    result = _result(effects, facts_of(data), base=base, level=level, seed=seed, draws=draws)
    return replace(result, assumptions=(*result.assumptions, INSTRUMENTED))


def _sharp_bounds(labels: npt.NDArray[np.str_], a: Array, m: Array, y: Array) -> tuple[tuple[SharpBounds, ...], str]:
    """Sharp bounds on the mean indirect effect over groups: all groups count the same, as in mean β·γₖ."""
    which = np.unique(labels, return_inverse=True)[1] * 2 + a.astype(int)
    found, reason = natural_effect_bounds(a, m, y, 1 / np.bincount(which)[which])
    symbols = {"delta0": "δ(0)", "delta1": "δ(1)"}
    return tuple(
        replace(each, estimand="indirect", assumptions=f"{each.assumptions}, {symbols[each.estimand]}")
        for each in found
        if each.estimand in symbols
    ), reason


def _ordered(effects: Effects) -> Effects:
    """The effects, checked, in an order that does not depend on that of the rows."""
    g, t, u, v, cov = effects.gamma, effects.tau, effects.sd_u, effects.sd_v, effects.cov
    for column, what in ((u, "sd_u"), (v, "sd_v")):
        if (column <= 0).any():
            raise DataError(
                f"{int((column <= 0).sum())} standard errors in {what} are zero or negative",
                remedy="Standard errors are positive; leave groups without one out.",
            )
    beyond = int((np.abs(cov) > u * v * (1 + 1e-9)).sum())
    if beyond:
        raise DataError(
            f"{beyond} covariances in cov_uv are beyond sd_u times sd_v",
            remedy="A covariance of errors is at most the product of their standard errors.",
        )
    if len(g) < MIN_GROUPS:
        few = "1 group" if len(g) == 1 else f"{len(g)} groups"
        raise DataError(few, remedy=f"A line with an error needs {MIN_GROUPS} at least.")
    if np.ptp(g) <= 1e-12 * np.abs(g).max():
        raise DataError(f"gamma_hat is {g[0]:g} in every group", remedy="Without variation there is no slope.")
    order = np.lexsort((cov, v, u, t, g))
    return Effects(tuple(effects.names[k] for k in order), g[order], t[order], u[order], v[order], cov[order])


WORDS = {
    "ols": "least squares; drawn towards zero by errors of gamma-hat",
    "simex": "simulation and extrapolation to no error",
    "bces": "least squares with the errors' variance taken out (23)",
    "individual": "bias-corrected 2SLS with direct effects, (25)-(26)",
}


def _estimate(name: str, line: Line, groups: int, level: float) -> CompanionEstimate:
    """A slope with an interval of Student's t at groups - 2 degrees of freedom."""
    usable = bool(np.isfinite(line.error))
    width = float(library("scipy.stats").t.ppf((1 + level) / 2, groups - 2)) * line.error
    low, high = (line.slope - width, line.slope + width) if usable else (None, None)
    return CompanionEstimate(
        f"beta_{name}", f"β {name}", line.slope, line.error if usable else None, low, high, WORDS[name], "Student's t"
    )


def _indirect(
    effects: Effects, line: Line, base: str, level: float, shared: SharedError
) -> tuple[CompanionEstimate, ResultTable]:
    """β·γ̂ₖ by the delta method, β and γ̂ₖ taken as independent, and the mean over groups."""
    g, own = effects.gamma, effects.sd_u
    u, v = np.sqrt(own**2 + shared.of_mediator), np.sqrt(effects.sd_v**2 + shared.of_outcome)
    value = line.slope * g
    error = np.sqrt((line.error * g) ** 2 + (line.slope * u) ** 2)
    width = float(library("scipy.stats").t.ppf((1 + level) / 2, len(g) - 2))
    usable = bool(np.isfinite(line.error))
    rows = tuple(
        (
            name, float(a), float(c), float(t), float(d), float(b),
            float(b - width * e) if usable else None, float(b + width * e) if usable else None,
            float(b / t) if t else None,
        )
        for name, a, c, t, d, b, e in zip(effects.names, g, u, effects.tau, v, value, error, strict=True)
    )  # fmt: skip
    columns = ("group", "gamma_hat", "sd_u", "tau_hat", "sd_v", "indirect", "lower", "upper", "share of total")
    mean, spread = (
        float(value.mean()),
        float(np.hypot(line.error * g.mean(), line.slope * np.sqrt((own**2).sum() / len(g) ** 2 + shared.of_mediator))),
    )
    low, high = (mean - width * spread, mean + width * spread) if usable else (None, None)
    words, kept = f"mean indirect effect by {base}", spread if usable else None
    estimate = CompanionEstimate("indirect", "mean β·γₖ", mean, kept, low, high, words, "Student's t")
    return estimate, ResultTable("indirect", f"Indirect effects by {base}", columns, rows)


def _diagnostics(effects: Effects) -> tuple[Diagnostic, ...]:
    g, t, u = effects.gamma, effects.tau, effects.sd_u
    ratio = reliability(g, u)
    weights = 1 / u**2
    q = float((weights * (g - (weights * g).sum() / weights.sum()) ** 2).sum())
    p_q, p_linear = float(library("scipy.stats").chi2.sf(q, len(g) - 1)), _p_linear(g, t)
    together = float(effects.cov.sum() / np.sqrt((u**2).sum() * (effects.sd_v**2).sum()))
    along = (Diagnostic("correlation of errors", together, "of both effects' estimates; least squares keeps it"),)
    return (
        Diagnostic(
            "reliability ratio",
            ratio,
            "share of the variance of gamma-hat that is no error (Prop. 2)",
            ratio < UNRELIABLE,
        ),
        *(along if effects.cov.any() else ()),
        Diagnostic("Q", q, f"heterogeneity of effects on the mediator, p = {p_q:.3g} (Prop. 1)", p_q > 0.05),
        Diagnostic("p of linearity", p_linear, "a square of gamma-hat beside it (Prop. 1(2))", p_linear < 0.05),
        Diagnostic("groups", len(g), "intervals are for many groups", len(g) < FEW_GROUPS),
    )


def reliability(gamma: Array, sd_u: Array) -> float:
    """One less the mean variance of errors over the variance of γ̂; below zero where the errors explain all."""
    return float(1 - (sd_u**2).mean() / gamma.var())


def _p_linear(gamma: Array, tau: Array) -> float:
    """The p-value of a quadratic term."""
    scaled = (gamma - gamma.mean()) / gamma.std()
    design = np.column_stack([np.ones(len(gamma)), scaled, scaled**2])
    if np.linalg.matrix_rank(design) < 3:
        return 1.0
    coefficients = np.linalg.lstsq(design, tau, rcond=None)[0]
    variance = ((tau - design @ coefficients) ** 2).sum() / (len(gamma) - 3) * np.linalg.inv(design.T @ design)[2, 2]
    if variance <= 0:
        return 1.0
    return float(2 * library("scipy.stats").t.sf(abs(coefficients[2]) / np.sqrt(variance), len(gamma) - 3))


def _wild_test(resampled: Resampled | None) -> tuple[Diagnostic, ...]:
    if resampled is None:
        return ()
    return (Diagnostic("p of beta = 0 (BCES)", resampled.p_wild, "restricted wild bootstrap percentile-t"),)


def _warnings(effects: Effects, lines: Mapping[str, Line]) -> tuple[str, ...]:
    ratio, groups = reliability(effects.gamma, effects.sd_u), len(effects.gamma)
    said = [f"{groups} groups are few: the errors of BCES are too small then."] if groups < FEW_GROUPS else []
    if ratio < UNRELIABLE:
        said.append(f"The reliability ratio of gamma-hat is {ratio:.2f}: least squares is drawn far towards zero.")
    if "bces" not in lines:
        said.append(f"BCES is refused: {refusal_text(effects.gamma, effects.tau, effects.sd_u, effects.cov)}.")
    return tuple(said)


def _resampling_warnings(effects: Effects, resampled: Resampled | None, draws: int) -> tuple[str, ...]:
    if resampled is None:
        return ()
    said = []
    if resampled.lost:
        what = "the interval is of the others" if resampled.interval else "so there is no bootstrap interval"
        said.append(f"{resampled.lost} of {draws} pairs bootstrap samples have no BCES estimate; {what}.")
    if resampled.interval and (resampled.lost or reliability(effects.gamma, effects.sd_u) < UNRELIABLE):
        said.append(TOO_SHORT)
    return tuple(said)


def _without_error(lines: Mapping[str, Line]) -> tuple[str, ...]:
    lost = [name for name, line in lines.items() if not np.isfinite(line.error)]
    return tuple(f"The extrapolated variance of {name} is not positive: it has no interval." for name in lost)
