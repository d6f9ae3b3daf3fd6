"""An independent judge of claims: numeric programs over all full response types, solved with CBC.

A claimed term is evaluated on people, never on the cells that the engine expresses it by. A lower term is
valid iff it is nowhere above the estimand. Other terms are sharp iff no term of a claim that is known to be
right is anywhere above them all; that the claim is right is compared with the numeric bound at many data by `confirm`.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pulp

from boundgen.language.expressions import Given, Outcome, Sum
from boundgen.language.model import Model
from boundgen.language.statements import Claim, ClaimSide, ConditionsClaim, Holds
from support.independent import (
    ZERO,
    Cell,
    Linear,
    Numbers,
    Person,
    Problem,
    Restriction,
    World,
    extreme,
    linear,
    observed_arms,
    problem,
    quantified,
    solved,
    violation,
)

ZERO_BELOW, CLEAR_ABOVE = 1e-6, 1e-4
TALLEST = 1000


# ---------------------------------------------------------------- functions on a polyhedron
@dataclass(frozen=True)
class Affine:
    """A function of unknowns and parameters."""

    entries: tuple[Fraction, ...]
    constant: Fraction = ZERO
    parameters: tuple[tuple[str, Fraction], ...] = ()

    def __sub__(self, other: Affine) -> Affine:
        names = dict(self.parameters)
        for name, c in other.parameters:
            names[name] = names.get(name, ZERO) - c
        entries = tuple(a - b for a, b in zip(self.entries, other.entries, strict=True))
        return Affine(entries, self.constant - other.constant, _sorted(names))

    def scaled(self, factor: Fraction | int) -> Affine:
        entries = tuple(factor * e for e in self.entries)
        return Affine(entries, factor * self.constant, _sorted({n: factor * c for n, c in self.parameters}))

    def at(self, weights: Sequence[Fraction], parameters: Numbers) -> Fraction:
        """The exact value."""
        fixed = self.constant + sum((c * parameters[name] for name, c in self.parameters), ZERO)
        return fixed + sum((e * w for e, w in zip(self.entries, weights, strict=True) if e and w), ZERO)


def _sorted(names: Numbers) -> tuple[tuple[str, Fraction], ...]:
    return tuple(sorted((name, c) for name, c in names.items() if c))


class Space:
    """Non-negative unknowns and parameters in range that meet restrictions; built once, asked often."""

    def __init__(self, model: Model, size: int, restrictions: Sequence[Restriction]) -> None:
        self.program = pulp.LpProblem("space", pulp.LpMaximize)
        self.weights = [self.program.add_variable(f"w{i}", 0) for i in range(size)]
        self.parameters = {
            p.name: self.program.add_variable(f"p_{p.name}", _float(p.low), _float(p.high)) for p in model.parameters
        }
        self.height = self.program.add_variable("height", None, 1)
        for row in restrictions:
            expression = self._expression(Affine(row.entries, row.constant, _sorted(row.parameters)))
            self.program += expression == 0 if row.relation == "=" else expression <= 0

    def _expression(self, function: Affine) -> Any:
        parts = [(self.parameters[name], float(c)) for name, c in function.parameters]
        parts += [(w, float(e)) for w, e in zip(self.weights, function.entries, strict=True) if e]
        return pulp.LpAffineExpression(parts, constant=float(function.constant))

    def somewhere(self, positive: Sequence[Affine], nonnegative: Sequence[Affine] = ()) -> bool:
        """Whether all of the first functions are positive at one point where none of the others is negative.

        A margin that is neither zero nor clearly positive would leave the verdict to the solver's tolerance.
        """
        program = self.program.copy()
        program += self.height
        for function in positive:
            program += self._expression(function) >= self.height
        for function in nonnegative:
            program += self._expression(function) >= 0
        margin = solved(program)
        assert margin < ZERO_BELOW or margin > CLEAR_ABOVE, f"the margin {margin} is not clear"
        return margin > CLEAR_ABOVE

    def vertex(self, chance: random.Random) -> tuple[list[Fraction], dict[str, Fraction]]:
        """The point that is best for a random objective, rounded to fractions."""
        program = self.program.copy()
        program += pulp.lpSum(chance.randint(-9, 9) * w for w in self.weights)
        for parameter in self.parameters.values():
            program += parameter <= 10
            program += parameter >= -10
        solved(program)
        weights = [Fraction(w.varValue or 0).limit_denominator(TALLEST) for w in self.weights]
        return weights, {n: Fraction(p.varValue or 0).limit_denominator(TALLEST) for n, p in self.parameters.items()}


def _float(number: Fraction | None) -> float | None:
    return None if number is None else float(number)


Point = tuple[list[Fraction], dict[str, Fraction]]


def mixed(points: Sequence[Point], chance: random.Random) -> Point:
    """A random mixture of points."""
    parts = [chance.randint(1, 9) for _ in points]
    shares = [Fraction(part, sum(parts)) for part in parts]
    weights = [sum(map(operator.mul, shares, values), ZERO) for values in zip(*(w for w, _ in points), strict=True)]
    names = points[0][1]
    return weights, {n: sum((s * p[n] for s, (_, p) in zip(shares, points, strict=True)), ZERO) for n in names}


# ---------------------------------------------------------------- claims for an estimand
class BoundJudge:
    """Verdicts on claims for one estimand of a model."""

    def __init__(self, model: Model, name: str) -> None:
        self.model = model
        self.problem: Problem = problem(model, name, told_apart=_claimed_atoms(model, name))
        columns = self.problem.columns
        ones = Restriction("=", (Fraction(1),) * len(columns), Fraction(-1), {})
        self.space = Space(model, len(columns), [ones, *self.problem.restrictions])
        self.estimand = Affine(
            tuple(c.numerator for c in columns), self.problem.constant, _sorted(self.problem.parameters)
        )
        self.event = Affine(tuple(c.event for c in columns))
        self._valid: dict[Affine, bool] = {}
        self._functions: dict[Sum, Affine] = {}
        self._means: dict[Any, tuple[Fraction, ...]] = {}
        self._points: list[Point] = []

    def function(self, expression: Sum) -> Affine:
        """A claimed expression as a function of the distribution of people."""
        if expression not in self._functions:
            self._functions[expression] = self._function(expression)
        return self._functions[expression]

    def _function(self, expression: Sum) -> Affine:
        form = linear(self.model, expression, {})
        entries = [ZERO] * len(self.problem.columns)
        for coefficient, atom in form.means:
            for i, value in enumerate(self._mean(form, atom)):
                entries[i] += coefficient * value
        return Affine(tuple(entries), form.constant, _sorted(form.parameters))

    def _mean(self, form: Linear, atom: Any) -> tuple[Fraction, ...]:
        if atom not in self._means:
            one = Linear(self.model, ZERO, {}, ((Fraction(1), atom),), form.indices)
            self._means[atom] = tuple(one.contributions(c.person)[0][0] for c in self.problem.columns)
        return self._means[atom]

    def terms(self, side: ClaimSide) -> list[Affine]:
        """The claimed terms, times the probability of the estimand's condition."""
        found = []
        for numerator, own in side.terms:
            function = self.function(numerator)
            if self.problem.conditional and own is None and side.denominator is None:
                assert not any(function.entries), "only a number stands without a denominator"
                function = self.event.scaled(function.constant)
            found.append(function)
        return found

    def verdict(self, side: str, claimed: ClaimSide, right: ClaimSide) -> str:
        """The verdict on a side, by a side that is known to be right."""
        sign = 1 if side == "lower" else -1
        terms, rights = self.terms(claimed), self.terms(right)
        if not all(self._is_valid(term, sign) for term in terms):
            return "invalid"
        others = [term for term in rights if term not in terms]
        loose = (self.space.somewhere([(r - t).scaled(sign) for t in terms]) for r in others)
        return "valid" if any(loose) else "sharp"

    def _is_valid(self, term: Affine, sign: int) -> bool:
        excess = (term - self.estimand).scaled(sign)
        if excess not in self._valid:
            self._valid[excess] = not self.space.somewhere([excess])
        return self._valid[excess]

    def confirm(self, side: str, right: ClaimSide, count: int) -> None:
        """Compare the claimed bound with the numeric program's at so many data; a difference is an error."""
        sign = 1 if side == "lower" else -1
        terms = self.terms(right)
        costs = [sign * column.numerator for column in self.problem.columns]
        for weights, parameters in self.points(count):
            best = max(sign * term.at(weights, parameters) for term in terms)
            found = extreme(self.problem, self.problem.data(weights), parameters, costs, 1)
            found += sign * float(self.problem.offset(parameters))
            assert abs(found - float(best)) < 1e-6, (self.model.name, side, found, best)

    def points(self, count: int) -> list[Point]:
        """Distributions of people that the assumptions allow: vertices and mixtures of vertices, by turns."""
        if len(self._points) < count:
            chance = random.Random(self.model.name)
            corners = [self.space.vertex(chance) for _ in range(max(count, 3))]
            corners = [corner for corner in corners if sum(corner[0]) == 1 and self.problem.meets(*corner)]
            self._points = [
                mixed([chance.choice(corners) for _ in range(1 if k % 3 == 0 else 3)], chance) for k in range(count)
            ]
        return self._points[:count]


def _claimed_atoms(model: Model, name: str) -> list[Sum]:
    """Every probability and definition that the model's claims for an estimand use."""
    sides = [
        side
        for claim in model.claims
        if isinstance(claim, Claim) and claim.estimand == name
        for side in (claim.lower, claim.upper)
        if side
    ]
    atoms = {atoms for side in sides for numerator, _ in side.terms for _, atoms in numerator.terms}
    return [Sum.of((1, atom)) for atom in sorted(atoms, key=repr)]


# ---------------------------------------------------------------- claims for conditions
class ConditionsJudge:
    """Verdicts on claimed testable implications.

    They speak of all data, so a claimed expression is a function of cells: those of the first whole arm in which
    it is a sum of them.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.problem = problem(model)
        self.arms = observed_arms(model)
        cells = self.problem.cells
        columns = self.problem.columns
        ones = Restriction("=", (Fraction(1),) * len(columns), Fraction(-1), {})
        self.people = Space(model, len(columns), [ones, *self.problem.restrictions])
        totals = [
            Restriction("=" if whole else "<=", tuple(Fraction(c in names) for c in cells), Fraction(-1), {})
            for names, whole in self.problem.arms
        ]
        self.data = Space(model, len(cells), totals)
        self._necessary: dict[Affine, bool] = {}
        self._found: dict[Holds, list[Affine]] = {}

    def slacks(self, claim: ConditionsClaim) -> list[Affine]:
        """What must not be negative, as functions of the cells."""
        return [slack for holds in claim.holds for slack in self._slacks(holds)]

    def _slacks(self, holds: Holds) -> list[Affine]:
        if holds not in self._found:
            body, found = holds.body, list[Affine]()
            for indices in quantified(self.model, holds.indices):
                left, right = (self._in_cells(linear(self.model, side, indices)) for side in (body.left, body.right))
                found += {"<=": [right - left], ">=": [left - right], "=": [right - left, left - right]}[body.relation]
            self._found[holds] = found
        return self._found[holds]

    def _in_cells(self, form: Linear) -> Affine:
        total = dict.fromkeys(self.problem.cells, ZERO)
        for k, (_, atom) in enumerate(form.means):
            values = next(filter(None, (self._in_arm(form, k, atom, cells) for cells, whole in self.arms if whole)))
            for name, value in values.items():
                total[name] += value
        return Affine(tuple(total.values()), form.constant, _sorted(form.parameters))

    def _in_arm(self, form: Linear, k: int, atom: Any, cells: Sequence[Cell]) -> dict[str, Fraction] | None:
        """The mean in each cell of an arm, where the cells settle it."""
        settings = (*atom.given.arm, *atom.given.interventions)
        world = {name: form.indices.get(getattr(value, "name", None), value) for name, value in settings}
        if world != dict(cells[0].world):
            return None
        found = {}
        for cell in cells:
            inside = replace(atom, given=Given((*world.items(), *cell.event)))
            one = Linear(self.model, ZERO, {}, ((form.means[k][0], inside),), form.indices)
            try:
                found[cell.name] = one.contributions(Stranger(self.model, {}))[0][0]
            except KeyError:
                return None
        return found

    def verdict(self, claimed: ConditionsClaim, right: ConditionsClaim) -> str:
        """The verdict on conditions, by conditions that are known to be right."""
        slacks, rights = self.slacks(claimed), self.slacks(right)
        if not all(self._is_necessary(slack) for slack in slacks):
            return "invalid"
        others = [slack for slack in rights if slack not in slacks]
        missing = (self.data.somewhere([slack.scaled(-1)], slacks) for slack in others)
        return "valid" if any(missing) else "sharp"

    def _is_necessary(self, slack: Affine) -> bool:
        if slack not in self._necessary:
            self._necessary[slack] = not self.people.somewhere([self._of_people(slack).scaled(-1)])
        return self._necessary[slack]

    def _of_people(self, slack: Affine) -> Affine:
        weight = dict(zip(self.problem.cells, slack.entries, strict=True))
        entries = tuple(sum((weight[name] for name in column.cells), ZERO) for column in self.problem.columns)
        return Affine(entries, slack.constant, slack.parameters)

    def confirm(self, right: ConditionsClaim, count: int) -> set[bool]:
        """Compare the claim with the numeric program at so many data; which answers there were."""
        chance = random.Random(self.model.name)
        slacks = self.slacks(right)
        found = set()
        for k in range(count):
            cells, parameters = mixed([self.data.vertex(chance) for _ in range(1 + k % 4)], chance)
            holds = min(slack.at(cells, parameters) for slack in slacks) >= 0
            data = dict(zip(self.problem.cells, cells, strict=True))
            assert holds == (violation(self.problem, data, parameters) < ZERO_BELOW), (self.model.name, data)
            found.add(holds)
        return found


class Stranger(Person):
    """A person of whom nothing is known but the world: any other question is a KeyError."""

    def operand(self, found: Any, world: World, indices: World) -> Any:
        if isinstance(found, Outcome) and found.interventions:
            raise KeyError(found.variable)
        return super().operand(found, world, indices)
