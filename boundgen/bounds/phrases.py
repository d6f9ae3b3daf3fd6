"""A term as a sequence of signed symbols, in the order in which papers write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from boundgen.exact.terms import Term

Phrase = tuple[tuple[Fraction, str], ...]


def phraser(order: tuple[str, ...], names: Mapping[str, str]) -> Callable[[Term], Phrase]:
    """What makes phrases of terms.

    Definitions first, then cells to be added, cells to be subtracted, parameters, and the number.
    A positive number stands first: ``1 - p``; a negative one last: ``p - 1``. It has the empty symbol.
    """
    rank = {name: i for i, name in enumerate(order)}
    first_cell = next((i for i, name in enumerate(order) if _is_cell(name)), len(order))

    def place(part: tuple[str, Fraction]) -> tuple[int, int]:
        name, coefficient = part
        if _is_cell(name):
            return (1 if coefficient > 0 else 2), rank[name]
        return (0 if rank[name] < first_cell else 3), rank[name]

    def phrase(term: Term) -> Phrase:
        parts = [(c, names[name]) for name, c in sorted(term.coefficients, key=place)]
        number = [(term.constant, "")] if term.constant or not parts else []
        return tuple(number + parts if term.constant > 0 else parts + number)

    return phrase


def _is_cell(name: str) -> bool:
    """Whether it is the name of a probability or a mean, not of a parameter or a definition."""
    return "(" in name or "[" in name


def is_probability(name: str) -> bool:
    """Whether it is the name of a probability, which is never negative: no mean of a bounded outcome, no parameter."""
    return "(" in name and not name.startswith("E[")


def written(phrase: Phrase, minus: str, times: str = "") -> str:
    """Signs and coefficients in front of symbols."""
    text = ""
    for i, (coefficient, symbol) in enumerate(phrase):
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
    if left == Term() and all(is_probability(name) for name, _ in right.coefficients) and not right.constant:
        return right, "=", left
    return (left, ">=", right) if left.coefficients else (right, "<=", left)


def relations(terms: tuple[Term, ...]) -> list[tuple[Term, str, Term]]:
    """Conditions as relations; two opposite ones are one equality."""
    found: list[tuple[Term, str, Term]] = []
    everything, before = set(terms), set[Term]()
    for term in terms:
        left, relation, right = two_sides(term)
        if -term not in before:
            found.append((left, "=" if -term in everything else relation, right))
        before.add(term)
    return found
