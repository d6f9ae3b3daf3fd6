"""Student's t for variances that are estimated from few units or clusters."""

from __future__ import annotations

import numpy as np

from boundgen.exact.arrays import Array
from boundgen.work.libraries import scipy_function

ndtri, stdtrit = (scipy_function("special", name) for name in ("ndtri", "stdtrit"))
TAIL = 0.975


def student_ratio(freedom: Array) -> Array:
    """Student's quantile at 0.975 by the normal one.

    Returns
    -------
    array
        Of the shape of the degrees of freedom; one where these are infinite.
    """
    known = np.isinf(freedom)
    return np.where(known, 1.0, stdtrit(np.where(known, 1.0, np.maximum(freedom, 1.0)), TAIL) / ndtri(TAIL))
