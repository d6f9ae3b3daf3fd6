"""Python as people try it first: models by name, tables as they are, options by keyword; errors in Python's terms."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boundgen import (
    BoundgenError,
    Model,
    ask,
    catalogue,
    certify,
    compare,
    derive,
    estimate,
    evaluate,
    mediate,
    read_data,
    verify,
)
from boundgen.errors import DataError, FileError, ModelError, ModelSyntaxError, did_you_mean, in_python
from support.command import Run

pandas = pytest.importorskip("pandas")
COUNTS = {
    (0, 0, 0): 90,
    (0, 0, 1): 110,
    (0, 1, 0): 60,
    (0, 1, 1): 135,
    (1, 0, 0): 80,
    (1, 0, 1): 96,
    (1, 1, 0): 106,
    (1, 1, 1): 143,
}


@pytest.fixture
def rows() -> Any:
    return pandas.DataFrame([{"A": a, "M": m, "Y": y} for (a, m, y), n in COUNTS.items() for _ in range(n)])


@pytest.fixture
def mmr() -> Model:
    return catalogue.load("mediation_mmr")


def test_a_model_its_name_its_file_and_its_bounds_are_asked_alike(rows: Any, mmr: Model, tmp_path: Path) -> None:
    file = tmp_path / "own.bounds"
    file.write_text(catalogue.text("mediation_mmr"), encoding="utf-8")
    expected = [(each.lower, each.upper) for each in evaluate(derive(mmr), read_data(mmr, rows))]
    for asked in (mmr, "mediation_mmr", file, str(file), catalogue.text("mediation_mmr"), derive(mmr)):
        assert [(each.lower, each.upper) for each in evaluate(asked, rows)] == expected
    bounds = mmr.bound("delta0")
    assert [(each.lower, each.upper) for each in evaluate(bounds, rows)] == expected[:1]
    assert bounds.evaluate(rows) == bounds.evaluate(read_data(mmr, rows)) == expected[0]
    assert bounds.plot(rows) is not None
    assert evaluate(mmr, rows).plot() is not None
    found = [each.found for each in estimate("mediation_mmr", rows, draws=1000).estimates]
    assert found == [each.found for each in estimate(derive(mmr), read_data(mmr, rows), draws=1000).estimates]
    for verb in (ask, certify, verify):
        assert verb("mediation_mmr") is not None
    assert compare("mediation_mmr", mmr) is not None
    assert derive("mediation_mmr").bounds == derive(mmr).bounds


def test_tables_in_other_forms(rows: Any, mmr: Model) -> None:
    expected = evaluate(mmr, rows)
    columns = {name: list(rows[name]) for name in rows}
    assert evaluate(mmr, columns) == expected
    assert evaluate(mmr, {name: rows[name].to_numpy() for name in rows}) == expected
    with pytest.raises(DataError, match="the columns make no table"):
        evaluate(mmr, {"A": [0, 1], "M": [0], "Y": [1]})


def test_columns_and_parameters_by_keyword(rows: Any) -> None:
    renamed = rows.rename(columns={"A": "treat", "Y": "vote"})
    expected = evaluate("mediation_limited_defiers", rows, {"gamma": "1/10"})
    for options in (
        {"A": "treat", "Y": "vote", "gamma": 0.1},
        {"columns": {"A": "treat"}, "Y": "vote", "gamma": Fraction(1, 10)},
        {"columns": "A=treat", "Y": "vote", "gamma": "0.1"},
        {"columns": ("A=treat", "Y=vote"), "gamma": 0.1},
    ):
        assert evaluate("mediation_limited_defiers", renamed, **options) == expected
    assert evaluate("mediation_limited_defiers", rows, {"gamma": [0, 0.1]})[1] == expected[0]
    few = estimate("mediation_mmr", rows.assign(w=0.5, x=1), where="x=1", weights="w", draws=500)
    assert few.n == 820


def test_keywords_are_understood_wherever_data_are_given(rows: Any, mmr: Model) -> None:
    """`read_data`, bounds, pictures and companion methods take what `evaluate` takes."""
    columns = {"A": "treat", "M": "anger, 'felt'", "Y": "vote"}
    renamed = rows.rename(columns=columns)
    assert read_data(mmr, renamed, **columns) == read_data(mmr, renamed, columns=columns) == read_data(mmr, rows)
    bounds, limited = mmr.bound("delta0"), catalogue.load("mediation_limited_defiers").bound("delta0")
    assert bounds.evaluate(renamed, **columns) == bounds.evaluate(rows)
    assert bounds.violations(renamed, **columns) == bounds.violations(rows)
    assert limited.evaluate(renamed, gamma=0.1, **columns) == limited.evaluate(rows, {"gamma": 0.1})
    ratio = catalogue.load("late_nomono").bound("late")
    assert ratio.evaluate(renamed, Z="treat", X=columns["M"], Y="vote") == ratio.evaluate(
        rows.rename(columns={"A": "Z", "M": "X"})
    )
    for shown in (bounds, derive(mmr)):
        assert shown.plot(renamed, **columns) is not None
    assert limited.plot_sensitivity(renamed, "gamma", **columns) is not None
    assert mediate("ignorability", renamed, **columns).rows() == mediate("ignorability", rows).rows()
    for wrong in (
        lambda: read_data(mmr, rows, B="treat"),
        lambda: bounds.evaluate(rows, B="treat"),
        lambda: mediate("ignorability", rows, B="treat"),
    ):
        with pytest.raises(DataError, match="there is no option 'B'"):
            wrong()
    with pytest.raises(DataError, match="there is no method"):
        mediate(rows, "ignorability")


def test_one_estimand_is_named_as_several_are(rows: Any, mmr: Model) -> None:
    for asked in ("delta1", ["delta1"]):
        assert [each.estimand for each in evaluate(mmr, rows, estimands=asked)] == ["delta1"]
        assert [each.name for each in derive(mmr, asked).bounds] == ["delta1"]
        assert [each.estimand for each in compare("mediation_randomization", mmr, asked).estimands] == ["delta1"]
        assert ask(mmr, asked).text() == ask(mmr, ["delta1"]).text()
        assert certify(mmr, asked) == certify(mmr, ["delta1"])
    with pytest.raises(DataError, match="Bounds has its estimands already"):
        evaluate(mmr.bound("delta1"), rows, estimands="delta1")


def test_tables_of_pandas(rows: Any, mmr: Model) -> None:
    expected = evaluate(mmr, rows).to_frame()
    names = ["A", "M", "Y"]
    for table in (
        rows.groupby(names).size(),
        rows.groupby(names, as_index=False).size(),
        rows.value_counts(),
        rows.to_dict("records"),
    ):
        assert evaluate(mmr, table).to_frame().equals(expected)


@pytest.mark.parametrize("grid", ["0:0.2:0.1", "0,0.1,1/5", [0, 0.1, 0.2], np.array([0, 0.1, 0.2]), range(1)])
def test_several_values_of_a_parameter(grid: Any, rows: Any) -> None:
    found = evaluate("mediation_limited_defiers", rows, gamma=grid, estimands="delta0")
    assert [dict(each.parameters)["gamma"] for each in found] == [0, Fraction(1, 10), Fraction(1, 5)][: len(found)]
    assert len(found) in (1, 3)


@pytest.mark.parametrize("number", [0.25, np.float64(0.25), np.float32(0.25), "1/4", Fraction(1, 4)])
def test_floats_are_what_they_print_as(number: Any, mmr: Model) -> None:
    cells = {cell.name: number for arm in mmr.bound("delta0").arms for cell in arm.cells}
    assert mmr.bound("delta0").evaluate(cells) == (0, 0)
    assert evaluate(mmr, cells)[0].lower == 0


def test_a_tenth_is_a_tenth(mmr: Model) -> None:
    shares = [0.1, 0.2, 0.3, 0.4]
    assert sum(shares) != 1 or sum(map(Fraction, shares)) != 1
    cells = {
        cell.name: share for arm in mmr.bound("delta0").arms for cell, share in zip(arm.cells, shares, strict=True)
    }
    assert evaluate(mmr, cells)[0].lower == 0
    assert mmr.bound("delta0").evaluate({name: np.float32(value) for name, value in cells.items()})[0] == 0


WRONG: list[tuple[Any, Any, dict[str, Any], str]] = [
    (5, "jobs", {}, "int is neither a model nor bounds\n  Give a Model"),
    ("mediation_mr", "jobs", {}, "mediation_mr: there is no such file\n  Did you mean 'mediation_mmr'?"),
    ([], "jobs", {}, "list is neither a model nor bounds"),
    ("mediation_mmr", None, {}, "no data were given"),
    ("mediation_mmr", 5, {}, "int is no data"),
    ("mediation_mmr", np.zeros((2, 3)), {}, "ndarray is no data\n  Give a data frame, columns by name, a file"),
    ("mediation_mmr", "jobs", {"map": {"A": "treat"}}, "there is no option 'map'\n  Did you mean 'columns'?"),
    ("mediation_mmr", "jobs", {"at": "g=1"}, "there is no option 'at'\n  Did you mean 'parameters'?"),
    ("mediation_mmr", "jobs", {"estimand": "delta1"}, "there is no option 'estimand'\n  Did you mean 'estimands'?"),
    ("mediation_mmr", "jobs", {"estimands": "delta2"}, "has no estimand 'delta2'\n  Did you mean"),
    ("mediation_mmr", "jobs", {"where": len}, "an option is of type builtin_function_or_method, not a text"),
    ("mediation_mmr", "jobs", {"where": [True, False]}, "an option is of type bool, not a text"),
    ("mediation_mmr", "jobs", {"within": 5}, "an option is of type int, not a text"),
    ("mediation_mmr", "jobs", {"weights": [1, 2]}, "weights is of type list, not the name of a column"),
    ("mediation_mmr", "jobs", {"A": ["treat"]}, "A is of type list, not the name of a column"),
    ("mediation_limited_defiers", "jobs", {"gamma": float("nan")}, "gamma = nan is not a number"),
    ("mediation_limited_defiers", "jobs", {"gamma": None}, "gamma = 'None' is not a number"),
    ("mediation_mmr", "jbos", {}, "jbos: there is no such file"),
    ("mediation_mmr", "jobs", {"weigths": "w"}, "there is no option 'weigths'\n  Did you mean 'weights'?"),
    ("mediation_mmr", "jobs", {"parameters": 3}, "parameters are of type int\n  Write {'gamma': 0.1}"),
    ("mediation_mmr", "jobs", {"parameters": {"gama": 1}}, "the model has no parameter 'gama'"),
    ("mediation_mmr", "jobs", {"columns": 3}, "an option is of type int, not a text"),
]


def test_options_may_be_mappings() -> None:
    frame = pandas.DataFrame({"A": ["no", "yes"] * 40, "M": [1, 5, 7, 2, 9] * 16, "Y": [0, 1, 1, 0] * 20})
    frame["site"] = [1, 1, 2, 2] * 20
    cut, chosen = {"A": "yes", "M": ">4"}, {"site": 1}
    found = evaluate("mediation_mmr", frame, dichotomize=cut, where=chosen)
    same = evaluate("mediation_mmr", frame, dichotomize="A=yes,M>4", where="site=1")
    assert found.json() == same.json()


@pytest.mark.parametrize(("asked", "data", "options", "message"), WRONG)
@pytest.mark.parametrize("verb", [evaluate, estimate])
def test_what_cannot_work(verb: Any, asked: Any, data: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BoundgenError) as caught:
        verb(asked, data, **options)
    assert message in str(caught.value)
    assert "--" not in str(caught.value)


def test_options_that_come_too_late(rows: Any, mmr: Model) -> None:
    with pytest.raises(DataError, match="the data are read already, so that where cannot be taken into account"):
        evaluate(mmr, read_data(mmr, rows), where="x=1")


def test_a_name_that_is_an_option_and_of_the_model() -> None:
    model = Model.parse(
        "model m\nvariable where in {0, 1} randomized\nvariable Y(where) in {0, 1}\nobserve P(Y | where)\n"
        "estimand ate = E[Y(1) - Y(0)]\n"
    )
    with pytest.raises(DataError, match="'where' is both an option and a name of the model"):
        evaluate(model, {"where": [0, 1], "Y": [0, 1]}, where="where")


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: catalogue.load("mediation_mr"), "Did you mean 'mediation_mmr'? boundgen.catalogue.names()"),
        (lambda: catalogue.load("mediation_mmr").bound("delta_0"), "Did you mean 'delta0'? estimands: delta0"),
        (lambda: Model.parse("model m\nvariabel X in {0, 1}\n"), "Did you mean 'variable'? statements: "),
        (
            lambda: Model.parse("model m\nvariable Mediator in {0, 1}\nassume Meditor = 1\n"),
            "Did you mean 'Mediator'? declared: Mediator",
        ),
        (lambda: read_data("mediation_mmr", "jobs", columns="AA=treat"), "observed: "),
        (lambda: estimate("mediation_mmr", "jobs", method="stoy"), "Did you mean 'stoye'? methods: "),
        (lambda: evaluate("mediation_limited_defiers", "jobs", {"gama": 1}), "Did you mean 'gamma'? parameters: gamma"),
    ],
)
def test_did_you_mean(action: Any, message: str) -> None:
    with pytest.raises((ModelError, ModelSyntaxError, DataError, FileError)) as caught:
        action()
    assert message in str(caught.value)


def test_what_is_far_is_not_meant() -> None:
    assert did_you_mean("income", ["Y", "M", "treatment"]) == ""


def test_each_side_is_told_its_own_options(run: Run, rows: Any) -> None:
    text = rows.assign(A=rows.A.map({0: "control", 1: "treated"}))
    text.to_csv("d.csv", index=False)
    with pytest.raises(DataError) as caught:
        read_data("mediation_mmr", text)
    assert "Leave rows out, where='A!=VALUE', dichotomize='A=treated', or declare" in str(caught.value)
    said = run("evaluate", "mediation_mmr", "d.csv").err
    assert "Leave rows out, --where 'A!=VALUE', --dichotomize 'A=treated', or declare" in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name it: --map A=COLUMN.", "Name it: columns='A=COLUMN'."),
        ("--where '1: a=b' --where '2: a=c'", "where=['1: a=b', '2: a=c']"),
        (
            "--kind microdata, --counts COLUMN or --probabilities COLUMN.",
            "kind='microdata', counts='COLUMN' or probabilities='COLUMN'.",
        ),
        ("--drop-missing leaves them out.", "drop_missing=True leaves them out."),
        ("Coarsen variables, or lower --max-strata.", "Coarsen variables, or lower Limits(strata=)."),
        (
            "boundgen evaluate gives the exact bounds at these data.",
            "boundgen.evaluate gives the exact bounds at these data.",
        ),
        ("a - b -- and no option", "a - b -- and no option"),
    ],
)
def test_options_as_arguments(text: str, expected: str) -> None:
    assert in_python(text) == expected


def test_tables_in_notebooks(rows: Any, mmr: Model) -> None:
    shown = evaluate(mmr, rows)._repr_html_()
    assert shown
    assert "<td>delta0</td>" in shown
    assert "<details><summary>as text</summary><pre>" in shown
    assert "assume mmr: M(1) &gt;= M(0)" in mmr._repr_html_()
    assert list(evaluate(mmr, rows).to_frame()["estimand"]) == ["delta0", "delta1", "zeta0", "zeta1", "atm", "ate"]
