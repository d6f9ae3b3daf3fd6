"""Data frames, and chunks of typed values as texts: the texts are made once for each different value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boundgen.data.table import Chunk, Table
from boundgen.data.texts import Text, text_of
from boundgen.errors import FileError, LibraryError
from boundgen.work.libraries import library
from boundgen.work.limits import Report

ROWS_PER_CHUNK = 50_000


def file_library(module: str, name: str, kind: str) -> Any:
    """The library that reads this kind of file.

    Raises
    ------
    FileError
        If it is not installed.
    """
    try:
        return library(module, "data", f"reading {kind} files needs")
    except LibraryError as error:
        remedy = f"{error.remedy}, or export the file as CSV."
        raise FileError(f"{name}: {error.message}", remedy=remedy) from None


def frame_table(name: str, frame: Any, labels: Mapping[str, Mapping[str, str]] | None = None) -> Table:
    """The table in a pandas data frame."""

    def chunks(columns: Sequence[str], report: Report) -> Iterator[Chunk]:
        for start in range(0, len(frame), ROWS_PER_CHUNK):
            yield frame_texts(frame.iloc[start : start + ROWS_PER_CHUNK], columns)
            report(f"reading {name}, percent", 100 * start // len(frame), 100)

    return Table(name, tuple(map(str, frame.columns)), chunks, labels or {})


def frame_texts(frame: Any, columns: Sequence[str]) -> Chunk:
    """The columns of a frame as texts."""
    import pandas

    named = dict(zip(map(str, frame.columns), frame.columns, strict=True))
    coded = (pandas.factorize(frame[named[column]]) for column in columns)
    # As an array, because an index would widen floats of 32 bits, which then print other digits.
    return [texts_at(codes, values.to_numpy()) for codes, values in coded]


def texts_at(codes: Any, values: Any) -> list[Text]:
    """The texts of coded values; the code -1 is a missing one."""
    texts = [*(text_of(value) for value in values), None]
    return [texts[code] for code in codes]
