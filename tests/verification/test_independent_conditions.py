"""Claims about testable implications where variables share no causes: proofs, and laws of independent types."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, derive, evaluate, verify
from boundgen.bounds.independences import independences
from boundgen.bounds.observed_law import observed_law
from boundgen.exact.polynomials import Polynomial
from boundgen.strata.cells import observed_arms
from boundgen.verification.judgement import Verification
from boundgen.verification.latent_laws import latent_laws
from boundgen.verification.moved_laws import laws_with_equations
from boundgen.work.limits import Limits
from support.independent_causes import populations
from support.verma import VERMA as GRAPH

CHAIN = "model m\nvariable X in {0, 1}\nvariable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\nobserve P(X, M, Y)\n"
ASKED = "estimand y1 = P(Y(X=1)=1)\n"
ALONE = f"{CHAIN}unconfounded\n{ASKED}"
FRONT = f"{CHAIN}confounded X, Y\n{ASKED}"
TWO = f"{CHAIN}confounded X, M\nconfounded M, Y\n{ASKED}"
STAGE = """model m
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
variable S(Y) in {0, 1}
observe P(X, Y, S | Z)
confounded X, Y
estimand s1 = P(S(Y=1)=1)
"""
VERMA = f"{GRAPH}estimand d = P(D(C=1)=1)\n"
LOST = """model m
variable X in {0, 1}
variable Y(X) in {0, 1}
variable S(Y) in {0, 1}
confounded X, Y
observe P(X, Y, S=1)
estimand ate = E[Y(X=1) - Y(X=0)]
"""
GIVEN = "P(Y=1 | X=0, M=m) = P(Y=1 | X=1, M=m) for all m in M"
CROSSED = "P(X=0, M=m, Y=0) * P(X=1, M=m, Y=1) = P(X=0, M=m, Y=1) * P(X=1, M=m, Y=0) for all m in M"
ONE_LEVEL = "P(Y=1 | X=0, M=1) = P(Y=1 | X=1, M=1)"
SECOND = """P(X=x, Y=y, S=s | Z=z) * P(Y=y | Z=w) = P(X=x, Y=y | Z=z) * P(Y=y, S=s | Z=w)
    for all x in X, y in Y, s in S, z in Z, w in Z"""
INSTRUMENTAL = [f"P(X=x, Y=0 | Z={z}) + P(X=x, Y=1 | Z={1 - z}) <= 1 for all x in X" for z in (0, 1)]
VERMA_ARM = "P(B=0 | A={0}) * P(D=1 | A={0}, B=0, C=c) + P(B=1 | A={0}) * P(D=1 | A={0}, B=1, C=c)"


def judged(text: str, *holds: str) -> Verification:
    lines = "".join(f"  holds {each}\n" for each in holds)
    return verify(Model.parse(f'{text}claim "here" for conditions\n{lines}'))


@pytest.mark.parametrize(
    ("text", "holds", "verdict"),
    [
        (ALONE, [GIVEN], "sharp"),
        (ALONE, [CROSSED], "sharp"),
        (ALONE, [ONE_LEVEL], "valid"),
        (ALONE, ["P(X=1, Y=1) = P(X=1) * P(Y=1)"], "invalid"),
        (FRONT, ["P(X=0, M=0) <= 1"], "sharp"),
        (FRONT, [GIVEN], "invalid"),
        (STAGE, [SECOND, *INSTRUMENTAL], "sharp"),
        pytest.param(STAGE, [SECOND, INSTRUMENTAL[0]], "valid", marks=pytest.mark.slow),
        (STAGE, ["P(S=1 | X=1, Y=1, Z=0) = P(S(Y=1)=1)"], "valid"),
        (STAGE, ["P(X=0, Y=0 | Z=0) <= P(X=0, Y=0 | Z=1)"], "invalid"),
        (TWO, ["P(X=0) >= P(X=1)"], "invalid"),
        (TWO, [GIVEN], "invalid"),
        (LOST, ["P(X=0, Y=0, S=1) * P(X=1, Y=1, S=1) <= P(X=1, Y=0, S=1) * P(X=0, Y=1, S=1)"], "invalid"),
    ],
)
def test_verdicts(text: str, holds: list[str], verdict: str) -> None:
    """What refutes is a law of the model; at what shows that more is demanded, all that is claimed holds."""
    verified = judged(text, *holds)
    assert not verified.unanswered
    (found,) = verified.claims
    assert found.verdict == verdict
    assert (found.witness is None) == (verdict == "sharp")
    if found.witness is None:
        return
    assert found.witness.claimed is not None
    assert (found.witness.claimed < 0) == (verdict == "invalid")
    assert (found.witness.sharp < 0) == (verdict == "valid")
    assert bool(found.missing) == (verdict == "valid")
    if verdict == "invalid" and text != LOST:
        model = Model.parse(text)
        law = {cell.name: Fraction(0) for arm in observed_arms(model, Limits()) for cell in arm.cells}
        law |= dict(found.witness.cells)
        known = observed_law(model, observed_arms(model, Limits()))
        assert known is not None
        assert all(not each.distance(known, law) for each in independences(model))


@pytest.mark.slow
def test_an_equation_of_vermas_kind() -> None:
    """It holds of the model and is not all; one arm by itself is no function of A."""
    arms = [VERMA_ARM.format(a) for a in (0, 1)]
    found = judged(VERMA, f"{arms[0]} = {arms[1]} for all c in C").claims[0]
    assert found.verdict == "valid"
    assert found.witness is not None
    assert sum(value for _, value in found.witness.cells) == 1


def test_what_is_neither_proved_nor_refuted_is_said() -> None:
    verified = judged(TWO, "P(X=0, M=0) <= 1")
    assert not verified.claims
    assert "the model demands what is claimed; that this implies every" in verified.unanswered[0].reason
    verified = judged(LOST, "P(X=0, Y=0, S=1) * P(X=1, Y=1, S=1) <= 1/4")
    assert "is neither proved nor refuted" in verified.unanswered[0].reason


# ---------------------------------------------------------------- laws
@given(st.integers(0, 10**6), st.sampled_from([ALONE, FRONT, STAGE, VERMA]))
@settings(max_examples=20, deadline=None)
def test_random_causes_have_the_independences_of_the_model(seed: int, text: str) -> None:
    model = Model.parse(text)
    arms = observed_arms(model, Limits())
    law, known = next(latent_laws(model, arms, random.Random(seed))), observed_law(model, arms)
    assert known is not None
    assert all(sum(law[cell.name] for cell in arm.cells) == 1 for arm in arms)
    assert all(not each.distance(known, law) for each in independences(model))


@given(populations(positive=True, parts=[["X", "Y"], ["M"]], direct=False), st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_moved_laws_keep_the_equations(population: object, seed: int) -> None:
    model, cells = population.model, population.cells  # type: ignore[attr-defined]
    arms = observed_arms(model, Limits())
    names = [Polynomial.name(cell.name) for cell in arms[0].cells]
    kept = names[0] * names[1] - names[2] * names[3]
    equation = kept - Polynomial.number(kept.value(cells))
    for law in laws_with_equations(cells, [equation], arms, random.Random(seed)):
        assert law != cells
        assert equation.value(law) == 0
        assert sum(law.values()) == 1
        assert min(law.values()) >= 0


def test_a_witness_is_seen_by_evaluate() -> None:
    """The independence that is missing is off at the data that the verdict names."""
    found = judged(ALONE, ONE_LEVEL).claims[0]
    assert found.witness is not None
    report = evaluate(derive(Model.parse(ALONE)), dict(found.witness.cells))
    assert -found.witness.sharp == max(distance for _, distance in report.independences)


def test_moved_laws_leave_no_more_than_everybody_where_not_all_is_observed() -> None:
    """Nothing keeps the total of what is seen of a part of the units: a move beyond everybody is none."""
    arms = observed_arms(Model.parse(LOST), Limits())
    cells = [cell.name for arm in arms for cell in arm.cells]
    law = {name: Fraction(24, 100) for name in cells}
    found = [moved for seed in range(20) for moved in laws_with_equations(law, [], arms, random.Random(seed))]
    assert found
    assert all(sum(moved.values()) <= 1 for moved in found)


# No units have X = 1, of whom cells of factors are given: no laws are drawn.
NO_LAWS = FRONT.replace("X in", "Z in {0, 1} randomized\nvariable X(Z) in").replace(
    "observe P(X, M, Y)", "assume never: X(0) = 0 and X(1) = 0\nobserve P(X, M, Y | Z)"
)
ENDLESS = """model m
parameter g in [0, inf)
variable U in {0, 1}
variable X(U) in {0, 1}
variable Y(X, U) in {0, 1}
unconfounded
assume P(X=1) <= g
observe P(X, Y)
estimand y1 = P(Y(X=1)=1)
"""


@pytest.mark.parametrize(
    ("text", "holds"),
    [(NO_LAWS, "P(M=1, X=0 | Z=0) = P(M=1, X=0 | Z=1)"), (ENDLESS, "P(X=1) >= g")],
)
def test_without_laws_or_an_end_nothing_is_proved(text: str, holds: str) -> None:
    (found,) = judged(text, holds).unanswered
    assert "is neither proved nor refuted" in found.reason
