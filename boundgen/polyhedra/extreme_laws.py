"""Which vertices of a polytope with symbolic right sides can be best, where costs range over a cone.

``min c · μ`` over ``A μ = b, μ >= 0`` is attained at a basic solution, whatever b is. A basis is needed if it is
optimal at some inner point of the cone of costs: where its reduced costs are positive. Single pivots lead from each
such basis to all others, for along a path from any (b, c) to any other one basis after the other is optimal, where
costs have their ties broken. On the way there are bases that are optimal at ties alone: columns that cost the same
(response types that differ in what is not asked for) change places one after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from random import Random

from boundgen.errors import LimitError
from boundgen.exact.integers import Integers, integers, product
from boundgen.exact.rational import Number
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.work.limits import Budget

# Points of the cone of costs at which a basis is tried before a linear program is solved.
SAMPLES = 40
# What is more than zero of numbers that are whole where they are not mixed.
SLIGHT = Fraction(1, 10**6)
# By how much costs count more than what breaks their ties, at the start.
FAR = 10**12
# Random right sides at which the best basis is neither degenerate nor tied are common: one or two tries do.
TRIES = 1000


@dataclass(frozen=True)
class ExtremeLaw:
    """A basic solution: its columns, and the value of each as multiples of the right sides of rows."""

    columns: tuple[int, ...]
    values: tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Costs:
    """The cone of costs, and costs that part bases which it does not part.

    Parameters
    ----------
    generators : tuple of tuple of int
        A number for each column.
    """

    generators: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self.generators[0])

    @cached_property
    def ties(self) -> list[int]:
        """What decides between bases that are equal at all costs: one with more columns that cost nothing."""
        chance = Random(self.size)
        often = [sum(generator[j] != 0 for generator in self.generators) for j in range(self.size)]
        return [1000 * self.size * count + chance.randint(1, 1000) for count in often]

    @cached_property
    def samples(self) -> Integers:
        """Inner points: multiples of the generators."""
        chance = Random(len(self.generators))
        return integers([[chance.choice((1, 2, 5, 20, 100)) for _ in self.generators] for _ in range(SAMPLES)])

    def are_least(self, reduced: Sequence[list[int]], basis: Collection[int]) -> bool:
        """Whether reduced costs are positive at some point of the cone, and ties are decided for the basis."""
        *own, ties = reduced
        columns = []
        for j in range(self.size):
            if j in basis:
                continue
            column = [row[j] for row in own]
            if any(column):
                if max(column) <= 0:
                    return False
                columns.append(column)
            elif ties[j] < 0:
                return False
        if not columns or bool((product(self.samples, integers(columns).T) > 0).all(axis=1).any()):
            return True
        demands = [Constraint({k: x for k, x in enumerate(column) if x}, -1) for column in columns]
        return maximum(len(own), {}, demands, range(len(own))) is not None

    def are_least_at_ties(self, reduced: Sequence[list[int]], basis: Collection[int]) -> bool:
        """Whether reduced costs with what breaks their ties are positive at some point of the cone."""
        *own, ties = reduced
        demands = []
        for j in range(self.size):
            column = {k: row[j] for k, row in enumerate(own) if row[j]}
            if j in basis or (ties[j] > 0 and min(column.values(), default=0) >= 0):
                continue
            if max(column.values(), default=0) <= 0 and ties[j] < 0:
                return False
            demands.append(Constraint(column, ties[j] - SLIGHT))
        return not demands or maximum(len(own), {}, demands, range(len(own))) is not None


@dataclass(frozen=True)
class _Tableau:
    """Integers over one denominator: a row for each column of the basis, and the reduced costs below.

    Parameters
    ----------
    basis : tuple of int
        The column of each row; what is behind the columns stands for right sides.
    rows, costs : list of list of int
    over : int
        Positive.
    """

    basis: tuple[int, ...]
    rows: list[list[int]]
    costs: list[list[int]]
    over: int

    def with_column(self, row: int, column: int) -> _Tableau:
        """A column in the basis in place of that of a row; all divisions are exact (Edmonds 1967)."""
        rows = self._pivoted(self.rows, row, column)
        sign = 1 if self.rows[row][column] > 0 else -1
        rows[row] = [sign * x for x in self.rows[row]]
        basis = (*self.basis[:row], column, *self.basis[row + 1 :])
        return _Tableau(basis, rows, self.costs_with(row, column), abs(self.rows[row][column]))

    def costs_with(self, row: int, column: int) -> list[list[int]]:
        """The reduced costs after that."""
        return self._pivoted(self.costs, row, column)

    def _pivoted(self, rows: list[list[int]], row: int, column: int) -> list[list[int]]:
        own, over = self.rows[row], self.over
        pivot = own[column]
        if pivot < 0:
            own, pivot = [-x for x in own], -pivot
        return [
            [(x * pivot - each[column] * y) // over for x, y in zip(each, own, strict=True)]
            if each[column]
            else [x * pivot // over for x in each]
            for each in rows
        ]

    def law(self, scales: Sequence[int]) -> ExtremeLaw:
        """The values of the basis in the right sides."""
        first = len(self.rows[0]) - len(self.rows)
        by_column = sorted(zip(self.basis, self.rows, strict=True))
        return ExtremeLaw(
            tuple(j for j, _ in by_column),
            tuple(
                tuple(Fraction(x * scale, self.over) for x, scale in zip(row[first:], scales, strict=True))
                for _, row in by_column
            ),
        )


def extreme_laws(
    rows: Sequence[Mapping[int, Number]], costs: Costs, most: int, budget: Budget
) -> tuple[ExtremeLaw, ...]:
    """Basic solutions of which, whatever the right sides, a feasible one has the least cost at all costs of a cone.

    Parameters
    ----------
    rows : sequence of mapping of column to number
        Independent equations for columns that are not negative; these sum to something finite.
    costs : Costs
    most : int
        How many there may be.
    budget : Budget

    Returns
    -------
    tuple of ExtremeLaw

    Raises
    ------
    LimitError
        Where there are more, or none is found to begin with.
    """
    scales = [lcm(*(Fraction(c).denominator for c in row.values())) for row in rows]
    start = _start(rows, scales, costs, budget)
    found: dict[tuple[int, ...], ExtremeLaw] = {}
    seen, waiting = {frozenset(start.basis)}, [start]
    while waiting:
        tableau = waiting.pop()
        if costs.are_least(tableau.costs, tableau.basis):
            found[tuple(sorted(tableau.basis))] = tableau.law(scales)
        budget.step("listing extreme laws of independent causes", len(found))
        if len(found) > most:
            raise LimitError(f"its closed form would go over more than {most} extreme laws")
        for i, row in enumerate(tableau.rows):
            others = frozenset(tableau.basis) - {tableau.basis[i]}
            for j in range(costs.size):
                basis = others | {j}
                if not row[j] or basis in seen:
                    continue
                seen.add(basis)
                if costs.are_least_at_ties(tableau.costs_with(i, j), basis):
                    waiting.append(tableau.with_column(i, j))
    return tuple(found[basis] for basis in sorted(found))


def _start(rows: Sequence[Mapping[int, Number]], scales: Sequence[int], costs: Costs, budget: Budget) -> _Tableau:
    """A basis that is the best one at some right sides and costs."""
    size = costs.size
    units = [[int(i == k) for k in range(len(rows))] for i in range(len(rows))]
    whole = [
        [*(int(row.get(j, 0) * scale) for j in range(size)), *unit]
        for row, scale, unit in zip(rows, scales, units, strict=True)
    ]
    below = [[*costs, *[0] * len(rows)] for costs in (*costs.generators, costs.ties)]
    first = _Tableau(tuple(range(size, size + len(rows))), whole, below, 1)
    chance = Random(size)
    for number in range(TRIES):
        budget.step("looking for a first extreme law of independent causes", number, TRIES)
        shares = [chance.randint(1, FAR) for _ in range(size)]
        demands = [
            Constraint(
                {j: x for j, x in enumerate(row[:size]) if x},
                -sum(x * share for x, share in zip(row, shares, strict=False)),
                "=",
            )
            for row in whole
        ]
        multiples = [chance.randint(1, FAR) for _ in costs.generators]
        total = {
            j: -FAR * sum(c * g[j] for c, g in zip(multiples, costs.generators, strict=True)) - costs.ties[j]
            for j in range(size)
        }
        best = maximum(size, total, demands, range(size))
        assert best is not None, "the shares meet the rows"
        inside = [j for j, x in enumerate(best.point) if x]
        if len(inside) == len(rows):
            tableau = first
            for j in inside:
                row = next(i for i, own in enumerate(tableau.rows) if tableau.basis[i] >= size and own[j])
                tableau = tableau.with_column(row, j)
            if costs.are_least(tableau.costs, tableau.basis):
                return tableau
    raise LimitError(f"no extreme law was found to begin with in {TRIES} tries")
