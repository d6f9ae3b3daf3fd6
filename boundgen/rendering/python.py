"""Texts in Python."""

from __future__ import annotations

from boundgen.rendering.characters import is_plain, plain_line


def comment(text: str) -> str:
    """Text behind ``#``. Python reads an encoding in a comment of the first two lines: no such text may stand there."""
    return plain_line(text)


def docstring(text: str) -> str:
    r"""Text between three double quotes.

    >>> docstring('a "word" and \\N')
    'a \\"word\\" and \\\\N'
    """
    return plain_line(text).replace("\\", "\\\\").replace('"', '\\"')


def quoted(text: str) -> str:
    r"""A string literal that `ruff format` leaves alone.

    >>> quoted("P(Y=1)"), quoted('"\n')
    ('"P(Y=1)"', '"\\"\\n"')
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if is_plain(c) else repr(c)[1:-1] for c in escaped) + '"'
