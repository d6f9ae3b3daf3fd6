"""What is asked of each unit: assumptions that restrict it, assumption rows, observed cells, the estimand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from boundgen.language.expressions import And, Inequality
from boundgen.language.model import Model
from boundgen.language.statements import Assumption
from boundgen.strata.cells import Arm, Cell
from boundgen.strata.enumeration import Restriction, Stage
from boundgen.strata.forms import LinearForm, linear_form
from boundgen.strata.unit import Unit


def restrictions(model: Model, assumption: Assumption) -> list[Restriction]:
    """A unit-level assumption, once for each value of its quantified names; conjunctions part by part."""
    body = assumption.body
    assert not isinstance(body, Inequality)
    parts = body.parts if isinstance(body, And) else (body,)
    return [
        Restriction(part, tuple(indices.items()))
        for indices in model.environments(assumption.indices, assumption.orders)
        for part in parts
    ]


def inequality_forms(model: Model, assumption: Assumption) -> list[tuple[LinearForm, Literal["=", "<="]]]:
    """``form <= 0`` or ``form = 0`` for each value of the quantified names."""
    body = assumption.body
    assert isinstance(body, Inequality)
    difference = body.left + body.right.scaled(-1)
    flip = -1 if body.relation == ">=" else 1
    relation: Literal["=", "<="] = "=" if body.relation == "=" else "<="
    return [
        (linear_form(model, difference.scaled(flip), indices), relation)
        for indices in model.environments(assumption.indices, assumption.orders)
    ]


def form_stage(form: LinearForm) -> Stage:
    """Each mean's contribution with its condition, where there are conditions; their sum otherwise."""
    if form.conditional:
        return lambda unit: tuple((mean.value(unit), mean.meets_condition(unit)) for mean in form.means)
    return form.value


def selection_stage(arm: Arm) -> Stage:
    """Whether the unit is in the event among whose units the arm is observed."""
    world = dict(arm.cells[0].context)
    return lambda unit: all(unit.value(name, world) == value for name, value in arm.cells[0].selection)


def arm_stage(arm: Arm, numbers: Mapping[str, int]) -> Stage:
    """The number of the arm's cell that the unit falls into, or -1."""
    by_event = {tuple(value for _, value in cell.event): numbers[cell.name] for cell in arm.cells}
    first: Cell = arm.cells[0]
    world = dict(first.context)
    names = [name for name, _ in first.event]
    allowed = [{event[i] for event in by_event} for i in range(len(names))]
    # Fixed values first: a unit that misses them need not be asked for the rest.
    order = sorted(range(len(names)), key=lambda i: len(allowed[i]) > 1)

    def stage(unit: Unit) -> int:
        seen = {}
        for i in order:
            seen[i] = unit.value(names[i], world)
            if seen[i] not in allowed[i]:
                return -1
        return by_event[tuple(seen[i] for i in range(len(names)))]

    return stage
