"""Bounds as sympy expressions; sympy is imported here, in `piecewise_sympy` and in `lowest_terms` alone."""

from __future__ import annotations

from typing import Any

import sympy

from boundgen.bounds.closed_form import Bounds, Side
from boundgen.exact.terms import Term


def bounds_sympy(bounds: Bounds) -> tuple[sympy.Expr, sympy.Expr]:
    """Unevaluated ``Max`` and ``Min``: evaluation would compare all pairs of terms, which are known to be needed."""
    symbols = {name: sympy.Symbol(text, real=True) for name, text in bounds.notation.identifiers().items()}
    return _side(sympy.Max, bounds, bounds.lower, symbols), _side(sympy.Min, bounds, bounds.upper, symbols)


def _side(op: Any, bounds: Bounds, side: Side, symbols: dict[str, sympy.Symbol]) -> sympy.Expr:
    """Over the denominator; where a term is a number, each of the others has its own denominator."""
    quotients = [bounds.quotient(term, shown) for term, shown in zip(side.terms, side.observed, strict=True)]
    terms = [_term(each.term, symbols) for each in quotients]
    denominator = bounds.observed_denominator or bounds.denominator
    over = _term(denominator, symbols) if denominator else None
    if over is not None and not all(each.divided for each in quotients):
        terms = [_over(term, over) if each.divided else term for term, each in zip(terms, quotients, strict=True)]
        over = None
    found = op(*terms, evaluate=False) if len(terms) > 1 else terms[0]
    return found if over is None else _over(found, over)


def _over(term: sympy.Expr, over: sympy.Expr) -> sympy.Expr:
    return sympy.Mul(term, sympy.Pow(over, -1), evaluate=False)


def _term(term: Term, symbols: dict[str, sympy.Symbol]) -> sympy.Expr:
    parts = [sympy.Rational(c.numerator, c.denominator) * symbols[name] for name, c in term.coefficients]
    return sympy.Add(sympy.Rational(term.constant.numerator, term.constant.denominator), *parts)
