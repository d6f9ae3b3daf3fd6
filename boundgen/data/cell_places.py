"""Where a joint value falls among the cells of an arm; of a bounded outcome in two of them, in parts."""

from __future__ import annotations

from fractions import Fraction

from boundgen.data.joint import Mixture
from boundgen.strata.cells import Arm, Assignment


class CellPlaces:
    """The cells of one arm by their events.

    Y = LO + (HI - LO) B: a unit whose outcome is the share b of the way from LO to HI counts b in the cell of B = 1
    and 1 - b in that of B = 0, so that shares of cells are those of a stand-in with the same means.
    """

    def __init__(self, arm: Arm) -> None:
        self._numbers = {cell.event: number for number, cell in enumerate(arm.cells)}
        self._mean = arm.means[0] if arm.means else None

    def place(self, event: Assignment) -> int | Mixture:
        """The number of the cell, or two with how much of a unit is in each."""
        number = self._numbers.get(event)
        if number is not None:
            return number
        low, high = (self._numbers[self._at(event, end)] for end in (0, 1))
        share = self._share(event)
        return (low, 1 - share), (high, share)

    def _at(self, event: Assignment, end: int) -> Assignment:
        assert self._mean, "only a bounded outcome has a value between those of its cells"
        value = (self._mean.low, self._mean.high)[end]
        return tuple((name, value if name == self._mean.outcome else own) for name, own in event)

    def _share(self, event: Assignment) -> Fraction:
        assert self._mean
        value = dict(event)[self._mean.outcome]
        assert not isinstance(value, str)
        return (value - self._mean.low) / (self._mean.high - self._mean.low)


def parts(place: int | Mixture) -> Mixture:
    """A place as cells with parts of a unit."""
    return ((place, Fraction(1)),) if isinstance(place, int) else place
