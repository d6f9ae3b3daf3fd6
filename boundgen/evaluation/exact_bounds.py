"""Sharp bounds at one distribution by exact linear programs, for where the closed form was not finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.closed_form import Bounds
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import reduce

Point = Mapping[str, Fraction | int]


@dataclass(frozen=True)
class ExactBounds:
    """The sharp bounds of one estimand at data, in rational numbers.

    Parameters
    ----------
    estimand : str
    parameters : tuple of (name, Fraction)
    lower, upper : Fraction or None
        None where no population of the model gives these data, or its condition has no positive probability there.
    """

    estimand: str
    parameters: tuple[tuple[str, Fraction], ...]
    lower: Fraction | None
    upper: Fraction | None


def exact_bounds(
    bounds: Bounds, cells: Mapping[str, Fraction], parameters: Sequence[tuple[str, Fraction]]
) -> ExactBounds:
    """The least and the greatest value of an estimand over the populations that give these cells.

    Parameters
    ----------
    bounds
        As `derive` makes them: they know the program that they are the optima of.
    cells
        The share of every observed cell.
    parameters
        A value for each of the model's.
    """
    at = {**cells, **dict(parameters)}
    over = bounds.denominator.value(at) if bounds.denominator else Fraction(1)
    if bounds.program is None or over <= 0:
        return ExactBounds(bounds.name, tuple(parameters), None, None)
    low, high = minimum(bounds.program, at), minimum(bounds.program.negated(), at)
    if low is None or high is None:
        return ExactBounds(bounds.name, tuple(parameters), None, None)
    return ExactBounds(bounds.name, tuple(parameters), low / over, -high / over)


def minimum(program: LinearProgram, at: Point) -> Fraction | None:
    """The least cost of weights that meet the rows at a distribution; None where none do."""
    # The reduced program has the same optimum and far fewer columns.
    reduced = reduce(program).complete
    rows: list[dict[int, Fraction | int]] = [{} for _ in reduced.rows]
    for j, column in enumerate(reduced.columns):
        for i, entry in column.entries:
            rows[i][j] = entry
    constraints = []
    for entries, row in zip(rows, reduced.rows, strict=True):
        right = row.right.value(at)
        if row.relation == "=":
            constraints.append(Constraint(entries, -right, "="))
        else:
            constraints.append(Constraint({j: -entry for j, entry in entries.items()}, right))
    costs = {j: -column.cost for j, column in enumerate(reduced.columns)}
    best = maximum(len(reduced.columns), costs, constraints, range(len(reduced.columns)))
    return None if best is None else reduced.offset.value(at) - best.value
