"""Fu's further designs: types of treatment with one control arm, an instrument (28), Remark 1, his Figures 6 and 8."""

from __future__ import annotations

import numpy as np
import pytest

from boundgen import mediate
from boundgen.companions.heterogeneity.designs import instrumented_effects, treatment_effects
from boundgen.companions.heterogeneity.remark import remark_table
from boundgen.companions.heterogeneity.subgroups import Effects, subgroup_effects
from boundgen.companions.mediate import Settings
from boundgen.errors import DataError
from support.command import Run

pandas = pytest.importorskip("pandas")
sm = pytest.importorskip("statsmodels.api")
NO_DRAWS = Settings(draws=0)


def _types(seed: int, types: int = 12, units: int = 60):
    """Types of treatment that move M by 0 to 2, with β = 1.5 and a direct effect of 0.3; one control arm of 60."""
    chance = np.random.default_rng(seed)
    a = np.repeat(np.arange(types + 1.0), units)
    hidden = chance.normal(size=len(a))
    moved = np.where(a > 0, 2 * (a - 1) / (types - 1), 0)
    m = moved + 0.5 * hidden + 0.3 * chance.normal(size=len(a))
    y = 1.5 * m + 0.3 * (a > 0) + hidden
    return pandas.DataFrame({"A": a, "M": m, "Y": y})


def test_effects_share_the_error_of_the_control_arm():
    frame = _types(1)
    effects, shared = treatment_effects(*(frame[name].to_numpy() for name in "AMY"), "A")
    m = [frame.M[a == frame.A] for a in range(13)]
    assert effects.names[0] == "A=1"
    assert effects.gamma == pytest.approx([each.mean() - m[0].mean() for each in m[1:]])
    assert effects.sd_u**2 == pytest.approx([each.var() / 60 for each in m[1:]])
    assert shared.of_mediator == pytest.approx(m[0].var() / 60)


def test_a_shift_of_the_control_arm_moves_no_slope():
    frame = _types(2)
    shifted = frame.copy()
    shifted.M += 0.7 * (shifted.A == 0)
    shifted.Y -= 2.0 * (shifted.A == 0)
    first, second = (mediate("heterogeneity", each, settings=NO_DRAWS) for each in (frame, shifted))
    for name in ("beta_ols", "beta_simex", "beta_bces"):
        assert second.estimate(name).value == pytest.approx(first.estimate(name).value, abs=1e-8)
        assert second.estimate(name).error == pytest.approx(first.estimate(name).error, abs=1e-8)


def test_the_error_of_the_mean_indirect_effect_knows_what_effects_share():
    values, errors = [], []
    for seed in range(80):
        found = mediate("heterogeneity", _types(100 + seed), settings=Settings(draws=0, base="bces")).estimate(
            "indirect"
        )
        values.append(found.value)
        errors.append(found.error)
    assert np.mean(values) == pytest.approx(1.5, abs=0.08)
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.35)


def test_an_instrument_that_is_obeyed_gives_differences_of_means():
    chance = np.random.default_rng(3)
    n, labels = 800, [f"g{k}" for k in np.tile(np.arange(8), 100)]
    z = chance.integers(0, 2, n).astype(float)
    m, y = chance.normal(size=n) + z, chance.normal(size=n) - z
    obeyed, plain = instrumented_effects(labels, z, z, m, y), subgroup_effects(labels, z, m, y)
    assert obeyed.gamma == pytest.approx(plain.gamma)
    assert obeyed.tau == pytest.approx(plain.tau)
    assert obeyed.sd_u == pytest.approx(plain.sd_u, rel=0.05)


def test_ratios_are_those_of_two_stage_least_squares():
    models = pytest.importorskip("linearmodels.iv")
    chance = np.random.default_rng(4)
    z = chance.integers(0, 2, 500).astype(float)
    t = (chance.random(500) < 0.2 + 0.5 * z).astype(float)
    m, y = t + chance.normal(size=500), 2 * t + chance.normal(size=500)
    found = instrumented_effects(["one"] * 500, z, t, m, y)
    for column, value, error in ((m, found.gamma[0], found.sd_u[0]), (y, found.tau[0], found.sd_v[0])):
        fit = models.IV2SLS(column, np.ones(500), t, z).fit(cov_type="robust", debiased=True)
        assert (value, error) == pytest.approx((fit.params.iloc[1], fit.std_errors.iloc[1]), rel=1e-8)


def test_the_slope_is_recovered_where_the_treatment_is_confounded(run: Run, tmp_path, monkeypatch):
    chance = np.random.default_rng(5)
    group, z, hidden = np.repeat(np.arange(40), 400), np.tile([0.0, 1.0], 8000), chance.normal(size=16000)
    t = (2 * z + hidden + chance.normal(size=16000) > 1).astype(float)
    m = t * group / 10 + 0.4 * hidden + 0.5 * chance.normal(size=16000)
    y = 1.5 * m + 0.4 * t + 0.8 * hidden
    frame = pandas.DataFrame({"A": t, "Z": z, "M": m, "Y": y, "S": [f"g{k}" for k in group]})
    found = mediate("heterogeneity", frame, settings=NO_DRAWS)
    assert found.assumptions[-1].number == "(28)"
    one = found.estimate("beta_bces")
    assert abs(one.value - 1.5) < 3 * one.error
    assert one.error < 0.3
    monkeypatch.chdir(tmp_path)
    frame.assign(Z=1.0).to_csv("same.csv", index=False)
    refused = run("mediate", "heterogeneity", "same.csv")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith("subgroups in which the instrument does not move the treatment: g0")
    assert "\n\n" not in refused.err


def test_remark_one_is_a_cubic_by_least_squares():
    chance = np.random.default_rng(6)
    g = chance.normal(1, 1, 30)
    t = 2 + (0.5 + 0.3 * g - 0.1 * g**2) * g + 0.2 * chance.normal(size=30)
    ones = np.ones(30)
    table = remark_table(Effects(tuple(map(str, range(30))), g, t, ones, ones, 0 * ones), 0.95)
    fit = sm.OLS(t, np.column_stack([ones, g, g**2, g**3])).fit()
    rows = np.array([row[1:] for row in table.rows], dtype=float)
    expected = np.column_stack([fit.params, fit.bse, fit.conf_int(), fit.pvalues])
    assert rows[:4] == pytest.approx(expected, rel=1e-6)
    mean = fit.t_test([0, g.mean(), (g**2).mean(), (g**3).mean()])
    assert rows[4, :2] == pytest.approx([float(np.squeeze(mean.effect)), float(np.squeeze(mean.sd))], rel=1e-6)
    few = Effects(tuple("abcde"), g[:5], t[:5], ones[:5], ones[:5], 0 * ones[:5])
    assert remark_table(few, 0.95) is None


def test_the_picture_has_errors_and_names():
    found = mediate("heterogeneity", _types(7), settings=NO_DRAWS)
    (axes,) = found.plot("indirect").axes
    assert {text.get_text() for text in axes.texts} == {f"A={k}" for k in range(1, 13)}
    assert len(axes.containers) == 1
    (table,) = [each for each in found.tables if each.name == "indirect"]
    assert {"sd_u", "sd_v"} <= set(table.columns)


def test_treatments_without_a_control_arm_are_refused():
    frame = _types(8)
    with pytest.raises(DataError, match="no unit has treatment 0"):
        mediate("heterogeneity", frame[frame.A > 0], settings=NO_DRAWS)
