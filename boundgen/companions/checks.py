"""What several methods ask of their columns, and how they refuse what they cannot use."""

from __future__ import annotations

import numpy as np

from boundgen.errors import DataError
from boundgen.exact.arrays import Array

SHOWN_VALUES = 6


def check_binary(column: Array, part: str, what: str) -> None:
    """Refuse a column that is not 0 and 1, and one that does not vary."""
    values = np.unique(column)
    if set(values.tolist()) == {0.0, 1.0}:
        return
    if set(values.tolist()) < {0.0, 1.0}:
        raise DataError(
            f"the {what} is {values[0]:g} in every unit", remedy=f"Both values are needed: the {what} must vary."
        )
    shown = ", ".join(f"{value:g}" for value in values[:SHOWN_VALUES]) + (", ..." if len(values) > SHOWN_VALUES else "")
    several = ", or leave rows out, --where COLUMN!=VALUE" if len(values) > 2 else ""
    raise DataError(
        f"the {what} has {len(values)} values ({shown}), where 0 and 1 are needed",
        remedy=f"Cut it, --dichotomize '{part}>NUMBER', {part}=median or {part}=VALUE{several}.",
    )


def check_varies(column: Array, what: str) -> None:
    """Refuse a constant column."""
    if np.ptp(column) == 0:
        raise DataError(f"the {what} is {column[0]:g} in every unit", remedy="Nothing can be estimated from it.")
