"""When a bound is at least l: the lines ``numerator - l * divisor`` of which one is then not negative.

Of a ratio they are the edges of its dual polyhedron, each between its two ends; of a sum of maxima, all sums of one
option for each summand, each times what it is divided by. They are linear in l, and nothing is divided, so that what
the bound is divided by may be near zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from boundgen.inference.variation import ExactEstimate

# A value of the estimand; infinities are floats.
Level = Fraction | float
Chambers = tuple[tuple["BoundLine", ...], ...]


@dataclass(frozen=True, eq=False)
class BoundLine:
    """``numerator - l * divisor``, which is not negative only where the bound is at least l.

    Parameters
    ----------
    numerator, divisor : ExactEstimate
    low, high : Fraction or infinity
        Between these values of l; elsewhere the line says nothing.
    """

    numerator: ExactEstimate
    divisor: ExactEstimate
    low: Level = -inf
    high: Level = inf

    @property
    def fixed(self) -> tuple[Fraction, ...]:
        """Where the line is zero, if that is known."""
        moved = any(_moves(part) for part in (self.numerator, self.divisor))
        return () if moved or self.divisor.value <= 0 else (self.numerator.value / self.divisor.value,)

    @property
    def scale(self) -> Fraction:
        """What the line is divided by, so that it is in units of the estimand and its own units do not matter."""
        return abs(self.divisor.value) or abs(self.numerator.value) or Fraction(1)

    @property
    def order(self) -> tuple[float, ...]:
        """A place among other lines that does not depend on its units either."""
        return (
            float(self.low),
            float(self.high),
            float(self.numerator.value / self.scale),
            float(self.divisor.value > 0),
        )


@dataclass(frozen=True, eq=False)
class SideLines:
    """The lines of one side, as a lower bound: of the upper side those of minus the estimand.

    Parameters
    ----------
    chambers : tuple of tuple of BoundLine
        For each chamber in which the data may lie, its lines: the bound is at least l where one of the right chamber's
        is not negative, and only there.
    least, most : Fraction or infinity
        Between them the estimand lies, whatever the data are.
    """

    chambers: Chambers
    least: Level = -inf
    most: Level = inf

    @property
    def levels(self) -> list[Level]:
        """Where lines begin or end, where one is zero that nothing moves, and the ends of the range."""
        ends = {end for lines in self.chambers for line in lines for end in (line.low, line.high, *line.fixed)}
        return sorted({self.least, self.most, *(end for end in ends if self.least < end < self.most)})


def distinct_lines(lines: Iterable[BoundLine]) -> Iterator[BoundLine]:
    """Lines that are the same at this sample and in its neighbourhood, once: what is between them is valid too."""
    found: dict[object, BoundLine] = {}
    for line in lines:
        key = tuple(
            (e.value, *(frozenset((p, s) for p, s in part.items() if s) for part in (e.gradient, e.curvature or {})))
            for e in (line.numerator, line.divisor)
        )
        old = found.get(key, line)
        found[key] = BoundLine(line.numerator, line.divisor, min(old.low, line.low), max(old.high, line.high))
    yield from sorted(found.values(), key=lambda line: line.order)


def _moves(part: ExactEstimate) -> bool:
    return any(part.gradient.values()) or any((part.curvature or {}).values())
