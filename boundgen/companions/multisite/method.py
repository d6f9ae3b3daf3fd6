"""Sites as instruments for several mediators: Reardon & Raudenbush, Multiple-site multiple-mediator IV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from boundgen.companions.checks import check_varies
from boundgen.companions.facts import facts_of
from boundgen.companions.intervals import check_level
from boundgen.companions.multisite.arms import EffectRows, effect_rows
from boundgen.companions.multisite.pooled import covariance_table, pooled
from boundgen.companions.multisite.rank_conditions import RankConditions, conditions_of
from boundgen.companions.multisite.report import (
    ASSUMPTIONS,
    Findings,
    diagnostics,
    errors_table,
    estimators_table,
    sites_table,
    warnings_of,
)
from boundgen.companions.multisite.site_effects import SiteLevel, nonlinearity, origin, site_effects, site_level
from boundgen.companions.regression.anderson_rubin import anderson_rubin_sets, unusual
from boundgen.companions.regression.covariance import WORDS, CovType, checked_cov_type
from boundgen.companions.regression.design import Design, check_independent
from boundgen.companions.regression.strength import cragg_donald, first_stage, sanderson_windmeijer
from boundgen.companions.regression.two_stage import Fit, overidentification, t_interval, two_stage
from boundgen.companions.result import CompanionEstimate, CompanionResult, SharpBounds
from boundgen.companions.sharp_bounds import MMR, NOT_ASKED, natural_effect_bounds, sharp_warnings
from boundgen.data.columns import Columns, Labels, NamedColumns, columns_of
from boundgen.data.texts import listed
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

# What the parts of columns in memory are called.
IN_MEMORY = {"S": "site", "W": "covariate"}


@dataclass(frozen=True, eq=False)
class Study:
    """Columns as the regressions take them.

    Parameters
    ----------
    sample : Columns
        Parts Y, A, M, W, S, C, in an order that does not depend on that of the rows.
    treatment, outcome : arrays of shape (n,)
    mediators : array of shape (n, P)
    names : tuple of str
        Of the mediators.
    sites : Labels
    clusters : Labels or None
        A column of clusters, if there is one.
    design : Design
        One equation: sites and covariates are exogenous, treatment by site are the instruments.
    cov_type : {"unadjusted", "robust", "clustered"}
    rows : EffectRows
        Sites, or arms of sites.
    """

    sample: Columns
    treatment: Array
    mediators: Array
    outcome: Array
    names: tuple[str, ...]
    sites: Labels
    clusters: Labels | None
    design: Design
    cov_type: CovType
    rows: EffectRows

    @property
    def grouped(self) -> Labels | None:
        """The clusters of the errors that were asked for: sites, where none are named."""
        return (self.clusters or self.sites) if self.cov_type == "clustered" else None


def multisite(
    columns: NamedColumns,
    *,
    outcome: str = "Y",
    treatment: str = "A",
    mediators: Sequence[str] = ("M",),
    site: str | Sequence[str] = "S",
    covariates: Sequence[str] = (),
    clusters: str | None = None,
    weights: Any = None,
    cov_type: CovType | None = None,
    arms: bool = False,
    level: float = 0.95,
    bounds: bool = True,
) -> CompanionResult:
    """Effects of several mediators on the outcome, with treatment by site as instruments.

    Parameters
    ----------
    columns : mapping of str to sequences of shape (n,), or data frame
    outcome, treatment, site : str
        Names of columns; the treatment is randomized, and varies, within each site. Of several columns for the site
        (also of covariates) every combination is a site.
    mediators : sequence of str
        No more than there are sites.
    covariates : sequence of str
        With the same coefficients in all sites, in both stages.
    clusters : str, optional
        Units with the same label may depend on each other.
    weights : str or sequence of shape (n,), optional
        Positive weights of units.
    cov_type : {"unadjusted", "robust", "clustered"}, optional
        Of the one-step estimator. By default robust, with clusters clustered. ``"clustered"`` without a column of
        clusters is by site: the effects of mediators may then differ between sites.
    arms : bool
        Whether each value of the treatment is an arm of its own, compared with the lowest, and each arm of each site an
        instrument; otherwise the treatment is one number, in which mediators are linear.
    level : float
        Of the intervals (Student's t).
    bounds : bool
        Whether to compute sharp bounds on the effect through the mediators, where treatment, mediators and outcome are
        discrete.

    Returns
    -------
    CompanionResult
        For each mediator ``one_step_NAME`` (two-stage least squares) and ``site_level_NAME`` (equation 11), and
        ``indirect``, the average effect through all mediators; tables ``sites`` (site effects), ``errors`` and
        ``estimators``.

    Raises
    ------
    DataError
        Fewer sites than mediators, a site in which the treatment does not vary, a compliance matrix without full rank,
        perfect collinearity, missing values, columns that are no numbers.
    LibraryError
        If linearmodels or statsmodels is not installed.

    Notes
    -----
    Reardon & Raudenbush (2013), Under what assumptions do site-by-treatment instruments identify average causal
    effects?, assumptions (i)-(ix) and equation (11).
    Without covariates the one-step estimator is least squares of site effects on the outcome on those on the
    mediators, through the origin, with sites counted by the sum of squares of their treatment.
    """
    if not mediators:
        raise DataError("no mediator is named", remedy="Name one or several: M=COLUMN.")
    names = {"Y": outcome, "A": treatment, "M": mediators, "W": covariates, "S": site, "C": clusters}
    data = columns_of(columns, names, weights)
    return from_columns(data, level=level, cov_type=cov_type, arms=arms, bounds=bounds)


def from_columns(
    data: Columns, *, level: float = 0.95, cov_type: CovType | None = None, arms: bool = False, bounds: bool = True
) -> CompanionResult:
    """The method at a sample: parts A, M (several), Y, S, and perhaps W and C."""
    check_level(level)
    data.several("M")
    study = study_of(data, cov_type, arms)
    ranks = _ranks(study)
    findings = _findings(study, ranks)
    estimates = _estimates(study, findings, level)
    sharp_bounds, reason = _sharp_bounds(study) if bounds else ((), NOT_ASKED)
    return CompanionResult(
        method="multisite",
        title="treatment by site as instruments for the mediators",
        source="Reardon & Raudenbush (2013), site-by-treatment instruments, assumptions (i)-(ix), equation (11)",
        data=facts_of(data, None if data.source else IN_MEMORY),
        estimates=estimates,
        assumptions=ASSUMPTIONS,
        diagnostics=diagnostics(findings),
        warnings=(*warnings_of(findings), *_set_warnings(estimates, level), *sharp_warnings(estimates, sharp_bounds)),
        tables=(
            sites_table(findings),
            errors_table(study.design, study.names, study.sites, study.clusters),
            estimators_table(findings, study.cov_type, study.grouped),
            *filter(None, [covariance_table(findings.effects, findings.fit, level) if len(study.names) == 1 else None]),
        ),
        bounds=sharp_bounds,
        no_bounds=reason,
        options=(("level", level), ("errors", _errors_words(study))),
    )


# ---------------------------------------------------------------- columns
def study_of(data: Columns, cov_type: CovType | None = None, arms: bool = False) -> Study:
    """The columns of `multisite`, checked."""
    sample = data.ordered(("Y", "A", "M", "W", "S", "C"))
    for part, columns in sample.numbers.items():
        for name, column in zip(sample.names[part], columns, strict=True):
            check_varies(column, f"column '{name}'")
    treatment, sites, clusters = sample.one("A"), sample.labels["S"], sample.labels.get("C")
    mediators = sample.names["M"]
    _check_sites(treatment, sites, sample.name("A"))
    rows = effect_rows(sample, arms)
    _check_count(rows, len(mediators), arms)
    design = _design(sample, rows)
    kind = _cov_type(cov_type, clusters, sites, sample.weights, len(mediators))
    return Study(sample, treatment, sample.matrix("M"), sample.one("Y"), mediators, sites, clusters, design, kind, rows)


def _check_sites(treatment: Array, sites: Labels, name: str) -> None:
    """Each site needs its own experiment."""
    empty = [site for code, site in enumerate(sites.names) if np.ptp(treatment[sites.codes == code]) == 0]
    if empty:
        shown = listed([f"'{site}'" for site in empty], 6)
        raise DataError(
            f"the treatment '{name}' does not vary in {len(empty)} of {len(sites.names)} sites: {shown}",
            remedy="An arm is empty there. Leave these sites out, --where SITE!=VALUE, or join them to others.",
        )


def _check_count(rows: EffectRows, mediators: int, arms: bool) -> None:
    """(ix.b) asks for as many sites as mediators; each arm beside the control arm of a site counts as one."""
    if len(rows.names) < mediators:
        raise DataError(
            f"fewer {'arms of ' if arms else ''}sites than mediators: {len(rows.names)} and {mediators}",
            remedy="Assumption (ix.b) asks for as many sites as mediators. Take fewer mediators.",
        )


def _cov_type(
    asked: CovType | None, clusters: Labels | None, sites: Labels, weights: Array | None, mediators: int
) -> CovType:
    cov_type = checked_cov_type(asked, clusters, weights)
    if cov_type == "clustered" and clusters is None and len(sites.names) <= mediators:
        raise DataError(
            f"{len(sites.names)} sites for {mediators} mediators fit without a rest, so that errors clustered by site "
            "would be zero",
            remedy="Ask for robust errors.",
        )
    return cov_type


def _design(sample: Columns, rows: EffectRows) -> Design:
    """Sites are absorbed: all columns are deviations from the means of their sites."""
    sites, w = sample.labels["S"], sample.unit_weights
    of_site = np.bincount(sites.codes, weights=w)

    def within(column: Array) -> Array:
        means = np.bincount(sites.codes, weights=w * column) / of_site
        return np.asarray(np.sqrt(w) * (column - means[sites.codes]))

    _check_covariates(sample)
    covariates = [within(column) for column in sample.numbers.get("W", ())]
    design = Design(
        within(sample.one("Y")),
        np.column_stack(covariates) if covariates else np.empty((sample.size, 0)),
        np.column_stack([within(column) for column in sample.several("M")]),
        np.column_stack([within(column) for column in rows.instruments(sample).T]),
        (
            *sample.names.get("W", ()),
            *sample.names["M"],
            *(f"{sample.name('A')} in site {name}" for name in rows.names),
        ),
        absorbed=len(sites.names),
    )
    check_independent(design)
    return design


def _check_covariates(sample: Columns) -> None:
    sites = sample.labels["S"]
    for name, column in zip(sample.names.get("W", ()), sample.numbers.get("W", ()), strict=True):
        if all(np.ptp(column[sites.codes == code]) == 0 for code in range(len(sites.names))):
            raise DataError(
                f"the covariate '{name}' is the same for all units of a site: perfect collinearity with the sites",
                remedy="Leave it out: sites are in the regressions.",
            )


def _ranks(study: Study) -> RankConditions:
    """Assumption (ix), exactly; refused where it fails."""
    ranks = conditions_of(study.rows.exact(study.sample))
    if ranks.sufficient or ranks.dependent is None:
        return ranks
    name = study.names[ranks.dependent]
    if not ranks.multiples:
        raise DataError(
            f"the treatment moves the mediator '{name}' in no site",
            remedy="Assumption (ix): leave this mediator out.",
        )
    parts = " + ".join(f"{_multiple(times)} × that on '{study.names[j]}'" for j, times in ranks.multiples)
    raise DataError(
        f"the effect of treatment on '{name}' is {parts} in every site: the compliance matrix has rank {ranks.rank} "
        f"for {ranks.mediators} mediators",
        remedy="Assumption (ix.c): the effects cannot be told apart. Leave a mediator out.",
    )


def _multiple(times: Any) -> str:
    return str(times) if times.denominator < 1000 else f"{float(times):.6g}"


def _errors_words(study: Study) -> str:
    by_site = study.cov_type == "clustered" and study.clusters is None
    return "cluster by site" if by_site else WORDS[study.cov_type]


# ---------------------------------------------------------------- estimates
def _findings(study: Study, ranks: RankConditions) -> Findings:
    stage = first_stage(study.design)
    effects = site_effects(study.design, study.rows.shares)
    return Findings(
        names=study.names,
        sites=study.sites,
        rows=study.rows,
        arm=_arm(study),
        smallest_arm=_smallest_arm(study),
        design=study.design,
        fit=two_stage(study.design, study.cov_type, study.grouped),
        effects=effects,
        site_level_fit=site_level(effects),
        ranks=ranks,
        cragg_donald=cragg_donald(stage),
        conditional_f=tuple(sanderson_windmeijer(stage, j) for j in range(len(study.names))),
        clusters=study.clusters,
        nonlinearity_test=nonlinearity(effects),
        intercept_test=origin(effects),
        overidentification=overidentification(study.design, _plain(study.cov_type), None),
    )


def _plain(cov_type: CovType) -> CovType:
    """Errors that leave no room for effects that differ between sites."""
    return "unadjusted" if cov_type == "unadjusted" else "robust"


def _arm(study: Study) -> str:
    """What the fewest units are counted in: a treatment of many values has no arms, only its site."""
    by_arm = len(study.rows.names) > len(study.sites.names) or len(np.unique(study.treatment)) == 2
    return "arm of a site" if by_arm else "site"


def _smallest_arm(study: Study) -> int:
    """The fewest units with one value of a binary treatment in one site; of another treatment the fewest in a site."""
    binary = _arm(study) != "site"
    pairs = np.column_stack([study.sites.codes, study.treatment if binary else np.zeros(len(study.treatment))])
    return int(np.unique(pairs, axis=0, return_counts=True)[1].min())


def _estimates(study: Study, findings: Findings, level: float) -> tuple[CompanionEstimate, ...]:
    steps = [_one_step(study, findings.fit, j, level) for j in range(len(study.names))]
    levels = [_site_level(study, findings.site_level_fit, j, level) for j in range(len(study.names))]
    ratio = pooled(findings.effects, findings.fit, study.names[0], level) if len(study.names) == 1 else None
    return (*steps, *levels, *filter(None, [ratio]), _indirect(study, findings, level))


def _one_step(study: Study, fit: Fit, j: int, level: float) -> CompanionEstimate:
    place, name = study.design.exogenous.shape[1] + j, study.names[j]
    value, error = float(fit.parameters[place]), float(fit.std_errors[place])
    words = f"average effect of one unit of {name}, two-stage least squares"
    low, high = fit.interval(value, error, level)
    alone = len(study.names) == 1
    sets = anderson_rubin_sets(study.design, study.cov_type, level, study.grouped) if alone else ()
    return CompanionEstimate(f"one_step_{name}", f"δ {name}, one-step", value, error, low, high, words, fit.words, sets)


def _set_warnings(estimates: Sequence[CompanionEstimate], level: float) -> tuple[str, ...]:
    sets = [each.pieces for estimate in estimates for each in estimate.others]
    return tuple(filter(None, (unusual(pieces, level, "δ") for pieces in sets)))


def _site_level(study: Study, site_level_fit: SiteLevel, j: int, level: float) -> CompanionEstimate:
    value, error, name = float(site_level_fit.parameters[j]), site_level_fit.std_errors[j], study.names[j]
    low, high = t_interval(value, error, site_level_fit.df_resid, level)
    words = f"average effect of one unit of {name}, least squares of site effects"
    return CompanionEstimate(f"site_level_{name}", f"δ {name}, site-level", value, error, low, high, words, "HC3")


def _indirect(study: Study, findings: Findings, level: float) -> CompanionEstimate:
    """The sum over mediators of δ times average compliance, over units: the effect through all mediators."""
    fit, first = findings.fit, study.design.exogenous.shape[1]
    slopes = fit.parameters[first:]
    compliance = findings.effects.average
    value = float(slopes @ compliance)
    error = fit.error_of(fit.influences[:, first:] @ compliance + findings.effects.average_influences @ slopes)
    low, high = fit.interval(value, error, level)
    words = "average effect of a unit of treatment through all mediators, Σ δ γ"
    return CompanionEstimate("indirect", "indirect effect", value, error, low, high, words, fit.words_of_influences)


def _sharp_bounds(study: Study) -> tuple[tuple[SharpBounds, ...], str]:
    """Sharp bounds on the natural effects through all mediators together: each vector of mediators is a level."""
    if set(np.unique(study.treatment).tolist()) != {0.0, 1.0}:
        return (), "No sharp bounds: the treatment is not 0 and 1."
    levels, joint = np.unique(study.mediators, axis=0, return_inverse=True)
    alone = len(study.names) == 1
    column = study.mediators[:, 0] if alone else joint.ravel().astype(np.float64)
    found, reason = natural_effect_bounds(study.treatment, column, study.outcome, _balanced(study))
    if not found:
        many = f"the mediators together have {len(levels)} levels"
        return (), reason if alone else reason.replace(f"the mediator has {len(levels)} levels", many)
    kept = [
        each for each in found if each.estimand.startswith("delta") and (alone or not each.assumptions.startswith(MMR))
    ]
    symbols = {"delta0": "δ(0)", "delta1": "δ(1)"}
    return tuple(
        replace(each, estimand="indirect", assumptions=f"{each.assumptions}, {symbols[each.estimand]}") for each in kept
    ), ""


def _balanced(study: Study) -> Array | None:
    """Weights that give both arms each site's share of the sample: randomization is within sites."""
    w = study.sample.unit_weights
    arms = study.sites.codes * 2 + study.treatment.astype(int)
    of_site = np.bincount(study.sites.codes, weights=w)
    of_arm = np.bincount(arms, weights=w, minlength=2 * len(of_site))
    shares = of_arm[1::2] / of_site
    if np.ptp(shares) == 0:
        return study.sample.weights
    return np.asarray(w * of_site[study.sites.codes] / of_arm[arms])
