"""Bounds with pieces as sympy expressions: ``Piecewise`` in ``Max`` and ``Min``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy

from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds

Symbols = dict[str, sympy.Symbol]


def piecewise_sympy(bounds: PiecewiseBounds) -> tuple[sympy.Expr, sympy.Expr]:
    """Unevaluated ``Max`` and ``Min`` of pieces; one whose guards fail is infinite, and never the bound.

    Where no piece holds the bound is infinite too.
    """
    bounds = bounds.observed
    symbols = {name: sympy.Symbol(text, real=True) for name, text in bounds.notation.identifiers().items()}
    lower, upper = _side(bounds.lower, symbols), _side(bounds.upper, symbols)
    if bounds.denominator is None:
        return lower, upper
    over = sympy.Pow(_polynomial(bounds.denominator, symbols), -1)
    return sympy.Mul(lower, over, evaluate=False), sympy.Mul(upper, over, evaluate=False)


def _side(side: PiecewiseSide, symbols: Symbols) -> sympy.Expr:
    op = sympy.Max if side.op == "max" else sympy.Min
    never = -sympy.oo if side.op == "max" else sympy.oo
    if not side.pieces:
        return never
    laws = list(side.laws.values())
    if len(laws) == 1:
        return _extremum(op, [_piece(piece, op, never, symbols) for piece in side.pieces])
    return _extremum(sympy.Min if side.op == "max" else sympy.Max, [_law(law, op, never, symbols) for law in laws])


def _law(pieces: tuple[Piece, ...], op: Any, never: sympy.Expr, symbols: Symbols) -> sympy.Expr:
    """The best of the pieces at an extreme law; where it is none, what never is the worst."""
    shared = [guard for guard in pieces[0].guards if all(guard in piece.guards for piece in pieces)]
    own = [replace(piece, guards=tuple(g for g in piece.guards if g not in shared)) for piece in pieces]
    best = _extremum(op, [_piece(piece, op, never, symbols) for piece in own])
    if not shared:
        return best
    holds = sympy.And(*(_guard(guard, symbols) for guard in shared))
    return sympy.Piecewise((best, holds), (-never, True), evaluate=False)


def _extremum(op: Any, values: list[sympy.Expr]) -> sympy.Expr:
    return op(*values, evaluate=False) if len(values) > 1 else values[0]


def _piece(piece: Piece, op: Any, never: sympy.Expr, symbols: Symbols) -> sympy.Expr:
    parts = []
    for summand in piece.summands:
        best = _extremum(op, [_function(option, symbols) for option in summand.options])
        weight = _polynomial(summand.weight, symbols)
        parts.append(best if summand.weight == ONE else sympy.Mul(weight, best, evaluate=False))
    total = sympy.Add(*parts, evaluate=False) if len(parts) > 1 else parts[0]
    if not piece.guards:
        return total
    holds = sympy.And(*(_guard(guard, symbols) for guard in piece.guards))
    return sympy.Piecewise((total, holds), (never, True), evaluate=False)


def _guard(guard: Guard, symbols: Symbols) -> sympy.Basic:
    value = _polynomial(guard.polynomial, symbols)
    return value > 0 if guard.relation == ">" else value >= 0


def _function(function: RationalFunction, symbols: Symbols) -> sympy.Expr:
    above = _polynomial(function.numerator, symbols)
    if function.denominator == ONE:
        return above
    return sympy.Mul(above, sympy.Pow(_polynomial(function.denominator, symbols), -1), evaluate=False)


def _polynomial(polynomial: Polynomial, symbols: Symbols) -> sympy.Expr:
    parts = [
        sympy.Mul(sympy.Rational(c.numerator, c.denominator), *(symbols[name] for name in names))
        for names, c in polynomial.terms
    ]
    return sympy.Add(*parts)
