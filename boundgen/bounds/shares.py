"""Sums of cells that are probabilities of events, and are called so: ``P(V=1)`` as a weight and as a divisor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from boundgen.bounds.piecewise_forms import shown_polynomial
from boundgen.bounds.piecewise_printing import normal_form
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.symbols import CellSymbol, shown_value
from boundgen.exact.polynomials import Polynomial
from boundgen.strata.cells import Arm, Assignment, Cell

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds

# One cell has a symbol.
FEWEST = 2


def shares(bounds: PiecewiseBounds) -> dict[Polynomial, CellSymbol]:
    """Weights, what divides everything, and other divisors of the same variables, as far as they are such sums."""
    summands = [s for side in (bounds.lower, bounds.upper) for piece in side.pieces for s in piece.summands]
    divisors = list(dict.fromkeys(option.denominator for summand in summands for option in summand.options))
    over = [] if bounds.denominator is None else [bounds.denominator]
    found = _named([*(summand.weight for summand in summands), *over], bounds)
    variables = {event.variables for event in found.values()}
    averaged = [divisor for divisor in divisors if divisor.term is None]
    linear = [divisor for divisor in divisors if divisor.term is not None]
    products = (divisor.divided_by(share) for divisor in averaged for share in found if share.term is not None)
    others = _named([*linear, *(each for each in products if each is not None and each.term is not None)], bounds)
    alike = {divisor: event for divisor, event in others.items() if event.variables in variables}
    return {**found, **alike, **_named(averaged, bounds)}


def _named(polynomials: Iterable[Polynomial], bounds: PiecewiseBounds) -> dict[Polynomial, CellSymbol]:
    pairs = ((polynomial, _event(polynomial, bounds)) for polynomial in dict.fromkeys(polynomials))
    return {polynomial: event for polynomial, event in pairs if event is not None}


def _event(polynomial: Polynomial, bounds: PiecewiseBounds) -> CellSymbol | None:
    """The event of which a polynomial is the probability; None where it has a name that is as short."""
    if len(polynomial.terms) < FEWEST or _is_one_symbol(polynomial, bounds.simplifier):
        return None
    shown = shown_polynomial(polynomial, replace(bounds.simplifier, definitions=()))
    names = {name for product in shown for term in product for name in term.mapping()}
    normal = normal_form(polynomial, bounds.simplifier)
    for parts in _laws(bounds.arms):
        cells = [cell for _, arm in parts for cell in arm.cells if cell.name in names]
        event = _common(cells)
        if event and normal_form(_probability(event, parts), bounds.simplifier) == normal:
            values = tuple(shown_value(value) for _, value in event)
            return CellSymbol("P", values, (), tuple(name for name, _ in event), law=True)
    return None


def _is_one_symbol(polynomial: Polynomial, reading: Simplifier) -> bool:
    ((term, *others), *more) = shown_polynomial(polynomial, reading)
    return not others and not more and len(term.coefficients) == 1 and not term.constant


# ---------------------------------------------------------------- laws without context
Averaged = list[tuple[str, Arm]]


def _laws(arms: Sequence[Arm]) -> list[Averaged]:
    """Arms without context, and the arms that a law of randomized variables weighs, each with its weight."""
    plain = [arm for arm in arms if not (arm.law or arm.cells[0].context or arm.cells[0].selection)]
    found: list[Averaged] = [[("", arm)] for arm in plain]
    for law in arms:
        weights = {frozenset(cell.event): cell.name for cell in law.cells} if law.law else {}
        for number in dict.fromkeys(arm.observation for arm in arms):
            parts = [
                (weights[frozenset(arm.cells[0].context)], arm)
                for arm in arms
                if arm.observation == number and frozenset(arm.cells[0].context) in weights
            ]
            if weights and len(parts) == len(weights):
                found.append(parts)
    return found


def _common(cells: Sequence[Cell]) -> Assignment:
    if not cells:
        return ()
    return tuple(pair for pair in cells[0].event if all(pair in cell.event for cell in cells))


def _probability(event: Assignment, parts: Averaged) -> Polynomial:
    return Polynomial.of(
        ((weight, cell.name) if weight else (cell.name,), 1)
        for weight, arm in parts
        for cell in arm.cells
        if all(pair in cell.event for pair in event)
    )
