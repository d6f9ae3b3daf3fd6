"""Bounds on a ratio n · ψ / d · ψ whose divisor the data do not identify: maxima of fractions, exactly.

The dual polyhedron gets one more coordinate, D = {(y, l) : A'y + l d <= n}, and is enumerated once, free of data. The
bound at data p is the largest l of D with y · p >= 0 (A. Charnes & W. W. Cooper, 1962), which is where an edge of D
meets y · p = 0. On an edge y = a + l b, so the bound there is the fraction a · p / -b · p: numerator over divisor of
the distribution over the strata that are tight on the edge.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product as pairs_of
from math import lcm

import numpy as np

from boundgen.bounds.piecewise import Guard
from boundgen.bounds.ratio_laws import RatioLaws
from boundgen.bounds.ratio_side import Limit, RatioEdge, RatioSide, RatioTerm, Tightness, tightness
from boundgen.bounds.sides import reason_of
from boundgen.errors import BudgetError
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.dual import DualPolyhedron, dual_of
from boundgen.polyhedra.edges import Incidence, adjacent_pairs
from boundgen.polyhedra.engine import Enumerate, Generators, Known
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.program.linear_program import LinearProgram, Row
from boundgen.program.reduced import reduce
from boundgen.work import clock
from boundgen.work.limits import Budget

DIVISOR = "the divisor"
# What it takes to make a term of an edge.
SECONDS_FOR_AN_EDGE = 0.001
# Cost and event of a stratum.
CostAndEvent = tuple[Fraction, Fraction]
# Multiples of rows: of a numerator and of a divisor.
Forms = tuple[tuple[Fraction, ...], tuple[Fraction, ...]]


# ---------------------------------------------------------------- both sides
def ratio_sides(
    program: LinearProgram, parameters: Sequence[Parameter], budget: Budget, enumerate_dual: Enumerate | None = None
) -> tuple[RatioSide, RatioSide]:
    """The infimum and supremum of ``cost · ψ / event · ψ`` over ψ >= 0 that meet the rows, as functions of the data.

    Parameters
    ----------
    program : LinearProgram
        Its columns have a cost and an event; ``event · ψ`` is nowhere negative in the model and not a combination of
        equality rows.
    parameters : sequence of Parameter
    budget : Budget
        Its `shares` count both sides.
    enumerate_dual : Enumerate or None
        The engine; `auto` where none is given.

    Raises
    ------
    ArithmeticError
        Where the divisor is identified.
    """
    direct = enumerate_dual or engine_named("auto")
    lower = _side(program, parameters, direct, (), budget)
    known = () if lower.missing else ((lower.dual, lower.generators),)
    later = replace(budget, shares=max(1, budget.shares - 1))
    return lower, _side(program.negated(), parameters, direct, known, later).mirrored()


def _side(
    program: LinearProgram, parameters: Sequence[Parameter], enumerate_dual: Enumerate, known: Known, budget: Budget
) -> RatioSide:
    """The lower side of the ratio of a program.

    Every reduction of linear programs is right for ratios when the divisor is one of the equality rows: weight then
    moves only between strata that leave it as it is.

    Raises
    ------
    ArithmeticError
    """
    reduced = reduce(with_divisor(program))
    if len(program.rows) not in reduced.passes[-1].rows:
        raise ArithmeticError("the divisor of the ratio is a combination of rows: it is identified by the data")
    own, dual, laws = budget.own_share(), dual_of(reduced), RatioLaws(reduced, parameters)
    generators = _generators(dual, enumerate_dual, known, own)
    tight = tightness(reduced.program, generators)
    edges, late = _edges(generators, tight, own)
    needed, untested = _needed(laws, generators, tight, edges, own)
    with clock.held():
        found = tuple(sorted((*_terms(laws, generators, edges, needed), *_tops(laws, generators)), key=_order))
        covered = _is_covered(laws, generators, edges, found)
    missing = generators.missing or late or untested
    return RatioSide("max", reduced, dual, generators, edges, found, laws.smallest, covered, missing)


def with_divisor(program: LinearProgram) -> LinearProgram:
    """The program with the divisor as one more row; its multiple is l."""
    last = len(program.rows)
    row = Row("assumption", DIVISOR, "=", Term.of(0, {DIVISOR: 1}))
    columns = (
        replace(column, entries=(*column.entries, (last, column.event))) if column.event else column
        for column in program.columns
    )
    return replace(program, rows=(*program.rows, row), columns=tuple(columns))


# ---------------------------------------------------------------- vertices, rays and edges
def _generators(dual: DualPolyhedron, enumerate_dual: Enumerate, known: Known, budget: Budget) -> Generators:
    try:
        return enumerate_dual(dual, replace(budget, shares=2), known)
    except BudgetError as error:
        return Generators((), (), f"{reason_of(error)}: no term is known but the end of the ratio's range.")


def _edges(generators: Generators, tight: Tightness, budget: Budget) -> tuple[tuple[RatioEdge, ...], str]:
    """The edges along which l changes, and what ended the search.

    Where vertices or rays are missing, some are segments inside D: their terms are valid all the same.
    """
    if not generators.vertices:
        return (), ""
    rays, total = tight.rays, len(generators.vertices)
    number = {level: k for k, level in enumerate(sorted({vertex[-1] for vertex in generators.vertices}))}
    # Of a ray that l stays the same along: -2. It makes no pair.
    levels = np.array([*(-1 if r[-1] else -2 for r in generators.rays), *(number[v[-1]] for v in generators.vertices)])
    found: list[RatioEdge] = []

    def step(done: int) -> None:
        budget.step("looking for edges of the dual polyhedron", done, total, len(found) * SECONDS_FOR_AN_EDGE)

    def wanted(i: int) -> Incidence:
        return np.asarray((levels != levels[i]) & (levels != -2))

    least = len(generators.vertices[0]) - 1
    try:
        for i, j in adjacent_pairs(tight.incidence, range(rays, rays + total), least, wanted, step):
            found.append(RatioEdge(i - rays, j if j < rays else j - rays, j < rays))
    except BudgetError as error:
        return tuple(found), f"{reason_of(error)}: terms may be missing."
    return tuple(found), ""


# ---------------------------------------------------------------- which edges matter
def _needed(
    laws: RatioLaws, generators: Generators, tight: Tightness, edges: Sequence[RatioEdge], budget: Budget
) -> tuple[list[int], str]:
    """The edges whose fraction is the bound on a set of laws of full dimension, and what ended the search for others.

    An edge gives the bound exactly at the laws of distributions over its tight strata whose ratio is between its ends.
    With cells and the total alone these sets have full dimension unless they are empty; with assumptions their
    dimension is found. What is the same number at all of them is left out: it is no larger than the side's constant.
    """
    possible = _possible(laws, generators, tight, edges)
    if not laws.restricted:
        return possible, ""
    found: list[int] = []
    for done, e in enumerate(possible):
        try:
            budget.step("looking for fractions that matter", done, len(possible))
            wide = laws.is_wide(tight.support(edges[e]), *edge_limits(generators, edges[e]))
        except BudgetError as error:
            return found + possible[done:], f"{reason_of(error)}: fractions that never matter may be left."
        found += [e] if wide else []
    return found, ""


def _possible(laws: RatioLaws, generators: Generators, tight: Tightness, edges: Sequence[RatioEdge]) -> list[int]:
    """The edges for which some distribution over the tight strata has a ratio between the ends."""
    places: dict[CostAndEvent, list[int]] = {}
    for j, column in enumerate(laws.program.columns):
        places.setdefault((Fraction(column.cost), Fraction(column.event)), []).append(j)
    known: dict[tuple[tuple[CostAndEvent, ...], Limit, Limit], bool] = {}
    found = []
    for e, edge in enumerate(edges):
        shared = tight.on(edge)
        directions = tuple(direction for direction, where in places.items() if shared[where].any())
        key = (directions, *edge_limits(generators, edge))
        if key not in known:
            known[key] = not _is_one_ratio(directions) and _meets(*key)
        found += [e] if known[key] else []
    return found


def _is_one_ratio(directions: Sequence[CostAndEvent]) -> bool:
    return all(n * e == m * d for n, d in directions for m, e in directions)


def _meets(directions: Sequence[CostAndEvent], low: Limit, high: Limit) -> bool:
    """Whether a sum of non-negative multiples of (n, d) has d > 0 and a ratio strictly between the limits.

    In the plane, two of them suffice.
    """
    demands = [
        [d, *([] if low is None else [n - low * d]), *([] if high is None else [high * d - n])] for n, d in directions
    ]
    return any(_are_positive_between(one, other) for one, other in pairs_of(demands, repeat=2))


def _are_positive_between(one: Sequence[Fraction], other: Sequence[Fraction]) -> bool:
    """Whether all numbers are positive at once somewhere on the way from the one to the other."""
    start, end = Fraction(-1), Fraction(2)
    for here, there in zip(one, other, strict=True):
        if here <= 0 and there <= 0:
            return False
        if there != here:
            zero = here / (here - there)
            start, end = (max(start, zero), end) if there > here else (start, min(end, zero))
    return start < end and start < 1 and end > 0


def edge_limits(generators: Generators, edge: RatioEdge) -> tuple[Limit, Limit]:
    """The values of l at the ends."""
    start = generators.vertices[edge.vertex][-1]
    if edge.unbounded:
        return (start, None) if generators.rays[edge.other][-1] > 0 else (None, start)
    end = generators.vertices[edge.other][-1]
    return min(start, end), max(start, end)


# ---------------------------------------------------------------- terms
def _terms(
    laws: RatioLaws, generators: Generators, edges: Sequence[RatioEdge], needed: Sequence[int]
) -> list[RatioTerm]:
    """One term for edges whose fractions are the same at every law: what is between them is in D, too."""
    groups: dict[Hashable, list[int]] = {}
    for e in needed:
        numerator, divisor = (laws.term(form) for form in edge_forms(generators, edges[e]))
        if (divisor.coefficients or divisor.constant > 0) and not laws.is_smallest(numerator, divisor):
            groups.setdefault(laws.key(numerator, divisor), []).append(e)
    found = []
    for group in groups.values():
        lows, highs = zip(*(edge_limits(generators, edges[e]) for e in group), strict=True)
        low = None if None in lows else min(lows)
        high = None if None in highs else max(highs)
        forms = min((edge_forms(generators, edges[e]) for e in group), key=lambda forms: _length(laws, forms))
        found.append(_term(laws, forms, low, high, tuple(group)))
    return found


def edge_forms(generators: Generators, edge: RatioEdge) -> Forms:
    """Numerator and divisor of an edge, as multiples of rows."""
    *start, level = generators.vertices[edge.vertex]
    if edge.unbounded:
        *step, rise = map(Fraction, generators.rays[edge.other])
    else:
        *end, there = generators.vertices[edge.other]
        step, rise = [b - a for a, b in zip(start, end, strict=True)], there - level
    divisor = tuple(-x / rise for x in step)
    return tuple(a + level * b for a, b in zip(start, divisor, strict=True)), divisor


def _term(laws: RatioLaws, forms: Forms, low: Limit, high: Limit, edges: tuple[int, ...]) -> RatioTerm:
    numerator, divisor = (laws.term(form) for form in forms)
    above, below = _whole(forms)
    guards = [] if laws.nowhere_negative(below) else [Guard(Polynomial.linear(divisor))]
    # Below the side's constant a fraction does not matter.
    matters = low is not None and (laws.smallest is None or low > laws.smallest)
    if low is not None and matters and not laws.nowhere_above([-x for x in above], below, -low):
        guards.append(Guard(Polynomial.linear(numerator - divisor.scaled(low)), ">="))
    if high is not None and not laws.nowhere_above(above, below, high):
        guards.append(Guard(Polynomial.linear(divisor.scaled(high) - numerator), ">="))
    return RatioTerm(numerator, divisor, low, high, tuple(guards), edges)


def _tops(laws: RatioLaws, generators: Generators) -> list[RatioTerm]:
    """Where l has a largest value in D, which without a total it may have, it is the bound where a vertex says so.

    Some of them may be superfluous beside others.
    """
    most = max((vertex[-1] for vertex in generators.vertices), default=None)
    if most is None or most == laws.smallest or any(ray[-1] > 0 for ray in generators.rays):
        return []
    found = []
    for *point, level in generators.vertices:
        if level == most and not laws.nowhere_negative([-x for x in point]):
            guards = () if laws.nowhere_negative(point) else (Guard(Polynomial.linear(laws.term(point)), ">="),)
            found.append(RatioTerm(Term(most), Term(Fraction(1)), most, most, guards, ()))
    return found


def _is_covered(
    laws: RatioLaws,
    generators: Generators,
    edges: Sequence[RatioEdge],
    terms: Sequence[RatioTerm],
) -> bool:
    """Whether a term that holds at every law where the ratio is defined is always at least the side's constant."""
    constant = laws.smallest
    for term in terms:
        if constant is not None and term.edges and not term.guards:
            above, divisor = _whole(edge_forms(generators, edges[term.edges[0]]))
            never_below = laws.nowhere_above([-x for x in above], divisor, -constant)
            if never_below and laws.is_undefined_without(divisor):
                return True
    return False


def _whole(forms: Forms) -> tuple[list[int], list[int]]:
    """The same fraction in integers, which are many times faster."""
    scale = lcm(*(x.denominator for form in forms for x in form))
    above, below = ([int(x * scale) for x in form] for form in forms)
    return above, below


def _length(laws: RatioLaws, forms: Forms) -> tuple[int, str]:
    terms = [laws.term(form) for form in forms]
    return sum(len(term.coefficients) + bool(term.constant) for term in terms), str(terms[0])


def _order(term: RatioTerm) -> tuple[object, ...]:
    """By limits, the infinite ones outermost."""
    low, high = (() if term.low is None else (term.low,)), (term.high is None, term.high or 0)
    return low, high, len(term.numerator.coefficients), str(term.numerator), str(term.denominator)
