"""Polynomials and quotients of polynomials in observed probabilities and parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.exact.rational import Number
from boundgen.exact.terms import Term, exact, plain_number

Monomial = tuple[str, ...]


@dataclass(frozen=True)
class Polynomial:
    """A sum of rational multiples of products of names, without zero coefficients.

    Parameters
    ----------
    terms : tuple of (monomial, Fraction)
        Sorted; the names of a monomial are sorted, repeated ones stand repeatedly; the empty one is the number one.

    Examples
    --------
    >>> p, q = Polynomial.name("p"), Polynomial.name("q")
    >>> print((p + q) * (p - q))
    p*p - q*q
    >>> (p * q).value({"p": 2, "q": 3})
    Fraction(6, 1)
    """

    terms: tuple[tuple[Monomial, Fraction], ...] = ()

    def __hash__(self) -> int:
        # As of a `Term`.
        return hash(tuple([(names, c.numerator) for names, c in self.terms]))

    @staticmethod
    def of(terms: Iterable[tuple[Monomial, Number]]) -> Polynomial:
        """Like terms collected."""
        found: dict[Monomial, Number] = {}
        for names, coefficient in terms:
            key = tuple(sorted(names)) if len(names) > 1 else names
            found[key] = found.get(key, 0) + plain_number(coefficient)
        return Polynomial(tuple(sorted([(key, exact(c)) for key, c in found.items() if c])))

    @staticmethod
    def number(value: Number) -> Polynomial:
        """A constant."""
        return Polynomial((((), Fraction(value)),) if value else ())

    @staticmethod
    def name(name: str) -> Polynomial:
        """One name."""
        return Polynomial((((name,), Fraction(1)),))

    @staticmethod
    def linear(term: Term) -> Polynomial:
        """A linear function as a polynomial."""
        return Polynomial.of([((), term.constant), *(((name,), c) for name, c in term.coefficients)])

    @staticmethod
    def total(parts: Iterable[Polynomial]) -> Polynomial:
        """The sum of polynomials."""
        return Polynomial.of(term for part in parts for term in part.terms)

    def __add__(self, other: Polynomial) -> Polynomial:
        return Polynomial.of((*self.terms, *other.terms))

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + other.scaled(-1)

    def __neg__(self) -> Polynomial:
        return self.scaled(-1)

    def __mul__(self, other: Polynomial) -> Polynomial:
        own, others = self._plain_terms(), other._plain_terms()
        return Polynomial.of([(x + y, a * b) for x, a in own for y, b in others])

    def _plain_terms(self) -> list[tuple[Monomial, Number]]:
        return [(names, plain_number(c)) for names, c in self.terms]

    def __bool__(self) -> bool:
        return bool(self.terms)

    def scaled(self, factor: Number) -> Polynomial:
        """A multiple."""
        if factor == 1:
            return self
        factor = plain_number(factor)
        return Polynomial(
            tuple([(names, exact(plain_number(c) * factor)) for names, c in self.terms]) if factor else ()
        )

    @property
    def constant(self) -> Fraction | None:
        """The value, where it is a number; None otherwise."""
        if not self.terms:
            return Fraction(0)
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    @property
    def names(self) -> frozenset[str]:
        """The names that occur."""
        return frozenset(name for names, _ in self.terms for name in names)

    @property
    def term(self) -> Term | None:
        """The same as a linear function, where it is one."""
        if any(len(names) > 1 for names, _ in self.terms):
            return None
        constant = sum((c for names, c in self.terms if not names), Fraction(0))
        return Term.of(constant, {names[0]: c for names, c in self.terms if names})

    def value(self, at: Mapping[str, Number]) -> Fraction:
        """The exact value; names that are left out count zero."""
        total: Number = 0
        for names, coefficient in self.terms:
            product = plain_number(coefficient)
            for name in names:
                product *= plain_number(at.get(name, 0))
            total += product
        return exact(total)

    def at(self, values: Mapping[str, Number], names: Iterable[str]) -> Polynomial:
        """The polynomial with numbers put in for some names; those without a value count zero."""
        put, found = frozenset(names), []
        for monomial, coefficient in self.terms:
            for name in monomial:
                if name in put:
                    coefficient *= values.get(name, 0)
            found.append((tuple(name for name in monomial if name not in put), coefficient))
        return Polynomial.of(found)

    def substituted(self, known: Mapping[str, Polynomial]) -> Polynomial:
        """The polynomial with others put in for some names.

        Returns
        -------
        Polynomial

        Examples
        --------
        >>> p, q = Polynomial.name("p"), Polynomial.name("q")
        >>> print((p * q + q).substituted({"p": ONE - q}))
        2 q - q*q
        """
        if not self.names & known.keys():
            return self
        # Names are sorted, so monomials that follow one another have their first factors in common.
        products: dict[Monomial, Polynomial] = {(): ONE}

        def product(monomial: Monomial) -> Polynomial:
            found = products.get(monomial)
            if found is None:
                *before, last = monomial
                put = known[last] if last in known else Polynomial.name(last)
                found = products[monomial] = product(tuple(before)) * put
            return found

        return Polynomial.of(
            (names, c * factor)
            for monomial, c in self._plain_terms()
            for names, factor in product(monomial)._plain_terms()
        )

    def slope(self, name: str) -> Polynomial:
        """The derivative by a name.

        Returns
        -------
        Polynomial

        Examples
        --------
        >>> print(Polynomial.of([(("p", "p", "q"), 3)]).slope("p"))
        6 p*q
        """
        return Polynomial.of(
            ((*names[: (i := names.index(name))], *names[i + 1 :]), names.count(name) * c)
            for names, c in self.terms
            if name in names
        )

    def multiple_of(self, other: Polynomial) -> Fraction | None:
        """The number by which the other is multiplied to give this; None where there is none, or the other is zero."""
        if not other.terms:
            return None
        names, first = other.terms[0]
        factor = dict(self.terms).get(names, Fraction(0)) / first
        return factor if other.scaled(factor) == self else None

    def divided_by(self, other: Polynomial) -> Polynomial | None:
        """The polynomial by which the other, which is not zero, is multiplied to give this; None where there is none.

        Returns
        -------
        Polynomial or None

        Examples
        --------
        >>> p, q = Polynomial.name("p"), Polynomial.name("q")
        >>> print((p * p - q * q).divided_by(p + q))
        p - q
        >>> print((q + p * q).divided_by(p + ONE))
        q
        """
        lead, first = max(other.terms, key=_order)
        rest, found = self, Polynomial()
        while rest.terms:
            names, coefficient = max(rest.terms, key=_order)
            left = list(names)
            for name in lead:
                if name not in left:
                    return None
                left.remove(name)
            step = Polynomial(((tuple(left), coefficient / first),))
            found, rest = found + step, rest - step * other
        return found

    def without(self, factors: Iterable[Polynomial]) -> Polynomial:
        """The polynomial with each of these factors divided out as often as it divides it."""
        found = self
        for factor in factors:
            if factor.constant is None:
                while found and (less := found.divided_by(factor)) is not None:
                    found = less
        return found

    def __str__(self) -> str:
        text = ""
        for names, c in sorted(self.terms, key=lambda item: (not item[0], item[0])):
            sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
            product = "*".join(names)
            text += sign + (str(abs(c)) if not names else product if abs(c) == 1 else f"{abs(c)} {product}")
        return text or "0"


def _order(term: tuple[Monomial, Fraction]) -> tuple[int, Monomial]:
    """By degree, then by names: a product with a third monomial keeps the order, which a division needs."""
    names, _ = term
    return len(names), names


ZERO = Polynomial()
ONE = Polynomial.number(1)


@dataclass(frozen=True)
class RationalFunction:
    """``numerator / denominator``; a quotient that is a number has the denominator one.

    Parameters
    ----------
    numerator, denominator : Polynomial
        The denominator is not the zero polynomial.
    """

    numerator: Polynomial
    denominator: Polynomial = ONE

    @staticmethod
    def of_number(value: Number) -> RationalFunction:
        """A number."""
        return RationalFunction(Polynomial.number(value))

    @staticmethod
    def of(numerator: Polynomial, denominator: Polynomial = ONE) -> RationalFunction:
        """The quotient in a shorter form, where a number or the whole denominator can be divided out."""
        multiple = numerator.multiple_of(denominator)
        if multiple is not None:
            return RationalFunction.of_number(multiple)
        constant = denominator.constant
        if constant is not None:
            return RationalFunction(numerator.scaled(1 / constant))
        return RationalFunction(numerator, denominator)

    def __add__(self, other: RationalFunction) -> RationalFunction:
        if self.denominator == other.denominator:
            return RationalFunction.of(self.numerator + other.numerator, self.denominator)
        crossed = self.numerator * other.denominator + other.numerator * self.denominator
        return RationalFunction.of(crossed, self.denominator * other.denominator)

    def __mul__(self, other: RationalFunction) -> RationalFunction:
        return RationalFunction.of(self.numerator * other.numerator, self.denominator * other.denominator)

    def __neg__(self) -> RationalFunction:
        return RationalFunction(-self.numerator, self.denominator)

    def scaled(self, factor: Number) -> RationalFunction:
        """A multiple."""
        return RationalFunction.of(self.numerator.scaled(factor), self.denominator)

    @property
    def number(self) -> Fraction | None:
        """The value, where it is a number; None otherwise."""
        return self.numerator.constant if self.denominator == ONE else None

    @property
    def names(self) -> frozenset[str]:
        """The names that occur."""
        return self.numerator.names | self.denominator.names

    def without(self, factors: Iterable[Polynomial]) -> RationalFunction:
        """The quotient with these factors divided out of both its parts."""
        top, bottom = self.numerator, self.denominator
        for factor in factors:
            if factor.constant is None:
                while (less := bottom.divided_by(factor)) is not None and (own := top.divided_by(factor)) is not None:
                    top, bottom = own, less
        return RationalFunction.of(top, bottom)

    def value(self, at: Mapping[str, Number]) -> Fraction | None:
        """The exact value; None where the denominator is zero."""
        over = self.denominator.value(at)
        return self.numerator.value(at) / over if over else None

    def __str__(self) -> str:
        return str(self.numerator) if self.denominator == ONE else f"({self.numerator}) / ({self.denominator})"


def over_one_denominator(functions: Sequence[RationalFunction]) -> tuple[list[Polynomial], Polynomial]:
    """Numerators of fractions over one denominator, and that."""
    denominators = list(dict.fromkeys(f.denominator for f in functions))
    over, found = ONE, []
    for denominator in denominators:
        over = over * denominator
    for f in functions:
        rest = f.numerator
        for denominator in denominators:
            rest = rest if denominator == f.denominator else rest * denominator
        found.append(rest)
    return found, over
