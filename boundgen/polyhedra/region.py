"""Sets of distributions and parameter values, and exact questions about terms on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from boundgen.exact.rational import Number
from boundgen.exact.terms import Term, plain_number
from boundgen.language.statements import Parameter
from boundgen.polyhedra.corners import SimplexProduct, as_simplex_product
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.linear_program import LinearProgram
from boundgen.strata.cells import Arm, distinct_cells

AffineFunction = tuple[dict[int, Number], Number]


def value_at(function: AffineFunction, point: Sequence[Fraction]) -> Fraction:
    """The value of a function at a point."""
    coefficients, constant = function
    return sum((c * point[i] for i, c in coefficients.items()), Fraction(constant))


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
    names: dict[str, dict[int, Number]]

    def function(self, term: Term) -> AffineFunction:
        """A term as a function of the unknowns: coefficients and constant."""
        found: dict[int, Number] = {}
        for name, coefficient in term.coefficients:
            c = plain_number(coefficient)
            for i, multiple in self.names[name].items():
                found[i] = found.get(i, 0) + c * multiple
        return {i: c for i, c in found.items() if c}, plain_number(term.constant)

    def values(self, point: Sequence[Fraction]) -> dict[str, Fraction]:
        """Every cell and parameter at a point."""
        return {
            name: sum([c * point[i] for i, c in function.items() if point[i]], Fraction(0))
            for name, function in self.names.items()
        }

    def within(self, constraints: Iterable[Constraint]) -> Region:
        """The part of the region that meets more constraints."""
        return replace(self, constraints=(*self.constraints, *constraints))

    @cached_property
    def product(self) -> SimplexProduct | None:
        """The region as simplices and intervals; None where it is no product of these."""
        return as_simplex_product(self.size, self.constraints, self.nonnegative)

    def is_empty(self) -> bool:
        """Whether the constraints contradict each other."""
        return maximum(self.size, {}, self.constraints, self.nonnegative) is None

    def beside(self, other: Region) -> tuple[Region, list[dict[int, Number]]]:
        """Both regions' unknowns side by side, and the differences of each name's value in the two."""
        constraints = [
            Constraint(
                {i + self.size: c for i, c in constraint.coefficients.items()}, constraint.constant, constraint.relation
            )
            for constraint in other.constraints
        ]
        joint = Region(
            self.size + other.size,
            (*self.constraints, *constraints),
            (*self.nonnegative, *(i + self.size for i in other.nonnegative)),
            self.names,
        )
        differences: list[dict[int, Number]] = []
        for name, own in self.names.items():
            theirs = {i + self.size: -c for i, c in other.names[name].items()}
            differences.append({**own, **theirs})
        return joint, differences


def model_region(program: LinearProgram, parameters: Sequence[Parameter]) -> Region:
    """All distributions over strata and parameter values that the assumptions allow."""
    size = len(program.columns)
    names, constraints = _parameters(parameters, size)
    by_row: list[dict[int, Number]] = [{} for _ in program.rows]
    for j, column in enumerate(program.columns):
        for i, entry in column.entries:
            by_row[i][j] = plain_number(entry)
    for entries, row in zip(by_row, program.rows, strict=True):
        if row.kind == "cell":
            names[row.name] = entries
        else:
            # right - entries · ψ  (>= or =)  0
            shifted = {j: -e for j, e in entries.items()}
            for name, c in row.right.coefficients:
                for i, multiple in names[name].items():
                    shifted[i] = shifted.get(i, 0) + c * multiple
            constraints.append(Constraint(shifted, row.right.constant, "=" if row.relation == "=" else ">="))
    return Region(size + len(parameters), tuple(constraints), tuple(range(size)), names)


def data_region(arms: Sequence[Arm], parameters: Sequence[Parameter]) -> Region:
    """All distributions of the observed cells, model or not, and all parameter values in range."""
    cells = [cell.name for cell in distinct_cells(arms)]
    names, constraints = _parameters(parameters, len(cells))
    names |= {name: {i: 1} for i, name in enumerate(cells)}
    number = {name: i for i, name in enumerate(cells)}
    for arm in arms:
        sums = {number[cell.name]: -1 for cell in arm.cells}
        constraints.append(Constraint(sums, 1, "=" if arm.complete else ">="))
    return Region(len(cells) + len(parameters), tuple(constraints), tuple(range(len(cells))), names)


def _parameters(parameters: Sequence[Parameter], start: int) -> tuple[dict[str, dict[int, Number]], list[Constraint]]:
    names: dict[str, dict[int, Number]] = {}
    constraints: list[Constraint] = []
    for i, parameter in enumerate(parameters, start):
        names[parameter.name] = {i: 1}
        if parameter.low is not None:
            constraints.append(Constraint({i: 1}, -parameter.low))
        if parameter.high is not None:
            constraints.append(Constraint({i: -1}, parameter.high))
    return names, constraints
