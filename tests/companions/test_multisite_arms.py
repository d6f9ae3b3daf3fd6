"""Several arms in each site as instruments: linearmodels with all columns, effects by hand, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from boundgen.companions.multisite import multisite
from boundgen.errors import DataError
from support.command import Run

models = pytest.importorskip("linearmodels.iv")


def _trial(seed: int = 1, sites: int = 4, units: int = 90, arms: int = 3):
    chance = np.random.default_rng(seed)
    site, n = np.repeat(np.arange(sites), units), sites * units
    t = np.tile(np.arange(float(arms)), n // arms)
    moved = chance.normal(1, 0.7, (2, sites, arms))
    moved[:, :, 0] = 0
    hidden = chance.normal(size=n)
    m1, m2 = (moved[j, site, t.astype(int)] + 0.6 * hidden + chance.normal(size=n) for j in (0, 1))
    y = m1 - 0.5 * m2 + hidden + 0.3 * site + chance.normal(size=n)
    return {"t": t, "m1": m1, "m2": m2, "y": y, "site": site, "w": chance.normal(size=n) + 0.2 * m1}


def _find(columns, **options):
    names = {"outcome": "y", "treatment": "t", "mediators": ("m1", "m2"), "site": "site", "bounds": False, "arms": True}
    return multisite(columns, **{**names, **options})


def _sites(found):
    (table,) = [each for each in found.tables if each.name == "sites"]
    return table.records()


@pytest.mark.parametrize("further", [(), ("w",)])
def test_one_step_estimates_are_those_of_linearmodels(further):
    columns = _trial()
    member = (columns["site"][:, None] == np.arange(4)).astype(float)
    instruments = np.column_stack([member * (columns["t"] == arm)[:, None] for arm in (1, 2)])
    exogenous = np.column_stack([member, *(columns[name] for name in further)])
    mediators = np.column_stack([columns["m1"], columns["m2"]])
    fit = models.IV2SLS(columns["y"], exogenous, mediators, instruments).fit(cov_type="robust", debiased=True)
    found = _find(columns, covariates=further)
    for j, name in enumerate(("one_step_m1", "one_step_m2")):
        one = found.estimate(name)
        assert (one.value, one.error) == pytest.approx((fit.params.iloc[j - 2], fit.std_errors.iloc[j - 2]), rel=1e-7)


def test_effects_of_arms_are_differences_from_the_control_arm():
    columns = _trial(2)
    rows = _sites(_find(columns))
    assert [row["site"] for row in rows] == [f"{s}, t={a}" for s in range(4) for a in (1, 2)]
    for row, (s, a) in zip(rows, [(s, a) for s in range(4) for a in (1, 2)], strict=True):
        arm, control = ((columns["site"] == s) & (columns["t"] == value) for value in (a, 0))
        for of, name in (("β", "y"), ("γ m1", "m1"), ("γ m2", "m2")):
            assert row[of] == pytest.approx(columns[name][arm].mean() - columns[name][control].mean(), abs=1e-9)
        assert row["units"] == 60
        assert row["precision"] == pytest.approx(15)


def test_two_arms_are_the_treatment_itself():
    columns = _trial(3, arms=2)
    first, second = _find(columns), _find(columns, arms=False)
    for one, other in zip(first.estimates, second.estimates, strict=True):
        assert (one.value, one.error) == pytest.approx((other.value, other.error), abs=1e-10)


def test_one_site_with_three_arms_has_two_rows_and_two_mediators():
    found = _find(_trial(4, sites=1, units=900))
    assert len(_sites(found)) == 2
    with pytest.raises(DataError, match="fewer sites than mediators: 1 and 2"):
        _find(_trial(4, sites=1), arms=False)


def test_a_site_without_the_control_arm_is_refused(run: Run, tmp_path, monkeypatch):
    columns = _trial(5)
    kept = ~((columns["site"] == 2) & (columns["t"] == 0))
    left = {name: column[kept] for name, column in columns.items()}
    with pytest.raises(DataError, match="site '2' has no unit with treatment 0, the control arm"):
        _find(left)
    with pytest.raises(DataError, match="values, too many to be arms"):
        _find({**columns, "t": np.random.default_rng(1).normal(size=360)})
    monkeypatch.chdir(tmp_path)
    names = ("t", "m1", "m2", "y", "site")
    text = "\n".join(",".join(f"{columns[name][i]:g}" for name in names) for i in range(360))
    (tmp_path / "trial.csv").write_text(",".join(names) + "\n" + text + "\n")
    words = ("trial.csv", "--map", "A=t,M=m1,M=m2,Y=y,S=site", "--arms")
    found = run("mediate", "multisite", *words)
    assert found.status == 0, found.err
    assert "0, t=2" in found.out
    refused = run("mediate", "iv", *words)
    assert (refused.status, refused.out) == (2, "")
    assert "--arms is for multisite" in refused.err
