"""What stands in the columns of a file: how many values, which, and how many are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from boundgen.data.table import Table
from boundgen.data.texts import as_number, is_missing, label_text, number_or_truth
from boundgen.work.limits import Report

MOST_KEPT = 60
MOST_COLUMNS = 500
MOST_SHOWN = 5


@dataclass(frozen=True)
class SeenColumn:
    """A column of a file.

    Parameters
    ----------
    name : str
    held : tuple of (text, int)
        Each value with how often it stands there, in rising order; empty where there are very many.
    rows, missing : int
    low, high : float or None
        The least and the greatest number, where all are numbers.
    """

    name: str
    held: tuple[tuple[str, int], ...]
    rows: int
    missing: int
    low: float | None
    high: float | None

    @property
    def values(self) -> tuple[str, ...]:
        """The different values; empty where there are very many."""
        return tuple(text for text, _ in self.held)

    @property
    def is_number(self) -> bool:
        """Whether every value is a number."""
        return self.low is not None

    @property
    def integers(self) -> tuple[int, ...]:
        """The values as integers, where all are; else none."""
        numbers = [number_or_truth(text) for text in self.values]
        whole = [int(number) for number in numbers if number is not None and number == int(number)]
        return tuple(whole) if len(whole) == len(numbers) else ()

    def text(self) -> str:
        """What stands there in a few words."""
        gone = f"; {self.missing} missing" if self.missing else ""
        if self.held and len(self.held) <= MOST_SHOWN:
            return ", ".join(f"{_short(text)} ({count})" for text, count in self.held) + gone
        many = f"{len(self.held)} values" if self.held else f"more than {MOST_KEPT} values"
        if self.is_number:
            return f"{many} from {self.low:g} to {self.high:g}{gone}"
        return f"{many}{', such as ' + _short(self.values[0]) if self.held else ''}{gone}"


def _short(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= 24 else f"{shown[:24]}..."


class _Seeing:
    """A column while it is read."""

    def __init__(self) -> None:
        self.held: Counter[str] | None = Counter()
        self.missing = 0
        self.low: float | None = float("inf")
        self.high = float("-inf")

    def meet(self, texts: Counter[str | None]) -> None:
        """Look at the texts of a chunk."""
        for text, count in texts.items():
            if text is None or is_missing(text):
                self.missing += count
                continue
            self._range(text)
            if self.held is not None:
                self.held[label_text(text)] += count
                self.held = self.held if len(self.held) <= MOST_KEPT else None

    def _range(self, text: str) -> None:
        number = as_number(text)
        if number is None or self.low is None:
            self.low = None
        else:
            self.low, self.high = min(self.low, number), max(self.high, number)

    def seen(self, name: str, rows: int) -> SeenColumn:
        """What was found."""
        held = sorted((self.held or {}).items(), key=lambda one: _rank(one[0]))
        is_number = self.low is not None and self.low <= self.high
        return SeenColumn(
            name, tuple(held), rows, self.missing, self.low if is_number else None, self.high if is_number else None
        )


def _rank(text: str) -> tuple[float, str]:
    number = as_number(text)
    return (float("inf") if number is None else float(number), text)


def seen_columns(table: Table, report: Report) -> list[SeenColumn]:
    """Every column with a name of its own."""
    names = [name for name in table.columns if name.strip() and table.columns.count(name) == 1][:MOST_COLUMNS]
    seeing = {name: _Seeing() for name in names}
    rows = 0
    for chunk in table.chunks(names, report) if names else ():
        rows += len(chunk[0])
        for name, texts in zip(names, chunk, strict=True):
            seeing[name].meet(Counter(texts))
    return list(_seen(seeing, rows))


def _seen(seeing: dict[str, _Seeing], rows: int) -> Iterator[SeenColumn]:
    for name, one in seeing.items():
        yield one.seen(name, rows)
