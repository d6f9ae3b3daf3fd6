"""Which reader opens a source: by the ending of its name, a data frame, or data that boundgen ships."""

from __future__ import annotations

import os
from typing import Any

from boundgen import catalogue
from boundgen.data.compressed import COMPRESSED, opener
from boundgen.data.table import Table
from boundgen.errors import DataError, FileError, did_you_mean, named, quoted

CSV_ENDINGS, PARQUET_ENDINGS, STATA_ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".dat"), (".parquet", ".pq"), (".dta",)
EXCEL_ENDINGS, R_ENDINGS = (".xlsx", ".xlsm"), (".rds", ".rda", ".rdata")
# A sheet of an Excel file, or an object of R's: data.xlsx#wave 2.
PART = "#"


def open_table(source: str | os.PathLike[str] | Table | Any) -> Table:
    """The table in a file, in data that boundgen ships, or in a data frame; or a table that a caller has made.

    Raises
    ------
    FileError
        For files that are not there or not readable, and where a library is needed that is not installed.
    """
    if isinstance(source, Table):
        return source
    if not isinstance(source, str | os.PathLike):
        return _frame(source)
    name = os.fspath(source)
    if is_shipped(name):
        return _shipped(name)
    name, part = _with_part(name)
    _check_is_file(name)
    return _by_ending(name, part)


def _with_part(name: str) -> tuple[str, str | None]:
    """A file, and what is named behind a mark of what it holds."""
    file, mark, part = name.rpartition(PART)
    holds_parts = os.path.splitext(file)[1].lower() in (*EXCEL_ENDINGS, *R_ENDINGS)
    return (file, part) if mark and holds_parts and not os.path.exists(name) else (name, None)


def is_shipped(source: Any) -> bool:
    """Whether this is the name of shipped data, which are cell counts."""
    return isinstance(source, str) and source in catalogue.data_names() and not os.path.exists(source)


def _shipped(name: str) -> Table:
    import io

    from boundgen.data.csv_file import csv_table

    content = catalogue.data(name).encode("utf-8")
    return csv_table(name, lambda: io.BytesIO(content))


def _frame(source: Any) -> Table:
    if not hasattr(source, "iloc"):
        raise DataError(
            f"{type(source).__name__} is not a source of data",
            remedy="Give the name of a file, a data frame, or a mapping of cells to counts or probabilities.",
        )
    from boundgen.data.frames import as_frame, frame_table

    return frame_table("data frame", as_frame(source))


def _by_ending(name: str, part: str | None) -> Table:
    ending = os.path.splitext(name)[1].lower()
    if ending in COMPRESSED or ending in CSV_ENDINGS:
        inner = os.path.splitext(os.path.splitext(name)[0])[1].lower() if ending in COMPRESSED else ending
        if inner in CSV_ENDINGS:
            from boundgen.data.csv_file import csv_table

            return csv_table(name, opener(name))
    if ending in PARQUET_ENDINGS:
        from boundgen.data.parquet_file import parquet_table

        return parquet_table(name)
    if ending in STATA_ENDINGS:
        from boundgen.data.stata_file import stata_table

        return stata_table(name)
    if ending in EXCEL_ENDINGS:
        from boundgen.data.excel_file import excel_table

        return excel_table(name, part)
    if ending in R_ENDINGS:
        from boundgen.data.r_file import r_table

        return r_table(name, part)
    raise FileError(
        f"{named(name)}: files that end in {quoted(ending)} are not read"
        if ending
        else f"{named(name)}: the name has no ending",
        remedy="Text (.csv, .tsv, .txt, .csv.gz), Parquet (.parquet), Stata (.dta), Excel (.xlsx) and R (.rds, .rda) "
        "are; export others as CSV.",
    )


def _check_is_file(name: str) -> None:
    shown = named(name)
    try:
        if os.path.isfile(name):
            with open(name, "rb"):
                return
    except OSError as error:
        raise FileError(f"{shown}: cannot be read: {error.strerror}", remedy="Name a file that you may read.") from None
    if os.path.isdir(name):
        raise FileError(f"{shown}: this is a folder, not a data file", remedy="Name a file in it.")
    if os.path.exists(name):
        raise FileError(f"{shown}: this is not a file that can be read twice", remedy="Store it as a file first.")
    raise FileError(
        f"{shown}: there is no such file",
        remedy=f"{did_you_mean(name, catalogue.data_names())}'boundgen catalogue --data' lists the shipped data.",
    )
