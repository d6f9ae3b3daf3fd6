"""The JSON of a derivation, schema ``boundgen.derivation/1``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.functions_json import function_json
from boundgen.bounds.lettering import Quantifier
from boundgen.bounds.mirror import Mirror
from boundgen.bounds.orbits import Orbit, bound_orbits, condition_orbits
from boundgen.bounds.orbits_text import lettered_text
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.bounds.symbols import Notation
from boundgen.bounds.wording import ASCII, quantified, reflected
from boundgen.exact.terms import Term
from boundgen.strata.cells import shown_cells
from boundgen.work.unanswered import unanswered_json

if TYPE_CHECKING:
    from boundgen.bounds.derived import Derivation

SCHEMA = "boundgen.derivation/1"


def derivation_json(derivation: Derivation, orbits: bool = False) -> dict[str, Any]:
    """A whole derivation; `orbits` adds keys and changes none."""
    document = {
        "schema": SCHEMA,
        "model": derivation.model.name,
        "cells": list(shown_cells(derivation.arms)),
        "parameters": [parameter.name for parameter in derivation.model.parameters],
        "conditions": conditions_json(derivation),
        **_factors_json(derivation),
        "estimands": [
            estimand_json(bounds, orbits) if isinstance(bounds, Bounds) else bounds.json(orbits)
            for bounds in derivation.closed_forms
        ],
        **unanswered_json(derivation.unanswered),
    }
    shown = derivation.shown_conditions
    if orbits and shown is not None and derivation.bounds:
        grouped = condition_orbits(derivation.bounds[0], shown)
        document["condition_orbits"] = [
            orbit_json(orbit, derivation.notation, relation) for orbit, _, relation, _ in grouped.relations()
        ]
    return document


def _factors_json(derivation: Derivation) -> dict[str, Any]:
    """Of independent causes: what the cells of factors are in observed cells, and which independences follow."""
    factored = derivation.independent.factored if derivation.independent else None
    if factored is None:
        return {}
    place = {name: i for i, name in enumerate(shown_cells(factored.arms))}
    return {
        "factors": {name: function_json(function, place) for name, function in factored.cells},
        "independences": [each.json() for each in derivation.independences],
    }


def conditions_json(derivation: Derivation) -> list[dict[str, Any]] | None:
    """Each testable implication, to be non-negative; None where they are not known."""
    found = derivation.known_conditions
    return None if found is None else [condition_json(condition, derivation.notation) for condition in found]


def condition_json(condition: AnyCondition, order: tuple[str, ...] | Notation) -> dict[str, Any]:
    """A linear one as a term, another as polynomials; by a notation, with a bounded outcome, in shares and means."""
    if isinstance(condition, Term):
        return term_json(condition, order)
    return condition.json(order if isinstance(order, tuple) else order.order)


def estimand_json(bounds: Bounds, orbits: bool = False) -> dict[str, Any]:
    """One estimand of a derivation; `orbits` adds keys and changes none."""
    order = bounds.notation.order
    document: dict[str, Any] = {
        "name": bounds.name,
        **label_json(bounds.name, bounds.notation),
        "identified": bounds.identified,
        "denominator": term_json(bounds.observed_denominator or bounds.denominator, order)
        if bounds.denominator
        else None,
        "lower": {"op": "max", "terms": [term_json(term, order) for term in bounds.lower.observed]},
        "upper": {"op": "min", "terms": [term_json(term, order) for term in bounds.upper.observed]},
        # Only where time or memory ended the derivation: the bounds are valid, and not proved sharp.
        **({"missing": list(bounds.missing)} if bounds.missing else {}),
    }
    if orbits:
        found = bound_orbits(bounds)
        document["lower"]["orbits"] = [orbit_json(orbit, bounds.notation) for orbit in found.lower]
        document["upper"]["orbits"] = [orbit_json(orbit, bounds.notation) for orbit in found.upper]
        document["mirror"] = mirror_json(found.mirror)
    return document


def orbit_json(orbit: Orbit, notation: Notation, relation: str = "") -> dict[str, Any]:
    """One orbit: a term, how many there are, and the term with letters.

    ``at`` says for which level of the representative each letter stands, ``levels`` for which it may stand.
    """
    term = lettered_text(orbit.lettered, notation, unicode=False)
    text = f"{term} {relation} 0" if relation == "=" else f"{term} >= 0" if relation else term
    return {
        "representative": term_json(orbit.representative, notation.order),
        "size": len(orbit.members),
        **letters_json(orbit.lettered.quantifiers, text),
    }


def letters_json(quantifiers: Sequence[Quantifier], text: str) -> dict[str, Any]:
    """For which levels letters stand, and the text with what is said of them."""
    lettered = [q for q in quantifiers if q.letters]
    letters: dict[str, list[str]] = {}
    levels: dict[str, list[str]] = {}
    for q in lettered:
        letters.setdefault(q.levels.variable, []).extend(q.letters)
        levels |= {letter: [str(level) for level in q.levels.levels] for letter in q.letters}
    return {
        "quantifiers": letters,
        "at": {letter: str(level) for q in lettered for letter, level in zip(q.letters, q.at, strict=True)},
        "levels": levels,
        "text": f"{text} {quantified(lettered, ASCII)}".rstrip(),
    }


def mirror_json(mirror: Mirror | None) -> dict[str, Any] | None:
    """The upper bound as a constant minus the lower one with levels exchanged; None where it is not."""
    if mirror is None:
        return None
    return {
        "constant": str(mirror.constant),
        "exchanged": {name: [[str(v) for v in pair] for pair in pairs] for name, pairs in mirror.exchanged},
        "text": f"upper bound: {reflected(mirror, ASCII)}",
    }


def label_json(name: str, notation: Notation) -> dict[str, str]:
    """What an estimand is in words, where the model says so."""
    label = dict(notation.labels).get(name)
    return {"label": label} if label else {}


def term_json(term: Term, order: tuple[str, ...] | Notation) -> dict[str, Any]:
    """Exact rationals as strings; by a notation, with a bounded outcome, in shares and means."""
    if not isinstance(order, tuple):
        term, order = order.observed(term), order.order
    coefficients = term.mapping()
    return {
        "constant": str(term.constant),
        "coefficients": {name: str(coefficients[name]) for name in order if name in coefficients},
    }
