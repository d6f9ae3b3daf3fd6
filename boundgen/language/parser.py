"""Text to model: lark reads the grammar, `tree` takes its tree apart, `builder` makes the `Model`."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from lark import Lark, Token, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken
from lark.exceptions import VisitError

from boundgen.errors import ModelSyntaxError, Source
from boundgen.language import syntax as s
from boundgen.language.builder import build_model
from boundgen.language.model import Model
from boundgen.language.syntax_errors import check_depth, check_texts, unexpected_character, unexpected_token
from boundgen.language.tree import HOW_TO_START, TreeReader


def parse_model(text: str, file: str = "<text>") -> Model:
    """The model that a text states."""
    source = Source(file, text.replace("\r\n", "\n").replace("\r", "\n"))
    return build_model(_read(source, "start"), source)


def parse_formula(text: str) -> s.Syntax:
    """One expression of the language, as syntax."""
    found: s.Syntax = _read(Source("<text>", text), "lone_formula")
    return found


def parse_assumption(text: str) -> tuple[str | None, s.Syntax, list[tuple[str, str]]]:
    """Name, formula and quantified names of what may stand after ``assume``."""
    name, node, indices = _read(Source("<text>", text), "lone_assumption")
    return name and str(name), node, indices or []


@cache
def _grammar() -> Lark:
    text = resources.files("boundgen.language").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        parser="lalr",
        lexer="basic",
        start=["start", "lone_formula", "lone_assumption"],
        propagate_positions=True,
        maybe_placeholders=True,
    )


def _read(source: Source, start: str) -> Any:
    check_depth(source)
    check_texts(source)
    if not source.text.strip():
        raise ModelSyntaxError(f"{source.file}: the text is empty", remedy=HOW_TO_START)
    try:
        tree = _grammar().parse(source.text, start=start)
    except UnexpectedCharacters as error:
        raise unexpected_character(error, source) from None
    except UnexpectedToken as error:
        raise unexpected_token(error.token, error.accepts or error.expected, source, _grammar()) from None
    except UnexpectedEOF as error:
        raise unexpected_token(Token("$END", ""), set(error.expected), source, _grammar()) from None
    try:
        return TreeReader(source).transform(tree)
    except VisitError as error:
        raise error.orig_exc from None
