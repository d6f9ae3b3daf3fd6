"""Bounds as sympy expressions; sympy is imported here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from boundgen.bounds.closed_form import Bounds, Side
from boundgen.terms import Term


def bounds_sympy(bounds: Bounds) -> tuple[sympy.Expr, sympy.Expr]:
    """Unevaluated ``Max`` and ``Min``: evaluation would compare all pairs of terms, which are known to be needed."""
    symbols = {name: sympy.Symbol(text, real=True) for name, text in bounds.notation.identifiers().items()}
    over = _term(bounds.denominator, symbols) if bounds.denominator else None
    return _side(sympy.Max, bounds.lower, over, symbols), _side(sympy.Min, bounds.upper, over, symbols)


def _side(op: Any, side: Side, over: Any, symbols: dict[str, sympy.Symbol]) -> sympy.Expr:
    terms = _expressions(side.terms, symbols)
    found = op(*terms, evaluate=False) if len(terms) > 1 else terms[0]
    return found if over is None else sympy.Mul(found, sympy.Pow(over, -1), evaluate=False)


def _expressions(terms: Sequence[Term], symbols: dict[str, sympy.Symbol]) -> list[sympy.Expr]:
    return [_term(term, symbols) for term in terms]


def _term(term: Term, symbols: dict[str, sympy.Symbol]) -> sympy.Expr:
    parts = [sympy.Rational(c.numerator, c.denominator) * symbols[name] for name, c in term.coefficients]
    return sympy.Add(sympy.Rational(term.constant.numerator, term.constant.denominator), *parts)
