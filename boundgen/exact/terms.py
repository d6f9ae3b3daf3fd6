"""Affine functions of the observed probabilities and the parameters: the terms of bounds and conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from boundgen.exact.rational import Number


def plain_number(value: Number) -> Number:
    """The same number as an int where it is one: integer arithmetic is many times faster than that of fractions."""
    return value.numerator if value.denominator == 1 else value


# Most coefficients are among these, and to make a fraction takes longer than to find one.
SMALL: dict[Number, Fraction] = {number: Fraction(number) for number in range(-99, 100)}


def exact(value: Number) -> Fraction:
    """The same number as a fraction."""
    if type(value) is Fraction:
        return value
    found = SMALL.get(value)
    return Fraction(value) if found is None else found


@dataclass(frozen=True)
class Term:
    """``constant + the sum of coefficients times cells and parameters``, without zero coefficients.

    Parameters
    ----------
    constant : Fraction
    coefficients : tuple of (name, Fraction)
        Sorted by name, so that equal functions are equal values.

    Examples
    --------
    >>> term = Term.of(1, {"p": -2})
    >>> print(term)
    1 - 2 p
    >>> term + term == term.scaled(2)
    True
    >>> term.value({"p": 3})
    Fraction(-5, 1)
    """

    constant: Fraction = Fraction(0)
    coefficients: tuple[tuple[str, Fraction], ...] = ()

    def __hash__(self) -> int:
        # Numerators are enough to tell most apart; a fraction's own hash takes ten times as long.
        return hash((self.constant.numerator, tuple([(name, c.numerator) for name, c in self.coefficients])))

    @staticmethod
    def of(constant: Number = 0, coefficients: Mapping[str, Number] | None = None) -> Term:
        """A term from any mapping; zeros are left out."""
        kept = sorted([(name, exact(c)) for name, c in (coefficients or {}).items() if c])
        return Term(exact(constant), tuple(kept))

    def __add__(self, other: Term) -> Term:
        return combination([(1, self), (1, other)])

    def __sub__(self, other: Term) -> Term:
        return combination([(1, self), (-1, other)])

    def __neg__(self) -> Term:
        return self.scaled(-1)

    def primitive(self) -> Term:
        """A positive multiple with coprime integer coefficients, for terms whose sign alone matters."""
        numbers = [plain_number(c) for c in (self.constant, *(c for _, c in self.coefficients))]
        if all(type(c) is int for c in numbers) and gcd(*numbers) in (0, 1):  # type: ignore[arg-type]
            return self
        scale = lcm(*(c.denominator for c in numbers))
        divisor = gcd(*(int(c * scale) for c in numbers))
        return self.scaled(Fraction(scale, divisor)) if divisor else self

    def scaled(self, factor: Number) -> Term:
        factor = plain_number(factor)
        if not factor:
            return Term()
        multiples = [(name, exact(factor * plain_number(c))) for name, c in self.coefficients]
        return Term(exact(factor * plain_number(self.constant)), tuple(multiples))

    def multiple_of(self, other: Term) -> Fraction | None:
        """The number by which the other is multiplied to give this; None where there is none, or the other is zero.

        >>> print(Term.of(1, {"p": -2}).multiple_of(Term.of(2, {"p": -4})))
        1/2
        """
        (_, first), *_ = [*other.coefficients, ("", other.constant)]
        own = self.mapping().get(other.coefficients[0][0], Fraction(0)) if other.coefficients else self.constant
        if not first:
            return None
        return own / first if other.scaled(own / first) == self else None

    def __str__(self) -> str:
        """With canonical names: ``1 - P(Y=0|A=1) + 2 gamma``."""
        text = str(self.constant) if self.constant > 0 else ""
        for name, c in self.coefficients:
            sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
            text += sign + ("" if abs(c) == 1 else f"{abs(c)} ") + name
        if self.constant < 0:
            text += f" - {-self.constant}" if text else str(self.constant)
        return text or "0"

    def mapping(self) -> dict[str, Fraction]:
        return dict(self.coefficients)

    def value(self, at: Mapping[str, Number]) -> Fraction:
        """The exact value at cells and parameters; names that are left out count zero."""
        total = plain_number(self.constant)
        for name, c in self.coefficients:
            value = at.get(name, 0)
            if value:
                total += plain_number(c) * plain_number(value)
        return exact(total)


def combination(parts: Iterable[tuple[Number, Term]]) -> Term:
    """The sum of multiples of terms."""
    constant: Number = 0
    coefficients: dict[str, Number] = {}
    for multiple, term in parts:
        factor = plain_number(multiple)
        if factor:
            constant += factor * plain_number(term.constant)
            for name, c in term.coefficients:
                coefficients[name] = coefficients.get(name, 0) + factor * plain_number(c)
    return Term.of(constant, coefficients)
