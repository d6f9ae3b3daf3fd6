"""The values of an estimand that a test does not reject, from the least to the largest.

The statistic does not fall on the way outwards, but its degrees of freedom may rise there, and a value may be accepted
beyond one that is rejected. So the search begins outside, and parts its way as long as other inequalities are active
at one end of a part than at the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from boundgen.inference.conditional_test import Projection, chdtrc, ndtri
from boundgen.inference.inversion import Position, border

# Parts of the way that are no longer parted: 2 to minus this.
PARTED = 10
# Steps of the search for the value that fits best; each leaves 0.62 of the range.
# Secants, before halves are taken; in normal quantiles, what is close enough; and p-values that are none.
SECANTS, CLOSE, LEAST = 12, 1e-5, 1e-15
GOLDEN, STEPS = (5**0.5 - 1) / 2, 60

Tested = Callable[[Position], Projection]


@dataclass(frozen=True)
class AcceptedValues:
    """The outermost values that are not rejected, with what the test found there."""

    low: Position
    high: Position


@dataclass(frozen=True, eq=False)
class Search:
    """A test that is inverted.

    Parameters
    ----------
    tested : function of Position
    level : float
    dimension : int
        The most degrees of freedom that there may be.
    exact : tuple of Position
        Values at which an end may lie exactly: where bounds are known without error.
    """

    tested: Tested
    level: float
    dimension: int
    exact: tuple[Position, ...] = ()
    _known: dict[Position, Projection] = field(default_factory=dict, init=False)

    def at(self, position: Position) -> Projection:
        """What the test finds; each value is tested once."""
        if position not in self._known:
            self._known[position] = self.tested(position)
        return self._known[position]

    def outermost(self, inside: Position, outside: Position) -> Position | None:
        """The last value on the way outwards that is not rejected, to a given accuracy; None where all are."""
        found = self._outermost(inside, outside)
        near = (each for each in self.exact if found and each.is_near(found) and not self._rejected(each))
        return next(near, found)

    def _outermost(self, inside: Position, outside: Position) -> Position | None:
        if not self._rejected(outside):
            return outside
        if self._hopeless(inside):
            return None
        if self._hopeless(outside):
            outside = border(outside, inside, self._hopeless)
        return self._last(inside, outside, PARTED)

    def _last(self, inside: Position, outside: Position, depth: int) -> Position | None:
        if not self._rejected(outside):
            return outside
        alike = self.at(inside).active == self.at(outside).active and self.at(inside).statistic > 0
        if not depth or alike or inside.is_near(outside):
            return None if self._rejected(inside) else self._edge(inside, outside)
        middle = inside.middle(outside)
        found = self._last(middle, outside, depth - 1)
        return self._last(inside, middle, depth - 1) if found is None else found

    def _rejected(self, position: Position) -> bool:
        return self.at(position).rejected(self.level)

    def _hopeless(self, position: Position) -> bool:
        """Whether a value is rejected whatever is active there, and with it all beyond."""
        return float(chdtrc(max(self.dimension, 1), self.at(position).statistic)) < 1 - self.level

    def _edge(self, inside: Position, outside: Position) -> Position:
        """Where rejection begins: as `border`, by the method of false position (Illinois) on normal quantiles."""
        above, below, last = self._surplus(inside), self._surplus(outside), 0
        for turn in itertools.count():
            if inside.is_near(outside):
                break
            share = above / (above - below) if turn < SECANTS else 0.5
            middle = _part(inside, outside, share)
            value = self._surplus(middle)
            if -CLOSE < value < 0:
                return middle
            if value >= 0:
                inside, above, below = middle, value, below / 2 if last > 0 else below
            else:
                outside, below, above = middle, value, above / 2 if last < 0 else above
            last = 1 if value >= 0 else -1
        return outside

    def _surplus(self, position: Position) -> float:
        """Not negative where a value is accepted; where one inequality binds it is nearly linear in the value."""
        p_value = min(max(self.at(position).p_value, LEAST), 1 - LEAST)
        return float(ndtri(p_value) - ndtri(1 - self.level))

    def best(self, low: Position, high: Position) -> Position:
        """The value that fits best, by golden sections: the statistic first falls and then rises."""
        centre = low.middle(high)

        def misfit(position: Position) -> tuple[float, float]:
            return self.at(position).statistic, abs(float(position.v - centre.v))

        left, right = low, high
        one, other = _part(left, right, 1 - GOLDEN), _part(left, right, GOLDEN)
        for _ in range(STEPS):
            if not min(self.at(one).statistic, self.at(other).statistic):
                break
            if misfit(one) <= misfit(other):
                right, other = other, one
                one = _part(left, right, 1 - GOLDEN)
            else:
                left, one = one, other
                other = _part(left, right, GOLDEN)
        return min((one, other), key=misfit)

    def values(self, inside: Position, least: Position, most: Position) -> AcceptedValues | None:
        """From the least to the largest value that is not rejected; None where all are."""
        low, high = self.outermost(inside, least), self.outermost(inside, most)
        return None if low is None and high is None else AcceptedValues(low or inside, high or inside)


def _part(left: Position, right: Position, share: float) -> Position:
    v = Fraction(float(left.v) + share * float(right.v - left.v))
    return Position(1 - abs(v), v)
