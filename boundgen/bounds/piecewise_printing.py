"""Pieces as engines find them to pieces for the reader: shortest forms, in cells and parameters alone.

A fraction that is a number becomes that number, a weight into which all options divide is multiplied out, and what
has no maximum is added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import gcd, inf, lcm
from typing import TYPE_CHECKING

from boundgen.bounds.piecewise import Guard, LawKinds, Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_forms import is_nonnegative
from boundgen.bounds.piecewise_symmetry import Renaming
from boundgen.bounds.simplest_form import Simplifier
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.strata.means import polynomial_in_means

if TYPE_CHECKING:
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds


def printed_piecewise(bounds: PiecewiseBounds) -> PiecewiseBounds:
    """Bounds with both sides, and what divides them, in the form in which they are printed."""
    reading = bounds.simplifier
    over = bounds.denominator
    if over is not None:
        # A probability, though the model may make it a number.
        known = reading if over.term is None or reading.number(over.term) is None else replace(reading, equalities=())
        over = plain_polynomial(over, known)
    factors = _factors((bounds.lower, bounds.upper))
    lower, upper = (printed_side(side, reading, factors) for side in (bounds.lower, bounds.upper))
    return replace(bounds, lower=lower, upper=upper, denominator=over)


def printed_side(side: PiecewiseSide, reading: Simplifier, factors: Sequence[Polynomial] = ()) -> PiecewiseSide:
    """A side with the same value, each part in its shortest form, without what is said twice.

    Parameters
    ----------
    side : PiecewiseSide
    reading : Simplifier
    factors : sequence of Polynomial
        Linear functions that may stand above and below, and then are divided out.
    """
    if side.kinds is not None:
        return _printed_kinds(side, side.kinds, reading, factors)
    pieces = [_reduced(piece, factors) for piece in side.pieces] if factors else side.pieces
    pieces = [piece for each in pieces if (piece := _piece(each, side.op, reading)) is not None]
    laws = replace(side, pieces=tuple(part for piece in pieces for part in _apart(piece))).laws
    order = {name: i for i, name in enumerate(reading.order)}
    kept = [sorted(_needed(own, side.op, reading), key=lambda piece: _rank(piece, order)) for own in laws.values()]
    kept.sort(key=lambda own: (len(own), *(_rank(piece, order) for piece in own)))
    return replace(side, pieces=tuple(piece for own in kept for piece in own))


def _printed_kinds(
    side: PiecewiseSide, kinds: LawKinds, reading: Simplifier, factors: Sequence[Polynomial]
) -> PiecewiseSide:
    """One law of each kind is written, and all laws of the kind are its images."""
    place = {kind.first: kind for kind in kinds.kinds}
    firsts = tuple(piece for piece in side.pieces if piece.law in place)
    written = printed_side(PiecewiseSide(side.op, firsts), reading, factors).laws
    found: list[Piece] = []
    for first, pieces in written.items():
        for law, images in place[first].images.items():
            renaming = Renaming(images)
            found += [replace(renaming.piece(piece), law=law) for piece in pieces]
    ordered = tuple(place[first] for first in written)
    return replace(side, pieces=tuple(found), kinds=replace(kinds, kinds=ordered))


def side_in_means(side: PiecewiseSide, known: Mapping[str, Term]) -> PiecewiseSide:
    """A side in shares and means of bounded outcomes, given the cells of their stand-ins as functions of these."""

    def function(option: RationalFunction) -> RationalFunction:
        return RationalFunction.of(
            polynomial_in_means(option.numerator, known), polynomial_in_means(option.denominator, known)
        )

    def piece(each: Piece) -> Piece:
        guards = tuple(Guard(polynomial_in_means(g.polynomial, known), g.relation) for g in each.guards)
        summands = tuple(
            Summand(polynomial_in_means(s.weight, known), tuple(map(function, s.options))) for s in each.summands
        )
        return replace(each, guards=guards, summands=summands)

    return replace(side, pieces=tuple(map(piece, side.pieces)))


def _factors(sides: Sequence[PiecewiseSide]) -> tuple[Polynomial, ...]:
    """Sums of cells that may stand above and below: weights and divisors; none where nothing is multiplied out."""
    summands = [summand for side in sides for piece in side.pieces for summand in piece.summands]
    divisors = [option.denominator for summand in summands for option in summand.options]
    if all(divisor.term is not None for divisor in divisors):
        return ()
    known = dict.fromkeys([*(summand.weight for summand in summands), *divisors])
    return tuple(each for each in known if each.constant is None and each.term is not None)


def _reduced(piece: Piece, factors: Sequence[Polynomial]) -> Piece:
    return replace(
        piece,
        summands=tuple(
            replace(summand, options=tuple(option.without(factors) for option in summand.options))
            for summand in piece.summands
        ),
    )


def only_value(piece: Piece) -> RationalFunction | None:
    """The one function that a piece is; None for a sum of maxima."""
    if len(piece.summands) == 1 and len(piece.summands[0].options) == 1 and piece.summands[0].weight == ONE:
        return piece.summands[0].options[0]
    return None


def only_number(piece: Piece) -> Fraction | None:
    """The number that a piece is; None for every other piece."""
    value = only_value(piece)
    return None if value is None or value.denominator != ONE else value.numerator.constant


# ---------------------------------------------------------------- functions
def plain_polynomial(polynomial: Polynomial, reading: Simplifier) -> Polynomial:
    """The shortest form in cells and parameters; products are left as they are, but for what sums to one."""
    if polynomial.term is not None:
        return Polynomial.linear(reading.plain(polynomial.term))
    normal = normal_form(polynomial, reading)
    return Polynomial.linear(reading.plain(normal.term)) if normal.term is not None else polynomial


def normal_form(polynomial: Polynomial, reading: Simplifier) -> Polynomial:
    """The same function without the last cell of each complete arm: equal for equal functions of free cells."""
    rest = {cells[-1]: Polynomial.of([((), 1), *(((name,), -1) for name in cells[:-1])]) for cells in reading.complete}
    total = ZERO
    for names, coefficient in polynomial.terms:
        product = Polynomial.number(coefficient)
        for name in names:
            product *= rest.get(name, Polynomial.name(name))
        total += product
    return total


def plain_function(function: RationalFunction, reading: Simplifier) -> RationalFunction:
    """The shortest form of numerator and divisor; a quotient that is a number everywhere is that number."""
    above, below = function.numerator, function.denominator
    multiple = multiple_of(above, below, reading)
    if multiple is not None:
        return RationalFunction(Polynomial.number(multiple))
    below = plain_polynomial(below, reading)
    if below.constant:
        return RationalFunction(plain_polynomial(above.scaled(1 / below.constant), reading))
    return _coprime(RationalFunction(plain_polynomial(above, reading), below))


def multiple_of(above: Polynomial, below: Polynomial, reading: Simplifier) -> Fraction | None:
    """The number by which one function is multiplied to give another one, at every distribution of the model."""
    if above.term is not None and below.term is not None:
        return reading.multiple(above.term, below.term)
    return normal_form(above, reading).multiple_of(normal_form(below, reading))


def _coprime(function: RationalFunction) -> RationalFunction:
    """Both scaled by one positive number, so that all coefficients are coprime integers."""
    numbers = [c for part in (function.numerator, function.denominator) for _, c in part.terms]
    scale = lcm(*(c.denominator for c in numbers))
    factor = Fraction(scale, gcd(*(int(c * scale) for c in numbers)))
    if all(c < 0 for _, c in function.denominator.terms):
        factor = -factor
    return RationalFunction(function.numerator.scaled(factor), function.denominator.scaled(factor))


# ---------------------------------------------------------------- pieces
def _piece(piece: Piece, op: str, reading: Simplifier) -> Piece | None:
    """A piece in its shortest form; None where a guard fails everywhere."""
    guards = _guards(piece.guards, reading)
    if guards is None:
        return None
    summands = [_summand(summand, op, reading) for summand in piece.summands]
    if len(summands) == 1 and summands[0].weight == ONE:
        return replace(piece, guards=guards, summands=tuple(summands))
    # Beside maxima each weight stays in front of what it multiplies.
    has_maximum = any(len(summand.options) > 1 for summand in summands)
    added, kept = RationalFunction(ZERO), []
    for summand in summands:
        if len(summand.options) > 1 or (has_maximum and summand.weight != ONE):
            kept.append(summand)
        else:
            added += summand.options[0] * RationalFunction(summand.weight)
    added = plain_function(added, reading)
    fixed = (Summand(ONE, (added,)),) if added.numerator or not kept else ()
    return replace(piece, guards=guards, summands=(*fixed, *kept))


def _guards(guards: Iterable[Guard], reading: Simplifier) -> tuple[Guard, ...] | None:
    """The guards that say something; None where one fails everywhere."""
    kept: dict[Guard, None] = {}
    for guard in guards:
        term = guard.polynomial.term
        number = None if term is None else reading.number(term)
        if term is not None and number is None:
            polynomial = Polynomial.linear(reading.sign(term))
        else:
            polynomial = plain_polynomial(guard.polynomial, reading) if number is None else Polynomial.number(number)
        if guard.relation == ">" and is_nonnegative(-polynomial, reading):
            return None
        if polynomial.constant is None:
            kept[replace(guard, polynomial=polynomial)] = None
        elif not Guard(polynomial, guard.relation).holds({}):
            return None
    return tuple(kept)


def _summand(summand: Summand, op: str, reading: Simplifier) -> Summand:
    """Weight and options in their shortest forms; the weight is one where it stays in no option."""
    weight = plain_polynomial(summand.weight, reading)
    options = _distinct([plain_function(option, reading) for option in summand.options], op)
    if weight == ONE:
        return Summand(ONE, options)
    if weight.constant is not None or _is_divided(weight, options, reading):
        factor = RationalFunction(weight)
        return Summand(ONE, tuple(plain_function(_cancelled(option, factor, reading), reading) for option in options))
    return Summand(weight, options)


def _is_divided(weight: Polynomial, options: tuple[RationalFunction, ...], reading: Simplifier) -> bool:
    """Whether a weight divides out of all options but numbers, and out of one at least."""
    fractions = [option for option in options if option.denominator != ONE]
    others = [option for option in options if option.denominator == ONE]
    return (
        bool(fractions)
        and all(option.numerator.constant is not None for option in others)
        and all(multiple_of(option.denominator, weight, reading) is not None for option in fractions)
    )


def _cancelled(option: RationalFunction, weight: RationalFunction, reading: Simplifier) -> RationalFunction:
    multiple = multiple_of(option.denominator, weight.numerator, reading)
    return RationalFunction(option.numerator.scaled(1 / multiple)) if multiple else option * weight


def _distinct(options: Sequence[RationalFunction], op: str) -> tuple[RationalFunction, ...]:
    """Each option once, of numbers the one that counts."""
    numbers = [c for option in options if option.denominator == ONE and (c := option.numerator.constant) is not None]
    best = (max(numbers) if op == "max" else min(numbers)) if numbers else None
    first = [RationalFunction(Polynomial.number(best))] if best is not None else []
    others = [o for o in options if o.denominator != ONE or o.numerator.constant is None]
    return tuple(dict.fromkeys([*first, *others]))


def _apart(piece: Piece) -> tuple[Piece, ...]:
    """A maximum that stands alone is as many pieces."""
    if len(piece.summands) == 1 and piece.summands[0].weight == ONE:
        return tuple(replace(piece, summands=(Summand(ONE, (option,)),)) for option in piece.summands[0].options)
    return (piece,)


def _needed(pieces: Sequence[Piece], op: str, reading: Simplifier) -> list[Piece]:
    """Each piece once, without numbers that another number, or a linear function, always beats."""
    linear = [
        value.numerator.term
        for piece in pieces
        if not piece.guards and (value := only_value(piece)) is not None and value.denominator == ONE
    ]
    ends = [_ends(term, reading) for term in linear if term is not None and term.coefficients]
    always = [number for piece in pieces if not piece.guards and (number := only_number(piece)) is not None]
    best = (max(always) if op == "max" else min(always)) if always else None

    def is_beaten(piece: Piece) -> bool:
        number = only_number(piece)
        if best is None or number is None:
            return False
        if any(low >= number if op == "max" else high <= number for low, high in ends):
            return True
        return bool(piece.guards) if number == best else (number < best) == (op == "max")

    return [piece for piece in dict.fromkeys(pieces) if not is_beaten(piece)]


def _ends(term: Term, reading: Simplifier) -> tuple[Fraction | float, Fraction | float]:
    """What a function of cells has at least and at most: those of a complete arm sum to one, others are below one."""
    left = term.mapping()
    low = high = term.constant
    for cells in reading.complete:
        own = [left.pop(cell, Fraction(0)) for cell in cells]
        low, high = low + min(own), high + max(own)
    # Of parameters nothing is known here.
    if not left.keys() <= reading.baseline.keys():
        return -inf, inf
    below, above = ([c for c in left.values() if (c < 0) == sign] for sign in (True, False))
    return low + sum(below, Fraction(0)), high + sum(above, Fraction(0))


def _rank(piece: Piece, order: dict[str, int]) -> tuple[object, ...]:
    """Numbers first, then few and small coefficients, then the order of the names in the model."""
    parts = [
        part
        for summand in piece.summands
        for option in summand.options
        for part in (summand.weight, option.denominator, option.numerator)
    ]
    named = [[(tuple(order.get(name, -1) for name in names), c) for names, c in part.terms] for part in parts]
    size = sum(len(part.terms) for part in parts)
    return only_number(piece) is None, len(piece.summands), size, sum(abs(c) for part in named for _, c in part), named
