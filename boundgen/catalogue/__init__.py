"""Models that ship with boundgen, each with its citation.

>>> from boundgen import catalogue
>>> model = catalogue.load("mediation_mmr")
>>> [estimand.name for estimand in model.estimands]
['delta0', 'delta1', 'zeta0', 'zeta1']
"""

from __future__ import annotations

from importlib import resources

from boundgen.errors import FileError
from boundgen.language.model import Model


def names() -> tuple[str, ...]:
    """The names of the shipped models, sorted."""
    files = resources.files("boundgen.catalogue").iterdir()
    return tuple(sorted(file.name.removesuffix(".bounds") for file in files if file.name.endswith(".bounds")))


def text(name: str) -> str:
    """The text of a shipped model.

    Raises
    ------
    FileError
        If there is no such model.
    """
    if name not in names():
        raise FileError(f"no model '{name}' in the catalogue", remedy=f"models: {', '.join(names())}")
    return resources.files("boundgen.catalogue").joinpath(f"{name}.bounds").read_text(encoding="utf-8")


def load(name: str) -> Model:
    """A shipped model."""
    return Model.parse(text(name), f"{name}.bounds")
