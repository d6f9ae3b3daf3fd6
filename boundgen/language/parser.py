"""Text to model: lark reads the grammar, `tree` takes its tree apart, `builder` makes the `Model`."""

from __future__ import annotations

from functools import partial
from typing import Any

from lark import Token, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken
from lark.exceptions import VisitError

from boundgen.errors import BoundgenError, ModelError, ModelSyntaxError, Source
from boundgen.language import syntax as s
from boundgen.language.builder import build_model
from boundgen.language.model import Model
from boundgen.language.printed import NOTHING, PrintedSymbols, exchanged_claims, printed_symbols, without_claims
from boundgen.language.syntax_errors import (
    check_depth,
    check_texts,
    refuse_private,
    unexpected_character,
    unexpected_token,
)
from boundgen.language.tables import parser
from boundgen.language.tree import HOW_TO_START, Quantifiers, TreeReader


def parse_model(text: str, file: str = "<text>") -> Model:
    """The model that a text states."""
    source = Source(file, text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        return build_model(_read(source, "start"), source)
    except (ModelSyntaxError, ModelError) as error:
        found = _with_printed_claims(source)
        if found is None:
            raise error from None
        statements, exchanged = found
    return build_model(_read(source, "start", statements, exchanged), source)


def _with_printed_claims(source: Source) -> tuple[str, PrintedSymbols] | None:
    """The text with the symbols in its claims exchanged, and these; None where there are none, or other syntax errors.

    What else is wrong with the rest of the model is said first: no symbol is known before.
    """
    rest = Source(source.file, without_claims(source.text))
    if rest.text == source.text:
        return None
    try:
        statements = _read(rest, "start")
    except BoundgenError:
        return None
    printed = printed_symbols(build_model(statements, rest))
    exchanged = exchanged_claims(source.text, printed)
    return None if exchanged == source.text else (exchanged, printed)


def parse_formula(text: str, printed: PrintedSymbols = NOTHING) -> s.Syntax:
    """One expression of the language, as syntax; in claims also with symbols as they are printed."""
    found: s.Syntax = _read(Source("<text>", text), "lone_formula", printed.exchanged(text), printed)
    return found


def parse_assumption(text: str) -> tuple[str | None, s.Syntax, Quantifiers]:
    """Name, formula and quantified names, with their orders, of what may stand after ``assume``."""
    name, node, quantifier = _read(Source("<text>", text), "lone_assumption")
    return name and str(name), node, quantifier or ((), ())


def _read(source: Source, start: str, exchanged: str | None = None, printed: PrintedSymbols = NOTHING) -> Any:
    """The text of the source, or the same with symbols exchanged: places are those of the source."""
    check_depth(source)
    check_texts(source)
    text = source.text if exchanged is None else exchanged
    refuse_private(source)
    if not source.text.strip():
        raise ModelSyntaxError(f"{source.file}: the text is empty", remedy=HOW_TO_START)
    try:
        tree = parser().parse(text, start=start)
    except UnexpectedCharacters as error:
        raise unexpected_character(error, source) from None
    except UnexpectedToken as error:
        raise unexpected_token(error.token, error.accepts or error.expected, source, parser()) from None
    except UnexpectedEOF as error:
        raise unexpected_token(Token("$END", ""), set(error.expected), source, parser()) from None
    try:
        return TreeReader(source, partial(_meaning, printed)).transform(tree)
    except VisitError as error:
        raise error.orig_exc from None


def _meaning(printed: PrintedSymbols, token: str) -> s.Syntax:
    return parse_formula(printed.meaning(token))
