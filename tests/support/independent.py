"""An independent judge: lists every full response type and solves the numeric program with CBC.

It reads the frozen expressions of a `Model`, and shares nothing else with boundgen: no strata on demand, no
reductions, no polyhedra. What it says about a model may be slow; it should be plainly right.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pulp

from boundgen.language import expressions as x
from boundgen.language.model import Model

Value = int | str
World = Mapping[str, Value]
Numbers = Mapping[str, Fraction]
Part = tuple[Fraction, Any]
ZERO = Fraction(0)
COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


# ---------------------------------------------------------------- response types
@dataclass(frozen=True)
class Person:
    """A full response type: for every variable that is not randomized, its value for all values of its parents."""

    model: Model
    table: Mapping[str, Mapping[tuple[Value, ...], Value]]

    def value(self, name: str, world: World) -> Value:
        """The value of a variable where the world sets some variables."""
        if name in world:
            return world[name]
        parents = self.model.by_name[name].parents
        return self.table[name][tuple(self.value(parent, world) for parent in parents)]

    def operand(self, found: Any, world: World, indices: World) -> Any:
        """An argument of an intervention, or one side of a comparison."""
        match found:
            case x.Outcome(name, interventions):
                set_values = {target: self.operand(argument, world, indices) for target, argument in interventions}
                return self.value(name, {**world, **set_values})
            case x.Index(name):
                return indices[name]
            case x.Label(name):
                return name
            case x.Sum(terms):
                return sum((self._product(c, atoms, world, indices) for c, atoms in terms), ZERO)
            case _:
                return found

    def _product(self, coefficient: Fraction, atoms: Sequence[Any], world: World, indices: World) -> Fraction:
        for atom in atoms:
            coefficient *= self.operand(atom, world, indices)
        return coefficient

    def holds(self, formula: Any, world: World, indices: World) -> bool:
        """Whether a unit-level formula is true of this person."""
        match formula:
            case x.And(parts):
                return all(self.holds(part, world, indices) for part in parts)
            case x.Or(parts):
                return any(self.holds(part, world, indices) for part in parts)
            case x.Not(part):
                return not self.holds(part, world, indices)
            case x.Implication(premises, conclusion):
                met = all(self.holds(part, world, indices) for part in premises)
                return self.holds(conclusion, world, indices) if met else True
        left, right = self.operand(formula.left, world, indices), self.operand(formula.right, world, indices)
        if formula.relation not in ("=", "!=") and isinstance(formula.left, x.Outcome):
            domain = self.model.by_name[formula.left.variable].domain
            if any(isinstance(value, str) for value in domain):
                left, right = domain.index(left), domain.index(right)
        return COMPARE[formula.relation](left, right)


def people(model: Model) -> Iterator[Person]:
    """Every full response type, whatever is assumed."""
    choices = []
    for variable in model.variables:
        if not variable.randomized:
            arguments = list(itertools.product(*(model.by_name[parent].domain for parent in variable.parents)))
            functions = itertools.product(variable.domain, repeat=len(arguments))
            choices.append([(variable.name, dict(zip(arguments, values, strict=True))) for values in functions])
    for chosen in itertools.product(*choices):
        yield Person(model, dict(chosen))


# ---------------------------------------------------------------- observed cells
@dataclass(frozen=True)
class Cell:
    """An observed probability: the event, and the world in which it is observed."""

    name: str
    event: tuple[tuple[str, Value], ...]
    world: tuple[tuple[str, Value], ...]


def observed_arms(model: Model) -> list[tuple[tuple[Cell, ...], bool]]:
    """The cells of every arm of every observed distribution, and whether they sum to one."""
    return [
        (tuple(_cell(event, arm, done) for event in _assignments(model, observation.outcomes)), whole)
        for observation in model.observations
        for whole in [all(value is None for _, value in observation.outcomes)]
        for arm in _assignments(model, observation.arms)
        for done in _assignments(model, observation.interventions)
    ]


def _assignments(model: Model, settings: Any) -> list[tuple[tuple[str, Value], ...]]:
    choices = [
        [(name, v) for v in (model.by_name[name].domain if value is None else [value])] for name, value in settings
    ]
    return list(itertools.product(*choices))


def _cell(event: Any, arm: Any, done: Any) -> Cell:
    behind = [_equalities(arm)] * bool(arm) + [f"do({_equalities(done)})"] * bool(done)
    name = f"P({_equalities(event)}{'|' * bool(behind)}{','.join(behind)})"
    return Cell(name, event, (*arm, *done))


def _equalities(settings: Any) -> str:
    return ",".join(f"{name}={written(value)}" for name, value in settings)


def written(value: Any) -> str:
    """A value in the names of cells: a label that is no identifier stands in quotation marks."""
    return f'"{value}"' if isinstance(value, str) and not value.isidentifier() else str(value)


def _cells_of(person: Person, cells: Sequence[Cell]) -> frozenset[str]:
    """The cells into which a person falls."""
    return frozenset(
        cell.name for cell in cells if all(person.value(name, dict(cell.world)) == v for name, v in cell.event)
    )


# ---------------------------------------------------------------- linear expressions
@dataclass(frozen=True)
class Linear:
    """``constant + parameters + the sum of the means``, with definitions written out and indices replaced."""

    model: Model
    constant: Fraction
    parameters: Numbers
    means: tuple[Part, ...]
    indices: World

    def contributions(self, person: Person) -> list[tuple[Fraction, bool]]:
        """For each mean, what the person adds to it, and whether the person is in its condition."""
        return [(c * self._value(person, atom), self._inside(person, atom)) for c, atom in self.means]

    def _world(self, atom: Any) -> dict[str, Value]:
        return {
            name: self.indices[value.name] if isinstance(value, x.Index) else value
            for name, value in (*atom.given.arm, *atom.given.interventions)
        }

    def _inside(self, person: Person, atom: Any) -> bool:
        return all(person.holds(formula, self._world(atom), self.indices) for formula in atom.given.event)

    def _value(self, person: Person, atom: Any) -> Fraction:
        world = self._world(atom)
        if not self._inside(person, atom):
            return ZERO
        if isinstance(atom, x.Probability):
            return Fraction(all(person.holds(formula, world, self.indices) for formula in atom.event))
        return Fraction(person.operand(atom.content, world, self.indices))

    @property
    def conditional(self) -> bool:
        return any(atom.given.event for _, atom in self.means)


def linear(model: Model, expression: x.Sum, indices: World) -> Linear:
    """A linear expression taken apart."""
    definitions = {definition.name: definition.expression for definition in model.definitions}
    constant, parameters, means = ZERO, dict[str, Fraction](), []
    stack = [*expression.terms]
    while stack:
        coefficient, atoms = stack.pop()
        for atom in atoms:
            if isinstance(atom, x.Index):
                coefficient *= indices[atom.name]
        rest = [atom for atom in atoms if not isinstance(atom, x.Index)]
        if not rest:
            constant += coefficient
        elif not isinstance(rest[0], x.Quantity):
            means.append((coefficient, rest[0]))
        elif rest[0].name in definitions:
            stack += [(coefficient * c, inner) for c, inner in definitions[rest[0].name].terms]
        else:
            parameters[rest[0].name] = parameters.get(rest[0].name, ZERO) + coefficient
    return Linear(model, constant, parameters, tuple(means), indices)


# ---------------------------------------------------------------- the program
@dataclass(frozen=True)
class Restriction:
    """``entries · ψ + constant + parameters`` is at most zero, or is zero."""

    relation: str
    entries: tuple[Fraction, ...]
    constant: Fraction
    parameters: Numbers


@dataclass(frozen=True)
class Column:
    """People that neither the model nor the caller of `problem` tells apart; one of them stands for all."""

    cells: frozenset[str]
    entries: tuple[Fraction, ...]
    numerator: Fraction
    event: Fraction
    told_apart: tuple[Fraction, ...]
    person: Person = field(compare=False, repr=False)


@dataclass(frozen=True)
class Numeric:
    """What the numeric program says: by how much the data miss the model, and the bounds where they do not."""

    violation: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Problem:
    """The program of one estimand over all full response types that meet the unit-level assumptions.

    `kinds` are the cells of every response type, those that the assumptions exclude too.
    """

    model: Model
    arms: tuple[tuple[tuple[str, ...], bool], ...]
    kinds: tuple[frozenset[str], ...]
    columns: tuple[Column, ...]
    restrictions: tuple[Restriction, ...]
    constant: Fraction
    parameters: Numbers
    conditional: bool

    @property
    def cells(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for names, _ in self.arms for name in names))

    def data(self, weights: Sequence[Fraction]) -> dict[str, Fraction]:
        """The observed distribution of a distribution over columns."""
        found = dict.fromkeys(self.cells, ZERO)
        for column, weight in zip(self.columns, weights, strict=True):
            for name in column.cells:
                found[name] += weight
        return found

    def meets(self, weights: Sequence[Fraction], parameters: Numbers) -> bool:
        """Whether a distribution over columns meets the population-level assumptions."""
        for row in self.restrictions:
            value = row.constant + sum((c * parameters[name] for name, c in row.parameters.items()), ZERO)
            value += sum((e * w for e, w in zip(row.entries, weights, strict=True)), ZERO)
            if value > 0 or (row.relation == "=" and value < 0):
                return False
        return True

    def estimand(self, weights: Sequence[Fraction], parameters: Numbers) -> tuple[Fraction, Fraction]:
        """The true numerator and denominator of the estimand."""
        numerator = self.offset(parameters)
        numerator += sum((c.numerator * w for c, w in zip(self.columns, weights, strict=True)), ZERO)
        return numerator, sum((c.event * w for c, w in zip(self.columns, weights, strict=True)), ZERO)

    def offset(self, parameters: Numbers) -> Fraction:
        """What the estimand adds to its mean over people."""
        return self.constant + sum((c * parameters[name] for name, c in self.parameters.items()), ZERO)

    def numeric(self, data: Numbers, parameters: Numbers) -> Numeric:
        """Solve the numeric programs at observed data and parameter values."""
        missed = violation(self, data, parameters)
        if missed > 1e-9:
            return Numeric(missed)
        offset = float(self.offset(parameters))
        costs = [column.numerator for column in self.columns]
        return Numeric(missed, *(offset + extreme(self, data, parameters, costs, sense) for sense in (1, -1)))


def problem(model: Model, name: str | None = None, told_apart: Sequence[x.Sum] = ()) -> Problem:
    """The program of the estimand of that name; the first one where none is named.

    People who contribute differently to a mean in the expressions `told_apart` are different columns.
    """
    estimand = next(e for e in model.estimands if name in (None, e.name))
    arms = observed_arms(model)
    cells = tuple({cell.name: cell for names, _ in arms for cell in names}.values())
    everybody = [(person, _cells_of(person, cells)) for person in people(model)]
    allowed = [(person, kind) for person, kind in everybody if _is_allowed(model, person)]
    rows = _restrictions(model, [person for person, _ in allowed])
    target = linear(model, estimand.expression, {})
    forms = [linear(model, expression, {}) for expression in told_apart]
    columns = {
        Column(
            kind,
            tuple(row.entries[i] for row in rows),
            *_cost(target, person),
            tuple(value for form in forms for value, _ in form.contributions(person)),
            person,
        )
        for i, (person, kind) in enumerate(allowed)
    }
    ordered = tuple(sorted(columns, key=lambda c: (sorted(c.cells), c.entries, c.numerator, c.event, c.told_apart)))
    merged = tuple(
        Restriction(row.relation, tuple(column.entries[k] for column in ordered), row.constant, row.parameters)
        for k, row in enumerate(rows)
    )
    return Problem(
        model,
        tuple((tuple(cell.name for cell in names), whole) for names, whole in arms),
        tuple(sorted({kind for _, kind in everybody}, key=sorted)),
        ordered,
        merged,
        ZERO if target.conditional else target.constant,
        target.parameters,
        target.conditional,
    )


def quantified(model: Model, indices: Sequence[tuple[str, str]]) -> Iterator[dict[str, Value]]:
    """Every assignment of values to quantified names."""
    for values in itertools.product(*(model.by_name[variable].domain for _, variable in indices)):
        yield dict(zip((index for index, _ in indices), values, strict=True))


def _is_allowed(model: Model, person: Person) -> bool:
    return all(
        person.holds(assumption.body, {}, indices)
        for assumption in model.assumptions
        if not isinstance(assumption.body, x.Inequality)
        for indices in quantified(model, assumption.indices)
    )


def _cost(target: Linear, person: Person) -> tuple[Fraction, Fraction]:
    values = target.contributions(person)
    total = sum((value for value, _ in values), ZERO)
    if not target.conditional:
        return total, Fraction(1)
    inside = {inside for _, inside in values}
    assert len(inside) == 1, "the denominators of an estimand are the same"
    event = Fraction(inside.pop())
    return total + target.constant * event, event


def _restrictions(model: Model, allowed: Sequence[Person]) -> list[Restriction]:
    """Population-level assumptions; unconditional ones first, since they may fix denominators of the others."""
    forms = [
        (linear(model, side, indices), "=" if body.relation == "=" else "<=")
        for assumption in model.assumptions
        if isinstance(body := assumption.body, x.Inequality)
        for indices in quantified(model, assumption.indices)
        for side in [_upward(body)]
    ]
    found: list[Restriction] = []
    for form, relation in sorted(forms, key=lambda pair: pair[0].conditional):
        found.append(_restriction(form, relation, allowed, found))
    return found


def _upward(body: x.Inequality) -> x.Sum:
    sign = -1 if body.relation == ">=" else 1
    return body.left.scaled(sign) + body.right.scaled(-sign)


def _restriction(form: Linear, relation: str, allowed: Sequence[Person], known: Sequence[Restriction]) -> Restriction:
    values = [form.contributions(person) for person in allowed]
    if not form.conditional:
        entries = tuple(sum((value for value, _ in row), ZERO) for row in values)
        return Restriction(relation, entries, form.constant, form.parameters)
    if all(len({inside for _, inside in row}) == 1 for row in values):
        entries = tuple(sum((value for value, _ in row), ZERO) + form.constant * row[0][1] for row in values)
        return Restriction(relation, entries, ZERO, {})
    denominators = [_fixed_probability([row[k][1] for row in values], known) for k in range(len(form.means))]
    entries = tuple(
        sum((value / over for (value, _), over in zip(row, denominators, strict=True)), ZERO) for row in values
    )
    return Restriction(relation, entries, form.constant, {})


# ---------------------------------------------------------------- CBC
def _fixed_probability(event: Sequence[bool], known: Sequence[Restriction]) -> Fraction:
    """The one probability that the known restrictions leave to an event."""
    ends = []
    for sense in (1, -1):
        program, weights = _program(len(event), sense)
        program += pulp.lpSum(w for w, inside in zip(weights, event, strict=True) if inside)
        for row in known:
            _add(program, row, weights, {}, 0)
        ends.append(solved(program))
    assert abs(ends[0] - ends[1]) < 1e-7, "a denominator is not fixed by the assumptions"
    return Fraction(ends[0]).limit_denominator(1000)


def violation(found: Problem, data: Numbers, parameters: Numbers) -> float:
    """The least total slack of the rows that leaves a distribution over people."""
    program, weights = _program(len(found.columns), 1)
    slacks = []

    def slack() -> Any:
        slacks.append(program.add_variable(f"s{len(slacks)}", 0))
        return slacks[-1]

    rows = [_expression(row, weights, parameters) for row in found.restrictions]
    cells = [_cell_sum(found, name, weights) for name in found.cells]
    program += 0
    for expression, name in zip(cells, found.cells, strict=True):
        program += expression + slack() - slack() == float(data[name])
    for row, expression in zip(found.restrictions, rows, strict=True):
        program += expression - slack() <= 0
        if row.relation == "=":
            program += expression + slack() >= 0
    program.setObjective(pulp.lpSum(slacks))
    return solved(program)


def extreme(found: Problem, data: Numbers, parameters: Numbers, costs: Sequence[Fraction], sense: int) -> float:
    """The least (sense 1) or largest (sense -1) mean of the costs over the distributions that give the data."""
    program, weights = _program(len(found.columns), sense)
    program += pulp.lpSum(float(c) * w for c, w in zip(costs, weights, strict=True) if c)
    for name in found.cells:
        program += _cell_sum(found, name, weights) == float(data[name])
    for row in found.restrictions:
        _add(program, row, weights, parameters, 0)
    return solved(program)


def _program(size: int, sense: int) -> tuple[Any, list[Any]]:
    program = pulp.LpProblem("judge", sense)
    weights = [program.add_variable(f"w{i}", 0) for i in range(size)]
    program += pulp.lpSum(weights) == 1
    return program, weights


def _cell_sum(found: Problem, name: str, weights: Sequence[Any]) -> Any:
    return pulp.lpSum(w for column, w in zip(found.columns, weights, strict=True) if name in column.cells)


def _expression(row: Restriction, weights: Sequence[Any], parameters: Numbers) -> Any:
    fixed = float(row.constant + sum((c * parameters[name] for name, c in row.parameters.items()), ZERO))
    return pulp.lpSum(float(e) * w for e, w in zip(row.entries, weights, strict=True) if e) + fixed


def _add(program: Any, row: Restriction, weights: Sequence[Any], parameters: Numbers, room: float) -> None:
    expression = _expression(row, weights, parameters)
    program += expression == 0 if row.relation == "=" else expression <= room


def solve(program: Any) -> None:
    """By the CBC that comes with PuLP."""
    program.solve(pulp.COIN_CMD(path=pulp.PULP_CBC_CMD.pulp_cbc_path, msg=False))


def solved(program: Any) -> float:
    """The optimal value."""
    solve(program)
    assert program.status == pulp.LpStatusOptimal, pulp.LpStatus[program.status]
    return float(pulp.value(program.objective) or 0.0)
