"""One side of the bounds of a ratio: what its terms, vertices and edges say of data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Literal

import numpy as np

from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide, Summand
from boundgen.bounds.ratio_laws import Support
from boundgen.exact.integers import integers, product
from boundgen.exact.linear_algebra import transpose
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.edges import Incidence
from boundgen.polyhedra.engine import Generators
from boundgen.polyhedra.mirror import homogeneous_rays
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import ReducedProgram

# A ratio may be unbounded (math.inf, -math.inf, and no other floats), or undefined (None).
RatioValue = Fraction | float | None
Limit = Fraction | None


@dataclass(frozen=True)
class RatioEdge:
    """An edge of D along which l changes, by the numbers of its ends among the generators.

    Parameters
    ----------
    vertex : int
    other : int
    unbounded : bool
        Whether the other one is a ray.
    """

    vertex: int
    other: int
    unbounded: bool


@dataclass(frozen=True)
class RatioTerm:
    """``numerator / denominator``, a bound where the denominator is positive and the fraction is between the limits.

    Parameters
    ----------
    numerator, denominator : Term
        A number has the denominator one.
    low, high : Fraction or None
        The limits; None where there is none.
    guards : tuple of Guard
        What of that is not so at every law, or does not matter beside the side's constant.
    edges : tuple of int
        The edges of the side that it comes from; none of what holds at a vertex.
    """

    numerator: Term
    denominator: Term
    low: Limit
    high: Limit
    guards: tuple[Guard, ...]
    edges: tuple[int, ...]

    def __neg__(self) -> RatioTerm:
        low, high = (None if limit is None else -limit for limit in (self.high, self.low))
        return replace(self, numerator=-self.numerator, low=low, high=high)

    @property
    def fraction(self) -> RationalFunction:
        """The quotient; a number where the numerator is a multiple of the denominator."""
        return RationalFunction.of(Polynomial.linear(self.numerator), Polynomial.linear(self.denominator))


@dataclass(frozen=True)
class RatioSide:
    """One side of the bounds of a ratio.

    Parameters
    ----------
    op : {"max", "min"}
        Of a lower and of an upper side.
    reduced : ReducedProgram
        Of the program whose last row is the divisor; of an upper side, with costs negated.
    dual : DualPolyhedron
        Its last coordinate is l.
    generators : Generators
    edges : tuple of RatioEdge
        All edges along which l changes.
    terms : tuple of RatioTerm
    constant : Fraction or None
        The end of the range that the ratio has in the model, whatever the data are: it always holds. None where that
        is infinite.
    covered : bool
        Whether one of the terms always holds and is always at least as good as the constant.
    missing : str
        Why terms may be missing; empty where the side is sharp. What is there is valid.
    """

    op: Literal["max", "min"]
    reduced: ReducedProgram
    dual: DualPolyhedron
    generators: Generators
    edges: tuple[RatioEdge, ...]
    terms: tuple[RatioTerm, ...]
    constant: Limit
    covered: bool
    missing: str = ""

    def mirrored(self) -> RatioSide:
        """The other side of the negative ratio."""
        terms = tuple(-term for term in self.terms)
        constant = None if self.constant is None else -self.constant
        return replace(self, op="min" if self.op == "max" else "max", terms=terms, constant=constant)

    # ---------------------------------------------------------------- evaluation
    def value(self, rights: Sequence[Fraction]) -> RatioValue:
        """The bound, by vertices and edges: exact also where cells are zero, which the terms need not be.

        Parameters
        ----------
        rights : sequence of Fraction
            The right sides of all rows of the program.

        Returns
        -------
        Fraction, -math.inf or math.inf, or None
            None where the ratio is undefined: at every distribution that agrees with the data the divisor is zero.
            Data that contradict the model get what the edges say, so that lower may be above upper.
        """
        kept = self.reduced.passes[-1].rows[:-1]
        scale = lcm(*(Fraction(rights[i]).denominator for i in kept))
        point = [int(rights[i] * scale) for i in kept]
        rays = [_along(ray, point) for ray in self.generators.rays]
        if self._is_undefined(point, rays):
            return None
        best = max(self._reached(point, rays), default=-math.inf)
        return best if self.op == "max" else -best

    def _is_undefined(self, point: Sequence[int], rays: Sequence[Fraction | int]) -> bool:
        """Whether no distribution has a positive divisor: the rays along which l grows are the bounds of that.

        They are not all known where something is missing, nor where D is empty; then a linear program says it.
        """
        if self.generators.vertices and not self.generators.missing:
            return any(ray[-1] > 0 and value >= 0 for ray, value in zip(self.generators.rays, rays, strict=True))
        program = self.reduced.program
        demands = []
        by_row = transpose((column.entries for column in program.columns), len(program.rows))
        for row, entries, right in zip(program.rows, by_row, point, strict=False):
            negative = {j: -entry for j, entry in entries.items()}
            demands.append(Constraint(negative, right, "=" if row.relation == "=" else ">="))
        events = {j: column.event for j, column in enumerate(program.columns)}
        try:
            best = maximum(len(program.columns), events, demands, range(len(program.columns)))
        except ArithmeticError:
            return False
        return best is not None and best.value <= 0

    def _reached(self, point: Sequence[int], rays: Sequence[Fraction | int]) -> Iterator[Fraction]:
        """Values of l at vertices with y · p >= 0, and where edges meet y · p = 0."""
        vertices = self.generators.vertices
        values = [_along(vertex, point) for vertex in vertices]
        yield from (vertex[-1] for vertex, value in zip(vertices, values, strict=True) if value >= 0)
        if self.missing and self.constant is not None:
            yield self.constant if self.op == "max" else -self.constant
        for edge in self.edges:
            here, start = values[edge.vertex], vertices[edge.vertex][-1]
            if edge.unbounded and here * rays[edge.other] < 0:
                yield start - Fraction(here) / rays[edge.other] * self.generators.rays[edge.other][-1]
            elif not edge.unbounded and here * values[edge.other] < 0:
                there, end = values[edge.other], vertices[edge.other][-1]
                yield (here * end - there * start) / (here - there)

    # ---------------------------------------------------------------- what is tight
    def tight(self, term: RatioTerm) -> tuple[tuple[int, ...], ...]:
        """For each edge of a term the strata that are tight on it, by the columns of the program."""
        tight, columns = tightness(self.reduced.program, self.generators), self.reduced.columns
        supports = [tight.support(self.edges[e]) for e in term.edges]
        return tuple(tuple(sorted(columns[j] for j in each.columns)) for each in supports)

    # ---------------------------------------------------------------- the printed form
    def piecewise(self) -> PiecewiseSide:
        """The terms and the constant as pieces, with what the estimand adds to the ratio."""
        sign = 1 if self.op == "max" else -1
        offset = Polynomial.linear(self.reduced.original.offset.scaled(sign))
        options = [(term.guards, term.fraction) for term in self.terms]
        if self.constant is not None and not self.covered:
            options.insert(0, ((), RationalFunction.of(Polynomial.number(self.constant))))
        pieces = (
            Piece(guards, (Summand(ONE, (each + RationalFunction(offset) if offset else each,)),))
            for guards, each in options
        )
        return PiecewiseSide(self.op, tuple(pieces))


def _along(vector: Sequence[Fraction | int], point: Sequence[int]) -> Fraction | int:
    """The form y at data."""
    return sum(y * x for y, x in zip(vector, point, strict=False) if y and x)


# ---------------------------------------------------------------- what is tight
@dataclass(frozen=True)
class Tightness:
    """Which inequalities each vertex and each ray of D makes tight.

    Parameters
    ----------
    incidence : Incidence
        Of rays, then of vertices; a column for each stratum, then for each sign of a `<=` row.
    rays : int
    signs : tuple of int
        The `<=` rows.
    """

    incidence: Incidence
    rays: int
    signs: tuple[int, ...]

    def on(self, edge: RatioEdge) -> Incidence:
        """What is tight on an edge."""
        other = edge.other + (0 if edge.unbounded else self.rays)
        return np.asarray(self.incidence[self.rays + edge.vertex] & self.incidence[other])

    def support(self, edge: RatioEdge) -> Support:
        """The strata and `<=` rows of an edge."""
        shared = np.flatnonzero(self.on(edge)).tolist()
        strata = self.incidence.shape[1] - len(self.signs)
        slack = frozenset(self.signs[k - strata] for k in shared if k >= strata)
        return Support(frozenset(k for k in shared if k < strata), slack)


def tightness(program: LinearProgram, generators: Generators) -> Tightness:
    """By the columns of the program, which the sorted inequalities of the polyhedron are no longer."""
    signs = tuple(i for i, row in enumerate(program.rows) if row.relation == "<=")
    size = len(program.rows)
    rows: list[list[int]] = []
    for column in program.columns:
        scale = lcm(Fraction(column.cost).denominator, *(Fraction(e).denominator for _, e in column.entries))
        entries = dict(column.entries)
        rows.append([int(column.cost * scale), *(-int(entries.get(i, 0) * scale) for i in range(size))])
    rows += [[0, *(-int(i == sign) for i in range(size))] for sign in signs]
    if not generators.vertices:
        return Tightness(np.zeros((0, len(rows)), dtype=bool), 0, signs)
    values = product(homogeneous_rays(generators), integers(rows).T)
    return Tightness(np.asarray(values == 0, dtype=bool), len(generators.rays), signs)
