"""Bounds with pieces as text: ``max{0, 1 − (p10·0 + p01·1) / ATM}  if ATM > 0, else 0``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from boundgen.bounds.piecewise import PiecewiseSide
from boundgen.bounds.piecewise_layout import WrittenChamber, WrittenSide, script, written_side, written_sides
from boundgen.bounds.piecewise_orbits import PieceOrbits, piece_orbits
from boundgen.bounds.piecewise_writing import Script, divisor_text
from boundgen.bounds.proved import notes
from boundgen.bounds.symbols import pretty
from boundgen.bounds.wording import ASCII, TEXT, reflected
from boundgen.exact.polynomials import ONE
from boundgen.rendering.layout import WIDTH, indented

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds

# Of a piece that has its guard beside it.
WIDEST = 2 * WIDTH
ZEROS = "Sharp where all cells are positive; where one is zero, the exact bounds at these data may be narrower."


def piecewise_text(bounds: PiecewiseBounds, unicode: bool, orbits: bool = False) -> str:
    """One estimand's bounds, then what the symbols are."""
    from boundgen.bounds.text import legend_text

    return f"{piecewise_inequality(bounds, unicode, orbits)}\n\n{legend_text(bounds.notation, unicode)}"


def piecewise_inequality(bounds: PiecewiseBounds, unicode: bool, orbits: bool = False) -> str:
    """One estimand between its bounds: a line, or a few for each side; what differs by relabelling once, if wished."""
    bounds = bounds.shown or bounds
    writing = script(bounds, latex=False, unicode=unicode)
    name = pretty(bounds.name, unicode)
    if orbits or bounds.many_laws:
        found = orbits_of(bounds)
        if found.grouped:
            return "\n".join([_grouped(name, found, writing), *piecewise_notes(bounds)])
    lower, upper = written_sides(bounds, writing)
    said = "  (identified)" if bounds.identified else ""
    if bounds.identified and lower.chambers == upper.chambers and lower.otherwise == upper.otherwise:
        lines = _sided(name, "=", lower, writing) + said
    else:
        lines = _together(name, lower, upper, writing) or "\n".join(
            _sided(name, writing.relation(relation), side, writing) for relation, side in ((">=", lower), ("<=", upper))
        )
        lines += said
    return "\n".join([lines, *piecewise_notes(bounds)])


def orbits_of(bounds: PiecewiseBounds) -> PieceOrbits:
    """The pieces of both sides by orbit, in the names in which they are written."""
    return piece_orbits(bounds, script(bounds, latex=False, unicode=False))


def _grouped(name: str, orbits: PieceOrbits, writing: Script) -> str:
    """Each side by orbit, or the upper one as the mirror of the lower one."""
    bounds = orbits.bounds
    if orbits.mirror is not None:
        low = _sided(name, writing.relation(">="), written_side(bounds, bounds.lower, writing, orbits), writing)
        return f"{low}\nupper bound: {reflected(orbits.mirror, TEXT if writing.unicode else ASCII)}"
    lower, upper = written_sides(bounds, writing, orbits)
    said = "  (identified)" if bounds.identified else ""
    if bounds.identified and lower.chambers == upper.chambers and lower.otherwise == upper.otherwise:
        return _sided(name, "=", lower, writing) + said
    low, high = (_sided(name, writing.relation(r), each, writing) for r, each in ((">=", lower), ("<=", upper)))
    return f"{low}\n{high}{said}"


def piecewise_notes(bounds: PiecewiseBounds) -> tuple[str, ...]:
    """What must be said beside bounds that are not sharp everywhere as they stand."""
    return (*([ZEROS] if _has_fractions(bounds) else []), *notes(bounds.missing))


def _has_fractions(bounds: PiecewiseBounds) -> bool:
    """Whether the divisor is unknown and stands in the bounds."""
    pieces = (*bounds.lower.pieces, *bounds.upper.pieces)
    options = (option for piece in pieces for summand in piece.summands for option in summand.options)
    return not bounds.program.identified and any(option.denominator != ONE for option in options)


def piecewise_rows(bounds: PiecewiseBounds) -> list[dict[str, Any]]:
    """A row for each piece of each side, with what must hold for it."""
    bounds = bounds.shown or bounds
    writing = script(bounds, latex=False, unicode=False)
    return [
        {"estimand": bounds.name, "side": name, "number": number, "term": text}
        for name, side in (("lower", bounds.lower), ("upper", bounds.upper))
        for number, text in enumerate(_pieces(bounds, side, writing))
    ]


def _pieces(bounds: PiecewiseBounds, side: PiecewiseSide, writing: Script) -> list[str]:
    return [
        _beside(writing.piece(piece, side.op, bounds.denominator), writing.guards(piece.guards), " ")
        for piece in side.pieces
    ]


def _beside(text: str, guard: str, space: str = "  ") -> str:
    return f"{text}{space}if {guard}" if guard else text


# ---------------------------------------------------------------- layout
def _together(name: str, lower: WrittenSide, upper: WrittenSide, writing: Script) -> str:
    """Both sides in one line, where nothing must hold and it is short; else nothing."""
    if not (lower.is_plain and upper.is_plain):
        return ""
    low, high = (_row(side.op, side.chambers[0], writing) for side in (lower, upper))
    at_most = writing.relation("<=")
    line = f"{low} {at_most} {name} {at_most} {high}"
    return line if len(line) <= WIDTH else ""


def _sided(name: str, relation: str, side: WrittenSide, writing: Script) -> str:
    """One side; one that falls into chambers has a line for each."""
    if len(side.chambers) == 1:
        (chamber,) = side.chambers
        tail = (f", else {side.otherwise}" if side.otherwise else "") if chamber.guard else ""
        return _beside(_fitting(f"{name} {relation} ", side.op, chamber, writing), chamber.guard) + tail
    lines = [_fitting(f"if {chamber.guard}: ", side.op, chamber, writing) for chamber in side.chambers]
    return "\n".join([f"{name} {relation}", *(indented(indented(line)) for line in lines)])


def _fitting(before: str, op: str, chamber: WrittenChamber, writing: Script) -> str:
    """A row where it is short and no piece needs a guard of its own; else a column."""
    if not any(piece.guard or piece.words for piece in chamber.pieces):
        row = before + _row(op, chamber, writing)
        if len(row) <= WIDTH:
            return row
    return before + _column(op, chamber)


def _broken(parts: Sequence[str]) -> str:
    """A long piece: as many summands in a line as it holds, and more lines where a maximum has many options."""
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + len(part) >= WIDTH:
            lines.append("")
        first, *others = _filled(f"{lines[-1]} {part}".lstrip())
        lines[-1:] = [first, *others]
    return "\n    ".join(lines)


def _filled(line: str) -> list[str]:
    # Where letters stand for levels a semicolon is between options.
    comma = ";" if "; " in line else ","
    first, *options = line.split(f"{comma} ")
    lines = [first]
    for option in options:
        if len(lines[-1]) + len(option) + 2 > WIDTH:
            lines[-1] += comma
            lines.append(f"    {option}")
        else:
            lines[-1] += f"{comma} {option}"
    return lines


def _row(op: str, chamber: WrittenChamber, writing: Script) -> str:
    return writing.extremum(op, [piece.text for piece in chamber.pieces]) + _over(chamber)


def _column(op: str, chamber: WrittenChamber) -> str:
    are_wide = len(chamber.pieces) > 1 and any(len(piece.text) > WIDEST for piece in chamber.pieces)
    if are_wide or any(piece.words for piece in chamber.pieces):
        return _lettered_column(op, chamber)
    if len(chamber.pieces) == 1:
        return _beside(_broken(chamber.pieces[0].parts), chamber.pieces[0].guard)
    wide = max((len(piece.text) for piece in chamber.pieces if piece.guard), default=0)
    lines = [_beside(p.text.ljust(wide) if p.guard else p.text, p.guard) for p in chamber.pieces]
    inside = ",\n".join(f"    {line}" for line in lines)
    return f"{op}{{\n{inside}\n}}{_over(chamber)}"


def _lettered_column(op: str, chamber: WrittenChamber) -> str:
    """Guards and the levels for which letters stand: in a second column, or below where that would be too wide."""
    found = []
    for piece in chamber.pieces:
        tail = "  ".join(filter(None, [f"if {piece.guard}" if piece.guard else "", piece.words]))
        text = _broken(piece.parts)
        wide = len(text.split("\n")[-1]) + len(tail) + 2 > WIDTH
        found.append(f"{text}\n    {tail}" if wide and tail else f"{text}  {tail}" if tail else text)
    inside = ",\n".join(indented(indented(text)) for text in found)
    return f"{op}{{\n{inside}\n}}{_over(chamber)}"


def _over(chamber: WrittenChamber) -> str:
    return f" / {divisor_text(chamber.over)}" if chamber.over else ""
