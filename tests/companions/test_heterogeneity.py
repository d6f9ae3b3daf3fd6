"""Mediation from heterogeneous effects (Fu 2023)."""

from __future__ import annotations

import json
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import SimpleNamespace

import numpy as np
import pytest
import statsmodels.api as sm
from linearmodels.iv import IV2SLS

from boundgen.companions import heterogeneity as room
from boundgen.companions.heterogeneity.bces import bces, bces_rows, resample
from boundgen.companions.heterogeneity.simex import NOISE_LEVELS, simex
from boundgen.companions.heterogeneity.subgroups import individual, subgroup_effects, tree_subgroups
from boundgen.companions.sharp_bounds import natural_effect_bounds
from boundgen.errors import DataError
from boundgen.simulation.group_populations import GroupPopulation
from support.golden import compare
from support.paths import TESTS


def heterogeneity(g, t, u, v, cov_uv=None, names=None, **options):
    columns = {"gamma_hat": g, "tau_hat": t, "sd_u": u, "sd_v": v, "cov": cov_uv, "name": names}
    said = {part: name for part, name in (("cov_uv", "cov"), ("group", "name")) if columns[name] is not None}
    return room.heterogeneity(columns, **said, **options)


def heterogeneity_units(labels, a, m, y, **options):
    return room.heterogeneity_units({"S": labels, "A": a, "M": m, "Y": y}, **options)


def population(groups=40, beta=2.0, noise=0.3, seed=3):
    chance = np.random.default_rng(seed)
    gamma = chance.normal(2, 1, groups)
    tau = 4 + beta * gamma + chance.normal(size=groups)
    u, v = (noise * chance.gamma(1, 1, groups) + 0.01 for _ in range(2))
    return gamma + u * chance.normal(size=groups), tau + v * chance.normal(size=groups), u, v


def units(seed=5, n=600, groups=6):
    chance = np.random.default_rng(seed)
    which, a = np.arange(n) % groups, chance.integers(0, 2, n).astype(float)
    hidden = chance.normal(size=n)
    m = (which - 2.0) * a + hidden
    y = 1.5 * m + a + 2 * hidden + chance.normal(size=n)
    return [f"g{k}" for k in which], a, m, y


def test_least_squares_is_that_of_statsmodels():
    g, t, u, v = population()
    fit = sm.OLS(t, sm.add_constant(g)).fit()
    found = heterogeneity(g, t, u, v, draws=0).estimate("beta_ols")
    assert (found.value, found.error) == pytest.approx((fit.params[1], fit.bse[1]), abs=1e-8)
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int()[1]), abs=1e-8)


def test_bces_is_the_formula_of_akritas_and_bershady():
    g, t, u, _ = population()
    k, mean = len(g), sum(g) / len(g)
    below = sum((x - mean) ** 2 for x in g) - sum(u**2)
    slope = sum((x - mean) * y for x, y in zip(g, t, strict=True)) / below
    intercept = sum(t) / k - slope * mean
    xi = [
        ((x - mean) * (y - slope * x - intercept) + slope * s**2) / (below / k) for x, y, s in zip(g, t, u, strict=True)
    ]
    error = (sum((each - sum(xi) / k) ** 2 for each in xi) / k / k) ** 0.5
    found = bces(g, t, u)
    assert (found.slope, found.intercept, found.error) == pytest.approx((slope, intercept, error), abs=1e-8)


def test_bces_without_errors_is_least_squares():
    g, t, u, _ = population()
    assert bces(g, t, 0 * u).slope == pytest.approx(np.polyfit(g, t, 1)[0], abs=1e-8)


def test_simex_is_the_same_by_a_loop_of_regressions():
    g, t, u, _ = population(12)
    noise = np.random.default_rng(4).standard_normal((50, 12)) * u
    means = [np.mean([np.polyfit(g + level**0.5 * each, t, 1)[0] for each in noise]) for level in NOISE_LEVELS]
    expected = np.polyval(np.polyfit(NOISE_LEVELS, means, 2), -1)
    assert simex(g, t, u, 4, 50).slope == pytest.approx(expected, abs=1e-8)


def test_bces_has_no_bias_where_least_squares_has():
    g, t, u, v = population(4000, noise=0.5)
    found = heterogeneity(g, t, u, v, draws=0)
    assert found.estimate("beta_bces").value == pytest.approx(2, abs=0.12)
    assert found.estimate("beta_ols").value < 1.6


def test_the_printed_variance_is_too_large_and_the_default_is_not():
    """Equation (24) against Akritas and Bershady at a slope of 2."""
    chance = np.random.default_rng(6)
    gamma, u = chance.normal(2, 1, (1500, 200)), chance.gamma(1, 0.3, (1500, 200))
    tau = 4 + 2 * gamma + chance.normal(size=gamma.shape)
    seen = gamma + u * chance.normal(size=gamma.shape)
    covered, spread = {}, {}
    for form in ("akritas-bershady", "printed"):
        slopes, errors = bces_rows(seen, tau, u, 0 * u, form)
        covered[form] = np.mean(np.abs(slopes - 2) < 1.96 * errors)
        spread[form] = np.median(errors) / slopes.std()
    assert 0.9 < covered["akritas-bershady"] < 0.97 < covered["printed"]
    assert spread["akritas-bershady"] < 1.1 < 1.5 < spread["printed"]


def test_order_units_and_labels_do_not_matter():
    g, t, u, v = population()
    found = heterogeneity(g, t, u, v, draws=100)
    order = np.random.default_rng(0).permutation(len(g))
    again = heterogeneity(*(c[order] for c in (g, t, u, v)), names=[f"site {k}" for k in order], draws=100)
    assert again.estimates == found.estimates
    assert again.diagnostics == found.diagnostics
    scaled = heterogeneity(10 * g, 3 * t, 10 * u, 3 * v, draws=100)
    for one, other in zip(found.estimates, scaled.estimates, strict=True):
        factor = 3 if one.name == "indirect" else 0.3
        assert (other.value, other.error) == pytest.approx((factor * one.value, factor * one.error), rel=1e-8)
    assert heterogeneity(g, t, u, v, seed=2, draws=100).estimates != found.estimates


def test_indirect_effects_are_the_slope_times_the_effect():
    g, t, u, v = population(10)
    found = heterogeneity(g, t, u, v, base="bces", draws=0)
    slope = found.estimate("beta_bces").value
    for row in found.tables[0].records():
        assert row["indirect"] == pytest.approx(slope * row["gamma_hat"], abs=1e-8)
        assert row["share of total"] == pytest.approx(row["indirect"] / row["tau_hat"], abs=1e-8)


def test_subgroup_effects_are_regressions_with_hc2_errors():
    labels, a, m, y = units()
    found = subgroup_effects(labels, a, m, y)
    for k, name in enumerate(found.names):
        here = np.array(labels) == name
        fit = sm.OLS(m[here], sm.add_constant(a[here])).fit(cov_type="HC2")
        assert (found.gamma[k], found.sd_u[k]) == pytest.approx((fit.params[1], fit.bse[1]), abs=1e-8)


def test_the_individual_estimator_is_a_k_class_of_its_parts():
    """Of reduced forms: slope = (M'Y - κ M'Q Y) / (M'M - κ M'Q M), from residuals of statsmodels; κ = 1 is 2SLS."""
    labels, a, m, y = units()
    within = np.column_stack([np.array(labels) == name for name in sorted(set(labels))]).astype(float)
    w, z = np.column_stack([within, a]), (within * a[:, None])[:, 1:]
    mw, yw = (sm.OLS(c, w).fit().resid for c in (m, y))
    mq, yq = (sm.OLS(c, np.column_stack([w, z])).fit().resid for c in (m, y))
    n, fixed, excluded = len(a), 7, 5
    kappa = (1 - fixed / n) / (1 - fixed / n - excluded / n)
    expected = (mw @ yw - kappa * mq @ yq) / (mw @ mw - kappa * mq @ mq)
    assert individual(labels, a, m, y).slope == pytest.approx(expected, abs=1e-8)
    plain = IV2SLS(y, w, m, z).fit().params.iloc[-1]
    assert (mw @ yw - mq @ yq) / (mw @ mw - mq @ mq) == pytest.approx(plain, abs=1e-8)
    assert expected == pytest.approx(1.5, abs=0.15)  # least squares of Y on M has the hidden cause in it
    assert heterogeneity_units(labels, a, m, y, draws=0).estimate("beta_individual").value == pytest.approx(expected)


G, U = [1.0, 2.0, 3.0, 5.0], [0.1] * 4


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ((G, G, [0.1, 0, 0.1, 0.1], U), "1 standard errors in sd_u are zero or negative"),
        ((G, G, U, [-1, -1, 0.1, 0.1]), "2 standard errors in sd_v are zero or negative"),
        ((G[:3], G[:3], U[:3], U[:3]), "3 groups"),
        (([2.0] * 4, G, U, U), "gamma_hat is 2 in every group"),
        (([1, 2, 3, float("nan")], G, U, U), "column 'gamma_hat' has missing or infinite values"),
        ((["a", 1, 2, 3], G, U, U), "column 'gamma_hat' is not a column of numbers"),
    ],
)
def test_bad_effects(columns, message):
    with pytest.raises(DataError, match=message):
        heterogeneity(*columns)


def test_bces_without_a_positive_denominator_is_refused_with_the_figures():
    found = heterogeneity(G, [3.0, 5.0, 6.0, 11.0], [2.0] * 4, U, draws=50)
    assert [each.name for each in found.estimates] == ["beta_ols", "beta_simex", "indirect"]
    assert any("denominator of (23) is -7.25, which is not positive" in each for each in found.warnings)
    with pytest.raises(DataError, match=r"8\.75 and that of its standard errors 16"):
        heterogeneity(G, G, [2.0] * 4, U, base="bces")


def test_small_subgroups_are_refused():
    labels, a, m, y = units()
    with pytest.raises(DataError, match="fewer than two units in an arm: alone"):
        heterogeneity_units(["alone", *labels[1:]], a, m, y)


def test_command(run, tmp_path):
    rows = zip(*population(35), strict=True)
    text = "gamma_hat,tau_hat,sd_u,sd_v\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    (tmp_path / "effects.csv").write_text(text)
    words = ("--draws", "50", "--format", "json", "--plot", "x.svg", "--draw", "indirect")
    found = run("mediate", "heterogeneity", "effects.csv", *words)
    assert found.status == 0, found.err
    assert json.loads(found.out)["estimates"][2]["others"][0]["kind"] == "pairs bootstrap percentile-t"
    assert "beta_bces" in (tmp_path / "x.svg").read_text()
    bad = run("mediate", "heterogeneity", "jobs")
    assert (bad.status, bad.out) == (2, "")
    assert "heterogeneity needs subgroups S, or covariates X" in bad.err


def test_command_with_a_tree(run, tmp_path):
    chance = np.random.default_rng(8)
    x, z, a = chance.normal(size=3000), chance.normal(size=3000), chance.integers(0, 2, 3000)
    m = a * (2 * (x > 0) + 3 * (z > 0)) + chance.normal(size=3000)
    text = "A,x,z,M,Y\n" + "".join(f"{i},{j},{h},{k},{2 * k}\n" for i, j, h, k in zip(a, x, z, m, strict=True))
    (tmp_path / "units.csv").write_text(text)
    found = run("mediate", "heterogeneity", "units.csv", "--map", "X=x,X=z", "--draws", "0")
    assert found.status == 0, found.err
    assert "a causal tree (boundgen), grown on the other half" in found.out


# ---------------------------------------------------------------- errors that go along
def test_bces_takes_the_covariance_of_errors_out_of_the_numerator():
    g, t, u, v = population(30)
    cov, k, mean = 0.6 * u * v, 30, sum(g) / 30
    below = sum((x - mean) ** 2 for x in g) - sum(u**2)
    slope = (sum((x - mean) * y for x, y in zip(g, t, strict=True)) - sum(cov)) / below
    intercept = sum(t) / k - slope * mean
    xi = [
        ((x - mean) * (y - slope * x - intercept) - c + slope * s**2) / (below / k)
        for x, y, s, c in zip(g, t, u, cov, strict=True)
    ]
    error = (sum((each - sum(xi) / k) ** 2 for each in xi) / k / k) ** 0.5
    found = bces(g, t, u, cov)
    assert (found.slope, found.intercept, found.error) == pytest.approx((slope, intercept, error), abs=1e-8)
    assert found.slope != pytest.approx(bces(g, t, u).slope, abs=1e-3)


def test_slopes_are_consistent_where_errors_go_along():
    """Both errors have a common part; without its covariance both slopes are off by more than twice the tolerance."""
    chance = np.random.default_rng(2)
    gamma, u = chance.normal(2, 1, 8000), chance.gamma(1, 0.2, 8000) + 0.01
    v, z = 3 * u, chance.normal(size=8000)
    seen = gamma + u * z
    tau = 4 + 2 * gamma + chance.normal(size=8000) + v * (0.8 * z + 0.6 * chance.normal(size=8000))
    with_it = heterogeneity(seen, tau, u, v, cov_uv=0.8 * u * v, draws=0)
    without = heterogeneity(seen, tau, u, v, draws=0)
    for name in ("beta_bces", "beta_simex"):
        assert with_it.estimate(name).value == pytest.approx(2, abs=0.04)
        assert without.estimate(name).value - with_it.estimate(name).value > 0.08
    assert with_it.estimate("beta_ols") == without.estimate("beta_ols")


def test_the_wild_test_keeps_its_level_where_errors_go_along():
    chance, rejected = np.random.default_rng(7), []
    for seed in range(200):
        gamma, u, z = chance.normal(2, 1, 40), chance.gamma(1, 0.3, 40) + 0.01, chance.normal(size=40)
        tau = 4 + chance.normal(size=40) + 2 * u * z
        rejected.append(resample(gamma + u * z, tau, u, 0.95, seed, 99, 2 * u**2).p_wild <= 0.05)
    assert np.mean(rejected) < 0.1


def test_units_have_the_covariance_of_their_errors():
    labels, a, m, y = units()
    found = subgroup_effects(labels, a, m, y)
    here = np.array(labels) == found.names[2]
    expected = sum(
        np.cov(m[here & (a == arm)], y[here & (a == arm)])[0, 1] / (here & (a == arm)).sum() for arm in (0, 1)
    )
    assert found.cov[2] == pytest.approx(expected, abs=1e-8)


def test_slopes_of_units_are_those_of_the_population():
    """Mediator and outcome are confounded; the least-squares slope of groups is drawn towards that."""
    labels, a, m, y = GroupPopulation(400).units(40, np.random.default_rng(4))
    found = heterogeneity_units(labels, a, m, y, draws=0, bounds=False)
    for name in ("beta_simex", "beta_bces", "beta_individual"):
        assert found.estimate(name).value == pytest.approx(2, abs=0.12)
    assert {d.name: d.value for d in found.diagnostics}["correlation of errors"] > 0.5


@pytest.mark.parametrize(
    ("population", "biased"), [(GroupPopulation(100), False), (GroupPopulation(100, direct=0.7), True)]
)
def test_intervals_cover_where_the_assumptions_hold(population, biased):
    chance, covered = np.random.default_rng(9), {"beta_simex": [], "beta_bces": []}
    for _ in range(60):
        found = heterogeneity(*population.effects(chance), draws=0)
        for name, hits in covered.items():
            one = found.estimate(name)
            hits.append(one.low <= 2 <= one.high)
    for hits in covered.values():
        assert np.mean(hits) < 0.5 if biased else np.mean(hits) > 0.85


# ---------------------------------------------------------------- sharp bounds beside
def discrete(seed=1, n=2400):
    """Twelve subgroups of unequal size; mediator and outcome are binary and confounded."""
    chance = np.random.default_rng(seed)
    which = chance.choice(12, n, p=np.arange(1, 13) / 78)
    a, hidden = chance.integers(0, 2, n).astype(float), chance.random(n)
    m = (hidden < 0.2 + 0.05 * which * a).astype(float)
    y = (hidden + 0.5 * m + 0.2 * chance.random(n) > 0.8).astype(float)
    return [f"g{k}" for k in which], a, m, y


def test_sharp_bounds_are_of_the_mean_over_groups():
    labels, a, m, y = discrete()
    found = heterogeneity_units(labels, a, m, y, draws=0)
    assert {each.estimand for each in found.bounds} == {"indirect"}
    assert len(found.bounds) == 4
    # An independent way to the same shares: cells' shares in each group and arm, and their plain mean over groups.
    names = np.array(labels)
    shares = {
        (arm, i, j): np.mean([((m == i) & (y == j))[(names == g) & (a == arm)].mean() for g in sorted(set(labels))])
        for arm in (0, 1)
        for i in (0, 1)
        for j in (0, 1)
    }
    rows = [key for key in shares for _ in range(round(shares[key] * 100000))]
    table = np.array(rows, dtype=float)
    expected, _ = natural_effect_bounds(table[:, 0], table[:, 1], table[:, 2])
    by_name = {each.assumptions: each for each in found.bounds}
    for each in expected:
        if each.estimand == "delta0":
            beside = by_name[f"{each.assumptions}, δ(0)"]
            assert (beside.lower, beside.upper) == pytest.approx((each.lower, each.upper), abs=1e-4)
    assert not heterogeneity_units(labels, a, m, y, draws=0, bounds=False).bounds


def test_fine_mediators_have_no_sharp_bounds_and_are_told_how_to_be_cut():
    labels, a, m, y = units()
    found = heterogeneity_units(labels, a, m, y, draws=0)
    assert not found.bounds
    assert "--dichotomize" in found.no_bounds


# ---------------------------------------------------------------- what people read
def written(path, labels, a, m, y):
    rows = zip(labels, a, m, y, strict=True)
    path.write_text("S,A,M,Y\n" + "".join(f"{s},{i:g},{j:g},{k:g}\n" for s, i, j, k in rows))


def test_golden_text(run, tmp_path):
    written(tmp_path / "units.csv", *discrete())
    found = run("mediate", "heterogeneity", "units.csv", "--draws", "0", "--base", "bces")
    assert (found.status, found.err) == (0, "")
    compare("companions_heterogeneity.txt", found.out)


def test_latex_and_csv(run, tmp_path):
    written(tmp_path / "units.csv", *discrete())
    latex = run("mediate", "heterogeneity", "units.csv", "--draws", "0", "--format", "latex")
    assert r"\begin{tabular}" in latex.out
    assert latex.out.isascii()
    assert r"mean $\beta$$\cdot$$\gamma$$_{k}$" in latex.out
    table = run("mediate", "heterogeneity", "units.csv", "--draws", "0", "--format", "csv")
    assert "beta_individual" in table.out


def test_options_of_other_methods_are_refused(run):
    found = run("mediate", "ignorability", "boundsdata", "--base", "ols")
    assert (found.status, found.out) == (2, "")
    assert "--base and --tree are for heterogeneity." in found.err


def test_the_covariance_is_a_column(run, tmp_path):
    g, t, u, v = population(35)
    cov = 0.5 * u * v
    rows = zip(g, t, u, v, cov, strict=True)
    head = "gamma_hat,tau_hat,sd_u,sd_v,cov_uv\n"
    (tmp_path / "effects.csv").write_text(head + "".join(",".join(map(str, row)) + "\n" for row in rows))
    found = run("mediate", "heterogeneity", "effects.csv", "--draws", "0", "--format", "json")
    estimates = {each["name"]: each["value"] for each in json.loads(found.out)["estimates"]}
    assert estimates["beta_bces"] == pytest.approx(bces(g, t, u, cov).slope, abs=1e-8)
    with pytest.raises(DataError, match="35 covariances in cov_uv are beyond sd_u times sd_v"):
        heterogeneity(g, t, u, v, cov_uv=2 * u * v)


@pytest.mark.skipif(find_spec("econml") is None, reason="econml is an extra")
def test_the_tree_of_econml_finds_the_groups():
    x, treated, m = moderated()
    units_of, labels = tree_subgroups(x, treated, m, 1, "econml")
    assert 4 <= len(set(labels)) <= 8
    # Leaves are those of the four quadrants: within one of them the effect is the same.
    for leaf in set(labels):
        inside = x[units_of][np.array(labels) == leaf] > 0
        assert np.all(np.mean(inside, axis=0) < 0.1) or inside.shape[0] < 1200


def moderated(n=3000):
    chance = np.random.default_rng(8)
    x, treated = chance.normal(size=(n, 2)), chance.integers(0, 2, n).astype(float)
    return x, treated, treated * (2 * (x[:, 0] > 0) + 3 * (x[:, 1] > 0)) + chance.normal(size=n)


def test_trees():
    x, treated, m = moderated()
    with pytest.raises(DataError, match=r"there is no tree 'oak'"):
        tree_subgroups(x, treated, m, 1, "oak")
    units_of, labels = tree_subgroups(x, treated, m, 1)
    order = np.random.default_rng(0).permutation(len(m))
    again, same = tree_subgroups(x[order], treated[order], m[order], 1)
    assert sorted(labels) == sorted(same)
    assert sorted(m[units_of]) == sorted(m[order][again])


# ---------------------------------------------------------------- in full: `make simulate`, `make fu-table`
def script(name):
    spec = spec_from_file_location(name, TESTS / "benchmarks" / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_fu_table_at_small_size(capsys):
    table = script("fu_table")
    table.main(2, 6, 19)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 + 40 + 2
    assert lines[-1].startswith("Of 35 printed numbers ")


def test_fu_table_judges():
    table = script("fu_table")
    rates = np.array([[0, 1] * 50] * 9 + [[0, 0, 0, 1] * 25], dtype=float)
    assert [table.line_of(rates, stated)[1] for stated in (0.5, 0.3, 0.9, None)] == [
        "agrees", "possible", "DISAGREES", ""
    ]  # fmt: skip


def test_the_simulation_at_small_size():
    study = script("simulate_heterogeneity")
    options = SimpleNamespace(replications=3, seed=1, draws=0, size=40)
    rows = study._study("units, assumptions hold", study.UNITS["units, assumptions hold"], options)
    assert [row[0] for row in rows] == ["beta_ols", "beta_simex", "beta_bces", "beta_individual"]


def test_a_tree_without_groups(run, tmp_path):
    chance = np.random.default_rng(8)
    rows = "".join(f"{i % 2},{chance.normal()},{chance.normal()},{chance.normal()}\n" for i in range(60))
    (tmp_path / "units.csv").write_text("A,x,M,Y\n" + rows)
    found = run("mediate", "heterogeneity", "units.csv", "--map", "X=x")
    assert (found.status, found.out) == (2, "")
    assert "the causal tree finds no subgroups with different effects on the mediator" in found.err


def test_given_subgroups_come_before_a_tree(run, tmp_path):
    labels, a, m, y = units()
    rows = zip(labels, a, m, y, strict=True)
    text = "S,A,M,Y,X\n" + "".join(f"{s},{i:g},{j},{k},{n % 5}\n" for n, (s, i, j, k) in enumerate(rows))
    (tmp_path / "units.csv").write_text(text)
    found = run("mediate", "heterogeneity", "units.csv", "--draws", "0")
    assert found.status == 0, found.err
    assert "subgroups are given, so that no tree looks for them in X" in found.out
    assert (
        "heterogeneity does not use the covariate X" in run("mediate", "heterogeneity", "units.csv", "--map", "X=X").err
    )
