"""Effects of treatment within sites, and the line that they must lie on (Reardon & Raudenbush, equation 11)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from boundgen.companions.regression.design import Design, regression
from boundgen.companions.regression.library import library
from boundgen.companions.regression.two_stage import two_stage
from boundgen.exact.arrays import Array

# Site effects that lie on the curve but for rounding, of the size of one.
NO_REST = 1e-24


@dataclass(frozen=True, eq=False)
class SiteEffects:
    """What randomization identifies in each site.

    Parameters
    ----------
    outcome, outcome_error : arrays of shape (K,)
        β_s: the effect of a unit of treatment on the outcome; robust errors.
    mediators, mediator_errors : arrays of shape (K, P)
        γ_s: its effects on the mediators (compliance).
    precision : array of shape (K,)
        The sum of squares of the treatment within the site: variances are in inverse proportion to it. Of several arms
        a row is an arm of a site, less what its other arms explain.
    noise : array of shape (P,)
        The variance of each mediator's residuals, pooled.
    average : array of shape (P,)
        The average of γ_s over units.
    average_influences : array of shape (n, P)
        What each unit adds to its error.
    outcome_average : float
        The average of β_s over units.
    outcome_influences : array of shape (n,)
    """

    outcome: Array
    outcome_error: Array
    mediators: Array
    mediator_errors: Array
    precision: Array
    noise: Array
    average: Array
    average_influences: Array
    outcome_average: float
    outcome_influences: Array

    @property
    def count(self) -> int:
        """How many sites there are."""
        return len(self.outcome)


def site_effects(design: Design, shares: Array) -> SiteEffects:
    """Least squares of the outcome, and of each mediator, on treatment in each site, sites and covariates.

    Parameters
    ----------
    design : Design
        Its instruments are treatment by site, centred within sites; sites are absorbed.
    shares : array of shape (K,)
        The share of each site among units.
    """
    outcome, *mediators = [_within(design, column) for column in (design.outcome, *design.endogenous.T)]
    left, bread = np.column_stack([each.residuals for each in mediators]), _bread(design)
    effects = np.column_stack([each.slopes for each in mediators])
    return SiteEffects(
        outcome.slopes,
        outcome.std_errors,
        effects,
        np.column_stack([each.std_errors for each in mediators]),
        1 / (bread if bread.ndim == 1 else np.diag(bread)),
        np.sum(left**2, axis=0) / design.df_first_stage,
        shares @ effects,
        np.column_stack([each.influences @ shares for each in mediators]),
        float(shares @ outcome.slopes),
        outcome.influences @ shares,
    )


@dataclass(frozen=True, eq=False)
class _Within:
    """The slopes of one column on treatment in each site: slopes and robust (HC1) errors, and their influences."""

    slopes: Array
    std_errors: Array
    residuals: Array
    influences: Array


def _within(design: Design, column: Array) -> _Within:
    """Least squares site by site: treatment in one site is zero in all others.

    Covariates have the same coefficients in all sites; they come first, freed of treatment by site
    (Frisch, Waugh & Lovell).
    """
    z, x = design.instruments, design.exogenous
    bread = _bread(design)
    slopes, of_covariates = _applied(bread, z.T @ column), _applied(bread, z.T @ x)
    residuals = column - z @ slopes
    influences = np.zeros((0, 0))
    if x.shape[1]:
        freed = x - z @ of_covariates
        fit = two_stage(regression(residuals, freed, design.absorbed))
        slopes = slopes - of_covariates @ fit.parameters
        residuals, influences = fit.residuals, fit.influences
    own = _applied(bread, (z * residuals[:, None]).T).T
    total = own - influences @ of_covariates.T if x.shape[1] else own
    scale = len(column) / design.df_first_stage
    return _Within(slopes, np.sqrt(scale * np.sum(total**2, axis=0)), residuals, total)


def _bread(design: Design) -> Array:
    """The inverse of the instruments' products; of one instrument for each site, which are apart, its diagonal."""
    z = design.instruments
    if z.shape[1] == design.absorbed:
        return np.asarray(1 / np.sum(z**2, axis=0))
    return np.asarray(np.linalg.inv(z.T @ z))


def _applied(bread: Array, columns: Array) -> Array:
    """The inverse times columns."""
    return np.asarray(bread @ columns if bread.ndim == 2 else (columns.T * bread).T)


# ---------------------------------------------------------------- the site-level estimator
@dataclass(frozen=True, eq=False)
class SiteLevel:
    """Least squares of β_s on γ_s, without a constant.

    Parameters
    ----------
    parameters : array of shape (P,)
    std_errors : tuple of float or None
        HC3; None where a site alone decides, or where there are no more sites than mediators.
    df_resid : int
        K − P.
    """

    parameters: Array
    std_errors: tuple[float | None, ...]
    df_resid: int


def site_level(effects: SiteEffects) -> SiteLevel:
    """Equation (11): every site counts the same, as in the average of effects across sites."""
    outcome, mediators, unit = _scaled(effects)
    model = library("statsmodels.api").OLS(outcome, mediators)
    parameters = np.asarray(model.fit().params) * unit
    df_resid = effects.count - mediators.shape[1]
    leverage = np.diag(mediators @ np.linalg.pinv(mediators))
    if df_resid < 1 or leverage.max() > 1 - 1e-9:
        return SiteLevel(parameters, (None,) * len(parameters), df_resid)
    errors = np.asarray(model.fit(cov_type="HC3").bse) * unit
    return SiteLevel(parameters, tuple(float(error) for error in errors), df_resid)


def _scaled(effects: SiteEffects) -> tuple[Array, Array, Array]:
    """Site effects of the size of one, and what turns slopes back: units of measurement do not matter."""
    size, of_outcome = np.linalg.norm(effects.mediators, axis=0), float(np.linalg.norm(effects.outcome)) or 1.0
    return effects.outcome / of_outcome, effects.mediators / size, of_outcome / size


# ---------------------------------------------------------------- tests of the line
@dataclass(frozen=True)
class LineTest:
    """A test of the line through the origin on which site effects lie.

    Parameters
    ----------
    terms : str
        What was added to the line: ``squares``, ``squares and products``, ``a constant``.
    statistic : float
        F.
    df : (int, int)
    p : float
    """

    terms: str
    statistic: float
    df: tuple[int, int]
    p: float


def nonlinearity(effects: SiteEffects) -> LineTest | None:
    """Whether squares and products of γ_s help to predict β_s (assumption vii); None with too few sites.

    Sites count by their precision, so that all have equal variances under constant effects. With few sites only the
    squares are added.
    """
    p = effects.mediators.shape[1]
    squares = [(j, j) for j in range(p)]
    every = list(combinations_with_replacement(range(p), 2))
    for terms, pairs in (("squares and products", every), ("squares", squares)):
        if effects.count - p - len(pairs) >= 1:
            mediators = _scaled(effects)[1]
            added = np.column_stack([mediators[:, i] * mediators[:, j] for i, j in pairs])
            return _tested("a square" if p == 1 else terms, effects, added)
    return None


def origin(effects: SiteEffects) -> LineTest | None:
    """Whether β_s is zero where all γ_s are (assumptions ii and vi); None with too few sites."""
    if effects.count - effects.mediators.shape[1] < 2:
        return None
    return _tested("a constant", effects, np.ones((effects.count, 1)))


def _tested(terms: str, effects: SiteEffects, added: Array) -> LineTest | None:
    sm = library("statsmodels.api")
    outcome, mediators, _ = _scaled(effects)
    weights = effects.precision / effects.precision.max()
    larger = np.column_stack([mediators, added / np.linalg.norm(added, axis=0)])
    if np.linalg.matrix_rank(larger * np.sqrt(weights)[:, None]) < larger.shape[1]:
        return None
    full = sm.WLS(outcome, larger, weights=weights).fit()
    if full.ssr <= NO_REST:
        return None
    statistic, p, more = full.compare_f_test(sm.WLS(outcome, mediators, weights=weights).fit())
    return LineTest(terms, float(statistic), (int(more), int(full.df_resid)), float(p))


# ---------------------------------------------------------------- finite samples
@dataclass(frozen=True)
class Signal:
    """How large effects on a mediator are, beside their sampling error.

    Parameters
    ----------
    average : float
        Of γ_s over sites.
    variance : float
        Of the true γ_s between sites, by the method of moments; zero at least.
    sampling : float
        The mean sampling variance of the estimated γ_s.
    equal_p : float or None
        p of the test that all sites have the same γ (ix.a); None for one site.
    """

    average: float
    variance: float
    sampling: float
    equal_p: float | None

    @property
    def ratio(self) -> float:
        """(average² + variance) / sampling: two-stage least squares is biased where this is small."""
        return (self.average**2 + self.variance) / self.sampling if self.sampling > 0 else float("inf")


def signals(effects: SiteEffects, df_first_stage: int) -> tuple[Signal, ...]:
    """One for each mediator; `df_first_stage` is of the residuals of the first stage."""
    stats = library("scipy.stats")
    shown = []
    for own, noise in zip(effects.mediators.T, effects.noise, strict=True):
        average = float(own.mean())
        sampling = float(np.mean(noise / effects.precision))
        if effects.count == 1:
            shown.append(Signal(average, 0.0, sampling, None))
            continue
        pooled = effects.precision @ own / effects.precision.sum()
        spread = float(effects.precision @ (own - pooled) ** 2) / (effects.count - 1)
        equal = float(stats.f.sf(spread / noise, effects.count - 1, df_first_stage)) if noise > 0 else None
        shown.append(Signal(average, max(0.0, float(own.var(ddof=1)) - sampling), sampling, equal))
    return tuple(shown)
