"""The parser from the tables that are kept is the one that the grammar makes."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from importlib import resources

import lark
import pytest

from boundgen import catalogue
from boundgen.language import tables


@pytest.fixture
def anew() -> Iterator[None]:
    """No parser of before, nor one for what follows."""
    tables.parser.cache_clear()
    yield
    tables.parser.cache_clear()


def kept() -> dict[str, object]:
    found: dict[str, object] = json.loads(resources.files("boundgen.language").joinpath(tables.KEPT).read_text("utf-8"))
    return found


def grammar() -> str:
    return resources.files("boundgen.language").joinpath("grammar.lark").read_text(encoding="utf-8")


@pytest.mark.skipif(kept()["of"][0] != lark.__version__, reason="the tables are of another version of lark")  # type: ignore[index]
def test_kept_tables_are_of_the_grammar() -> None:
    assert kept()["of"] == json.loads(tables.tables_text(grammar()))["of"], (
        "make them again: python -m boundgen.language.tables"
    )


def test_kept_tables_read_the_catalogue_as_made_ones_do() -> None:
    made = tables.made_parser(grammar())
    for name in catalogue.names():
        text = catalogue.text(name)
        assert tables.parser().parse(text, start="start") == made.parse(text, start="start")


@pytest.mark.usefixtures("anew")
def test_a_parser_is_made_where_the_tables_are_of_another_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements that another grammar has are read."""
    other = grammar().replace('"unconfounded"', '"clean"')
    monkeypatch.setattr(tables, "_read", lambda name: other if name == "grammar.lark" else json.dumps(kept()))
    monkeypatch.setattr(pickle, "loads", None)
    assert "unconfounded" in str(tables.parser().parse("model m\nclean\n", start="start"))
