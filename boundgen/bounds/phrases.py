"""A term as a sequence of signed symbols, in the order in which papers write them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from boundgen.terms import Term

Phrase = tuple[tuple[Fraction, str], ...]


def phrase(term: Term, order: tuple[str, ...], names: Mapping[str, str]) -> Phrase:
    """Definitions first, then cells to be added, cells to be subtracted, parameters, and the number.

    A positive number stands first: ``1 - p``; a negative one last: ``p - 1``. It has the empty symbol.
    """
    coefficients = term.mapping()
    rank = {name: i for i, name in enumerate(order)}
    special = set(order) - {name for name in order if "(" in name}
    definitions = [n for n in order if n in coefficients and n in special and rank[n] < _first_cell(order)]
    parameters = [n for n in order if n in coefficients and n in special and n not in definitions]
    cells = [n for n in order if n in coefficients and n not in special]
    added = [n for n in cells if coefficients[n] > 0]
    subtracted = [n for n in cells if coefficients[n] < 0]
    parts = [(coefficients[n], names[n]) for n in (*definitions, *added, *subtracted, *parameters)]
    number = [(term.constant, "")] if term.constant or not parts else []
    return tuple(number + parts if term.constant > 0 else parts + number)


def _first_cell(order: tuple[str, ...]) -> int:
    return next((i for i, name in enumerate(order) if "(" in name), len(order))


def written(found: Phrase, minus: str, times: str = "") -> str:
    """Signs and coefficients in front of symbols."""
    text = ""
    for i, (coefficient, symbol) in enumerate(found):
        sign = (minus if coefficient < 0 else "") if i == 0 else f" {minus if coefficient < 0 else '+'} "
        size = abs(coefficient)
        space = " " if size.denominator != 1 and not times else times
        factor = "" if symbol and size == 1 else str(size) + (space if symbol else "")
        text += sign + factor + symbol
    return text


def two_sides(term: Term) -> tuple[Term, str, Term]:
    """A condition ``term >= 0`` without minus signs: left, relation (``>=``, ``<=``, ``=``), right.

    A number stands on the right. A sum of cells that may not exceed zero is zero.
    """
    left = Term.of(max(term.constant, Fraction(0)), {n: c for n, c in term.coefficients if c > 0})
    right = Term.of(max(-term.constant, Fraction(0)), {n: -c for n, c in term.coefficients if c < 0})
    if left == Term() and all("(" in name for name, _ in right.coefficients) and not right.constant:
        return right, "=", left
    return (left, ">=", right) if left.coefficients else (right, "<=", left)


def relations(terms: tuple[Term, ...]) -> list[tuple[Term, str, Term]]:
    """Conditions as relations; two opposite ones are one equality."""
    found = []
    for i, term in enumerate(terms):
        left, relation, right = two_sides(term)
        if -term in terms:
            relation = "="
            if -term in terms[:i]:
                continue
        found.append((left, relation, right))
    return found
