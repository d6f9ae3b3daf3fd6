"""The collection of published bounds that models of the catalogue were written from, entry by entry."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Literal

FOLDER, FILE = "boundgen.catalogue.published", "entries.toml"


@dataclass(frozen=True)
class CollectionEntry:
    """One entry of the collection, and what of it the language can hold.

    Parameters
    ----------
    name : str
    how : str
        How the collection came by the formula, in its own words.
    numbers_from_memory : bool
        Whether the collection says that equation and theorem numbers were quoted from memory.
    model : str or None
        The model of the catalogue that claims it.
    expressed : {"whole", "in part", "no"}
    reason : str
        Why not as a whole, and what is claimed instead.
    source, formula : str
        Of an entry without a model.
    """

    name: str
    how: str
    numbers_from_memory: bool
    model: str | None
    expressed: Literal["whole", "in part", "no"]
    reason: str
    source: str
    formula: str


def entries() -> tuple[CollectionEntry, ...]:
    """All entries, in the order of the collection.

    >>> len(entries())
    59
    >>> [entry.name for entry in entries() if entry.model is None]
    []
    """
    text = resources.files(FOLDER).joinpath(FILE).read_text(encoding="utf-8")
    return tuple(
        CollectionEntry(
            name=name,
            how=found["how"],
            numbers_from_memory=found.get("numbers_from_memory", False),
            model=None if found.get("expressed") == "no" else found.get("model", name),
            expressed=found.get("expressed", "whole"),
            reason=found.get("reason", ""),
            source=found.get("source", ""),
            formula=found.get("formula", ""),
        )
        for name, found in tomllib.loads(text).items()
    )
