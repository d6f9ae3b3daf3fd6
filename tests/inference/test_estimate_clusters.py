"""Covariances from the units themselves: clusters, weights, statements that share rows.

The judge is `by_units`: it adds up what every unit does to every cell, one by one, from the formula.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from boundgen import Model, catalogue, estimate, read_data
from boundgen.data import csv_file
from boundgen.data.observed import ObservedData
from boundgen.exact.arrays import Array
from boundgen.inference.estimation import Estimation
from boundgen.inference.from_data import sample_of
from support.command import Run, assert_refused

MMR = catalogue.load("mediation_mmr")
APART = Model.parse(
    """model apart
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(M | A)
observe P(Y | A)
observe P(Y, M=1 | A=1)
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
"""
)


def frame(size: int, seed: int, clusters: int = 25) -> pd.DataFrame:
    """Units in clusters of different sizes that share a disposition; every cluster is in both arms."""
    chance = np.random.default_rng(seed)
    cluster = chance.integers(0, clusters, size) ** 2 // clusters
    effect = chance.normal(0, 0.25, clusters)[cluster]
    a = chance.integers(0, 2, size)
    m = (chance.random(size) < np.clip(0.3 + 0.3 * a + effect, 0, 1)).astype(int)
    y = (chance.random(size) < np.clip(0.3 + 0.2 * m + effect, 0, 1)).astype(int)
    weight = chance.integers(1, 9, size) / 4
    return pd.DataFrame({"A": a, "M": m, "Y": y, "village": [f"v{c}" for c in cluster], "w": weight})


def shuffled(rows: pd.DataFrame, seed: int = 3) -> pd.DataFrame:
    return rows.sample(frac=1, random_state=seed)


def is_in(name: str, row: dict[str, object]) -> tuple[bool, bool]:
    """Whether a row is in the arm, and in the event, of a cell by its name: ``P(Y=1,M=0|A=1)``."""
    event, _, arm = name.removeprefix("P(").removesuffix(")").partition("|")

    def holds(text: str) -> bool:
        return all(str(row[variable]) == value for variable, value in (s.split("=") for s in text.split(",")))

    return holds(arm), holds(event)


def by_units(rows: pd.DataFrame, cells: tuple[str, ...], cluster: str | None, weight: str | None) -> Array:
    """The sum over clusters of the outer product of ``sum of w (1_cell - p) / W`` with itself."""
    records = rows.to_dict("records")
    w = [float(row[weight]) if weight else 1.0 for row in records]
    inside = np.array([[is_in(cell, row) for cell in cells] for row in records], dtype=float)
    arms, events = inside[:, :, 0] * np.array(w)[:, None], inside[:, :, 1]
    totals = arms.sum(axis=0)
    shares = (arms * events).sum(axis=0) / totals
    moves = arms * (events - shares) / totals
    sums: defaultdict[object, Array] = defaultdict(lambda: np.zeros(len(cells)))
    for number, (row, move) in enumerate(zip(records, moves, strict=True)):
        sums[row[cluster] if cluster else number] += move
    return np.asarray(sum(np.outer(each, each) for each in sums.values()))


# ---------------------------------------------------------------- against sums over units
@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize("cluster", [None, "village"])
@pytest.mark.parametrize("model", [MMR, APART], ids=lambda model: model.name)
def test_covariance_is_that_of_sums_over_units(model: Model, cluster: str | None, weight: str | None) -> None:
    rows = frame(300, seed=1)
    found = sample_of(read_data(model, rows, cluster=cluster, weights=weight))
    expected = by_units(rows, found.cells, cluster, weight)
    assert found.covariance == pytest.approx(expected, abs=1e-14)
    assert np.abs(expected).max() > 1e-4


def test_clusters_in_both_arms_correlate_these() -> None:
    rows = frame(300, seed=1)
    alone, together = (sample_of(read_data(MMR, rows, cluster=c)).covariance[:4, 4:] for c in (None, "village"))
    assert not alone.any()
    assert np.abs(together).max() > 1e-4


def test_covariance_agrees_with_a_bootstrap_of_clusters() -> None:
    """Resampling whole clusters, in a sample with many; also between statements that share rows."""
    rows = frame(4000, seed=8, clusters=400)
    found = sample_of(read_data(APART, rows, cluster="village", weights="w"))
    names = sorted(set(rows.village))
    events = np.array([[np.prod(is_in(cell, row)) for cell in found.cells] for row in rows.to_dict("records")])
    arms = np.array([[is_in(cell, row)[0] for cell in found.cells] for row in rows.to_dict("records")])
    number = rows.village.map({name: i for i, name in enumerate(names)}).to_numpy()
    held, whole = (np.zeros((len(names), len(found.cells))) for _ in range(2))
    np.add.at(held, number, events * rows.w.to_numpy()[:, None])
    np.add.at(whole, number, arms * rows.w.to_numpy()[:, None])
    chance = np.random.default_rng(2)
    times = chance.multinomial(len(names), np.full(len(names), 1 / len(names)), size=4000)
    shares = (times @ held) / (times @ whole)
    scale = np.sqrt(np.outer(np.diag(found.covariance), np.diag(found.covariance)))
    assert np.cov(shares.T) / scale == pytest.approx(found.covariance / scale, abs=0.1)


def test_statements_about_the_same_rows_are_paired() -> None:
    """The difference of the shares of Y and M in an arm has the variance of the mean of Y - M."""
    rows = frame(500, seed=4)
    found = sample_of(read_data(APART, rows))
    slope = np.array([{"P(Y=1|A=1)": 1.0, "P(M=1|A=1)": -1.0}.get(cell, 0.0) for cell in found.cells])
    difference = (rows.Y - rows.M)[rows.A == 1]
    assert slope @ found.covariance @ slope == pytest.approx(difference.var(ddof=0) / len(difference))


def test_statements_in_different_files_are_independent() -> None:
    first, second, third = (frame(200, seed=s) for s in (5, 6, 7))
    found = sample_of(read_data(APART, {1: first, 2: second, 3: third}))
    blocks = [[i for i, cell in enumerate(found.cells) if cell.startswith(f"P({v}")] for v in ("M=", "Y=")]
    assert not found.covariance[np.ix_(*blocks)].any()


def test_counts_by_name_that_cannot_tell_are_noted() -> None:
    rows = frame(200, seed=5)
    named = {cell: int(count) for cell, count in read_data(APART, rows).counts.items()}
    # An incomplete arm needs its rest.
    named["P(Y=0,M=0|A=1)"] = int((rows.A == 1).sum()) - sum(named[f"P(Y={y},M=1|A=1)"] for y in (0, 1))
    found = estimate(APART.bound("delta1"), read_data(APART, named), draws=1000)
    assert "counts by name do not tell" in " ".join(found.notes)
    assert not estimate(APART.bound("delta1"), read_data(APART, rows), draws=1000).notes


def test_different_experiments_need_no_note() -> None:
    model = catalogue.load("mediation_parallel")
    assert estimate(model.bound("delta1"), read_data(model, "boundsdata_parallel"), draws=1000).notes == ()


# ---------------------------------------------------------------- what clusters and weights must not change
def numbers(data: ObservedData) -> Estimation:
    return estimate(MMR.bound("delta0"), data, draws=5000)


def test_clusters_of_one_unit_are_none() -> None:
    rows = frame(200, seed=2)
    rows["unit"] = [f"u{i}" for i in range(len(rows))]
    plain, clustered = (read_data(MMR, rows, cluster=cluster) for cluster in (None, "unit"))
    assert (sample_of(plain).covariance == sample_of(clustered).covariance).all()
    assert numbers(plain).estimates == numbers(clustered).estimates
    weighted = [sample_of(read_data(MMR, rows, weights="w", cluster=c)).covariance for c in (None, "unit")]
    assert weighted[0] == pytest.approx(weighted[1], rel=1e-12)


@pytest.mark.parametrize("weight", [None, "w"])
def test_units_that_stand_twice_are_clusters_of_two(weight: str | None) -> None:
    rows = frame(200, seed=2)
    rows["unit"] = range(len(rows))
    twice = shuffled(pd.concat([rows, rows]))
    once = sample_of(read_data(MMR, rows, weights=weight))
    found = sample_of(read_data(MMR, twice, weights=weight, cluster="unit"))
    assert found.covariance == pytest.approx(once.covariance, rel=1e-12, abs=1e-18)
    assert found.probabilities == pytest.approx(once.probabilities)


def test_weights_of_two_are_rows_that_stand_twice() -> None:
    rows = frame(200, seed=2)
    rows["w"] = 1 + rows.Y
    doubled = pd.concat([rows, rows[rows.Y == 1]])
    one, other = (read_data(MMR, data, weights=w) for data, w in ((rows, "w"), (doubled, None)))
    assert one.probabilities == other.probabilities
    assert numbers(one).estimates[0].found.plug_in == numbers(other).estimates[0].found.plug_in
    # The same estimate; but a unit of weight two is one unit, so that there is more to doubt.
    assert np.diag(sample_of(one).covariance).sum() > np.diag(sample_of(other).covariance).sum()


def test_the_scale_of_weights_does_not_matter() -> None:
    rows = frame(200, seed=2)
    larger = rows.assign(w=rows.w * 1000)
    one, other = (sample_of(read_data(MMR, data, weights="w", cluster="village")) for data in (rows, larger))
    assert one.covariance == pytest.approx(other.covariance, rel=1e-12)


@pytest.mark.parametrize("weight", [None, "w"])
def test_the_order_of_rows_and_the_size_of_chunks_do_not_matter(
    weight: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = frame(300, seed=9)
    expected = sample_of(read_data(APART, rows, cluster="village", weights=weight)).covariance
    file = tmp_path / "d.csv"
    shuffled(rows).to_csv(file, index=False)
    monkeypatch.setattr(csv_file, "ROWS_PER_CHUNK", 7)
    found = sample_of(read_data(APART, file, cluster="village", weights=weight)).covariance
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-18)


def test_units_without_weight_or_cluster_are_dropped_on_request() -> None:
    rows = frame(300, seed=9)
    rows.loc[0:4, "village"] = None
    rows.loc[3:9, "w"] = np.nan
    rows.loc[20:21, "Y"] = np.nan
    data = read_data(MMR, rows, cluster="village", weights="w", drop_missing=True)
    (source,) = data.sources
    assert (source.dropped_units, source.used) == (12, 288)
    assert dict(source.dropped) == {"village": 5, "w": 7, "Y": 2}
    whole = rows.dropna().astype({"Y": int})
    found = sample_of(data)
    assert found.covariance == pytest.approx(by_units(whole, found.cells, "village", "w"), abs=1e-14)


def test_estimation_says_how_many_clusters_there_are(run: Run) -> None:
    shuffled(frame(300, seed=9)).to_csv("d.csv", index=False)
    out = run("estimate", "mediation_mmr", "d.csv", "--cluster", "village", "--draws", "1000", "--ascii").out
    count = frame(300, seed=9).village.nunique()
    assert f"{count} clusters (village)" in out
    assert "Note: few clusters (A=0: 18, worth 11.7, A=1: 18, worth 11.4 of equal size)" in " ".join(out.split())


# ---------------------------------------------------------------- what is refused
HEAD = "A,M,Y,g,w\n"


def rows_of(*clusters: str, weight: str = "1") -> str:
    """Eight cells, twice; cluster names are given out in turn, first to the units of A=0."""
    cells = [(a, m, y) for a in (0, 1) for _ in range(2) for m in (0, 1) for y in (0, 1)]
    size = len(cells) // len(clusters)
    return HEAD + "".join(f"{a},{m},{y},{clusters[i // size]},{weight}\n" for i, (a, m, y) in enumerate(cells))


REFUSED = {
    "no column": (
        rows_of("a"),
        ["--cluster", "village"],
        "d.csv: no column 'village' for clusters\n  columns: A, M, Y, g, w",
    ),
    "single": (
        rows_of("a"),
        ["--cluster", "g"],
        "d.csv: column 'g' has a single cluster\n  A variance needs two clusters at least, and many more.",
    ),
    "arms": (
        rows_of("a", "b"),
        ["--cluster", "g"],
        "d.csv: column 'g': the clusters coincide with the arms, A=0, A=1\n"
        "  One cluster for each arm shows no variance: name smaller clusters.",
    ),
    "one in an arm": (
        rows_of("a", "a", "b", "c"),
        ["--cluster", "g"],
        "d.csv: column 'g' has only one cluster in the arm A=0\n"
        "  A variance needs two clusters in every arm at least, and many more.",
    ),
    "one with a weight": (
        rows_of("a", "b", "b", "c").replace(",a,1\n", ",a,0\n"),
        ["--cluster", "g", "--weights", "w"],
        "d.csv: column 'g' has only one cluster in the arm A=0\n"
        "  A variance needs two clusters in every arm at least, and many more.",
    ),
    "missing": (
        rows_of("a", "b", "", "NA"),
        ["--cluster", "g"],
        "d.csv: 8 of 16 rows miss a value: g 8\n  --drop-missing leaves them out.",
    ),
    "missing weights": (
        rows_of("a", "b", "c", "d", weight="NA"),
        ["--cluster", "g", "--weights", "w"],
        "d.csv: 16 of 16 rows miss a value: w 16\n  --drop-missing leaves them out.",
    ),
    "weights negative": (
        rows_of("a", "b", weight="-1"),
        ["--weights", "w"],
        "d.csv: '-1' in column 'w' is not a weight\n  Weights are numbers, zero or more.",
    ),
    "weights zero": (
        rows_of("a", "b", "c", "d", weight="0"),
        ["--weights", "w", "--cluster", "g"],
        "d.csv: all weights in column 'w' are zero\n  Some unit needs a positive one.",
    ),
    "one arm": (
        HEAD + "0,0,0,a,1\n0,1,1,b,1\n",
        ["--cluster", "g"],
        "d.csv: the arm A=1 is empty: no unit is in it\n  Bounds need every arm that the model observes.",
    ),
    "counts": (
        "A,M,Y,g,count\n0,0,0,a,3\n",
        ["--cluster", "g"],
        "d.csv: counts do not say which units are of one cluster\n  --cluster is for micro-data.",
    ),
    "probabilities": (
        "cell,probability\n",
        ["--cluster", "g"],
        "d.csv: probabilities do not say which units are of one cluster\n  --cluster is for micro-data.",
    ),
    "level": (rows_of("a"), ["--level", "1"], "the level 1 is not between 0 and 1\n  0.95 is usual."),
    "level zero": (rows_of("a"), ["--level", "0"], "the level 0 is not between 0 and 1\n  0.95 is usual."),
    "level not a number": (
        rows_of("a"),
        ["--level", "nan"],
        "boundgen: Invalid value for '--level': 'nan' is not a number.\n  Try: boundgen estimate --help",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_refused(case: str, run: Run) -> None:
    content, options, message = REFUSED[case]
    Path("d.csv").write_text(content, encoding="utf-8")
    assert_refused(run("estimate", "mediation_mmr", "d.csv", *options), message)
