"""Each reduction pass by a program that can be checked by eye."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from boundgen.exact.terms import Term
from boundgen.program.dependence import drop_dependent_rows
from boundgen.program.dominance import remove_dominated
from boundgen.program.linear_program import Column, LinearProgram, Row, lifted
from boundgen.program.merging import merge
from boundgen.program.reduced import reduce
from boundgen.program.zeros import remove_zeros
from boundgen.strata.stratum import Stratum

CELLS = (Row("cell", "P(Y=0)", "=", Term.of(0, {"P(Y=0)": 1})), Row("cell", "P(Y=1)", "=", Term.of(0, {"P(Y=1)": 1})))
TOTAL = Row("total", "total", "=", Term.of(1))


def stratum(value: int) -> Stratum:
    return Stratum(((("Y", ()), value),))


def column(cost: int, **entries: int) -> Column:
    """A column from entries such as ``r0=1``."""
    return Column(stratum(cost), tuple((int(row[1:]), e) for row, e in entries.items()), cost)


def assumption(relation: str, right: Term = Term()) -> Row:
    return Row("assumption", "assumed", relation, right)  # type: ignore[arg-type]


def test_merging_keeps_the_cheapest_of_equal_columns() -> None:
    program = LinearProgram(CELLS, (column(2, r0=1), column(1, r0=1), column(0, r1=1)))
    reduction = merge(program)
    assert [c.cost for c in reduction.program.columns] == [1, 0]
    assert reduction.columns == (1, 2)
    assert [c.merged for c in reduction.program.columns] == [2, 1]


def test_merging_tells_assumption_entries_apart() -> None:
    program = LinearProgram((*CELLS, assumption("<=")), (column(2, r0=1), column(1, r0=1, r2=1)))
    assert len(merge(program).program.columns) == 2


def test_dominated_column_goes() -> None:
    """Less cost and a smaller entry in a `<=` row dominate; less cost with a larger entry does not."""
    rows = (*CELLS, assumption("<="))
    dominated = LinearProgram(rows, (column(1, r0=1), column(2, r0=1, r2=1)))
    assert remove_dominated(dominated).columns == (0,)
    both = LinearProgram(rows, (column(1, r0=1, r2=1), column(2, r0=1)))
    assert remove_dominated(both).columns == (0, 1)


def test_columns_with_other_equality_entries_do_not_dominate() -> None:
    program = LinearProgram((*CELLS, assumption("=")), (column(1, r0=1), column(2, r0=1, r2=1)))
    assert remove_dominated(program).columns == (0, 1)


def test_zero_row_forces_strata_to_zero_and_cascades() -> None:
    """``ψ2 <= 0``, and then ``ψ1 - ψ2 = 0`` forces ψ1 too."""
    rows = (*CELLS, assumption("="), assumption("<="))
    program = LinearProgram(rows, (column(0, r0=1), column(1, r1=1, r2=1), column(2, r1=1, r2=-1, r3=1)))
    assert remove_zeros(program).columns == (0,)


def test_row_of_mixed_signs_forces_nothing() -> None:
    program = LinearProgram((*CELLS, assumption("=")), (column(1, r0=1, r2=1), column(2, r1=1, r2=-1)))
    assert remove_zeros(program).columns == (0, 1)


def test_row_with_a_parameter_forces_nothing() -> None:
    program = LinearProgram((*CELLS, assumption("<=", Term.of(0, {"g": 1}))), (column(1, r0=1, r2=1),))
    assert remove_zeros(program).columns == (0,)


def test_dependent_row_is_dropped_and_its_demand_remembered() -> None:
    """The total is the sum of the cells."""
    program = LinearProgram((*CELLS, TOTAL), (column(0, r0=1, r2=1), column(1, r1=1, r2=1)))
    reduction = drop_dependent_rows(program)
    assert reduction.rows == (0, 1)
    assert reduction.equalities == (Term.of(1, {"P(Y=0)": -1, "P(Y=1)": -1}),)


def test_cell_that_no_stratum_falls_into_is_a_structural_zero() -> None:
    program = LinearProgram((*CELLS, TOTAL), (column(0, r0=1, r2=1),))
    assert Term.of(0, {"P(Y=1)": 1}) in drop_dependent_rows(program).equalities


def test_inequality_rows_are_never_gauge() -> None:
    """A `<=` row that repeats a cell stays: it is a ray of the dual, not a line."""
    rows = (*CELLS, replace(assumption("<="), right=Term.of(Fraction(1, 2))))
    program = LinearProgram(rows, (column(0, r0=1, r2=1), column(1, r1=1)))
    assert drop_dependent_rows(program).rows == (0, 1, 2)


def test_the_way_back_puts_zeros_where_strata_went() -> None:
    program = LinearProgram((*CELLS, TOTAL), (column(2, r0=1, r2=1), column(1, r0=1, r2=1), column(0, r1=1, r2=1)))
    reduced = reduce(program)
    assert reduced.strata((Fraction(1, 3), Fraction(2, 3))) == (0, Fraction(1, 3), Fraction(2, 3))
    assert reduced.dual((Fraction(5), Fraction(7))) == (5, 7, 0)


def test_lifted() -> None:
    assert lifted((Fraction(1),), (2,), 4) == (0, 0, 1, 0)
