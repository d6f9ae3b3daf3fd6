"""An estimand as a multilinear function of the laws of factors, and the rows that the data give each of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from boundgen.bounds.estimand_parts import Expanded, parts_of
from boundgen.bounds.factoring import DistrictFactor, FactoredModel
from boundgen.bounds.needed_responses import KnownValues, depends_on, population_forms
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction
from boundgen.language.expressions import Inequality
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption
from boundgen.language.statements import Estimand
from boundgen.program.factored_program import Factor, FactoredProgram, FactoredTerm, FactorRow
from boundgen.strata.cells import Arm, Assignment, cell_name
from boundgen.strata.enumeration import Stage, enumerate_strata
from boundgen.strata.stages import restrictions
from boundgen.strata.unit import Unit, UnknownOutcome
from boundgen.work.limits import Budget


def factored_program(factored: FactoredModel, estimand: Estimand, budget: Budget) -> FactoredProgram:
    """An estimand as a multilinear function of the laws of the factors.

    Raises
    ------
    NotLinearError
        For products of probabilities, and means given different conditions.
    """
    numerator, divisor = parts_of(factored.model, estimand)
    groups = [factor.variables for factor in factored.factors]
    # A randomized variable whose law is observed is a group of its own, wherever the estimand asks for it.
    needed = [each.responses for each in (*numerator, *(divisor or ()))]
    events: list[dict[KnownValues, int]] = [{} for _ in groups]
    for responses in needed:
        for k, own in enumerate(_by_group(responses, groups)):
            if own:
                events[k].setdefault(own, len(events[k]))
    factors = tuple(_factor(factored, number, tuple(own), budget) for number, own in enumerate(events))
    return FactoredProgram(
        factors, _terms(numerator, groups, events), None if divisor is None else _terms(divisor, groups, events)
    )


def _terms(
    parts: Sequence[Expanded], groups: Sequence[tuple[str, ...]], events: Sequence[Mapping[KnownValues, int]]
) -> tuple[FactoredTerm, ...]:
    found: dict[tuple[tuple[int, int], ...], Polynomial] = {}
    for each in parts:
        own = _by_group(each.responses, groups)
        key = tuple((k, events[k][responses]) for k, responses in enumerate(own) if responses)
        found[key] = found.get(key, ZERO) + each.coefficient
    return tuple(FactoredTerm(coefficient, key) for key, coefficient in found.items() if coefficient)


def _by_group(responses: KnownValues, groups: Sequence[tuple[str, ...]]) -> list[KnownValues]:
    return [tuple(each for each in responses if each[0][0] in group) for group in groups]


def _factor(factored: FactoredModel, number: int, events: Sequence[KnownValues], budget: Budget) -> Factor:
    own, model = factored.factors[number], factored.model
    arms = [arm for arm in factored.pseudo_arms if arm.observation == number]
    forms = [
        (assumption, form, relation)
        for assumption in model.assumptions
        if isinstance(assumption.body, Inequality) and depends_on(model, assumption) <= set(own.variables)
        for form, relation in population_forms(model, assumption)
    ]
    restricted = [
        restriction
        for assumption in model.assumptions
        if not isinstance(assumption.body, Inequality) and depends_on(model, assumption) <= set(own.variables)
        for restriction in restrictions(model, assumption)
    ]
    stages: list[Stage] = [_event_stage(model, event) for event in events]
    stages += [_seen_stage(arm) for arm in arms]
    stages += [form.value for _, form, _ in forms]
    strata = enumerate_strata(model.by_name, restricted, stages, budget)
    values = list(strata)
    columns = range(len(values))
    rows = [FactorRow("total", "total", "=", RationalFunction(ONE), tuple((j, 1) for j in columns))]
    for k, arm in enumerate(arms, len(events)):
        rows += _arm_rows(own, arm, [leaf[k] for leaf in values])
    for k, (assumption, form, relation) in enumerate(forms, len(events) + len(arms)):
        entries = tuple((j, values[j][k]) for j in columns if values[j][k])
        right = Polynomial.of([((), -form.constant), *(((name,), -c) for name, c in form.parameters)])
        label = print_assumption(assumption, model.by_name).removeprefix("assume ")
        rows.append(FactorRow("assumption", label, relation, RationalFunction(right), entries))
    inside = tuple(tuple(j for j in columns if values[j][k]) for k in range(len(events)))
    return Factor(own.variables, tuple(strata.values()), tuple(rows), inside)


def _arm_rows(factor: DistrictFactor, arm: Arm, seen: Sequence[Assignment]) -> Iterator[FactorRow]:
    """A row for each cell and each beginning of one, which is all that is known where later variables have no units."""
    done: set[Assignment] = set()
    for cell in arm.cells:
        order = factor.variables
        values = dict(cell.event)
        for k, function in factor.known(cell.event, cell.context):
            start = tuple((name, values[name]) for name in order[:k])
            if start in done:
                continue
            done.add(start)
            inside = tuple((j, 1) for j, own in enumerate(seen) if set(start) <= set(own))
            if k == len(order):
                yield FactorRow("cell", cell.name, "=", function, inside)
            else:
                yield FactorRow("part", cell_name(start, cell.context, ()), "=", function, inside)


def _event_stage(model: Model, event: KnownValues) -> Stage:
    def stage(unit: Unit) -> bool:
        for response, value in event:
            if response not in unit.known:
                raise UnknownOutcome(response, model.by_name[response[0]].domain)
            if unit.known[response] != value:
                return False
        return True

    return stage


def _seen_stage(arm: Arm) -> Stage:
    """The values that a unit shows in an arm of the factor."""
    names = [name for name, _ in arm.cells[0].event]
    world = dict(arm.cells[0].context)

    def stage(unit: Unit) -> Assignment:
        return tuple((name, unit.value(name, world)) for name in names)

    return stage
