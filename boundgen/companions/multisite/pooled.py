"""Average effects over units, their ratio, and what a covariance of compliance and effect does to it, one mediator.

Reardon & Raudenbush, equation (8): β = δ γ + Cov(Γ, Δ), where the covariance over units is that within sites, on
average, and that between. Without it, assumptions (v.a) and (v.b), the ratio β/γ is δ; otherwise it is off by
Cov(Γ, Δ)/γ, as in equation (5).
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from boundgen.companions.multisite.site_effects import SiteEffects
from boundgen.companions.proportion import fieller_set
from boundgen.companions.regression.covariance import cluster_sums
from boundgen.companions.regression.two_stage import Fit, t_interval
from boundgen.companions.result import CompanionEstimate, ConfidenceSet, ResultTable
from boundgen.exact.arrays import Array

# In quarters of the average effect on the outcome: at one the mediator has no effect.
QUARTERS = range(-4, 5)
COLUMNS = ("Cov(Γ, Δ)", "bias", "δ", "low", "high")


def pooled(effects: SiteEffects, fit: Fit, name: str, level: float) -> CompanionEstimate | None:
    """β/γ over units, by the delta method and with Fieller's set; None where the estimated γ is zero."""
    outcome, mediator = effects.outcome_average, float(effects.average[0])
    if mediator == 0:
        return None
    covariance = _covariance(effects, fit)
    value, error = outcome / mediator, _error(outcome / mediator, mediator, covariance)
    low, high = t_interval(value, error, fit.df, level)
    words = f"average effect of one unit of {name}: β/γ over units, equation (8) with (v.a) and (v.b)"
    pieces = fieller_set(outcome, mediator, covariance, level)
    sets = (ConfidenceSet("Fieller", pieces),)
    return CompanionEstimate(
        f"pooled_{name}", f"δ {name}, pooled β/γ", value, error, low, high, words, fit.words_of_influences, sets
    )


def covariance_table(effects: SiteEffects, fit: Fit, level: float) -> ResultTable | None:
    """δ = (β − Cov(Γ, Δ))/γ at covariances up to β, which would leave the mediator no effect (equation 5)."""
    outcome, mediator = effects.outcome_average, float(effects.average[0])
    if mediator == 0:
        return None
    covariance = _covariance(effects, fit)
    rows = []
    for quarter in QUARTERS:
        shift = quarter / 4 * outcome
        value = (outcome - shift) / mediator
        rows.append(
            (shift, shift / mediator, value, *t_interval(value, _error(value, mediator, covariance), fit.df, level))
        )
    title = "Pooled β/γ where compliance Γ and effect Δ go along over units: the bias is Cov(Γ, Δ)/γ"
    return ResultTable("covariance", title, COLUMNS, tuple(rows))


def _covariance(effects: SiteEffects, fit: Fit) -> Array:
    """Of the average effects on outcome and mediator."""
    influences = np.column_stack([effects.outcome_influences, effects.average_influences[:, 0]])
    sums = cluster_sums(influences, fit.clusters)
    return np.asarray(fit.scale * sums.T @ sums)


def _error(value: float, mediator: float, covariance: Array) -> float:
    contrast = np.array([1.0, -value]) / mediator
    return sqrt(max(0.0, float(contrast @ covariance @ contrast)))
