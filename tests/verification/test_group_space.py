"""Claims under assumptions whose right sides are products of what is observed: laws by groups, forms of any degree."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations_with_replacement

import pytest

from boundgen import Model, catalogue, derive, verify
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.exact.polynomials import Polynomial
from boundgen.verification.group_space import group_space
from boundgen.verification.law_order import LawOrder
from boundgen.verification.law_space import LawSpace, law_space
from boundgen.verification.sampled_laws import sampled_laws

SURVIVORS = """model survivors
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
assume S(1) >= S(0)
assume order: E[Y(1) | S(0)=1, S(1)=1] >= E[Y(1) | S(0)=0, S(1)=1]
estimand sace = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""
WHOLE = """model whole
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
assume E[Y(1) | X=1] >= E[Y(1)]
assume P(Y(0)=1) <= P(Y(0)=1 | X=1)
estimand effect = E[Y(1) - Y(0)]
"""
# Of the group X=0 its share matters too, so that no parting makes this linear.
SHARES_TOO = WHOLE.replace("P(Y(0)=1) <= P(Y(0)=1 | X=1)", "E[Y(0) | X=1] <= 1/2 * E[Y(0)] + 1/4")
STOPS = str(catalogue.load("police_records")).split("claim ")[0]
MODELS = {"survivors": SURVIVORS, "whole": WHOLE, "stops": STOPS}


def bounds_of(text: str) -> PiecewiseBounds:
    (found,) = derive(Model.parse(text)).piecewise
    return found


def space_of(text: str) -> LawSpace:
    found = group_space(bounds_of(text))
    assert found
    return found


@pytest.mark.parametrize("name", MODELS)
def test_laws_are_those_of_the_model(name: str) -> None:
    """The program at a sampled law has a solution wherever the estimand is defined."""
    bounds = bounds_of(MODELS[name])
    assert law_space(bounds) is None
    space, defined = group_space(bounds), 0
    assert space
    for law in sampled_laws(space, 60):
        assert all(value >= 0 for value in law.values())
        if bounds.normal.over.numerator.value(law):
            low, high = bounds.ends(law)[0]
            assert low is not None
            assert high is not None
            assert low <= high
            defined += 1
    assert defined > 30


def test_there_is_no_space_where_an_assumption_speaks_of_shares() -> None:
    assert group_space(bounds_of(SHARES_TOO)) is None


# ---------------------------------------------------------------- verdicts
OF_SURVIVORS = "(P(Y=1, S=1 | A=1) - P(Y=1, S=1 | A=0)) / P(S=1 | A=0)"
COMMON = "(1 - rho) * y1 - ay0 + rho * d * ay0"


@pytest.mark.parametrize(
    ("model", "estimand", "sides", "verdicts"),
    [
        ("survivors", "sace", "lower P(Y=1 | A=1, S=1) - P(Y=1 | A=0, S=1)", ["sharp"]),
        ("survivors", "sace", f"upper min(P(Y=0 | A=0, S=1), {OF_SURVIVORS})", ["sharp"]),
        ("survivors", "sace", "upper P(Y=0 | A=0, S=1)", ["valid"]),
        ("survivors", "sace", "lower P(Y=1 | A=1, S=1)", ["invalid"]),
        ("whole", "effect", "upper P(Y=1 | X=1) - P(X=0, Y=1)", ["valid"]),
        ("whole", "effect", "upper P(Y=1 | X=1) - P(Y=1 | X=0)", ["sharp"]),
        ("whole", "effect", "upper P(X=1, Y=1) - P(Y=1 | X=0)", ["invalid"]),
        ("stops", "ate_m1", f"lower ({COMMON} + 1/100) / (1 - rho)", ["invalid"]),
        ("stops", "ate_m1", f"lower ({COMMON} - rho * rho * rho * ay0) / (1 - rho)", ["valid"]),
        ("stops", "ate_m1", f"upper ({COMMON} + (1 - d) * rho * y1) / (1 - rho)", ["valid"]),
        ("stops", "ate_m1", f"upper ({COMMON} + (1 - d) * (1 - rho) * (1 - y1)) / (1 - rho)", ["valid"]),
        ("stops", "ate_m1", f"upper ({COMMON} + (1 - d) * rho * (1 - rho) * y1) / (1 - rho)", ["invalid"]),
    ],
)
def test_verdicts(model: str, estimand: str, sides: str, verdicts: list[str]) -> None:
    text = MODELS[model]
    found = verify(Model.parse(f'{text}claim "here" for {estimand}\n  {sides}\n'))
    assert [claim.verdict for claim in found.claims] == verdicts
    (witness,) = (claim.witness for claim in found.claims)
    assert (witness is None) == (verdicts == ["sharp"])
    if witness:
        end = 0 if sides.startswith("lower") else 1
        assert bounds_of(text).evaluate(dict(witness.cells), dict(witness.parameters))[end] == witness.sharp
        assert witness.claimed is not None
        assert witness.sharp is not None
        # A lower claim above the sharp bound is invalid, one below it not sharp; of an upper one the other way round.
        assert (witness.claimed > witness.sharp) == ((end == 0) == (verdicts == ["invalid"]))


# ---------------------------------------------------------------- forms of a higher degree in shares
P0, P1 = Polynomial.name("P(T=0)"), Polynomial.name("P(T=1)")


def test_forms_of_shares() -> None:
    space = space_of(STOPS)
    order = LawOrder(space)

    def nowhere_negative(polynomial: Polynomial) -> bool | None:
        found = order.nowhere_negative(space.polynomial(polynomial))
        assert not found.proved or not found.refuting
        assert all(polynomial.value(law) < 0 for law in found.refuting[:1])
        return True if found.proved else False if found.refuting else None

    square = P0 * P0 - P0 * P1 + P1 * P1
    assert nowhere_negative(square) is True  # times the sum of shares it has no negative coefficient
    assert nowhere_negative(square - P0 * P1.scaled(2)) is False
    assert nowhere_negative(square - P0 * P1) is None  # zero at equal shares: no power of the sum proves it


def test_what_no_parameter_meets_is_proved() -> None:
    """The parameter d is at most one."""
    space = space_of(STOPS)
    order, d = LawOrder(space), Polynomial.name("d")
    negative = space.polynomial(-P0 * P0 - P0 * P1)
    assert order.nowhere_negative(negative, [space.polynomial(d - Polynomial.number(2))]).proved
    assert not order.nowhere_negative(negative, [space.polynomial(d - Polynomial.number(1))]).proved


def test_nothing_refutes_what_is_proved() -> None:
    space, draw = space_of(STOPS), random.Random(5)
    order, laws = LawOrder(space), list(sampled_laws(space, 80))
    cells = [name for name in space.places if name.startswith("P(T")]
    others = [name for name in space.places if name.startswith("P(Y")]
    outcomes = {True: 0, False: 0}
    for _ in range(40):
        terms = [*combinations_with_replacement(cells, 2), *((a, b) for a in cells for b in others)]
        polynomial = Polynomial.of((names, draw.choice((-1, 0, 1, 2))) for names in draw.sample(terms, 5))
        found = order.nowhere_negative(space.polynomial(polynomial))
        if found.proved:
            assert all(polynomial.value(law) >= 0 for law in laws)
        assert not found.refuting or any(polynomial.value(law) < 0 for law in found.refuting)
        outcomes[found.proved] += 1
    assert min(outcomes.values()) > 3


# ---------------------------------------------------------------- superfluous options
def test_a_side_with_weights_keeps_no_option_that_another_is_nowhere_worse_than() -> None:
    """Of max{r0 - p0, r0 - q0, r0 - p0 q0} the last is all."""
    bounds = bounds_of(STOPS)
    counts = [
        [len(s.options) for piece in side.pieces for s in piece.summands] for side in (bounds.lower, bounds.upper)
    ]
    assert [max(own) for own in counts] == [1, 2]
    for law in sampled_laws(space_of(STOPS), 40):
        over = bounds.denominator.value(law) if bounds.denominator else Fraction(1)
        if over:
            ends = bounds.ends(law)[0]
            values = (side.values(law)[0] for side in (bounds.lower, bounds.upper))
            assert [value / over for value in values if value is not None] == list(ends)
