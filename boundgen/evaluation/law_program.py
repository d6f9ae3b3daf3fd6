"""The sparse linear program of an estimand whose outcome is known by its whole law, and its ends (HiGHS, by SciPy).

Unknowns are the share of each stratum of the other variables and, of each potential outcome in it, how much stands at
each value; these sum to the share. So the program grows with strata times outcomes times values, and not with a power
of the values.

Where the estimand is divided by what is not identified, it is Charnes & Cooper's (1962): all unknowns are scaled by one
more, and the divisor is one.

An empirical law may contradict the model by chance. Where no potential outcome of a stratum is seen in two groups of
cells, it can do so in shares alone (fewer survive with the treatment): then the least distance at which some shares fit
is found first, the laws within groups stay what they are, and the bounds are those of the nearest. Otherwise two arms
see the same units, and no two samples of a continuous outcome have one law: the distance then is Kolmogorov's, of
cumulated cells, and the bounds are taken over all laws so near.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from boundgen.errors import DataError, LimitError
from boundgen.exact.arrays import Array
from boundgen.exact.rational import as_float
from boundgen.strata.one_outcome import OutcomeProblem, OutcomeReading
from boundgen.strata.unit import Response
from boundgen.work.libraries import library

TOLERANCE = 1e-10
# So much may an identified divisor vary in floating point.
SAME = 1e-9
MOST_ENTRIES = 20_000_000
Sense = Literal["lower", "upper"]
# What may differ from the data: nothing, the shares of groups of cells, or cumulated cells.
Relaxed = Literal["nothing", "shares", "cells"]
# SciPy's codes of a program without an end, and of one that presolving shows to have no end or no solution.
UNBOUNDED, NOT_TOLD = 3, 4
SENSES: tuple[Sense, Sense] = ("lower", "upper")


UnknownPlaces = npt.NDArray[np.int64]
# Rows, columns and values.
Entries = tuple[UnknownPlaces, UnknownPlaces, Array]


@dataclass(frozen=True, eq=False)
class LawAt:
    """An observed law: for each part (stratum of covariates) its share and, for each group, shares of cells.

    Parameters
    ----------
    shares : tuple of float
    cells : tuple of tuple of arrays
    """

    shares: tuple[float, ...]
    cells: tuple[tuple[Array, ...], ...]


@dataclass(frozen=True, eq=False)
class Solved:
    """One end, with the dual solution that proves it.

    Parameters
    ----------
    value : float
    duals : tuple of tuple of arrays
        What each cell of each group of each part is weighed with.
    constants : tuple of float
        What the dual adds to the weighed cells of each part: by the total and the assumptions' right sides. Whatever
        the law, the weighed cells with these are at most the least value of the program (at least the greatest), since
        what a dual must meet does not depend on the law.
    """

    value: float
    duals: tuple[tuple[Array, ...], ...]
    constants: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class _Block:
    start: int
    kept: UnknownPlaces


class LawProgram:
    """The program of one estimand at one choice of parameters, over all parts.

    Parameters
    ----------
    problem : OutcomeProblem
    law : LawAt
    choice : mapping of parameter to number
    relaxed : {"nothing", "shares", "cells"}
        What may differ from what is observed, by a distance.
    every : bool
        Whether values that the law does not have are kept, so that dual solutions say what they weigh.
    """

    def __init__(
        self,
        problem: OutcomeProblem,
        law: LawAt,
        choice: Mapping[str, Fraction],
        relaxed: Relaxed = "nothing",
        every: bool = False,
    ) -> None:
        self.problem, self.law, self.relaxed, self.every = problem, law, relaxed, every
        self._seen: list[tuple[int, UnknownPlaces, UnknownPlaces]] = []
        self._choice = choice
        self._linprog: Any = library("scipy.optimize", "inference", "the whole law of an outcome needs").linprog
        self._sparse: Any = library("scipy.sparse", "inference", "the whole law of an outcome needs")
        self._equal: list[Entries] = []
        self._below: list[Entries] = []
        self._right: list[Array] = []
        self._most: list[Array] = []
        self._count = self._equal_rows = self._below_rows = 0
        self._slacks: list[UnknownPlaces] = []
        costs: list[tuple[UnknownPlaces, Array]] = []
        divisors: list[tuple[UnknownPlaces, Array]] = []
        self._places: list[list[int]] = []
        self._ends: list[tuple[int, int]] = [(0, 0)]
        for share, cells in zip(law.shares, law.cells, strict=True):
            blocks = self._part(cells)
            for stratum, (pi, found) in zip(problem.strata, blocks, strict=True):
                costs += [self._weighed(pi, found, each, share) for each in stratum.cost]
                divisors += [self._weighed(pi, found, each, share) for each in stratum.divisor]
                costs.append((np.array([pi]), np.array([share * self._number(problem.constant, problem.parameters)])))
                if problem.divided:
                    divisors.append((np.array([pi]), np.array([share * as_float(problem.divisor_constant)])))
        self._costs, self._divisors = self._vector(costs), self._vector(divisors)
        self._finish()

    # ------------------------------------------------------------ the rows
    def _number(self, constant: Fraction, parameters: Sequence[tuple[str, Fraction]]) -> float:
        return as_float(constant + sum((c * self._choice[name] for name, c in parameters), Fraction(0)))

    def _variables(self, count: int) -> int:
        self._count += count
        return self._count - count

    def _part(self, cells: Sequence[Array]) -> list[tuple[int, dict[Response, _Block]]]:
        problem, size = self.problem, len(self.problem.values)
        found: list[tuple[int, dict[Response, _Block]]] = []
        entries: list[list[tuple[UnknownPlaces, UnknownPlaces]]] = [[] for _ in problem.groups]
        for stratum in problem.strata:
            pi, blocks = self._variables(1), {}
            for response, kept in self._kept(stratum, cells).items():
                start = self._variables(len(kept))
                blocks[response] = _Block(start, kept)
                columns = np.append(np.arange(start, start + len(kept)), pi)
                self._add_equal(
                    np.zeros(len(columns), dtype=int), columns, np.append(np.ones(len(kept)), -1.0), np.zeros(1)
                )
            for group, seen in stratum.seen:
                if seen is None:
                    entries[group].append((np.array([pi]), np.array([0])))
                else:
                    block = blocks[seen]
                    entries[group].append((np.arange(len(block.kept)) + block.start, block.kept))
            found.append((pi, blocks))
        places = []
        for each, rows, right in zip(problem.groups, entries, cells, strict=True):
            width = size if each.shown else 1
            self._seen += [(self._equal_rows, columns, numbers) for columns, numbers in rows]
            columns = np.concatenate([c for c, _ in rows]) if rows else np.zeros(0, dtype=int)
            numbers = np.concatenate([r for _, r in rows]) if rows else np.zeros(0, dtype=int)
            values = np.ones(len(columns))
            if self.relaxed == "shares":
                slack = np.full(width, self._variables(1))
                self._slacks.append(slack[:1])
                columns, numbers = np.concatenate([columns, slack]), np.concatenate([numbers, np.arange(width)])
                values = np.concatenate([values, right / right.sum() if right.sum() else np.ones(width)])
            if self.relaxed == "cells":
                start = self._variables(width)
                slack = np.arange(start, start + width)
                self._slacks.append(slack)
                columns = np.concatenate([columns, slack, slack[:-1]])
                numbers = np.concatenate([numbers, np.arange(width), np.arange(1, width)])
                values = np.concatenate([values, np.ones(width), -np.ones(width - 1)])
            places.append(self._equal_rows)
            self._add_equal(numbers, columns, values, right)
        self._places.append(places)
        pis = np.array([pi for pi, _ in found])
        self._add_equal(np.zeros(len(pis), dtype=int), pis, np.ones(len(pis)), np.ones(1))
        for number, assumed in enumerate(problem.rows):
            parts = [
                self._weighed(pi, blocks, reading, 1.0)
                for stratum, (pi, blocks) in zip(problem.strata, found, strict=True)
                for reading in stratum.rows[number]
            ]
            columns = np.concatenate([c for c, _ in parts]) if parts else np.zeros(0, dtype=int)
            values = np.concatenate([v for _, v in parts]) if parts else np.zeros(0)
            right = np.array([-self._number(assumed.constant, assumed.parameters)])
            add = self._add_equal if assumed.relation == "=" else self._add_below
            add(np.zeros(len(columns), dtype=int), columns, values, right)
        self._ends.append((self._equal_rows, self._below_rows))
        return found

    def _kept(self, stratum: Any, cells: Sequence[Array]) -> dict[Response, UnknownPlaces]:
        """The values at which each potential outcome of a stratum may have mass; of one never seen, extremes."""
        every = np.arange(len(self.problem.values))
        possible: dict[Response, list[Array]] = {}
        for group, response in stratum.seen:
            if response is not None:
                possible.setdefault(response, []).append(cells[group] > 0)
        # Where cells may differ, mass moves between values that some group has.
        join = np.any if self.relaxed == "cells" else np.all
        found = {response: every if self.every else every[join(seen, axis=0)] for response, seen in possible.items()}
        asked: dict[Response, list[OutcomeReading]] = {}
        for each in (*stratum.cost, *stratum.divisor, *(one for row in stratum.rows for one in row)):
            if each.response is not None and each.response not in found:
                asked.setdefault(each.response, []).append(each)
        for response, readings in asked.items():
            values = [as_float(Fraction(value)) for value in readings[0].values]
            ends = np.unique([int(np.argmin(values)), int(np.argmax(values))])
            found[response] = ends if len(readings) == 1 else every
        return found

    @staticmethod
    def _weighed(
        pi: int, blocks: Mapping[Response, _Block], each: OutcomeReading, share: float
    ) -> tuple[UnknownPlaces, Array]:
        values = share * np.array([as_float(Fraction(value)) for value in each.values])
        if each.response is None:
            return np.array([pi]), values
        block = blocks[each.response]
        return np.arange(len(block.kept)) + block.start, values[block.kept]

    def _vector(self, parts: Sequence[tuple[UnknownPlaces, Array]]) -> Array:
        found = np.zeros(self._count)
        for columns, values in parts:
            np.add.at(found, columns, values)
        return found

    def _add_equal(self, rows: UnknownPlaces, columns: UnknownPlaces, values: Array, right: Array) -> None:
        self._equal.append((rows + self._equal_rows, columns, values))
        self._right.append(right)
        self._equal_rows += len(right)

    def _add_below(self, rows: UnknownPlaces, columns: UnknownPlaces, values: Array, right: Array) -> None:
        self._below.append((rows + self._below_rows, columns, values))
        self._most.append(right)
        self._below_rows += len(right)

    def _matrix(self, parts: Sequence[Entries], rows: int) -> Any:
        if not parts:
            return self._sparse.csr_matrix((0, self._count))
        numbers, columns, values = (np.concatenate(each) for each in zip(*parts, strict=True))
        return self._sparse.csr_matrix((values, (numbers, columns)), shape=(rows, self._count))

    def _finish(self) -> None:
        size = sum(len(values) for _, _, values in (*self._equal, *self._below))
        if size > MOST_ENTRIES:
            raise LimitError(
                f"the linear program of the whole law has {size} entries",
                remedy="Round the outcome, or drop covariates.",
            )
        self._a, self._g = self._matrix(self._equal, self._equal_rows), self._matrix(self._below, self._below_rows)
        self._b = np.concatenate(self._right)
        self._h = np.concatenate(self._most) if self._most else np.zeros(0)

    # ------------------------------------------------------------ solving
    def _bounds(self, distance: float | None) -> Array:
        found = np.column_stack([np.zeros(self._count), np.full(self._count, np.inf)])
        for slack in self._slacks:
            found[slack] = (-np.inf, np.inf) if distance is None else (-distance, distance)
        return found

    def _solve(self, cost: Array, a: Any, b: Array, g: Any, h: Array, bounds: Array) -> Any:
        scale = float(np.max(np.abs(cost))) or 1.0

        def solved(presolve: bool) -> Any:
            return self._linprog(
                cost / scale,
                A_ub=g if g.shape[0] else None,
                b_ub=h if g.shape[0] else None,
                A_eq=a,
                b_eq=b,
                bounds=bounds,
                method="highs",
                options={
                    "primal_feasibility_tolerance": TOLERANCE,
                    "dual_feasibility_tolerance": TOLERANCE,
                    "presolve": presolve,
                },
            )

        found = solved(presolve=True)
        if found.status == NOT_TOLD:
            found = solved(presolve=False)
        if found.status == 2:
            return None
        if found.status == UNBOUNDED:
            found.value = -inf
            return found
        if found.status != 0:
            raise DataError(f"the linear program was not solved: {found.message.strip()}")
        found.value = float(found.fun) * scale
        if g.shape[0] or a.shape[0]:
            found.equal, found.below = found.eqlin.marginals * scale, found.ineqlin.marginals * scale
        return found

    def distance(self) -> float:
        """The least distance at which some population fits; of a relaxed program."""
        slack = np.concatenate(self._slacks)
        count, rows = self._count, np.arange(len(slack))
        sparse = self._sparse
        column = sparse.csr_matrix((self._a.shape[0], 1))
        a = sparse.hstack([self._a, column]).tocsr()
        ones = np.ones(len(slack))
        over = sparse.csr_matrix((ones, (rows, slack)), shape=(len(slack), count))
        last = sparse.csr_matrix(-ones[:, None])
        g = sparse.vstack(
            [
                sparse.hstack([self._g, sparse.csr_matrix((self._g.shape[0], 1))]),
                sparse.hstack([over, last]),
                sparse.hstack([-over, last]),
            ]
        ).tocsr()
        h = np.concatenate([self._h, np.zeros(2 * len(slack))])
        bounds = np.vstack([self._bounds(None), [(0.0, np.inf)]])
        cost = np.zeros(count + 1)
        cost[-1] = 1
        found = self._solve(cost, a, self._b, g, h, bounds)
        if found is None:
            raise DataError(
                "no population meets the assumptions, whatever the data",
                remedy="The assumptions contradict one another.",
            )
        return max(0.0, float(found.value))

    def feasible(self) -> bool:
        """Whether some population of the model has exactly these cells."""
        return self._linear(np.zeros(self._count), None) is not None

    def _linear(self, cost: Array, distance: float | None) -> Any:
        return self._solve(cost, self._a, self._b, self._g, self._h, self._bounds(distance))

    def end(self, sense: Sense, cost: Array, distance: float | None = None) -> Solved | None:
        """The least, or the greatest, value of a linear quantity; None where no population fits."""
        sign = 1.0 if sense == "lower" else -1.0
        found = self._linear(sign * cost, distance)
        if found is None:
            return None
        equal = self._lifted(sign * cost, found) if self.every else found.equal
        equal = sign * equal
        below = sign * found.below if len(self._h) else np.zeros(0)
        duals, constants = [], []
        parts = zip(self._places, self.law.cells, self._ends, self._ends[1:], strict=False)
        for places, cells, (first, first_below), (last, last_below) in parts:
            duals.append(tuple(equal[i : i + len(right)] for i, right in zip(places, cells, strict=True)))
            whole = (
                equal[first:last] @ self._b[first:last]
                + below[first_below:last_below] @ self._h[first_below:last_below]
            )
            weighed = sum(float(dual @ right) for dual, right in zip(duals[-1], cells, strict=True))
            constants.append(float(whole) - weighed)
        return Solved(sign * found.value, tuple(duals), tuple(constants))

    def _lifted(self, cost: Array, solved: Any) -> Array:
        """The dual solution with the cells that the law does not have weighed as much as they may be.

        The rows of cells are gone through once: where each column is seen once, nothing is left to gain.

        Returns
        -------
        array
        """
        equal: Array = solved.equal.copy()
        left = cost - self._a.T @ equal
        if len(self._h):
            left -= self._g.T @ solved.below
        for place in dict.fromkeys(place for place, _, _ in self._seen):
            seen = [(columns, numbers) for first, columns, numbers in self._seen if first == place]
            gain = np.full(max(int(numbers.max()) for _, numbers in seen) + 1, np.inf)
            for columns, numbers in seen:
                np.minimum.at(gain, numbers, left[columns])
            gain = np.where(np.isfinite(gain), np.maximum(gain, 0.0), 0.0)
            for columns, numbers in seen:
                left[columns] -= gain[numbers]
            equal[place : place + len(gain)] += gain
        return equal

    def is_function(self, cost: Array, solved: Solved) -> bool:
        """Whether a linear quantity is the function of cells that a dual solution says, whatever the cells; relaxed."""
        left = cost.copy()
        for places, duals in zip(self._places, solved.duals, strict=True):
            for place, dual in zip(places, duals, strict=True):
                left -= self._a[place : place + len(dual)].T @ dual
        for slack in self._slacks:
            left[slack] = 0
        constant = sum(solved.constants)
        ends = [self.end(sense, left, None) for sense in SENSES]
        return all(each is not None and abs(each.value - constant) < SAME for each in ends)

    @property
    def costs(self) -> Array:
        """What each unknown adds to the numerator."""
        return self._costs

    @property
    def divisors(self) -> Array:
        """What each unknown adds to the divisor."""
        return self._divisors

    def ratio(self, sense: Sense, distance: float | None = None) -> float | None:
        """The least, or the greatest, value of the estimand where its divisor is not zero; perhaps infinite."""
        sparse, sign = self._sparse, 1.0 if sense == "lower" else -1.0
        count = self._count
        a = sparse.vstack(
            [
                sparse.hstack([self._a, sparse.csr_matrix(-self._b[:, None])]),
                sparse.hstack([sparse.csr_matrix(self._divisors[None, :]), sparse.csr_matrix((1, 1))]),
            ]
        ).tocsr()
        b = np.zeros(self._a.shape[0] + 1)
        b[-1] = 1
        g, h = sparse.hstack([self._g, sparse.csr_matrix(-self._h[:, None])]).tocsr(), np.zeros(len(self._h))
        bounds = np.column_stack([np.zeros(count + 1), np.full(count + 1, np.inf)])
        if self._slacks:
            bounds[np.concatenate(self._slacks)] = (-np.inf, np.inf)
        if self._slacks and distance is not None:
            slack = np.concatenate(self._slacks)
            ones = np.ones(len(slack))
            over = sparse.csr_matrix((ones, (np.arange(len(slack)), slack)), shape=(len(slack), count))
            last = sparse.csr_matrix(np.full((len(slack), 1), -distance))
            g = sparse.vstack([g, sparse.hstack([over, last]), sparse.hstack([-over, last])]).tocsr()
            h = np.concatenate([h, np.zeros(2 * len(slack))])
        found = self._solve(np.append(sign * self._costs, 0.0), a, b, g, h, bounds)
        return None if found is None else sign * found.value
