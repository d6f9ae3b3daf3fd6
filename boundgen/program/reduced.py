"""All reductions in order, and the way back to the strata of the whole program."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from boundgen.exact.terms import Term
from boundgen.program.dependence import drop_dependent_rows
from boundgen.program.dominance import remove_dominated
from boundgen.program.linear_program import LinearProgram, Reduction, lifted
from boundgen.program.merging import merge
from boundgen.program.zeros import remove_zeros, with_forcing_rows

PASSES = (merge, remove_zeros, remove_dominated, drop_dependent_rows)


@dataclass(frozen=True)
class ReducedProgram:
    """A program, what each pass made of it, and the last program.

    Parameters
    ----------
    original : LinearProgram
    passes : tuple of Reduction
    """

    original: LinearProgram
    passes: tuple[Reduction, ...]

    @property
    def program(self) -> LinearProgram:
        return self.passes[-1].program

    @property
    def complete(self) -> LinearProgram:
        """The program before dependent rows were dropped: every demand on the strata is in it."""
        return self.passes[-2].program

    @property
    def columns(self) -> tuple[int, ...]:
        """Which column of the original program each column of the last one is."""
        kept = tuple(range(len(self.original.columns)))
        for reduction in self.passes:
            kept = tuple(kept[j] for j in reduction.columns)
        return kept

    @property
    def equalities(self) -> tuple[Term, ...]:
        """What dropped rows demand of the data, each to be zero."""
        return tuple(equality for reduction in self.passes for equality in reduction.equalities)

    def strata(self, point: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """A solution ψ of the last program as one of the original program, by its columns."""
        for before, reduction in reversed(list(zip(self._programs(), self.passes, strict=False))):
            point = lifted(point, reduction.columns, len(before.columns))
        return point

    def dual(self, vertex: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """A dual vertex of the last program as one of the original program, by its rows."""
        for before, reduction in reversed(list(zip(self._programs(), self.passes, strict=False))):
            vertex = lifted(vertex, reduction.rows, len(before.rows))
            vertex = with_forcing_rows(before, reduction.forced, vertex)
        return vertex

    def _programs(self) -> tuple[LinearProgram, ...]:
        return (self.original, *(reduction.program for reduction in self.passes))


def reduce(program: LinearProgram) -> ReducedProgram:
    """Apply every pass."""
    passes: list[Reduction] = []
    current = program
    for apply in PASSES:
        passes.append(apply(current))
        current = passes[-1].program
    return ReducedProgram(program, tuple(passes))
