"""Claims, as they were written, to numerators over denominators, sums of maxima, and inequalities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from boundgen.errors import ModelError, NotLinearError, Place, quoted
from boundgen.language import syntax as s
from boundgen.language.expressions import Expectation, Index, Inequality, Probability, Sum
from boundgen.language.printer import print_ratio, print_sum
from boundgen.language.ratios import Ratio, resolve_ratio
from boundgen.language.resolution import (
    atoms_of,
    is_conditional,
    refuse_products,
    resolve_inequality,
    resolve_linear,
)
from boundgen.language.scope import Scope
from boundgen.language.statements import (
    Assumption,
    Claim,
    ClaimedCode,
    ClaimedMaximum,
    ClaimedPiece,
    ClaimSide,
    CodeLanguage,
    Estimand,
    check_text,
)

Extreme = Literal["max", "min"]
# What stands behind the colon, and what a file of each language is called.
FUNCTION: dict[CodeLanguage, re.Pattern[str]] = {
    "python": re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*"),
    "r": re.compile(r"[A-Za-z.][\w.]*"),
}
EXAMPLE: dict[CodeLanguage, str] = {"python": "bounds.py:ate_lower", "r": "bounds.R:ate_lower"}
# Signed factors, and the maximum that they multiply.
Multiple = tuple[int, tuple[tuple[str, s.Syntax], ...], s.Extremum | None]


# ---------------------------------------------------------------- sides
def resolve_side(
    op: Extreme | None,
    terms: Sequence[s.Syntax],
    denominator: s.Syntax | None,
    scope: Scope,
    estimand: Estimand | None,
    general: bool,
) -> ClaimSide:
    """A side of a claim. A `general` one may hold products and conditional means; the estimand is for the messages."""
    reader = _ClaimReader(scope, estimand, general)
    over = None if denominator is None else reader.linear(denominator)
    if any(isinstance(part, s.Extremum | s.Guarded) for term in terms for part in s.walk(term)):
        return ClaimSide(op, (), over, tuple(map(reader.piece, terms)))
    return ClaimSide(op, tuple(map(reader.term, terms)), over)


def resolve_code(node: s.FunctionSide, scope: Scope) -> ClaimSide:
    """A side that a function computes, with the names in its arguments looked up; the function is not run."""
    language: CodeLanguage
    match node.language:
        case "python" | "r":
            language = node.language
        case _:
            raise ModelError(
                f"code of the language {quoted(node.language)} cannot be called",
                node.where,
                'Write from python "file.py:function" or from r "file.R:function".',
            )
    check_text(node.path, "path of a function")
    file, colon, function = node.path.rpartition(":")
    if not (colon and file.strip() and FUNCTION[language].fullmatch(function)):
        raise ModelError(
            f"{quoted(node.path)} names no function",
            node.where,
            f'A file, a colon, and the name of a function in it: "{EXAMPLE[language]}".',
        )
    if node.arguments is None:
        return ClaimSide(None, (), code=ClaimedCode(language, node.path))
    found: list[tuple[str, Sum]] = []
    for argument in node.arguments:
        name, value = argument if isinstance(argument, tuple) else ("", argument)
        if found and found[-1][0] and (not name or name in dict(found)):
            wrong = f"argument '{name}' stands twice" if name else "an argument without a name stands behind one with"
            raise ModelError(wrong, value.where, "Arguments by position stand first; each name stands once.")
        expression = resolve_linear(value, scope)
        if is_conditional(expression):
            raise _conditional_mean(expression, value.where, scope, None)
        found.append((name, expression))
    return ClaimSide(None, (), code=ClaimedCode(language, node.path, tuple(found)))


def side_parts(node: s.Syntax) -> tuple[Extreme | None, tuple[s.Syntax, ...], s.Syntax | None]:
    """The maximum that a side is, its terms, and what it is divided by; a side that is no maximum is one term."""
    match node:
        case s.Extremum(op, terms):
            return op, terms, None
        case s.Times((("*", s.Extremum(op, terms)), ("/", over))):
            return op, terms, over
    return None, (node,), None


def is_general(estimand: Estimand | None, assumptions: Iterable[Assumption], shares: bool) -> bool:
    """Whether bounds may be no linear functions: of a ratio, with weights, or where shares of arms or groups count."""
    if estimand is None:
        return False
    bodies = [each.body for each in assumptions if isinstance(each.body, Inequality)]
    assumed = [side for body in bodies for side in (body.left, body.right)]
    weighted = any(_has_product(each) for each in (estimand.expression, *assumed))
    return estimand.divisor is not None or shares or weighted or any(map(is_conditional, assumed))


def _has_product(expression: Sum) -> bool:
    return any(sum(not isinstance(atom, Index) for atom in atoms) > 1 for _, atoms in expression.terms)


class _ClaimReader:
    """Reads the terms of one side."""

    def __init__(self, scope: Scope, estimand: Estimand | None, general: bool) -> None:
        self._scope, self._estimand, self._general = replace(scope, products=general), estimand, general

    def term(self, node: s.Syntax) -> Ratio:
        """Numerator and denominator."""
        numerator, divisor = resolve_ratio(node, self._scope)
        for part in (numerator, divisor or Sum()):
            self._check(part, node)
        return numerator, divisor

    def linear(self, node: s.Syntax) -> Sum:
        """What nothing divides."""
        found = resolve_linear(node, self._scope)
        self._check(found, node)
        return found

    def _check(self, expression: Sum, node: s.Syntax) -> None:
        if self._general:
            return
        refuse_products(expression, node, self._scope)
        if is_conditional(expression):
            raise _conditional_mean(expression, node.where, self._scope, self._estimand)

    def piece(self, node: s.Syntax) -> ClaimedPiece:
        """A term with its condition: what is no maximum together, and maxima with their coefficients."""
        guards: tuple[Inequality, ...] = ()
        if isinstance(node, s.Guarded):
            guards, node = tuple(self._guards(node.condition)), node.term
        plain: list[tuple[int, s.Syntax]] = []
        maxima = []
        for sign, factors, extremum in _summands(node):
            product = s.Times((("*", s.NumberNode(Fraction(1))), *factors), node.where)
            if extremum is None:
                plain.append((sign, product))
                continue
            numerator, divisor = self.term(product)
            options = tuple(map(self.term, extremum.terms))
            maxima.append(ClaimedMaximum(extremum.op, (numerator.scaled(sign), divisor), options))
        return ClaimedPiece(self.term(s.Plus(tuple(plain), node.where)), tuple(maxima), guards)

    def _guards(self, node: s.Syntax) -> Iterator[Inequality]:
        if isinstance(node, s.Both):
            for part in node.parts:
                yield from self._guards(part)
        elif isinstance(node, s.Compare) and node.relation in ("<=", ">=", "<", ">"):
            yield Inequality(node.relation, self.linear(node.left), self.linear(node.right))
        else:
            raise ModelError(
                "the condition of a claimed term is no comparison by <=, >=, < or >",
                node.where,
                "Write it as: a / b if b > 0 and a >= b.",
            )


def _summands(node: s.Syntax) -> Iterator[Multiple]:
    """What is added up, multiplied out as far as maxima stand in brackets."""
    if not any(isinstance(part, s.Extremum) for part in s.walk(node)):
        yield 1, (("*", node),), None
    elif isinstance(node, s.Extremum):
        yield 1, (), node
    elif isinstance(node, s.Plus):
        for sign, part in node.parts:
            yield from ((sign * own, factors, extremum) for own, factors, extremum in _summands(part))
    elif isinstance(node, s.Times):
        holds = [any(isinstance(each, s.Extremum) for each in s.walk(part)) for _, part in node.parts]
        place = holds.index(True)
        operator, inside = node.parts[place]
        rest = tuple(part for i, part in enumerate(node.parts) if i != place)
        # A second maximum among the factors is refused where they are read.
        if operator == "/":
            raise ModelError("a claim divides by a maximum", inside.where, "Write a term for each of its options.")
        yield from ((sign, (*rest, *factors), extremum) for sign, factors, extremum in _summands(inside))
    else:
        yield 1, (("*", node),), None


def _divisors(node: s.Syntax) -> Iterator[s.Syntax]:
    """Everything that is divided by, outside P(...) and E[...]."""
    if isinstance(node, s.Plus | s.Times):
        for sign, part in node.parts:
            yield from [part] if sign == "/" else _divisors(part)


def _is_unknown(node: s.Syntax, scope: Scope) -> bool:
    return resolve_linear(node, scope).constant is None


def _conditional_mean(expression: Sum, where: Place | None, scope: Scope, estimand: Estimand | None) -> NotLinearError:
    atom = next(a for a in atoms_of(expression) if isinstance(a, Probability | Expectation) and a.given.event)
    place = atom.where or where
    text = print_sum(Sum.of((1, (atom,))), scope.variables)
    message = f"a claim is written in joint probabilities, and {text} is a conditional one"
    if estimand and not divides(estimand):
        linear = "P(event, condition) may stand there, not P(event | condition)"
        return NotLinearError(message, place, f"Bounds of '{estimand.name}' are linear: {linear}.")
    whole = multiplied_out(expression)
    ratio = print_ratio(*whole, scope.variables) if whole else "P(event, condition) / P(condition)"
    return NotLinearError(message, place, f"A claim divides by the probability of its estimand's condition: {ratio}.")


def multiplied_out(expression: Sum) -> Ratio | None:
    """``P(a | c) - 1`` as ``P(a, c) - P(c)`` over ``P(c)``; None where there is more than one condition."""
    givens = {a.given for a in atoms_of(expression) if isinstance(a, Probability | Expectation)}
    if len(givens) != 1:
        return None
    given = givens.pop()
    arm = replace(given, event=())
    condition = Probability(given.event, arm)
    joint = []
    for coefficient, atoms in expression.terms:
        match atoms:
            case ():
                joint.append((coefficient, (condition,)))
            case (Probability(event),):
                joint.append((coefficient, (Probability((*event, *given.event), arm),)))
            case _:
                return None
    return Sum.of(*joint), Sum.of((1, (condition,)))


# ---------------------------------------------------------------- the rules that need the estimand
def divides(estimand: Estimand) -> bool:
    """Whether bounds of an estimand are divided: it is a ratio, or conditional."""
    return estimand.divisor is not None or is_conditional(estimand.expression)


def check_denominators(claim: Claim, estimand: Estimand, general: bool) -> None:
    """Terms for a conditional estimand or a ratio have one denominator, or are numbers; other terms have none."""
    if general:
        return
    for side in (claim.lower, claim.upper):
        for numerator, own in side.terms if side else ():
            _check_denominator(claim, side, numerator, own, estimand)


def _check_denominator(
    claim: Claim, side: ClaimSide | None, numerator: Sum, own: Sum | None, estimand: Estimand
) -> None:
    over = own or (side.denominator if side else None)
    if own and side and side.denominator:
        raise ModelError(
            "a claimed term has two denominators", place_of(own, claim.place), "Divide the terms, or the max."
        )
    if over and not divides(estimand):
        raise ModelError(
            f"the claim divides, and estimand '{estimand.name}' has no condition",
            place_of(over, claim.place),
            "Only claims for conditional estimands and ratios have a denominator.",
        )
    if not over and numerator.constant is None and divides(estimand):
        raise ModelError(
            f"estimand '{estimand.name}' is conditional: its bounds are numbers, or divided by the probability of its "
            "condition",
            place_of(numerator, claim.place),
            "Write max(...) / P(...), or divide each term.",
        )


def place_of(expression: Sum, otherwise: Place | None) -> Place | None:
    """Where the first probability of an expression stands."""
    places = (a.where for a in atoms_of(expression) if isinstance(a, Probability | Expectation) and a.where)
    return next(places, otherwise)


def refuse_estimands(node: s.Syntax, scope: Scope, names: frozenset[str]) -> None:
    """A claim says what bounds an estimand; estimands do not stand in it."""
    for part in s.walk(node):
        if isinstance(part, s.Name) and part.name in names and not scope.is_known(part.name):
            raise ModelError(
                f"'{part.name}' is an estimand, which the data need not identify",
                part.where,
                "A claim is written in what the data identify, parameters and definitions.",
            )


# ---------------------------------------------------------------- testable implications
def resolve_implication(node: s.Syntax, scope: Scope, general: bool) -> Inequality:
    """One comparison of linear expressions, without ratios; a `general` one may hold products and conditional means."""
    if not isinstance(node, s.Compare) or any(isinstance(part, s.Extremum) for part in s.walk(node)):
        raise ModelError(
            "'holds' states one comparison of linear expressions",
            node.where,
            "Write holds LINEAR <= LINEAR (or =, >=), a line for each.",
        )
    for side in (node.left, node.right):
        for divisor in _divisors(side):
            if _is_unknown(divisor, scope):
                text = print_sum(resolve_linear(divisor, scope), scope.variables)
                raise NotLinearError(
                    f"a testable implication is linear, and this one divides by {text}",
                    divisor.where,
                    "Multiply both sides by it.",
                )
    body = resolve_inequality(node, replace(scope, products=general))
    if not general and (is_conditional(body.left) or is_conditional(body.right)):
        raise ModelError(
            "a testable implication is linear in observed probabilities",
            node.where,
            "Multiply it out: P(event, condition | arm) instead of P(event | arm, condition).",
        )
    return body
