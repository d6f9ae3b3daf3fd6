"""Which guards of a side are said once, which beside their pieces, and where a side falls into chambers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide
from boundgen.bounds.piecewise_forms import shown_polynomial
from boundgen.bounds.piecewise_printing import multiple_of, only_number, only_value
from boundgen.bounds.piecewise_writing import Script, quotient
from boundgen.bounds.shares import shares
from boundgen.bounds.simplest_form import Simplifier
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds
    from boundgen.program.weighted_program import WeightedProgram

# Up to so many terms each has its own divisor.
FEW = 2


@dataclass(frozen=True)
class WrittenPiece:
    """A piece as it is written, by what it adds up, and what must hold for it alone; empty where nothing must."""

    parts: tuple[str, ...]
    guard: str

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(self.parts)


@dataclass(frozen=True)
class WrittenChamber:
    """What a side is where a guard holds.

    Parameters
    ----------
    guard : str
        Empty where nothing must hold.
    pieces : tuple of WrittenPiece
    over : str
        What divides all of them.
    """

    guard: str
    pieces: tuple[WrittenPiece, ...]
    over: str = ""


@dataclass(frozen=True)
class WrittenSide:
    """A side as it is written.

    Parameters
    ----------
    op : {"max", "min"}
    chambers : tuple of WrittenChamber
        One or more.
    otherwise : str
        The bound where no guard holds; empty where there is none to be said.
    """

    op: Literal["max", "min"]
    chambers: tuple[WrittenChamber, ...]
    otherwise: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether no guard is to be said."""
        return len(self.chambers) == 1 and not any(
            guard for chamber in self.chambers for guard in (chamber.guard, *(each.guard for each in chamber.pieces))
        )


def script(bounds: PiecewiseBounds, latex: bool, unicode: bool = True) -> Script:
    """How the parts of bounds are written."""
    reading = bounds.simplifier
    divisors = [option.denominator for side in (bounds.lower, bounds.upper) for option in _options(side)]
    known = [divisor for divisor in dict.fromkeys(divisors) if divisor != ONE]
    known += [bounds.denominator] if bounds.denominator is not None else []
    return Script(bounds.notation, reading, (*known, *_deciding(bounds)), shares(bounds), latex, unicode)


def written_sides(bounds: PiecewiseBounds, script: Script) -> tuple[WrittenSide, WrittenSide]:
    """Both sides as they are written."""
    return written_side(bounds, bounds.lower, script), written_side(bounds, bounds.upper, script)


def written_side(bounds: PiecewiseBounds, side: PiecewiseSide, script: Script) -> WrittenSide:
    """A side as it is written: by chambers, with one guard for all, or with guards beside its pieces."""
    if not side.pieces:
        # The estimand has no end there, whatever the data are.
        infinity = ("" if side.op == "min" else script.minus) + script.infinity
        return WrittenSide(side.op, (WrittenChamber("", (WrittenPiece((infinity,), ""),)),))
    side = _one_function(side, script.reading)
    numbers = [piece for piece in side.pieces if not piece.guards and _is_number(piece, bounds.denominator, script)]
    rest = [piece for piece in side.pieces if piece not in numbers]
    groups: dict[tuple[Guard, ...], list[Piece]] = {}
    for piece in rest:
        groups.setdefault(piece.guards, []).append(replace(piece, guards=()))
    over = bounds.denominator
    if _exclude(list(groups), script.reading):
        found = [
            _chamber(script.guards(guards), [*numbers, *pieces], side.op, over, script)
            for guards, pieces in groups.items()
        ]
        # The positive side of what decides stands first.
        return WrittenSide(side.op, tuple(sorted(found, key=lambda chamber: _is_below(chamber.guard))))
    if not bounds.program.identified and len(side.pieces) == len(rest) == 1 and not rest[0].guards:
        rest = [_where_defined(rest[0], bounds, side.op)]
    shared = tuple(g for g in rest[0].guards if all(g in piece.guards for piece in rest)) if rest else ()
    pieces = [replace(p, guards=tuple(g for g in p.guards if g not in shared)) for p in rest]
    chamber = _chamber(script.guards(shared), [*numbers, *pieces], side.op, over, script)
    otherwise = _otherwise(bounds, side, numbers, script)
    if not shared and not numbers and rest and all(piece.guards for piece in rest) and otherwise:
        chamber = replace(chamber, pieces=(*chamber.pieces, WrittenPiece((otherwise,), "")))
    return WrittenSide(side.op, (chamber,), otherwise if shared else "")


def _one_function(side: PiecewiseSide, reading: Simplifier) -> PiecewiseSide:
    """Where a divisor of either sign divides what is identified, both pieces are one fraction."""
    values = [only_value(piece) for piece in side.pieces]
    if len(values) != 2 or values[0] is None or values[1] is None:
        return side
    one, other = values[0], values[1]
    guards = [piece.guards for piece in side.pieces]
    if one.numerator * other.denominator != other.numerator * one.denominator or not _exclude(guards, reading):
        return side
    return PiecewiseSide(side.op, (replace(side.pieces[0], guards=()),))


def _where_defined(piece: Piece, bounds: PiecewiseBounds, op: str) -> Piece:
    """One fraction for everything: a ratio without end has none where its divisor is zero."""
    value = only_value(piece)
    if value is None or value.denominator == ONE or not is_unbounded(bounds.program, op):
        return piece
    return replace(piece, guards=(Guard(value.denominator),))


def _is_number(piece: Piece, over: Polynomial | None, script: Script) -> bool:
    value = only_value(piece)
    if value is None or over is None:
        return only_number(piece) is not None
    divided = quotient(value, over, script.reading)
    return divided.denominator == ONE and divided.numerator.constant is not None


def _otherwise(bounds: PiecewiseBounds, side: PiecewiseSide, numbers: Sequence[Piece], script: Script) -> str:
    if numbers:
        return script.piece(numbers[0], side.op, bounds.denominator)
    if not is_unbounded(bounds.program, side.op):
        return ""
    return ("" if side.op == "min" else script.minus) + script.infinity


def is_unbounded(program: WeightedProgram, op: str) -> bool:
    """Whether the ratio has no end on that side: a stratum outside the divisor that adds to the numerator."""
    costs = [column.cost for column in program.columns if not column.divisor]
    ends = [c for cost in costs for c in ([cost.constant] if cost.constant is not None else [1, -1])]
    return any(c > 0 if op == "min" else c < 0 for c in ends)


def _is_below(guard: str) -> bool:
    return any(sign in guard for sign in (" < ", " <= ", " ≤ ", r" \leq "))


def _chamber(guard: str, pieces: Sequence[Piece], op: str, over: Polynomial | None, script: Script) -> WrittenChamber:
    """The pieces of a chamber; what divides many of them stands below all."""
    together = over is not None and len(pieces) > FEW and all(_stays_over(piece, over, script) for piece in pieces)
    inside = None if together else over
    found = tuple(WrittenPiece(tuple(script.parts(p, op, inside)), script.guards(p.guards)) for p in pieces)
    return WrittenChamber(guard, found, script.polynomial(over) if together and over is not None else "")


def _stays_over(piece: Piece, over: Polynomial, script: Script) -> bool:
    """Whether a piece is a function without a divisor of its own that is no multiple of what divides all."""
    value = only_value(piece)
    return value is not None and value.denominator == ONE and quotient(value, over, script.reading).denominator != ONE


# ---------------------------------------------------------------- guards
def _options(side: PiecewiseSide) -> Iterator[RationalFunction]:
    return (option for piece in side.pieces for summand in piece.summands for option in summand.options)


def _exclude(groups: Sequence[Sequence[Guard]], reading: Simplifier) -> bool:
    """Whether of any two groups of guards one says the opposite of the other."""
    return len(groups) > 1 and all(
        any(_is_opposite(one, other, reading) for one in first for other in second)
        for first, second in itertools.combinations(groups, 2)
    )


def _is_opposite(one: Guard, other: Guard, reading: Simplifier) -> bool:
    multiple = multiple_of(one.polynomial, other.polynomial, reading)
    return multiple is not None and multiple < 0


def _deciding(bounds: PiecewiseBounds) -> Iterator[Polynomial]:
    """What decides between chambers: of two opposite guards the one with fewer minus signs."""
    reading = bounds.simplifier
    for side in (bounds.lower, bounds.upper):
        groups = list(dict.fromkeys(piece.guards for piece in side.pieces if piece.guards))
        if _exclude(groups, reading):
            for one, other in itertools.combinations(dict.fromkeys(g for guards in groups for g in guards), 2):
                if _is_opposite(one, other, reading):
                    yield min((one.polynomial, other.polynomial), key=lambda each: _minus_signs(each, reading))


def _minus_signs(polynomial: Polynomial, reading: Simplifier) -> int:
    products = shown_polynomial(polynomial, reading)
    return sum(c < 0 for product in products for term in product for c in (term.constant, *term.mapping().values()))
