"""Claims, as they were written, to numerators over denominators, and to inequalities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from boundgen.errors import ModelError, NotLinearError, Place
from boundgen.language import syntax as s
from boundgen.language.expressions import Expectation, Inequality, Probability, Sum
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
from boundgen.language.statements import Claim, ClaimSide, Estimand


# ---------------------------------------------------------------- terms of bounds
def resolve_claimed_term(node: s.Syntax, scope: Scope, estimand: Estimand | None) -> Ratio:
    """Numerator and denominator of a claimed term; a condition of the estimand is for the messages."""
    numerator, divisor = resolve_ratio(node, scope)
    for part in (numerator, divisor or Sum()):
        _check_claimed(part, node, scope, estimand)
    return numerator, divisor


def resolve_claimed(node: s.Syntax, scope: Scope, estimand: Estimand | None = None) -> Sum:
    """A linear expression of a claim, without conditional means and products."""
    found = resolve_linear(node, scope)
    _check_claimed(found, node, scope, estimand)
    return found


def _check_claimed(expression: Sum, node: s.Syntax, scope: Scope, estimand: Estimand | None) -> None:
    refuse_products(expression, node, scope)
    if is_conditional(expression):
        raise _conditional_mean(expression, node.where, scope, estimand)


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


def check_denominators(claim: Claim, estimand: Estimand) -> None:
    """Terms for a conditional estimand or a ratio have one denominator, or are numbers; other terms have none."""
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
        kind, divided = (
            ("a ratio", "its divisor") if estimand.divisor else ("conditional", "the probability of its condition")
        )
        raise ModelError(
            f"estimand '{estimand.name}' is {kind}: its bounds are numbers, or divided by {divided}",
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
def resolve_implication(node: s.Syntax, scope: Scope) -> Inequality:
    """One comparison of linear expressions, without conditional means and ratios."""
    if not isinstance(node, s.Compare):
        raise ModelError(
            "'holds' states one comparison", node.where, "Write holds LINEAR <= LINEAR (or =, >=), a line for each."
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
    body = resolve_inequality(node, scope)
    if is_conditional(body.left) or is_conditional(body.right):
        raise ModelError(
            "a testable implication is linear in observed probabilities",
            node.where,
            "Multiply it out: P(event, condition | arm) instead of P(event | arm, condition).",
        )
    return body
