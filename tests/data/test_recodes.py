"""NewValues that are made of those of a column: cuts, quantiles, labels, and whether a value is there."""

from __future__ import annotations

import itertools
import statistics
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundgen import Model, mediate, read_data
from boundgen.companions.mediate import Settings
from boundgen.data.median import quantile
from boundgen.data.recodes import CutAt, CutPoint, recodes
from boundgen.data.table_columns import read_columns
from boundgen.errors import BoundgenError
from support.command import Run

LEVELS = Model.parse(
    "model levels\nvariable A in {0, 1} randomized\nvariable Y(A) in {0, 1, 2}\nobserve P(Y | A)\n"
    "estimand e = E[Y(1) - Y(0)]\n"
)
TWO = Model.parse(
    "model two\nvariable A in {0, 1} randomized\nvariable Y(A) in {0, 1}\nobserve P(Y | A)\n"
    "estimand e = E[Y(1) - Y(0)]\n"
)
MISSING = Model.parse(
    "model missing\nvariable X in {0, 1} randomized\nvariable R(X) in {0, 1}\nvariable Y(X) in {0, 1}\n"
    "observe P(Y, R=1 | X)\nassume R(1) >= R(0)\nestimand ate = E[Y(1) - Y(0)]\n"
)
NO_FIXTURE = [HealthCheck.function_scoped_fixture]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str) -> str:
    Path("d.csv").write_text(text)
    return "d.csv"


def counts(model: Model, text: str, **options: Any) -> list[int]:
    return [int(count) for count in read_data(model, write(text), **options).counts.values()]


def refusal(model: Model, text: str, **options: Any) -> str:
    with pytest.raises(BoundgenError) as caught:
        read_data(model, write(text), **options)
    assert "\n\n" not in str(caught.value)
    return str(caught.value)


SCORES = "arm,score\n" + "".join(f"{('control', 'treated')[i % 2]},{i % 7}\n" for i in range(42))
ARMS = {"columns": "A=arm,Y=score"}


# ---------------------------------------------------------------- cuts
def test_cuts_at_and_above_numbers() -> None:
    both = "A=values(control=0, treated=1)"
    assert counts(LEVELS, SCORES, **ARMS, recode=f"{both}, Y=cut(1,3)") == [6, 6, 9, 6, 6, 9]
    assert counts(LEVELS, SCORES, **ARMS, recode=[both, "Y=cut(>=1, >3)"]) == [3, 9, 9, 3, 9, 9]
    in_python = {"A": {"control": 0, "treated": 1}, "Y": "cut(1,3)"}
    assert counts(LEVELS, SCORES, **ARMS, recode=in_python) == [6, 6, 9, 6, 6, 9]


@settings(max_examples=60, suppress_health_check=NO_FIXTURE)
@given(st.lists(st.integers(-4, 4), min_size=2, max_size=30), st.integers(-4, 4), st.booleans())
def test_a_cut_in_two_is_a_dichotomy(scores: list[int], limit: int, at: bool) -> None:
    text = "A,Y\n" + "".join(f"{i % 2},{score}\n" for i, score in enumerate(scores))
    sign = ">=" if at else ">"
    assert counts(TWO, text, recode=f"Y=cut({sign}{limit})") == counts(TWO, text, dichotomize=f"Y{sign}{limit}")
    assert counts(TWO, text, recode="Y=quantiles(2)") == counts(TWO, text, dichotomize="Y=median")


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=40), st.integers(2, 6))
def test_quantiles_are_those_of_the_sorted_numbers(numbers: list[int], levels: int) -> None:
    for place in range(1, levels):
        ordered, at = sorted(numbers), Fraction(place * len(numbers), levels)
        beside = [ordered[int(at) - 1], ordered[int(at)]] if at.denominator == 1 else [ordered[int(at)]]
        found = quantile(lambda: ((float(n), 1) for n in numbers), Fraction(place, levels), most=5)
        assert found == statistics.mean(beside)


def test_quantiles_have_as_many_units() -> None:
    text = "A,Y\n" + "".join(f"{i % 2},{i // 2}\n" for i in range(60))
    assert counts(LEVELS, text, recode="Y=quantiles(3)") == [10] * 6
    table = "A,Y,n\n" + "".join(f"{a},{y},1\n" for a, y in itertools.product((0, 1), range(30)))
    assert counts(LEVELS, table, recode="Y=quantiles(3)") == [10] * 6
    same = "A,Y\n" + "".join(f"{i % 2},{i % 20 == 0:d}\n" for i in range(60))
    assert "the limits of 3 levels of 'Y' fall together: 0, 0" in refusal(LEVELS, same, recode="Y=quantiles(3)")


def test_names_of_levels() -> None:
    assert CutAt((CutPoint(">", 1), CutPoint(">=", 2.5))).names == ("(-inf, 1]", "(1, 2.5)", "[2.5, inf)")


# ---------------------------------------------------------------- labels
def test_labels_that_are_no_names() -> None:
    text = 'A,Y\n0,"1st class"\n0,"2nd, or lower"\n1,"1st class"\n1,it\'s none\n'
    rule = "Y=values('1st class'=2, \"2nd, or lower\"=1, else=0)"
    assert counts(LEVELS, text, recode=rule) == [0, 1, 1, 1, 0, 1]
    assert counts(LEVELS, text, recode="Y=values('1st class'|'2nd, or lower'=1, \"it's none\"=0)") == [0, 2, 0, 1, 1, 0]


def test_numbers_however_they_are_written_and_codes_for_no_value() -> None:
    text = "A,Y\n0,1.0\n0,2\n1,1\n1,-99\n1,2\n"
    options = {"recode": "Y=values(1=0, 2=1, -99=NA)", "drop_missing": True}
    assert counts(TWO, text, **options) == [1, 1, 1, 1]
    assert "1 of 5 rows miss a value" in refusal(TWO, text, recode=options["recode"])
    # What is missing may be given a value, where somebody says so.
    assert counts(TWO, text.replace("-99", "NA"), recode="Y=values(1=0, 2=1, NA=0)") == [1, 1, 2, 1]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("Y=values(Yes=1, else=0)", "nowhere holds 'Yes', which recode='Y' names"),
        ("Y=values(yes=2, no=0)", "'2' is no value of 'Y', which is in {0, 1}"),
        ("Y=values(yes=1)", "holds values that are not in {0, 1}: 'no' 2 times"),
        ("Y=values(yes=1, yes=0)", "says twice what 'yes' becomes"),
        ("Y=values(else=0)", "names no value"),
        ("Y=values(yes)", "is no OLD=NEW"),
        ("Y=cut(1)", "holds what is not a number"),
        ("Y=cut(1,2)", "'Y' has 2 values, and the cut makes 3"),
        ("Y=cut(2,1)", "do not rise"),
        ("Y=cut(low)", "is no number to cut at"),
        ("Y=cut()", "says no rule"),
        ("Y=cut(1", "a bracket that does not close"),
        ("Y=values('yes=1)", "a quotation mark that does not close"),
        ("Y=quantiles(1)", "does not say how many levels"),
        ("Y=quantiles(2,3)", "does not say how many levels"),
        ("Y=halves", "says no rule"),
        ("Y", "recodes nothing"),
        ("W=cut(1)", "'W' is no variable and no covariate to recode"),
        ("Y=there, Y=cut(1)", "'Y' is recoded twice"),
    ],
)
def test_rules_that_are_refused(rule: str, message: str, run: Run) -> None:
    text = "A,Y\n0,yes\n0,no\n1,yes\n1,no\n"
    assert message in refusal(TWO, text, recode=rule)
    Path("two.bounds").write_text(str(TWO))
    answer = run("evaluate", "two.bounds", write(text), "--recode", rule)
    assert (answer.status, answer.out) == (2, "")


def test_recoded_and_dichotomized() -> None:
    assert "recoded and dichotomized" in refusal(TWO, "A,Y\n0,1\n", recode="Y=cut(1)", dichotomize="Y>1")


@pytest.mark.parametrize("written", [3, None, [3], {"Y": 3}, {"Y": None}, {3: "cut(1)"}])
def test_what_is_no_text_in_python(written: Any) -> None:
    with pytest.raises(BoundgenError):
        read_data(TWO, write("A,Y\n0,1\n1,0\n"), recode=written)


@given(st.text(max_size=20))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    try:
        recodes(text)
    except BoundgenError:
        return


# ---------------------------------------------------------------- whether a value is there
ANYCOND = "X,anycond\n" + "0,\n" * 3 + "0,0\n" * 4 + "0,1\n" * 5 + "1,\n" * 2 + "1,0\n" * 6 + "1,1\n" * 7


def test_one_column_is_the_outcome_and_whether_it_is_there() -> None:
    """Outcomes missing not at random: the same bounds as from a file with a column R."""
    apart = "X,R,Y\n" + "".join(f"{row[0]},{0 if row[2:] == '' else 1},{row[2:]}\n" for row in ANYCOND.split()[1:])
    assert counts(MISSING, ANYCOND, columns="R=anycond,Y=anycond") == counts(MISSING, apart) == [4, 5, 6, 7]
    found = read_data(MISSING, write(ANYCOND), columns="R=anycond,Y=anycond")
    assert found.sources[0].notes == ("R of anycond: whether it is there: 0 for 5, 1 for 22 of 27 units",)
    assert counts(MISSING, ANYCOND, columns="R=anycond,Y=anycond", recode="R=there") == [4, 5, 6, 7]


def test_the_documented_model_runs_on_a_file_as_it_is(run: Run) -> None:
    Path("missing.bounds").write_text(str(MISSING))
    words = ("missing.bounds", write(ANYCOND), "--map", "R=anycond,Y=anycond")
    for verb in ("evaluate", "estimate"):
        answer = run(verb, *words)
        assert (answer.status, answer.err) == (0, "")
        assert "R of anycond: whether it is there" in answer.out


def test_the_outcome_may_be_cut_beside_its_indicator() -> None:
    scores = ANYCOND.replace(",1", ",7").replace("X,anycond", "X,Y")
    assert counts(MISSING, scores, columns="R=Y", recode="Y=cut(3)") == [4, 5, 6, 7]
    assert counts(MISSING, scores, columns="R=Y", dichotomize="Y>3") == [4, 5, 6, 7]


def test_a_column_for_two_variables_is_asked_about() -> None:
    plain = Model.parse(str(MISSING).replace("R = 1", "R").replace("R=1", "R"))
    message = refusal(plain, ANYCOND, columns="R=anycond,Y=anycond")
    assert "cannot be both" in message
    assert "=there" in message
    # The whole of R is observed, and Y is not where R is 0: the statement that says so is named.
    assert "observe P(Y, R=1 | X)" in refusal(plain, ANYCOND, columns="R=anycond,Y=anycond", recode="R=there")


# ---------------------------------------------------------------- covariates and parts
def test_covariates_by_the_same_rules() -> None:
    rows = "".join(f"{i % 2},{i // 2 % 2},{20 + i % 50},{('lo', 'mid', 'hi')[i % 3]}\n" for i in range(300))
    data = write("A,Y,age,educ\n" + rows)
    found = read_data(TWO, data, within="age,educ", recode="age=cut(40, >=60), educ=values(lo|mid=low)")
    assert found.strata
    assert found.strata.names == (
        "age=(-inf, 40], educ=hi", "age=(-inf, 40], educ=low", "age=(40, 60), educ=hi", "age=(40, 60), educ=low",
        "age=[60, inf), educ=hi", "age=[60, inf), educ=low",
    )  # fmt: skip
    quarters = read_data(TWO, data, within="age", recode="age=quantiles(4)")
    assert quarters.strata
    assert len(quarters.strata.units) == 4
    assert "'lo' in column 'educ' is not a number" in refusal(
        TWO, "A,Y,age,educ\n" + rows, within="educ", recode="educ=cut(1)"
    )


def test_too_many_strata_can_be_coarsened_as_the_message_says(run: Run) -> None:
    rows = "".join(f"{i % 2},{i // 2 % 2},{i // 2 % 60}\n" for i in range(2400))
    Path("two.bounds").write_text(str(TWO))
    words = ("estimate", "two.bounds", write("A,Y,age\n" + rows), "--within", "age", "--draws", "500")
    refused = run(*words)
    assert refused.status == 2
    assert "--recode 'COLUMN=quantiles(4)'" in refused.err
    assert run(*words, "--recode", "age=quantiles(4)").status == 0


def test_companions_take_the_same_rules() -> None:
    rows = [(("control", "treated")[i % 2], i * 7 % 10, i * i % 13, ("a", "b", "c")[i % 3]) for i in range(90)]
    write("arm,job,score,sex\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    coded = "".join(f"{int(a == 'treated')},{sum(j > c for c in (2, 5))},{y}\n" for a, j, y, _ in rows)
    Path("coded.csv").write_text("A,M,Y\n" + coded)
    rules = {"columns": "A=arm,M=job,Y=score", "recode": "A=values(control=0, treated=1), M=cut(2,5)"}
    plain = Settings(draws=0)
    found = mediate("ignorability", "d.csv", settings=plain, **rules)
    assert (
        found.estimate("delta0").value == mediate("ignorability", "coded.csv", settings=plain).estimate("delta0").value
    )
    assert "M of job: cut above 2, above 5" in str(found)
    columns = read_columns("d.csv", columns="Y=score,X=sex,X=job", recode="sex=values(b|c=other), job=quantiles(2)")
    assert columns.names["X"] == ("sex=other", "job=(4.5, inf)")
    assert columns.several("X")[0].sum() == 60
    with pytest.raises(BoundgenError, match="nowhere holds 'z'"):
        read_columns("d.csv", columns="X=sex", recode="X=values(z=other)")


# ---------------------------------------------------------------- names of columns
@pytest.mark.parametrize(("treatment", "outcome"), [("P", "E"), ("E", "P"), ("treat, 1", "a=b"), ('"q"', "1: y")])
def test_any_name_may_be_mapped(treatment: str, outcome: str) -> None:
    header = ",".join('"' + name.replace('"', '""') + '"' for name in (treatment, outcome))
    text = header + "\n0,0\n0,1\n0,1\n1,0\n1,1\n"
    assert counts(TWO, text, columns={"A": treatment, "Y": outcome}) == [1, 2, 1, 1]
    quoted = ['"' + name.replace('"', '""') + '"' for name in (treatment, outcome)]
    assert counts(TWO, text, columns=f"A={quoted[0]}, Y={quoted[1]}") == [1, 2, 1, 1]
