"""The mediation formula against computations that share no code with it, and the laws of its result."""

from __future__ import annotations

from fractions import Fraction
from math import isclose, sqrt

import numpy as np
import pytest

from boundgen import E, Model, P, catalogue, derive, evaluate, read_data, variable
from boundgen.companions import ignorability as room
from boundgen.companions.sharp_bounds import natural_effect_bounds
from boundgen.data.table_columns import read_columns
from boundgen.errors import DataError

pytest.importorskip("statsmodels")
EFFECTS = ("delta0", "delta1", "zeta0", "zeta1", "total")


def _sample(n: int, levels: int, seed: int):
    chance = np.random.default_rng(seed)
    a = chance.integers(0, 2, n).astype(float)
    m = np.clip(chance.integers(0, levels, n) + (chance.random(n) < 0.4) * a, 0, levels - 1).astype(float)
    y = chance.normal(size=n) + 0.5 * a + 0.7 * m - 0.3 * a * m
    return a, m, y


def ignorability(a, m, y, **options):
    return room.ignorability({"A": a, "M": m, "Y": y}, **options)


@pytest.fixture(scope="module")
def boundsdata():
    data = read_columns("boundsdata")
    return data.one("A"), data.one("M"), data.one("Y")


# ---------------------------------------------------------------- published and independent values
@pytest.mark.parametrize(
    ("name", "published"), [("delta0", (0.106736, 0.064492, 0.148980)), ("delta1", (0.031891, -0.000640, 0.064423))]
)
def test_published_intervals(boundsdata, name, published):
    found = ignorability(*boundsdata, draws=0).estimate(name)
    assert (found.value, found.low, found.high) == pytest.approx(published, abs=1e-6)


def _by_hand(a, m, y):
    """Imai, Keele & Yamamoto (2010): the mediation formula and the variances of its effects, cell by cell."""
    levels = sorted(set(m))
    mean = {(t, k): y[(a == t) & (m == k)].mean() for t in (0, 1) for k in levels}
    var = {(t, k): y[(a == t) & (m == k)].var(ddof=1) for t in (0, 1) for k in levels}
    share = {(t, k): np.mean(m[a == t] == k) for t in (0, 1) for k in levels}
    n = {t: (a == t).sum() for t in (0, 1)}
    own = {t: y[a == t].mean() for t in (0, 1)}
    cross = {t: sum(mean[t, k] * share[1 - t, k] for k in levels) for t in (0, 1)}
    values = {
        "delta0": cross[0] - own[0],
        "delta1": own[1] - cross[1],
        "zeta0": cross[1] - own[0],
        "zeta1": own[1] - cross[0],
        "total": own[1] - own[0],
    }

    def of_cross(t):
        o = 1 - t
        outcomes = sum(share[o, k] ** 2 * var[t, k] / (n[t] * share[t, k]) for k in levels)
        squares = sum(mean[t, k] ** 2 * share[o, k] * (1 - share[o, k]) for k in levels)
        pairs = sum(mean[t, k] * mean[t, j] * share[o, k] * share[o, j] for k in levels for j in levels if k != j)
        return outcomes + (squares - pairs) / n[o]

    def of_own(t):
        return y[a == t].var(ddof=1) / n[t]

    same = {t: sum(share[1 - t, k] * var[t, k] for k in levels) / n[t] for t in (0, 1)}
    other = {
        t: sum(share[1 - t, k] * (mean[t, k] - cross[t]) * (mean[1 - t, k] - own[1 - t]) for k in levels) / n[1 - t]
        for t in (0, 1)
    }
    variances = {
        "delta0": of_cross(0) + of_own(0) - 2 * same[0],
        "delta1": of_cross(1) + of_own(1) - 2 * same[1],
        "zeta0": of_cross(1) + of_own(0) - 2 * other[1],
        "zeta1": of_cross(0) + of_own(1) - 2 * other[0],
        "total": of_own(0) + of_own(1),
    }
    return values, {name: sqrt(variance) for name, variance in variances.items()}


@pytest.mark.parametrize("levels", [2, 3, 5])
def test_values_and_errors_are_those_computed_by_hand(levels):
    a, m, y = _sample(600, levels, levels)
    found = ignorability(a, m, y, draws=0)
    values, errors = _by_hand(a, m, y)
    for name in EFFECTS:
        assert found.estimate(name).value == pytest.approx(values[name], abs=1e-10)
        assert found.estimate(name).error == pytest.approx(errors[name], abs=1e-10)


def test_total_effect_is_that_of_least_squares():
    import statsmodels.api as sm

    a, m, y = _sample(400, 3, 9)
    fit = sm.OLS(y, sm.add_constant(a)).fit(cov_type="HC2")
    found = ignorability(a, m, y, draws=0).estimate("total")
    assert (found.value, found.error) == pytest.approx((fit.params[1], fit.bse[1]), abs=1e-10)


def test_values_are_those_of_a_saturated_weighted_regression():
    import statsmodels.api as sm

    a, m, y = _sample(500, 2, 4)
    w = np.random.default_rng(8).uniform(0.5, 2, len(a))
    fit = sm.WLS(y, sm.add_constant(np.column_stack([a, m, a * m])), weights=w).fit()
    p1, p0 = (np.average(m[a == t], weights=w[a == t]) for t in (1, 0))
    found = ignorability(a, m, y, weights=w, draws=0)
    _, direct, slope, product = fit.params
    assert found.estimate("delta0").value == pytest.approx(slope * (p1 - p0), abs=1e-10)
    assert found.estimate("delta1").value == pytest.approx((slope + product) * (p1 - p0), abs=1e-10)
    assert found.estimate("zeta0").value == pytest.approx(direct + product * p0, abs=1e-10)
    assert found.estimate("zeta1").value == pytest.approx(direct + product * p1, abs=1e-10)


def test_errors_are_those_of_the_infinitesimal_jackknife_in_large_samples():
    a, m, y = _sample(3000, 2, 5)
    w = np.random.default_rng(8).uniform(0.5, 2, len(a))
    found = ignorability(a, m, y, weights=w, draws=0)

    groups = room.groups_of((a, m, y), w)

    def of_groups(totals):
        return room._effects(room._cells(groups, totals, 2))

    base, step = groups.totals, 1e-5
    moved = np.array(
        [(of_groups(base + step * row) - of_groups(base - step * row)) / (2 * step) for row in np.eye(len(base))]
    )
    errors = np.sqrt(groups.squares @ moved**2)
    assert [e.error for e in found.estimates] == pytest.approx(errors, rel=2e-3)


def test_small_example_of_the_bootstrap_is_near_the_delta_method(boundsdata):
    found = ignorability(*boundsdata, draws=2000)
    for each in found.estimates:
        ((low, high),) = each.others[0].pieces
        assert high - low == pytest.approx(each.high - each.low, rel=0.15)


# ---------------------------------------------------------------- laws
def test_effects_add_up_to_the_total_effect():
    found = ignorability(*_sample(300, 4, 2), draws=0)
    value = {each.name: each.value for each in found.estimates}
    assert value["total"] == pytest.approx(value["delta1"] + value["zeta0"], abs=1e-12)
    assert value["total"] == pytest.approx(value["delta0"] + value["zeta1"], abs=1e-12)


def test_nothing_depends_on_the_order_of_rows():
    a, m, y = _sample(300, 3, 6)
    order = np.random.default_rng(0).permutation(len(a))
    first, second = ignorability(a, m, y, draws=50), ignorability(a[order], m[order], y[order], draws=50)
    assert first.json() == second.json()


def test_labels_of_levels_do_not_matter_and_units_scale():
    a, m, y = _sample(400, 3, 7)
    first = ignorability(a, m, y, draws=100)
    relabelled = np.array([7.5, -1.0, 3.0])[m.astype(int)]
    second = ignorability(a, relabelled, 10 * y - 3, draws=0)
    for one, other in zip(first.estimates, second.estimates, strict=True):
        assert (other.value, other.error) == pytest.approx((10 * one.value, 10 * one.error), abs=1e-9)


def test_equal_weights_are_no_weights():
    a, m, y = _sample(200, 2, 1)
    plain, weighted = ignorability(a, m, y, draws=50), ignorability(a, m, y, weights=np.full(200, 3.0), draws=50)
    for one, other in zip(plain.estimates, weighted.estimates, strict=True):
        assert other.value == pytest.approx(one.value)
        assert other.error == pytest.approx(one.error)


@pytest.mark.parametrize("seed", range(8))
def test_estimates_are_inside_the_bounds_that_randomization_gives(seed):
    """The mediation formula is the effect in one population that the data allow."""
    chance = np.random.default_rng(seed)
    a = np.repeat([0.0, 1.0], 60)
    m, y = chance.integers(0, 3, 120).astype(float), chance.integers(0, 2, 120).astype(float)
    found = ignorability(a, m, y, draws=0)
    for bounds in found.bounds:
        if bounds.assumptions == "randomization":
            assert bounds.lower - 1e-12 <= found.estimate(bounds.estimand).value <= bounds.upper + 1e-12


# ---------------------------------------------------------------- sharp bounds beside
@pytest.mark.parametrize("data", ["boundsdata", "jobs"])
def test_bounds_are_those_of_the_closed_form(data):
    columns = read_columns(data)
    found, _ = natural_effect_bounds(columns.one("A"), columns.one("M"), columns.one("Y"))
    beside = {(each.assumptions, each.estimand): (each.lower, each.upper) for each in found}
    for model, assumptions in (
        ("mediation_randomization", "randomization"),
        ("mediation_mmr", "monotonic mediator response"),
    ):
        loaded = catalogue.load(model)
        for each in evaluate(
            derive(loaded, [f"{effect}{a}" for effect in ("delta", "zeta") for a in (0, 1)]), read_data(loaded, data)
        ):
            assert beside[assumptions, each.estimand] == pytest.approx(
                (float(each.lower), float(each.upper)), abs=1e-15
            )


def test_bounds_with_more_levels_and_other_values_are_those_of_the_closed_form():
    a, m = np.repeat([0.0, 1.0], 40), np.tile([0.0, 1.0, 1.0, 2.0], 20)
    y = np.random.default_rng(3).choice([0.5, 1.25, 3.0], 80)
    found, _ = natural_effect_bounds(a, m, y)
    treatment = variable("A", [0, 1], randomized=True)
    mediator = variable("M", [0, 1, 2], parents=[treatment])
    outcome = variable("Y", [2, 5, 12], parents=[treatment, mediator])
    model = Model("x", [treatment, mediator, outcome]).observe(P(outcome, mediator | treatment))
    bounds = model.bound(E(outcome(1, mediator(1)) - outcome(1, mediator(0))), name="delta1")
    cells = {
        f"P(Y={v},M={k}|A={t})": Fraction(int(((a == t) & (m == k) & (4 * y == v)).sum()), int((a == t).sum()))
        for v in (2, 5, 12)
        for k in (0, 1, 2)
        for t in (0, 1)
    }
    low, high = bounds.evaluate(cells)
    (one,) = [each for each in found if each.estimand == "delta1" and each.assumptions == "randomization"]
    assert (one.lower, one.upper) == pytest.approx((float(low) / 4, float(high) / 4), abs=1e-15)


def test_a_protective_treatment_has_bounds_in_its_own_direction():
    a, m = np.repeat([0.0, 1.0], 50), np.concatenate([np.tile([0.0, 1.0], 25), np.tile([0.0, 0, 0, 0, 1], 10)])
    y = np.tile([0.0, 1, 1, 0, 1], 20)
    found, turned = ignorability(a, m, y, draws=0), ignorability(a, 1 - m, y, draws=0)
    assert {each.assumptions for each in found.bounds} == {
        "randomization", "monotonic mediator response, M(1) ≤ M(0)"
    }  # fmt: skip
    assert {each.assumptions for each in turned.bounds} == {"randomization", "monotonic mediator response"}
    assert not any(each.contradicted for each in found.bounds)
    assert not any("ampling error" in warning for warning in found.warnings)
    for one, other in zip(found.bounds, turned.bounds, strict=True):
        assert (one.estimand, one.lower, one.upper) == (other.estimand, other.lower, other.upper)


def test_a_sample_may_contradict_a_monotonic_mediator_response_in_either_direction():
    a, m = np.repeat([0.0, 1.0], 50), np.concatenate([np.tile([0.0, 2.0], 25), np.ones(50)])
    m[:2], m[50:53] = 1, (0, 1, 2)
    m[60:62] = (0, 2)
    found = ignorability(a, m, np.tile([0.0, 1, 1, 0, 1], 20), draws=0)
    label = "monotonic mediator response, in either direction"
    assert {each.assumptions for each in found.bounds if each.contradicted} == {label}
    assert any(f"under {label}" in warning for warning in found.warnings)


def test_an_outcome_of_many_levels_is_bounded_by_its_means():
    a, m, y = _sample(300, 2, 3)
    found = ignorability(a, m, y, draws=0)
    assert {each.assumptions for each in found.bounds} == {
        f"{label}, Y from {y.min():g} to {y.max():g}" for label in ("randomization", "monotonic mediator response")
    }


def test_too_many_levels_leave_the_bounds_out_and_say_so():
    a, m, y = np.tile([0.0, 1.0], 200), np.repeat(np.arange(200.0), 2), np.tile([0.0, 1.0, 1.0, 0.0], 100)
    bounds, reason = natural_effect_bounds(a, m, y)
    assert not bounds
    assert "--dichotomize" in reason
    assert "the mediator has 200 levels" in reason


# ---------------------------------------------------------------- coverage
def test_intervals_cover_as_often_as_they_say():
    """Sequential ignorability holds: the mediator is drawn within arms, the outcome within cells."""
    chance, hits = np.random.default_rng(12), np.zeros(5)
    share, mean = np.array([0.3, 0.6]), np.array([[0.2, 0.5], [0.3, 0.9]])
    own = [mean[t] @ [1 - share[t], share[t]] for t in (0, 1)]
    cross = [mean[t] @ [1 - share[1 - t], share[1 - t]] for t in (0, 1)]
    truth = [cross[0] - own[0], own[1] - cross[1], cross[1] - own[0], own[1] - cross[0], own[1] - own[0]]
    runs = 300
    for _ in range(runs):
        a = np.tile([0, 1], 200)
        m = (chance.random(400) < share[a]).astype(int)
        y = (chance.random(400) < mean[a, m]).astype(float)
        groups = room.groups_of((a * 1.0, m * 1.0, y), None)
        covariance = room._covariance(groups, 2)
        values = room._effects(room._cells(groups, groups.totals, 2))
        errors = np.sqrt(np.einsum("ij,jk,ik->i", room.CONTRASTS, covariance, room.CONTRASTS))
        hits += np.abs(values - truth) <= 1.959964 * errors
    assert np.all(hits / runs > 0.91)
    assert np.all(hits / runs < 0.985)


# ---------------------------------------------------------------- what is refused, what is said
def test_refusals_say_what_to_do():
    a, m, y = _sample(100, 2, 0)
    with pytest.raises(DataError, match="the treatment is 1 in every unit"):
        ignorability(np.ones(100), m, y)
    with pytest.raises(DataError, match=r"the treatment has 3 values \(0, 1, 2\), where 0 and 1 are needed"):
        ignorability(np.arange(100) % 3, m, y)
    with pytest.raises(DataError, match=r"needs a discrete one\n  Cut it: dichotomize='M=median'"):
        ignorability(a, y, y)
    with pytest.raises(DataError, match="no unit with treatment 0 has the mediator 5"):
        ignorability(a, np.where(a == 1, 5.0 * m, 0.0), y)
    with pytest.raises(DataError, match="missing or infinite"):
        ignorability(a, m, np.where(y > 0, np.nan, y))
    with pytest.raises(DataError, match="column 'M' has 99 values for 100 units"):
        ignorability(a, m[:99], y)
    with pytest.raises(DataError, match="has values above 1e"):
        ignorability(a, m, 1e300 * y)
    with pytest.raises(DataError, match="95 is not a level"):
        ignorability(a, m, y, level=95)
    with pytest.raises(DataError, match="a weight is zero or negative"):
        ignorability(a, m, y, weights=-np.ones(100))


def test_a_cell_with_one_unit_has_no_standard_error():
    a = np.array([0, 0, 0, 0, 1, 1, 1, 1.0])
    m = np.array([0, 0, 0, 1, 0, 0, 1, 1.0])
    found = ignorability(a, m, np.arange(8.0), draws=0)
    assert found.estimate("delta0").error is None
    assert found.estimate("delta0").low is None
    assert "no standard errors" in found.warnings[0]
    assert isclose(found.estimate("total").value, 4.0)


def test_lost_resamples_are_counted():
    a = np.repeat([0.0, 1.0], 8)
    m = np.array([0, 0, 0, 0, 0, 0, 1, 1] * 2, dtype=float)
    found = ignorability(a, m, np.arange(16) % 3, draws=200)
    (said,) = [warning for warning in found.warnings if "bootstrap resamples have no estimate" in warning]
    assert "there are no bootstrap intervals" in said
    assert found.estimate("delta0").others == ()


def test_assumptions_are_those_that_the_code_uses(boundsdata):
    found = ignorability(*boundsdata, draws=0)
    assert [each.number for each in found.assumptions] == ["1 (4)", "1 (5)", "1", ""]
    assert {b.assumptions for b in found.bounds} == {"randomization", "monotonic mediator response"}


def test_a_variance_below_zero_is_no_standard_error():
    """The paper's variance has n - 1 within cells and within arms: it can be negative where it should be near zero."""
    a = np.repeat([0.0, 1.0], 6)
    m = np.tile([0.0, 0, 0, 1, 1, 1], 2)
    found = ignorability(a, m, np.tile([0.0, 1, 2, 0, 1, 2], 2), draws=0)
    assert found.estimate("delta0").error is None
    assert any("The variance of δ(0), δ(1) is estimated below zero" in warning for warning in found.warnings)
    assert found.estimate("total").error > 0


def test_a_constant_outcome_has_no_effect_and_no_error():
    found = ignorability(np.repeat([0.0, 1.0], 10), np.tile([0.0, 1.0], 10), np.full(20, 3.0), draws=50)
    assert {(each.value, each.error) for each in found.estimates} == {(0.0, 0.0)}
