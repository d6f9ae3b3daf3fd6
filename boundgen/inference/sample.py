"""What a sample says about the observed cells: estimates, their covariance, sizes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np
import numpy.typing as npt

from boundgen.exact.arrays import Array
from boundgen.inference.variation import Variation

# So many units more are thought to be where they would hurt: z squared of Agresti & Coull (1998).
UNSEEN = 3.841459


@dataclass(frozen=True, eq=False)
class ArmPrecision:
    """How precisely the shares of an arm are known.

    Parameters
    ----------
    name : str
    places : array of int
        Where the cells that it estimates stand among all cells.
    whole : bool
        Whether every unit of the arm is in one of these cells, by what was observed.
    units : int
    size : float
        So many independent units of equal weight would know the shares as well: that of Rao & Scott (1981).
    pieces : float
        Kish's number of independent units or clusters: the square of the sum of their weights by the sum of squares.
    freedom : float
        Of the variance: degrees of freedom; infinite where units are independent and weigh the same, for then the
        variance is known from the shares.
    count : int
        Units, or clusters.
    clustered : bool
        Whether pieces are clusters of several units.
    """

    name: str
    places: npt.NDArray[np.int64]
    whole: bool
    units: int
    size: float
    pieces: float
    freedom: float = inf
    count: int = 0
    clustered: bool = False

    @property
    def factor(self) -> float:
        """By how much a variance that is estimated from few pieces is too small."""
        return 1.0 if self.freedom == inf else self.pieces / (self.pieces - 1)


@dataclass(frozen=True, eq=False)
class Sample:
    """Estimated cells.

    Parameters
    ----------
    cells : tuple of str
        Canonical names.
    probabilities : array of shape (cells,)
    covariance : array of shape (cells, cells)
        Of the estimated probabilities, from what each unit (or cluster) does to them: divided by sample sizes.
    arms : tuple of (str, int)
        Each arm and how many units are in it.
    variation : Variation
        The same exactly: shares, and what units do to them.
    n : int
        Units; one that is in several arms counts once.
    precision : tuple of ArmPrecision
        For each arm that estimates cells.
    """

    cells: tuple[str, ...]
    probabilities: Array
    covariance: Array
    arms: tuple[tuple[str, int], ...]
    variation: Variation
    n: int
    precision: tuple[ArmPrecision, ...]

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each cell stands."""
        return {cell: i for i, cell in enumerate(self.cells)}

    @cached_property
    def corrected(self) -> Array:
        """The covariance, larger where it is estimated from few clusters or from few large weights."""
        scale = np.ones(len(self.cells))
        for arm in self.precision:
            scale[arm.places] = np.sqrt(arm.factor)
        return np.asarray(self.covariance * np.outer(scale, scale))

    @cached_property
    def smoothed(self) -> Array:
        """The same with some units more in each arm, spread evenly over its cells: for correlations.

        Cells without units have no covariance, and still a term that rests on them varies in some direction.
        """
        found = self.corrected.copy()
        for arm in self.precision:
            share = 1 / (len(arm.places) + (not arm.whole))
            even = np.diag(np.full(len(arm.places), share)) - share**2
            found[np.ix_(arm.places, arm.places)] += UNSEEN * even / (arm.size + UNSEEN) ** 2
        return found
