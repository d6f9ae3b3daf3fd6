"""Mutants of claims: a term dropped, a coefficient changed, cells swapped, a constant loosened, and so on.

All of them for each kind, in a fixed order (of pairs of terms at most MOST_PAIRS); `spread` picks a few of many.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any, Literal, TypeVar

from boundgen.language.expressions import Inequality, Probability, Quantity, Sum
from boundgen.language.model import Model
from boundgen.language.statements import Claim, ClaimSide, ConditionsClaim, Holds
from support.independent import observed_arms

T = TypeVar("T")
FACTORS = (Fraction(-1), Fraction(2), Fraction(1, 2), Fraction(0))
SHIFTS = (Fraction(1, 10), Fraction(-1, 10), Fraction(1), Fraction(-1))
MOST_PAIRS = 60
SIDE_KINDS = (
    "drop a term",
    "add a term",
    "change a coefficient",
    "swap two cells",
    "use another cell",
    "shift a constant",
    "rewrite",
)
CONDITION_KINDS = (
    "drop an implication",
    "loosen an implication",
    "tighten an implication",
    "flip an implication",
    "make an equality",
    "change a coefficient",
    "use another cell",
)


@dataclass(frozen=True)
class Mutant:
    """A claim with one change; `side` is lower, upper or conditions."""

    side: str
    claim: Claim | ConditionsClaim


def spread(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, at even steps, the first always."""
    if len(items) <= most:
        return list(items)
    return [items[k * len(items) // most] for k in range(most)]


@cache
def cell_sums(model: Model) -> dict[str, Sum]:
    """Every observed cell as a claim writes it."""
    names = dict.fromkeys(cell.name for cells, _ in observed_arms(model) for cell in cells)
    return {name: model.claim_side(None, [name]).terms[0][0] for name in names}


# ---------------------------------------------------------------- one expression
def _with_factor(found: Sum, k: int, factor: Fraction) -> Sum:
    return Sum.of(*((c * factor if i == k else c, atoms) for i, (c, atoms) in enumerate(found.terms)))


def _with_atoms(found: Sum, k: int, new: Any) -> Sum:
    return Sum.of(*((c, new if i == k else atoms) for i, (c, atoms) in enumerate(found.terms)))


def _coefficients(found: Sum) -> Iterator[Sum]:
    for k, (_, atoms) in enumerate(found.terms):
        if atoms:
            for factor in FACTORS:
                yield _with_factor(found, k, factor)


def _other_cells(found: Sum, cells: dict[str, Sum]) -> Iterator[Sum]:
    for k, (_, atoms) in enumerate(found.terms):
        for cell in cells.values():
            new = cell.terms[0][1]
            if any(isinstance(atom, Probability) for atom in atoms) and new != atoms:
                yield _with_atoms(found, k, new)


def _swapped_coefficients(found: Sum) -> Iterator[Sum]:
    for (i, (c, one)), (k, (d, other)) in itertools.combinations(enumerate(found.terms), 2):
        if one and other and c != d:
            yield Sum.of(*({i: (d, one), k: (c, other)}.get(n, term) for n, term in enumerate(found.terms)))


def _swapped_between(found: Sum, other: Sum) -> Iterator[tuple[Sum, Sum]]:
    for (i, (_, one)), (k, (_, two)) in itertools.product(enumerate(found.terms), enumerate(other.terms)):
        if one and two and one != two:
            yield _with_atoms(found, i, two), _with_atoms(other, k, one)


def _rewritten(found: Sum, model: Model, cells: dict[str, Sum]) -> Iterator[Sum]:
    """The same function: a whole arm sums to one, and a definition may be written out."""
    for arm, whole in observed_arms(model):
        if whole:
            one = Sum.total([*(cells[cell.name] for cell in arm), Sum.of((-1, ()))])
            yield found + one
            yield found + one.scaled(Fraction(-1, 2))
    for definition in model.definitions:
        for k, (c, atoms) in enumerate(found.terms):
            if atoms == (Quantity(definition.name),):
                yield _with_factor(found, k, Fraction(0)) + definition.expression.scaled(c)


# ---------------------------------------------------------------- one side
def mutated_sides(model: Model, side: ClaimSide, op: Literal["max", "min"], kind: str) -> Iterator[ClaimSide]:
    """Every mutant of that kind of one side of a claim."""
    cells = cell_sums(model)
    for k, (numerator, over) in enumerate(side.terms):
        if kind == "drop a term" and len(side.terms) > 1:
            yield replace(side, terms=(*side.terms[:k], *side.terms[k + 1 :]))
        if kind == "add a term":
            for shift in SHIFTS:
                yield replace(side, op=side.op or op, terms=(*side.terms, (numerator + Sum.of((shift, ())), over)))
        for changed in _mutated(model, numerator, kind, cells, divided=bool(over or side.denominator)):
            yield replace(side, terms=_replaced(side.terms, {k: (changed, over)}))
    if kind == "swap two cells":
        pairs = list(itertools.combinations(enumerate(side.terms), 2))
        for (i, (one, over_one)), (k, (two, over_two)) in spread(pairs, MOST_PAIRS):
            for left, right in _swapped_between(one, two):
                yield replace(side, terms=_replaced(side.terms, {i: (left, over_one), k: (right, over_two)}))


def _replaced(items: tuple[T, ...], new: dict[int, T]) -> tuple[T, ...]:
    return tuple(new.get(i, item) for i, item in enumerate(items))


def _mutated(model: Model, found: Sum, kind: str, cells: dict[str, Sum], divided: bool) -> Iterator[Sum]:
    match kind:
        case "change a coefficient":
            yield from _coefficients(found)
        case "swap two cells":
            yield from _swapped_coefficients(found)
        case "use another cell":
            yield from _other_cells(found, cells)
        case "shift a constant":
            yield from (found + Sum.of((shift, ())) for shift in SHIFTS)
        case "rewrite" if divided or any(atoms for _, atoms in found.terms):
            yield from _rewritten(found, model, cells)


def mutants(model: Model, claim: Claim, kind: str) -> list[Mutant]:
    """Every mutant of that kind of the sides of a claim that are recorded as sharp; a mutant has one side only."""
    alone = Claim(claim.where, claim.estimand)
    found = []
    if claim.lower and claim.expect_lower == "sharp":
        found += [Mutant("lower", replace(alone, lower=s)) for s in mutated_sides(model, claim.lower, "max", kind)]
    if claim.upper and claim.expect_upper == "sharp":
        found += [Mutant("upper", replace(alone, upper=s)) for s in mutated_sides(model, claim.upper, "min", kind)]
    return found


# ---------------------------------------------------------------- testable implications
def condition_mutants(model: Model, claim: ConditionsClaim, kind: str) -> list[Mutant]:
    """Every mutant of that kind of a claim for conditions."""
    cells = cell_sums(model)
    found = []
    for k, holds in enumerate(claim.holds):
        for changed in _mutated_holds(holds, kind, cells):
            kept = (*claim.holds[:k], *changed, *claim.holds[k + 1 :])
            if kept:
                found.append(Mutant("conditions", replace(claim, holds=kept, expect=None)))
    return found


def _mutated_holds(holds: Holds, kind: str, cells: dict[str, Sum]) -> Iterator[tuple[Holds, ...]]:
    body = holds.body
    upward = 1 if body.relation == "<=" else -1
    new: list[Inequality] = []
    match kind:
        case "drop an implication":
            yield ()
        case "loosen an implication" | "tighten an implication" if body.relation != "=":
            sign = upward if kind.startswith("loosen") else -upward
            new = [replace(body, right=body.right + Sum.of((sign * shift, ()))) for shift in map(abs, SHIFTS[::2])]
        case "flip an implication" if body.relation != "=":
            new = [replace(body, relation=">=" if upward == 1 else "<=")]
        case "make an equality" if body.relation != "=":
            new = [replace(body, relation="=")]
        case "change a coefficient":
            new = [replace(body, left=left) for left in _coefficients(body.left)]
            new += [replace(body, right=right) for right in _coefficients(body.right)]
        case "use another cell":
            new = [replace(body, left=left) for left in _other_cells(body.left, cells)]
            new += [replace(body, right=right) for right in _other_cells(body.right, cells)]
    yield from ((replace(holds, body=each),) for each in new)
