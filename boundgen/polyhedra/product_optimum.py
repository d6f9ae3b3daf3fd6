"""Sharp bounds at one distribution over a product of polytopes, exactly.

A function that is linear in the law of each factor, or the ratio of two such, is least at a vertex of each factor's
polytope. So all factors but one go over their vertices, and there is a linear program over the last for each choice
(Sherali & Shetty 1980, bilinear programs; here in rational numbers).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, prod

from boundgen.errors import LimitError
from boundgen.exact.integers import integers
from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.polyhedra.cones import direct_rays
from boundgen.polyhedra.optimum import Constraint, Maximum, maximum
from boundgen.polyhedra.weighted_optimum import UNDEFINED, End, Ends, weighted_bounds_at
from boundgen.program.factored_program import Factor, FactoredProgram
from boundgen.program.weighted_program import WeightedColumn, WeightedProgram, WeightedRow
from boundgen.work.limits import Budget

UNIT = RationalFunction(ONE)
MOST_CHOICES = 20_000
Probabilities = tuple[Fraction, ...]
# Coefficients, each with the events whose probabilities it multiplies, by factor and number.
NumericTerms = Sequence[tuple[Fraction, tuple[tuple[int, int], ...]]]


@dataclass(frozen=True)
class FactorAtData:
    """A factor with numbers put in.

    Parameters
    ----------
    factor : Factor
    rows : tuple of Constraint
    known : tuple of (Fraction or None)
        For each event its probability, where these rows give it.
    """

    factor: Factor
    rows: tuple[Constraint, ...]
    known: tuple[Fraction | None, ...]

    @property
    def closed(self) -> bool:
        """Whether every event has one probability."""
        return None not in self.known


def factored_bounds_at(program: FactoredProgram, values: Mapping[str, Number], budget: Budget) -> Ends:
    """The least and the greatest value over independent laws of the factors that agree with the data.

    Both are None where there are none, or none in which the divisor differs from zero.

    Raises
    ------
    LimitError
        Where the polytopes have too many vertices.
    """
    factors = [_at(factor, values) for factor in program.factors]
    if any(not _is_possible(each) for each in factors):
        return UNDEFINED
    numerator = [(term.coefficient.value(values), term.events) for term in program.numerator]
    divisor = [(term.coefficient.value(values), term.events) for term in program.divisor or ()]
    open_factors = [k for k, each in enumerate(factors) if not each.closed]
    if not open_factors:
        choice = {k: _known(each) for k, each in enumerate(factors)}
        over = _value(divisor, choice) if program.divisor is not None else Fraction(1)
        value = _value(numerator, choice) / over if over else None
        return value, value
    last = max(open_factors, key=lambda k: len(factors[k].factor.columns))
    others = [k for k in open_factors if k != last]
    fixed = {k: _known(each) for k, each in enumerate(factors) if k not in open_factors}
    vertices = {k: _vertices(factors[k], budget) for k in others}
    many = prod(map(len, vertices.values()))
    if many > MOST_CHOICES:
        raise LimitError(
            f"the laws of {len(others)} groups of variables have {many} extreme points together, which is more than "
            f"{MOST_CHOICES}",
            remedy="Coarsen variables, add assumptions, or state fewer independent causes.",
        )
    inner = _Inner(factors[last], last, numerator, divisor if program.divisor is not None else None)
    low: list[End] = []
    high: list[End] = []
    for number, chosen in enumerate(itertools.product(*vertices.values())):
        budget.step("going over extreme laws of independent causes", number, many)
        ends = inner.ends({**fixed, **dict(zip(others, chosen, strict=True))})
        if ends != UNDEFINED:
            low.append(ends[0])
            high.append(ends[1])
    return (min(x for x in low if x is not None), max(x for x in high if x is not None)) if low else UNDEFINED


def is_possible_at(program: FactoredProgram, values: Mapping[str, Number]) -> bool:
    """Whether independent laws of the factors agree with the data."""
    return all(_is_possible(_at(factor, values)) for factor in program.factors)


# ---------------------------------------------------------------- one factor
def _at(factor: Factor, values: Mapping[str, Number]) -> FactorAtData:
    constraints, span, rights = [], Span(), {}
    for number, row in enumerate(factor.rows):
        right = row.right.value(values)
        if right is None:
            continue
        entries = dict(row.entries)
        if row.relation == "=":
            constraints.append(Constraint(entries, -right, "="))
            rights[number] = right
            span.add(number, entries)
        else:
            constraints.append(Constraint({j: -value for j, value in entries.items()}, right))
    known: list[Fraction | None] = []
    for event in factor.events:
        multiples = span.depends({j: Fraction(1) for j in event})
        known.append(None if multiples is None else sum((c * rights[k] for k, c in multiples.items()), Fraction(0)))
    return FactorAtData(factor, tuple(constraints), tuple(known))


def _known(factor: FactorAtData) -> Probabilities:
    return tuple(value for value in factor.known if value is not None)


def _is_possible(factor: FactorAtData) -> bool:
    size = len(factor.factor.columns)
    return maximum(size, {}, factor.rows, range(size)) is not None


def _vertices(factor: FactorAtData, budget: Budget) -> tuple[Probabilities, ...]:
    """The probabilities of the events at each vertex, each once."""
    size = len(factor.factor.columns)
    rows = []
    for row in factor.rows:
        scale = lcm(row.constant.denominator, *(c.denominator for c in row.coefficients.values()))
        whole = [*(int(row.coefficients.get(j, 0) * scale) for j in range(size)), int(row.constant * scale)]
        rows += [whole] if row.relation == ">=" else [whole, [-x for x in whole]]
    rows += [[int(i == j) for i in range(size + 1)] for j in range(size + 1)]
    steps = itertools.count()
    rays = direct_rays(integers(rows), lambda: budget.step("listing extreme laws", next(steps)), None)
    assert rays is not None, "no limit is set"
    found = {
        tuple(Fraction(sum(int(ray[j]) for j in event), int(ray[size])) for event in factor.factor.events)
        for ray in rays
    }
    return tuple(sorted(found))


def _value(terms: NumericTerms, choice: Mapping[int, Probabilities]) -> Fraction:
    total = Fraction(0)
    for coefficient, events in terms:
        for factor, event in events:
            coefficient *= choice[factor][event]
        total += coefficient
    return total


class _Inner:
    """The linear program over one factor, for any choice of the others' laws."""

    def __init__(
        self,
        last: FactorAtData,
        number: int,
        numerator: NumericTerms,
        divisor: NumericTerms | None,
    ) -> None:
        self.last, self.number, self.numerator, self.divisor = last, number, numerator, divisor
        self.done: dict[tuple[Fraction, ...], Ends] = {}
        size = len(last.factor.columns)
        # The rows are the same for every choice: the solver goes on from where it was.
        self.problem = Maximum(size, {}, last.rows, range(size))

    def ends(self, choice: Mapping[int, Probabilities]) -> Ends:
        """Both ends; programs with the same costs are solved once."""
        costs = self._costs(self.numerator, choice)
        divisors = [] if self.divisor is None else self._costs(self.divisor, choice)
        key = (*costs, *divisors)
        if key not in self.done:
            ratio = bool(divisors)
            self.done[key] = weighted_bounds_at(self._program(costs, divisors), {}) if ratio else self._linear(costs)
        return self.done[key]

    def _linear(self, costs: Sequence[Fraction]) -> Ends:
        """The least and the greatest cost."""
        found = []
        for sign in (-1, 1):
            self.problem.aim({j: sign * cost for j, cost in enumerate(costs) if cost})
            best = self.problem.solve()
            if best is None:
                return UNDEFINED
            found.append(sign * best.value)
        return found[0], found[1]

    def _costs(self, terms: NumericTerms, choice: Mapping[int, Probabilities]) -> list[Fraction]:
        """For each column; what does not speak of this factor counts for all."""
        costs = [Fraction(0)] * len(self.last.factor.columns)
        by_event: dict[int | None, Fraction] = {}
        for coefficient, events in terms:
            own: int | None = None
            for factor, event in events:
                if factor == self.number:
                    own = event
                else:
                    coefficient *= choice[factor][event]
            by_event[own] = by_event.get(own, Fraction(0)) + coefficient
        for asked, coefficient in by_event.items():
            for j in range(len(costs)) if asked is None else self.last.factor.events[asked]:
                costs[j] += coefficient
        return costs

    def _program(self, costs: Sequence[Fraction], divisors: Sequence[Fraction]) -> WeightedProgram:
        rows = tuple(
            WeightedRow("cell", str(i), "=" if row.relation == "=" else "<=", RationalFunction.of_number(right))
            for i, row in enumerate(self.last.rows)
            for right in [-row.constant if row.relation == "=" else row.constant]
        )
        entries: list[list[tuple[int, RationalFunction]]] = [[] for _ in costs]
        for i, row in enumerate(self.last.rows):
            for j, value in row.coefficients.items():
                entries[j].append((i, RationalFunction.of_number(value if row.relation == "=" else -value)))
        columns = tuple(
            WeightedColumn(
                stratum,
                tuple(entries[j]),
                Polynomial.number(costs[j]),
                Polynomial.number(divisors[j]),
            )
            for j, stratum in enumerate(self.last.factor.columns)
        )
        return WeightedProgram(rows, columns, UNIT, identified=False)
