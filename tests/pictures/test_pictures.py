"""Pictures by their content: what is drawn, where, and the same bytes each time.

Kinks, signs and refuted ranges are judged by `Bounds.evaluate` and `Bounds.violations` at exact parameter values.
"""

from __future__ import annotations

import itertools
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundgen import Bounds, Model, catalogue, derive, evaluate, read_data
from boundgen.data.report import sources_text
from boundgen.errors import BoundgenError, DataError, FileError, LibraryError, ModelError
from support.catalogue import derived
from support.command import Run, assert_refused
from support.paths import ROOT

matplotlib = pytest.importorskip("matplotlib")

from matplotlib.patches import Ellipse, Rectangle  # noqa: E402

from boundgen.evaluation.curves import Curve, TermLine, kinks_between, sensitivity  # noqa: E402
from boundgen.pictures import (  # noqa: E402
    BoundsBar,
    assumption_chart,
    dual_picture,
    evaluation_chart,
    graph_picture,
    interval_chart,
    interval_of,
    picture_bytes,
    sensitivity_picture,
    write_picture,
)
from boundgen.pictures.canvas import number_text  # noqa: E402
from boundgen.pictures.graph import is_observed  # noqa: E402
from boundgen.pictures.layout import Size, curve, layout  # noqa: E402
from boundgen.pictures.plane import dual_plane  # noqa: E402
from boundgen.pictures.sensitivity import equation  # noqa: E402

EFFECTS = ("delta0", "delta1", "zeta0", "zeta1")
LIMITED = derived("mediation_limited_defiers", EFFECTS)
HELPS = {
    "P(Y=0,M=0|A=0)": Fraction(52, 100),
    "P(Y=0,M=1|A=0)": Fraction(13, 100),
    "P(Y=1,M=0|A=0)": Fraction(20, 100),
    "P(Y=1,M=1|A=0)": Fraction(15, 100),
    "P(Y=0,M=0|A=1)": Fraction(35, 100),
    "P(Y=0,M=1|A=1)": Fraction(9, 100),
    "P(Y=1,M=0|A=1)": Fraction(21, 100),
    "P(Y=1,M=1|A=1)": Fraction(35, 100),
}
# The arms change places: ATM is -0.16, so at most gamma = 0.16 of defiers refute themselves.
HURTS = {name.replace("|A=", "|A=1-").replace("1-0", "1").replace("1-1", "0"): p for name, p in HELPS.items()}

SHARE_OF_DEFIERS = derive(
    Model.parse(
        """model defiers
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
parameter g in [0, inf)
assume P(X(1)=0, X(0)=1) = g
estimand late = E[Y(1) - Y(0) | X(1) > X(0)]
estimand ate = E[Y(1) - Y(0)]
"""
    )
)
TRIAL = {
    "P(X=0,Y=0|Z=0)": Fraction(6, 10),
    "P(X=0,Y=1|Z=0)": Fraction(2, 10),
    "P(X=1,Y=1|Z=0)": Fraction(2, 10),
    "P(X=0,Y=0|Z=1)": Fraction(3, 10),
    "P(X=0,Y=1|Z=1)": Fraction(1, 10),
    "P(X=1,Y=0|Z=1)": Fraction(2, 10),
    "P(X=1,Y=1|Z=1)": Fraction(4, 10),
}


def named(figure: Any, name: str) -> list[Any]:
    """The artists of that name, in the order of drawing."""
    return figure.findobj(lambda artist: artist.get_gid() == name)


def legend(figure: Any) -> list[str]:
    return [text.get_text() for each in figure.legends for text in each.get_texts()]


def refused(error: type[BoundgenError], what: Any, *arguments: Any, **named_arguments: Any) -> str:
    with pytest.raises(error) as caught:
        what(*arguments, **named_arguments)
    return str(caught.value)


# ---------------------------------------------------------------- interval charts
def chart(**options: Any) -> Any:
    return interval_chart(
        [
            BoundsBar("empathy", "randomization", Fraction(-39, 100), Fraction(1, 2), outer=(-0.45, 0.55)),
            BoundsBar("empathy", "MMR", Fraction(-5, 100), Fraction(43, 1000), inner=(-0.04, 0.03)),
            BoundsBar("merging", "MMR", Fraction(-4, 100), Fraction(4, 100)),
            BoundsBar("merging", "randomization", Fraction(-2, 5), Fraction(2, 5)),
        ],
        quantity="δ(0)",
        total=0.03,
        **options,
    )


def test_bars_stand_where_the_bounds_are() -> None:
    bars = named(chart(), "bounds")
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    assert [tuple(round(end, 9) for end in pair) for pair in ends] == [
        (-0.39, 0.5),
        (-0.05, 0.043),
        (-0.04, 0.04),
        (-0.4, 0.4),
    ]


def test_rows_and_groups_have_places() -> None:
    """Rows from top to bottom; within a row the groups keep their order, whatever the order of intervals."""
    figure = chart()
    (axes,) = figure.axes
    places = [bar.get_y() + bar.get_height() / 2 for bar in named(figure, "bounds")]
    assert places[0] < places[1] < places[3] < places[2]
    assert axes.yaxis_inverted()
    ticks = dict(zip((t.get_text() for t in axes.get_yticklabels()), axes.get_yticks(), strict=True))
    assert list(ticks) == ["empathy", "merging"]
    assert ticks["empathy"] == pytest.approx((places[0] + places[1]) / 2)
    boxes = sorted((bar.get_y(), bar.get_y() + bar.get_height()) for bar in named(figure, "bounds"))
    assert all(before[1] < after[0] for before, after in pairwise(boxes))


def test_groups_are_told_apart_without_hue() -> None:
    looks = {(sum(bar.get_facecolor()[:3]), bar.get_linewidth()) for bar in named(chart(), "bounds")}
    assert len(looks) == 2


def test_dotted_lines_at_zero_and_at_the_total_effect() -> None:
    figure = chart()
    (zero,), (total,) = named(figure, "zero"), named(figure, "total")
    assert set(zero.get_xdata()) == {0}
    assert set(total.get_xdata()) == {0.03}
    assert zero.is_dashed()
    assert total.is_dashed()
    assert named(interval_chart([BoundsBar("a", "", 0, 1)]), "total") == []


def test_confidence_intervals_are_thin_lines() -> None:
    figure = chart()
    (outer,), (inner,) = named(figure, "outer"), named(figure, "inner")
    assert tuple(outer.get_xdata()) == (-0.45, 0.55)
    assert tuple(inner.get_xdata()) == (-0.04, 0.03)
    assert outer.get_linewidth() < inner.get_linewidth()
    bar = named(figure, "bounds")[0]
    assert bar.get_y() < outer.get_ydata()[0] < bar.get_y() + bar.get_height()


def test_labels_say_what_and_in_which_unit() -> None:
    figure = chart(title="Kalla & Broockman", outer_label="95% confidence interval")
    (axes,) = figure.axes
    assert axes.get_xlabel() == "δ(0) (probability)"
    assert axes.get_title(loc="left") == "Kalla & Broockman"
    assert legend(figure) == [
        "randomization",
        "MMR",
        "corrected bounds",
        "95% confidence interval",
        "zero",
        "total effect (0.03)",
    ]


def test_legend_explains_only_what_is_there() -> None:
    assert legend(interval_chart([BoundsBar("a", "", 0, 1)])) == ["bounds", "zero"]


@pytest.mark.parametrize("interval", [BoundsBar("a", "", 2, 1), BoundsBar("a", "", 1, 2, contradicted=True)])
def test_refuted_assumptions_are_no_bar(interval: BoundsBar) -> None:
    figure = interval_chart([interval])
    (bar,) = named(figure, "refuted")
    assert named(figure, "bounds") == []
    assert (bar.get_x(), bar.get_width()) == (1, 1)
    assert bar.get_facecolor()[3] == 0
    assert "narrow because assumptions and data disagree" in legend(figure)


def test_an_identified_estimand_is_a_point() -> None:
    figure = interval_chart([BoundsBar("late", "", Fraction(1, 4), Fraction(1, 4))])
    (point,) = named(figure, "point")
    assert list(point.get_xdata()) == [0.25]


def test_derivation_plots_all_its_estimands() -> None:
    figure = LIMITED.plot(HELPS, {"gamma": "1/10"}, total="0.21")
    (axes,) = figure.axes
    assert [label.get_text().partition(":")[0] for label in axes.get_yticklabels()] == ["δ(0)", "δ(1)", "ζ(0)", "ζ(1)"]
    ends = [bounds.evaluate(HELPS, {"gamma": "1/10"}) for bounds in LIMITED.bounds]
    drawn = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in named(figure, "bounds")]
    assert drawn == [pytest.approx(tuple(map(float, pair))) for pair in ends]
    assert len(named(figure, "total")) == 1


def test_bounds_plot_says_where_the_data_refute() -> None:
    bounds = catalogue.load("mediation_mmr").bound("delta1")
    assert len(named(bounds.plot(HELPS), "bounds")) == 1
    assert len(named(bounds.plot(HURTS), "refuted")) == 1
    assert interval_of(bounds, HURTS, label="x", group="y").refuted


def test_units_of_outcomes_that_are_not_binary() -> None:
    model = Model.parse(
        "model m\nvariable X in {0, 1} randomized\nvariable Y(X) in 0..3\nobserve P(Y | X)\n"
        "estimand best = P(Y(1) > Y(0))\n"
    )
    data = {"P(Y=0|X=0)": 1, "P(Y=3|X=1)": 1}
    assert model.bound("best").plot(data).axes[0].get_xlabel() == "bounds (units of the outcome)"


def test_charts_that_cannot_be_drawn() -> None:
    assert refused(DataError, interval_chart, []) == ("there are no bounds to draw\n  Give at least one interval.")
    twice = [BoundsBar("a", "g", 0, 1), BoundsBar("a", "g", 0, 2)]
    assert refused(DataError, interval_chart, twice) == (
        "two intervals for 'a', group 'g'\n  Give each bar of a row a group of its own."
    )
    assert refused(DataError, LIMITED.bounds[0].plot, HELPS, {"gamma": 0}, total=0.1) == (
        "the total effect is a float, which is not exact\n  Give a Fraction, an int or a text: '0.1'."
    )


# ---------------------------------------------------------------- sensitivity: the curves
@st.composite
def studies(draw: st.DrawFn) -> dict[str, Fraction]:
    """Exact cells of two arms with four cells each."""
    found = {}
    for arm in (0, 1):
        counts = draw(st.lists(st.integers(0, 12), min_size=4, max_size=4).filter(any))
        for (y, m), count in zip(itertools.product((0, 1), repeat=2), counts, strict=True):
            found[f"P(Y={y},M={m}|A={arm})"] = Fraction(count, sum(counts))
    return found


def value(bounds: Bounds, cells: dict[str, Fraction], name: str, x: Fraction, side: int) -> Fraction:
    return bounds.evaluate(cells, {name: x})[side]


@given(studies(), st.integers(0, 3), st.integers(0, 1))
def test_kinks_are_all_the_kinks(cells: dict[str, Fraction], estimand: int, side: int) -> None:
    """Between the points the bound is straight, at the kinks it bends: outwards, as a max or min does."""
    bounds = LIMITED.bounds[estimand]
    found = sensitivity(bounds, cells, "gamma")
    drawn: Curve = (found.lower, found.upper)[side]
    at = {x: value(bounds, cells, "gamma", x, side) for x, _ in drawn.points}
    assert dict(drawn.points) == at
    assert [x for x, _ in drawn.points] == sorted({Fraction(0), Fraction(1), *(x for x, _ in drawn.kinks)})
    for (x0, y0), (x1, y1) in pairwise(drawn.points):
        assert value(bounds, cells, "gamma", (x0 + x1) / 2, side) == (y0 + y1) / 2
    near = min(x1 - x0 for (x0, _), (x1, _) in pairwise(drawn.points)) / 2
    for x, y in drawn.kinks:
        around = value(bounds, cells, "gamma", x - near, side) + value(bounds, cells, "gamma", x + near, side)
        assert around > 2 * y if side == 0 else around < 2 * y


@given(studies(), st.integers(0, 3))
def test_sign_is_lost_where_it_is_lost(cells: dict[str, Fraction], estimand: int) -> None:
    """Positive lower bounds stop, and begin, exactly at the marks; so do negative upper bounds."""
    bounds = LIMITED.bounds[estimand]
    found = sensitivity(bounds, cells, "gamma")
    if found.allowed is None:
        assert bounds.violations(cells, {"gamma": 0})
        assert bounds.violations(cells, {"gamma": 1})
        return
    for side, drawn, sign in ((0, found.lower, 1), (1, found.upper, -1)):
        marks = [x for x in (*found.allowed, *drawn.sign_lost) if x is not None]
        assert all(value(bounds, cells, "gamma", x, side) == 0 for x in drawn.sign_lost)
        for x0, x1 in pairwise(sorted(set(marks))):
            inside = [x0 + (x1 - x0) * i / 16 for i in range(1, 16)]
            signs = {value(bounds, cells, "gamma", x, side) * sign > 0 for x in inside}
            assert len(signs) == 1
        for x in drawn.sign_lost:
            assert found.allowed[0] <= x <= found.allowed[1]


@given(studies())
def test_refuted_range_is_that_of_the_violations(cells: dict[str, Fraction]) -> None:
    bounds = LIMITED.bounds[1]
    found = sensitivity(bounds, cells, "gamma")
    for i in range(41):
        x = Fraction(i, 40)
        holds = found.allowed is not None and found.allowed[0] <= x <= found.allowed[1]
        assert holds == (not bounds.violations(cells, {"gamma": x}))


def test_kinks_by_hand() -> None:
    """Upper terms 0.56, 0.35 + g, 0.16 + 2g, 0.37 + g, 0.93 and 0.63; lower -0.44, -0.09 - g, -0.16 - 2g, ..."""
    found = sensitivity(LIMITED.bounds[1], HELPS, "gamma")
    assert found.upper.kinks == ((Fraction(19, 100), Fraction(54, 100)), (Fraction(21, 100), Fraction(56, 100)))
    assert found.lower.kinks == ((Fraction(28, 100), Fraction(-37, 100)),)
    assert found.allowed == (0, 1)


def test_terms_that_cross_at_one_point_make_one_kink() -> None:
    """ATM = 0.3 and p10·1 = 0: 0.3 + g and 0.3 + 2g begin together, and 0.3 + 2g never is the least."""
    cells = {
        "P(Y=0,M=0|A=0)": "7/10",
        "P(Y=1,M=1|A=0)": "3/10",
        "P(Y=0,M=0|A=1)": "4/10",
        "P(Y=0,M=1|A=1)": "2/10",
        "P(Y=1,M=1|A=1)": "4/10",
    }
    assert sensitivity(LIMITED.bounds[1], cells, "gamma").upper.kinks == ((Fraction(1, 10), Fraction(4, 10)),)
    lines = [TermLine(Fraction(height), Fraction(slope)) for height, slope in ((0, 0), (-1, 1), (-2, 2), (-3, 3))]
    for order in itertools.permutations(lines):
        assert list(kinks_between(order, Fraction(0), Fraction(2))) == [1]
        assert list(kinks_between(order, Fraction(1), Fraction(2))) == []


def test_refuted_range_by_hand() -> None:
    assert sensitivity(LIMITED.bounds[1], HURTS, "gamma").allowed == (Fraction(16, 100), 1)


def test_denominator_that_moves_with_the_parameter() -> None:
    """The share of compliers is ATM + g: the pieces are not straight, their points are exact all the same."""
    late = SHARE_OF_DEFIERS.bounds[0]
    found = sensitivity(late, TRIAL, "g", high=Fraction(1, 5))
    for side, drawn in enumerate((found.lower, found.upper)):
        assert len(drawn.points) > 60
        assert all(late.evaluate(TRIAL, {"g": x})[side] == y for x, y in drawn.points)
    # Without defiers the effect on compliers is identified: (5/10 - ... ) / ATM = 0.1 / 0.4.
    assert found.lower.points[0] == found.upper.points[0] == (0, Fraction(1, 4))
    assert found.lower.kinks == ((Fraction(1, 10), Fraction(1, 5)),)


def test_denominator_that_begins_at_zero() -> None:
    """At equal arms nobody is known to comply: the curve begins a little right of zero."""
    late = SHARE_OF_DEFIERS.bounds[0]
    equal = {name.replace("Z=0", f"Z={z}"): p for name, p in TRIAL.items() if "Z=0" in name for z in (0, 1)}
    found = sensitivity(late, equal, "g", high=Fraction(1, 5))
    assert 0 < found.lower.points[0][0] < Fraction(1, 100)
    assert named(late.plot_sensitivity(equal, "g", high="1/5"), "bound")


def test_curves_that_cannot_be_computed() -> None:
    late = SHARE_OF_DEFIERS.bounds[0]
    assert refused(DataError, sensitivity, late, TRIAL, "g") == (
        "the range of parameter g has no end\n  Say from where to where to look."
    )
    assert refused(DataError, sensitivity, late, TRIAL, "h") == "unknown parameter 'h'\n  parameters: g"
    assert refused(DataError, sensitivity, late, TRIAL, "g", 1, 1) == (
        "the range of parameter g from 1 to 1 is empty\n  Write the smaller end first."
    )
    assert refused(DataError, sensitivity, late, TRIAL, "g", -1, 1) == "parameter g = -1 is out of its range"
    assert refused(DataError, sensitivity, late, TRIAL, "g", 0, 0.5) == (
        "g is a float, which is not exact\n  Give a Fraction, an int or a text: '0.1'."
    )
    assert "sum to 0" in refused(DataError, sensitivity, late, {}, "g", 0, 1)
    unconditional = catalogue.load("mediation_limited_defiers").bound("delta1", conditions=False)
    assert "without their testable implications" in refused(DataError, sensitivity, unconditional, HELPS, "gamma")


# ---------------------------------------------------------------- sensitivity: the picture
def test_kinks_are_marked_at_their_places() -> None:
    figure = sensitivity_picture(LIMITED.bounds[1], HELPS, "gamma")
    marked = sorted((x, y) for kinks in named(figure, "kinks") for x, y in zip(*kinks.get_data(), strict=True))
    assert marked == [(0.19, 0.54), (0.21, 0.56), (0.28, -0.37)]
    assert "kink" in legend(figure)
    assert named(figure, "refuted") == []


def test_lost_sign_is_marked_with_its_value() -> None:
    figure = LIMITED.bounds[2].plot_sensitivity(HELPS, "gamma", high="0.4")
    (mark,) = named(figure, "sign")
    assert mark.get_xdata()[0] == pytest.approx(0.025)
    assert LIMITED.bounds[2].evaluate(HELPS, {"gamma": "0.025"})[0] == 0
    assert [text.get_text() for text in figure.axes[0].texts] == ["γ = 0.025"]
    assert "the sign is lost" in legend(figure)


def test_refuted_parameters_are_shaded_and_explained() -> None:
    figure = sensitivity_picture(LIMITED.bounds[1], HURTS, "gamma", high="1/2")
    (span,) = named(figure, "refuted")
    assert (span.get_x(), span.get_width()) == (0, pytest.approx(0.16))
    assert not span.get_hatch()
    assert "a testable implication fails:\nthe data contradict the assumptions" in legend(figure)
    band = named(figure, "band")[0].get_paths()[0].vertices
    assert band[:, 0].min() == pytest.approx(0.16)
    drawn = named(figure, "bound")
    assert len(drawn) == 2
    assert all(min(line.get_xdata()) == pytest.approx(0.16) for line in drawn)


def test_parameters_that_are_refuted_everywhere() -> None:
    figure = sensitivity_picture(LIMITED.bounds[1], HURTS, "gamma", high="0.1")
    (span,) = named(figure, "refuted")
    assert (span.get_x(), span.get_width()) == (0, pytest.approx(0.1))
    assert named(figure, "band") == named(figure, "bound") == []


def test_one_panel_for_each_estimand() -> None:
    figure = sensitivity_picture(LIMITED.bounds, HELPS, "gamma", title="limited defiers")
    assert [axes.get_ylabel() for axes in figure.axes] == [
        f"{name} (probability)" for name in "δ(0) δ(1) ζ(0) ζ(1)".split()
    ]
    assert figure.axes[-1].get_xlabel() == "sensitivity parameter γ (probability)"
    assert figure.axes[0].get_title(loc="left") == "limited defiers\nindirect effect of A on Y through M, at A=0"
    assert [len(axes.findobj(lambda artist: artist.get_gid() == "zero")) for axes in figure.axes] == [1] * 4
    assert "there are no bounds" in refused(DataError, sensitivity_picture, [], HELPS, "gamma")


def test_numbers_in_pictures() -> None:
    assert equation("gamma", Fraction(1, 8)) == "γ = 0.125"
    assert equation("g", Fraction(1, 7)) == "g ≈ 0.143"
    assert number_text(-0.25) == "−0.25"


# ---------------------------------------------------------------- evaluations
def evaluated(**grid: Sequence[str]) -> Any:
    return evaluation_chart(evaluate(LIMITED, HELPS, grid), LIMITED, HELPS, title="a study")


def test_evaluation_at_one_parameter_value_is_a_chart() -> None:
    figure = evaluated(gamma=["0.1"])
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in named(figure, "bounds")]
    exact = [bounds.evaluate(HELPS, {"gamma": "0.1"}) for bounds in LIMITED.bounds]
    assert ends == [pytest.approx((float(low), float(high))) for low, high in exact]
    assert [text.get_text().partition(":")[0] for text in figure.axes[0].get_yticklabels()] == [
        "δ(0)",
        "δ(1)",
        "ζ(0)",
        "ζ(1)",
    ]
    assert figure.axes[0].get_title(loc="left") == "a study\nγ = 0.1"
    assert figure.axes[0].get_xlabel() == "plug-in bounds (probability)"


def test_evaluation_with_the_total_effect() -> None:
    found = evaluate(LIMITED, HELPS, {"gamma": "0.1"})
    assert len(named(evaluation_chart(found, LIMITED, HELPS, total=Fraction(21, 100)), "total")) == 1


def test_evaluation_at_data_that_refute_the_assumptions_is_dashed() -> None:
    """Condition gamma >= 0.16 fails at 0.15; the bounds of no estimand need cross for that."""
    for gamma, dashed in (("0.15", 4), ("0.16", 0)):
        figure = evaluation_chart(evaluate(LIMITED, HURTS, {"gamma": gamma}), LIMITED, HURTS)
        assert len(named(figure, "refuted")) == dashed
        assert len(named(figure, "bounds")) == 4 - dashed


def test_evaluation_on_a_grid_is_a_curve_with_kinks_beside_the_grid() -> None:
    one = derive(LIMITED.model, ["delta1"])
    figure = evaluation_chart(evaluate(one, HELPS, {"gamma": ["0.15", "0", "0.3"]}), one, HELPS, title="a study")
    marked = sorted(x for kinks in named(figure, "kinks") for x in kinks.get_xdata())
    assert marked == [0.19, 0.21, 0.28]
    assert figure.axes[0].get_xlim() == (0, 0.3)
    assert figure.axes[0].get_title(loc="left") == "a study\nindirect effect of A on Y through M, at A=1"


def test_only_the_estimands_that_were_evaluated_have_panels() -> None:
    some = [each for each in evaluate(LIMITED, HELPS, {"gamma": ["0", "1"]}) if each.estimand != "delta0"]
    figure = evaluation_chart(some, LIMITED, HELPS)
    assert [axes.get_ylabel()[:4] for axes in figure.axes] == ["δ(1)", "ζ(0)", "ζ(1)"]


TWO = derive(
    Model.parse(
        """model two
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter g in [0, 1]
parameter h in [0, 1]
assume P(M(1)=0, M(0)=1) <= g
assume P(Y(1, 1)=0, Y(1, 0)=1) <= h
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
"""
    )
)


def test_evaluation_on_a_grid_of_one_of_two_parameters() -> None:
    found = evaluate(TWO, HELPS, {"g": "1/10", "h": ["0", "1/4", "1/2"]})
    figure = evaluation_chart(found, TWO, HELPS)
    assert figure.axes[0].get_xlabel() == "sensitivity parameter h (probability)"
    assert figure.axes[0].get_title(loc="left") == "g = 0.1\nindirect effect of A on Y through M, at A=1"
    for line, side in zip(named(figure, "bound"), (0, 1), strict=True):
        for x, y in zip(*line.get_data(), strict=True):
            exact = TWO.bounds[0].evaluate(HELPS, {"g": "1/10", "h": Fraction(x).limit_denominator(1000)})[side]
            assert float(exact) == pytest.approx(y)


def test_evaluation_on_a_grid_of_two_parameters() -> None:
    found = evaluate(TWO, HELPS, {"g": ["0", "0.1"], "h": ["0", "0.1"]})
    assert refused(DataError, evaluation_chart, found, TWO, HELPS) == (
        "several parameters have several values: g, h\n"
        "  A picture has one axis for parameters: give all but one of them a single value."
    )


IMPOSSIBLE = (
    "late cannot be drawn: at these data its condition does not have a positive probability\n"
    "  Draw the other estimands."
)


def test_estimand_without_bounds_at_the_data_is_not_drawn() -> None:
    """Nobody complies, so there is nothing to divide by."""
    equal = {f"P(X=0,Y=0|Z={z})": 1 for z in (0, 1)}
    monotone = derived("iv_ate_monotone")
    found = evaluate(monotone, equal)
    assert refused(DataError, evaluation_chart, found[1:], monotone, equal) == IMPOSSIBLE
    figures = [evaluation_chart(each, monotone, equal) for each in (found, found[:1])]
    both, alone = ([bar.get_bbox().bounds for bar in named(figure, "bounds")] for figure in figures)
    assert both == alone != []
    reverse = {"P(X=1,Y=1|Z=0)": 1, "P(X=0,Y=0|Z=1)": 1}
    grid = evaluate(SHARE_OF_DEFIERS, reverse, {"g": ["0", "1/2"]})
    late = [each for each in grid if each.estimand == "late"]
    assert refused(DataError, evaluation_chart, late, SHARE_OF_DEFIERS, reverse) == IMPOSSIBLE


def test_nothing_evaluated() -> None:
    assert "there are no bounds" in refused(DataError, evaluation_chart, [], LIMITED, HELPS)


# ---------------------------------------------------------------- sets of assumptions side by side
SETS = {name: derived(f"mediation_{name}", EFFECTS) for name in ("randomization", "mmr", "limited_defiers")}


def test_sets_of_assumptions_stand_side_by_side() -> None:
    figure = assumption_chart(SETS, HELPS, {"gamma": "0"}, total=Fraction(21, 100), title="a study")
    bars = named(figure, "bounds")
    exact = [
        bounds.evaluate(HELPS, {"gamma": 0} if name == "limited_defiers" else {})
        for name, derived in SETS.items()
        for bounds in derived.bounds
    ]
    assert [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars] == [
        pytest.approx((float(low), float(high))) for low, high in exact
    ]
    # Four rows of three bars; a set has the same place in every row. No defiers is monotonicity.
    places = [bar.get_y() for bar in bars]
    assert [round(place - places[0], 9) for place in places[::4]] == [0, 1, 2]
    assert exact[4:8] == exact[8:]
    assert legend(figure)[:3] == list(SETS)
    assert len(named(figure, "total")) == 1


def test_sets_need_not_bound_the_same_estimands() -> None:
    only = {"all": SETS["randomization"], "one": derive(SETS["mmr"].model, ["zeta0"])}
    assert len(named(assumption_chart(only, HELPS), "bounds")) == 5


def test_sets_that_cannot_be_drawn() -> None:
    assert refused(DataError, assumption_chart, SETS, HELPS) == "parameter 'gamma' has no value"
    assert refused(DataError, assumption_chart, SETS, HELPS, {"gamma": 0, "g": 0}) == (
        "no model has the parameter 'g'\n  Leave it out."
    )
    assert "there are no bounds" in refused(DataError, assumption_chart, {}, HELPS)


def test_long_titles_are_broken() -> None:
    title = chart(title="word " * 40 + "\nsecond").axes[0].get_title(loc="left")
    assert max(map(len, title.split("\n"))) <= 76
    assert title.endswith("\nsecond")


# ---------------------------------------------------------------- dual polyhedra
TINY = Model.parse(
    """model tiny
variable A in {0, 1} randomized
variable Y(A) in {0, 1}
observe P(Y=1 | A)
estimand helped = P(Y(1)=1, Y(0)=0)
"""
)
DUALS = {
    "randomization": derive(TINY),
    "nobody harmed": derive(TINY.assume("Y(1) >= Y(0)", name="nobody_harmed")),
    "few harmed": derive(TINY.assume("P(Y(1)=0, Y(0)=1) <= 1/10", name="few_harmed")),
}
ARMS = "P(Y=1|A=0)", "P(Y=1|A=1)"


@pytest.mark.parametrize("name", DUALS)
def test_dual_polygon_holds_what_all_strata_allow(name: str) -> None:
    """On a grid of multipliers, against the response types of Y written out."""
    plane = dual_plane(DUALS[name], *ARMS)
    (left, bottom), (right, top) = plane.window
    corners = plane.polygon
    for i, j in itertools.product(range(17), repeat=2):
        x, y = left + (right - left) * i / 16, bottom + (top - bottom) * j / 16
        kinds = [(a, b) for a, b in itertools.product((0, 1), repeat=2) if name != "nobody harmed" or a <= b]
        allowed = all(x * a + y * b <= (a < b) for a, b in kinds)
        turns = [
            (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])
            for p, q in zip(corners, (*corners[1:], corners[0]), strict=True)
        ]
        assert allowed == all(turn >= 0 for turn in turns)


def test_dual_vertices_are_terms_and_rays_conditions() -> None:
    plane = dual_plane(DUALS["randomization"], *ARMS)
    assert dict(zip(plane.vertices, plane.terms, strict=True)) == {(-1, 1): "p·1 − p·0", (0, 0): "0"}
    assert dict(zip(plane.rays, plane.conditions, strict=True)) == {(-1, 0): "p·0 ≥ 0", (0, -1): "p·1 ≥ 0"}
    plane = dual_plane(DUALS["nobody harmed"], *ARMS)
    assert dict(zip(plane.vertices, plane.terms, strict=True)) == {(-1, 1): "p·1 − p·0"}
    assert dict(zip(plane.rays, plane.conditions, strict=True)) == {(-1, 0): "p·0 ≥ 0", (1, -1): "p·1 ≥ p·0"}


def test_dual_picture_shows_them() -> None:
    figure = dual_picture(DUALS["nobody harmed"], *ARMS, title="a study")
    assert [tuple(map(float, mark.get_xydata()[0])) for mark in named(figure, "vertex")] == [(-1, 1)]
    assert {text.get_text() for text in figure.axes[0].texts} == {"", "p·1 − p·0", "p·0 ≥ 0", "p·1 ≥ p·0"}
    assert len(named(figure, "ray")) == 2
    assert len(named(figure, "stratum")) == 2
    assert len(named(figure, "polygon")) == 1
    assert named(figure, "data") == named(figure, "level") == []
    assert legend(figure)[:2] == ["Y(0)=0, Y(1)=1: y(p·1) ≤ 1", "Y(0)=1, Y(1)=1: y(p·0) + y(p·1) ≤ 0"]
    assert figure.axes[0].get_xlabel() == "multiplier of p·0"
    assert figure.axes[0].get_title(loc="left") == "a study"


@pytest.mark.parametrize(("treated", "best"), [("3/5", (-1, 1)), ("1/10", (0, 0))])
def test_dual_picture_with_data_marks_the_bound(treated: str, best: tuple[int, int]) -> None:
    derived = DUALS["randomization"]
    at = {ARMS[0]: "1/5", ARMS[1]: treated}
    figure = dual_picture(derived, *ARMS, at)
    filled = [mark for mark in named(figure, "vertex") if mark.get_markerfacecolor() == "black"]
    assert [tuple(mark.get_xydata()[0]) for mark in filled] == [best]
    bound = derived.bounds[0].evaluate(at)[0]
    assert f"best value: {number_text(float(bound))}" in legend(figure)
    assert len(named(figure, "level")) == len(named(figure, "data")) == 1


def test_dual_picture_of_data_that_contradict_the_assumptions() -> None:
    at = {ARMS[0]: "3/5", ARMS[1]: "1/5"}
    assert DUALS["nobody harmed"].bounds[0].violations(at)
    figure = dual_picture(DUALS["nobody harmed"], *ARMS, at)
    assert legend(figure)[-1] == "no largest value: the data contradict the assumptions"
    assert named(figure, "level") == []
    assert [mark.get_markerfacecolor() for mark in named(figure, "vertex")] == ["white"]


def test_dual_pictures_of_inequality_rows_and_of_nothing() -> None:
    """The multiplier of an inequality is not positive; no data at all leave no direction."""
    row = next(row.name for row in DUALS["few harmed"].stages[0].lower.reduced.program.rows if row.kind == "assumption")
    plane = dual_plane(DUALS["few harmed"], ARMS[0], row)
    assert any(each.normal == (0, 1) and each.height == 0 for each in plane.half_planes)
    assert plane.rows == ("p·0", row)
    figure = dual_picture(DUALS["randomization"], *ARMS, {})
    assert named(figure, "level") == []
    assert picture_bytes(figure, "svg")


def test_dual_pictures_that_cannot_be_drawn() -> None:
    tiny = DUALS["randomization"]
    assert refused(ModelError, dual_picture, tiny, "P(Y=0|A=0)", ARMS[1]) == (
        "no row 'P(Y=0|A=0)' in the reduced program\n  rows: P(Y=1|A=0), P(Y=1|A=1), total"
    )
    assert "Name two rows" in refused(ModelError, dual_picture, tiny, ARMS[0], ARMS[0])
    assert "is not a number" in refused(DataError, dual_picture, tiny, *ARMS, {ARMS[0]: float("nan")})
    ate = derive(Model.parse(str(TINY).replace("P(Y(1)=1, Y(0)=0)", "P(Y(1)=1) - P(Y(0)=1)")))
    assert refused(ModelError, dual_picture, ate, ARMS[0], "total") == (
        "no vertex of the dual polyhedron has multipliers of P(Y=1|A=0) and total alone\n"
        "  Choose two other rows, or a smaller model."
    )


# ---------------------------------------------------------------- graphs
BIG = Model.parse(
    """model big
variable Z in {0, 1} randomized
variable treatment_received(Z) in {0, 1}
variable M1(treatment_received) in {0, 1}
variable M2(treatment_received, M1) in {0, 1}
variable Y(treatment_received, M1, M2) in {0, 1}
variable U(Y) in {0, 1}
observe P(treatment_received, M1, M2, Y | Z)
"""
)
GRAPHS = [*(catalogue.load(name) for name in catalogue.names()), BIG]


def test_one_cause_of_three_is_not_drawn_as_three_causes() -> None:
    text = "model m\n" + "".join(f"variable {name} in {{0, 1}}\n" for name in "XYZW") + "observe P(X, Y, Z, W)\n"
    together = Model.parse(text + "confounded X, Y, Z\n")
    assert legend(together.graph()) == ["one cause of X, Y and Z"]
    both = [" ".join(said.split()) for said in legend(together.confounded("Z", "W").graph())]
    assert both == ["one cause of X, Y and Z", "unmeasured common cause of two"]
    apart = Model.parse(text + "confounded X, Y\nconfounded Y, Z\nconfounded X, Z\n")
    assert legend(apart.graph()) == ["unmeasured common cause"]
    assert legend(Model.parse(text + "unconfounded\n").graph()) == []


@pytest.mark.parametrize("model", GRAPHS, ids=lambda model: model.name)
def test_graph_of(model: Model) -> None:
    figure = model.graph()
    for variable in model.variables:
        (node,) = named(figure, f"variable {variable.name}")
        assert isinstance(node, Rectangle if variable.randomized else Ellipse)
        dashed = node.get_linestyle() not in ("-", "solid")
        assert dashed == (not is_observed(model, variable.name))
        for parent in variable.parents:
            (arrow,) = named(figure, f"effect {parent} {variable.name}")
            assert arrow.get_linestyle() in ("-", "solid")
    free = [variable.name for variable in model.variables if not variable.randomized]
    dashed = [a for a in figure.findobj() if str(a.get_gid()).startswith("confounding ")]
    causes = (free,) if model.causes is None else model.causes
    pairs = {pair for cause in causes for pair in itertools.combinations(sorted(cause, key=free.index), 2)}
    assert sorted(a.get_gid() for a in dashed) == sorted(f"confounding {a} {b}" for a, b in pairs)
    assert all(a.get_linestyle() not in ("-", "solid") for a in dashed)
    assert {text.get_text() for text in figure.axes[0].texts} == {variable.name for variable in model.variables}
    assert any("unmeasured common cause" in said for said in legend(figure)) == bool(dashed)
    assert ("randomized" in legend(figure)) == (len(free) < len(model.variables))


@pytest.mark.parametrize("model", GRAPHS, ids=lambda model: model.name)
def test_layout_of(model: Model) -> None:
    """Children right of their parents, frames apart, no edge through another variable."""
    sizes = {variable.name: Size(0.3, 0.3) for variable in model.variables}
    found = layout(model, sizes)
    for variable in model.variables:
        assert all(found.places[parent][0] < found.places[variable.name][0] for parent in variable.parents)
    for one, other in itertools.combinations(found.places.values(), 2):
        assert max(abs(one[0] - other[0]), abs(one[1] - other[1])) > 0.6
    for edge in found.edges:
        for name, place in found.places.items():
            if name not in (edge.start, edge.end):
                points = curve(found.places[edge.start], found.places[edge.end], edge.bend)
                assert min(math.dist(point, place) for point in points) > 0.4


def test_names_fit_their_frames() -> None:
    figure = graph_picture(BIG)
    renderer = figure.canvas.get_renderer() if hasattr(figure.canvas, "get_renderer") else None
    figure.draw_without_rendering()
    for text in figure.axes[0].texts:
        box = text.get_window_extent(renderer)
        (frame,) = named(figure, f"variable {text.get_text()}")
        around = frame.get_window_extent(renderer)
        assert around.x0 < box.x0 < box.x1 < around.x1


def test_unmeasured_variable_is_grey() -> None:
    figure = graph_picture(BIG)
    assert named(figure, "variable U")[0].get_edgecolor() != named(figure, "variable Y")[0].get_edgecolor()
    assert "never observed" in legend(figure)


# ---------------------------------------------------------------- files
def every_picture() -> list[Any]:
    return [chart(), sensitivity_picture(LIMITED.bounds[1], HURTS, "gamma"), BIG.graph()]


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_files(form: str, start: bytes, tmp_path: Path) -> None:
    for figure in every_picture():
        file = tmp_path / f"picture.{form.upper()}"
        write_picture(figure, str(file))
        content = file.read_bytes()
        assert content.startswith(start)
        assert len(content) > 3000
        assert picture_bytes(figure, form) == content
        assert not any(word in content for word in (b"CreationDate", b"<dc:date>", b"matplotlib version"))
    assert [each.name for each in tmp_path.iterdir()] == [f"picture.{form.upper()}"]


def test_pictures_hold_no_colour() -> None:
    """So nothing is lost in grey print."""
    image = pytest.importorskip("PIL.Image")
    for figure in every_picture():
        pixels = image.open(BytesIO(picture_bytes(figure, "png"))).convert("RGB")
        red, green, blue = (band.tobytes() for band in pixels.split())
        assert red == green == blue
        assert len(set(red)) > 10


def test_settings_of_the_user_change_nothing_and_are_kept() -> None:
    before = [picture_bytes(figure, "svg") for figure in every_picture()]
    with matplotlib.rc_context({"font.size": 20, "lines.linewidth": 5, "svg.hashsalt": None}):
        settings = dict(matplotlib.rcParams)
        assert [picture_bytes(figure, "svg") for figure in every_picture()] == before
        assert dict(matplotlib.rcParams) == settings


SCRIPT = """
import sys
from boundgen import catalogue
from boundgen.pictures import picture_bytes
figure = catalogue.load("mediation_mmr").graph()
import hashlib
print([hashlib.sha256(picture_bytes(figure, form)).hexdigest() for form in ("png", "svg", "pdf")])
print("matplotlib.pyplot" in sys.modules)
"""


def script(text: str, *arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", text, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_bytes_do_not_depend_on_the_process(tmp_path: Path) -> None:
    """Nor on the hash seed; and no window library is touched."""
    found = {script(SCRIPT, folder=tmp_path, PYTHONHASHSEED=seed).stdout for seed in ("1", "2")}
    assert len(found) == 1
    assert found.pop().endswith("\nFalse\n")


def test_other_endings_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("graph.jpg", "graph", "png", ".svg"):
        assert refused(FileError, write_picture, None, name) == (
            f"{name}: not a kind of picture that can be written\n  Name a file that ends in one of: .png, .svg, .pdf"
        )
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    assert "not a file that can be replaced" in refused(FileError, write_picture, chart(), str(tmp_path / "folder.png"))
    assert "cannot be written" in refused(FileError, write_picture, chart(), str(tmp_path / "no" / "x.png"))


def test_notebooks_show_figures() -> None:
    assert chart()._repr_png_().startswith(b"\x89PNG")


# ---------------------------------------------------------------- the command line, and no matplotlib
def test_draw(run: Run, tmp_path: Path) -> None:
    found = run("draw", "mediation_mmr", "-o", "graph.svg")
    assert (found.status, found.out, found.err) == (0, "graph.svg: the graph of mediation_mmr\n", "")
    assert (tmp_path / "graph.svg").read_bytes() == picture_bytes(catalogue.load("mediation_mmr").graph(), "svg")


def test_draw_needs_a_picture_file(run: Run, tmp_path: Path) -> None:
    assert_refused(
        run("draw", "mediation_mmr", "-o", "graph.txt"),
        "graph.txt: not a kind of picture that can be written\n  Name a file that ends in one of: .png, .svg, .pdf",
    )
    assert_refused(
        run("draw", "mediation_mmr"), "boundgen: Missing option '-o' / '--output'.\n  Try: boundgen draw --help"
    )
    assert list(tmp_path.iterdir()) == []


def test_evaluate_draws_a_chart(run: Run, tmp_path: Path) -> None:
    plain = run("evaluate", "mediation_mmr", "jobs", "--format", "json")
    found = run("evaluate", "mediation_mmr", "jobs", "--format", "json", "--plot", "jobs.svg")
    assert found == plain
    derived = derive(catalogue.load("mediation_mmr"))
    data = read_data(derived.model, "jobs")
    title = "Randomized treatment, monotonic mediator response\njobs: 899 units"
    figure = evaluation_chart(evaluate(derived, data), derived, data.probabilities, title=title)
    assert (tmp_path / "jobs.svg").read_bytes() == picture_bytes(figure, "svg")


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_evaluate_draws_bounds_against_a_parameter(form: str, run: Run, tmp_path: Path) -> None:
    asked = ("evaluate", "mediation_limited_defiers", "bursztyn", "--estimand", "zeta0", "--at", "gamma=0:0.3:0.1")
    found = run(*asked, "--plot", f"gamma.{form}", "-o", "gamma.txt")
    assert (found.status, found.err) == (0, "")
    assert found.out == (f"gamma.txt: 4 evaluations of mediation_limited_defiers\ngamma.{form}: a picture of them\n")
    one = derive(catalogue.load("mediation_limited_defiers"), ["zeta0"])
    data = read_data(one.model, "bursztyn")
    title = f"{one.model.title}\nbursztyn: 290 units"
    figure = evaluation_chart(evaluate(one, data, {"gamma": ["0", "0.3"]}), one, data.probabilities, title=title)
    assert len(named(figure, "sign")) == 1
    assert (tmp_path / f"gamma.{form}").read_bytes() == picture_bytes(figure, form)


PLOTS = {
    "picture.jpg: not a kind of picture that can be written\n  Name a file that ends in one of: .png, .svg, .pdf": (
        "--plot picture.jpg --at gamma=0"
    ),
    "boundgen: -o and --plot name the same file.\n  Try: boundgen evaluate --help": (
        "--plot same.svg -o ./same.svg --at gamma=0"
    ),
    "boundgen: a picture against gamma shows where testable implications fail: leave --no-conditions out.\n"
    "  Try: boundgen evaluate --help": "--plot x.svg --at gamma=0,1 --no-conditions",
    "parameter 'gamma' has no value\n"
    '  Give it one of [0, 1]: --at "gamma=0.1", or a grid 0:0.3:0.01.': "--plot x.svg",
}


@pytest.mark.parametrize("message", PLOTS)
def test_evaluate_that_cannot_draw(message: str, run: Run, tmp_path: Path) -> None:
    """Nothing is written then, the table neither."""
    assert_refused(run("evaluate", "mediation_limited_defiers", "jobs", *PLOTS[message].split()), message)
    assert list(tmp_path.iterdir()) == []


def test_where_a_picture_cannot_be_written_the_table_is_printed(run: Run, tmp_path: Path) -> None:
    words = ("evaluate", "mediation_limited_defiers", "jobs", "--at", "gamma=0")
    found = run(*words, "--plot", "no/x.svg", "-o", "out.txt")
    assert found.status == 2
    assert found.err == "no/x.svg: cannot be written: No such file or directory\n  Name a file in another folder.\n"
    assert found.out == run(*words).out
    assert list(tmp_path.iterdir()) == []


def test_evaluate_draws_without_conditions_where_no_parameter_varies(run: Run, tmp_path: Path) -> None:
    assert run("evaluate", "mediation_mmr", "jobs", "--no-conditions", "--plot", "a.pdf").status == 0
    assert (tmp_path / "a.pdf").exists()


def test_evaluate_draws_data_of_files_without_their_folder(run: Run, tmp_path: Path) -> None:
    """And conditional estimands, several data sources and incomplete observations."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "trial.csv").write_text(catalogue.data("boundsdata_parallel"), encoding="utf-8")
    assert run("evaluate", "mediation_parallel", "data/trial.csv", "--plot", "a.svg").status == 0
    assert run("evaluate", "mediation_parallel", "boundsdata_parallel", "--plot", "b.svg").status == 0
    model = catalogue.load("mediation_parallel")
    assert sources_text(read_data(model, str(tmp_path / "data" / "trial.csv"))) == "trial.csv: 1000 units"
    probabilities = {f"P(X=0,Y=0|Z={z})": Fraction(1) for z in (0, 1)}
    assert sources_text(read_data(SHARE_OF_DEFIERS.model, probabilities)).count(":") == 0


WITHOUT = """
import sys
sys.modules["matplotlib"] = None
from boundgen.cli import main as cli
sys.argv = ["boundgen", *sys.argv[1:]]
cli.main()
"""


def test_without_matplotlib(tmp_path: Path) -> None:
    found = script(WITHOUT, "draw", "mediation_mmr", "-o", "graph.svg", folder=tmp_path)
    assert found.stderr == (
        "pictures need matplotlib, which is not installed\n  Install it: pip install 'boundgen[pictures]'\n"
    )
    assert (found.returncode, found.stdout, list(tmp_path.iterdir())) == (2, "", [])
    plot = script(WITHOUT, "evaluate", "mediation_mmr", "jobs", "--plot", "a.svg", folder=tmp_path)
    assert (plot.returncode, plot.stdout, plot.stderr) == (2, "", found.stderr)
    assert script(WITHOUT, "evaluate", "mediation_mmr", "jobs", folder=tmp_path).returncode == 0
    assert script(WITHOUT, "derive", "mediation_mmr", "delta1", folder=tmp_path).returncode == 0
    assert issubclass(LibraryError, ImportError)
