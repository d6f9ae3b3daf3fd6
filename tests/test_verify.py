"""Verdicts on claims: the catalogue's are as recorded, and mutated claims change their verdict.

The witnesses are checked in test_witnesses.py, mutants of the whole catalogue in test_claim_mutations.py.
"""

from __future__ import annotations

import pytest

from boundgen import BoundgenError, Model, catalogue
from boundgen.verification.catalogue import models_with_claims
from boundgen.verification.judgement import ClaimVerdict, Verification, verify
from boundgen.verification.report import verification_json, verification_text

MODELS = {model.name: model for model in models_with_claims()}
MMR = str(catalogue.load("mediation_mmr"))


@pytest.fixture(scope="module")
def verified() -> dict[str, Verification]:
    return {name: verify(model) for name, model in MODELS.items()}


@pytest.mark.parametrize("name", MODELS)
def test_every_verdict_is_recorded_and_as_recorded(name: str, verified: dict[str, Verification]) -> None:
    for claim in verified[name].claims:
        assert claim.expected == claim.verdict, claim.where


def judged(claim: str, model: str = MMR) -> tuple[ClaimVerdict, ...]:
    """The verdicts on one more claim for a model."""
    bare = model.split("claim ")[0]
    return verify(Model.parse(f'{bare}\nclaim "test" for delta1\n{claim}\n')).claims


RIGHT = "  lower max(-ATM, -P(Y=0, M=1 | A=1))\n  upper min(ATM, P(Y=1, M=1 | A=1))"


@pytest.mark.parametrize(
    ("old", "new", "verdicts"),
    [
        ("", "", ("sharp", "sharp")),
        ("max(-ATM, -P(Y=0, M=1 | A=1))", "max(-P(Y=0, M=1 | A=1))", ("valid", "sharp")),
        ("-P(Y=0, M=1 | A=1)", "-2 P(Y=0, M=1 | A=1)", ("valid", "sharp")),
        ("-P(Y=0, M=1 | A=1)", "-1/2 * P(Y=0, M=1 | A=1)", ("invalid", "sharp")),
        ("P(Y=0, M=1 | A=1)", "P(Y=0, M=1 | A=0)", ("invalid", "sharp")),
        ("min(ATM,", "min(ATM + 1/10,", ("sharp", "valid")),
        ("min(ATM,", "min(ATM - 1/10,", ("sharp", "invalid")),
        ("min(ATM, ", "min(ATM, 1, ", ("sharp", "sharp")),
        # The same functions in other cells.
        ("min(ATM,", "min(P(M=0 | A=0) - P(M=0 | A=1),", ("sharp", "sharp")),
        ("-P(Y=0, M=1 | A=1)", "P(Y=1 | A=1) + P(Y=0, M=0 | A=1) - 1", ("sharp", "sharp")),
    ],
)
def test_mutations_change_the_verdict(old: str, new: str, verdicts: tuple[str, str]) -> None:
    assert tuple(claim.verdict for claim in judged(RIGHT.replace(old, new, 1) if old else RIGHT)) == verdicts


def test_terms_are_judged_one_by_one() -> None:
    lower, upper = judged(
        "  lower max(-ATM, -P(Y=0, M=1 | A=1), -1, -P(Y=0, M=1 | A=0))\n  upper min(ATM, P(Y=1, M=1 | A=1) + ATM)"
    )
    assert [term.status for term in lower.terms] == ["sharp", "sharp", "superfluous", "wrong"]
    assert [term.status for term in upper.terms] == ["sharp", "superfluous"]
    assert [str(term) for term in upper.missing] == ["P(Y=1,M=1|A=1)"]


def test_a_wrong_cell_is_proposed_as_the_misprint() -> None:
    lower, _ = judged(RIGHT.replace("P(Y=0, M=1 | A=1)", "P(Y=0, M=1 | A=0)", 1))
    assert lower.misprint == "-P(Y=0, M=1 | A=0) should be -P(Y=0,M=1|A=1)"


def test_witness_of_a_wrong_claim_is_one_stratum() -> None:
    lower, _ = judged(RIGHT.replace("-P(Y=0, M=1 | A=1)", "0", 1))
    assert lower.witness
    assert lower.witness.strata
    assert [weight for _, weight in lower.witness.strata] == [1]


def test_json_is_the_contract() -> None:
    found = verification_json(verify(catalogue.load("mediation_limited_defiers")))
    assert found["schema"] == "boundgen.verification/1"
    right, wrong = found["claims"][:2]
    assert (right["side"], right["verdict"], right["witness"]) == ("lower", "sharp", None)
    assert set(wrong) == {"where", "estimand", "side", "verdict", "witness"}
    assert set(wrong["witness"]) == {"cells", "parameters", "strata", "estimand", "claimed", "sharp"}
    assert (wrong["witness"]["estimand"], wrong["witness"]["claimed"]) == ("1", "0")


def test_text_can_be_checked_with_a_pencil() -> None:
    text = verification_text(verify(catalogue.load("mediation_limited_defiers")), unicode=True)
    assert "δ(1), upper bound: invalid" in text
    assert "witness: every unit has M(0)=1, M(1)=0, Y(0,1)=0, Y(1,0)=1, Y(1,1)=0" in text
    assert "true delta1 1, claimed upper 0, sharp 1" in text


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("  upper P(Y(1, 0)=1)", "which the observed data do not identify"),
        ("  upper ATM / P(M=1 | A=1)", "has no condition"),
    ],
)
def test_claims_that_cannot_be_judged(claim: str, message: str) -> None:
    with pytest.raises(BoundgenError) as caught:
        judged(claim)
    assert message in str(caught.value)
