"""Excel's .xlsx, by openpyxl: one sheet, of which the first row that is not empty names the columns."""

from __future__ import annotations

from typing import Any

from boundgen.data.frames import file_library
from boundgen.data.grid_table import grid_table
from boundgen.data.table import Table
from boundgen.data.texts import listed, text_of
from boundgen.errors import FileError, quoted

FORMULA = "="


def excel_table(name: str, sheet: str | None = None) -> Table:
    """The table in a sheet of an Excel file.

    Parameters
    ----------
    name : str
    sheet : str, optional
        Needed where several sheets hold something.

    Raises
    ------
    FileError
        If openpyxl is not installed, the file is damaged, a sheet is to be named, or a formula has no value.
    """
    openpyxl = file_library("openpyxl", name, "Excel")
    values = _sheets(openpyxl, name, values=True)
    chosen = _chosen(name, values, sheet)
    formulas = _sheets(openpyxl, name, values=False)[chosen]
    _refuse_formulas_without_values(name, values[chosen], formulas)
    return grid_table(name, [[text_of(value) for value in row] for row in values[chosen]])


def _sheets(openpyxl: Any, name: str, *, values: bool) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each sheet: values, or formulas where there are some."""
    try:
        book = openpyxl.load_workbook(name, read_only=True, data_only=values)
        try:
            return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}
        finally:
            book.close()
    except Exception as error:  # Damaged files raise errors of every kind.
        reason = str(error).split("\n")[0]
        raise FileError(f"{name}: not an Excel file that can be read: {reason}", remedy="Save it again.") from None


def _chosen(name: str, sheets: dict[str, list[tuple[Any, ...]]], sheet: str | None) -> str:
    held = [title for title, rows in sheets.items() if any(value is not None for row in rows for value in row)]
    if sheet is not None:
        if sheet not in sheets:
            raise FileError(f"{name}: there is no sheet {quoted(sheet)}", remedy=f"sheets: {listed([*sheets])}")
        return sheet
    if not held:
        raise FileError(f"{name}: the file is empty", remedy="The first row names the columns.")
    if len(held) > 1:
        raise FileError(
            f"{name}: {len(held)} sheets hold something: {listed(held)}", remedy=f"Name one: '{name}#{held[0]}'."
        )
    return held[0]


def _refuse_formulas_without_values(name: str, values: list[tuple[Any, ...]], formulas: list[tuple[Any, ...]]) -> None:
    """A program that does not compute leaves formulas without values, which would look like missing ones."""
    for number, (row, written) in enumerate(zip(values, formulas, strict=False), 1):
        for value, text in zip(row, written, strict=False):
            if value is None and isinstance(text, str) and text.startswith(FORMULA):
                raise FileError(
                    f"{name}: row {number} holds the formula {quoted(text)} without its value",
                    remedy="Open the file in a spreadsheet program, save it, and try again.",
                )
