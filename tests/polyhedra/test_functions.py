"""Which of a few lines over the interval from 0 to 1 is the highest somewhere, or alone below zero."""

from __future__ import annotations

from fractions import Fraction

from boundgen.exact.terms import Term
from boundgen.polyhedra.functions import AffineFunctions
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region

INTERVAL = Region(1, (Constraint({0: -1}, 1),), (0,), {"x": {0: 1}})
FALLING, RISING = Term.of(1, {"x": -1}), Term.of(0, {"x": 1})
LOW, MIDDLE, HIGH = Term.of(Fraction(1, 4)), Term.of(Fraction(1, 2)), Term.of(Fraction(3, 4))


def leads(*terms: Term) -> list[bool]:
    functions, every = AffineFunctions(INTERVAL, terms), range(len(terms))
    return [functions.strictly_active(k, [other for other in every if other != k])[0] for k in every]


def fails(*terms: Term) -> list[bool]:
    functions, every = AffineFunctions(INTERVAL, terms), range(len(terms))
    return [functions.violated_alone(k, [other for other in every if other != k])[0] for k in every]


def test_the_highest_line() -> None:
    """1 - x on the left, x on the right, and 3/4 in between, which 1/4 never is."""
    assert leads(FALLING, RISING) == [True, True]
    assert leads(FALLING, RISING, HIGH) == [True, True, True]
    assert leads(FALLING, RISING, LOW) == [True, True, False]


def test_a_line_through_the_crossing_is_never_alone() -> None:
    """At x = 1/2 all three are 1/2."""
    assert leads(FALLING, RISING, MIDDLE) == [True, True, False]


def test_below_zero_alone() -> None:
    """x - 3/4 < 0 on a longer part than x - 1/4 < 0: the second never fails alone."""
    assert fails(RISING - HIGH, RISING - LOW) == [True, False]
    assert fails(RISING - HIGH, LOW - RISING) == [True, True]
    assert fails(RISING) == [False]


def test_functions_share_one_scale() -> None:
    functions = AffineFunctions(INTERVAL, [MIDDLE, RISING])
    assert functions.functions == [({}, 1), ({0: 2}, 0)]
    # At x = 1/3, times six.
    assert functions.values(((1,), 3), [0, 1]) == {0: 3, 1: 2}
