"""Which of a few numbers in a max can ever be the largest, where x is from 0 to 1."""

from __future__ import annotations

from fractions import Fraction

from boundgen.bounds.activity import active_terms
from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region
from boundgen.work.limits import Budget

INTERVAL = Region(1, (Constraint({0: -1}, 1),), (0,), {"x": {0: 1}})
X, ONE_MINUS_X = Term.of(0, {"x": 1}), Term.of(1, {"x": -1})


def active(*terms: Term) -> tuple[Term, ...]:
    return active_terms(terms, INTERVAL, Budget())


def test_what_is_below_another_everywhere_goes() -> None:
    """x - 1 <= 0 <= x."""
    assert active(Term.of(-1, {"x": 1}), Term(), X) == (X,)


def test_what_leads_somewhere_stays() -> None:
    assert active(X, ONE_MINUS_X, Term.of(Fraction(3, 4))) == (X, ONE_MINUS_X, Term.of(Fraction(3, 4)))


def test_what_only_ties_goes() -> None:
    """1/2 is reached by both where they cross."""
    assert active(X, ONE_MINUS_X, Term.of(Fraction(1, 2))) == (X, ONE_MINUS_X)


def test_of_two_equal_terms_the_first_stays() -> None:
    """On a region where y = 1 - x the names differ and the functions do not."""
    region = Region(1, (Constraint({0: -1}, 1),), (0,), {"x": {0: 1}, "w": {0: 1}})
    w = Term.of(0, {"w": 1})
    assert active_terms((X, w), region, Budget()) == (X,)
    assert active_terms((w, X), region, Budget()) == (w,)
