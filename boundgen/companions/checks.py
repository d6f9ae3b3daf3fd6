"""What several methods ask of their columns, and how they refuse what they cannot use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from boundgen.companions.columns import Array, scaled_weights
from boundgen.errors import DataError

SHOWN = 6
# Squares and their sums must stay finite.
LARGEST = 1e100


def as_column(values: Sequence[float] | Array, what: str, like: Array | None = None) -> Array:
    """A column of finite numbers, as long as another.

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
    if np.abs(column).max() > LARGEST:
        raise DataError(f"the {what} has values above {LARGEST:g}", remedy="Measure it in other units.")
    if like is not None and len(column) != len(like):
        raise DataError(f"the {what} has {len(column)} values for {len(like)} units", remedy="Give one for each unit.")
    return column


def as_weights(values: Sequence[float] | Array | None, like: Array) -> Array | None:
    """Positive weights, or None."""
    if values is None:
        return None
    column = as_column(values, "column of weights", like)
    if (column <= 0).any():
        raise DataError("a weight is zero or negative", remedy="Leave units without weight out.")
    return scaled_weights(column)


def check_binary(column: Array, part: str, what: str) -> None:
    """Refuse a column that is not 0 and 1, and one that does not vary."""
    values = np.unique(column)
    if set(values.tolist()) == {0.0, 1.0}:
        return
    if set(values.tolist()) < {0.0, 1.0}:
        raise DataError(
            f"the {what} is {values[0]:g} in every unit", remedy=f"Both values are needed: the {what} must vary."
        )
    shown = ", ".join(f"{value:g}" for value in values[:SHOWN]) + (", ..." if len(values) > SHOWN else "")
    several = ", or leave rows out, --where COLUMN!=VALUE" if len(values) > 2 else ""
    raise DataError(
        f"the {what} has {len(values)} values ({shown}), where 0 and 1 are needed",
        remedy=f"Cut it, --dichotomize '{part}>NUMBER', {part}=median or {part}=VALUE{several}.",
    )


def check_varies(column: Array, what: str) -> None:
    """Refuse a constant column."""
    if np.ptp(column) == 0:
        raise DataError(f"the {what} is {column[0]:g} in every unit", remedy="Nothing can be estimated from it.")
