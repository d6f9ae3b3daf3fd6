"""Texts in Stata, which expands macros in comments and reads the marks of comments in strings."""

from __future__ import annotations

import re

from boundgen.rendering.characters import plain_line

# Two slashes are harmless behind a comment mark, so addresses stay as they are; a third one continues the line.
MARKS = re.compile(r"(?<=//)(?=/)|(?<=/)(?=\*)|(?<=\*)(?=/)")


def comment(text: str) -> str:
    """Text behind ``*`` or ``//`` that begins or ends no other comment, continues no line and names no macro.

    >>> comment("/// */ `x' $y https://z")
    "// / * / 'x' Sy https://z"
    """
    return MARKS.sub(" ", plain_line(text)).replace("`", "'").replace("$", "S")


def quoted(text: str, longest: int | None = None) -> str:
    """A string literal: a double quote is a single one, and it is cut where Stata allows no more characters.

    >>> print(quoted('the "true" `x', 10))
    "the 'true'"
    """
    return '"' + comment(text).replace('"', "'")[:longest] + '"'
