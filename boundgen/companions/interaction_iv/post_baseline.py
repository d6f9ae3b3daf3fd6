"""The standard regression with measured confounders that come after the treatment (Small 2011, section 4).

Regression on them gives θ_M, but not θ_R, a part of which runs through them: for θ_R, Y − θ̂_M M is regressed on R
(Vansteelandt 2009; Ten Have & Joffe 2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boundgen.companions.regression.covariance import CovType
from boundgen.companions.regression.design import Design, check_independent, regression
from boundgen.companions.regression.two_stage import Fit, two_stage
from boundgen.data.columns import Labels
from boundgen.exact.arrays import Array

# Where R stands among the exogenous regressors, after the constant.
TREATMENT = 1


@dataclass(frozen=True, eq=False)
class SequentialFit:
    """Both effects with their errors, and the regressions that they are from.

    Parameters
    ----------
    direct, direct_error, mediator, mediator_error : float
    first, second : Fit
        Of Y on all, and of what the mediator leaves of Y on all but it and the confounders.
    """

    direct: float
    direct_error: float
    mediator: float
    mediator_error: float
    first: Fit
    second: Fit


def sequential(
    design: Design, confounders: Array, names: tuple[str, ...], cov_type: CovType, clusters: Labels | None
) -> SequentialFit:
    """Both regressions; the error of the direct effect knows that θ_M is estimated.

    Parameters
    ----------
    design : Design
        Its only endogenous regressor is the mediator.
    confounders : array of shape (n, how many)
        Rows multiplied by the square roots of weights.
    names : tuple of str
        Of the confounders.
    cov_type, clusters
        Of the errors; those of the direct effect are robust at least.

    Returns
    -------
    SequentialFit
    """
    place = design.exogenous.shape[1]
    every = np.column_stack([design.regressors, confounders])
    none = np.empty((len(every), 0))
    check_independent(Design(design.outcome, every, none, none, (*design.regressor_names, *names)))
    first = two_stage(regression(design.outcome, every), cov_type, clusters)
    slope, mediator = float(first.parameters[place]), design.endogenous[:, 0]
    second = two_stage(regression(design.outcome - slope * mediator, design.exogenous), cov_type, clusters)
    moved = two_stage(regression(mediator, design.exogenous), cov_type, clusters).parameters[TREATMENT]
    influences = second.influences[:, TREATMENT] - moved * first.influences[:, place]
    return SequentialFit(
        float(second.parameters[TREATMENT]),
        second.error_of(influences),
        slope,
        float(first.std_errors[place]),
        first,
        second,
    )
