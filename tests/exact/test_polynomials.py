"""Polynomials: division is the inverse of multiplication, whatever the names are called."""

from __future__ import annotations

from fractions import Fraction

import sympy
from hypothesis import given
from hypothesis import strategies as st

from boundgen.exact.polynomials import ONE, Polynomial

A, B = Polynomial.name("a"), Polynomial.name("b")
MONOMIALS = st.lists(st.sampled_from("abc"), max_size=2).map(tuple)
NUMBERS = st.integers(-3, 3).map(Fraction)
POLYNOMIALS = st.lists(st.tuples(MONOMIALS, NUMBERS), max_size=4).map(Polynomial.of)


def as_sympy(polynomial: Polynomial) -> sympy.Poly:
    total = sum((c * sympy.prod(map(sympy.Symbol, names)) for names, c in polynomial.terms), sympy.Integer(0))
    return sympy.Poly(total, *sympy.symbols("a b c"), domain="QQ")


@given(POLYNOMIALS, POLYNOMIALS.filter(bool))
def test_a_product_divided_by_one_factor_is_the_other(one: Polynomial, other: Polynomial) -> None:
    assert (one * other).divided_by(other) == one


@given(POLYNOMIALS, POLYNOMIALS.filter(bool))
def test_what_does_not_divide_is_refused(one: Polynomial, other: Polynomial) -> None:
    """As sympy has it; and it ends."""
    quotient, rest = as_sympy(one).div(as_sympy(other))
    found = one.divided_by(other)
    assert (found is not None) == rest.is_zero
    assert found is None or as_sympy(found) == quotient


def test_products_that_stand_before_their_own_names_in_the_alphabet() -> None:
    """``ab`` comes before ``b`` in the alphabet, and is of higher degree."""
    assert (B + A * B).divided_by(A + ONE) == B
    assert B.divided_by(B + A * B) is None


@given(POLYNOMIALS.filter(lambda each: each.constant is None), st.integers(0, 3))
def test_a_factor_is_divided_out_as_often_as_it_is_one(factor: Polynomial, times: int) -> None:
    product = Polynomial.number(2)
    for _ in range(times):
        product *= factor
    assert product.without([factor]) == Polynomial.number(2)


def test_numbers_are_not_divided_out() -> None:
    assert A.without([ONE, Polynomial.number(2)]) == A
    assert Polynomial().without([A]) == Polynomial()
