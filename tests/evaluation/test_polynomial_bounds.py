"""Polynomial programs by SCIP, against closed forms that are known."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest

from boundgen.evaluation.polynomial_bounds import TOLERANCE, NumericInterval, polynomial_bounds_at
from boundgen.exact.polynomials import Polynomial
from boundgen.program.polynomial_program import PolynomialProgram, PolynomialRow
from boundgen.work.limits import Budget, Limits

pytest.importorskip("pyscipopt")

ONE = Polynomial.number(1)
Q = Polynomial.name


def fixed(names: list[str], value: Fraction | int) -> PolynomialRow:
    return PolynomialRow(Polynomial.total(map(Q, names)) - Polynomial.number(value), "=")


def unconfounded_mediator(pm: list[Fraction], py: dict[tuple[int, int], Fraction]) -> PolynomialProgram:
    """X randomized, M(X) and Y(X, M) without common causes: the probability that Y changes from 0 to 1 with X."""
    mus, psis = list(product((0, 1), repeat=2)), list(product((0, 1), repeat=4))
    m, y = {k: f"m{k}" for k in mus}, {k: f"y{k}" for k in psis}
    rows = [fixed(list(m.values()), 1), fixed(list(y.values()), 1)]
    rows += [fixed([m[k] for k in mus if k[x]], pm[x]) for x in (0, 1)]
    rows += [fixed([y[k] for k in psis if k[2 * x + v]], py[x, v]) for x in (0, 1) for v in (0, 1)]
    goal = [Q(m[k]) * Q(y[t]) for k in mus for t in psis if t[2 + k[1]] and not t[k[0]]]
    names = (*m.values(), *y.values())
    return PolynomialProgram(names, tuple(rows), Polynomial.total(goal), ONE, Fraction(0), Fraction(1))


def closed(pm: list[Fraction], py: dict[tuple[int, int], Fraction]) -> tuple[Fraction, Fraction]:
    """At each end of what P(M(0)=0, M(1)=1) may be, a sum of maxima (concave in it, so an end is best)."""
    low, high = [], []
    for t in (max(Fraction(0), pm[1] - pm[0]), min(pm[1], 1 - pm[0])):
        mu = {(0, 1): t, (1, 1): pm[1] - t, (0, 0): 1 - pm[0] - t, (1, 0): pm[0] - pm[1] + t}
        low.append(sum(q * max(Fraction(0), py[1, b] - py[0, a]) for (a, b), q in mu.items()))
        high.append(sum(q * min(py[1, b], 1 - py[0, a]) for (a, b), q in mu.items()))
    return Fraction(min(low)), Fraction(max(high))


def assert_close(found: NumericInterval, low: Fraction, high: Fraction) -> None:
    assert found.closed
    assert found.lower is not None
    assert found.upper is not None
    assert low - 10 * TOLERANCE <= found.lower <= low + TOLERANCE / 4
    assert high - TOLERANCE / 4 <= found.upper <= high + 10 * TOLERANCE


@pytest.mark.parametrize("seed", range(3))
def test_the_interval_is_outside_of_the_sharp_one_and_near(seed: int) -> None:
    chance = random.Random(seed)
    pm = [Fraction(chance.randint(0, 10), 10) for _ in (0, 1)]
    py = {(x, v): Fraction(chance.randint(0, 10), 10) for x in (0, 1) for v in (0, 1)}
    assert_close(polynomial_bounds_at(unconfounded_mediator(pm, py), Budget()), *closed(pm, py))


def test_a_ratio_is_bounded_over_shares_whose_divisor_is_positive() -> None:
    rows = (fixed(["a", "b", "c"], 1), fixed(["a", "b"], Fraction(1, 2)))
    rows += (PolynomialRow(Q("c") * Q("a") - Polynomial.number(Fraction(1, 10)), ">="),)
    program = PolynomialProgram(("a", "b", "c"), rows, Q("a"), Q("a") + Q("b"), Fraction(0), Fraction(1))
    assert_close(polynomial_bounds_at(program, Budget()), Fraction(2, 5), Fraction(1))


def test_data_that_no_population_gives() -> None:
    rows = (fixed(["a", "b"], 1), PolynomialRow(Q("a") * Q("b") - Polynomial.number(Fraction(3, 10)), "="))
    program = PolynomialProgram(("a", "b"), rows, Q("a"), ONE, Fraction(0), Fraction(1))
    found = polynomial_bounds_at(program, Budget())
    assert (found.lower, found.upper) == (None, None)
    assert found.closed


def hard(levels: int) -> PolynomialProgram:
    """Front door with a mediator of several levels: the probability of causation, which does not close soon."""
    chance, ms = random.Random(1), range(levels)
    mus, psis = list(product(ms, repeat=2)), list(product((0, 1), repeat=levels + 1))
    m, y = {k: f"m{k}" for k in mus}, {k: f"y{k}" for k in psis}
    rows = [fixed([m[k] for k in mus if k[x] == v], Fraction(1, levels)) for x in (0, 1) for v in ms]
    for x, v in product((0, 1), ms):
        share = Fraction(chance.randint(1, 49), 100)
        rows.append(fixed([y[k] for k in psis if k[0] == x and k[1 + v]], share))
    rows += [fixed([y[k] for k in psis if k[0] == x], Fraction(1, 2)) for x in (0, 1)]
    goal = [Q(m[k]) * Q(y[t]) for k in mus for t in psis if t[1 + k[1]] and not t[1 + k[0]]]
    names = (*m.values(), *y.values())
    return PolynomialProgram(names, tuple(rows), Polynomial.total(goal), ONE, Fraction(0), Fraction(1))


def test_when_time_ends_first_the_outer_ends_are_right_and_the_gap_is_said() -> None:
    found = polynomial_bounds_at(hard(5), Budget(Limits(seconds=1.5)))
    assert found.lower is not None
    assert found.upper is not None
    assert not found.closed
    assert 0 <= found.lower <= found.upper <= 1
    longer = polynomial_bounds_at(hard(5), Budget(Limits(seconds=3)))
    assert longer.upper is not None
    # Where the machine is busy it may have found no population at all.
    assert found.upper - (1 if found.gap_upper is None else found.gap_upper) - TOLERANCE <= longer.upper
