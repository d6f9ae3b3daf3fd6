"""Columns by name, checked and in an order that does not depend on that of the rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from boundgen.companions.checks import as_column, as_weights
from boundgen.companions.columns import Array, Columns
from boundgen.data.texts import is_missing, listed
from boundgen.errors import DataError, quoted

Codes = npt.NDArray[np.int64]
# A mapping of names to sequences, or a data frame.
NamedColumns = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Labels:
    """A column of labels: ``names[codes[i]]`` is that of unit i.

    Parameters
    ----------
    names : tuple of str
        In rising order, numbers in them by size.
    codes : array of shape (n,)
    """

    names: tuple[str, ...]
    codes: Codes

    @property
    def counts(self) -> Codes:
        """How many units each label has."""
        return np.bincount(self.codes, minlength=len(self.names)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Sample:
    """The columns that a method asked for.

    Parameters
    ----------
    numbers : mapping of str to arrays of shape (n,)
    labels : mapping of str to Labels
    weights : array of shape (n,) or None
        Positive; their mean is one.
    size : int
        n.
    """

    numbers: Mapping[str, Array]
    labels: Mapping[str, Labels]
    weights: Array | None
    size: int

    def matrix(self, names: Sequence[str]) -> Array:
        """Columns side by side, shape (n, len(names))."""
        return np.column_stack([self.numbers[name] for name in names]) if names else np.empty((self.size, 0))


def sample_of(columns: NamedColumns, numbers: Sequence[str], labels: Sequence[str] = (), weights: Any = None) -> Sample:
    """Take columns by name.

    Parameters
    ----------
    columns : mapping of str to sequences of shape (n,), or data frame
    numbers, labels : sequences of str
        Which are numbers, and which are labels (of sites, of clusters).
    weights : sequence of shape (n,), or name of a column, optional

    Raises
    ------
    DataError
        A column that is not there, is named twice, has no numbers, misses values, or is not as long as the others.
    """
    _check_names(columns, numbers, (*labels, *([weights] if isinstance(weights, str) else [])))
    first = as_column(columns[numbers[0]], f"column {quoted(numbers[0])}")
    found = {name: as_column(columns[name], f"column {quoted(name)}", first) for name in numbers}
    texts = {name: _texts(columns[name], name, len(first)) for name in labels}
    weight = as_weights(columns[weights] if isinstance(weights, str) else weights, first)
    kinds = {name: _labels(each) for name, each in texts.items()}
    keys = [*([] if weight is None else [weight]), *(each.codes for each in kinds.values()), *reversed(found.values())]
    order = np.lexsort(keys)
    return Sample(
        {name: each[order] for name, each in found.items()},
        {name: Labels(each.names, each.codes[order]) for name, each in kinds.items()},
        None if weight is None else weight[order] / weight.mean(),
        len(first),
    )


def named_columns(data: Columns) -> dict[str, Any]:
    """What was read, by the names of its columns."""
    found: dict[str, Any] = {}
    for part, names in data.names.items():
        held = data.numbers.get(part) or (data.labels[part],)
        found |= dict(zip(names, held, strict=True))
    return found


def _check_names(columns: NamedColumns, numbers: Sequence[str], others: Sequence[str]) -> None:
    known = [str(name) for name in columns]
    for name in (*numbers, *others):
        if name not in columns:
            raise DataError(f"there is no column {quoted(name)}", remedy=f"Columns: {listed(known)}.")
    for name in numbers:
        if list(numbers).count(name) > 1:
            raise DataError(f"column {quoted(name)} is named twice", remedy="Each column plays one part.")


def _texts(values: Any, name: str, size: int) -> list[str]:
    found = [_text(value) for value in values]
    if len(found) != size:
        raise DataError(
            f"column {quoted(name)} has {len(found)} values for {size} units", remedy="Give one for each unit."
        )
    missing = sum(text is None for text in found)
    if missing:
        raise DataError(f"column {quoted(name)} misses {missing} values", remedy="Leave these units out.")
    return [text for text in found if text is not None]


def _text(value: Any) -> str | None:
    """A label as text; whole numbers without decimals, whatever their type."""
    if value is None or value != value:
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    text = str(value)
    return None if is_missing(text) else text


def _labels(texts: Sequence[str]) -> Labels:
    names = sorted(set(texts), key=_rank)
    place = {name: code for code, name in enumerate(names)}
    return Labels(tuple(names), np.array([place[text] for text in texts], dtype=np.int64))


def _rank(text: str) -> list[tuple[int, int, str]]:
    """Numbers inside a label count as numbers: site 2 stands before site 10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", text)]
