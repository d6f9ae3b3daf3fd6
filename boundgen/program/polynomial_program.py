"""A program over shares whose rows and estimand are polynomials: what independent causes make of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.program.weighted_program import WeightedColumn, WeightedProgram, WeightedRow
from boundgen.strata.stratum import Stratum


@dataclass(frozen=True)
class PolynomialRow:
    """``polynomial = 0`` or ``polynomial >= 0``."""

    polynomial: Polynomial
    relation: Literal["=", ">="]


@dataclass(frozen=True)
class PolynomialProgram:
    """Bound ``numerator / divisor`` over shares between zero and one that meet the rows, at given data.

    Parameters
    ----------
    shares : tuple of str
        The names of the unknowns.
    rows : tuple of PolynomialRow
        Their coefficients are numbers: cells and parameters are put in.
    numerator, divisor : Polynomial
        The divisor is the number one where there is none; otherwise it is never negative.
    low, high : Fraction
        What the estimand lies between without data.
    """

    shares: tuple[str, ...]
    rows: tuple[PolynomialRow, ...]
    numerator: Polynomial
    divisor: Polynomial
    low: Fraction
    high: Fraction

    def linear(self) -> WeightedProgram | None:
        """The same program, whose coefficients are numbers, where no two shares are multiplied; None otherwise.

        Its last column is one: what it costs is what is added to the shares.

        Returns
        -------
        WeightedProgram or None
        """
        terms = [row.polynomial.term for row in self.rows]
        above, below = self.numerator.term, self.divisor.term
        known = [term for term in terms if term is not None]
        if above is None or below is None or len(known) < len(terms):
            return None
        rows = [WeightedRow("total", "", "=", RationalFunction(ONE))]
        entries: dict[str, list[tuple[int, RationalFunction]]] = {name: [] for name in self.shares}
        for number, (term, row) in enumerate(zip(known, self.rows, strict=True), 1):
            sign = 1 if row.relation == "=" else -1
            relation: Literal["=", "<="] = "=" if row.relation == "=" else "<="
            rows.append(WeightedRow("assumption", "", relation, RationalFunction.of_number(-sign * term.constant)))
            for name, value in term.coefficients:
                entries[name].append((number, RationalFunction.of_number(sign * value)))
        costs, divisors = above.mapping(), below.mapping()
        columns = [_column(entries[name], costs.get(name, 0), divisors.get(name, 0)) for name in self.shares]
        one = _column([(0, RationalFunction(ONE))], above.constant, below.constant)
        if self.divisor == ONE:
            columns, one = [replace(column, divisor=ONE) for column in columns], replace(one, divisor=ONE)
        return WeightedProgram(
            tuple(rows), (*columns, one), RationalFunction(ONE), identified=self.divisor == ONE
        ).merged()


def _column(entries: Sequence[tuple[int, RationalFunction]], cost: Number, divisor: Number) -> WeightedColumn:
    return WeightedColumn(Stratum(()), tuple(entries), Polynomial.number(cost), Polynomial.number(divisor))
