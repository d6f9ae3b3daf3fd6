"""Short symbols for cells, and names as papers write them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from boundgen.exact.terms import Term
from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.language.printer import print_estimand, print_sum
from boundgen.language.statements import Observation, Setting
from boundgen.language.values import value_text
from boundgen.language.words import estimand_words
from boundgen.rendering import latex
from boundgen.rendering.latex import GREEK
from boundgen.rendering.numbers import with_minus
from boundgen.strata.cells import Arm, Assignment
from boundgen.strata.means import in_means, of_means, term_in_means

# Of probabilities, and of means of bounded outcomes.
LETTERS, MEAN_LETTERS = "pqrstuvw", "efgh"


Kind = Literal["cell", "share", "mean"]


@dataclass(frozen=True)
class CellSymbol:
    """``p10·1``: a letter, the values of the event, and the values of the context.

    Parameters
    ----------
    letter : str
    event, context : tuple of str
        The values that the symbol shows.
    variables : tuple of str
        Whose values they are, first of the event, then of the context.
    law : bool
        Whether it is printed as it is: ``P(Z=1)`` of the law of randomized variables, ``P(Y=1|X=1)`` of a conditional
        law.
    """

    letter: str
    event: tuple[str, ...]
    context: tuple[str, ...]
    variables: tuple[str, ...]
    law: bool = False

    def exchanged(self, exchange: Mapping[str, Mapping[Value, Value]]) -> CellSymbol:
        """The symbol with other values, or letters, in place of some values."""
        known = {
            (name, shown_value(one)): shown_value(other)
            for name, pairs in exchange.items()
            for one, other in pairs.items()
        }
        pairs = zip(self.variables, self.event + self.context, strict=True)
        values = tuple(known.get(pair, pair[1]) for pair in pairs)
        return replace(self, event=values[: len(self.event)], context=values[len(self.event) :])

    def _pairs(
        self, variables: tuple[str, ...], event: tuple[str, ...], context: tuple[str, ...]
    ) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        pairs = list(zip(variables, event + context, strict=True))
        return pairs[: len(event)], pairs[len(event) :]

    def text(self, unicode: bool) -> str:
        """``p10·1``, or with longer values ``p_low,1·0``."""
        if self.law:
            parts = (",".join(map("=".join, pairs)) for pairs in self._pairs(self.variables, self.event, self.context))
            return f"{self.letter}({'|'.join(filter(None, parts))})"
        body = _joined(self.event) + (("·" if unicode else ".") + _joined(self.context) if self.context else "")
        compact = all(len(value) == 1 for value in (*self.event, *self.context)) and len(self.letter) == 1
        return self.letter + (body if compact or not body else f"_{body}")

    def latex(self) -> str:
        r"""``p_{10 \cdot 1}``."""
        if self.law:
            values = [tuple(map(latex_value, part)) for part in (self.event, self.context)]
            pairs = self._pairs(tuple(map(latex_name, self.variables)), *values)
            parts = [", ".join(map("=".join, part)) for part in pairs if part]
            return rf"\mathrm{{{self.letter}}}(" + r" \mid ".join(parts) + ")"
        context = r" \cdot " + _joined(tuple(map(latex_value, self.context))) if self.context else ""
        body = _joined(tuple(map(latex_value, self.event))) + context
        letter = self.letter[0] + (f"^{{({self.letter[1:]})}}" if self.letter[1:] else "")
        return f"{letter}_{{{body}}}" if body else letter

    def identifier(self) -> str:
        """``p10_1``: a name that programs accept."""
        if self.law:
            values = zip(self.variables, self.event + self.context, strict=True)
            return "_".join([self.letter, *(name + _in_identifier(value) for name, value in values)])
        parts = [_in_identifier(_joined(values)) for values in (self.event, self.context)]
        compact = all(len(value) == 1 for value in self.event) and len(self.letter) == 1
        return self.letter + ("" if compact or not parts[0] else "_") + "_".join(part for part in parts if part)


def _in_identifier(text: str) -> str:
    """Nothing but letters and digits of ASCII."""
    return re.sub(r"[^A-Za-z0-9]", "_", text.replace("-", "m"))


@dataclass(frozen=True)
class Notation:
    """What each cell, parameter and definition is called in print.

    Parameters
    ----------
    symbols : tuple of (cell, CellSymbol)
    legend : tuple of (left, right)
        ``("p_ym·a", "P(Y=y, M=m | A=a)")`` for each observed distribution, then the definitions.
    order : tuple of str
        Definitions, cells and parameters in the order of printing.
    domains : tuple of (variable, values)
    means : tuple of (cell, Term)
        Cells of the stand-ins of bounded outcomes as functions of shares and means.
    of_cells : tuple of (name, Term)
        Shares and means as functions of cells.
    labels : tuple of (estimand, str)
        What estimands are in words, where the model says so.
    words : tuple of (estimand, str)
        Their labels, or words that the form of the estimand allows.
    definitions_of_estimands : tuple of (estimand, str)
        The estimands as the model writes them.
    wholes : tuple of tuple of str
        Shares beside means that sum to one.
    """

    symbols: tuple[tuple[str, CellSymbol], ...]
    legend: tuple[tuple[str, str], ...]
    definitions: tuple[tuple[str, str], ...]
    order: tuple[str, ...]
    domains: tuple[tuple[str, tuple[Value, ...]], ...]
    means: tuple[tuple[str, Term], ...] = ()
    of_cells: tuple[tuple[str, Term], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    words: tuple[tuple[str, str], ...] = ()
    definitions_of_estimands: tuple[tuple[str, str], ...] = ()
    wholes: tuple[tuple[str, ...], ...] = ()

    def estimand(self, name: str, unicode: bool = True) -> str:
        """``δ(1) (direct effect)``: an estimand in tables and pictures."""
        label = dict(self.labels).get(name)
        return pretty(name, unicode) + (f" ({label})" if label else "")

    def described(self, name: str) -> str:
        """``δ(1): indirect effect of A on Y through M, at A=1``: an estimand where it stands alone, as in pictures."""
        words = dict(self.words).get(name)
        return pretty(name) + (f": {words}" if words else "")

    def explained(self, name: str, unicode: bool = True) -> str:
        """The same as an estimand of a table is explained below it: with its definition."""
        words, written = dict(self.words).get(name), dict(self.definitions_of_estimands).get(name)
        text = pretty(name, unicode) + (f" = {with_minus(written, unicode)}" if written else "")
        return text + (f": {words}" if words else "")

    def explained_latex(self, name: str) -> str:
        """The same in the text of a document."""
        from boundgen.bounds.latex import formula_latex

        words, written = dict(self.words).get(name), dict(self.definitions_of_estimands).get(name)
        text = f"${latex_name(name)}" + (f" = {formula_latex(written)}$" if written else "$")
        return text + (f": {latex.escaped(words)}" if words else "")

    def estimand_latex(self, name: str) -> str:
        """The same in the text of a document."""
        label = dict(self.labels).get(name)
        return f"${latex_name(name)}$" + (f" ({latex.escaped(label)})" if label else "")

    def beside_latex(self, name: str) -> str:
        """The words for an estimand, at the end of its display."""
        label = dict(self.labels).get(name)
        return rf" \qquad \text{{({latex.escaped(label)})}}" if label else ""

    def observed_values(self, cells: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """Values of cells that are not zero; with a bounded outcome, of shares and means."""
        if not self.means:
            return dict(cells)
        hidden = {name for name, _ in self.means}
        found = {name: term.value(cells) for name, term in self.of_cells}
        return {n: v for n, v in (*found.items(), *cells.items()) if n not in hidden and v}

    def observed(self, term: Term) -> Term:
        """A function of cells as one of what is observed: with a bounded outcome, of shares and means."""
        if not self.means:
            return term
        found = term_in_means(term, dict(self.means))
        for whole in self.wholes:
            multiples = {found.mapping().get(name, Fraction(0)) for name in whole}
            if len(multiples) == 1:
                (multiple,) = multiples
                found += Term.of(multiple, dict.fromkeys(whole, -multiple))
        return found

    def texts(self, unicode: bool) -> dict[str, str]:
        """Every name as text."""
        names = {name: pretty(name, unicode) for name in self.order}
        return names | {name: symbol.text(unicode) for name, symbol in self.symbols}

    def identifiers(self) -> dict[str, str]:
        """Every name as an identifier; names that would collide are numbered."""
        found: dict[str, str] = {name: name for name in self.order}
        taken = {name for name in self.order if name.isidentifier()}
        for i, (name, symbol) in enumerate(self.symbols):
            identifier = symbol.identifier()
            found[name] = identifier if identifier not in taken else f"{identifier}_cell{i}"
            taken.add(found[name])
        return found

    def latex(self) -> dict[str, str]:
        """Every name as LaTeX."""
        names = {name: latex_name(name) for name in self.order}
        return names | {name: symbol.latex() for name, symbol in self.symbols}


def notation(model: Model, arms: Sequence[Arm]) -> Notation:
    """One letter for each observed distribution, skipping letters that the model uses; laws need none."""
    used = list(dict.fromkeys(arm.observation for arm in arms if not arm.law))
    letter_of: dict[tuple[int, Kind], str] = {}
    for i in used:
        own = [arm for arm in arms if arm.observation == i]
        for kind in _kinds(own[0]):
            letter_of[i, kind] = _letter(model, own, kind, {*letter_of.values()})
    symbols: dict[str, CellSymbol] = {}
    for arm in arms:
        for kind in _kinds(arm):
            for name, symbol in _symbols(model, arm, kind, letter_of.get((arm.observation, kind), "P")):
                symbols.setdefault(name, symbol)
        if arm.means:
            # What stands in for a bounded outcome has the name of its cell.
            symbols |= {cell.name: _symbol("P", cell.event, cell.context, law=True) for cell in arm.cells}
    shown = {symbol.letter for symbol in symbols.values()}
    legend = tuple(
        _legend(letter, model, model.observations[i], kind)
        for (i, kind), letter in letter_of.items()
        if letter in shown
    )
    definitions = tuple((d.name, print_sum(d.expression, model.by_name)) for d in model.definitions)
    order = (*(d.name for d in model.definitions), *symbols, *(p.name for p in model.parameters))
    # Levels are exchanged among cells, and shares and means are none.
    bounded = any(arm.means for arm in arms)
    domains = () if bounded else tuple((variable.name, variable.domain) for variable in model.variables)
    means, of_cells = (tuple(functions(arms).items()) for functions in (in_means, of_means))
    shares = (tuple(mean.share for mean in arm.means if mean.share) for arm in arms if arm.complete)
    wholes = tuple(dict.fromkeys(filter(None, shares)))
    bare = Notation(tuple(symbols.items()), legend, definitions, order, domains, means, of_cells, wholes=wholes)
    return with_estimands(bare, model)


def with_estimands(symbols: Notation, model: Model) -> Notation:
    """The same, in which estimands are called what this model says of them."""
    words = tuple((estimand.name, estimand_words(estimand, model)) for estimand in model.estimands)
    return replace(
        symbols,
        labels=tuple((estimand.name, estimand.label) for estimand in model.estimands if estimand.label),
        words=tuple((name, said) for name, said in words if said),
        definitions_of_estimands=tuple((each.name, print_estimand(each, model.by_name)) for each in model.estimands),
    )


def _kinds(arm: Arm) -> tuple[Kind, ...]:
    """What an arm is observed by: its cells, or of a bounded outcome shares, where there are any, and means."""
    if not arm.means:
        return ("cell",)
    return ("share", "mean") if arm.means[0].share else ("mean",)


def _letter(model: Model, arms: Sequence[Arm], kind: Kind, used: Container[str]) -> str:
    """The first letter for which no symbol is a name of the model: what is printed may be written in claims."""
    first, start = (MEAN_LETTERS, "e") if kind == "mean" else (LETTERS, "p")
    named = [*model.by_name, *(p.name for p in model.parameters), *(d.name for d in model.definitions)]
    taken = {*named, *(str(value) for variable in model.variables for value in variable.domain)}
    for letter in itertools.chain(first, (f"{start}{i}" for i in range(1, 100))):
        texts = {symbol.text(False) for arm in arms for _, symbol in _symbols(model, arm, kind, letter)}
        if letter not in used and not taken & {letter, *texts}:
            return letter
    return start


def _symbols(model: Model, arm: Arm, kind: Kind, letter: str) -> Iterator[tuple[str, CellSymbol]]:
    observation = model.observations[arm.observation]
    free = {
        name for name, value in (*observation.outcomes, *observation.arms, *observation.interventions) if value is None
    }
    for name, event, context in _named(arm, kind):
        shown = [pair for pair in event if pair[0] in free or arm.law]
        yield name, _symbol(letter, shown, [pair for pair in context if pair[0] in free], arm.law)


def _named(arm: Arm, kind: Kind) -> Iterator[tuple[str, Assignment, Assignment]]:
    """The names of one kind with their event and context."""
    if kind == "cell":
        yield from ((cell.name, cell.event, cell.context) for cell in arm.cells)
    else:
        yield from ((m.share if kind == "share" else m.name, m.event, m.context) for m in arm.means)


def _symbol(
    letter: str, event: Sequence[tuple[str, Value]], context: Sequence[tuple[str, Value]], law: bool = False
) -> CellSymbol:
    values = [tuple(shown_value(value) for _, value in part) for part in (event, context)]
    return CellSymbol(letter, values[0], values[1], tuple(name for name, _ in (*event, *context)), law)


def shown_value(value: Value) -> str:
    """A value in a symbol: a label without quotation marks, as long as nobody takes it for two."""
    text = str(value)
    return text if re.fullmatch(r"[\w/-]+(?: [\w/-]+)*", text) else value_text(value)


def _legend(letter: str, model: Model, observation: Observation, kind: Kind) -> tuple[str, str]:
    beside = tuple(each for each in observation.outcomes if not model.by_name[each[0]].bounded)
    outcomes, arms, sets = (
        [_indexed(setting) for setting in group] for group in (beside, observation.arms, observation.interventions)
    )
    behind = arms + [_indexed(setting) for setting in observation.selection]
    behind += [f"do({', '.join(sets)})"] if sets else []
    bar = " | " + ", ".join(behind) if behind else ""
    right = f"P({', '.join(outcomes)}{bar})"
    if kind == "mean":
        bounded = next(name for name, _ in observation.outcomes if model.by_name[name].bounded)
        right = f"E[{bounded}{'; ' if outcomes else ''}{', '.join(outcomes)}{bar}]"
    event = _joined(tuple(name.lower() for name, value in beside if value is None))
    settings = (*observation.arms, *observation.interventions)
    context = _joined(tuple(name.lower() for name, value in settings if value is None))
    index = event + (f"·{context}" if context else "")
    return f"{letter}_{index}" if index else letter, right


def _indexed(setting: Setting) -> str:
    name, value = setting
    return f"{name}={name.lower() if value is None else value_text(value)}"


def _joined(values: tuple[str, ...]) -> str:
    return ("" if all(len(re.sub(r"\\text\{.*", "..", value)) == 1 for value in values) else ",").join(values)


def latex_value(value: str) -> str:
    escaped = latex.escaped(value)
    return escaped if len(value) == 1 or re.fullmatch(r"-?\d+(/\d+)?", value, re.ASCII) else rf"\text{{{escaped}}}"


def pretty(name: str, unicode: bool = True) -> str:
    """``delta1`` as δ(1), as papers write it; other names as they are."""
    match = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", name)
    if unicode and match and match[1] in GREEK:
        return GREEK[match[1]] + (f"({match[2]})" if match[2] else "")
    return name


def latex_name(name: str) -> str:
    r"""``delta1`` as ``\delta(1)``, ``ATM`` as ``\mathrm{ATM}``, ``g`` as ``g``."""
    match = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", name)
    if match and match[1] in GREEK:
        return "\\" + match[1] + (f"({match[2]})" if match[2] else "")
    escaped = latex.escaped(name)
    return escaped if len(name) == 1 else rf"\mathrm{{{escaped}}}"
