"""Conditions on two cells of one arm, x + y = 1: which say something, and which follow from others."""

from __future__ import annotations

from fractions import Fraction

from boundgen.bounds.conditions import conditions, is_trivial, is_zero
from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region
from boundgen.work.limits import Budget

ARM = Region(2, (Constraint({0: 1, 1: 1}, -1, "="),), (0, 1), {"x": {0: 1}, "y": {1: 1}})
X, Y = Term.of(0, {"x": 1}), Term.of(0, {"y": 1})
HALF, QUARTER = Term.of(Fraction(1, 2)), Term.of(Fraction(1, 4))


def found(*rays: Term, equalities: tuple[Term, ...] = (), irredundant: bool = False) -> tuple[Term, ...]:
    return conditions(rays, equalities, ARM, irredundant, Budget())


def test_what_holds_everywhere_says_nothing() -> None:
    assert found(X, X + Y, Term.of(1) - X) == ()
    assert is_trivial(X, ARM)
    assert not is_trivial(X - HALF, ARM)


def test_what_follows_from_another_goes() -> None:
    """x >= 1/2 implies x >= 1/4, and that y <= 3/4."""
    assert found(X - HALF, X - QUARTER) == (X - HALF,)
    assert found(X - QUARTER, X - HALF) == (X - HALF,)
    assert found(Term.of(Fraction(3, 4)) - Y, X - HALF) == (X - HALF,)


def test_both_ends_stay() -> None:
    """1/4 <= x <= 1/2."""
    assert found(X - QUARTER, HALF - X) == (X - QUARTER, HALF - X)


def test_rays_that_are_known_not_to_imply_one_another_need_no_proof() -> None:
    assert found(X - HALF, X - QUARTER, irredundant=True) == (X - HALF, X - QUARTER)


def test_an_equality_is_two_conditions_unless_one_is_trivial() -> None:
    """x = 1/2 is both; x = 0 is -x >= 0, since no cell is negative."""
    assert found(equalities=(X - HALF,)) == (X - HALF, HALF - X)
    assert found(equalities=(X,)) == (-X,)


def test_zero_on_the_region() -> None:
    assert is_zero(X + Y - Term.of(1), ARM)
    assert not is_zero(X - Y, ARM)
