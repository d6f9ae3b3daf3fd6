"""The proportion mediated: Fieller's set where it is an interval and where not, and sharp bounds of the catalogue."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import numpy as np
import pytest

from boundgen import evaluate, mediate, read_data
from boundgen.companions.proportion import fieller_set
from support.catalogue import derived


@pytest.mark.parametrize("study", ["boundsdata", "jobs", "framing"])
def test_sharp_bounds_are_those_of_the_ratio(study: str) -> None:
    (table,) = (each for each in mediate("ignorability", study).tables if each.name == "proportion_mediated")
    found = {row["proportion"]: row for row in table.records() if row[""] == "sharp, randomization"}
    model = derived("proportion_mediated").model
    for number, each in enumerate(evaluate(derived("proportion_mediated"), read_data(model, study))[:2]):
        row = found[f"δ({number}) / τ"]
        assert (row["low"], row["high"]) == pytest.approx((float(each.lower), float(each.upper)))


def test_the_estimate_is_in_its_set() -> None:
    (table,) = (each for each in mediate("ignorability", "boundsdata").tables if each.name == "proportion_mediated")
    for row in table.records():
        if row["estimate"] is not None:
            assert row["low"] < row["estimate"] < row["high"]


@pytest.mark.parametrize(
    ("part", "total", "kind"),
    [(0.5, 1.0, "interval"), (0.05, 0.1, "line"), (0.5, 0.05, "two rays")],
)
def test_the_set_is_what_is_not_rejected(part: float, total: float, kind: str) -> None:
    covariance = np.array([[0.01, 0.002], [0.002, 0.01]])
    pieces = fieller_set(part, total, covariance, 0.95)
    shape = {"interval": 1, "line": 1, "two rays": 2}
    assert len(pieces) == shape[kind]
    assert (pieces == ((-inf, inf),)) == (kind == "line")
    for ratio in (Fraction(k, 7) for k in range(-200, 201)):
        weights = np.array([1, -float(ratio)])
        rejected = (weights @ [part, total]) ** 2 > 1.959964**2 * (weights @ covariance @ weights)
        assert rejected != any(low <= float(ratio) <= high for low, high in pieces)


def test_there_is_no_set_without_a_covariance() -> None:
    assert fieller_set(0.1, 0.2, None, 0.95) == ()
