"""Results in CSV, which spreadsheets open.

One rule for all of them: numbers are never touched, and any other text that begins with ``=``, ``+``, ``-`` or ``@``,
which a spreadsheet would compute, stands behind an apostrophe. Terms such as ``-p01`` begin so too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from boundgen.rendering.characters import plain_line

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?(/\d+)?", re.ASCII)


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    r"""Rows with the same names as CSV: their names, then a line for each; None is an empty cell.

    >>> csv_text([{"name": "ate", "term": "-p01", "value": "-1/2", "other": None}])
    "name,term,value,other\nate,'-p01,-1/2,\n"
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([cell(name) for name in rows[0]] if rows else [])
    writer.writerows([cell(value) if isinstance(value, str) else value for value in row.values()] for row in rows)
    return file.getvalue()


def cell(text: str) -> str:
    """A text as a cell, by the rule above.

    >>> cell("=1+1"), cell("-1/2"), cell("age")
    ("'=1+1", '-1/2', 'age')
    """
    line = plain_line(text)
    is_formula = line.lstrip().startswith(("=", "+", "-", "@")) and not NUMBER.fullmatch(line)
    return f"'{line}" if is_formula else line
