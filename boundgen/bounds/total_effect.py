"""The total effect of a treatment on the outcome, where a model's data identify it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.derived import Derivation
from boundgen.bounds.posing import unchecked_program
from boundgen.bounds.sides import identified_quantity
from boundgen.errors import BoundgenError
from boundgen.language.model import Model
from boundgen.language.syntax import E, Name
from boundgen.language.values import is_number
from boundgen.work.limits import Budget, Limits, ignore


@dataclass(frozen=True)
class TotalEffect:
    """``E[Y(A=1) - Y(A=0)]`` at data.

    Parameters
    ----------
    treatment, outcome : str
    value : Fraction
    """

    treatment: str
    outcome: str
    value: Fraction


def total_effect(derived: Derivation, cells: Mapping[str, Fraction]) -> TotalEffect | None:
    """The effect of the one randomized variable on the one variable that affects no other; None where that is unclear.

    It is computed where the treatment has two values, the outcome has numbers, and the data identify the effect.
    """
    model = derived.model
    pair = treatment_and_outcome(model)
    if pair is None:
        return None
    treatment, outcome = pair
    low, high = model.by_name[treatment].domain
    effect = E(Name(outcome)(**{treatment: high}) - Name(outcome)(**{treatment: low}))
    budget = Budget(Limits(), ignore)
    try:
        estimand = model.estimand("total_effect_", effect).estimand_named("total_effect_")
        asked = unchecked_program(model, derived.arms, estimand, budget)
        term = identified_quantity(asked.program, model.parameters, budget)
    except BoundgenError:
        return None
    known = {parameter.name for parameter in model.parameters}
    if term is None or any(name in known for name, _ in term.coefficients):
        return None
    return TotalEffect(treatment, outcome, term.value(cells))


def treatment_and_outcome(model: Model) -> tuple[str, str] | None:
    """The one randomized variable and the one variable that affects no other; None where that is unclear."""
    randomized = [variable for variable in model.variables if variable.randomized]
    causes = {parent for variable in model.variables for parent in variable.parents}
    last = [variable for variable in model.variables if variable.name not in causes and not variable.randomized]
    if len(randomized) != 1 or len(last) != 1 or len(randomized[0].domain) != 2:
        return None
    if not all(map(is_number, last[0].domain)):
        return None
    return randomized[0].name, last[0].name
