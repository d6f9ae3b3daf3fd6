"""The shape of closed forms beyond one linear program: pieces, each a sum of weighted maxima of fractions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """A sum of summands, which bounds the estimand where all guards hold.

    Parameters
    ----------
    guards : tuple of Guard
    summands : tuple of Summand
    law : int
        Where several independent laws are unknown: the number of the extreme law of some of them that it is for.
    """

    guards: tuple[Guard, ...]
    summands: tuple[Summand, ...]
    law: int = 0

    def value(self, at: Mapping[str, Number], op: Literal["max", "min"]) -> Fraction | None:
        """The sum at data; None where a guard does not hold, or a fraction is divided by zero."""
        if not all(guard.holds(at) for guard in self.guards):
            return None
        pick = max if op == "max" else min
        total = Fraction(0)
        for summand in self.summands:
            options = [option.value(at) for option in summand.options]
            if None in options:
                return None
            total += summand.weight.value(at) * pick(value for value in options if value is not None)
        return total

    def reduced(self, at: Mapping[str, Number], op: Literal["max", "min"]) -> Piece:
        """The piece with the one option of each maximum that counts at data at which the piece has a value."""
        pick = max if op == "max" else min

        def chosen(summand: Summand) -> Summand:
            values = {option: value for option in summand.options if (value := option.value(at)) is not None}
            return Summand(summand.weight, (pick(values, key=values.__getitem__),))

        return Piece((), tuple(map(chosen, self.summands)))


@dataclass(frozen=True)
class KindOfLaw:
    """Extreme laws that differ by relabelling levels.

    Parameters
    ----------
    first : int
        The number of one of them.
    images : mapping of int to mapping of str to str
        For each of them by number, also for the first, what the names in the first become in it; others stay.
    """

    first: int
    images: Mapping[int, Mapping[str, str]]


@dataclass(frozen=True)
class LawKinds:
    """All extreme laws of a side by kind.

    Parameters
    ----------
    kinds : tuple of KindOfLaw
    symmetries : tuple of mapping of str to str
        What each exchange of two levels that changes nothing else does to names.
    """

    kinds: tuple[KindOfLaw, ...]
    symmetries: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class PiecewiseSide:
    """A side of a bound: the largest (of an upper side, the smallest) of the pieces whose guards hold.

    Where several independent laws are unknown, so it is at each extreme law of some of them; and of these the worst
    counts: the smallest (of an upper side, the largest).

    Parameters
    ----------
    op : {"max", "min"}
        Of a lower side and of an upper side.
    pieces : tuple of Piece
    kinds : LawKinds or None
        The extreme laws by kind, where some differ by relabelling: pieces of laws of a kind are in the same order.
    """

    op: Literal["max", "min"]
    pieces: tuple[Piece, ...]
    kinds: LawKinds | None = field(default=None, compare=False, repr=False)

    @property
    def across(self) -> Literal["max", "min"]:
        """What is taken of extreme laws."""
        return "min" if self.op == "max" else "max"

    @property
    def laws(self) -> dict[int, tuple[Piece, ...]]:
        """The pieces by extreme law; there is one where there are no such."""
        found: dict[int, list[Piece]] = {}
        for piece in self.pieces:
            found.setdefault(piece.law, []).append(piece)
        return {law: tuple(pieces) for law, pieces in found.items()}

    def value(self, at: Mapping[str, Number]) -> Fraction | None:
        """The printed form at data; None where no piece applies there, or a fraction is divided by zero."""
        pick, worst = (max, min) if self.op == "max" else (min, max)
        best: dict[int, Fraction] = {}
        for piece, value in zip(self.pieces, self.values(at), strict=True):
            if value is not None:
                best[piece.law] = pick(best.get(piece.law, value), value)
        return worst(best.values()) if best else None

    def values(self, at: Mapping[str, Number]) -> tuple[Fraction | None, ...]:
        """The value of each piece at data; None where it does not apply, or is divided by zero."""
        return tuple(piece.value(at, self.op) for piece in self.pieces)
