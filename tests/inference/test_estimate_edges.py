"""Where data are thin: rare cells, few clusters, large weights, small arms; what is said of them, and what refused."""

from __future__ import annotations

import itertools
import json
import math
import random
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from boundgen import Model, catalogue, derive, estimate, read_data
from boundgen.errors import DataError
from boundgen.inference.estimated_bounds import INTERVALS
from boundgen.inference.estimation import Estimation
from boundgen.inference.from_data import sample_of
from support.catalogue import derived
from support.command import Run, assert_refused

pandas = pytest.importorskip("pandas")
stats = pytest.importorskip("scipy.stats")
CELLS = list(itertools.product((0, 1), repeat=2))
IV = catalogue.load("iv_ate")
TEXT = """model experiment
variable A in {0, 1} randomized
variable Y(A) in {0, 1}
observe P(Y | A)
estimand effect = E[Y(1) - Y(0)]
"""
EXPERIMENT = Model.parse(TEXT)


def instrument(first: Sequence[int], second: Sequence[int]) -> Any:
    """Counts of the cells of both arms."""
    rows = [
        {"Z": z, "X": x, "Y": y, "n": n}
        for z, row in enumerate((first, second))
        for (x, y), n in zip(CELLS, row, strict=True)
    ]
    return read_data(IV, pandas.DataFrame(rows), kind="counts")


def experiment(rows: Any, **options: Any) -> Estimation:
    return estimate(derive(EXPERIMENT), read_data(EXPERIMENT, rows, **options))


def ends(found: Estimation) -> tuple[float, float]:
    return found.estimates[0].found.set_interval


# ---------------------------------------------------------------- every table
def check_table(second: Sequence[int]) -> None:
    """All figures are finite, or the table is refused in words."""
    if not any(second):
        with pytest.raises(DataError, match="is empty: no unit is in it"):
            instrument((5, 1, 0, 2), second)
        return
    data = instrument((5, 1, 0, 2), second)
    if sum(second) < 2:
        with pytest.raises(DataError, match="1 unit, too few for a variance"):
            estimate(derived("iv_ate").bounds[0], data, draws=200)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = estimate(derived("iv_ate").bounds[0], data, draws=200).estimates[0]
    for name in INTERVALS:
        interval = found.found.interval(name)
        assert interval is None or all(map(math.isfinite, interval)), (second, name)
    assert found.conditions
    assert all(math.isfinite(one.standard_error) and one.standard_error > 0 for one in found.conditions.violations)
    assert 0 <= found.conditions.p_value <= 1
    # No term is certain, for every cell may have been missed.
    low, high = found.found.set_interval
    assert low < found.found.plug_in[0] or low == -1
    assert high > found.found.plug_in[1] or high == 1


def test_some_tables_of_small_counts() -> None:
    chance = random.Random(4)
    for second in [(0, 0, 0, 0), (0, 1, 0, 0), (0, 2, 0, 0), (6, 0, 0, 6)]:
        check_table(second)
    for _ in range(40):
        check_table(chance.choices(range(7), k=4))


@pytest.mark.slow
def test_all_tables_of_small_counts() -> None:
    for second in itertools.product(range(7), repeat=4):
        check_table(second)


# ---------------------------------------------------------------- clusters and weights
def clustered(chance: np.random.Generator, clusters: int, size: int) -> Any:
    rows = []
    for cluster in range(2 * clusters):
        share = chance.beta(2, 2)
        rows += [{"A": cluster % 2, "Y": int(y), "village": f"v{cluster}"} for y in chance.random(size) < share]
    return pandas.DataFrame(rows)


@pytest.mark.parametrize("clusters", [5, 10, 40])
def test_few_clusters_have_students_t(clusters: int) -> None:
    """Shares near one half, where unseen units do not matter: the variance among means of clusters, and Student's t."""
    rows = clustered(np.random.default_rng(clusters), clusters, 12)
    means = rows.groupby(["A", "village"]).Y.mean()
    variances = [means[a].var(ddof=1) / clusters for a in (0, 1)]
    freedom = sum(variances) ** 2 / sum(v**2 / (clusters - 1) for v in variances)
    reach = stats.t.ppf(0.975, freedom) * math.sqrt(sum(variances))
    effect = means[1].mean() - means[0].mean()
    found = experiment(rows, cluster="village")
    assert ends(found) == pytest.approx((effect - reach, effect + reach), rel=0.02)
    assert any("few clusters (A=0: 5, A=1: 5 of equal size)" in note for note in found.notes) == (clusters == 5)
    other = estimate(derive(EXPERIMENT), read_data(EXPERIMENT, rows, cluster="village"), method="cox-shi")
    assert any("few clusters" in note for note in other.notes) == (clusters < 40)
    assert any("few clusters" in note for note in found.notes) == (clusters < 40)


def test_clusters_of_one_unit_and_equal_weights_are_none() -> None:
    rows = clustered(np.random.default_rng(2), 10, 12).assign(w="0.3", unit=[f"u{i}" for i in range(240)])
    plain = experiment(rows)
    for options in ({"weights": "w"}, {"cluster": "unit"}, {"weights": "w", "cluster": "unit"}):
        other = experiment(rows, **options)
        assert other.estimates == plain.estimates
        assert other.notes == plain.notes == ()


def test_large_weights_have_few_degrees_of_freedom() -> None:
    chance = np.random.default_rng(8)
    rows = pandas.DataFrame({"A": [0, 1] * 150, "Y": (chance.random(300) < 0.5).astype(int)})
    mild, wild = (rows.assign(w=np.exp(spread * chance.standard_normal(300))) for spread in (0.3, 1.5))
    assert not experiment(mild, weights="w").notes
    found = experiment(wild, weights="w")
    weights = [wild.w[a == wild.A].to_numpy() for a in (0, 1)]
    kish = [float(w.sum() ** 2 / (w**2).sum()) for w in weights]
    worth = ", ".join(f"A={a}: 150, worth {each:.3g}" for a, each in enumerate(kish))
    assert any(f"a few large weights ({worth} of equal weight)" in note for note in found.notes)
    freedom = [float((w**2).sum() ** 2 / (w**4).sum()) - 1 for w in weights]
    sample = sample_of(read_data(EXPERIMENT, wild, weights="w"))
    assert [arm.freedom for arm in sample.precision] == pytest.approx(freedom)
    assert [arm.pieces for arm in sample.precision] == pytest.approx(kish)


@pytest.mark.parametrize("weight", ["1e300", "1e9"])
def test_all_weight_on_one_unit_is_refused(run: Run, weight: str) -> None:
    rows = [f"{a},{y},{weight if i == 0 else 1}" for i, (a, y) in enumerate(CELLS * 20)]
    with open("d.csv", "w", encoding="utf-8") as file:
        file.write("\n".join(["A,Y,w", *rows]))
    with open("m.bounds", "w", encoding="utf-8") as file:
        file.write(TEXT)
    assert_refused(
        run("estimate", "m.bounds", "d.csv", "--weights", "w"),
        "nearly all weight of the arm A=0 is that of one unit, too few for a variance\n"
        "  Look for weights that are wrong; here they are worth 1 units of equal weight.",
    )


# ---------------------------------------------------------------- notes
@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((40, 5, 5, 50), ""),
        ((40, 4, 5, 51), "fewer than 5 units in P(X=0,Y=1|Z=1) (4): intervals"),
        ((40, 0, 5, 55), "no unit in P(X=0,Y=1|Z=1): intervals"),
        ((40, 0, 3, 57), "no unit in P(X=0,Y=1|Z=1); fewer than 5 units in P(X=1,Y=0|Z=1) (3): intervals"),
    ],
)
def test_rare_cells_are_named_once_in_every_form(counts: tuple[int, ...], said: str) -> None:
    found = estimate(derived("iv_ate"), instrument((30, 20, 20, 30), counts), draws=200)
    notes = [note for note in found.notes if "allow for what may be unseen" in note]
    assert [note.startswith(said) for note in notes] == [True] * bool(said)
    text = " ".join(found.text(unicode=False).split())
    forms = text, found.latex(), json.dumps(found.json()), found.rows()[0]["notes"]
    assert [form.count("allow for what may be unseen") for form in forms] == [int(bool(said))] * 4


@pytest.mark.parametrize("method", ["subsampling", "bootstrap"])
def test_methods_that_take_empty_cells_for_certain_say_so(method: str) -> None:
    counts = instrument((50, 0, 0, 70), (40, 9, 9, 60))
    found = estimate(derived("iv_ate").bounds[0], counts, method=method, draws=200)
    assert found.notes[0] == "no unit in P(X=0,Y=1|Z=0), P(X=1,Y=0|Z=0): this method takes the sample for all there is"


def test_cells_that_the_model_leaves_empty_are_not_named() -> None:
    model = Model.parse(
        """model onesided
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
assume X(0) = 0
observe P(Y, X | Z)
estimand ate = E[Y(1) - Y(0)]
"""
    )
    counts = pandas.DataFrame(
        [{"Z": z, "X": x, "Y": y, "n": 0 if x > z else 40} for z, (x, y) in itertools.product((0, 1), CELLS)]
    )
    assert estimate(derive(model), read_data(model, counts, kind="counts")).notes == ()


@pytest.mark.parametrize(("units", "small"), [(28, True), (34, True), (48, False), (120, False)])
def test_small_arms_are_named_by_their_cells(units: int, small: bool) -> None:
    """With 34 units one of two cells has less than ten."""
    few = units // 4
    counts = [(0, 0, 150), (0, 1, 150), (1, 0, few), (1, 1, units - few)]
    rows = pandas.DataFrame(counts, columns=["A", "Y", "n"])
    notes = experiment(rows, kind="counts").notes
    assert notes == ((f"small arms (A=1: {units}): the normal approximation is doubtful",) if small else ())


# ---------------------------------------------------------------- labels
def test_units_count_once() -> None:
    model = Model.parse(
        """model twice
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(M | A)
observe P(Y | A)
estimand effect = E[Y(1) - Y(0)]
"""
    )
    rows = pandas.DataFrame([{"A": i % 2, "M": i % 3 // 2, "Y": i % 5 // 3} for i in range(459)])
    found = estimate(derive(model), read_data(model, rows))
    assert found.n == found.json()["n"] == found.rows()[0]["n"] == 459
    assert set(found.json()["arms"].values()) == {229, 230}


@pytest.mark.parametrize("draws", [1, 199, -1])
def test_too_few_draws_are_refused(draws: int) -> None:
    with pytest.raises(DataError, match=f"{draws} draws\n  0 .exact, for few terms., or from 200 to"):
        estimate(derived("iv_ate"), instrument((9, 9, 9, 9), (9, 9, 9, 9)), draws=draws)


def test_levels_of_which_draws_do_not_show_the_quantile() -> None:
    """Bonferroni's critical value there: no end of an interval may stand still as the level rises, and none is 100%."""
    data = instrument((40, 21, 19, 44), (22, 30, 33, 41))
    levels = (0.9, 0.99, 0.9999, 0.999999999)
    found = [estimate(derived("iv_ate").bounds[0], data, draws=2000, level=level) for level in levels]
    for name in ("set_interval", "parameter_interval"):
        intervals = [each.estimates[0].found.interval(name) for each in found]
        for narrow, wide in itertools.pairwise(intervals):
            assert narrow
            assert wide
            assert wide[0] < narrow[0] < narrow[1] < wide[1]
    assert "99.9999999% set" in found[-1].text()
    assert "99.99% parameter" in found[-2].text()


@pytest.mark.parametrize("method", ["bootstrap", "directional", "subsampling"])
def test_levels_that_resamples_do_not_show_are_refused(method: str) -> None:
    data = instrument((40, 21, 19, 44), (22, 30, 33, 41))
    with pytest.raises(DataError, match="200 resamples do not show the ends of intervals at a level of 99%"):
        estimate(derived("iv_ate").bounds[0], data, draws=200, level=0.99, method=method)
    assert estimate(derived("iv_ate").bounds[0], data, draws=800, level=0.99, method=method)


def test_the_monte_carlo_error_says_how_far_seeds_differ() -> None:
    """Selection does not depend on draws, so that what is left is the error of the quantile."""
    data = instrument((40, 21, 19, 44), (22, 30, 33, 41))
    found = [
        estimate(derived("iv_ate").bounds[0], data, seed=seed, draws=4000).estimates[0].found for seed in range(12)
    ]
    assert len({each.kept for each in found}) == 1
    error = max(value.error for each in found for _, value in each.critical_values)
    largest = 0.12
    lows = [each.set_interval[0] for each in found]
    assert 0 < np.std(lows) < 2 * error * largest


def test_six_units_are_not_a_sure_contradiction() -> None:
    """All of three units in one cell, and of three in its opposite: of 2^-6 at best, where the cells have one half."""
    found = estimate(derived("iv_ate").bounds[0], instrument((0, 0, 0, 3), (0, 0, 3, 0)))
    conditions = found.estimates[0].conditions
    assert conditions
    assert conditions.p_value == pytest.approx(2**-6, rel=0.2)
    assert conditions.violations[0].p_value == pytest.approx(2**-6, rel=0.2)
    assert "p = 0.000" not in found.text()


def test_an_end_at_zero_is_zero() -> None:
    """The lower bound is never below zero: an interval does not begin a rounding error above or below it."""
    model = Model.parse(
        """model monotone
variable A in {0, 1} randomized
variable Y(A) in {0, 1}
assume Y(1) >= Y(0)
observe P(Y | A)
estimand benefit = P(Y(1) > Y(0))
estimand spared = P(Y(0) = 1, Y(1) = 1)
"""
    )
    for a, b in itertools.product((40, 45, 50, 52), repeat=2):
        rows = pandas.DataFrame([(0, 0, 100 - a), (0, 1, a), (1, 0, 100 - b), (1, 1, b)], columns=["A", "Y", "n"])
        for each in estimate(derive(model), read_data(model, rows, kind="counts")).estimates:
            interval = each.found.parameter_interval
            assert interval is None or interval[0] == 0 or interval[0] > 1e-6
