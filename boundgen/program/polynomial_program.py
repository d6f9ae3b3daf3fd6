"""A program over shares whose rows and estimand are polynomials: what independent causes make of cells."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from boundgen.exact.polynomials import Polynomial


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
