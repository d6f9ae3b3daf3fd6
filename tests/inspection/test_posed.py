"""What `check` and `show` say of ratios, weights and lifted programs, read from their JSON and put into one another."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from boundgen import Model, derive
from boundgen.errors import ContradictionError, ModelError, NoClosedFormError
from boundgen.inspection.check import check
from boundgen.inspection.names import STAGES
from boundgen.work.limits import Budget

TRIAL = """model trial
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
observe P(Z)
parameter b in [-1, 1]
"""
CONFOUNDED = """model common_causes
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X
"""
STOPS = """model stops
variable D in {0, 1}
variable M(D) in {0, 1}
variable Y(D, M) in {0, 1}
observe P(D, Y | M=1)
assume mono: M(1) >= M(0)
"""
MODELS = {
    "late": (TRIAL, "E[Y(1) - Y(0) | X(0)=0, X(1)=1]", "ratio"),
    "rr": (TRIAL, "E[Y(1)] / E[Y(0)]", "ratio"),
    "pay": (TRIAL, "P(Y(1) > Y(0)) - b * P(Y(1) < Y(0))", "weights"),
    "att": (TRIAL, "E[Y(1) - Y(0) | X=1]", "weights"),
    "mts": (CONFOUNDED, "E[Y(1) - Y(0)]", "weights"),
    "mts_rr": (CONFOUNDED, "E[Y(1)] / E[Y(0)]", "ratio"),
    "seen": (STOPS, "E[Y(1, M(1)) - Y(0, M(0)) | M=1]", "linear program"),
}
MEDIATED = """model mediated
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
"""
MODELS["share"] = (MEDIATED, "(E[Y(A=1)] - E[Y(1, M(0))]) / (E[Y(A=1)] - E[Y(A=0)])", "linear program")
UNCLOSED = TRIAL + "estimand odd = b * E[Y(1) - Y(0) | X(0)=0, X(1)=1]\n"


def model(name: str) -> Model:
    text, estimand, _ = MODELS[name]
    return Model.parse(f"{text}estimand {name} = {estimand}\n")


def staged(name: str, stage: str) -> dict[str, Any]:
    found: dict[str, Any] = model(name).show(stage).json()["estimands"][0]
    return found


def polynomial(term: Mapping[str, Any], at: Mapping[str, Fraction]) -> Fraction:
    total = Fraction(term["constant"])
    for names, coefficient in term["coefficients"].items():
        product = Fraction(coefficient)
        for each in names.split("*"):
            product *= at[each]
        total += product
    return total


def function(term: Mapping[str, Any], at: Mapping[str, Fraction]) -> Fraction:
    return polynomial(term["numerator"], at) / polynomial(term["denominator"], at)


def law(name: str) -> dict[str, Fraction]:
    """Positive cells, in each arm with sum one; parameters a half."""
    draw = random.Random(name)
    found = {parameter.name: Fraction(1, 2) for parameter in model(name).parameters}
    for arm in derive(model(name)).arms:
        weights = [draw.randint(1, 9) for _ in arm.cells]
        found |= {cell.name: Fraction(w, sum(weights)) for cell, w in zip(arm.cells, weights, strict=True)}
    return found


@pytest.mark.parametrize("name", MODELS)
def test_check_says_of_which_kind_it_is_and_how_large(name: str) -> None:
    found = check(model(name), Budget()).json()["estimands"][0]
    (bounds,) = derive(model(name)).piecewise
    assert (found["name"], found["kind"]) == (name, MODELS[name][2])
    assert found["identified"] in (None, bounds.identified)
    assert found["program"]["columns"] == len(staged(name, "program")["columns"])
    for side in ("lower", "upper"):
        dual = staged(name, "dual")[side]
        assert found[side]["dual"]["inequalities"] == len(dual["inequalities"])
        assert found[side]["dual"]["dimension"] == len(dual["rows"])
        assert found[side]["passes"][-1]["columns"] == len(staged(name, "reduced")[side]["columns"])


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("stage", STAGES)
def test_every_form_of_every_stage(name: str, stage: str) -> None:
    shown = model(name).show(stage)
    assert shown.text(unicode=False).isascii()
    assert shown.text()
    assert r"\begin{tabular}" in shown.latex()
    assert len({tuple(row) for row in shown.rows()}) == 1
    checked = check(model(name), Budget())
    assert checked.text(unicode=False).isascii()
    assert len(checked.rows()) == 2


@pytest.mark.parametrize("name", [name for name, (_, _, kind) in MODELS.items() if kind == "linear program"])
def test_vertices_of_lifted_programs_give_their_terms(name: str) -> None:
    at, shown, dual = law(name), staged(name, "vertices"), staged(name, "dual")
    for side, sign in (("lower", 1), ("upper", -1)):
        rights = [function(row["right"], at) for row in dual[side]["rows"]]
        assert shown[side]["vertices"]
        for each in shown[side]["vertices"]:
            point = list(map(Fraction, each["point"]))
            rows = [list(map(Fraction, row)) for row in dual[side]["inequalities"]]
            assert all(b + sum(c * y for c, y in zip(row, point, strict=True)) >= 0 for b, *row in rows)
            gives = sum(y * right for y, right in zip(point, rights, strict=True))
            assert function(each["term"], at) == sign * gives
    (bounds,) = derive(model(name)).piecewise
    over = function(shown["divided_by"], at)
    side = "lower" if over > 0 else "upper"
    active = [function(each["term"], at) / over for each in shown[side]["vertices"] if each["active"]]
    assert max(active) == bounds.ends(at)[0][0]


@pytest.mark.parametrize("name", [name for name, (_, _, kind) in MODELS.items() if kind == "ratio"])
def test_edges_meet_the_data_where_their_fractions_say(name: str) -> None:
    """At l = the fraction, the form y · p of the edge is zero."""
    at, shown = law(name), staged(name, "vertices")
    for side, sign in (("lower", 1), ("upper", -1)):
        rights = [function(row["right"], at) for row in shown[side]["rows"][:-1]]
        assert shown[side]["rows"][-1] == {"kind": "divisor", "name": "l", "relation": "=", "right": None}
        for edge in shown[side]["edges"]:
            if edge["term"] is None or not polynomial(edge["term"]["denominator"], at):
                continue
            start = list(map(Fraction, shown[side]["vertices"][edge["vertex"]]["point"]))
            if "ray" in edge:
                step = list(map(Fraction, shown[side]["rays"][edge["ray"]]["point"]))
            else:
                end = map(Fraction, shown[side]["vertices"][edge["other_vertex"]]["point"])
                step = [b - a for a, b in zip(start, end, strict=True)]
            along = (sign * function(edge["term"], at) - start[-1]) / step[-1]
            form = [a + along * b for a, b in zip(start, step, strict=True)][:-1]
            assert sum(y * right for y, right in zip(form, rights, strict=True)) == 0
        limits = [edge["limits"] for edge in shown[side]["edges"]]
        assert all(low is None or high is None or Fraction(low) < Fraction(high) for low, high in limits)


@pytest.mark.parametrize("name", MODELS)
def test_the_program_holds_of_a_population(name: str) -> None:
    """Rows over strata hold at the law of a population; a row of an assumption need not."""
    program = staged(name, "program")
    draw = random.Random(name)
    shares = [Fraction(draw.randint(1, 9)) for _ in program["columns"]]
    at = {n: Fraction(1, 2) for n in law(name)}
    selected = sum(s for s, column in zip(shares, program["columns"], strict=True) if column["selected"])
    for i, row in enumerate(program["rows"]):
        if row["kind"] in ("cell", "selection"):
            # A cell given a selection is a share of those selected.
            inside = [
                share
                for share, column in zip(shares, program["columns"], strict=True)
                if str(i) in column["entries"] and column["entries"][str(i)]["numerator"]["constant"] == "1"
            ]
            at[row["name"]] = sum(inside, Fraction(0)) / (selected if row["kind"] == "selection" else sum(shares))
    for i, row in enumerate(program["rows"]):
        if row["kind"] != "assumption":
            left = sum(
                function(column["entries"][str(i)], at) * share / sum(shares)
                for share, column in zip(shares, program["columns"], strict=True)
                if str(i) in column["entries"]
            )
            assert left == function(row["right"], at)


def test_without_a_closed_form_the_program_is_shown_and_checked() -> None:
    found = check(Model.parse(UNCLOSED), Budget())
    (odd,) = found.json()["estimands"]
    assert (odd["kind"], odd["reason"]) == (
        "no closed form",
        "its divisor is unknown, and its weights are functions of the data",
    )
    assert found.unanswered == ()
    assert "there is no closed form" in found.text()
    assert "no closed form" in Model.parse(UNCLOSED).show("program").text()
    for stage in ("reduced", "dual", "vertices"):
        with pytest.raises(NoClosedFormError):
            Model.parse(UNCLOSED).show(stage)
        shown = Model.parse(UNCLOSED + "estimand ate = E[Y(1) - Y(0)]\n").show(stage)
        assert [each.name for each in shown.unanswered] == ["odd"]


def test_assumptions_with_functions_do_not_hide_a_contradiction() -> None:
    plain = "assume low: P(Y(1)=1) <= 1/4\nassume high: P(Y(1)=1) >= 1/2\n"
    asked = "estimand ate = E[Y(1) - Y(0)]\n"
    with pytest.raises(ContradictionError, match="low and high contradict each other"):
        check(Model.parse(CONFOUNDED + plain + asked), Budget())
    found = check(Model.parse(CONFOUNDED + plain.partition("\n")[0] + "\n" + asked), Budget())
    assert found.functions == 1
    assert "coefficients of 1 assumption depend on the data" in found.text()
    assert "the other assumptions are consistent" in found.text()


def test_what_cannot_be_posed_is_an_error() -> None:
    with pytest.raises(ModelError, match="may have either sign"):
        check(Model.parse(TRIAL + "estimand bad = E[Y(1)] / E[Y(1) - Y(0)]\n"), Budget())
