"""Farkas' lemma on the interval from 0 to 1 and on a segment."""

from __future__ import annotations

from fractions import Fraction

from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.proof import Proof, mean_proof, nonnegativity_proof
from boundgen.polyhedra.region import Region

HALF = Fraction(1, 2)
# x >= 0, and the one constraint 1 - x >= 0.
INTERVAL = Region(1, (Constraint({0: -1}, 1),), (0,), {})
SEGMENT = Region(2, (Constraint({0: 1, 1: 1}, -1, "="),), (0, 1), {})


def test_a_multiple_of_the_constraint() -> None:
    """2 - 2x = 2 (1 - x), and 3 - 2x leaves the number 1."""
    assert nonnegativity_proof(INTERVAL, ({0: -2}, 2)) == (2,)
    assert nonnegativity_proof(INTERVAL, ({0: -2}, 3)) == (2,)


def test_unknowns_need_no_multiple() -> None:
    assert nonnegativity_proof(INTERVAL, ({0: 5}, 0)) == (0,)


def test_what_is_negative_somewhere_has_no_proof() -> None:
    assert nonnegativity_proof(INTERVAL, ({0: -2}, 1)) is None


def test_equalities_may_have_multiples_of_any_sign() -> None:
    """1 - x - y is zero on the segment: minus its equality. x + y - 1 likewise."""
    assert nonnegativity_proof(SEGMENT, ({0: -1, 1: -1}, 1)) == (-1,)
    assert nonnegativity_proof(SEGMENT, ({0: 1, 1: 1}, -1)) == (1,)


def test_a_mean_may_be_nowhere_negative_where_no_function_is() -> None:
    """x - 1/2 and 1/2 - x: their mean is zero."""
    assert mean_proof(INTERVAL, [({0: 1}, -HALF), ({0: -1}, HALF)]) == Proof((HALF, HALF), (0,))
    # Both are negative at 1/2.
    assert mean_proof(INTERVAL, [({0: 1}, Fraction(-3, 4)), ({0: -1}, Fraction(1, 4))]) is None
