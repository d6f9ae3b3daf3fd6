"""Bounds at data: the same numbers as `Bounds`, in every form of output, with what fails said aloud."""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from boundgen import Evaluations, Model, catalogue, derive, evaluate, read_data
from boundgen.data.observed import ObservedData
from boundgen.errors import DataError
from support.catalogue import LINEAR, derived, random_counts
from support.command import Run

GRID = ("--at", "gamma=0:0.2:0.1")
# Without defiers data with P(X=1|Z=1) < P(X=1|Z=0) are impossible.
DEFIERS = {"P(X=1,Y=1|Z=0)": 3, "P(X=0,Y=0|Z=0)": 1, "P(X=0,Y=0|Z=1)": 4}
# With a monotonic mediator response the treatment lowers M for nobody.
REVERSED = {"P(Y=0,M=1|A=0)": 4, "P(Y=0,M=0|A=1)": 4}
TWO_PARAMETERS = """model two
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter g in [0, 1]
parameter h in [0, inf)
assume P(M(1)=0, M(0)=1) <= g
assume E[Y(1, 1) - Y(1, 0)] >= -h
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
"""


def of(name: str, source: Any, **parameters: Any) -> Evaluations:
    return evaluate(derived(name), read_data(catalogue.load(name), source), parameters)


SMALL = [
    name
    for name in LINEAR
    if name.startswith(("mediation", "iv_", "causation", "confounded", "horowitz", "sace", "hudgens", "paf", "tp_pn_"))
]


@pytest.mark.parametrize("name", SMALL)
def test_every_model_evaluates_as_its_bounds_do(name: str) -> None:
    model = catalogue.load(name)
    data = read_data(model, random_counts(model, random.Random(name)))
    values = {parameter.name: Fraction(1, 3) for parameter in model.parameters}
    for bounds, found in zip(derived(name).bounds, evaluate(derived(name), data, values), strict=True):
        cells = data.probabilities
        assert (found.active_lower, found.active_upper) == bounds.active(cells, values)
        assert [(v.condition, -v.amount) for v in found.violations or ()] == list(bounds.violations(cells, values))
        at = {**cells, **values}
        over = bounds.denominator.value(at) if bounds.denominator else Fraction(1)
        if over <= 0:
            assert (found.lower, found.upper) == (None, None)
        else:
            assert (found.lower, found.upper) == bounds.evaluate(cells, values)
            assert {bounds.lower.terms[i].value(at) / over for i in found.active_lower} == {found.lower}
            assert {bounds.upper.terms[i].value(at) / over for i in found.active_upper} == {found.upper}


def test_what_may_be_evaluated() -> None:
    data = read_data(catalogue.load("mediation_mmr"), "jobs")
    whole = derived("mediation_mmr")
    assert evaluate(whole, data) == evaluate(whole.bounds, data) == evaluate(whole, data.probabilities)
    assert evaluate(whole.bounds[1], data) == evaluate(whole, data)[1:2]


def test_evaluations_are_a_sequence() -> None:
    found = of("mediation_mmr", "jobs")
    one, *_, last = found
    assert (len(found), found[0], found[-1], found[:1][0], one in found) == (6, one, last, one, True)
    assert found[:1].json()["evaluations"] == found.json()["evaluations"][:1]
    assert repr(found[:2]) == "<Evaluations of delta0, delta1: 2>"


def test_forms_without_a_derivation() -> None:
    """Bounds alone know neither the title of their model nor where cells come from."""
    whole, data = derived("mediation_mmr"), read_data(catalogue.load("mediation_mmr"), "jobs")
    alone = evaluate(whole.bounds, data.probabilities)
    assert alone.json() == evaluate(whole, data).json()
    assert alone.csv() == evaluate(whole, data).csv()
    assert alone.text().splitlines()[0].split() == ["lower", "upper", "lower", "term", "upper", "term"]
    assert "data:" not in alone.latex()


def test_parameters_in_every_combination() -> None:
    model = Model.parse(TWO_PARAMETERS)
    data = read_data(model, "jobs")
    found = evaluate(derive(model), data, {"h": ["0.1", Fraction(1, 2)], "g": [0, "0.05", "1/10"]})
    chosen = [(Fraction(g), Fraction(h)) for g, h in itertools.product(("0", "0.05", "0.1"), ("0.1", "0.5"))]
    assert [each.parameters for each in found] == [(("g", g), ("h", h)) for g, h in chosen]
    widths = [each.upper - each.lower for each in found if each.lower is not None and each.upper is not None]
    assert widths[0] < widths[-1]


@pytest.mark.parametrize("value", [float("nan"), True, None, "x", "1/0", "-0.1", "1.1"])
def test_parameters_that_are_refused(value: Any) -> None:
    with pytest.raises(DataError, match=r"gamma (= |is a float)"):
        of("mediation_limited_defiers", "jobs", gamma=value)
    with pytest.raises(DataError, match=r"gamma (= |is a float)"):
        of("mediation_limited_defiers", "jobs", gamma=["0.1", value])


def test_data_against_the_assumptions() -> None:
    """What fails is said; the lower bound may be above the upper one."""
    crossed = of("mediation_mmr", REVERSED)[1]
    assert (crossed.lower, crossed.upper, crossed.crossed) == (1, -1, True)
    ate, late = of("iv_ate_monotone", DEFIERS)
    assert {str(v.condition): v.amount for v in ate.violations or ()} == {
        "P(X=0,Y=0|Z=0) - P(X=0,Y=0|Z=1)": Fraction(3, 4),
        "-P(X=1,Y=1|Z=0) + P(X=1,Y=1|Z=1)": Fraction(3, 4),
    }
    # The share of compliers would be negative: there is no effect among them.
    assert (late.lower, late.upper, late.crossed) == (None, None, False)


def test_conditions_that_were_not_derived_are_not_met() -> None:
    model = catalogue.load("iv_ate_monotone")
    found = evaluate(derive(model, ["ate"], conditions=False), read_data(model, DEFIERS))
    assert found[0].violations is None


# ---------------------------------------------------------------- the command
def counts_file(counts: dict[str, int]) -> str:
    with open("d.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("cell", "count"), *counts.items()])
    return "d.csv"


def test_what_was_read_stands_in_json_on_request(run: Run) -> None:
    asked = ("evaluate", "mediation_mmr", "jobs", "--estimand", "delta1", "--format", "json")
    found = json.loads(run(*asked, "--show-data").out)
    assert found.pop("data") == read_data(catalogue.load("mediation_mmr"), ["jobs"]).json()
    assert found == json.loads(run(*asked).out)
    other = run("evaluate", "mediation_mmr", "jobs", "--show-data")
    assert (other.status, other.out) == (2, "")
    assert "--show-data goes with --format json" in other.err


def test_json_is_as_documented(run: Run) -> None:
    found = json.loads(run("evaluate", "mediation_mmr", "jobs", "--estimand", "delta1", "--format", "json").out)
    assert found == {
        "schema": "boundgen.evaluation/1",
        "evaluations": [
            {
                "estimand": "delta1",
                "parameters": {},
                "lower": pytest.approx(-0.0781159420),
                "upper": pytest.approx(0.0781159420),
                "method": "closed form",
                "active": {"lower": 0, "upper": 0},
                "violations": [],
            }
        ],
    }


def test_json_of_violations_and_parameters(run: Run) -> None:
    found = json.loads(run("evaluate", "iv_ate_monotone", counts_file(DEFIERS), "--format", "json").out)
    ate, late = found["evaluations"]
    assert ate["violations"][0] == {
        "condition": {"constant": "0", "coefficients": {"P(X=0,Y=0|Z=0)": "1", "P(X=0,Y=0|Z=1)": "-1"}},
        "amount": 0.75,
    }
    assert (late["lower"], late["upper"]) == (None, None)
    grid = json.loads(run("evaluate", "mediation_limited_defiers", "jobs", *GRID, "--format", "json").out)
    assert [each["parameters"] for each in grid["evaluations"][:4]] == [{"gamma": g} for g in (0, 0.1, 0.2, 0)]


def test_csv(run: Run) -> None:
    out = run("evaluate", "mediation_limited_defiers", "jobs", *GRID, "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(out)))
    expected = of("mediation_limited_defiers", "jobs", gamma=["0", "0.1", "0.2"])
    assert [(r["estimand"], r["gamma"], r["lower"], r["upper"], r["violations"]) for r in rows] == [
        (e.estimand, repr(float(e.parameters[0][1])), repr(float(e.lower or 0)), repr(float(e.upper or 0)), "0")
        for e in expected
    ]
    assert rows[4]["upper_term"] == "ATM + 2gamma"


def test_latex_has_a_row_for_each_evaluation(run: Run) -> None:
    out = run("evaluate", "mediation_limited_defiers", "jobs", *GRID, "--format", "latex").out
    lines = out.splitlines()
    assert sum(line.endswith(r"\\") for line in lines) == 1 + 18
    assert len({line.count("&") for line in lines if line.endswith(r"\\")}) == 1
    assert (
        r"$\delta(1)$ & $0.1$ & $-0.2781$ & $0.2781$ & $-\mathrm{ATM} - 2 \gamma$ & $\mathrm{ATM} + 2 \gamma$ \\"
        in lines
    )
    assert out.count("{tabular}") == 2
    assert "% data: jobs (cell counts), 899 units" in lines


def test_text_says_what_fails(run: Run) -> None:
    out = run("evaluate", "iv_ate_monotone", counts_file(DEFIERS), "--ascii").out
    assert "Testable implications fail at these data:" in out
    assert "p00.0 >= p00.1  fails by 0.7500" in out
    assert "late is undefined: p10.1 + p11.1 - p10.0 - p11.0 is negative at these data." in out
    assert "Plug-in values, without sampling error." in out
    assert out.isascii()
    crossed = run("evaluate", "mediation_mmr", counts_file(REVERSED), "--estimand", "delta1").out
    assert "ATM ≥ 0  fails by 1.0000" in crossed
    assert "Where the lower bound is above the upper, no population meets the assumptions" in crossed
    counts_file(DEFIERS)
    assert "left out" in run("evaluate", "iv_ate", "d.csv", "--no-conditions").out


def test_rows_in_which_a_condition_fails_are_marked(run: Run) -> None:
    """Reversed data need as many defiers as there are units."""
    out = run("evaluate", "mediation_limited_defiers", counts_file(REVERSED), "--at", "gamma=0,1", "--ascii").out
    rows = [line.split() for line in out.splitlines() if line.startswith("  delta1 ")]
    assert [row[1] for row in rows if "at" not in row] == ["*", "1"]
    assert "Testable implications fail at these data, in the rows with *:" in out
    assert "ATM + gamma >= 0  fails by 1.0000" in out


def test_long_terms_stand_below_the_table(run: Run) -> None:
    out = run("evaluate", "mediation_encouragement", "boundsdata_encouragement", "--ascii").out
    assert "delta1 <= p_00.1,-1 + p_11.1,-1 + p10.10 - p00.10" in out
    assert max(map(len, out.splitlines())) <= 130
    grid = run("evaluate", "mediation_limited_defiers", "boundsdata", "--at", "gamma=0.3", "--estimand", "delta1")
    assert "δ(1)" in grid.out


def test_output_is_written_whole_or_not_at_all(run: Run) -> None:
    words = ("evaluate", "mediation_mmr", "jobs", "--format", "csv")
    expected = run(*words).out
    assert run(*words, "-o", "out.csv").out == "out.csv: 6 evaluations of mediation_mmr\n"
    assert Path("out.csv").read_text(encoding="utf-8") == expected
    assert run(*words, "--where", "A=0", "-o", "out.csv").status == 2
    assert Path("out.csv").read_text(encoding="utf-8") == expected
    assert not list(Path().glob("*.part"))


def test_a_file_goes_before_shipped_data_of_its_name(run: Run) -> None:
    Path("jobs").mkdir()
    assert run("evaluate", "mediation_mmr", "jobs").err.startswith("jobs: this is a folder")


def test_options_reach_the_data(run: Run) -> None:
    rows = [(a, m, y, w) for a in (0, 1) for m in (1, 5, 9) for y in ("no", "yes") for w in (1, 2)]
    with open("s.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("treat", "anger", "vote", "w"), *rows, (0, "", "no", 1)])
    words = ("--map", "A=treat,M=anger", "--map", "Y=vote", "--dichotomize", "M=median", "--dichotomize", "Y=yes")
    more = ("--weights", "w", "--drop-missing", "--where", "w>=1", "--where", "vote!=maybe")
    out = run("evaluate", "mediation_mmr", "s.csv", *words, *more).out
    assert "data: s.csv (weighted micro-data), 24 of 25 units\n    1 dropped: they miss anger (M) 1\n" in out
    assert "M is 1 where anger > 5, its median: 8 of 24 units" in out
    assert "Y is 1 where vote = yes: 12 of 24 units" in out


def test_catalogue_lists_and_prints_data(run: Run) -> None:
    listed = run("catalogue", "--data").out.splitlines()
    assert [line.split()[0] for line in listed] == list(catalogue.data_names())
    assert run("catalogue", "--data", "jobs").out == catalogue.data("jobs")
    refused = run("catalogue", "--data", "nothing")
    assert (refused.status, refused.err.splitlines()[0]) == (2, "no data 'nothing' in the catalogue")


def test_data_of_another_model_are_refused() -> None:
    with pytest.raises(DataError, match="no column 'X'"):
        read_data(catalogue.load("iv_ate"), "jobs")
    data = read_data(catalogue.load("mediation_mmr"), "jobs")
    assert isinstance(data, ObservedData)
    with pytest.raises(DataError, match="unknown cell"):
        evaluate(derived("iv_ate"), data)


def test_shipped_data_are_counts_whatever_else_they_hold(run: Run) -> None:
    """A column of covariates beside the counts is nothing to ask about: the data are our own."""
    whole, with_sex = (run("evaluate", "mediation_mmr", name, "--format", "csv") for name in ("jobs", "jobs_sex"))
    assert (with_sex.status, with_sex.err) == (0, "")
    assert with_sex.out == whole.out


def test_bounds_take_observed_data_as_they_take_their_probabilities() -> None:
    bounds = derived("mediation_mmr").bounds[1]
    data = read_data(catalogue.load("mediation_mmr"), "jobs")
    assert bounds.evaluate(data) == bounds.evaluate(data.probabilities)
    assert bounds.violations(data) == bounds.violations(data.probabilities)


SEVERITY = """model severity "Two groups, of which data have only the mixture"
variable D in {0, 1}
variable T in {0, 1}
variable Y(D) in {0, 1}
observe P(Y, D)
observe P(T, D)
assume recorded: T=1 -> D=1
assume alike: E[Y(d) | D=1, T=0] = E[Y(d) | D=0] for all d in D
assume severity: E[Y(1) | D=1, T=0] >= E[Y(1) | D=1, T=1]
estimand ate = E[Y(1) - Y(0)]
"""


def test_a_right_side_that_is_not_linear_is_known_as_a_cell_is() -> None:
    """E[Y | D=0], which equals an unknown mean, does not stand in the way of what else is identified."""
    derivation = derive(Model.parse(SEVERITY), partial=True)
    third, sixth = Fraction(1, 3), Fraction(1, 6)
    cells = {"P(Y=0,D=0)": third, "P(Y=0,D=1)": sixth, "P(Y=1,D=0)": sixth, "P(Y=1,D=1)": third}
    cells |= {"P(T=0,D=0)": Fraction(1, 2), "P(T=0,D=1)": third, "P(T=1,D=0)": Fraction(0), "P(T=1,D=1)": sixth}
    (found,) = evaluate(derivation, cells)
    # Where T=0, E[Y(1)] is at least 2/3, that of all with D=1, and E[Y(0)] is 1/3; where T=1, Y(0) is free.
    assert (found.method, found.lower, found.upper) == ("linear program", Fraction(2, 9), Fraction(5, 9))


DEFINED = """model defined "A definition beside conditional means that are compared"
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(Y, X)
define treated = P(X=1)
assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X
estimand ate = E[Y(1) - Y(0)]
"""


def test_a_definition_may_stand_beside_conditional_means_that_are_compared() -> None:
    cells = {"P(Y=0,X=0)": "0.3", "P(Y=0,X=1)": "0.2", "P(Y=1,X=0)": "0.1", "P(Y=1,X=1)": "0.4"}
    (found,) = evaluate(derive(Model.parse(DEFINED)), cells)
    (plain,) = evaluate(derived("mts_ate"), cells)[2:]
    assert (found.lower, found.upper) == (plain.lower, plain.upper) == (Fraction(-3, 10), Fraction(5, 12))
