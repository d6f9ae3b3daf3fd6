"""The napkin graph: W -> R -> X -> Y, with a cause of W and X and one of W and Y (Pearl & Mackenzie 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

NAPKIN = """model napkin
variable W in {0, 1}
variable R(W) in {0, 1}
variable X(R) in {0, 1}
variable Y(X) in {0, 1}
confounded W, X
confounded W, Y
observe P(W, R, X, Y)
estimand risk = P(Y(X=1)=1)
estimand ate = E[Y(X=1) - Y(X=0)]
"""
Law = dict[tuple[int, int, int, int], Fraction]


def napkin_law(chances: Sequence[Fraction]) -> tuple[Law, tuple[Fraction, Fraction]]:
    """The law of binary variables with binary causes, by 16 probabilities, and P(Y(0)=1) and P(Y(1)=1)."""
    left, both = list(chances), list(product((0, 1), repeat=2))
    one, other = left.pop(), left.pop()
    w, x, y = ({pair: left.pop() for pair in both} for _ in range(3))
    r = {k: left.pop() for k in (0, 1)}

    def of(chance: Fraction, value: int) -> Fraction:
        return chance if value else 1 - chance

    law: Law = {}
    for a, b in both:
        for values in product((0, 1), repeat=4):
            share = of(one, a) * of(other, b) * of(w[a, b], values[0]) * of(r[values[0]], values[1])
            share *= of(x[values[1], a], values[2]) * of(y[values[2], b], values[3])
            law[values] = law.get(values, Fraction(0)) + share
    without, treated = (sum((of(other, b) * y[k, b] for b in (0, 1)), Fraction(0)) for k in (0, 1))
    return law, (without, treated)
