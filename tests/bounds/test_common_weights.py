"""Ratios whose numerators have one weight: it stands before the whole."""

from __future__ import annotations

from fractions import Fraction

from boundgen import Model, derive, evaluate

LAW = """
model law "Compliers, and the law of the instrument"
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y, Z)
parameter k in [0, 3]
estimand plain = P(Y(1)=1) / P(Y(0)=1)
estimand scaled = k * P(Y(1)=1) / P(Y(0)=1)
estimand treated = P(X=1 | X(0) < X(1))
"""


def test_one_weight_stands_before_the_whole_ratio() -> None:
    derived = derive(Model.parse(LAW))
    counts = {0: (3, 2, 2, 1), 1: (1, 1, 2, 4)}
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1)]
    cells = {
        f"P(X={x},Y={y}|Z={z})": Fraction(count, 8)
        for z, arm in counts.items()
        for (x, y), count in zip(pairs, arm, strict=True)
    } | {"P(Z=0)": Fraction(1, 4), "P(Z=1)": Fraction(3, 4)}
    plain, scaled, treated = evaluate(derived, cells, {"k": 2})
    assert plain.lower is not None
    assert plain.upper is not None
    assert (scaled.lower, scaled.upper) == (2 * plain.lower, 2 * plain.upper)
    # Compliers are treated where they are assigned to be.
    assert (treated.lower, treated.upper) == (Fraction(3, 4), Fraction(3, 4))
    assert {each.method for each in (plain, scaled, treated)} == {"closed form"}
    assert [each.identified for each in derived.closed_forms] == [False, False, True]
    (nothing,) = [each for each in evaluate(derived, cells, {"k": 0}) if each.estimand == "scaled"]
    assert (nothing.lower, nothing.upper) == (0, 0)
