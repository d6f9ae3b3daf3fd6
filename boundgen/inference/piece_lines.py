"""The lines of a bound with pieces: all sums of one option for each summand, in the chambers where the data may lie."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import log, prod, sqrt

import numpy as np

from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide
from boundgen.errors import DataError
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.inference.bound_lines import BoundLine, Chambers, distinct_lines
from boundgen.inference.estimated_functions import EstimatedFunctions, known, times
from boundgen.inference.estimated_terms import error_of, ratio
from boundgen.inference.intersection import selected, selection_value
from boundgen.inference.variation import combined

MOST_SUMS = 5_000
# Up to so many sums, all options of each summand are used.
FEW_SUMS = 256


def piece_lines(side: PiecewiseSide, over: Polynomial, functions: EstimatedFunctions, sign: int) -> Chambers:
    """The sums of the pieces that clearly hold; where none does, of each chamber in which the data may lie.

    Where several extreme laws count at the same data, each that may be possible has chambers of its own: the bound is
    that of one of them, and a value is beyond it only where it is beyond all.

    Returns
    -------
    tuple of tuple of BoundLine
    """
    found = [
        tuple(distinct_lines(line for piece in pieces for line in _sums(piece, over, functions, sign)))
        for own in side.laws.values()
        for pieces in _chambers(own, functions)
    ]
    # In no chamber clearly or perhaps: then the data say nothing.
    return tuple(found) or ((),)


def _chambers(pieces: Sequence[Piece], functions: EstimatedFunctions) -> Iterator[list[Piece]]:
    """Those that clearly hold; where none does, those that may, together where they have the same guards."""
    clear = [piece for piece in pieces if all(_holds(guard, functions, 1) for guard in piece.guards)]
    if clear:
        yield clear
        return
    perhaps: dict[frozenset[Guard], list[Piece]] = {}
    for piece in pieces:
        if all(_holds(guard, functions, -1) for guard in piece.guards):
            perhaps.setdefault(frozenset(piece.guards), []).append(piece)
    yield from perhaps.values()


def _holds(guard: Guard, functions: EstimatedFunctions, clearly: int) -> bool:
    """Whether a guard clearly holds (1), or does not clearly fail (-1): clear is sqrt(log n) standard errors."""
    found = functions.polynomial(guard.polynomial)
    error = error_of(found, functions.sample, clearly)
    if not error:
        return found.value > 0 or (guard.relation == ">=" and not found.value)
    return float(found.value) > clearly * sqrt(log(functions.sample.n)) * error


def _sums(piece: Piece, over: Polynomial, functions: EstimatedFunctions, sign: int) -> Iterator[BoundLine]:
    """All sums of one option for each summand."""
    summands = [[_weighted(each.weight, option) for option in each.options] for each in piece.summands]
    if prod(map(len, summands)) > FEW_SUMS:
        summands = [_plausible(options, functions, sign) for options in summands]
    if (count := prod(map(len, summands))) > MOST_SUMS:
        raise DataError(
            f"{count:.2g} sums of one option for each summand, more than {MOST_SUMS}",
            remedy="Ask for an estimand with fewer groups.",
        )
    for chosen in itertools.product(*summands):
        divisors = dict.fromkeys(f.denominator for f in chosen if f.denominator != ONE)
        below = known(1)
        for divisor in (over, *divisors):
            below = times(below, functions.polynomial(divisor))
        yield BoundLine(functions.over([(Fraction(sign), f) for f in chosen], divisors), below)


def _weighted(weight: Polynomial, option: RationalFunction) -> RationalFunction:
    """A weight times an option, of which the weight often is the denominator."""
    multiple = weight.multiple_of(option.denominator)
    if multiple is not None:
        return RationalFunction(option.numerator.scaled(multiple))
    return RationalFunction.of(option.numerator * weight, option.denominator)


def _plausible(options: Sequence[RationalFunction], functions: EstimatedFunctions, sign: int) -> list[RationalFunction]:
    """The options that inequality selection keeps, at Bonferroni's critical value; those over zero are all kept."""
    tops, bottoms = (
        [functions.polynomial(part) for part in parts]
        for parts in ([f.numerator for f in options], [f.denominator for f in options])
    )
    inside = [i for i, bottom in enumerate(bottoms) if bottom.value > 0]
    quotients = [combined([(Fraction(sign), ratio(tops[i], bottoms[i]))]) for i in inside]
    values = np.array([float(each.value) for each in quotients])
    errors = np.array([error_of(each, functions.sample) for each in quotients])
    kept = set(range(len(options))) - set(inside)
    if inside:
        critical = selection_value(functions.sample.n, len(options))
        kept |= {inside[i] for i in np.flatnonzero(selected(values, errors, critical))}
    return [options[i] for i in sorted(kept)]
