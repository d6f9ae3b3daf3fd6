"""Where the upper bound is a constant minus the lower one with some levels exchanged."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.relabelling import Exchange, FormVector, NormalForms, exact, transposition
from boundgen.exact.terms import Term
from boundgen.language.expressions import Value


@dataclass(frozen=True)
class Mirror:
    """The upper bound is ``constant`` minus the lower one with levels exchanged.

    Parameters
    ----------
    constant : Fraction
    exchanged : tuple of (variable, pairs of values)
        Empty where nothing is exchanged.
    definitions : tuple of str
        Defined names of the lower bound's printed terms in which the levels are to be exchanged too.
    """

    constant: Fraction
    exchanged: tuple[tuple[str, tuple[tuple[Value, Value], ...]], ...]
    definitions: tuple[str, ...]


@dataclass(frozen=True)
class Sides:
    """The terms of both sides in normal form, and what they are divided by."""

    lower: tuple[FormVector, ...]
    upper: tuple[FormVector, ...]
    over: FormVector


def mirror(
    functions: NormalForms,
    domains: Sequence[tuple[str, tuple[Value, ...]]],
    sides: Sides,
    shown: Sequence[Term],
    definitions: Mapping[str, Term],
) -> Mirror | None:
    """The simplest exchange that mirrors the lower bound's terms to the upper one's, or None.

    None, one variable (the last declared first: outcomes come last), or two; two levels, or all in reverse order.
    """
    if len(sides.lower) != len(sides.upper):
        return None
    total = _sum(sides.upper)
    for exchange in exchanges(domains):
        act = functions.action(exchange)
        if act is None or (exchange and act(sides.over) != sides.over):
            continue
        # If the terms are mirrored then so are their sums, which is quick to see.
        constant = _multiple(_sum([total, act(_sum(sides.lower))]), sides.over, len(sides.upper))
        if constant is None:
            continue
        shift: FormVector = {i: c * constant for i, c in sides.over.items()}
        image = {exact(_sum([shift, {i: -c for i, c in act(vector).items()}])) for vector in sides.lower}
        if image == {exact(vector) for vector in sides.upper}:
            used = {name for term in shown for name, _ in term.coefficients}
            changed = [d for d, term in definitions.items() if d in used and _changes(functions, exchange, term)]
            return Mirror(constant, exchanged_pairs(exchange), tuple(changed))
    return None


def exchanges(domains: Sequence[tuple[str, tuple[Value, ...]]]) -> Iterator[Exchange]:
    """Those that may mirror bounds, the simplest first."""
    yield {}
    single = [list(_exchanges_of(variable, domain)) for variable, domain in reversed(domains)]
    yield from itertools.chain.from_iterable(single)
    for one, other in itertools.combinations(single, 2):
        # Of many levels only the reverse order: all pairs of pairs would be too many to try.
        for first, second in itertools.product(*(each if len(each) <= 3 else each[-1:] for each in (one, other))):
            yield {**first, **second}


def _exchanges_of(variable: str, domain: tuple[Value, ...]) -> Iterator[Exchange]:
    for one, other in itertools.combinations(domain, 2):
        yield transposition(variable, one, other)
    if len(domain) > 3:  # Below that the order is reversed by exchanging two levels.
        yield {variable: dict(zip(domain, reversed(domain), strict=True))}


def _multiple(vector: FormVector, over: FormVector, count: int) -> Fraction | None:
    """The c with ``vector = count c over``."""
    place, c = next(iter(over.items()))
    found = Fraction(vector.get(place, 0)) / (c * count)
    return found if exact({i: found * count * x for i, x in over.items() if found}) == exact(vector) else None


def _changes(functions: NormalForms, exchange: Exchange, term: Term) -> bool:
    act = functions.action(exchange)
    vector = functions.vector(term)
    return act is not None and act(vector) != vector


def exchanged_pairs(exchange: Exchange) -> tuple[tuple[str, tuple[tuple[Value, Value], ...]], ...]:
    """Each variable with the pairs of values that are exchanged."""
    found = []
    for variable, image in exchange.items():
        pairs: dict[frozenset[Value], tuple[Value, Value]] = {}
        for pair in image.items():
            if pair[0] != pair[1]:
                pairs.setdefault(frozenset(pair), pair)
        found.append((variable, tuple(pairs.values())))
    return tuple(found)


def _sum(vectors: Sequence[FormVector]) -> FormVector:
    found: FormVector = {}
    for vector in vectors:
        for i, c in vector.items():
            found[i] = found.get(i, 0) + c
    return {i: c for i, c in found.items() if c}
