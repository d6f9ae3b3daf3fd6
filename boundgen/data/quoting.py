"""Names and labels in options: what stands in quotation marks or in brackets holds no separators."""

from __future__ import annotations

import re
from collections.abc import Iterator

from boundgen.errors import DataError, quoted

OPENING, CLOSING, QUOTES = "([", ")]", "\"'"
IN_QUOTES = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""", re.DOTALL)


def parts(text: str, separator: str, *, names: bool = False) -> list[str]:
    """What stands between separators; in `names` brackets, and quotation marks that do not close, are letters.

    >>> parts('A=cut(1,3), Y="a, b"', ",")
    ['A=cut(1,3)', 'Y="a, b"']
    >>> parts("A=income (k, Y='a, b'", ",", names=True)
    ['A=income (k', "Y='a, b'"]

    Raises
    ------
    DataError
        For quotation marks and brackets that do not close.
    """
    found = [""]
    for character in _outside(text, names):
        if character == separator:
            found.append("")
        else:
            found[-1] += character
    return [part.strip() for part in found]


def _outside(text: str, names: bool) -> Iterator[str]:
    """Characters outside of quotation marks and brackets one by one; what stands inside at once."""
    held, depth, place = "", 0, 0
    while place < len(text):
        match = IN_QUOTES.match(text, place) if _may_open(text, place) else None
        if _may_open(text, place) and match is None and not names:
            raise DataError(f"{quoted(text)} has a quotation mark that does not close", remedy="Close it.")
        piece = match[0] if match else text[place]
        place += len(piece)
        depth += 0 if names else (piece in OPENING) - (piece in CLOSING)
        held += piece
        if depth <= 0:
            yield held
            held, depth = "", 0
    if held:
        raise DataError(f"{quoted(text)} has a bracket that does not close", remedy="Close it.")


def _may_open(text: str, place: int) -> bool:
    """Quotation marks open at the start of a word alone: an apostrophe inside one is a letter."""
    return text[place] in QUOTES and not (place and (text[place - 1].isalnum() or text[place - 1] in ".)"))


def split_once(text: str, separator: str, *, names: bool = False) -> tuple[str, str | None]:
    """What stands before the first separator outside of quotation marks and brackets, and what behind it.

    >>> split_once('"a=b"=1', "="), split_once("a", "=")
    (('"a=b"', '1'), ('a', None))
    """
    before, *behind = parts(text, separator, names=names)
    if not behind:
        return before, None
    return before, text[text.index(before) + len(before) :].strip().removeprefix(separator).strip()


def unquoted(text: str) -> str:
    """A name or label without its quotation marks; doubled ones inside it are single.

    >>> unquoted('"1st class"'), unquoted("1st class"), unquoted("'it''s'")
    ('1st class', '1st class', "it's")
    """
    text = text.strip()
    if len(text) >= 2 and IN_QUOTES.fullmatch(text):
        return text[1:-1].replace(text[0] * 2, text[0])
    return text


def in_quotes(name: str) -> str:
    """A name as an option holds it, whatever stands in it.

    >>> unquoted(in_quotes('the "first", and others'))
    'the "first", and others'
    """
    return '"' + name.replace('"', '""') + '"'


def is_quoted(text: str) -> bool:
    """Whether a name or label stands in quotation marks."""
    return IN_QUOTES.fullmatch(text.strip()) is not None
