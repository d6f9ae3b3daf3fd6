"""Bounds and derivations as text, with unicode where the terminal can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from boundgen.bounds.closed_form import Bounds, Quotient, Side
from boundgen.bounds.phrases import phraser, relations, written
from boundgen.bounds.proved import notes
from boundgen.bounds.symbols import Notation, pretty
from boundgen.exact.terms import Term
from boundgen.rendering.layout import WIDTH, indented
from boundgen.rendering.signs import signs

if TYPE_CHECKING:
    from boundgen.bounds.derived import Derivation
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds
    from boundgen.bounds.product_conditions import AnyCondition

FEW = 2


def derivation_text(derivation: Derivation, unicode: bool, orbits: bool = False) -> str:
    """Title, symbols, bounds, testable implications."""
    model = derivation.model
    parts = [f"{model.name}: {model.title}" if model.title else model.name]
    parts.append(indented(legend_text(derivation.notation, unicode)))
    parts += [indented(closed_form_text(bounds, unicode, orbits)) for bounds in derivation.closed_forms]
    parts += (
        [indented("\n".join(each.said(unicode) for each in derivation.unanswered))] if derivation.unanswered else []
    )
    parts.append(derivation.conditions_missing or _conditions(derivation, unicode, orbits))
    return "\n\n".join(parts) + "\n"


def closed_form_text(bounds: Bounds | PiecewiseBounds, unicode: bool, orbits: bool = False) -> str:
    """Both sides of one estimand, linear or of pieces."""
    if isinstance(bounds, Bounds):
        return inequality_text(bounds, unicode, orbits)
    from boundgen.bounds.piecewise_text import piecewise_inequality

    return piecewise_inequality(bounds, unicode, orbits)


def bounds_text(bounds: Bounds, unicode: bool, orbits: bool = False) -> str:
    """One estimand's bounds, then what the symbols are."""
    return f"{inequality_text(bounds, unicode, orbits)}\n\n{legend_text(bounds.notation, unicode)}"


def legend_text(notation: Notation, unicode: bool) -> str:
    """What each symbol is."""
    lines = [f"{left} = {right}" for left, right in notation.legend]
    lines += [f"{pretty(name, unicode)} = {expression}" for name, expression in notation.definitions]
    lines += [f"{pretty(name, unicode)}: {label}" for name, label in notation.labels]
    text = "\n".join(lines)
    return text.replace(" - ", " − ") if unicode else text.replace("·", ".")


def term_text(term: Term, notation: Notation, unicode: bool) -> str:
    """One term in short symbols."""
    return terms_text([term], notation, unicode)[0]


def terms_text(terms: Iterable[Term], notation: Notation, unicode: bool) -> list[str]:
    """Terms in short symbols."""
    phrase = phraser(notation.order, notation.texts(unicode))
    return [written(phrase(notation.observed(term)), signs(unicode).minus) for term in terms]


def inequality_text(bounds: Bounds, unicode: bool, orbits: bool = False) -> str:
    """One estimand between its bounds: a line, or a few; terms that differ by relabelling once, if so wished."""
    idle = "".join(f"\n{pretty(name, unicode)} is in no term" for name in bounds.idle_parameters)
    return _inequality(bounds, unicode, orbits) + idle


def _inequality(bounds: Bounds, unicode: bool, orbits: bool) -> str:
    if orbits:
        from boundgen.bounds.orbits_text import grouped_text

        found = grouped_text(bounds, unicode)
        if found is not None:
            return found
    name = pretty(bounds.name, unicode)
    sign = signs(unicode)
    if bounds.identified and len(bounds.lower.terms) == len(bounds.upper.terms) == 1:
        return f"{name} = {_extremum('max', bounds, bounds.lower, unicode)}  (identified)"
    few = len(bounds.lower.terms) + len(bounds.upper.terms) < WIDTH
    low, high = (
        _extremum(op, bounds, side, unicode) if few else ""
        for op, side in (("max", bounds.lower), ("min", bounds.upper))
    )
    line = f"{low} {sign.at_most} {name} {sign.at_most} {high}"
    if len(line) > WIDTH or not few:
        low, high = _column("max", bounds, bounds.lower, unicode), _column("min", bounds, bounds.upper, unicode)
        line = f"{name} {sign.at_least} {low}\n{name} {sign.at_most} {high}"
    return (
        line + ("  (identified)" if bounds.identified else "") + "".join(f"\n{text}" for text in notes(bounds.missing))
    )


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
    """The terms, and the denominator that stands behind all of them where they are many and none is a number."""
    quotients = bounds.quotients(side)
    terms = terms_text((each.term for each in quotients), bounds.notation, unicode)
    if all(each.divided for each in quotients) and len(terms) > few:
        return terms, over_divisor(bounds, unicode)
    return [over_text(text, bounds, each, unicode) for text, each in zip(terms, quotients, strict=True)], ""


def quotient_text(bounds: Bounds, quotient: Quotient, unicode: bool) -> str:
    """A term in short symbols, over the denominator where it is divided."""
    return over_text(term_text(quotient.term, bounds.notation, unicode), bounds, quotient, unicode)


def divisor_text(bounds: Bounds, unicode: bool) -> str:
    """The denominator in short symbols."""
    assert bounds.shown_denominator is not None
    return term_text(bounds.shown_denominator, bounds.notation, unicode)


def over_divisor(bounds: Bounds, unicode: bool) -> str:
    """What stands behind a term that is divided."""
    text = divisor_text(bounds, unicode)
    return f" / ({text})" if " " in text else f" / {text}"


def over_text(text: str, bounds: Bounds, quotient: Quotient, unicode: bool) -> str:
    """A term that is written already, over the denominator where it is divided."""
    if not quotient.divided:
        return text
    return (f"({text})" if " " in text else text) + over_divisor(bounds, unicode)


def conditions_text(terms: tuple[Term, ...], notation: Notation, unicode: bool) -> list[str]:
    """Each testable implication as ``left ≥ right``."""
    found = relations(tuple(map(notation.observed, terms)))
    left = terms_text((left for left, _, _ in found), notation, unicode)
    right = terms_text((right for _, _, right in found), notation, unicode)
    sign = signs(unicode)
    return [
        f"{one} {sign.relation(relation)} {other}"
        for one, (_, relation, _), other in zip(left, found, right, strict=True)
    ]


def condition_text(condition: AnyCondition, notation: Notation, unicode: bool) -> str:
    """One testable implication, whether linear or not."""
    if not isinstance(condition, Term):
        return condition.text(unicode)
    return conditions_text((condition,), notation, unicode)[0]


def all_conditions_text(derivation: Derivation, unicode: bool) -> list[str]:
    """Each testable implication, whether linear or not; none where they are not known."""
    if derivation.product_conditions is not None:
        from boundgen.bounds.product_conditions import products_text

        return products_text(derivation.product_conditions, unicode)
    return conditions_text(derivation.shown_conditions or (), derivation.notation, unicode)


def _independent_conditions(derivation: Derivation, unicode: bool) -> str:
    """What independence implies, and what the types of each factor imply; whether that is all."""
    from boundgen.bounds.factoring import has_overlapping_causes
    from boundgen.bounds.independences import are_complete

    assert derivation.independent is not None
    not_derived = "Testable implications were not derived: not all variables are observed, or one has several causes."
    if derivation.independent.factored is None:
        return not_derived
    lines = [f"{each.text}  ({each.words})" for each in derivation.independences]
    lines += all_conditions_text(derivation, unicode)
    if derivation.shown_conditions is None and not are_complete(derivation.model):
        said = "Testable implications (necessary; what else the factors imply was not derived)"
    else:
        said = "Testable implications"
    if not lines and has_overlapping_causes(derivation.model):
        return not_derived
    if not lines:
        none = "No testable implications: every distribution of the cells is compatible with the model."
        return none if said == "Testable implications" else "Testable implications were left out."
    return f"{said}:\n\n" + indented("\n".join(lines))


def _conditions(derivation: Derivation, unicode: bool, orbits: bool) -> str:
    if derivation.independent is not None:
        return _independent_conditions(derivation, unicode)
    shown = derivation.shown_conditions
    if shown is None and derivation.product_conditions is None:
        return "Testable implications were left out."
    if shown == ():
        return "No testable implications: every distribution of the cells is compatible with the model."
    if orbits and derivation.bounds and shown:
        from boundgen.bounds.orbits_text import orbit_conditions_text

        lines = orbit_conditions_text(derivation.bounds[0], shown, unicode)
    else:
        lines = all_conditions_text(derivation, unicode)
    return "Testable implications:\n\n" + indented("\n".join(lines))
