"""Equations with instruments, and what their columns span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from boundgen.errors import DataError
from boundgen.exact.arrays import Array

CONSTANT = "constant"
# A column is a combination of others if less than this share of its length is its own.
MIN_OWN_SHARE = 1e-9
# The dense matrices of a fit hold at most this many numbers (400 MB).
MOST_NUMBERS = 50_000_000


@dataclass(frozen=True, eq=False)
class Design:
    """An equation with its instruments, rows already multiplied by the square roots of weights.

    Parameters
    ----------
    outcome : array of shape (n,)
    exogenous, endogenous, instruments : arrays of shape (n, ·)
        Regressors that are their own instruments (with the constant), mediators, and excluded instruments.
    names : tuple of str
        Of the columns of the three matrices, in that order.
    absorbed : int
        How many further exogenous regressors (sites) all columns have been freed of before.
    """

    outcome: Array
    exogenous: Array
    endogenous: Array
    instruments: Array
    names: tuple[str, ...]
    absorbed: int = 0

    @property
    def regressors(self) -> Array:
        """The exogenous regressors, then the mediators."""
        return np.column_stack([self.exogenous, self.endogenous])

    @property
    def every_instrument(self) -> Array:
        """The excluded instruments and the exogenous regressors."""
        return np.column_stack([self.exogenous, self.instruments])

    @property
    def df_resid(self) -> int:
        """Rows less regressors."""
        return len(self.outcome) - self.absorbed - int(self.exogenous.shape[1] + self.endogenous.shape[1])

    @property
    def df_first_stage(self) -> int:
        """Rows less the regressors of the first stage."""
        return len(self.outcome) - self.absorbed - int(self.exogenous.shape[1] + self.instruments.shape[1])

    def place(self, name: str) -> int:
        """Where a regressor stands among `regressors`."""
        return self.regressor_names.index(name)

    @property
    def regressor_names(self) -> tuple[str, ...]:
        """Of the exogenous regressors, then of the mediators."""
        return self.names[: self.exogenous.shape[1] + self.endogenous.shape[1]]


def regression(outcome: Array, regressors: Array, absorbed: int = 0) -> Design:
    """An equation without instruments."""
    none = np.empty((len(outcome), 0))
    return Design(outcome, regressors, none, none, (), absorbed)


def sizes(matrix: Array) -> Array:
    """The length of each column."""
    return np.asarray(np.linalg.norm(matrix, axis=0))


def projection(onto: Array, columns: Array) -> Array:
    """Columns projected on the span of others."""
    q, _ = np.linalg.qr(onto / np.where(sizes(onto) > 0, sizes(onto), 1))
    found: Array = q @ (q.T @ columns)
    return found


def rest(onto: Array, columns: Array) -> Array:
    """What a projection leaves."""
    if not onto.shape[1] or not columns.shape[1]:
        return columns
    once = columns - projection(onto, columns)
    # Once more: what rounding left of the span.
    return once - projection(onto, once)


def check_independent(design: Design) -> None:
    """Refuse columns that are combinations of others.

    Raises
    ------
    DataError
        Which column, and of which others.
    """
    everything = np.column_stack([design.exogenous, design.endogenous, design.instruments])
    if everything.size > MOST_NUMBERS:
        raise DataError(
            f"{everything.shape[0]} units with {everything.shape[1]} columns (sites, covariates, instruments)",
            remedy=f"At most {MOST_NUMBERS} numbers are held.",
        )
    first, second = design.exogenous.shape[1], design.endogenous.shape[1]
    _check(design.every_instrument, [*design.names[:first], *design.names[first + second :]], design.absorbed)
    _check(design.regressors, design.names[: first + second], design.absorbed)
    place, scaled = _dependent(np.column_stack([design.regressors, design.outcome]))
    if place is not None:
        raise DataError(
            f"the outcome is a linear combination of {_of(scaled, place, design.names)}, without any rest",
            remedy="Nothing is left to estimate errors from. Is the same column under two names?",
        )


def _check(matrix: Array, names: Sequence[str], absorbed: int) -> None:
    if len(matrix) <= matrix.shape[1] + absorbed:
        raise DataError(
            f"{len(matrix)} units are too few for {matrix.shape[1] + absorbed} regressors and instruments",
            remedy="Take fewer covariates, or more units.",
        )
    place, scaled = _dependent(matrix)
    if place is not None:
        raise DataError(
            f"'{names[place]}' is a linear combination of {_of(scaled, place, names)}: perfect collinearity",
            remedy="Leave it out.",
        )


def _dependent(matrix: Array) -> tuple[int | None, Array]:
    """The first column that is a combination of those before it; and the columns, of length one."""
    scaled = matrix / np.where(sizes(matrix) > 0, sizes(matrix), 1)
    own = np.abs(np.diag(np.linalg.qr(scaled, mode="r"))) < MIN_OWN_SHARE
    return (int(np.argmax(own)) if own.any() else None), scaled


def _of(scaled: Array, place: int, names: Sequence[str]) -> str:
    """Which columns a column is a combination of."""
    multiples = np.linalg.lstsq(scaled[:, :place], scaled[:, place], rcond=None)[0]
    used = [f"'{names[j]}'" for j in range(place) if abs(multiples[j]) > 1e-6 and names[j] != CONSTANT]
    return " and ".join([", ".join(used[:-1]), used[-1]] if len(used) > 1 else used or ["nothing: it is zero"])
