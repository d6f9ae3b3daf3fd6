"""Verdicts on claims where variables share no causes: proofs, laws that refute, and where neither is found none."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen.bounds.lowest_terms import LowestTerms
from boundgen.derivation import derive
from boundgen.evaluation.evaluate import evaluate
from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.verification.judgement import Verification, verify
from support.command import Run
from support.verma import VERMA as GRAPH

CHAIN = "model m\nvariable X in {0, 1}\nvariable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\nobserve P(X, M, Y)\n"
FRONT = f"""{CHAIN}confounded X, Y
estimand ate = E[Y(X=1) - Y(X=0)]
estimand switch = P(M(X=1)=1, M(X=0)=0)
estimand pns = P(Y(X=1)=1, Y(X=0)=0)
"""
BACK = f"{CHAIN}confounded X, M\nestimand y1 = P(Y(X=1)=1)\n"
STAGE = """model m
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}
observe P(X, M, Y | Z)
confounded X, M
estimand ate = E[Y(X=1) - Y(X=0)]
"""
VERMA = f"""{GRAPH}estimand d = P(D(C=1)=1)
"""
PEARL = """(P(M=1 | X=1) - P(M=1 | X=0)) * (P(X=0) * P(Y=1 | X=0, M=1) + P(X=1) * P(Y=1 | X=1, M=1)
    - P(X=0) * P(Y=1 | X=0, M=0) - P(X=1) * P(Y=1 | X=1, M=0))"""
WEIGHT = "(P(Y=1 | M=1) - P(Y=1 | M=0))"
SIDES = f"""{WEIGHT} * P(X=1, M=1) + P(Y=1 | M=0) if P(Y=1 | M=1) >= P(Y=1 | M=0),
    {WEIGHT} * (1 - P(X=1, M=0)) + P(Y=1 | M=0) if P(Y=1 | M=1) <= P(Y=1 | M=0)"""
FIRST = SIDES.partition(",\n")[0]


def _verified(model: str, claims: str) -> Verification:
    return verify(Model.parse(f"{model}claim {claims}\n"))


def _verdict(model: str, claims: str) -> str:
    (found,) = _verified(model, claims).claims
    return found.verdict


# ---------------------------------------------------------------- what is proved
@pytest.mark.parametrize(
    ("model", "claim", "verdict"),
    [
        (FRONT, f'"front door" for ate\n  lower {PEARL}', "sharp"),
        (FRONT, '"front door" for ate\n  upper (P(M=1 | X=1) - P(M=1 | X=0)) * (P(Y(M=1)=1) - P(Y(M=0)=1))', "sharp"),
        (FRONT, '"no confounding" for ate\n  upper P(Y=1 | X=1) - P(Y=1 | X=0)', "invalid"),
        (FRONT, '"range" for ate\n  lower -1', "valid"),
        (FRONT, '"one group" for switch\n  upper min(P(M=1 | X=1), P(M=0 | X=0))', "sharp"),
        (FRONT, '"one group" for switch\n  upper min(P(M=1 | X=1), 1)', "valid"),
        (FRONT, '"one group" for switch\n  lower P(M=1 | X=1) - 1/10', "invalid"),
        (BACK, f'"weights" for y1\n  lower max({SIDES})', "sharp"),
        (BACK, f'"weights" for y1\n  lower max({FIRST}, 0)', "valid"),
        (BACK, '"weights" for y1\n  lower P(Y=1 | M=1)', "invalid"),
        (STAGE, '"Bonferroni" for ate\n  lower -1', "valid"),
        (FRONT, '"two groups" for pns\n  upper min(P(M=1 | X=1), P(M=0 | X=0))', "invalid"),
    ],
)
def test_the_verdict(model: str, claim: str, verdict: str) -> None:
    assert _verdict(model, claim) == verdict


def test_what_the_model_makes_equal_is_equal() -> None:
    """Verma's equation: the claim takes the other arm of A, and mixes both."""
    arms = [f"P(B=0 | A={a}) * P(D=1 | A={a}, B=0, C=1) + P(B=1 | A={a}) * P(D=1 | A={a}, B=1, C=1)" for a in (0, 1)]
    found = _verified(VERMA, f'"both" for d\n  lower 1/3 * ({arms[0]}) + 2/3 * ({arms[1]})\n  upper P(D=1 | C=1)')
    assert [each.verdict for each in found.claims] == ["sharp", "invalid"]


# ---------------------------------------------------------------- witnesses
def test_a_witness_is_a_law_of_the_model() -> None:
    """At its data the exact bounds are what it says, and every independence holds."""
    for model, claim in (
        (FRONT, '"a" for ate\n  upper P(Y=1 | X=1) - P(Y=1 | X=0)'),
        (FRONT, '"b" for pns\n  upper P(M=1 | X=1)'),
        (STAGE, '"c" for ate\n  lower 0'),
        (BACK, '"d" for y1\n  lower P(Y=1 | M=1)'),
    ):
        found = _verified(model, claim).claims[0]
        assert found.witness is not None
        report = evaluate(derive(Model.parse(model), found.estimand, partial=True), dict(found.witness.cells))
        assert found.witness.sharp == (report[0].lower if found.side == "lower" else report[0].upper)
        assert all(not distance for _, distance in report.independences)
        beyond = 1 if found.side == "lower" else -1
        assert beyond * (found.witness.claimed or 0) > beyond * found.witness.sharp


# ---------------------------------------------------------------- without a verdict
def test_agreement_at_random_laws_is_no_proof(run: Run) -> None:
    Path("m.bounds").write_text(f'{FRONT}claim "valid" for pns\n  lower 0\n')
    found = run("verify", "m.bounds")
    assert found.status == 3
    assert "the lower side is nowhere beyond the sharp bound at 200 random laws of the model" in found.err + found.out
    assert "it is neither proved nor refuted" in found.err + found.out
    assert "sharp\n" not in found.out


def test_programs_at_data_have_none() -> None:
    """Overlapping causes: a program at data is linear where the data know one of them."""
    causes = "confounded X, M\nconfounded M, Y\nestimand y1 = P(Y(X=1)=1)\n"
    for text, kind in ((CHAIN, "linear"), (STAGE.split("confounded")[0], "polynomial")):
        (reason,) = [each.reason for each in _verified(text + causes, '"two causes" for y1\n  lower 0').unanswered]
        assert f"{kind} program" in reason


# ---------------------------------------------------------------- lowest terms
@given(st.lists(st.integers(1, 9), min_size=5, max_size=5))
@settings(max_examples=20, deadline=None)
def test_lowest_terms_have_the_same_values(numbers: list[int]) -> None:
    a, b, c, d = map(Polynomial.name, "abcd")
    lowest = LowestTerms(("a", "b", "c", "d"), (Term.of(-1, {"a": 1, "b": 1}), Term.of(0, {"c": 1, "d": -2, "a": -1})))
    share = Fraction(numbers[0], sum(numbers[:2]))
    at = {"a": share, "b": 1 - share, "d": Fraction(numbers[2]), "c": 2 * Fraction(numbers[2]) + share}
    parts = (a * c + b.scaled(numbers[3]), a * a + a * b + d.scaled(numbers[4]))
    function = RationalFunction(*parts)
    found = lowest.substituted(function, {})
    assert found.value(at) == function.value(at)
    assert found == lowest.substituted(
        RationalFunction(function.numerator * (c + d), function.denominator * (c + d)), {}
    )
    assert not found.names & {"b", "d"} or not found.names & {"b"}
    whole = lowest.total([(Fraction(1), [RationalFunction(a)]), (Fraction(1), [RationalFunction(b)])])
    assert whole.number == 1


def test_functions_are_held_against_laws_of_the_model(tmp_path: Path, run: Run) -> None:
    (tmp_path / "bounds.py").write_text(
        "def effect(p):\n"
        "    x = {v: sum(w for name, w in p.items() if f'X={v}' in name) for v in '01'}\n"
        "    m = lambda m, x: sum(w for name, w in p.items() if f'X={x},M={m}' in name)\n"
        "    y = lambda m: sum(x[v] * p[f'P(X={v},M={m},Y=1)'] / m_(m, v) for v in '01')\n"
        "    m_ = m\n"
        "    return (m('1', '1') / x['1'] - m('1', '0') / x['0']) * (y('1') - y('0'))\n"
        "def nothing(p):\n"
        "    return 0\n",
        encoding="utf-8",
    )
    sides = '  lower from python "bounds.py:effect"\n  upper from python "bounds.py:nothing"\n'
    (tmp_path / "front.bounds").write_text(f'{FRONT}claim "code" for ate\n{sides}', encoding="utf-8")
    found = run("verify", str(tmp_path / "front.bounds"))
    assert "ate, lower bound: agrees at 200 laws of the data" in found.out
    assert "ate, upper bound: invalid" in found.out
    assert "claimed upper 0, sharp " in found.out
    assert found.status == 1
