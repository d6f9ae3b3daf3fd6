"""The conditional chi-squared test of inequalities, and its refinement (Cox & Shi 2023).

The statistic is the squared distance of the estimate from what the inequalities allow, in standard errors. Given which
inequalities are active at the nearest point, it is chi-squared with as many degrees of freedom as these have ranks:
nothing is simulated and nothing is to be chosen. That is a test of exact size in normal models, but where one
inequality is active, of which one tail is never used. There the refinement spends up to twice the level, the less, the
nearer the other inequalities are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

import numpy as np

from boundgen.errors import DataError
from boundgen.exact.arrays import Array, Mask
from boundgen.work.libraries import scipy_function

nnls = scipy_function("optimize", "nnls")
chdtrc, chdtri, ndtr, ndtri = (scipy_function("special", name) for name in ("chdtrc", "chdtri", "ndtr", "ndtri"))

# In standard errors: what is nearer to its border is on it.
ON_BORDER = 1e-7
# Of a matrix of rows of length one.
RANK = 1e-8
# One over this is a squared distance without an end.
NOWHERE = 1e-12
# Directions that differ by less are one: 1 - cosine.
PARALLEL = 1e-11


@dataclass(frozen=True, eq=False)
class Projection:
    """The nearest point that inequalities allow, and what the test needs of it.

    Parameters
    ----------
    statistic : float
        The squared distance; infinite where nothing is allowed.
    freedom : int
        The rank of the active inequalities.
    active : tuple of int
        Numbers that tell which inequalities, or which strata, are active.
    room : function of ()
        With one degree of freedom: the radius of the largest ball that touches the nearest point and in which
        everything is allowed. It is not asked for otherwise. Less than that is valid too, and conservative.
    """

    statistic: float
    freedom: int
    active: tuple[int, ...]
    room: Callable[[], float] = field(default=lambda: 0.0, compare=False)

    @property
    def p_value(self) -> float:
        """The least level at which the refined test rejects."""
        if not self.statistic:
            return 1.0
        tail = float(chdtrc(max(self.freedom, 1), self.statistic))
        return tail / (2 * float(ndtr(self.room()))) if self.freedom == 1 else tail

    def rejected(self, level: float) -> bool:
        """Whether the p-value is below one minus the level; the room is asked for only where it decides."""
        if not self.statistic:
            return False
        tail = float(chdtrc(max(self.freedom, 1), self.statistic))
        if self.freedom == 1 and 1 - level <= tail < 2 * (1 - level):
            return self.p_value < 1 - level
        return tail < 1 - level

    def critical(self, level: float) -> float:
        """The value of the statistic at which rejection begins."""
        if not self.freedom:
            return 0.0
        factor = 2 * float(ndtr(self.room())) if self.freedom == 1 else 1.0
        return float(chdtri(self.freedom, min(1.0, factor * (1 - level))))


NOTHING_ALLOWED = Projection(inf, 0, ())
ALLOWED = Projection(0.0, 0, ())


def projection(normals: Array, slacks: Array) -> Projection:
    """Of the origin on ``normals · z <= slacks``.

    Parameters
    ----------
    normals : array of shape (inequalities, dimensions)
        Of length one, in units in which the estimate is standard normal.
    slacks : array of shape (inequalities,)
        By how many standard errors each is met.

    Returns
    -------
    Projection
    """
    if not (slacks < 0).any():
        return ALLOWED
    nearest = nearest_point(normals, slacks)
    if nearest is None:
        return NOTHING_ALLOWED
    left = slacks - normals @ nearest
    active = left <= ON_BORDER * (1 + np.abs(slacks))
    freedom = int(np.linalg.matrix_rank(normals[active], tol=RANK))

    def room() -> float:
        return room_beside(normals, left, active)

    return Projection(float(nearest @ nearest), freedom, tuple(map(int, np.flatnonzero(active))), room)


def room_beside(normals: Array, left: Array, active: Mask) -> float:
    """The tau of Cox & Shi (2023) where one direction is active: the least over the other inequalities.

    A ball of radius t that touches the active border at the nearest point has its centre t inside. It keeps to another
    inequality where ``t <= left + t * cosine``.

    Returns
    -------
    float
    """
    cosines = normals @ normals[np.flatnonzero(active)[0]]
    others = 1 - cosines > PARALLEL
    return float(max(0.0, np.min(left[others] / (1 - cosines[others]), initial=inf)))


def nearest_point(normals: Array, slacks: Array) -> Array | None:
    """The shortest z with ``normals · z <= slacks`` (Lawson & Hanson 1974, chapter 23); None where there is none."""
    # Only directions matter: rows of one length are solved more accurately.
    rows = of_length_one(np.column_stack([normals, slacks]))
    target = np.zeros(rows.shape[1])
    target[-1] = 1.0
    residual = -rows.T @ nonnegative_least_squares(-rows.T, target) - target
    # At the solution this is also the squared length of the residual, 1 / (1 + squared distance).
    if -residual[-1] < NOWHERE:
        return None
    return np.asarray(-residual[:-1] / residual[-1])


def nonnegative_least_squares(matrix: Array, target: Array) -> Array:
    """The least squares solution without negative entries.

    Returns
    -------
    array

    Raises
    ------
    DataError
        If it is not found.
    """
    try:
        found, _ = nnls(matrix, target, maxiter=30 * max(matrix.shape))
    except RuntimeError:
        raise DataError(
            "the least squares problem of the method cox-shi was not solved",
            remedy="Take the method intersection.",
        ) from None
    return np.asarray(found, dtype=np.float64)


def of_length_one(rows: Array) -> Array:
    """Rows divided by their lengths."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))
