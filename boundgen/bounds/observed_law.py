"""The joint law of what is observed, of which the laws of factors are functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.exact.polynomials import ONE, Polynomial
from boundgen.language.expressions import Value
from boundgen.language.model import Model
from boundgen.strata.cells import Arm, Assignment


@dataclass(frozen=True)
class ObservedLaw:
    """The joint law of all variables that are not randomized, in each arm.

    Parameters
    ----------
    model : Model
    names : tuple of str
        The variables in the order of the `observe` statement.
    arms : tuple of Arm
        One for each choice of the randomized variables.
    weights : mapping of arm to Polynomial
        Of each arm, by its context: its probability, where their law is observed; else one.
    """

    model: Model
    names: tuple[str, ...]
    arms: tuple[Arm, ...]
    weights: Mapping[Assignment, Polynomial]

    def total(self, values: Mapping[str, Value]) -> Polynomial:
        """The probability of values of some variables; randomized ones choose arms, which else are averaged."""
        chosen = self._chosen(values)
        weights = [self.weights[arm.cells[0].context] if len(chosen) > 1 else ONE for arm in chosen]
        if not values.keys() & set(self.names):
            return Polynomial.total(weights)
        found: list[tuple[tuple[str, ...], Fraction]] = []
        for arm, weight in zip(chosen, weights, strict=True):
            cells = self._cells(arm, values)
            found += [((*names, cell), number) for names, number in weight.terms for cell in cells]
        return Polynomial.of(found)

    def cells(self, values: Mapping[str, Value]) -> list[str]:
        """The names of the observed cells, in all arms, whose units have these values."""
        return [name for arm in self._chosen(values) for name in self._cells(arm, values)]

    def _chosen(self, values: Mapping[str, Value]) -> list[Arm]:
        def agrees(arm: Arm) -> bool:
            return all(values.get(name, value) == value for name, value in arm.cells[0].context)

        return [arm for arm in self.arms if agrees(arm)]

    @staticmethod
    def _cells(arm: Arm, values: Mapping[str, Value]) -> list[str]:
        return [c.name for c in arm.cells if all(values.get(name, value) == value for name, value in c.event)]


def observed_law(model: Model, arms: Sequence[Arm]) -> ObservedLaw | None:
    """The joint law of all variables, where one `observe` statement has it; None otherwise."""
    names = {v.name for v in model.variables if not v.randomized}
    joint = None
    for number, observation in enumerate(model.observations):
        outcomes = {name for name, _ in observation.outcomes}
        if all(model.by_name[name].randomized for name in outcomes):
            continue
        fixed = [value for _, value in (*observation.outcomes, *observation.arms) if value is not None]
        if joint is not None or outcomes != names or observation.interventions or observation.selection or fixed:
            return None
        joint = number
    if joint is None:
        return None
    own = tuple(arm for arm in arms if arm.observation == joint)
    laws = {frozenset(cell.event): cell.name for arm in arms if arm.law for cell in arm.cells}
    weights = {}
    for arm in own:
        context = arm.cells[0].context
        known = laws.get(frozenset(context))
        weights[context] = Polynomial.name(known) if known and context else ONE
    if len({weight == ONE for weight in weights.values()}) > 1:
        weights = dict.fromkeys(weights, ONE)
    return ObservedLaw(model, tuple(name for name, _ in model.observations[joint].outcomes), own, weights)
