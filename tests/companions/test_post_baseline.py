"""Small (2011, section 4): measured confounders after the treatment; regressions by numpy, truth, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from boundgen.companions.interaction_iv import interaction_iv
from boundgen.errors import DataError

pytest.importorskip("linearmodels.iv")


def _trial(n: int, seed: int):
    """R moves L by 1, L moves M by 0.8 and Y by 0.7; θ_M is 0.5, and θ_R, without M but with L, 0.3 + 0.7."""
    chance = np.random.default_rng(seed)
    r, x = np.tile([0.0, 1.0], n // 2), chance.normal(size=n)
    confounder = r + chance.normal(size=n)
    m = 0.5 * x + r * (0.4 + 0.5 * x) + 0.8 * confounder + chance.normal(size=n)
    y = 0.3 * r + 0.5 * m + 0.7 * confounder + 0.2 * x + chance.normal(size=n)
    return {"A": r, "M": m, "Y": y, "X": x, "late": confounder}


def _row(columns, **options):
    found = interaction_iv(columns, post_baseline=["late"], bounds=False, **options)
    (table,) = [each for each in found.tables if each.name == "regressions"]
    assert len(table.rows) == 3
    return table.records()[-1]


def test_both_regressions_are_those_of_numpy():
    columns = _trial(400, 1)
    one = np.ones(400)
    every = np.column_stack([one, columns["A"], columns["X"], columns["M"], columns["late"]])
    slope = np.linalg.lstsq(every, columns["Y"], rcond=None)[0][3]
    plain = every[:, :3]
    direct = np.linalg.lstsq(plain, columns["Y"] - slope * columns["M"], rcond=None)[0][1]
    found = _row(columns)
    assert (found["direct"], found["mediator"]) == pytest.approx((direct, slope), abs=1e-10)


def test_the_truth_is_recovered_and_the_error_knows_that_the_slope_is_estimated():
    found = [_row(_trial(600, seed), cov_type="robust") for seed in range(30)]
    for name, truth in (("direct", 1.0), ("mediator", 0.5)):
        values = np.array([each[name] for each in found])
        error = np.mean([each[f"{name}_error"] for each in found])
        assert abs(values.mean() - truth) < 4 * values.std() / np.sqrt(30)
        assert values.std() == pytest.approx(error, rel=0.4)


def test_a_confounder_that_is_a_regressor_too_is_refused():
    columns = _trial(100, 2)
    columns["late"] = 2 * columns["X"] - 1
    with pytest.raises(DataError, match="'late' is a linear combination of"):
        _row(columns)
