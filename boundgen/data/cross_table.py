"""Cross-tabulations as spreadsheets write them: levels across the columns, headers of several rows, totals.

How many rows are header and how many columns are labels is tried, and what the labels are of is taken from what the
table says, or from the values that variables have. What can be read in two ways is refused.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.data.amounts import plain_word
from boundgen.data.matching import bounded_coder, domain_coder
from boundgen.data.table import Table
from boundgen.data.tally import count_value, probability_value
from boundgen.data.texts import Text, is_missing, listed
from boundgen.errors import DataError
from boundgen.language.variables import Variable

MOST_ROWS, MOST_COLUMNS, MOST_HEADER = 1000, 300, 6
TOTAL_WORDS = frozenset(
    """total|totals|all|sum|row total|row totals|column total|column totals|col total|grand total|overall|margin|
    gesamt|summe|insgesamt|somme|ensemble|suma|totale|totaal""".replace("\n    ", "").split("|")
)
SETTING = re.compile(r"(.+?)\s*(?:=|:)\s*(.+)", re.DOTALL)
Grid = list[list[str]]
CrossCells = dict[frozenset[tuple[str, str]], str]
AMOUNT_OF = {"counts": "count", "probabilities": "probability"}


@dataclass(frozen=True)
class CrossNames:
    """What a cross-tabulation may be of.

    Parameters
    ----------
    variables : mapping of column to Variable
        All of them are needed.
    recoded : mapping of column to set of str, or None
        Columns whose texts are not yet the values of the variable, with the texts that have a meaning; None is any.
    others : set of str
        Further columns that may be there.
    also : mapping of name to column
        The names of variables that have another column.
    values : set of str
        Values and labels that are no totals, whatever they are called.
    """

    variables: Mapping[str, Variable]
    recoded: Mapping[str, frozenset[str] | None]
    others: frozenset[str]
    also: Mapping[str, str]
    values: frozenset[str] = frozenset()

    def column(self, text: str) -> str | None:
        """The column that a text names."""
        text = text.strip()
        if text in self.variables or text in self.others:
            return text
        return self.also.get(text)

    def is_total(self, text: str) -> bool:
        """Whether a label is that of a margin."""
        return plain_word(text) in TOTAL_WORDS and text not in self.values

    def may_be(self, column: str, labels: Sequence[str]) -> bool:
        """Whether these are labels of values, of more than one: a table of some cells alone is no cross-tabulation."""
        variable = self.variables.get(column)
        if variable is None:
            return True
        if len(set(labels)) < min(2, len(variable.domain)):
            return False
        if column in self.recoded:
            known = self.recoded[column]
            return set(labels) <= known if known is not None else not any(map(self.column, labels))
        coder = bounded_coder(variable) if variable.bounded else domain_coder(variable, {})
        return all(coder.of_text(label) is not None for label in set(labels))


@dataclass(frozen=True)
class _Slot:
    """One label for each row or each column of cells: what it is of, where that is said; None in margins."""

    column: str | None
    labels: tuple[str | None, ...]

    @property
    def held(self) -> list[str]:
        return [label for label in self.labels if label is not None]


class _OffTotalsError(Exception):
    """Totals that are not the sums of their cells."""


def cross_table(table: Table, names: CrossNames, kind: str) -> Table | None:
    """The cells of a cross-tabulation as rows; None where the table is none.

    Parameters
    ----------
    table : Table
    names : CrossNames
    kind : {"auto", "counts", "probabilities"}

    Raises
    ------
    DataError
        Where it can be read in two ways, and for totals that are not the sums of their cells.
    """
    grid = _grid(table, names)
    if grid is None:
        return None
    readings: list[tuple[str, CrossCells, int]] = []
    off: list[str] = []
    for header in range(1, min(MOST_HEADER, len(grid) - 1) + 1):
        for labels in range(min(len(names.variables) + len(names.others), len(grid[0]) - 1) + 1):
            try:
                for found in _readings(grid, header, labels, names, kind):
                    readings += [] if found in readings else [found]
            except _OffTotalsError as error:
                off.append(str(error))
    if len(readings) > 1:
        raise DataError(
            f"{table.name}: this cross-tabulation can be read in {len(readings)} ways",
            remedy="Say what labels are of: head columns with 'Y=0', 'Y=1', and name the columns of labels.",
        )
    if not readings and off:
        raise DataError(f"{table.name}: {off[0]}", remedy="Totals are sums of their cells; leave them out otherwise.")
    return _long(table, *readings[0]) if readings else None


def _long(table: Table, what: str, cells: CrossCells, empty: int) -> Table:
    columns = sorted({name for key in cells for name, _ in key})
    rows = [({**dict(key)}, amount) for key, amount in cells.items()]
    held: dict[str, list[Text]] = {name: [key[name] for key, _ in rows] for name in columns}
    held[AMOUNT_OF[what]] = [amount for _, amount in rows]
    notes: tuple[str, ...] = (f"a cross-tabulation of {listed(columns)}",)
    if empty:
        notes = (*notes, f"{empty} empty cells count as 0")
    return Table(table.name, tuple(held), lambda asked, _: iter([[held[name] for name in asked]]), notes=notes)


def _grid(table: Table, names: CrossNames) -> Grid | None:
    """All rows, without empty columns and what stands above; None where there is more than a table has.

    An empty row inside may be a header of nothing (pandas writes one under the names of columns), so it is refused.
    """
    if table.grid is None:
        return None
    rows = [[(text or "").strip() for text in row] for row in itertools.islice(table.grid(), MOST_ROWS + 1)]
    while rows and _is_above(rows[0], names):
        rows = rows[1:]
    while rows and not any(rows[-1]):
        rows = rows[:-1]
    if not all(map(any, rows)):
        return None
    width = max(map(len, rows), default=0)
    if not 2 <= len(rows) <= MOST_ROWS or not 2 <= width <= MOST_COLUMNS:
        return None
    padded = [row + [""] * (width - len(row)) for row in rows]
    kept = [place for place in range(width) if any(row[place] for row in padded)]
    return [[row[place] for place in kept] for row in padded]


def _is_above(row: Sequence[str], names: CrossNames) -> bool:
    """Whether a row is empty, or a title."""
    texts = list(filter(None, row))
    return not texts or (len(texts) == 1 and names.column(texts[0]) is None)


def _readings(
    grid: Grid, header: int, labels: int, names: CrossNames, kind: str
) -> Iterator[tuple[str, CrossCells, int]]:
    head, body = grid[:header], grid[header:]
    slots = _slots(head, body, labels, names)
    if slots is None:
        return
    down, across = slots
    amounts = [row[labels:] for row in body]
    what = _kind([text for row in amounts for text in row], kind)
    if what is None:
        return
    for one in _assigned([*down, *across], names):
        cells = _cells(one[: len(down)], one[len(down) :], amounts, what)
        if cells is not None:
            yield what, *cells


# ---------------------------------------------------------------- what labels are of
def _slots(head: Grid, body: Grid, labels: int, names: CrossNames) -> tuple[list[_Slot], list[_Slot]] | None:
    """The slots of the rows and of the columns; None where this is not how the table is made."""
    said: list[str | None] = []
    corner: list[list[str]] = [list(row[:labels]) for row in head]
    for place in range(labels):
        level = max((i for i, row in enumerate(head) if row[place]), default=None)
        said.append(None if level is None else names.column(head[level][place]))
        if level is not None and said[-1] is None:
            return None
        if level is not None:
            corner[level][place] = ""
    down = _split(
        [_filled([row[place] for row in body], [row[:place] for row in body], names) for place in range(labels)], said
    )
    across = _across(head, corner, labels, names)
    if down is None or across is None:
        return None
    return _settings(down, names), _settings(across, names)


def _across(head: Grid, corner: Grid, labels: int, names: CrossNames) -> list[_Slot] | None:
    columns = [list(row[labels:]) for row in head]
    filled: list[list[str | None]] = []
    said: list[str | None] = []
    banner: str | None = None
    for level, row in enumerate(columns):
        named = {text for text in corner[level] if text}
        if len(named) > 1 or (named and names.column(next(iter(named))) is None):
            return None
        name = names.column(next(iter(named))) if named else None
        if not any(row):
            if name is not None:
                return None
            continue
        over = {text for text in row if text and not names.is_total(text)}
        if len(over) == 1 and names.column(next(iter(over))) is not None and level + 1 < len(columns):
            if banner is not None or name is not None:
                return None
            banner = names.column(next(iter(over)))
            continue
        above = [[columns[i][place] for i in range(level)] for place in range(len(row))]
        filled.append(_filled(row, above, names))
        said.append(name or banner)
        banner = None
    return None if banner is not None else _split(filled, said)


def _filled(texts: Sequence[str], before: Sequence[Sequence[str]], names: CrossNames) -> list[str | None]:
    """Merged cells hold their text at their start; a new label before them ends them. None is a margin."""
    found: list[str | None] = []
    held = ""
    inside_total = False
    for text, others in zip(texts, before, strict=True):
        if any(others):
            inside_total = any(map(names.is_total, filter(None, others)))
            held = ""
        held = text or held
        found.append(None if names.is_total(held) or (inside_total and not held) else held)
    return found


def _split(labels: list[list[str | None]], said: list[str | None]) -> list[_Slot] | None:
    """Slots, all of whose labels are there."""
    if any(label == "" for slot in labels for label in slot):
        return None
    return [_Slot(name, tuple(slot)) for name, slot in zip(said, labels, strict=True)]


def _settings(slots: list[_Slot], names: CrossNames) -> list[_Slot]:
    """``Y=0`` says what it is a label of; ``M=0, Y=1`` is two."""
    found: list[_Slot] = []
    for slot in slots:
        parsed = [_parsed(label, names) for label in slot.held]
        known = {tuple(sorted(each)) for each in parsed if each is not None}
        if slot.column is not None or None in parsed or len(known) != 1:
            found.append(slot)
            continue
        for name in next(iter(known)):
            found.append(_Slot(name, tuple(_setting(label, name, names) for label in slot.labels)))
    return found


def _parsed(label: str, names: CrossNames) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for part in re.split(r"[,;]", label):
        match = SETTING.fullmatch(part.strip())
        column = names.column(match[1]) if match else None
        if match is None or column is None or column in found:
            return None
        found[column] = match[2]
    return found


def _setting(label: str | None, name: str, names: CrossNames) -> str | None:
    return None if label is None else (_parsed(label, names) or {})[name]


def _assigned(slots: list[_Slot], names: CrossNames) -> Iterator[list[_Slot]]:
    """Every way in which slots that do not say what they are of may be of the variables that are left."""
    said = [slot.column for slot in slots if slot.column is not None]
    if len(set(said)) < len(said) or not all(names.may_be(slot.column, slot.held) for slot in slots if slot.column):
        return
    open_slots = [i for i, slot in enumerate(slots) if slot.column is None]
    left = [column for column in names.variables if column not in said]
    if len(left) != len(open_slots):
        return
    for order in itertools.permutations(left):
        chosen = dict(zip(open_slots, order, strict=True))
        if all(names.may_be(column, slots[i].held) for i, column in chosen.items()):
            yield [_Slot(chosen.get(i, slot.column), slot.labels) for i, slot in enumerate(slots)]


# ---------------------------------------------------------------- cells and totals
def _kind(texts: Sequence[str], kind: str) -> str | None:
    """Counts where all are integers, else probabilities; empty cells are neither."""
    held = [text for text in texts if not is_missing(text)]
    readers: dict[str, Callable[[str], int | Fraction | None]] = {
        "counts": count_value,
        "probabilities": probability_value,
    }
    able = [
        what for what, value in readers.items() if kind in ("auto", what) and all(value(t) is not None for t in held)
    ]
    return able[0] if able and held else None


def _cells(
    down: Sequence[_Slot], across: Sequence[_Slot], amounts: Sequence[Sequence[str]], what: str
) -> tuple[CrossCells, int] | None:
    """Each combination of values with its amount; None where one stands there twice, and for totals of nothing."""
    cells: CrossCells = {}
    margins: list[tuple[frozenset[tuple[str, str]], str]] = []
    empty = 0
    for i, row in enumerate(amounts):
        for j, text in enumerate(row):
            pairs = [
                (slot.column or "", slot.labels[place]) for slots, place in ((down, i), (across, j)) for slot in slots
            ]
            key = frozenset((name, label) for name, label in pairs if label is not None)
            if len(key) < len(pairs):
                if is_missing(text):
                    return None
                margins.append((key, text))
                continue
            if key in cells:
                return None
            empty += is_missing(text)
            cells[key] = "0" if is_missing(text) else text
    if not cells:
        return None
    if what == "counts":
        for key, text in margins:
            _check_total(key, text, cells)
    return cells, empty


def _check_total(key: frozenset[tuple[str, str]], text: str, cells: CrossCells) -> None:
    total = sum(count_value(amount) or 0 for cell, amount in cells.items() if key <= cell)
    if count_value(text) != total:
        where = ", ".join(f"{name}={label}" for name, label in sorted(key))
        raise _OffTotalsError(f"the total{f' of {where}' if where else ''} is {text}, and its cells sum to {total}")
