"""Strata of all variables but one outcome, and what each asks of that outcome: one potential outcome at a time.

Where assumptions and estimand speak of one potential outcome of Y at a time, strata need not be crossed over the
outcomes: of each stratum of the other variables it is enough to know its share and the law of each potential outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from boundgen.errors import ModelError, Place
from boundgen.exact.rational import Number
from boundgen.language.averaging import outcomes_of
from boundgen.language.expressions import Formula, Inequality, Sum, Value
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption
from boundgen.language.statements import Estimand
from boundgen.strata.averages import is_plain
from boundgen.strata.cells import Arm
from boundgen.strata.enumeration import Stage, enumerate_strata
from boundgen.strata.forms import LinearForm, Mean, linear_form
from boundgen.strata.stages import inequality_forms, restrictions
from boundgen.strata.unit import Response, Unit, UnknownOutcome
from boundgen.work.limits import Budget


@dataclass(frozen=True)
class OutcomeReading:
    """What a stratum contributes: a number, or a number for each value of one potential outcome."""

    response: Response | None
    values: tuple[Number, ...]


@dataclass(frozen=True)
class CellGroup:
    """Cells that differ in the outcome alone: those of its values, in their order; one where it is not observed.

    Parameters
    ----------
    arm : int
    cells : tuple of int
        Their places among the cells of the arm.
    shown : bool
        Whether the outcome is observed.
    """

    arm: int
    cells: tuple[int, ...]
    shown: bool


@dataclass(frozen=True)
class OutcomeStratum:
    """A stratum of the other variables.

    Parameters
    ----------
    seen : tuple of (group, response)
        Where it is seen, and which potential outcome is seen there.
    rows, cost, divisor : tuples of OutcomeReading
        What it contributes to each row of an assumption, to the estimand, and to its divisor.
    """

    seen: tuple[tuple[int, Response | None], ...]
    rows: tuple[tuple[OutcomeReading, ...], ...]
    cost: tuple[OutcomeReading, ...]
    divisor: tuple[OutcomeReading, ...]


@dataclass(frozen=True)
class OutcomeRow:
    """``the sum of readings (= or <=) right``, with numbers and parameters moved to the right."""

    label: str
    relation: Literal["=", "<="]
    constant: Fraction
    parameters: tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True)
class OutcomeProblem:
    """An estimand over strata of the other variables.

    Parameters
    ----------
    outcome : str
    values : tuple of int or Fraction
        Of the outcome.
    groups : tuple of CellGroup
    rows : tuple of OutcomeRow
    strata : tuple of OutcomeStratum
    constant, parameters
        What the estimand adds to its mean.
    divided : bool
        Whether the estimand has a condition or a divisor.
    divisor_constant : Fraction
        What a divisor adds to its mean.
    """

    outcome: str
    values: tuple[Value, ...]
    groups: tuple[CellGroup, ...]
    rows: tuple[OutcomeRow, ...]
    strata: tuple[OutcomeStratum, ...]
    constant: Fraction
    parameters: tuple[tuple[str, Fraction], ...]
    divided: bool
    divisor_constant: Fraction = Fraction(0)

    @property
    def apart(self) -> bool:
        """Whether no potential outcome of a stratum is seen in two groups: then shares alone can contradict."""
        found = [(i, response) for i, stratum in enumerate(self.strata) for _, response in stratum.seen if response]
        return len(set(found)) == len(found)

    def of_shares(self) -> OutcomeProblem | None:
        """The problem of the divisor where it is one of shares: without the outcome, and what is assumed of it."""
        if not all(each.response is None for stratum in self.strata for each in stratum.divisor):
            return None
        kept = [
            number
            for number in range(len(self.rows))
            if all(each.response is None for stratum in self.strata for each in stratum.rows[number])
        ]
        strata = tuple(
            OutcomeStratum(
                tuple((group, None) for group, _ in stratum.seen),
                tuple(stratum.rows[number] for number in kept),
                (),
                stratum.divisor,
            )
            for stratum in self.strata
        )
        groups = tuple(replace(group, shown=False) for group in self.groups)
        rows = tuple(self.rows[number] for number in kept)
        return replace(self, values=(0,), groups=groups, rows=rows, strata=strata, constant=Fraction(0), parameters=())


class _TwoOutcomes(Exception):
    """Two potential outcomes of the outcome were asked for together."""


def _check_outcome(model: Model, outcome: str) -> None:
    """Refuse statements that speak of two potential outcomes of an outcome at a time, or compare it by units."""
    for variable in model.variables:
        if outcome in variable.parents:
            raise ModelError(
                f"'{outcome}' is a parent of '{variable.name}', so that its law alone does not do",
                variable.where,
                "An outcome of which the whole law is used affects nothing: leave --law out, or drop the parent.",
            )
    for observation in model.observations:
        if observation.selection:
            raise ModelError(
                "a law given selection is observed, of which the share is not known",
                observation.where,
                f"The whole law of '{outcome}' is for cells of known shares: leave --law out.",
            )
    for assumption in model.assumptions:
        label = assumption.name or print_assumption(assumption, model.by_name).removeprefix("assume ")
        if any(variable == outcome for _, variable in assumption.indices):
            raise _refused(outcome, f"assumption {label}", assumption.where, f"runs over the values of '{outcome}'")
        if isinstance(assumption.body, Inequality):
            if not all(is_plain(model, side) for side in (assumption.body.left, assumption.body.right)):
                raise _refused(outcome, f"assumption {label}", assumption.where, "has coefficients that are no numbers")
        elif _speaks(assumption.body, outcome):
            raise _refused(outcome, f"assumption {label}", assumption.where, f"is about '{outcome}' of single units")


def _speaks(formula: Formula, outcome: str) -> bool:
    return any(each.variable == outcome for each in outcomes_of((formula,)))


def _refused(outcome: str, what: str, where: Place | None, why: str) -> ModelError:
    return ModelError(
        f"{what} {why}, and not of one potential outcome of '{outcome}' at a time",
        where,
        f"With its whole law '{outcome}' stands in means and events of one potential outcome: leave the statement or "
        "--law out.",
    )


def outcome_problem(
    model: Model, arms: Sequence[Arm], outcome: str, estimand: Estimand, budget: Budget
) -> OutcomeProblem:
    """The problem of an estimand over strata of all variables but the outcome.

    Statements that speak of more than one potential outcome of the outcome at a time are refused.

    Returns
    -------
    OutcomeProblem
    """
    if estimand.refusal is not None:
        raise estimand.refusal
    _check_outcome(model, outcome)
    sides = [estimand.expression, *([estimand.divisor] if estimand.divisor is not None else [])]
    if not all(is_plain(model, side) for side in sides):
        raise _refused(outcome, f"estimand '{estimand.name}'", estimand.where, "has coefficients that are no numbers")
    readings = _Readings(outcome, model.by_name[outcome].domain)
    groups, places = _groups(arms, outcome)
    rows, row_stages = _rows(model, readings)
    (cost, constant, parameters), (divisor, divisor_constant) = _objective(model, estimand)
    said = f"estimand '{estimand.name}'"
    stages: list[Stage] = [
        *row_stages,
        *(readings.place(arm, places[number]) for number, arm in enumerate(arms) if not arm.law),
        readings.stage(cost, said, estimand.where),
        readings.stage(divisor, said, estimand.where),
    ]
    restricted = [
        each for a in model.assumptions if not isinstance(a.body, Inequality) for each in restrictions(model, a)
    ]
    found = [
        OutcomeStratum(
            tuple(place for place in values[len(rows) : -2] if place is not None),
            values[: len(rows)],
            values[-2],
            values[-1],
        )
        for values in enumerate_strata(model.by_name, restricted, stages, budget)
    ]
    return OutcomeProblem(
        outcome,
        model.by_name[outcome].domain,
        groups,
        tuple(rows),
        tuple(found),
        constant,
        parameters,
        bool(divisor),
        divisor_constant,
    )


# ---------------------------------------------------------------- what is read of a unit
OutcomePart = Callable[[Unit], Number]


@dataclass(frozen=True)
class _Readings:
    """How parts of statements are read of units whose outcome is left open."""

    outcome: str
    domain: tuple[Value, ...]

    def stage(self, parts: Sequence[OutcomePart], what: str, where: Place | None) -> Stage:
        def stage(unit: Unit) -> tuple[OutcomeReading, ...]:
            try:
                found = [self._reading(part, unit) for part in parts]
            except _TwoOutcomes:
                raise _refused(self.outcome, what, where, "speaks of two of them together") from None
            return tuple(each for each in found if any(each.values))

        return stage

    def _reading(self, part: OutcomePart, unit: Unit) -> OutcomeReading:
        try:
            return OutcomeReading(None, (part(unit),))
        except UnknownOutcome as unknown:
            if unknown.response[0] != self.outcome:
                raise
            response = unknown.response
        values = []
        for value in self.domain:
            try:
                values.append(part(Unit(unit.variables, {**unit.known, response: value})))
            except UnknownOutcome as more:
                if more.response[0] == self.outcome:
                    raise _TwoOutcomes from None
                raise
        return OutcomeReading(response, tuple(values))

    def place(self, arm: Arm, places: Mapping[tuple[Value, ...], int]) -> Stage:
        """The group of cells in which the unit is seen, and the potential outcome that is seen there."""
        names = [name for name, _ in arm.cells[0].event]
        world = dict(arm.cells[0].context)
        others = [name for name in names if name != self.outcome]

        def stage(unit: Unit) -> tuple[int, Response | None] | None:
            group = places.get(tuple(unit.value(name, world) for name in others))
            if group is None:
                return None
            if self.outcome not in names:
                return group, None
            try:
                unit.value(self.outcome, world)
            except UnknownOutcome as unknown:
                if unknown.response[0] != self.outcome:
                    raise
                return group, unknown.response
            raise AssertionError("an outcome that is left open is not known")

        return stage


def _groups(arms: Sequence[Arm], outcome: str) -> tuple[tuple[CellGroup, ...], list[dict[tuple[Value, ...], int]]]:
    groups: list[CellGroup] = []
    places: list[dict[tuple[Value, ...], int]] = []
    for number, arm in enumerate(arms):
        found: dict[tuple[Value, ...], list[int]] = {}
        if not arm.law:
            for i, cell in enumerate(arm.cells):
                found.setdefault(tuple(v for name, v in cell.event if name != outcome), []).append(i)
        places.append({event: len(groups) + i for i, event in enumerate(found)})
        shown = any(name == outcome for name, _ in arm.cells[0].event)
        groups += [CellGroup(number, tuple(cells), shown) for cells in found.values()]
    return tuple(groups), places


def _rows(model: Model, readings: _Readings) -> tuple[list[OutcomeRow], list[Stage]]:
    rows: list[OutcomeRow] = []
    stages: list[Stage] = []
    for assumption in model.assumptions:
        if not isinstance(assumption.body, Inequality):
            continue
        label = assumption.name or print_assumption(assumption, model.by_name).removeprefix("assume ")
        for form, relation in inequality_forms(model, assumption):
            parts, constant = _parts(form), form.constant
            if form.conditional:
                _check_one_condition(form, readings.outcome, f"assumption {label}", assumption.where)
                parts = [*parts, _multiple(_in_condition(form.means[0]), constant)]
                constant = Fraction(0)
            rows.append(OutcomeRow(label, relation, constant, form.parameters))
            stages.append(readings.stage(parts, f"assumption {label}", assumption.where))
    return rows, stages


OutcomeParameters = tuple[tuple[str, Fraction], ...]


def _objective(
    model: Model, estimand: Estimand
) -> tuple[tuple[list[OutcomePart], Fraction, OutcomeParameters], tuple[list[OutcomePart], Fraction]]:
    """What is averaged, and what it is divided by, each with what this adds."""
    cost, said = linear_form(model, estimand.expression, {}), f"estimand '{estimand.name}'"
    if estimand.divisor is not None:
        below = linear_form(model, estimand.divisor, {})
        if cost.conditional or below.conditional or below.parameters:
            raise _refused("the outcome", said, estimand.where, "divides conditional means or parameters")
        return (_parts(cost), cost.constant, cost.parameters), (_parts(below), below.constant)
    if not cost.conditional:
        return (_parts(cost), cost.constant, cost.parameters), ([], Fraction(0))
    _check_one_condition(cost, "the outcome", said, estimand.where)
    inside = _in_condition(cost.means[0])
    return ([*_parts(cost), _multiple(inside, cost.constant)], Fraction(0), ()), ([inside], Fraction(0))


def _check_one_condition(form: LinearForm, outcome: str, what: str, where: Place | None) -> None:
    conditions = {(mean.condition, mean.context if mean.condition else ()) for mean in form.means}
    if len({condition for condition, _ in conditions}) > 1 or (form.parameters and form.conditional):
        raise _refused(outcome, what, where, "compares means with different conditions")


def _in_condition(mean: Mean) -> OutcomePart:
    return mean.meets_condition


def _multiple(part: OutcomePart, factor: Fraction) -> OutcomePart:
    return lambda unit: factor * part(unit)


def _parts(form: LinearForm) -> list[OutcomePart]:
    """Each mean, and each term of its arithmetic by itself: a sum of two outcomes speaks of one at a time."""
    return [part.value for mean in form.means for part in _terms(mean)]


def _terms(mean: Mean) -> Iterator[Mean]:
    if not isinstance(mean.content, Sum):
        yield mean
        return
    for term in mean.content.terms:
        yield replace(mean, content=Sum((term,)))
