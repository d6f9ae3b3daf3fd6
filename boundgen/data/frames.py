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

    return Table(name, tuple(map(str, frame.columns)), chunks, labels or {}, grid=lambda: _grid(frame))


def as_frame(source: Any) -> Any:
    """A series, and a frame with an index of several names, as frames with columns for these.

    ``value_counts()`` and ``groupby(...).size()`` give such.
    """
    frame = source
    if hasattr(source, "to_frame") and not hasattr(source, "columns"):
        # What groupby(...).size() counts has no name; as_index=False calls it so.
        counted = source.name is None and source.dtype.kind in "iu"
        frame = source.to_frame("size" if counted else source.name)
    named = [name for name in frame.index.names if name is not None]
    is_cross = frame.columns.nlevels > 1 or frame.columns.name is not None
    if is_cross or not named or set(map(str, named)) & set(map(str, frame.columns)):
        return frame
    return frame.reset_index()


def _grid(frame: Any) -> Iterator[list[Text]]:
    """The rows of a frame that may be a cross-tabulation, names of its axes in the corner as CSV has them."""
    named = [name for name in frame.index.names if name is not None]
    corner = [""] * len(frame.index.names) if named else []
    over = list(frame.columns.names)
    for level, name in enumerate(over):
        row = [text_of(value) for value in frame.columns.get_level_values(level)]
        left: list[Text] = [*corner[1:], text_of(name) or ""] if corner else []
        yield [*left, *row]
    if named:
        yield [*(text_of(name) or "" for name in frame.index.names), *([""] * frame.shape[1])]
    for index, values in zip(frame.index, frame.itertuples(index=False), strict=True):
        labels = list(index) if isinstance(index, tuple) else [index]
        yield [*(text_of(label) for label in labels if named), *map(text_of, values)]


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
