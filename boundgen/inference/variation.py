"""Exactly: the estimated cells of a sample, and functions of them with their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Gradient = Mapping[int, Fraction]


@dataclass(frozen=True)
class ExactEstimate:
    """A function of the estimated cells: its value, and its derivatives by place of the cell."""

    value: Fraction
    gradient: Gradient

    def __sub__(self, other: ExactEstimate) -> ExactEstimate:
        return combined([(Fraction(1), self), (Fraction(-1), other)])


def combined(parts: Iterable[tuple[Fraction, ExactEstimate]]) -> ExactEstimate:
    """The sum of multiples."""
    value, gradient = Fraction(0), dict[int, Fraction]()
    for factor, each in parts:
        value += factor * each.value
        for place, slope in each.gradient.items():
            gradient[place] = gradient.get(place, Fraction(0)) + factor * slope
    return ExactEstimate(value, gradient)


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
