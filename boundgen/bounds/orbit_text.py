"""Bounds printed by orbit: one term for all that differ by relabelling, as text, LaTeX and JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.json_form import derivation_json, term_json
from boundgen.bounds.latex import legend_latex, term_latex
from boundgen.bounds.mirror import Mirror
from boundgen.bounds.orbits import BoundOrbits, Orbit, orbits
from boundgen.bounds.phrases import phraser, two_sides, written
from boundgen.bounds.symbols import latex_name, pretty, renamed_symbols
from boundgen.bounds.text import legend_text, notes, term_text
from boundgen.terms import Term

if TYPE_CHECKING:
    from boundgen.derivation import Derivation

Written = Callable[[Term], str]
SIGNS = {
    "text": {">=": "≥", "<=": "≤", "=": "="},
    "ascii": {">=": ">=", "<=": "<=", "=": "="},
    "latex": {">=": r"\geq", "<=": r"\leq", "=": "="},
}


def orbits_text(derivation: Derivation, unicode: bool) -> str:
    """Title, symbols, the orbits of each side, and of the testable implications."""
    found = orbits(derivation)
    model = derivation.model
    parts = [f"{model.name}: {model.title}" if model.title else model.name]
    parts.append(_indented(legend_text(derivation.notation, unicode)))
    parts += [
        _indented(_bounds_text(derivation, bounds, of, unicode))
        for bounds, of in zip(derivation.bounds, found.bounds, strict=True)
    ]
    if derivation.conditions_missing:
        parts.append(derivation.conditions_missing)
    elif found.conditions is None:
        parts.append("Testable implications were left out.")
    elif not found.conditions:
        parts.append("No testable implications: every distribution of the cells is compatible with the model.")
    else:
        lines = [_condition(derivation, orbit, "text" if unicode else "ascii") for orbit in found.conditions]
        parts.append("Testable implications:\n\n" + _indented("\n".join(lines)))
    return "\n\n".join(parts) + "\n"


def _bounds_text(derivation: Derivation, bounds: Bounds, of: BoundOrbits, unicode: bool) -> str:
    name = pretty(bounds.name, unicode)
    signs = SIGNS["text" if unicode else "ascii"]
    over = ""
    if bounds.shown_denominator is not None:
        text = term_text(bounds.shown_denominator, bounds.notation, unicode)
        over = f" / ({text})" if " " in text else f" / {text}"
    lower = _side_text(derivation, of.lower, "max", unicode) + over
    upper = f"{of.mirror}" if of.mirror else _side_text(derivation, of.upper, "min", unicode) + over
    lines = [f"{name} {signs['>=']} {lower}", f"{name} {signs['<=']} {upper}"]
    if bounds.identified:
        lines[-1] += "  (identified)"
    return "\n".join([*lines, *notes(bounds)])


def _side_text(derivation: Derivation, found: Sequence[Orbit], op: str, unicode: bool) -> str:
    lines = []
    for orbit in found:
        quantifiers = f"  {orbit.quantifiers} ({orbit.size} terms)" if orbit.letters else ""
        lines.append(f"    {_term(derivation, orbit, orbit.shown, 'text' if unicode else 'ascii')}{quantifiers}")
    return f"{op}{{\n" + ",\n".join(lines) + "\n}"


def orbits_latex(derivation: Derivation) -> str:
    """A display for each estimand, and one for the testable implications."""
    found = orbits(derivation)
    title = derivation.model.title or derivation.model.name
    parts = [f"% {derivation.model.name}: {title}", legend_latex(derivation.notation)]
    for bounds, of in zip(derivation.bounds, found.bounds, strict=True):
        name = latex_name(bounds.name)
        parts += [f"% {text}" for text in notes(bounds)]
        over = term_latex(bounds.shown_denominator, bounds.notation) if bounds.shown_denominator else ""
        parts.append(f"\\[\n{name} \\geq {_side_latex(derivation, of.lower, 'max', over)}\n\\]")
        if of.mirror:
            parts.append(f"The upper bound on ${name}$ is {_mirror_latex(of.mirror)}.")
        else:
            parts.append(f"\\[\n{name} \\leq {_side_latex(derivation, of.upper, 'min', over)}\n\\]")
    if found.conditions:
        body = " \\\\\n".join(_condition(derivation, orbit, "latex") for orbit in found.conditions)
        parts.append(f"\\begin{{gather*}}\n{body}\n\\end{{gather*}}")
    return "\n".join(parts) + "\n"


def _side_latex(derivation: Derivation, found: Sequence[Orbit], op: str, over: str) -> str:
    rows = []
    for orbit in found:
        quantifiers = f" & \\text{{{_quantifiers_latex(orbit)}}}" if orbit.letters else " &"
        rows.append(f"  {_term(derivation, orbit, orbit.shown, 'latex')}{quantifiers}")
    body = " \\\\\n".join(rows)
    text = f"\\{op} \\left\\{{ \\begin{{array}}{{ll}}\n{body}\n\\end{{array}} \\right\\}}"
    return rf"\frac{{{text}}}{{{over}}}" if over else text


def _quantifiers_latex(orbit: Orbit) -> str:
    parts = []
    for letters in orbit.letters:
        names = ", ".join(f"${letter}$" for _, letter in letters.letters)
        where = f"${latex_name(letters.of.variable)}$"
        if not letters.of.all:
            where = f"$\\{{{', '.join(map(str, letters.of.levels))}\\}}$ of {where}".replace("_", r"\_")
        parts.append(f"{'distinct ' if len(letters.letters) > 1 else ''}{names} in {where}")
    return "for all " + " and ".join(parts)


def _mirror_latex(found: Mirror) -> str:
    pairs = [
        f"${latex_name(name)}={level}$".replace("_", r"\_")
        for name, exchanges in found.exchanges
        for exchange in exchanges
        for level in exchange
    ]
    minus = f"${found.constant}$ minus" if found.constant else "minus"
    exchanged = ", ".join(f"{one} and {other}" for one, other in zip(pairs[::2], pairs[1::2], strict=True))
    return f"{minus} the lower one with {exchanged} exchanged"


def orbits_json(derivation: Derivation) -> dict[str, Any]:
    """The JSON of the derivation, and beside the terms of each side their orbits."""
    found = orbits(derivation)
    document = derivation_json(derivation)
    for entry, of in zip(document["estimands"], found.bounds, strict=True):
        entry["lower"]["orbits"] = [_orbit_json(derivation, orbit) for orbit in of.lower]
        entry["upper"]["orbits"] = [_orbit_json(derivation, orbit) for orbit in of.upper]
        entry["mirror"] = str(of.mirror) if of.mirror else None
    conditions = found.conditions
    document["condition_orbits"] = conditions and [_orbit_json(derivation, orbit) for orbit in conditions]
    return document


def _orbit_json(derivation: Derivation, orbit: Orbit) -> dict[str, Any]:
    return {
        "representative": term_json(orbit.representative, derivation.order),
        "size": orbit.size,
        "text": _term(derivation, orbit, orbit.representative, "ascii"),
        "quantifiers": {letters.of.variable: [letter for _, letter in letters.letters] for letters in orbit.letters},
        "levels": {
            letter: {"variable": letters.of.variable, "here": value, "among": list(letters.of.levels)}
            for letters in orbit.letters
            for value, letter in letters.letters
        },
    }


def _term(derivation: Derivation, orbit: Orbit, term: Term, form: str) -> str:
    letters = _letters(orbit)
    symbols = renamed_symbols(
        derivation.model, derivation.blocks, lambda name, value: letters.get((name, value), str(value))
    )
    names: dict[str, str] = (
        derivation.notation.latex() if form == "latex" else derivation.notation.texts(form == "text")
    )
    names |= {
        name: symbol.latex() if form == "latex" else symbol.text(form == "text") for name, symbol in symbols.items()
    }
    minus, times = ("-", " ") if form == "latex" else ("−" if form == "text" else "-", "")
    return written(phraser(derivation.order, names)(term), minus, times)


def _letters(orbit: Orbit) -> Mapping[tuple[str, object], str]:
    return {(letters.of.variable, value): letter for letters in orbit.letters for value, letter in letters.letters}


def _condition(derivation: Derivation, orbit: Orbit, form: str) -> str:
    left, relation, right = two_sides(orbit.shown)
    sides = [_term(derivation, orbit, side, form) for side in (left, right)]
    text = f"{sides[0]} {SIGNS[form][relation]} {sides[1]}"
    if not orbit.letters:
        return text
    if form == "latex":
        return f"{text} \\quad \\text{{{_quantifiers_latex(orbit)}}}"
    return f"{text}  {orbit.quantifiers} ({orbit.size} conditions)"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))
