"""The observed probabilities of a model and their canonical names."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod

from boundgen.errors import ModelError
from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.language.statements import Observation, Setting
from boundgen.language.values import value_text
from boundgen.work.limits import Limits

Assignment = tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Cell:
    """One observed probability.

    Parameters
    ----------
    name : str
        Canonical, such as ``P(Y=1,M=0|A=1)``.
    event : tuple of (variable, value)
        In the order of the `observe` statement.
    context : tuple of (variable, value)
        The arm and the interventions under which the event is observed.
    selection : tuple of (variable, value)
        The event among whose units alone it is observed.
    """

    name: str
    event: Assignment
    context: Assignment
    selection: Assignment = ()


@dataclass(frozen=True)
class Arm:
    """The cells of one `observe` statement in one arm; complete ones sum to one.

    Those of the law of randomized variables are no function of a unit: they weigh arms.
    """

    observation: int
    cells: tuple[Cell, ...]
    complete: bool
    law: bool = False


def observed_arms(model: Model, limits: Limits) -> tuple[Arm, ...]:
    """Every arm of every observed distribution; arms that repeat an earlier one are left out."""
    if not model.observations:
        raise ModelError(
            f"model {model.name} observes nothing, so there are no data to bound an estimand with",
            model.where,
            "Add a statement such as: observe P(Y, M | A)",
        )
    size = sum(_size(model, observation) for observation in model.observations)
    limits.check("observed cells", size, limits.cells, "--max-cells", "coarsen variables")
    arms: list[Arm] = []
    seen: set[str] = set()
    summing: set[frozenset[str]] = set()
    for number, observation in enumerate(model.observations):
        for arm in _blocks(model, number, observation):
            names = frozenset(cell.name for cell in arm.cells)
            # A complete arm says that its cells sum to one, even if each of them was named before.
            if not names <= seen or (arm.complete and names not in summing):
                arms.append(arm)
                seen |= names
                summing |= {names} if arm.complete else set()
    return tuple(arms)


def distinct_cells(arms: Iterable[Arm]) -> tuple[Cell, ...]:
    """The cells of all arms, each once, in order."""
    return tuple({cell.name: cell for arm in arms for cell in arm.cells}.values())


def _size(model: Model, observation: Observation) -> int:
    settings = (*observation.outcomes, *observation.arms, *observation.interventions)
    return prod(len(model.by_name[name].domain) for name, value in settings if value is None)


def _blocks(model: Model, number: int, observation: Observation) -> Iterator[Arm]:
    complete = all(value is None for _, value in observation.outcomes)
    law = all(model.by_name[name].randomized for name, _ in observation.outcomes)
    selection = observation.selection
    for arm in _assignments(model, observation.arms):
        for intervention in _assignments(model, observation.interventions):
            cells = tuple(
                Cell(cell_name(event, arm, intervention, selection), event, arm + intervention, selection)
                for event in _assignments(model, observation.outcomes)
            )
            yield Arm(number, cells, complete, law)


def _assignments(model: Model, settings: tuple[Setting, ...]) -> Iterator[Assignment]:
    domains = [model.by_name[name].domain if value is None else (value,) for name, value in settings]
    for values in itertools.product(*domains):
        yield tuple(zip((name for name, _ in settings), values, strict=True))


def cell_name(event: Assignment, arm: Assignment, intervention: Assignment, selection: Assignment = ()) -> str:
    """The canonical name: ``P(Y=1,M=0|A=1)``, ``P(Y=1|A=1,do(M=0))``, ``P(Y=1|A=0,S=1)``."""
    behind = [f"{name}={value_text(value)}" for name, value in (*arm, *selection)]
    if intervention:
        behind.append(f"do({','.join(f'{name}={value_text(value)}' for name, value in intervention)})")
    bar = f"|{','.join(behind)}" if behind else ""
    return f"P({','.join(f'{name}={value_text(value)}' for name, value in event)}{bar})"
