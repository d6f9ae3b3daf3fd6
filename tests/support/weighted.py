"""Small programs whose costs have weights, written down by hand, and their values at numbers."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.weight_space import WeightNames
from boundgen.bounds.weighted import WeightedSide, weighted_sides
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.linear_program import Column, LinearProgram, Row
from boundgen.strata.stratum import Stratum
from boundgen.work.limits import Budget

Unit = tuple[int, ...]
Values = dict[str, Fraction]
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass
class Problem:
    """Rows over columns, and the costs of the columns."""

    columns: list[Any]
    costs: list[Polynomial]
    ranges: Mapping[str, tuple[Fraction | None, Fraction | None]] = field(default_factory=dict)
    laws: tuple[tuple[str, ...], ...] = ()
    parameters: tuple[Parameter, ...] = ()
    rows: list[Row] = field(default_factory=list)
    entries: list[list[int]] = field(default_factory=list)

    def total(self, test: Callable[[Any], bool] = lambda _: True) -> None:
        self._row(Row("total", "total", "=", Term(ONE)), test)

    def cell(self, name: str, test: Callable[[Any], bool]) -> None:
        self._row(Row("cell", name, "=", Term.of(0, {name: 1})), test)

    def at_least(self, value: Callable[[Any], int], right: Term = Term()) -> None:
        """``the sum of values >= right``."""
        self._row(Row("assumption", "assumed", "<=", -right), lambda column: -value(column))

    def _row(self, row: Row, value: Callable[[Any], int]) -> None:
        self.rows.append(row)
        self.entries.append([int(value(column)) for column in self.columns])

    @property
    def program(self) -> LinearProgram:
        columns = [
            Column(Stratum(()), tuple((i, row[j]) for i, row in enumerate(self.entries) if row[j]), 0)
            for j in range(len(self.columns))
        ]
        return LinearProgram(tuple(self.rows), tuple(columns))

    @property
    def names(self) -> WeightNames:
        return WeightNames(self.ranges, self.laws)

    def sides(self) -> tuple[WeightedSide, WeightedSide]:
        return weighted_sides(self.program, self.costs, self.names, self.parameters, self.reading, Budget())

    @property
    def reading(self) -> Simplifier:
        """Cells with the same ending sum to one."""
        arms: dict[str, list[str]] = {}
        for row in self.rows:
            if row.kind == "cell" and "." in row.name:
                arms.setdefault(row.name.partition(".")[2], []).append(row.name)
        return Simplifier(tuple(map(tuple, arms.values())), (), (), {}, ())

    def exact(self, at: Mapping[str, Fraction]) -> tuple[Fraction, Fraction]:
        """Minimum and maximum where all names are numbers."""
        values = [cost.value(at) for cost in self.costs]
        found = []
        for sign in (-1, 1):
            best = maximum(len(values), {j: sign * c for j, c in enumerate(values)}, self._met(at), range(len(values)))
            assert best is not None
            found.append(sign * best.value)
        return found[0], found[1]

    def _met(self, at: Mapping[str, Fraction]) -> list[Constraint]:
        return [
            Constraint({j: -e for j, e in enumerate(row)}, line.right.value(at), "=" if line.relation == "=" else ">=")
            for row, line in zip(self.entries, self.rows, strict=True)
        ]

    def law(self, draws: random.Random, at: Values, mixed: int) -> Values:
        """The cells of a population that meets the assumptions: a mixture of some extreme ones."""
        assumed = [k for k, row in enumerate(self.rows) if row.kind != "cell"]
        demands = self._met(at | dict.fromkeys((row.name for row in self.rows), ZERO))
        points = []
        for _ in range(mixed):
            objective = {j: Fraction(draws.randint(-9, 9)) for j in range(len(self.columns))}
            best = maximum(len(self.columns), objective, [demands[k] for k in assumed], range(len(self.columns)))
            assert best is not None
            points.append(best.point)
        shares = simplex(draws, mixed)
        mean = [sum((w * x for w, x in zip(shares, xs, strict=True)), ZERO) for xs in zip(*points, strict=True)]
        return {
            row.name: sum((e * x for e, x in zip(entries, mean, strict=True)), ZERO)
            for row, entries in zip(self.rows, self.entries, strict=True)
            if row.kind == "cell"
        }

    def weights(self, draws: random.Random) -> Values:
        """Values of the weights; every other law has zeros."""
        found: Values = {}
        for law in self.laws:
            found |= dict(zip(law, simplex(draws, len(law)), strict=True))
        for name, (low, high) in self.ranges.items():
            if name not in found:
                low = -3 if low is None else low
                found[name] = low + Fraction(draws.randint(0, 8), 8) * ((3 if high is None else high) - low)
        return found

    def disagreements(self, laws: int, seed: int = 1) -> list[tuple[Values, object, object]]:
        """Where closed forms that there are differ from the exact minimum and maximum."""
        draws = random.Random(seed)
        forms = [side.form for side in self.sides()]
        wrong: list[tuple[Values, object, object]] = []
        for k in range(laws):
            at = self.weights(draws)
            at |= self.law(draws, at, 1 + k % 6)
            for form, exact in zip(forms, self.exact(at), strict=True):
                if form and form.value(at) != exact:
                    wrong.append((at, form.value(at), exact))
        return wrong


def simplex(draws: random.Random, size: int) -> list[Fraction]:
    """A law, often with zeros."""
    parts = [draws.choice((0, 1, 1, 2, 3, 5)) for _ in range(size)]
    parts[draws.randrange(size)] += 1
    return [Fraction(part, sum(parts)) for part in parts]


def name(*letters: str) -> Polynomial:
    """A product of names."""
    return Polynomial.of([(letters, 1)])


def by_arm(levels: int, types: Sequence[Unit], estimand: Callable[[Unit], int]) -> Problem:
    """Groups with weights q0, q1, ...: in each a law of the types; the estimand is the mean over all groups."""
    groups = range(levels)
    columns = [(x, *unit) for x in groups for unit in types]
    costs = [name(f"q{x}").scaled(estimand(unit)) for x in groups for unit in types]
    problem = Problem(columns, costs, laws=(tuple(f"q{x}" for x in groups),))
    for x in groups:
        problem.total(lambda column, x=x: column[0] == x)
    return problem


def selection(levels: int, monotone: bool, estimand: Callable[[Unit], int]) -> Problem:
    """Monotone treatment selection: E[Y(t) | X=x] does not fall in x; `monotone` in t too, unit by unit."""
    types = [unit for unit in product((0, 1), repeat=levels) if not monotone or list(unit) == sorted(unit)]
    problem = by_arm(levels, types, estimand)
    for x, y in product(range(levels), (0, 1)):
        problem.cell(f"p{y}.{x}", lambda column, x=x, y=y: column[0] == x and column[1 + x] == y)
    for t, x in product(range(levels), range(levels - 1)):
        problem.at_least(lambda c, t=t, x=x: c[1 + t] * ((c[0] == x + 1) - (c[0] == x)))
    return problem


def instrument(levels: int, estimand: Callable[[Unit], int], monotone: bool = False) -> Problem:
    """A monotone instrument with the levels: units are X, Y(0), Y(1), and E[Y(t) | V=v] does not fall in v."""
    types = [unit for unit in product((0, 1), repeat=3) if not monotone or unit[1] <= unit[2]]
    problem = by_arm(levels, types, estimand)
    for v, y, x in product(range(levels), (0, 1), (0, 1)):
        problem.cell(f"p{y}{x}.{v}", lambda c, v=v, y=y, x=x: (c[0], c[1], c[2 + c[1]]) == (v, x, y))
    for t, v in product((0, 1), range(levels - 1)):
        problem.at_least(lambda c, t=t, v=v: c[2 + t] * ((c[0] == v + 1) - (c[0] == v)))
    return problem


PAYOFFS = {(0, 1): "helped", (1, 1): "always", (0, 0): "never", (1, 0): "harmed"}


def pay_offs(ranges: Mapping[str, tuple[Fraction | None, Fraction | None]]) -> Problem:
    """Pay-offs of the response types of Y, with an experiment and an observational study."""
    units = list(product((0, 1), repeat=3))
    problem = Problem(units, [name(PAYOFFS[unit[1:]]) for unit in units], ranges)
    problem.total()
    for x, y in product((0, 1), (0, 1)):
        problem.cell(f"p{x}{y}", lambda u, x=x, y=y: (u[0], u[1 + x]) == (x, y))
    for x in (0, 1):
        problem.cell(f"P{x}", lambda u, x=x: u[1 + x] == 1)
    return problem


def treated(levels: int, value: Callable[[int, int], int]) -> Problem:
    """An instrument with known shares w0, w1, ...: the mean of a value of Y(0), Y(1) times the indicator of X=1."""
    units = list(product((0, 1), repeat=levels + 2))
    costs = [Polynomial.of([((f"w{z}",), u[z] * value(*u[-2:])) for z in range(levels)]) for u in units]
    problem = Problem(units, costs, laws=(tuple(f"w{z}" for z in range(levels)),))
    problem.total()
    for z, y, x in product(range(levels), (0, 1), (0, 1)):
        problem.cell(f"p{y}{x}.{z}", lambda u, z=z, y=y, x=x: (u[z], u[levels + u[z]]) == (x, y))
    return problem


def chain(levels: int) -> Problem:
    """Z -> X -> M with weights e0, e1, ..: the effect of X on the mean of e of M."""
    units = [(*x, *m) for x in product((0, 1), repeat=2) for m in product(range(levels), repeat=2)]
    costs = [name(f"e{u[3]}") - name(f"e{u[2]}") for u in units]
    problem = Problem(units, costs, ranges={f"e{k}": (ZERO, ONE) for k in range(levels)})
    problem.total()
    for z, m, x in product((0, 1), range(levels), (0, 1)):
        problem.cell(f"p{m}{x}.{z}", lambda u, z=z, m=m, x=x: (u[z], u[2 + u[z]]) == (x, m))
    return problem
