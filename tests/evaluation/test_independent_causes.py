"""Reports on models some of whose variables share no causes: what is derived, checked, and said at data."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from boundgen import Model, catalogue, derive, estimate, evaluate
from boundgen.bounds.independent_problem import FactoredEstimand, PolynomialEstimand
from boundgen.data.reading import read_data
from boundgen.errors import DataError, ModelError, NotLinearError
from boundgen.inspection.check import check
from boundgen.polyhedra.product_optimum import factored_bounds_at
from boundgen.work.limits import Budget
from support.command import Run
from support.verma import VERMA as GRAPH

CHAIN = "variable X in {0, 1}\nvariable M(X) in 0..LAST\nvariable Y(M) in {0, 1}\n"
ASKED = "observe P(X, M, Y)\nestimand ate = E[Y(X=1) - Y(X=0)]\nestimand pns = P(Y(X=1)=1, Y(X=0)=0)\n"
SECOND = """model second_stage
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}
confounded X, M
observe P(X, M, Y | Z)
estimand ate = E[Y(X=1) - Y(X=0)]
"""
EQUATION = "P(X, M, Y | Z) P(M | Z') = P(X, M | Z) P(M, Y | Z')"


def front_door(levels: int) -> Model:
    return Model.parse("model front_door\n" + CHAIN.replace("LAST", str(levels - 1)) + "confounded X, Y\n" + ASKED)


def law(levels: int) -> dict[str, Fraction]:
    weights = {
        f"P(X={x},M={m},Y={y})": 1 + (3 * x + 5 * m + 7 * y + x * m * (y + 1)) % 11
        for x, m, y in itertools.product((0, 1), range(levels), (0, 1))
    }
    total = sum(weights.values())
    return {cell: Fraction(weight, total) for cell, weight in weights.items()}


@pytest.mark.slow
def test_a_front_door_with_four_levels_is_exact_and_fast() -> None:
    start = time.process_time()
    ate, pns = evaluate(derive(front_door(4), partial=True), law(4))
    # Two seconds on a machine that does nothing else.
    assert time.process_time() - start < 4
    assert (ate.method, pns.method) == ("closed form", "closed form")
    assert ate.lower == ate.upper
    assert isinstance(pns.lower, Fraction)
    assert isinstance(pns.upper, Fraction)
    assert isinstance(ate.upper, Fraction)
    assert max(Fraction(0), ate.upper) <= pns.lower < pns.upper < 1


def test_a_second_stage_is_fast() -> None:
    start = time.process_time()
    assert len(derive(Model.parse(SECOND)).piecewise) == 1
    # A fifth of a second on a machine that does nothing else.
    assert time.process_time() - start < 1


def test_check_says_what_of_each_component_is_identified() -> None:
    checked = check(front_door(2), Budget())
    lines = checked.text(False).split("\n")
    assert "  2 components by shared causes: {X, Y}, {M}" in lines
    at = lines.index("ate: over independent components; identified")
    assert lines[at + 1].startswith("  {X, Y}: ")
    assert "pns: over independent components; not identified" in lines
    document = checked.json()
    assert document["components"] == [["X", "Y"], ["M"]]
    assert [each["identified"] for each in document["estimands"]] == [True, False]
    assert len(checked.rows()) == 4


OVERLAP = "model overlap\n" + CHAIN.replace("LAST", "1") + "confounded X, M\nconfounded M, Y\n" + ASKED
LOST = "model lost\n" + CHAIN.replace("LAST", "1") + "confounded X, Y\nobserve P(X, Y)\nestimand m = P(M(0)=1)\n"


@pytest.mark.parametrize(("text", "estimand", "kind"), [(OVERLAP, "ate", "linear"), (LOST, "m", "polynomial")])
def test_check_says_which_program_is_needed_at_data(text: str, estimand: str, kind: str) -> None:
    checked = check(Model.parse(text), Budget())
    assert f"{estimand}: a {kind} program at data" in checked.text(False)
    assert checked.json()["estimands"][0]["kind"] in ("linear program at data", "polynomial program")
    assert f"make a {kind} program at data" in derive(Model.parse(text), partial=True).unanswered[0].reason


@pytest.mark.parametrize("seed", range(3))
def test_products_with_what_is_observed_are_linear(seed: int) -> None:
    """X shares a cause with M, and M with Y: given X the law of Y's types is the same, and all else is free."""
    chance = random.Random(seed)
    pairs = list(itertools.product((0, 1), repeat=2))
    types = list(itertools.product((0, 1), pairs, pairs))
    weights: Counter[tuple[int, tuple[int, int], tuple[int, int]]] = Counter()
    for cause, x in itertools.product(range(3), (0, 1)):
        of_m = Counter(chance.choices(pairs, k=4))
        of_y = Counter(random.Random(f"{seed} {cause}").choices(pairs, k=4))
        for m, y in itertools.product(pairs, pairs):
            weights[x, m, y] += (cause + 1) * (2 + x) * of_m[m] * of_y[y]
    total = sum(weights.values())
    shown = {each: f"P(X={each[0]},M={each[1][each[0]]},Y={each[2][each[1][each[0]]]})" for each in types}
    cells: dict[str, Fraction] = {name: Fraction(0) for name in shown.values()}
    for each in types:
        cells[shown[each]] += Fraction(weights[each], total)
    p_x0 = sum(value for name, value in cells.items() if "X=0" in name)
    rows = [[float(shown[each] == name) for each in types] for name in cells]
    rows += [[(y == one) * ((x == 0) - float(p_x0)) for x, _, y in types] for one in pairs]
    found = evaluate(derive(Model.parse(OVERLAP), partial=True), cells)
    goals = ([y[m[1]] - y[m[0]] for _, m, y in types], [y[m[1]] * (1 - y[m[0]]) for _, m, y in types])
    for each, goal in zip(found, goals, strict=True):
        rights = [*map(float, cells.values()), *[0] * 4]
        solved = [linprog(np.array(goal) * sign, A_eq=rows, b_eq=rights) for sign in (1, -1)]
        assert each.method == "linear program"
        assert each.lower == pytest.approx(solved[0].fun, abs=1e-7)
        assert each.upper == pytest.approx(-solved[1].fun, abs=1e-7)


def test_implications_are_printed_in_every_form() -> None:
    derived = derive(Model.parse(SECOND))
    assert EQUATION in derived.text(False)
    assert r"\mathrm{P}(X, M, Y \mid Z) \, \mathrm{P}(M \mid Z')" in derived.latex()
    document = derived.json()
    assert document["independences"] == [
        {"variable": "Y", "others": ["Z", "X"], "given": ["M"], "equation": EQUATION},
    ]
    # The instrumental inequalities, in cells of the factor of X and M.
    assert len(document["conditions"]) == 4
    assert set(document["factors"]) == set(document["cells"])
    assert EQUATION in [row["term"] for row in derived.rows()]


def test_a_sample_breaks_equations_of_factors_a_little() -> None:
    """Of Verma's kind: what is identified has its value, beside what fails (language page, Independence)."""
    verma = Model.parse(f"{GRAPH}estimand e = E[D(C=1) - D(C=0)]\n")
    chance = random.Random(3)
    independent = derive(verma).independent
    assert independent is not None
    counts = {cell.name: chance.randrange(20, 40) for arm in independent.arms for cell in arm.cells}
    total = sum(counts.values())
    at = {name: Fraction(count, total) for name, count in counts.items()}
    (found,) = evaluate(derive(verma), at)

    def given(**fixed: int) -> Fraction:
        return sum(
            (p for name, p in at.items() if all(f"{v}={x}" in name for v, x in fixed.items())), start=Fraction(0)
        )

    def risk(c: int, a: int) -> Fraction:
        return sum(
            (given(A=a, B=b) / given(A=a) * given(A=a, B=b, C=c, D=1) / given(A=a, B=b, C=c) for b in (0, 1)),
            start=Fraction(0),
        )

    assert found.lower == found.upper
    assert found.lower in {risk(1, a) - risk(0, b) for a in (0, 1) for b in (0, 1)}
    assert found.violations


def test_data_are_told_what_they_break() -> None:
    broken = {
        "P(X=0,M=0,Y=0|Z=0)": Fraction(1),
        "P(X=0,M=1,Y=1|Z=1)": Fraction(1),
    }
    (found,) = evaluate(derive(Model.parse(SECOND)), broken)
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower > found.upper, "no population meets the assumptions, as in models with one cause"
    assert found.violations
    report = evaluate(derive(Model.parse(SECOND)), broken)
    assert "off by 0.0000" in report.text(False)
    assert "Testable implications fail" in report.text(False)
    assert report.json()["independences"][0]["distance"] == 0


def test_what_is_given_no_units_demands_nothing() -> None:
    """With M always 0 the law given M = 1 is free: no implication of it can fail."""
    text = SECOND.replace("confounded X, M", "confounded X, Y").replace("variable Y(M)", "variable Y(Z, M)")
    text = text.replace("Y(X=1) - Y(X=0)", "Y(Z=1, M=0) - Y(Z=0, M=0)")
    cells = {"P(X=0,M=0,Y=0|Z=0)": Fraction(1), "P(X=1,M=0,Y=1|Z=1)": Fraction(1)}
    (found,) = evaluate(derive(Model.parse(text)), cells)
    assert found.violations == ()
    assert found.lower is not None


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["show", "m.bounds", "--at", "vertices"], "pictures of a dual polyhedron"),
    ],
)
def test_what_does_not_know_independent_causes_says_so(words: list[str], what: str, run: Run) -> None:
    Path("m.bounds").write_text(
        "model m\nvariable X in {0, 1}\nvariable Y(X) in {0, 1}\nunconfounded\nobserve P(X, Y)\n"
        "estimand ate = E[Y(1) - Y(0)]\n",
        encoding="utf-8",
    )
    found = run(*words)
    assert (found.status, found.out) == (3, "")
    assert found.err.startswith(f"m.bounds:1:1: {what} are not made where variables share no causes\n")
    assert "boundgen derive prints the bounds" in found.err


@pytest.mark.parametrize("assumption", ["E[Y(1) | X=1] >= 9/10", "P(X=1) * P(Y(1)=1) >= 1/10"])
@pytest.mark.parametrize("causes", ["confounded X, Y", "confounded X, M\nconfounded M, Y"])
def test_assumptions_whose_rows_depend_on_the_data_are_refused(assumption: str, causes: str) -> None:
    text = "model front_door\n" + CHAIN.replace("LAST", "1") + f"{causes}\n{ASKED}assume {assumption}\n"
    with pytest.raises(NotLinearError, match="gives a mean a condition or multiplies probabilities"):
        derive(Model.parse(text), partial=True)


def test_a_selection_differs_between_arms() -> None:
    """The law among the selected in one arm is over the probability of the selection in that arm."""
    model = Model.parse(
        "model m\nvariable A in {0, 1} randomized\nvariable S(A) in {0, 1}\nvariable Y(A) in {0, 1}\nunconfounded\n"
        "observe P(Y | A, S=1)\nestimand y1 = P(Y(1)=1)\n"
    )
    derived = derive(model, partial=True)
    assert derived.independent is not None
    (asked,) = derived.independent.posed
    assert isinstance(asked, PolynomialEstimand)
    assert len({selection for _, _, selection in asked.problem.cells}) == 2


@pytest.mark.parametrize("seed", range(3))
def test_a_condition_that_the_data_identify_is_a_known_divisor(seed: int) -> None:
    """P(X=1) is known, though what X would be at either arm is not: the closed form is that of the program at data."""
    model = Model.parse(SECOND.replace("Y | Z)", "Y, Z)") + "estimand ett = E[Y(X=1) - Y(X=0) | X=1]\n")
    derived = derive(model, ["ett"], conditions=False)
    asked = derived.independent.posed[0] if derived.independent else None
    draw = random.Random(seed)
    pairs, outcomes = [[draw.randint(1, 9) for _ in range(n)] for n in (16, 2)]
    cells = {"P(Z=0)": Fraction(1, 3), "P(Z=1)": Fraction(2, 3)}
    for types, weight in zip(itertools.product((0, 1), repeat=4), pairs, strict=True):
        for z, y in itertools.product((0, 1), repeat=2):
            m = types[2 + types[z]]
            share = Fraction(weight, sum(pairs)) * (Fraction(outcomes[m], 10) if y else 1 - Fraction(outcomes[m], 10))
            name = f"P(X={types[z]},M={m},Y={y}|Z={z})"
            cells[name] = cells.get(name, Fraction(0)) + share
    (found,) = evaluate(derived, cells)
    assert isinstance(asked, FactoredEstimand)
    at = derived.closed_forms[0].checked(cells, {})
    assert found.method == "closed form"
    assert (found.lower, found.upper) == factored_bounds_at(asked.program, at, Budget())
    assert found.lower is not None
    assert found.lower < found.upper


def test_bounds_alone_take_data_as_their_derivation_does() -> None:
    model = catalogue.load("front_door")
    derived, data = derive(model), read_data(model, "smoking")
    for name in ("ate", "pns"):
        alone = model.bound(name)
        (whole,) = (each for each in evaluate(derived, data).evaluations if each.estimand == name)
        assert evaluate(alone, data).evaluations == evaluate(derived[name], "smoking").evaluations == (whole,)
        assert alone.evaluate(data) == alone.evaluate(data.probabilities) == (whole.lower, whole.upper)
        of_all = [each.found for each in estimate(derived, data).estimates if each.estimand == name]
        assert [each.found for each in estimate(alone, data).estimates] == of_all
    both = [model.bound("pns"), model.bound("E[Y(X=1)]", name="risk")]
    assert [each.estimand for each in evaluate(both, data)] == ["pns", "risk"]
    # Cells of factors, in which they are written, stay what they are functions of.
    bounds = model.bound("ate")
    at = bounds.checked(data, {})
    assert bounds.evaluate({cell.name: at[cell.name] for arm in bounds.arms for cell in arm.cells}) == bounds.evaluate(
        data
    )


def test_bounds_alone_say_what_data_they_cannot_take() -> None:
    bounds = catalogue.load("front_door").bound("ate")
    with pytest.raises(DataError, match="nobody in these data tells of P") as found:
        bounds.evaluate({"P(X=0,M=0,Y=0)": "1/2", "P(X=0,M=1,Y=1)": "1/2"})
    assert "boundgen.evaluate gives the exact bounds" in str(found.value)
    with pytest.raises(ModelError, match="of several models"):
        evaluate([bounds, catalogue.load("mediation_mmr").bound("delta1")], {})


@pytest.mark.parametrize("causes", ["", "confounded W, Y\n", "unconfounded\n"])
def test_a_condition_without_units_leaves_it_undefined(causes: str) -> None:
    text = "model m\nvariable W in {0, 1}\nvariable X in {0, 1}\nvariable Y(W) in {0, 1}\n"
    text += f"{causes}observe P(W, X, Y)\nestimand e = E[Y(W=1) - Y(W=0) | W=1]\n"
    (found,) = evaluate(derive(Model.parse(text), conditions=False), {"P(W=0,X=0,Y=0)": 1})
    assert (found.lower, found.upper) == (None, None)


def test_a_formula_in_cells_of_factors_is_a_row_of_latex() -> None:
    (row,) = [line for line in evaluate("napkin", "napkin").latex().splitlines() if r"\mathrm{ate}" in line]
    assert row == r"$\mathrm{ate}$ & $0.3000$ & $0.3000$ & closed form & closed form \\"
