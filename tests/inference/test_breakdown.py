"""Breakdown values: exact roots, limits that invert the tests of `estimate`, and what is said of each case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import breakdown, catalogue, derive, estimate, read_data
from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.derivation import Derivation
from boundgen.errors import DataError
from boundgen.evaluation.breakdown_points import BreakdownPoint, BreakdownRange, Conclusion, breakdown_points
from boundgen.inference.breakdown import breakdown_value
from boundgen.inference.breakdown_limits import TermLimits, limits_of
from boundgen.inference.breakdown_values import Breakdown, Breakdowns
from boundgen.inference.estimated_terms import estimated_terms
from boundgen.inference.from_data import counted_sample
from boundgen.inference.intersection import one_side
from boundgen.inference.sample import Sample
from boundgen.language.model import Model
from boundgen.simulation.breakdown_coverage import breakdown_coverage, breakdown_populations
from support.command import Run, assert_refused

LIMITED = catalogue.load("mediation_limited_defiers")
WHOLE = BreakdownRange("gamma", Fraction(0), Fraction(1))
NAMES = ("delta0", "delta1", "zeta0", "zeta1")
CAPPED = """model capped
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter g in [0, 1]
assume few: P(M(1)=0, M(0)=1) <= g
estimand target = P(Y(1, 1) != Y(0, 1) | M(0)=1, M(1)=1)
"""
# The lower bound falls and rises again; the upper end of the range is open.
VALLEY = """model valley
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter g in [0, inf)
parameter h in [0, 1]
assume left: P(Y(1)=1, X=0) >= h - g
assume right: P(Y(1)=1, X=0) >= g - 3/10
assume cap: P(Y(1)=1, X=0) <= g + 2/5
estimand mean = P(Y(1)=1)
estimand other = E[Y(1) - Y(0)]
"""
counts = st.lists(st.integers(1, 60), min_size=4, max_size=4)
thresholds = st.sampled_from([Fraction(k, 20) for k in range(-12, 13)])


@cache
def limited() -> Mapping[str, Bounds]:
    return {each.name: each for each in derive(LIMITED).bounds}


@cache
def pieces() -> PiecewiseBounds:
    (found,) = derive(Model.parse(CAPPED), partial=True).piecewise
    return found


@cache
def valley() -> Derivation:
    return derive(Model.parse(VALLEY))


def sample_at(bounds: Bounds | PiecewiseBounds, first: Sequence[int], second: Sequence[int]) -> Sample:
    arms = zip(bounds.arms, (first, second), strict=True)
    return counted_sample([("", [cell.name for cell in arm.cells], listed) for arm, listed in arms])


def shares(sample: Sample) -> dict[str, Fraction]:
    return dict(zip(sample.cells, sample.variation.shares, strict=True))


def supports(end: Fraction | float, threshold: Fraction, conclusion: Conclusion) -> bool:
    return end > threshold if conclusion == "above" else end < threshold


# ---------------------------------------------------------------- laws
@given(counts, counts, st.sampled_from(NAMES), thresholds, st.lists(st.fractions(0, 1), max_size=6))
@settings(max_examples=60)
def test_the_conclusion_holds_before_the_value_and_not_there(
    first: list[int], second: list[int], name: str, threshold: Fraction, places: list[Fraction]
) -> None:
    bounds = limited()[name]
    cells = shares(sample_at(bounds, first, second))
    for conclusion, point in breakdown_points(bounds, cells, WHOLE, {}, threshold).items():
        assert not bounds.violations(cells, {"gamma": point.start})
        assert point.start == 0 or bounds.violations(cells, {"gamma": point.start * Fraction(99, 100)})
        end = {x: bounds.evaluate(cells, {"gamma": x})[conclusion == "below"] for x in (*places, point.value or 0)}
        last = Fraction(1) if point.value is None else point.value
        assert all(supports(end[x], threshold, conclusion) for x in places if point.start <= x < last)
        assert point.value is None or not supports(end[point.value], threshold, conclusion)


@given(
    counts, counts, st.sampled_from([Fraction(k, 20) for k in range(-1, 21)]), st.lists(st.fractions(0, 1), max_size=5)
)
@settings(max_examples=30, deadline=None)
def test_so_it_does_with_pieces(
    first: list[int], second: list[int], threshold: Fraction, places: list[Fraction]
) -> None:
    bounds = pieces()
    cells = shares(sample_at(bounds, first, second))
    points = breakdown_points(bounds, cells, BreakdownRange("g", Fraction(0), Fraction(1)), {}, threshold)
    for conclusion, point in points.items():
        last = Fraction(1) if point.value is None else point.value
        for x in (x for x in places if point.start <= x < last):
            end = bounds.ends({**cells, "g": x})[0][conclusion == "below"]
            assert end is not None
            assert supports(end, threshold, conclusion)
        if point.value is not None and point.value < 1:
            # An irrational root is as close as 1e-15, and a kink there may be a touching point.
            end = bounds.ends({**cells, "g": point.value})[0][conclusion == "below"]
            assert end is None or not supports(end, threshold, conclusion) or abs(end - threshold) < 1e-12


@given(counts, counts, st.sampled_from(NAMES), thresholds, st.sampled_from([0.5, 0.8, 0.975]))
@settings(max_examples=25, deadline=None)
def test_limits_invert_the_corrected_bound(
    first: list[int], second: list[int], name: str, threshold: Fraction, level: float
) -> None:
    """The corrected bound is beyond the threshold before the lower limit, and not there; raised terms likewise."""
    bounds = limited()[name]
    sample = sample_at(bounds, first, second)
    limits = limits_of(bounds, sample, WHOLE, {}, threshold, "above", 1, 300)
    low, high = limits.first_unsupported(level), limits.last_unrefuted(level)
    places = [Fraction(k, 50) for k in range(51)]
    before = [x for x in places if low is None or float(x) < low - 1e-9]
    assert all(corrected_bound(bounds, sample, x, level) > threshold for x in before)
    if low is not None and low < 1:
        just_there = Fraction(low) + Fraction(1, 10**7)
        assert corrected_bound(bounds, sample, just_there, level) <= threshold + 1e-6
    if high is not None:
        raised = limits_of(bounds, sample, WHOLE, {}, threshold, "above", 1, 300)
        assert isinstance(raised, TermLimits)
        for x in (float(x) for x in places if x > high):
            lines = raised.terms.values + raised.slopes * x
            assert (lines[raised.terms.errors > 0] < 1e-9).all()


def corrected_bound(bounds: Bounds, sample: Sample, x: Fraction, level: float) -> float:
    terms = estimated_terms(bounds.lower.terms, None, sample, {"gamma": x})
    return one_side(terms, sample.smoothed, sample.n, 1, 300).bound(level)


@given(counts, counts, st.sampled_from(["delta0", "zeta1"]), thresholds, st.booleans())
@settings(max_examples=20, deadline=None)
def test_an_outcome_turned_round_turns_the_conclusion_round(
    first: list[int], second: list[int], name: str, threshold: Fraction, chosen: bool
) -> None:
    bounds = limited()[name]
    cells = [cell.name for cell in bounds.arms[0].cells]
    assert cells[0].startswith("P(Y=0,M=0")
    # Y changes first or last in the order of cells; either way it is found by name.
    turned = [cells.index(cell.replace("Y=0", "Y=2").replace("Y=1", "Y=0").replace("Y=2", "Y=1")) for cell in cells]
    other = sample_at(bounds, [first[k] for k in turned], [second[k] for k in turned])

    def value(sample: Sample, t: Fraction, asked: Conclusion | None) -> Breakdown:
        return breakdown_value(bounds, sample, WHOLE, {}, t, asked, 0.95, 1, 300)

    one = value(sample_at(bounds, first, second), threshold, None if chosen else "above")
    two = value(other, -threshold, None if chosen else "below")
    assert one.plug_in == two.plug_in
    assert {"above": "below", "below": "above", None: None}[one.conclusion] == two.conclusion
    # Draws are of other terms, so that critical values differ by their Monte-Carlo error.
    ends = [(each.half_median_unbiased, *each.interval) for each in (one, two)]
    assert [end is None for end in ends[0]] == [end is None for end in ends[1]] or min(first + second) < 5
    for a, b in zip(*ends, strict=True):
        assert a is None or b is None or a == pytest.approx(b, abs=0.1)


@given(counts, counts, st.sampled_from(NAMES), thresholds, st.sampled_from(["above", "below", None]))
@settings(max_examples=40, deadline=None)
def test_limits_are_in_order(
    first: list[int], second: list[int], name: str, threshold: Fraction, asked: Conclusion | None
) -> None:
    found = breakdown_value(
        limited()[name], sample_at(limited()[name], first, second), WHOLE, {}, threshold, asked, 0.9, 1, 300
    )
    places = (found.interval[0], found.lower_limit, found.half_median_unbiased, found.interval[1])
    in_order = [np.inf if each is None else each for each in places]
    assert in_order == sorted(in_order)
    assert all(0 <= each <= 1 for each in places if each is not None)
    assert found.lost_at_start == (found.plug_in == found.start)
    if asked is None:
        assert found.lower_limit == found.interval[0]


# ---------------------------------------------------------------- what estimate says
@pytest.mark.parametrize(("conclusion", "threshold", "side"), [("above", "-0.3", 0), ("below", "0.3", 1)])
def test_limits_are_where_the_intervals_of_estimate_end(conclusion: Conclusion, threshold: str, side: int) -> None:
    data, bounds = read_data(LIMITED, "bursztyn"), limited()["zeta1" if side == 0 else "delta0"]
    (found,) = breakdown(bounds, data, "gamma", threshold=threshold, conclusion=conclusion, draws=2000).breakdowns
    for place, interval in ((found.half_median_unbiased, "half_median_unbiased"), (found.interval[0], "set_interval")):
        assert place
        near = [Fraction(place) - Fraction(1, 10**6), Fraction(place) + Fraction(1, 10**6)]
        ends = [each.found.interval(interval) for each in estimate(bounds, data, {"gamma": near}, draws=2000).estimates]
        assert [supports(end[side], Fraction(threshold), conclusion) for end in ends if end] == [True, False]


def test_pieces_are_tested_as_estimate_tests_them(tmp_path: Path) -> None:
    rows = zip("00001111", "00110011", "01010101", (120, 60, 60, 20, 60, 40, 45, 145), strict=True)
    (tmp_path / "d.csv").write_text("A,M,Y,count\n" + "".join(f"{a},{m},{y},{n}\n" for a, m, y, n in rows), "utf-8")
    data = read_data(Model.parse(CAPPED), str(tmp_path / "d.csv"))
    (found,) = breakdown(pieces(), data, "g", threshold="0.1", draws=500).breakdowns
    assert found.plug_in == Fraction(13, 261)
    with pytest.raises(DataError, match="the threshold -1/10 is outside of what target can be, from 0 to 1"):
        breakdown(pieces(), data, "g", threshold="-0.1", draws=500)
    place = found.half_median_unbiased
    assert place
    near = [Fraction(place) - Fraction(1, 10**4), Fraction(place) + Fraction(1, 10**4)]
    halves = [each.found.half_median_unbiased for each in estimate(pieces(), data, {"g": near}, draws=500).estimates]
    assert [half[0] > 0.1 for half in halves if half] == [True, False]
    assert found.interval[1]
    assert found.interval[0] == 0 < found.half_median_unbiased < found.interval[1] < 1


# ---------------------------------------------------------------- cases
@pytest.fixture
def valley_data(tmp_path: Path) -> str:
    (tmp_path / "v.csv").write_text("X,Y,count\n0,0,700\n0,1,100\n1,0,100\n1,1,100\n", encoding="utf-8")
    return str(tmp_path / "v.csv")


def test_first_loss_and_what_comes_back(valley_data: str) -> None:
    found = breakdown(
        valley(), read_data(Model.parse(VALLEY), valley_data), "g", {"h": ["1/5", "1/20"]}, threshold="3/20",
        conclusion="above", draws=300,
    )  # fmt: skip
    first, second = (each for each in found.breakdowns if each.estimand == "mean")
    # P(X=1, Y=1) is 1/10, and the bound is that plus max(h - g, g - 3/10, 0).
    assert (first.parameters, first.plug_in, first.regained) == (
        (("h", Fraction(1, 5)),),
        Fraction(3, 20),
        Fraction(7, 20),
    )
    assert second.plug_in == 0
    assert second.lost_at_start
    assert first.interval[1] is None
    assert any("not monotone in g" in note for note in found.notes)
    (ended,) = breakdown(
        valley().bounds[0], found.data, "g", {"h": "1/5"}, high="3/10", threshold="3/20", conclusion="above", draws=300
    ).breakdowns
    assert ended.interval[1]
    assert 0.15 < ended.interval[1] < 0.2


def test_a_range_without_end(valley_data: str, run: Run) -> None:
    data = read_data(Model.parse(VALLEY), valley_data)
    (found,) = breakdown(
        valley().bounds[0], data, "g", {"h": 0}, threshold="4/5", conclusion="below", draws=300
    ).breakdowns
    assert found.plug_in == Fraction(3, 10)
    assert 0.25 < (found.interval[0] or 0) < 0.3 < (found.interval[1] or 0) < 0.35
    Path("valley.bounds").write_text(VALLEY, encoding="utf-8")
    words = ("estimate", "valley.bounds", valley_data, "--breakdown", "g", "--at", "h=0", "--draws", "300")
    shown = json.loads(run(*words, "--format", "json").out)
    assert shown["range"] == [0.0, "inf"]
    assert "from 0 on" in run(*words).out
    refused = run(*words, "--plot", "v.svg")
    assert (refused.status, refused.out) == (2, "")
    assert "a picture needs a range with an end: --at g=LOW:HIGH:STEP." in refused.err


def test_where_the_sample_breaks_an_implication_at_the_start(tmp_path: Path) -> None:
    rows = zip("00001111", "00110011", "01010101", (20, 20, 5, 155, 60, 30, 20, 90), strict=True)
    (tmp_path / "d.csv").write_text("A,M,Y,count\n" + "".join(f"{a},{m},{y},{n}\n" for a, m, y, n in rows), "utf-8")
    found = breakdown(limited()["delta0"], read_data(LIMITED, str(tmp_path / "d.csv")), "gamma", draws=300)
    assert found.breakdowns[0].start == Fraction(1, 4)
    assert any("below gamma = 0.25 a testable implication fails" in note for note in found.notes)
    with pytest.raises(DataError, match="a testable implication fails at every value of gamma"):
        breakdown(limited()["delta0"], found.data, "gamma", high="1/5", draws=300)


def test_forms() -> None:
    found = breakdown(derive(LIMITED), read_data(LIMITED, "bursztyn"), "gamma", high="1/50", draws=300)
    assert isinstance(found, Breakdowns)
    by_name = {each.estimand: each for each in found.breakdowns}
    assert by_name["zeta0"].plug_in is None
    assert by_name["delta1"].conclusion is None
    assert by_name["delta1"].interval == (0.0, None)
    text = found.text()
    assert "ζ(0)  > 0         none" in text
    assert "Lost already at the start: δ(0), δ(1), ζ(1)." in text
    assert "none: it is not lost in this range" in " ".join(text.split())
    document = found.json()
    assert document["schema"] == "boundgen.breakdown/1"
    assert [each["plug_in"] for each in document["breakdowns"]] == [0.0, 0.0, None, 0.0, None, None]
    row = found.rows()[2]
    assert (row["estimand"], row["conclusion"], row["plug_in"], row["lost_at_start"]) == ("zeta0", "above", None, False)
    assert r"$\zeta(0)$ & $> 0$ & none & " in found.latex()
    assert "% breakdown values of gamma from 0 to 0.02" in found.latex()


def test_a_point_that_is_touched_is_lost() -> None:
    """Exactly at the threshold the conclusion is not supported."""
    bounds = limited()["delta1"]
    cells = shares(sample_at(bounds, [10, 10, 10, 10], [10, 10, 10, 10]))
    low, _ = bounds.evaluate(cells, {"gamma": 0})
    assert breakdown_points(bounds, cells, WHOLE, {}, low)["above"] == BreakdownPoint(Fraction(0), Fraction(0))


# ---------------------------------------------------------------- the command
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--breakdown", "delta"), "the model has no parameter 'delta'\n  parameters: gamma"),
        (("--breakdown", "gamma", "--at", "gamma=0,2"), "gamma = 2 is out of its range\n  Its range is [0, 1]."),
        (
            ("--breakdown", "gamma", "--threshold", "x"),
            "the threshold = 'x' is not a number\n  Write a number: 0.25, 1/4 or 2.5e-3.",
        ),
        (
            ("--breakdown", "gamma", "--level", "2"),
            "the level 2 is not between 0 and 1\n  0.95 is usual.",
        ),
        (
            ("--breakdown", "gamma", "--estimand", "risk"),
            "model mediation_limited_defiers has no estimand 'risk'\n"
            "  estimands: delta0, delta1, zeta0, zeta1, atm, ate",
        ),
        (
            ("--breakdown", "gamma", "--at", "gamma=0.1"),
            "boundgen: --breakdown looks along gamma: --at gamma=LOW:HIGH:STEP says from where to where.\n"
            "  Try: boundgen estimate --help",
        ),
        (
            ("--threshold", "1", "--at", "gamma=0"),
            "boundgen: --threshold and --conclusion are for --breakdown.\n  Try: boundgen estimate --help",
        ),
        (
            ("--breakdown", "gamma", "--method", "stoye"),
            "boundgen: --breakdown is for the method intersection, not for stoye: leave --method out.\n"
            "  Try: boundgen estimate --help",
        ),
        (
            ("--breakdown", "gamma", "--project"),
            "boundgen: --breakdown takes no --within, no --project and no --robust.\n  Try: boundgen estimate --help",
        ),
        (
            ("--breakdown", "gamma", "--conclusion", "above", "--plot", "x.svg"),
            "boundgen: --plot shows where the sign is lost: it takes no --threshold and no --conclusion.\n"
            "  Try: boundgen estimate --help",
        ),
        (
            ("--breakdown", "gamma", "--no-conditions", "--plot", "x.svg"),
            "boundgen: a picture against a parameter shows where testable implications fail: leave --no-conditions "
            "out.\n  Try: boundgen estimate --help",
        ),
    ],
)
def test_refused(run: Run, words: tuple[str, ...], message: str) -> None:
    assert_refused(run("estimate", "mediation_limited_defiers", "bursztyn", *words), message)


def test_refused_in_python() -> None:
    bounds, data = limited()["delta1"], read_data(LIMITED, "bursztyn")
    with pytest.raises(DataError, match="there is no conclusion 'over'"):
        breakdown(bounds, data, "gamma", conclusion="over")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="parameter gamma varies, and has a value too"):
        breakdown(bounds, data, "gamma", {"gamma": 0})
    with pytest.raises(DataError, match="from 1/2 to 1/2 is empty"):
        breakdown(bounds, data, "gamma", low="1/2", high="1/2")
    with pytest.raises(DataError, match="parameter 'h' has no value"):
        breakdown(valley().bounds, data, "g")


# ---------------------------------------------------------------- coverage
def test_the_truth_of_the_populations() -> None:
    truths = {each.name: each.truth for each in breakdown_populations()}
    assert truths == {"one term": Fraction(3, 10), "tie": Fraction(1, 5), "start": 0, "nowhere": np.inf}


@pytest.mark.slow
def test_limits_cover() -> None:
    """150 replications know a share of 0.95 to 0.02."""
    for population in breakdown_populations():
        for found in breakdown_coverage(population, 600, 150, seed=4, draws=1000):
            assert found.half_median > 0.42, found
            assert found.lower_limit > 0.9, found
            assert found.interval > 0.9, found
