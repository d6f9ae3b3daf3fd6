"""The columns of a sample, each by the part that it plays: what every companion method and the response test take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from boundgen.data.coding import coded
from boundgen.data.parts import COVARIATES, LABELLED, PARTS
from boundgen.data.texts import Text, is_missing, label_text, listed, text_of
from boundgen.errors import DataError, quoted
from boundgen.exact.arrays import Array

Codes = npt.NDArray[np.int64]
# A mapping of names to sequences, or a data frame.
NamedColumns = Mapping[str, Any]
# Squares and their sums must stay finite.
LARGEST_NUMBER = 1e100


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

    @staticmethod
    def of(texts: Sequence[str]) -> Labels:
        """The labels of units, whose order does not matter to that of the names."""
        names = sorted(set(texts), key=_rank)
        place = {name: code for code, name in enumerate(names)}
        return Labels(tuple(names), np.array([place[text] for text in texts], dtype=np.int64))

    def crossed(self, other: Labels) -> Labels:
        """Every combination of both that units have."""
        return Labels.of([f"{one} × {two}" for one, two in zip(self.texts, other.texts, strict=True)])

    @property
    def counts(self) -> Codes:
        """How many units each label has."""
        return np.bincount(self.codes, minlength=len(self.names)).astype(np.int64)

    @property
    def texts(self) -> list[str]:
        """The label of each unit."""
        return [self.names[code] for code in self.codes.tolist()]

    def at(self, units: Codes) -> Labels:
        """The labels of these units, in this order."""
        return replace(self, codes=self.codes[units])


def _rank(text: str) -> list[tuple[int, int, str]]:
    """Numbers inside a label count as numbers: site 2 stands before site 10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", text)]


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a sample, one entry for each unit that is used.

    Parameters
    ----------
    numbers : mapping of part to tuple of arrays of shape (n,)
        ``A``, ``M``, ``Y``, ``Z``, ``X``, ``W``; several mediators or covariates in the order of their naming. A
        covariate of texts is the indicators of all its texts but the first, named ``"sex=male"``.
    labels : mapping of part to Labels
        ``S``, ``C``: the site or subgroup, and the cluster, of each unit; of several columns S every combination.
    weights : array of shape (n,) or None
        Positive.
    names : mapping of part to tuple of str
        Which columns they are.
    size : int
        n.
    source : str
        The file; empty for columns that were given in memory.
    rows : int
        Units that were read, used or not.
    notes : tuple of str
        What was left out or recoded, in half sentences.
    """

    numbers: Mapping[str, tuple[Array, ...]]
    labels: Mapping[str, Labels]
    weights: Array | None
    names: Mapping[str, tuple[str, ...]]
    size: int
    source: str = ""
    rows: int = 0
    notes: tuple[str, ...] = ()

    def has(self, part: str) -> bool:
        """Whether some column plays this part."""
        return part in self.names

    def one(self, part: str) -> Array:
        """The only column that plays a part.

        Raises
        ------
        DataError
            If none or several do.
        """
        columns = self.several(part)
        if len(columns) > 1:
            raise DataError(
                f"{self._about}{len(columns)} columns are the {PARTS[part]}",
                remedy=f"This method takes one: --map {part}=COLUMN.",
            )
        return columns[0]

    def several(self, part: str) -> tuple[Array, ...]:
        """The columns that play a part, one at least."""
        if part not in self.numbers:
            raise DataError(
                f"{self._about}no column is the {PARTS[part]} {part}", remedy=f"Name it: --map {part}=COLUMN."
            )
        return self.numbers[part]

    def matrix(self, part: str) -> Array:
        """The columns that play a part side by side, shape (n, how many)."""
        return np.column_stack(self.numbers[part]) if part in self.numbers else np.empty((self.size, 0))

    def name(self, part: str) -> str:
        """The name of the first column that plays a part."""
        return self.names[part][0]

    def ordered(self, parts: Sequence[str]) -> Columns:
        """Only these parts, units in an order that does not depend on that of the rows, weights with a mean of one."""
        numbers = [column for part in parts for column in self.numbers.get(part, ())]
        labels = [self.labels[part].codes for part in parts if part in self.labels]
        order = np.lexsort([*([] if self.weights is None else [self.weights]), *labels, *reversed(numbers)])
        return replace(
            self,
            numbers={p: tuple(column[order] for column in self.numbers[p]) for p in parts if p in self.numbers},
            labels={part: self.labels[part].at(order) for part in parts if part in self.labels},
            weights=None if self.weights is None else self.weights[order] / self.weights.mean(),
            names={part: self.names[part] for part in parts if part in self.names},
        )

    @property
    def unit_weights(self) -> Array:
        """The weight of each unit: one where there are none."""
        return np.ones(self.size) if self.weights is None else self.weights

    @property
    def _about(self) -> str:
        return f"{self.source}: " if self.source else ""


# ---------------------------------------------------------------- columns in memory
def columns_of(columns: NamedColumns, names: Mapping[str, str | Sequence[str] | None], weights: Any = None) -> Columns:
    """The columns of a sample in memory.

    Parameters
    ----------
    columns : mapping of str to sequences of shape (n,), or data frame
    names : mapping of part to the name of a column, or to several
        Keys of `PARTS`; None and no names at all leave a part out.
    weights : sequence of shape (n,), or name of a column, optional

    Raises
    ------
    DataError
        A column that is not there, is named twice, has no numbers, misses values, or is not as long as the others.
    """
    asked = {part: (said,) if isinstance(said, str) else tuple(said) for part, said in names.items() if said}
    _check_names(columns, asked, weights)
    first = next(iter(asked.values()))[0]
    size = len(as_column(columns[first], f"column {quoted(first)}"))
    numbers: dict[str, tuple[Array, ...]] = {}
    labels: dict[str, Labels] = {}
    for part, held in asked.items():
        if part in LABELLED:
            read_labels = [Labels.of(_labels(columns[name], name, size)) for name in held]
            labels[part] = reduce(Labels.crossed, read_labels)
            continue
        read = [one for name in held for one in _numbers(columns[name], name, part, size)]
        asked[part], numbers[part] = tuple(name for name, _ in read), tuple(column for _, column in read)
    weight = as_weights(columns[weights] if isinstance(weights, str) else weights, size)
    return Columns(numbers, labels, weight, asked, size, rows=size)


def _check_names(columns: NamedColumns, asked: Mapping[str, Sequence[str]], weights: Any) -> None:
    known = [str(name) for name in columns]
    numbers = [name for part, names in asked.items() if part not in LABELLED for name in names]
    labels = [name for part, names in asked.items() if part in LABELLED for name in names]
    for name in (*numbers, *labels, *([weights] if isinstance(weights, str) else [])):
        if name not in columns:
            raise DataError(f"there is no column {quoted(name)}", remedy=f"Columns: {listed(known)}.")
    for name in numbers:
        if numbers.count(name) > 1:
            raise DataError(f"column {quoted(name)} is named twice", remedy="Each column plays one part.")


def _numbers(values: Any, name: str, part: str, size: int) -> list[tuple[str, Array]]:
    """A column of numbers; of texts, where it is a covariate, the indicators of all but the first."""
    what = f"column {quoted(name)}"
    if part in COVARIATES and _are_texts(values):
        return coded(name, part, _texts(values, name, size))
    return [(name, as_column(values, what, size))]


def _are_texts(values: Any) -> bool:
    try:
        np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        return True
    return False


def _labels(values: Any, name: str, size: int) -> list[str]:
    return [label_text(text) for text in _texts(values, name, size)]


def _texts(values: Any, name: str, size: int) -> list[str]:
    texts: list[Text] = [text_of(value) for value in values]
    if len(texts) != size:
        raise DataError(
            f"column {quoted(name)} has {len(texts)} values for {size} units", remedy="Give one for each unit."
        )
    missing = sum(map(is_missing, texts))
    if missing:
        raise DataError(f"column {quoted(name)} misses {missing} values", remedy="Leave these units out.")
    return [text for text in texts if text is not None]


def as_column(values: Any, what: str, size: int | None = None) -> Array:
    """A column of finite numbers, as long as the others.

    Raises
    ------
    DataError
    """
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"the {what} is not a column of numbers", remedy="Give one number for each unit.") from None
    if column.ndim != 1 or not len(column):
        raise DataError(f"the {what} is not a column of numbers", remedy="Give one number for each unit.")
    if not np.isfinite(column).all():
        raise DataError(f"the {what} has missing or infinite values", remedy="Leave these units out.")
    if np.abs(column).max() > LARGEST_NUMBER:
        raise DataError(f"the {what} has values above {LARGEST_NUMBER:g}", remedy="Measure it in other units.")
    if size is not None and len(column) != size:
        raise DataError(f"the {what} has {len(column)} values for {size} units", remedy="Give one for each unit.")
    return column


def as_weights(values: Any, size: int) -> Array | None:
    """Positive weights, or None.

    Raises
    ------
    DataError
    """
    if values is None:
        return None
    column = as_column(values, "column of weights", size)
    if (column <= 0).any():
        raise DataError("a weight is zero or negative", remedy="Leave units without weight out.")
    return scaled_weights(column)


def scaled_weights(weights: Array) -> Array:
    """Weights that are one at most: only their ratios matter, and their squares must be numbers too.

    They are divided by a power of two, which rounds nothing.
    """
    return np.ldexp(weights, -int(np.frexp(weights.max(initial=0.0))[1]))
