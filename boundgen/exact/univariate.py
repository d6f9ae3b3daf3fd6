"""Polynomials in one variable: their real roots, exactly where these are rational, else as close as asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import gcd, isqrt, lcm

from boundgen.exact.polynomials import Polynomial
from boundgen.exact.rational import Number

# Irrational roots are halved up to this width: below what floats and pictures tell apart.
WIDTH = Fraction(1, 10**15)


@dataclass(frozen=True)
class Univariate:
    """``coefficients[0] + coefficients[1] x + ...``; the last one is not zero, and zero has none.

    Examples
    --------
    >>> x = Univariate.of([0, 1])
    >>> p = x * x - Univariate.of([2])
    >>> [round(float(root), 6) for root in p.roots(Fraction(-2), Fraction(2))]
    [-1.414214, 1.414214]
    >>> [str(root) for root in (x * x - Univariate.of([Fraction(1, 4)])).roots(Fraction(0), Fraction(1))]
    ['1/2']
    """

    coefficients: tuple[Fraction, ...] = ()

    @staticmethod
    def of(coefficients: Sequence[Number]) -> Univariate:
        """Without zeros at the end."""
        found = [Fraction(c) for c in coefficients]
        while found and not found[-1]:
            found.pop()
        return Univariate(tuple(found))

    @staticmethod
    def along(polynomial: Polynomial, name: str, at: Mapping[str, Number]) -> Univariate:
        """A polynomial as one in the named variable, where the others have values; those left out are zero."""
        found: dict[int, Fraction] = {}
        for names, coefficient in polynomial.terms:
            value = Fraction(coefficient)
            for other in names:
                value *= 1 if other == name else at.get(other, 0)
            power = names.count(name)
            found[power] = found.get(power, Fraction(0)) + value
        return Univariate.of([found.get(k, Fraction(0)) for k in range(max(found, default=-1) + 1)])

    @property
    def degree(self) -> int:
        """Minus one for zero."""
        return len(self.coefficients) - 1

    def __bool__(self) -> bool:
        return bool(self.coefficients)

    def __add__(self, other: Univariate) -> Univariate:
        size = max(len(self.coefficients), len(other.coefficients))
        return Univariate.of([self._at(k) + other._at(k) for k in range(size)])

    def __sub__(self, other: Univariate) -> Univariate:
        return self + other.scaled(-1)

    def __mul__(self, other: Univariate) -> Univariate:
        found = [Fraction(0)] * (len(self.coefficients) + len(other.coefficients))
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(other.coefficients):
                found[i + j] += a * b
        return Univariate.of(found)

    def scaled(self, factor: Number) -> Univariate:
        """A multiple."""
        return Univariate.of([c * factor for c in self.coefficients])

    def _at(self, k: int) -> Fraction:
        return self.coefficients[k] if k < len(self.coefficients) else Fraction(0)

    def value(self, x: Fraction) -> Fraction:
        """The exact value."""
        total = Fraction(0)
        for coefficient in reversed(self.coefficients):
            total = total * x + coefficient
        return total

    # ------------------------------------------------------------ division
    def _divided(self, other: Univariate) -> tuple[Univariate, Univariate]:
        """Quotient and remainder."""
        rest, quotient = list(self.coefficients), [Fraction(0)] * max(self.degree - other.degree + 1, 0)
        while len(rest) > other.degree and rest:
            start = len(rest) - len(other.coefficients)
            quotient[start] = rest[-1] / other.coefficients[-1]
            for k, c in enumerate(other.coefficients):
                rest[start + k] -= quotient[start] * c
            rest.pop()
        return Univariate.of(quotient), Univariate.of(rest)

    def _derivative(self) -> Univariate:
        return Univariate.of([k * c for k, c in enumerate(self.coefficients)][1:])

    def _sturm(self) -> list[Univariate]:
        """J. Sturm (1829): the changes of sign along it count roots; the last divides polynomial and derivative."""
        chain = [self, self._derivative()]
        while rest := chain[-2]._divided(chain[-1])[1]:
            chain.append(rest.scaled(-1 / abs(rest.coefficients[-1])))
        return chain

    # ------------------------------------------------------------ roots
    def roots(self, low: Fraction, high: Fraction) -> tuple[Fraction, ...]:
        """The different real roots between two numbers, from left to right; zero has none, irrational ones are near."""
        if self.degree < 1:
            return ()
        simple, _ = self._divided(self._sturm()[-1])
        if simple.degree == 1:
            found = [-simple.coefficients[0] / simple.coefficients[1]]
        elif simple.degree == 2:
            found = list(simple._of_square())
        else:
            found = [simple._narrowed(*ends) for ends in simple._isolated(low - 1, high)]
        return tuple(x for x in sorted(found) if low <= x <= high)

    def _of_square(self) -> Iterator[Fraction]:
        c, b, a = self.coefficients
        inside = b * b - 4 * a * c
        if inside >= 0:
            root = square_root(inside)
            yield from ((-b - root) / (2 * a), (-b + root) / (2 * a))

    def _isolated(self, low: Fraction, high: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
        """For each root numbers between which it is alone: greater than the first, at most the second."""
        chain = self._sturm()
        stack = [(low, high)]
        while stack:
            start, end = stack.pop()
            count = _changes(chain, start) - _changes(chain, end)
            if count == 1:
                yield start, end
            elif count > 1:
                middle = (start + end) / 2
                stack += [(middle, end), (start, middle)]

    def _narrowed(self, start: Fraction, end: Fraction) -> Fraction:
        """The one root between two numbers; a rational one has a denominator that divides the leading coefficient."""
        scale = lcm(*(c.denominator for c in self.coefficients))
        divisor = gcd(*(int(c * scale) for c in self.coefficients))
        leading = abs(int(self.coefficients[-1] * scale)) // divisor
        tried = False
        while end - start > WIDTH:
            if not self.value(end):
                return end
            if not tried and (end - start) * leading < 1:
                tried, near = True, Fraction(round((start + end) / 2 * leading), leading)
                if not self.value(near):
                    return near
            middle = (start + end) / 2
            above = self.value(middle) * self.value(end) >= 0
            start, end = (start, middle) if above else (middle, end)
        return (start + end) / 2


def square_root(value: Fraction) -> Fraction:
    """The square root, exactly where it is rational."""
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    scale = WIDTH.denominator**2
    return Fraction(isqrt(value.numerator * scale * value.denominator), WIDTH.denominator * value.denominator)


def _changes(chain: Sequence[Univariate], x: Fraction) -> int:
    signs = [value > 0 for value in (each.value(x) for each in chain) if value]
    return sum(one != other for one, other in pairwise(signs))
