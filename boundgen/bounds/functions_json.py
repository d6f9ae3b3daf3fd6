"""Polynomials and quotients of them as JSON."""

from __future__ import annotations

from typing import Any

from boundgen.exact.polynomials import Polynomial, RationalFunction


def function_json(function: RationalFunction, place: dict[str, int]) -> dict[str, Any]:
    """A quotient; what is no quotient has the denominator one."""
    return {
        "numerator": polynomial_json(function.numerator, place),
        "denominator": polynomial_json(function.denominator, place),
    }


def polynomial_json(polynomial: Polynomial, place: dict[str, int]) -> dict[str, Any]:
    """Exact rationals as strings, by products such as ``P(Z=0)*P(X=1|Z=0)``; names in the order of printing."""
    products = [(sorted(names, key=place.__getitem__), c) for names, c in polynomial.terms if names]
    products.sort(key=lambda item: [place[name] for name in item[0]])
    return {
        "constant": str(dict(polynomial.terms).get((), 0)),
        "coefficients": {"*".join(names): str(c) for names, c in products},
    }
