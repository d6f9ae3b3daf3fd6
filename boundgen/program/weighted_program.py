"""A program over strata some of whose coefficients are functions of the data and the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeVar

from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.strata.stratum import Stratum

F = TypeVar("F", Polynomial, RationalFunction)


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

    @property
    def varies(self) -> bool:
        """Whether some rows are no rows of numbers with linear right sides."""
        entries = (entry for column in self.columns for _, entry in column.entries)
        rights = (row.right for row in self.rows)
        return any(entry.number is None for entry in entries) or any(
            right.denominator != ONE or right.numerator.term is None for right in rights
        )

    def unasked(self) -> WeightedProgram:
        """The rows alone: no estimand tells columns apart."""
        columns = tuple(replace(column, cost=ZERO, divisor=ONE) for column in self.columns)
        unit, nothing = RationalFunction(ONE), RationalFunction(ZERO)
        return WeightedProgram(self.rows, columns, unit, True, self.shares, nothing).merged()

    def merged(self) -> WeightedProgram:
        """Columns that are the same in everything, once."""
        kept = {(c.entries, c.cost, c.divisor, c.selected, c.groups): c for c in reversed(self.columns)}
        return replace(self, columns=tuple(reversed(kept.values())))

    def at(self, values: Mapping[str, Number]) -> ProgramAtData:
        """The program with numbers put in."""
        known = [function.value(values) for function in self._distinct.functions]
        rights = [known[k] for k, _ in self._distinct.rows]
        rows = [
            RowAtData(row.relation, right, {j: value for j, k in own if (value := known[k])})
            for i, (row, right, (_, own)) in enumerate(zip(self.rows, rights, self._distinct.rows, strict=True))
            if right is not None and all(known[k] is not None for _, k in own) and not self._follows(i, rights)
        ]
        weights = [polynomial.value(values) for polynomial in self._distinct.weights]
        costs, divisors = ([weights[k] for k in side] for side in (self._distinct.costs, self._distinct.divisors))
        return ProgramAtData(tuple(rows), tuple(costs), tuple(divisors))

    def _follows(self, i: int, rights: Sequence[Fraction | None]) -> bool:
        """Whether a row says what rows before it say; with another right side it contradicts them."""
        multiples = self._distinct.dependent.get(i)
        if multiples is None:
            return False
        return rights[i] == sum((c * (rights[k] or 0) for k, c in multiples.items()), Fraction(0))

    @cached_property
    def _distinct(self) -> _Distinct:
        """Functions by number: there are few, and each is given its value once."""
        functions, weights = _Numbers[RationalFunction](), _Numbers[Polynomial]()
        entries: list[list[tuple[int, int]]] = [[] for _ in self.rows]
        for j, column in enumerate(self.columns):
            for i, entry in column.entries:
                entries[i].append((j, functions[entry]))
        rows = tuple((functions[row.right], tuple(own)) for row, own in zip(self.rows, entries, strict=True))
        costs = tuple(weights[column.cost] for column in self.columns)
        divisors = tuple(weights[column.divisor] for column in self.columns)
        return _Distinct(tuple(functions), tuple(weights), rows, costs, divisors, self._dependent())

    def _dependent(self) -> dict[int, dict[int, Fraction]]:
        """Equality rows whose entries are a combination of those of other rows: with the multiples.

        The total comes first: of all rows its numbers are the smallest.
        """
        numbers: list[dict[int, Fraction]] = [{} for _ in self.rows]
        numeric = [row.relation == "=" and row.right.denominator == ONE for row in self.rows]
        for j, column in enumerate(self.columns):
            for i, entry in column.entries:
                number = entry.number
                numeric[i] &= number is not None
                numbers[i][j] = number or Fraction(0)
        span, found = Span(), {}
        for i in sorted(range(len(self.rows)), key=lambda i: self.rows[i].kind != "total"):
            multiples = span.add(i, numbers[i]) if numeric[i] else None
            if multiples is not None:
                found[i] = multiples
        return found


@dataclass(frozen=True)
class RowAtData:
    """A row with numbers put in; entries that are zero are left out."""

    relation: Literal["=", "<="]
    right: Fraction
    entries: Mapping[int, Fraction]


@dataclass(frozen=True)
class ProgramAtData:
    """Bound ``(costs · ψ) / (divisors · ψ)`` over ψ >= 0 that meet the rows.

    Rows in which a quotient is not defined are left out.
    """

    rows: tuple[RowAtData, ...]
    costs: tuple[Fraction, ...]
    divisors: tuple[Fraction, ...]


@dataclass(frozen=True)
class _Distinct:
    """A program by the numbers of its functions: a row is that of its right side, and columns with their entries."""

    functions: tuple[RationalFunction, ...]
    weights: tuple[Polynomial, ...]
    rows: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]
    costs: tuple[int, ...]
    divisors: tuple[int, ...]
    dependent: Mapping[int, Mapping[int, Fraction]]


class _Numbers(dict[F, int]):
    """What is looked up is numbered when it is first met."""

    def __missing__(self, key: F) -> int:
        found = self[key] = len(self)
        return found
