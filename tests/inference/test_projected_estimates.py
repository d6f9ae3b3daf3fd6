"""Intervals where independent causes leave no closed form: over all data that a sample does not exclude."""

from __future__ import annotations

import itertools
import json
import time
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen.evaluation import polynomial_bounds
from boundgen.inference.from_data import counted_sample
from boundgen.inference.projected_estimate import cell_intervals
from boundgen.work.limits import Budget
from support.command import Run

HIDDEN = """model hidden
variable X in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}
confounded X, Y
observe P(X, Y)
estimand ate = E[Y(X=1) - Y(X=0)]
"""


@given(st.integers(0, 30), st.integers(0, 30), st.integers(2, 30))
@settings(max_examples=15, deadline=None)
def test_intervals_of_cells_are_those_of_clopper_and_pearson(a: int, b: int, c: int) -> None:
    """At an end so many units or fewer, or so many or more, have the probability of the tail."""
    counts, n = [a, b, c], a + b + c
    found = cell_intervals(counted_sample([("", ["a", "b", "c"], counts)]), 0.94)

    def at_most(k: int, share: Fraction) -> float:
        return float(sum(comb(n, j) * share**j * (1 - share) ** (n - j) for j in range(k + 1)))

    for (low, high), k in zip(found.values(), counts, strict=True):
        assert low <= Fraction(k, n) <= high
        assert low == 0 if k == 0 else 1 - at_most(k - 1, low) == pytest.approx(0.01)
        assert high == 1 if k == n else at_most(k, high) == pytest.approx(0.01)


def test_an_interval_holds_the_bounds_and_more_units_make_it_shorter(run: Run) -> None:
    pytest.importorskip("pyscipopt")
    Path("m.bounds").write_text(HIDDEN)
    widths = []
    for times in (1, 20):
        counts = zip(itertools.product((0, 1), repeat=2), (60, 50, 90, 150), strict=True)
        rows = ["X,Y,n", *(f"{x},{y},{n * times}" for (x, y), n in counts)]
        Path("d.csv").write_text("\n".join(rows) + "\n")
        done = run("estimate", "m.bounds", "d.csv", "--counts", "n", "--format", "json")
        assert done.status == 0
        (each,) = json.loads(done.out)["estimates"]
        (low, high), (least, most) = each["set_interval"], each["plug_in"]
        assert low < least < most < high
        assert each["projection"]["closed"]
        assert each["projection"]["cells"] == 4
        widths.append(high - low)
    assert widths[0] > widths[1]


def test_the_time_limit_is_that_of_the_command_and_what_is_open_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyscipopt")
    untils = []

    def late(_program: object, _sense: str, budget: Budget, end: float, sides_left: int) -> tuple[Fraction, None]:
        untils.append((end - time.monotonic(), budget.shares, sides_left))
        return Fraction(0), None

    monkeypatch.setattr(polynomial_bounds, "_side", late)
    Path("m.bounds").write_text(HIDDEN)
    Path("d.csv").write_text("X,Y,n\n0,0,60\n0,1,50\n1,0,90\n1,1,150\n")
    done = run("estimate", "m.bounds", "d.csv", "--counts", "n", "--time-limit", "20")
    assert done.status == 3
    assert "ate: time ended before its programs were solved" in done.err
    assert [(shares, left) for _, shares, left in untils] == [(2, 2), (2, 1), (1, 2), (1, 1)]
    assert all(0 < seconds <= 20 / shares for seconds, shares, _ in untils)


def test_other_methods_have_none(run: Run) -> None:
    Path("m.bounds").write_text(HIDDEN)
    Path("d.csv").write_text("X,Y,n\n0,0,6\n0,1,5\n1,0,9\n1,1,15\n")
    found = run("estimate", "m.bounds", "d.csv", "--counts", "n", "--method", "cox-shi")
    assert found.status == 3
    assert "intervals need a closed form" in found.err
