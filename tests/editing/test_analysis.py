"""What editors are told about a text: errors at their place, names, completions, bounds, layout."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import catalogue
from boundgen.editing.analysis import (
    WHAT_STATEMENTS_SAY,
    TextSpan,
    bounds_text,
    completions,
    declaration_of,
    declared_names,
    diagnostics,
    formatted,
    hover,
    word_at,
)
from boundgen.language.parser import parse_model
from boundgen.language.tree import STATEMENTS
from support.paths import ROOT

MODELS = sorted((ROOT / "boundgen" / "catalogue").rglob("*.bounds"))
TEXT = """model m "An experiment with A"
variable A in {0, 1} randomized  # A is drawn
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
parameter gamma in [0, 1]
observe P(M, Y | A)
define risk = P(Y=1 | A=1)
assume monotone: M(1) >= M(0)
estimand total = E[Y(1, M(1))
  - Y(0, M(0))]
estimand Y = P(M(1)=1)

claim "Theorem 1" for total
  lower risk - 1
  upper gamma
"""
LINES = TEXT.split("\n")


def place(line: str, word: str) -> tuple[int, int]:
    """The line that begins so, and the column of the first of this word in it."""
    number = next(i for i, each in enumerate(LINES) if each.startswith(line))
    return number, LINES[number].index(word)


# ---------------------------------------------------------------- laws
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_shipped_models(path: Path) -> None:
    """They have no errors, and names found in the text are those of the model."""
    text = path.read_text(encoding="utf-8")
    model = parse_model(text)
    assert diagnostics(text) == []
    found = declared_names(text)
    for kind, named in [
        ("variable", model.variables),
        ("parameter", model.parameters),
        ("define", model.definitions),
        ("estimand", model.estimands),
        ("assume", [each for each in model.assumptions if each.name]),
    ]:
        assert [each.name for each in found if each.kind == kind] == [each.name for each in named]
    lines = text.split("\n")
    for each in found:
        assert lines[each.span.line][each.span.start : each.span.end] == each.name
        assert declaration_of(text, each.span.line, each.span.start) == each


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_half_written_texts_have_answers(data: st.DataObject) -> None:
    """Whatever is cut out of a model, and wherever one stands in it."""
    start = data.draw(st.integers(0, len(TEXT)))
    end = data.draw(st.integers(start, len(TEXT)))
    added = data.draw(st.text('"#()[]{}|=<> \n\r\t\N{GREEK SMALL LETTER DELTA}\N{GRINNING FACE}aY1_', max_size=5))
    text = TEXT[:start] + added + TEXT[end:]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for finding in diagnostics(text):
        assert 0 <= finding.span.line < len(lines)
        assert 0 <= finding.span.start < finding.span.end or not lines[0]
        assert finding.message
    line = data.draw(st.integers(0, len(lines) + 1))
    column = data.draw(st.integers(0, 40))
    for completion in completions(text, line, column):
        assert completion.word
        assert completion.detail
    span = word_at(text, line, column)
    declared = declaration_of(text, line, column)
    if declared:
        assert span
        assert lines[span.line][span.start : span.end] == declared.name
    formatted(text)


# ---------------------------------------------------------------- errors
def test_what_can_be_read_has_none() -> None:
    assert diagnostics(TEXT) == []


def test_an_error_stands_at_its_place_with_what_to_do() -> None:
    [found] = diagnostics(TEXT.replace("E[Y(1", "E[Q(1"))
    line, column = place("estimand total", "Y(1, ")
    assert (found.span.line, found.span.start) == (line, column)
    assert "'Q'" in found.message
    assert "declared: A, M, Y" in found.message


def test_an_error_without_a_place_stands_at_the_first_line() -> None:
    [found] = diagnostics("")
    assert (found.span.line, found.span.start) == (0, 0)
    assert "empty" in found.message


# ---------------------------------------------------------------- names
def test_names_in_comments_and_texts_are_no_names() -> None:
    assert word_at(TEXT, 0, LINES[0].index("An exp") + 1) is None
    assert word_at(TEXT, 1, LINES[1].index("is drawn")) is None
    assert word_at(TEXT, 1, LINES[1].index("A in")) == TextSpan(1, 9, 10)


def test_definitions_are_found() -> None:
    found = declaration_of(TEXT, *place("  upper", "gamma"))
    assert found
    assert (found.kind, found.span.line, found.statement) == ("parameter", 4, "parameter gamma in [0, 1]")
    assert declaration_of(TEXT, *place("observe", "observe")) is None


def test_an_estimand_may_be_called_like_a_variable() -> None:
    used = declaration_of(TEXT, *place("estimand total", "Y(1, "))
    own = declaration_of(TEXT, *place("estimand Y", "Y"))
    assert used
    assert own
    assert (used.kind, own.kind) == ("variable", "estimand")
    claim = TEXT.replace("for total", "for Y")
    line, column = place("claim", "total")
    claimed = declaration_of(claim, line, column)
    assert claimed
    assert claimed.kind == "estimand"


# ---------------------------------------------------------------- completions
def words(line: str, at: int | None = None, text: str = TEXT) -> list[str]:
    """The completions at the end of a line that is added to the text."""
    whole = text + line
    last = whole.split("\n")[-1]
    return [each.word for each in completions(whole, whole.count("\n"), len(last) if at is None else at)]


def test_statements_stand_at_the_margin() -> None:
    assert words("") == list(STATEMENTS)
    assert set(WHAT_STATEMENTS_SAY) == set(STATEMENTS)
    assert words("con") == ["confounded"]


def test_names_and_functions_stand_behind() -> None:
    assert words("define x = ") == ["A", "M", "Y", "gamma", "risk", "P", "E", "max", "min", "do"]
    assert words("define x = ri") == ["risk"]
    assert words("define x = P(ri") == ["risk"]


def test_a_claim_has_estimands_and_its_own_lines() -> None:
    assert words('claim "x" for ') == ["total", "Y"]
    assert words('claim "x" for total\n  ') == ["lower", "upper", "expect", "holds"]
    assert words("  u") == ["upper"]
    assert "risk" in words("  lower ")


def test_nothing_is_completed_in_texts_and_comments() -> None:
    assert words('source "Y') == []
    assert words("define x = 1 # Y") == []


# ---------------------------------------------------------------- hover
def test_an_estimand_has_its_bounds() -> None:
    text = catalogue.text("mediation_mmr")
    lines = text.split("\n")
    line = next(i for i, each in enumerate(lines) if each.startswith("estimand delta1"))
    said = hover(text, line, lines[line].index("delta1") + 2)
    assert said
    assert said.startswith("estimand delta1 = ")
    assert "max{−ATM, −p01·1} ≤ δ(1) ≤ min{ATM, p11·1}" in said


def test_other_names_have_their_declaration() -> None:
    assert hover(TEXT, *place("observe", "M")) == "variable M(A) in {0, 1}"
    assert hover(TEXT, *place("observe", "P")) is None


def test_why_there_are_no_bounds_is_said() -> None:
    broken = TEXT.replace("M(1)=1", "Q=1")
    assert bounds_text(broken, "total", 5).startswith("no bounds here: unknown name 'Q'")
    late = bounds_text(catalogue.text("mediation_instrument"), "nie1_z0", 0.001)
    assert late.startswith("no bounds here: the time limit of 0.001 s was reached")


# ---------------------------------------------------------------- layout
def test_layout() -> None:
    assert formatted("model m\nvariable  A in {0,1}   randomized# drawn\n") == (
        "model m\nvariable A in {0, 1} randomized  # drawn\n"
    )
    assert formatted("model m\nvariable") is None
