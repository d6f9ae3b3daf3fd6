"""Which guards of a side are said once, which beside their pieces, and where a side falls into chambers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from boundgen.bounds.piecewise import Guard, LawKinds, Piece, PiecewiseSide
from boundgen.bounds.piecewise_forms import is_sum_of_products, shown_polynomial
from boundgen.bounds.piecewise_printing import multiple_of, only_number, only_value
from boundgen.bounds.piecewise_writing import Script, quotient
from boundgen.bounds.shares import shares
from boundgen.bounds.simplest_form import Simplifier
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds
    from boundgen.bounds.piecewise_orbits import PieceOrbits
    from boundgen.program.weighted_program import WeightedProgram

# Up to so many terms each has its own divisor.
FEW = 2


@dataclass(frozen=True)
class WrittenPiece:
    """A piece as it is written.

    Parameters
    ----------
    parts : tuple of str
        By what it adds up.
    guard : str
        What must hold for it alone; empty where nothing must.
    words : str
        For which levels its letters stand; empty where there are none.
    """

    parts: tuple[str, ...]
    guard: str
    words: str = ""

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
        What is taken of pieces.
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
            said
            for chamber in self.chambers
            for said in (chamber.guard, *(each.guard or each.words for each in chamber.pieces))
        )


def script(bounds: PiecewiseBounds, latex: bool, unicode: bool = True) -> Script:
    """How the parts of bounds are written."""
    reading = bounds.simplifier
    divisors = [option.denominator for side in (bounds.lower, bounds.upper) for option in _options(side)]
    known = [divisor for divisor in dict.fromkeys(divisors) if divisor != ONE]
    known += [bounds.denominator] if bounds.denominator is not None else []
    return Script(bounds.notation, reading, (*known, *_deciding(bounds)), shares(bounds), latex, unicode)


@dataclass(frozen=True)
class _Told:
    """A piece, how it is written, and whether its guards are those of one choice of levels."""

    piece: Piece
    script: Script
    moving: bool = False

    def without(self, guards: Sequence[Guard]) -> _Told:
        return replace(self, piece=replace(self.piece, guards=tuple(g for g in self.piece.guards if g not in guards)))


def written_sides(
    bounds: PiecewiseBounds, script: Script, orbits: PieceOrbits | None = None
) -> tuple[WrittenSide, WrittenSide]:
    """Both sides as they are written."""
    return written_side(bounds, bounds.lower, script, orbits), written_side(bounds, bounds.upper, script, orbits)


def written_side(
    bounds: PiecewiseBounds, side: PiecewiseSide, script: Script, orbits: PieceOrbits | None = None
) -> WrittenSide:
    """A side as it is written: by chambers, with one guard for all, or with guards beside its pieces.

    Parameters
    ----------
    bounds : PiecewiseBounds
    side : PiecewiseSide
        One of its sides.
    script : Script
    orbits : PieceOrbits, optional
        With these, pieces that differ by relabelling are written once.

    Returns
    -------
    WrittenSide
    """
    if not side.pieces:
        # The estimand has no end there, whatever the data are.
        infinity = ("" if side.op == "min" else script.minus) + script.infinity
        return WrittenSide(side.op, (WrittenChamber("", (WrittenPiece((infinity,), ""),)),))
    if len(side.laws) > 1:
        if orbits is not None and side.kinds is not None:
            return _by_kind(side, side.kinds, bounds.denominator, orbits.plain(script), orbits)
        return _over_laws(side, bounds.denominator, script)
    whole = _one_function(side, script.reading)
    if orbits is None or whole != side:
        told = [_Told(piece, script) for piece in whole.pieces]
    else:
        script = orbits.plain(script)
        told = _told(side, script, orbits)
        script = orbits.common(script, (p for t in told if not t.moving for p in _said_of(t.piece, bounds.denominator)))
    over = bounds.denominator
    numbers = [each for each in told if not each.piece.guards and _is_number(each.piece, over, script)]
    rest = [each for each in told if each not in numbers]
    groups: dict[tuple[Guard, ...], list[_Told]] = {}
    for each in rest:
        groups.setdefault(each.piece.guards, []).append(each.without(each.piece.guards))
    if not any(each.moving for each in rest) and _exclude(list(groups), script.reading):
        found = [
            _chamber(script.guards(guards), [*numbers, *pieces], side.op, over, script)
            for guards, pieces in groups.items()
        ]
        # The positive side of what decides stands first.
        return WrittenSide(side.op, tuple(sorted(found, key=lambda chamber: _is_below(chamber.guard))))
    if not bounds.program.identified and len(whole.pieces) == len(rest) == 1 and not rest[0].piece.guards:
        rest = [replace(rest[0], piece=_where_defined(rest[0].piece, bounds, side.op))]
    shared = _shared(rest)
    pieces = [each.without(shared) for each in rest]
    chamber = _chamber(script.guards(shared), [*numbers, *pieces], side.op, over, script)
    otherwise = _otherwise(bounds, side, [each.piece for each in numbers], script)
    if not shared and not numbers and rest and all(each.piece.guards for each in rest) and otherwise:
        chamber = replace(chamber, pieces=(*chamber.pieces, WrittenPiece((otherwise,), "")))
    return WrittenSide(side.op, (chamber,), otherwise if shared else "")


def _over_laws(side: PiecewiseSide, over: Polynomial | None, script: Script) -> WrittenSide:
    """By extreme laws: one below the other, or each where its guards hold, where they exclude each other."""
    shared, found = [], []
    for law in side.laws.values():
        told = [_Told(piece, script) for piece in law]
        guards = _shared(told)
        own = [each.without(guards) for each in told]
        shared.append(guards)
        found.append(_nested(own, side.op, over, script) if len(own) > 1 else script.parts(own[0].piece, side.op, over))
    if all(shared) and _exclude(shared, script.reading):
        chambers = [
            WrittenChamber(script.guards(guards), (WrittenPiece(tuple(parts), ""),))
            for guards, parts in zip(shared, found, strict=True)
        ]
        return WrittenSide(side.across, tuple(sorted(chambers, key=lambda chamber: _is_below(chamber.guard))))
    pieces = [WrittenPiece(tuple(parts), script.guards(guards)) for guards, parts in zip(shared, found, strict=True)]
    return WrittenSide(side.across, (WrittenChamber("", tuple(pieces)),))


def _by_kind(
    side: PiecewiseSide, kinds: LawKinds, over: Polynomial | None, plain: Script, orbits: PieceOrbits
) -> WrittenSide:
    """One extreme law of each kind, with letters in place of levels."""
    found = []
    for kind in kinds.kinds:
        pieces = side.laws[kind.first]
        script = orbits.law_script(pieces, side.op, plain)
        told = [_Told(piece, script) for piece in pieces]
        guards = _shared(told)
        own = [each.without(guards) for each in told]
        parts = _nested(own, side.op, over, script) if len(own) > 1 else script.parts(own[0].piece, side.op, over)
        found.append(WrittenPiece(tuple(parts), script.guards(guards), script.words))
    return WrittenSide(side.across, (WrittenChamber("", tuple(found)),))


def _nested(told: Sequence[_Told], op: str, over: Polynomial | None, script: Script) -> list[str]:
    """The pieces at one law, of which the best counts."""
    start, end = (rf"\{op} \{{", r"\}") if script.latex else (f"{op}{{", "}")
    said = r" \text{ if } " if script.latex else " if "
    texts = []
    for each in told:
        guard = script.guards(each.piece.guards)
        texts.append(" ".join(script.parts(each.piece, op, over)) + (f"{said}{guard}" if guard else ""))
    return [start + texts[0] + ",", *(f"{text}," for text in texts[1:-1]), texts[-1] + end]


def _told(side: PiecewiseSide, script: Script, orbits: PieceOrbits) -> list[_Told]:
    found = []
    for orbit in orbits.lower if side.op == "max" else orbits.upper:
        moving = any(orbits.moves(guard.polynomial) for guard in orbit.representative.guards)
        found.append(_Told(orbit.representative, orbits.script(orbit, side.op, script), moving))
    return found


def _said_of(piece: Piece, over: Polynomial | None) -> Iterator[Polynomial]:
    """What may be said once of all pieces."""
    yield from (guard.polynomial for guard in piece.guards)
    yield from [] if over is None else [over]


def _shared(rest: Sequence[_Told]) -> tuple[Guard, ...]:
    """The guards of all pieces, which relabelling does not change."""
    if not rest or any(each.moving for each in rest):
        return ()
    return tuple(g for g in rest[0].piece.guards if all(g in each.piece.guards for each in rest))


def _one_function(side: PiecewiseSide, reading: Simplifier) -> PiecewiseSide:
    """Where a divisor of either sign divides what is identified, both pieces are one fraction."""
    values = [only_value(piece) for piece in side.pieces]
    if len(values) != 2 or values[0] is None or values[1] is None:
        return side
    one, other = values[0], values[1]
    guards = [piece.guards for piece in side.pieces]
    if one.numerator * other.denominator != other.numerator * one.denominator or not _exclude(guards, reading):
        return side
    return replace(side, pieces=(replace(side.pieces[0], guards=()),))


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
    return any(not is_sum_of_products(cost.scaled(-1 if op == "min" else 1)) for cost in costs)


def _is_below(guard: str) -> bool:
    return any(sign in guard for sign in (" < ", " <= ", " ≤ ", r" \leq "))


def _chamber(guard: str, told: Sequence[_Told], op: str, over: Polynomial | None, script: Script) -> WrittenChamber:
    """The pieces of a chamber; what divides many of them stands below all."""
    together = over is not None and len(told) > FEW and all(_stays_over(t.piece, over, script) for t in told)
    inside = None if together else over
    found = tuple(
        WrittenPiece(
            tuple(each.script.parts(each.piece, op, inside)), each.script.guards(each.piece.guards), each.script.words
        )
        for each in told
    )
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
