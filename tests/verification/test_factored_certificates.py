"""Certificates where variables share no causes: what is identified, one group that is not, and forgeries of both."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings

from boundgen.derivation import derive
from boundgen.evaluation.evaluate import evaluate
from boundgen.language.model import Model
from boundgen.verification.certificate import certified, certify
from boundgen.verification.check_certificate import Malformed, Wrong, check
from support.certificates import Json, leaves, parent, signed
from support.command import Run
from support.independent_causes import Population, populations
from support.verma import VERMA as GRAPH

CHAIN = "model m\nvariable X in {0, 1}\nvariable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\n"
FRONT = f"{CHAIN}confounded X, Y\nobserve P(X, M, Y)\nestimand ate = E[Y(X=1) - Y(X=0)]\n"
BACK = f"{CHAIN}confounded X, M\nobserve P(X, M, Y)\nestimand y1 = P(Y(X=1)=1)\n"
ARMS = """model m
variable Z in {a, b} randomized
variable X(Z) in {0, 1}
variable M(X) in {0, 1}
confounded X, M
variable Y(M) in {0, 1}
parameter g in [0, 1]
assume few: P(X(a)=1, X(b)=0) <= g
observe P(X, M, Y | Z)
observe P(Z)
estimand ate = E[Y(X=1) - Y(X=0)]
estimand y = P(Y=1)
"""
VERMA = f"""{GRAPH}estimand d = P(D(C=1)=1)
estimand rr = E[D(C=1)] / E[D(C=0)]
"""


PNS = f"{FRONT}estimand pns = P(Y(X=1)=1, Y(X=0)=0)\n"
LONG = """model m
variable A in {0, 1} randomized
variable L(A) in {0, 1}
variable M(L) in {0, 1}
variable Y(M) in {0, 1}
unconfounded
observe P(L, M, Y | A)
estimand pns = P(Y(A=1)=1, Y(A=0)=0)
"""
GIVEN = f"""{BACK}estimand untreated = E[Y(X=1) - Y(X=0) | X=0]
estimand both = E[Y(X=1) | X=0, M=1]
estimand known = E[Y(M=1) - Y(M=0) | X=1]
"""


@pytest.mark.parametrize("text", [FRONT, BACK, ARMS, VERMA, PNS, LONG, GIVEN])
def test_a_certificate_holds(text: str) -> None:
    model = Model.parse(text)
    document, without = certified(model)
    assert without == ()
    report = check(document)
    assert report.splitlines()[-1] == "Every step holds."
    assert all(f"{estimand.name} = " in report for estimand in model.estimands)


def test_a_cause_of_all_is_no_statement() -> None:
    text = f"{CHAIN}confounded X, M, Y\nobserve P(X, M, Y)\nestimand ate = E[Y(X=1) - Y(X=0)]\n"
    document, without = certified(Model.parse(text))
    assert without == ()
    assert check(document).splitlines()[-1] == "Every step holds."


@given(populations())
@settings(max_examples=2, deadline=None)
def test_what_is_identified_has_one(population: Population) -> None:
    """Of random models, the average effect with and without confounding."""
    document, without = certified(population.model)
    names = [each["name"] for key in ("identified", "given") for each in document[key]]
    assert without == ()
    assert sorted(names) == ["ate", "pns"]
    assert "Every step holds." in check(document)


def _refused(document: Json) -> bool:
    try:
        check(signed(document))
    except (Wrong, Malformed):
        return True
    return False


@pytest.mark.parametrize("text", [FRONT, BACK])
def test_what_is_changed_is_found(text: str) -> None:
    """A number more in a function, another value of a response, another formula; and what is left out."""
    document = certify(Model.parse(text))
    changed = 0
    for path, value in leaves(document):
        if path[0] not in ("factors", "identified", "given") or "certificate" in path or not str(value).isdigit():
            continue
        forged = copy.deepcopy(document)
        parent(forged, path)[path[-1]] = str(int(value) + 1)
        # Nothing over one more than nothing.
        assert _refused(forged), path
        changed += 1
    assert changed > 5
    for key in ("factors", "identified", "given"):
        if document[key]:
            less = copy.deepcopy(document)
            del less[key][0]
            assert _refused(less), key


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (GIVEN, "| X=0]", "| X=1]"),
        (GIVEN, "| X=0]", "]"),
        (GIVEN, "| X=0, M=1]", "| X=0, M=0]"),
        (FRONT, "confounded X, Y", "confounded X, M"),
        (FRONT, "variable Y(M)", "variable Y(X, M)"),
        (BACK, "confounded X, M", "confounded M, Y"),
        (BACK, "confounded X, M", "confounded X, Y"),
        (BACK, "confounded X, M\n", ""),
        (ARMS, "<= g", "<= 2 g"),
        (ARMS, "assume few: P(X(a)=1, X(b)=0) <= g\n", ""),
    ],
)
def test_of_another_model_it_does_not_hold(text: str, old: str, new: str) -> None:
    document = certify(Model.parse(text))
    forged = copy.deepcopy(document)
    assert old in document["text"]
    forged["text"] = document["text"].replace(old, new)
    for variable in forged["variables"]:
        if variable["name"] == "Y" and "Y(X, M)" in new:
            variable["parents"] = ["X", "M"]
    assert _refused(forged)


def test_the_group_of_another_estimand_is_refused() -> None:
    """The sum has to be the estimand, and its weights what they are said to be."""
    document = certify(Model.parse(BACK))
    forged = copy.deepcopy(document)
    (given_,) = forged["given"]
    one, two = given_["weights"]
    given_["weights"] = {one: given_["weights"][two], two: given_["weights"][one]}
    assert _refused(forged)
    forged = copy.deepcopy(document)
    forged["given"][0]["certificate"] = certify(Model.parse(BACK.replace("X=1)=1", "X=0)=1")))["given"][0][
        "certificate"
    ]
    assert _refused(forged)


# ---------------------------------------------------------------- several groups
@given(populations(positive=True, parts=[["X", "Y"], ["M"]], direct=False))
@settings(max_examples=2, deadline=None)
def test_the_worst_of_the_listed_laws_is_the_exact_bound(population: Population) -> None:
    """At data: of the laws without negative probabilities, the bounds of the group's own model at its weights."""
    _compare_at_data(certify(Model.parse(PNS)), Model.parse(PNS), population.cells)


def _compare_at_data(document: Json, model: Model, cells: dict[str, Fraction]) -> None:
    (evaluation,) = evaluate(derive(model, ["pns"], partial=True), cells)
    factors = {
        each["name"]: _value(each["numerator"], cells) / _value(each["denominator"], cells)
        for each in document["factors"]
    }
    (given_,) = document["given"]
    inner = derive(Model.parse(given_["certificate"]["text"]))
    at = {name.replace("do(M=", "M=").replace(")", "", 1) if "do(M" in name else name: v for name, v in factors.items()}
    own = {cell.name: at[cell.name] for cell in inner.cells}
    for k, side in enumerate(("lower", "upper")):
        ends = []
        for law in given_["laws"][0][side]:
            values = [(each["type"], _value(each["probability"], factors)) for each in law]
            if min(value for _, value in values) >= 0:
                weights = {
                    name: sum((v for own_type, v in values if known.items() <= own_type.items()), Fraction(0))
                    for name, known in given_["weights"].items()
                }
                (found,) = evaluate(inner, own, weights)
                ends.append((found.lower, found.upper)[k])
        assert (min, max)[k](ends) == (evaluation.lower, evaluation.upper)[k]


def _value(function: Json, at: dict[str, Fraction]) -> Fraction:
    total = Fraction(function["constant"])
    for names, coefficient in function["coefficients"].items():
        product = Fraction(coefficient)
        for name in names.split("*"):
            product *= at[name]
        total += product
    return total


def test_a_law_that_is_left_out_or_changed_is_found() -> None:
    document = certify(Model.parse(PNS))
    laws = document["given"][0]["laws"][0]
    for side in ("lower", "upper"):
        for k, law in enumerate(laws[side]):
            less = copy.deepcopy(document)
            del less["given"][0]["laws"][0][side][k]
            assert _refused(less)
            for place, each in enumerate(law[: 2 * (k == 0)]):
                changed = copy.deepcopy(document)
                own = changed["given"][0]["laws"][0][side][k][place]
                own["probability"]["constant"] = str(int(each["probability"]["constant"]) + 1)
                assert _refused(changed)
                changed = copy.deepcopy(document)
                del changed["given"][0]["laws"][0][side][k][place]
                assert _refused(changed)
                changed = copy.deepcopy(document)
                own = changed["given"][0]["laws"][0][side][k][place]["type"]
                own["M(0)"] = str(1 - int(own["M(0)"]))
                assert _refused(changed)
    turned = copy.deepcopy(document)
    turned["given"][0]["laws"][0] |= {"lower": laws["upper"], "upper": laws["lower"]}
    assert _refused(turned)


@pytest.mark.parametrize(
    "change",
    [
        lambda given_: given_.pop("laws"),
        lambda given_: given_.update(laws=[]),
        lambda given_: given_["laws"].append(given_["laws"][0]),
        lambda given_: given_["laws"][0].update(variables=["X", "Y"]),
        lambda given_: given_["laws"][0].update(variables=["X"]),
        lambda given_: given_.update(
            weights=dict(zip(given_["weights"], reversed(given_["weights"].values()), strict=True))
        ),
        lambda given_: given_["weights"]["w1"].update({"M(0)": "1"}),
    ],
)
def test_other_laws_and_weights_are_refused(change: Callable[[Json], object]) -> None:
    document = certify(Model.parse(PNS))
    change(document["given"][0])
    assert _refused(document)


def test_more_laws_do_no_harm() -> None:
    """Each is one of the group where none of its probabilities is negative."""
    document = certify(Model.parse(PNS))
    laws = document["given"][0]["laws"][0]
    laws["lower"] = [*laws["lower"], *laws["upper"]]
    assert check(signed(document)).endswith("Every step holds.")


def test_what_has_none_is_said(run: Run) -> None:
    Path("m.bounds").write_text(f"{PNS}assume few: P(M(0)=1, M(1)=0) <= 1/10\n")
    found = run("certify", "m.bounds", "-o", "m.json")
    assert found.status == 3
    assert "no certificate of pns was made" in found.err
    assert "probabilities of M are assumed, and this group would go over its laws" in found.err
    assert run("check-certificate", "m.json").status == 0
    two = FRONT.replace("confounded X, Y", "confounded X, M\nconfounded M, Y")
    Path("two.bounds").write_text(two)
    found = run("certify", "two.bounds", "-o", "two.json")
    assert (found.status, Path("two.json").exists()) == (3, False)
    assert "its bounds are a linear program at data" in found.err


def test_what_the_checker_does_not_read_takes_nothing_down(run: Run) -> None:
    asked = "estimand movers = E[Y(X=1) - Y(X=0) | M(0)=0, M(1)=1]\nestimand rr = E[Y(X=1)] / E[Y(X=0)]\n"
    Path("m.bounds").write_text(f"{FRONT}{asked}")
    found = run("certify", "m.bounds", "-o", "m.json")
    assert found.status == 3
    assert found.err.count("\n") == 1
    assert "no certificate of movers was made" in found.err
    checked = run("check-certificate", "m.json")
    assert checked.status == 0
    assert "rr = E[Y(X=1)] / E[Y(X=0)]" in checked.out
    assert "movers" not in checked.out
    found = run("certify", "m.bounds", "movers")
    assert (found.status, found.out) == (3, "")
    assert "only where its probability is known" in found.err
