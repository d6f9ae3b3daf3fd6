"""Expressions taken apart: 1/2 g + 2 ATM - 1 is a number, a parameter and two means."""

from __future__ import annotations

from fractions import Fraction

from boundgen.language.model import Model
from boundgen.strata.forms import LinearForm, linear_form, outcomes_of
from boundgen.strata.unit import Unit

MODEL = Model.parse("""
model m
variable A in {0, 1} randomized
variable M(A) in {0, 1}
observe P(M | A)
parameter g in [0, 1]
define ATM = P(M=1 | A=1) - P(M=1 | A=0)
assume rising: P(M(1)=1) >= P(M(0)=1)
estimand mixed = P(M(1)=1) + 2 * ATM + 1/2 * g - 1
estimand share = P(M(1)=1 | M(0)=0)
estimand gone = P(M(1)=1) + g - g
""")


def form(name: str) -> LinearForm:
    (estimand,) = (e for e in MODEL.estimands if e.name == name)
    return linear_form(MODEL, estimand.expression, {})


def unit(at0: int, at1: int) -> Unit:
    return Unit(MODEL.by_name, {("M", (0,)): at0, ("M", (1,)): at1})


def test_definitions_are_written_out() -> None:
    found = form("mixed")
    assert (found.constant, found.parameters) == (-1, (("g", Fraction(1, 2)),))
    assert [mean.coefficient for mean in found.means] == [1, 2, -2]
    assert [mean.context for mean in found.means] == [(), (("A", 1),), (("A", 0),)]


def test_parameters_that_cancel_are_left_out() -> None:
    assert form("gone").parameters == ()


def test_the_contribution_of_one_unit() -> None:
    """Who is moved counts 1 + 2 - 0; who always has M = 1 counts 1 + 2 - 2."""
    assert form("mixed").value(unit(0, 1)) == 3
    assert form("mixed").value(unit(1, 1)) == 1
    assert form("mixed").value(unit(0, 0)) == 0


def test_a_unit_outside_the_condition_counts_zero() -> None:
    found = form("share")
    assert found.conditional
    (mean,) = found.means
    assert [(mean.value(one), mean.meets_condition(one)) for one in (unit(0, 1), unit(0, 0), unit(1, 1))] == [
        (1, 1),
        (0, 1),
        (0, 0),
    ]


def test_factual_means_speak_of_no_intervention() -> None:
    mixed = form("mixed").means
    assert [mean.factual for mean in mixed] == [False, True, True]
    assert not form("share").means[0].factual


def test_outcomes_of_an_event() -> None:
    (mean,) = form("share").means
    assert [outcome.variable for outcome in outcomes_of(mean.content)] == ["M"]
