"""Distributions that show something: a population of few strata, its data, and the bounds there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.faces import face
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region, model_region
from boundgen.polyhedra.weighted_optimum import Ends
from boundgen.polyhedra.witnesses import smallest_population
from boundgen.program.linear_program import LinearProgram
from boundgen.strata.stratum import Stratum

MOST_OPTIONS = 8


@dataclass(frozen=True)
class Distribution:
    """A population and its data; numbers are exact.

    Parameters
    ----------
    strata : tuple of (Stratum, Fraction)
    cells, parameters : tuple of (name, Fraction)
        Cells that are zero are left out.
    """

    strata: tuple[tuple[Stratum, Fraction], ...]
    cells: tuple[tuple[str, Fraction], ...]
    parameters: tuple[tuple[str, Fraction], ...]

    @property
    def values(self) -> dict[str, Fraction]:
        """Every name that is not zero."""
        return dict((*self.cells, *self.parameters))

    def bounds(self, bounds: Bounds | PiecewiseBounds) -> Ends:
        """The lower and upper bound at these data; randomization, which is no part of them, is even."""
        wanted = {parameter.name for parameter in bounds.parameters}
        even = {cell.name: Fraction(1, len(arm.cells)) for arm in bounds.arms if arm.law for cell in arm.cells}
        return bounds.evaluate({**even, **dict(self.cells)}, {k: v for k, v in self.parameters if k in wanted})


@dataclass(frozen=True)
class Populations:
    """The populations that a program allows.

    Parameters
    ----------
    program : LinearProgram
    parameters : sequence of Parameter
    region : Region
        Of the program's strata and the parameters.
    """

    program: LinearProgram
    parameters: tuple[Parameter, ...]
    region: Region

    def smallest(self, options: Iterable[Sequence[Term]], also: Sequence[Constraint] = ()) -> Distribution | None:
        """A smallest one where, for one of the options, all its terms are positive; None where there is none.

        It is the smallest for the first few options that have one; a single stratum ends the search.
        """
        region, columns = self.region.within(also), len(self.program.columns)
        middle = face(region) if also else None
        possible = [j for j in range(columns) if j not in middle.zero] if middle else None
        found: list[Distribution] = []
        for demands in options:
            population = smallest_population(region, columns, demands, possible)
            if population:
                found.append(self._told((*population.strata, *population.parameters)))
            if len(found) == MOST_OPTIONS or (found and len(found[-1].strata) == 1):
                break
        return min(found, key=_size, default=None)

    def _told(self, point: Sequence[Fraction]) -> Distribution:
        at = self.region.values(point)
        names = [parameter.name for parameter in self.parameters]
        return Distribution(
            tuple((column.stratum, w) for column, w in zip(self.program.columns, point, strict=False) if w),
            tuple((name, value) for name, value in at.items() if name not in names and value),
            tuple((name, at[name]) for name in names),
        )


def populations(program: LinearProgram, parameters: Sequence[Parameter]) -> Populations:
    """The populations of a program, with parameters that need not be its own."""
    return Populations(program, tuple(parameters), model_region(program, parameters))


def _size(distribution: Distribution) -> tuple[int, int]:
    return len(distribution.strata), max(weight.denominator for _, weight in distribution.strata)
