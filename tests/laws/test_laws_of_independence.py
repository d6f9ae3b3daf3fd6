"""What must hold where variables share no causes, whatever the model and the law."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, derive, evaluate, export_graph
from boundgen.bounds.factoring import factored_model, has_overlapping_causes
from boundgen.bounds.identified_formulas import identified_formula
from boundgen.bounds.independences import independences
from boundgen.bounds.independent import independent_problem
from boundgen.bounds.independent_problem import FactoredEstimand
from boundgen.polyhedra.product_optimum import factored_bounds_at
from boundgen.program.factored_program import Factor
from boundgen.work.limits import Budget
from support.independent_causes import Population, populations

Interval = tuple[Fraction, Fraction]
FRONT_DOOR = [["X", "Y"], ["M"]]


def intervals(model: Model, cells: dict[str, Fraction]) -> dict[str, Interval]:
    """The exact bounds at cells; by the program of strata where all causes are shared."""
    if not model.factored:
        return {e.estimand: _numbers(e.lower, e.upper) for e in evaluate(derive(model, conditions=False), cells)}
    problem = independent_problem(model, model.estimands, Budget())
    assert problem.factored is not None
    at = {name: value for name, value in problem.factored.at(cells).items() if value is not None}
    found = {}
    for each in problem.posed:
        assert isinstance(each, FactoredEstimand)
        found[each.estimand.name] = _numbers(*factored_bounds_at(each.program, {**cells, **at}, Budget()))
    return found


def _numbers(low: Any, high: Any) -> Interval:
    assert isinstance(low, Fraction)
    assert isinstance(high, Fraction)
    return low, high


@given(populations())
@settings(max_examples=25, deadline=None)
def test_the_truth_is_inside(population: Population) -> None:
    for name, (low, high) in intervals(population.model, population.cells).items():
        assert low <= population.truth[name] <= high


@given(populations(), st.sampled_from((("X", "Y"), ("X", "M"), ("M", "Y"))))
@settings(max_examples=15, deadline=None)
def test_one_more_cause_never_narrows(population: Population, more: tuple[str, str]) -> None:
    own = population.model.causes or ()
    wider = (more,) if not own or own == (more,) else (("X", "M", "Y"),)
    few = intervals(population.model, population.cells)
    many = intervals(replace(population.model, causes=wider), population.cells)
    for name, (low, high) in few.items():
        assert many[name][0] <= low <= high <= many[name][1]


@given(populations())
@settings(max_examples=25, deadline=None)
def test_the_law_of_a_model_meets_what_it_implies(population: Population) -> None:
    problem = independent_problem(population.model, population.model.estimands, Budget())
    assert problem.factored is not None
    for each in independences(population.model):
        assert each.distance(problem.factored.law, population.cells) == 0


@given(populations(positive=True))
@settings(max_examples=5, deadline=None)
def test_what_factors_imply_holds_and_closed_forms_are_exact(population: Population) -> None:
    derived = derive(population.model, partial=True)
    assert derived.conditions is not None
    exact = intervals(population.model, population.cells)
    for each in evaluate(derived, population.cells):
        assert each.violations == ()
        assert (each.lower, each.upper) == exact[each.estimand]


@given(populations(four=True))
@settings(max_examples=4, deadline=None)
def test_closed_forms_of_four_variables_are_exact_and_hold_the_truth(population: Population) -> None:
    exact = intervals(population.model, population.cells)
    for each in evaluate(derive(population.model, conditions=False), population.cells):
        assert (each.lower, each.upper) == exact[each.estimand]
        low, high = exact[each.estimand]
        assert low <= population.truth[each.estimand] <= high


@given(populations(four=True), st.data())
@settings(max_examples=10, deadline=None)
def test_no_mixture_of_extreme_laws_of_one_factor_is_beyond(population: Population, data: st.DataObject) -> None:
    """By brute force: the smallest factor at laws on a grid, the others as a linear program of HiGHS."""
    optimize = pytest.importorskip("scipy.optimize")
    problem = independent_problem(population.model, [population.model.estimand_named("pns")], Budget())
    assert problem.factored is not None
    (asked,) = problem.posed
    assert isinstance(asked, FactoredEstimand)
    at = {name: value for name, value in problem.factored.at(population.cells).items() if value is not None}
    low, high = factored_bounds_at(asked.program, {**population.cells, **at}, Budget())
    factors = asked.program.factors
    systems = [_system(factor, population.cells) for factor in factors]
    # All but the last one at a mixture of vertices at which random costs are least.
    laws = []
    for matrix, right in systems:
        size = matrix.shape[1]
        ends = [
            optimize.linprog(
                data.draw(st.lists(st.integers(-5, 5), min_size=size, max_size=size)), None, None, matrix, right
            )
            for _ in range(2)
        ]
        share = data.draw(st.sampled_from([0, 0.25, 0.5, 1]))
        laws.append(share * ends[0].x + (1 - share) * ends[1].x)
    last = max(range(len(factors)), key=lambda k: len(factors[k].columns))
    costs = [0.0] * len(factors[last].columns)
    for term in asked.program.numerator:
        weight, inside = float(term.coefficient.constant or 0), list(range(len(costs)))
        for k, event in term.events:
            if k == last:
                inside = list(factors[k].events[event])
            else:
                weight *= sum(laws[k][j] for j in factors[k].events[event])
        for j in inside:
            costs[j] += weight
    matrix, right = systems[last]
    least = optimize.linprog(costs, None, None, matrix, right).fun
    most = -optimize.linprog([-c for c in costs], None, None, matrix, right).fun
    assert float(low) - 1e-7 <= least  # type: ignore[arg-type]
    assert most <= float(high) + 1e-7  # type: ignore[arg-type]


def _system(factor: Factor, cells: dict[str, Fraction]) -> tuple[Any, Any]:
    """The rows of a factor at data, as arrays."""
    rows = [(row.entries, right) for row in factor.rows if (right := row.right.value(cells)) is not None]
    matrix = np.zeros((len(rows), len(factor.columns)))
    for i, (entries, _) in enumerate(rows):
        for j, entry in entries:
            matrix[i, j] = float(entry)
    return matrix, np.array([float(right) for _, right in rows])


def test_one_cause_of_all_is_no_statement() -> None:
    text = "model m\nvariable X in {0, 1}\nvariable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\nCAUSES"
    text += "observe P(X, M, Y)\nestimand ate = E[Y(X=1) - Y(X=0)]\n"
    one, none = (Model.parse(text.replace("CAUSES", c)) for c in ("confounded X, M, Y\n", ""))
    assert derive(one).text() == derive(none).text()


@given(populations(positive=True, parts=FRONT_DOOR, direct=False))
@settings(max_examples=10, deadline=None)
def test_pns_behind_a_front_door_against_a_grid_of_one_factor(population: Population) -> None:
    low, high = intervals(population.model, population.cells)["pns"]
    p = {
        values: population.cells[cell]
        for values, cell in zip(itertools.product((0, 1), repeat=3), population.cells, strict=True)
    }
    x_share = {x: sum(p[x, m, y] for m in (0, 1) for y in (0, 1)) for x in (0, 1)}
    m_share = {x: sum(p[x, 1, y] for y in (0, 1)) / x_share[x] for x in (0, 1)}
    y_share = {(m, x): p[x, m, 1] / (p[x, m, 0] + p[x, m, 1]) for m in (0, 1) for x in (0, 1)}
    effect = sum(x_share[x] * (y_share[1, x] - y_share[0, x]) for x in (0, 1))
    helped = [
        sum(x_share[x] * max(Fraction(0), y_share[1, x] - y_share[0, x]) for x in (0, 1)),
        sum(x_share[x] * min(y_share[1, x], 1 - y_share[0, x]) for x in (0, 1)),
    ]
    change = m_share[1] - m_share[0]
    ends = max(Fraction(0), change), min(m_share[1], 1 - m_share[0])
    grid = [ends[0] + (ends[1] - ends[0]) * Fraction(i, 20) for i in range(21)]
    values = [t * a + (t - change) * (a - effect) for t in grid for a in helped]
    assert (low, high) == (min(values), max(values))


def test_data_that_break_an_independence_are_said_to() -> None:
    text = "model m\nvariable X in {0, 1}\nvariable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\nunconfounded\n"
    model = Model.parse(text + "observe P(X, M, Y)\nestimand ate = E[Y(X=1) - Y(X=0)]\n")
    eighth = {f"P(X={x},M={m},Y={y})": Fraction(1, 8) for x in (0, 1) for m in (0, 1) for y in (0, 1)}
    ((_, none),) = evaluate(model, eighth).independences
    moved = {**eighth, "P(X=0,M=0,Y=0)": Fraction(1, 4), "P(X=1,M=0,Y=0)": Fraction(0)}
    ((each, distance),) = evaluate(model, moved).independences
    assert none == 0
    assert each.text == "P(X, M, Y) P(M) = P(X, M) P(M, Y)"
    # |P(0,0,0) P(M=0) - P(X=0,M=0) P(M=0,Y=0)| = 1/4 * 1/2 - 3/8 * 1/4
    assert distance == Fraction(1, 32)


# ---------------------------------------------------------------- against y0
GRAPHS = {
    "front_door": ("XMY", ["XM", "MY"], ["XY"]),
    "back_door": ("MXY", ["XY", "MX", "MY"], []),
    "mediator": ("XMY", ["XM", "MY", "XY"], []),
    "napkin": ("WZXY", ["WZ", "ZX", "XY"], ["WX", "WY"]),
    "front door with a cause in front": ("ZXMY", ["ZX", "XM", "MY"], ["ZX", "XY"]),
    "two back doors": ("VWXY", ["VX", "WX", "XY"], ["VW", "WY"]),
    "nothing summed out": ("WXMY", ["WX", "XM", "MY", "WY"], ["WX", "WY", "XY"]),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_identified_formulas_are_those_of_y0(name: str) -> None:
    order, directed, shared = GRAPHS[name]
    found, formula = asked_of_both(order, directed, shared)
    assert formula is not None
    law = mechanisms(order, directed, shared, {})
    truth = sum(w for values, w in mechanisms(order, directed, shared, {"X": 1}).items() if values[order.index("Y")])
    cells = {f"P({','.join(f'{v}={k}' for v, k in zip(order, values, strict=True))})": w for values, w in law.items()}
    (at_law,) = evaluate(found, cells)
    assert at_law.method == "closed form"
    assert at_law.lower == at_law.upper == truth
    # What is neither set nor summed over may have any value.
    assert _y0_value(formula, {**dict.fromkeys(order, 0), "X": 1, "Y": 1}, order, law) == truth


def mechanisms(
    order: str, directed: list[str], shared: list[str], held: dict[str, int]
) -> dict[tuple[int, ...], Fraction]:
    """A law of binary variables with these causes, some of them set: each is made of its parents and its causes."""
    law = dict.fromkeys(itertools.product((0, 1), repeat=len(order)), Fraction(0))
    for causes in itertools.product((0, 1), repeat=len(shared)):
        for values in law:
            at = dict(zip(order, values, strict=True))
            weight = Fraction(1)
            for i, v in enumerate(order):
                if v in held:
                    weight *= at[v] == held[v]
                    continue
                inside = [at[a] for a in order if a + v in directed]
                inside += [u for u, pair in zip(causes, shared, strict=True) if v in pair]
                one = Fraction(1 + (7 * i + sum((3 + 2 * k) * (k + 1) ** x for k, x in enumerate(inside))) % 10, 12)
                weight *= one if at[v] else 1 - one
            law[values] += weight * prod(Fraction(1 + u, 3) for u in causes)
    return law


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_identified_is_what_y0_identifies(data: st.DataObject) -> None:
    order = "VWXY"
    pairs = ["".join(pair) for pair in itertools.combinations(order, 2)]
    directed = data.draw(st.sets(st.sampled_from(pairs[:-1]), max_size=4).map(sorted))
    shared = data.draw(st.sets(st.sampled_from(pairs), max_size=3).map(sorted))
    model = Model.parse(_text(order, [*directed, "XY"], shared))
    factored = factored_model(model, Budget())
    if factored is not None and has_overlapping_causes(model):
        formula = _formula_of_y0(order, [*directed, "XY"], shared)
        assert bool(identified_formula(factored, model.estimands[0])) == (formula is not None)


def _text(order: str, directed: list[str], shared: list[str]) -> str:
    text = "model m\n"
    for v in order:
        above = ", ".join(a for a in order if a + v in directed)
        text += f"variable {v}{f'({above})' if above else ''} in {{0, 1}}\n"
    text += "\n".join(f"confounded {a}, {b}" for a, b in shared) or "unconfounded"
    return f"{text}\nobserve P({', '.join(order)})\nestimand risk = P(Y(X=1)=1)\n"


def asked_of_both(order: str, directed: list[str], shared: list[str]) -> tuple[Any, Any]:
    """The derivation, and the formula of y0."""
    found = derive(Model.parse(_text(order, directed, shared)), partial=True, conditions=False)
    return found, _formula_of_y0(order, directed, shared)


def _formula_of_y0(order: str, directed: list[str], shared: list[str]) -> Any:
    """The formula of the law of Y where X is set; None where there is none."""
    pytest.importorskip("y0")
    from y0.algorithm.identify import Unidentifiable, identify_outcomes
    from y0.dsl import Variable

    # The graph is what is written for y0.
    namespace: dict[str, Any] = {}
    exec(export_graph(Model.parse(_text(order, directed, shared)), "y0"), namespace)
    graph = namespace["graph"]
    try:
        return identify_outcomes(graph, treatments=Variable("X"), outcomes=Variable("Y"))
    except Unidentifiable:
        return None


def _y0_value(formula: Any, at: dict[str, int], order: str, law: dict[tuple[int, ...], Fraction]) -> Fraction:
    """A formula of y0 at a law of binary variables."""
    match type(formula).__name__:
        case "Sum":
            names = [each.name for each in formula.ranges]
            settings_of = (dict(zip(names, v, strict=True)) for v in itertools.product((0, 1), repeat=len(names)))
            return sum((_y0_value(formula.expression, {**at, **s}, order, law) for s in settings_of), Fraction(0))
        case "Product":
            product = Fraction(1)
            for part in formula.expressions:
                product *= _y0_value(part, at, order, law)
            return product
        case "Fraction":
            above, below = (_y0_value(part, at, order, law) for part in (formula.numerator, formula.denominator))
            return above / below
    given_names = [each.name for each in formula.parents]
    names = [*(each.name for each in formula.children), *given_names]

    def total(wanted: list[str]) -> Fraction:
        return sum((w for v, w in law.items() if all(v[order.index(n)] == at[n] for n in wanted)), Fraction(0))

    return total(names) / total(given_names)
