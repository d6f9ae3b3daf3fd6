"""A comparison with the mean of an empty group demands nothing, wherever it stands in a chain of comparisons."""

from __future__ import annotations

from fractions import Fraction

from boundgen import Model, derive, evaluate

CHAIN = """
model chain "Selection of three levels"
variable X in 0..2
variable Y(X) in {0, 1}
observe P(X, Y)
assume first: E[Y(2) | X=1] >= E[Y(2) | X=0]
assume second: E[Y(2) | X=2] >= E[Y(2) | X=1]
estimand risk = E[Y(2)]
"""


def test_a_chain_is_broken_by_an_empty_group() -> None:
    derived = derive(Model.parse(CHAIN))
    whole = {"P(X=0,Y=0)": "1/4", "P(X=1,Y=0)": "1/4", "P(X=2,Y=0)": "1/4", "P(X=2,Y=1)": "1/4"}
    (found,) = evaluate(derived, whole)
    # Half of those with X=2 have Y(2)=1: at most half of the others.
    assert (found.upper, found.method) == (Fraction(1, 2), "closed form")
    broken = {"P(X=0,Y=0)": "1/2", "P(X=2,Y=0)": "1/4", "P(X=2,Y=1)": "1/4"}
    (found,) = evaluate(derived, broken)
    # Nothing is said of those with X=0.
    assert (found.upper, found.method) == (Fraction(3, 4), "linear program")
