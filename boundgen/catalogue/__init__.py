"""Models that ship with boundgen, each with its citation.

>>> from boundgen import catalogue
>>> model = catalogue.load("mediation_mmr")
>>> [estimand.name for estimand in model.estimands]
['delta0', 'delta1', 'zeta0', 'zeta1']
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

from boundgen.errors import FileError
from boundgen.language.model import Model

FOLDERS = ("boundgen.catalogue", "boundgen.catalogue.published")


def names() -> tuple[str, ...]:
    """The names of the shipped models, sorted."""
    return tuple(sorted(_files()))


def text(name: str) -> str:
    """The text of a shipped model.

    Raises
    ------
    FileError
        If there is no such model.
    """
    files = _files()
    if name not in files:
        raise FileError(f"no model '{name}' in the catalogue", remedy="'boundgen catalogue' lists the models.")
    return files[name].read_text(encoding="utf-8")


def load(name: str) -> Model:
    """A shipped model."""
    return Model.parse(text(name), f"{name}.bounds")


def path(name: str) -> str:
    """Where the model's file stands, from the root of the repository."""
    folder = next(folder for folder in FOLDERS if resources.files(folder).joinpath(f"{name}.bounds").is_file())
    return f"{folder.replace('.', '/')}/{name}.bounds"


def _files() -> dict[str, Traversable]:
    return {
        file.name.removesuffix(".bounds"): file
        for folder in FOLDERS
        for file in resources.files(folder).iterdir()
        if file.name.endswith(".bounds")
    }
