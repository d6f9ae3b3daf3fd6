"""Polynomials and fractions as a reader sees them: products of linear functions, numbers beside fractions.

``1 − (p10·0 + p01·1) / ATM`` for ``(p11·1 + p00·0 − 1) / ATM``, and ``P(Z=0) (p1·0 − p0·0)`` for a sum of products.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.bounds.phrases import is_probability
from boundgen.bounds.simplest_form import NUMBER, SYMBOL, Simplifier
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term

# A sum of products of linear functions, which may use defined names.
Products = tuple[tuple[Term, ...], ...]
UNIT = Term(Fraction(1))
# What may stand beside a fraction.
WHOLES = (0, 1, -1)


@dataclass(frozen=True)
class ShownFraction:
    """``whole + above / below``, or ``above`` alone.

    Parameters
    ----------
    whole : Fraction
        Zero where nothing is divided.
    above : Products
    below : Polynomial or None
    """

    whole: Fraction
    above: Products
    below: Polynomial | None


# ---------------------------------------------------------------- fractions
def shown_fraction(function: RationalFunction, reading: Simplifier) -> ShownFraction:
    """The shortest of the forms ``above / below`` and ``number + above / below``."""
    below = function.denominator
    if below.constant is not None:
        return ShownFraction(
            Fraction(0), shown_polynomial(function.numerator.scaled(1 / below.constant), reading), None
        )
    divisor = shown_polynomial(below, reading)
    forms = [(whole, shown_polynomial(function.numerator - below.scaled(whole), reading)) for whole in WHOLES]
    # A single symbol in the numerator over itself is the number that is said before.
    forms = [form for form in forms if not _repeats(form[1], divisor)] or forms
    whole, above = min(forms, key=lambda form: (_size(form[1]) + (SYMBOL if form[0] else 0), abs(form[0])))
    return ShownFraction(Fraction(whole), above, below)


def _repeats(above: Products, below: Products) -> bool:
    names = [term.coefficients[0][0] for (term, *others) in below if not others and len(term.coefficients) == 1]
    if len(below) != 1 or not names or below[0][0].constant:
        return False
    return any(names[0] in term.mapping() for (term, *others) in above if not others) and above != below


# ---------------------------------------------------------------- factors
def parted(function: RationalFunction, factors: Iterable[Polynomial]) -> tuple[RationalFunction, ...]:
    """``a / A + b / B`` for a fraction over A B, where names of A stand in a and those of B in b."""
    for one in factors:
        other = function.denominator.divided_by(one)
        if other is not None and other.term is not None and other.constant is None and not one.names & other.names:
            found = _parts(function.numerator, one, other)
            if found is not None:
                return found
    return (function,)


def _parts(above: Polynomial, one: Polynomial, other: Polynomial) -> tuple[RationalFunction, ...] | None:
    """Of sums of cells: the multiples of x y in the numerator are a sum of one number for x and one for y."""
    if any(c != 1 or len(names) != 1 for part in (one, other) for names, c in part.terms):
        return None
    held = dict(above.terms)
    left, right = sorted(one.names), sorted(other.names)

    def multiple(x: str, y: str) -> Fraction:
        return held.get((min(x, y), max(x, y)), Fraction(0))

    a = {x: multiple(x, right[0]) for x in left}
    b = {y: multiple(left[0], y) - a[left[0]] for y in right}
    if Polynomial.of([((x, y), a[x] + b[y]) for x in left for y in right]) != above:
        return None
    shift = max((-value for value in (*a.values(), *(-value for value in b.values()))), key=_zeros(a, b))
    parts = (
        RationalFunction(Polynomial.of([((x,), value + shift) for x, value in a.items()]), one),
        RationalFunction(Polynomial.of([((y,), value - shift) for y, value in b.items()]), other),
    )
    return tuple(part for part in parts if part.numerator)


def _zeros(a: dict[str, Fraction], b: dict[str, Fraction]) -> Callable[[Fraction], int]:
    return lambda shift: sum(not v + shift for v in a.values()) + sum(not v - shift for v in b.values())


# ---------------------------------------------------------------- polynomials
def shown_polynomial(polynomial: Polynomial, reading: Simplifier) -> Products:
    """A linear function in its shortest form; others by what is factored out, whichever is shorter."""
    if polynomial not in reading.products:
        reading.products[polynomial] = _shown_polynomial(polynomial, reading)
    return reading.products[polynomial]


def _shown_polynomial(polynomial: Polynomial, reading: Simplifier) -> Products:
    if polynomial.term is not None:
        return ((reading.with_definitions(polynomial.term),),)
    forms = [form for outer in _outer(polynomial, reading) for form in _factored(polynomial, outer, reading)]
    return min([*forms, *_as_product(polynomial, reading), _expanded(polynomial)], key=_size)


def _as_product(polynomial: Polynomial, reading: Simplifier) -> Iterator[Products]:
    """The product of two linear functions, where it is one: what multiplies a name of one alone is the other."""
    for name in sorted(polynomial.names):
        beside = Polynomial.of((_without(names, name), c) for names, c in polynomial.terms if name in names)
        other = polynomial.divided_by(beside) if beside.term is not None and beside.constant is None else None
        if other is not None and other.term is not None and beside.term is not None:
            factors = [reading.with_definitions(reading.plain(part)) for part in (other.term, beside.term)]
            yield (tuple(sorted(factors, key=lambda factor: len(factor.coefficients))),)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    place = names.index(name)
    return (*names[:place], *names[place + 1 :])


def is_nonnegative(polynomial: Polynomial, reading: Simplifier) -> bool:
    """Whether its shortest form shows that it is nowhere negative: sums of products of cells."""
    if is_sum_of_products(polynomial):
        return True
    linear = polynomial.term
    shown = ((linear,),) if linear else shown_polynomial(polynomial, replace(reading, definitions=()))
    return all(
        term.constant >= 0 and all(c > 0 and is_probability(name) for name, c in term.coefficients)
        for product in shown
        for term in product
    )


def is_sum_of_products(polynomial: Polynomial) -> bool:
    """Whether it is a sum of positive multiples of products of cells."""
    return all(c > 0 and all(map(is_probability, names)) for names, c in polynomial.terms)


def _outer(polynomial: Polynomial, reading: Simplifier) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Names by which a sum of products may be ordered, and whether they sum to one."""
    names = polynomial.names
    for cells in reading.complete:
        if names & {*cells}:
            yield cells, True
    yield tuple(name for name in reading.order if not is_probability(name) and name in names), False


def _factored(polynomial: Polynomial, outer: tuple[tuple[str, ...], bool], reading: Simplifier) -> Iterator[Products]:
    """The sum over names of name times linear function, where it is one; of names that sum to one in several ways."""
    factors, complete = outer
    held: dict[str, dict[str, Fraction]] = {name: {} for name in ("", *factors)}
    for names, c in polynomial.terms:
        inside = [name for name in names if name in held]
        rest = [name for name in names if name not in held]
        if len(inside) > 1 or len(rest) > 1:
            return
        held[inside[0] if inside else ""][rest[0] if rest else ""] = c
    linear = {name: Term.of(part.pop("", Fraction(0)), part) for name, part in held.items()}
    rest_of_all = linear.pop("")
    shifts = {Term(), rest_of_all, *(-term for term in linear.values())} if complete else {Term()}
    for shift in sorted(shifts, key=str):
        moved = {name: term + shift for name, term in linear.items()}
        yield _collected(moved, rest_of_all - shift, reading)


def _collected(linear: dict[str, Term], rest: Term, reading: Simplifier) -> Products:
    """Equal linear functions are taken together, and so are numbers."""
    groups: dict[Term, dict[str, Number]] = {}
    fixed: dict[str, Number] = {}
    for name, term in linear.items():
        shown = reading.with_definitions(term)
        if not shown.coefficients:
            fixed[name] = shown.constant
        else:
            sign = -1 if -shown in groups else 1
            groups.setdefault(shown.scaled(sign), {})[name] = sign
    products = [(reading.with_definitions(Term.of(0, names)), term) for term, names in groups.items()]
    alone = reading.with_definitions(rest + Term.of(0, fixed))
    found = [tuple(part for part in product if part != UNIT) for product in products]
    return (*([(alone,)] if alone != Term() else []), *found) or ((Term(),),)


def _expanded(polynomial: Polynomial) -> Products:
    """Every product by itself; what is linear together."""
    linear = Polynomial(tuple(term for term in polynomial.terms if len(term[0]) < 2)).term or Term()
    products = [
        (Term(c), *(Term.of(0, {name: 1}) for name in names)) for names, c in polynomial.terms if len(names) > 1
    ]
    found = [tuple(part for part in product if part != UNIT) for product in products]
    return (*([(linear,)] if linear != Term() else []), *found)


def _size(products: Products) -> Number:
    """As `Simplifier` counts symbols and numbers; a sum of few products is shorter than one of many."""
    return sum((_term_size(term) for product in products for term in product), SYMBOL * len(products))


def _term_size(term: Term) -> Number:
    size: Number = NUMBER if term.constant else 0
    for _, c in term.coefficients:
        size += SYMBOL + (abs(c) - 1 if c.denominator == 1 else 1)
    return size
