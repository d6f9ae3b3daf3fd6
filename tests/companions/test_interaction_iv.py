"""Small's method (2011) against linearmodels, statsmodels, R and numpy by hand; Anderson-Rubin sets; sensitivity."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import stats

from boundgen.companions.interaction_iv import from_columns, interaction_iv
from boundgen.companions.interaction_iv.method import ASSUMPTIONS, EQUAL_VARIANCE
from boundgen.companions.regression.anderson_rubin import anderson_rubin, quadratic_set, robust_anderson_rubin
from boundgen.companions.regression.covariance import cov_type_called
from boundgen.companions.regression.design import Design
from boundgen.companions.regression.strength import THRESHOLDS, threshold_of
from boundgen.companions.sharp_bounds import natural_effect_bounds
from boundgen.data.columns import columns_of
from boundgen.data.table_columns import read_columns
from boundgen.errors import DataError
from boundgen.pictures.contours import contour_picture
from boundgen.simulation.interaction_populations import ModeratedPopulation
from support.golden import compare
from support.paths import SHARED

pandas = pytest.importorskip("pandas")
IV2SLS = pytest.importorskip("linearmodels.iv").IV2SLS
OLS = pytest.importorskip("statsmodels.api").OLS
NAMES = {"outcome": "y", "treatment": "r", "mediator": "m", "interactions": ("x1", "x2")}


def _columns(n: int = 400, seed: int = 1, **options) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(seed)
    found = dict(ModeratedPopulation(**{"spread": 0.5, "unequal": True, **options}).sample(n, chance))
    found["w"] = chance.normal(size=n) + 0.3 * found["x1"]
    found["y"] = found["y"] + 0.4 * found["w"]
    return found | {"school": chance.integers(0, 40, n), "weight": chance.uniform(0.5, 2, n)}


def _find(columns, **options):
    return interaction_iv(columns, **{**NAMES, "bounds": False, **options})


def _matrices(columns, further=()):
    x = np.column_stack([columns["x1"], columns["x2"]])
    one = np.ones(len(x))
    exogenous = np.column_stack([one, columns["r"], x, *(columns[name] for name in further)])
    return exogenous, columns["r"][:, None] * x


def _library(columns, y, errors, further=(), weights=None):
    exogenous, instruments = _matrices(columns, further)
    kind = {"homoskedastic": "unadjusted", "robust": "robust", "cluster": "clustered"}[errors]
    options = {"clusters": columns["school"]} if errors == "cluster" else {}
    model = IV2SLS(y, exogenous, columns["m"], instruments, weights=weights)
    fit = model.fit(cov_type=kind, debiased=True, **options)
    return {name: (fit.params.iloc[i], fit.std_errors.iloc[i]) for name, i in (("direct", 1), ("mediator", -1))}


# ---------------------------------------------------------------- independent computations
def test_the_reference_at_jobs():
    if not SHARED.exists():
        pytest.skip("the data sets are not beside the repository")
    jobs = pandas.read_csv(SHARED / "jobs.csv")
    jobs["nonwhite"] = (jobs["nonwhite"] == "non.white1").astype(float)
    x = ("econ_hard", "depress1", "sex", "age", "nonwhite")
    found = interaction_iv(jobs, outcome="depress2", treatment="treat", mediator="job_seek", interactions=x)
    direct, mediator = found.estimate("direct"), found.estimate("mediator")
    assert (direct.value, direct.error) == pytest.approx((-0.029340, 0.050262), abs=1e-6)
    assert (mediator.value, mediator.error) == pytest.approx((-0.287348, 0.483959), abs=1e-6)
    strength = found.diagnostics[0]
    assert (round(strength.value, 2), strength.warning) == (0.56, True)
    assert found.warnings[0].startswith(
        "The instruments are weak: a first-stage F of 0.56; the threshold for 5 instruments is 15.09."
    )
    assert mediator.others[0].pieces == ((-np.inf, np.inf),)


@pytest.mark.parametrize("further", [(), ("w",)])
@pytest.mark.parametrize("errors", ["homoskedastic", "robust", "cluster"])
def test_estimates_are_those_of_linearmodels(errors, further):
    columns = _columns()
    clusters = "school" if errors == "cluster" else None
    found = _find(columns, cov_type=cov_type_called(errors), covariates=further, clusters=clusters)
    for name, expected in _library(columns, columns["y"], errors, further).items():
        each = found.estimate(name)
        assert (each.value, each.error) == pytest.approx(expected, abs=1e-8)
        assert each.interval == errors


def test_weights_are_those_of_linearmodels():
    columns = _columns()
    found = _find(columns, weights="weight")
    assert dict(found.options)["errors"] == "robust"
    for name, expected in _library(columns, columns["y"], "robust", weights=columns["weight"]).items():
        assert (found.estimate(name).value, found.estimate(name).error) == pytest.approx(expected, abs=1e-8)
    for one, other in zip(found.estimates, _find(columns, weights=7 * columns["weight"]).estimates, strict=True):
        assert (other.value, other.error) == pytest.approx((one.value, one.error), abs=1e-9)


@pytest.mark.parametrize("errors", ["homoskedastic", "robust"])
def test_the_papers_formulas_by_hand(errors):
    """Section 5: two regressions by normal equations, then both covariance matrices (with n - k for n)."""
    columns = _columns(seed=2)
    exogenous, instruments = _matrices(columns)
    first = np.column_stack([exogenous, instruments])
    fitted = first @ np.linalg.solve(first.T @ first, first.T @ columns["m"])
    a = np.column_stack([exogenous, fitted])
    inverse = np.linalg.inv(a.T @ a)
    kappa = inverse @ a.T @ columns["y"]
    left = columns["y"] - np.column_stack([exogenous, columns["m"]]) @ kappa
    n, k = a.shape
    if errors == "homoskedastic":
        covariance = left @ left / (n - k) * inverse
    else:
        covariance = n / (n - k) * inverse @ (a.T * left**2) @ a @ inverse
    found = _find(columns, cov_type=cov_type_called(errors))
    for name, place in (("direct", 1), ("mediator", -1)):
        each, error = found.estimate(name), np.sqrt(covariance[place, place])
        assert (each.value, each.error) == pytest.approx((kappa[place], error), abs=1e-8)
        width = stats.t.ppf(0.975, n - k) * error
        assert (each.low, each.high) == pytest.approx((kappa[place] - width, kappa[place] + width), abs=1e-8)


def _slices(columns, bread, between):
    """The error of the mediator's effect with the fitted or the observed mediator in the two places of the sandwich."""
    (exogenous, instruments), m = _matrices(columns), columns["m"]
    every = np.column_stack([exogenous, instruments])
    rows = {"observed": np.column_stack([exogenous, m])}
    rows["fitted"] = np.column_stack([exogenous, every @ np.linalg.lstsq(every, m, rcond=None)[0]])
    estimate = np.linalg.lstsq(rows["fitted"], columns["y"], rcond=None)[0]
    squares = (columns["y"] - rows["observed"] @ estimate) ** 2
    inverse = np.linalg.inv(rows[bread].T @ rows[bread])
    variance = inverse @ (rows[between].T * squares) @ rows[between] @ inverse
    return estimate[-1], float(np.sqrt(variance[-1, -1]))


def test_the_sandwich_has_the_fitted_mediator_and_not_the_printed_observed_one():
    """Small prints A_i = (1, X_i, R_i, M_i); the errors of the estimates say that the fitted one belongs there."""
    population, chance = ModeratedPopulation(), np.random.default_rng(1)
    samples = [population.sample(1000, chance) for _ in range(400)]
    spread = float(np.std([_slices(each, "fitted", "fitted")[0] for each in samples]))
    ratio = {
        places: np.median([_slices(each, *places)[1] for each in samples]) / spread
        for places in (("fitted", "fitted"), ("fitted", "observed"), ("observed", "observed"))
    }
    assert ratio["fitted", "fitted"] == pytest.approx(1, abs=0.1)
    assert ratio["fitted", "observed"] == pytest.approx(3.6, abs=0.4)
    assert ratio["observed", "observed"] == pytest.approx(0.43, abs=0.05)
    found = _find(samples[0], cov_type="robust").estimate("mediator")
    value, error = _slices(samples[0], "fitted", "fitted")
    # Degrees of freedom: 1000 units, five regressors.
    assert (found.value, found.error) == pytest.approx((value, error * np.sqrt(1000 / 995)), rel=1e-9)


def test_estimates_are_those_of_base_r(tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    columns = _columns(seed=3)
    pandas.DataFrame(columns).to_csv(tmp_path / "data.csv", index=False, float_format="%.17g")
    (tmp_path / "two_stage.R").write_text("""
d <- read.csv("data.csv")
d$fitted <- fitted(lm(m ~ r * (x1 + x2) + w, d))
second <- lm(y ~ r + x1 + x2 + w + fitted, d)
kappa <- coef(second)
left <- d$y - cbind(1, d$r, d$x1, d$x2, d$w, d$m) %*% kappa
errors <- sqrt(sum(left^2) / second$df.residual * diag(solve(crossprod(model.matrix(second)))))
f <- anova(lm(m ~ r + x1 + x2 + w, d), lm(m ~ r * (x1 + x2) + w, d))$F[2]
cat(format(c(kappa["r"], errors[2], kappa["fitted"], errors[6], f), digits = 15))
""")
    done = subprocess.run(["Rscript", "two_stage.R"], cwd=tmp_path, capture_output=True, text=True, check=True)
    found = _find(columns, covariates=("w",))
    direct, mediator = found.estimate("direct"), found.estimate("mediator")
    mine = [direct.value, direct.error, mediator.value, mediator.error, found.diagnostics[0].value]
    assert mine == pytest.approx([float(word) for word in done.stdout.split()], abs=1e-8)


def test_first_stage_and_standard_regression_are_those_of_statsmodels():
    columns = _columns(seed=4)
    exogenous, instruments = _matrices(columns)
    full = OLS(columns["m"], np.column_stack([exogenous, instruments]))
    found = _find(columns)
    values = {each.name: each.value for each in found.diagnostics}
    assert values["first-stage F"] == pytest.approx(full.fit().compare_f_test(OLS(columns["m"], exogenous).fit())[0])
    both = np.eye(6)[4:]
    robust = full.fit(cov_type="HC1").wald_test(both, use_f=True, scalar=True).statistic
    assert values["first-stage F, robust"] == pytest.approx(robust, abs=1e-8)
    tables = {table.name: table.records() for table in found.tables}
    fit = full.fit()
    for place, row in zip((4, 5), tables["first_stage"], strict=True):
        assert (row["value"], row["error"]) == pytest.approx((fit.params[place], fit.bse[place]), abs=1e-8)
    standard = OLS(columns["y"], np.column_stack([exogenous, columns["m"]])).fit()
    row = tables["regressions"][0]
    assert (row["direct"], row["direct_error"]) == pytest.approx((standard.params[1], standard.bse[1]), abs=1e-8)
    assert (row["mediator"], row["mediator_error"]) == pytest.approx((standard.params[4], standard.bse[4]), abs=1e-8)
    assert tables["regressions"][1]["mediator"] == found.estimate("mediator").value


def test_overidentification_is_that_of_linearmodels():
    columns = _columns(seed=5)
    exogenous, instruments = _matrices(columns)
    fit = IV2SLS(columns["y"], exogenous, columns["m"], instruments).fit(cov_type="unadjusted")
    values = {each.name: each.value for each in _find(columns).diagnostics}
    assert values["p of overidentification"] == pytest.approx(fit.sargan.pval, abs=1e-8)
    assert "p of overidentification" not in {d.name for d in _find(columns, interactions=("x1",)).diagnostics}


@pytest.mark.parametrize("weighted", [False, True])
def test_the_error_of_the_indirect_effect_is_the_infinitesimal_jackknife(weighted):
    """With one instrument: with more, the sandwich leaves out that the first stage's weights are estimated."""
    columns = _columns(150, 6)
    weights = columns["weight"] / columns["weight"].mean() if weighted else np.ones(150)
    exogenous, instruments = _matrices(columns, ("w",))
    exogenous, instruments = np.delete(exogenous, 3, axis=1), instruments[:, [0]]
    first, last = np.column_stack([exogenous, instruments]), np.column_stack([exogenous, columns["m"]])

    def indirect(w):
        projected = first @ np.linalg.solve(first.T * w @ first, first.T * w @ last)
        slope = np.linalg.solve(projected.T * w @ projected, projected.T * w @ columns["y"])[-1]
        treated, control = w * columns["r"], w * (1 - columns["r"])
        return slope * (treated @ columns["m"] / treated.sum() - control @ columns["m"] / control.sum())

    step = 1e-5
    moved = [(indirect(weights + step * e) - indirect(weights - step * e)) / (2 * step) for e in np.eye(150)]
    error = np.sqrt(150 / (150 - 5) * np.sum((weights * np.array(moved)) ** 2))
    options = {"interactions": ("x1",), "covariates": ("w",), "weights": columns["weight"] if weighted else None}
    found = _find(columns, cov_type="robust", **options).estimate("indirect")
    assert (found.value, found.error) == pytest.approx((indirect(weights), error), abs=1e-7)


def test_thresholds_are_those_that_the_paper_prints():
    assert [threshold_of(count).value for count in (1, 2, 3, 5, 10, 15)] == [8.96, 11.59, 12.83, 15.09, 20.88, 26.80]
    for count in range(1, 30):
        used = threshold_of(count)
        assert used.exact == (count in THRESHOLDS)
        assert used.enough == (count <= 15)
        assert used.value >= max(value for size, value in THRESHOLDS.items() if size <= count)


def test_the_threshold_in_use_is_said():
    columns = _columns(600, 7) | {f"z{i}": np.random.default_rng(i).normal(size=600) for i in range(18)}
    four = _find(columns, interactions=("x1", "x2", "z0", "z1"))
    assert "for 4 instruments there is no threshold; the next, 15.09 for 5, is used" in four.diagnostics[0].words
    many = _find(columns, interactions=tuple(f"z{i}" for i in range(18)))
    assert "for 18 instruments there is no threshold; the last, 26.80 for 15, is used, which is too low" in str(
        many.warnings
    )


# ---------------------------------------------------------------- Anderson-Rubin sets
def _is_in(columns, theta, level, errors) -> bool:
    """Whether the instruments help to predict Y - θM, by statsmodels."""
    exogenous, instruments = _matrices(columns)
    model = OLS(columns["y"] - theta * columns["m"], np.column_stack([exogenous, instruments]))
    options = {
        "homoskedastic": {},
        "robust": {"cov_type": "HC1"},
        "cluster": {"cov_type": "cluster", "cov_kwds": {"groups": columns["school"], "df_correction": True}},
    }[errors]
    fit = model.fit(use_t=True, **options)
    tested = fit.f_test(np.eye(6)[4:])
    return float(tested.pvalue) >= 1 - level


@pytest.mark.parametrize("errors", ["homoskedastic", "robust", "cluster"])
@pytest.mark.parametrize(("strength", "tau", "seed"), [(1.0, 0.0, 1), (0.05, 0.0, 2), (0.15, 0.0, 3), (0.6, 2.0, 4)])
@pytest.mark.parametrize("level", [0.95, 0.4])
def test_sets_hold_what_statsmodels_does_not_reject(errors, strength, tau, seed, level):
    columns = _columns(300, seed, strength=strength, tau_r=(tau, -tau))
    clusters = "school" if errors == "cluster" else None
    found = (
        _find(columns, cov_type=cov_type_called(errors), clusters=clusters, level=level)
        .estimate("mediator")
        .others[0]
        .pieces
    )
    ends = [end for piece in found for end in piece if np.isfinite(end)]
    near = [end + sign * 1e-4 * (1 + abs(end)) for end in ends for sign in (-1, 1)]
    for theta in [*np.linspace(-15, 15, 41), *near, -1e6, 1e6]:
        assert any(low <= theta <= high for low, high in found) == _is_in(columns, theta, level, errors), theta


def test_sets_take_every_shape():
    """Interval, empty, the whole line, two rays: all occur, and each is said to the reader."""
    shapes = {}
    for strength, tau, seed in product((0.02, 0.2, 1.0), (0.0, 2.0), range(5)):
        columns = _columns(200, seed, strength=strength, tau_r=(tau, -tau))
        found = _find(columns)
        pieces = found.estimate("mediator").others[0].pieces
        infinite = sum(np.isinf(end) for piece in pieces for end in piece)
        shapes[(len(pieces), infinite)] = found
    assert set(shapes) == {(1, 0), (0, 0), (1, 2), (2, 2)}
    said = {shape: " ".join(found.warnings) for shape, found in shapes.items()}
    assert "Anderson-Rubin set is" not in said[1, 0]
    assert "The Anderson-Rubin set is empty" in said[0, 0]
    assert "The Anderson-Rubin set is not bounded" in said[1, 2]
    assert "The Anderson-Rubin set is not bounded" in said[2, 2]
    assert " ∪ " in shapes[2, 2].text()
    assert "empty" in shapes[0, 0].text()


def test_the_quadratic_inequality():
    chance = np.random.default_rng(1)
    for a, b, c in [*chance.normal(size=(200, 3)), *product((-1.0, 0.0, 2.0), repeat=3)]:
        found = quadratic_set(a, b, c)
        for theta in [*chance.normal(size=20) * 5, -1e5, 1e5]:
            value = a * theta**2 - 2 * b * theta + c
            assert any(low <= theta <= high for low, high in found) == (value <= 0) or abs(value) < 1e-9


def test_the_ends_of_a_set_are_where_the_statistic_is_critical():
    columns = _columns(300, 8)
    exogenous, instruments = _matrices(columns)
    design = Design(columns["y"], exogenous, columns["m"][:, None], instruments, ())
    for found, covariance in (
        (anderson_rubin(design, 0.95), "nonrobust"),
        (robust_anderson_rubin(design, 0.95, None), "HC1"),
    ):
        (piece,) = found.pieces
        for theta in piece:
            model = OLS(columns["y"] - theta * columns["m"], np.column_stack([exogenous, instruments]))
            tested = model.fit(cov_type=covariance, use_t=True).f_test(np.eye(6)[4:])
            assert float(tested.fvalue) == pytest.approx(stats.f.ppf(0.95, 2, 294), rel=1e-8)


def test_too_few_clusters_for_a_set_are_said():
    columns = _columns(200, 9)
    columns["school"] = columns["school"] % 2
    found = _find(columns, clusters="school")
    assert found.estimate("mediator").others == ()
    said = " ".join(found.warnings)
    assert "There are 2 clusters, too few to trust clustered errors" in said
    assert "There is no Anderson-Rubin set" in said


# ---------------------------------------------------------------- section 6
@pytest.mark.parametrize("errors", ["homoskedastic", "robust", "cluster"])
def test_sensitivity_is_two_stage_least_squares_of_the_shifted_outcome(errors):
    columns = _columns(seed=10)
    grid_r, grid_m = [(0.0, 0.0), (0.3, -0.2)], [(0.0, 0.0), (0.1, 0.5), (-2.0, 1.0)]
    clusters = "school" if errors == "cluster" else None
    found = _find(columns, cov_type=cov_type_called(errors), clusters=clusters, tau_r=grid_r, tau_m=grid_m)
    rows = found.tables[2].records()
    centred = np.column_stack([columns[name] - columns[name].mean() for name in ("x1", "x2")])
    freedom = 39 if errors == "cluster" else 400 - 5
    critical = stats.t.ppf(0.975, freedom)
    for row, (tau_m, tau_r) in zip(rows, product(grid_m, grid_r), strict=True):
        shifted = columns["y"] - columns["r"] * (centred @ tau_r) - columns["m"] * (centred @ tau_m)
        for name, (value, error) in _library(columns, shifted, errors).items():
            expected = (value, value - critical * error, value + critical * error)
            assert (row[name], row[f"{name}_low"], row[f"{name}_high"]) == pytest.approx(expected, abs=1e-8)


def test_the_default_grid_is_laid_out_as_table_2():
    found = _find(_columns())
    rows = found.tables[2].records()
    assert len(rows) == 16
    assert (rows[0]["τ_R"], rows[0]["τ_M"]) == ("(0, 0)", "(0, 0)")
    assert rows[0]["direct"] == pytest.approx(found.estimate("direct").value, abs=1e-10)
    assert rows[1]["τ_R"].startswith("(0, ")
    assert len({row["τ_R"] for row in rows[:4]}) == 4
    assert len({row["τ_M"] for row in rows[:4]}) == 1
    three = _find(_columns(), interactions=("x1", "x2", "w"))
    assert len(three.tables[2].rows) == 16


def test_the_true_tau_takes_away_the_bias():
    population = ModeratedPopulation(tau_r=(0.4, 0.0), tau_m=(0.3, -0.2))
    columns = population.sample(40_000, np.random.default_rng(11))
    found = _find(columns, tau_r=[population.tau_r], tau_m=[population.tau_m])
    assert abs(found.estimate("mediator").value - population.mediator) > 0.2
    (row,) = found.tables[2].records()
    assert row["mediator"] == pytest.approx(population.mediator, abs=0.06)
    assert row["direct"] == pytest.approx(population.direct, abs=0.06)


def test_contours_are_drawn():
    found = _find(_columns())
    table = found.tables[3]
    assert len(table.rows) == 2 * 11 * 11
    figure = contour_picture(found, table, "interaction-iv")
    assert len(figure.axes) == 4
    assert figure.axes[0].get_xlabel() == "τ_R of x1"
    assert figure.axes[3].get_ylabel() == "τ_M of x2"
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {
        "estimate",
        "effects do not differ (IV-A2)",
        "the 95% interval does not hold zero",
    }
    many = replace(table, rows=tuple((f"c{i}", *row[1:]) for i in range(9) for row in table.rows[:121]))
    with pytest.raises(DataError, match=r"9 covariates are too many for a picture\n  At most 8"):
        contour_picture(found, many)


# ---------------------------------------------------------------- populations
def test_estimates_are_consistent():
    population = ModeratedPopulation(spread=0.5, unequal=True)
    found = _find(population.sample(60_000, np.random.default_rng(12)))
    for name in ("direct", "mediator", "indirect"):
        assert found.estimate(name).value == pytest.approx(getattr(population, name), abs=0.06)


@pytest.mark.slow
def test_intervals_and_sets_cover():
    """Strong instruments: all cover. Weak ones: the Anderson-Rubin set does, whatever the interval does."""
    chance, runs = np.random.default_rng(13), 100
    for population in (ModeratedPopulation(strength=0.8), ModeratedPopulation(strength=0.02)):
        hits = np.zeros(4)
        for _ in range(runs):
            found = _find(population.sample(250, chance))
            estimates = [found.estimate(name) for name in ("direct", "mediator", "indirect")]
            truths = (population.direct, population.mediator, population.indirect)
            hits[:3] += [e.low <= truth <= e.high for e, truth in zip(estimates, truths, strict=True)]
            hits[3] += any(low <= population.mediator <= high for low, high in estimates[1].others[0].pieces)
        assert hits[3] / runs > 0.9
        if population.strength > 0.5:
            assert np.all(hits / runs > 0.9)


# ---------------------------------------------------------------- laws
def test_nothing_depends_on_the_order_of_rows():
    columns = _columns(200, 14)
    order = np.random.default_rng(0).permutation(200)
    turned = {name: column[order] for name, column in columns.items()}
    for options in ({}, {"clusters": "school"}, {"weights": "weight", "covariates": ("w",)}):
        assert _find(columns, **options).json() == _find(turned, **options).json()


def test_units_of_measurement_do_not_matter():
    columns = _columns(300, 15)
    first = _find(columns)
    moved = columns | {"y": 1e3 * columns["y"] + 5, "m": 1e-4 * columns["m"] - 2, "x1": 1e5 * columns["x1"] + 1e7}
    second = _find(moved)
    for name, factor in (("direct", 1e3), ("mediator", 1e7), ("indirect", 1e3)):
        one, other = first.estimate(name), second.estimate(name)
        assert (other.value, other.error) == pytest.approx((factor * one.value, factor * one.error), rel=1e-6)
    sets = [found.estimate("mediator").others[0].pieces[0] for found in (first, second)]
    assert sets[1] == pytest.approx([1e7 * end for end in sets[0]], rel=1e-6)
    assert second.diagnostics[0].value == pytest.approx(first.diagnostics[0].value, rel=1e-8)


def test_the_other_arm_as_treatment_turns_the_direct_effect():
    columns = _columns(300, 16)
    first, second = _find(columns), _find(columns | {"r": 1 - columns["r"]})
    assert second.estimate("direct").value == pytest.approx(-first.estimate("direct").value, abs=1e-9)
    assert second.estimate("mediator").value == pytest.approx(first.estimate("mediator").value, abs=1e-9)
    assert second.estimate("mediator").others[0].pieces[0] == pytest.approx(
        first.estimate("mediator").others[0].pieces[0], abs=1e-7
    )


def test_labels_of_clusters_do_not_matter():
    columns = _columns(300, 17)
    first = _find(columns, clusters="school")
    second = _find(columns | {"school": [f"s {code * 7 % 41}" for code in columns["school"]]}, clusters="school")
    for one, other in zip(first.estimates, second.estimates, strict=True):
        assert (other.value, other.error) == pytest.approx((one.value, one.error), abs=1e-9)


def test_assumptions_are_those_that_the_errors_use():
    columns = _columns()
    assert [each.number for each in ASSUMPTIONS] == ["R", "2", "(1)", "(4)", "IV-A1", "IV-A2", "IV-A3"]
    assert _find(columns).assumptions == (*ASSUMPTIONS, *EQUAL_VARIANCE)
    assert _find(columns, cov_type="robust").assumptions == ASSUMPTIONS


def test_sharp_bounds_stand_beside_discrete_effects():
    columns = _columns(500, 18)
    discrete = columns | {"m": (columns["m"] > 0).astype(float), "y": (columns["y"] > 1).astype(float)}
    found = interaction_iv(discrete, **NAMES)
    plain, _ = natural_effect_bounds(discrete["r"], discrete["m"], discrete["y"])
    assert [(b.lower, b.upper) for b in found.bounds] == [(b.lower, b.upper) for b in plain]
    assert {(b.estimand, b.assumptions) for b in found.bounds} == {
        (of, f"{assumed}, {symbol}")
        for of, symbol in (("indirect", "δ(0)"), ("indirect", "δ(1)"), ("direct", "ζ(0)"), ("direct", "ζ(1)"))
        for assumed in ("randomization", "monotonic mediator response")
    }
    assert "too many principal strata" in interaction_iv(columns, **NAMES).no_bounds


def test_golden_text():
    """What people read: estimates beside bounds, assumptions, diagnostics, warnings, tables."""
    columns = _columns(500, 18, strength=0.2)
    discrete = columns | {"m": (columns["m"] > 0).astype(float), "y": (columns["y"] > 1).astype(float)}
    found = interaction_iv(discrete, **NAMES).text().split("  Sensitivity over a square")[0]
    compare("companions_interaction_iv.txt", found)


def test_latex_is_ascii():
    text = _find(_columns(seed=21), cov_type="robust").latex()
    assert text.isascii()
    assert "indirect effect & " in text


def test_columns_of_a_file(tmp_path):
    columns = _columns(200, 19)
    file = tmp_path / "trial.csv"
    pandas.DataFrame(columns).to_csv(file, index=False, float_format="%.17g")
    data = read_columns(str(file), columns="A=r,M=m,Y=y,X=x1,X=x2,W=w,C=school")
    found = from_columns(data, level=0.9)
    same = interaction_iv(columns, **NAMES, covariates=("w",), clusters="school", level=0.9)
    assert found.estimates == same.estimates
    assert ("further covariate", "w") in found.data.roles


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, {"mediator": "z"}, r"there is no column 'z'\n  Columns: y, r, m"),
        ({}, {"interactions": ()}, "no covariate is named"),
        ({}, {"interactions": ("x1", "x1")}, "column 'x1' is named twice"),
        ({"x1": 1.0}, {}, "column 'x1' is 1 in every unit"),
        ({"m": 0.0}, {}, "column 'm' is 0 in every unit"),
        ({"r": 1.0}, {}, "the treatment is 1 in every unit"),
        ({"r": "x1"}, {}, r"the treatment has 400 values .*, where 0 and 1 are needed"),
        ({"x2": "x1"}, {}, "'x2' is a linear combination of 'x1': perfect collinearity\n  Leave it out."),
        ({"w": "r"}, {"covariates": ("w",)}, "'w' is a linear combination of 'r'"),
        ({"y": "m"}, {}, r"the outcome is a linear combination of 'm', without any rest\n  Nothing is left"),
        ({}, {"weights": "heavy"}, "there is no column 'heavy'"),
        ({"m": "x1"}, {}, "'m' is a linear combination of 'x1'"),
        ({"x1": "r"}, {"interactions": ("x1",)}, "'x1' is a linear combination of 'r'"),
        ({"y": np.nan}, {}, "the column 'y' has missing or infinite values\n  Leave these units out."),
        ({"x1": "text"}, {}, r"column 'x1' \(covariate\) has 1 different texts"),
        ({"school": None}, {"clusters": "school"}, "column 'school' misses 400 values"),
        ({"school": 1}, {"clusters": "school"}, "there is one cluster"),
        ({}, {"cov_type": "clustered"}, "clustered errors need a column of clusters"),
        ({}, {"cov_type": "HC9"}, "'HC9' is no kind of errors\n  Kinds: unadjusted, robust, clustered"),
        ({}, {"cov_type": "unadjusted", "weights": "weight"}, "weights make errors heteroskedastic"),
        ({}, {"tau_r": [(1.0,)]}, "tau_r 1: one number is needed for each of x1, x2"),
        ({}, {"tau_m": []}, "tau_m has no values"),
        ({}, {"level": 1.0}, "1 is not a level of confidence"),
        ({"x1": np.arange(3)}, {}, "the column 'x1' has 3 values for 400 units"),
    ],
)
def test_what_cannot_be_used_is_refused(changes, options, message):
    columns = _columns()
    for name, value in changes.items():
        if isinstance(value, str) and value in columns:
            columns[name] = columns[value]
        else:
            columns[name] = value if isinstance(value, np.ndarray) else np.array([value] * 400, dtype=object)
    with pytest.raises(DataError, match=message):
        _find(columns, **options)


def test_instruments_that_move_nothing_are_refused():
    grid = np.array(list(product((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))) * 5)
    columns = {"r": grid[:, 0], "x1": grid[:, 1], "m": grid[:, 2], "y": np.arange(40.0) % 7}
    with pytest.raises(DataError, match=r"do not move the mediator at all\n  Assumption IV-A1"):
        _find(columns, interactions=("x1",))


def test_too_few_units_are_refused():
    columns = {name: column[:6] for name, column in _columns(seed=20).items()}
    columns["r"] = np.array([0.0, 1, 0, 1, 0, 1])
    with pytest.raises(DataError, match="6 units are too few for 6 regressors and instruments"):
        _find(columns)


def test_labels_are_read_as_text_whatever_their_type():
    columns = {"y": [1.0, 2.0, 3.0], "s": [10.0, 2.0, 2.0], "t": ["b", "a10", "a9"]}
    found = columns_of(columns, {"Y": "y", "S": "s", "C": "t"})
    assert found.labels["S"].names == ("2", "10")
    assert found.labels["C"].names == ("a9", "a10", "b")
    assert found.labels["S"].counts.tolist() == [2, 1]
