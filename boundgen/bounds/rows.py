"""Bounds and derivations as tidy rows: one for each term and each testable implication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.text import all_conditions_text, quotient_text

if TYPE_CHECKING:
    from boundgen.bounds.derived import Derivation


def bounds_rows(bounds: Bounds) -> list[dict[str, Any]]:
    """A row for each term of each side, numbered as `Bounds.active` does."""
    return [
        _row(bounds.name, side, number, quotient_text(bounds, quotient, unicode=False))
        for side, terms in (("lower", bounds.lower), ("upper", bounds.upper))
        for number, quotient in enumerate(bounds.quotients(terms))
    ]


def derivation_rows(derivation: Derivation) -> list[dict[str, Any]]:
    """The rows of all bounds, then one for each testable implication, which is of no estimand."""
    conditions = [*(each.text for each in derivation.independences), *all_conditions_text(derivation, unicode=False)]
    rows = [row for bounds in derivation.closed_forms for row in bounds.rows()]
    return [*rows, *(_row(None, "condition", number, text) for number, text in enumerate(conditions))]


def _row(estimand: str | None, side: str, number: int, text: str) -> dict[str, Any]:
    return {"estimand": estimand, "side": side, "number": number, "term": text}
