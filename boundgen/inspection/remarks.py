"""What `boundgen check` remarks on: a model that can be meant so, and seldom is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from boundgen.language.expressions import Outcome
from boundgen.language.model import Model


def remarks(model: Model) -> tuple[str, ...]:
    """A sentence for each variable that looks like an instrument, and of which nothing says why it is one.

    It is observed and not randomized, nothing affects it, it affects one variable alone, and that affects others that
    are no mere selection. No assumption compares units by its value, as those about monotone instruments do. An
    instrument is independent of what it does not affect; without `randomized` it may share causes with all.

    Parameters
    ----------
    model : Model

    Returns
    -------
    tuple of str
    """
    if model.causes is not None:
        return ()  # what is confounded is said, and nothing else is
    settings = {name for observation in model.observations for name, _ in observation.settings}
    selected = {
        name
        for observation in model.observations
        for name, value in (*observation.outcomes, *observation.selection)
        if value is not None
    }
    spoken_of = set(_factual(tuple(each.body for each in model.assumptions)))
    found = []
    for variable in model.variables:
        if variable.randomized or variable.parents or variable.name not in settings - spoken_of:
            continue
        affected = _affected(model, variable.name)
        further = [name for each in affected for name in _affected(model, each) if name not in selected]
        if len(affected) == 1 and further:
            found.append(_instrument(variable.name, affected[0], further))
    return tuple(found)


def _affected(model: Model, name: str) -> list[str]:
    return [other.name for other in model.variables if name in other.parents]


def _factual(part: object) -> Iterator[str]:
    """Variables of whose factual values expressions speak."""
    if isinstance(part, Outcome) and not part.interventions:
        yield part.variable
    elif isinstance(part, tuple):
        for each in part:
            yield from _factual(each)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _factual(getattr(part, field.name))


def _instrument(name: str, affected: str, further: list[str]) -> str:
    return (
        f"{name} looks like an instrument: nothing affects it, and it affects {affected} alone. It is not randomized: "
        f"it may share unmeasured causes with {' and '.join([affected, *further])}, and tells little about them. "
        f"If it was assigned at random, write 'randomized' behind its values, and observe P(... | {name})."
    )
