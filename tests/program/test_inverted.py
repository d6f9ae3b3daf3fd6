"""What occurs as a factor alone is inverted: against the two corners of loss to follow-up by the outcome alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, derive, evaluate
from boundgen.bounds.independent import independent_problem
from boundgen.bounds.independent_problem import PolynomialEstimand
from boundgen.exact.polynomials import ONE, Polynomial
from boundgen.polyhedra.weighted_optimum import weighted_bounds_at
from boundgen.program.inverted import inverted, linear_at_data
from boundgen.program.polynomial_program import PolynomialProgram, PolynomialRow
from boundgen.work.limits import Budget

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
    shares = [c[0, y] + c[1, y] for y in (0, 1)]
    assert (ate.method, pn.method) == ("closed form" if all(shares) else "linear program", "linear program")
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
    assert DERIVED.piecewise[0].ends(with_too_much)[0] == (None, None)


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


SEEN = """model seen
variable X in {0, 1}
variable Y(X) in {0, 1}
variable S(Y) in {0, 1}
confounded X, Y
observe P(X, Y, S=1)
estimand e = """
ANSWERS = """model answers
variable X in {0, 1}
variable Y(X) in {0, 1}
variable R(X, Y) in {0, 1}
unconfounded
observe P(X, Y | R=1)
observe P(X, R)
estimand e = """
PARTLY = {
    "among the seen": f"{SEEN}E[Y(X=1) - Y(X=0) | S=1]",
    "among the seen and treated": f"{SEEN}E[Y(X=1) - Y(X=0) | X=1, S=1]",
    "being seen": f"{SEEN}P(S=1 | Y=1)",
    "nonresponse": f"{ANSWERS}E[Y(X=1) - Y(X=0)]",
    "given a treatment": f"{ANSWERS}P(Y=1 | X=1)",
}


@pytest.mark.parametrize("kind", PARTLY)
@given(weights=st.lists(st.integers(0, 9), min_size=6, max_size=6))
@settings(max_examples=6, deadline=None)
def test_what_data_identify_leaves_a_linear_program(kind: str, weights: list[int]) -> None:
    """Against what is plain: nothing is known of the other outcome, nor of the outcome of those who do not answer."""
    model = Model.parse(PARTLY[kind])
    (asked,) = independent_problem(model, model.estimands, Budget()).posed
    assert isinstance(asked, PolynomialEstimand)
    assert asked.problem.linear
    weights = [weight + 1 for weight in weights]
    total = sum(weights)
    p = {(x, y): Fraction(weights[2 * x + y], total) for x in (0, 1) for y in (0, 1)}
    silent = [Fraction(weights[4 + x], total) for x in (0, 1)]
    seen = sum(p.values())
    if "seen" in kind:
        at = {f"P(X={x},Y={y},S=1)": share for (x, y), share in p.items()}
    else:
        at = {f"P(X={x},Y={y}|R=1)": share / seen for (x, y), share in p.items()}
        at |= {f"P(X={x},R=1)": p[x, 0] + p[x, 1] for x in (0, 1)}
        at |= {f"P(X={x},R=0)": silent[x] for x in (0, 1)}
    all_of = [p[x, 0] + p[x, 1] + silent[x] for x in (0, 1)]
    low, high = ([(p[x, 1] + more * silent[x]) / all_of[x] for x in (0, 1)] for more in (0, 1))
    expected = {
        "among the seen": (-(p[1, 0] + p[0, 1]) / seen, (p[0, 0] + p[1, 1]) / seen),
        "among the seen and treated": (-p[1, 0] / (p[1, 0] + p[1, 1]), p[1, 1] / (p[1, 0] + p[1, 1])),
        "being seen": ((p[0, 1] + p[1, 1]) / (1 - p[0, 0] - p[1, 0]), 1),
        "nonresponse": (low[1] - high[0], high[1] - low[0]),
        "given a treatment": (low[1], high[1]),
    }
    linear = linear_at_data(asked.problem.at(at))
    assert linear is not None
    assert weighted_bounds_at(linear, {}) == expected[kind]


@pytest.mark.parametrize(("selection", "kind"), [("S(X)", "polynomial"), ("S(X, Y)", "linear")])
def test_where_assumptions_leave_nobody_selected_it_is_said_what_the_bounds_are(selection: str, kind: str) -> None:
    """The cells say nothing then, and are multiplied by zero."""
    apart = "unconfounded" if kind == "polynomial" else "confounded X, Y"
    nobody = "S(x) = 0 for all x in X" if kind == "polynomial" else "S(x, y) = 0 for all x in X, y in Y"
    model = f"""model nobody
variable X in {{0, 1}}
variable Y(X) in {{0, 1}}
variable {selection} in {{0, 1}}
{apart}
assume never: {nobody}
observe P(Y | S=1)
estimand ey = P(Y=1)
"""
    (found,) = derive(Model.parse(model), partial=True).unanswered
    assert f"make a {kind} program at data" in found.reason
