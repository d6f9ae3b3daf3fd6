"""Sharp bounds at one distribution by exact linear programs: no closed form is needed, or none was finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.closed_form import Bounds
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.program.linear_program import Entry, LinearProgram
from boundgen.program.reduced import reduce

Values = Mapping[str, Fraction | int]


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
    ends = None if bounds.program is None else bounds_at(bounds.program, bounds.denominator, at)
    return ExactBounds(bounds.name, tuple(parameters), *(ends or (None, None)))


def bounds_at(program: LinearProgram, denominator: Term | None, values: Values) -> tuple[Fraction, Fraction] | None:
    """The least and the greatest value of an estimand over the populations that have these cells and parameters.

    They are what the closed form gives there. None where no population has them, or where the estimand is conditional
    and its condition has no positive probability.

    Parameters
    ----------
    program
        Of the estimand.
    denominator
        Of the estimand, where it is conditional.
    values
        Cells and parameters; what is left out is zero.
    """
    over = denominator.value(values) if denominator is not None else Fraction(1)
    if over <= 0:
        return None
    low = _minimum(program, values)
    if low is None:
        return None
    high = _minimum(program.negated(), values)
    assert high is not None, "a population has these cells"
    return low / over, -high / over


def _minimum(program: LinearProgram, values: Values) -> Fraction | None:
    """The minimum at these values; None where no distribution of strata has them."""
    # The reduced program has the same optimum and far fewer columns.
    reduced = reduce(program).complete
    columns = range(len(reduced.columns))
    costs = {j: -column.cost for j, column in enumerate(reduced.columns)}
    best = maximum(len(columns), costs, _constraints(reduced, values), columns)
    return None if best is None else reduced.offset.value(values) - best.value


def _constraints(program: LinearProgram, values: Values) -> list[Constraint]:
    """``right - entries · ψ  (= or >=)  0`` for each row."""
    entries: list[dict[int, Entry]] = [{} for _ in program.rows]
    for j, column in enumerate(program.columns):
        for i, entry in column.entries:
            entries[i][j] = -entry
    rights: list[Number] = [row.right.value(values) for row in program.rows]
    return [
        Constraint(of_row, right, "=" if row.relation == "=" else ">=")
        for of_row, right, row in zip(entries, rights, program.rows, strict=True)
    ]
