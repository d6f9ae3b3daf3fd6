"""Testable implications that are no linear functions of the data: quotients of polynomials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from boundgen.bounds.functions_json import function_json, polynomial_json
from boundgen.bounds.phrases import two_sides
from boundgen.bounds.piecewise import Guard
from boundgen.bounds.piecewise_forms import Products, shown_polynomial
from boundgen.bounds.piecewise_writing import Script
from boundgen.exact.polynomials import ONE, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.strata.means import polynomial_in_means


@dataclass(frozen=True)
class ProductCondition:
    """``function >= 0`` where it is defined and all guards hold; elsewhere nothing is demanded.

    Parameters
    ----------
    function : RationalFunction
        Of cells and parameters; its denominator is a product of probabilities.
    guards : tuple of Guard
    shown : Term or None
        The same as a linear function of conditional probabilities by name, where it is one.
    script : Script
        How it is written, but for the kind of text.
    """

    function: RationalFunction
    guards: tuple[Guard, ...]
    shown: Term | None = field(compare=False)
    script: Script = field(compare=False, repr=False)

    @property
    def observed(self) -> ProductCondition:
        """The condition as it is written: with a bounded outcome in shares and means."""
        known = dict(self.script.notation.means)
        if not known:
            return self
        above, below = (
            polynomial_in_means(part, known) for part in (self.function.numerator, self.function.denominator)
        )
        guards = tuple(Guard(polynomial_in_means(g.polynomial, known), g.relation) for g in self.guards)
        return replace(self, function=RationalFunction.of(above, below), guards=guards, shown=None)

    def holds_at(self, at: Mapping[str, Number]) -> bool:
        """Whether it demands something at data."""
        return bool(self.function.denominator.value(at)) and all(guard.holds(at) for guard in self.guards)

    def value(self, at: Mapping[str, Number]) -> Fraction:
        """The value at data, which must not be negative; zero where nothing is demanded."""
        return (self.function.value(at) or Fraction(0)) if self.holds_at(at) else Fraction(0)

    def tangent(self, at: Mapping[str, Number]) -> Term:
        """The linear function with its value and derivatives at data; zero where nothing is demanded."""
        if not self.holds_at(at):
            return Term()
        top, bottom = self.function.numerator, self.function.denominator
        over, value = bottom.value(at), self.value(at)
        slopes = {
            name: (top.slope(name).value(at) - value * bottom.slope(name).value(at)) / over
            for name in sorted(self.function.names)
        }
        there = sum((c * at.get(name, 0) for name, c in slopes.items()), Fraction(0))
        return Term.of(value - there, slopes)

    # ------------------------------------------------------------ print
    def text(self, unicode: bool = True) -> str:
        """``P(Y=1|X=1) ≥ P(Y=1|X=0)``; with guards, ``if P(V=1) > 0: ...``."""
        return _written(self, replace(self.script, latex=False, unicode=unicode))

    def latex(self) -> str:
        """The same as LaTeX."""
        return _written(self, replace(self.script, latex=True))

    def json(self, order: Sequence[str]) -> dict[str, Any]:
        """Like a term with products as keys; over a denominator, and with guards, where there are such."""
        written = self.observed
        function, place = written.function, {name: i for i, name in enumerate(order)}
        value = polynomial_json(function.numerator, place)
        if function.denominator != ONE:
            value = function_json(function, place)
        guards = [{"value": polynomial_json(g.polynomial, place), "relation": g.relation} for g in written.guards]
        return {**value, **({"if": guards} if guards else {})}


# What a law of the data must meet.
AnyCondition = Term | ProductCondition


def products_text(conditions: Sequence[ProductCondition], unicode: bool) -> list[str]:
    """Each as text; two opposite ones are one equality."""
    return [_written(each, replace(each.script, latex=False, unicode=unicode), eq) for each, eq in merged(conditions)]


def products_latex(conditions: Sequence[ProductCondition]) -> list[str]:
    """Each as LaTeX; two opposite ones are one equality."""
    return [_written(each, replace(each.script, latex=True), equal) for each, equal in merged(conditions)]


def merged(conditions: Sequence[ProductCondition]) -> Iterator[tuple[ProductCondition, bool]]:
    """The first of two opposite ones, and whether it is an equality.

    Parameters
    ----------
    conditions : sequence of ProductCondition

    Yields
    ------
    (ProductCondition, bool)
    """
    signs = {(each.function, each.guards) for each in conditions}
    before = set()
    for each in conditions:
        opposite = (-each.function, each.guards)
        if opposite not in before:
            yield each, opposite in signs
        before.add((each.function, each.guards))


def _written(condition: ProductCondition, script: Script, is_equality: bool = False) -> str:
    condition = condition.observed
    left, relation, right = _compared(condition, script)
    text = f"{left} {script.relation('=' if is_equality else relation)} {right}"
    if not condition.guards:
        return text
    guards = script.guards(condition.guards)
    return rf"{text} \quad \text{{if }} {guards}" if script.latex else f"if {guards}: {text}"


def _compared(condition: ProductCondition, script: Script) -> tuple[str, str, str]:
    """Without minus signs where it is a sum of products."""
    if condition.shown is not None:
        left, relation, right = two_sides(condition.shown)
        return script.term(left), relation, script.term(right)
    more, less = _sides(shown_polynomial(condition.function.numerator, script.reading), script)
    return (more, ">=", less or "0") if more else (less, "<=", "0")


def _sides(products: Products, script: Script) -> tuple[str, str]:
    """What is added and what is subtracted, each without a sign."""
    single: list[tuple[Term, ...]] = []
    for product in products:
        if len(product) > 1:
            single.append(product)
            continue
        (term,) = product
        single += [(Term.of(0, {name: c}),) for name, c in term.coefficients]
        single += [(Term(term.constant),)] if term.constant else []
    negative = [product for product in single if script.products((product,)).startswith(script.minus)]
    positive = tuple(product for product in single if product not in negative)
    turned = tuple((-first, *others) for first, *others in negative)
    return (script.products(positive) if positive else ""), (script.products(turned) if turned else "")
