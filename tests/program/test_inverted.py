"""What occurs as a factor alone is inverted: against the two corners of loss to follow-up by the outcome alone."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from boundgen import Model, derive, evaluate
from boundgen.bounds.independent_problem import PolynomialEstimand
from boundgen.exact.polynomials import ONE, Polynomial
from boundgen.polyhedra.weighted_optimum import weighted_bounds_at
from boundgen.program.inverted import inverted
from boundgen.program.polynomial_program import PolynomialProgram, PolynomialRow

LOST = """model lost
variable X in {0, 1}
variable Y(X) in {0, 1}
variable S(Y) in {0, 1}
confounded X, Y
observe P(X, Y, S=1)
estimand ate = E[Y(X=1) - Y(X=0)]
estimand pn = P(Y(X=0)=0 | X=1, Y=1)
"""
DERIVED = derive(Model.parse(LOST), partial=True)
Q = Polynomial.name


@given(st.lists(st.integers(0, 6), min_size=4, max_size=4), st.integers(1, 9))
def test_loss_by_the_outcome_alone(seen: list[int], lost: int) -> None:
    total = sum(seen) + lost
    c = {(x, y): Fraction(seen[2 * x + y], total) for x in (0, 1) for y in (0, 1)}
    cells = {f"P(X={x},Y={y},S=1)": value for (x, y), value in c.items()}
    ate, pn = evaluate(DERIVED, cells)
    assert ate.method == pn.method == "linear program"
    shares = [c[0, y] + c[1, y] for y in (0, 1)]
    if not all(shares):
        return
    # One over the probability of being seen, by the outcome: at least one, and what is seen so weighted is everybody.
    corners = [(Fraction(1), (1 - shares[0]) / shares[1]), ((1 - shares[1]) / shares[0], Fraction(1))]
    assert ate.lower == min(-c[0, 1] * u[1] - c[1, 0] * u[0] for u in corners)
    assert ate.upper == max(c[0, 0] * u[0] + c[1, 1] * u[1] for u in corners)
    assert (pn.lower, pn.upper) == ((0, 1) if c[1, 1] else (None, None))


def test_cells_that_are_too_large_are_of_no_population() -> None:
    with_too_much = {f"P(X={x},Y={y},S=1)": Fraction(1, 2) for x in (0, 1) for y in (0, 1)}
    assert DERIVED.independent is not None
    (ate, _) = DERIVED.independent.posed
    assert isinstance(ate, PolynomialEstimand)
    linear = inverted(ate.problem.at(with_too_much)).linear()
    assert linear is not None
    assert weighted_bounds_at(linear, {}) == (None, None)


def test_what_is_asked_for_or_multiplied_twice_is_not_inverted() -> None:
    total = PolynomialRow(Q("a") + Q("b") - ONE, "=")
    other = PolynomialRow(Q("x") + Q("y") - ONE, "=")
    product = PolynomialRow(Q("a") * Q("x") - Polynomial.number(Fraction(1, 3)), "=")
    rows = (total, other, product)
    names = ("a", "b", "x", "y")
    linear = inverted(PolynomialProgram(names, rows, Q("x"), ONE, Fraction(0), Fraction(1))).linear()
    assert linear is not None
    assert inverted(PolynomialProgram(names, rows, Q("a"), ONE, Fraction(0), Fraction(1))).linear() is not None
    both = PolynomialProgram(names, rows, Q("a") + Q("x"), ONE, Fraction(0), Fraction(1))
    assert inverted(both).linear() is None
    square = (*rows, PolynomialRow(Q("a") * Q("a") - Polynomial.number(Fraction(1, 4)), "="))
    asked = PolynomialProgram(names, square, Q("y"), ONE, Fraction(0), Fraction(1))
    assert inverted(asked).linear() is None
