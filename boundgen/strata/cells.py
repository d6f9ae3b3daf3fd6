"""The observed probabilities of a model and their canonical names."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from boundgen.errors import ModelError, NoClosedFormError
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
class MeanCell:
    """The mean of a bounded outcome in a cell of the other variables, and what stands in for both.

    The outcome is LO + (HI - LO) B with a two-valued B, of which `low_cell` and `high_cell` are the cells.

    Parameters
    ----------
    name : str
        ``E[Y;M=0|A=1]``.
    share : str
        The probability of the cell, ``P(M=0|A=1)``; empty where the outcome is observed alone: then it is one.
    outcome : str
    low, high : Fraction
        The ends of the outcome.
    low_cell, high_cell : str
    event, context, selection : tuple of (variable, value)
        As of a `Cell`.
    """

    name: str
    share: str
    outcome: str
    low: Fraction
    high: Fraction
    low_cell: str
    high_cell: str
    event: Assignment
    context: Assignment
    selection: Assignment = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """What is observed of it: the share, where there is one, and the mean."""
        return (self.share, self.name) if self.share else (self.name,)


@dataclass(frozen=True)
class Arm:
    """The cells of one `observe` statement in one arm; complete ones sum to one.

    Those of the law of randomized variables are no function of a unit: they weigh arms. With a bounded outcome the
    cells are those of its stand-in, and `means` say what is observed.
    """

    observation: int
    cells: tuple[Cell, ...]
    complete: bool
    law: bool = False
    means: tuple[MeanCell, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The names of what is observed: cells; with a bounded outcome, shares and then means."""
        if not self.means:
            return tuple(cell.name for cell in self.cells)
        return (*(mean.share for mean in self.means if mean.share), *(mean.name for mean in self.means))


def observed_arms(model: Model, limits: Limits) -> tuple[Arm, ...]:
    """Every arm of every observed distribution; arms that repeat an earlier one are left out."""
    if not model.observations:
        raise ModelError(
            f"model {model.name} observes nothing, so there are no data to bound an estimand with",
            model.where,
            "Add a statement such as: observe P(Y, M | A)",
        )
    for observation in model.observations:
        _refuse_mixture(model, observation)
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


def _refuse_mixture(model: Model, observation: Observation) -> None:
    """Refuse what mixes arms by their observed law: rows of strata would have that law's cells as coefficients."""
    for arm, name in model.mixed_arms(observation).items():
        # The law of the arm itself mixes nothing.
        if not model.by_name[name].randomized:
            raise NoClosedFormError(
                f"a distribution of {name} over all arms of {arm} mixes them by the law of {arm}, which is data: no "
                "bounds are derived of such mixtures",
                observation.where,
                f"Observe each arm: P(... | {arm}), or P(..., {arm}) with its law.",
            )


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
            yield Arm(number, cells, complete, law, _means(model, observation, arm, intervention))


def _means(model: Model, observation: Observation, arm: Assignment, intervention: Assignment) -> tuple[MeanCell, ...]:
    """The means of the bounded outcome of an `observe` statement, one for each cell of the others."""
    names = [name for name, _ in observation.outcomes]
    outcome = next((name for name in names if model.by_name[name].bounded), None)
    if outcome is None:
        return ()
    low, high = model.by_name[outcome].domain
    assert not isinstance(low, str)
    assert not isinstance(high, str)
    selection, place = observation.selection, names.index(outcome)
    found = []
    for event in _assignments(model, tuple(each for each in observation.outcomes if each[0] != outcome)):
        share = cell_name(event, arm, intervention, selection) if event else ""
        low_cell, high_cell = (
            cell_name((*event[:place], (outcome, end), *event[place:]), arm, intervention, selection)
            for end in (low, high)
        )
        name = _mean_name(outcome, event, arm, intervention, selection)
        found.append(
            MeanCell(
                name=name,
                share=share,
                outcome=outcome,
                low=Fraction(low),
                high=Fraction(high),
                low_cell=low_cell,
                high_cell=high_cell,
                event=event,
                context=arm + intervention,
                selection=selection,
            )
        )
    return tuple(found)


def mean_cells(arms: Iterable[Arm]) -> tuple[MeanCell, ...]:
    """The means of all arms, each once."""
    return tuple({mean.name: mean for arm in arms for mean in arm.means}.values())


def shown_cells(arms: Iterable[Arm]) -> tuple[str, ...]:
    """The names of all that is observed, each once, in order."""
    return tuple(dict.fromkeys(name for arm in arms for name in arm.shown))


def _assignments(model: Model, settings: tuple[Setting, ...]) -> Iterator[Assignment]:
    domains = [model.by_name[name].domain if value is None else (value,) for name, value in settings]
    for values in itertools.product(*domains):
        yield tuple(zip((name for name, _ in settings), values, strict=True))


def cell_name(event: Assignment, arm: Assignment, intervention: Assignment, selection: Assignment = ()) -> str:
    """The canonical name: ``P(Y=1,M=0|A=1)``, ``P(Y=1|A=1,do(M=0))``, ``P(Y=1|A=0,S=1)``."""
    return f"P({_settings(event)}{_bar(arm, intervention, selection)})"


def _mean_name(
    outcome: str, event: Assignment, arm: Assignment, intervention: Assignment, selection: Assignment
) -> str:
    """``E[Y;M=0|A=1]``; of an outcome that is observed alone ``E[Y|A=1]``."""
    beside = f";{_settings(event)}" if event else ""
    return f"E[{outcome}{beside}{_bar(arm, intervention, selection)}]"


def _bar(arm: Assignment, intervention: Assignment, selection: Assignment) -> str:
    behind = [_settings((*arm, *selection))] if arm or selection else []
    behind += [f"do({_settings(intervention)})"] if intervention else []
    return f"|{','.join(behind)}" if behind else ""


def _settings(assignment: Assignment) -> str:
    return ",".join(f"{name}={value_text(value)}" for name, value in assignment)
