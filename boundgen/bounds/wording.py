"""How orbits and mirrors are said, in text and in LaTeX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boundgen.bounds.lettering import Lettered, LetteredCell, Quantifier
from boundgen.bounds.mirror import Mirror
from boundgen.bounds.symbols import Notation, latex_name, latex_value, pretty, shown_value
from boundgen.language.expressions import Value
from boundgen.rendering.layout import listed


@dataclass(frozen=True)
class Style:
    """Text, text without unicode, or LaTeX: words as they are, everything else through these functions."""

    latex: bool
    unicode: bool

    def math(self, text: str) -> str:
        return f"${text}$" if self.latex else text

    def variable(self, name: str) -> str:
        return latex_name(name) if self.latex else name

    def name(self, name: str) -> str:
        return latex_name(name) if self.latex else pretty(name, self.unicode)

    def value(self, value: Value) -> str:
        return latex_value(shown_value(value)) if self.latex else shown_value(value)

    def levels(self, values: Sequence[Value]) -> str:
        inside = ", ".join(map(self.value, values))
        return rf"\{{{inside}\}}" if self.latex else f"{{{inside}}}"

    def sum(self, quantifier: Quantifier) -> str:
        r"""``Σ_{j≠i}``, ``sum_{j!=i}``, ``\sum_{j \neq i}``; of all ``Σ_{j∈M}``, of some ``Σ_{j∈{0, 1}}``."""
        inside, apart = self._relations()
        index, levels = quantifier.index, quantifier.levels
        conditions = [f"{index}{apart}{', '.join(quantifier.letters)}"] if quantifier.letters else []
        if not levels.whole:
            conditions.insert(0, f"{index}{inside}{self.levels(levels.levels)}")
        elif not conditions:
            conditions = [f"{index}{inside}{self.variable(levels.variable)}"]
        sign = r"\sum" if self.latex else "Σ" if self.unicode else "sum"
        return f"{sign}_{{{', '.join(conditions)}}} "

    def _relations(self) -> tuple[str, str]:
        if self.latex:
            return r" \in ", r" \neq "
        return ("∈", "≠") if self.unicode else (" in ", "!=")


LATEX, TEXT, ASCII = Style(True, True), Style(False, True), Style(False, False)


def names(lettered: Lettered, notation: Notation, style: Style) -> Mapping[str, str]:
    """What each name of a lettered term is called."""
    known = notation.latex() if style.latex else notation.texts(style.unicode)
    return {**known, **{atom.name: _atom(atom, lettered.quantifiers, style) for atom in lettered.atoms}}


def _atom(atom: LetteredCell, quantifiers: Sequence[Quantifier], style: Style) -> str:
    sums = "".join(style.sum(quantifier) for quantifier in quantifiers if quantifier.index in atom.sums)
    return sums + (atom.symbol.latex() if style.latex else _spaced(atom, quantifiers, style))


def _spaced(atom: LetteredCell, quantifiers: Sequence[Quantifier], style: Style) -> str:
    """``p_km·i``, since ``pkm·i`` would be a word."""
    letter, text = atom.symbol.letter, atom.symbol.text(style.unicode)
    if atom.symbol.law:
        return text
    used = {letter for q in quantifiers for letter in (*q.letters, q.index)}
    apart = used & {*atom.symbol.event} and not text.startswith(f"{letter}_")
    return f"{letter}_{text.removeprefix(letter)}" if apart else text


def quantified(quantifiers: Sequence[Quantifier], style: Style) -> str:
    """``for all distinct i, j in Z and k in {1, 2} of W``; empty where there are no letters."""
    parts = []
    for quantifier in quantifiers:
        if quantifier.letters:
            letters = style.math(", ".join(quantifier.letters))
            variable = style.math(style.variable(quantifier.levels.variable))
            levels = quantifier.levels
            where = variable if levels.whole else f"{style.math(style.levels(levels.levels))} of {variable}"
            parts.append(f"{'distinct ' if len(quantifier.letters) > 1 else ''}{letters} in {where}")
    return f"for all {listed(parts)}" if parts else ""


def reflected(mirror: Mirror, style: Style) -> str:
    """``minus the lower one with Y=0 and Y=1 exchanged``."""
    whole = f"{style.math(str(mirror.constant))} minus" if mirror.constant else "minus"
    parts = [_exchange(name, pairs, style) for name, pairs in mirror.exchanged]
    definitions = [style.math(style.name(name)) for name in mirror.definitions]
    too = f", in {listed(definitions)} too" if definitions else ""
    return f"{whole} the lower one{' with ' + listed(parts) if parts else ''}{too}"


def _exchange(variable: str, pairs: Sequence[tuple[Value, Value]], style: Style) -> str:
    if len(pairs) > 1:
        return f"the values of {style.math(style.variable(variable))} in reverse order"
    one, other = (style.math(f"{style.variable(variable)}={style.value(value)}") for value in pairs[0])
    return f"{one} and {other} exchanged"
