"""Bounds within strata of covariates, averaged: against evaluation stratum by stratum, closed forms, coverage."""

from __future__ import annotations

import itertools
import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from boundgen import Model, catalogue, derive, estimate, evaluate, read_data
from boundgen.bounds.closed_form import Bounds
from boundgen.inference import within
from boundgen.inference.critical import CriticalValues, draws_for
from boundgen.inference.estimated_terms import EstimatedTerms
from boundgen.inference.estimation import Estimate
from boundgen.inference.intersection import Interval
from boundgen.inference.within import AveragedBounds
from support.command import Run, assert_refused

MMR = catalogue.load("mediation_mmr")
DELTA0 = MMR.bound("delta0")
ATE = Model.parse(
    """model trial
variable A in {0, 1} randomized
variable Y(A) in {0, 1}
observe P(Y | A)
estimand ate = E[Y(1) - Y(0)]
"""
)
LATE = Model.parse(
    """model late
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(Z, X) in {0, 1}
observe P(X, Y | Z)
assume X(1) >= X(0)
estimand direct = E[Y(1, 1) - Y(0, 1) | X(0) = 0 and X(1) = 1]
"""
)
SEPARATE = Model.parse(
    """model separate
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(M | A)
observe P(Y | A)
assume M(1) >= M(0)
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
"""
)


def frame(size: int, seed: int, strata: int = 3, arms: tuple[float, ...] = (0.5, 0.5, 0.5)) -> pd.DataFrame:
    """Effects, and where asked for the share that is treated, differ between strata."""
    chance = np.random.default_rng(seed)
    x = chance.integers(0, strata, size)
    a = (chance.random(size) < np.resize(arms, strata)[x]).astype(int)
    m = (chance.random(size) < 0.2 + 0.15 * x % 0.6 + 0.3 * a).astype(int)
    y = (chance.random(size) < 0.2 + 0.2 * (x % 3) + 0.3 * m * (x % 2)).astype(int)
    return pd.DataFrame({"A": a, "M": m, "Y": y, "x": x, "w": chance.integers(1, 9, size) / 4, "one": "same"})


def averaged(one: Estimate) -> AveragedBounds:
    assert one.within
    return one.within


def ends(interval: Interval | None) -> Interval:
    assert interval
    return interval


def by_strata(model: Model, rows: pd.DataFrame, estimand: str, weights: str | None = None) -> tuple[float, float]:
    """Plug-in bounds within each stratum by `evaluate`, averaged with the strata's shares."""
    low, high = Fraction(0), Fraction(0)
    total = sum(map(Fraction, rows[weights])) if weights else Fraction(len(rows))
    for value in sorted(set(rows.x)):
        part = rows[rows.x == value]
        share = (sum(map(Fraction, part[weights])) if weights else Fraction(len(part))) / total
        (found,) = evaluate(derive(model, [estimand]), read_data(model, part, weights=weights))
        assert found.lower is not None
        assert found.upper is not None
        low, high = low + share * found.lower, high + share * found.upper
    return float(low), float(high)


# ---------------------------------------------------------------- plug-in values
@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("estimand", ["delta0", "delta1", "zeta1"])
def test_plug_in_is_the_average_of_strata(estimand: str, weights: str | None) -> None:
    rows = frame(600, seed=1, arms=(0.3, 0.5, 0.7))
    found = estimate(MMR.bound(estimand), read_data(MMR, rows, weights=weights, within="x"), draws=1000)
    assert averaged(found.estimates[0]).found.plug_in == pytest.approx(by_strata(MMR, rows, estimand, weights))


def test_several_covariates_and_files() -> None:
    """Two statements from two files, two covariates: shares of strata are those of all units."""
    first, second = (frame(400, seed=s).assign(u=lambda d: d.x % 2, v=lambda d: d.x // 2) for s in (1, 2))
    data = read_data(SEPARATE, {1: first, 2: second}, within=["u", "v"])
    assert data.strata
    assert data.strata.names == ("u=0, v=0", "u=0, v=1", "u=1, v=0")
    found = averaged(estimate(SEPARATE.bound("delta1"), data, draws=1000).estimates[0]).found.plug_in
    low = high = 0.0
    for x in range(3):
        parts = {i: rows[rows.x == x] for i, rows in ((1, first), (2, second))}
        (one,) = evaluate(derive(SEPARATE, ["delta1"]), read_data(SEPARATE, parts))
        share = sum(map(len, parts.values())) / 800
        low, high = low + share * float(one.lower or 0), high + share * float(one.upper or 0)
    assert found == pytest.approx((low, high))


def test_a_conditional_estimand_averages_above_and_below_the_line() -> None:
    rows = frame(900, seed=3).rename(columns={"A": "Z", "M": "X"})
    bounds = LATE.bound("direct")
    assert bounds.denominator is not None
    found = averaged(estimate(bounds, read_data(LATE, rows, within="x"), draws=1000).estimates[0]).found.plug_in
    above, below = [Fraction(0), Fraction(0)], Fraction(0)
    for x in range(3):
        part = rows[rows.x == x]
        cells = read_data(LATE, part).probabilities
        share = Fraction(len(part), len(rows))
        above[0] += share * max(term.value(cells) for term in bounds.lower.terms)
        above[1] += share * min(term.value(cells) for term in bounds.upper.terms)
        below += share * bounds.denominator.value(cells)
    assert found == pytest.approx([float(each / below) for each in above])


def standardised(bounds: Bounds, rows: pd.DataFrame) -> tuple[float, float]:
    """The bounds without covariates at the cells averaged with the shares of strata among all units."""
    cells: dict[str, Fraction] = {}
    for value in set(rows.x):
        part = rows[rows.x == value]
        for cell, p in read_data(MMR, part).probabilities.items():
            cells[cell] = cells.get(cell, Fraction(0)) + p * Fraction(len(part), len(rows))
    low, high = bounds.evaluate(cells)
    return float(low), float(high)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("estimand", ["delta0", "delta1", "zeta0", "zeta1"])
def test_averaged_bounds_are_inside(estimand: str, seed: int) -> None:
    """A sum of maxima is at least the maximum of sums."""
    rows = frame(300, seed=seed, strata=4, arms=(0.3, 0.5, 0.7, 0.5))
    bounds = MMR.bound(estimand)
    low, high = averaged(estimate(bounds, read_data(MMR, rows, within="x"), draws=200).estimates[0]).found.plug_in
    wide_low, wide_high = standardised(bounds, rows)
    assert wide_low <= low + 1e-12
    assert high <= wide_high + 1e-12


def test_in_a_balanced_experiment_they_are_inside_the_printed_ones() -> None:
    chance = np.random.default_rng(1)
    grid = pd.DataFrame(list(itertools.product((0, 1), range(4), range(60))), columns=["A", "x", "i"])
    grid["M"] = (chance.random(len(grid)) < 0.2 + 0.15 * grid.x + 0.2 * grid.A).astype(int)
    grid["Y"] = (chance.random(len(grid)) < 0.6 - 0.15 * grid.x + 0.2 * grid.M).astype(int)
    strictly = 0
    for one in estimate(derive(MMR), read_data(MMR, grid, within="x"), draws=200).estimates:
        (low, high), (wide_low, wide_high) = averaged(one).found.plug_in, one.found.plug_in
        assert wide_low - 1e-12 <= low <= high <= wide_high + 1e-12
        strictly += high - low < wide_high - wide_low - 1e-3
    assert strictly > 0


# ---------------------------------------------------------------- intervals
def test_a_constant_covariate_changes_nothing() -> None:
    one = estimate(DELTA0, read_data(MMR, frame(400, seed=5), within="one")).estimates[0]
    found = averaged(one)
    assert found.combinations == (len(DELTA0.lower.terms), len(DELTA0.upper.terms))
    assert found.found.kept == one.found.kept
    for name in ("plug_in", "half_median_unbiased", "set_interval", "parameter_interval_adaptive"):
        assert getattr(found.found, name) == pytest.approx(getattr(one.found, name), abs=0.002)
    assert ends(found.found.parameter_interval) == pytest.approx(ends(one.found.parameter_interval), abs=0.002)


def test_an_identified_estimand_has_the_interval_of_post_stratification() -> None:
    """Variances within strata, and the share of the effects' variance between strata that shares bring in."""
    rows = frame(900, seed=6, arms=(0.3, 0.5, 0.6))
    found = averaged(estimate(ATE.bound("ate"), read_data(ATE, rows, within="x")).estimates[0]).found
    effects, variances, shares = [], [], []
    for _, part in rows.groupby("x"):
        arms = [part.Y[a == part.A] for a in (0, 1)]
        effects.append(arms[1].mean() - arms[0].mean())
        variances.append(sum(arm.var(ddof=0) / len(arm) for arm in arms))
        shares.append(len(part) / len(rows))
    share, effect = np.array(shares), np.array(effects)
    mean = share @ effect
    error = math.sqrt(share**2 @ np.array(variances) + share @ (effect - mean) ** 2 / len(rows))
    assert found.plug_in == pytest.approx((mean, mean))
    expected = mean - 1.959964 * error, mean + 1.959964 * error
    assert found.set_interval == pytest.approx(expected, abs=2e-4)
    # A little wider, for what may be unseen in arms within strata.
    assert found.set_interval[0] <= expected[0] + 1e-6
    assert found.set_interval[1] >= expected[1] - 1e-6


@pytest.mark.parametrize("cluster", [None, "c"])
def test_standard_errors_agree_with_a_bootstrap(cluster: str | None) -> None:
    """All rows are drawn again: cells, shares of strata, and with clusters strata together."""
    rows = frame(2400, seed=7, arms=(0.4, 0.5, 0.6))
    rows["c"] = np.arange(len(rows)) // 6
    rows["Y"] = (rows.Y + rows.groupby("c").Y.transform("max")) // 2 if cluster else rows.Y
    data = read_data(ATE, rows, within="x", cluster=cluster)
    found = averaged(estimate(ATE.bound("ate"), data).estimates[0]).found
    error = (found.set_interval[1] - found.set_interval[0]) / 2 / 1.959964
    chance = np.random.default_rng(4)
    groups = rows.c.to_numpy() if cluster else np.arange(len(rows))
    x, a, y = (rows[name].to_numpy() for name in "xAY")
    means = []
    for _ in range(1500):
        times = chance.multinomial(groups.max() + 1, np.full(groups.max() + 1, 1 / (groups.max() + 1)))[groups]
        mean = 0.0
        for value in range(3):
            treated, control = (times * ((x == value) & (a == arm)) for arm in (1, 0))
            effect = treated @ y / treated.sum() - control @ y / control.sum()
            mean += (times * (x == value)).sum() / times.sum() * effect
        means.append(mean)
    assert error == pytest.approx(np.std(means), rel=0.07)


def test_the_order_of_rows_and_the_names_of_values_do_not_matter() -> None:
    rows = frame(500, seed=8)
    renamed = rows.sample(frac=1, random_state=1).assign(x=lambda d: d.x.map({0: "c", 1: "a", 2: "b"}))
    one, other = (averaged(estimate(DELTA0, read_data(MMR, d, within="x")).estimates[0]).found for d in (rows, renamed))
    assert one.plug_in == pytest.approx(other.plug_in)
    assert one.set_interval == pytest.approx(other.set_interval, abs=0.002)
    assert one.half_median_unbiased == pytest.approx(other.half_median_unbiased, abs=0.002)


def test_counts_are_as_good_as_rows() -> None:
    rows = frame(500, seed=8)
    counts = rows.groupby(["A", "M", "Y", "x"]).size().reset_index(name="count")
    one, other = (estimate(DELTA0, read_data(MMR, data, within="x"), draws=2000).estimates for data in (rows, counts))
    assert averaged(one[0]).found.set_interval == pytest.approx(averaged(other[0]).found.set_interval)


def test_terms_that_cannot_be_the_largest_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """In large strata selection leaves few; the bounds stay what they are."""
    data = read_data(MMR, frame(40_000, seed=9), within="x")
    whole = averaged(estimate(DELTA0, data).estimates[0])
    monkeypatch.setattr(within, "FEW_COMBINATIONS", 0)
    few = averaged(estimate(DELTA0, data).estimates[0])
    assert sum(few.combinations) < sum(whole.combinations)
    assert few.found.plug_in == pytest.approx(whole.found.plug_in)
    assert few.found.set_interval == pytest.approx(whole.found.set_interval, abs=0.003)


def test_critical_values_of_more_terms_than_cells() -> None:
    """Terms are drawn by way of the cells: the max of many pairs of opposite terms is that of absolute values."""
    chance = np.random.default_rng(1)
    gradients = chance.normal(size=(6, 2))
    covariance = np.array([[2.0, 0.3], [0.3, 1.0]])
    errors = np.sqrt(((gradients @ covariance) * gradients).sum(axis=1))
    terms = EstimatedTerms(np.zeros(12), np.vstack([gradients, -gradients]), np.tile(errors, 2))
    found = CriticalValues(terms, covariance, seed=1, draws=400_000).quantile(np.full(12, True), 0.9)
    drawn = chance.multivariate_normal([0, 0], covariance, size=400_000) @ gradients.T
    expected = np.quantile(np.abs(drawn / terms.errors[:6]).max(axis=1), 0.9)
    assert found.value == pytest.approx(expected, abs=0.01)


def test_draws_are_fewer_where_there_is_no_room() -> None:
    assert draws_for(12, 100_000) == 100_000
    assert 1000 <= draws_for(40_000, 100_000) < 2000
    assert draws_for(40_000, 0) == 0


@pytest.mark.slow
def test_coverage_where_terms_are_equal_in_every_stratum() -> None:
    """Everything has probability 1/2: the terms of a side are equal, so that plug-in bounds are too narrow."""
    chance = np.random.default_rng(12)
    cells = [(a, m, y, x) for a in (0, 1) for m in (0, 1) for y in (0, 1) for x in (0, 1)]
    truth = 0.0  # M does not depend on A, so that an average effect on M of zero bounds delta0 on both sides
    below = {"plug_in": 0, "half_median_unbiased": 0, "set_interval": 0}
    rounds = 150
    for _ in range(rounds):
        counts = pd.DataFrame(cells, columns=["A", "M", "Y", "x"]).assign(count=chance.multinomial(1600, [1 / 16] * 16))
        found = averaged(estimate(DELTA0, read_data(MMR, counts, within="x"), draws=2000).estimates[0]).found
        for name in below:
            below[name] += getattr(found, name)[0] <= truth
    assert below["half_median_unbiased"] / rounds > 0.42
    assert below["set_interval"] / rounds > 0.93


# ---------------------------------------------------------------- testable implications
def test_violations_within_strata_are_said(run: Run) -> None:
    """Overall more take up M when treated; in one stratum fewer do."""
    rows = [(a, int(i < (30 if a == x else 10)), i % 2, x) for x in (0, 1) for a in (0, 1) for i in range(40)]
    rows += [(a, int(i < (30 if a else 10)), i % 2, 2) for a in (0, 1) for i in range(400)]
    pd.DataFrame(rows, columns=["A", "M", "Y", "x"]).to_csv("d.csv", index=False)
    words = ("estimate", "mediation_mmr", "d.csv", "--within", "x", "--estimand", "delta0", "--draws", "2000")
    out = run(*words, "--ascii").out
    assert "Testable implications that fail within strata (p < 0.001 jointly):" in out
    assert "x=0: p01.1 + p11.1 >= p01.0 + p11.0 fails by 0.5000" in out
    (one,) = json.loads(run(*words, "--format", "json").out)["estimates"]
    assert one["violations"] == []
    assert [each["stratum"] for each in one["within"]["violations"]] == ["x=0"]


# ---------------------------------------------------------------- what is printed
def test_output(run: Run) -> None:
    frame(400, seed=5).assign(the_x=lambda d: d.x).to_csv("d.csv", index=False)
    words = ("estimate", "mediation_mmr", "d.csv", "--within", "the_x", "--estimand", "delta0", "--draws", "2000")
    found = json.loads(run(*words, "--format", "json").out)
    assert [stratum["values"] for stratum in found["strata"]] == [{"the_x": str(x)} for x in range(3)]
    assert sum(stratum["share"] for stratum in found["strata"]) == pytest.approx(1)
    assert sum(stratum["units"] for stratum in found["strata"]) == 400
    one = found["estimates"][0]["within"]
    assert set(found["estimates"][0]["within"]) >= {"plug_in", "half_median_unbiased", "set_interval", "kept"}
    text = run(*words, "--ascii").out
    assert "    within the_x  " in text
    assert f"[{one['plug_in'][0]:.4f}, {one['plug_in'][1]:.4f}]" in text
    assert "    the_x=0: " in text
    header, overall, inside = run(*words, "--format", "csv").out.splitlines()
    assert header.endswith(",denominator,denominator_standard_error,within")
    assert overall.endswith(",0,0,,,,")
    assert inside.endswith(",the_x")
    assert r"\quad within the\_x & $[" in run(*words, "--format", "latex").out


def test_without_covariates_there_is_nothing_of_them(run: Run) -> None:
    out = json.loads(run("estimate", "mediation_mmr", "jobs", "--format", "json", "--draws", "1000").out)
    assert out["strata"] is None
    assert all(one["within"] is None for one in out["estimates"])


# ---------------------------------------------------------------- thin strata
def within_levels(*units: int) -> pd.DataFrame:
    """As many units in each cell at each level of x."""
    rows = [(a, m, y, x) for x, n in enumerate(units) for a in (0, 1) for m in (0, 1) for y in (0, 1) for _ in range(n)]
    return pd.DataFrame(rows, columns=["A", "M", "Y", "x"])


def test_thin_strata_are_merged_with_the_nearest() -> None:
    """As if the covariate had been coarser from the start."""
    # No two terms are equal, so that the last digit of a sum selects none.
    rows = pd.concat([within_levels(9, 1, 6, 20, 1), frame(60, seed=3).query("x < 2").assign(x=0)])
    found = read_data(MMR, rows, within="x")
    assert found.strata
    assert found.strata.names == ("x=0", "x=1 or 2", "x=3 or 4")
    coarse = rows.assign(x=rows.x.map({0: 0, 1: 1, 2: 1, 3: 3, 4: 3}))
    one, other = (
        estimate(DELTA0, each, draws=2000).estimates[0] for each in (found, read_data(MMR, coarse, within="x"))
    )
    for name in ("plug_in", "half_median_unbiased", "set_interval", "parameter_interval"):
        assert getattr(averaged(one).found, name) == pytest.approx(getattr(averaged(other).found, name), abs=1e-9)
    (note,) = found.sources[0].notes
    assert note == ("2 of 5 strata have fewer than 5 units in an arm; merged with the nearest: x=1 or 2, x=3 or 4")


def test_thin_strata_of_several_covariates_differ_in_few() -> None:
    rows = within_levels(9, 9, 1, 9).assign(z=lambda d: d.x % 2, x=lambda d: d.x // 2)
    found = read_data(MMR, rows, within="x,z")
    assert found.strata
    assert found.strata.names == ("x=0 or 1, z=0", "x=0, z=1", "x=1, z=1")


def test_thin_strata_are_left_out_everywhere() -> None:
    rows = within_levels(9, 1, 20)
    found = read_data(MMR, rows, within="x", thin_strata="leave-out")
    assert found.strata
    assert found.strata.names == ("x=0", "x=2")
    assert found.sources[0].used == len(rows) - 8
    assert "8 units in 1 stratum with fewer than 5 units in an arm left out" in found.sources[0].notes[0]
    same = read_data(MMR, rows[rows.x != 1], within="x")
    assert (found.counts, found.units, found.strata.arms) == (same.counts, same.units, same.strata and same.strata.arms)


def test_a_stratum_of_three_does_not_refuse_very_many(run: Run) -> None:
    rows = within_levels(3000, 3000).iloc[:-1]
    few = rows.iloc[:3].assign(x="unknown")
    pd.concat([rows, few]).to_csv("d.csv", index=False)
    words = ("estimate", "mediation_mmr", "d.csv", "--within", "x", "--estimand", "delta0", "--draws", "1000")
    answer = run(*words)
    assert answer.status == 0
    assert "1 of 3 strata have fewer than 5 units in an arm; merged with the nearest: x=1 or unknown" in answer.out
    assert json.loads(run(*words, "--format", "json").out)["strata"][1]["values"] == [{"x": "1"}, {"x": "unknown"}]
    assert "x=unknown has 3 units in A=0" in run(*words, "--thin-strata", "refuse").err


# ---------------------------------------------------------------- what is refused
HEAD = "A,M,Y,x,count\n"


def counts(*strata: tuple[str, int]) -> str:
    """Counts for each value of x: so many units in every cell."""
    cells = itertools.product((0, 1), (0, 1), (0, 1))
    return HEAD + "".join(f"{a},{m},{y},{x},{n}\n" for (a, m, y) in cells for x, n in strata)


THIN = (
    "  Every arm needs 5 units in every stratum: --thin-strata merge or leave-out, fewer covariates, or coarser ones, "
    "--recode 'COLUMN=quantiles(4)'."
)
REFUSED = {
    "no column": (
        counts(("0", 9)),
        ["--within", "age", "--kind", "counts"],
        "d.csv: no column 'age' for covariates\n  columns: A, M, Y, x, count",
    ),
    "thin": (
        counts(("a", 9), ("b", 1)),
        ["--within", "x", "--thin-strata", "refuse"],
        f"strata are too thin: x=b has 4 units in A=0, x=b has 4 units in A=1\n{THIN}",
    ),
    "unseen in an arm": (
        counts(("a", 9)) + "1,0,0,b,30\n",
        ["--within", "x", "--thin-strata", "refuse"],
        f"strata are too thin: x=b has 0 units in A=0\n{THIN}",
    ),
    "one unit": (
        counts(("a", 9)) + "1,0,0,b,30\n0,0,0,b,1\n",
        ["--within", "x", "--thin-strata", "refuse"],
        f"strata are too thin: x=b has 1 unit in A=0\n{THIN}",
    ),
    "missing": (
        counts(("a", 9), ("NA", 1)),
        ["--within", "x"],
        "d.csv: 8 of 80 rows miss a value: x 8\n  --drop-missing leaves them out.",
    ),
    "many strata": (
        counts(*((str(i), 9) for i in range(51))),
        ["--within", "x"],
        "x: 51 strata, more than 50\n  Use fewer covariates, or coarsen them: --recode 'COLUMN=quantiles(4)'.",
    ),
    "many values": (
        "A,M,Y,x\n" + "".join(f"{i % 2},0,1,{i}\n" for i in range(1200)),
        ["--within", "x"],
        "d.csv: column 'x' has more than 1000 values, so it is no discrete covariate\n"
        "  Make a few classes of it: --recode 'x=quantiles(4)'.",
    ),
    "many combinations": (
        counts(*((str(i), 9) for i in range(20))),
        ["--within", "x", "--estimand", "delta0"],
        "1048576 combinations of one term for each of 20 strata, more than 20000\n"
        "  Use fewer covariates or coarsen them, --recode 'COLUMN=quantiles(2)', so that strata are fewer.",
    ),
    "variable": (
        counts(("a", 9)),
        ["--within", "M"],
        "'M' is a variable of the model, not a covariate\n"
        "  Covariates are columns of their own, measured before treatment.",
    ),
    "mapped": (
        counts(("a", 9)).replace("A,M", "A,med"),
        ["--map", "M=med", "--within", "med"],
        "'med' is a variable of the model, not a covariate\n"
        "  Covariates are columns of their own, measured before treatment.",
    ),
    "twice": (counts(("a", 9)), ["--within", "x,x"], "'x,x' names a column twice\n  Name each once."),
    "no name": (counts(("a", 9)), ["--within", "x,"], "'x,' does not name columns\n  Write COLUMN,COLUMN."),
    "cells by name": (
        "cell,count,x\n",
        ["--within", "x"],
        "d.csv: cells by name have no covariates\n"
        "  --within is for micro-data, and for counts beside a column for each variable and covariate.",
    ),
    "probabilities": (
        "A,M,Y,x,probability\n",
        ["--within", "x"],
        "d.csv: probabilities have no covariates\n"
        "  --within is for micro-data, and for counts beside a column for each variable and covariate.",
    ),
    "clusters": (
        "A,M,Y,x,g\n"
        + "".join(f"{a},{m},{y},{x},{'c' if x else a + i}\n" for a, m, y, x, i in itertools.product(*[(0, 1)] * 5))
        + "0,0,0,1,c\n1,0,0,1,c\n",
        ["--within", "x", "--cluster", "g"],
        "all units of x=1 in A=0 are in one cluster\n"
        "  A variance needs two clusters in every arm of every stratum: use fewer covariates.",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_refused(case: str, run: Run) -> None:
    content, options, message = REFUSED[case]
    Path("d.csv").write_text(content, encoding="utf-8")
    assert_refused(run("estimate", "mediation_mmr", "d.csv", *options), message)


def test_other_methods_are_not_for_strata(run: Run) -> None:
    words = ("estimate", "mediation_mmr", "jobs_sex", "--within", "sex", "--method", "stoye")
    assert_refused(
        run(*words),
        "bounds within strata are for the method intersection, not for stoye\n"
        "  Their terms are combinations of those of the strata, which may tie: leave the method out.",
    )


def test_dropped_rows_without_covariates_are_counted() -> None:
    rows = frame(300, seed=2)
    rows["x"] = rows.x.astype(float)
    rows.loc[0:6, "x"] = np.nan
    data = read_data(MMR, rows, within="x", drop_missing=True)
    assert (data.sources[0].dropped, data.sources[0].used) == ((("x", 7),), 293)
    assert data.strata
    assert data.strata.names == ("x=0", "x=1", "x=2")
