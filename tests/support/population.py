"""A population that is written as strata and their shares: what it gives, from the language alone.

A stratum names only the potential outcomes that matter. Whatever else is asked of its people is tried with every
value: the answer must be the same for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from boundgen.language.expressions import Inequality, Sum
from boundgen.language.model import Model
from support.independent import ZERO, Linear, Numbers, Person, Value, World, linear, observed_arms, quantified

T = TypeVar("T")
RESPONSE = re.compile(r"(\w+)(?:\(([^)]*)\))?=(-?\w+)")


class UnknownResponse(Exception):
    """A potential outcome that the stratum does not name."""

    def __init__(self, name: str, arguments: tuple[Value, ...]) -> None:
        super().__init__(name, arguments)
        self.name, self.arguments = name, arguments


class Somebody(Person):
    """A person of a stratum."""

    def value(self, name: str, world: World) -> Value:
        if name in world:
            return world[name]
        arguments = tuple(self.value(parent, world) for parent in self.model.by_name[name].parents)
        known = self.table.get(name, {})
        if arguments not in known:
            raise UnknownResponse(name, arguments)
        return known[arguments]

    def knowing(self, name: str, arguments: tuple[Value, ...], value: Value) -> Somebody:
        """The same person with one more response."""
        return Somebody(self.model, {**self.table, name: {**self.table.get(name, {}), arguments: value}})


def somebody(model: Model, stratum: str) -> Somebody:
    """A person of the stratum that is written as ``M(0)=1, Y(0,1)=0``."""
    domains = {variable.name: {str(value): value for value in variable.domain} for variable in model.variables}
    found = Somebody(model, {})
    for name, arguments, value in RESPONSE.findall(stratum):
        given = arguments.split(",") if arguments else []
        parents = model.by_name[name].parents
        assert len(given) == len(parents), stratum
        read = tuple(domains[parent][text] for parent, text in zip(parents, given, strict=True))
        found = found.knowing(name, read, domains[name][value])
    written = ", ".join(
        f"{name}{'(' + ','.join(map(str, arguments)) + ')' if arguments else ''}={value}"
        for name, values in found.table.items()
        for arguments, value in values.items()
    )
    assert sorted(written.split(", ")) == sorted(stratum.split(", ")) or stratum == "everybody"
    return found


def answers(person: Somebody, question: Callable[[Somebody], T]) -> Iterator[T]:
    """The answers of everybody whom the stratum allows."""
    try:
        yield question(person)
    except UnknownResponse as unknown:
        for value in person.model.by_name[unknown.name].domain:
            yield from answers(person.knowing(unknown.name, unknown.arguments, value), question)


def settled(person: Somebody, question: Callable[[Somebody], T]) -> T:
    """The one answer of a stratum."""
    found = list(answers(person, question))
    assert all(answer == found[0] for answer in found), "the stratum leaves the answer open"
    return found[0]


@dataclass(frozen=True)
class Population:
    """Shares of strata, and parameter values."""

    model: Model
    strata: Mapping[str, Fraction]
    parameters: Numbers

    @cached_property
    def people(self) -> list[tuple[Somebody, Fraction]]:
        return [(somebody(self.model, stratum), share) for stratum, share in self.strata.items()]

    def cells(self) -> dict[str, Fraction]:
        """The observed cells that are not zero."""
        cells = {cell.name: cell for arm, _ in observed_arms(self.model) for cell in arm}
        shares = {
            cell.name: sum(
                (share for person, share in self.people if settled(person, _falls_into(cell.event, cell.world))), ZERO
            )
            for cell in cells.values()
        }
        return {name: share for name, share in shares.items() if share}

    def value(self, expression: Sum, indices: World | None = None) -> Fraction | None:
        """A linear expression, conditional means included; None where a condition has probability zero."""
        form = linear(self.model, expression, indices or {})
        total = form.constant + sum((c * self.parameters[name] for name, c in form.parameters.items()), ZERO)
        for part in form.means:
            one = Linear(self.model, ZERO, {}, (part,), form.indices)
            mean = self._mean(one)
            if mean is None:
                return None
            total += mean
        return total

    def condition(self, expression: Sum) -> Fraction:
        """The probability of what stands behind the bars of an expression; one where nothing does."""
        form = linear(self.model, expression, {})
        return self._condition(Linear(self.model, ZERO, {}, form.means[:1], {}))

    def _mean(self, one: Linear) -> Fraction | None:
        over = self._condition(one)
        total = sum((settled(person, one.contributions)[0][0] * share for person, share in self.people), ZERO)
        return total / over if over else None

    def _condition(self, one: Linear) -> Fraction:
        return sum((share for person, share in self.people if settled(person, one.contributions)[0][1]), ZERO)

    def broken(self) -> list[str]:
        """What is wrong with it: shares that do not sum to one, broken assumptions, parameters out of range."""
        found = [] if sum(self.strata.values()) == 1 and min(self.strata.values()) > 0 else ["the shares"]
        for assumption in self.model.assumptions:
            for indices in quantified(self.model, assumption.indices):
                if isinstance(assumption.body, Inequality) and not self._meets(assumption.body, indices):
                    found.append(str(assumption))
        for person, _ in self.people:
            if not any(answers(person, _meets_unit_assumptions)):
                found.append(f"{person.table} breaks a unit-level assumption")
        for parameter in self.model.parameters:
            value = self.parameters[parameter.name]
            low_enough = parameter.high is None or value <= parameter.high
            if not (low_enough and (parameter.low is None or value >= parameter.low)):
                found.append(parameter.name)
        return found

    def _meets(self, body: Inequality, indices: World) -> bool:
        left, right = self.value(body.left, indices), self.value(body.right, indices)
        if left is None or right is None:
            return True
        return {"<=": left <= right, ">=": left >= right, "=": left == right}[body.relation]


def _falls_into(event: tuple[tuple[str, Value], ...], world: tuple[tuple[str, Value], ...]) -> Callable[[Person], bool]:
    return lambda person: all(person.value(name, dict(world)) == value for name, value in event)


def _meets_unit_assumptions(person: Somebody) -> bool:
    return all(
        person.holds(assumption.body, {}, indices)
        for assumption in person.model.assumptions
        if not isinstance(assumption.body, Inequality)
        for indices in quantified(person.model, assumption.indices)
    )
