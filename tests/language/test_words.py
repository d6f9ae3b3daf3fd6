"""Estimands in words: their labels, or what their form allows."""

from __future__ import annotations

import pytest

from boundgen import Model, evaluate
from boundgen.language.words import estimand_words

MODEL = """model words
variable A in {0, 1} randomized
variable Z in {0, 1} randomized
variable M(A, Z) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A, Z)
"""


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("E[M(1, 0) - M(0, 0)]", "effect of A on M, at Z=0"),
        ("E[Y(1, M(1, 0)) - Y(0, M(0, 0))]", "effect of A on Y, at Z=0"),
        ("E[Y(1, 0) - Y(0, 0)]", "controlled direct effect of A on Y, at M=0"),
        ("E[Y(1, 1)]", "mean of Y, at A=1, M=1"),
        ("P(Y(1, 1)=1, Y(0, 1)=0)", "share of units with Y(1, 1) = 1 and Y(0, 1) = 0"),
        ("P(M(1, 0) > M(0, 0) | M(0, 1)=0)", "share of units with M(1, 0) > M(0, 0), among units with M(0, 1) = 0"),
        ("2 E[Y(1, 1) - Y(0, 1)]", ""),
        ("E[Y(1, 1)] / E[Y(0, 1)]", ""),
    ],
)
def test_words_of_forms(written: str, words: str) -> None:
    model = Model.parse(f"{MODEL}estimand asked = {written}\n")
    assert estimand_words(model.estimands[0], model) == words
    labelled = Model.parse(f'{MODEL}estimand asked "what is asked" = {written}\n')
    assert estimand_words(labelled.estimands[0], labelled) == "what is asked"


def test_tables_at_data_say_them_once() -> None:
    text = evaluate("mediation_mmr", "jobs").text()
    for words in ("indirect effect of A on Y through M, at A=0", "effect of A on M"):
        assert text.count(f": {words}\n") == 1
