"""Tables in text."""

from __future__ import annotations

from collections.abc import Container, Sequence


def table(rows: Sequence[Sequence[str]], numbers: Container[int] = ()) -> str:
    """Columns of equal width, side by side.

    Parameters
    ----------
    rows
        The last cell of a row that is shorter than others runs on, and widens no column.
    numbers
        Columns that stand to the right.

    >>> print(table([["", "lower", "upper"], ["ate", "-1.0", "0.25"]], numbers=(1, 2)))
         lower  upper
    ate   -1.0   0.25
    """
    count = max(map(len, rows))
    widths = [
        max((len(row[k]) for row in rows if len(row) > k + 1 or len(row) == count), default=0) for k in range(count)
    ]
    return "\n".join("  ".join(_cells(row, widths, numbers)).rstrip() for row in rows)


def _cells(row: Sequence[str], widths: Sequence[int], numbers: Container[int]) -> list[str]:
    return [
        cell.rjust(width) if k in numbers else cell.ljust(width)
        for k, (cell, width) in enumerate(zip(row, widths, strict=False))
    ]


def even(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows, short ones filled with empty cells: nothing runs on."""
    count = max(map(len, rows))
    return [[*row, *([""] * (count - len(row)))] for row in rows]
