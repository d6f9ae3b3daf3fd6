"""The mediation formula given covariates: plug-in formulas, regressions by hand, laws of influence functions."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from boundgen.companions.adjustment.method import _study
from boundgen.companions.adjustment.scores import (
    PAIRS,
    AdjustedStudy,
    Fitted,
    by_regression,
    crossfitted,
    fitted,
    influence_values,
    learn,
)
from boundgen.companions.ignorability import ignorability
from boundgen.companions.natural_effects import CONTRASTS
from boundgen.companions.sharp_bounds import natural_effect_bounds
from boundgen.data.columns import columns_of
from boundgen.errors import DataError
from support.command import Run

sm = pytest.importorskip("statsmodels.api")


def _logistic(values):
    return 1 / (1 + np.exp(-values))


def _discrete(n: int, seed: int, levels: int = 2):
    """A covariate of three texts, which treatment, mediator and outcome depend on; all discrete."""
    chance = np.random.default_rng(seed)
    x = chance.integers(0, 3, n)
    a = (chance.random(n) < np.array([0.3, 0.5, 0.6])[x]).astype(float)
    m = chance.binomial(levels - 1, 0.2 + 0.2 * a + 0.1 * x).astype(float)
    y = (chance.random(n) < 0.1 + 0.2 * a + 0.2 * m / (levels - 1) + 0.15 * x).astype(float)
    return {"A": a, "M": m, "Y": y, "town": np.array(["east", "north", "west"])[x]}


def _continuous(n: int, seed: int):
    chance = np.random.default_rng(seed)
    x, s = chance.normal(size=n), chance.integers(0, 2, n).astype(float)
    a = (chance.random(n) < _logistic(0.5 * x - 0.3 * s)).astype(float)
    m = (chance.random(n) < _logistic(-0.3 + 0.8 * a + 0.7 * x + 0.4 * a * s)).astype(float)
    y = 1 + 0.5 * a + m + 0.6 * a * m + 0.8 * x - 0.5 * s + 0.3 * m * x + chance.normal(size=n)
    return {"A": a, "M": m, "Y": y, "x": x, "s": s}


def _truth():
    """The effects in the population of `_continuous`, by the mean over a fine grid of its normal covariate."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    x, w = np.tile(points, 2), np.tile(weights / weights.sum(), 2) / 2
    s = np.repeat([0.0, 1.0], 60)
    share = [_logistic(-0.3 + 0.7 * x), _logistic(0.5 + 0.7 * x + 0.4 * s)]
    means = [
        w @ (1 + 0.5 * a + share[b] * (1 + 0.6 * a + 0.3 * x) + 0.8 * x - 0.5 * s) for a, b in PAIRS
    ]  # fmt: skip
    return CONTRASTS @ np.array(means)


def _plug_in(columns, names):
    """E[Y(a, M(b))] = Σ_x P(x) Σ_m E[Y | a, m, x] P(m | b, x), by counting."""
    a, m, y = columns["A"], columns["M"], columns["Y"]
    strata = np.column_stack([columns[name] for name in names])
    found = []
    for own, other in PAIRS:
        total = 0.0
        for stratum in np.unique(strata, axis=0):
            here = (strata == stratum).all(axis=1)
            for level in np.unique(m):
                share = np.mean(m[here & (a == other)] == level)
                if share:
                    total += here.mean() * share * y[here & (a == own) & (m == level)].mean()
        found.append(total)
    return CONTRASTS @ np.array(found)


def _regression(found):
    (table,) = [each for each in found.tables if each.name == "regression"]
    return np.array([row[1:] for row in table.rows])


# ---------------------------------------------------------------- values by other means
@pytest.mark.parametrize("levels", [2, 3])
def test_a_saturated_model_is_the_plug_in_formula(levels):
    """Regressions with a constant for each stratum are shares and means; their residuals have a mean of zero."""
    columns = _discrete(6000, 3, levels)
    found = ignorability(columns, covariates=["town"], folds=1, bounds=False)
    expected = _plug_in(columns, ["town"])
    if levels == 2:
        assert [each.value for each in found.estimates] == pytest.approx(expected, abs=1e-6)
        assert _regression(found)[:, 0] == pytest.approx(expected, abs=1e-6)
    values = np.array([each.value for each in ignorability(columns, covariates=["town"], bounds=False).estimates])
    errors = np.array([each.error for each in found.estimates])
    assert (np.abs(values - expected) < 0.25 * errors).all()


def test_regressions_are_those_of_numpy_and_statsmodels():
    columns = _continuous(1500, 4)
    found = _regression(ignorability(columns, covariates=["x", "s"], bounds=False))
    a, m, y = columns["A"], columns["M"], columns["Y"]
    x = np.column_stack([np.ones(len(a)), columns["x"], columns["s"]])
    share = [sm.Logit(m[a == arm], x[a == arm]).fit(disp=0).predict(x) for arm in (0, 1)]
    mean = {
        (arm, level): x @ np.linalg.lstsq(x[(a == arm) & (m == level)], y[(a == arm) & (m == level)], rcond=None)[0]
        for arm, level in product((0, 1), repeat=2)
    }
    by_hand = [np.mean(mean[own, 0] * (1 - share[other]) + mean[own, 1] * share[other]) for own, other in PAIRS]
    assert found[:, 0] == pytest.approx(CONTRASTS @ np.array(by_hand), abs=1e-7)


def _as_study(columns, names, weights=None) -> AdjustedStudy:
    parts = {"A": "A", "M": "M", "Y": "Y", "X": names}
    return _study(columns_of(columns, parts, weights).ordered(("A", "M", "Y", "X")))[0]


@pytest.mark.parametrize("binary", [False, True])
def test_errors_of_the_regressions_are_those_of_the_infinitesimal_jackknife(binary):
    columns = _continuous(240, 5)
    if binary:
        columns["Y"] = (columns["Y"] > 1.5).astype(float)
    study = _as_study(columns, ["x", "s"], np.random.default_rng(1).uniform(0.5, 2, 240))
    _, influences = by_regression(study)
    step = 1e-6

    def moved(unit: int, by: float):
        weights = study.weights.copy()
        weights[unit] += by
        return by_regression(replace(study, weights=weights / weights.sum()))[0]

    for unit in range(0, 240, 12):
        slope = (moved(unit, step) - moved(unit, -step)) / (2 * step)
        assert influences[unit] == pytest.approx(study.weights[unit] * slope, rel=1e-3, abs=1e-8)


def test_the_mediators_log_odds_are_those_of_the_library():
    columns = _discrete(2000, 6, levels=4)
    study = _as_study(columns, ["town"])
    learned = learn(study, True, False).mediator[1]
    here = study.arm == 1
    fit = sm.MNLogit(study.level[here], study.covariates[here]).fit(disp=0, maxiter=200)
    assert learned.coefficients == pytest.approx(np.asarray(fit.params), abs=1e-4)


# ---------------------------------------------------------------- influence functions
def _population():
    """A population with a covariate of three values, as a weighted sample: every cell with its probability."""
    chance = np.random.default_rng(7)
    law, treated = np.array([0.2, 0.5, 0.3]), np.array([0.3, 0.6, 0.5])
    mediator = chance.dirichlet([2.0, 2.0, 2.0], size=(3, 2))
    mean = chance.uniform(0.1, 0.9, size=(3, 2, 3))
    rows, weights = [], []
    for x, a, m, y in product(range(3), (0, 1), range(3), (0, 1)):
        rows.append((x, a, m, y))
        of_arm = treated[x] if a else 1 - treated[x]
        weights.append(law[x] * of_arm * mediator[x, a, m] * (mean[x, a, m] if y else 1 - mean[x, a, m]))
    x, a, m, y = np.array(rows).T
    study = AdjustedStudy(a, m, 3, y.astype(float), np.column_stack([np.ones(len(x)), x]), np.array(weights))
    said = Fitted(np.column_stack([1 - treated, treated])[x], mediator[x], mean[x])
    truth = [law @ (mean[:, own] * mediator[:, other]).sum(axis=1) for own, other in PAIRS]
    return study, said, truth


@pytest.mark.parametrize("wrong", ["none", "treatment", "mediator", "outcome"])
def test_two_right_regressions_of_three_are_enough(wrong):
    """Tchetgen Tchetgen & Shpitser (2012), Theorem 2: whichever is wrong, the mean of the values is the truth."""
    study, said, truth = _population()
    chance = np.random.default_rng(8)
    lies = {
        "none": said,
        "treatment": replace(said, treated=np.array([[0.4, 0.6]] * len(study.arm))),
        "mediator": replace(said, mediator=np.tile(chance.dirichlet([1.0, 1, 1], size=(1, 2)), (len(study.arm), 1, 1))),
        "outcome": replace(said, outcome=np.tile(chance.random((1, 2, 3)), (len(study.arm), 1, 1))),
    }
    values, few = influence_values(study, lies[wrong])
    assert study.weights @ values == pytest.approx(truth, abs=1e-12)
    assert not few


def test_one_right_regression_is_not_enough():
    study, said, truth = _population()
    lie = replace(said, treated=np.full_like(said.treated, 0.5), outcome=np.full_like(said.outcome, 0.2))
    values, _ = influence_values(study, lie)
    assert np.abs(study.weights @ values - truth).max() > 0.005


def test_probabilities_near_zero_are_counted():
    study, said, _ = _population()
    _, few = influence_values(study, replace(said, treated=np.array([[0.999, 0.001]] * len(study.arm))))
    assert few == (study.arm == 1).sum()


def test_folds_use_the_regressions_of_the_others():
    study = _as_study(_continuous(400, 9), ["x", "s"])
    whole = fitted(learn(study, False, True), study)
    _, said, _ = crossfitted(study, 4, 1)
    assert np.abs(said.outcome - whole.outcome).max() > 1e-3
    assert said.mediator.sum(axis=2) == pytest.approx(1)


# ---------------------------------------------------------------- laws
def test_nothing_depends_on_the_order_of_rows_or_on_units_of_measurement():
    columns = _continuous(500, 10)
    order = np.random.default_rng(0).permutation(500)
    first = ignorability(columns, covariates=["x", "s"])
    assert first.json() == ignorability({k: v[order] for k, v in columns.items()}, covariates=["x", "s"]).json()
    other = {**columns, "x": 100 * columns["x"] - 7, "Y": 10 * columns["Y"] + 3}
    for one, two in zip(first.estimates, ignorability(other, covariates=["x", "s"]).estimates, strict=True):
        assert (two.value, two.error) == pytest.approx((10 * one.value, 10 * one.error), rel=1e-6)


def test_effects_add_up_and_equal_weights_are_none():
    columns = _continuous(500, 11)
    plain = ignorability(columns, covariates=["x"], bounds=False)
    value = {each.name: each.value for each in plain.estimates}
    assert value["total"] == pytest.approx(value["delta1"] + value["zeta0"], abs=1e-12)
    assert value["total"] == pytest.approx(value["delta0"] + value["zeta1"], abs=1e-12)
    weighted = ignorability(columns, covariates=["x"], weights=np.full(500, 3.0), bounds=False)
    for one, two in zip(plain.estimates, weighted.estimates, strict=True):
        assert (two.value, two.error) == pytest.approx((one.value, one.error))


# ---------------------------------------------------------------- sharp bounds within strata
def test_bounds_are_means_over_strata_and_hold_the_plug_in_formula():
    columns = _discrete(900, 12)
    found = ignorability(columns, covariates=["town"], folds=1)
    parts = []
    for town in ("east", "north", "west"):
        here = columns["town"] == town
        bounds, _ = natural_effect_bounds(columns["A"][here], columns["M"][here], columns["Y"][here])
        parts.append((here.mean(), {(b.estimand, b.assumptions): b for b in bounds}))
    plug_in = dict(zip(("delta0", "delta1", "zeta0", "zeta1", "total"), _plug_in(columns, ["town"]), strict=True))
    for each in found.bounds:
        key = (each.estimand, each.assumptions.removesuffix(", given X"))
        assert each.assumptions.endswith(", given X")
        assert each.lower == pytest.approx(sum(share * held[key].lower for share, held in parts), abs=1e-12)
        assert each.upper == pytest.approx(sum(share * held[key].upper for share, held in parts), abs=1e-12)
        if each.assumptions.startswith("randomization"):
            assert each.lower <= plug_in[each.estimand] <= each.upper


def test_continuous_covariates_leave_bounds_without_them_and_say_so():
    found = ignorability(_continuous(300, 13), covariates=["x"])
    (said,) = [each for each in found.diagnostics if each.name == "sharp bounds"]
    assert "300 different values" in said.words
    assert all("given X" not in each.assumptions for each in found.bounds)


# ---------------------------------------------------------------- coverage
@pytest.mark.slow
def test_doubly_robust_intervals_cover_as_often_as_they_say():
    truth, runs = _truth(), 400
    hits, values = np.zeros((2, 5)), []
    for run in range(runs):
        found = ignorability(_continuous(800, 1000 + run), covariates=["x", "s"], bounds=False)
        table = _regression(found)
        hits[0] += [each.low <= at <= each.high for each, at in zip(found.estimates, truth, strict=True)]
        hits[1] += (table[:, 2] <= truth) & (truth <= table[:, 3])
        values.append([each.value for each in found.estimates])
    assert (hits / runs > 0.92).all()
    assert (hits / runs < 0.98).all()
    assert np.abs(np.mean(values, axis=0) - truth).max() < 0.015


def test_the_truth_of_a_simulation_is_recovered():
    found = ignorability(_continuous(20_000, 14), covariates=["x", "s"], bounds=False)
    for each, at in zip(found.estimates, _truth(), strict=True):
        assert abs(each.value - at) < 4 * each.error
        assert each.error < 0.02


# ---------------------------------------------------------------- refusals and the command line
def test_covariates_that_say_nothing_or_too_much_are_refused():
    columns = {**_continuous(60, 15), "same": np.ones(60)}
    with pytest.raises(DataError, match="the covariate same is 1 in every unit"):
        ignorability(columns, covariates=["x", "same"])
    many = {f"x{i}": np.random.default_rng(i).normal(size=60) for i in range(20)}
    with pytest.raises(DataError, match="too few for regressions with 22 coefficients"):
        ignorability({**columns, **many}, covariates=list(many))
    with pytest.raises(DataError, match="0 folds"):
        ignorability(columns, covariates=["x"], folds=0)


@pytest.fixture
def trial(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    columns = _discrete(600, 16)
    rows = zip(*columns.values(), strict=True)
    text = "\n".join(",".join(f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in row) for row in rows)
    (tmp_path / "trial.csv").write_text(",".join(columns) + "\n" + text + "\n")
    return "trial.csv"


def test_command_line(run: Run, trial: str):
    found = run("mediate", "ignorability", trial, "--map", "X=town")
    assert found.status == 0
    assert "doubly robust" in found.out
    assert "sharp, randomization, given X" in found.out
    assert "folds 5" in found.out
    refused = run("mediate", "iv", trial, "--folds", "3")
    assert refused.status == 2
    assert "--folds is for ignorability" in refused.err
    refused = run("mediate", "ignorability", trial, "--map", "X=town", "--folds", "1000")
    assert (refused.status, refused.out) == (2, "")
    assert "1000 folds" in refused.err
