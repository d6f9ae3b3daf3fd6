"""Bounds with pieces in the JSON of a derivation, schema ``boundgen.derivation/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundgen.bounds.functions_json import function_json, polynomial_json
from boundgen.bounds.piecewise import Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_layout import script
from boundgen.bounds.piecewise_orbits import PieceOrbit, PieceOrbits
from boundgen.bounds.piecewise_text import orbits_of
from boundgen.bounds.piecewise_writing import Script
from boundgen.bounds.to_json import label_json, letters_json, mirror_json

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds


def piecewise_json(bounds: PiecewiseBounds, orbits: bool = False) -> dict[str, Any]:
    """One estimand of a derivation; sides have ``pieces`` where linear bounds have ``terms``.

    Parameters
    ----------
    bounds : PiecewiseBounds
    orbits : bool
        Add keys and change none.

    Returns
    -------
    dict
    """
    document = _plain(bounds)
    if orbits:
        # Conditional probabilities have names there, as they have in print.
        found = orbits_of(bounds.shown or bounds)
        writing = found.plain(script(found.bounds, latex=False, unicode=False))
        for key, op, listed in (("lower", "max", found.lower), ("upper", "min", found.upper)):
            document[key]["orbits"] = [_orbit(found, orbit, op, writing) for orbit in listed]
        document["mirror"] = mirror_json(found.mirror)
    return document


def _orbit(folded: PieceOrbits, orbit: PieceOrbit, op: str, writing: Script) -> dict[str, Any]:
    """One orbit: a piece, how many there are, and the piece with letters."""
    bounds = folded.bounds
    place = {name: i for i, name in enumerate(bounds.notation.order)}
    lettered = folded.script(orbit, op, writing)
    guard = lettered.guards(orbit.representative.guards)
    text = lettered.piece(orbit.representative, op, bounds.denominator) + (f" if {guard}" if guard else "")
    return {
        "representative": _piece(orbit.representative, op, place),
        "size": len(orbit.members),
        **letters_json(lettered.lettering.quantifiers, text),
    }


def _plain(bounds: PiecewiseBounds) -> dict[str, Any]:
    bounds = bounds.observed
    place = {name: i for i, name in enumerate(bounds.notation.order)}
    return {
        "name": bounds.name,
        **label_json(bounds.name, bounds.notation),
        "identified": bounds.identified,
        "denominator": None if bounds.denominator is None else polynomial_json(bounds.denominator, place),
        "lower": side_json(bounds.lower, place),
        "upper": side_json(bounds.upper, place),
        **({"missing": list(bounds.missing)} if bounds.missing else {}),
    }


def side_json(side: PiecewiseSide, place: dict[str, int]) -> dict[str, Any]:
    """The largest (smallest) of the pieces whose conditions hold; of extreme laws the smallest (largest) of these."""
    laws = [
        {"op": side.op, "pieces": [_piece(piece, side.op, place) for piece in pieces]} for pieces in side.laws.values()
    ]
    return {"op": side.across, "laws": laws} if len(laws) > 1 else {"op": side.op, "pieces": [], **next(iter(laws), {})}


def _piece(piece: Piece, op: str, place: dict[str, int]) -> dict[str, Any]:
    return {
        "if": [{"value": polynomial_json(g.polynomial, place), "relation": g.relation} for g in piece.guards],
        "sum": [_summand(summand, op, place) for summand in piece.summands],
    }


def _summand(summand: Summand, op: str, place: dict[str, int]) -> dict[str, Any]:
    return {
        "weight": polynomial_json(summand.weight, place),
        "op": op,
        "options": [function_json(option, place) for option in summand.options],
    }
