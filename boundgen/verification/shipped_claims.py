"""The shipped models that have claims."""

from __future__ import annotations

from boundgen.catalogue import load, names, text
from boundgen.language.model import Model


def models_with_claims() -> tuple[Model, ...]:
    """Every model of the catalogue with at least one claim, by name."""
    # A model in whose text the word is missing need not be read for that.
    stated = [name for name in names() if "claim" in text(name)]
    return tuple(model for model in map(load, stated) if model.claims)
