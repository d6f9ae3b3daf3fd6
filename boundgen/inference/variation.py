"""Exactly: the estimated cells of a sample, and functions of them with their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Gradient = Mapping[int, Fraction]
Curvature = Mapping[tuple[int, int], Fraction]


@dataclass(frozen=True)
class ExactEstimate:
    """A function of the estimated cells: its value, and its derivatives by place of the cell.

    Second derivatives are there only of products whose factors may both be near zero; None where they are not followed.
    """

    value: Fraction
    gradient: Gradient
    curvature: Curvature | None = None

    def __sub__(self, other: ExactEstimate) -> ExactEstimate:
        return combined([(Fraction(1), self), (Fraction(-1), other)])


def combined(parts: Iterable[tuple[Fraction, ExactEstimate]]) -> ExactEstimate:
    """The sum of multiples."""
    value, gradient = Fraction(0), dict[int, Fraction]()
    curvature: dict[tuple[int, int], Fraction] | None = None
    for factor, each in parts:
        value += factor * each.value
        for place, slope in each.gradient.items():
            gradient[place] = gradient.get(place, Fraction(0)) + factor * slope
        if each.curvature is not None:
            curvature = {} if curvature is None else curvature
            for places, bend in each.curvature.items():
                curvature[places] = curvature.get(places, Fraction(0)) + factor * bend
    return ExactEstimate(value, gradient, curvature)


ExactEstimates = Callable[[int], ExactEstimate]


@dataclass(frozen=True, eq=False)
class Variation:
    """What units say of the cells exactly.

    Parameters
    ----------
    shares : tuple of Fraction
        The estimated cells.
    """

    shares: tuple[Fraction, ...]
