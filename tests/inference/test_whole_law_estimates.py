"""Limits by cross-fitted dual bounds: how they relate to the bounds, what they take, and how often they cover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from boundgen import Model, estimate, evaluate
from boundgen.errors import DataError
from boundgen.inference.law_estimation import LawEstimation
from boundgen.inference.names import METHODS
from boundgen.simulation.whole_law_coverage import MODEL, law_coverage, law_populations

LEE = Model.parse(MODEL.strip() + "\n")
POPULATIONS = {population.name: population for population in law_populations()}


def drawn(n: int = 300, seed: int = 1) -> pd.DataFrame:
    return pd.DataFrame(POPULATIONS["trimmed"].drawn(np.random.default_rng(seed), n))


def test_limits_contain_the_bounds_and_narrow_with_the_sample() -> None:
    widths = []
    for n in (200, 1000):
        frame = drawn(n)
        found = estimate(LEE, frame, law="Y")
        assert isinstance(found, LawEstimation)
        (each,), (at_data,) = found.estimates, evaluate(LEE, frame, law="Y")
        assert each.plug_in == (at_data.lower, at_data.upper)
        (low, high), (first, last) = each.plug_in, each.interval
        assert low is not None
        assert high is not None
        assert first is not None
        assert last is not None
        assert first < low < high < last
        widths.append((last - first) - (high - low))
    assert widths[1] == pytest.approx(widths[0] / np.sqrt(5), rel=0.4)


def test_the_error_of_an_identified_mean_is_its_standard_error() -> None:
    """Where as many are seen in each arm nothing is trimmed: the plug-in is a difference of means."""
    frame = drawn(600).assign(S=(np.arange(600) >= 4).astype(int))
    frame["Y"] = np.random.default_rng(3).normal(size=600).round(2)
    (each,) = estimate(LEE, frame, law="Y", level=0.9).estimates
    arms = [frame.Y[(a == frame.A) & (frame.S == 1)] for a in (0, 1)]
    mean = arms[1].mean() - arms[0].mean()
    error = np.sqrt(sum(arm.var() / len(arm) for arm in arms))
    assert each.plug_in == pytest.approx((mean, mean), abs=1e-6)
    assert each.interval == pytest.approx((mean - 1.645 * error, mean + 1.645 * error), abs=0.25 * error)


def test_the_same_seed_gives_the_same_limits() -> None:
    frame = drawn()
    first, again, other = (estimate(LEE, frame, law="Y", seed=seed) for seed in (1, 1, 2))
    assert first.json() == again.json()
    assert first.estimates[0].interval != other.estimates[0].interval
    assert first.estimates[0].plug_in == other.estimates[0].plug_in


def test_weights_of_one_size_change_nothing() -> None:
    frame = drawn().assign(w="2.5")
    weighted, plain = (estimate(LEE, frame, law="Y", **given).estimates[0] for given in ({"weights": "w"}, {}))
    assert weighted.interval == pytest.approx(plain.interval, abs=1e-9)


def test_where_the_divisor_is_not_identified_limits_are_within_the_range() -> None:
    """Without monotonicity: the share of those seen in both arms has bounds alone."""
    model = replace(LEE, assumptions=())
    (each,) = estimate(model, drawn(600), law="Y").estimates
    (low, high), (first, last) = each.plug_in, each.interval
    assert low is not None
    assert high is not None
    assert first is not None
    assert last is not None
    assert -30 <= first < low < high < last <= 30
    assert last - first < 2 * (high - low)


def test_covariates_that_tell_outcomes_apart_make_limits_shorter() -> None:
    frame = drawn(800)
    frame["x"] = np.random.default_rng(4).integers(0, 2, size=800)
    frame["Y"] += 4 * frame.x
    within, without = (estimate(LEE, frame, law="Y", **given).estimates[0] for given in ({"within": "x"}, {}))
    widths = [each.interval[1] - each.interval[0] for each in (within, without)]  # type: ignore[operator]
    assert widths[0] < 0.75 * widths[1]


def test_nobody_is_seen() -> None:
    found = estimate(LEE, drawn(100), law="Y", where="S=0")
    assert found.estimates[0].plug_in == found.estimates[0].interval == (None, None)
    assert "the estimand is not defined" in found.text()
    with pytest.raises(DataError, match="no unit that is used has a value of 'Y'"):
        estimate("sace_mono", drawn(100), law="Y", Z="A", where="S=0")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": 1}, "the level 1 is not between 0 and 1"),
        ({"seed": -1}, "the seed -1 is negative"),
        ({"cluster": "A"}, "take no clusters"),
        ({"method": METHODS[1]}, "method is not for the whole law"),
    ],
)
def test_what_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        estimate(LEE, drawn(100), law="Y", **options)  # type: ignore[call-overload]


def test_the_result_says_what_it_is() -> None:
    found = estimate(LEE, drawn(100), law="Y")
    assert "cross-fitted dual bounds (5 folds, seed 1)" in found.text()
    assert found.json()["method"] == "cross-fitted dual bounds"
    assert list(found.to_frame().columns)[:3] == ["estimand", "lower", "upper"]


def test_truths_of_the_study() -> None:
    """A normal's mean below its 5/7 quantile, by simulation; and replications that the study refuses."""
    values = np.sort(np.random.default_rng(2).normal(0.3, 1, 200_000))
    assert POPULATIONS["trimmed"].truth[0] == pytest.approx(values[: round(200_000 * 5 / 7)].mean(), abs=0.01)
    with pytest.raises(DataError, match="of samples of 10 units"):
        law_coverage(POPULATIONS["trimmed"], 10, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", POPULATIONS)
def test_intervals_cover(name: str) -> None:
    """60 replications know a share of 0.95 to 0.03."""
    found = law_coverage(POPULATIONS[name], 300, 60, seed=7)
    assert found.covers > 0.86
    assert min(found.lower, found.upper) > 0.9
