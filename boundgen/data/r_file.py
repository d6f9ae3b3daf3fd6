"""R's .rds and .rda, by rdata: data frames, tibbles, and tables of counts or of shares."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from boundgen.data.frames import file_library, frame_table
from boundgen.data.table import Table
from boundgen.data.texts import listed, text_of
from boundgen.errors import FileError, quoted

AMOUNTS = "Freq"
ColumnLabels = dict[str, dict[str, str]]


@dataclass
class _Labelled:
    """The labels of vectors, which the columns of data frames are; vectors are kept so that no other has their id."""

    of: dict[int, tuple[Any, dict[str, str]]] = field(default_factory=dict)

    def vector(self, vector: Any, attributes: Mapping[str, Any]) -> Any:
        """What haven makes of Stata's and SPSS's labels: numbers with names for some of them."""
        labels = attributes.get("labels")
        if labels is not None and hasattr(labels, "to_series"):
            named = labels.to_series().items()
            self.of[id(vector)] = (vector, {text_of(value) or "": str(label) for label, value in named})
        return vector

    def among(self, columns: Any) -> ColumnLabels:
        """The labels of the columns of a data frame."""
        items = columns.items() if isinstance(columns, Mapping) else ()
        return {str(name): self.of[id(held)][1] for name, held in items if id(held) in self.of}


def r_table(name: str, chosen: str | None = None) -> Table:
    """The table in a file of R.

    Parameters
    ----------
    name : str
    chosen : str, optional
        Which object of an .rda file, where several are tables.

    Raises
    ------
    FileError
        If rdata is not installed, the file is damaged, or holds no table, or several.
    """
    rdata = file_library("rdata", name, "R")
    file_library("pandas", name, "R")
    found = _one(name, _objects(rdata, name), chosen)
    if hasattr(found, "to_series"):
        return frame_table(name, found.to_series().rename(AMOUNTS).reset_index())
    return frame_table(name, found.reset_index(drop=True), found.attrs.get("labels", {}))


def _objects(rdata: Any, name: str) -> dict[str, Any]:
    labelled = _Labelled()
    plain = rdata.conversion.DEFAULT_CLASS_MAP

    def frame(columns: Any, attributes: Mapping[str, Any]) -> Any:
        made = plain["data.frame"](columns, attributes)
        made.attrs["labels"] = labelled.among(columns)
        return made

    makers = {**plain, "data.frame": frame, "haven_labelled": labelled.vector}
    try:
        with warnings.catch_warnings():
            # Of classes that are not known: a table, a tibble.
            warnings.simplefilter("ignore")
            if name.lower().endswith(".rds"):
                return {"": rdata.read_rds(name, constructor_dict=makers)}
            return dict(rdata.read_rda(name, constructor_dict=makers))
    except Exception as error:  # Damaged files raise errors of every kind.
        reason = str(error).split("\n")[0]
        raise FileError(
            f"{name}: not a file of R that can be read: {reason}", remedy="Export it as CSV: write.csv(x, 'x.csv')."
        ) from None


def _one(name: str, objects: Mapping[str, Any], chosen: str | None) -> Any:
    tables = {key: each for key, each in objects.items() if _is_table(each)}
    if chosen is not None:
        if chosen not in tables:
            raise FileError(f"{name}: there is no table {quoted(chosen)}", remedy=f"tables: {listed([*tables])}")
        return tables[chosen]
    if not tables:
        raise FileError(
            f"{name}: no data frame and no table with names is in it", remedy="Save a data frame: saveRDS(x, 'x.rds')."
        )
    if len(tables) > 1:
        first = next(iter(tables))
        raise FileError(
            f"{name}: {len(tables)} tables are in it: {listed([*tables])}", remedy=f"Name one: '{name}#{first}'."
        )
    return next(iter(tables.values()))


def _is_table(each: Any) -> bool:
    """A data frame, or an array with names of its dimensions and levels."""
    if hasattr(each, "iloc"):
        return True
    return hasattr(each, "to_series") and all(name in each.coords for name in each.dims) and each.ndim > 0
