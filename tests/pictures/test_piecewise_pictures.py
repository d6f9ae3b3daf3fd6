"""Pictures of bounds with pieces, judged by `PiecewiseBounds.evaluate` at exact parameter values."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from math import inf
from pathlib import Path

import pytest

from boundgen import Model, derive, evaluate
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import DataError
from support.command import Run

matplotlib = pytest.importorskip("matplotlib")

from boundgen.evaluation.piecewise_curves import PiecewiseSensitivity, piecewise_sensitivity  # noqa: E402
from boundgen.pictures import evaluation_chart, interval_of, sensitivity_picture  # noqa: E402

AFFECTED = """model affected
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter g in [0, 1]
assume few: P(M(1) < M(0)) <= g
estimand share = P(Y(1, 1) != Y(0, 1) | M(0)=1, M(1)=1)
"""
CAPPED = """model capped
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter g in [0, 1]
parameter b in [-1, 1]
assume low: E[Y(0)] <= g
estimand rr = E[Y(1)] / E[Y(0)]
estimand pay = P(Y(1) > Y(0)) - b * P(Y(1) < Y(0))
estimand odd = b * E[Y(1) - Y(0) | Y(0)=0]
estimand ate = E[Y(1) - Y(0)]
"""
TRIAL = {
    "P(Y=0,M=0|A=0)": Fraction(1, 10),
    "P(Y=0,M=1|A=0)": Fraction(4, 10),
    "P(Y=1,M=0|A=0)": Fraction(2, 10),
    "P(Y=1,M=1|A=0)": Fraction(3, 10),
    "P(Y=0,M=0|A=1)": Fraction(2, 10),
    "P(Y=0,M=1|A=1)": Fraction(1, 10),
    "P(Y=1,M=0|A=1)": Fraction(2, 10),
    "P(Y=1,M=1|A=1)": Fraction(5, 10),
}
SEEN = {"P(X=0,Y=0)": "3/10", "P(X=0,Y=1)": "2/10", "P(X=1,Y=0)": "1/10", "P(X=1,Y=1)": "4/10"}
# Nobody without treatment has the outcome: the risk without it may be zero.
RARE = {"P(X=0,Y=0)": "1/2", "P(X=0,Y=1)": 0, "P(X=1,Y=0)": "1/10", "P(X=1,Y=1)": "4/10"}


def bounds_of(text: str, name: str) -> PiecewiseBounds:
    """The bounds on one estimand."""
    (found,) = derive(Model.parse(text), [name]).piecewise
    return found


def agrees(found: PiecewiseSensitivity, bounds: PiecewiseBounds, cells: Mapping[str, object], **others: object) -> None:
    """Every point that is drawn where data allow the assumptions is the exact bound, and stretches cover the range."""
    for k, curve in enumerate((found.lower, found.upper)):
        assert (curve.stretches[0].low, curve.stretches[-1].high) == (found.low, found.high)
        assert all(one.high == other.low for one, other in pairwise(curve.stretches))
        for stretch in curve.stretches:
            middle = (stretch.low + stretch.high) / 2
            if not (found.allowed and found.allowed[0] <= middle <= found.allowed[1]):
                continue
            exact = bounds.evaluate(cells, {found.parameter: middle, **others})[k]  # type: ignore[arg-type]
            if stretch.kind == "undefined":
                assert exact is None
            elif stretch.kind == "infinite":
                assert exact == stretch.sign * inf
            else:
                for x, y in stretch.points[1:-1:16]:
                    assert bounds.evaluate(cells, {found.parameter: x, **others})[k] == y  # type: ignore[arg-type]


def test_kinks_are_roots_of_rational_functions() -> None:
    bounds = bounds_of(AFFECTED, "share")
    found = piecewise_sensitivity(bounds, TRIAL, "g")
    agrees(found, bounds, TRIAL)
    assert found.lower.kinks == ((Fraction(3, 10), 0),)
    assert found.upper.kinks == ((Fraction(1, 5), 1),)
    assert found.lower.sign_lost == (Fraction(3, 10),)
    # The data show that some are defiers: P(M=1 | A=0) - P(M=1 | A=1).
    assert found.allowed == (Fraction(1, 10), 1)


def test_chambers_meet_in_kinks() -> None:
    bounds = bounds_of(CAPPED, "pay")
    found = piecewise_sensitivity(bounds, SEEN, "b", parameters={"g": "1/2"})
    agrees(found, bounds, SEEN, g=Fraction(1, 2))
    assert Fraction(0) in {x for curve in (found.lower, found.upper) for x, _ in curve.kinks}


def test_infinite_ends_and_undefined_ranges_are_no_curves() -> None:
    bounds = bounds_of(CAPPED, "rr")
    found = piecewise_sensitivity(bounds, RARE, "g", parameters={"b": 0})
    agrees(found, bounds, RARE, b=0)
    assert {stretch.kind for stretch in found.upper.stretches} == {"infinite"}
    figure = bounds.plot_sensitivity(RARE, "g", parameters={"b": 0})
    marks = [line for line in figure.axes[0].lines if line.get_gid() == "infinite"]
    assert [line.get_marker() for line in marks if line.get_marker() != "None"] == ["^"]
    (legend,) = figure.legends
    assert "no finite bound" in [text.get_text() for text in legend.get_texts()]


def test_kinks_are_marked_at_their_places() -> None:
    figure = bounds_of(AFFECTED, "share").plot_sensitivity(TRIAL, "g", title="a trial")
    (axes,) = figure.axes
    kinks = sorted(point for line in axes.lines if line.get_gid() == "kinks" for point in line.get_xydata().tolist())
    assert kinks == [[0.2, 1.0], [0.3, 0.0]]
    assert axes.get_title(loc="left").startswith("a trial\nshare of units with")
    assert any(text.get_text() == "g = 0.3" for text in axes.texts)


def test_bars_have_arrows_where_there_is_no_finite_end() -> None:
    derivation = derive(Model.parse(CAPPED.replace("estimand odd", "# estimand odd")))
    figure = derivation.plot(RARE, {"g": "1/2", "b": "1/2"})
    (axes,) = figure.axes
    assert [text.get_text().partition(":")[0] for text in axes.get_yticklabels()] == ["rr", "pay", "ate"]
    arrows = [line for line in axes.lines if line.get_gid() == "infinite"]
    assert [line.get_marker() for line in arrows] == [">"]
    assert interval_of(bounds_of(CAPPED, "rr"), RARE, {"g": "1/2", "b": 0}).upper == inf


def test_what_is_undefined_has_no_bar() -> None:
    bounds = bounds_of(AFFECTED, "share")
    nobody = {"P(Y=0,M=0|A=0)": 1, "P(Y=0,M=0|A=1)": 1}
    assert bounds.evaluate(nobody, {"g": 0}) == (None, None)
    with pytest.raises(DataError, match="undefined at these data"):
        bounds.plot(nobody, {"g": 0})


def test_without_a_closed_form_the_grid_is_drawn() -> None:
    model = Model.parse(CAPPED)
    derivation = derive(model, partial=True)
    grid = [Fraction(k, 10) for k in range(4, 9)]
    evaluations = evaluate(derivation, SEEN, {"g": grid, "b": "1/2"})
    figure = evaluation_chart(evaluations, derivation, SEEN)
    labels = [axes.get_ylabel().partition(" ")[0] for axes in figure.axes]
    assert labels == ["rr", "pay", "odd", "ate"]
    points = [line for line in figure.axes[2].lines if line.get_gid() == "points"]
    values = [(each.lower, each.upper) for each in evaluations if each.estimand == "odd"]
    for k, line in enumerate(points):
        assert line.get_xdata().tolist() == [float(g) for g in grid]
        assert line.get_ydata().tolist() == [float(ends[k]) for ends in values if ends[k] is not None]
    assert not [line for axes in figure.axes[:2] for line in axes.lines if line.get_gid() == "points"]


def test_both_kinds_stand_in_one_picture() -> None:
    derivation = derive(Model.parse(CAPPED), ["rr", "ate"])
    figure = sensitivity_picture(derivation.closed_forms, SEEN, "g", parameters={"b": 0})
    assert len(figure.axes) == 2


def test_evaluate_draws_them(run: Run) -> None:
    Path("m.bounds").write_text(CAPPED, encoding="utf-8")
    Path("data.csv").write_text("X,Y,n\n0,0,3\n0,1,2\n1,0,1\n1,1,4\n", encoding="utf-8")
    for at in (["--at", "g=1/2"], ["--at", "g=0.4:0.8:0.2"]):
        found = run("evaluate", "m.bounds", "data.csv", *at, "--at", "b=1/2", "--plot", "picture.svg")
        assert (found.status, found.err) == (0, "")
        assert Path("picture.svg").stat().st_size > 5000


@pytest.mark.parametrize(("text", "name", "cells"), [(AFFECTED, "share", TRIAL), (CAPPED, "pay", SEEN)])
def test_active_pieces_have_the_value_of_the_bound(text: str, name: str, cells: Mapping[str, Fraction]) -> None:
    bounds = bounds_of(text, name)
    given = {p.name: Fraction(3, 5) for p in bounds.parameters}
    ends, active = bounds.evaluate(cells, given), bounds.active(cells, given)
    at = bounds.checked(cells, given)
    for side, end, numbers in zip((bounds.lower, bounds.upper), ends, active, strict=True):
        assert numbers
        assert all(side.values(at)[i] == end for i in numbers)
