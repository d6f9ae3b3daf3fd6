"""What a sample says about the observed cells: estimates, their covariance, sizes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from boundgen.exact.arrays import Array
from boundgen.inference.variation import Variation


@dataclass(frozen=True, eq=False)
class Sample:
    """Estimated cells.

    Parameters
    ----------
    cells : tuple of str
        Canonical names.
    probabilities : array of shape (cells,)
    covariance : array of shape (cells, cells)
        Of the estimated probabilities: already divided by sample sizes.
    arms : tuple of (str, int)
        Each arm and how many units are in it.
    variation : Variation
        The same exactly: shares, and what units do to them.
    """

    cells: tuple[str, ...]
    probabilities: Array
    covariance: Array
    arms: tuple[tuple[str, int], ...]
    variation: Variation

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each cell stands."""
        return {cell: i for i, cell in enumerate(self.cells)}

    @property
    def n(self) -> int:
        """Units in all arms."""
        return sum(size for _, size in self.arms)
