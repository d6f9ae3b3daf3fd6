"""Checking a monotonic mediator response with covariates: the test keeps its level, and finds what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from boundgen.companions.causal_trees import MIN_UNITS_PER_ARM, causal_tree, difference, halves
from boundgen.companions.mediator_response import mediator_response
from boundgen.companions.response_groups import contrary_p_value
from boundgen.errors import DataError, LibraryError


def experiment(n: int, seed: int, low: float, high: float) -> dict[str, Any]:
    """Units with x1 below -0.5 (three in ten) are moved by `low`, others by `high`; x2 and the group do nothing."""
    chance = np.random.default_rng(seed)
    a, x1, x2 = chance.integers(0, 2, n), chance.normal(size=n), chance.integers(0, 9, n)
    share = 0.45 + 0.1 * (x2 > 4) + np.where(x1 < -0.5, low, high) * a
    group = np.array(["north", "south", "west"])[chance.integers(0, 3, n)]
    return {"A": a, "M": (chance.random(n) < share).astype(int), "x1": x1, "x2": x2, "group": group}


COVARIATES = ["x1", "x2", "group"]


def test_the_level_is_kept_where_estimates_below_zero_fire() -> None:
    """Without any effect: some estimates are always below zero, the test rejects in at most one of twenty samples."""
    found = [
        mediator_response(experiment(500, seed, 0.0, 0.0), "A", "M", COVARIATES, splits=3, seed=seed)
        for seed in range(60)
    ]
    assert all(each.contrary > 0 for each in found)
    assert sum(each.p_value < 0.05 for each in found) <= 6


def test_each_half_by_itself_keeps_its_level() -> None:
    """The median over halves is conservative, so that one half shows whether the halves are honest."""
    low = 0
    for seed in range(200):
        data = experiment(400, seed, 0.0, 0.0)
        x, treated, outcome = np.column_stack([data["x1"], data["x2"]]), data["A"] == 1, data["M"].astype(float)
        first, second = next(halves(treated, 1, seed))
        predicted = causal_tree(x[first], treated[first], outcome[first])(x[second])
        chosen = second[predicted <= np.quantile(predicted, 0.2)]
        low += contrary_p_value(*difference(outcome[chosen], treated[chosen])) < 0.1
    assert 8 <= low <= 34


def test_a_group_that_is_moved_the_other_way_is_found() -> None:
    data = experiment(4000, 3, -0.3, 0.25)
    found = mediator_response(data, "A", "M", COVARIATES, splits=5)
    assert found.average > 0
    assert found.p_value < 0.01
    assert found.lowest < -0.15
    moved = data["x1"] < -0.5
    assert found.effects[moved].mean() < -0.15
    assert found.effects[~moved].mean() > 0.15


def test_the_other_direction_mirrors_it() -> None:
    data = experiment(1500, 3, -0.3, 0.25)
    mirrored = data | {"M": 1 - data["M"]}
    up = mediator_response(data, "A", "M", COVARIATES, splits=3)
    down = mediator_response(mirrored, "A", "M", COVARIATES, splits=3, decreasing=True)
    assert down.p_value == pytest.approx(up.p_value)
    assert down.effects == pytest.approx(-up.effects)
    assert down.contrary == up.contrary
    assert "above zero" in down.text()
    assert "highest predicted" in down.text()


def test_text_and_data_frames() -> None:
    pandas = pytest.importorskip("pandas")
    data = experiment(800, 1, 0.0, 0.2)
    found = mediator_response(pandas.DataFrame(data), "A", "M", COVARIATES, splits=2)
    assert found.text() == mediator_response(data, "A", "M", COVARIATES, splits=2).text()
    treated = data["A"] == 1
    assert found.average == pytest.approx(data["M"][treated].mean() - data["M"][~treated].mean())
    assert f"Average effect on the mediator: {found.average:.4f}" in str(found)
    assert "Noise alone puts some below zero" in str(found)
    assert found.intervals_contrary is None


def testhalves_share_no_unit() -> None:
    treated = np.arange(101) % 3 == 0
    for first, second in halves(treated, 3, seed=1):
        assert sorted([*first, *second]) == list(range(101))
        assert abs(int(treated[first].sum()) - int(treated[second].sum())) <= 1


def test_histogram() -> None:
    pytest.importorskip("matplotlib")
    found = mediator_response(experiment(800, 1, 0.0, 0.2), "A", "M", COVARIATES, splits=2)
    axes = found.plot("Reactive empathy").axes[0]
    assert sum(bar.get_height() for bar in axes.patches) == 800
    title = axes.get_title(loc="left")
    assert f"{found.contrary:.1%} below zero" in title
    assert f"p = {found.p_value:.3f}" in title


def test_the_forest_agrees() -> None:
    pytest.importorskip("econml")
    found = mediator_response(experiment(2000, 3, -0.3, 0.25), "A", "M", COVARIATES, splits=2, learner="forest")
    assert found.p_value < 0.05
    assert found.intervals_contrary
    assert found.intervals_contrary < found.contrary


def test_a_forest_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "econml", None)
    with pytest.raises(LibraryError, match="needs econml"):
        mediator_response(experiment(500, 1, 0.0, 0.0), "A", "M", COVARIATES, learner="forest")


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"covariates": []}, "there are no covariates"),
        ({}, {"covariates": ["age"]}, "there is no column 'age'"),
        ({}, {"learner": "magic"}, "there is no learner 'magic'"),
        ({}, {"share": 0.9}, "a group of 0.9 in 2 splits"),
        ({}, {"splits": 0}, "a group of 0.2 in 0 splits"),
        ({"A": np.arange(300)}, {}, "the treatment has 300 values"),
        ({"A": np.zeros(300)}, {}, "the treatment is 0 in every unit"),
        ({"M": np.full(300, np.nan)}, {}, "the column 'M' has missing or infinite values"),
        ({"M": np.array(["yes"] * 300)}, {}, "the column 'M' is not a column of numbers"),
        ({"x1": np.array([None, *["a"] * 299])}, {}, "column 'x1' misses 1 values"),
        ({"x1": np.array([f"unit {i}" for i in range(300)])}, {}, "column 'x1' .* has 300 different texts"),
        ({"M": np.zeros(299)}, {}, "column 'M' has 299 values for 300 units"),
    ],
)
def test_bad_input(change: dict[str, Any], options: dict[str, Any], message: str) -> None:
    data = experiment(300, 1, 0.0, 0.0) | change
    with pytest.raises(DataError, match=message):
        mediator_response(data, "A", "M", **({"covariates": COVARIATES, "splits": 2} | options))


def test_samples_that_are_too_small() -> None:
    with pytest.raises(DataError, match=f"fewer than {MIN_UNITS_PER_ARM} units in an arm"):
        mediator_response(experiment(60, 1, -0.4, 0.4), "A", "M", COVARIATES, splits=2)
