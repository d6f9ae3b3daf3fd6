"""Verdicts on claims: the catalogue's are as recorded, and mutated claims change their verdict.

The witnesses are checked in test_witnesses.py, mutants of the whole catalogue in test_claim_mutations.py.
"""

from __future__ import annotations

import pytest

import boundgen
from boundgen import BoundgenError, Model, catalogue, derive
from boundgen.inspection.check import check
from boundgen.verification.judgement import judge, verify
from boundgen.verification.report import verification_json, verification_text
from boundgen.verification.shipped_claims import models_with_claims
from boundgen.verification.verdicts import ClaimVerdict
from boundgen.work.limits import Budget

MODELS = {model.name: model for model in models_with_claims()}
MMR = str(catalogue.load("mediation_mmr"))


# In CI `make bounds` judges the same claims by the plugin.
@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_every_verdict_is_recorded_and_as_recorded(name: str) -> None:
    for claim in verify(MODELS[name]).claims:
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


CONDITIONAL = """model study
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(Y, X)
observe P(Y | do(X=1))
estimand att = E[Y(1) - Y(0) | X=1]
"""


@pytest.mark.parametrize(
    ("model", "claim", "message"),
    [
        (
            MMR,
            'claim "test" for delta1\n  upper ATM + P(Y(1, 0)=1)',
            "2:15: the claim uses P(Y(1, 0)=1), which the observed data do not identify\n"
            "    upper ATM + P(Y(1, 0)=1)\n"
            "                ^^^^^^^^^^^^\n"
            "  A claim is written in what the data identify, parameters and definitions. Observed: P(Y, M | A).",
        ),
        (
            CONDITIONAL,
            'claim "test" for conditions\n  holds P(Y=1 | do(X=1)) >= P(Y=1 | do(X=0))',
            "2:29: the claim uses P(Y=1 | do(X=0)), which the observed data do not identify\n"
            "    holds P(Y=1 | do(X=1)) >= P(Y=1 | do(X=0))\n"
            "                              ^^^^^^^^^^^^^^^^\n"
            "  A claim is written in what the data identify, parameters and definitions. "
            "Observed: P(Y, X) and P(Y | do(X=1)).",
        ),
        (
            CONDITIONAL,
            'claim "test" for att\n  upper P(Y=1, X=1) / (2 P(X=1))',
            "2:26: the claim divides by 2 times the probability of the condition\n"
            "    upper P(Y=1, X=1) / (2 P(X=1))\n"
            "                           ^^^^^^\n"
            "  Divide by the probability itself, and the terms by the number.",
        ),
        (
            CONDITIONAL,
            'claim "test" for att\n  upper min(0, P(Y=1, X=1)) / P(X=0)',
            "2:31: the claim divides by P(Y=0,X=0) + P(Y=1,X=0), "
            "and the probability of the condition is P(Y=0,X=1) + P(Y=1,X=1)\n"
            "    upper min(0, P(Y=1, X=1)) / P(X=0)\n"
            "                                ^^^^^^\n"
            "  The denominator is the probability of the estimand's condition itself.",
        ),
    ],
    ids=["not identified", "condition not identified", "multiple of the denominator", "another denominator"],
)
def test_claims_that_cannot_be_judged(model: str, claim: str, message: str) -> None:
    """What only the strata can tell: `verify` and `check` say the same, at the same place."""
    bare = model.split("claim ")[0]
    read = Model.parse(f"{bare}{claim}\n", "bad.bounds")
    line, rest = message.split(":", 1)
    expected = f"bad.bounds:{bare.count(chr(10)) + int(line)}:{rest}"
    for judging in (verify, lambda found: check(found, Budget())):
        with pytest.raises(BoundgenError) as caught:
            judging(read)
        assert str(caught.value) == expected


@pytest.mark.parametrize("term", ["P(Y=1) / P(X=1) * 1/2", "1/2 P(Y=1) / P(X=1)", "-P(Y=1) / P(X=1)"])
def test_numbers_may_stand_anywhere_in_a_ratio(term: str) -> None:
    side = Model.parse(f'{CONDITIONAL}claim "test" for att\n  upper {term}\n').claims[0].upper
    factor = "-1" if term.startswith("-") else "1/2"
    assert side == Model.parse(CONDITIONAL).claim_side(None, [f"{factor} P(Y=1) / P(X=1)"])


def test_one_claim_is_judged_by_itself() -> None:
    """By what was derived once, for any claim about the model."""
    model = catalogue.load("mediation_mmr")
    derivation = derive(model)
    for claim, found in zip(model.claims, verify(model).claims[::2], strict=True):
        assert judge(derivation, claim)[0] == found
    loose = model.claim("loose", "delta1", lower=["-ATM"]).claims[-1]
    assert [side.verdict for side in judge(derivation, loose)] == ["valid"]


def test_verification_is_its_text_and_its_json() -> None:
    found = boundgen.verify(catalogue.load("mediation_limited_defiers"))
    assert str(found) == found.text() == verification_text(found, unicode=True)
    assert found.text(unicode=False) == verification_text(found, unicode=False) != found.text()
    assert found.json() == verification_json(found)
    assert isinstance(found, boundgen.Verification)
    assert all(isinstance(claim, boundgen.ClaimVerdict) for claim in found.claims)
    assert isinstance(found.claims[1].witness, boundgen.Witness)
