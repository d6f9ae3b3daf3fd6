"""Claims about ratios and weights: published fractions and sums of maxima, and the same with something left out."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from boundgen import Model, verify
from boundgen.errors import ModelError
from boundgen.evaluation.evaluate import evaluate
from boundgen.verification.judgement import Verification
from boundgen.verification.verdicts import ClaimVerdict

TRIAL = """model trial
variable Z in {0, 1} randomized
variable S(Z) in {0, 1}
variable Y(Z, S) in {0, 1}
observe P(Y, S | Z)
assume Y(z, 0) = 0 for all z in Z
define pi = P(S=1 | Z=1) + P(S=1 | Z=0) - 1
estimand sace = E[Y(1, 1) - Y(0, 1) | S(0)=1, S(1)=1]
"""
WHOLE = """
  lower max(-1, -P(Y=1, S=1 | Z=0) / pi, -P(Y=0, S=1 | Z=1) / pi, 1 - (P(Y=1, S=1 | Z=0) + P(Y=0, S=1 | Z=1)) / pi)
  upper min(1, P(Y=0, S=1 | Z=0) / pi, P(Y=1, S=1 | Z=1) / pi, (P(Y=0, S=1 | Z=0) + P(Y=1, S=1 | Z=1)) / pi - 1)"""
WITHOUT_LAST = """
  lower max(-1, -P(Y=1, S=1 | Z=0) / pi, -P(Y=0, S=1 | Z=1) / pi)
  upper min(1, P(Y=0, S=1 | Z=0) / pi, (P(Y=0, S=1 | Z=0) + P(Y=1, S=1 | Z=1)) / pi - 1)"""
WRONG_CELL = """
  lower max(-1, -P(Y=0, S=1 | Z=0) / pi)
  upper min(1, P(Y=1, S=1 | Z=0) / pi)"""

CAP = """model cap
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter g in [0, 1]
assume P(M(0)=1, M(1)=0) <= g
define q = P(M=1 | A=0)
define pi = P(M=1 | A=0) + P(M=1 | A=1) - 1
estimand share = P(Y(1, 1) != Y(0, 1) | M(0)=1, M(1)=1)
"""
FOUR = """
  lower max(0, (P(Y=1, M=1 | A=0) - P(Y=1, M=1 | A=1) - g) / (q - g),
    (P(Y=0, M=1 | A=0) - P(Y=0, M=1 | A=1) - g) / (q - g),
    (P(Y=1, M=1 | A=0) + P(Y=0, M=1 | A=1) - 1) / pi, (P(Y=0, M=1 | A=0) + P(Y=1, M=1 | A=1) - 1) / pi)"""

OBSERVED = """model observed
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand rr = E[Y(1)] / E[Y(0)]
estimand attributable = 1 - E[Y(0)] / E[Y]
"""
ONE_FRACTION = """
  lower P(X=1, Y=1) / (1 - P(X=0, Y=0))
  upper (1 - P(X=1, Y=0)) / P(X=0, Y=1)"""

SELECTION = """model levels
variable X in 0..2
variable Y(X) in {0, 1}
observe P(X, Y)
assume E[Y(t) | X=0] <= E[Y(t) | X=1] for all t in X
assume E[Y(t) | X=1] <= E[Y(t) | X=2] for all t in X
"""
RESPONSE = "assume Y(1) >= Y(0)\nassume Y(2) >= Y(1)\n"
MTS = """
  lower (P(X=1) + P(X=2)) * P(Y=1 | X=1)
  upper (P(X=0) + P(X=1)) * P(Y=1 | X=1) + P(X=2)"""
MTR_MTS = """
  lower P(Y=1, X=0) + (P(X=1) + P(X=2)) * P(Y=1 | X=1)
  upper (P(X=0) + P(X=1)) * P(Y=1 | X=1) + P(Y=1, X=2)"""
DIFFERENCE = """
  lower 0
  upper P(Y=1 | X=2) - P(Y=1 | X=0)"""

INSTRUMENT = """model instrument
variable V in 0..2
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(V, X, Y)
assume E[Y(t) | V=0] <= E[Y(t) | V=1] for all t in X
assume E[Y(t) | V=1] <= E[Y(t) | V=2] for all t in X
estimand y1 = E[Y(1)]
"""
MIV = """
  lower P(V=0) * P(Y=1, X=1 | V=0) + P(V=1) * max(P(Y=1, X=1 | V=0), P(Y=1, X=1 | V=1))
    + P(V=2) * max(P(Y=1, X=1 | V=0), P(Y=1, X=1 | V=1), P(Y=1, X=1 | V=2))
  upper P(V=0) * min(1 - P(Y=0, X=1 | V=0), 1 - P(Y=0, X=1 | V=1), 1 - P(Y=0, X=1 | V=2))
    + P(V=1) * min(1 - P(Y=0, X=1 | V=1), 1 - P(Y=0, X=1 | V=2)) + P(V=2) * (1 - P(Y=0, X=1 | V=2))"""
SHORT_MIV = """
  lower P(V=0) * P(Y=1, X=1 | V=0) + P(V=1) * P(Y=1, X=1 | V=1) + P(V=2) * P(Y=1, X=1 | V=2)
  upper 1 - P(Y=0, X=1)"""

ONE_SIDED = """model treated
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y, Z)
assume X(0) = 0
estimand ett = E[Y(1) - Y(0) | X=1]
"""
ETT = """
  lower P(Z=1) * (P(Y=1 | Z=1) - P(Y=1 | Z=0)) / P(X=1)
  upper (P(Y=1) - P(Y=1 | Z=0)) / P(X=1)"""

PAY = """model pay
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
observe P(Y | do(X))
parameter b in [-2, 2]
define P1 = P(Y=1 | do(X=1))
define P0 = P(Y=1 | do(X=0))
estimand benefit = b * P(Y(0)=0, Y(1)=1) - P(Y(0)=1, Y(1)=0)
"""
CHAMBERS = """
  lower max(P1 - P0 + (b - 1) * max(0, P1 - P0, P(Y=1) - P0, P1 - P(Y=1)) if b >= 1,
    P1 - P0 + (b - 1) * min(P1, 1 - P0, P(X=1, Y=1) + P(X=0, Y=0), P1 - P0 + P(X=0, Y=1) + P(X=1, Y=0)) if b <= 1)"""
ONE_CHAMBER = """
  lower max(P1 - P0 + (b - 1) * max(0, P1 - P0) if b >= 1)"""

STOPS = """model stops
variable D in {0, 1}
variable M(D) in {0, 1}
variable Y(D, M) in {0, 1}
observe P(D, Y | M=1)
assume M(1) >= M(0)
assume Y(d, 0) = 0 for all d in D
estimand stopped = E[Y(D=1) - Y(D=0) | M=1]
"""
FORCE = """
  lower -P(D=0, Y=1 | M=1) - P(D=1, Y=0 | M=1)
  upper P(D=1, Y=1 | M=1) + P(D=0, Y=0 | M=1)"""


def judged(model: str, estimand: str, sides: str) -> Verification:
    return verify(Model.parse(f'{model}claim "here" for {estimand}{sides}\n'))


@pytest.mark.parametrize(
    ("model", "estimand", "sides", "verdicts"),
    [
        (TRIAL, "sace", WHOLE, ("sharp", "sharp")),
        (TRIAL, "sace", WITHOUT_LAST, ("valid", "valid")),
        (TRIAL, "sace", WRONG_CELL, ("invalid", "invalid")),
        (CAP, "share", FOUR, ("sharp",)),
        (CAP, "share", FOUR.replace("- g) / (q - g)", "+ g) / (q - g)"), ("invalid",)),
        (OBSERVED, "rr", ONE_FRACTION, ("sharp", "sharp")),
        (OBSERVED, "rr", "\n  lower P(Y=1 | X=1) / P(Y=1 | X=0)\n  upper 10", ("invalid", "invalid")),
        (OBSERVED, "attributable", "\n  upper P(X=1, Y=1) / P(Y=1)", ("sharp",)),
        (SELECTION + "estimand y1 = E[Y(1)]\n", "y1", MTS, ("sharp", "sharp")),
        (
            SELECTION + "estimand y1 = E[Y(1)]\n",
            "y1",
            "\n  lower P(X=1, Y=1)\n  upper P(Y=1 | X=1)",
            ("valid", "invalid"),
        ),
        (SELECTION + RESPONSE + "estimand y1 = E[Y(1)]\n", "y1", MTR_MTS, ("sharp", "sharp")),
        (SELECTION + RESPONSE + "estimand d = E[Y(2) - Y(0)]\n", "d", DIFFERENCE, ("sharp", "sharp")),
        (INSTRUMENT, "y1", MIV, ("sharp", "sharp")),
        (INSTRUMENT, "y1", SHORT_MIV, ("valid", "valid")),
        (PAY, "benefit", CHAMBERS, ("sharp",)),
        (PAY, "benefit", ONE_CHAMBER, ("valid",)),
        (PAY, "benefit", ONE_CHAMBER.replace("if b >= 1", "if b >= 0"), ()),
        (STOPS, "stopped", FORCE, ("sharp", "sharp")),
        (ONE_SIDED, "ett", ETT, ("sharp", "sharp")),
    ],
)
def test_published_forms(model: str, estimand: str, sides: str, verdicts: tuple[str, ...]) -> None:
    if not verdicts:
        with pytest.raises(ModelError):
            judged(model, estimand, sides)
        return
    found = judged(model, estimand, sides)
    assert tuple(claim.verdict for claim in found.claims) == verdicts
    assert not found.unanswered
    for claim in found.claims:
        check_witness(found.model, claim)


def check_witness(model: Model, claim: ClaimVerdict) -> None:
    """What the witness says of its population and of the sharp bound is so."""
    if claim.verdict == "sharp":
        assert claim.witness is None
        return
    witness = claim.witness
    assert witness
    assert witness.strata
    assert sum(share for _, share in witness.strata) == 1
    bounds = model.bound(claim.estimand, conditions=False)
    values = evaluate(bounds, dict(witness.cells), dict(witness.parameters))[0]
    sharp = values.lower if claim.side == "lower" else values.upper
    assert witness.estimand == witness.sharp == sharp
    assert isinstance(sharp, Fraction)
    looser = -1 if claim.side == "lower" else 1
    if claim.verdict == "invalid":
        assert witness.claimed is not None
        assert (witness.claimed - sharp) * looser < 0
    else:
        assert witness.claimed is None or (witness.claimed - sharp) * looser > 0


PRODUCTS = """
  lower P(X=0, Y=0) * P(X=1, Y=1) - P(X=0, Y=0) * P(X=0, Y=0)
  upper (1 - P(X=1, Y=0)) / P(X=0, Y=1)"""


def test_what_is_neither_proved_nor_refuted_has_no_verdict() -> None:
    found = judged(OBSERVED, "rr", PRODUCTS)
    assert [(claim.side, claim.verdict) for claim in found.claims] == [("upper", "sharp")]
    (left,) = found.unanswered
    assert left.name == 'claim "here" for rr, lower'
    said = re.search(
        r"nowhere beyond the sharp bound at (\d+) laws of the data, and equal to it at (\d+) of", left.reason
    )
    assert said
    assert 200 >= int(said[1]) > int(said[2])
    assert "neither proved nor refuted" in found.text()
    assert found.json()["unanswered"] == [left.json()]


def test_where_something_is_divided_by_zero_nothing_is_claimed() -> None:
    """Conditional probabilities of what nobody has are no claim, so no such law is a witness."""
    lower, _ = judged(INSTRUMENT, "y1", SHORT_MIV).claims
    assert lower.witness
    assert lower.witness.claimed is not None


def test_a_fraction_that_cancels_says_nothing_where_its_divisor_is_zero() -> None:
    """At P(X=0, Y=1) = 1, of fewer strata, it would be wrong too."""
    (found,) = judged(OBSERVED, "rr", "\n  lower P(X=1, Y=1) / P(X=1, Y=1)").claims
    assert found.verdict == "invalid"
    assert found.witness
    assert dict(found.witness.cells)["P(X=1,Y=1)"] > 0
    assert found.witness.claimed == 1


GAIN = """model gain
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter g in [-1, 1]
estimand q = g * P(Y(1)=1)
"""
AT_MOST_ZERO = "g - g * P(X=1, Y=0) if g <= 0"


@pytest.mark.parametrize(
    ("positive", "verdict"),
    [
        ("g * P(X=1, Y=1)", "invalid"),
        ("g * P(X=1, Y=1) if g >= 0", "sharp"),
        # It would be wrong where g is negative, and says nothing there.
        ("g * g * P(X=1, Y=1) / g", "sharp"),
    ],
)
def test_a_fraction_that_cancels_counts_where_its_divisor_is_positive(positive: str, verdict: str) -> None:
    (found,) = judged(GAIN, "q", f"\n  lower max({positive}, {AT_MOST_ZERO})").claims
    assert found.verdict == verdict


EITHER_SIGN = """model either
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
assume M(1) >= M(0)
define total = P(Y=1 | A=1) - P(Y=1 | A=0)
estimand share = E[Y(1, M(1)) - Y(1, M(0))] / total
"""
POSITIVE = "-P(Y=0, M=1 | A=1) / total, (P(M=0 | A=1) - P(M=0 | A=0)) / total"
NEGATIVE = "P(Y=1, M=1 | A=1) / total if total < 0, (P(M=1 | A=1) - P(M=1 | A=0)) / total if total < 0"


@pytest.mark.parametrize(("lower", "verdict"), [(f"{POSITIVE}, {NEGATIVE}", "sharp"), (POSITIVE, "valid")])
def test_a_condition_says_that_a_divisor_is_negative(lower: str, verdict: str) -> None:
    (found,) = judged(EITHER_SIGN, "share", f"\n  lower max({lower})").claims
    assert found.verdict == verdict


def test_a_claim_without_a_term_somewhere() -> None:
    """A fraction alone claims nothing where its divisor is negative, and the bound there is -1."""
    (found,) = judged(TRIAL, "sace", "\n  lower -P(Y=1, S=1 | Z=0) / pi").claims
    assert found.verdict == "valid"


def test_linear_bounds_may_be_claimed_as_a_sum() -> None:
    model = "model iv\n" + ONE_SIDED.split("\n", 1)[1].split("observe")[0] + "observe P(X, Y | Z)\n"
    model += "estimand ate = E[Y(1) - Y(0)]\n"
    sides = "\n  lower max(P(Y=1, X=1 | Z=1), 0) - 1\n  upper 1 + 2 * min(0, 1)"
    assert [claim.verdict for claim in judged(model, "ate", sides).claims] == ["valid", "valid"]
    with pytest.raises(ModelError, match="no max of terms"):
        judged(model, "ate", "\n  lower 1 - max(0, P(Y=1, X=1 | Z=1))")


def test_implications_of_a_model_without_a_linear_estimand() -> None:
    holds = 'claim "here" for conditions\n  holds P(Y=1, S=0 | Z=z) = 0 for all z in Z\n'
    (found,) = verify(Model.parse(TRIAL + holds)).claims
    assert found.verdict == "sharp"
    none = 'claim "here" for conditions\n  holds P(X=0) <= 1/2\n'
    (wrong,) = verify(Model.parse(SELECTION + "estimand y1 = E[Y(1)]\n" + none)).claims
    assert wrong.verdict == "invalid"
    assert wrong.witness is not None
    assert wrong.witness.strata is not None
