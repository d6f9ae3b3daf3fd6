"""Answers and comparisons as text that can be checked with a pencil."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.product_conditions import AnyCondition, products_text
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.symbols import Notation, pretty
from boundgen.bounds.text import conditions_text, legend_text, term_text
from boundgen.exact.terms import Term
from boundgen.polyhedra.weighted_optimum import End
from boundgen.questions.answers import Answers, EstimandAnswers
from boundgen.questions.assumptions import Addition, AssumptionAnswer
from boundgen.questions.comparison import EstimandComparison, ModelComparison, Narrowing, SideComparison
from boundgen.questions.containment import ContainmentProof, Part
from boundgen.questions.distributions import Distribution
from boundgen.questions.extremes import SideAnswer
from boundgen.questions.piece_signs import PieceSign
from boundgen.questions.point_identification import Collapse, Identified
from boundgen.questions.ratio_signs import RatioSign
from boundgen.questions.sampled import SampledComparison, WidthRelation
from boundgen.rendering.numbers import with_minus
from boundgen.rendering.signs import signs

MOST_LINES = 8
WIDTH = 110
# Inside a term lines are not broken: its spaces are these until all is written.
FIXED = "\u00a0"
ONE = Term(Fraction(1))
NOT_LINEAR = "its bounds are not those of one linear program with numbers as coefficients"
RELATIONS: dict[WidthRelation, str] = {
    "the same": "at every distribution that can be observed under both models the same as",
    "never wider": "never wider than",
    "never narrower": "never narrower than",
    "neither": "narrower in some places and wider in others than",
    "not compared": "",
}


# ---------------------------------------------------------------- answers
def answers_text(answers: Answers, unicode: bool) -> str:
    """A part for each estimand, then one for the assumptions."""
    model = answers.derivation.model
    words = Words(answers.derivation.notation, answers.simplifier, unicode)
    parts = [f"{model.name}: {model.title}" if model.title else model.name, words.legend()]
    parts += _about_estimands(answers, words)
    parts.append(long_lines(each.said(unicode) for each in answers.derivation.unanswered))
    if answers.derivation.independent is not None and model.assumptions:
        parts.append("What assumptions do is not asked where variables share no causes.")
    if answers.assumptions:
        parts.append("Assumptions")
        parts += [long_lines(_assumption(each, words)) for each in answers.assumptions]
    return "\n\n".join(part for part in parts if part) + "\n"


def _about_estimands(answers: Answers, words: Words) -> list[str]:
    """In the order in which they were asked about."""
    found = {each.bounds.name: long_lines(_estimand(each, answers.value, words)) for each in answers.estimands}
    found |= {each.bounds.name: long_lines(_ratio(each, answers.value, words)) for each in answers.ratios}
    found |= {each.bounds.name: long_lines(_pieces(each, answers.value, words)) for each in answers.pieces}
    return [found[name] for name in answers.derivation.problem.names if name in found]


def comparison_text(comparison: ModelComparison, unicode: bool) -> str:
    """A part for each estimand, then the testable implications."""
    words = Words(comparison.notation, comparison.simplifier, unicode)
    names = _names(comparison)
    parts = [f"{names[1]} against {names[0]}", words.legend(), *(f"  Note: {note}." for note in comparison.notes)]
    for each in comparison.estimands:
        one, other = bounds_of(comparison, each.estimand)
        lines = [words.name(each.estimand), *_sides(each.sides, names, words, one.denominator)]
        lines += _relation(each, (one, other), names, words)
        parts.append(long_lines(lines))
    parts += [long_lines(_sampled(each, names, words)) for each in comparison.sampled]
    parts.append(long_lines(each.said(unicode) for each in comparison.unanswered))
    parts.append(long_lines(_implications(comparison, words)))
    parts.append(long_lines(_left_out(comparison, words, names)))
    return "\n\n".join(part for part in parts if part) + "\n"


def bounds_of(comparison: ModelComparison, name: str) -> tuple[Bounds, Bounds]:
    """The linear bounds of an estimand in both models."""
    one, other = (
        next(bounds for bounds in derived.bounds if bounds.name == name)
        for derived in (comparison.first, comparison.second)
    )
    return one, other


def _sampled(comparison: SampledComparison, names: tuple[str, str], words: Words) -> Iterator[str]:
    """What was seen at random distributions, and that this is no proof."""
    yield words.name(comparison.estimand)
    if not comparison.laws:
        yield f"  Not compared: {NOT_LINEAR}, and no distribution that both allow was found."
        return
    relation = RELATIONS[comparison.relation]
    if comparison.proved:
        where = "" if comparison.relation == "neither" else " where all cells are positive"
        yield f"  Proved{where}: the bounds of {names[1]} are {relation} those of {names[0]}."
        yield f"  How much narrower they are is seen at {comparison.laws} distributions, evaluated exactly."
    else:
        yield f"  Nothing is proved of all distributions: {NOT_LINEAR}."
        yield (
            f"  Evaluated exactly at {comparison.laws} random distributions that both models allow, the bounds of "
            f"{names[1]} are {relation.replace(' that can be observed under both models', ' of these')} those of "
            f"{names[0]}."
        )
    for each in comparison.narrowings:
        if each.most <= 0:
            yield f"  Nowhere there narrower on the {each.of} side."
            continue
        yield f"  Narrower by {words.amount(each.most)} on the {each.of} side"
        symbols = words.notation.texts(words.unicode)
        yield f"    where {', '.join(f'{symbols.get(name, words.name(name))} = {value}' for name, value in each.at)}."


def _left_out(comparison: ModelComparison, words: Words, names: tuple[str, str]) -> Iterator[str]:
    """Estimands that only one of the models has."""
    models = (comparison.first.model, comparison.second.model)
    for own, other, name in zip(models, reversed(models), names, strict=True):
        known = {estimand.name for estimand in other.estimands}
        alone = [words.name(estimand.name) for estimand in own.estimands if estimand.name not in known]
        if alone:
            yield f"Only in {name}, so not compared: {', '.join(alone)}"


def long_lines(lines: Iterable[str]) -> str:
    """The lines, those that are too long broken and set in."""
    return "\n".join(_broken(line) for line in lines).replace(FIXED, " ")


def _broken(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip(" ")) + 4)
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _names(comparison: ModelComparison) -> tuple[str, str]:
    one, other = comparison.first.model.name, comparison.second.model.name
    return (one, other) if one != other else (f"{one} (first)", f"{other} (second)")


# ---------------------------------------------------------------- words
@dataclass(frozen=True)
class Words:
    """How terms, distributions and names are written."""

    notation: Notation
    simplifier: Simplifier
    unicode: bool

    def legend(self) -> str:
        return "\n".join(f"  {line}" for line in legend_text(self.notation, self.unicode).split("\n"))

    def name(self, name: str) -> str:
        return pretty(name, self.unicode)

    def term(self, term: Term, over: Term | None = None) -> str:
        """A term in its shortest form, perhaps over a denominator."""
        multiple = None if over is None else self.simplifier.multiple(term, over)
        if multiple is not None:
            return self.number(multiple)
        text = self._plain(self.simplifier.with_definitions(term))
        if over is None:
            return text
        below = self._plain(self.simplifier.with_definitions(over))
        return f"{_bracketed(text)}{FIXED}/{FIXED}{_bracketed(below)}"

    def terms(self, terms: Sequence[Term], over: Term | None = None) -> str:
        shown = [self.term(term, over) for term in terms[:MOST_LINES]]
        return ", ".join(shown) + (f" and {len(terms) - MOST_LINES} more" if len(terms) > MOST_LINES else "")

    def message(self, text: str) -> str:
        return text.replace("ψ", signs(self.unicode).psi)

    def plain(self, text: str) -> str:
        """The text with blanks where a line may be broken."""
        return text.replace(FIXED, " ")

    def number(self, value: Fraction) -> str:
        return with_minus(str(value), self.unicode)

    def end(self, end: End) -> str:
        """An end of an interval."""
        if end is None:
            return "undefined"
        if isinstance(end, Fraction):
            return self.number(end)
        infinity = "∞" if self.unicode else "infinity"
        return infinity if end > 0 else f"{signs(self.unicode).minus}{infinity}"

    def amount(self, value: Fraction | float) -> str:
        """By how much something was seen to change."""
        return f"as much as {self.number(value)}" if isinstance(value, Fraction) else "an infinite amount"

    def sign(self, relation: str) -> str:
        return signs(self.unicode).relation(relation)

    def conditions(self, terms: Sequence[Term]) -> str:
        """Functions that are not negative, as inequalities."""
        # Not modulo what the model forces to be equal: that is among the things said here.
        simplifier = replace(self.simplifier, equalities=())
        forms: dict[Term, Term] = {}
        for term in terms[:MOST_LINES]:
            # Of two opposite ones the second mirrors the first, and both are printed as one equation.
            forms[term] = -forms[-term] if -term in forms else simplifier.with_definitions(term)
        shown = tuple(forms.values())
        more = f" and {len(terms) - MOST_LINES} more" if len(terms) > MOST_LINES else ""
        lines = conditions_text(shown, self.notation, self.unicode)
        return ", ".join(line.replace(" ", FIXED) for line in lines) + more

    def any_conditions(self, conditions: Sequence[AnyCondition]) -> str:
        """The same, where some are products: in the words of their models."""
        terms = [each for each in conditions if isinstance(each, Term)]
        others = [each for each in conditions if not isinstance(each, Term)]
        texts = [text.replace(" ", FIXED) for text in products_text(others[:MOST_LINES], self.unicode)]
        more = f" and {len(others) - MOST_LINES} more" if len(others) > MOST_LINES else ""
        return ", ".join([*([self.conditions(terms)] if terms else []), *texts]) + more

    def equation(self, term: Term) -> str:
        """A term that is zero, with a sum on each side where it has both signs."""
        shown = self.simplifier.with_definitions(term)
        left = Term.of(max(shown.constant, Fraction(0)), {n: c for n, c in shown.coefficients if c > 0})
        right = left - shown
        if not left.coefficients:
            left, right = right, left
        return f"{self._plain(left)}{FIXED}={FIXED}{self._plain(right)}"

    def _plain(self, term: Term) -> str:
        return term_text(term, self.notation, self.unicode).replace(" ", FIXED)

    def population(self, distribution: Distribution) -> str:
        """Who there is: ``every unit has M(0)=1``, and at which parameter values."""
        if len(distribution.strata) == 1:
            who = f"every unit has {distribution.strata[0][0]}"
        else:
            who = "; ".join(f"a share {weight} has {stratum}" for stratum, weight in distribution.strata)
        at = [f"{self.name(name)} = {self.number(value)}" for name, value in distribution.parameters]
        return who + (f"; {', '.join(at)}" if at else "")

    def _cells(self, distribution: Distribution) -> Iterable[tuple[str, Fraction]]:
        return self.notation.observed_values(dict(distribution.cells)).items()

    def data(self, distribution: Distribution) -> str:
        """The cells that are not zero."""
        symbols = self.notation.texts(self.unicode)
        return ", ".join(f"{symbols[name]} = {value}" for name, value in self._cells(distribution)) or "every cell is 0"

    def interval(self, distribution: Distribution, bounds: Bounds | PiecewiseBounds) -> str:
        """The bounds at the data."""
        low, high = map(self.end, distribution.bounds(bounds))
        at_most = self.sign("<=")
        return f"{low} {at_most} {self.name(bounds.name)} {at_most} {high}"


def _bracketed(text: str) -> str:
    return f"({text})" if FIXED in text else text


# ---------------------------------------------------------------- one estimand
def _estimand(answers: EstimandAnswers, value: Fraction, words: Words) -> Iterator[str]:
    yield words.name(answers.bounds.name)
    yield from _contains(answers, value, words)
    yield from _sign(answers, value, words)
    yield from _identified(answers.identified, answers.bounds, words)


def _contains(answers: EstimandAnswers, value: Fraction, words: Words) -> Iterator[str]:
    number = words.number(value)
    yield f"  Do the bounds contain {number} at every observable distribution? {_yes(answers.contains_value)}"
    for side in (answers.lower, answers.upper):
        if side.always:
            yield f"    {_never(side, value, words)}:"
            yield from _proofs(side.proofs, answers.bounds, words)
        elif side.witness:
            beyond = "above" if side.side == "lower" else "below"
            yield f"    The {side.side} bound can be {beyond} {number}: {words.population(side.witness)};"
            yield f"      so {words.data(side.witness)}; there {words.interval(side.witness, answers.bounds)}"


def _ratio(ratio: RatioSign, value: Fraction, words: Words) -> Iterator[str]:
    """On which side of a value a ratio can be shown to be."""
    name, number = words.name(ratio.bounds.name), words.number(value)
    yield name
    difference = "numerator" if value == 0 else f"numerator minus {number} times its divisor"
    yield "  A ratio whose divisor the data do not identify."
    yield f"  It is above (below) {number} where the bounds of its {difference} are positive (negative)."
    yield f"  Do the bounds contain {number} at every observable distribution? {_yes(ratio.contains_value)}"
    for side, terms in ((ratio.lower, ratio.difference.lower.terms), (ratio.upper, ratio.difference.upper.terms)):
        beyond, sign = ("above", "positive") if side.side == "lower" else ("below", "negative")
        if side.always:
            yield f"    Nowhere does that show it to be {beyond} {number}{':' if side.proofs else '.'}"
            yield from _proofs(side.proofs, ratio.difference, words)
        else:
            which = "this is" if len(terms) == 1 else "one of these is"
            yield f"    The {side.side} bound is {beyond} {number} where {which} {sign}: {words.terms(terms)}"
        if side.witness:
            yield f"      as if {words.population(side.witness)};"
            yield f"      so {words.data(side.witness)}; there {words.interval(side.witness, ratio.bounds)}"
    if ratio.lower.always or ratio.upper.always:
        yield f"    Where the divisor may be zero, bounds can be beyond {number} all the same."
    shown = [f"{name} {r} {number}" for side, r in ((ratio.lower, ">"), (ratio.upper, "<")) if not side.always]
    question = "establish the sign" if value == 0 else f"tell on which side of {number} it is"
    yield f"  Can data {question}? " + (f"Yes: {' or '.join(shown)}." if shown else "No.")


def _pieces(pieces: PieceSign, value: Fraction, words: Words) -> Iterator[str]:
    """On which side of a value an estimand whose bounds have pieces can be shown to be."""
    name, number = words.name(pieces.bounds.name), words.number(value)
    yield name
    yield f"  {NOT_LINEAR[0].upper()}{NOT_LINEAR[1:]}: each side is the best of functions of the data."
    yield f"  Do the bounds contain {number} at every observable distribution? {_yes(pieces.contains_value)}"
    for side in (pieces.lower, pieces.upper):
        beyond = "above" if side.side == "lower" else "below"
        if side.always and not side.functions:
            yield f"    It has no {side.side} end."
        elif side.always:
            which = "its one function is" if side.functions == 1 else f"of {side.functions} functions none is"
            never = "nowhere" if side.functions == 1 else "anywhere"
            yield f"    The {side.side} bound is never {beyond} {number}: {which} {never}, by linear programs."
        elif side.witness:
            as_if = f"{words.population(side.witness)}; so " if side.witness.strata else ""
            yield f"    The {side.side} bound can be {beyond} {number}: {as_if}{words.data(side.witness)};"
            yield f"      there {words.interval(side.witness, pieces.bounds)}"
    if pieces.lower.always or pieces.upper.always:
        yield f"    Where a cell is zero, exact bounds can be beyond {number} all the same."
    shown = [f"{name} {r} {number}" for side, r in ((pieces.lower, ">"), (pieces.upper, "<")) if not side.always]
    question = "establish the sign" if value == 0 else f"tell on which side of {number} it is"
    yield f"  Can data {question}? " + (f"Yes: {' or '.join(shown)}." if shown else "No.")


def _yes(answer: bool) -> str:
    return "Yes." if answer else "No."


def _never(side: SideAnswer, value: Fraction, words: Words) -> str:
    if value == 0:
        return f"All {side.side} bounds are {'nonpositive' if side.side == 'lower' else 'nonnegative'}"
    beyond = "above" if side.side == "lower" else "below"
    return f"No {side.side} bound is ever {beyond} {words.number(value)}"


def _proofs(proofs: Sequence[ContainmentProof], bounds: Bounds, words: Words) -> Iterator[str]:
    for each in proofs[:MOST_LINES]:
        relation = FIXED.join([words.term(each.term), words.sign(each.relation), words.term(each.right)])
        reason = _because(each, words)
        known = f"{relation} is a testable implication"
        yield f"      {relation}: {'a testable implication' if reason == known else reason}"
    if len(proofs) > MOST_LINES:
        yield f"      and {len(proofs) - MOST_LINES} more; the JSON has all of them"
    if bounds.denominator and proofs:
        yield f"      (each over {words.term(bounds.denominator)})"


def _because(proof: ContainmentProof, words: Words) -> str:
    """Why the difference is not negative."""
    kinds = {part.reason.kind for part in proof.parts}
    implied = [part.reason.term for part in proof.parts if part.reason.kind == "implication"]
    ranges = [part.reason.term for part in proof.parts if part.reason.kind == "range"]
    reasons = ["a probability is not negative"] if kinds & {"probability", "arm"} else []
    if implied:
        which = "is a testable implication" if len(implied) == 1 else "are testable implications"
        reasons.append(f"{words.conditions(implied)} {which}")
    if ranges:
        reasons.append(f"{words.conditions(ranges)} by the range of the parameter")
    if len(proof.parts) > 1:
        return f"the difference is {' + '.join(_part(part, words) for part in proof.parts)}; {', '.join(reasons)}"
    return ", ".join(reasons) or "the cells of an arm sum to one"


def _part(part: Part, words: Words) -> str:
    if part.reason.kind == "number":
        return str(part.multiple)
    text = _bracketed(words.term(part.reason.term))
    if part.multiple == 1:
        return text
    return f"{part.multiple}{' ' if part.multiple.denominator > 1 or text.startswith('(') else ''}{text}"


def _sign(answers: EstimandAnswers, value: Fraction, words: Words) -> Iterator[str]:
    name, number = words.name(answers.bounds.name), words.number(value)
    shown = [
        f"{name} {relation} {number}"
        for side, relation in ((answers.lower, ">"), (answers.upper, "<"))
        if not side.always
    ]
    question = "establish the sign" if value == 0 else f"tell on which side of {number} it is"
    yield f"  Can data {question}? " + (f"Yes: {' or '.join(shown)}." if shown else "No.")
    for side in (answers.lower, answers.upper):
        yield from _extreme(side, answers.bounds, words)


def _extreme(side: SideAnswer, bounds: Bounds, words: Words) -> Iterator[str]:
    end, most = ("largest lower", "most") if side.side == "lower" else ("smallest upper", "least")
    if side.extreme is None or side.at is None:
        yield f"    There is no {end} bound: {_without_end(bounds)}."
        return
    yield f"    The {side.side} bound is at {most} {words.number(side.extreme)}. There: {words.population(side.at)};"
    yield f"      so {words.data(side.at)}; {words.interval(side.at, bounds)}"


def _without_end(bounds: Bounds) -> str:
    """Why an end of bounds goes on and on: a range of a parameter does, or a divisor comes near zero."""
    is_open = any(each.low is None or each.high is None for each in bounds.parameters)
    reasons = ["a parameter has no limit"] if is_open else []
    reasons += ["what divides it may be as near zero as you like"] if bounds.denominator is not None else []
    return ", or ".join(reasons)


def _identified(identification: Identified, bounds: Bounds, words: Words) -> Iterator[str]:
    name = words.name(bounds.name)
    question = f"  Is {name} identified?"
    if identification.where == "not attempted":
        yield f"{question} Not everywhere. Where it is was not attempted: {identification.pairs} pairs of terms."
    elif identification.where != "on faces":
        yield f"{question} {'Everywhere.' if identification.where == 'everywhere' else 'Nowhere.'}"
    else:
        yield (
            f"{question} Exactly where one of these holds:"
            if len(identification.faces) > 1
            else f"{question} Exactly here:"
        )
        for face in identification.faces[:MOST_LINES]:
            yield f"    {_face(face, bounds, words)}"
        if len(identification.faces) > MOST_LINES:
            yield f"    and {len(identification.faces) - MOST_LINES} more; the JSON has all of them"


def _face(collapse: Collapse, bounds: Bounds, words: Words) -> str:
    equations = " and ".join(words.equation(term) for term in collapse.equations)
    value = (
        words.number(collapse.value) if collapse.value is not None else words.term(collapse.term, bounds.denominator)
    )
    return f"{equations} implies {words.name(bounds.name)} = {value}"


# ---------------------------------------------------------------- assumptions
def _assumption(answer: AssumptionAnswer, words: Words) -> Iterator[str]:
    yield f"  {answer.written}"
    if answer.unanswered:
        yield f"    Without it nothing can be said: {words.message(answer.unanswered)}."
        return
    if answer.violation:
        yield f"    Not redundant: it is broken if {words.population(answer.violation)}."
    else:
        yield "    Redundant: whatever meets the other assumptions meets it."
    if answer.refuting:
        yield f"    Testable: with it the data must meet {words.conditions(answer.implications)}."
        yield f"      Data refute it if {words.population(answer.refuting)}; so {words.data(answer.refuting)}"
    else:
        yield "    Not testable: every distribution that can be observed without it can be observed with it."
    for addition in answer.additions:
        yield from _addition(addition, words)


def _addition(addition: Addition, words: Words) -> Iterator[str]:
    name = words.name(addition.estimand)
    if addition.sampled is not None:
        yield from _seen_addition(addition.sampled, name, words)
        return
    if addition.comparison is None:
        yield f"    {name}: without it, {words.message(addition.unanswered)}"
        return
    if addition.comparison.relation == "the same" and not any(
        s.appear or s.disappear for s in addition.comparison.sides
    ):
        yield f"    It adds nothing to the bounds on {name}."
        return
    yield f"    What it adds to the bounds on {name}:"
    for side in addition.comparison.sides:
        yield from _changes(side, words)
    if addition.comparison.note:
        yield f"      {addition.comparison.note}"
    elif addition.comparison.relation == "the same":
        yield "      and yet the bounds are the same at every distribution that can be observed with it"
    else:
        yield f"      narrower by at most {', '.join(_amount(each, words) for each in addition.comparison.narrowings)}"


def _seen_addition(comparison: SampledComparison, name: str, words: Words) -> Iterator[str]:
    """What was seen at random distributions, which is no proof of others."""
    if not comparison.laws:
        yield f"    {name}: no distribution was found at which its bounds are defined with and without it"
        return
    if comparison.proved and comparison.relation == "the same":
        yield f"    It adds nothing to the bounds on {name} where all cells are positive: that is proved."
        return
    amounts = [f"{words.amount(each.most)} on the {each.of} side" for each in comparison.narrowings if each.most > 0]
    where = f"at {comparison.laws} random distributions, evaluated exactly"
    yield f"    {where}, the bounds on {name} are {'narrower by ' + ', '.join(amounts) if amounts else 'the same'}"


def _changes(compared_side: SideComparison, words: Words) -> Iterator[str]:
    parts = [
        f"{words.terms(terms)} {verb if len(terms) == 1 else verb.removesuffix('s')}"
        for terms, verb in ((compared_side.appear, "appears"), (compared_side.disappear, "disappears"))
        if terms
    ]
    if parts:
        yield f"      {compared_side.side} bound: {'; '.join(parts)}"


def _where(narrowing: Narrowing) -> str:
    return "in width" if narrowing.of == "width" else f"on the {narrowing.of} side"


def _amount(narrowing: Narrowing, words: Words) -> str:
    where = _where(narrowing)
    if narrowing.status == "unlimited":
        return f"any amount {where}"
    return (
        f"{words.number(narrowing.most)} {where}" if narrowing.most is not None else f"an amount not computed {where}"
    )


# ---------------------------------------------------------------- comparisons
def _sides(sides: Sequence[SideComparison], names: tuple[str, str], words: Words, over: Term | None) -> Iterator[str]:
    for side in sides:
        yield f"  {side.side} bound"
        for what, terms in (
            ("in both", side.both),
            (f"only in {names[0]}", side.disappear),
            (f"only in {names[1]}", side.appear),
        ):
            if terms:
                yield f"    {what}: {words.terms(terms)}"
    if over is not None:
        yield f"  (each over {words.term(over)})"


def _relation(
    comparison: EstimandComparison, bounds: tuple[Bounds, Bounds], names: tuple[str, str], words: Words
) -> Iterator[str]:
    if comparison.note:
        yield f"  Not compared further: {comparison.note}."
        return
    yield f"  The bounds of {names[1]} are {RELATIONS[comparison.relation]} those of {names[0]}."
    for each in comparison.narrowings:
        if each.most is not None and each.most <= 0:
            yield f"  Nowhere narrower {_where(each)}."
            continue
        yield f"  Narrower by at most {_amount(each, words)}" + ("" if each.at else ".")
        if each.at:
            first, second = (words.interval(each.at, one) for one in bounds)
            yield f"    if {words.population(each.at)};"
            yield f"    so {words.data(each.at)}; {first} becomes {second}"


def _implications(comparison: ModelComparison, words: Words) -> Iterator[str]:
    if comparison.first.known_conditions is None or comparison.second.known_conditions is None:
        yield "Testable implications are not compared."
        return
    for what, found in (("appear", comparison.appear), ("disappear", comparison.disappear)):
        yield f"Testable implications that {what}: {words.any_conditions(found) if found else 'none'}"
    if comparison.undecided:
        yield (
            "Not known of these, whether data of the other model can break them: "
            f"{words.any_conditions(comparison.undecided)}"
        )
