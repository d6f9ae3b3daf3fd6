"""One unit that takes the treatment (M(1) = 1, M(0) = 0) and has Y = 1 exactly where M is 1."""

from __future__ import annotations

import pytest

from boundgen.language.expressions import Formula, Inequality
from boundgen.language.model import Model
from boundgen.strata.unit import Response, Unit, UnknownOutcome

MODEL = Model.parse("""
model m
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
variable S(A) in {low, mid, high}
observe P(Y, M, S | A)
assume more: M(1) >= M(0)
assume one_of: M(1) = 0 or M(0) = 1
assume ordered: S(1) >= S(0)
assume through: M(1) = 1 -> Y(1, M(0)) = 0
estimand e = P(Y(A=1)=1)
""")
KNOWN: dict[Response, int | str] = {
    ("M", (0,)): 0,
    ("M", (1,)): 1,
    ("Y", (0, 0)): 0,
    ("Y", (0, 1)): 1,
    ("Y", (1, 0)): 0,
    ("Y", (1, 1)): 1,
}


def unit(*unknown: Response) -> Unit:
    return Unit(MODEL.by_name, {response: value for response, value in KNOWN.items() if response not in unknown})


def body(name: str) -> Formula:
    (found,) = (assumption.body for assumption in MODEL.assumptions if assumption.name == name)
    assert not isinstance(found, Inequality)
    return found


def test_values_follow_the_arrows() -> None:
    """In the world A=1, M is 1 and therefore Y is Y(1, 1)."""
    assert unit().value("M", {"A": 1}) == 1
    assert unit().value("Y", {"A": 1}) == 1
    assert unit().value("Y", {"A": 0}) == 0
    assert unit().value("A", {"A": 0}) == 0


def test_what_is_set_cuts_the_arrow() -> None:
    assert unit().value("Y", {"A": 1, "M": 0}) == 0


def test_an_unknown_outcome_is_asked_for_with_its_values() -> None:
    with pytest.raises(UnknownOutcome) as asked:
        unit(("Y", (1, 1))).value("Y", {"A": 1})
    assert (asked.value.response, asked.value.domain) == (("Y", (1, 1)), (0, 1))


def test_formulas() -> None:
    assert unit().holds(body("more"), {}, {})
    assert not unit().holds(body("one_of"), {}, {})
    assert unit().holds(body("through"), {}, {})


def test_named_values_are_ordered_by_the_domain() -> None:
    """Not by the alphabet, in which high comes before low."""
    rising = Unit(MODEL.by_name, {("S", (0,)): "low", ("S", (1,)): "high"})
    falling = Unit(MODEL.by_name, {("S", (0,)): "high", ("S", (1,)): "mid"})
    assert rising.holds(body("ordered"), {}, {})
    assert not falling.holds(body("ordered"), {}, {})


def test_a_formula_may_be_decided_before_everything_is_known() -> None:
    """`or`: one part that holds is enough, and one that fails is not."""
    assert unit(("M", (0,))).decided(body("one_of"), {}, {}) is None
    assert unit(("M", (1,))).decided(body("one_of"), {}, {}) is None
    taken = Unit(MODEL.by_name, {("M", (0,)): 1})
    assert taken.decided(body("one_of"), {}, {}) is True
    assert unit().decided(body("one_of"), {}, {}) is False


def test_an_implication_whose_premise_fails_holds() -> None:
    assert Unit(MODEL.by_name, {("M", (1,)): 0}).decided(body("through"), {}, {}) is True
    assert Unit(MODEL.by_name, {("M", (1,)): 1}).decided(body("through"), {}, {}) is None
