"""Bounds and derivations as LaTeX displays (amsmath)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from boundgen.bounds.closed_form import Bounds, Quotient, Side
from boundgen.bounds.lettering import Lettered
from boundgen.bounds.orbits import BoundOrbits, ConditionOrbits, Orbit, bound_orbits, condition_orbits
from boundgen.bounds.phrases import phraser, relations, written
from boundgen.bounds.piecewise_latex import piecewise_latex
from boundgen.bounds.product_conditions import products_latex
from boundgen.bounds.proved import notes
from boundgen.bounds.symbols import Notation, latex_name
from boundgen.bounds.wording import LATEX, names, quantified, reflected
from boundgen.exact.terms import Term
from boundgen.rendering import latex
from boundgen.rendering.layout import listed

if TYPE_CHECKING:
    from boundgen.bounds.derived import Derivation

LONGEST_ROW = 2
# A display with one row or with several, as they are made here.
DISPLAY = re.compile(r"^\\\[\n(.*?)\n\\\]$|^\\begin\{gather\*\}\n(.*?)\n\\end\{gather\*\}$", re.MULTILINE | re.DOTALL)
ROWS = "\\begin{{gathered}}\n{}\n\\end{{gathered}}"


def derivation_latex(derivation: Derivation, orbits: bool = False) -> str:
    """A sentence about the symbols, a display for each estimand, and one for the testable implications."""
    title = derivation.model.title or derivation.model.name
    parts = [f"% {derivation.model.name}: {latex.comment(title)}", legend_latex(derivation.notation)]
    parts += [
        bounds_latex(bounds, orbits) if isinstance(bounds, Bounds) else piecewise_latex(bounds, orbits)
        for bounds in derivation.closed_forms
    ]
    parts += [f"% {latex.comment(each.line)}" for each in derivation.unanswered]
    rows = [*(each.latex for each in derivation.independences), *condition_rows(derivation, orbits)]
    if rows:
        body = " \\\\\n".join(rows)
        parts.append(f"\\begin{{gather*}}\n{body}\n\\end{{gather*}}")
    return "\n".join(parts) + "\n"


def condition_rows(derivation: Derivation, orbits: bool) -> list[str]:
    """Each testable implication, whether linear or not."""
    shown = derivation.shown_conditions or ()
    if derivation.product_conditions is not None:
        return products_latex(derivation.product_conditions)
    if orbits and shown and derivation.bounds:
        return orbit_conditions_latex(condition_orbits(derivation.bounds[0], shown), derivation.notation)
    return conditions_latex(shown, derivation.notation)


def one_display(text: str) -> str | None:
    """The displays as one, without comments: a notebook prints those, and its pages take an output as one formula."""
    rows = [left or right for left, right in DISPLAY.findall(text)]
    if not rows:
        return None
    inside = rows[0] if len(rows) == 1 else ROWS.format(" \\\\[1ex]\n".join(rows))
    return f"\\[\n{inside}\n\\]"


def bounds_latex(bounds: Bounds, orbits: bool = False) -> str:
    """One estimand's bounds; terms that differ by relabelling once, if so wished."""
    idle = "".join(
        f"\nThe parameter ${latex_name(name)}$ is in no term of the bounds on ${latex_name(bounds.name)}$."
        for name in bounds.idle_parameters
    )
    return _displays(bounds, orbits) + idle


def _displays(bounds: Bounds, orbits: bool) -> str:
    if orbits:
        found = bound_orbits(bounds)
        if found.grouped:
            return _grouped(bounds, found)
    name = latex_name(bounds.name)
    lower, upper = _side("max", bounds, bounds.lower), _side("min", bounds, bounds.upper)
    if bounds.identified and len(bounds.lower.terms) == len(bounds.upper.terms) == 1:
        body = f"{name} = {lower}"
    else:
        body = f"{lower}\n\\leq {name} \\leq\n{upper}"
    remarks = "".join(f"% {latex.comment(text)}\n" for text in notes(bounds.missing))
    return f"{remarks}\\[\n{body}{bounds.notation.beside_latex(bounds.name)}\n\\]"


def _grouped(bounds: Bounds, orbits: BoundOrbits) -> str:
    """Each side by orbit, or the upper one as the mirror of the lower one."""
    name = latex_name(bounds.name)
    rows = [rf"{name} \geq {_orbit_extremum('max', bounds, orbits.lower)}"]
    if orbits.mirror is None:
        rows.append(rf"{name} \leq {_orbit_extremum('min', bounds, orbits.upper)}")
    else:
        rows.append(rf"\text{{upper bound: {reflected(orbits.mirror, LATEX)}}}")
    remarks = "".join(f"% {latex.comment(text)}\n" for text in notes(bounds.missing))
    rows[0] += bounds.notation.beside_latex(bounds.name)
    return remarks + "\n".join(f"\\[\n{row}\n\\]" for row in rows)


def _orbit_extremum(op: str, bounds: Bounds, orbits: Sequence[Orbit]) -> str:
    quotients = [bounds.quotient(orbit.representative, orbit.lettered.pattern) for orbit in orbits]
    terms = [
        lettered_latex(orbit.lettered, bounds.notation, each.term)
        for orbit, each in zip(orbits, quotients, strict=True)
    ]
    words = [quantified(orbit.lettered.quantifiers, LATEX) for orbit in orbits]
    words = [said if each.term.coefficients else "" for said, each in zip(words, quotients, strict=True)]
    terms, over = _divided(bounds, terms, quotients)
    if not any(words):
        return _extremum(op, terms, over)
    rows = " \\\\\n".join(
        rf"  {term} & \text{{{said}}}" if said else f"  {term} &" for term, said in zip(terms, words, strict=True)
    )
    return _over(f"\\{op} \\left\\{{ \\begin{{array}}{{ll}}\n{rows}\n\\end{{array}} \\right\\}}", over)


def lettered_latex(lettered: Lettered, notation: Notation, term: Term | None = None) -> str:
    """A term with letters, or another function of its atoms."""
    phrase = phraser(lettered.order, names(lettered, notation, LATEX))
    shown = phrase(lettered.pattern if term is None else term)
    return latex.fractions(written(shown, "-", times=" "))


def orbit_conditions_latex(orbits: ConditionOrbits, notation: Notation) -> list[str]:
    r"""Each orbit of testable implications as ``left \geq right \quad \text{for all $i$ in $Z$}``."""
    signs = {">=": r"\geq", "<=": r"\leq", "=": "="}
    lines = []
    for orbit, left, relation, right in orbits.relations():
        sides = [lettered_latex(orbit.lettered, notation, term) for term in (left, right)]
        said = quantified(orbit.lettered.quantifiers, LATEX)
        lines.append(f"{sides[0]} {signs[relation]} {sides[1]}" + (rf" \quad \text{{{said}}}" if said else ""))
    return lines


def term_latex(term: Term, notation: Notation) -> str:
    r"""One term, as ``-p_{01 \cdot 1} + 2 \gamma``."""
    return terms_latex([term], notation)[0]


def terms_latex(terms: Iterable[Term], notation: Notation) -> list[str]:
    """Terms in LaTeX."""
    phrase = phraser(notation.order, notation.latex())
    return [latex.fractions(written(phrase(notation.observed(term)), "-", times=" ")) for term in terms]


def conditions_latex(terms: tuple[Term, ...], notation: Notation) -> list[str]:
    r"""Each testable implication as ``left \geq right``."""
    signs = {">=": r"\geq", "<=": r"\leq", "=": "="}
    found = relations(tuple(map(notation.observed, terms)))
    left = terms_latex((left for left, _, _ in found), notation)
    right = terms_latex((right for _, _, right in found), notation)
    return [f"{one} {signs[relation]} {other}" for one, (_, relation, _), other in zip(left, found, right, strict=True)]


def legend_latex(notation: Notation) -> str:
    """What the symbols are, as a sentence of the document; empty where there are none."""
    found = symbols_latex(notation)
    return f"Here {listed([f'${each}$' for each in found])}." if found else ""


def symbols_latex(notation: Notation) -> list[str]:
    """What each symbol is, as an equation."""
    found = []
    for left, right in notation.legend:
        letter, _, index = left.partition("_")
        index = r" \cdot ".join(map(latex.escaped, index.split("·")))
        symbol = f"{letter}_{{{index}}}" if index else letter
        found.append(f"{symbol} = {formula_latex(right)}")
    return found + [f"{latex_name(name)} = {formula_latex(text)}" for name, text in notation.definitions]


def with_symbols(displays: str, notation: Notation) -> str:
    """Displays that stand alone, and below them what their symbols are."""
    said = legend_latex(notation)
    return f"{displays}\n{said}" if said else displays


def formula_latex(text: str) -> str:
    """A formula of the language as mathematics; labels in quotation marks are words."""
    parts = re.split(r'"([^"]*)"', text)
    return "".join(rf"\text{{{latex.escaped(part)}}}" if i % 2 else _formula(part) for i, part in enumerate(parts))


def _formula(text: str) -> str:
    text = text.replace(" | ", r" \mid ").replace(" * ", " ").replace(">=", r"\geq").replace("<=", r"\leq")
    text = re.sub(r"\b[A-Za-z_]{2,}\b", lambda m: rf"\mathrm{{{m[0]}}}" if f"\\{m[0]}" not in text else m[0], text)
    return re.sub(r"\bP\(", r"\\mathrm{P}(", text).replace("_", r"\_")


def _side(op: str, bounds: Bounds, side: Side) -> str:
    quotients = bounds.quotients(side)
    terms, over = _divided(bounds, terms_latex((each.term for each in quotients), bounds.notation), quotients)
    return _extremum(op, terms, over)


def _divided(bounds: Bounds, terms: list[str], quotients: Sequence[Quotient]) -> tuple[list[str], str]:
    """The terms, and the denominator of all of them; where one is a number, each of the others has its own."""
    if all(each.divided for each in quotients):
        return terms, denominator_latex(bounds)
    return [_over(text, denominator_latex(bounds, each)) for text, each in zip(terms, quotients, strict=True)], ""


def denominator_latex(bounds: Bounds, quotient: Quotient | None = None) -> str:
    """The denominator of the bounds, or of a term of theirs; empty where there is none."""
    if bounds.shown_denominator is None or (quotient and not quotient.divided):
        return ""
    return term_latex(bounds.shown_denominator, bounds.notation)


def quotient_latex(bounds: Bounds, quotient: Quotient) -> str:
    """A term in LaTeX, over the denominator where it is divided."""
    return _over(term_latex(quotient.term, bounds.notation), denominator_latex(bounds, quotient))


def _extremum(op: str, terms: list[str], over: str) -> str:
    if len(terms) == 1:
        return _over(terms[0], over)
    if len(terms) <= LONGEST_ROW:
        inside = rf"\left\{{ {', '.join(terms)} \right\}}"
    else:
        rows = " \\\\\n".join(f"  {term}" for term in terms)
        inside = f"\\left\\{{ \\begin{{array}}{{l}}\n{rows}\n\\end{{array}} \\right\\}}"
    return _over(f"\\{op} {inside}", over)


def _over(text: str, over: str) -> str:
    return rf"\frac{{{text}}}{{{over}}}" if over else text
