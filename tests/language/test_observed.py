"""Laws of randomized variables, and laws given selection: what they are read as, and how they are printed."""

from __future__ import annotations

import pytest

from boundgen import E, Model, P, do, variable
from boundgen.language.printer import print_observation

VARIABLES = """model two
variable Z in {0, 1} randomized
variable W in {0, 1} randomized
variable S(Z) in {0, 1}
variable X(Z, W) in {0, 1}
variable Y(X) in {0, 1}
"""
IV = """model iv
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y, Z)
"""


def observed(*written: str) -> list[str]:
    """The observations of a model, which reads as itself."""
    model = Model.parse(VARIABLES + "".join(f"observe P({each})\n" for each in written))
    assert Model.parse(str(model)) == model
    return [print_observation(each).removeprefix("observe ") for each in model.observations]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        (["Z"], ["P(Z)"]),
        (["Z, W"], ["P(Z, W)"]),
        (["X, Y, Z, W"], ["P(X, Y | Z, W)", "P(Z, W)"]),
        (["Z, X, W, Y"], ["P(X, Y | Z, W)", "P(Z, W)"]),
        (["S, Z", "Z"], ["P(S | Z)", "P(Z)", "P(Z)"]),
        (["Z", "S, Z", "S=1, Z"], ["P(Z)", "P(S | Z)", "P(S=1 | Z)"]),
        (["Y, Z | do(X)"], ["P(Y | Z, do(X))", "P(Z)"]),
        (["X, Y", "Z, W"], ["P(X, Y)", "P(Z, W)"]),
        (["X | Z", "W"], ["P(X | Z)", "P(W)"]),
        (["Y | S=1, Z, do(X)"], ["P(Y | Z, S=1, do(X))"]),
        (["Y | Z=1, S=0, W"], ["P(Y | Z=1, W, S=0)"]),
        (["Y | S=1, X=0", "Z, W"], ["P(Y | S=1, X=0)", "P(Z, W)"]),
    ],
)
def test_observations(written: list[str], printed: list[str]) -> None:
    assert observed(*written) == printed


def test_a_selection_is_neither_arm_nor_outcome() -> None:
    observation = Model.parse(f"{VARIABLES}observe P(Y | S=1, Z, W=1)\n").observations[0]
    assert observation.outcomes == (("Y", None),)
    assert observation.arms == (("Z", None), ("W", 1))
    assert observation.selection == (("S", 1),)
    columns = [place.column for place in map(observation.place, range(4)) if place]
    assert columns == [11, 20, 23, 15]


@pytest.mark.parametrize(
    "asked",
    [
        "P(X=1)",
        "E[Y]",
        "P(X = Z)",
        "P(Z=1)",
        "E[Z * Y(1)]",
        "E[Y(1) - Y(0) | X=1]",
        "P(Y(1)=1 | X = Z)",
        "P(Y(1)=1, Y(0)=0, X=1)",
        "P(X=1 | Z=1) - P(X=1)",
        "P(X=1) * E[Y(1)]",
    ],
)
def test_averages_over_arms(asked: str) -> None:
    model = Model.parse(f"{IV}estimand e = {asked}\nassume {asked} <= 1/2\n")
    assert Model.parse(str(model)) == model


def test_an_average_may_be_defined_and_claimed() -> None:
    text = 'define share = P(X=1)\nestimand ate = E[Y(1) - Y(0)]\nclaim "p. 1" for ate\n  lower -P(X = Z) - share\n'
    model = Model.parse(IV + text)
    assert Model.parse(str(model)) == model


def test_python_observes_the_same() -> None:
    z, w = (variable(name, [0, 1], randomized=True) for name in "ZW")
    s = variable("S", [0, 1], parents=[z])
    x = variable("X", [0, 1], parents=[z, w])
    y = variable("Y", [0, 1], parents=[x])
    model = Model("two", [z, w, s, x, y]).observe(P(x, y, z, w)).observe(P(s, z)).observe(P(y | z, s == 1, do(x)))
    model = model.observe(P(x, y | (s == 1))).estimand("agree", P(x == z)).estimand("part", E(y) / P(x == 1))
    text = "observe P(X, Y, Z, W)\nobserve P(S, Z)\nobserve P(Y | Z, S=1, do(X))\nobserve P(X, Y | S=1)\n"
    text += "estimand agree = P(X = Z)\nestimand part = E[Y] / P(X=1)\n"
    assert Model.parse(VARIABLES + text) == model == Model.parse(str(model))
