"""Reardon & Raudenbush's method against linearmodels, statsmodels, R and by hand; the rank conditions; violations."""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

from boundgen.companions import multisite as room
from boundgen.companions.multisite import from_columns, multisite
from boundgen.companions.multisite.rank_conditions import conditions_of, exact_effects
from boundgen.companions.multisite.report import ASSUMPTIONS
from boundgen.companions.multisite.site_effects import nonlinearity, origin, site_effects, site_level
from boundgen.companions.regression.covariance import cov_type_called
from boundgen.companions.regression.strength import cragg_donald, first_stage, sanderson_windmeijer
from boundgen.companions.regression.two_stage import two_stage
from boundgen.companions.sharp_bounds import natural_effect_bounds
from boundgen.data.columns import columns_of
from boundgen.data.table_columns import read_columns
from boundgen.errors import DataError
from boundgen.pictures.site_effects import site_effects_picture
from boundgen.simulation.multisite_populations import DIRECT, VIOLATIONS, compliance_trial, trial
from support.golden import compare

pandas = pytest.importorskip("pandas")
models = pytest.importorskip("linearmodels.iv")
sm = pytest.importorskip("statsmodels.api")
NAMES = {"outcome": "y", "treatment": "t", "mediators": ("m1", "m2"), "site": "site"}


def _columns(sites: int = 8, units: int = 60, seed: int = 1, violation: str = "none") -> dict[str, np.ndarray]:
    chance = np.random.default_rng(seed)
    found = dict(trial(violation, sites, units, chance).columns)
    n = sites * units
    found["w"] = chance.normal(size=n) + 0.2 * found["m1"]
    found["y"] = found["y"] + 0.5 * found["w"]
    return found | {"school": found["site"] * 6 + chance.integers(0, 6, n), "weight": chance.uniform(0.5, 2, n)}


def study_of(columns, outcome, treatment, mediators, site, covariates=(), weights=None, cov_type=None):
    names = {"Y": outcome, "A": treatment, "M": mediators, "W": covariates, "S": site}
    return room.study_of(columns_of(columns, names, weights), cov_type)


def _find(columns, **options):
    return multisite(columns, **{**NAMES, "bounds": False, **options})


def _dummies(columns):
    return (columns["site"][:, None] == np.unique(columns["site"])).astype(float)


def _library(columns, errors, mediators=("m1", "m2"), further=(), weights=None, model=None):
    """Sites as columns, products as instruments: nothing absorbed."""
    member = _dummies(columns)
    exogenous = np.column_stack([member, *(columns[name] for name in further)])
    m = np.column_stack([columns[name] for name in mediators])
    fit = (model or models.IV2SLS)(columns["y"], exogenous, m, member * columns["t"][:, None], weights=weights)
    kind, clusters = errors if isinstance(errors, tuple) else (errors, None)
    options = {} if clusters is None else {"clusters": columns[clusters]}
    return fit.fit(cov_type=cov_type_called(kind), debiased=True, **options)


# ---------------------------------------------------------------- independent computations
@pytest.mark.parametrize("further", [(), ("w",)])
@pytest.mark.parametrize("errors", ["homoskedastic", "robust", ("cluster", "site"), ("cluster", "school")])
def test_one_step_estimates_are_those_of_linearmodels(errors, further):
    columns = _columns()
    kind, clusters = errors if isinstance(errors, tuple) else (errors, None)
    named = clusters if clusters == "school" else None
    found = _find(columns, cov_type=cov_type_called(kind), clusters=named, covariates=further)
    fit = _library(columns, errors, further=further)
    for j, name in enumerate(NAMES["mediators"]):
        each = found.estimate(f"one_step_{name}")
        assert (each.value, each.error) == pytest.approx((fit.params.iloc[j - 2], fit.std_errors.iloc[j - 2]), abs=1e-8)
    freedom = {None: 480 - 8 - 2 - len(further), "site": 7, "school": 47}[clusters]
    width = stats.t.ppf(0.975, freedom) * each.error
    assert (each.low, each.high) == pytest.approx((each.value - width, each.value + width), abs=1e-8)


def test_weights_are_those_of_linearmodels():
    columns = _columns()
    found = _find(columns, weights="weight", covariates=("w",))
    fit = _library(columns, "robust", further=("w",), weights=columns["weight"])
    for j, name in enumerate(NAMES["mediators"]):
        each = found.estimate(f"one_step_{name}")
        assert (each.value, each.error) == pytest.approx((fit.params.iloc[j - 2], fit.std_errors.iloc[j - 2]), abs=1e-8)


def test_one_step_by_normal_equations():
    columns = _columns(seed=2)
    member = _dummies(columns)
    first = np.column_stack([member, member * columns["t"][:, None]])
    m = np.column_stack([columns["m1"], columns["m2"]])
    fitted = np.column_stack([member, first @ np.linalg.solve(first.T @ first, first.T @ m)])
    inverse = np.linalg.inv(fitted.T @ fitted)
    delta = inverse @ fitted.T @ columns["y"]
    left = columns["y"] - np.column_stack([member, m]) @ delta
    n, k = fitted.shape
    errors = np.sqrt(np.diag(n / (n - k) * inverse @ (fitted.T * left**2) @ fitted @ inverse))
    found = _find(columns)
    for j, name in enumerate(NAMES["mediators"]):
        each = found.estimate(f"one_step_{name}")
        assert (each.value, each.error) == pytest.approx((delta[j - 2], errors[j - 2]), abs=1e-8)


def _by_site(columns, name):
    """Differences of means, site by site."""
    t, site = columns["t"], columns["site"]
    return np.array(
        [
            columns[name][(site == s) & (t == 1)].mean() - columns[name][(site == s) & (t == 0)].mean()
            for s in np.unique(site)
        ]
    )


def test_one_step_is_the_precision_weighted_line_through_site_effects():
    columns = _columns(seed=3)
    beta, gamma = _by_site(columns, "y"), np.column_stack([_by_site(columns, name) for name in ("m1", "m2")])
    shares = np.array([columns["t"][columns["site"] == s].mean() for s in range(8)])
    line = sm.WLS(beta, gamma, weights=60 * shares * (1 - shares)).fit()
    found = _find(columns)
    assert [found.estimate(f"one_step_{m}").value for m in NAMES["mediators"]] == pytest.approx(line.params, abs=1e-8)


def test_site_level_estimates_are_those_of_statsmodels():
    columns = _columns(seed=4)
    beta, gamma = _by_site(columns, "y"), np.column_stack([_by_site(columns, name) for name in ("m1", "m2")])
    fit = sm.OLS(beta, gamma).fit(cov_type="HC3")
    found = _find(columns)
    for j, name in enumerate(NAMES["mediators"]):
        each = found.estimate(f"site_level_{name}")
        assert (each.value, each.error) == pytest.approx((fit.params[j], fit.bse[j]), abs=1e-8)
        width = stats.t.ppf(0.975, 6) * each.error
        assert each.high - each.low == pytest.approx(2 * width, abs=1e-8)


@pytest.mark.parametrize("further", [(), ("w",)])
def test_site_effects_are_one_regression(further):
    """Also with covariates, whose coefficients all sites share: statsmodels, with HC1 errors."""
    columns = _columns(seed=5)
    member = _dummies(columns)
    regressors = [member, *(columns[name] for name in further), member * columns["t"][:, None]]
    rows = _find(columns, covariates=further).tables[0].records()
    for column, value, error in (("y", "β", "β error"), ("m1", "γ m1", "γ m1 error"), ("m2", "γ m2", "γ m2 error")):
        fit = sm.OLS(columns[column], np.column_stack(regressors)).fit(cov_type="HC1")
        assert [row[value] for row in rows] == pytest.approx(fit.params[-8:], abs=1e-8)
        assert [row[error] for row in rows] == pytest.approx(fit.bse[-8:], abs=1e-8)
    assert [row["units"] for row in rows] == [60] * 8


def test_estimates_are_those_of_base_r(tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    columns = _columns(seed=6)
    pandas.DataFrame(columns).to_csv(tmp_path / "data.csv", index=False, float_format="%.17g")
    (tmp_path / "two_stage.R").write_text("""
d <- read.csv("data.csv"); d$site <- factor(d$site)
first <- lm(cbind(m1, m2) ~ site + site:t, d)
d$f1 <- fitted(first)[, 1]; d$f2 <- fitted(first)[, 2]
second <- lm(y ~ 0 + site + f1 + f2, d)
left <- d$y - model.matrix(~ 0 + site + m1 + m2, d) %*% coef(second)
errors <- sqrt(sum(left^2) / second$df.residual * diag(solve(crossprod(model.matrix(second)))))
cat(format(c(coef(second)[c("f1", "f2")], errors[9:10]), digits = 15))
""")
    done = subprocess.run(["Rscript", "two_stage.R"], cwd=tmp_path, capture_output=True, text=True, check=True)
    found = [_find(columns, cov_type="unadjusted").estimate(f"one_step_{name}") for name in NAMES["mediators"]]
    mine = [*(each.value for each in found), *(each.error for each in found)]
    assert mine == pytest.approx([float(word) for word in done.stdout.split()], abs=1e-8)


def test_tables_of_errors_and_estimators():
    columns = _columns(seed=7)
    found = _find(columns, clusters="school")
    tables = {table.name: table.records() for table in found.tables}
    kinds = {
        "homoskedastic": "homoskedastic",
        "robust": "robust",
        "cluster by site": ("cluster", "site"),
        "cluster": ("cluster", "school"),
    }
    for label, errors in kinds.items():
        fit = _library(columns, errors)
        assert [row[label] for row in tables["errors"]] == pytest.approx(list(fit.std_errors.iloc[-2:]), abs=1e-8)
    rows = {(row["estimator"], row["mediator"]): row for row in tables["estimators"]}
    limited = _library(columns, ("cluster", "school"), model=models.IVLIML)
    m = np.column_stack([_dummies(columns), columns["m1"], columns["m2"]])
    plain = sm.OLS(columns["y"], m).fit()
    for j, name in enumerate(NAMES["mediators"]):
        row = rows["limited information (LIML)", name]
        assert (row["value"], row["error"]) == pytest.approx(
            (limited.params.iloc[j - 2], limited.std_errors.iloc[j - 2]), abs=1e-7
        )
        assert rows["least squares", name]["value"] == pytest.approx(plain.params[j - 2], abs=1e-8)


def test_strengths_are_what_their_definitions_say():
    columns = _columns(seed=8)
    study = study_of(columns, "y", "t", ("m1", "m2"), "site")
    stage, member = first_stage(study.design), _dummies(columns)
    full = np.column_stack([member, member * columns["t"][:, None]])

    def f_of(left, free):
        """F of the instruments in the regression of a column, with that many of them free."""
        large, small = sm.OLS(left, full).fit().ssr, sm.OLS(left, member).fit().ssr
        return (small - large) / free / (large / (480 - 16))

    # Cragg-Donald is the least F of all combinations of the mediators.
    least = minimize_scalar(
        lambda angle: f_of(np.cos(angle) * columns["m1"] + np.sin(angle) * columns["m2"], 8),
        bounds=(0, np.pi),
        method="bounded",
        options={"xatol": 1e-10},
    )
    others = min(f_of(np.cos(a) * columns["m1"] + np.sin(a) * columns["m2"], 8) for a in np.linspace(0, np.pi, 60))
    assert cragg_donald(stage) == pytest.approx(least.fun, rel=1e-7)
    assert cragg_donald(stage) <= others
    # Sanderson-Windmeijer: the residual of two-stage least squares on the other mediator.
    for j, (name, other) in enumerate((("m1", "m2"), ("m2", "m1"))):
        fit = models.IV2SLS(columns[name], member, columns[other], member * columns["t"][:, None]).fit()
        left = columns[name] - columns[other] * fit.params.iloc[-1]
        assert sanderson_windmeijer(stage, j) == pytest.approx(f_of(left, 7), rel=1e-8)
    one = study_of(columns, "y", "t", ("m1",), "site")
    single = first_stage(one.design)
    expected = f_of(columns["m1"], 8)
    assert (cragg_donald(single), sanderson_windmeijer(single, 0)) == pytest.approx((expected, expected), rel=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_error_of_the_indirect_effect_is_the_infinitesimal_jackknife(weighted):
    """As many sites as mediators: with more, the sandwich leaves out that the first stage's weights are estimated."""
    columns = _columns(2, 70, 9)
    weights = columns["weight"] / columns["weight"].mean() if weighted else np.ones(140)
    member = _dummies(columns)
    first = np.column_stack([member, member * columns["t"][:, None]])
    m = np.column_stack([columns["m1"], columns["m2"]])
    shares = weights @ member / 140

    def indirect(w):
        inside = np.linalg.solve(first.T * w @ first, first.T * w @ np.column_stack([columns["y"], m]))[2:]
        return shares @ inside[:, 1:] @ np.linalg.solve(inside[:, 1:], inside[:, 0])

    step = 1e-5
    moved = [(indirect(weights + step * e) - indirect(weights - step * e)) / (2 * step) for e in np.eye(140)]
    error = np.sqrt(140 / (140 - 4) * np.sum((weights * np.array(moved)) ** 2))
    found = _find(columns, weights=columns["weight"] if weighted else None).estimate("indirect")
    assert (found.value, found.error) == pytest.approx((indirect(weights), error), rel=1e-6)


def test_tests_of_the_line_are_those_of_statsmodels():
    columns = _columns(9, 50, 10)
    shares = np.array([columns["t"][columns["site"] == s].mean() for s in range(9)])
    beta, gamma = _by_site(columns, "y"), np.column_stack([_by_site(columns, name) for name in ("m1", "m2")])
    weights = 50 * shares * (1 - shares)
    line = sm.WLS(beta, gamma, weights=weights).fit()
    squares = np.column_stack([gamma, gamma[:, 0] ** 2, gamma[:, 0] * gamma[:, 1], gamma[:, 1] ** 2])
    bent = sm.WLS(beta, squares, weights=weights).fit().compare_f_test(line)
    moved = sm.WLS(beta, sm.add_constant(gamma), weights=weights).fit().compare_f_test(line)
    study = study_of(columns, "y", "t", ("m1", "m2"), "site")
    effects = site_effects(study.design, np.full(9, 1 / 9))
    found = nonlinearity(effects)
    assert (found.statistic, found.p) == pytest.approx(bent[:2], abs=1e-8)
    assert (found.terms, found.df) == ("squares and products", (3, 4))
    assert origin(effects).p == pytest.approx(moved[1], abs=1e-8)
    few = site_effects(study_of(_columns(5, 50, 10), "y", "t", ("m1", "m2"), "site").design, np.full(5, 1 / 5))
    assert (nonlinearity(few).terms, nonlinearity(few).df) == ("squares", (2, 1))
    fewer = site_effects(study_of(_columns(4, 50, 10), "y", "t", ("m1", "m2"), "site").design, np.full(4, 1 / 4))
    assert nonlinearity(fewer) is None


# ---------------------------------------------------------------- assumption (ix), exactly
def test_exact_effects_are_differences_of_means():
    chance = np.random.default_rng(11)
    columns = {
        "site": np.repeat(np.arange(4), 12),
        "t": chance.integers(0, 2, 48).astype(float),
        "m1": chance.integers(0, 5, 48) / 10,
        "m2": chance.integers(0, 2, 48).astype(float),
        "y": chance.normal(size=48),
    }
    columns["t"][::6], columns["t"][1::6] = 0, 1
    study = study_of(columns, "y", "t", ("m1", "m2"), "site")
    found = exact_effects(study.treatment, study.mediators, study.sites)
    for s in range(4):
        for j, name in enumerate(("m1", "m2")):
            means = []
            for arm in (1, 0):
                inside = columns[name][(columns["site"] == s) & (columns["t"] == arm)]
                means.append(sum(Fraction(str(value)) for value in inside) / len(inside))
            assert found[s][j] == means[0] - means[1]


def test_exact_effects_of_other_treatments_and_of_weights():
    chance = np.random.default_rng(12)
    columns = _columns(3, 40, 12) | {"t": chance.integers(0, 3, 120).astype(float)}
    study = study_of(columns, "y", "t", ("m1", "m2"), "site", weights="weight")
    found = exact_effects(study.treatment, study.mediators, study.sites, study.sample.weights)
    for s in range(3):
        here = study.sites.codes == s
        fit = sm.WLS(study.mediators[here], sm.add_constant(study.treatment[here]), study.sample.weights[here]).fit()
        assert [float(each) for each in found[s]] == pytest.approx(fit.params[1], abs=1e-10)


def test_the_three_conditions():
    def of(*rows):
        return conditions_of([[Fraction(x) for x in row] for row in rows])

    full = of((1, 0), (2, 0), (0, 3))
    assert (full.rank, full.sufficient, full.independent) == (2, True, (0, 2))
    few = of((1, 2, 3), (4, 5, 7))
    assert (few.enough_sites, few.sufficient, few.rank) == (False, False, 2)
    same = of((1, 2), (1, 2), (1, 2))
    assert (same.enough_vary, same.varying, same.rank) == (False, (False, False), 1)
    alone = of((1, 2), (1, 3), (1, 5))
    assert (alone.enough_vary, alone.varying, alone.sufficient) == (True, (False, True), True)
    third = of((1, 2, 4), (3, 5, 11), (0, 1, 1), (2, 2, 6))
    assert third.dependent == 2
    assert dict(third.multiples) == {0: 2, 1: 1}


def test_rank_is_that_of_sympy():
    sympy = pytest.importorskip("sympy")
    chance = np.random.default_rng(13)
    for _ in range(40):
        rows = chance.integers(-2, 3, size=(int(chance.integers(2, 6)), 3)).tolist()
        found = conditions_of([[Fraction(x, 3) for x in row] for row in rows])
        assert found.rank == sympy.Matrix(rows).rank()
        assert sympy.Matrix([rows[i] for i in found.independent]).rank() == found.rank


def test_a_matrix_without_full_rank_is_refused():
    """Mediators that are not collinear themselves, but whose site effects are: the second is twice the first."""
    t, u = np.tile([0.0, 0, 1, 1], 3), np.tile([0.0, 1, 0, 1], 3)
    site = np.repeat([0, 1, 2], 4)
    columns = {"site": site, "t": t, "m1": t * (site + 1), "m2": 2 * t * (site + 1) + u, "y": np.arange(12.0)}
    with pytest.raises(DataError, match=r"effect of treatment on 'm2' is 2 × that on 'm1' in every site: .* rank 1"):
        _find(columns)
    columns["m2"] = u
    with pytest.raises(DataError, match="the treatment moves the mediator 'm2' in no site"):
        _find(columns)


def test_near_collinearity_is_a_warning():
    found = _find(_columns(12, 200, 14, violation="(ix)"))
    values = {each.name: each for each in found.diagnostics}
    assert values["(ix.c) rank"].value == 2
    assert values["Cragg-Donald F"].warning
    assert values["conditional F, m1"].warning
    assert any(warning.startswith("The instruments are weak: an F of") for warning in found.warnings)
    exact = _columns(6, 50, 14)
    exact["m2"] = 3 * exact["m1"] + 1e-3 * exact["m2"]
    found = _find(exact)
    assert {each.name: each for each in found.diagnostics}["condition number"].value > 100
    assert any("nearly collinear across sites" in warning for warning in found.warnings)


# ---------------------------------------------------------------- populations
def _large(violation: str, seed: int = 15):
    drawn = trial(violation, 60, 400, np.random.default_rng(seed))
    study = study_of(drawn.columns, "y", "t", ("m1", "m2"), "site", cov_type="clustered")
    return drawn.truth, study, two_stage(study.design, "clustered", study.sites)


def test_estimates_are_consistent_where_all_assumptions_hold():
    truth, study, fit = _large("none")
    assert fit.parameters == pytest.approx(truth, abs=0.06)
    level = site_level(site_effects(study.design, np.full(60, 1 / 60)))
    assert level.parameters == pytest.approx(truth, abs=0.06)


@pytest.mark.parametrize("violation", [name for name in VIOLATIONS if name != "none"])
def test_each_violation_shows_a_bias(violation):
    """Except (ix), where what is lost is strength."""
    truth, study, fit = _large(violation)
    if violation == "(ix)":
        assert sanderson_windmeijer(first_stage(study.design), 1) < 10
        return
    assert np.abs(fit.parameters - truth).max() > 0.1
    if violation == "(v)":
        assert fit.parameters[0] == pytest.approx(DIRECT, abs=0.06)
    if violation == "(vii)":
        assert nonlinearity(site_effects(study.design, np.full(60, 1 / 60))).p < 0.001


def test_equation_5_is_what_one_site_shows():
    columns, average, weighted = compliance_trial(40_000, np.random.default_rng(16))
    found = multisite(columns, outcome="y", treatment="t", mediators=["m1"], site="site", bounds=False)
    assert found.estimate("one_step_m1").value == pytest.approx(weighted, abs=0.06)
    assert abs(weighted - average) > 0.4


@pytest.mark.slow
def test_intervals_cover():
    chance, runs, hits = np.random.default_rng(17), 100, np.zeros((2, 2))
    for _ in range(runs):
        drawn = trial("none", 30, 60, chance)
        study = study_of(drawn.columns, "y", "t", ("m1", "m2"), "site", cov_type="clustered")
        fit = two_stage(study.design, "clustered", study.sites)
        level = site_level(site_effects(study.design, np.full(30, 1 / 30)))
        for j, truth in enumerate(drawn.truth):
            low, high = fit.interval(fit.parameters[j], fit.std_errors[j], 0.95)
            hits[0, j] += low <= truth <= high
            hits[1, j] += abs(level.parameters[j] - truth) <= stats.t.ppf(0.975, level.df_resid) * level.std_errors[j]
    assert np.all(hits / runs > 0.87)


# ---------------------------------------------------------------- laws
def test_nothing_depends_on_the_order_of_rows():
    columns = _columns(6, 40, 18)
    order = np.random.default_rng(0).permutation(240)
    turned = {name: column[order] for name, column in columns.items()}
    for options in ({}, {"clusters": "school"}, {"weights": "weight", "covariates": ("w",)}):
        assert _find(columns, **options).json() == _find(turned, **options).json()


def test_units_of_measurement_do_not_matter():
    columns = _columns(seed=19)
    first = _find(columns)
    moved = columns | {"y": 1e3 * columns["y"] + 1e4, "m1": 1e-3 * columns["m1"] + 7, "t": 2 * columns["t"] - 1}
    huge = _find(columns | {"y": 1e90 * columns["y"], "m1": 1e-80 * columns["m1"]}).estimate("site_level_m1")
    assert huge.value == pytest.approx(1e170 * first.estimate("site_level_m1").value, rel=1e-9)
    second = _find(moved)
    factors = {"one_step_m1": 1e6, "one_step_m2": 1e3, "site_level_m1": 1e6, "site_level_m2": 1e3, "indirect": 5e2}
    for name, factor in factors.items():
        one, other = first.estimate(name), second.estimate(name)
        assert (other.value, other.error) == pytest.approx((factor * one.value, factor * one.error), rel=1e-7)
    for one, other in zip(first.diagnostics, second.diagnostics, strict=True):
        assert other.value == pytest.approx(one.value, rel=1e-6)


def test_labels_of_sites_do_not_matter():
    columns = _columns(seed=20)
    first = _find(columns)
    second = _find(columns | {"site": [f"{'qwertzui'[s]} {s}" for s in columns["site"]]})
    for one, other in zip(first.estimates, second.estimates, strict=True):
        assert (other.value, other.error) == pytest.approx((one.value, one.error), abs=1e-9)


def test_assumptions_are_the_nine():
    assert [each.number for each in ASSUMPTIONS] == [f"({n})" for n in "i ii iii iv v vi vii viii ix".split()]
    assert _find(_columns()).assumptions == ASSUMPTIONS
    assert set(VIOLATIONS) == {"none", *(each.number for each in ASSUMPTIONS)}


def test_sharp_bounds_stand_beside_discrete_effects():
    columns = _columns(seed=21)
    discrete = columns | {"y": (columns["y"] > 0).astype(float), "m1": (columns["m1"] > 0).astype(float)}
    found = multisite(discrete, **{**NAMES, "mediators": ("m1",)})
    # Arms with equal shares in every site: each unit counts for its site, whatever its arm's size.
    cells = pandas.DataFrame(discrete)
    weights = 1 / cells.groupby(["site", "t"])["y"].transform("size").to_numpy() * 60
    plain, _ = natural_effect_bounds(discrete["t"], discrete["m1"], discrete["y"], weights)
    expected = {b.estimand: (b.lower, b.upper) for b in plain if b.assumptions == "randomization"}
    shown = {b.assumptions: (b.lower, b.upper) for b in found.bounds}
    assert shown["randomization, δ(0)"] == pytest.approx(expected["delta0"], abs=1e-12)
    assert shown["randomization, δ(1)"] == pytest.approx(expected["delta1"], abs=1e-12)
    assert "monotonic mediator response, δ(1)" in shown
    discrete["m2"] = (columns["m2"] > 0).astype(float)
    both = multisite(discrete, **NAMES)
    assert {b.assumptions for b in both.bounds} == {"randomization, δ(0)", "randomization, δ(1)"}
    assert {b.estimand for b in both.bounds} == {"indirect"}
    assert "treatment is not 0 and 1" in multisite(discrete | {"t": 2 * discrete["t"]}, **NAMES).no_bounds
    assert "too many principal strata" in multisite(columns, **NAMES).no_bounds


def test_golden_text():
    """What people read: estimates beside bounds, assumptions, diagnostics, warnings, tables."""
    columns = _columns(6, 60, 21)
    discrete = columns | {name: (columns[name] > 0).astype(float) for name in ("y", "m1", "m2")}
    found = multisite(discrete, **NAMES).text()
    compare("companions_multisite.txt", found)


def test_latex_is_ascii():
    text = _find(_columns(seed=26), mediators=("m1",)).latex()
    assert text.isascii()
    assert "indirect effect & " in text


def test_columns_of_a_file(tmp_path):
    columns = _columns(5, 40, 22)
    file = tmp_path / "trial.csv"
    pandas.DataFrame(columns).to_csv(file, index=False, float_format="%.17g")
    data = read_columns(str(file), columns="A=t,M=m1,M=m2,Y=y,S=site,W=w,C=school")
    found = from_columns(data)
    same = multisite(columns, **NAMES, covariates=("w",), clusters="school")
    assert found.estimates == same.estimates


def test_site_effects_are_drawn():
    found = _find(_columns(seed=23))
    figure = site_effects_picture(found, found.tables[0], "multisite")
    assert [axes.get_xlabel() for axes in figure.axes] == ["effect of treatment on m1", "effect of treatment on m2"]
    for j, axes in enumerate(figure.axes):
        (line,) = [each for each in axes.lines if each.get_gid() == "line"]
        rise, run = np.ptp(line.get_ydata()), np.ptp(line.get_xdata())
        assert rise / run == pytest.approx(abs(found.estimates[j].value), abs=1e-9)
        (points,) = [each for each in axes.collections if each.get_gid() == "sites"]
        assert len(points.get_offsets()) == 8
    names = [f"m{i}" for i in range(7)]
    chance = np.random.default_rng(1)
    wide = _columns(seed=23) | {name: chance.normal(size=480) for name in names}
    many = multisite(wide, **{**NAMES, "mediators": names}, bounds=False)
    with pytest.raises(DataError, match="7 mediators are too many for a picture"):
        site_effects_picture(many, many.tables[0])


# ---------------------------------------------------------------- warnings and refusals
def test_what_is_doubtful_is_said():
    bent = " ".join(_find(_columns(40, 200, 24, "(vii)")).warnings)
    assert "Site effects do not lie along a line" in bent
    assert "assumption (vii) is doubtful" in bent
    assert "Errors clustered by site allow for differences" in bent
    clustered = " ".join(_find(_columns(40, 200, 24, "(vii)"), cov_type="clustered").warnings)
    assert "Errors clustered by site allow for differences" not in clustered
    shortcut = " ".join(_find(_columns(40, 300, 24, "(ii)")).warnings)
    assert "does not pass through the origin" in shortcut
    equal = _find(_columns(2, 60, 24))
    assert "2 sites for 2 mediators fit without a rest" in " ".join(equal.warnings)
    assert equal.estimate("site_level_m1").error is None
    few = " ".join(_find(_columns(6, 60, 24), cov_type="clustered").warnings)
    assert "There are 6 sites" in few
    assert "There are 6 clusters, too few to trust clustered errors" in few
    assert "The smallest arm of a site has" in " ".join(_find(_columns(20, 8, 33)).warnings)


def test_one_mediator_has_an_anderson_rubin_set():
    columns = _columns(seed=25)
    for errors, kind in (("homoskedastic", "Anderson-Rubin"), ("robust", "Anderson-Rubin, robust")):
        found = _find(columns, mediators=("m1",), cov_type=cov_type_called(errors)).estimate("one_step_m1")
        assert [each.kind for each in found.others] == [kind]
    assert _find(columns, mediators=("m1",), cov_type="clustered").estimate("one_step_m1").others == ()


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, {"mediators": ()}, "no mediator is named"),
        ({}, {"site": "place"}, "there is no column 'place'"),
        ({}, {"mediators": ("m1", "m1")}, "column 'm1' is named twice"),
        ({"site": 0}, {}, "fewer sites than mediators: 1 and 2\n  Assumption (.*ix.b)"),
        ({"t": 1.0}, {}, "column 't' is 1 in every unit"),
        ({"t": "late"}, {}, r"the treatment 't' does not vary in 2 of 8 sites: '0', '1'\n  An arm is empty there"),
        ({"y": "m1"}, {}, r"the outcome is a linear combination of 'm1', without any rest\n  Nothing is left"),
        ({"m2": "m1"}, {}, "'m2' is a linear combination of 'm1': perfect collinearity"),
        ({"w": "t"}, {"covariates": ("w",)}, "'t in site 7' is a linear combination of 'w'"),
        ({"w": "site"}, {"covariates": ("w",)}, "the covariate 'w' is the same for all units of a site"),
        ({"y": np.nan}, {}, "the column 'y' has missing or infinite values"),
        ({"m1": "text"}, {}, "the column 'm1' is not a column of numbers"),
        ({"site": None}, {}, "column 'site' misses 480 values"),
        ({"school": 1}, {"clusters": "school"}, "there is one cluster"),
        ({}, {"cov_type": "HC9"}, "'HC9' is no kind of errors"),
        ({}, {"cov_type": "unadjusted", "weights": "weight"}, "weights make errors heteroskedastic"),
        ({"site": "halves"}, {"cov_type": "clustered"}, "2 sites for 2 mediators fit without a rest.*would be zero"),
        ({}, {"level": 0.0}, "0 is not a level of confidence"),
        ({"weight": -1.0}, {"weights": "weight"}, "a weight is zero or negative"),
    ],
)
def test_what_cannot_be_used_is_refused(changes, options, message):
    columns = _columns()
    columns["halves"] = columns["site"] // 4
    columns["late"] = columns["t"] * (columns["site"] > 1)
    for name, value in changes.items():
        held = columns[value] if isinstance(value, str) and value in columns else np.array([value] * 480, dtype=object)
        columns[name] = held
    with pytest.raises(DataError, match=message):
        _find(columns, **options)
