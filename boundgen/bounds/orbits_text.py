"""Terms that differ by relabelling of levels, once, for the terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.lettering import Lettered
from boundgen.bounds.orbits import Orbit, bound_orbits, condition_orbits
from boundgen.bounds.phrases import phraser, written
from boundgen.bounds.proved import notes
from boundgen.bounds.symbols import Notation, pretty
from boundgen.bounds.text import over_divisor, over_text
from boundgen.bounds.wording import ASCII, TEXT, names, quantified, reflected
from boundgen.exact.terms import Term
from boundgen.rendering.layout import WIDTH, indented
from boundgen.rendering.signs import signs


def grouped_text(bounds: Bounds, unicode: bool) -> str | None:
    """Each side by orbit, or the upper one as the mirror of the lower one; None where no terms stand together."""
    orbits = bound_orbits(bounds)
    if not orbits.grouped:
        return None
    name = pretty(bounds.name, unicode)
    sign = signs(unicode)
    lines = [f"{name} {sign.at_least} {_orbit_column('max', bounds, orbits.lower, unicode)}"]
    if orbits.mirror is None:
        lines.append(f"{name} {sign.at_most} {_orbit_column('min', bounds, orbits.upper, unicode)}")
    else:
        lines.append(f"upper bound: {reflected(orbits.mirror, TEXT if unicode else ASCII)}")
    return "\n".join([*lines[:-1], lines[-1] + ("  (identified)" if bounds.identified else ""), *notes(bounds.missing)])


def _orbit_column(op: str, bounds: Bounds, orbits: Sequence[Orbit], unicode: bool) -> str:
    quotients = [bounds.quotient(orbit.representative, orbit.lettered.pattern) for orbit in orbits]
    terms = [
        lettered_text(orbit.lettered, bounds.notation, unicode, each.term)
        for orbit, each in zip(orbits, quotients, strict=True)
    ]
    words = [quantified(orbit.lettered.quantifiers, TEXT if unicode else ASCII) for orbit in orbits]
    words = [said if each.term.coefficients else "" for said, each in zip(words, quotients, strict=True)]
    together = len(terms) > 1 or bool(words[0])
    over = over_divisor(bounds, unicode) if together and all(each.divided for each in quotients) else ""
    if not over:
        terms = [over_text(text, bounds, each, unicode) for text, each in zip(terms, quotients, strict=True)]
    if not together:
        return terms[0]
    lines = _beside(terms, words)
    if len(lines) == 1 or (not any(words) and len(", ".join(lines)) < WIDTH - len(over)):
        return f"{op}{{{', '.join(lines).replace('  ', ' ')}}}{over}"
    inside = ",\n".join(indented(indented(line)) for line in lines)
    return f"{op}{{\n{inside}\n}}{over}"


def orbit_conditions_text(bounds: Bounds, terms: Sequence[Term], unicode: bool) -> list[str]:
    """Each orbit of testable implications as ``left ≥ right  for all i in Z``."""
    orbits, notation = condition_orbits(bounds, terms), bounds.notation
    sign = signs(unicode)
    lines, words = [], []
    for orbit, left, relation, right in orbits.relations():
        sides = [lettered_text(orbit.lettered, notation, unicode, term) for term in (left, right)]
        lines.append(f"{sides[0]} {sign.relation(relation)} {sides[1]}")
        words.append(quantified(orbit.lettered.quantifiers, TEXT if unicode else ASCII))
    return _beside(lines, words)


def _beside(terms: Sequence[str], words: Sequence[str]) -> list[str]:
    """What holds for which levels: in a second column, or below where that would be too wide."""
    pairs = list(zip(terms, words, strict=True))
    wide = max((len(term) for term, said in pairs if said), default=0)
    if max(wide + len(said) for said in words) > WIDTH:
        return [f"{term}\n    {said}" if said else term for term, said in pairs]
    return [f"{term.ljust(wide)}  {said}" if said else term for term, said in pairs]


def lettered_text(lettered: Lettered, notation: Notation, unicode: bool, term: Term | None = None) -> str:
    """A term with letters, or another function of its atoms."""
    style = TEXT if unicode else ASCII
    phrase = phraser(lettered.order, names(lettered, notation, style))
    shown = phrase(lettered.pattern if term is None else term)
    text = written(shown, signs(unicode).minus)
    return re.sub(r"(\d)sum_", r"\1 sum_", text)
