"""Natural effects given covariates: the mediation formula by regression, and its doubly robust version."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from boundgen.companions.adjustment.scores import SMALLEST_SHARE, AdjustedStudy, Fitted, by_regression, crossfitted
from boundgen.companions.checks import check_varies
from boundgen.companions.facts import facts_of
from boundgen.companions.intervals import check_level, normal_interval
from boundgen.companions.natural_effects import CONTRASTS, EFFECTS, with_total
from boundgen.companions.proportion import proportion_table
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
    natural_effect_bounds,
    sample_strata,
    sharp_warnings,
    strata_diagnostics,
)
from boundgen.data.columns import Columns
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

FEWEST_PER_FOLD = 2
ASSUMPTIONS = (
    CompanionAssumption(
        "1 (4)",
        "ignorability of the treatment",
        "{Y(a′, m), M(a)} ⊥ A given X = x: among units with the same covariates the treatment is as if randomized.",
    ),
    CompanionAssumption(
        "1 (5)",
        "ignorability of the mediator",
        "Y(a′, m) ⊥ M(a) given A = a and X = x: within an arm, among units with the same covariates, the mediator is "
        "as if randomized. X comes before the treatment. No data can test this; the sharp bounds do without it.",
    ),
    CompanionAssumption(
        "1", "positivity", "At all covariates both treatments, and in both arms every level of the mediator, can occur."
    ),
    CompanionAssumption(
        "", "consistency", "A unit's mediator and outcome are those of its own treatment, and of nobody else's."
    ),
    CompanionAssumption(
        "",
        "regressions",
        "Of the three for treatment, mediator and outcome given X two at least are right, for consistency; for the "
        "intervals all are, or near enough. The plain mediation formula needs those of mediator and outcome.",
    ),
)


def from_columns(
    data: Columns, *, level: float = 0.95, seed: int = 1, folds: int = 5, bounds: bool = True
) -> CompanionResult:
    """The method at a sample: parts A, M, Y, and X or W, whose columns are all covariates here."""
    check_level(level)
    _check_folds(folds, seed)
    study, used = _study(data.ordered(("A", "M", "Y", "X", "W")))
    folds = min(folds, _fewest(study) // FEWEST_PER_FOLD)
    _check_size(study, folds)
    values, said, few = crossfitted(study, folds, seed)
    means = study.weights @ values
    covariance = _covariance(study.weights[:, None] * (values - means))
    estimates = tuple(_estimates(means, covariance, level))
    plain, influences = by_regression(study)
    sharp_bounds, reason, unstratified = _sharp_bounds(data) if bounds else ((), NOT_ASKED, "")
    proportions = proportion_table(estimates, with_total(covariance), sharp_bounds, level)
    return CompanionResult(
        method="ignorability",
        title="the mediation formula given covariates, doubly robust",
        source="Imai, Keele & Yamamoto (2010), Assumption 1; Tchetgen Tchetgen & Shpitser (2012), Theorems 1 and 2",
        data=facts_of(data),
        estimates=estimates,
        assumptions=ASSUMPTIONS,
        diagnostics=(*_diagnostics(study, said, values, covariance, used), *strata_diagnostics(unstratified)),
        warnings=(*_warnings(study, few, folds), *sharp_warnings(estimates, sharp_bounds)),
        tables=(*filter(None, [proportions]), _regression_table(plain, _covariance(influences), level)),
        bounds=sharp_bounds,
        no_bounds=reason,
        options=(("level", level), ("folds", max(1, folds)), ("seed", seed)),
    )


@dataclass(frozen=True)
class _Used:
    """Which regressions were used."""

    columns: int
    binary: bool
    interacted: bool

    @property
    def words(self) -> str:
        slopes = "slopes of covariates by arm and level of M" if self.interacted else "slopes of covariates by arm"
        outcome = "a logit" if self.binary else "least squares"
        return f"treatment and, by arm, mediator by logits; outcome by {outcome}, {slopes}"


# ---------------------------------------------------------------- the sample
def _study(data: Columns) -> tuple[AdjustedStudy, _Used]:
    m, weights = data.one("M"), data.unit_weights / data.unit_weights.sum()
    levels = np.unique(m)
    x = np.column_stack([data.matrix("X"), data.matrix("W")])
    for name, column in zip((*data.names.get("X", ()), *data.names.get("W", ())), x.T, strict=True):
        check_varies(column, f"covariate {name}")
    x = x - weights @ x
    spread = np.sqrt(weights @ x**2)
    study = AdjustedStudy(
        data.one("A").astype(np.int64),
        np.searchsorted(levels, m).astype(np.int64),
        len(levels),
        data.one("Y"),
        np.column_stack([np.ones(data.size), x / spread]),
        weights,
    )
    return study, _Used(x.shape[1], study.binary, study.interacted)


def _fewest(study: AdjustedStudy) -> int:
    """Units of the smallest cell."""
    return int(np.bincount(study.cells, minlength=2 * study.levels).min())


def _check_folds(folds: int, seed: int) -> None:
    if seed < 0:
        raise DataError(f"{seed} is not a seed", remedy="Give an integer, zero or more.")
    if not 1 <= folds <= 100:
        raise DataError(f"{folds} folds", remedy="Give 2 to 100, or 1 for no cross-fitting.")


def _check_size(study: AdjustedStudy, folds: int) -> None:
    """Refuse regressions with more coefficients than units to learn them from."""
    coefficients = study.levels + study.covariates.shape[1] - 1
    for arm in (0, 1):
        units = int((study.arm == arm).sum())
        learned = units if folds < 2 else units * (folds - 1) // folds
        if learned <= 2 * coefficients:
            raise DataError(
                f"{learned} units with treatment {arm} are too few for regressions with {coefficients} coefficients",
                remedy="Name fewer covariates, or coarsen them, --recode.",
            )


# ---------------------------------------------------------------- estimates
def _covariance(influences: Array) -> Array:
    return np.asarray(influences.T @ influences)


def _estimates(means: Array, covariance: Array, level: float) -> list[CompanionEstimate]:
    found = []
    for (name, (symbol, words)), contrast in zip(EFFECTS.items(), CONTRASTS, strict=True):
        value, error = float(contrast @ means), sqrt(max(0.0, float(contrast @ covariance @ contrast)))
        low, high = normal_interval(value, error, level)
        found.append(CompanionEstimate(name, symbol, value, error, low, high, words, "doubly robust"))
    return found


def _regression_table(means: Array, covariance: Array, level: float) -> ResultTable:
    rows = tuple(
        (each.symbol, each.value, each.error, each.low, each.high) for each in _estimates(means, covariance, level)
    )
    title = "By regression alone: the mediation formula given X, errors by stacked estimating equations"
    return ResultTable("regression", title, ("effect", "estimate", "s.e.", "low", "high"), rows)


def _sharp_bounds(data: Columns) -> tuple[tuple[SharpBounds, ...], str, str]:
    """Sharp bounds within the strata of the covariates; without them where they make none, and then why."""
    a, m, y = data.one("A"), data.one("M"), data.one("Y")
    strata = sample_strata(np.column_stack([data.matrix("X"), data.matrix("W")]), (a,))
    if isinstance(strata, str):
        return (*natural_effect_bounds(a, m, y, data.weights), strata)
    return (*natural_effect_bounds(a, m, y, data.weights, strata), "")


# ---------------------------------------------------------------- what is said
def _diagnostics(
    study: AdjustedStudy, said: Fitted, values: Array, covariance: Array, used: _Used
) -> tuple[Diagnostic, ...]:
    units = np.arange(len(study.arm))
    own = said.treated[units, study.arm]
    of_level = said.mediator[units, study.arm, study.level]
    contrast = CONTRASTS[1] - CONTRASTS[0]
    difference = float(contrast @ (study.weights @ values))
    error = sqrt(max(0.0, float(contrast @ covariance @ contrast)))
    p_value = 2 * NormalDist().cdf(-abs(difference) / error) if error else float(difference == 0)
    covariates = "covariate" if used.columns == 1 else "covariates"
    return (
        Diagnostic("regressions", f"{used.columns} {covariates}", used.words),
        Diagnostic("smallest cell", _fewest(study), "units with the same treatment and mediator"),
        Diagnostic(
            "smallest f(A | X)", float(own.min()), "of a unit's own treatment (positivity)", bool(own.min() < 0.05)
        ),
        Diagnostic(
            "smallest f(M | A, X)",
            float(of_level.min()),
            "of a unit's own mediator (positivity)",
            bool(of_level.min() < SMALLEST_SHARE),
        ),
        Diagnostic(
            "no interaction",
            p_value,
            "p-value of δ(1) = δ(0): not assumed; where it fails there is more than one effect through the mediator",
        ),
    )


def _warnings(study: AdjustedStudy, few: int, folds: int) -> tuple[str, ...]:
    found = []
    if few:
        found.append(
            f"{few} of {len(study.arm)} units have a treatment or mediator whose probability given X is below "
            f"{SMALLEST_SHARE:g}; they count as if it were that. Positivity is in doubt there, and so are errors."
        )
    if folds < 2:
        found.append(
            "A cell of treatment and mediator has too few units to cross-fit: the regressions are of the same units."
        )
    return tuple(found)
