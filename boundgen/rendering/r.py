"""Texts in R."""

from __future__ import annotations

from boundgen.rendering.characters import is_plain, plain_line


def comment(text: str) -> str:
    """Text behind ``#`` and a blank."""
    return plain_line(text)


def quoted(text: str) -> str:
    r"""A string literal in ASCII, which R reads the same in every locale; it has no string with NUL.

    >>> quoted("P(Y=1)"), quoted('a\\ "\r')
    ('"P(Y=1)"', '"a\\\\ \\"\\u000d"')
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", " ")
    return '"' + "".join(map(_character, escaped)) + '"'


def _character(character: str) -> str:
    code = ord(character)
    if character.isascii() and is_plain(character):
        return character
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
