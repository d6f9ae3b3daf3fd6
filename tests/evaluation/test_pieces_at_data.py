"""Ratios, laws and selections at data: ends that are none or infinite, how they were found, and the active piece."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from math import inf
from pathlib import Path

import pytest

from boundgen import Model, derive, evaluate
from boundgen.errors import DataError
from support.command import Run

PLAIN = """model plain
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
"""
RISK = PLAIN + "estimand rr = P(Y(1)=1) / P(Y(0)=1)\n"
DIFFERENCE = PLAIN + "estimand ate = E[Y(1) - Y(0)]\n"
BENEFIT = PLAIN + "estimand pn = P(Y(0)=0 | X=1, Y(1)=1)\nestimand pb = P(Y(0)=0 | Y(1)=1)\n"
SURVEY = """model survey
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A, S) in {0, 1}
observe P(Y | A, S=1)
estimand e = E[Y(1, 1) - Y(0, 1)]
"""
CELLS = {"P(X=0,Y=0)": "3/10", "P(X=0,Y=1)": "1/10", "P(X=1,Y=0)": "2/10", "P(X=1,Y=1)": "4/10"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files(text: str, cells: dict[str, str]) -> tuple[str, str]:
    Path("m.bounds").write_text(text)
    Path("d.csv").write_text("cell,probability\n" + "".join(f'"{name}",{share}\n' for name, share in cells.items()))
    return "m.bounds", "d.csv"


def test_the_active_piece(run: Run) -> None:
    (found,) = evaluate(derive(Model.parse(RISK)), CELLS)
    assert (found.lower, found.upper) == (Fraction(4, 7), 8)
    assert found.method == "closed form"
    text = run("evaluate", *files(RISK, CELLS), "--ascii").out
    assert "rr  0.5714  8.0000  p11 / (1 - p00)  (1 - p10) / p01" in text
    (row,) = csv.DictReader(io.StringIO(run("evaluate", *files(RISK, CELLS), "--format", "csv").out))
    assert (row["lower_term"], row["upper_term"]) == ("p11 / (1 - p00)", "(1 - p10) / p01")
    assert r"$\frac{p_{11}}{1 - p_{00}}$" in run("evaluate", *files(RISK, CELLS), "--format", "latex").out


def test_the_active_piece_in_json_is_one_of_the_derivation(run: Run) -> None:
    model, data = files(RISK, CELLS)
    (found,) = json.loads(run("evaluate", model, data, "--format", "json").out)["evaluations"]
    (derived,) = json.loads(run("derive", model, "--format", "json").out)["estimands"]
    assert found["method"] == "closed form"
    for side, end in (("lower", Fraction(4, 7)), ("upper", Fraction(8))):
        (summand,) = derived[side]["pieces"][found["active"][side]]["sum"]
        (option,) = summand["options"]
        above, below = (value(option[part]) for part in ("numerator", "denominator"))
        assert above / below == end


def value(function: dict[str, dict[str, str]]) -> Fraction:
    constant = Fraction(str(function["constant"]))
    return constant + sum(Fraction(c) * Fraction(CELLS[name]) for name, c in function["coefficients"].items())


def test_an_end_may_be_infinite(run: Run) -> None:
    cells = {**CELLS, "P(X=0,Y=1)": "0", "P(X=0,Y=0)": "4/10"}
    (found,) = evaluate(derive(Model.parse(RISK)), cells)
    assert (found.lower, found.upper) == (Fraction(2, 3), inf)
    model, data = files(RISK, cells)
    assert "\u221e" in run("evaluate", model, data).out
    (said,) = json.loads(run("evaluate", model, data, "--format", "json").out)["evaluations"]
    assert (said["lower"], said["upper"]) == (pytest.approx(2 / 3), "inf")
    (row,) = csv.DictReader(io.StringIO(run("evaluate", model, data, "--format", "csv").out))
    assert row["upper"] == "inf"
    assert r"$\infty$" in run("evaluate", model, data, "--format", "latex").out


def test_an_estimand_may_be_undefined(run: Run) -> None:
    half = {"P(X=0,Y=0)": "1/2", "P(X=1,Y=0)": "1/2"}
    ends = [(each.lower, each.upper) for each in evaluate(derive(Model.parse(BENEFIT)), half)]
    assert ends == [(None, None), (1, 1)]
    model, data = files(BENEFIT, {"P(X=1,Y=0)": "1"})
    found = run("evaluate", model, data)
    assert found.status == 0
    assert " is undefined: its condition or divisor is 0 in every population that fits these data." in found.out
    said = json.loads(run("evaluate", model, data, "--format", "json").out)["evaluations"]
    assert [(each["lower"], each["upper"]) for each in said] == [(None, None)] * 2
    assert said[1]["active"] is None


def test_what_has_no_closed_form_says_its_program(run: Run) -> None:
    cells = {f"P(Y={y}|A={a},S=1)": "1/2" for y in (0, 1) for a in (0, 1)}
    found = run("evaluate", *files(SURVEY, cells))
    assert found.status == 0
    assert "linear program" in found.out
    assert "Testable implications were not derived: assumptions or selections have coefficients" in found.out
    (said,) = json.loads(run("evaluate", *files(SURVEY, cells), "--format", "json").out)["evaluations"]
    assert (said["method"], said["active"], said["violations"]) == ("linear program", None, None)


def test_linear_and_other_estimands_stand_in_their_order() -> None:
    both = RISK + "estimand ate = E[Y(1) - Y(0)]\n"
    found = evaluate(derive(Model.parse(both)), CELLS)
    assert [each.estimand for each in found] == ["rr", "ate"]
    assert found.exact is not None
    assert not found.missing
    assert not found.numeric
    (linear,) = evaluate(derive(Model.parse(DIFFERENCE)), CELLS)
    assert found[1] == linear


def test_parameters_out_of_range_and_cells_that_do_not_sum_to_one() -> None:
    model = Model.parse(PLAIN + "parameter b in [0, 1]\nestimand e = b * P(Y(1)=1) - P(Y(0)=1)\n")
    with pytest.raises(DataError, match=r"b = 2 is out of its range"):
        evaluate(derive(model), CELLS, {"b": 2})
    with pytest.raises(DataError, match=r"sum to 9/10"):
        evaluate(derive(model), {**CELLS, "P(X=0,Y=0)": "2/10"}, {"b": 1})


MONOTONE = """model monotone
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
assume mtr: Y(1) >= Y(0)
assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X
estimand pb = P(Y(0)=0 | Y(1)=1)
"""


TOTAL = """model total
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
define total = P(Y=1 | A=1) - P(Y=1 | A=0)
estimand through = E[Y(1, M(1)) - Y(1, M(0))] / total
estimand treated = E[Y(1, M(0))] / P(M=1 | A=1)
"""


def test_what_is_zero_is_named(run: Run) -> None:
    half = {f"P(Y={y},M=0|A={a})": "1/2" for a in "01" for y in "01"}
    model, data = files(TOTAL, half)
    out = run("evaluate", model, data).out
    assert "  through   none   none  undefined   undefined\n" in out
    assert "\n  through is undefined: total is 0 at these data.\n  treated is undefined: p01·1 + p11·1 is 0" in out
    rows = list(csv.DictReader(io.StringIO(run("evaluate", model, data, "--format", "csv").out)))
    assert [(row["lower"], row["lower_term"]) for row in rows] == [("", "undefined")] * 2
    assert "through$ & none & none & undefined & undefined" in run(
        "evaluate", model, data, "--format", "latex"
    ).out.replace(r"\mathrm{through}", "through")


def test_data_that_no_population_has(run: Run) -> None:
    """The closed form would give numbers: Y is less often one where X is one, against both assumptions together."""
    cells = {"P(X=0,Y=0)": "5/13", "P(X=0,Y=1)": "5/13", "P(X=1,Y=0)": "2/13", "P(X=1,Y=1)": "1/13"}
    found = run("evaluate", *files(MONOTONE, cells))
    assert "pb is undefined: no population fits these data." in found.out
    assert "p00 p11 ≥ p01 p10  fails by 0.0296" in found.out
    (each,) = evaluate(derive(Model.parse(MONOTONE), partial=True), cells)
    assert (each.lower, each.upper) == (None, None)
    assert each.violations
    assert [violation.amount for violation in each.violations] == [Fraction(5, 169)]
    (unknown,) = evaluate(derive(Model.parse(MONOTONE), partial=True, conditions=False), cells)
    assert (unknown.lower, unknown.upper, unknown.violations) == (None, None, None)
    (inside,) = evaluate(derive(Model.parse(MONOTONE), partial=True), CELLS)
    assert inside.lower is not None
