"""Assumptions whose right sides hold cells: the distributions that the model allows meet them."""

from __future__ import annotations

from fractions import Fraction

from boundgen import Model, derive, evaluate

NUMBERS = """
model numbers "A mean in a group is at least a number, another at most a parameter"
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter r in [0, 1]
assume low: E[Y(1) | X=0] >= 1/4
assume high: E[Y(0) | X=1] <= r
estimand effect = E[Y(1) - Y(0)]
"""


def test_a_number_beside_a_parameter_is_not_lost() -> None:
    derived = derive(Model.parse(NUMBERS))
    cells = {f"P(X={x},Y={y})": Fraction(1, 4) for x in (0, 1) for y in (0, 1)}
    (found,) = evaluate(derived, cells, {"r": "1/8"})
    # Y(1): 1/4 seen and 1/4 of the other half; Y(0): 1/4 seen and at most 1/8 of the other half.
    assert found.lower == Fraction(1, 4) + Fraction(1, 8) - Fraction(1, 4) - Fraction(1, 16)
    assert found.method == "closed form"


HOMOGENEITY = """
model homogeneity "The effect among compliers is that among all"
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume X(1) >= X(0)
assume alike: E[Y(1) - Y(0) | X(0) < X(1)] = E[Y(1) - Y(0)]
estimand effect = E[Y(1) - Y(0)]
estimand risk = E[Y(1)]
"""


def test_a_mean_that_an_assumption_identifies_as_a_quotient() -> None:
    derived = derive(Model.parse(HOMOGENEITY))
    arms = {0: {(0, 0): 4, (0, 1): 2, (1, 0): 1, (1, 1): 1}, 1: {(0, 0): 2, (0, 1): 1, (1, 0): 2, (1, 1): 3}}
    cells = {f"P(X={x},Y={y}|Z={z})": Fraction(count, 8) for z, arm in arms.items() for (x, y), count in arm.items()}
    effect, risk = evaluate(derived, cells)
    # Wald's quotient: (4/8 - 3/8) / (5/8 - 2/8).
    assert effect.lower == effect.upper == Fraction(1, 3)
    assert risk.lower is not None
    assert risk.upper is not None
    assert Fraction(3, 8) <= risk.lower <= risk.upper <= Fraction(6, 8)
    (bounds,) = [each for each in derived.closed_forms if each.name == "effect"]
    assert bounds.identified
