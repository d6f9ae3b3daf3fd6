"""Questions about bounds where variables share no causes: proved at all laws of the response types, or a law."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from boundgen.evaluation.evaluate import evaluate
from boundgen.language.model import Model
from boundgen.questions.answers import ask
from boundgen.questions.piece_signs import PieceSign
from boundgen.verification.factored_laws import observed_shares
from support.command import Run

CHAIN = "model m\nvariable X in {0, 1}\nvariable M(X) in {0, 1}\nvariable Y(M) in {0, 1}\nobserve P(X, M, Y)\n"
ATE = "estimand ate = E[Y(X=1) - Y(X=0)]\n"
BACK = f"{CHAIN}confounded X, M\n{ATE}"
FRONT = f"{CHAIN}confounded X, Y\n{ATE}estimand switch = P(M(X=1)=1, M(X=0)=0)\nestimand pns = P(Y(X=1)=1, Y(X=0)=0)\n"
STAGE = (
    BACK.replace("X in", "X(Z) in")
    .replace("M, Y)", "M, Y | Z)")
    .replace("model m\n", "model m\nvariable Z in {0, 1} randomized\n")
)


@pytest.mark.parametrize(("text", "contains"), [(BACK, True), (STAGE, False), (FRONT, False)])
def test_whether_zero_is_always_inside(text: str, contains: bool) -> None:
    """Without an instrument confounding of X and M leaves the sign open; a witness is a law with these bounds."""
    found = ask(Model.parse(text), "ate")
    (sign,) = found.pieces
    assert isinstance(sign, PieceSign)
    assert sign.contains_value is contains
    independent = found.derivation.independent
    assert independent is not None
    assert independent.factored is not None
    for side in (sign.lower, sign.upper):
        if side.witness is None:
            assert side.always
            continue
        cells = {name: Fraction(0) for name, _ in independent.factored.cells} | dict(side.witness.cells)
        (at,) = evaluate(
            Model.parse(text.partition("estimand switch")[0]), observed_shares(independent.factored, cells)
        )
        end = at.lower if side.side == "lower" else at.upper
        assert end is not None
        assert (end > 0) if side.side == "lower" else (end < 0)


def test_of_one_group_the_answers_are_linear() -> None:
    found = ask(Model.parse(FRONT), "switch")
    (answers,) = found.estimands
    assert answers.lower.extreme == 1
    assert answers.contains_value is False


def test_what_has_no_closed_form_and_assumptions_are_said(run: Run) -> None:
    Path("m.bounds").write_text(f"{FRONT}assume few: P(M(1)=0, M(0)=1) <= 1/10\n")
    found = run("ask", "m.bounds", "--ascii")
    assert found.status == 3
    assert "pns: not answered: on which side of the value" in found.out
    assert "What assumptions do is not asked where variables share no causes." in found.out


def test_over_extreme_laws_a_law_refutes_or_nothing_is_said(run: Run) -> None:
    """Where several groups are not identified a witness has the cells that the form is written in."""
    found = ask(Model.parse(FRONT), "pns", value=Fraction(1, 2))
    (sign,) = found.pieces
    assert isinstance(sign, PieceSign)
    assert not sign.contains_value
    assert sign.lower.witness is not None
    low, _ = sign.lower.witness.bounds(sign.bounds)
    assert low is not None
    assert low > Fraction(1, 2)
    Path("m.bounds").write_text(FRONT)
    assert "the upper side" in run("ask", "m.bounds", "pns", "--value", "0").err
