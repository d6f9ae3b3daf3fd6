"""The linear program of one estimand: rows are observed cells and assumptions, columns are strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from boundgen.exact.terms import Term, combination
from boundgen.strata.stratum import Stratum

Entry = Fraction | int


@dataclass(frozen=True)
class Row:
    """``the sum of entries times ψ  (= or <=)  right``.

    Parameters
    ----------
    kind : {"cell", "total", "assumption"}
    name : str
        A cell's canonical name, or the assumption as it was written.
    relation : {"=", "<="}
    right : Term
        The cell itself, the number one, or numbers and parameters.
    """

    kind: Literal["cell", "total", "assumption"]
    name: str
    relation: Literal["=", "<="]
    right: Term


@dataclass(frozen=True)
class Column:
    """A stratum in the program.

    Parameters
    ----------
    stratum : Stratum
    entries : tuple of (row, entry)
        The entries that are not zero, by row number.
    cost : Fraction or int
        The estimand's numerator in this stratum.
    event : int
        Whether the stratum is in the estimand's conditioning event; 1 where there is none.
    merged : int
        How many strata this column stands for.
    """

    stratum: Stratum
    entries: tuple[tuple[int, Entry], ...]
    cost: Entry
    event: Entry = 1
    merged: int = 1


@dataclass(frozen=True)
class LinearProgram:
    """Minimise ``cost · ψ`` over ψ >= 0 that meet the rows.

    Parameters
    ----------
    rows : tuple of Row
    columns : tuple of Column
    offset : Term
        Parameters that the estimand adds to its mean over strata.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    offset: Term = Term()

    def negated(self) -> LinearProgram:
        """The program whose minimum is minus the maximum of this one."""
        columns = tuple(replace(column, cost=-column.cost) for column in self.columns)
        return replace(self, columns=columns, offset=-self.offset)

    @property
    def equalities(self) -> tuple[int, ...]:
        return tuple(i for i, row in enumerate(self.rows) if row.relation == "=")

    @property
    def restricted(self) -> bool:
        """Whether assumption rows stand beside the cells and the total."""
        return any(row.kind == "assumption" for row in self.rows)

    def size(self) -> str:
        """The size in words."""
        cells = sum(row.kind == "cell" for row in self.rows)
        assumed = sum(row.kind == "assumption" for row in self.rows)
        total = ["the total"] if len(self.rows) > cells + assumed else []
        kinds = [f"{cells} cells", *total, *([f"{assumed} of assumptions"] if assumed else [])]
        return f"{len(self.columns)} columns, {len(self.rows)} rows ({', '.join(kinds)})"


@dataclass(frozen=True)
class Reduction:
    """What one pass gives: a smaller program and the way back.

    Parameters
    ----------
    name : str
    program : LinearProgram
    columns, rows : tuple of int
        The columns and rows of the program before that were kept. A solution of the smaller program
        is a solution of the larger one with ψ = 0 elsewhere; a dual vertex, with 0 in dropped rows.
    equalities : tuple of Term
        Functions of the data that must be zero: what a dropped row demanded of the right sides.
    forced : tuple of Forced
        Why columns were removed as zero; a dual vertex then needs a multiple of that row, which costs nothing.
    """

    name: str
    program: LinearProgram
    columns: tuple[int, ...]
    rows: tuple[int, ...]
    equalities: tuple[Term, ...] = ()
    forced: tuple[Forced, ...] = ()


@dataclass(frozen=True)
class Forced:
    """An assumption row with right side zero, and the columns that it forces to zero."""

    row: int
    columns: tuple[int, ...]


def right_side(program: LinearProgram, multiples: Sequence[Fraction | int]) -> Term:
    """``y · b``: a combination of the right sides of the rows."""
    return combination((y, row.right) for y, row in zip(multiples, program.rows, strict=True))


def lifted(point: tuple[Fraction, ...], kept: tuple[int, ...], size: int) -> tuple[Fraction, ...]:
    """A solution over kept positions, with zeros put back elsewhere."""
    full = [Fraction(0)] * size
    for position, value in zip(kept, point, strict=True):
        full[position] = value
    return tuple(full)
