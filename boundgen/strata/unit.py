"""One unit whose potential outcomes are known in part, and the value of formulas for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from boundgen.language.expressions import (
    And,
    Argument,
    Atom,
    Comparison,
    Formula,
    Implication,
    Index,
    Label,
    Not,
    Operand,
    Or,
    Outcome,
    Sum,
    Value,
)
from boundgen.language.values import COMPARE, is_number
from boundgen.language.variables import Variable

Response = tuple[str, tuple[Value, ...]]
World = Mapping[str, Value]


class UnknownOutcome(Exception):
    """A potential outcome was asked for that is not known yet."""

    def __init__(self, response: Response, domain: tuple[Value, ...]) -> None:
        super().__init__(response)
        self.response, self.domain = response, domain


class Unit:
    """A unit, by the responses that are known of it.

    A response is a variable with the values of its parents: ``("Y", (1, 0))`` is Y(1, 0).
    """

    def __init__(self, variables: Mapping[str, Variable], known: Mapping[Response, Value]) -> None:
        self.variables, self.known = variables, known

    def value(self, name: str, world: World) -> Value:
        """The value of a variable in a world that sets some variables."""
        if name in world:
            return world[name]
        variable = self.variables[name]
        response = name, tuple([self.value(parent, world) for parent in variable.parents])
        if response not in self.known:
            raise UnknownOutcome(response, variable.domain)
        return self.known[response]

    def outcome(self, outcome: Outcome, world: World, indices: World) -> Value:
        """The value of a potential outcome; its arguments are values of the factual world."""
        if not outcome.interventions:
            return self.value(outcome.variable, world)
        settings = {name: self._argument(argument, world, indices) for name, argument in outcome.interventions}
        return self.value(outcome.variable, {**world, **settings})

    def _argument(self, argument: Argument, world: World, indices: World) -> Value:
        match argument:
            case Outcome():
                return self.outcome(argument, world, indices)
            case Index(name):
                return indices[name]
            case _:
                return argument

    def scalar(self, expression: Sum, world: World, indices: World) -> Fraction | int:
        """Arithmetic in potential outcomes; a zero factor spares the others."""
        total: Fraction | int = 0
        for coefficient, atoms in expression.terms:
            product: Any = coefficient if coefficient.denominator != 1 else coefficient.numerator
            for atom in atoms:
                if product == 0:
                    break
                product *= indices[atom.name] if isinstance(atom, Index) else self._number(atom, world, indices)
            total += product
        return total

    def _number(self, atom: Atom, world: World, indices: World) -> Value:
        assert isinstance(atom, Outcome), "population quantities have no value for one unit"
        return self.outcome(atom, world, indices)

    def holds(self, formula: Formula, world: World, indices: World) -> bool:
        """Whether a formula is true of this unit, asking for no more than is needed."""
        match formula:
            case Comparison(relation, left, right):
                return self._compare(relation, left, right, world, indices)
            case And(parts):
                return all(self.holds(part, world, indices) for part in parts)
            case Or(parts):
                return any(self.holds(part, world, indices) for part in parts)
            case Not(part):
                return not self.holds(part, world, indices)
            case Implication(premises, conclusion):
                met = all(self.holds(part, world, indices) for part in premises)
                return not met or self.holds(conclusion, world, indices)

    def decided(self, formula: Formula, world: World, indices: World) -> bool | None:
        """Whether a formula is true, as far as the known outcomes tell; None where they do not."""
        match formula:
            case Comparison():
                try:
                    return self.holds(formula, world, indices)
                except UnknownOutcome:
                    return None
            case And(parts):
                return _all([self.decided(part, world, indices) for part in parts])
            case Or(parts):
                return _not(_all([_not(self.decided(part, world, indices)) for part in parts]))
            case Not(part):
                return _not(self.decided(part, world, indices))
            case Implication(premises, conclusion):
                met = [self.decided(part, world, indices) for part in premises]
                return _not(_all([*met, _not(self.decided(conclusion, world, indices))]))

    def _compare(self, relation: str, left: Operand, right: Operand, world: World, indices: World) -> bool:
        a, b = self._operand(left, world, indices), self._operand(right, world, indices)
        if relation not in ("=", "!=") and isinstance(left, Outcome):
            domain = self.variables[left.variable].domain
            if not all(map(is_number, domain)):
                # Named values are ordered by their place in the domain; resolution saw to it that both have one.
                a, b = list(domain).index(a), list(domain).index(b)
        return COMPARE[relation](a, b)

    def _operand(self, operand: Operand, world: World, indices: World) -> Value | Fraction:
        match operand:
            case Outcome():
                return self.outcome(operand, world, indices)
            case Index(name):
                return indices[name]
            case Label(name):
                return name
            case Sum():
                return self.scalar(operand, world, indices)


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all(values: Sequence[bool | None]) -> bool | None:
    """Conjunction where some values are not known: false as soon as one is false."""
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True
