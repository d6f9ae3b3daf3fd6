"""The conditional chi-squared test on the program over strata: no term of a bound is needed (Cox & Shi 2023).

A value l of the estimand is tested as: there are weights q >= 0 of strata that meet the demands, give the estimand the
value l, and give the cells their probabilities. The statistic is the least squared distance, in standard errors,
between the estimated cells and the cells of such populations, which make a polyhedron P.

Its degrees of freedom are the rank of the inequalities of P that are active at the nearest point, and these need not be
listed. Let L be the space in which the estimated cells vary, of dimension d, and F the smallest face of P that contains
the nearest point. An inequality that P meets is active there if and only if it is an equality on F, for the point lies
in the relative interior of F; so the active normals span, within L, what is orthogonal to F, and their rank is
``d - dim F``, for any list of inequalities that describes P. (Equalities of P within L count by the same rule.)

P is the image of Q, the polyhedron of weights, under ``q -> cells · q``. The weights that are mapped into F are a face
of Q: those that are zero but in S, the strata that are positive somewhere among the weights that are mapped to the
nearest point. So ``dim F = rank(cells and demands, in S) - rank(demands, in S)``, by the dimensions of two kernels; and
S is found by one linear program.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.inference.common_covariance import common_covariance
from boundgen.inference.conditional_test import ALLOWED, NOTHING_ALLOWED, Projection, nonnegative_least_squares
from boundgen.inference.inversion import Position
from boundgen.inference.sample import Sample
from boundgen.inference.strata_arrays import StrataArrays
from boundgen.work.libraries import scipy_function

linprog = scipy_function("optimize", "linprog")

# Of the largest variance: what is smaller is none.
NO_VARIANCE = 1e-12
# By how much demands outweigh distances, and how often they are pressed.
PRESSURE, PRESSED, HARDER = 100.0, 30, 8
# Demands that are met up to this are met; up to the other they are perhaps to be met with more pressing.
MET, FAILED = 1e-11, 1e-8
# A statistic that is none.
ZERO = 1e-10
# A weight that is larger is positive. What is smaller counts as zero: more degrees of freedom, which is conservative.
POSITIVE = 1e-5
REDUCED = 1e-6
# Of a matrix of rows whose largest entry is one.
RANK = 1e-9
TOLERANCE = 1e-9
# Farther than this the nearest inequality does not matter.
FAR = 40.0
# Ways to answer steps along the border that are tried.
ANSWERS = 3
# StrataNumbers that enter the least squares problem at once.
ENTERING = 20

Relation = Literal["=", "lower", "upper"]
StrataNumbers = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class NearestPopulation:
    """Weights whose cells are nearest to the sample.

    Parameters
    ----------
    weights : array
    errors : array
        What is left of the estimated cells, in standard errors.
    reduced : array
        By how much the distance grows with each weight: zero for those that are positive.
    rows, rights : array
        The demands.
    """

    weights: Array
    errors: Array
    reduced: Array
    rows: Array
    rights: Array

    @property
    def statistic(self) -> float:
        """The squared distance."""
        return float(self.errors @ self.errors)


@dataclass(frozen=True, eq=False)
class StrataTest:
    """Tests of values of an estimand, and of the model itself, at a sample.

    Parameters
    ----------
    arrays : StrataArrays
    sample : Sample
    """

    arrays: StrataArrays
    sample: Sample

    @cached_property
    def _spectrum(self) -> tuple[Array, Array]:
        """The rows by which cells become standard normal, and those of what does not vary."""
        places = [self.sample.place[name] for name in self.arrays.names]
        variances, vectors = np.linalg.eigh(common_covariance(self.sample)[np.ix_(places, places)])
        used = variances > NO_VARIANCE * max(float(variances[-1]), 0.0)
        return vectors[:, used].T / np.sqrt(variances[used])[:, None], vectors[:, ~used].T

    @cached_property
    def _cells(self) -> Array:
        return self.sample.probabilities[[self.sample.place[name] for name in self.arrays.names]]

    @cached_property
    def _scaled(self) -> tuple[Array, Array]:
        """Cells of strata and of the sample, in standard errors."""
        return self._spectrum[0] @ self.arrays.cells, self._spectrum[0] @ self._cells

    @cached_property
    def _demands(self) -> tuple[Array, Array]:
        """Those of the model, and that what does not vary in the sample is as it is there."""
        fixed = self._spectrum[1]
        rows = np.vstack([self.arrays.rows, fixed @ self.arrays.cells])
        return rows, np.concatenate([self.arrays.rights, fixed @ self._cells])

    @property
    def dimension(self) -> int:
        """Of the space in which the estimated cells vary."""
        return len(self._spectrum[0])

    @cached_property
    def nearest(self) -> NearestPopulation | None:
        """Whatever the value of the estimand; None where nothing agrees with what is certain in the sample."""
        return self._nearest(*self._demands)

    @cached_property
    def model(self) -> Projection:
        """The test of the model itself."""
        return self._projection(self.nearest, *self._scaled)

    def at(self, position: Position, relation: Relation = "=") -> Projection:
        """The test that the estimand has a value; or that its lower bound is not above it, or the upper not below."""
        value = float(position.u) * self.arrays.costs - float(position.v) * self.arrays.divisors
        rows, rights = self._demands
        scaled = self._scaled
        if relation != "=":
            value = np.append(value, 1.0 if relation == "lower" else -1.0)
            rows = np.column_stack([rows, np.zeros(len(rows))])
            scaled = np.column_stack([scaled[0], np.zeros(len(scaled[0]))]), scaled[1]
        rows, rights = np.vstack([rows, value]), np.append(rights, 0.0)
        return self._projection(_nearest_population(*scaled, rows, rights), *scaled)

    def bounds(self) -> tuple[float, float]:
        """The bounds at the sample, or where no population has its cells, at the nearest one that has.

        Returns
        -------
        (lower, upper)

        Raises
        ------
        DataError
            If the estimand is not defined there.
        """
        assert self.nearest, "the sample contradicts the model in what is certain"
        rows = np.vstack([self._scaled[0], self._demands[0]])
        ends = _ends(self.arrays, rows, rows @ self.nearest.weights)
        if ends is None:
            raise DataError(
                "at the nearest distribution of the model the estimand is not defined: its divisor is zero",
                remedy="Name the other estimands.",
            )
        return ends

    @cached_property
    def range(self) -> tuple[float, float]:
        """The range of the estimand, whatever the data are."""
        return _ends(self.arrays, self.arrays.rows, self.arrays.rights) or (-inf, inf)

    def _nearest(self, rows: Array, rights: Array) -> NearestPopulation | None:
        return _nearest_population(*self._scaled, rows, rights)

    def _projection(self, nearest: NearestPopulation | None, scaled: Array, _to: Array) -> Projection:
        if nearest is None:
            return NOTHING_ALLOWED
        if nearest.statistic < ZERO:
            return ALLOWED
        support = _face(nearest, scaled)
        freedom = self.dimension - _face_dimension(nearest, scaled, support)

        def room() -> float:
            return _room(nearest, scaled, support)

        return Projection(nearest.statistic, freedom, tuple(map(int, support)), room)


# ---------------------------------------------------------------- the nearest population
def _nearest_population(scaled: Array, to: Array, rows: Array, rights: Array) -> NearestPopulation | None:
    """Least squares with weights that are not negative and meet the rows (the method of multipliers, Hestenes 1969)."""
    lengths = np.abs(rows).max(axis=1, initial=0.0)
    used = lengths > TOLERANCE
    if (np.abs(rights[~used]) > FAILED).any():
        return None
    own, right = rows[used] / lengths[used, None], rights[used] / lengths[used]
    press = PRESSURE * max(1.0, float(np.abs(scaled).max(initial=0.0)))
    multipliers, entered, miss = np.zeros(len(right)), np.zeros(0, dtype=int), right
    for step in range(PRESSED):
        if step and step % HARDER == 0:
            press, multipliers = 10 * press, multipliers / 100
        matrix, target = np.vstack([scaled, press * own]), np.concatenate([to, press * (right + multipliers)])
        weights, entered = _by_columns(matrix, target, entered)
        miss = right - own @ weights
        multipliers = multipliers + miss
        if np.abs(miss).max(initial=0.0) < MET:
            break
    if np.abs(miss).max(initial=0.0) > FAILED:
        return None
    reduced = matrix.T @ (matrix @ weights - target)
    return NearestPopulation(weights, to - scaled @ weights, reduced, rows, rights)


def _by_columns(matrix: Array, target: Array, entered: Any) -> tuple[Array, Any]:
    """Least squares without negative entries, over the columns that matter: others enter while they would help."""
    weights = np.zeros(matrix.shape[1])
    steepness = np.linalg.norm(matrix, axis=0)
    while True:
        if len(entered):
            weights[:] = 0.0
            weights[entered] = nonnegative_least_squares(matrix[:, entered], target)
        gain = matrix.T @ (target - matrix @ weights)
        better = gain > TOLERANCE * steepness
        better[entered] = False
        if not better.any():
            return weights, entered[weights[entered] > 0]
        best = np.argsort(-gain / np.maximum(steepness, TOLERANCE), kind="stable")[: ENTERING + len(entered)]
        entered = np.union1d(entered, best[better[best]][:ENTERING])


def _face(nearest: NearestPopulation, scaled: Array) -> StrataNumbers:
    """The strata that are positive somewhere among the weights that give the same cells, but for some without effect.

    These are among those without a reduced cost, for where it is positive the weight is zero at all such weights, and
    they include those that are positive at the weights that were found. Where both give a face of the same dimension
    it is the same face.

    Returns
    -------
    array of column numbers
    """
    scale = max(1.0, float(np.abs(nearest.reduced).max()))
    possible = np.flatnonzero((nearest.reduced < REDUCED * scale) | (nearest.weights > 0))
    certain = np.flatnonzero(nearest.weights > POSITIVE)
    most, least = (_face_dimension(nearest, scaled, columns) for columns in (possible, certain))
    return possible if most == least else _support(nearest, scaled, possible)


def _face_dimension(nearest: NearestPopulation, scaled: Array, columns: StrataNumbers) -> int:
    """The dimension of the cells of weights that are zero but in these columns and meet the demands."""
    cells, demands = (_evened(rows)[:, columns] for rows in (scaled, nearest.rows))
    both, alone = (np.linalg.matrix_rank(rows, tol=RANK) for rows in (np.vstack([cells, demands]), demands))
    return int(both - alone)


def _evened(rows: Array) -> Array:
    """Rows divided by their largest entries, without those that are nothing: so a rank does not depend on units."""
    lengths = np.abs(rows).max(axis=1, initial=0.0)
    return np.asarray(rows[lengths > TOLERANCE] / lengths[lengths > TOLERANCE, None])


def _support(nearest: NearestPopulation, scaled: Array, possible: StrataNumbers) -> StrataNumbers:
    """Of possible strata those that are positive somewhere among the weights that give the same cells."""
    size = len(possible)
    rows = np.vstack([scaled, nearest.rows])[:, possible]
    # The unknowns are multiples of weights, as large as one likes, what of each counts, at most one, and the multiple.
    same = np.column_stack([rows, np.zeros((len(rows), size)), -rows @ nearest.weights[possible]])
    counted = np.column_stack([-np.eye(size), np.eye(size), np.zeros(size)])
    found = linprog(
        np.concatenate([np.zeros(size), -np.ones(size), [0.0]]),
        A_ub=counted,
        b_ub=np.zeros(size),
        A_eq=same,
        b_eq=np.zeros(len(same)),
        bounds=[(0, None)] * size + [(0, 1)] * size + [(1, 1 / POSITIVE)],
        method="highs",
        options={"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE},
    )
    if found.status != 0:
        # Fewer strata make a smaller face: more degrees of freedom.
        return np.flatnonzero(nearest.weights > POSITIVE)
    return np.asarray(possible[found.x[size : 2 * size] > 0.5])


def _room(nearest: NearestPopulation, scaled: Array, face: StrataNumbers) -> float:
    """A ball of this radius touches the one active border and has nothing but allowed points in it.

    Let D be how far one can go inwards, and a ball of radius r around the nearest point be allowed within the border.
    At depth s there is one that is smaller by the factor 1 - s/D. A ball of radius t that touches the border is no
    deeper than 2t, so it fits where ``t <= (1 - 2t/D) r``.

    Returns
    -------
    float
    """
    outwards = nearest.errors / np.linalg.norm(nearest.errors)
    depth = _depth(nearest, scaled, -outwards)
    across = _radius(nearest, scaled, outwards, face)
    return 1 / (1 / across + 2 / depth) if across and depth else 0.0


def _radius(nearest: NearestPopulation, scaled: Array, outwards: Array, face: StrataNumbers) -> float:
    """Of a ball around the nearest point within the border.

    A step along the border is answered by a change of the weights of its face, linear in the step. The ball is allowed
    where no weight can become negative: each must be at least the radius times the length of its row in the answer.
    Of weights that give the nearest point those are taken that are best for the answer, and then an answer that moves
    large weights more than small ones.

    Returns
    -------
    float
    """
    cells, demands = scaled[:, face], _evened(nearest.rows)[:, face]
    both, size = np.vstack([cells, demands]), len(face)
    along = np.linalg.qr(np.column_stack([outwards, np.eye(len(outwards))]))[0][:, 1:]
    best, weights = 0.0, np.ones(size)
    for _ in range(ANSWERS):
        answer = weights[:, None] * np.linalg.pinv(both * weights, rcond=RANK)[:, : len(cells)]
        steps = np.linalg.norm(answer @ along, axis=1)
        found = linprog(
            np.append(np.zeros(size), -1.0),
            A_ub=np.column_stack([-np.eye(size), steps]),
            b_ub=np.zeros(size),
            A_eq=np.column_stack([both, np.zeros(len(both))]),
            b_eq=both @ nearest.weights[face],
            bounds=[(0, None)] * size + [(0, FAR)],
            method="highs",
        )
        if found.status != 0:
            break
        best, weights = max(best, float(found.x[-1])), np.maximum(found.x[:-1], TOLERANCE)
    return best


def _depth(nearest: NearestPopulation, scaled: Array, inwards: Array) -> float:
    """How far from the nearest point there are populations in a direction."""
    both = np.vstack([scaled, nearest.rows])
    away = np.concatenate([-inwards, np.zeros(len(nearest.rows))])
    size = both.shape[1]
    found = linprog(
        np.append(np.zeros(size), -1.0),
        A_eq=np.column_stack([both, away]),
        b_eq=both @ nearest.weights,
        bounds=[(0, None)] * size + [(0, FAR)],
        method="highs",
    )
    return float(found.x[-1]) if found.status == 0 else 0.0


def _ends(arrays: StrataArrays, rows: Array, rights: Array) -> tuple[float, float] | None:
    """The least and the largest value of the estimand; None where it is not defined."""
    # Charnes & Cooper (1962): weights are divided by the divisor, and one over it is the last unknown.
    equal = np.vstack([np.column_stack([rows, -rights]), np.append(arrays.divisors, 0.0)])
    to, costs = np.append(np.zeros(len(rows)), 1.0), np.append(arrays.costs, 0.0)
    low, high = _optimum(costs, equal, to), _optimum(-costs, equal, to)
    return None if low is None or high is None else (low, -high)


def _optimum(costs: Array, rows: Array, rights: Array) -> float | None:
    """The least cost; None where no weights meet the rows."""
    found = linprog(costs, A_eq=rows, b_eq=rights, bounds=(0, None), method="highs")
    if found.status == 3:
        return -inf
    return float(found.fun) if found.status == 0 else None
