"""Sets of distributions and parameter values, and exact questions about terms on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.language.model import Parameter
from boundgen.polyhedra.optimum import Constraint, Maximum, maximum
from boundgen.program.linear_program import LinearProgram
from boundgen.strata.cells import Block, distinct_cells
from boundgen.terms import Term

Function = tuple[dict[int, Fraction], Fraction]
Point = tuple[Fraction, ...]


@dataclass(frozen=True)
class Region:
    """A polyhedron of unknowns of which cells and parameters are linear functions.

    Parameters
    ----------
    size : int
        Number of unknowns.
    constraints : tuple of Constraint
    nonnegative : tuple of int
        Unknowns that may not be negative.
    names : mapping of name to function
        Each cell and parameter as multiples of unknowns.
    """

    size: int
    constraints: tuple[Constraint, ...]
    nonnegative: tuple[int, ...]
    names: dict[str, dict[int, Fraction]]

    def function(self, term: Term) -> Function:
        """A term as a function of the unknowns: coefficients and constant."""
        found: dict[int, Fraction] = {}
        for name, c in term.coefficients:
            for i, multiple in self.names[name].items():
                found[i] = found.get(i, Fraction(0)) + c * multiple
        return {i: c for i, c in found.items() if c}, term.constant

    def feasible(self) -> Point | None:
        """Some point, or None where the region is empty."""
        found = maximum(self.size, {}, self.constraints, self.nonnegative)
        return found.point if found else None

    def where_positive(self, term: Term, others: Sequence[Term], lead: bool) -> Point | None:
        """A point where `term` is positive, and above (or, without `lead`, no less than zero are) all others.

        With `lead`: where ``term > other`` for all others, strictly. Without: where ``term > 0`` and
        ``other >= 0`` for all others. Others are brought in only when a point violates them, so the
        programs stay small; None is a proof that there is no such point.
        """
        own = self.function(term)
        functions = [self.function(other) for other in others]
        differences = [_difference(own, f) for f in functions] if lead else functions
        slack = self.size
        program = Maximum(self.size + 1, {slack: 1}, self.constraints, self.nonnegative)
        program.add(Constraint({slack: -1}, 1))
        if not lead:
            program.add(Constraint({**own[0], slack: Fraction(-1)}, own[1]))
        waiting = list(range(len(differences)))
        while True:
            best = program.solve()
            if best is None or best.value <= 0:
                return None
            point = best.point[: self.size]
            values = {k: _at(differences[k], point) for k in waiting}
            broken = [k for k in waiting if (values[k] <= 0 if lead else values[k] < 0)]
            if not broken:
                return point
            for k in sorted(broken, key=lambda k: values[k])[:3]:
                waiting.remove(k)
                coefficients, constant = differences[k]
                program.add(Constraint({**coefficients, slack: Fraction(-1)} if lead else coefficients, constant))

    def widest(self, lower: Sequence[Term], upper: Sequence[Term]) -> Fraction:
        """The largest distance of the lowest upper term above the highest lower term, at most 1."""
        low, high = self.size, self.size + 1
        program = Maximum(self.size + 2, {high: 1, low: -1}, self.constraints, self.nonnegative)
        program.add(Constraint({low: 1, high: -1}, 1))
        for term in lower:
            coefficients, constant = self.function(term)
            negated = {i: -c for i, c in coefficients.items()}
            program.add(Constraint({**negated, low: Fraction(1)}, -constant))
        for term in upper:
            coefficients, constant = self.function(term)
            program.add(Constraint({**coefficients, high: Fraction(-1)}, constant))
        best = program.solve()
        return best.value if best else Fraction(0)

    def value(self, term: Term, point: Point) -> Fraction:
        """The term at a point."""
        return _at(self.function(term), point)


def _difference(one: Function, other: Function) -> Function:
    found = dict(one[0])
    for i, c in other[0].items():
        found[i] = found.get(i, Fraction(0)) - c
    return {i: c for i, c in found.items() if c}, one[1] - other[1]


def _at(function: Function, point: Point) -> Fraction:
    coefficients, constant = function
    return constant + sum((c * point[i] for i, c in coefficients.items()), Fraction(0))


def model_region(program: LinearProgram, parameters: Sequence[Parameter]) -> Region:
    """All distributions over strata and parameter values that the assumptions allow."""
    size = len(program.columns)
    names, constraints = _parameters(parameters, size)
    by_row: list[dict[int, Fraction]] = [{} for _ in program.rows]
    for j, column in enumerate(program.columns):
        for i, entry in column.entries:
            by_row[i][j] = Fraction(entry)
    for entries, row in zip(by_row, program.rows, strict=True):
        if row.kind == "cell":
            names[row.name] = entries
        else:
            # right - entries · ψ  (>= or =)  0
            shifted = {j: -e for j, e in entries.items()}
            for name, c in row.right.coefficients:
                shifted.update({i: c * multiple for i, multiple in names[name].items()})
            constraints.append(Constraint(shifted, row.right.constant, "=" if row.relation == "=" else ">="))
    return Region(size + len(parameters), tuple(constraints), tuple(range(size)), names)


def data_region(blocks: Sequence[Block], parameters: Sequence[Parameter]) -> Region:
    """All distributions of the observed cells, model or not, and all parameter values in range."""
    cells = [cell.name for cell in distinct_cells(blocks)]
    names, constraints = _parameters(parameters, len(cells))
    names |= {name: {i: Fraction(1)} for i, name in enumerate(cells)}
    number = {name: i for i, name in enumerate(cells)}
    for block in blocks:
        sums = {number[cell.name]: Fraction(-1) for cell in block.cells}
        constraints.append(Constraint(sums, 1, "=" if block.complete else ">="))
    return Region(len(cells) + len(parameters), tuple(constraints), tuple(range(len(cells))), names)


def _parameters(parameters: Sequence[Parameter], start: int) -> tuple[dict[str, dict[int, Fraction]], list[Constraint]]:
    names: dict[str, dict[int, Fraction]] = {}
    constraints: list[Constraint] = []
    for i, parameter in enumerate(parameters, start):
        names[parameter.name] = {i: Fraction(1)}
        if parameter.low is not None:
            constraints.append(Constraint({i: 1}, -parameter.low))
        if parameter.high is not None:
            constraints.append(Constraint({i: -1}, parameter.high))
    return names, constraints
