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
    ("mediation_mmr", 5, {}, "no data were given"),
    ("mediation_mmr", "jbos", {}, "jbos: there is no such file"),
    ("mediation_mmr", "jobs", {"weigths": "w"}, "there is no option 'weigths'\n  Did you mean 'weights'?"),
    ("mediation_mmr", "jobs", {"parameters": 3}, "parameters are of type int\n  Write {'gamma': 0.1}"),
    ("mediation_mmr", "jobs", {"parameters": {"gama": 1}}, "the model has no parameter 'gama'"),
]


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
        ("Coarsen variables, or lower --max-strata.", "Coarsen variables, or lower Limits(max_strata=)."),
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
    assert list(evaluate(mmr, rows).to_frame()["estimand"]) == ["delta0", "delta1", "zeta0", "zeta1"]
