"""A table of texts, read in chunks from a file of any kind: the rest of this room knows nothing of formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from boundgen.data.texts import Text, listed
from boundgen.errors import DataError, did_you_mean, quoted
from boundgen.work.limits import Report

Chunk = list[list[Text]]


@dataclass(frozen=True)
class Table:
    """Where rows come from.

    Parameters
    ----------
    name : str
        The file, for messages.
    columns : tuple of str
    chunks : function of (columns, report)
        Reads the file from its start and gives lists of columns, a bounded number of rows at a time.
    labels : mapping of column to mapping of text to label
        What Stata calls value labels.
    notes : tuple of str
        What was made of the file before it is read.
    counts : str or None
        The column of counts, where it is known.
    grid : function or None
        All rows as they stand, the header among them, where they may be a cross-tabulation.
    """

    name: str
    columns: tuple[str, ...]
    chunks: Callable[[Sequence[str], Report], Iterator[Chunk]]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    counts: str | None = None
    grid: Callable[[], Iterator[list[Text]]] | None = None

    def check(self, column: str, what: str, remedy: str) -> None:
        """Refuse a column that is not there, or there twice."""
        found = self.columns.count(column)
        if found == 1:
            return
        if found > 1:
            raise DataError(f"{self.name}: {found} columns are called {quoted(column)}", remedy="Names are unique.")
        only = len(self.columns) == 1
        shown = f"columns: {listed(self.columns)}" + ("; separators are , ; tab |" if only else "")
        raise DataError(
            f"{self.name}: no column {quoted(column)}{what}",
            remedy=f"{did_you_mean(column, self.columns)}{remedy}{shown}",
        )
