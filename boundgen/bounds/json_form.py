"""The JSON of a derivation, schema ``boundgen.derivation/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import Bounds
from boundgen.terms import Term

if TYPE_CHECKING:
    from boundgen.derivation import Derivation

SCHEMA = "boundgen.derivation/1"


def derivation_json(derivation: Derivation) -> dict[str, Any]:
    """A whole derivation."""
    found = derivation.conditions
    return {
        "schema": SCHEMA,
        "model": derivation.model.name,
        "cells": [cell.name for cell in derivation.cells],
        "parameters": [parameter.name for parameter in derivation.model.parameters],
        "conditions": None if found is None else [term_json(term, derivation.order) for term in found],
        "estimands": [estimand_json(bounds) for bounds in derivation.bounds],
    }


def estimand_json(bounds: Bounds) -> dict[str, Any]:
    """One estimand of a derivation."""
    order = bounds.notation.order
    return {
        "name": bounds.name,
        "identified": bounds.identified,
        "denominator": term_json(bounds.denominator, order) if bounds.denominator else None,
        "lower": {"op": "max", "terms": [term_json(term, order) for term in bounds.lower.terms]},
        "upper": {"op": "min", "terms": [term_json(term, order) for term in bounds.upper.terms]},
        # Only where time or memory ended the derivation: the bounds are valid, and not proved sharp.
        **({"missing": list(bounds.missing)} if bounds.missing else {}),
    }


def term_json(term: Term, order: tuple[str, ...]) -> dict[str, Any]:
    """Exact rationals as strings."""
    coefficients = term.mapping()
    return {
        "constant": str(term.constant),
        "coefficients": {name: str(coefficients[name]) for name in order if name in coefficients},
    }
