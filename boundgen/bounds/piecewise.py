"""The shape of closed forms beyond one linear program: pieces, each a sum of weighted maxima of fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.rational import Number


@dataclass(frozen=True)
class Guard:
    """``polynomial > 0``, or ``polynomial >= 0``."""

    polynomial: Polynomial
    relation: Literal[">", ">="] = ">"

    def holds(self, at: Mapping[str, Number]) -> bool:
        """Whether it holds at data."""
        value = self.polynomial.value(at)
        return value > 0 or (self.relation == ">=" and not value)


@dataclass(frozen=True)
class Summand:
    """``weight`` times the largest (in an upper side, the smallest) of the options; the weight is not negative."""

    weight: Polynomial
    options: tuple[RationalFunction, ...]


@dataclass(frozen=True)
class Piece:
    """A sum of summands, which bounds the estimand where all guards hold."""

    guards: tuple[Guard, ...]
    summands: tuple[Summand, ...]


@dataclass(frozen=True)
class PiecewiseSide:
    """A side of a bound: the largest (of an upper side, the smallest) of the pieces whose guards hold.

    Parameters
    ----------
    op : {"max", "min"}
        Of a lower side and of an upper side.
    pieces : tuple of Piece
    """

    op: Literal["max", "min"]
    pieces: tuple[Piece, ...]

    def value(self, at: Mapping[str, Number]) -> Fraction | None:
        """The printed form at data; None where no piece applies there, or a fraction is divided by zero."""
        pick = max if self.op == "max" else min
        found = []
        for piece in self.pieces:
            if all(guard.holds(at) for guard in piece.guards):
                options = [[option.value(at) for option in summand.options] for summand in piece.summands]
                if any(None in values for values in options):
                    continue
                best = [pick(value for value in values if value is not None) for values in options]
                weights = [summand.weight.value(at) for summand in piece.summands]
                found.append(sum((w * v for w, v in zip(weights, best, strict=True)), Fraction(0)))
        return pick(found) if found else None
