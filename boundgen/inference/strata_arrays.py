"""The populations of a model as arrays of floats: weights of strata that meet linear demands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from boundgen.bounds.problem import EstimandProgram, WeightedEstimand
from boundgen.exact.arrays import Array
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.program.linear_program import LinearProgram
from boundgen.program.weighted_program import WeightedColumn, WeightedProgram

ONE = Term(Fraction(1))


@dataclass(frozen=True, eq=False)
class StrataArrays:
    """``weights >= 0`` with ``rows · weights = rights``; the estimand is ``costs · weights / divisors · weights``.

    Parameters
    ----------
    names : tuple of str
        The observed cells that the program speaks of.
    cells : array of shape (cells, columns)
        Which strata a cell consists of; columns of assumptions' slack are in none.
    rows : array of shape (rows, columns)
    rights : array of shape (rows,)
    costs, divisors : array of shape (columns,)
    """

    names: tuple[str, ...]
    cells: Array
    rows: Array
    rights: Array
    costs: Array
    divisors: Array


@dataclass(frozen=True)
class NumericColumn:
    """A stratum: its entries by row, and what it adds to numerator and divisor."""

    entries: tuple[tuple[int, Fraction], ...]
    cost: Fraction
    divisor: Fraction


@dataclass(frozen=True)
class NumericRow:
    """A row; the cell that it is, or its relation and a right side that is linear in cells."""

    cell: str | None
    relation: str
    right: Term


def strata_arrays(asked: EstimandProgram | WeightedEstimand, parameters: Mapping[str, Number]) -> StrataArrays | None:
    """The program of an estimand at these values of the parameters.

    None where some of its coefficients are functions of the data: then demands are not linear in cells and weights.

    Returns
    -------
    StrataArrays or None
    """
    if isinstance(asked, EstimandProgram):
        return _arrays(*_of_linear(asked.program, parameters))
    found = _of_weighted(asked.program, parameters)
    return None if found is None else _arrays(*found)


def _of_linear(
    program: LinearProgram, parameters: Mapping[str, Number]
) -> tuple[list[NumericRow], list[NumericColumn], Term]:
    rows = [
        NumericRow(row.name if row.kind == "cell" else None, row.relation, _at(row.right, parameters))
        for row in program.rows
    ]
    offset = Fraction(program.offset.value(parameters))
    columns = [
        NumericColumn(
            tuple((i, Fraction(entry)) for i, entry in column.entries),
            Fraction(column.cost) + offset * Fraction(column.event),
            Fraction(column.event),
        )
        for column in program.columns
    ]
    return rows, columns, ONE


def _of_weighted(
    program: WeightedProgram, parameters: Mapping[str, Number]
) -> tuple[list[NumericRow], list[NumericColumn], Term] | None:
    over, numbers = _linear(program.over, parameters), _Numbers(parameters)
    if over is None or (over.coefficients and not program.identified):
        return None
    # Where a quotient is not defined its row demands nothing.
    idle = {i for column in program.columns for i, entry in column.entries if numbers.undefined(entry)}
    idle |= {i for i, row in enumerate(program.rows) if numbers.undefined(row.right)}
    kept = [i for i in range(len(program.rows)) if i not in idle]
    place = {i: k for k, i in enumerate(kept)}
    rows, columns = [], []
    for i in kept:
        right = _linear(program.rows[i].right, parameters)
        if right is None:
            return None
        rows.append(NumericRow(_cell(program, i, right), program.rows[i].relation, right))
    for column in program.columns:
        numeric = None if column.selected else _numeric(column, place, numbers)
        if numeric is None:
            return None
        columns.append(numeric)
    return rows, columns, over


def _numeric(column: WeightedColumn, place: Mapping[int, int], numbers: _Numbers) -> NumericColumn | None:
    cost, divisor = (numbers.of(RationalFunction(each)) for each in (column.cost, column.divisor))
    entries = []
    for i, entry in column.entries:
        if i in place:
            number = numbers.of(entry)
            if number is None:
                return None
            if number:
                entries.append((place[i], number))
    return None if cost is None or divisor is None else NumericColumn(tuple(entries), cost, divisor)


def _cell(program: WeightedProgram, i: int, right: Term) -> str | None:
    if program.rows[i].kind != "cell":
        return None
    ((name, _),) = right.coefficients
    return name


@dataclass(frozen=True)
class _Numbers:
    """Functions with the parameters put in."""

    parameters: Mapping[str, Number]

    def of(self, function: RationalFunction) -> Fraction | None:
        """The number that it is; None where it is a function of the data."""
        found = _linear(function, self.parameters)
        return None if found is None or found.coefficients else found.constant

    def undefined(self, function: RationalFunction) -> bool:
        """Whether parameters make it a division by zero."""
        below = function.denominator
        return not below.names - self.parameters.keys() and not below.value(self.parameters)


def _linear(function: RationalFunction, parameters: Mapping[str, Number]) -> Term | None:
    """A function as a linear one of cells; None where it is not."""
    if function.denominator.names - parameters.keys():
        return None
    below = function.denominator.value(parameters)
    above = _put_in(function.numerator, parameters).term if below else None
    return None if above is None else above.scaled(1 / below)


def _put_in(polynomial: Polynomial, parameters: Mapping[str, Number]) -> Polynomial:
    values = {name: Fraction(value) for name, value in parameters.items()}
    return polynomial.at(values, parameters.keys())


def _at(term: Term, parameters: Mapping[str, Number]) -> Term:
    constant = term.constant + sum((c * parameters[n] for n, c in term.coefficients if n in parameters), Fraction(0))
    return Term.of(constant, {n: c for n, c in term.coefficients if n not in parameters})


def _arrays(rows: Sequence[NumericRow], columns: Sequence[NumericColumn], over: Term) -> StrataArrays:
    columns = list(_extreme(columns))
    names = tuple(row.cell for row in rows if row.cell is not None)
    dense = np.zeros((len(rows), len(columns)))
    for j, column in enumerate(columns):
        for i, entry in column.entries:
            dense[i, j] = float(entry)
    cells = dense[[i for i, row in enumerate(rows) if row.cell is not None]]
    place = {name: i for i, name in enumerate(names)}
    demands = [i for i, row in enumerate(rows) if row.cell is None]
    # The right sides' cells are sums over strata as well.
    left = [dense[i] - _in_strata(rows[i].right, place, cells) for i in demands]
    rights = np.array([float(rows[i].right.constant) for i in demands])
    uneven = [k for k, i in enumerate(demands) if rows[i].relation == "<="]
    slack = np.zeros((len(demands), len(uneven)))
    slack[uneven, range(len(uneven))] = 1.0
    none = np.zeros(len(uneven))
    divisors = np.array([float(column.divisor) for column in columns])
    divisors = float(over.constant) * divisors + _in_strata(over, place, cells)
    return StrataArrays(
        names,
        np.hstack([cells, np.zeros((len(names), len(uneven)))]),
        np.hstack([np.array(left).reshape(len(demands), len(columns)), slack]),
        rights,
        np.concatenate([[float(column.cost) for column in columns], none]),
        np.concatenate([divisors, none]),
    )


def _in_strata(term: Term, place: Mapping[str, int], cells: Array) -> Array:
    """The cells of a term as a sum over strata."""
    return sum((float(c) * cells[place[name]] for name, c in term.coefficients), np.zeros(cells.shape[1]))


def _extreme(columns: Iterable[NumericColumn]) -> Iterable[NumericColumn]:
    """Of strata that are alike but for what they add to the numerator, those that add least and most.

    Any other is a mixture of the two.

    Yields
    ------
    NumericColumn
    """
    found: dict[object, list[NumericColumn]] = {}
    for column in columns:
        found.setdefault((column.entries, column.divisor), []).append(column)
    for alike in found.values():
        least, most = min(alike, key=lambda c: c.cost), max(alike, key=lambda c: c.cost)
        yield least
        if most.cost != least.cost:
            yield most
