"""Linear expressions taken apart: a number, parameters, and quantities of one unit to average."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from boundgen.errors import Place
from boundgen.language.averaging import event_beside, outcomes_of
from boundgen.language.expressions import (
    Expectation,
    Formula,
    Index,
    Outcome,
    Probability,
    Quantity,
    Sum,
    Value,
)
from boundgen.language.model import Model
from boundgen.strata.unit import Unit, World


@dataclass(frozen=True)
class Mean:
    """A multiple of the mean over units of an event's indicator or of arithmetic, in one context.

    `condition` is a factual event in that context: outside it the unit counts zero. So it does outside `event`, which
    is part of what is averaged.
    """

    coefficient: Fraction
    content: tuple[Formula, ...] | Sum
    context: tuple[tuple[str, Value], ...]
    condition: tuple[Formula, ...]
    indices: tuple[tuple[str, Value], ...]
    where: Place | None
    event: tuple[Formula, ...] = ()

    @property
    def outcomes(self) -> Iterator[Outcome]:
        """Every potential outcome in it, but for its condition."""
        yield from outcomes_of(self.content)
        yield from outcomes_of(self.event)

    @property
    def factual(self) -> bool:
        """Whether it speaks of factual values only, given nothing but an arm."""
        return not self.condition and not any(outcome.interventions for outcome in self.outcomes)

    def value(self, unit: Unit, world: World | None = None) -> Fraction | int:
        """The contribution of one unit, its condition included; in another world than the context's, if given."""
        world, indices = dict(self.context) if world is None else world, dict(self.indices)
        if not all(unit.holds(formula, world, indices) for formula in (*self.condition, *self.event)):
            return 0
        if isinstance(self.content, Sum):
            return self.coefficient * unit.scalar(self.content, world, indices)
        return self.coefficient if all(unit.holds(f, world, indices) for f in self.content) else 0

    def meets_condition(self, unit: Unit) -> int:
        """Whether the unit is in the conditioning event, as 0 or 1."""
        world, indices = dict(self.context), dict(self.indices)
        return int(all(unit.holds(formula, world, indices) for formula in self.condition))


@dataclass(frozen=True)
class LinearForm:
    """``constant + parameters + the sum of the means``."""

    constant: Fraction
    parameters: tuple[tuple[str, Fraction], ...]
    means: tuple[Mean, ...]

    @property
    def conditional(self) -> bool:
        return any(mean.condition for mean in self.means)

    def value(self, unit: Unit) -> Fraction | int:
        """The sum of the means' contributions of one unit."""
        return sum((mean.value(unit) for mean in self.means), Fraction(0))


def linear_form(model: Model, expression: Sum, indices: World) -> LinearForm:
    """An expression with its definitions written out and its quantified names replaced."""
    constant = Fraction(0)
    parameters: dict[str, Fraction] = {}
    means: list[Mean] = []
    for coefficient, atom in _written_out(model, expression, indices):
        if atom is None:
            constant += coefficient
        elif isinstance(atom, Quantity):
            parameters[atom.name] = parameters.get(atom.name, Fraction(0)) + coefficient
        else:
            means.append(_mean(coefficient, atom, indices))
    return LinearForm(constant, tuple((n, c) for n, c in parameters.items() if c), tuple(means))


def _written_out(
    model: Model, expression: Sum, indices: World
) -> list[tuple[Fraction, Quantity | Probability | Expectation | None]]:
    definitions: Mapping[str, Sum] = {d.name: d.expression for d in model.definitions}
    found: list[tuple[Fraction, Quantity | Probability | Expectation | None]] = []
    for coefficient, atoms in expression.terms:
        rest: list[Quantity | Probability | Expectation] = []
        for atom in atoms:
            if isinstance(atom, Index):
                coefficient *= Fraction(indices[atom.name])
            elif not isinstance(atom, Outcome):
                rest.append(atom)
        found_atom = rest[0] if rest else None
        if isinstance(found_atom, Quantity) and found_atom.name in definitions:
            inner = _written_out(model, definitions[found_atom.name], indices)
            found += [(coefficient * c, a) for c, a in inner]
        else:
            found.append((coefficient, found_atom))
    return found


def _mean(coefficient: Fraction, atom: Probability | Expectation, indices: World) -> Mean:
    settings = (*atom.given.arm, *atom.given.interventions)
    context = tuple((n, indices[v.name] if isinstance(v, Index) else v) for n, v in settings)
    content = atom.event if isinstance(atom, Probability) else atom.content
    about = event_beside(atom)
    return Mean(coefficient, content, context, atom.given.event, tuple(indices.items()), atom.where, about)
