"""Bounds with pieces as LaTeX displays (amsmath): what depends on a guard in ``cases``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from boundgen.bounds.piecewise_layout import (
    WrittenChamber,
    WrittenPiece,
    WrittenSide,
    script,
    written_side,
    written_sides,
)
from boundgen.bounds.piecewise_text import orbits_of, piecewise_notes
from boundgen.bounds.piecewise_writing import Script
from boundgen.bounds.symbols import latex_name
from boundgen.bounds.wording import LATEX, reflected
from boundgen.rendering import latex

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds

LONGEST_ROW = 2
# Signs that are seen.
WIDEST = 70
ALIGNED = r"\begin{aligned}"
COMMAND = re.compile(r"\\(?:cdot|frac|left|right|mathrm|begin|end)\b|[{}_\\ ]")


def piecewise_latex(bounds: PiecewiseBounds, orbits: bool = False) -> str:
    """One estimand's bounds: one display where nothing must hold, else one for each side.

    Parameters
    ----------
    bounds : PiecewiseBounds
    orbits : bool
        Write pieces that differ by relabelling once, and the upper bound as the mirror of the lower one.

    Returns
    -------
    str
    """
    bounds = bounds.shown or bounds
    found = orbits_of(bounds) if orbits or bounds.many_laws else None
    grouped = found if found is not None and found.grouped else None
    writing = script(bounds, latex=True)
    name = latex_name(bounds.name)
    if grouped is not None and grouped.mirror is not None:
        low = _side(written_side(bounds, bounds.lower, writing, grouped), writing)
        displays = [rf"{name} \geq {low}", rf"\text{{upper bound: {reflected(grouped.mirror, LATEX)}}}"]
    else:
        displays = _displays(name, bounds.identified, *written_sides(bounds, writing, grouped), writing)
    displays[0] += bounds.notation.beside_latex(bounds.name)
    remarks = "".join(f"% {latex.comment(text)}\n" for text in piecewise_notes(bounds))
    return remarks + "\n".join(f"\\[\n{body}\n\\]" for body in displays)


def _displays(name: str, identified: bool, lower: WrittenSide, upper: WrittenSide, writing: Script) -> list[str]:
    low, high = _side(lower, writing), _side(upper, writing)
    if identified and low == high:
        return [f"{name} = {low}"]
    if lower.is_plain and upper.is_plain and ALIGNED not in low + high:
        return [f"{low}\n\\leq {name} \\leq\n{high}"]
    return [rf"{name} \geq {low}", rf"{name} \leq {high}"]


def _side(side: WrittenSide, writing: Script) -> str:
    rows = [(_extremum(side.op, chamber, writing), chamber.guard) for chamber in side.chambers]
    if len(rows) == 1 and not side.otherwise:
        ((body, guard),) = rows
        return rf"{body} \quad \text{{if }} {guard}" if guard else body
    lines = [rf"  {body} & \text{{if }} {guard}" for body, guard in rows]
    lines += [rf"  {side.otherwise} & \text{{otherwise}}"] if side.otherwise else []
    inside = " \\\\\n".join(lines)
    return f"\\begin{{cases}}\n{inside}\n\\end{{cases}}"


def _extremum(op: str, chamber: WrittenChamber, writing: Script) -> str:
    texts = [piece.text for piece in chamber.pieces]
    if any(piece.guard or piece.words for piece in chamber.pieces):
        rows = [f"{piece.text} &{_tail(piece)}" for piece in chamber.pieces]
        body = rows[0].replace(" &", r" \quad", 1) if len(rows) == 1 else _array(op, "ll", rows)
    elif len(texts) == 1:
        body = _aligned(chamber.pieces[0])
    elif len(texts) > LONGEST_ROW:
        body = _array(op, "l", texts)
    else:
        body = writing.extremum(op, texts)
    return writing.over(body, chamber.over) if chamber.over else body


def _tail(piece: WrittenPiece) -> str:
    """What must hold for a piece, and for which levels its letters stand."""
    guard = rf" \text{{if }} {piece.guard}" if piece.guard else ""
    words = rf" \text{{{' ' if guard else ''}{piece.words}}}" if piece.words else ""
    return guard + words


def _aligned(piece: WrittenPiece) -> str:
    """A sum in one row, or a row for each summand where it would be too wide."""
    if len(piece.parts) == 1 or len(COMMAND.sub("", piece.text)) <= WIDEST:
        return piece.text
    first, *others = piece.parts
    rows = " \\\\\n".join([f"  & {first}", *(f"  & {{}} {part}" for part in others)])
    return f"{ALIGNED}[t]\n{rows}\n\\end{{aligned}}"


def _array(op: str, columns: str, rows: list[str]) -> str:
    inside = " \\\\\n".join(f"  {row}" for row in rows)
    return f"\\{op} \\left\\{{ \\begin{{array}}{{{columns}}}\n{inside}\n\\end{{array}} \\right\\}}"
