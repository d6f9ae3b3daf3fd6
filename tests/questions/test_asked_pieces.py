"""What is asked of ratios, weights and lifted programs: by linear programs where these say it, else at data."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from boundgen import Model, ask, catalogue, compare, derive
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import PiecewiseError
from boundgen.polyhedra.weighted_optimum import weighted_bounds_at
from boundgen.questions.piece_signs import PieceSign
from boundgen.questions.ratio_signs import RatioSign
from boundgen.questions.sampled import LAWS
from boundgen.verification.law_space import law_space
from boundgen.verification.sampled_laws import sampled_laws

SURVIVORS = """model survivors
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
estimand sace = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""
CONFOUNDED = """model common_causes
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
    assert [each.bounds.name for each in found.pieces] == ["pay"]
    assert found.derivation.unanswered == ()
    document = json.loads(json.dumps(found.json()))
    kinds = [(each["name"], each.get("kind")) for each in document["estimands"]]
    assert kinds == [("rr", "ratio"), ("pay", "pieces"), ("ate", None)]
    assert {row["name"] for row in found.rows()} == {"rr", "pay", "ate"}
    text = found.text()
    assert text.index("rr\n") < text.index("pay\n") < text.index("ate\n")
    with pytest.raises(PiecewiseError, match="on which side of the value the bounds of ate_m1 can be was not decided"):
        ask(catalogue.load("police_records"), ["ate_m1"])


def test_data_without_a_law_of_randomization_are_even() -> None:
    """Witnesses are populations, which say nothing of who is assigned to what."""
    (answers,) = ask(Model.parse(ASSIGNED)).estimands
    assert answers.upper.at is not None
    assert answers.upper.at.bounds(answers.bounds)[1] == answers.upper.extreme


# ---------------------------------------------------------------- weights, and divisors of either sign
MEDIATED = """model mediated
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
define total = P(Y=1 | A=1) - P(Y=1 | A=0)
estimand mediated = E[Y(1, M(1)) - Y(1, M(0))] / total
"""
PAID = CONFOUNDED.replace("estimand rr = E[Y(1)] / E[Y(0)]\n", "").replace("estimand ate = E[Y(1) - Y(0)]\n", "")
SELECTED = """model selected
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(Y, X)
assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X
estimand ate = E[Y(1) - Y(0)]
"""
ASKED = [(MEDIATED, "0"), (MEDIATED, "1"), (PAID, "0"), (PAID, "-1"), (PAID, "3/4"), (SELECTED, "0"), (SELECTED, "1")]


def piece_sign_of(text: str, value: str) -> PieceSign:
    (found,) = ask(Model.parse(text), value=value).pieces
    return found


@pytest.mark.parametrize(("text", "value"), ASKED)
def test_verdicts_agree_with_random_laws(text: str, value: str) -> None:
    """At no law of the model is a bound beyond the value where none is said to be; and at the witness it is."""
    found, number = piece_sign_of(text, value), Fraction(value)
    space = law_space(found.bounds)
    assert space is not None
    for law in sampled_laws(space, 60):
        low, high = weighted_bounds_at(found.bounds.program, law)
        assert low is None or not found.lower.always or low <= number
        assert high is None or not found.upper.always or high >= number
    for answer, end, sign in ((found.lower, 0, 1), (found.upper, 1, -1)):
        if not answer.always:
            assert answer.witness is not None
            attained = answer.witness.bounds(found.bounds)[end]
            assert attained is not None
            assert sign * attained > sign * number


def test_what_data_can_show_of_weights_and_of_divisors_of_either_sign() -> None:
    # Data never exclude that nobody is helped or harmed, nor that nothing is mediated.
    assert [piece_sign_of(text, "0").contains_value for text in (MEDIATED, PAID, SELECTED)] == [True, True, False]
    assert not piece_sign_of(PAID, "-1/2").lower.always
    assert not piece_sign_of(PAID, "3/4").upper.always
    assert piece_sign_of(PAID, "-1").upper.always
    # Selection says that the effect is at most what is seen: it can be below zero, and is never shown to be above.
    assert (piece_sign_of(SELECTED, "0").lower.always, piece_sign_of(SELECTED, "0").upper.always) == (True, False)


@pytest.mark.parametrize("value", ["0", "1/2", "-1"])
def test_names_do_not_matter(value: str) -> None:
    other = MEDIATED.replace("M", "N").replace("total", "whole").replace("mediated", "through")
    one, two = piece_sign_of(MEDIATED, value), piece_sign_of(other, value)
    assert (one.lower.always, one.upper.always) == (two.lower.always, two.upper.always)


@pytest.mark.parametrize("value", ["0", "1/4", "-1/2", "1"])
def test_a_weight_that_is_one_changes_nothing(value: str) -> None:
    """A linear estimand times a parameter that may only be one is answered as it is without it."""
    linear = "model one\nvariable X in {0, 1}\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\n"
    weighed = linear + "parameter b in [1, 1]\nestimand ate = b * E[Y(1)] - E[Y(0)]\n"
    plain = linear + "estimand ate = E[Y(1) - Y(0)]\n"
    (expected,) = ask(Model.parse(plain), value=value).estimands
    found = piece_sign_of(weighed, value)
    assert (found.lower.always, found.upper.always) == (expected.lower.always, expected.upper.always)


def test_a_probability_is_never_shown_to_be_negative() -> None:
    (found,) = ask(catalogue.load("iv_treated"), ["pn"]).pieces
    assert found.upper.always
    assert not found.lower.always


def test_the_text_says_what_was_proved_and_shows_a_population() -> None:
    text = " ".join(ask(Model.parse(SELECTED)).text(unicode=False).split())
    assert "The lower bound is never above 0: its one function is nowhere, by linear programs." in text
    assert "The upper bound can be below 0:" in text
    assert "Can data establish the sign? Yes: ate < 0." in text


# ---------------------------------------------------------------- comparisons
FEW = "assume few: P(S(1) < S(0)) <= 1/10\n"


def test_relations_are_proved() -> None:
    """An assumption narrows, and without it nothing is narrower; one that says nothing changes nothing."""
    pairs = [(SURVIVORS, SURVIVORS + FEW), (SURVIVORS + FEW, SURVIVORS), (SURVIVORS, SURVIVORS)]
    pairs += [(SURVIVORS, SURVIVORS + "assume nothing: P(S(1) < S(0)) <= 1\n")]
    found = [compare(Model.parse(one), Model.parse(other)).sampled[0] for one, other in pairs]
    assert [(each.relation, each.proved) for each in found] == [
        ("never wider", True),
        ("never narrower", True),
        ("the same", True),
        ("the same", True),
    ]
    assert compare(*(Model.parse(text) for text in pairs[0])).json()["sampled"][0]["proved"] is True


def test_assumptions_of_which_neither_implies_the_other_are_neither() -> None:
    other = "assume back: P(S(1) > S(0)) <= 1/10\n"
    (neither,) = compare(Model.parse(SURVIVORS + FEW), Model.parse(SURVIVORS + other)).sampled
    assert (neither.relation, neither.proved) == ("neither", True)
    text = " ".join(compare(Model.parse(SURVIVORS + FEW), Model.parse(SURVIVORS + other)).text().split())
    assert "Proved: the bounds of survivors (second) are narrower in some places and wider in others" in text


def test_what_random_distributions_miss_is_found_by_a_proof_that_fails() -> None:
    """A bound that binds at few data is no longer 'the same' where only random ones are looked at."""
    rare = SURVIVORS + "assume rare: P(S(1) < S(0)) <= 99/100\n"
    (found,) = compare(Model.parse(SURVIVORS), Model.parse(rare)).sampled
    assert (found.relation, found.proved) == ("never wider", True)
    assert max(each.most for each in found.narrowings) > 0


def test_an_assumption_with_functions_is_seen_to_narrow() -> None:
    weak, strong = (Model.parse(CONFOUNDED + more) for more in ("", MTS))
    found = compare(weak, strong)
    assert [each.estimand for each in found.sampled] == ["rr", "pay", "ate"]
    assert {each.relation for each in found.sampled} <= {"never wider", "the same"}
    assert all(each.laws >= LAWS for each in found.sampled)
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
