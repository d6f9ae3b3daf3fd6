"""A program over strata some of whose coefficients are functions of the data and the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.program.linear_program import Column, LinearProgram, Row
from boundgen.strata.stratum import Stratum


@dataclass(frozen=True)
class WeightedRow:
    """``the sum of entries times ψ  (= or <=)  right``; where a quotient in it is not defined it demands nothing.

    Parameters
    ----------
    kind : {"cell", "total", "selection", "assumption"}
    name : str
        A cell's canonical name, or the assumption as it was written.
    relation : {"=", "<="}
    right : RationalFunction
    """

    kind: Literal["cell", "total", "selection", "assumption"]
    name: str
    relation: Literal["=", "<="]
    right: RationalFunction


@dataclass(frozen=True)
class WeightedColumn:
    """A stratum in the program.

    Parameters
    ----------
    stratum : Stratum
    entries : tuple of (row, RationalFunction)
        Those that are not zero, by row number.
    cost, divisor : Polynomial
        What the stratum adds to the numerator and to the divisor.
    selected : tuple of int
        To which selections whose probability is not known it belongs.
    groups : tuple of int
        To which events it belongs whose probabilities are the program's `shares`.
    """

    stratum: Stratum
    entries: tuple[tuple[int, RationalFunction], ...]
    cost: Polynomial
    divisor: Polynomial
    selected: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()


@dataclass(frozen=True)
class WeightedProgram:
    """Bound ``(cost · ψ) / (divisor · ψ) / over`` over ψ >= 0 that meet the rows and have a divisor other than zero.

    Parameters
    ----------
    rows : tuple of WeightedRow
    columns : tuple of WeightedColumn
    over : RationalFunction
        A known factor of the divisor, of either sign.
    identified : bool
        Whether the data identify the divisor, which then is part of `over`; each column's own is one.
    shares : tuple of RationalFunction
        The probabilities of the events whose means assumptions compare.
    mean : RationalFunction or None
        The mean of the costs, where the data identify it.
    """

    rows: tuple[WeightedRow, ...]
    columns: tuple[WeightedColumn, ...]
    over: RationalFunction
    identified: bool
    shares: tuple[RationalFunction, ...] = ()
    mean: RationalFunction | None = None

    def merged(self) -> WeightedProgram:
        """Columns that are the same in everything, once."""
        kept = {(c.entries, c.cost, c.divisor, c.selected, c.groups): c for c in reversed(self.columns)}
        return replace(self, columns=tuple(reversed(kept.values())))

    def at(self, values: Mapping[str, Number]) -> LinearProgram:
        """The program with numbers put in: its columns' events are their divisors."""
        kept: dict[int, int] = {}
        rows: list[Row] = []
        asked = self._entries_by_row()
        for i, row in enumerate(self.rows):
            numbers = [function.value(values) for function in (row.right, *asked[i])]
            if None not in numbers:
                kept[i] = len(rows)
                kind: Literal["cell", "total", "assumption"] = "assumption" if row.kind == "selection" else row.kind
                rows.append(Row(kind, row.name, row.relation, Term(numbers[0] or Fraction(0))))
        return LinearProgram(tuple(rows), tuple(self._column_at(column, kept, values) for column in self.columns))

    def _entries_by_row(self) -> list[set[RationalFunction]]:
        found: list[set[RationalFunction]] = [set() for _ in self.rows]
        for column in self.columns:
            for i, entry in column.entries:
                found[i].add(entry)
        return found

    @staticmethod
    def _column_at(column: WeightedColumn, kept: Mapping[int, int], values: Mapping[str, Number]) -> Column:
        entries = ((kept[i], entry.value(values)) for i, entry in column.entries if i in kept)
        return Column(
            column.stratum,
            tuple((i, value) for i, value in entries if value),
            column.cost.value(values),
            column.divisor.value(values),
        )
