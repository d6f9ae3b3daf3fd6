"""What a result says of the data that it was estimated from."""

from __future__ import annotations

from collections.abc import Mapping

from boundgen.companions.result import DataFacts
from boundgen.data.columns import Columns
from boundgen.data.parts import PARTS


def facts_of(columns: Columns, words: Mapping[str, str] | None = None, unit: str = "units") -> DataFacts:
    """How many units, which columns play which part, and what was left out or recoded.

    Parameters
    ----------
    columns : Columns
    words : mapping of part to str, optional
        What a method calls some parts.
    unit : str
        What a row is.
    """
    called = {**PARTS, **(words or {})}
    source = [("source", columns.source)] if columns.source else []
    roles = [(called[part], name) for part in PARTS for name in columns.names.get(part, ())]
    return DataFacts(columns.rows, columns.size, unit, (*source, *roles), columns.notes)
