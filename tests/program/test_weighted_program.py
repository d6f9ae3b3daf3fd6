"""Programs with numbers put in: dependent rows are left out, and contradict nothing that they contradicted."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import pytest

from boundgen import Limits, Model
from boundgen.bounds.posing import bounding_problem, chosen_estimands
from boundgen.polyhedra.weighted_optimum import extreme_population, weighted_bounds_at
from boundgen.program.weighted_program import WeightedProgram
from boundgen.work.limits import Budget, ignore

LATE = """model late
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume X(1) >= X(0)
estimand e = E[X(1) - X(0) | Y(1)=1]
"""
TWICE = LATE.replace("observe", "observe P(X | Z)\nobserve")
MEANS = """model means
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
assume E[Y(1) | X=1] >= E[Y(1) | X=0]
estimand e = E[Y(1) - Y(0)]
"""
LAW = {
    "P(X=0,Y=0|Z=0)": Fraction(3, 10),
    "P(X=0,Y=1|Z=0)": Fraction(3, 10),
    "P(X=1,Y=0|Z=0)": Fraction(1, 10),
    "P(X=1,Y=1|Z=0)": Fraction(3, 10),
    "P(X=0,Y=0|Z=1)": Fraction(1, 5),
    "P(X=0,Y=1|Z=1)": Fraction(1, 5),
    "P(X=1,Y=0|Z=1)": Fraction(1, 5),
    "P(X=1,Y=1|Z=1)": Fraction(2, 5),
}
MARGINS = {"P(X=0|Z=0)": "3/5", "P(X=1|Z=0)": "2/5", "P(X=0|Z=1)": "2/5", "P(X=1|Z=1)": "3/5"}


def program(text: str) -> WeightedProgram:
    model = Model.parse(text)
    return bounding_problem(model, chosen_estimands(model, ()), Budget(Limits(), ignore)).weighted[0].program


def test_rows_that_follow_from_others_are_left_out() -> None:
    found = program(LATE)
    assert len(found.rows) == 9
    assert len(found.at(LAW).rows) == 7
    assert weighted_bounds_at(found, LAW) == (Fraction(1, 8), Fraction(1, 4))


def test_rows_that_contradict_others_are_kept() -> None:
    found = program(TWICE)
    agreeing = {**LAW, **{name: Fraction(share) for name, share in MARGINS.items()}}
    assert weighted_bounds_at(found, agreeing) == (Fraction(1, 8), Fraction(1, 4))
    wrong = {**agreeing, "P(X=0|Z=0)": Fraction(1, 2), "P(X=1|Z=0)": Fraction(1, 2)}
    assert len(found.at(wrong).rows) > len(found.at(agreeing).rows)
    assert weighted_bounds_at(found, wrong) == (None, None)


@pytest.mark.parametrize(("share", "rows"), [("1/2", 5), ("0", 4)])
def test_a_comparison_of_means_of_nobody_demands_nothing(share: str, rows: int) -> None:
    x = Fraction(share)
    law = {f"P(X=1,Y={y})": x / 2 for y in (0, 1)} | {f"P(X=0,Y={y})": (1 - x) / 2 for y in (0, 1)}
    assert len(program(MEANS).at(law).rows) == rows


@pytest.mark.parametrize(("side", "end"), [("lower", Fraction(1, 8)), ("upper", Fraction(1, 4))])
def test_a_population_that_attains_a_bound(side: Literal["lower", "upper"], end: Fraction) -> None:
    found = program(LATE)
    weights = extreme_population(found, LAW, side)
    assert weights is not None
    numbers = found.at(LAW)
    assert sum(weights) == 1
    for row in numbers.rows:
        assert sum(entry * weights[j] for j, entry in row.entries.items()) == row.right
    top, below = (sum(c * w for c, w in zip(part, weights, strict=True)) for part in (numbers.costs, numbers.divisors))
    assert top / below == end
