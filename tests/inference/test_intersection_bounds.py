"""Intersection bounds: closed forms, invariances, reference values, coverage at a tie."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import multivariate_normal

from boundgen import catalogue, derive
from boundgen.exact.terms import Term
from boundgen.inference.critical import CriticalValues, exact_quantile
from boundgen.inference.estimated_bounds import EstimatedBounds
from boundgen.inference.estimated_terms import EstimatedTerms, estimated_terms
from boundgen.inference.feasibility import conditions_test, nearest_in_model
from boundgen.inference.from_data import counted_sample
from boundgen.inference.intersection import intersection_bounds
from boundgen.inference.sample import Sample

NORMAL = NormalDist()
ALL = np.array([True, True])


def terms_of(gradients: list[list[float]], covariance: np.ndarray) -> EstimatedTerms:
    g = np.array(gradients)
    return EstimatedTerms(np.zeros(len(g)), g, np.sqrt(np.einsum("ti,ij,tj->t", g, covariance, g)))


# ---------------------------------------------------------------- critical values of two terms
@pytest.mark.parametrize("level", [0.25, 0.5, 0.9, 0.975])
@pytest.mark.parametrize("draws", [0, 400_000])
def test_two_independent_terms(level: float, draws: int) -> None:
    critical = CriticalValues(terms_of([[1, 0], [0, 2]], np.eye(2)), np.eye(2), seed=3, draws=draws)
    found = critical.quantile(ALL, level)
    assert found.value == pytest.approx(NORMAL.inv_cdf(math.sqrt(level)), abs=1e-6 if draws == 0 else 6 * found.error)
    assert (found.error == 0) == (draws == 0)


@pytest.mark.parametrize("level", [0.25, 0.5, 0.95])
def test_two_opposite_terms(level: float) -> None:
    """The larger of Z and -Z is |Z|."""
    critical = CriticalValues(terms_of([[1, 0], [-3, 0]], np.eye(2)), np.eye(2), seed=3, draws=400_000)
    found = critical.quantile(ALL, level)
    assert found.value == pytest.approx(NORMAL.inv_cdf((1 + level) / 2), abs=6 * found.error)


@pytest.mark.parametrize("level", [0.3, 0.95])
def test_terms_that_coincide_count_once(level: float) -> None:
    critical = CriticalValues(terms_of([[1, 1], [2, 2]], np.eye(2)), np.eye(2), seed=3)
    assert critical.quantile(ALL, level).value == pytest.approx(NORMAL.inv_cdf(level))


@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.4, 0.99])
def test_exact_and_simulated_quantiles_agree(correlation: float) -> None:
    covariance = np.array([[1, correlation], [correlation, 1]])
    exact = exact_quantile(covariance, 0.95)
    simulated = CriticalValues(terms_of([[1, 0], [0, 1]], covariance), covariance, seed=5, draws=400_000)
    found = simulated.quantile(ALL, 0.95)
    assert found.value == pytest.approx(exact, abs=6 * found.error)
    distribution = multivariate_normal([0, 0], covariance)
    assert exact == pytest.approx(brentq(lambda x: distribution.cdf([x, x]) - 0.95, 0, 4), abs=1e-5)


def test_no_term_that_varies_needs_no_critical_value() -> None:
    critical = CriticalValues(terms_of([[0, 0], [1, 0]], np.eye(2)), np.eye(2), seed=1)
    assert critical.quantile(np.array([True, False]), 0.95).value == 0


# ---------------------------------------------------------------- samples
CELLS = ("P(Y=0,M=0|A=0)", "P(Y=0,M=1|A=0)", "P(Y=1,M=0|A=0)", "P(Y=1,M=1|A=0)")
BOUNDSDATA = {0: (60, 40, 62, 79), 1: (40, 35, 30, 140)}


def sample(counts: dict[int, tuple[int, ...]]) -> Sample:
    """A study with binary mediator and outcome: units in the cells (Y, M) = 00, 01, 10, 11 of each arm."""
    cells = {arm: [f"P(Y={y},M={m}|A={arm})" for y in (0, 1) for m in (0, 1)] for arm in counts}
    return counted_sample([(f"A={arm}", cells[arm], units) for arm, units in counts.items()])


def estimate(
    lower: list[Term], upper: list[Term], data: Sample, seed: int = 1, draws: int = 100_000
) -> EstimatedBounds:
    return intersection_bounds(
        estimated_terms(lower, None, data, {}),
        estimated_terms(upper, None, data, {}, sign=-1),
        data.covariance,
        data.n,
        seed=seed,
        draws=draws,
    )


@pytest.fixture(scope="module")
def delta0() -> tuple[list[Term], list[Term]]:
    bounds = derive(catalogue.load("mediation_mmr"), ["delta0"]).bounds[0]
    return list(bounds.lower.terms), list(bounds.upper.terms)


@pytest.fixture(scope="module")
def study() -> Sample:
    return sample(BOUNDSDATA)


def test_same_seed_same_numbers(delta0: tuple[list[Term], list[Term]], study: Sample) -> None:
    assert estimate(*delta0, study, seed=7) == estimate(*delta0, study, seed=7)
    assert estimate(*delta0, study, seed=7) != estimate(*delta0, study, seed=8)


def close(one: EstimatedBounds, other: EstimatedBounds, tolerance: float = 0.003) -> bool:
    assert one.parameter_interval
    assert other.parameter_interval
    pairs = [
        (one.plug_in, other.plug_in),
        (one.half_median_unbiased, other.half_median_unbiased),
        (one.set_interval, other.set_interval),
        (one.parameter_interval, other.parameter_interval),
        (one.parameter_interval_adaptive, other.parameter_interval_adaptive),
    ]
    return all(a == pytest.approx(b, abs=tolerance) for a, b in pairs)


def test_the_order_of_terms_does_not_matter(delta0: tuple[list[Term], list[Term]], study: Sample) -> None:
    lower, upper = delta0
    assert close(estimate(lower, upper, study), estimate(lower[::-1], upper[::-1], study))


def test_the_order_of_cells_does_not_matter(delta0: tuple[list[Term], list[Term]], study: Sample) -> None:
    arms = [(f"A={a}", [f"P(Y={y},M={m}|A={a})" for y in (0, 1) for m in (0, 1)], BOUNDSDATA[a]) for a in (0, 1)]
    moved = counted_sample([(name, cells[::-1], units[::-1]) for name, cells, units in arms[::-1]])
    assert moved.cells == study.cells[::-1]
    assert close(estimate(*delta0, study), estimate(*delta0, moved))


def test_duplicated_terms_do_not_matter(delta0: tuple[list[Term], list[Term]], study: Sample) -> None:
    lower, upper = delta0
    assert close(estimate(lower, upper, study), estimate([*lower, *lower], [*upper, upper[0]], study))


def test_intervals_are_nested(delta0: tuple[list[Term], list[Term]], study: Sample) -> None:
    found = estimate(*delta0, study)
    (plug_low, plug_high), (low, high) = found.plug_in, found.half_median_unbiased
    assert low <= plug_low <= plug_high <= high
    assert found.parameter_interval
    for wide, narrow in (
        (found.set_interval, found.half_median_unbiased),
        (found.set_interval, found.parameter_interval_adaptive),
        (found.parameter_interval_adaptive, found.half_median_unbiased),
        (found.parameter_interval, found.half_median_unbiased),
    ):
        assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


def test_a_constant_term_is_in_the_max_and_out_of_the_simulation(study: Sample) -> None:
    """With the constant as the larger term the bound is exact; far below it, the constant plays no part."""
    cell = Term.of(0, {study.cells[0]: 1})
    found = estimate([cell, Term.of(1)], [Term.of(2)], study)
    assert found.set_interval == (1, 2)
    alone, beside = (estimate(lower, [Term.of(2)], study) for lower in ([cell], [cell, Term.of(-1)]))
    assert alone.set_interval == pytest.approx(beside.set_interval)


def test_empty_cells_do_not_vary() -> None:
    data = sample({0: (50, 0, 50, 0), 1: (0, 50, 0, 50)})
    bounds = derive(catalogue.load("mediation_mmr"), ["delta1"]).bounds[0]
    found = estimate(list(bounds.lower.terms), list(bounds.upper.terms), data)
    assert all(math.isfinite(x) for x in found.set_interval)
    assert found.plug_in == pytest.approx((-0.5, 0.5))


# ---------------------------------------------------------------- a point: one regular term on each side
def test_a_single_term_has_the_usual_interval(study: Sample) -> None:
    """Identified by one term: the interval of the parameter is the estimate with 1.96 standard errors."""
    mean = Term.of(0, {study.cells[2]: 1, study.cells[3]: 1})
    found = estimate([mean], [mean], study)
    p = float(study.probabilities[2] + study.probabilities[3])
    error = math.sqrt(p * (1 - p) / study.arms[0][1])
    assert found.half_median_unbiased == pytest.approx((p, p))
    for interval in (found.set_interval, found.parameter_interval_adaptive):
        assert interval == pytest.approx((p - 1.959964 * error, p + 1.959964 * error), abs=1e-5)
    assert found.parameter_interval == pytest.approx((p - 1.959964 * error, p + 1.959964 * error), abs=2e-3)


def test_a_wide_set_has_the_one_sided_interval() -> None:
    """Where the set is wide only one side can bind, so the parameter's interval is one-sided at each end."""
    data = sample({0: (5000, 1, 1, 5000), 1: (5000, 1, 1, 5000)})
    low, high = (Term.of(0, {data.cells[i]: s}) for i, s in ((0, -1), (3, 1)))
    found = estimate([low], [high], data)
    error = math.sqrt(float(data.covariance[0, 0]))
    expected = float(-data.probabilities[0]) - 1.644854 * error
    assert found.parameter_interval is not None
    assert found.parameter_interval[0] == pytest.approx(expected, abs=1e-4)
    assert found.parameter_interval_adaptive[0] == pytest.approx(expected, abs=1e-4)


# ---------------------------------------------------------------- coverage at a tie
def test_half_median_unbiased_at_a_tie_where_plug_in_is_not() -> None:
    """Four lower terms that are equal in the population: the plug-in maximum is nearly always too large."""
    chance = np.random.default_rng(11)
    cells = ("a", "b", "c", "d")
    lower = [Term.of(0, {cell: 1}) for cell in cells]
    below = {"plug_in": 0, "half_median_unbiased": 0, "set_interval": 0}
    rounds = 400
    for _ in range(rounds):
        units = chance.multinomial(2000, np.full(4, 0.25)).tolist()
        data = counted_sample([("all", cells, units)])
        found = estimate(lower, [Term.of(1)], data, draws=4000)
        for name in below:
            below[name] += getattr(found, name)[0] <= 0.25
    assert below["plug_in"] / rounds < 0.1
    assert below["half_median_unbiased"] / rounds > 0.44
    assert below["set_interval"] / rounds > 0.94


# ---------------------------------------------------------------- samples outside the model
def test_violations_and_the_nearest_distribution() -> None:
    model = catalogue.load("mediation_mmr")
    found = derive(model, ["delta0"])
    assert found.conditions
    data = sample({0: (30, 70, 30, 70), 1: (50, 50, 50, 50)})
    tested = conditions_test(found.conditions, data, {}, seed=1)
    assert [violation.amount for violation in tested.violations] == [pytest.approx(0.2)]
    assert tested.p_value < 0.001
    assert tested.violations[0].p_value == pytest.approx(tested.p_value, abs=1e-3)
    near = nearest_in_model(found.conditions, found.arms, data, {})
    at = dict(zip(data.cells, near, strict=True))
    # Both arms have 200 units, so their shares of M=1, 0.7 and 0.5, meet at the mean weighted by 1 / (p (1 - p)).
    meeting = (0.7 / 0.21 + 0.5 / 0.25) / (1 / 0.21 + 1 / 0.25)
    for arm in (0, 1):
        assert at[f"P(Y=0,M=1|A={arm})"] + at[f"P(Y=1,M=1|A={arm})"] == pytest.approx(meeting, abs=1e-4)
    inside = sample(BOUNDSDATA)
    assert nearest_in_model(found.conditions, found.arms, inside, {}) == pytest.approx(inside.probabilities)
    assert conditions_test(found.conditions, inside, {}, seed=1).violations == ()
