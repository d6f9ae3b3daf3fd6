"""Unmeasured causes: which variables share one, and what may be said of variables that share none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from boundgen.errors import ModelError, did_you_mean
from boundgen.language.averaging import outcomes_of
from boundgen.language.expressions import Inequality, Outcome
from boundgen.language.scope import shortened
from boundgen.language.statements import Assumption, Cause
from boundgen.language.variables import Variable

if TYPE_CHECKING:
    from boundgen.language.model import Model


def check_causes(model: Model) -> None:
    """Each cause is shared by two variables that are not randomized; unit-level assumptions join none that share none.

    Raises
    ------
    ModelError
    """
    if model.causes is None:
        return
    for cause in model.causes:
        _check_cause(cause, model.by_name)
    for number, cause in enumerate(model.causes):
        if set(cause.variables) in [set(other.variables) for other in model.causes[:number]]:
            raise ModelError(
                f"'confounded {', '.join(cause.variables)}' stands twice", cause.where, "One of them says it all."
            )
    for assumption in model.assumptions:
        if not isinstance(assumption.body, Inequality):
            _check_assumption(model, assumption)


def _check_cause(cause: Cause, variables: Mapping[str, Variable]) -> None:
    for position, name in enumerate(cause.variables):
        if name not in variables:
            raise ModelError(
                f"unknown variable '{shortened(name)}' in confounded",
                cause.where,
                f"{did_you_mean(name, variables)}variables: {', '.join(variables)}",
            )
        if variables[name].randomized:
            raise ModelError(
                f"'{name}' is randomized, and shares no unmeasured cause",
                cause.where,
                f"Leave '{name}' out, or declare it without 'randomized'.",
            )
        if name in cause.variables[:position]:
            raise ModelError(f"'{name}' stands twice in one confounded", cause.where, "List each variable once.")
    if len(cause.variables) < 2:
        raise ModelError(
            "confounded lists fewer than two variables",
            cause.where,
            "Name those that share a cause: confounded X, Y; where nothing shares any: unconfounded.",
        )


def _check_assumption(model: Model, assumption: Assumption) -> None:
    """All response types of which a unit-level assumption speaks share one cause."""
    assert not isinstance(assumption.body, Inequality)
    names: dict[str, None] = {}
    for outcome in outcomes_of((assumption.body,)):
        names |= dict.fromkeys(_typed(outcome, model.by_name))
    if len(names) > 1 and not any(names.keys() <= set(cause.variables) for cause in model.causes or ()):
        listed = ", ".join(f"'{name}'" for name in names)
        raise ModelError(
            f"a unit-level assumption speaks of {listed}, which share no unmeasured cause",
            assumption.where,
            "Their response types are independent. State it for each by itself, or let them share one: "
            f"confounded {', '.join(names)}.",
        )


def _typed(outcome: Outcome, variables: Mapping[str, Variable]) -> Iterator[str]:
    """The variables on whose response types a potential outcome depends: not those that it sets, nor what is behind."""
    fixed = {name for name, _ in outcome.interventions}
    stack, seen = [outcome.variable], set()
    while stack:
        name = stack.pop()
        if name in seen or name not in variables:
            continue
        seen.add(name)
        if not variables[name].randomized:
            yield name
        stack += [parent for parent in variables[name].parents if parent not in fixed]
    for _, argument in outcome.interventions:
        if isinstance(argument, Outcome):
            yield from _typed(argument, variables)


def joined_causes(causes: tuple[Cause, ...] | None, cause: Cause | None) -> tuple[Cause, ...]:
    """The causes with one more; with None that there is none.

    Raises
    ------
    ModelError
        Where there are some and none are to be.
    """
    if cause is None:
        if causes:
            raise ModelError(
                "'unconfounded' stands beside 'confounded'", remedy="Say one of the two: confounded, or unconfounded."
            )
        return ()
    return (*(causes or ()), cause)


def districts(model: Model) -> tuple[tuple[str, ...], ...]:
    """The variables in groups between which nothing is shared: joined by causes, in the order of declaration.

    Randomized variables stand in none.
    """
    names = [variable.name for variable in model.variables if not variable.randomized]
    if model.causes is None:
        return (tuple(names),) if names else ()
    group = {name: {name} for name in names}
    for cause in model.causes:
        joined = set().union(*(group[name] for name in cause.variables))
        for name in joined:
            group[name] = joined
    found: list[tuple[str, ...]] = []
    for name in names:
        own = tuple(other for other in names if other in group[name])
        if own not in found:
            found.append(own)
    return tuple(found)


def shares_all_causes(model: Model) -> bool:
    """Whether all variables that are not randomized share one cause, as they do where nothing is said."""
    names = {variable.name for variable in model.variables if not variable.randomized}
    return model.causes is None or len(names) < 2 or any(names <= set(cause.variables) for cause in model.causes)
