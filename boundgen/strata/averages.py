"""Expressions taken apart whose coefficients are functions of data and parameters: products of averages over units."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.errors import ModelError, NotLinearError, Place
from boundgen.exact.polynomials import ONE, Polynomial
from boundgen.language.averaging import averaged_arms, event_beside, outcomes_of
from boundgen.language.expressions import (
    Comparison,
    Expectation,
    Formula,
    Index,
    Label,
    Outcome,
    Probability,
    Quantity,
    Sum,
    Value,
)
from boundgen.language.model import Model
from boundgen.strata.cells import Assignment, cell_name
from boundgen.strata.enumeration import Stage
from boundgen.strata.forms import Mean
from boundgen.strata.unit import Unit, World

MOST_AVERAGES = 2


@dataclass(frozen=True)
class Average:
    """A probability or mean over units; where it depends on randomized variables, over their arms by their law.

    Parameters
    ----------
    parts : tuple of (Polynomial, Mean)
        The probability of an arm (one, where there is one part) and the mean in it.
    defined : bool
        Whether it is part of a definition.
    """

    parts: tuple[tuple[Polynomial, Mean], ...]
    defined: bool = False

    @property
    def conditional(self) -> bool:
        """Whether it is given a factual event: then it is the ratio of the average of values and that of the event."""
        return bool(self.parts[0][1].condition)

    @property
    def is_coefficient(self) -> bool:
        """Whether it may multiply another: part of a definition, or of factual values alone."""
        mean = self.parts[0][1]
        outcomes = [*mean.outcomes, *outcomes_of(mean.condition)]
        return self.defined or not any(outcome.interventions for outcome in outcomes)

    @property
    def where(self) -> Place | None:
        """Where it stands."""
        return self.parts[0][1].where

    @property
    def key(self) -> object:
        """What two averages share that are the same for every unit, wherever they stand."""
        return tuple((weight, m.content, m.context, m.condition, m.indices, m.event) for weight, m in self.parts)

    def stage(self) -> Stage:
        """The value of a unit in each arm, and whether it is in the event."""
        means = [mean for _, mean in self.parts]

        def values(unit: Unit) -> tuple[tuple[Fraction | int, int], ...]:
            return tuple((mean.value(unit), mean.meets_condition(unit)) for mean in means)

        return values


@dataclass(frozen=True)
class Product:
    """A coefficient in parameters times up to two averages, of which the data identify all but one."""

    coefficient: Polynomial
    averages: tuple[Average, ...]


def products(model: Model, expression: Sum, indices: World, where: Place | None = None) -> tuple[Product, ...]:
    """An expression with its definitions written out, its quantified names replaced, and its arms averaged over.

    Raises
    ------
    NotLinearError
        Where more than two probabilities, or two parameters, are multiplied.
    """
    return tuple(_expanded(model, expression, indices, where))


def is_plain(model: Model, expression: Sum) -> bool:
    """Whether each term is a number times one probability, mean, parameter or definition, each within one arm."""
    for _, atoms in expression.terms:
        population = [atom for atom in atoms if isinstance(atom, Probability | Expectation | Quantity)]
        means = [atom for atom in population if not isinstance(atom, Quantity)]
        if len(population) > 1 or any(averaged_arms(atom, model.by_name) for atom in means):
            return False
    named = {atom.name for _, atoms in expression.terms for atom in atoms if isinstance(atom, Quantity)}
    return all(is_plain(model, d.expression) for d in model.definitions if d.name in named)


def _expanded(model: Model, expression: Sum, indices: World, where: Place | None) -> Iterator[Product]:
    definitions: Mapping[str, Sum] = {d.name: d.expression for d in model.definitions}
    for coefficient, atoms in expression.terms:
        found = [Product(Polynomial.number(coefficient), ())]
        for atom in atoms:
            found = [_times(one, other, where) for one in found for other in _factor(model, atom, indices, definitions)]
        yield from found


def _factor(model: Model, atom: object, indices: World, definitions: Mapping[str, Sum]) -> tuple[Product, ...]:
    match atom:
        case Index(name):
            return (Product(Polynomial.number(Fraction(indices[name])), ()),)
        case Quantity(name) if name in definitions:
            return tuple(
                replace(each, averages=tuple(replace(average, defined=True) for average in each.averages))
                for each in products(model, definitions[name], indices)
            )
        case Quantity(name):
            return (Product(Polynomial.name(name), ()),)
        case Probability() | Expectation():
            return (Product(ONE, (_average(model, atom, indices),)),)
    raise AssertionError("a potential outcome stands outside P(...) and E[...]")


def _times(one: Product, other: Product, where: Place | None) -> Product:
    averages = (*one.averages, *other.averages)
    if len(averages) > MOST_AVERAGES or any(len(names) > 1 for names, _ in (one.coefficient * other.coefficient).terms):
        raise NotLinearError(
            "more than two probabilities, or two parameters, are multiplied",
            where,
            "A probability is multiplied by one coefficient: a parameter, a definition or an observed probability.",
        )
    return Product(one.coefficient * other.coefficient, averages)


# ---------------------------------------------------------------- averages over arms
def _average(model: Model, atom: Probability | Expectation, indices: World) -> Average:
    """A probability or mean, averaged over the arms on which it depends.

    An arm behind the bar whose joint law with these is observed is an event: they then have their law in that arm.
    Without such a joint law the arm is set.
    """
    needed = averaged_arms(atom, model.by_name)
    behind = [name for name, _ in atom.given.arm] if needed else []
    joint = [*behind, *needed] if behind and _law_of(model, [*behind, *needed]) else needed
    settings = atom.given.interventions if joint != needed else (*atom.given.arm, *atom.given.interventions)
    context = tuple((n, indices[v.name] if isinstance(v, Index) else v) for n, v in settings)
    event = atom.given.event
    if joint != needed:
        event = (*(_equals(name, value, indices) for name, value in atom.given.arm), *event)
    content = atom.event if isinstance(atom, Probability) else atom.content
    parts = []
    for weight, arm in _weighted_arms(model, joint, atom.where):
        about = event_beside(atom)
        mean = Mean(Fraction(1), content, context + arm, event, tuple(indices.items()), atom.where, about)
        parts.append((weight, mean))
    return Average(tuple(parts))


def _equals(name: str, value: Value | Index, indices: World) -> Formula:
    known = indices[value.name] if isinstance(value, Index) else value
    return Comparison("=", Outcome(name), Label(known) if isinstance(known, str) else Sum.of((known, ())))


def _law_of(model: Model, names: Sequence[str]) -> list[str] | None:
    """The smallest observed law that holds some randomized variables."""
    laws = [
        [name for name, _ in observation.outcomes]
        for observation in model.observations
        if {name for name, _ in observation.outcomes} in model.laws
    ]
    enough = [law for law in laws if set(law) >= set(names)]
    return min(enough, key=len) if enough else None


def _weighted_arms(model: Model, names: Sequence[str], where: Place | None) -> Iterator[tuple[Polynomial, Assignment]]:
    """The values of some randomized variables with their probability, by the smallest observed law that holds them."""
    if not names:
        yield ONE, ()
        return
    law = _law_of(model, names)
    if law is None:
        raise ModelError(
            f"an average over the arms of {', '.join(names)} needs their joint law",
            where,
            f"Add: observe P({', '.join(names)})",
        )
    weights: dict[Assignment, list[str]] = {}
    for values in itertools.product(*(model.by_name[name].domain for name in law)):
        event = tuple(zip(law, values, strict=True))
        arm = tuple((name, dict(event)[name]) for name in names)
        weights.setdefault(arm, []).append(cell_name(event, (), ()))
    for arm, cells in weights.items():
        yield Polynomial.of(((cell,), 1) for cell in cells), arm
