"""Comparisons of functions of the data are right: nothing refutes what is proved, and what refutes does so."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from boundgen import Model, derive
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.verification.law_order import LawOrder
from boundgen.verification.law_space import LawSpace, law_space
from boundgen.verification.sampled_laws import sampled_laws

RATIO = """model ratio
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
DEFIERS = "parameter g in [0, 1/2]\nassume P(X(1)=0, X(0)=1) <= g\n"
LATE = "estimand e = E[Y(1) - Y(0) | X(1) > X(0)]\n"
TREATED = RATIO.replace("| Z)", ", Z)") + "estimand e = E[Y(1) - Y(0) | X=1]\n"
LEVELS = """model levels
variable X in 0..2
variable Y(X) in {0, 1}
observe P(X, Y)
assume E[Y(t) | X=0] <= E[Y(t) | X=1] for all t in X
assume E[Y(t) | X=1] <= E[Y(t) | X=2] for all t in X
estimand e = E[Y(1)]
"""
MODELS = {"late": RATIO + LATE, "cap": RATIO + DEFIERS + LATE, "treated": TREATED, "levels": LEVELS}


def space_of(name: str) -> LawSpace:
    (bounds,) = derive(Model.parse(MODELS[name])).piecewise
    space = law_space(bounds)
    assert space
    return space


def drawn(draw: random.Random, names: list[str], signs: tuple[int, ...]) -> Polynomial:
    return Polynomial.of(((name,), draw.choice(signs)) for name in draw.sample(names, 3))


@pytest.mark.parametrize("name", MODELS)
def test_fractions(name: str) -> None:
    space, draw = space_of(name), random.Random(name)
    order, laws = LawOrder(space), list(sampled_laws(space, 60))
    names = [cell for cell in space.places if cell.startswith("P(")]
    for _ in range(12):
        one, other = (
            RationalFunction(drawn(draw, names, (-1, 0, 1, 2)), drawn(draw, names, (1, 1, 1, -1))) for _ in range(2)
        )
        if not (one.denominator and other.denominator):
            continue
        found = order.nowhere_below(space.read(one), space.read(other))
        below = [law for law in laws if is_below(one, other, law)]
        assert not (found.proved and below)
        if name in ("late", "cap"):
            # Four linear functions: one of the two is found.
            assert found.proved or any(is_below(one, other, law) for law in found.refuting)


def is_below(one: RationalFunction, other: RationalFunction, law: dict[str, Fraction]) -> bool:
    if min(each.denominator.value(law) for each in (one, other)) <= 0:
        return False
    return (one.value(law) or Fraction(0)) < (other.value(law) or Fraction(0))


@pytest.mark.parametrize("name", MODELS)
def test_laws_are_those_of_the_model(name: str) -> None:
    """The program at a sampled law has a solution, so that bounds are defined, or its divisor is zero."""
    (bounds,) = derive(Model.parse(MODELS[name])).piecewise
    space = law_space(bounds)
    assert space
    for law in sampled_laws(space, 30):
        assert all(value >= 0 for cell, value in law.items() if cell.startswith("P("))
        low, high = bounds.ends(law)[0]
        assert low is None or high is None or low <= high
        assert name != "levels" or low is not None
