"""What is asked of ratios, weights and lifted programs: by linear programs where these say it, else at data."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from boundgen import Model, ask, compare, derive
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import PiecewiseError
from boundgen.questions.ratio_signs import RatioSign
from boundgen.questions.sampled import LAWS

SURVIVORS = """model survivors
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
estimand sace = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""
CONFOUNDED = """model confounded
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter b in [-1, 1]
estimand rr = E[Y(1)] / E[Y(0)]
estimand pay = P(Y(1) > Y(0)) - b * P(Y(1) < Y(0))
estimand ate = E[Y(1) - Y(0)]
"""
MTS = "assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X\n"
ASSIGNED = """model assigned
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
observe P(X | Z)
observe P(Z)
estimand share = P(X(1)=1, X(0)=0)
"""


def sign(text: str, value: str) -> RatioSign:
    (found,) = ask(Model.parse(text), ["sace" if "sace" in text else "rr"], value=value).ratios
    return found


def bounds_at(found: RatioSign, side: str) -> object:
    """The bound of the ratio at the data of the witness."""
    answer = found.lower if side == "lower" else found.upper
    assert answer.witness is not None
    return answer.witness.bounds(found.bounds)[0 if side == "lower" else 1]


@pytest.mark.parametrize("value", ["0", "1/2", "-1/3"])
@pytest.mark.parametrize("text", [SURVIVORS, CONFOUNDED])
def test_witnesses_show_the_ratio_beyond_the_value(text: str, value: str) -> None:
    found, number = sign(text, value), Fraction(value)
    if not found.lower.always:
        assert bounds_at(found, "lower") > number  # type: ignore[operator]
    if not found.upper.always:
        assert bounds_at(found, "upper") < number  # type: ignore[operator]
    assert found.contains_value == (found.lower.always and found.upper.always)


def test_the_end_of_the_range_is_never_passed() -> None:
    found = sign(SURVIVORS, "1")
    assert (found.lower.always, found.upper.always) == (True, False)
    assert len(found.lower.proofs) == len(found.difference.lower.terms)
    assert sign(CONFOUNDED, "0").upper.always


def test_what_decides_the_sign_of_the_survivors_effect() -> None:
    """E[Y(1) - Y(0); both alive] is at least p00.0 + p11.1 - 1 of those seen alive, or minus a cell."""
    found = sign(SURVIVORS, "0")
    values = {"P(Y=0,S=1|A=0)": Fraction(9, 10), "P(Y=1,S=1|A=1)": Fraction(3, 10)}
    assert max(term.value(values) for term in found.difference.lower.terms) == Fraction(1, 5)
    (bounds,) = derive(Model.parse(SURVIVORS)).piecewise
    low, _ = bounds.evaluate(values)
    assert low is not None
    assert low > 0


def test_each_kind_is_answered_or_says_why_not() -> None:
    found = ask(Model.parse(CONFOUNDED))
    assert [each.bounds.name for each in found.estimands] == ["ate"]
    assert [each.bounds.name for each in found.ratios] == ["rr"]
    assert [each.name for each in found.derivation.unanswered] == ["pay"]
    document = json.loads(json.dumps(found.json()))
    assert [(each["name"], each.get("kind")) for each in document["estimands"]] == [("rr", "ratio"), ("ate", None)]
    assert {row["name"] for row in found.rows()} == {"rr", "ate"}
    text = found.text()
    assert text.index("rr\n") < text.index("ate\n")
    with pytest.raises(PiecewiseError, match="questions about all distributions are linear programs"):
        ask(Model.parse(CONFOUNDED), ["pay"])


def test_data_without_a_law_of_randomization_are_even() -> None:
    """Witnesses are populations, which say nothing of who is assigned to what."""
    (answers,) = ask(Model.parse(ASSIGNED)).estimands
    assert answers.upper.at is not None
    assert answers.upper.at.bounds(answers.bounds)[1] == answers.upper.extreme


# ---------------------------------------------------------------- comparisons
def test_an_assumption_with_functions_is_seen_to_narrow() -> None:
    weak, strong = (Model.parse(CONFOUNDED + more) for more in ("", MTS))
    found = compare(weak, strong)
    assert [each.estimand for each in found.sampled] == ["rr", "pay", "ate"]
    assert {each.relation for each in found.sampled} <= {"never wider", "the same"}
    assert all(each.laws == LAWS for each in found.sampled)
    assert "its bounds are not those of one linear program" in " ".join(found.text().split())
    assert found.json()["sampled"][2]["narrower_by_as_much_as"]["lower"]["most"] == "0"
    upper = found.sampled[2].narrowings[1]
    at = {name: value for name, value in upper.at if name != "b"}
    ends = []
    for model in (weak, strong):
        (bounds,) = derive(model, ["ate"]).closed_forms
        ends.append(bounds.evaluate(at, {"b": 0})[1])
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0] - ends[1] == upper.most


def test_a_model_with_pieces_is_the_same_as_itself() -> None:
    for text in (SURVIVORS, CONFOUNDED + MTS):
        found = compare(Model.parse(text), Model.parse(text))
        assert {each.relation for each in found.sampled} == {"the same"}
        assert all(each.most == 0 and not each.at for other in found.sampled for each in other.narrowings)


def test_what_an_assumption_adds_to_a_ratio_is_seen() -> None:
    monotone = SURVIVORS + "assume mono: S(1) >= S(0)\n"
    (mono,) = ask(Model.parse(monotone)).assumptions
    (addition,) = mono.additions
    assert addition.sampled is not None
    assert addition.sampled.relation == "never wider"
    (bounds,) = derive(Model.parse(SURVIVORS)).piecewise
    assert isinstance(bounds, PiecewiseBounds)
