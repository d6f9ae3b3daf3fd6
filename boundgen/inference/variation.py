"""Exactly: the estimated cells of a sample, and by how much its units move them.

Whether an estimate varies is decided here, in rational numbers. It does not vary where no unit (with clusters: no
cluster) moves it, and the sum of floats that would say so is not zero but rounding, of which the square root is large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ldexp, sqrt

from boundgen.data.joint import Pattern
from boundgen.data.tally import Weight

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
class SampledArm:
    """An arm of which units move cells.

    Parameters
    ----------
    places : tuple of (int or None)
        Where its cells stand among all cells; None for a cell that another arm estimates.
    total : Fraction
        The sum of weights, those of units in none of the cells included.
    """

    places: tuple[int | None, ...]
    total: Fraction

    def mean(self, gradient: Gradient, shares: Sequence[Fraction]) -> Fraction:
        """The mean of the derivatives over the arm's units."""
        placed = (place for place in self.places if place in gradient)
        return sum((gradient[place] * shares[place] for place in placed if place is not None), Fraction(0))

    def derivative(self, gradient: Gradient, cell: int | None) -> Fraction:
        place = None if cell is None else self.places[cell]
        return Fraction(0) if place is None else gradient.get(place, Fraction(0))


@dataclass(frozen=True, eq=False)
class UnitVariation:
    """Units that are alike: the arms they are in, with their cell there, and the sum of their squared weights."""

    pattern: Pattern
    squares: Fraction


@dataclass(frozen=True, eq=False)
class SourceUnits:
    """The units of one source.

    Parameters
    ----------
    kinds : tuple of UnitVariation
    clusters : tuple of mapping of str to number, or None
        For each kind the weight of each cluster; None where every unit is one by itself.
    """

    kinds: tuple[UnitVariation, ...]
    clusters: tuple[Mapping[str, Weight], ...] | None = None


@dataclass(frozen=True, eq=False)
class Variation:
    """What units do to the estimated cells.

    Parameters
    ----------
    shares : tuple of Fraction
        The estimated cells.
    arms : tuple of SampledArm
    sources : tuple of SourceUnits
    """

    shares: tuple[Fraction, ...]
    arms: tuple[SampledArm, ...]
    sources: tuple[SourceUnits, ...]

    def variance(self, gradient: Gradient) -> Fraction:
        """The variance of the function of the cells with these derivatives; zero where it does not vary."""
        means = [arm.mean(gradient, self.shares) for arm in self.arms]
        return sum((self._variance(source, gradient, means) for source in self.sources), Fraction(0))

    def standard_error(self, gradient: Gradient) -> float:
        """The root of the variance, positive wherever that is, however small."""
        variance = self.variance(gradient)
        # Floats may not hold the variance where they hold its root.
        half = _bits(variance) // 2
        return ldexp(sqrt(variance / Fraction(4) ** half), half) if variance else 0.0

    def centred(self, gradient: Gradient) -> dict[int, Fraction]:
        """Derivatives of a function that moves alike, without what cancels within arms.

        In an arm of which all units are in its cells a constant moves nothing, and nothing moves a cell without units.
        """
        found = {place: slope for place, slope in gradient.items() if self.shares[place]}
        for arm in self.arms:
            places = [place for place in arm.places if place is not None and self.shares[place]]
            if sum((self.shares[place] for place in places), Fraction(0)) == 1:
                mean = arm.mean(gradient, self.shares)
                found |= {place: gradient.get(place, Fraction(0)) - mean for place in places}
        return found

    def _variance(self, source: SourceUnits, gradient: Gradient, means: Sequence[Fraction]) -> Fraction:
        moves = [self._move(kind, gradient, means) for kind in source.kinds]
        if source.clusters is None:
            squares = (move**2 * kind.squares for move, kind in zip(moves, source.kinds, strict=True) if move)
            return sum(squares, Fraction(0))
        return sum((total**2 for total in _by_cluster(moves, source.clusters)), Fraction(0))

    def _move(self, kind: UnitVariation, gradient: Gradient, means: Sequence[Fraction]) -> Fraction:
        """By how much a unit of weight one moves the function."""
        parts = (
            (self.arms[arm].derivative(gradient, cell) - means[arm]) / self.arms[arm].total
            for arm, cell in kind.pattern
        )
        return sum(parts, Fraction(0))


def _by_cluster(moves: Sequence[Fraction], clusters: Sequence[Mapping[str, Weight]]) -> Iterable[Fraction]:
    sums: dict[str, Fraction] = {}
    for move, weights in zip(moves, clusters, strict=True):
        for name, weight in weights.items() if move else ():
            sums[name] = sums.get(name, Fraction(0)) + move * Fraction(weight)
    return sums.values()


def _bits(number: Fraction) -> int:
    return number.numerator.bit_length() - number.denominator.bit_length()
