"""An instrument for the mediator given covariates: regressions by numpy, errors by small changes, truth, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from boundgen.companions import iv as room
from boundgen.companions.intervals import groups_of
from boundgen.companions.iv import iv
from boundgen.companions.sharp_bounds import instrument_bounds
from boundgen.errors import DataError
from support.command import Run


def _sample(n: int, seed: int):
    """Constant effects given X: of M on Y 1 without treatment and 1.5 with it, of D on Y 0.3 + 0.4 X at M = 0.

    The instrument is offered more where x is large, and x moves mediator and outcome.
    """
    chance = np.random.default_rng(seed)
    x, s, hidden = chance.uniform(-1, 1, n), chance.integers(0, 2, n).astype(float), chance.normal(size=n)
    d = (chance.random(n) < 0.5 + 0.2 * x).astype(float)
    z = (chance.random(n) < 0.5 + 0.3 * x).astype(float)
    chances = 0.2 + 0.2 * d + 0.35 * z + 0.1 * x + 0.05 * s + 0.05 * np.sign(hidden)
    m = (chance.random(n) < chances).astype(float)
    y = hidden + 0.3 * d + m * (1 + 0.5 * d) + (0.8 + 0.4 * d) * x - 0.5 * s
    return {"A": d, "Z": z, "M": m, "Y": y, "x": x, "s": s}


# M(d) has the mean 0.2 + 0.2 d + 0.35/2 + 0.05/2, as X and the sign have a mean of zero.
MEANS = (0.4, 0.6)
TRUTH = {"nie0": 0.2, "nie1": 0.3, "nde0": 0.3 + 0.5 * MEANS[0], "nde1": 0.3 + 0.5 * MEANS[1]}


def test_values_are_those_of_two_stage_least_squares_by_numpy():
    columns = _sample(1200, 1)
    d, z, m, y = (columns[name] for name in "AZMY")
    centred = np.column_stack([columns[name] - columns[name].mean() for name in ("x", "s")])
    instruments = np.column_stack([np.ones(len(d)), z, centred])
    constants, slopes, mediators = [], [], []
    for arm in (0, 1):
        here = d == arm
        first = np.linalg.lstsq(instruments[here], m[here], rcond=None)[0]
        stage = np.column_stack([np.ones(here.sum()), instruments[here] @ first, centred[here]])
        second = np.linalg.lstsq(stage, y[here], rcond=None)[0]
        constants.append(second[0])
        slopes.append(second[1])
        mediators.append(first[0] + first[1] * z.mean())
    moved, shift, slope = mediators[1] - mediators[0], constants[1] - constants[0], slopes[1] - slopes[0]
    found = iv(columns, covariates=["x", "s"], draws=0, bounds=False)
    expected = [slopes[0] * moved, slopes[1] * moved, shift + slope * mediators[0], shift + slope * mediators[1]]
    assert [each.value for each in found.estimates] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_errors_are_those_of_the_infinitesimal_jackknife(weighted):
    columns = _sample(300, 2)
    w = np.random.default_rng(5).uniform(0.5, 2, 300) if weighted else None
    groups = groups_of(tuple(columns[name] for name in ("A", "Z", "M", "Y", "x", "s")), w)
    base, step = groups.totals, 1e-5

    def of(totals):
        return room.effects(room._parameters(groups, totals))

    moved = np.array([(of(base + step * row) - of(base - step * row)) / (2 * step) for row in np.eye(len(base))])
    found = iv(columns, covariates=["x", "s"], weights=w, draws=0, bounds=False)
    assert [each.error for each in found.estimates] == pytest.approx(np.sqrt(groups.squares @ moved**2), rel=1e-6)


def test_the_truth_is_recovered_that_is_missed_without_covariates():
    columns = _sample(40_000, 3)
    given, plain = (iv(columns, covariates=names, draws=0, bounds=False) for names in (["x", "s"], []))
    for each in given.estimates:
        assert abs(each.value - TRUTH[each.name]) < 4 * each.error
    assert any(abs(each.value - TRUTH[each.name]) > 8 * each.error for each in plain.estimates)


def test_bootstrap_and_labels():
    columns = _sample(600, 4)
    found = iv(columns, covariates=["x", "s"], draws=300, bounds=False)
    for each in found.estimates:
        ((low, high),) = each.others[0].pieces
        assert high - low == pytest.approx(each.high - each.low, rel=0.25)
    order = np.random.default_rng(0).permutation(600)
    again = iv({k: v[order] for k, v in columns.items()}, covariates=["x", "s"], draws=300, bounds=False)
    assert again.json() == found.json()


def test_bounds_are_means_over_strata():
    columns = _sample(800, 5)
    columns["Y"] = (columns["Y"] > 0.8).astype(float)
    found = iv(columns, covariates=["s"], draws=0)
    parts = []
    for value in (0, 1):
        here = columns["s"] == value
        bounds, _ = instrument_bounds(*(columns[name][here] for name in ("A", "Z", "M", "Y")))
        parts.append((here.mean(), {b.estimand: b for b in bounds if b.assumptions == "Assumptions 1-2"}))
    beside = [b for b in found.bounds if b.assumptions == "Assumptions 1-2, given X" and b.estimand.startswith("n")]
    assert len(beside) == 4
    for each in beside:
        assert each.lower == pytest.approx(sum(share * held[each.estimand].lower for share, held in parts))
        assert each.upper == pytest.approx(sum(share * held[each.estimand].upper for share, held in parts))


def test_covariates_that_explain_each_other_are_refused(run: Run, tmp_path, monkeypatch):
    columns = _sample(100, 6)
    with pytest.raises(DataError, match="explain each other in the units with treatment 0"):
        iv({**columns, "twice": 2 * columns["x"]}, covariates=["x", "twice"])
    monkeypatch.chdir(tmp_path)
    columns["same"] = np.ones(100)
    rows = zip(*columns.values(), strict=True)
    text = "\n".join([",".join(columns), *(",".join(map(repr, map(float, row))) for row in rows)])
    (tmp_path / "trial.csv").write_text(text + "\n")
    refused = run("mediate", "iv", "trial.csv", "--map", "X=same")
    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith("the covariate same is 1 in every unit\n")
    shown = run("mediate", "iv", "trial.csv", "--map", "X=x,W=s", "--draws", "0")
    assert shown.status == 0
    assert "given covariates" in shown.out
