"""Real roots against those that polynomials were made of."""

from __future__ import annotations

from fractions import Fraction
from math import isclose

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from boundgen.exact.polynomials import Polynomial
from boundgen.exact.univariate import Univariate, square_root

NUMBERS = st.fractions(-3, 3, max_denominator=12)


def product(roots: list[Fraction], factor: Fraction) -> Univariate:
    found = Univariate.of([factor])
    for root in roots:
        found = found * Univariate.of([-root, 1])
    return found


@given(st.lists(NUMBERS, min_size=1, max_size=5), NUMBERS.filter(bool))
def test_rational_roots_are_exact(roots: list[Fraction], factor: Fraction) -> None:
    assert product(roots, factor).roots(Fraction(-3), Fraction(3)) == tuple(sorted(set(roots)))


@given(st.lists(st.integers(-6, 6), min_size=2, max_size=6).filter(lambda c: bool(c[-1])))
def test_roots_are_those_of_sympy(coefficients: list[int]) -> None:
    found = Univariate.of(coefficients).roots(Fraction(-8), Fraction(8))
    whole = sympy.Poly(list(reversed(coefficients)), sympy.Symbol("x"))
    known = sorted({float(root) for root in sympy.real_roots(whole)})
    assert len(found) == len(known)
    assert all(isclose(one, other, abs_tol=1e-12) for one, other in zip(map(float, found), known, strict=True))


def test_a_range_holds_its_ends_and_nothing_beyond() -> None:
    cubic = product([Fraction(0), Fraction(1), Fraction(2)], Fraction(1))
    assert cubic.roots(Fraction(0), Fraction(1)) == (0, 1)
    assert Univariate().roots(Fraction(0), Fraction(1)) == Univariate.of([1]).roots(Fraction(0), Fraction(1)) == ()


def test_along_one_name() -> None:
    p, g = Polynomial.name("p"), Polynomial.name("g")
    found = Univariate.along(p * g * g + p - g.scaled(3), "g", {"p": Fraction(1, 2)})
    assert found == Univariate.of([Fraction(1, 2), -3, Fraction(1, 2)])
    assert not Univariate.along(p, "g", {})


@pytest.mark.parametrize("value", ["0", "9/4", "2", "1/3"])
def test_square_roots(value: str) -> None:
    number = Fraction(value)
    assert abs(square_root(number) ** 2 - number) < Fraction(1, 10**14)
