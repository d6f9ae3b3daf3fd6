"""Certificates of ratios hold, and what is changed in them is found without the digest."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from boundgen import Model, certify, derive
from boundgen.verification.check_certificate import Malformed, Wrong, check
from support.certificates import Json, signed
from support.piece_models import CONFOUNDED, STOPS

Change = Callable[[Json], object]
IV = """
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
MODELS = {
    "late": f"model late{IV}estimand late = E[Y(1) - Y(0) | X(1) > X(0)]\n",
    "risk": f"model risk{IV}estimand rr = E[Y(1)] / E[Y(0)]\nestimand ate = E[Y(1) - Y(0)]\n",
    "shifted": f"model shifted{IV}estimand e = (1 - 2 * P(Y(1)=1) + P(X(0)=1)) / (1/2 + P(Y(0)=0))\n",
    "cap": """model cap
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter g in [0, 1]
assume P(M(0)=1, M(1)=0) <= g
estimand share = P(Y(1, 1) != Y(0, 1) | M(0)=1, M(1)=1)
""",
    # With coefficients that are functions of the data: a parameter, a definition, shares, a selection.
    "times": f"model times{IV}parameter k in [0, 2]\nestimand rr = k * E[Y(1)] / E[Y(0)]\n",
    "defined": f"model defined{IV}define q = P(Y=1 | Z=1)\nestimand late = q * E[Y(1) - Y(0) | X(1) > X(0)]\n",
    "given": f"model given{CONFOUNDED}estimand rr = E[Y(1) | X=0] / E[Y(0) | X=1]\n",
    "selected": f"model selected{CONFOUNDED}assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X\n"
    "estimand rr = E[Y(1)] / E[Y(0)]\n",
    "stops": f"model stops{STOPS}parameter k in [0, 1]\nestimand s = k * E[Y(D=1) - Y(D=0) | M(0)=1]\n",
}
WITH_FUNCTIONS = ("times", "defined", "given", "selected", "stops")
# More and more units that are not seen: the upper side has no end.
ENDLESS = f"model endless{STOPS}estimand rr = E[Y(D=1)] / E[Y(D=0)]\n"
SIDES = pytest.mark.parametrize("side", ["lower", "upper"])
SOME = pytest.mark.parametrize("name", ["late", "risk", "cap", "selected", "stops"])


@pytest.fixture(scope="module")
def made() -> dict[str, Json]:
    return {name: certify(Model.parse(text)) for name, text in MODELS.items()}


def holds(document: Json) -> bool:
    """Whether a document with the digest that fits it holds."""
    try:
        return check(signed(document)).endswith("Every step holds.")
    except (Wrong, Malformed):
        return False


def ratio_of(document: Json) -> Json:
    """The one entry that is a ratio."""
    (ratio,) = [*document.get("ratios", []), *document.get("quotients", [])]
    found: Json = ratio
    return found


@pytest.mark.parametrize("name", MODELS)
def test_they_hold(name: str, made: dict[str, Json]) -> None:
    assert holds(made[name])
    (bounds,) = derive(Model.parse(MODELS[name])).piecewise
    assert ("quotients" in made[name]) == (name in WITH_FUNCTIONS)
    ratio = ratio_of(made[name])
    for key, side in (("lower", bounds.lower), ("upper", bounds.upper)):
        # A term that is always as good may cover the constant.
        assert len(ratio[key]["terms"]) + (ratio[key]["constant"] is not None) >= len(side.pieces)
        assert name == "selected" or all("witness" in term for term in ratio[key]["terms"])


def test_the_report_shows_fractions(made: dict[str, Json]) -> None:
    lines = check(made["risk"]).splitlines()
    start = lines.index("rr = E[Y(1)] / E[Y(0)]")
    assert lines[start + 1 : start + 3] == ["  lower bound, at almost all data: the largest of", "    0"]
    assert "where the divisor is positive and it is at least 0" in lines[start + 3]


def test_the_report_says_what_stands_before_a_ratio(made: dict[str, Json]) -> None:
    assert "  both times k" in check(made["times"]).splitlines()
    assert "  both times P(X=0,Y=1|Z=1) + P(X=1,Y=1|Z=1)" in check(made["defined"]).splitlines()


# ---------------------------------------------------------------- without an end
def test_a_side_without_an_end_is_proved_to_have_none() -> None:
    document = certify(Model.parse(ENDLESS))
    upper = document["ratios"][0]["upper"]
    assert "  upper bound: none, at any data the ratio may be as large as one likes" in check(document).splitlines()
    for strata in ({}, {"0": "1"}, dict.fromkeys(upper["unbounded"], "-1"), {**upper["unbounded"], "2": "1"}):
        document["ratios"][0]["upper"] = {"unbounded": strata}
        assert not holds(document)
    document["ratios"][0]["upper"] = upper
    assert holds(document)


def test_a_side_with_an_end_is_not_taken_for_one_without(made: dict[str, Json]) -> None:
    for name in ("late", "stops"):
        for k in range(len(ratio_of(made[name])["columns"])):
            document = copy.deepcopy(made[name])
            ratio_of(document)["upper"] = {"unbounded": {str(k): "1"}}
            assert not holds(document)


# ---------------------------------------------------------------- forgeries
def changed(document: Json, side: str, change: Change) -> Json:
    """A copy with one side of the ratio changed."""
    copied = copy.deepcopy(document)
    change(ratio_of(copied)[side])
    return copied


def without(key: str, k: int) -> Change:
    return lambda node: node[key].pop(k)


def shifted(key: str, k: int) -> Change:
    """One multiple of a generator is another number."""

    def change(node: Json) -> None:
        row = next(iter(node[key][k]))
        node[key][k][row] += "7"

    return change


@SIDES
@SOME
def test_what_is_left_out_is_found(name: str, side: str, made: dict[str, Json]) -> None:
    node = ratio_of(made[name])[side]
    for change in (without(key, k) for key in ("vertices", "rays", "terms") for k in range(len(node[key]))):
        assert not holds(changed(made[name], side, change))


@SIDES
@SOME
def test_what_is_changed_is_found(name: str, side: str, made: dict[str, Json]) -> None:
    node = ratio_of(made[name])[side]
    # A ray is the same when it is multiplied.
    several = [(key, k) for key in ("vertices", "rays") for k in range(len(node[key])) if len(node[key][k]) > 1]
    changes: list[Change] = [shifted(key, k) for key, k in several]
    changes += [lambda n: n["terms"][0].update(edges=n["terms"][1]["edges"]) if n["terms"][1:] else n.clear()]
    changes += [lambda n: n["terms"][0]["edges"].clear(), lambda n: n["terms"][0].update(x=1)]
    if "witness" in node["terms"][0]:
        changes += [lambda n: shifted("strata", 0)({"strata": [n["terms"][0]["witness"]["strata"]]})]
    for change in changes:
        assert not holds(changed(made[name], side, change))


@SOME
def test_a_constant_that_some_ratio_passes_is_found(name: str, made: dict[str, Json]) -> None:
    for side, sign in (("lower", 1), ("upper", -1)):
        constant = ratio_of(made[name])[side]["constant"]
        if constant is not None:
            better = str(int(constant["value"]) + sign)
            assert not holds(changed(made[name], side, lambda n, v=better: n["constant"].update(value=v)))


@pytest.mark.parametrize("name", ["defined", "selected", "stops"])
def test_changed_coefficients_are_found(name: str, made: dict[str, Json]) -> None:
    changes: list[Change] = [
        lambda n: n["over"]["numerator"].update(constant="7"),
        lambda n: n["rows"].pop(0),
        lambda n: n["columns"].pop(0),
        *(lambda n, key=key: n["columns"][1].update({key: n["columns"][1][key] + "1"}) for key in ("cost", "event")),
        lambda n: n["columns"][1]["scale"].update(constant="2"),
    ]
    for change in changes:
        document = copy.deepcopy(made[name])
        change(ratio_of(document))
        assert not holds(document)


def test_another_ratio_is_found(made: dict[str, Json]) -> None:
    for after in ("E[Y(0)] / E[Y(1)]", "E[Y(1)] / (2 * E[Y(0)])", "E[Y(1)] / (1 + E[Y(0)])"):
        document = copy.deepcopy(made["risk"])
        document["text"] = document["text"].replace("E[Y(1)] / E[Y(0)]", after)
        document["ratios"][0]["expression"] = after
        assert not holds(document)


def test_a_ratio_is_not_taken_for_linear(made: dict[str, Json]) -> None:
    document = copy.deepcopy(made["risk"])
    document["estimands"] += document.pop("ratios")
    assert not holds(document)
    document = copy.deepcopy(made["late"])
    document["ratios"][0]["denominator"] = None
    assert not holds(document)
