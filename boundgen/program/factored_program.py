"""A program over independent response types: a polytope for each group of variables that share causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.strata.stratum import Stratum


@dataclass(frozen=True)
class FactorRow:
    """``the sum of entries times ψ  (= or <=)  right``; where a quotient in it is not defined it demands nothing.

    Parameters
    ----------
    kind : {"total", "cell", "part", "assumption"}
        A part is the beginning of a cell: all that is known of it where later variables have no units.
    name : str
        The cell of the factor, ``P(X=0,Y=1|do(M=0))``, its part, or the assumption as it was written.
    relation : {"=", "<="}
    right : RationalFunction
        In observed cells and parameters.
    entries : tuple of (column, number)
    """

    kind: Literal["total", "cell", "part", "assumption"]
    name: str
    relation: Literal["=", "<="]
    right: RationalFunction
    entries: tuple[tuple[int, Number], ...]


@dataclass(frozen=True)
class Factor:
    """The response types of variables that share causes, and what the data say of their law (Tian's c-factor).

    Parameters
    ----------
    variables : tuple of str
    columns : tuple of Stratum
    rows : tuple of FactorRow
        The total first.
    events : tuple of tuple of int
        For each event of which the estimand speaks, the columns that are in it.
    """

    variables: tuple[str, ...]
    columns: tuple[Stratum, ...]
    rows: tuple[FactorRow, ...]
    events: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class FactoredTerm:
    """A coefficient times the probabilities of events, at most one of each factor, by the number of the factor."""

    coefficient: Polynomial
    events: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class FactoredProgram:
    """Bound ``numerator / divisor``, both multilinear in the laws of the factors, which are independent.

    Parameters
    ----------
    factors : tuple of Factor
    numerator : tuple of FactoredTerm
    divisor : tuple of FactoredTerm, or None
        Never negative; None where there is none.
    """

    factors: tuple[Factor, ...]
    numerator: tuple[FactoredTerm, ...]
    divisor: tuple[FactoredTerm, ...] | None = None
