"""β/γ over units of a multisite study, its sensitivity to Cov(Γ, Δ), crossed sites, treatments with many values."""

from __future__ import annotations

import numpy as np
import pytest

from boundgen.companions.multisite import multisite
from support.command import Run

pytest.importorskip("linearmodels.iv")


def _trial(seed: int, sites: int = 6, units: int = 80, tie: float = 0.0):
    """A mediator that the treatment moves by Γ, and that moves the outcome by Δ = 2 + tie (Γ - mean of Γ)."""
    chance = np.random.default_rng(seed)
    site, n = np.repeat(np.arange(sites), units), sites * units
    moved = 1 + 0.3 * np.arange(sites)[site] / sites + chance.normal(size=n)
    effect = 2 + tie * (moved - 1 - 0.3 * np.arange(sites)[site] / sites)
    t = np.tile([0.0, 1.0], n // 2)
    base = chance.normal(size=n)
    m = base + t * moved
    y = base + effect * m + chance.normal(size=n)
    return {"t": t, "m": m, "y": y, "site": site, "sex": chance.integers(0, 2, n), "moved": moved}


def _find(columns, **options):
    names = {"outcome": "y", "treatment": "t", "mediators": ("m",), "site": "site", "bounds": False}
    return multisite(columns, **{**names, **options})


def _table(found):
    (table,) = [each for each in found.tables if each.name == "covariance"]
    return table.records()


def test_the_ratio_is_that_of_weighted_differences_of_means():
    columns = _trial(1)
    t, site = columns["t"], columns["site"]

    def average(column):
        return sum(
            np.mean(site == s) * (column[(site == s) & (t == 1)].mean() - column[(site == s) & (t == 0)].mean())
            for s in range(6)
        )

    found = _find(columns).estimate("pooled_m")
    assert found.value == pytest.approx(average(columns["y"]) / average(columns["m"]), abs=1e-10)
    variance = sum(
        np.mean(site == s) ** 2 * np.var((columns["y"] - found.value * columns["m"])[(site == s) & (t == a)])
        / ((site == s) & (t == a)).sum()
        for s in range(6)
        for a in (0, 1)
    )  # fmt: skip
    # The small-sample factor is that of the one-step estimator: six sites and one mediator.
    assert found.error == pytest.approx(np.sqrt(variance * 480 / 473) / abs(average(columns["m"])), rel=1e-6)
    ((low, high),) = found.others[0].pieces
    assert low < found.value < high


def test_the_bias_is_the_covariance_over_the_average_effect():
    """Equation (5): with Cov(Γ, Δ) = 1/2 the ratio is off by that over γ, and the table takes it back."""
    columns = _trial(2, sites=10, units=4000, tie=0.5)
    found = _find(columns)
    moved = columns["moved"].mean()
    # Δ acts on M, whose value without treatment has no part in the difference of arms.
    assert found.estimate("pooled_m").value == pytest.approx(2 + 0.5 / moved, abs=0.1)
    rows = _table(found)
    middle = rows[len(rows) // 2]
    assert middle["Cov(Γ, Δ)"] == 0
    assert middle["δ"] == pytest.approx(found.estimate("pooled_m").value)
    assert (middle["low"], middle["high"]) == (found.estimate("pooled_m").low, found.estimate("pooled_m").high)
    assert rows[-1]["δ"] == pytest.approx(0, abs=1e-12)
    for row in rows:
        assert row["δ"] == pytest.approx(middle["δ"] - row["bias"])
        assert row["bias"] == pytest.approx(row["Cov(Γ, Δ)"] * middle["δ"] / rows[-1]["Cov(Γ, Δ)"])


def test_several_mediators_have_no_ratio():
    columns = _trial(3)
    columns["m2"] = columns["m"] ** 2 + columns["t"] * columns["site"]
    found = _find(columns, mediators=("m", "m2"))
    assert not [each for each in found.estimates if each.name.startswith("pooled")]
    assert not [each for each in found.tables if each.name == "covariance"]


def test_every_combination_of_sites_is_a_site(run: Run, tmp_path, monkeypatch):
    columns = _trial(4)
    both = np.array([f"{a} × {b}" for a, b in zip(columns["site"], columns["sex"], strict=True)])
    crossed, named = _find(columns, site=("site", "sex")), _find({**columns, "both": both}, site="both")
    assert crossed.estimates == named.estimates
    assert crossed.tables == named.tables
    monkeypatch.chdir(tmp_path)
    names = ("t", "m", "y", "site", "sex")
    rows = "\n".join(",".join(repr(float(columns[name][i])) for name in names) for i in range(480))
    (tmp_path / "trial.csv").write_text(",".join(names) + "\n" + rows + "\n")
    found = run("mediate", "multisite", "trial.csv", "--map", "A=t,M=m,Y=y,S=site,S=sex")
    assert found.status == 0, found.err
    assert "0 × 1" in found.out


def test_a_dose_has_no_arms_that_are_too_small():
    columns = _trial(5)
    columns["t"] = np.random.default_rng(6).normal(size=480)
    columns["m"] = columns["m"] + columns["t"] * columns["site"]
    found = _find(columns)
    assert not any("smallest" in each for each in found.warnings)
    (said,) = [each for each in found.diagnostics if each.name == "(ix.b) sites"]
    assert "units in the smallest site: 80" in said.words
