"""Ratios on the interval from 1/2 to 1: 1 / x is at most 2."""

from __future__ import annotations

from fractions import Fraction

import pytest

from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region
from boundgen.polyhedra.scaled import scaled

HALF = Fraction(1, 2)
INTERVAL = Region(1, (Constraint({0: -1}, 1), Constraint({0: 1}, -HALF)), (0,), {"x": {0: 1}})
X = Term.of(0, {"x": 1})


def test_the_largest_ratio_and_where_it_is() -> None:
    ratio = scaled(INTERVAL, X)
    best = ratio.largest(ratio.function(Term.of(1)))
    assert best
    assert (best.value, best.point) == (2, (HALF,))


def test_the_smallest_ratio() -> None:
    """(1 - x) / x is zero at one."""
    ratio = scaled(INTERVAL, X)
    best = ratio.largest(ratio.function(-Term.of(1, {"x": -1})))
    assert best
    assert (best.value, best.point) == (0, (1,))


def test_without_a_denominator_a_term_stands_for_itself() -> None:
    plain = scaled(INTERVAL, None)
    best = plain.largest(plain.function(X + Term.of(3)))
    assert plain.scale is None
    assert best
    assert (best.value, best.point) == (4, (1,))


def test_more_functions_that_may_not_be_negative() -> None:
    """3/4 - x >= 0 cuts the interval; x - 2 >= 0 leaves nothing of it."""
    plain = scaled(INTERVAL, None)
    cut = plain.largest(plain.function(X), [plain.function(Term.of(Fraction(3, 4), {"x": -1}))])
    assert cut
    assert cut.value == Fraction(3, 4)
    assert plain.largest(plain.function(X), [plain.function(Term.of(-2, {"x": 1}))]) is None


def test_further_unknowns_are_numbered_behind() -> None:
    """The largest t that is at most x and at most 1 - x: one half. Without them t has no largest value."""
    plain = scaled(INTERVAL, None)
    objective = ({1: 1}, 0)
    best = plain.largest(objective, [({0: 1, 1: -1}, 0), ({0: -1, 1: -1}, 1)], more=1)
    assert best
    assert best.value == HALF
    with pytest.raises(ArithmeticError):
        plain.largest(objective, more=1)
