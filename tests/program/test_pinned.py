"""Probabilities that assumptions fix, by three strata."""

from __future__ import annotations

from fractions import Fraction

from boundgen.exact.terms import Term
from boundgen.program.linear_program import Row
from boundgen.program.pinned import pinned_probability

TOTAL = Row("total", "total", "=", Term.of(1))
HALF = Row("assumption", "half", "=", Term.of(Fraction(1, 2)))
UNKNOWN = Row("assumption", "unknown", "=", Term.of(0, {"g": 1}))
AT_MOST = Row("assumption", "at most", "<=", Term.of(Fraction(1, 2)))
CELL = Row("cell", "P(Y=1)", "=", Term.of(0, {"P(Y=1)": 1}))
# Everybody is in the total; the first stratum alone is in the other row.
ENTRIES: list[dict[int, int | Fraction]] = [{0: 1, 1: 1}, {0: 1}, {0: 1}]


def test_everybody_has_probability_one() -> None:
    assert pinned_probability([1, 1, 1], [TOTAL], ENTRIES) == 1


def test_an_event_that_is_assumed_and_its_complement() -> None:
    assert pinned_probability([1, 0, 0], [TOTAL, HALF], ENTRIES) == Fraction(1, 2)
    assert pinned_probability([0, 1, 1], [TOTAL, HALF], ENTRIES) == Fraction(1, 2)


def test_other_events_are_not_fixed() -> None:
    assert pinned_probability([0, 1, 0], [TOTAL, HALF], ENTRIES) is None


def test_neither_data_nor_parameters_nor_inequalities_fix_a_number() -> None:
    for row in (CELL, UNKNOWN, AT_MOST):
        assert pinned_probability([1, 0, 0], [TOTAL, row], ENTRIES) is None
