"""A polynomial program at data with numbers for what its rows identify, without rows that follow from others.

Rows are linear in products of shares. So are the totals of groups times any product: each product of a share sums, over
the shares of its group, to the product without it. What all of these identify is a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import Monomial, Polynomial
from boundgen.program.polynomial_program import PolynomialProgram, PolynomialRow

# Larger programs stay as they are.
MOST_PRODUCTS = 1000


def with_known_products(program: PolynomialProgram) -> PolynomialProgram:
    """The program with numbers for the shares and products that its equations identify.

    Parameters
    ----------
    program : PolynomialProgram
        At data.

    Returns
    -------
    PolynomialProgram
        With the same optima.
    """
    equations = [row.polynomial for row in program.rows if row.relation == "="]
    totals = [each for each in equations if _is_total(each)]
    multiples = _multiples(equations, totals)
    if multiples is None:
        return program
    known = _Products()
    for each in (*multiples, *equations):
        known.add(each)
    shares = {name: value for name in program.shares if (value := known.value(Polynomial.name(name))) is not None}
    if any(not 0 <= value <= 1 for value in shares.values()):
        return program
    single = [Polynomial.name(name) - Polynomial.number(value) for name, value in shares.items()]
    rows = [PolynomialRow(each, "=") for each in _needed([*single, *equations], totals, multiples, known)]
    rows += [row for row in program.rows if row.relation != "="]
    above, below = (known.put_in(each) for each in (program.numerator, program.divisor))
    found = [replace(row, polynomial=row.polynomial.at(shares, shares)) for row in rows]
    return replace(
        program,
        rows=tuple(row for row in found if row.polynomial or row.relation != "="),
        numerator=above.at(shares, shares),
        divisor=below.at(shares, shares),
    )


def _is_total(polynomial: Polynomial) -> bool:
    """Whether it says that shares sum to one."""
    terms = dict(polynomial.terms)
    return terms.pop((), None) == -1 and all(len(names) == 1 and c == 1 for names, c in terms.items())


def _multiples(equations: Sequence[Polynomial], totals: Sequence[Polynomial]) -> list[Polynomial] | None:
    """The totals times what is multiplied by one of their shares; None where there are too many."""
    group = {name: total for total in totals for name in total.names}
    waiting = list(dict.fromkeys(names for each in equations for names, _ in each.terms if len(names) > 1))
    seen = set(waiting)
    found: dict[Polynomial, None] = {}
    while waiting:
        monomial = waiting.pop()
        for name in dict.fromkeys(monomial):
            if name not in group:
                continue
            rest = list(monomial)
            rest.remove(name)
            multiple = group[name] * Polynomial(((tuple(rest), Fraction(1)),))
            found[multiple] = None
            new = {names for names, _ in multiple.terms if len(names) > 1} - seen
            seen |= new
            waiting += sorted(new)
        if len(seen) > MOST_PRODUCTS:
            return None
    return list(found)


def _needed(
    equations: Sequence[Polynomial], totals: Sequence[Polynomial], multiples: Sequence[Polynomial], known: _Products
) -> Iterator[Polynomial]:
    """Equations of which none follows from the others, those with few terms first."""
    done = _Products()
    for each in (*totals, *multiples):
        done.add(each)
    yield from totals
    others = [part for each in equations if each not in totals for part in known.parts(each)]
    for each in sorted(dict.fromkeys(others), key=lambda own: (len(own.terms), own.terms)):
        value = done.value(each)
        if value is None:
            done.add(each)
            yield each
        elif value:
            # It contradicts the others.
            yield Polynomial.number(value)


@dataclass
class _Products:
    """What equations say of combinations of products."""

    _span: Span = field(default_factory=Span)
    _places: dict[Monomial, int] = field(default_factory=dict)
    _constants: list[Fraction] = field(default_factory=list)

    def add(self, equation: Polynomial) -> None:
        """One more equation, a polynomial that is zero."""
        self._span.add(len(self._constants), self._vector(equation))
        self._constants.append(dict(equation.terms).get((), Fraction(0)))

    def value(self, polynomial: Polynomial) -> Fraction | None:
        """The value of a polynomial, where the equations give it."""
        multiples = self._span.depends(self._vector(polynomial))
        if multiples is None:
            return None
        constant = dict(polynomial.terms).get((), Fraction(0))
        return constant - sum((c * self._constants[k] for k, c in multiples.items()), Fraction(0))

    def parts(self, equation: Polynomial) -> list[Polynomial]:
        """An equation, or what it says of each of its products, where all of these have values."""
        products = [Polynomial(((names, Fraction(1)),)) for names, _ in equation.terms if len(names) > 1]
        values = [self.value(each) for each in products]
        if not products or None in values:
            return [equation]
        rest = Polynomial(tuple((names, c) for names, c in equation.terms if len(names) < 2))
        sums = [value * dict(equation.terms)[p.terms[0][0]] for p, value in zip(products, values, strict=True) if value]
        linear = rest + Polynomial.number(sum(sums, Fraction(0)))
        own = [p - Polynomial.number(value) for p, value in zip(products, values, strict=True) if value is not None]
        return [*own, linear] if linear else own

    def put_in(self, polynomial: Polynomial) -> Polynomial:
        """A polynomial with numbers for its products, where they have values together, or one by one."""
        products = Polynomial(tuple((names, c) for names, c in polynomial.terms if len(names) > 1))
        together = self.value(products)
        if together is not None:
            return polynomial - products + Polynomial.number(together)
        for names, c in products.terms:
            value = self.value(Polynomial(((names, Fraction(1)),)))
            if value is not None:
                polynomial = polynomial - Polynomial(((names, c),)) + Polynomial.number(c * value)
        return polynomial

    def _vector(self, polynomial: Polynomial) -> dict[int, Fraction]:
        return {self._places.setdefault(names, len(self._places)): c for names, c in polynomial.terms if names}
