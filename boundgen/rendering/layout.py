"""Lines of a report: their width, indentation, and words in a row."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

WIDTH = 100


def indented(text: str) -> str:
    """Two blanks before each line that is not empty."""
    return "\n".join(f"  {line}" if line else "" for line in text.split("\n"))


def filled(text: str) -> str:
    """A paragraph of lines that fit, set in after the first."""
    return fill(text, WIDTH, subsequent_indent="  ")


def listed(parts: Sequence[str]) -> str:
    """Words in a row.

    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
