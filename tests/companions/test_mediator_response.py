"""Checking a monotonic mediator response with covariates: the test keeps its level, and finds what is there."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boundgen.companions.causal_trees import MIN_UNITS_PER_ARM, SampledUnits, causal_tree, difference, halves
from boundgen.companions.mediator_response import mediator_response
from boundgen.companions.response_groups import contrary_p_value
from boundgen.errors import DataError, LibraryError
from support.command import Run, assert_refused
from support.golden import compare


def experiment(n: int, seed: int, low: float, high: float) -> dict[str, Any]:
    """Units with x1 below -0.5 (three in ten) are moved by `low`, others by `high`; x2 and the group do nothing."""
    chance = np.random.default_rng(seed)
    a, x1, x2 = chance.integers(0, 2, n), chance.normal(size=n), chance.integers(0, 9, n)
    share = 0.45 + 0.1 * (x2 > 4) + np.where(x1 < -0.5, low, high) * a
    group = np.array(["north", "south", "west"])[chance.integers(0, 3, n)]
    return {"A": a, "M": (chance.random(n) < share).astype(int), "x1": x1, "x2": x2, "group": group}


COVARIATES = ["x1", "x2", "group"]
NAMES = ["A", "M", *COVARIATES]


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


# ---------------------------------------------------------------- weights and clusters
def test_pieces_that_are_alike_change_nothing_but_students_t() -> None:
    data = experiment(400, 4, -0.2, 0.2)
    treated, outcome = data["A"] == 1, data["M"].astype(float)
    effect, error = difference(outcome, treated)
    for pieces in (SampledUnits(weights=np.full(400, 3.0)), SampledUnits(clusters=np.arange(400))):
        assert difference(outcome, treated, pieces) == pytest.approx((effect, error), rel=0.005)
    # A unit of weight two is two units of one cluster.
    names = np.arange(400)
    heavy = SampledUnits(np.where(names < 100, 2.0, 1.0))
    twice = np.concatenate([names, names[:100]])
    assert difference(outcome, treated, heavy) == pytest.approx(
        difference(outcome[twice], treated[twice], SampledUnits(clusters=twice)), rel=1e-9
    )


def test_clusters_are_held_out_whole() -> None:
    chance = np.random.default_rng(3)
    clusters, treated = np.repeat(np.arange(40), 10), np.repeat(np.arange(40) % 2 == 1, 10)
    treated[:20] = chance.random(20) < 0.5
    for first, second in halves(treated, 3, 1, clusters):
        assert not set(clusters[first]) & set(clusters[second])
        assert len(first) + len(second) == 400
        assert min(treated[first].sum(), (~treated[first]).sum()) > 80


def test_clusters_make_errors_longer(run: Run) -> None:
    pandas = pytest.importorskip("pandas")
    chance = np.random.default_rng(6)
    village = np.repeat(np.arange(80), 10)
    frame = pandas.DataFrame({"village": village, "A": village % 2, "x": chance.normal(size=800), "w": 1.0})
    frame["M"] = (chance.normal(size=80)[village] + chance.normal(size=800) > 0).astype(int)
    frame.loc[::3, "w"] = 2.0
    alone, together = (
        mediator_response(frame, "A", "M", ["x"], splits=3, share=0.4, **words)  # type: ignore[arg-type]
        for words in ({}, {"cluster": "village", "weights": "w"})
    )
    assert together.average_error > 1.5 * alone.average_error
    frame.to_csv("villages.csv", index=False)
    words = ("response", "villages.csv", "--covariates", "x", "--splits", "3", "--share", "0.4")
    found = run(*words, "--cluster", "village", "--weights", "w", "--format", "json")
    assert (found.status, found.err) == (0, "")
    assert json.loads(found.out)["average_error"] == pytest.approx(together.average_error)
    few = run(*words, "--where", "village<6", "--cluster", "village")
    assert few.status == 2
    assert "fewer than 20 units or 5 clusters of equal size in an arm" in few.err


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

    for name in ("econml", "econml.grf"):
        monkeypatch.setitem(sys.modules, name, None)
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
        ({}, {"seed": -1}, "the seed -1 is negative"),
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


# ---------------------------------------------------------------- groups
def test_groups_are_what_they_are_called() -> None:
    data = experiment(1200, 5, -0.3, 0.25)
    found = mediator_response(data, "A", "M", COVARIATES, splits=3)
    treated, m = data["A"] == 1, data["M"]
    masks = {
        "all units": np.ones(1200, dtype=bool),
        "x1 > 0": data["x1"] > 0,
        "group: another": data["group"] == "north",
        "group=south": data["group"] == "south",
    }
    groups = {each.group: each for each in found.groups}
    half = float(np.median(data["x1"]))
    masks[f"x1 > {half:g}"] = data["x1"] > half
    del masks["x1 > 0"]
    for name, mask in masks.items():
        one, other = m[mask & treated], m[mask & ~treated]
        assert groups[name].units == mask.sum()
        assert groups[name].effect == pytest.approx(one.mean() - other.mean())
        assert groups[name].error == pytest.approx(np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)))
    (tested,) = (each for each in found.groups if each.kind == "tested")
    assert (tested.effect, tested.error, tested.p_value) == (found.lowest, found.lowest_error, found.p_value)
    fifths = [each for each in found.groups if each.kind == "fifth"]
    assert fifths[0].effect < 0 < fifths[-1].effect
    assert all(each.p_value is None for each in fifths)


def test_adjusted_p_values_of_subgroups() -> None:
    """Holm's are monotone, no smaller than single ones, and no larger than Bonferroni's."""
    found = mediator_response(experiment(1500, 2, -0.2, 0.1), "A", "M", COVARIATES, splits=2)
    groups = [each for each in found.groups if each.kind == "covariate"]
    single = [contrary_p_value(each.effect, each.error) for each in groups]
    adjusted = [each.p_value or 0.0 for each in groups]
    assert len(groups) >= 5
    for p, q in zip(single, adjusted, strict=True):
        assert p <= q <= min(1.0, len(groups) * p) + 1e-12
    order = np.argsort(single)
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0)
    assert min(adjusted) == pytest.approx(min(1.0, len(groups) * min(single)))


def test_the_order_of_units_does_not_matter() -> None:
    data = experiment(600, 4, 0.0, 0.2)
    order = np.random.default_rng(1).permutation(600)
    one = mediator_response(data, "A", "M", COVARIATES, splits=2)
    two = mediator_response({name: column[order] for name, column in data.items()}, "A", "M", COVARIATES, splits=2)
    assert one.text() == two.text()
    assert two.effects == pytest.approx(one.effects[order])


# ---------------------------------------------------------------- the command
def test_golden(run: Run) -> None:
    found = run("response", "jobs_sex", "--covariates", "sex", "--splits", "5")
    assert (found.status, found.err) == (0, "")
    compare("response_jobs_sex.txt", found.out)


def test_the_command_is_the_function(run: Run) -> None:
    data = experiment(500, 6, 0.0, 0.2)
    lines = [
        "treat,saw,x1,x2,group",
        *(",".join(map(str, row)) for row in zip(*(data[k].tolist() for k in NAMES), strict=True)),
    ]
    Path("units.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = ("response", "units.csv", "--map", "A=treat,M=saw,X=x1", "--covariates", "x2,group", "--splits", "2")
    document = json.loads(run(*words, "--format", "json").out)
    own = mediator_response(data, "A", "M", COVARIATES, splits=2)
    assert document["p_value"] == own.p_value
    assert document["effects"] == own.effects.tolist()
    assert document["groups"] == own.json()["groups"]
    assert document["data"]["notes"]
    rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "csv").out)))
    assert [row["group"] for row in rows] == [each.group for each in own.groups]
    assert run(*words, "--format", "latex").out.count(r"\\") == len(own.groups) + 1
    assert run(*words, "--ascii").out.isascii()
    assert "raise nobody's mediator" in run(*words, "--decreasing").out


def test_counts_are_units(run: Run) -> None:
    """A table of counts, and the same rows one by one."""
    counted = run("response", "jobs_sex", "--covariates", "sex", "--splits", "2", "--format", "json")
    Path("counted.csv").write_text(
        "t,m,x,units\n0,0,0,60\n0,1,1,70\n1,0,1,50\n1,1,0,90\n1,0,0,40\n0,1,0,40\n0,0,1,30\n1,1,1,60\n"
    )
    rows = [line.split(",") for line in Path("counted.csv").read_text(encoding="utf-8").split()[1:]]
    single = [",".join(row[:3]) for row in rows for _ in range(int(row[3]))]
    Path("single.csv").write_text("t,m,x\n" + "\n".join(single) + "\n", encoding="utf-8")
    words = ("--map", "A=t,M=m", "--covariates", "x", "--splits", "2", "--format", "csv")
    assert run("response", "single.csv", *words).out == run("response", "counted.csv", "--counts", "units", *words).out
    assert json.loads(counted.out)["n"] == 899


def test_the_command_draws(run: Run) -> None:
    pytest.importorskip("matplotlib")
    words = ("response", "jobs_sex", "--covariates", "sex", "--splits", "2")
    assert run(*words, "--plot", "r.svg").out == run(*words).out
    assert Path("r.svg").stat().st_size > 2000
    assert run(*words, "-o", "r.txt", "--plot", "r.svg").out == (
        "r.txt: the check of a monotonic mediator response at jobs_sex\nr.svg: a picture of it\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "there are no covariates\n  Name columns from before the treatment: --covariates."),
        (
            ("--covariates", "sex", "--map", "Y=Y"),
            "the check does not use the outcome Y\n"
            "  It uses A, M, X and C: leave the rest out of --map, --dichotomize and --recode.",
        ),
        (
            ("--covariates", "age"),
            "jobs_sex: no column 'age' for the covariate X\n  Name it: --map X=COLUMN; columns: sex, A, M, Y, count",
        ),
        (("--covariates", "sex,sex"), "'sex,sex' names a column twice\n  Name each once."),
        (
            ("--covariates", "sex", "--share", "0.9"),
            "a group of 0.9 in 20 splits\n  A share from 0.02 to 0.5; from one split to 1000.",
        ),
        (
            ("--covariates", "sex", "--splits", "0"),
            "a group of 0.2 in 0 splits\n  A share from 0.02 to 0.5; from one split to 1000.",
        ),
        (("--covariates", "sex", "--level", "1"), "the level 1 is not between 0 and 1\n  0.95 is usual."),
        (("--covariates", "sex", "--seed", "-1"), "the seed -1 is negative\n  Give zero or a positive integer."),
        (
            ("--covariates", "sex", "--where", "sex=1", "--where", "M=2"),
            "jobs_sex: no unit is left\n  All rows miss a value, fail a condition, or count zero.",
        ),
        (
            ("--covariates", "sex", "--plot", "r.jpg"),
            "r.jpg: not a kind of picture that can be written\n  Name a file that ends in one of: .png, .svg, .pdf",
        ),
    ],
)
def test_refused_words(run: Run, words: tuple[str, ...], message: str) -> None:
    assert_refused(run("response", "jobs_sex", *words), message)
