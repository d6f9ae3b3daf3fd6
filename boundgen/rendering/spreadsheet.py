"""Texts in CSV, which spreadsheets open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from boundgen.rendering.characters import plain_line

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?(/\d+)?")


def cell(text: str) -> str:
    """A text of a user's file as a cell: what a spreadsheet would compute stands behind an apostrophe.

    >>> cell("=1+1"), cell("-1/2"), cell("age")
    ("'=1+1", '-1/2', 'age')
    """
    line = plain_line(text)
    is_formula = line.lstrip().startswith(("=", "+", "-", "@")) and not NUMBER.fullmatch(line)
    return f"'{line}" if is_formula else line


def cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose texts are cells; numbers stay numbers."""
    return {name: cell(value) if isinstance(value, str) else value for name, value in row.items()}
