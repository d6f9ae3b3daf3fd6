"""Estimands that are ratios, and products with a coefficient: what they are read as, and how they are printed."""

from __future__ import annotations

import pytest

from boundgen import E, Model, P, parameter, variable
from boundgen.language.printer import print_model, print_sum

STUDY = """model study
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter b in [0, 1]
define share = P(X=1)
"""


def estimand(written: str) -> str:
    """How an estimand is printed, which reads as itself."""
    model = Model.parse(f"{STUDY}estimand e = {written}\n")
    assert model.estimands[0].refusal is None
    assert Model.parse(str(model)) == model
    return print_model(model).strip().split("estimand e = ")[1]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("E[Y(1)] / E[Y(0)]", "E[Y(1)] / E[Y(0)]"),
        ("2 E[Y(1)] / E[Y(0)]", "2 * E[Y(1)] / E[Y(0)]"),
        ("(E[Y(1)] / E[Y(0)]) * 2", "2 * E[Y(1)] / E[Y(0)]"),
        ("-E[Y(1)] / E[Y(0)]", "-E[Y(1)] / E[Y(0)]"),
        ("E[Y(1)] / E[Y(0)] / 2", "1/2 * E[Y(1)] / E[Y(0)]"),
        ("(E[Y(1)] - E[Y(0)]) / (E[Y(0)])", "(E[Y(1)] - E[Y(0)]) / E[Y(0)]"),
        ("E[Y(1)] / (1 - E[Y(0)])", "E[Y(1)] / (1 - E[Y(0)])"),
        ("E[Y(1)] / 2 E[Y(0)]", "E[Y(1)] / (2 * E[Y(0)])"),
        ("E[Y(1)] / -E[Y(0)]", "E[Y(1)] / (-E[Y(0)])"),
        ("1 - E[Y(1)] / E[Y(0)]", "(E[Y(0)] - E[Y(1)]) / E[Y(0)]"),
        ("E[Y(1)] / E[Y(0)] - 1", "(E[Y(1)] - E[Y(0)]) / E[Y(0)]"),
        ("E[Y(1)] / E[Y(0)] + P(X=1) - P(X=1)", "E[Y(1)] / E[Y(0)]"),
        ("E[Y(1)] / E[Y(0)] - P(X=1) / E[Y(0)]", "(E[Y(1)] - P(X=1)) / E[Y(0)]"),
        ("E[Y] / (P(X=1) + E[Y(0)]) + E[Y(1)] / (2 E[Y(0)] + 2 P(X=1))", "(E[Y] + 1/2 * E[Y(1)]) / (P(X=1) + E[Y(0)])"),
        ("1 / E[Y(0)]", "1 / E[Y(0)]"),
        ("2/3 / E[Y(0)]", "2/3 / E[Y(0)]"),
        ("E[Y(1)] / share", "E[Y(1)] / share"),
        ("E[Y(1)] / b", "E[Y(1)] / b"),
        ("b * E[Y(1)] / (share * b)", "b * E[Y(1)] / (b * share)"),
        ("b * (E[Y(1)] / E[Y(0)])", "b * E[Y(1)] / E[Y(0)]"),
        ("E[Y(1) | X=1] / E[Y(0) | X=1]", "E[Y(1) | X=1] / E[Y(0) | X=1]"),
        ("E[Y(1) | X=1] - E[Y(1) | X=0]", "E[Y(1) | X=1] - E[Y(1) | X=0]"),
        ("E[Y(1) | X=1] - E[Y(1)]", "E[Y(1) | X=1] - E[Y(1)]"),
        ("E[Y(1)] * b", "b * E[Y(1)]"),
        ("(1 - share) * P(Y(1)=1)", "P(Y(1)=1) - share * P(Y(1)=1)"),
        ("E[Y(1)] * P(X=1)", "P(X=1) * E[Y(1)]"),
        ("2 (b - 1/2) * P(Y(1)=1)", "2 * b * P(Y(1)=1) - P(Y(1)=1)"),
        ("share * b", "b * share"),
    ],
)
def test_printed(written: str, printed: str) -> None:
    assert estimand(written) == printed


def test_numerator_and_divisor() -> None:
    model = Model.parse(f"{STUDY}estimand e = 1 - 2 E[Y(1)] / E[Y(0)]\n")
    read = model.estimands[0]
    assert read.divisor is not None
    assert print_sum(read.expression, model.by_name) == "E[Y(0)] - 2 * E[Y(1)]"
    assert print_sum(read.divisor, model.by_name) == "E[Y(0)]"


@pytest.mark.parametrize(
    "assumed",
    [
        "E[Y(1) | X=1] >= E[Y(1) | X=0]",
        "P(Y(1)=0, Y(0)=1) <= b * P(Y(1)=1, Y(0)=0)",
        "(1 - share) * P(Y(1)=1) >= share * P(Y(0)=1)",
        "P(X=1) * E[Y(1)] <= P(X=0) * E[Y(0)]",
        "x * b * P(Y(x)=1) <= x * E[Y] for all x in X",
        "E[Y(1) - Y(0) | Y(1) != Y(0)] >= b * E[Y(1) - Y(0)]",
    ],
)
def test_assumptions_with_coefficients_read_as_they_print(assumed: str) -> None:
    model = Model.parse(f"{STUDY}assume a: {assumed}\n")
    assert Model.parse(str(model)) == model


def test_python_writes_the_same() -> None:
    x = variable("X", [0, 1])
    y = variable("Y", [0, 1], parents=[x])
    b = parameter("b", 0, 1)
    model = Model("study", [x, y]).observe(P(x, y)).parameter(b).define("share", P(x == 1))
    model = model.assume(P(y(1) == 0, y(0) == 1) <= b * P(y(1) == 1, y(0) == 0))
    model = model.estimand("rr", E(y(1)) / E(y(0))).estimand("inverse", 1 / E(y(0)) - 1)
    model = model.estimand("benefit", b * P(y(1) > y(0)) - P(y(1) < y(0))).estimand("part", E(y(1)) / "share")
    written = (
        "assume P(Y(1)=0, Y(0)=1) <= b * P(Y(1)=1, Y(0)=0)\nestimand rr = E[Y(1)] / E[Y(0)]\n"
        "estimand inverse = 1 / E[Y(0)] - 1\nestimand benefit = b * P(Y(1) > Y(0)) - P(Y(1) < Y(0))\n"
        "estimand part = E[Y(1)] / share\n"
    )
    assert Model.parse(STUDY + written) == model == Model.parse(str(model))


def test_a_claim_of_a_ratio_divides() -> None:
    ratio = f'{STUDY}estimand e = E[Y(1)] / E[Y(0)]\nclaim "p. 1" for e\n'
    for side in ("lower P(X=1, Y=1) / (1 - P(X=0, Y=0)) - 1", "upper min(2, share) / (1 - P(X=0, Y=0))", "lower 0"):
        model = Model.parse(f"{ratio}  {side}\n")
        assert Model.parse(str(model)) == model


WEIGHTED = f"{STUDY}estimand e = b * P(Y(1) > Y(0)) - P(Y(1) < Y(0))\n"


@pytest.mark.parametrize(
    "side",
    [
        "lower P(X=0) * max(0, P(Y=1 | X=1), 2 * P(Y=1)) + b * P(X=1) - max(1, 2)",
        "lower max((b - 1) * max(0, P(X=1)) if b >= 1, (b - 1) * min(0, P(X=1)) if b < 1 and P(X=1) <= 1/2)",
        "upper (P(X=0) + max(P(X=1), share)) / P(Y=1)",
        "upper max(share, 1) / P(Y=1) - b * P(X=0) * P(Y=1, X=1) * min(1, 1 / P(X=1))",
        "lower max(max(0, share) / P(X=1), -max(0, share), 3)",
        "lower (1 - P(Y=1 | X=0)) / (P(Y=1 | X=1) - b)",
    ],
)
def test_claims_with_weights_are_printed_and_read(side: str) -> None:
    model = Model.parse(f'{WEIGHTED}claim "p. 1" for e\n  {side}\n')
    assert Model.parse(str(model)) == model
