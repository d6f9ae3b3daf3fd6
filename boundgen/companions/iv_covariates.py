"""Kim's instrumental estimands (2022) with covariates in every equation: the constant effects are then given X.

Kim abstracts from covariates "and implicitly condition[s] on them" (his section 2). Here both equations of both arms,
(5) and (6), have the covariates as further regressors, centred at their means, which are also instruments for
themselves. The constants are then those at the mean of X, and equations (7)-(10) hold as they stand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boundgen.companions.intervals import Groups
from boundgen.exact.arrays import Array


@dataclass(frozen=True, eq=False)
class Equations:
    """Coefficients by arm: each a constant, the slope of M or Z, and slopes of the covariates.

    Parameters
    ----------
    outcome, mediator : arrays of shape (..., 2, 2 + how many covariates)
        Of equations (5) and (6), covariates not centred.
    means : array of shape (..., 1 + how many covariates)
        Of Z, and of the covariates.
    """

    outcome: Array
    mediator: Array
    means: Array

    def parameters(self) -> Array:
        """β₀, β₁, α₀, α₁, τ₀, τ₁, π₀, π₁, E[Z], constants at the mean of the covariates; shape (..., 9)."""
        found = []
        for equation in (self.outcome, self.mediator):
            for arm in (0, 1):
                at_mean = equation[..., arm, 0] + (equation[..., arm, 2:] * self.means[..., 1:]).sum(axis=-1)
                found += [at_mean, equation[..., arm, 1]]
        return np.stack([*found, self.means[..., 0]], axis=-1)


def solved(groups: Groups, totals: Array) -> Equations:
    """The exactly identified equations, for one weighting of the groups or for many (then in the first axis)."""
    d, z, m, y, *x = groups.columns
    covariates = np.column_stack(x)
    one = np.ones_like(z)
    instruments = np.column_stack([one, z, covariates])
    regressors = np.column_stack([one, m, covariates])
    outcomes, mediators = [], []
    for arm in (0, 1):
        inside = totals * (d == arm)
        outcomes.append(_solution(inside, instruments, regressors, y))
        mediators.append(_solution(inside, instruments, instruments, m))
    means = totals @ instruments[:, 1:] / totals.sum(axis=-1)[..., None]
    return Equations(np.stack(outcomes, axis=-2), np.stack(mediators, axis=-2), means)


def _solution(totals: Array, instruments: Array, regressors: Array, left: Array) -> Array:
    """Coefficients at which residuals are orthogonal to the instruments; NaN where they are not identified."""
    size = instruments.shape[1]
    products = (instruments[:, :, None] * regressors[:, None, :]).reshape(len(left), -1)
    matrix = (totals @ products).reshape(*totals.shape[:-1], size, size)
    right = totals @ (instruments * left[:, None])
    if matrix.ndim == 2:
        return np.asarray(np.linalg.solve(matrix, right))
    bad = ~(np.linalg.cond(matrix) < 1 / np.finfo(np.float64).eps)
    matrix = np.where(bad[:, None, None], np.eye(size), matrix)
    found = np.linalg.solve(matrix, right[..., None])[..., 0]
    return np.where(bad[:, None], np.nan, found)


def parameter_influences(groups: Groups) -> tuple[Array, Array]:
    """The nine parameters, and what a unit of each group adds to the error of each, shape (groups, 9)."""
    # The moments of all equations are stacked with those of the means of Z and of the covariates.
    equations = solved(groups, groups.totals)
    d, z, m, y, *x = groups.columns
    covariates = np.column_stack(x)
    one = np.ones_like(z)
    instruments = np.column_stack([one, z, covariates])
    regressors = np.column_stack([one, m, covariates])
    of_means = (instruments[:, 1:] - equations.means) / groups.totals.sum()
    found = []
    for coefficients, left, right in ((equations.outcome, y, regressors), (equations.mediator, m, instruments)):
        for arm in (0, 1):
            inside = (d == arm).astype(np.float64)
            residual = inside * (left - right @ coefficients[arm])
            matrix = (groups.totals * inside * instruments.T) @ right
            moved = (instruments * residual[:, None]) @ np.linalg.inv(matrix).T
            found.append(moved[:, 0] + moved[:, 2:] @ equations.means[1:] + of_means[:, 1:] @ coefficients[arm, 2:])
            found.append(moved[:, 1])
    return equations.parameters(), np.column_stack([*found, of_means[:, 0]])
