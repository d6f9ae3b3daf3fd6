"""A maximum over sums of choices as a sum of maxima: ``max{0, a, b, a + b}`` is ``max{0, a} + max{0, b}``."""

from __future__ import annotations

from collections.abc import Sequence

from boundgen.bounds.simplest_form import Simplifier
from boundgen.exact.terms import Term

TermOptions = tuple[Term, ...]
# What cannot be such a sum, and what would be compared too long.
FEWEST, MOST = 4, 64


def sum_of_maxima(options: TermOptions, reading: Simplifier) -> tuple[TermOptions, ...]:
    """The shortest maxima (or minima) whose sum is that of these options.

    Parameters
    ----------
    options : tuple of Term
        In cells and parameters.
    reading : Simplifier

    Returns
    -------
    tuple of tuple of Term
        The same options alone, where they are no sums of choices.
    """
    if not FEWEST <= len(options) <= MOST or len(options) % 2:
        return (options,)
    places = {reading.key(option): option for option in options}
    first = options[0]
    found = []
    for other in options[1:]:
        step = other - first
        above = {key: reading.key(option + step) for key, option in places.items()}
        low = [key for key in places if above[key] in places and key not in above.values()]
        if 2 * len(low) == len(options) == len(places) and {*low, *(above[key] for key in low)} == places.keys():
            found.append(_shortest(step, [places[key] for key in low], reading))
    if not found:
        return (options,)
    pair, rest = min(found, key=lambda each: _size((*each[0], *each[1])))
    return (pair, *sum_of_maxima(rest, reading))


def _shortest(step: Term, low: Sequence[Term], reading: Simplifier) -> tuple[TermOptions, TermOptions]:
    """Two choices, and those beside them: what both sides of the sum may exchange is where it makes them short."""
    moved = {Term(): None, **dict.fromkeys(low)}
    moved |= {Term.of(0, {name: c}): None for option in low for name, c in option.coefficients}
    if any(option.constant for option in low):
        moved |= {Term(option.constant): None for option in low}
    found = []
    for start in moved:
        pair = tuple(map(reading.plain, (start, start + step)))
        found.append((pair, tuple(reading.plain(option - start) for option in low)))
    return min(found, key=lambda each: _size((*each[0], *each[1])))


def _size(terms: Sequence[Term]) -> int:
    return sum(len(term.coefficients) + 2 * bool(term.constant) for term in terms)
