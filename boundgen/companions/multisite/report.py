"""What bears on the nine assumptions of Reardon & Raudenbush: diagnostics, warnings and tables of a multisite study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from boundgen.companions.multisite.arms import EffectRows
from boundgen.companions.multisite.rank_conditions import RankConditions
from boundgen.companions.multisite.site_effects import LineTest, SiteEffects, SiteLevel, signals
from boundgen.companions.regression.covariance import FEW_CLUSTERS, WORDS, CovType
from boundgen.companions.regression.design import Design
from boundgen.companions.regression.strength import WEAK_F
from boundgen.companions.regression.two_stage import (
    Fit,
    Overidentification,
    least_squares,
    limited_information,
    two_stage,
)
from boundgen.companions.result import CompanionAssumption, Diagnostic, ResultTable
from boundgen.data.columns import Labels
from boundgen.data.texts import listed
from boundgen.exact.arrays import Array

FEW_SITES, FEW_UNITS = 10, 5
# Belsley, Kuh & Welsch (1980).
COLLINEAR = 30.0
ALPHA = 0.05
ASSUMPTIONS = (
    CompanionAssumption(
        "(i)",
        "stable unit treatment value (SUTVA)",
        "Each unit has one value of the mediators for each treatment, and one outcome for each treatment and vector "
        "of mediators, whatever others get.",
    ),
    CompanionAssumption("(ii)", "exclusion restriction", "The treatment affects Y only through these mediators."),
    CompanionAssumption(
        "(iii)", "linearity of each mediator in T", "M(t) = M(0) + t Γ for each unit; met where T is 0 and 1."
    ),
    CompanionAssumption(
        "(iv)",
        "linearity of Y in the mediators",
        "Y(m) = Y(0) + Σ m Δ for each unit: no curves, and no interactions of mediators.",
    ),
    CompanionAssumption(
        "(v)",
        "parallel mediators",
        "No mediator affects another. If M1 affects M2, what is found for M1 is its direct effect, without the part "
        "through M2, and (vi) and (vii) must hold for the paths too.",
    ),
    CompanionAssumption(
        "(vi)",
        "no within-site compliance-effect covariance",
        "In each site Γ and Δ of each mediator are uncorrelated. Otherwise effects are weighted by compliance, "
        "equation (5).",
    ),
    CompanionAssumption(
        "(vii)",
        "between-site compliance-effect independence",
        "The effects of mediators in a site do not depend on the effects of treatment on any mediator there.",
    ),
    CompanionAssumption(
        "(viii)", "ignorable within-site treatment assignment", "The treatment is randomized within each site."
    ),
    CompanionAssumption(
        "(ix)",
        "sufficient rank",
        "The effects of treatment on the mediators differ between sites, in as many independent ways as there are "
        "mediators.",
    ),
)


@dataclass(frozen=True, eq=False)
class Findings:
    """All that was found in a multisite study.

    Parameters
    ----------
    names : tuple of str
        Of the mediators.
    sites : Labels
    rows : EffectRows
        Sites, or arms of sites.
    arm : str
        What these are counted in.
    smallest_arm : int
        The fewest units with one value of the treatment in one site.
    design : Design
    fit : Fit
        The one-step estimator.
    effects : SiteEffects
    site_level_fit : SiteLevel
    ranks : RankConditions
    cragg_donald : float
    conditional_f : tuple of float
        Sanderson-Windmeijer's F of each mediator.
    clusters : Labels or None
        A column of clusters, if there is one.
    nonlinearity_test, intercept_test : LineTest or None
        Whether site effects lie on a curve, or on a line that misses the origin.
    overidentification : Overidentification or None
        Whether they scatter by sampling error alone.
    """

    names: tuple[str, ...]
    sites: Labels
    rows: EffectRows
    arm: str
    smallest_arm: int
    design: Design
    fit: Fit
    effects: SiteEffects
    site_level_fit: SiteLevel
    ranks: RankConditions
    cragg_donald: float
    conditional_f: tuple[float, ...]
    clusters: Labels | None
    nonlinearity_test: LineTest | None
    intercept_test: LineTest | None
    overidentification: Overidentification | None

    @property
    def slopes(self) -> Array:
        """The one-step estimates."""
        return np.asarray(self.fit.parameters[self.design.exogenous.shape[1] :])

    @property
    def condition(self) -> float:
        """The condition number of the compliance matrix, sites by precision, columns of length one."""
        weighted = self.effects.mediators * np.sqrt(self.effects.precision)[:, None]
        return float(np.linalg.cond(weighted / np.linalg.norm(weighted, axis=0)))

    @property
    def fixed_sites(self) -> bool:
        """Whether the errors take effects as equal in all sites."""
        return not (self.fit.cov_type == "clustered" and self.clusters is None)


# ---------------------------------------------------------------- diagnostics
def diagnostics(findings: Findings) -> tuple[Diagnostic, ...]:
    """Assumption (ix) exactly and numerically, finite samples, and tests of (ii), (vi) and (vii)."""
    return (*_rank(findings), *_strength(findings), *_signals(findings), *_line(findings), *_agreement(findings))


def _rank(findings: Findings) -> tuple[Diagnostic, ...]:
    ranks = findings.ranks
    same = [name for name, varies in zip(findings.names, ranks.varying, strict=True) if not varies]
    chosen = listed([findings.rows.names[i] for i in ranks.independent], 6)
    words = f"exact; the same in all sites for {listed(same)}" if same else "exact; all differ between sites"
    return (
        Diagnostic("(ix.a) compliance varies", ranks.enough_vary, words, not ranks.enough_vary),
        Diagnostic(
            "(ix.b) sites",
            ranks.sites,
            f"mediators: {ranks.mediators}; units in the smallest {findings.arm.split()[0]}: {findings.smallest_arm}",
        ),
        Diagnostic("(ix.c) rank", ranks.rank, f"of the compliance matrix, exact; independent sites: {chosen}"),
    )


def _strength(findings: Findings) -> tuple[Diagnostic, ...]:
    if len(findings.names) == 1:
        words = f"(ix): of all instruments, Cragg-Donald and Sanderson-Windmeijer alike; weak below {WEAK_F:g}"
        return (Diagnostic("first-stage F", findings.cragg_donald, words, findings.cragg_donald < WEAK_F),)
    words = "of the compliance matrix; 1 if compliances are unrelated across sites"
    shown = [Diagnostic("condition number", findings.condition, words, findings.condition > COLLINEAR)]
    weak = findings.cragg_donald < WEAK_F
    shown.append(Diagnostic("Cragg-Donald F", findings.cragg_donald, f"(ix) as a whole; weak below {WEAK_F:g}", weak))
    for name, strength in zip(findings.names, findings.conditional_f, strict=True):
        words = f"Sanderson-Windmeijer: given the other mediators; weak below {WEAK_F:g}"
        shown.append(Diagnostic(f"conditional F, {name}", strength, words, strength < WEAK_F))
    return tuple(shown)


def _signals(findings: Findings) -> tuple[Diagnostic, ...]:
    shown = []
    for name, each in zip(findings.names, signals(findings.effects, findings.design.df_first_stage), strict=True):
        words = (
            f"(average {each.average:.4f} squared + variance between sites {each.variance:.4g}) / sampling variance "
            f"{each.sampling:.4g} of site effects; two-stage least squares is biased where this is small"
        )
        shown.append(Diagnostic(f"compliance signal, {name}", each.ratio, words, each.ratio < WEAK_F))
        if each.equal_p is not None:
            words = "(ix.a): test that all sites have the same effect on it"
            shown.append(Diagnostic(f"p of equal compliance, {name}", each.equal_p, words))
    return tuple(shown)


def _line(findings: Findings) -> tuple[Diagnostic, ...]:
    tests = (
        (findings.nonlinearity_test, "p of non-linearity", "(vii)"),
        (findings.intercept_test, "p of a constant", "(ii), (vi): β is 0 where all γ are"),
    )
    shown = []
    for test, name, bears in tests:
        if test is None:
            shown.append(Diagnostic(name, None, f"{bears}; too few sites for this test"))
            continue
        words = f"{bears}; {test.terms} beside the line: F({test.df[0]}, {test.df[1]}) = {test.statistic:.4f}"
        shown.append(Diagnostic(name, test.p, words, test.p < ALPHA))
    return tuple(shown)


def _agreement(findings: Findings) -> tuple[Diagnostic, ...]:
    tested = findings.overidentification
    if tested is None:
        return ()
    words = (
        f"{tested.name} {tested.statistic:.4f} (chi-squared, {tested.df}): whether site effects scatter "
        "around the line by sampling error alone"
    )
    return (Diagnostic("p of overidentification", tested.p, words, tested.p < ALPHA),)


# ---------------------------------------------------------------- warnings
def warnings_of(findings: Findings) -> tuple[str, ...]:
    """What makes the estimates doubtful."""
    return (*_weakness(findings), *_doubts(findings), *_few(findings))


def _weakness(findings: Findings) -> list[str]:
    said = []
    weak = [
        f"{strength:.2f} for {name}"
        for name, strength in zip(findings.names, findings.conditional_f, strict=True)
        if strength < WEAK_F
    ]
    if weak:
        said.append(
            f"The instruments are weak: an F of {' and '.join(weak)}, below {WEAK_F:g}. Estimates are then "
            "biased toward least squares, and intervals cover too rarely; the table of estimators shows both."
        )
    if findings.condition > COLLINEAR:
        said.append(
            f"The effects of treatment on the mediators are nearly collinear across sites: a condition number of "
            f"{findings.condition:.1f}. Their effects on the outcome can hardly be told apart."
        )
    return said


def _doubts(findings: Findings) -> list[str]:
    said = []
    curved, shifted, scattered = findings.nonlinearity_test, findings.intercept_test, findings.overidentification
    weak = min(findings.conditional_f) < WEAK_F
    if curved is not None and curved.p < ALPHA:
        said.append(
            f"Site effects do not lie along a line (p = {curved.p:.3g}): assumption (vii) is doubtful, that effects of "
            "mediators do not depend on compliance."
            + (" With weak instruments noise may bend the line." if weak else "")
        )
    if shifted is not None and shifted.p < ALPHA:
        said.append(
            f"The line of site effects does not pass through the origin (p = {shifted.p:.3g}): the exclusion "
            "restriction (ii), or (vi), is doubtful."
        )
    if scattered is not None and scattered.p < ALPHA and findings.fixed_sites:
        said.append(
            f"Site effects scatter around the line by more than sampling error (p = {scattered.p:.3g}): the "
            "effects of mediators differ between sites, or an assumption fails. Errors clustered by site allow for "
            "differences; see the table of errors."
        )
    return said


def _few(findings: Findings) -> list[str]:
    said, sites, mediators = [], len(findings.sites.names), len(findings.names)
    if sites == mediators:
        said.append(
            f"{sites} sites for {mediators} mediators fit without a rest: nothing tests assumption (vii), and the "
            "site-level estimator has no errors."
        )
    elif sites < FEW_SITES + mediators:
        said.append(
            f"There are {sites} sites: the site-level intervals and the tests of the line rest on {sites - mediators} "
            "degrees of freedom."
        )
    if sites > mediators and all(error is None for error in findings.site_level_fit.std_errors):
        said.append("One site alone decides on a mediator, so that the site-level estimator has no errors.")
    if findings.fit.cov_type == "clustered" and findings.fit.df + 1 < FEW_CLUSTERS:
        said.append(
            f"There are {findings.fit.df + 1} clusters, too few to trust clustered errors: {FEW_CLUSTERS} or more "
            "are better."
        )
    if findings.smallest_arm < FEW_UNITS:
        said.append(
            f"The smallest {findings.arm} has {findings.smallest_arm} units: its effects, and their errors, are noise."
        )
    return said


# ---------------------------------------------------------------- tables
def sites_table(findings: Findings) -> ResultTable:
    """Site effects, and where the line puts them; `CompanionResult.plot` draws it as a scatter."""
    effects = findings.effects
    fitted = effects.mediators @ findings.slopes
    rows: list[tuple[str | int | float, ...]] = []
    for i, (name, size) in enumerate(zip(findings.rows.names, findings.rows.units, strict=True)):
        cells: list[str | int | float] = [name, int(size), float(effects.precision[i])]
        cells += [float(effects.outcome[i]), float(effects.outcome_error[i]), float(fitted[i])]
        for j in range(len(findings.names)):
            cells += [float(effects.mediators[i, j]), float(effects.mediator_errors[i, j])]
        rows.append(tuple(cells))
    named = [column for name in findings.names for column in (f"γ {name}", f"γ {name} error")]
    columns = ("site", "units", "precision", "β", "β error", "Σ δ γ", *named)
    return ResultTable(
        "sites", "Site effects of treatment on the outcome (β) and on mediators (γ)", columns, tuple(rows)
    )


def errors_table(design: Design, names: tuple[str, ...], sites: Labels, clusters: Labels | None) -> ResultTable:
    """Every kind of error of the one-step estimates."""
    kinds: list[tuple[str, CovType, Labels | None]] = [(WORDS["unadjusted"], "unadjusted", None)]
    kinds.append((WORDS["robust"], "robust", None))
    if len(sites.names) > len(names):
        kinds.append(("cluster by site", "clustered", sites))
    if clusters is not None:
        kinds.append((WORDS["clustered"], "clustered", clusters))
    fits = [two_stage(design, kind, labels) for _, kind, labels in kinds]
    first = design.exogenous.shape[1]
    rows: list[tuple[str | float, ...]] = []
    for j, name in enumerate(names):
        rows.append((name, *(float(fit.std_errors[first + j]) for fit in fits)))
    return ResultTable(
        "errors", "Errors of the one-step estimates", ("mediator", *(label for label, _, _ in kinds)), tuple(rows)
    )


def estimators_table(findings: Findings, cov_type: CovType, clusters: Labels | None) -> ResultTable:
    """Least squares, which takes mediators as ignorable, and estimators with instruments, side by side."""
    first = findings.design.exogenous.shape[1]
    plain = least_squares(findings.design, cov_type, clusters)
    limited = limited_information(findings.design, cov_type, clusters)
    fits: list[tuple[str, Sequence[float] | Array, Sequence[float | None] | Array]] = [
        ("least squares", plain.parameters[first:], plain.std_errors[first:]),
        ("one-step (2SLS)", findings.slopes, findings.fit.std_errors[first:]),
    ]
    if limited is not None:
        fits.append(("limited information (LIML)", limited[0][first:], limited[1][first:]))
    fits.append(("site-level", findings.site_level_fit.parameters, findings.site_level_fit.std_errors))
    rows = tuple(
        (label, name, float(value), None if error is None else float(error))
        for label, values, errors in fits
        for name, value, error in zip(findings.names, values, errors, strict=True)
    )
    title = "Estimators: where instruments are weak, 2SLS is drawn toward least squares"
    return ResultTable("estimators", title, ("estimator", "mediator", "value", "error"), rows)
