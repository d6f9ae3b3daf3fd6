"""Stata's .dta, by pandas."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boundgen.data.frames import file_library, frame_texts
from boundgen.data.table import Chunk, Table
from boundgen.data.texts import text_of
from boundgen.errors import FileError
from boundgen.work.limits import Report

ROWS_PER_CHUNK = 50_000
# What the reader raises at damaged files.
DAMAGED = (ValueError, KeyError, IndexError, TypeError, OSError, EOFError, struct.error)


def stata_table(name: str) -> Table:
    """The table in a Stata file, with its value labels.

    Raises
    ------
    FileError
        If pandas is not installed, or the file is damaged.
    """
    pandas = file_library("pandas", name, "Stata")

    def damaged(error: Exception) -> FileError:
        reason = str(error).split("\n")[0]
        return FileError(f"{name}: not a Stata file that can be read: {reason}", remedy="Save the file again.")

    def opened() -> Any:
        return pandas.read_stata(name, iterator=True, convert_categoricals=False, convert_dates=False)

    def chunks(columns: Sequence[str], report: Report) -> Iterator[Chunk]:
        done = 0
        try:
            with opened() as reader:
                while len(frame := _next(reader, columns)):
                    yield frame_texts(frame, columns)
                    done += len(frame)
                    report(f"reading {name}, rows", done, None)
        except DAMAGED as error:
            raise damaged(error) from None

    try:
        with opened() as reader:
            columns = tuple(map(str, reader.variable_labels()))
            return Table(name, columns, chunks, _labels(reader, columns))
    except DAMAGED as error:
        raise damaged(error) from None


def _next(reader: Any, columns: Sequence[str]) -> Any:
    """The next rows; none at the end, where the reader stops the iteration."""
    try:
        return reader.read(ROWS_PER_CHUNK, columns=list(dict.fromkeys(columns)))
    except StopIteration:
        return ()


def _labels(reader: Any, columns: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Value labels of each column. The sets have names of their own, which only an inner list relates to columns."""
    sets = reader.value_labels()
    names = getattr(reader, "_lbllist", columns)
    return {
        column: {text: str(label) for code, label in sets[name].items() if (text := text_of(code)) is not None}
        for column, name in zip(columns, names, strict=False)
        if name in sets
    }
