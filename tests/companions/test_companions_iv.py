"""Kim's instrumental estimands against linearmodels and statsmodels, at populations, and beside the sharp bounds."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from boundgen import Model, catalogue, derive, evaluate
from boundgen.companions import iv as room
from boundgen.companions.sharp_bounds import instrument_bounds, instrument_sets
from boundgen.errors import DataError
from boundgen.simulation.mediation_populations import InstrumentPopulation, ResponseGroup

EFFECTS = ("nie0", "nie1", "nde0", "nde1")


def _sample(n: int, seed: int, binary: bool = False):
    chance = np.random.default_rng(seed)
    d, z = chance.integers(0, 2, n), chance.integers(0, 2, n)
    hidden = chance.normal(size=n)
    m = (hidden + 0.8 * d + 1.2 * z + chance.normal(size=n) > 0.8).astype(float)
    y = hidden + 0.5 * d + m + 0.4 * d * m + chance.normal(size=n)
    return d.astype(float), z.astype(float), m, (y > 0.5).astype(float) if binary else y


def iv(d, z, m, y, **options):
    columns = {"d": d, "z": z, "m": m, "y": y}
    return room.iv(columns, treatment="d", instrument="z", mediator="m", outcome="y", **options)


def _at(population: InstrumentPopulation, **options):
    """The estimands: what the estimators are at the population itself."""
    d, z, m, y, w = population.columns()
    return iv(d, z, m, y, weights=w, draws=0, **options)


# ---------------------------------------------------------------- independent computations
def test_coefficients_and_errors_are_those_of_linearmodels_and_statsmodels():
    models = pytest.importorskip("linearmodels.iv")
    sm = pytest.importorskip("statsmodels.api")
    d, z, m, y = _sample(800, 1)
    (table,) = iv(d, z, m, y, draws=0).tables
    found = {row["parameter"]: (row["value"], row["error"]) for row in table.records()}
    for arm, (first, second), (third, fourth) in (
        (0, ("beta0", "beta1"), ("tau0", "tau1")),
        (1, ("alpha0", "alpha1"), ("pi0", "pi1")),
    ):
        s = d == arm
        one = np.ones(s.sum())
        fit = models.IV2SLS(y[s], one, m[s], z[s]).fit(cov_type="robust")
        stage = sm.OLS(m[s], np.column_stack([one, z[s]])).fit(cov_type="HC0")
        for name, value, error in (
            (first, fit.params.iloc[0], fit.std_errors.iloc[0]),
            (second, fit.params.iloc[1], fit.std_errors.iloc[1]),
            (third, stage.params[0], stage.bse[0]),
            (fourth, stage.params[1], stage.bse[1]),
        ):
            assert found[name] == pytest.approx((value, error), abs=1e-8)
        reduced = sm.OLS(y[s], np.column_stack([one, z[s]])).fit(cov_type="HC0")
        assert found[f"reduced{arm}"] == pytest.approx((reduced.params[1], reduced.bse[1]), abs=1e-8)
        assert found[f"reduced{arm}"][0] == pytest.approx(found[second][0] * found[fourth][0], abs=1e-10)


def test_first_stage_strength_is_that_of_linearmodels():
    models = pytest.importorskip("linearmodels.iv")
    d, z, m, y = _sample(500, 2)
    found = iv(d, z, m, y, draws=0)
    for arm in (0, 1):
        s = d == arm
        fit = models.IV2SLS(y[s], np.ones(s.sum()), m[s], z[s]).fit(cov_type="robust")
        strength = fit.first_stage.diagnostics["f.stat"].iloc[0]
        assert found.diagnostics[arm].value == pytest.approx(strength, rel=1e-8)


def test_effects_are_equations_7_to_10():
    d, z, m, y = _sample(700, 3)
    slope = {t: np.cov(z[d == t], y[d == t])[0, 1] / np.cov(z[d == t], m[d == t])[0, 1] for t in (0, 1)}
    level = {t: y[d == t].mean() - slope[t] * m[d == t].mean() for t in (0, 1)}
    mean = {
        t: m[(d == t) & (z == 0)].mean() * (1 - z.mean()) + m[(d == t) & (z == 1)].mean() * z.mean() for t in (0, 1)
    }
    found = iv(d, z, m, y, draws=0)
    expected = {
        "nie0": slope[0] * (mean[1] - mean[0]),
        "nie1": slope[1] * (mean[1] - mean[0]),
        "nde0": level[1] - level[0] + (slope[1] - slope[0]) * mean[0],
        "nde1": level[1] - level[0] + (slope[1] - slope[0]) * mean[1],
    }
    for name in EFFECTS:
        assert found.estimate(name).value == pytest.approx(expected[name], abs=1e-10)


@pytest.mark.parametrize("weighted", [False, True])
def test_errors_are_those_of_the_infinitesimal_jackknife(weighted):
    """The derivative of each effect in each unit's weight, by differences: the sandwich without its formulas."""
    d, z, m, y = _sample(300, 4)
    w = np.random.default_rng(5).uniform(0.5, 2, 300) if weighted else None
    groups = room.groups_of((d, z, m, y), w)
    base, step = groups.totals, 1e-5

    def of(totals):
        return room.effects(room._parameters(groups, totals))

    moved = np.array([(of(base + step * row) - of(base - step * row)) / (2 * step) for row in np.eye(len(base))])
    errors = np.sqrt(groups.squares @ moved**2)
    found = iv(d, z, m, y, weights=w, draws=0)
    assert [each.error for each in found.estimates] == pytest.approx(errors, abs=1e-8)


@pytest.mark.parametrize("assumptions", ["Assumptions 1-3", "Assumptions 1-2 and 4", "Assumptions 1-4"])
def test_bounds_are_those_of_the_closed_form(assumptions):
    d, z, m, y = _sample(4000, 6, binary=True)
    bounds, _ = instrument_bounds(d, z, m, y)
    share = Fraction(int(z.sum()), len(z))
    rest = 1 - share
    text = f"""model kim
variable D in {{0, 1}} randomized
variable Z in {{0, 1}} randomized
variable M(D, Z) in {{0, 1}}
variable Y(D, M) in {{0, 1}}
observe P(Y, M | D, Z)
{instrument_sets()[assumptions]}
estimand nie0 = {rest} * E[Y(0, M(1, 0)) - Y(0, M(0, 0))] + {share} * E[Y(0, M(1, 1)) - Y(0, M(0, 1))]
"""
    cells = {
        f"P(Y={v},M={k}|D={t},Z={s})": Fraction(
            int(((d == t) & (z == s) & (m == k) & (y == v)).sum()), int(((d == t) & (z == s)).sum())
        )
        for v, k, t, s in product((0, 1), repeat=4)
    }
    derived = derive(Model.parse(text)).bounds[0]
    low, high = derived.evaluate(cells)
    (found,) = [b for b in bounds if b.estimand == "nie0" and b.assumptions == assumptions]
    assert found.contradicted == bool(derived.violations(cells))
    if not found.contradicted:
        assert (found.lower, found.upper) == pytest.approx((float(low), float(high)), abs=1e-15)


def test_bounds_are_what_evaluate_gives_with_the_law_of_z():
    """The catalogue's model of the same effects, with ``observe P(Z)``, at the same counts."""
    d, z, m, y = _sample(2000, 6, binary=True)
    source = str(catalogue.load("mediation_instrument_law"))
    mediator = "".join(f"estimand ett{a} = E[Y({a}, 1) - Y({a}, 0) | M(D={a})=1]\n" for a in (0, 1))
    cells = {f"P(Z={s})": Fraction(int((z == s).sum()), len(z)) for s in (0, 1)}
    for v, k, t, s in product((0, 1), repeat=4):
        arm = (d == t) & (z == s)
        cells[f"P(Y={v},M={k}|D={t},Z={s})"] = Fraction(int((arm & (m == k) & (y == v)).sum()), int(arm.sum()))
    expected = {
        e.estimand: (float(e.lower), float(e.upper)) for e in evaluate(derive(Model.parse(source + mediator)), cells)
    }
    del expected["atm"], expected["ate"]
    assert set(expected) == {*EFFECTS, "ett0", "ett1"}
    bounds, _ = instrument_bounds(d, z, m, y)
    found = {b.estimand: (b.lower, b.upper) for b in bounds if b.assumptions == "Assumptions 1-4"}
    for name, ends in expected.items():
        assert found[name] == pytest.approx(ends, abs=1e-15)


@pytest.mark.parametrize("arm", [0, 1])
def test_the_effect_on_those_who_have_the_mediator_by_hand(arm):
    """Nobody has it without the instrument: those who have it are moved by it, and Wald's ratio is their effect."""
    d, z, m, y = _sample(600, 13, binary=True)
    m = np.where((d == arm) & (z == 0), 0, m)
    bounds, _ = instrument_bounds(d, z, m, y)
    encouraged, not_encouraged = (d == arm) & (z == 1), (d == arm) & (z == 0)
    effect = (y[encouraged].mean() - y[not_encouraged].mean()) / m[encouraged].mean()
    (found,) = [b for b in bounds if b.estimand == f"ett{arm}" and b.assumptions == "Assumptions 1-2"]
    assert (found.lower, found.upper) == pytest.approx((effect, effect), abs=1e-12)


def test_effects_without_an_estimate_have_a_dash():
    found = iv(*_sample(400, 10, binary=True), draws=0)
    assert {each.name for each in found.estimates} == set(EFFECTS)
    lines = found.text().split("\n")
    assert [line.split() for line in lines if line.startswith("  ETT")][:2] == [["ETT₀", "–"], ["ETT₁", "–"]]
    assert "  ETT0  " in found.text(unicode=False)
    assert "$\\mathrm{ETT}_{0}$ & --" in found.latex()
    rows = [row for row in found.rows() if row["name"] == "ett1"]
    assert [(row["kind"], row["value"]) for row in rows] == [("sharp bounds", None)] * 4
    told = [b for b in found.json()["bounds"] if b["estimand"] == "ett1"]
    assert {b["symbol"] for b in told} == {"ETT₁"}
    assert told[0]["words"].startswith("effect of the mediator, with treatment")
    assert any(each["name"] == "P(Z=1)" for each in found.json()["diagnostics"])


# ---------------------------------------------------------------- Kim's argument, at populations
def test_kims_numerical_example():
    """Q1 = 2/3 and Q2 = 1/3, effects alpha and 2 alpha: the estimand is 0 where both group effects are positive."""
    population = InstrumentPopulation(
        [ResponseGroup(2 / 3, (0, 1, 1, 1), ((0, 1), (0, 1))), ResponseGroup(1 / 3, (1, 0, 0, 1), ((0, 2), (0, 2)))]
    )
    found = _at(population, bounds=False)
    assert found.estimate("nie0").value == pytest.approx(0, abs=1e-12)
    assert population.truth()["nie0"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("p_z", [0.5, 0.3])
def test_proposition_1_under_constant_effects(p_z):
    """Whatever the responses of the mediator: the estimands are the natural effects."""
    chance = np.random.default_rng(7)
    strata = [
        ResponseGroup(share, mediator, ((u, u + 1.5), (u + 0.7, u + 1.1)))
        for share, mediator, u in zip(
            chance.dirichlet(np.ones(16)), product((0, 1), repeat=4), chance.normal(size=16), strict=True
        )
    ]
    population = InstrumentPopulation(strata, encouraged=p_z)
    found = _at(population, bounds=False)
    for name, value in population.truth().items():
        assert found.estimate(name).value == pytest.approx(value, abs=1e-10)


def test_the_estimand_may_leave_the_sharp_bounds_even_under_all_four_assumptions():
    """The instrument moves a few whose effect is one; the treatment moves many whose effect is none."""
    one, none = ((0, 1), (0, 1)), ((1, 1), (1, 1))
    population = InstrumentPopulation(
        [
            ResponseGroup(0.1, (0, 1, 0, 1), one),
            ResponseGroup(0.8, (0, 0, 1, 1), none),
            ResponseGroup(0.1, (0, 1, 1, 1), one),
        ]
    )
    found = _at(population)
    truth = {**population.truth(), **population.mediator_effects()}
    for each in found.bounds:
        if each.assumptions != "monotonic mediator response":
            assert each.lower - 1e-12 <= truth[each.estimand] <= each.upper + 1e-12
    (bounds,) = [b for b in found.bounds if b.estimand == "nie0" and b.assumptions == "Assumptions 1-4"]
    assert found.estimate("nie0").value > bounds.upper
    (said,) = [warning for warning in found.warnings if "outside the sharp bounds" in warning]
    assert said.startswith("NIE₀, NDE₁: outside the sharp bounds under randomization, and under")
    assert "under Assumptions 1-4. Sampling error" in said


@pytest.mark.parametrize("seed", range(4))
def test_the_truth_is_inside_every_set_of_bounds_whose_assumptions_hold(seed):
    chance = np.random.default_rng(seed)
    monotone = [r for r in product((0, 1), repeat=4) if r[0] <= r[1] <= r[3] and r[0] <= r[2] <= r[3]]
    strata = [
        ResponseGroup(share, mediator, tuple(tuple(map(int, chance.integers(0, 2, 2))) for _ in range(2)))
        for share, mediator in zip(chance.dirichlet(np.ones(len(monotone))), monotone, strict=True)
    ]
    population = InstrumentPopulation(strata, encouraged=0.4)
    d, z, m, y, w = population.columns()
    # Shares as exact decimals: the bounds know no tolerance.
    counts = np.round(w / w.min() * 1000)
    truth = {**population.truth(), **population.mediator_effects()}
    for each in iv(d, z, m, y, weights=counts, draws=0).bounds:
        if each.lower is not None:
            assert each.lower - 2e-3 <= truth[each.estimand] <= each.upper + 2e-3


# ---------------------------------------------------------------- laws
@pytest.mark.slow
def test_nothing_depends_on_the_order_of_rows():
    d, z, m, y = _sample(300, 8, binary=True)
    order = np.random.default_rng(0).permutation(300)
    first, second = iv(d, z, m, y, draws=50), iv(d[order], z[order], m[order], y[order], draws=50)
    assert first.json() == second.json()


def test_units_of_the_outcome_scale_everything():
    d, z, m, y = _sample(300, 9)
    first, second = iv(d, z, m, y, draws=50), iv(d, z, m, 4 * y + 1, draws=50)
    for one, other in zip(first.estimates, second.estimates, strict=True):
        assert (other.value, other.error) == pytest.approx((4 * one.value, 4 * one.error))
        assert other.others[0].pieces[0] == pytest.approx([4 * end for end in one.others[0].pieces[0]])


def test_labels_of_the_instrument_do_not_matter():
    d, z, m, y = _sample(400, 10, binary=True)
    first, second = iv(d, z, m, y, draws=0), iv(d, 1 - z, m, y, draws=0)
    for one, other in zip(first.estimates, second.estimates, strict=True):
        assert (other.value, other.error) == pytest.approx((one.value, one.error))
    plain = [b for b in first.bounds if b.assumptions == "Assumptions 1-2"]
    turned = [b for b in second.bounds if b.assumptions == "Assumptions 1-2"]
    for one, other in zip(plain, turned, strict=True):
        assert (other.lower, other.upper) == pytest.approx((one.lower, one.upper))


def test_assumptions_3_and_4_hold_in_the_direction_that_fits():
    d, z, m, y = _sample(2000, 6, binary=True)
    plain, _ = instrument_bounds(d, z, m, y)
    # The natural effects do not know the labels of the mediator, nor which value of the instrument is the first.
    turned, _ = instrument_bounds(d, 1 - z, 1 - m, y)
    values = {(b.estimand, b.assumptions): (b.lower, b.upper) for b in plain}
    labels = {b.assumptions for b in turned}
    assert labels == {
        "Assumptions 1-2",
        "Assumptions 1-3, M(1, z) ≤ M(0, z)",
        "Assumptions 1-2 and 4",
        "Assumptions 1-4, M(1, z) ≤ M(0, z)",
    }
    for each in turned:
        if not each.estimand.startswith("ett"):
            known = each.assumptions.removesuffix(", M(1, z) ≤ M(0, z)")
            assert (each.lower, each.upper) == values[each.estimand, known]


def test_intervals_cover_under_constant_effects():
    chance, runs, hits = np.random.default_rng(3), 250, np.zeros(4)
    for _ in range(runs):
        d, z = chance.integers(0, 2, 800).astype(float), chance.integers(0, 2, 800).astype(float)
        hidden = chance.normal(size=800)
        # The mediator's mean with D = d: 1/2 + 0.2 d in the middle of Z, whatever is hidden.
        m = (chance.random(800) < np.clip(0.25 + 0.2 * d + 0.5 * z + 0.05 * np.sign(hidden), 0, 1)).astype(float)
        y = hidden + 0.3 * d + m
        groups = room.groups_of((d, z, m, y), None)
        fit = room._fit(groups)
        gradients = room._gradients(fit.parameters)
        errors = np.sqrt(np.einsum("ij,jk,ik->i", gradients, fit.covariance, gradients))
        hits += np.abs(room.effects(fit.parameters) - [0.2, 0.2, 0.3, 0.3]) <= 1.959964 * errors
    assert np.all(hits / runs > 0.91)
    assert np.all(hits / runs < 0.985)


# ---------------------------------------------------------------- what is refused, what is said
def test_refusals_say_what_to_do():
    d, z, m, y = _sample(200, 11)
    with pytest.raises(DataError, match="the instrument is 1 in every unit\n"):
        iv(d, np.ones(200), m, y)
    with pytest.raises(DataError, match=r"the instrument is 0 in every unit with treatment 1\n.*Assumption 2\(iii\)"):
        iv(d, np.where(d == 1, 0, z), m, y)
    with pytest.raises(DataError, match=r"the mediator has 200 values .*\n  Cut it, dichotomize='M>NUMBER'"):
        iv(d, z, y, y)
    with pytest.raises(DataError, match=r"the instrument has 3 values \(-1, 0, 1\).*\n.*where="):
        iv(d, np.arange(200) % 3 - 1, m, y)
    still = np.tile([0, 0, 1, 1], 50)
    with pytest.raises(DataError, match="does not move the mediator at all in the units with treatment 0"):
        iv(np.repeat([0, 1], 100), np.tile([0, 1], 100), still, y)


def test_a_weak_instrument_is_a_warning():
    chance = np.random.default_rng(1)
    d, z, m = (chance.integers(0, 2, 300).astype(float) for _ in range(3))
    found = iv(d, z, m, chance.normal(size=300), draws=0)
    assert found.diagnostics[0].warning
    assert found.warnings[0].startswith("The instrument is weak: a first-stage F of")


def test_assumptions_are_those_that_the_code_uses():
    found = iv(*_sample(200, 12, binary=True), draws=0)
    assert [each.number for each in found.assumptions] == ["1", "2(i)", "2(ii)", "2(iii)", "Prop. 1"]
    sets = {b.assumptions for b in found.bounds}
    assert sets == {*instrument_sets(), "randomization", "monotonic mediator response"}
