"""On which potential outcomes a function of one unit depends, and which value it has for each of theirs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from boundgen.errors import NotLinearError
from boundgen.language.expressions import Inequality, Value
from boundgen.language.model import Model
from boundgen.language.statements import Assumption
from boundgen.strata.averages import is_plain
from boundgen.strata.enumeration import KnownResponses, Restriction
from boundgen.strata.forms import LinearForm
from boundgen.strata.stages import inequality_forms, restrictions
from boundgen.strata.unit import Response, Unit, UnknownOutcome

KnownValues = tuple[tuple[Response, Value], ...]


def leaves(model: Model, stage: Callable[[Unit], Fraction | int]) -> list[tuple[Fraction | int, KnownValues]]:
    """The value for all units, by the responses that it depends on; each unit meets the responses of one leaf."""
    found: list[tuple[Fraction | int, KnownValues]] = []
    stack: list[KnownResponses] = [{}]
    while stack:
        known = stack.pop()
        try:
            found.append((stage(Unit(model.by_name, known)), tuple(sorted(known.items(), key=repr))))
        except UnknownOutcome as unknown:
            stack += [{**known, unknown.response: value} for value in unknown.domain]
    return found


def population_forms(model: Model, assumption: Assumption) -> list[tuple[LinearForm, Literal["=", "<="]]]:
    """A population-level assumption as ``form <= 0`` or ``form = 0``, for each value of its quantified names.

    Raises
    ------
    NotLinearError
        Where it gives a mean a condition, or multiplies probabilities: such rows depend on the data.
    """
    body = assumption.body
    assert isinstance(body, Inequality)
    plain = is_plain(model, body.left) and is_plain(model, body.right)
    forms = inequality_forms(model, assumption) if plain else []
    if not plain or any(form.conditional for form, _ in forms):
        raise NotLinearError(
            "an assumption gives a mean a condition or multiplies probabilities, and causes are independent",
            assumption.where,
            "State it in joint probabilities with numbers and parameters: P(Y(1)=1, X=1) <= g.",
        )
    return forms


def depends_on(model: Model, assumption: Assumption) -> set[str]:
    """The variables on whose response types an assumption depends."""
    body = assumption.body
    found: set[str] = set()
    if isinstance(body, Inequality):
        for form, _ in population_forms(model, assumption):
            for mean in form.means:
                found |= {name for _, known in leaves(model, mean.value) for (name, _), _ in known}
        return found
    for restriction in restrictions(model, assumption):
        found |= {name for _, known in restriction_leaves(model, restriction) for (name, _), _ in known}
    return found


def restriction_leaves(model: Model, restriction: Restriction) -> list[tuple[Fraction | int, KnownValues]]:
    """Whether units meet a unit-level assumption, by the responses that it asks for."""
    indices = dict(restriction.indices)
    return leaves(model, lambda unit: int(unit.holds(restriction.formula, {}, indices)))
