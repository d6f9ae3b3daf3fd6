"""Types of covariance: which errors the regressions have, and what people call them."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from boundgen.data.columns import Labels
from boundgen.errors import DataError
from boundgen.exact.arrays import Array

CovType = Literal["unadjusted", "robust", "clustered"]
# As results print them and the command line takes them.
WORDS: dict[CovType, str] = {"unadjusted": "homoskedastic", "robust": "robust", "clustered": "cluster"}
# With fewer, clustered errors are too small.
FEW_CLUSTERS = 30


def cov_type_called(word: str | None) -> CovType | None:
    """The type of covariance that the command line calls so.

    >>> cov_type_called("homoskedastic"), cov_type_called(None)
    ('unadjusted', None)
    """
    return next((cov_type for cov_type, called in WORDS.items() if called == word), None)


def checked_cov_type(
    asked: CovType | None, clusters: Labels | None, weights: Array | None, plain: CovType = "robust"
) -> CovType:
    """The type of covariance that was asked for, or that goes with the data.

    Parameters
    ----------
    asked : {"unadjusted", "robust", "clustered"} or None
    clusters : Labels or None
    weights : array of shape (n,) or None
    plain : str
        What is taken where nothing is asked for and there are no clusters.

    Raises
    ------
    DataError
    """
    if asked is not None and asked not in get_args(CovType):
        raise DataError(f"'{asked}' is no kind of errors", remedy=f"Kinds: {', '.join(get_args(CovType))}.")
    if asked == "unadjusted" and weights is not None:
        raise DataError("weights make errors heteroskedastic", remedy="Ask for robust errors.")
    if clusters is not None and len(clusters.names) < 2:
        raise DataError("there is one cluster", remedy="Errors need several; leave the column of clusters out.")
    return asked or (plain if clusters is None else "clustered")


def cluster_sums(rows: Array, clusters: Labels | None) -> Array:
    """Rows summed within clusters; the rows themselves without clusters."""
    if clusters is None:
        return rows
    sums = np.zeros((len(clusters.names), *rows.shape[1:]))
    np.add.at(sums, clusters.codes, rows)
    return sums
