"""Claims about testable implications that are products of what is observed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from boundgen import Model, derive, verify
from boundgen.polyhedra.weighted_optimum import is_possible
from boundgen.verification.verdicts import ClaimVerdict
from support.piece_models import COMPLIERS, PIECE_MODELS

CHAIN = PIECE_MODELS["chain"]
ORDERED = "P(Y=1, X=2) * P(X=0) >= P(Y=1, X=0) * P(X=2)"
MULTIPLIED = """model multiplied
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter b in [0, 2]
assume few: E[Y(1)] <= b * E[Y(0)]
estimand ate = E[Y(1) - Y(0)]
"""
TREATED = "P(Y=y, X=1 | Z=1) >= P(Y=y, X=1 | Z=0) for all y in Y"
UNTREATED = "P(Y=y, X=0 | Z=0) >= P(Y=y, X=0 | Z=1) for all y in Y"


def judged(text: str, *holds: str) -> ClaimVerdict:
    lines = "".join(f"  holds {each}\n" for each in holds)
    found = verify(Model.parse(f'{text}claim "here" for conditions\n{lines}'))
    assert not found.unanswered
    return found.claims[0]


@pytest.mark.parametrize(
    ("text", "holds", "verdict"),
    [
        (CHAIN, [ORDERED], "sharp"),
        (CHAIN, ["3 * P(X=2) * P(Y=0, X=0) >= 3 * P(Y=0, X=2) * P(X=0)"], "sharp"),
        (CHAIN, [ORDERED, "P(X=x) >= 0 for all x in X"], "sharp"),
        (CHAIN, ["P(Y=1, X=2) * P(X=0) + P(X=1) >= P(Y=1, X=0) * P(X=2)"], "valid"),
        (CHAIN, ["P(Y=1, X=2) * P(X=0) <= P(Y=1, X=0) * P(X=2)"], "invalid"),
        (CHAIN, [ORDERED, "P(Y=1, X=2) >= P(Y=1, X=0)"], "invalid"),
        (MULTIPLIED, ["b >= P(Y=1, X=1) + b * P(Y=0, X=0)"], "sharp"),
        (MULTIPLIED, ["b >= P(Y=1, X=1)"], "valid"),
        (MULTIPLIED, ["b >= P(Y=1)"], "invalid"),
        (COMPLIERS, [TREATED, UNTREATED], "valid"),
        (COMPLIERS, [TREATED, "P(X=1 | Z=1) * P(Y=1 | Z=0) >= P(Y=1 | Z=1) * P(X=1 | Z=0)"], "invalid"),
    ],
)
def test_verdicts(text: str, holds: list[str], verdict: str) -> None:
    """What refutes is a population of the model; what is missing is broken at data that meet the claim."""
    found = judged(text, *holds)
    assert found.verdict == verdict
    assert (found.witness is None) == (verdict == "sharp")
    if found.witness is None:
        return
    derivation = derive(Model.parse(text), partial=True)
    law = {cell.name: Fraction(0) for cell in derivation.cells} | dict(found.witness.cells)
    at = {**law, **dict(found.witness.parameters)}
    conditions = derivation.known_conditions
    assert conditions is not None
    slack = min(each.value(at) for each in conditions)
    assert found.witness.sharp == slack
    assert is_possible(derivation.problem.weighted[0].program, at) == (verdict == "invalid")
    assert (slack >= 0) == (verdict == "invalid")
    assert found.witness.claimed is not None
    assert (found.witness.claimed >= 0) == (verdict == "valid")
    assert (found.witness.strata is not None) == (verdict == "invalid")
    assert all(each in conditions for each in found.missing)
    assert bool(found.missing) == (verdict == "valid")


def test_what_is_missing_is_printed() -> None:
    lines = 'claim "here" for conditions\n  holds P(X=0) >= 0\n'
    text = verify(Model.parse(CHAIN + lines)).text(unicode=False)
    assert "testable implications: valid, not sharp" in text
    assert "missing: if P(X=1) > 0: P(Y=1|X=2) >= P(Y=1|X=0)" in text
