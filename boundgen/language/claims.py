"""Claims, as they were written, to numerators over denominators, and to inequalities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from boundgen.errors import ModelError, NotLinearError, Place
from boundgen.language import syntax as s
from boundgen.language.expressions import Expectation, Inequality, Probability, Sum
from boundgen.language.printer import print_sum
from boundgen.language.resolution import atoms_of, is_conditional, resolve_inequality, resolve_linear
from boundgen.language.scope import Scope
from boundgen.language.statements import Claim, ClaimSide, Estimand

Ratio = tuple[Sum, Sum | None]
WHOLE_TERM = "Bring the whole term over one denominator, the probability of the estimand's condition: (...) / P(...)."


# ---------------------------------------------------------------- terms of bounds
def resolve_claimed_term(node: s.Syntax, scope: Scope, estimand: Estimand | None) -> Ratio:
    """Numerator and denominator of a claimed term; a condition of the estimand is for the messages."""
    rest, divisor = _split(node, scope)
    if divisor is None and any(_is_unknown(each, scope) for each in _divisors(rest)):
        raise _one_denominator(node, scope)
    numerator = resolve_claimed(rest, scope, estimand)
    return numerator, None if divisor is None else resolve_claimed(divisor, scope, estimand)


def resolve_claimed(node: s.Syntax, scope: Scope, estimand: Estimand | None = None) -> Sum:
    """A linear expression of a claim, without conditional means."""
    found = resolve_linear(node, scope)
    if is_conditional(found):
        raise _conditional_mean(found, node.where, scope, estimand)
    return found


def _split(node: s.Syntax, scope: Scope) -> tuple[s.Syntax, s.Syntax | None]:
    """A product without its one unknown divisor, and the divisor."""
    if isinstance(node, s.Times):
        unknown = [k for k, (sign, part) in enumerate(node.parts) if sign == "/" and _is_unknown(part, scope)]
        if len(unknown) == 1:
            k = unknown[0]
            return s.Times((*node.parts[:k], *node.parts[k + 1 :]), node.where), node.parts[k][1]
    return node, None


def _divisors(node: s.Syntax) -> Iterator[s.Syntax]:
    """Everything that is divided by, outside P(...) and E[...]."""
    if isinstance(node, s.Plus | s.Times):
        for sign, part in node.parts:
            yield from [part] if sign == "/" else _divisors(part)


def _is_unknown(node: s.Syntax, scope: Scope) -> bool:
    return resolve_linear(node, scope).constant is None


def _one_denominator(node: s.Syntax, scope: Scope) -> NotLinearError:
    whole = _over_one_denominator(node, scope)
    return NotLinearError(
        "a claimed term has one denominator, that of the whole term",
        node.where,
        f"Write {_printed_ratio(whole, scope)}." if whole else WHOLE_TERM,
    )


def _over_one_denominator(node: s.Syntax, scope: Scope) -> Ratio | None:
    """``a / d - 1`` as ``(a - d) / d``; None where denominators differ or something else than a number is added."""
    if not isinstance(node, s.Plus):
        return None
    parts = [(sign, *_split(part, scope)) for sign, part in node.parts]
    over = {resolve_linear(divisor, scope) for _, _, divisor in parts if divisor is not None}
    if len(over) != 1 or any(_is_unknown(each, scope) for _, rest, _ in parts for each in _divisors(rest)):
        return None
    denominator = over.pop()
    numerators = []
    for sign, rest, divisor in parts:
        numerator = resolve_linear(rest, scope).scaled(sign)
        if is_conditional(numerator) or (divisor is None and numerator.constant is None):
            return None
        numerators.append(numerator if divisor is not None else denominator.scaled(numerator.constant or 0))
    return Sum.total(numerators), denominator


def _conditional_mean(expression: Sum, where: Place | None, scope: Scope, estimand: Estimand | None) -> NotLinearError:
    atom = next(a for a in atoms_of(expression) if isinstance(a, Probability | Expectation) and a.given.event)
    place = atom.where or where
    text = print_sum(Sum.of((1, (atom,))), scope.variables)
    message = f"a claim is written in joint probabilities, and {text} is a conditional one"
    if estimand and not is_conditional(estimand.expression):
        linear = "P(event, condition) may stand there, not P(event | condition)"
        return NotLinearError(message, place, f"Bounds of '{estimand.name}' are linear: {linear}.")
    whole = multiplied_out(expression)
    ratio = _printed_ratio(whole, scope) if whole else "P(event, condition) / P(condition)"
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


def _printed_ratio(whole: Ratio, scope: Scope) -> str:
    numerator, denominator = (print_sum(part or Sum(), scope.variables) for part in whole)
    single = [len((part or Sum()).terms) == 1 for part in whole]
    over = denominator if single[1] and not denominator[0].isdigit() else f"({denominator})"
    return f"{numerator if single[0] else f'({numerator})'} / {over}"


# ---------------------------------------------------------------- the rules that need the estimand
def check_denominators(claim: Claim, estimand: Estimand) -> None:
    """Terms for a conditional estimand have one denominator, or are numbers; other terms have none."""
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
    if over and not is_conditional(estimand.expression):
        raise ModelError(
            f"the claim divides, and estimand '{estimand.name}' has no condition",
            place_of(over, claim.place),
            "Only claims for conditional estimands have a denominator.",
        )
    if not over and numerator.constant is None and is_conditional(estimand.expression):
        raise ModelError(
            f"estimand '{estimand.name}' is conditional: its bounds are numbers, or divided by the probability "
            "of its condition",
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
