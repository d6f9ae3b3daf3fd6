"""Selection that shares no cause with what is selected: bounds at corners, one for each level that selects units."""

from __future__ import annotations

import itertools
import math
import runpy
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, derive
from boundgen.bounds.derived import Derivation
from boundgen.bounds.independent_problem import PolynomialEstimand
from boundgen.errors import NoClosedFormError
from boundgen.polyhedra.weighted_optimum import weighted_bounds_at
from boundgen.program.inverted import inverted
from support.command import Run

SELECTED = """model selected
variable X in {0, 1}
variable Y(X) in 0..LAST
variable S(PARENTS) in {0, 1}
confounded X, Y
observe P(X, Y, S=1)
MORE
"""
ATE = "estimand ate = E[Y(X=1) - Y(X=0)]"
PNS = "estimand pns = P(Y(X=1)=1, Y(X=0)=0)"
KINDS = {
    "outcome": ("1", "Y", ATE),
    "three levels": ("2", "Y", ATE),
    "both": ("1", "X, Y", PNS),
    "treatment": ("1", "X", ATE),
    "nothing": ("1", "", ATE),
    "monotone": ("1", "Y", f"assume Y(1) >= Y(0)\n{ATE}"),
}


def text(kind: str) -> str:
    last, parents, more = KINDS[kind]
    found = SELECTED.replace("LAST", last).replace("PARENTS", parents).replace("MORE", more)
    return found.replace("S()", "S")


@cache
def derivation(kind: str) -> Derivation:
    return derive(Model.parse(text(kind)), conditions=False)


def test_the_two_corners_of_an_outcome_that_selects() -> None:
    found = derivation("outcome").text(unicode=False)
    assert "ate >= min{(-p10 - p00 p01 + p10 p11) / (p00 + p10), (-p01 + p00 p01 - p10 p11) / (p01 + p11)}" in found
    assert "ate <= max{(p00 - p00 p01 + p10 p11) / (p00 + p10), (p11 + p00 p01 - p10 p11) / (p01 + p11)}" in found


@pytest.mark.parametrize("kind", KINDS)
@given(weights=st.lists(st.integers(0, 9), min_size=7, max_size=7).filter(any))
@settings(max_examples=15, deadline=None)
def test_corners_are_the_ends_of_the_inverted_program_also_where_cells_are_zero(kind: str, weights: list[int]) -> None:
    derived = derivation(kind)
    (bounds,) = derived.piecewise
    assert derived.independent is not None
    (asked,) = derived.independent.posed
    assert isinstance(asked, PolynomialEstimand)
    cells = [cell.name for cell in derived.arms[0].cells]
    own = {name: Fraction(w, sum(weights)) for name, w in zip(cells, weights, strict=False)}
    linear = inverted(asked.problem.at(own)).linear()
    assert linear is not None
    assert bounds.evaluate(own) == weighted_bounds_at(linear, {})


@given(
    types=st.lists(st.integers(0, 9), min_size=8, max_size=8).filter(any),
    seen=st.lists(st.integers(1, 10), min_size=2, max_size=2),
)
@settings(max_examples=25, deadline=None)
def test_the_truth_is_inside(types: list[int], seen: list[int]) -> None:
    (bounds,) = derivation("outcome").piecewise
    cells = dict.fromkeys((cell.name for cell in bounds.arms[0].cells), Fraction(0))
    truth = Fraction(0)
    for (x, *y), weight in zip(itertools.product((0, 1), repeat=3), types, strict=True):
        share = Fraction(weight, sum(types))
        truth += share * (y[1] - y[0])
        cells[f"P(X={x},Y={y[x]},S=1)"] += share * Fraction(seen[y[x]], 10)
    low, high = bounds.evaluate(cells)
    assert isinstance(low, Fraction)
    assert isinstance(high, Fraction)
    assert low <= truth <= high


def test_where_one_level_alone_loses_units_their_mean_is_identified() -> None:
    """Missing at random given X: the outcome of those with X = 0 who are seen is that of all with X = 0."""
    lost = """model lost
variable X in {0, 1}
variable Y in {0, 1}
variable S(X) in {0, 1}
confounded X, Y
observe P(X=0, Y, S=1)
observe P(X=1, Y)
estimand ey = P(Y=1)
"""
    (bounds,) = derive(Model.parse(lost), conditions=False).piecewise
    assert bounds.identified
    assert "(identified)" in bounds.text()
    (one,) = derivation("outcome").piecewise
    assert not one.identified


@pytest.mark.parametrize(
    "model",
    [
        text("outcome")
        .replace("Y(X) in", "Y(X, Z) in")
        .replace("variable X in", "variable Z in {0, 1} randomized\nvariable X(Z) in")
        .replace("S=1)", "S=1 | Z)")
        .replace("Y(X=1) - Y(X=0)", "Y(X=1, Z=0) - Y(X=0, Z=0)"),
        text("outcome") + "estimand ett = E[Y(X=1) - Y(X=0) | X=1]\n",
    ],
)
def test_other_programs_have_no_corners(model: str) -> None:
    """Where a type shows itself in several arms, and where the divisor is not known."""
    name = "ett" if "ett" in model else "ate"
    with pytest.raises(NoClosedFormError, match="independent causes that the data do not part make a"):
        derive(Model.parse(model), estimands=name)


def test_what_is_not_done_is_said(run: Run) -> None:
    for verb, said in (
        ("ask", "what data say of the sign of ate is not told where not all variables are observed together"),
        ("certify", "no certificate of ate was made: its bounds are a closed form over corners, one for each level"),
    ):
        found = run(verb, "outcome_selection")
        assert found.status == 3
        assert said in found.err
    more = "estimand sy = P(S(Y=1)=1)\nestimand rr = E[Y(X=1)] / E[Y(X=0)]\n"
    Path("more.bounds").write_text(text("outcome") + more)
    several = run("certify", "more.bounds")
    assert several.status == 3
    for said in (
        "no certificate was made; ",
        "ate: its bounds are a closed form over corners",
        "rr: estimand 'rr' is a",
        "sy: its",
    ):
        assert said in several.err
    checked = run("check", "outcome_selection").out
    assert "ate: a closed form over 2 corners, one for each level that selects units" in checked


def test_a_module_has_no_number_where_nobody_is_seen_at_a_corner(run: Run) -> None:
    """Leaving that corner out would make the bounds too narrow."""
    assert run("generate", "outcome_selection", "-o", "made").status == 0
    module = runpy.run_path("made/outcome_selection.py")
    cells = [cell.name for cell in derivation("outcome").arms[0].cells]
    exact = derivation("outcome").piecewise[0].evaluate(dict(zip(cells, ("1/10", "1/5", "3/10", "1/10"), strict=True)))
    assert list(module["bounds"](dict(zip(cells, (0.1, 0.2, 0.3, 0.1), strict=True)))) == pytest.approx(
        [float(end) for end in exact if isinstance(end, Fraction)]
    )
    empty = module["bounds"](dict(zip(cells, (0.1, 0, 0.3, 0), strict=True)))
    assert all(math.isnan(end) for end in empty)
