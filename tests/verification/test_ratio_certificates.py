"""Certificates of ratios hold, and what is changed in them is found without the digest."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from boundgen import Model, certify, derive
from boundgen.errors import PiecewiseError
from boundgen.verification.check_certificate import Malformed, Wrong, check
from support.certificates import Json, signed

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
}
SIDES = pytest.mark.parametrize("side", ["lower", "upper"])
SOME = pytest.mark.parametrize("name", ["late", "risk", "cap"])


@pytest.fixture(scope="module")
def made() -> dict[str, Json]:
    return {name: certify(Model.parse(text)) for name, text in MODELS.items()}


def holds(document: Json) -> bool:
    """Whether a document with the digest that fits it holds."""
    try:
        return check(signed(document)).endswith("Every step holds.")
    except (Wrong, Malformed):
        return False


@pytest.mark.parametrize("name", MODELS)
def test_they_hold(name: str, made: dict[str, Json]) -> None:
    assert holds(made[name])
    (bounds,) = derive(Model.parse(MODELS[name])).piecewise
    (ratio,) = made[name]["ratios"]
    for key, side in (("lower", bounds.lower), ("upper", bounds.upper)):
        # A term that is always as good may cover the constant.
        assert len(ratio[key]["terms"]) + (ratio[key]["constant"] is not None) >= len(side.pieces)
        assert all("witness" in term for term in ratio[key]["terms"])


def test_the_report_shows_fractions(made: dict[str, Json]) -> None:
    lines = check(made["risk"]).splitlines()
    start = lines.index("rr = E[Y(1)] / E[Y(0)]")
    assert lines[start + 1 : start + 3] == ["  lower bound, at almost all data: the largest of", "    0"]
    assert "where the divisor is positive and it is at least 0" in lines[start + 3]


def test_a_ratio_by_what_is_unknown_with_a_parameter_has_none() -> None:
    model = Model.parse(f"model scaled{IV}parameter k in [0, 2]\nestimand rr = k * E[Y(1)] / E[Y(0)]\n")
    with pytest.raises(PiecewiseError, match="no certificate of rr was made: of a ratio by what is unknown"):
        certify(model)


# ---------------------------------------------------------------- forgeries
def changed(document: Json, side: str, change: Change) -> Json:
    """A copy with one side of the ratio changed."""
    copied = copy.deepcopy(document)
    change(copied["ratios"][0][side])
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
    node = made[name]["ratios"][0][side]
    for change in (without(key, k) for key in ("vertices", "rays", "terms") for k in range(len(node[key]))):
        assert not holds(changed(made[name], side, change))


@SIDES
@SOME
def test_what_is_changed_is_found(name: str, side: str, made: dict[str, Json]) -> None:
    node = made[name]["ratios"][0][side]
    # A ray is the same when it is multiplied.
    several = [(key, k) for key in ("vertices", "rays") for k in range(len(node[key])) if len(node[key][k]) > 1]
    changes: list[Change] = [shifted(key, k) for key, k in several]
    changes += [lambda n: n["terms"][0].update(edges=n["terms"][1]["edges"]) if n["terms"][1:] else n.clear()]
    changes += [lambda n: n["terms"][0]["edges"].clear(), lambda n: n["terms"][0].update(x=1)]
    changes += [lambda n: n["terms"][0]["witness"]["strata"].update({"0": "1/3"})]
    for change in changes:
        assert not holds(changed(made[name], side, change))


@SOME
def test_a_constant_that_some_ratio_passes_is_found(name: str, made: dict[str, Json]) -> None:
    for side, sign in (("lower", 1), ("upper", -1)):
        constant = made[name]["ratios"][0][side]["constant"]
        if constant is not None:
            better = str(int(constant["value"]) + sign)
            assert not holds(changed(made[name], side, lambda n, v=better: n["constant"].update(value=v)))


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
