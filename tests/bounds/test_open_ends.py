"""Sides without an end, divisors of either sign, and what is identified whatever else is assumed."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from boundgen import Model, derive, evaluate

IV = """
model study
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
OBSERVED = "model study\nvariable X in {0, 1}\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\n"
EVEN = {f"P(X={x},Y={y})": Fraction(1, 4) for x in (0, 1) for y in (0, 1)}


def printed(text: str) -> str:
    return derive(Model.parse(text), conditions=False).text(unicode=False)


def test_where_no_fraction_holds_there_is_no_end() -> None:
    text = printed(IV + "estimand nnt = 1 / P(Y(1) > Y(0))\n")
    assert text.count(" if ") == 4
    assert "\n      infinity\n" in text


def test_a_side_without_an_end() -> None:
    (bounds,) = derive(Model.parse(OBSERVED + "estimand rr = E[Y | X=1] / E[Y(0) | X=1]\n")).closed_forms
    assert "p11 / (p10 + p11) <= rr <= infinity" in bounds.text(unicode=False)
    assert r"\infty" in bounds.latex()
    assert str(bounds.sympy()[1]) == "oo"
    assert bounds.evaluate(EVEN) == (Fraction(1, 2), math.inf)


def test_what_is_identified_over_either_sign_is_one_fraction() -> None:
    text = printed(IV + "estimand wald = E[Y(Z=1) - Y(Z=0)] / E[X(Z=1) - X(Z=0)]\n")
    assert text.count(" / ") == 1
    assert "(identified)" in text
    assert " if " not in text


def test_what_is_identified_needs_no_assumption() -> None:
    text = OBSERVED + "parameter g in [0, 1]\nassume P(Y(1) < Y(0)) <= g * P(Y(1) > Y(0))\n"
    derived = derive(Model.parse(text + "estimand risk = P(Y=1)\nestimand ate = E[Y(1) - Y(0)]\n"), partial=True)
    assert "risk = p01 + p11  (identified)" in derived.text(unicode=False)
    (left,) = derived.unanswered
    assert left.reason.startswith("there is no closed form: assumptions multiply an unknown probability by g")
    found = {each.estimand: each for each in evaluate(derived, EVEN, {"g": "1/2"})}
    assert (found["risk"].method, found["ate"].method) == ("closed form", "linear program")


def test_a_number_that_is_always_beaten_is_left_out() -> None:
    text = printed(
        "model stops\nvariable D in {0, 1}\nvariable M(D) in {0, 1}\nvariable Y(D, M) in {0, 1}\n"
        "observe P(D, Y | M=1)\nassume M(1) >= M(0)\nassume Y(d, 0) = 0 for all d in D\n"
        "estimand pop = E[Y(D=1) - Y(D=0)]\n"
    )
    assert "-p01 - p10 <= pop <= 1" in text


def test_a_joint_law_that_is_not_observed_takes_no_other_estimand_down() -> None:
    text = (
        "model two\nvariable Z in {0, 1} randomized\nvariable W in {0, 1} randomized\nvariable X(Z, W) in {0, 1}\n"
        "observe P(X | Z, W)\nobserve P(Z)\nobserve P(W)\nestimand exposed = P(X=1)\nestimand set_to = P(X(Z=1)=1)\n"
    )
    derived = derive(Model.parse(text))
    assert [bounds.name for bounds in derived.closed_forms] == ["set_to"]
    assert [(each.name, "joint law is not observed" in each.reason) for each in derived.unanswered] == [
        ("exposed", True)
    ]


@pytest.mark.parametrize("spelling", ["P(X=1, Z=1) * P(Y(1) > Y(0))", "P(Y(1) > Y(0)) * P(X=1, Z=1)"])
def test_an_observed_factor_is_a_coefficient(spelling: str) -> None:
    text = IV.replace("P(X, Y | Z)", "P(X, Y, Z)") + f"estimand part = {spelling}\n"
    (bounds,) = derive(Model.parse(text), conditions=False).closed_forms
    assert "P(Z=1)" in bounds.text(unicode=False)
