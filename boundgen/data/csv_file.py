"""CSV: text with commas, semicolons, tabs, bars or white space; UTF-8; comments above the header begin with #."""

from __future__ import annotations

import csv
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO

from boundgen.data.table import Chunk, Table
from boundgen.data.texts import Text, as_number
from boundgen.errors import FileError
from boundgen.work.limits import Report, ignore

ROWS_PER_CHUNK = 10_000
BEGINNING = 100_000
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
SEPARATORS = (",", ";", "\t", "|")
SPACE = " "
Opened = Callable[[], BinaryIO]


def csv_table(name: str, opened: Opened) -> Table:
    """The table in a CSV file.

    Raises
    ------
    FileError
        For a file that is empty, binary, not UTF-8, without a header or without a clear separator.
    """
    with _clear_errors(name, opened):
        _check_beginning(name, opened)
        separator = _separator(name, opened)
        with _text(opened) as text:
            first, second = [*islice(_reader(text, separator), 2), [], []][:2]
        header = [field.strip() for field in first]
        if separator == SPACE and len(second) == len(header) + 1:
            # R's write.table names rows, and not the column of their names.
            header = ["", *header]
    if not header:
        raise FileError(f"{name}: the file is empty", remedy="The first line names the columns.")
    if all(as_number(field) is not None for field in header):
        raise FileError(
            f"{name}: the first line holds numbers, not the names of columns",
            remedy="Add a first line with a name for each column.",
        )
    return Table(
        name,
        tuple(header),
        lambda columns, report: _chunks(name, opened, separator, header, columns, report),
        grid=lambda: _grid(name, opened, separator),
    )


def _grid(name: str, opened: Opened, separator: str) -> Iterator[list[Text]]:
    """All rows from the header on."""
    with _clear_errors(name, opened), _text(opened) as text:
        yield from map(list, _reader(text, separator))


def _chunks(
    name: str, opened: Opened, separator: str, header: list[str], columns: Sequence[str], report: Report = ignore
) -> Iterator[Chunk]:
    places = [header.index(column) for column in columns]
    with _clear_errors(name, opened), opened() as raw, _text(lambda: raw) as text:
        size = _size(raw)
        reader = _reader(text, separator)
        next(reader)
        done = 0
        points = {column: _Points(separator == ";") for column in columns}
        while rows := list(islice(reader, ROWS_PER_CHUNK)):
            rows = list(filter(None, rows))
            if set(map(len, rows)) - {len(header)}:
                _refuse_width(name, opened, separator, header)
            found: Chunk = [[row[place] for row in rows] for place in places]
            for column, texts in zip(columns, found, strict=True):
                points[column].meet(texts)
            yield found
            done += len(rows)
            percent = (f"reading {name}, percent", 100 * raw.tell() // size, 100) if size else None
            report(*(percent or (f"reading {name}, rows", done, None)))
    for column, met in points.items():
        met.check(name, column)


def _size(raw: BinaryIO) -> int:
    """How many bytes there are; 0 where that is not known before a file is read."""
    try:
        size = raw.seek(0, io.SEEK_END)
    except ValueError:
        return 0
    raw.seek(0)
    return size


@dataclass
class _Points:
    """Which points stand in a column, where 1.234 may be a thousand and more.

    Parameters
    ----------
    semicolons : bool
        Whether these separate columns, as where decimals have commas.
    thousands : str
        A number that may have such a point; empty where there is none.
    decimal, whole : bool
        Whether some number has a point that is a decimal one, or none.
    """

    semicolons: bool
    thousands: str = ""
    decimal: bool = False
    whole: bool = False

    def meet(self, texts: Sequence[Text]) -> None:
        """Look at each different text of a chunk."""
        for text in set(texts) - {None}:
            if "." not in (text or ""):
                self.whole = self.whole or as_number(text or "") is not None
            elif THOUSANDS.fullmatch((text or "").strip()):
                self.thousands = self.thousands or (text or "").strip()
            else:
                self.decimal = self.decimal or as_number(text or "") is not None

    def check(self, name: str, column: str) -> None:
        """Refuse what could be both."""
        if self.thousands and not self.decimal and (self.semicolons or self.whole):
            raise FileError(
                f"{name}: '{self.thousands}' in column '{column}' may be a thousand and more, or a decimal number",
                remedy="Write thousands without points, and decimal numbers with as many decimals in each row"
                + (", in columns that commas separate." if self.semicolons else "."),
            )


def _text(opened: Opened) -> io.TextIOWrapper:
    return io.TextIOWrapper(opened(), encoding="utf-8-sig", newline="")


def _reader(text: io.TextIOWrapper, separator: str) -> Any:
    """Rows from the header on: a reader of the standard library."""
    lines = _lines(text)
    if separator == SPACE:
        # What stands at the end of a line separates nothing.
        lines = (line.rstrip() + "\n" for line in lines)
    return csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines from the header on: comments and empty lines may stand above it."""
    for line in text:
        if line.strip() and not line.startswith("#"):
            return chain([line], text)
    return iter(())


def _separator(name: str, opened: Opened) -> str:
    """The one separator that the header has; where there are several, the one that the next line has as often."""
    with _text(opened) as text:
        lines = list(islice(_lines(text), 2))
    widths = {s: [len(next(csv.reader([line], delimiter=s))) for line in lines] for s in SEPARATORS}
    found = [s for s in SEPARATORS if widths[s] and widths[s][0] > 1]
    if len(found) > 1:
        found = [s for s in found if len(set(widths[s])) == 1]
        if len(found) != 1:
            raise FileError(
                f"{name}: the header does not show what separates the columns",
                remedy="Use commas, or put names that hold one in quotes.",
            )
    if found:
        return found[0]
    return SPACE if _is_spaced(lines) else ","


def _is_spaced(lines: Sequence[str]) -> bool:
    """Whether white space separates columns: names without blanks, and below as many values or one more, as R has."""
    widths = [len(line.split()) for line in lines]
    return len(widths) == 2 and widths[0] > 1 and widths[1] in (widths[0], widths[0] + 1)


# ---------------------------------------------------------------- errors
def _check_beginning(name: str, opened: Opened) -> None:
    with opened() as raw:
        content = raw.read(BEGINNING)
    if content.startswith(b"PAR1"):
        raise FileError(f"{name}: this is a Parquet file", remedy="Let its name end in .parquet.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileError(f"{name}: this is UTF-16 text", remedy="Save the file as UTF-8.")
    if b"\0" in content:
        raise FileError(f"{name}: this is a binary file, not CSV", remedy="Export it as CSV, in UTF-8.")
    if not content.removeprefix(b"\xef\xbb\xbf").strip():
        raise FileError(f"{name}: the file is empty", remedy="The first line names the columns.")


@contextmanager
def _clear_errors(name: str, opened: Opened) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        line, column = _first_bad_byte(opened)
        raise FileError(f"{name}:{line}:{column}: not UTF-8 text", remedy="Save the file as UTF-8.") from None
    except csv.Error as error:
        raise FileError(
            f"{name}: broken CSV: {error}", remedy="A quotation mark that does not close, or stands inside a field?"
        ) from None
    except (EOFError, zlib.error, lzma.LZMAError):
        raise _badly_compressed(name) from None
    except OSError as error:
        if isinstance(error, FileError):
            raise
        if error.errno is None:
            raise _badly_compressed(name) from None
        raise FileError(f"{name}: cannot be read: {error.strerror}", remedy="Copy the file and try again.") from None


def _badly_compressed(name: str) -> FileError:
    return FileError(f"{name}: not a compressed file that can be read", remedy="Compress it again.")


def _first_bad_byte(opened: Opened) -> tuple[int, int]:
    with opened() as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return number, len(line[: error.start].decode("utf-8")) + 1
    return 1, 1


def _refuse_width(name: str, opened: Opened, separator: str, header: list[str]) -> None:
    """Read again to say which line it is."""
    with _text(opened) as text:
        above = _lines_above(opened)
        reader = _reader(text, separator)
        row = next(row for row in reader if row and len(row) != len(header))
    shown = {"\t": "tab", SPACE: "white space"}.get(separator, separator)
    hint = (
        'Names of cells stand in quotes: "P(Y=1|A=0)",12' if "cell" in header else "Values that hold one need quotes."
    )
    raise FileError(
        f"{name}:{above + reader.line_num}: {len(row)} values under {len(header)} columns",
        remedy=f"The separator is {shown} here. {hint}",
    )


def _lines_above(opened: Opened) -> int:
    """How many lines stand above the header."""
    with _text(opened) as text:
        return next((i for i, line in enumerate(text) if line.strip() and not line.startswith("#")), 0)
