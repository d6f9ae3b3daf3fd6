"""Which variables share unmeasured causes, and what may be assumed of those that do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from boundgen.errors import ModelError, did_you_mean
from boundgen.language import syntax as s
from boundgen.language.averaging import outcomes_of
from boundgen.language.expressions import Formula, Inequality, Outcome
from boundgen.language.printer import Variables
from boundgen.language.scope import shortened
from boundgen.language.statements import Assumption
from boundgen.rendering.layout import listed

if TYPE_CHECKING:
    from boundgen.language.model import Model


def cause_names(variables: Sequence[s.Name | str]) -> tuple[str, ...]:
    """The names of variables that are given by themselves or by name."""
    for each in variables:
        if not isinstance(each, s.Name | str):
            raise ModelError(f"confounded takes variables, not {type(each).__name__}", remedy="model.confounded(X, Y)")
    return tuple(each.name if isinstance(each, s.Name) else each for each in variables)


def check_cause(names: Sequence[str], variables: Variables) -> None:
    """An unmeasured cause is shared by two or more variables, of which none is randomized."""
    for i, name in enumerate(names):
        if name not in variables:
            raise ModelError(
                f"unknown variable '{shortened(name)}' in confounded",
                remedy=f"{did_you_mean(name, variables)}declared: {', '.join(map(shortened, variables))}",
            )
        if variables[name].randomized:
            raise ModelError(
                f"randomized variable '{name}' is confounded",
                remedy="What is randomized shares no cause with anything: leave it out, or drop 'randomized'.",
            )
        if name in names[:i]:
            raise ModelError(f"'{name}' stands twice in one confounded", remedy="List each variable once.")
    if len(names) < 2:
        raise ModelError(
            f"confounded names {'one variable' if names else 'no variable'}",
            remedy="It names two or more variables that share an unmeasured cause: confounded X, Y. "
            "Where nothing shares any, write unconfounded.",
        )


def beside_unconfounded() -> ModelError:
    """The error for a model that says both."""
    return ModelError(
        "'unconfounded' stands beside 'confounded'",
        remedy="Once one 'confounded' is written, variables that it does not name share no causes: "
        "drop 'unconfounded', or every 'confounded'.",
    )


def components(variables: Variables, causes: Sequence[Sequence[str]] | None) -> tuple[tuple[str, ...], ...]:
    """The variables that are not randomized, in the sets that shared causes connect; in order of declaration."""
    names = [name for name, variable in variables.items() if not variable.randomized]
    if causes is None:
        return (tuple(names),) if names else ()
    part = {name: {name} for name in names}
    for cause in causes:
        joined = set().union(*(part[name] for name in cause))
        part |= dict.fromkeys(joined, joined)
    return tuple(dict.fromkeys(tuple(other for other in names if other in part[name]) for name in names))


def response_types(outcome: Outcome, variables: Variables) -> list[str]:
    """The variables on whose response types a potential outcome depends, apart from those of what it is set to."""
    fixed = {name for name, _ in outcome.interventions}
    stack = [outcome.variable]
    seen: set[str] = set()
    while stack:
        name = stack.pop()
        if name not in fixed and name not in seen:
            seen.add(name)
            stack += variables[name].parents
    return [name for name in variables if name in seen and not variables[name].randomized]


def types_in(formulas: Sequence[Formula], variables: Variables) -> tuple[str, ...]:
    """The variables on whose response types formulas depend, in order of declaration."""
    found = {name for outcome in outcomes_of(tuple(formulas)) for name in response_types(outcome, variables)}
    return tuple(name for name in variables if name in found)


def check_shared(assumption: Assumption, model: Model) -> None:
    """A unit-level assumption speaks of variables that share one cause: else it would make them dependent."""
    if isinstance(assumption.body, Inequality) or model.causes is None:
        return
    names = types_in([assumption.body], model.by_name)
    if len(names) > 1 and not any(set(names) <= set(cause) for cause in model.causes):
        raise ModelError(
            f"a unit-level assumption speaks of {listed(names)}, which share no unmeasured cause",
            assumption.where,
            f"Independent response types cannot restrict one another: write 'confounded {', '.join(names)}', "
            "or assume something of each by itself.",
        )
