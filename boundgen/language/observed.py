"""What stands in an `observe` to observations: arms, laws of randomized variables, and selections told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from boundgen.errors import Place
from boundgen.language.statements import Observation, Setting
from boundgen.language.variables import Variable

PlacedSetting = tuple[Setting, Place | None]


def read_observations(
    before: Sequence[PlacedSetting],
    behind: Sequence[PlacedSetting],
    interventions: Sequence[PlacedSetting],
    variables: Mapping[str, Variable],
    where: Place | None,
) -> tuple[Observation, ...]:
    """The observation that is stated; ``P(X, Y, Z)`` of a randomized Z states ``P(X, Y | Z)`` and ``P(Z)``.

    What makes no sense is left for the model to refuse.
    """
    randomized = [item for item in before if _is_randomized(item, variables)]
    others = [item for item in before if not _is_randomized(item, variables)]
    if not (randomized and others):
        return _by_bounded_outcome(before, behind, interventions, variables, where)
    return (
        *_by_bounded_outcome(others, [*randomized, *behind], interventions, variables, where),
        _observation(randomized, behind, (), variables, where),
    )


def _by_bounded_outcome(
    before: Sequence[PlacedSetting],
    behind: Sequence[PlacedSetting],
    interventions: Sequence[PlacedSetting],
    variables: Mapping[str, Variable],
    where: Place | None,
) -> tuple[Observation, ...]:
    """Of several bounded outcomes the mean of each is observed in the cells of the others: a statement for each."""
    bounded = [item for item in before if _is_bounded(item, variables)]
    if len(bounded) < 2:
        return (_observation(before, behind, interventions, variables, where),)
    return tuple(
        _observation([i for i in before if i is one or i not in bounded], behind, interventions, variables, where)
        for one in bounded
    )


def with_observations(known: tuple[Observation, ...], stated: Sequence[Observation]) -> tuple[Observation, ...]:
    """The known observations and those of one more statement, of which the later ones may have been stated before."""
    first, *others = stated
    return (*known, first, *(each for each in others if each not in known))


def _observation(
    before: Sequence[PlacedSetting],
    behind: Sequence[PlacedSetting],
    interventions: Sequence[PlacedSetting],
    variables: Mapping[str, Variable],
    where: Place | None,
) -> Observation:
    selecting = [item for item in behind if _selects(item, variables)]
    arms = [item for item in behind if not _selects(item, variables)]
    groups = (before, arms, interventions, selecting)
    outcomes, fixed, done, _ = (tuple(setting for setting, _ in group) for group in groups)
    selection = tuple((name, value) for (name, value), _ in selecting if value is not None)
    return Observation(outcomes, fixed, done, where, tuple(at for group in groups for _, at in group), selection)


def _is_randomized(item: PlacedSetting, variables: Mapping[str, Variable]) -> bool:
    (name, _), _ = item
    return name in variables and variables[name].randomized


def _is_bounded(item: PlacedSetting, variables: Mapping[str, Variable]) -> bool:
    (name, _), _ = item
    return name in variables and variables[name].bounded


def _selects(item: PlacedSetting, variables: Mapping[str, Variable]) -> bool:
    """Whether it is an event of a variable that is not randomized."""
    (name, value), _ = item
    return value is not None and name in variables and not variables[name].randomized
