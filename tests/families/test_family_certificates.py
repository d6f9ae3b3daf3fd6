"""Certificates of families are checked by a program of its own, which believes nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from boundgen import Model, family
from boundgen.verification.check_certificate import Malformed, Wrong
from boundgen.verification.check_family import check
from support.scalable import FAMILIES, scalable

Json = dict[str, Any]


@cache
def certificate(name: str) -> Json:
    _, variable, levels, _ = FAMILIES[name]
    return json.loads(json.dumps(family(scalable(name), {variable: levels}).certificate()))  # type: ignore[no-any-return]


def side_of(document: Json, side: str = "lower") -> Json:
    return document["family"]["estimands"][0][side]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "proved"),
    [
        ("mediator", ["by few levels", "by two arms"]),
        ("mean", ["by thresholds", "by one arm, thresholds"]),
        ("response", ["by few levels", "by one arm: "]),
        ("identified", ["by few levels", "by identity"]),
        ("monotone", ["by dropped arms", "conjectured beyond"]),
    ],
)
def test_what_is_proved_is_said(name: str, proved: list[str]) -> None:
    report = check(certificate(name))
    assert report.endswith("Every step holds.")
    assert all(report.count(said) == 2 for said in proved), report


@pytest.mark.slow
@pytest.mark.parametrize("name", ["instrument", "treatment", "outcome", "outcome_of_instrument", "mean_of_mediator"])
def test_the_others_are_proved_too(name: str) -> None:
    assert check(certificate(name)).endswith("Every step holds.")


# ---------------------------------------------------------------- forgeries
def larger_number(document: Json) -> None:
    side_of(document)["kinds"][0]["numbers"][0][1] = "1"


def other_coefficient(document: Json) -> None:
    side_of(document)["kinds"][1]["blocks"][1][2][0][1] = "3"


def kind_left_out(document: Json) -> None:
    side_of(document)["kinds"].pop()


def kind_twice_as_general(document: Json) -> None:
    side_of(document)["kinds"][1]["blocks"][1][1] = True


def kind_without_certificates(document: Json) -> None:
    document["certificates"].clear()
    side_of(document)["kinds"].pop()


def argument_of_others(document: Json) -> None:
    side_of(document)["valid"]["argument"] = "dropped arms"


def arms_that_are_not_glued(document: Json) -> None:
    side_of(document)["sharp"]["argument"] = "glued arms"


def one_arm_of_two(document: Json) -> None:
    side_of(document)["sharp"]["argument"] = "one arm"


def thresholds_of_labels(document: Json) -> None:
    side_of(document)["valid"]["argument"] = "thresholds"


def another_model_at_one_number(document: Json) -> None:
    document["texts"]["3"] = document["texts"]["3"].replace("Y(0, M(0))", "Y(0, M(1))")


def assumption_at_one_number(document: Json) -> None:
    document["texts"]["3"] = document["texts"]["3"].replace("estimand", "assume M(1) >= M(0)\n\nestimand", 1)


def fewer_levels_than_said(document: Json) -> None:
    document["texts"]["4"] = document["texts"]["3"]


def text_left_out(document: Json) -> None:
    document["texts"].pop("5")


def certificate_of_another_number(document: Json) -> None:
    document["certificates"]["2"] = document["certificates"]["3"]


def no_such_argument(document: Json) -> None:
    side_of(document)["sharp"]["argument"] = "because"


def no_schema(document: Json) -> None:
    document["schema"] = "boundgen.certificate/1"


def kinds_that_are_none(document: Json) -> None:
    side_of(document)["kinds"][0] = {"blocks": 3}


FORGERIES = (
    larger_number,
    other_coefficient,
    kind_left_out,
    kind_twice_as_general,
    kind_without_certificates,
    argument_of_others,
    arms_that_are_not_glued,
    one_arm_of_two,
    thresholds_of_labels,
    another_model_at_one_number,
    assumption_at_one_number,
    fewer_levels_than_said,
    text_left_out,
    certificate_of_another_number,
    no_such_argument,
    no_schema,
    kinds_that_are_none,
)


def test_certificates_of_some_numbers_are_enough() -> None:
    document = copy.deepcopy(certificate("mediator"))
    document["certificates"] = {"2": document["certificates"]["2"]}
    assert check(document).count("derived, and no part of this certificate: 3, 4, 5") == 2


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_forgeries_are_found(forge: Callable[[Json], None]) -> None:
    document = copy.deepcopy(certificate("mediator"))
    document["certificates"] = {levels: document["certificates"][levels] for levels in ("2", "3")}
    forge(document)
    with pytest.raises((Wrong, Malformed)):
        check(document)


def test_two_functions_are_no_identity() -> None:
    document = copy.deepcopy(certificate("monotone"))
    side_of(document)["sharp"]["argument"] = "identity"
    with pytest.raises(Wrong, match="another function"):
        check(document)


def test_joined_levels_are_not_glued() -> None:
    document = copy.deepcopy(certificate("monotone"))
    side_of(document)["sharp"]["argument"] = "glued arms"
    with pytest.raises(Wrong, match="joined"):
        check(document)


def test_a_chain_that_leaves_a_level_out_is_another_model() -> None:
    document = copy.deepcopy(certificate("monotone"))
    document["texts"]["4"] = document["texts"]["4"].replace(" and X(2) <= X(3)", "")
    with pytest.raises(Wrong, match="not one model"):
        check(document)


# ---------------------------------------------------------------- levels that few numbers do not show
NAMED = """model beside
variable X in {0, 1} randomized
variable Y(X) in {0, 1, 2}
observe P(Y | X)
estimand e = P(Y(0) = 1) + P(Y(0) > 1, Y(1) > Y(0))
"""
NAMED_IN_ONE_ARM = NAMED.replace("X in {0, 1} randomized", "X in {0, 1}").replace("P(Y | X)", "P(X, Y)")
BELOW_ZERO = """model beside
variable X in {0, 1} randomized
variable M(X) in {0, 1}
variable Y(X) in {-2, -1, 0}
observe P(Y | X)
estimand e = E[Y(1)*M(1)]
"""


@cache
def beside(text: str) -> Json:
    return json.loads(json.dumps(family(Model.parse(text), {"Y": range(2, 4)}).certificate()))  # type: ignore[no-any-return]


@pytest.mark.parametrize("text", [NAMED, NAMED_IN_ONE_ARM, BELOW_ZERO])
def test_two_numbers_are_not_enough(text: str) -> None:
    side = side_of(beside(text), "upper")
    assert (side["valid"]["argument"], side["sharp"]["argument"]) == (None, None)
    assert check(beside(text)).endswith("Every step holds.")


@pytest.mark.parametrize(
    ("text", "key", "argument"),
    [
        (NAMED, "valid", "few levels"),
        (NAMED_IN_ONE_ARM, "valid", "few levels"),
        (NAMED_IN_ONE_ARM, "sharp", "one arm"),
        (BELOW_ZERO, "valid", "thresholds"),
    ],
)
def test_old_certificates_are_refused(text: str, key: str, argument: str) -> None:
    document = copy.deepcopy(beside(text))
    side_of(document, "upper")[key]["argument"] = argument
    with pytest.raises((Wrong, Malformed)):
        check(document)
