"""Syntax to a linear expression or the ratio of two: what an estimand is, and a term of a claim."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from boundgen.errors import ModelError, NotIdentifiedError, NotLinearError
from boundgen.language import syntax as s
from boundgen.language.expressions import Expectation, Probability, Quantity, Sum
from boundgen.language.printer import print_sum
from boundgen.language.resolution import atoms_of, number_divisor, product_of, resolve_linear
from boundgen.language.scope import Scope
from boundgen.language.statements import Estimand
from boundgen.language.unit_resolution import multiplied

Ratio = tuple[Sum, Sum | None]
ONE_DIVISION = "A ratio is LINEAR / LINEAR: bring all parts over one divisor, or write them one by one."


def read_estimand(name: str, node: s.Syntax, scope: Scope) -> Estimand:
    """An estimand; one that is no ratio of linear expressions is kept with its refusal, so that others are answered.

    Raises
    ------
    ModelError
        Where a part of it cannot be read: an unknown name, a formula outside P(...).
    """
    try:
        numerator, divisor = resolve_ratio(node, scope)
    except NotIdentifiedError as error:
        return Estimand(name, Sum(), node.where, s.spelled(node), error)
    except NotLinearError as error:
        for part in _summands(node):
            resolve_linear(part, scope)
        refusal = NotLinearError(error.message, error.where or node.where, error.remedy)
        return Estimand(name, Sum(), node.where, s.spelled(node), refusal)
    if not numerator.terms or not any(map(_holds_population, (numerator, divisor or Sum()))):
        raise ModelError(
            "the estimand is constant: it holds no probability or expectation that data could inform",
            node.where,
            "Write P(...) or E[...] of potential outcomes.",
        )
    return Estimand(name, numerator, node.where, divisor=divisor)


def _summands(node: s.Syntax) -> Iterator[s.Syntax]:
    """What sums, products and quotients are made of."""
    if isinstance(node, s.Plus | s.Times):
        for _, part in node.parts:
            yield from _summands(part)
    else:
        yield node


def _holds_population(expression: Sum) -> bool:
    return any(isinstance(atom, Probability | Expectation | Quantity) for atom in atoms_of(expression))


def resolve_ratio(node: s.Syntax, scope: Scope) -> Ratio:
    """Numerator and divisor; the divisor is None where nothing but numbers is divided by."""
    match node:
        case s.Plus():
            return _sum(node, scope)
        case s.Times():
            return _product(node, scope)
        case _:
            return resolve_linear(node, scope), None


def _sum(node: s.Plus, scope: Scope) -> Ratio:
    """``1 - A / B`` as ``(B - A) / B``."""
    parts = [(sign, *resolve_ratio(part, scope)) for sign, part in node.parts]
    added = Sum.total(numerator.scaled(sign) for sign, numerator, own in parts if own is None)
    divisor = next((own for _, _, own in parts if own is not None), None)
    if divisor is None:
        return added, None
    number = added.constant
    if number is None:
        raise NotLinearError(
            f"a ratio and {print_sum(added, scope.variables)} do not have the same divisor",
            node.where,
            "Only a number may be added to a ratio. " + ONE_DIVISION,
        )
    over = Sum.total(_over(divisor, numerator.scaled(sign), own, node, scope) for sign, numerator, own in parts if own)
    whole = divisor.scaled(number)
    # What is positive leads: 1 - A / B is (B - A) / B, and A / B - 1 is (A - B) / B.
    return (whole + over if number > 0 else over + whole), divisor


def _over(divisor: Sum, numerator: Sum, own: Sum, node: s.Syntax, scope: Scope) -> Sum:
    """What stands over the divisor, where the numerator stands over its own."""
    multiple = _multiple(divisor, own)
    if multiple is None:
        raise _two_divisors(divisor, own, node, scope)
    return numerator.scaled(multiple)


def _multiple(one: Sum, other: Sum) -> Fraction | None:
    """The number by which the other is multiplied to give the one; None where there is none."""
    first, second = ({atoms: coefficient for coefficient, atoms in each.terms} for each in (one, other))
    quotients = {first[atoms] / second[atoms] for atoms in first.keys() & second.keys()}
    return quotients.pop() if first.keys() == second.keys() and len(quotients) == 1 else None


def _product(node: s.Times, scope: Scope) -> Ratio:
    numerator, divisor = Sum.of((1, ())), None
    for operator, part in node.parts:
        factor, under = resolve_ratio(part, scope)
        if operator == "/":
            if under is not None:
                raise _two_divisors(factor, under, node, scope)
            if factor.constant is not None:
                numerator = multiplied(numerator, number_divisor(part, factor, scope), node)
                continue
            factor, under = Sum.of((1, ())), factor
        elif divisor is not None and under is not None:
            raise NotLinearError(
                "a product of two ratios is not a ratio of linear expressions", node.where, ONE_DIVISION
            )
        if divisor is not None and under is not None:
            raise _two_divisors(divisor, under, node, scope)
        numerator, divisor = product_of(numerator, factor, node, scope), divisor or under
    return numerator, divisor


def _two_divisors(one: Sum, other: Sum, node: s.Syntax, scope: Scope) -> NotLinearError:
    first, second = (print_sum(each, scope.variables) for each in (one, other))
    return NotLinearError(
        f"one ratio divides once, and this one divides by {first} and by {second}", node.where, ONE_DIVISION
    )
