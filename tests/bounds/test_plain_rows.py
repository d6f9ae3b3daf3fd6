"""Assumptions that compare a group with a larger one whose total is observed, and ratios under them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from boundgen import Model, derive, evaluate

SURVIVORS = """
model survivors "Those who survive in any case do no worse under treatment"
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
assume S(1) >= S(0)
assume order: E[Y(1) | S(0)=1, S(1)=1] >= E[Y(1) | S(0)=0, S(1)=1]
estimand sace = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""

SELECTION = """
model selection "Monotone treatment selection"
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X
estimand rr = E[Y(1)] / E[Y(0)]
"""


def test_always_survivors_are_at_least_as_well_off_as_all_survivors() -> None:
    derived = derive(Model.parse(SURVIVORS))
    cells = {"P(Y=0,S=1|A=0)": "1/4", "P(Y=1,S=1|A=0)": "1/4", "P(Y=0,S=1|A=1)": "3/8", "P(Y=1,S=1|A=1)": "3/8"}
    (found,) = evaluate(derived, cells)
    # Untreated, half of them have Y=1. Treated, they are 1/2 of 3/4: at least half, and at most three quarters.
    assert (found.lower, found.upper, found.method) == (Fraction(0), Fraction(1, 4), "closed form")
    # What trimming alone says of the lower side is never more.
    (bounds,) = derived.closed_forms
    assert [len(summand.options) for piece in bounds.lower.pieces for summand in piece.summands] == [1]


@pytest.mark.parametrize("weights", [(1, 2, 3, 4), (4, 3, 2, 1), (3, 1, 1, 3)])
def test_a_ratio_under_selection_is_one_fraction_a_side(weights: tuple[int, int, int, int]) -> None:
    derived = derive(Model.parse(SELECTION))
    p00, p01, p10, p11 = (Fraction(w, sum(weights)) for w in weights)
    cells = {"P(X=0,Y=0)": p00, "P(X=0,Y=1)": p01, "P(X=1,Y=0)": p10, "P(X=1,Y=1)": p11}
    (found,) = evaluate(derived, cells)
    # E[Y(1)] is at least what is seen and at most E[Y | X=1], E[Y(0)] at least E[Y | X=0] and at most 1 - P(X=0, Y=0).
    assert found.lower == p11 / (1 - p00)
    assert found.upper == (p11 / (p10 + p11)) / (p01 / (p00 + p01))
    assert found.method == "closed form"
    (bounds,) = derived.closed_forms
    assert [len(side.pieces) for side in (bounds.lower, bounds.upper)] == [1, 1]


ALL = """
model whole "Means in a group beside means over all"
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
assume E[Y(1) | X=1] >= E[Y(1)]
assume E[Y(0) | X=1] <= 1/2 * E[Y(0)] + 1/4
estimand effect = E[Y(1) - Y(0)]
estimand rr = E[Y(1)] / E[Y(0)]
"""


@pytest.mark.parametrize("weights", [(1, 2, 3, 4), (4, 3, 2, 1), (3, 1, 1, 3)])
def test_a_group_is_compared_with_all(weights: tuple[int, int, int, int]) -> None:
    derived = derive(Model.parse(ALL))
    p00, p01, p10, p11 = (Fraction(w, sum(weights)) for w in weights)
    effect, rr = evaluate(derived, {"P(X=0,Y=0)": p00, "P(X=0,Y=1)": p01, "P(X=1,Y=0)": p10, "P(X=1,Y=1)": p11})
    share = p10 + p11
    # E[Y(0); X=1] = E[Y(0)] - p01 <= share (E[Y(0)] / 2 + 1/4), and no more than the share.
    most = min(p01 + share, (p01 + share / 4) / (1 - share / 2))
    assert (effect.lower, effect.upper) == (p11 - most, p11 / share - p01)
    assert (rr.lower, rr.upper) == (p11 / most, p11 / share / p01)
    assert effect.method == rr.method == "closed form"


UNCONDITIONAL = """
model unconditional "A mean over all is at most that in a group"
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
assume E[Y(1) | X=1] >= E[Y(1)]
assume P(Y(0)=1) <= P(Y(0)=1 | X=1)
estimand effect = E[Y(1) - Y(0)]
"""


def test_a_guard_that_always_holds_is_left_out() -> None:
    (bounds,) = derive(Model.parse(UNCONDITIONAL)).closed_forms
    for side in (bounds.lower, bounds.upper):
        assert [piece.guards for piece in side.pieces] == [()]
