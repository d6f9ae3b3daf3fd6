"""What independent causes imply, tested at samples: conditional independences, and equations of Verma's kind."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from boundgen.derivation import Derivation, derive
from boundgen.exact.arrays import Array
from boundgen.inference.equations_test import EquationTests, equations_test
from boundgen.inference.estimate import estimate
from boundgen.inference.from_data import counted_sample
from boundgen.language.model import Model
from support.independent_causes import Population, populations
from support.verma import VERMA as GRAPH

CHAIN = """\
model chain
variable X in {0, 1}
variable M(X) in {0, 1, 2}
variable Y(M) in {0, 1}
unconfounded
observe P(X, M, Y)
estimand ate = E[Y(X=1) - Y(X=0)]
"""
VERMA = f"{GRAPH}estimand ate = E[D(C=1) - D(C=0)]\n"
STAGE = """\
model stage
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}
confounded X, M
observe P(X, M, Y | Z)
estimand ate = E[Y(X=1) - Y(X=0)]
"""
INSTRUMENT = [f"P(X={x},M={m},Y={y}|Z={z})" for z, x, m, y in itertools.product((0, 1), repeat=4)]


def _tests(derived: Derivation, counts: list[list[int]]) -> EquationTests:
    assert derived.independent is not None
    factored = derived.independent.factored
    assert factored is not None
    arms = [
        (str(i), [cell.name for cell in arm.cells], own)
        for i, (arm, own) in enumerate(zip(factored.arms, counts, strict=True))
    ]
    found = equations_test(derived, factored, counted_sample(arms))
    assert found is not None
    return found


@given(populations(positive=True, direct=False))
@settings(max_examples=10, deadline=None)
def test_at_a_law_of_the_model_every_equation_holds(population: Population) -> None:
    derived = derive(population.model, partial=True)
    if not derived.independences:
        return
    whole = math.lcm(*(share.denominator for share in population.cells.values()))
    tests = _tests(derived, [[int(share * whole) for share in population.cells.values()]])
    assert tests.statistic == pytest.approx(0, abs=1e-12)
    assert [each.distance for each in tests.tests] == [0] * len(tests.tests)


def test_it_is_the_chi_squared_test_of_tables_where_units_are_many() -> None:
    """Y is independent of X given M: Pearson's statistics of the three tables of X and Y, added."""
    chance = np.random.default_rng(5)
    law = chance.dirichlet(np.full(6, 9.0)).reshape(2, 3)[:, :, None] * np.array([[0.3, 0.7], [0.5, 0.5], [0.6, 0.4]])
    table = chance.multinomial(200_000, law.ravel()).reshape(2, 3, 2)
    (test,) = _tests(derive(Model.parse(CHAIN)), [table.ravel().tolist()]).tests
    pearson = 0.0
    for m in range(3):
        own = table[:, m].astype(float)
        expected = np.outer(own.sum(axis=1), own.sum(axis=0)) / own.sum()
        pearson += float(((own - expected) ** 2 / expected).sum())
    assert test.freedom == 3
    assert test.statistic == pytest.approx(pearson, rel=0.01)


def _verma_law(moved: float) -> Array:
    """B and D share a cause; where `moved` is not zero A affects D too, which breaks what the graph implies."""
    law = np.zeros((2, 2, 2, 2))
    for u, a, b, c, d in itertools.product((0, 1), repeat=5):
        shares = 0.4, 0.2 + 0.3 * a + 0.4 * u, 0.2 + 0.5 * b, 0.1 + 0.2 * c + 0.3 * u + moved * a
        law[a, b, c, d] += 0.5 * math.prod(
            share if value else 1 - share for share, value in zip(shares, (a, b, c, d), strict=True)
        )
    return law


def test_equations_of_vermas_kind_are_tested() -> None:
    derived = derive(Model.parse(VERMA))
    for moved, holds in ((0.0, True), (0.3, False)):
        counts = np.rint(_verma_law(moved).ravel() * 4000).astype(int).tolist()
        independence, *others = _tests(derived, [counts]).tests
        assert independence.p_value > 0.9
        assert [each.freedom for each in others] == [1, 1]
        assert all((each.p_value > 0.9) is holds for each in others)
        assert holds or max(each.p_value for each in others) < 0.001


def test_arms_are_compared() -> None:
    """One of two arms has Y depend on X: three equations for each value of M."""
    counts = [[60, 30, 40, 80, 20, 10, 50, 100], [20, 10, 30, 60, 70, 35, 20, 80]]
    tests = _tests(derive(Model.parse(STAGE)), counts)
    assert (len(tests.tests), tests.freedom) == (1, 6)
    assert tests.p_value == tests.tests[0].p_value
    assert float(tests.tests[0].distance) == pytest.approx(
        max(
            abs(
                Fraction(counts[z][4 * x + 2 * m + 1], 390 if z == 0 else 325)
                * sum(Fraction(counts[w][4 * v + 2 * m + k], 390 if w == 0 else 325) for v in (0, 1) for k in (0, 1))
                - sum(Fraction(counts[z][4 * x + 2 * m + k], 390 if z == 0 else 325) for k in (0, 1))
                * sum(Fraction(counts[w][4 * v + 2 * m + 1], 390 if w == 0 else 325) for v in (0, 1))
            )
            for z, w, x, m in itertools.product((0, 1), repeat=4)
        )
    )


def test_perfect_dependence_is_rejected() -> None:
    """Nothing varies in the direction in which the sample is off, and it is off as far as it can be."""
    counts = [0] * 12
    counts[0], counts[7], counts[2], counts[11] = 40, 40, 20, 20
    assert _tests(derive(Model.parse(CHAIN)), [counts]).p_value < 1e-6


def test_clusters_make_it_less_sure() -> None:
    model = Model.parse(CHAIN)
    rows = [
        {"X": x, "M": m, "Y": y, "C": f"{x}{m}{y}{i // 5}"}
        for x, m, y in itertools.product((0, 1), (0, 1, 2), (0, 1))
        for i in range(30 + 15 * x * y - 10 * m)
    ]
    derived = derive(model)
    alone, clustered = (estimate(derived, rows, draws=500, **how).equations for how in ({}, {"cluster": "C"}))
    assert alone is not None
    assert clustered is not None
    assert 1.5 * clustered.statistic < alone.statistic


def test_every_form_says_it() -> None:
    shares = [60, 30, 40, 80, 20, 10, 50, 100, 20, 10, 30, 60, 70, 35, 20, 80]
    found = estimate(Model.parse(STAGE), dict(zip(INSTRUMENT, shares, strict=True)), draws=500)
    text = found.text()
    assert "Equations that independent causes imply (Wald's test, by the delta method):" in text
    assert "  P(X, M, Y | Z) P(M | Z') = P(X, M | Z) P(M, Y | Z')  off by " in text
    assert "6 degrees of freedom" in text
    assert "Testable implications that fail" not in text
    tests = found.json()["equations"]
    assert (tests["degrees_of_freedom"], tests["tests"][0]["given"]) == (6, ["M"])
    assert found.rows()[0]["equations_p_value"] == tests["p_value"]
    assert r"Equations that independent causes imply: $\chi^2_{6}" in found.latex()


def test_inequalities_of_factors_are_tested_too() -> None:
    """The instrument has an effect of its own: what types of X and M demand fails."""
    shares = [2, 2, 2, 2, 30, 30, 2, 2, 2, 2, 2, 2, 2, 2, 30, 30]
    (found,) = estimate(derive(Model.parse(STAGE)), dict(zip(INSTRUMENT, shares, strict=True)), draws=500).estimates
    assert found.conditions is not None
    assert found.conditions.violations
    assert found.conditions.p_value < 0.01
    assert found.contradicted
