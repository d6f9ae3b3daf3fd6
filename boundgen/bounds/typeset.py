"""A derivation for pages that set mathematics: each term, condition and symbol in LaTeX by itself.

The schema ``boundgen.typeset/1``; what stands under its key ``derivation`` is the JSON of the derivation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import Bounds, Quotient
from boundgen.bounds.latex import (
    bounds_latex,
    condition_rows,
    denominator_latex,
    derivation_latex,
    formula_latex,
    lettered_latex,
    quotient_latex,
    symbols_latex,
    term_latex,
)
from boundgen.bounds.orbits import BoundOrbits, Orbit, bound_orbits
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_latex import piecewise_latex
from boundgen.bounds.proved import notes
from boundgen.bounds.symbols import latex_name, pretty
from boundgen.bounds.wording import LATEX, quantified, reflected
from boundgen.language.printer import print_estimand
from boundgen.language.words import estimand_words
from boundgen.work.unanswered import unanswered_json

if TYPE_CHECKING:
    from boundgen.bounds.derived import Derivation

SCHEMA = "boundgen.typeset/1"


def derivation_typeset(derivation: Derivation) -> dict[str, Any]:
    """A whole derivation.

    Parameters
    ----------
    derivation : Derivation

    Returns
    -------
    dict
    """
    return {
        "schema": SCHEMA,
        "model": derivation.model.name,
        "title": derivation.model.title,
        "symbols": symbols_latex(derivation.notation),
        "names": derivation.notation.latex(),
        "estimands": [_estimand(bounds, derivation) for bounds in derivation.closed_forms],
        "conditions": [
            *(each.latex for each in derivation.independences),
            *condition_rows(derivation, orbits=True),
        ],
        "all_conditions": [
            *(each.latex for each in derivation.independences),
            *condition_rows(derivation, orbits=False),
        ],
        "latex": derivation_latex(derivation),
        "missing": list(derivation.missing),
        **unanswered_json(derivation.unanswered),
        "derivation": derivation.json(orbits=True),
    }


def _estimand(bounds: Bounds | PiecewiseBounds, derivation: Derivation) -> dict[str, Any]:
    """One estimand: what it is, and its bounds term by term, or as displays where they have pieces."""
    asked = {each.name: each for each in derivation.model.estimands}[bounds.name]
    found: dict[str, Any] = {
        "name": bounds.name,
        "text": pretty(bounds.name),
        "latex": latex_name(bounds.name),
        "is": formula_latex(print_estimand(asked, derivation.model.by_name)),
        "words": estimand_words(asked, derivation.model),
        "identified": bounds.identified,
        "notes": list(notes(bounds.missing)),
    }
    if not isinstance(bounds, Bounds):
        return found | {"display": _bodies(piecewise_latex(bounds, orbits=True))}
    orbits = bound_orbits(bounds)
    return found | {
        "display": _bodies(bounds_latex(bounds)),
        "lower": _side(bounds, bounds.quotients(bounds.lower), orbits.lower if orbits.grouped else None),
        "upper": _side(bounds, bounds.quotients(bounds.upper), orbits.upper if orbits.grouped else None),
        "mirror": _mirror(orbits),
    }


def _side(bounds: Bounds, quotients: Sequence[Quotient], orbits: Sequence[Orbit] | None) -> dict[str, Any]:
    """All terms; where some differ by relabelling, each kind of them once too."""
    over = denominator_latex(bounds) if all(each.divided for each in quotients) else ""
    return {
        "over": over,
        "terms": [
            term_latex(each.term, bounds.notation) if over else quotient_latex(bounds, each) for each in quotients
        ],
        "orbits": None if orbits is None else [_orbit(bounds, orbit, over) for orbit in orbits],
    }


def _orbit(bounds: Bounds, orbit: Orbit, over: str) -> dict[str, Any]:
    quotient = bounds.quotient(orbit.representative, orbit.lettered.pattern)
    text = lettered_latex(orbit.lettered, bounds.notation, quotient.term)
    divided = quotient.divided and not over
    return {
        "latex": rf"\frac{{{text}}}{{{denominator_latex(bounds, quotient)}}}" if divided else text,
        "for": quantified(orbit.lettered.quantifiers, LATEX) if quotient.term.coefficients else "",
        "members": list(orbit.members),
    }


def _mirror(orbits: BoundOrbits) -> str | None:
    return None if orbits.mirror is None else reflected(orbits.mirror, LATEX)


def _bodies(displays: str) -> list[str]:
    """What stands in each display, without the comments between them."""
    lines = [line for line in displays.splitlines() if not line.startswith("%")]
    return [part.partition("\\]")[0].strip() for part in "\n".join(lines).split("\\[")[1:]]
