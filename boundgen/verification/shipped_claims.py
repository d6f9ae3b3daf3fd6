"""The shipped models that have claims."""

from __future__ import annotations

from boundgen.catalogue import load, names
from boundgen.language.model import Model


def models_with_claims() -> tuple[Model, ...]:
    """Every model of the catalogue with at least one claim, by name."""
    return tuple(model for model in map(load, names()) if model.claims)
