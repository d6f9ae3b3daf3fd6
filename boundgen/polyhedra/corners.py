"""Regions whose unknowns part into simplices and intervals, such as all distributions of arms that share no cell.

On a product of these a linear function is least where it is least on each: at a corner, without a linear program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.exact.rational import Number
from boundgen.polyhedra.optimum import Constraint


@dataclass(frozen=True)
class SimplexProduct:
    """A product of simplices and intervals.

    Parameters
    ----------
    simplices : tuple of (unknowns, whole)
        Unknowns that are not negative and sum to one, or, where they are not the whole, to at most one.
    intervals : tuple of (unknown, low, high)
        None where there is no end.
    """

    simplices: tuple[tuple[tuple[int, ...], bool], ...]
    intervals: tuple[tuple[int, Number | None, Number | None], ...]

    def least(self, coefficients: Mapping[int, Number], constant: Number) -> Number | None:
        """The least value of a linear function; None where it has none.

        Returns
        -------
        number or None

        Examples
        --------
        >>> SimplexProduct((((0, 1), True), ((2,), False)), ((3, 0, None),)).least({0: 2, 1: 5, 2: -1, 3: 1}, 4)
        5
        """
        least = constant
        for unknowns, whole in self.simplices:
            lowest = min([coefficients.get(i, 0) for i in unknowns])
            if whole or lowest < 0:
                least += lowest
        for i, low, high in self.intervals:
            slope = coefficients.get(i, 0)
            end = low if slope > 0 else high
            if slope and end is None:
                return None
            least += slope * end if slope and end is not None else 0
        return least


def as_simplex_product(
    size: int, constraints: Sequence[Constraint], nonnegative: Sequence[int]
) -> SimplexProduct | None:
    """A region as a product of simplices and intervals; None where it is written otherwise, or may be empty."""
    simplices: list[tuple[tuple[int, ...], bool]] = []
    ends: dict[int, tuple[Number | None, Number | None]] = {}
    cells, used = set(nonnegative), set[int]()
    for constraint in constraints:
        unknowns = tuple(constraint.coefficients)
        if cells.issuperset(unknowns) and constraint.constant == 1 and set(constraint.coefficients.values()) == {-1}:
            if not used.isdisjoint(unknowns):
                return None
            used.update(unknowns)
            simplices.append((unknowns, constraint.relation == "="))
        elif len(unknowns) == 1 and unknowns[0] not in cells and constraint.relation == ">=":
            ends[unknowns[0]] = _nearer(ends.get(unknowns[0], (None, None)), constraint)
        else:
            return None
    intervals = tuple((i, *ends.get(i, (None, None))) for i in range(size) if i not in cells)
    if used != cells or any(low is not None and high is not None and low > high for _, low, high in intervals):
        return None
    return SimplexProduct(tuple(simplices), intervals)


def _nearer(ends: tuple[Number | None, Number | None], constraint: Constraint) -> tuple[Number | None, Number | None]:
    """The ends of an interval with one more constraint ``slope * x + constant >= 0``."""
    (slope,) = constraint.coefficients.values()
    low, high = ends
    end = -constraint.constant * (1 / Fraction(slope))
    if slope > 0:
        return end if low is None else max(low, end), high
    return low, end if high is None else min(high, end)
