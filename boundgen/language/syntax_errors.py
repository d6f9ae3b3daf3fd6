"""What lark could not read, said so that a model's author knows where and what to do."""

from __future__ import annotations

import re

from lark import Lark, Token, UnexpectedCharacters

from boundgen.errors import ModelSyntaxError, Place, Source
from boundgen.language.tree import STATEMENTS

DEEPEST = 60
_FRIENDLY = {
    "_NEWLINE": "the end of the statement",
    "$END": "the end of the text",
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a text in quotes",
    "EQUAL": "'='",
}


def check_depth(source: Source) -> None:
    """Brackets deeper than any model needs are refused before anything recurses."""
    depth = 0
    for match in re.finditer(r'"[^"\n]*"|#[^\n]*|[(\[{]|[)\]}]', source.text):
        symbol = match.group()
        if symbol in "([{":
            depth += 1
        elif symbol in ")]}":
            depth -= 1
        if depth > DEEPEST:
            raise ModelSyntaxError(
                f"brackets are nested more than {DEEPEST} deep",
                _place(source, match.start(), 1),
                "Split the expression into several statements.",
            )


def _place(source: Source, position: int, length: int) -> Place:
    before = source.text[:position]
    return Place(source, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1, length)


def unexpected_character(error: UnexpectedCharacters, source: Source) -> ModelSyntaxError:
    position = error.pos_in_stream or 0
    character = source.text[position]
    where = _place(source, position, 1)
    if character == '"':
        return ModelSyntaxError("a text in quotes does not end on its line", where, "Texts have no line breaks.")
    if ord(character) > 127:
        return ModelSyntaxError(
            f"unexpected character {character!r}",
            where,
            "Names and operators are ASCII: letters, digits, underscores; <=, >=, !=, ->. "
            "Other characters may stand in comments and quoted texts.",
        )
    return ModelSyntaxError(f"unexpected character {character!r}", where, "It is not part of the language.")


def unexpected_token(token: Token, accepts: set[str], source: Source, grammar: Lark) -> ModelSyntaxError:
    if token.type == "$END":
        where = _place(source, len(source.text.rstrip()), 1)
        return ModelSyntaxError("the text ends in the middle of a statement", where, _expected(accepts, grammar))
    assert token.start_pos is not None
    where = _place(source, token.start_pos, len(token))
    if token.type == "_NEWLINE":
        end = _place(source, len(source.text[: token.start_pos].rstrip()), 1)
        return ModelSyntaxError(
            "the statement ends too early",
            end,
            _expected(accepts, grammar) + "; a line that goes on is followed by indented ones",
        )
    line = source.line(where.line)
    if token in STATEMENTS and not line[: where.column - 1].strip():
        return ModelSyntaxError(
            f"'{token}' starts a statement inside another one",
            where,
            "An indented line continues the one above it; statements start at the left margin.",
        )
    if token in ("=", "!=", "<=", ">=", "<", ">"):
        return ModelSyntaxError(
            f"unexpected '{token}'",
            where,
            "Comparisons are not chained; join them with 'and'. " + _expected(accepts, grammar),
        )
    reserved = " (a reserved word)" if str(token).isidentifier() and token.type != "NAME" and "NAME" in accepts else ""
    return ModelSyntaxError(f"unexpected '{token}'{reserved}", where, _expected(accepts, grammar))


def _expected(accepts: set[str], grammar: Lark) -> str:
    terminals = {t.name: t for t in grammar.terminals}
    words = set()
    for name in accepts:
        pattern = terminals[name].pattern.value if name in terminals else name
        words.add(_FRIENDLY.get(name) or f"'{pattern}'")
    return "expected " + " or ".join(sorted(words, key=lambda word: (word.startswith("'"), word)))
