"""Texts in CSV, which spreadsheets open."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
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


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    r"""Rows with the same names as CSV: their names, then a line for each; None is an empty cell.

    >>> csv_text([{"name": "ate", "value": None}])
    'name,value\nate,\n'
    """
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
