"""Terms as integer functions on a region, and exact proofs about them.

Points are integers over one positive denominator, and functions share one positive scale, so that
comparing values is integer arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import lcm

from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint, Maximum
from boundgen.polyhedra.region import Region

IntegerFunction = tuple[dict[int, int], int]
RationalPoint = tuple[tuple[int, ...], int]
AT_ONCE = 3


class AffineFunctions:
    """The terms as functions of a region's unknowns.

    Parameters
    ----------
    region : Region
    terms : sequence of Term
    """

    def __init__(self, region: Region, terms: Sequence[Term]) -> None:
        rational = [region.function(term) for term in terms]
        scale = lcm(*(c.denominator for f, constant in rational for c in (*f.values(), constant)))
        self.region = region
        self.functions: list[IntegerFunction] = [
            ({i: int(c * scale) for i, c in f.items()}, int(constant * scale)) for f, constant in rational
        ]

    def values(self, point: RationalPoint, which: Collection[int]) -> dict[int, int]:
        """The values at a point, all times the same positive number."""
        numerators, denominator = point
        return {k: _value(self.functions[k], numerators, denominator) for k in which}

    def strictly_active(self, k: int, others: Collection[int]) -> tuple[bool, list[RationalPoint]]:
        """Whether function k is strictly above all others somewhere, and the points met on the way.

        Others enter the program only when a point breaks them, so programs stay small. The answer no is a
        proof: even against those that entered there is no such point.
        """
        program = self._program()
        return self._search(program, others, self.functions[k])

    def violated_alone(self, k: int, others: Collection[int]) -> tuple[bool, list[RationalPoint]]:
        """Whether function k is negative somewhere while no other is, and the points met on the way."""
        coefficients, constant = self.functions[k]
        program = self._program()
        program.add(Constraint({i: -c for i, c in coefficients.items()} | {self.region.size: -1}, -constant))
        return self._search(program, others, None)

    def is_negative_somewhere(self, k: int) -> bool:
        """Whether function k is negative somewhere in the region."""
        product = self.region.product
        if product is None:
            return self.violated_alone(k, [])[0]
        least = product.least(*self.functions[k])
        return least is None or least < 0

    def _program(self) -> Maximum:
        """Maximise a margin of at most one over the region."""
        size = self.region.size
        program = Maximum(size + 1, {size: 1}, self.region.constraints, self.region.nonnegative)
        program.add(Constraint({size: -1}, 1))
        return program

    def _search(
        self, program: Maximum, others: Collection[int], leading: IntegerFunction | None
    ) -> tuple[bool, list[RationalPoint]]:
        """Maximise the margin, by which a function is to lead all others; without one others are to be ``>= 0``."""
        size = self.region.size
        waiting = list(others)
        points: list[RationalPoint] = []
        while True:
            best = program.solve()
            if best is None or best.value <= 0:
                return False, points
            denominator = lcm(*(x.denominator for x in best.point))
            numerators = tuple(int(x * denominator) for x in best.point[:size])
            points.append((numerators, denominator))
            values = {other: _value(self.functions[other], numerators, denominator) for other in waiting}
            if leading is not None:
                top = _value(leading, numerators, denominator)
                values = {other: top - value for other, value in values.items()}
            broken = [other for other, value in values.items() if value < 0 or (leading and value == 0)]
            if not broken:
                return True, points
            for other in sorted(broken, key=lambda other: values[other])[:AT_ONCE]:
                waiting.remove(other)
                if leading is None:
                    program.add(Constraint(*self.functions[other]))
                else:
                    coefficients, constant = _difference(leading, self.functions[other])
                    program.add(Constraint(coefficients | {size: -1}, constant))


def _value(function: IntegerFunction, numerators: Sequence[int], denominator: int) -> int:
    coefficients, constant = function
    return constant * denominator + sum([c * numerators[i] for i, c in coefficients.items()])


def _difference(one: IntegerFunction, other: IntegerFunction) -> IntegerFunction:
    found = dict(one[0])
    for i, c in other[0].items():
        found[i] = found.get(i, 0) - c
    return {i: c for i, c in found.items() if c}, one[1] - other[1]
