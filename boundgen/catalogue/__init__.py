"""Models that ship with boundgen, each with its citation.

>>> from boundgen import catalogue
>>> model = catalogue.load("mediation_mmr")
>>> [estimand.name for estimand in model.estimands]
['delta0', 'delta1', 'zeta0', 'zeta1', 'atm', 'ate']
"""

from __future__ import annotations

import re
from importlib import resources
from importlib.resources.abc import Traversable

from boundgen.calls import public
from boundgen.errors import FileError, did_you_mean, quoted
from boundgen.language.model import Model

FOLDERS = ("boundgen.catalogue", "boundgen.catalogue.published")
TITLE = re.compile(r'^model\s+\w+\s+"([^"]*)"', re.MULTILINE)
SOURCE = re.compile(r'^source\s+"([^"]*)"', re.MULTILINE)


def names() -> tuple[str, ...]:
    """The names of the shipped models, sorted."""
    return tuple(sorted(_files()))


@public
def text(name: str) -> str:
    """The text of a shipped model.

    Returns
    -------
    str

    Raises
    ------
    FileError
        If there is no such model.
    """
    files = _files()
    if name not in files:
        raise FileError(
            f"no model {quoted(name)} in the catalogue",
            remedy=f"{did_you_mean(name, files)}'boundgen catalogue' lists the models.",
        )
    return files[name].read_text(encoding="utf-8")


def title(name: str) -> str:
    """The title of a shipped model, which need not be read for that."""
    found = TITLE.search(text(name))
    return found[1] if found else ""


def sources(name: str) -> tuple[str, ...]:
    """Where a shipped model is from."""
    return tuple(SOURCE.findall(text(name)))


@public
def load(name: str) -> Model:
    """A shipped model."""
    return Model.parse(text(name), f"{name}.bounds")


@public
def path(name: str) -> str:
    """Where the model's file stands, from the root of the repository."""
    folder = next(folder for folder in FOLDERS if resources.files(folder).joinpath(f"{name}.bounds").is_file())
    return f"{folder.replace('.', '/')}/{name}.bounds"


def data_names() -> tuple[str, ...]:
    """The names of the shipped data, sorted.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> "jobs" in data_names()
    True
    """
    return tuple(sorted(_data_files()))


@public
def data(name: str) -> str:
    """The text of shipped data: CSV below a comment that says what they are and where they come from.

    Returns
    -------
    str

    Raises
    ------
    FileError
        If there are no such data.
    """
    files = _data_files()
    if name not in files:
        raise FileError(
            f"no data {quoted(name)} in the catalogue",
            remedy=f"{did_you_mean(name, files)}'boundgen catalogue --data' lists the data.",
        )
    return files[name].read_text(encoding="utf-8")


@public
def data_title(name: str) -> str:
    """What the data are: the first line of their comment."""
    return data(name).partition("\n")[0].lstrip("# ")


def _data_files() -> dict[str, Traversable]:
    folder = resources.files("boundgen.catalogue").joinpath("data")
    return {file.name.removesuffix(".csv"): file for file in folder.iterdir() if file.name.endswith(".csv")}


def _files() -> dict[str, Traversable]:
    return {
        file.name.removesuffix(".bounds"): file
        for folder in FOLDERS
        for file in resources.files(folder).iterdir()
        if file.name.endswith(".bounds")
    }
