"""Quotients of polynomials in lowest terms, modulo linear equations; sympy's fields do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from sympy import QQ
from sympy.polys import fields

from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.terms import Term


@dataclass(frozen=True)
class LowestTerms:
    """Computes with functions of cells, of which some are written in others.

    Parameters
    ----------
    names : tuple of str
    equations : tuple of Term
        Functions that are zero; in each the last of these names is left out.
    at : mapping of name to Fraction
        Where a divisor keeps its sign; elsewhere it then keeps it too, unless it is zero here.
    """

    names: tuple[str, ...]
    equations: tuple[Term, ...]
    at: Mapping[str, Fraction] = field(default_factory=dict)

    @cached_property
    def _places(self) -> dict[str, dict[str, Fraction]]:
        """Each name as a sum of those that are kept; the empty name stands for one."""
        number = {name: i for i, name in enumerate((*self.names, ""))}
        span = Span()
        for label, term in enumerate(self.equations):
            # What stands first is what is left out.
            own = sorted(((number[name], c) for name, c in term.coefficients), reverse=True)
            span.add(label, {**dict(own), number[""]: term.constant})
        called = dict(zip(number.values(), number, strict=True))
        return {name: {called[i]: c for i, c in span.rest({number[name]: 1}).items()} for name in self.names}

    @cached_property
    def _elements(self) -> tuple[Any, dict[str, Any]]:
        """The field, and each name in it."""
        kept = list(dict.fromkeys(other for place in self._places.values() for other in place if other))
        made, *symbols = fields.field([f"x{i}" for i, _ in enumerate(kept)], QQ)
        known = dict(zip(kept, symbols, strict=True)) | {"": made.one}
        found = {}
        for name, place in self._places.items():
            found[name] = sum((known[other] * _rational(c) for other, c in place.items()), made.zero)
        return made, found

    def substituted(self, function: RationalFunction, products: Mapping[str, Polynomial]) -> RationalFunction:
        """A function with polynomials put in for some names, in lowest terms: equal functions give the same."""
        made, elements = self._elements
        used = function.names
        values = {name: _value(made, each, elements) for name, each in products.items() if name in used}
        above, below = (
            _value(made, part, {**elements, **values}) for part in (function.numerator, function.denominator)
        )
        known = {**self.at, **{name: product.value(self.at) for name, product in products.items()}}
        return self._back(above / below, function.denominator.value(known))

    def total(self, products: Iterable[tuple[Fraction, Sequence[RationalFunction]]]) -> RationalFunction:
        """A sum of multiples of products of functions, in lowest terms."""
        made, elements = self._elements
        total, sign = made.zero, Fraction(1)
        for coefficient, factors in products:
            product = made.one * _rational(coefficient)
            for factor in factors:
                above, below = (_value(made, part, elements) for part in (factor.numerator, factor.denominator))
                product *= above / below
                sign *= factor.denominator.value(self.at)
            total += product
        return self._back(total, sign)

    def _back(self, element: Any, sign: Fraction) -> RationalFunction:
        kept = list(dict.fromkeys(other for place in self._places.values() for other in place if other))
        above, below = (_polynomial(part, kept) for part in (element.numer, element.denom))
        # Which of two signs a divisor has is not told by the field.
        turned = sign * below.value(self.at) < 0
        return RationalFunction.of(-above, -below) if turned else RationalFunction.of(above, below)


def _rational(value: Fraction) -> Any:
    return QQ(value.numerator, value.denominator)


def _value(made: Any, polynomial: Polynomial, at: Mapping[str, Any]) -> Any:
    total = made.zero
    for names, coefficient in polynomial.terms:
        product = made.one * _rational(coefficient)
        for name in names:
            product *= at[name]
        total += product
    return total


def _polynomial(element: Any, kept: list[str]) -> Polynomial:
    terms = []
    for powers, coefficient in element.terms():
        names = tuple(name for name, power in zip(kept, powers, strict=True) for _ in range(power))
        terms.append((names, Fraction(int(coefficient.numerator), int(coefficient.denominator))))
    return Polynomial.of(terms)
