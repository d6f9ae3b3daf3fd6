"""Of all ways to write a term, choose the one for the reader.

Terms are equal modulo "the cells of a complete arm sum to one", the definitions, and what the model
forces to be equal. The best form has the fewest symbols, small integer coefficients, no number where
cells say it as shortly, few minus signs, and cells like P(Y=1) rather than P(Y=0).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term, combination, exact, plain_number
from boundgen.language.model import Model
from boundgen.strata.cells import Arm, mean_cells
from boundgen.strata.means import in_means, term_in_means

# One symbol costs 2; a number beside the cells costs 3, so "1 - a" beats "b + c + d" and "a + b" beats "1 - c - d".
SYMBOL, NUMBER = 2, 3
# Pairs of definitions are tried only while there are few of them.
FEW_DEFINITIONS = 6
Cost = tuple[Number, int, int, int]
FREE: Cost = (0, 0, 0, 0)
ONE = Term(Fraction(1))
# The label of what is added to the zeros: they are numbered from 0.
LAST = -1
CONSTANT = -1
# Size, minus signs and first values, as of a `Cost` without its number.
ArmCost = tuple[Number, int, int]
# What was chosen for each arm: that of the last one, behind those before it.
Chosen = tuple["Chosen", dict[str, Number]] | None
# For each number gathered so far: the least cost, and the cells that go with it.
States = dict[Number, tuple[ArmCost, Chosen]]
# Size, minus signs, first values, and the coefficients that cost them.
ShiftedArm = tuple[Number, int, int, dict[str, Number]]
# What was asked for is often asked for again soon.
RECENT = 4000


class ArmShifts:
    """The shifts of one arm with given coefficients: those that cancel a cell, and others as they are asked for.

    Parameters
    ----------
    simplifier : Simplifier
    cells : tuple of str
        Of the arm.
    own : dict of cell to number
        Coefficients that are not zero.
    """

    def __init__(self, simplifier: Simplifier, cells: tuple[str, ...], own: dict[str, Number]) -> None:
        self._shifted = partial(simplifier.shifted_arm, cells, own)
        self.cancelling = {shift: self._shifted(shift) for shift in sorted({0, *own.values()})}
        self._others: dict[Number, ShiftedArm] = {}

    def by(self, shift: Number) -> ShiftedArm:
        """By any number."""
        found = self._others.get(shift)
        if found is None:
            found = self._others[shift] = self._shifted(shift)
        return found


@dataclass(frozen=True)
class Simplifier:
    """Everything that may be added to a term without changing its value.

    Parameters
    ----------
    complete : tuple of tuple of str
        The cells of each arm that sums to one.
    definitions : tuple of (name, Term)
    equalities : tuple of Term
        Functions that are zero at every distribution of the model.
    baseline : mapping of cell to int
        How many variables of the cell have their first value: papers speak of P(Y=1), not of P(Y=0).
    order : tuple of str
        Definitions, cells and parameters in the order of the model.
    multiples_tried : tuple of number
        Of definitions.
    """

    complete: tuple[tuple[str, ...], ...]
    definitions: tuple[tuple[str, Term], ...]
    equalities: tuple[Term, ...]
    baseline: Mapping[str, int]
    order: tuple[str, ...] = ()
    multiples_tried: tuple[Number, ...] = (1, -1, 2, -2)

    def __getstate__(self) -> dict[str, Any]:
        """Another process finds again what was found on the way."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def plain(self, term: Term) -> Term:
        """The best form in cells and parameters alone; what is a number is written as that number."""
        if term not in self._plain:
            number = self.number(term)
            self._plain[term] = self._without_equalities(term)[1] if number is None else Term(number)
        return self._plain[term]

    @cached_property
    def _plain(self) -> dict[Term, Term]:
        """The same function stands in many pieces."""
        return {}

    def sign(self, term: Term) -> Term:
        """The best form of a positive multiple, for terms whose sign alone matters."""
        number = self.number(term)
        if number is not None:
            return Term(number).primitive()
        found = self._without_equalities(term)[1].primitive()
        # Of the multiple another form may be the best one.
        while (again := self._without_equalities(found)[1].primitive()) != found:
            if self._size(again) >= self._size(found):
                break
            found = again
        return found

    def _size(self, term: Term) -> Cost:
        number = (NUMBER if term.constant else 0, int(term.constant != 0), 0, 0)
        return _sum(self._cost(term.mapping()), number)

    def number(self, term: Term) -> Fraction | None:
        """The value of a function that has the same one at every distribution of the model; else None."""
        if not self.equalities and self._are_disjoint:
            return self._number_of_arms(term)
        multiples = self._numbers.depends(self._vector(term))
        return None if multiples is None else multiples.get(LAST, Fraction(0))

    def _number_of_arms(self, term: Term) -> Fraction | None:
        """`number` where nothing is known but that arms, which share no cell, sum to one."""
        total, rest = plain_number(term.constant), dict(term.coefficients)
        for cells in self.complete:
            first = rest.pop(cells[0], 0)
            if any(rest.pop(cell, 0) != first for cell in cells[1:]):
                return None
            total += plain_number(first)
        return None if rest else exact(total)

    @cached_property
    def _are_disjoint(self) -> bool:
        return len({cell for cells in self.complete for cell in cells}) == sum(map(len, self.complete))

    def key(self, term: Term) -> tuple[tuple[int, Fraction], ...]:
        """The same for functions that are equal at every distribution of the model."""
        return tuple(sorted(self._zero.rest(self._vector(term)).items()))

    def multiple(self, term: Term, of: Term) -> Fraction | None:
        """The number by which another function is multiplied to give this one; None where there is none."""
        (found,) = self.multiples([term], of)
        return found

    def multiples(self, terms: Iterable[Term], of: Term) -> list[Fraction | None]:
        """`multiple` of each of several terms."""
        span = self._zero.copy()
        if span.add(LAST, self._vector(of)) is not None:
            return [None for _ in terms]
        found = (span.depends(self._vector(term)) for term in terms)
        return [None if depends is None else depends.get(LAST, Fraction(0)) for depends in found]

    def knowing(self, equalities: Iterable[Term]) -> Simplifier:
        """With more functions that are zero at every distribution of the model, where they do not follow."""
        span = self._zero.copy()
        new = [term for i, term in enumerate(equalities) if span.add(LAST - i, self._vector(term)) is None]
        return replace(self, equalities=(*self.equalities, *new)) if new else self

    @cached_property
    def _zero(self) -> Span:
        """All functions that are zero: the cells of a complete arm sum to one, and the equalities."""
        span = Span()
        arms = [Term.of(-1, dict.fromkeys(cells, 1)) for cells in self.complete]
        for i, zero in enumerate((*arms, *self.equalities)):
            span.add(i, self._vector(zero))
        return span

    @cached_property
    def _numbers(self) -> Span:
        """The functions that are numbers."""
        span = self._zero.copy()
        span.add(LAST, self._vector(ONE))
        return span

    def _vector(self, term: Term) -> dict[int, Number]:
        """The coefficients by numbers for their names; the constant stands last."""
        found: dict[int, Number] = {
            self._places.setdefault(name, len(self._places)): c for name, c in term.coefficients
        }
        return {**found, CONSTANT: term.constant}

    @cached_property
    def _places(self) -> dict[str, int]:
        """Names are numbered as they come."""
        return {}

    def with_definitions(self, term: Term) -> Term:
        """The best form that may use defined names, where they make it shorter."""
        if not self.definitions or self.number(term) is not None:
            return self.plain(term)
        best_cost, best = self._without_equalities(term)
        known = dict(self.definitions)
        for multiples in self._definition_multiples():
            parts: list[tuple[Number, Term]] = [(1, term)]
            parts += [(-k, known[name]) for name, k in multiples]
            cost, rest = self._without_equalities(combination(parts))
            cost = _sum(cost, (SYMBOL * len(multiples) + _excess(multiples), 0, sum(k < 0 for _, k in multiples), 0))
            if cost[0] < best_cost[0]:
                best_cost, best = cost, rest + Term.of(0, dict(multiples))
        return best

    @cached_property
    def products(self) -> dict[Polynomial, tuple[tuple[Term, ...], ...]]:
        """What was found for polynomials: pieces are written several times."""
        return {}

    def _definition_multiples(self) -> Iterator[tuple[tuple[str, Number], ...]]:
        names = [name for name, _ in self.definitions]
        for count in (1, 2) if len(names) <= FEW_DEFINITIONS else (1,):
            for chosen in itertools.combinations(names, count):
                for multiples in itertools.product(self.multiples_tried, repeat=count):
                    yield tuple(zip(chosen, multiples, strict=True))

    def _without_equalities(self, term: Term) -> tuple[Cost, Term]:
        """Add multiples of equalities that cancel a cell, as long as that helps."""
        best = self._shifted(term)
        improved = True
        while improved:
            improved = False
            for candidate in (best[1], *self._cancelled(best[1])):
                found = self._shifted(candidate)
                if found[0] < best[0]:
                    best, improved = found, True
        return best

    def _cancelled(self, term: Term) -> Iterator[Term]:
        coefficients = term.mapping()
        for equality in self.equalities:
            for name, c in equality.coefficients:
                if name in coefficients:
                    yield term - equality.scaled(coefficients[name] / c)

    def _shifted(self, term: Term) -> tuple[Cost, Term]:
        """`_best_shift`, where it was not found a moment ago."""
        found = self._recent.get(term)
        if found is None:
            if len(self._recent) >= RECENT:
                self._recent.clear()
            found = self._recent[term] = self._best_shift(term)
        return found

    @cached_property
    def _recent(self) -> dict[Term, tuple[Cost, Term]]:
        return {}

    def _best_shift(self, term: Term) -> tuple[Cost, Term]:
        """The best choice, for each complete arm, of a multiple of "cells sum to one" to subtract.

        The arms meet only in the constant, so the best choices are kept for each value of it.
        """
        rest = {name: plain_number(c) for name, c in term.coefficients}
        states: States = {plain_number(term.constant): ((0, 0, 0), None)}
        for cells in self.complete:
            own = {name: rest.pop(name) for name in cells if name in rest}
            if own:
                states = _advanced(states, self._shifts(cells, own))
        fixed = self._cost(rest) if rest else FREE
        cost, constant = min(
            (_sum((size, 0, negative, first), fixed if not constant else _sum(fixed, (NUMBER, 1, 0, 0))), constant)
            for constant, ((size, negative, first), _) in states.items()
        )
        chosen = states[constant][1]
        while chosen is not None:
            chosen, of_arm = chosen
            rest |= of_arm
        return cost, Term.of(constant, rest)

    def _shifts(self, cells: tuple[str, ...], own: dict[str, Number]) -> ArmShifts:
        """What may be subtracted from the coefficients of an arm: arms have few kinds of them, which come again."""
        key = cells[0], tuple(own.items())
        found = self._known_shifts.get(key)
        if found is None:
            if len(self._known_shifts) >= RECENT:
                self._known_shifts.clear()
            found = self._known_shifts[key] = ArmShifts(self, cells, own)
        return found

    @cached_property
    def _known_shifts(self) -> dict[tuple[str, tuple[tuple[str, Number], ...]], ArmShifts]:
        return {}

    def shifted_arm(self, cells: tuple[str, ...], own: dict[str, Number], shift: Number) -> ShiftedArm:
        """The coefficients of an arm with one number subtracted from all, and what they cost."""
        chosen = {name: c for name in cells if (c := own.get(name, 0) - shift)} if shift else own
        size, _, negative, first = self._cost(chosen)
        return size, negative, first, chosen

    def _cost(self, coefficients: Mapping[str, Number]) -> Cost:
        size: Number = SYMBOL * len(coefficients)
        negative = first = 0
        baseline = self.baseline
        for name, c in coefficients.items():
            if c < 0:
                negative += 1
                c = -c
            if c != 1:
                size += c - 1 if c.denominator == 1 else 1
            first += baseline.get(name, 0)
        return size, 0, negative, first


def _advanced(states: States, shifts: ArmShifts) -> States:
    """One arm more: shifts that cancel a cell of it, or the number that has been gathered so far.

    Of choices that cost the same the one with the lower shift of the last arm is kept.
    """
    found: States = {}
    cancelling = shifts.cancelling
    others = [-constant for constant in states if -constant not in cancelling]
    for shift in sorted([*cancelling, *others]) if others else cancelling:
        if shift in cancelling:
            size, negative, first, own = cancelling[shift]
            reached = [*states.items()]
        else:
            size, negative, first, own = shifts.by(shift)
            reached = [(-shift, states[-shift])]
        for constant, (cost, chosen) in reached:
            total = cost[0] + size, cost[1] + negative, cost[2] + first
            known = found.get(constant + shift)
            if known is None or total < known[0]:
                found[constant + shift] = total, (chosen, own)
    return found


def _excess(multiples: Iterable[tuple[str, Number]]) -> Number:
    """By how much multiples are more than one."""
    total: Number = 0
    for _, multiple in multiples:
        total += (multiple if multiple > 0 else -multiple) - 1
    return total


def _sum(one: Cost, other: Cost) -> Cost:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def simplifier_of(
    model: Model, arms: Sequence[Arm], definitions: Sequence[tuple[str, Term]], equalities: Sequence[Term]
) -> Simplifier:
    """The simplifier of a model's terms, in cells."""
    first = {variable.name: variable.domain[0] for variable in model.variables}
    complete: dict[tuple[str, ...], None] = {}
    baseline = {}
    for arm in arms:
        if arm.complete:
            complete[tuple(cell.name for cell in arm.cells)] = None
        for cell in arm.cells:
            baseline[cell.name] = sum(value == first[name] for name, value in cell.event)
    order = (*(name for name, _ in definitions), *baseline, *(parameter.name for parameter in model.parameters))
    return Simplifier(tuple(complete), tuple(definitions), tuple(equalities), baseline, order)


def simplifier_in_means(
    model: Model, arms: Sequence[Arm], definitions: Sequence[tuple[str, Term]], equalities: Sequence[Term]
) -> Simplifier:
    """The same in shares and means of bounded outcomes, and in the cells of arms without such."""
    known = in_means(arms)
    plain = simplifier_of(
        model,
        arms,
        [(name, term_in_means(term, known)) for name, term in definitions],
        [term_in_means(term, known) for term in equalities],
    )
    first = {variable.name: variable.domain[0] for variable in model.variables}
    complete: dict[tuple[str, ...], None] = {}
    baseline: dict[str, int] = {}
    for arm in arms:
        own = [mean for mean in arm.means if mean.share]
        if arm.complete and not (arm.means and not own):
            complete[tuple(mean.share for mean in own) or tuple(cell.name for cell in arm.cells)] = None
        for mean in arm.means:
            beside = sum(value == first[name] for name, value in mean.event)
            baseline |= dict.fromkeys(mean.shown, beside)
        baseline |= {} if arm.means else {cell.name: plain.baseline[cell.name] for cell in arm.cells}
    order = (*(name for name, _ in definitions), *baseline, *(parameter.name for parameter in model.parameters))
    numbers = {number for mean in mean_cells(arms) for number in (mean.low, mean.high, mean.high - mean.low) if number}
    tried = dict.fromkeys([*plain.multiples_tried, *sorted(n for x in numbers for n in (x, -x))])
    return replace(plain, complete=tuple(complete), baseline=baseline, order=order, multiples_tried=tuple(tried))
