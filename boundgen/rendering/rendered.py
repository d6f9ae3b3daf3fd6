"""What every result that is printed can be shown as."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from boundgen.calls import public_class
from boundgen.errors import LibraryError
from boundgen.rendering import latex, spreadsheet
from boundgen.rendering.numbers import short

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 60
TidyRow = dict[str, Any]


class Rendered:
    """Forms that follow from others: a result says its `text`, `latex`, `json` and `rows`; these make the rest.

    Each room keeps its own printers, which the methods of its results call; only what is the same everywhere is here.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        public_class(cls)

    def text(self, unicode: bool = True) -> str:
        """For a terminal; without `unicode` in ASCII alone."""
        raise NotImplementedError

    def latex(self) -> str:
        """For a paper: the tidy table (booktabs), where a result has no form of its own."""
        rows = self.rows()
        head = [latex.escaped(name.replace("_", " ")) for name in rows[0]] if rows else [""]
        return latex.tabular("l" * len(head), [head, *([_cell(value) for value in row.values()] for row in rows)])

    def json(self) -> Mapping[str, Any] | list[Any]:
        """What `json.dumps` takes: everything that the text says, and more."""
        raise NotImplementedError

    def rows(self) -> list[TidyRow]:
        """A tidy table: one dictionary of plain values for each row, all with the same keys."""
        raise NotImplementedError

    def csv(self) -> str:
        """The tidy table as CSV; a text that a spreadsheet would compute stands behind an apostrophe."""
        return spreadsheet.csv_text(self.rows())

    def to_frame(self) -> pd.DataFrame:
        """The tidy table as a data frame of pandas.

        Returns
        -------
        DataFrame
            With the columns of `rows`.

        Raises
        ------
        LibraryError
            If pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ImportError:
            raise LibraryError(
                "a data frame needs pandas, which is not installed", remedy="Install it: pip install 'boundgen[data]'"
            ) from None
        return DataFrame(self.rows())

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str | None:
        """In a notebook: the tidy table, with the text behind it, where the result is not shown as mathematics."""
        if hasattr(self, "_repr_latex_"):
            return None
        text = f"<pre>{escape(self.text())}</pre>"
        try:
            rows = self.rows()
        except NotImplementedError:
            return text
        return f"{_html_table(rows)}<details><summary>as text</summary>{text}</details>" if rows else text


def _html_table(rows: list[TidyRow]) -> str:
    """The rows, without columns in which nothing stands; of very many the first ones."""
    heads = [name for name in rows[0] if any(row[name] not in (None, "") for row in rows)]
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{_html_cell(row[name])}</td>" for name in heads) + "</tr>" for row in rows[:MOST_ROWS]
    )
    more = f"<p>and {len(rows) - MOST_ROWS} more rows</p>" if len(rows) > MOST_ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _html_cell(value: Any) -> str:
    if isinstance(value, float):
        return escape(short(value))
    return "" if value is None else escape(str(value))


def _cell(value: Any) -> str:
    """A plain value in a LaTeX table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"${short(value)}$"
    return "" if value is None else latex.escaped(str(value))
