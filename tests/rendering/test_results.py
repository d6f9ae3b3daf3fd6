"""Results are even: each has every form, and each form is of one shape."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from html import unescape
from typing import Any

import numpy as np
import pytest

from boundgen import (
    Model,
    ask,
    breakdown,
    catalogue,
    certify,
    compare,
    derive,
    estimate,
    evaluate,
    family,
    mediate,
    mediate_all,
    read_data,
    verify,
)
from boundgen.catalogue.listing import data_listing, model_listing, shipped_data
from boundgen.codegen.generated import FileState, Generated
from boundgen.companions.mediate import Settings
from boundgen.companions.mediator_response import mediator_response
from boundgen.errors import LibraryError
from boundgen.inference.side_by_side import side_by_side
from boundgen.inspection.check import check
from boundgen.inspection.names import STAGES
from boundgen.inspection.shipped_model import ShippedModel
from boundgen.rendering.rendered import Rendered
from boundgen.sweep import sweep
from boundgen.verification.check_certificate import check as check_certificate
from boundgen.verification.verifications import Verifications
from boundgen.work.limits import Budget

MMR, LIMITED = catalogue.load("mediation_mmr"), catalogue.load("mediation_limited_defiers")
FEW = Settings(draws=20)
# Without monotonicity the share of compliers is not identified.
ONE_LATE = Model.parse("""model study
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
estimand late = E[Y(1) - Y(0) | X(0)=0, X(1)=1]
estimand ate = E[Y(1) - Y(0)]
claim "anybody" for ate
  lower -1
claim "nobody" for ate
  lower P(Y(1)=1)
""")


UNCONFOUNDED = Model.parse("""model chain
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(M) in {0, 1}
unconfounded
observe P(M, Y | A)
estimand pns = P(Y(A=1)=1, Y(A=0)=0)
""")
CONFOUNDED = Model.parse(str(UNCONFOUNDED).replace("unconfounded\n", ""))


def response() -> Rendered:
    chance = np.random.default_rng(1)
    data = {name: chance.normal(size=400) for name in ("x", "w")}
    data["a"] = (chance.random(400) < 0.5).astype(float)
    return mediator_response({**data, "m": data["a"] + data["x"]}, "a", "m", ["x", "w"], splits=2)


RESULTS: dict[str, Callable[[], Rendered]] = {
    "bounds": lambda: MMR.bound("delta1"),
    "bounds with parameters": lambda: LIMITED.bound("delta1"),
    "bounds with a denominator": lambda: catalogue.load("manski_att").bound("att"),
    "bounds with pieces": lambda: catalogue.load("responders_benefit").bound("benefit"),
    "derivation": lambda: derive(MMR),
    "derivation with pieces": lambda: derive(catalogue.load("risk_ratio")),
    "derivation without conditions": lambda: derive(MMR, conditions=False),
    "data": lambda: read_data(MMR, "boundsdata"),
    "evaluations": lambda: evaluate(derive(MMR), read_data(MMR, "jobs")),
    "evaluations in a grid": lambda: evaluate(derive(LIMITED), read_data(LIMITED, "jobs"), {"gamma": ["0", "0.1"]}),
    "estimation": lambda: estimate(derive(MMR), read_data(MMR, "boundsdata"), draws=200),
    "evaluations by a whole law": lambda: evaluate("sace_mono", "training", law="Y", Z="A"),
    "estimation by a whole law": lambda: estimate("sace_mono", "training", law="Y", Z="A"),
    "side by side": lambda: side_by_side([MMR], "jobs", ["delta1"], draws=200),
    "breakdown values": lambda: breakdown(derive(LIMITED), read_data(LIMITED, "bursztyn"), "gamma", draws=200),
    "family": lambda: family("iv_ate", {"Z": range(2, 4)}, "risk0"),
    "companion": lambda: mediate("ignorability", "boundsdata", settings=FEW),
    "companions": lambda: mediate_all("boundsdata", settings=FEW),
    "verification": lambda: verify(LIMITED),
    "verifications": lambda: Verifications((verify(LIMITED), verify(MMR))),
    "answers": lambda: ask(MMR, ["delta1"]),
    "comparison": lambda: compare(catalogue.load("mediation_randomization"), MMR, ["delta1"]),
    "comparison of causes": lambda: compare(CONFOUNDED, UNCONFOUNDED),
    "sweep": lambda: sweep(MMR, ["delta1"]),
    "sweep at data": lambda: sweep(MMR, ["delta1"], cells=read_data(MMR, "jobs").probabilities),
    "response": response,
    "check": lambda: check(LIMITED, Budget()),
    "check with a denominator": lambda: check(catalogue.load("manski_att"), Budget()),
    "check with an estimand that has no answer": lambda: check(ONE_LATE, Budget()),
    **{f"stage {stage}": partial(LIMITED.show, stage, ["delta1"]) for stage in STAGES},
    "listing of models": model_listing,
    "listing of data": data_listing,
    "shipped data": lambda: shipped_data("jobs"),
    "shipped model": lambda: ShippedModel(catalogue.text("iv_ate"), derive(catalogue.load("iv_ate"))),
    "files written": lambda: Generated("made", (FileState("iv_ate.py", "written"), FileState("a.py", "up to date"))),
    "files compared": lambda: Generated("made", (FileState("a.py", "left over"),), "boundgen generate --all -o made"),
    "stage of conditional estimands": lambda: catalogue.load("manski_att").show("strata"),
    "stage with an estimand that has no answer": lambda: ONE_LATE.show("vertices"),
}


@cache
def result(name: str) -> Rendered:
    return RESULTS[name]()


each_result = pytest.mark.parametrize("name", RESULTS)


@each_result
def test_text(name: str) -> None:
    found = result(name)
    assert found.text() == str(found)
    assert found.text().strip()
    assert found.text(unicode=False).isascii()
    assert "\n" not in repr(found)


@each_result
def test_latex(name: str) -> None:
    latex = result(name).latex()
    assert latex.count("{") - latex.count(r"\{") == latex.count("}") - latex.count(r"\}")
    for begun in ("tabular", "gather*"):
        assert latex.count(rf"\begin{{{begun}}}") == latex.count(rf"\end{{{begun}}}")
    assert latex.count("\\[\n") == latex.count("\n\\]")
    assert any(begin in latex for begin in (r"\begin{tabular}", "\\[\n"))


@each_result
def test_json(name: str) -> None:
    document = result(name).json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


@each_result
def test_rows(name: str) -> None:
    rows = result(name).rows()
    assert rows
    assert all(list(row) == list(rows[0]) for row in rows)
    plain = {type(value) for row in rows for value in row.values()}
    assert plain <= {str, int, float, bool, type(None)}


@each_result
def test_csv(name: str) -> None:
    rows = result(name).rows()
    read = list(csv.DictReader(io.StringIO(result(name).csv())))
    assert [list(row) for row in read] == [list(row) for row in rows]
    for there, row in zip(read, rows, strict=True):
        assert list(there.values()) == [in_a_cell(value) for value in row.values()]


def in_a_cell(value: Any) -> str:
    """Numbers as they are; other texts that begin as formulas do stand behind an apostrophe."""
    if not isinstance(value, str):
        return "" if value is None else str(value)
    return f"'{value}" if value.startswith(("=", "+", "-", "@")) and not is_number(value) else value


def is_number(text: str) -> bool:
    try:
        Fraction(text)
    except ValueError:
        return False
    return True


def test_terms_are_guarded_in_every_csv() -> None:
    """A bound's own terms begin with a minus as often as texts of users do."""
    assert "\ndelta1,lower,0,'-" in result("derivation").csv()
    assert "'-" in result("evaluations").csv()
    assert not [each.__name__ for each in Rendered.__subclasses__() if "csv" in vars(each)]


@each_result
def test_data_frames(name: str) -> None:
    frame = result(name).to_frame()
    assert (len(frame), list(frame)) == (len(result(name).rows()), list(result(name).rows()[0]))


def test_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    found = result("derivation")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(LibraryError) as error:
        found.to_frame()
    assert str(error.value) == (
        "a data frame needs pandas, which is not installed\n  Install it: pip install 'boundgen[data]'"
    )


@each_result
def test_notebooks(name: str) -> None:
    """Bounds as mathematics, all else as a table with the text behind it; what has no rows, as text."""
    found: Any = result(name)
    if name.startswith(("bounds", "derivation")):
        assert found._repr_html_() is None
        assert "%" not in found._repr_latex_()
        shown = found._repr_latex_()
        assert (shown[:3], shown[-3:]) == ("\\[\n", "\n\\]")
        assert shown.count("\\[\n") == 1, "pages that hold a notebook set an output as one formula"
    else:
        assert not hasattr(found, "_repr_latex_")
        shown = found._repr_html_()
        assert f"<pre>{found.text()}</pre>" in unescape(shown)
        if found.rows():
            assert shown.startswith("<table><thead><tr><th>")
            assert shown.count("<tr>") == 1 + min(len(found.rows()), 60)


def test_no_result_is_forgotten() -> None:
    assert {type(result(name)) for name in RESULTS} == set(Rendered.__subclasses__())


def test_a_certificate_is_its_own_form() -> None:
    """A certificate is JSON and no other form: it is signed as it stands, for a checker that shares no code with this.

    The checker's report is a text for the same reason: its one file uses the standard library alone.
    """
    document = certify(MMR, ["delta1"])
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert type(document) is dict
    assert type(check_certificate(document)) is str
