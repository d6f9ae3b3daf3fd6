"""Where a joint value belongs: the cell of an `observe` statement, an arm outside its cells, or nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from boundgen.data.matching import Code, Missing, Unknown
from boundgen.data.tally import CodeKey
from boundgen.language.expressions import Value
from boundgen.language.statements import Observation, Setting
from boundgen.strata.cells import Assignment


@dataclass(frozen=True)
class Placed:
    """In an arm (by its number), and in the cell of this event; None is in none of its cells."""

    model_arm: int
    event: Assignment | None


@dataclass(frozen=True)
class Needs:
    """The places of codes that are needed, and are missing or unknown."""

    places: tuple[int, ...]


@dataclass(frozen=True)
class PlacedStatement:
    """One `observe` statement and where its parts stand in a key.

    Parameters
    ----------
    number : int
        From 0.
    observation : Observation
    model_arms : mapping of context to the number of the arm
    filters : tuple of int
        Places of filters that a row must meet.
    places : mapping of variable to its place
    law : bool
        Whether it is the law of randomized variables, which is the same in every experiment.
    """

    number: int
    observation: Observation
    model_arms: Mapping[Assignment, int]
    filters: tuple[int, ...]
    places: Mapping[str, int]
    law: bool = False

    @property
    def sets(self) -> frozenset[str]:
        """The variables that this experiment sets."""
        return frozenset(name for name, _ in self.observation.interventions)

    def place(self, key: CodeKey) -> Placed | Needs | None:
        """Where the units of this key belong; None: this statement is not about them.

        What an arm or a cell is not asked about may be missing: Y under ``observe P(Y, S=1 | A)`` where S is 0, and
        under ``observe P(Y | A, S=1)``, which is not about these units.
        """
        if not all(key[place] == 1 for place in self.filters):
            return None
        context = (*self.observation.arms, *self.observation.interventions)
        selection = self.observation.selection
        if self._differs((*context, *selection), key):
            return None
        needed = self._unusable((*context, *selection), key)
        if needed:
            return Needs(needed)
        model_arm = self.model_arms.get(self._assignment(context, key))
        if model_arm is None:
            return None
        if self._differs(self.observation.outcomes, key):
            return Placed(model_arm, None)
        needed = self._unusable(self.observation.outcomes, key)
        return Needs(needed) if needed else Placed(model_arm, self._assignment(self.observation.outcomes, key))

    def _code(self, name: str, key: CodeKey) -> Code:
        return key[self.places[name]]

    def _differs(self, settings: tuple[Setting, ...], key: CodeKey) -> bool:
        """Whether a known value is another than the one that the statement fixes."""
        return any(
            value is not None and usable(self._code(name, key)) and self._code(name, key) != value
            for name, value in settings
        )

    def _unusable(self, settings: tuple[Setting, ...], key: CodeKey) -> tuple[int, ...]:
        return tuple(self.places[name] for name, _ in settings if not usable(self._code(name, key)))

    def _assignment(self, settings: tuple[Setting, ...], key: CodeKey) -> Assignment:
        return tuple((name, _value(self._code(name, key))) for name, _ in settings)


def usable(code: Code) -> bool:
    """Whether a code is a value."""
    return not isinstance(code, Missing | Unknown)


def _value(code: Code) -> Value:
    assert not isinstance(code, Missing | Unknown)
    return code
