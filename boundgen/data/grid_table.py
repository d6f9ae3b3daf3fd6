"""Rows of texts that are in memory, as a table: the first row that is not empty names the columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boundgen.data.table import Chunk, Table
from boundgen.data.texts import Text, is_missing
from boundgen.errors import FileError
from boundgen.work.limits import Report


def grid_table(name: str, rows: Sequence[Sequence[Text]]) -> Table:
    """The table of these rows.

    Raises
    ------
    FileError
        If all are empty.
    """
    start = next((i for i, row in enumerate(rows) if any(map(_is_there, row))), None)
    if start is None:
        raise FileError(f"{name}: the file is empty", remedy="The first row names the columns.")
    places = sorted({place for row in rows for place, text in enumerate(row) if _is_there(text)})
    full = [[row[place] if place < len(row) else None for place in places] for row in rows[start:]]
    header = [(text or "").strip() for text in full[0]]
    body = [row for row in full[1:] if not all(map(is_missing, row))]

    def chunks(columns: Sequence[str], _report: Report) -> Iterator[Chunk]:
        yield [[row[place] for row in body] for place in map(header.index, columns)]

    return Table(name, tuple(header), chunks, grid=lambda: map(list, full))


def _is_there(text: Text) -> bool:
    return text is not None and text.strip() != ""
