"""Where an estimand is identified: everywhere, nowhere, or on faces of the observable distributions.

Upper and lower bound are equal where the difference of an upper and a lower term is zero. Each difference is
nowhere negative, so the set is a union of faces; a face is where some testable implications hold with equality and
some cells are zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.order import simplest_first
from boundgen.bounds.simplest_form import Simplifier
from boundgen.exact.terms import Term
from boundgen.polyhedra.faces import Face, face
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.polyhedra.region import AffineFunction, Region
from boundgen.questions.containment import proof
from boundgen.questions.observable import Observable, Reason
from boundgen.work.limits import Budget

# 39 x 39 pairs (an instrument of three levels) take a minute and give 174 faces, which nobody reads.
MOST_PAIRS = 400
FEW_CANDIDATES = 12


@dataclass(frozen=True)
class Collapse:
    """A face on which the bounds are a point.

    Parameters
    ----------
    equations : tuple of Term
        An observable distribution is on the face where they are zero.
    value : Fraction or None
        The estimand there, where it is a number.
    term : Term
        The estimand there, times the denominator where there is one.
    """

    equations: tuple[Term, ...]
    value: Fraction | None
    term: Term


@dataclass(frozen=True)
class Identified:
    """Where an estimand is identified.

    Parameters
    ----------
    where : {"everywhere", "nowhere", "on faces", "not attempted"}
        Not attempted: there are too many pairs of an upper and a lower term.
    pairs : int
        How many pairs there are.
    faces : tuple of Collapse
    """

    where: Literal["everywhere", "nowhere", "on faces", "not attempted"]
    pairs: int
    faces: tuple[Collapse, ...] = ()


@dataclass(frozen=True)
class _Found:
    """A face with the lower term and the difference that vanishes on it."""

    face: Face
    lower: Term
    difference: Term
    function: AffineFunction


def identified(bounds: Bounds, seen: Observable, simplifier: Simplifier, budget: Budget) -> Identified:
    """Where the bounds are a point."""
    pairs = len(bounds.lower.terms) * len(bounds.upper.terms)
    if bounds.identified:
        return Identified("everywhere", pairs)
    if pairs > MOST_PAIRS:
        return Identified("not attempted", pairs)
    found = _largest_faces(bounds, seen.region, budget)
    always = face(seen.region)
    assert always, "a model whose assumptions agree can be observed"
    described = [_described(each, always, bounds, seen, simplifier) for each in found]
    order = simplest_first(simplifier.order)
    described.sort(key=lambda collapse: (len(collapse.equations), [order(term) for term in collapse.equations]))
    return Identified("on faces" if described else "nowhere", pairs, tuple(described))


def _largest_faces(bounds: Bounds, region: Region, budget: Budget) -> list[_Found]:
    """The faces that are not inside others; without those where the estimand's condition never happens."""
    kept: list[_Found] = []
    total = len(bounds.lower.terms) * len(bounds.upper.terms)
    for n, (lower, upper) in enumerate(itertools.product(bounds.lower.terms, bounds.upper.terms)):
        budget.step("looking where the bounds are a point", n, total)
        function = region.function(upper - lower)
        if not _has_zero(region, function):
            continue
        middle = face(region, [function])
        assert middle, "the difference is zero somewhere"
        if bounds.denominator and not middle.value(region.function(bounds.denominator)):
            continue
        if any(not middle.value(other.function) for other in kept):
            continue
        kept = [other for other in kept if other.face.value(function)]
        kept.append(_Found(middle, lower, upper - lower, function))
    return kept


def _has_zero(region: Region, function: AffineFunction) -> bool:
    """Whether a function that is nowhere negative is zero somewhere."""
    coefficients, constant = function
    try:
        best = maximum(region.size, _negated(coefficients), region.constraints, region.nonnegative)
    except ArithmeticError as error:
        raise AssertionError("the upper bound is nowhere below the lower") from error
    return best is not None and best.value == constant


def _negated(coefficients: dict[int, Fraction | int]) -> dict[int, Fraction | int]:
    return {i: -c for i, c in coefficients.items()}


# ---------------------------------------------------------------- description
def _described(
    identified_at: _Found, always: Face, bounds: Bounds, seen: Observable, simplifier: Simplifier
) -> Collapse:
    equations = _simplified(_equations(identified_at, always, seen, simplifier), simplifier)
    there = replace(simplifier, equalities=(*simplifier.equalities, *equations))
    forms = [term for term in (*bounds.lower.terms, *bounds.upper.terms) if _same(identified_at, term, seen.region)]
    order = simplest_first(simplifier.order)
    term = min((there.plain(form) for form in forms), key=order)
    over = bounds.denominator
    denominator = identified_at.face.value(seen.region.function(over)) if over else Fraction(1)
    value = identified_at.face.value(seen.region.function(identified_at.lower)) / denominator
    constant = (over or Term(Fraction(1))).scaled(value)
    is_number = identified_at.face.vanishes(seen.region.function(identified_at.lower - constant))
    return Collapse(equations, value if is_number else None, term)


def _same(identified_at: _Found, term: Term, region: Region) -> bool:
    return identified_at.face.vanishes(region.function(term - identified_at.lower))


def _equations(identified_at: _Found, always: Face, seen: Observable, simplifier: Simplifier) -> tuple[Term, ...]:
    """As few and as simple functions as possible, nowhere negative, that are all zero exactly on the face."""
    order = simplest_first(simplifier.order)
    candidates = [reason.term for reason in _tight(identified_at.face, seen) if _moves(reason, always, seen.region)]
    candidates.sort(key=lambda term: order(simplifier.with_definitions(term)))
    for count in (1, 2) if len(candidates) <= FEW_CANDIDATES else (1,):
        for chosen in itertools.combinations(candidates, count):
            if _suffice(chosen, identified_at, seen.region):
                return chosen
    why = proof(seen, -identified_at.difference, Term(), 1)
    assert why, "the upper bound is nowhere below the lower"
    parts = [part.reason.term for part in why.parts if _moves(part.reason, always, seen.region)]
    for part in sorted(parts, key=order, reverse=True):
        fewer = [other for other in parts if other != part]
        if _suffice(fewer, identified_at, seen.region):
            parts = fewer
    return tuple(sorted(parts, key=lambda term: order(simplifier.with_definitions(term))))


def _simplified(equations: Sequence[Term], simplifier: Simplifier) -> tuple[Term, ...]:
    """Each equation as simple as those before it make it: g = 0 and ATM + g = 0 is g = 0 and ATM = 0."""
    found: list[Term] = []
    for equation in equations:
        found.append(replace(simplifier, equalities=(*simplifier.equalities, *found)).plain(equation))
    return tuple(found)


def _tight(face: Face, seen: Observable) -> list[Reason]:
    """What is zero on the whole face among all that is nowhere negative."""
    return [*(seen.reasons[k] for k in face.tight), *(seen.cell(i) for i in face.zero)]


def _moves(reason: Reason, always: Face, region: Region) -> bool:
    """Whether something is not zero at every observable distribution."""
    return not always.vanishes(region.function(reason.term))


def _suffice(equations: Sequence[Term], identified_at: _Found, region: Region) -> bool:
    """Whether the difference is zero wherever the equations hold."""
    same = [Constraint(*region.function(term), "=") for term in equations]
    coefficients, constant = identified_at.function
    try:
        best = maximum(region.size, coefficients, [*region.constraints, *same], region.nonnegative)
    except ArithmeticError:
        return False
    return best is not None and best.value + constant == 0
