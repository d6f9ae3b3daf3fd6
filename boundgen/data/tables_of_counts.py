"""Tables of counts that no name gives away: no combination of values stands there twice, beside numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod

from boundgen.data.amount_words import is_index
from boundgen.data.table import Table
from boundgen.data.tally import probability_value
from boundgen.data.texts import Text, as_number, is_missing, looks_numeric
from boundgen.work.limits import Report

# Larger files are no tables, and more columns than these are no table's.
MOST_ROWS, MOST_FURTHER = 5_000, 8
MOST_CELLS_PER_ROW = 4


@dataclass(frozen=True)
class Read:
    """The columns of a table that are read.

    Parameters
    ----------
    variables : tuple of str
        Those of which all possible values are declared.
    others : tuple of str
        Any others: cut variables, conditions, covariates, clusters.
    known : tuple of str
        Columns that have a meaning without being read.
    """

    variables: tuple[str, ...]
    others: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.variables, *self.others)))


@dataclass
class _Guess:
    """That one column is an amount and others are what it is the amount of; kept until two rows are alike."""

    column: str
    keys: tuple[str, ...]
    declared: bool
    met: set[tuple[Text, ...]]

    def holds(self, rows: Sequence[Mapping[str, Text]]) -> bool:
        """Whether no combination came twice, and the column still holds numbers that amounts may be."""
        for row in rows:
            key = tuple(row[name] for name in self.keys)
            if all(text is None or is_missing(text) for text in (*key, row[self.column])):
                continue
            if key in self.met or not _may_be_amount(row[self.column]):
                return False
            self.met.add(key)
        return True

    def is_table(self, variables: Collection[str]) -> bool:
        """Whether combinations are dense enough to be a table's; those of values that a model declares always are."""
        if self.declared:
            return True
        rows = len(self.met)
        sizes = {name: len({key[i] for key in self.met}) for i, name in enumerate(self.keys)}
        many = any(size > max(2, rows // 2) for name, size in sizes.items() if name not in variables)
        return not many and prod(sizes.values()) <= MOST_CELLS_PER_ROW * rows


def table_column(table: Table, read: Read, report: Report, amounts: Sequence[str] = ()) -> str | None:
    """The column of amounts, if this looks like a table: few rows, no combination twice, and numbers beside."""
    unique = [column for column in table.columns if table.columns.count(column) == 1]
    keys = tuple(column for column in read.all if column in unique)
    further = [*amounts] or [column for column in unique if column not in read.all and not is_index(column)]
    if not further or not keys or len(keys) < len(read.all):
        return None
    guesses = list(_guesses(read, keys, further))
    rows = 0
    constant = dict.fromkeys(further, True)
    for chunk in _rows(table, [*keys, *further], report):
        rows += len(chunk)
        guesses = [guess for guess in guesses if guess.holds(chunk)] if rows <= MOST_ROWS else []
        if not guesses:
            return None
        for name in further:
            constant[name] = constant[name] and all(as_number(row[name] or "1") == 1 for row in chunk)
    # Counts that are all one are micro-data.
    found = [g for g in guesses if rows > 1 and not constant[g.column] and g.is_table(read.variables)]
    return found[0].column if found else None


def _guesses(read: Read, keys: tuple[str, ...], further: Sequence[str]) -> Iterator[_Guess]:
    """Each further column may be the amount of all others, or of what is read alone (with other amounts beside)."""
    declared = set(keys) <= set(read.variables)
    for column in further[:MOST_FURTHER]:
        yield _Guess(column, keys, declared, set())
    if 1 < len(further) <= MOST_FURTHER:
        for column in further:
            yield _Guess(column, (*keys, *(other for other in further if other != column)), False, set())


def _rows(table: Table, columns: Sequence[str], report: Report) -> Iterator[list[dict[str, Text]]]:
    """A few rows at a time, since most files show at once that they are no tables."""
    names = list(dict.fromkeys(columns))
    for chunk in table.chunks(names, report):
        rows = (dict(zip(names, map(_stripped, texts), strict=True)) for texts in zip(*chunk, strict=True))
        while some := list(islice(rows, 200)):
            yield some


def _stripped(text: Text) -> Text:
    return None if text is None else text.strip()


def _may_be_amount(text: Text) -> bool:
    """Whether a number may be counts or a share; spreadsheets leave cells of no units empty."""
    if text is None or is_missing(text):
        return True
    number = as_number(text)
    if number is not None:
        return number >= 0
    return probability_value(text) is not None or (looks_numeric(text) and not text.startswith("-"))
