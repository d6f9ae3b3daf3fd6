"""Bounds and derivations as text, with unicode where the terminal can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from boundgen.bounds.closed_form import Bounds, Side
from boundgen.bounds.phrases import phraser, relations, written
from boundgen.bounds.symbols import Notation, pretty
from boundgen.terms import Term

if TYPE_CHECKING:
    from boundgen.derivation import Derivation

WIDTH = 100
FEW = 2


def derivation_text(derivation: Derivation, unicode: bool) -> str:
    """Title, symbols, bounds, testable implications."""
    model = derivation.model
    parts = [f"{model.name}: {model.title}" if model.title else model.name]
    parts.append(_indented(legend_text(derivation.notation, unicode)))
    parts += [_indented(inequality_text(bounds, unicode)) for bounds in derivation.bounds]
    if derivation.conditions_missing:
        parts.append(derivation.conditions_missing)
    else:
        parts.append(_conditions(derivation, unicode))
    return "\n\n".join(parts) + "\n"


def bounds_text(bounds: Bounds, unicode: bool) -> str:
    """One estimand's bounds, then what the symbols are."""
    return f"{inequality_text(bounds, unicode)}\n\n{legend_text(bounds.notation, unicode)}"


def legend_text(notation: Notation, unicode: bool) -> str:
    """What each symbol is."""
    lines = [f"{left} = {right}" for left, right in notation.legend]
    lines += [f"{pretty(name, unicode)} = {expression}" for name, expression in notation.definitions]
    text = "\n".join(lines)
    return text.replace(" - ", " − ") if unicode else text.replace("·", ".")


def term_text(term: Term, notation: Notation, unicode: bool) -> str:
    """One term in short symbols."""
    return terms_text([term], notation, unicode)[0]


def terms_text(terms: Iterable[Term], notation: Notation, unicode: bool) -> list[str]:
    """Terms in short symbols."""
    phrase = phraser(notation.order, notation.texts(unicode))
    return [written(phrase(term), "−" if unicode else "-") for term in terms]


def inequality_text(bounds: Bounds, unicode: bool) -> str:
    """One estimand between its bounds: a line, or a few."""
    name = pretty(bounds.name, unicode)
    at_most, at_least = ("≤", "≥") if unicode else ("<=", ">=")
    if bounds.identified and len(bounds.lower.terms) == len(bounds.upper.terms) == 1:
        # Both sides are the same function of the data; the shorter form is shown.
        forms = (_extremum("max", bounds, side, unicode) for side in (bounds.lower, bounds.upper))
        return f"{name} = {min(forms, key=len)}  (identified)"
    few = len(bounds.lower.terms) + len(bounds.upper.terms) < WIDTH
    low, high = (
        _extremum(op, bounds, side, unicode) if few else ""
        for op, side in (("max", bounds.lower), ("min", bounds.upper))
    )
    line = f"{low} {at_most} {name} {at_most} {high}"
    if len(line) > WIDTH or not few:
        low, high = _column("max", bounds, bounds.lower, unicode), _column("min", bounds, bounds.upper, unicode)
        line = f"{name} {at_least} {low}\n{name} {at_most} {high}"
    return line + ("  (identified)" if bounds.identified else "") + "".join(f"\n{text}" for text in notes(bounds))


def notes(bounds: Bounds) -> tuple[str, ...]:
    """What must be said beside bounds that are not proved sharp."""
    return ("Valid bounds that are not proved sharp.", *bounds.missing) if bounds.missing else ()


def _extremum(op: str, bounds: Bounds, side: Side, unicode: bool) -> str:
    terms, over = _terms(bounds, side, unicode)
    return terms[0] + over if len(terms) == 1 else f"{op}{{{', '.join(terms)}}}{over}"


def _column(op: str, bounds: Bounds, side: Side, unicode: bool) -> str:
    terms, over = _terms(bounds, side, unicode, few=0 if len(side.terms) > 1 else 1)
    if len(terms) == 1:
        return terms[0] + over
    lines = "".join(f"\n    {term}," for term in terms).rstrip(",")
    return f"{op}{{{lines}\n}}{over}"


def _terms(bounds: Bounds, side: Side, unicode: bool, few: int = FEW) -> tuple[list[str], str]:
    """The terms, and the denominator that stands behind all of them where they are many."""
    terms = terms_text(side.shown, bounds.notation, unicode)
    if bounds.denominator is None or bounds.shown_denominator is None:
        return terms, ""
    text = term_text(bounds.shown_denominator, bounds.notation, unicode)
    over = f" / ({text})" if " " in text else f" / {text}"
    if len(terms) > few:
        return terms, over
    return [_over(shown, plain, bounds.denominator, over) for shown, plain in zip(terms, side.terms, strict=True)], ""


def _over(shown: str, plain: Term, denominator: Term, over: str) -> str:
    """A term divided by the denominator; 0 and 1 are written as numbers."""
    if plain in (Term(), denominator):
        return "0" if plain == Term() else "1"
    return f"({shown}){over}" if " " in shown else shown + over


def conditions_text(terms: tuple[Term, ...], notation: Notation, unicode: bool) -> list[str]:
    """Each testable implication as ``left ≥ right``."""
    signs = {">=": "≥", "<=": "≤", "=": "="} if unicode else {">=": ">=", "<=": "<=", "=": "="}
    found = relations(terms)
    left = terms_text((left for left, _, _ in found), notation, unicode)
    right = terms_text((right for _, _, right in found), notation, unicode)
    return [f"{one} {signs[relation]} {other}" for one, (_, relation, _), other in zip(left, found, right, strict=True)]


def _conditions(derivation: Derivation, unicode: bool) -> str:
    shown = derivation.shown_conditions
    if shown is None:
        return "Testable implications were left out."
    if not shown:
        return "No testable implications: every distribution of the cells is compatible with the model."
    lines = conditions_text(shown, derivation.notation, unicode)
    return "Testable implications:\n\n" + _indented("\n".join(lines))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))
