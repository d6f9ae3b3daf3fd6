"""Colours of the model language: every shipped model is lexed whole, and each word has the colour of its kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String

from boundgen.editing.pygments_lexer import FUNCTIONS, BoundsLexer
from boundgen.language.values import KEYWORDS
from support.paths import ROOT

MODELS = sorted((ROOT / "boundgen" / "catalogue").rglob("*.bounds"))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_shipped_model_is_lexed_whole(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = list(BoundsLexer(stripnl=False, ensurenl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert [value for kind, value in tokens if kind in Error] == []
    used = {value for kind, value in tokens if kind in Keyword}
    assert {"model", "variable", "observe"} <= used


def kinds(text: str) -> list[tuple[object, str]]:
    return [(kind, value) for kind, value in BoundsLexer().get_tokens(text) if value.strip()]


def test_each_kind_has_its_colour() -> None:
    assert kinds('variable Y in {0, 1.5e3}  # all "in"')[0] == (Keyword, "variable")
    found = {value: kind for kind, value in kinds('estimand e "in words" = E[Y(1) -> min] # for')}
    assert found["estimand"] is Keyword
    assert found["e"] is Name
    assert found['"in words"'] is String
    assert found["E"] is Name.Builtin
    assert found["1"] is Number
    assert found["->"] is Operator
    assert found["# for"] is Comment.Single


def test_every_reserved_word_is_coloured_and_no_longer_name_is() -> None:
    for word in KEYWORDS:
        [(kind, _), *_] = kinds(f"{word}(" if word in FUNCTIONS else word)
        assert kind in (Keyword, Name.Builtin), word
        assert kinds(f"{word}_of") == [(Name, f"{word}_of")]


def test_what_is_not_of_the_language_is_an_error() -> None:
    assert [value for kind, value in kinds("Y & M ^ 1") if kind is Error] == ["&", "^"]


def test_symbols_of_claims_are_no_error() -> None:
    """Claims may hold what `derive` prints."""
    from boundgen import catalogue, derive

    printed = derive(catalogue.load("mediation_mmr"), ["delta1"], conditions=False).text()
    [line] = [line for line in printed.splitlines() if "δ" in line]
    assert "≤" in line
    assert [value for kind, value in kinds(line) if kind is Error] == []


def test_the_entry_point_names_the_lexer() -> None:
    """As it is declared; found by Pygments where boundgen is installed since."""
    import tomllib

    from pygments.plugin import LEXER_ENTRY_POINT

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    module, _, name = declared[LEXER_ENTRY_POINT]["boundgen"].partition(":")
    assert (module, name) == (BoundsLexer.__module__, BoundsLexer.__name__)
