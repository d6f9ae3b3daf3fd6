"""Ratios of terms on a region as linear functions: the region scaled so that the denominator is one.

A. Charnes & W. W. Cooper (1962), Programming with linear fractional functionals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint, Maximum, Optimum
from boundgen.polyhedra.region import AffineFunction, Region, value_at

AT_ONCE = 3


@dataclass(frozen=True)
class Scaled:
    """A region on which terms stand for their ratios to a denominator.

    Parameters
    ----------
    region : Region
    scale : int or None
        The unknown by which all others are multiplied; None without a denominator.
    """

    region: Region
    scale: int | None = None

    def function(self, term: Term) -> AffineFunction:
        """A term, divided by the denominator where there is one."""
        coefficients, constant = self.region.function(term)
        if self.scale is None:
            return coefficients, constant
        return coefficients | ({self.scale: constant} if constant else {}), 0

    def largest(
        self, objective: AffineFunction, functions: Iterable[AffineFunction] = (), more: int = 0
    ) -> Optimum | None:
        """The largest value where more functions are not negative; None where there is no such point.

        Functions enter the program only when a point breaks them, so programs stay small.

        Parameters
        ----------
        objective, functions
            Of the region's unknowns and of further ones, which are numbered behind them.
        more : int
            Number of the further unknowns.

        Raises
        ------
        ArithmeticError
            Where there is no largest value.
        """
        coefficients, constant = objective
        program = Maximum(self.region.size + more, coefficients, self.region.constraints, self.region.nonnegative)
        waiting = list(functions)
        while True:
            try:
                best = program.solve()
            except ArithmeticError:
                if not waiting:
                    raise
                broken = waiting
            else:
                if best is None:
                    return None
                broken = _most_broken(waiting, best.point)
                if not broken:
                    return Optimum(best.value + constant, self.point(best.point[: self.region.size]))
            for function in broken:
                program.add(Constraint(*function))
            waiting = [function for function in waiting if function not in broken]

    def point(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """A point of the region before it was scaled."""
        if self.scale is None:
            return tuple(point)
        return tuple(value / point[self.scale] for value in point[: self.scale])


def _most_broken(functions: Sequence[AffineFunction], point: Sequence[Fraction]) -> list[AffineFunction]:
    """The functions that are most negative at a point."""
    values = [(value_at(function, point), k) for k, function in enumerate(functions)]
    return [functions[k] for value, k in sorted(values)[:AT_ONCE] if value < 0]


def scaled(region: Region, denominator: Term | None) -> Scaled:
    """The region, scaled so that the denominator is one where there is a denominator.

    The denominator is a probability, so it is bounded and the scale of a point is at least one: ratios that are
    bounded are attained.
    """
    if denominator is None:
        return Scaled(region)
    scale = region.size
    raised = tuple(
        Constraint({**constraint.coefficients, scale: constraint.constant}, 0, constraint.relation)
        for constraint in region.constraints
    )
    cone = replace(region, size=scale + 1, constraints=raised, nonnegative=(*region.nonnegative, scale))
    found = Scaled(cone, scale)
    coefficients, _ = found.function(denominator)
    return Scaled(cone.within([Constraint(coefficients, -1, "=")]), scale)
