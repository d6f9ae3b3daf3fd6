"""Models built in Python are the models read from text, and `Bounds` answers exactly."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
import sympy

from boundgen import (
    BoundgenError,
    Bounds,
    E,
    Model,
    P,
    catalogue,
    derive,
    do,
    either,
    index,
    parameter,
    variable,
)
from boundgen.errors import ModelError

A = variable("A", [0, 1], randomized=True)
M = variable("M", [0, 1], parents=[A])
Y = variable("Y", [0, 1], parents=[A, M])
MEDIATION = Model("mediation", (A, M, Y)).observe(P(Y, M | A))

DATA = {
    "P(Y=0,M=0|A=0)": "1/4",
    "P(Y=1,M=0|A=0)": "1/4",
    "P(Y=0,M=1|A=0)": "1/4",
    "P(Y=1,M=1|A=0)": "1/4",
    "P(Y=1,M=0|A=1)": "1/4",
    "P(Y=0,M=1|A=1)": "1/4",
    "P(Y=1,M=1|A=1)": "1/2",
}


def test_every_construct_of_python_is_the_text() -> None:
    m, g = index("m", M), parameter("g", 0, "1/2")
    built = (
        Model("everything", (A, M, Y), title="All of it")
        .source("Nobody (2000)")
        .observe(P(Y, M | A))
        .observe(P(Y, M == 1, given=[A == 1]))
        .observe(P(Y | A, do(M)))
        .parameter(g)
        .define("ATM", P((M == 1) | (A == 1)) - P(M == 1, given=[A == 0]))
        .assume(Y(1, m) >= Y(0, m), for_all=[m])
        .assume((M(1) == 0) >> (M(0) == 0))
        .assume(~((M(1) == 0) & (M(0) == 1)), name="no_defiers")
        .assume(either(M(1) == 1, M(0) == 0))
        .assume(P(M(1) == 0, M(0) == 1) <= g, name="few")
        .assume(2 * E(Y(1, 1)) - Fraction(1, 2) * E(Y(0, 0)) >= -1)
        .estimand("delta1", E(Y(1, M(1)) - Y(1, M(0))))
        .estimand("conditional", E(Y(A=1) - Y(A=0), given=[M(1) == 1]))
        .claim("here", "delta1", lower=[0, -P((Y == 1) | (A == 1))], upper=[1], expect=("valid", "sharp"))
        .claim_conditions("there", [P((M == 1) | (A == 1)) >= P((M == 1) | (A == 0))], expect="valid")
    )
    text = """
model everything "All of it"
source "Nobody (2000)"
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
observe P(Y, M=1 | A=1)
observe P(Y | A, do(M))
parameter g in [0, 1/2]
define ATM = P(M=1 | A=1) - P(M=1 | A=0)
assume Y(1, m) >= Y(0, m) for all m in M
assume M(1) = 0 -> M(0) = 0
assume no_defiers: not (M(1) = 0 and M(0) = 1)
assume M(1) = 1 or M(0) = 0
assume few: P(M(1)=0, M(0)=1) <= g
assume 2 E[Y(1, 1)] - 0.5 * E[Y(0, 0)] >= -1
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
estimand conditional = E[Y(A=1) - Y(A=0) | M(1)=1]
claim "here" for delta1
  lower max(0, -P(Y=1 | A=1))
  upper min(1)
  expect lower valid, upper sharp
claim "there" for conditions
  holds P(M=1 | A=1) >= P(M=1 | A=0)
  expect valid
"""
    assert Model.parse(text) == built
    assert Model.parse(str(built)) == built


def test_a_model_is_never_changed_in_place() -> None:
    before = str(MEDIATION)
    MEDIATION.assume(M(1) >= M(0), name="mmr")
    assert str(MEDIATION) == before


def test_bound_takes_an_expression_or_a_name() -> None:
    effect = E(Y(1, M(1)) - Y(1, M(0)))
    by_expression = MEDIATION.assume(M(1) >= M(0)).bound(effect, name="delta1")
    by_text = MEDIATION.assume("M(1) >= M(0)").bound("E[Y(1, M(1)) - Y(1, M(0))]", name="delta1")
    by_name = MEDIATION.assume(M(1) >= M(0)).estimand("delta1", effect).bound("delta1")
    assert by_expression.json() == by_text.json() == by_name.json()


def test_exact_evaluation_and_active_terms() -> None:
    bounds = MEDIATION.assume(M(1) >= M(0)).bound(E(Y(1, M(1)) - Y(1, M(0))))
    assert bounds.evaluate(DATA) == (Fraction(-1, 4), Fraction(1, 4))
    assert bounds.active(DATA) == ((0, 1), (1,))
    assert bounds.violations(DATA) == ()


def test_violations_say_by_how_much() -> None:
    swapped = {name.replace("A=0", "A=x").replace("A=1", "A=0").replace("A=x", "A=1"): p for name, p in DATA.items()}
    bounds = MEDIATION.assume(M(1) >= M(0)).bound(E(Y(1, M(1)) - Y(1, M(0))))
    ((_, value),) = bounds.violations(swapped)
    assert value == Fraction(-1, 4)


def test_conditional_estimand_is_divided() -> None:
    bounds = catalogue.load("causation_observational").bound("pn")
    data = {"P(X=0,Y=0)": "1/4", "P(X=0,Y=1)": "1/4", "P(X=1,Y=0)": "1/4", "P(X=1,Y=1)": "1/4"}
    assert bounds.evaluate(data) == (0, 1)


@pytest.mark.parametrize(
    ("cells", "parameters", "message"),
    [
        ({"P(Y=9|A=0)": 1}, {}, "unknown cell 'P(Y=9|A=0)'"),
        ({**DATA, "P(Y=0,M=0|A=0)": float("nan")}, {}, "P(Y=0,M=0|A=0) = nan is not a number"),
        ({**DATA, "P(Y=0,M=0|A=0)": 0.3}, {}, "sum to 21/20"),
        ({**DATA, "P(Y=0,M=0|A=0)": "-1/4"}, {}, "cell P(Y=0,M=0|A=0) is negative: -1/4"),
        ({**DATA, "P(Y=0,M=0|A=0)": "1/2"}, {}, "sum to 5/4"),
        ({**DATA, "P(Y=0,M=0|A=0)": "a"}, {}, "is not a number"),
        (DATA, {}, "parameter 'gamma' has no value"),
        (DATA, {"gamma": 2}, "parameter gamma = 2 is out of its range"),
        (DATA, {"gamma": 0, "g": 1}, "unknown parameter 'g'"),
    ],
)
def test_data_that_do_not_fit_are_refused(cells: dict, parameters: dict, message: str) -> None:
    bounds = catalogue.load("mediation_limited_defiers").bound("delta1")
    with pytest.raises(BoundgenError) as caught:
        bounds.evaluate(cells, parameters)
    assert message in str(caught.value)


def test_sympy_agrees_with_exact_evaluation() -> None:
    bounds = MEDIATION.assume(M(1) >= M(0)).bound(E(Y(1, M(1)) - Y(1, M(0))))
    lower, upper = bounds.sympy()
    names = bounds.notation.identifiers()
    values = {sympy.Symbol(names[cell], real=True): sympy.Rational(p) for cell, p in DATA.items()}
    assert (lower.subs(values), upper.subs(values)) == (sympy.Rational(-1, 4), sympy.Rational(1, 4))
    assert isinstance(lower, sympy.Max)
    assert isinstance(upper, sympy.Min)


def instrument(levels: int) -> Bounds:
    z = variable("Z", range(levels), randomized=True)
    x = variable("X", [0, 1], parents=[z])
    y = variable("Y", [0, 1], parents=[x])
    return Model("iv", (z, x, y)).observe(P(x, y | z)).bound(E(y(1) - y(0)), conditions=False)


def test_a_112_term_bound_becomes_sympy_without_comparing_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = instrument(4)

    def refuse(*_: object) -> None:
        raise AssertionError("sympy compares pairs of terms")

    monkeypatch.setattr(sympy.Max, "_find_localzeros", refuse)
    monkeypatch.setattr(sympy.Min, "_find_localzeros", refuse)
    start = time.perf_counter()
    lower, upper = bounds.sympy()
    built = time.perf_counter() - start
    assert (len(lower.args), len(upper.args)) == (112, 112)
    start = time.perf_counter()
    instrument(4)
    assert built < 5 * (time.perf_counter() - start)


def test_python_comparisons_are_not_truth_values() -> None:
    with pytest.raises(BoundgenError, match="no truth value"):
        bool(M(1) == 1)


def test_floats_are_refused() -> None:
    with pytest.raises(BoundgenError, match="floats are not exact"):
        MEDIATION.assume(P(M(1) == 1) <= 0.5)


def test_mixed_domains_and_latent_variables() -> None:
    """A missing outcome as a named value of an otherwise integer variable."""
    model = Model.parse("""
model missing
variable X in {0, 1} randomized
variable Y(X) in {0, 1}
variable R(X) in {0, 1}
variable W(Y, R) in {0, 1, missing}
observe P(W | X)
assume W(y, 0) = missing and W(y, 1) = y for all y in Y
estimand ate = E[Y(1) - Y(0)]
""")
    first = derive(model).bounds[0].text().splitlines()[0]
    assert first == "p1·1 − p1·0 − p_missing·0 ≤ ate ≤ p1·1 + p_missing·1 − p1·0"


def test_reprs_are_short() -> None:
    derivation = derive(catalogue.load("mediation_mmr"))
    assert repr(derivation.bounds[0]) == "<Bounds on delta0: 2 lower and 2 upper terms>"
    assert repr(derivation) == "<Derivation of mediation_mmr: delta0, delta1, zeta0, zeta1, atm, ate>"


def test_observe_refuses_a_text_in_one_paragraph() -> None:
    with pytest.raises(ModelError, match=r"observe takes P\(\.\.\.\), not 'P\(A\)'"):
        Model("x", (variable("A", [0, 1], randomized=True),)).observe("P(A)")  # type: ignore[arg-type]
