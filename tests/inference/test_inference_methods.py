"""The methods beside intersection bounds: laws, closed forms, coverage at ties, labels, what is no interval."""

from __future__ import annotations

import json
import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from boundgen import Model, catalogue, derive, estimate, read_data
from boundgen.errors import DataError
from boundgen.exact.terms import Term
from boundgen.inference.critical import exact_quantile
from boundgen.inference.directional import nearly_active
from boundgen.inference.estimated_bounds import INTERVALS, EstimatedBounds
from boundgen.inference.estimated_terms import EstimatedTerms, estimated_terms
from boundgen.inference.from_data import counted_sample
from boundgen.inference.methods import METHODS
from boundgen.inference.resampling import CountedArm, Resampling, resampling_of
from boundgen.inference.stoye import SetEnds, both_below, stoye_interval
from boundgen.inference.subsampling import part_sizes, shrinkage_of
from support.command import Run, assert_refused

NORMAL = NormalDist()
CORRECTED = ("intersection", "directional", "subsampling")
CELLS = ("a", "b", "c", "d")


def of_counts(*counts: int) -> Resampling:
    """One arm with the cells a, b, c, d."""
    return Resampling(counted_sample([("", CELLS, counts)]), (CountedArm(np.arange(4), np.array(counts)),))


def terms(given: Resampling, texts: dict[str, int] | list[dict[str, int]], sign: int = 1) -> EstimatedTerms:
    listed = [Term.of(0, each) for each in (texts if isinstance(texts, list) else [texts])]
    return estimated_terms(listed, None, given.sample, {}, sign=sign)


def found(method: str, lower: EstimatedTerms, upper: EstimatedTerms, given: Resampling, **more: Any) -> EstimatedBounds:
    options = {"level": 0.95, "seed": 1, "draws": 20_000} | more
    return METHODS[method].found(lower, upper, given, options["level"], options["seed"], options["draws"])


# ---------------------------------------------------------------- resamples
def test_resampled_counts_have_the_covariance_of_the_sample() -> None:
    given = of_counts(100, 200, 300, 0)
    moves = given.moves(200_000, seed=1)
    assert moves.mean(axis=1) == pytest.approx(0, abs=3e-4)
    assert np.cov(moves) == pytest.approx(given.sample.covariance, abs=6e-6)
    assert np.all(moves[3] == 0)


def test_parts_vary_as_the_whole_after_shrinking() -> None:
    given = of_counts(100, 200, 300, 400)
    (size,) = part_sizes([1000])
    assert size == 100
    moves = shrinkage_of([size], [1000]) * given.parts([size], 200_000, seed=1)
    assert np.cov(moves) == pytest.approx(given.sample.covariance, rel=0.05, abs=5e-6)


INCOMPLETE = """model share
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M=1 | A)
estimand joint = P(Y(1, 1)=1, M(1)=1)
"""


def test_units_outside_the_observed_cells_are_resampled_too() -> None:
    model = Model.parse(INCOMPLETE)
    cells = [(a, m, y) for a in (0, 1) for m in (0, 1) for y in (0, 1)]
    rows = [{"A": a, "M": m, "Y": y} for a, m, y in cells for _ in range(10 + 5 * y + 20 * m)]
    pandas = pytest.importorskip("pandas")
    data = read_data(model, pandas.DataFrame(rows))
    from boundgen.inference.from_data import sample_of

    given = resampling_of(data, sample_of(data))
    assert given.arms is not None
    assert [len(arm.counts) - len(arm.places) for arm in given.arms] == [1, 1]
    assert np.cov(given.moves(100_000, seed=2)) == pytest.approx(given.sample.covariance, rel=0.05, abs=3e-5)


def weighted(values: list[str]) -> Any:
    pandas = pytest.importorskip("pandas")
    rows = [{"A": a, "M": m, "Y": y} for a in (0, 1) for m in (0, 1) for y in (0, 1) for _ in range(20 + 30 * a * m)]
    return pandas.DataFrame([{**row, "w": values[i % len(values)]} for i, row in enumerate(rows)])


@pytest.mark.parametrize("method", ["directional", "bootstrap"])
def test_weighted_samples_are_resampled_from_the_normal_approximation(method: str) -> None:
    model = catalogue.load("mediation_mmr")
    data = read_data(model, weighted(["1", "2", "3"]), weights="w")
    result = estimate(derive(model, ["delta1"]), data, method=method, draws=5000)
    assert any("resamples are normal" in note for note in result.notes)
    from boundgen.inference.from_data import sample_of

    sample = sample_of(data)
    moves = resampling_of(data, sample).moves(100_000, seed=1)
    assert np.cov(moves) == pytest.approx(sample.covariance, rel=0.05, abs=2e-5)


def test_weights_of_one_are_counts() -> None:
    model = catalogue.load("mediation_mmr")
    derived = derive(model, ["delta1"])
    frame = weighted(["1"])
    first = estimate(derived, read_data(model, frame, weights="w"), method="subsampling", draws=2000)
    second = estimate(derived, read_data(model, frame.drop(columns="w")), method="subsampling", draws=2000)
    assert first.estimates == second.estimates


def test_weighted_samples_are_not_subsampled() -> None:
    model = catalogue.load("mediation_mmr")
    data = read_data(model, weighted(["1", "2"]), weights="w")
    with pytest.raises(DataError, match="subsampling draws units"):
        estimate(model.bound("delta1"), data, method="subsampling")


# ---------------------------------------------------------------- Stoye
@pytest.mark.parametrize("correlation", [-0.99, -0.5, 0.0, 0.7, 0.99])
def test_the_bivariate_normal_distribution_function(correlation: float) -> None:
    values = (-2.0, -0.3, 0.0, 0.4, 1.645, 9.0)
    for x in values:
        for y in values:
            expected = multivariate_normal.cdf([x, y], [0, 0], [[1, correlation], [correlation, 1]])
            assert both_below(x, y, correlation) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("correlation", [-1.0, -0.999999, -0.5, 0.0, 0.5, 0.999999, 1.0])
def test_two_normal_variables_below_values(correlation: float) -> None:
    chance = np.random.default_rng(4)
    first, other = chance.standard_normal((2, 400_000))
    second = correlation * first + math.sqrt(1 - correlation**2) * other
    for x, y in ((0.3, 1.2), (-0.4, -0.1), (1.6, 1.7)):
        assert both_below(x, y, correlation) == pytest.approx(np.mean((first < x) & (second < y)), abs=0.004)


@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.6, 1.0])
@pytest.mark.parametrize("errors", [(1.0, 1.0), (1.0, 0.3), (0.2, 1.0)])
@pytest.mark.parametrize("width", [0.0, 3.0, 50.0])
def test_the_ends_of_the_set_are_covered(correlation: float, errors: tuple[float, float], width: float) -> None:
    """With known errors; the rarer of the two ends has the stated level, but for widths that are taken to be zero."""
    n = 1000
    interval = stoye_interval(SetEnds(0.0, width, *errors, correlation), 0.95, n)
    assert interval
    first, other = np.random.default_rng(8).standard_normal((2, 400_000))
    low = interval[0] + errors[0] * first
    high = interval[1] + errors[1] * (correlation * first + math.sqrt(1 - correlation**2) * other)
    covered = [float(np.mean((low <= end) & (end <= high))) for end in (0.0, width)]
    assert min(covered) >= 0.948
    if width == 0 or width > math.sqrt(math.log(n)) * max(errors):
        assert min(covered) <= 0.952 or correlation == 1.0


def test_stoye_at_a_point_and_at_a_wide_set() -> None:
    point = stoye_interval(SetEnds(0.2, 0.2, 0.1, 0.1, 1.0), 0.95, 1000)
    assert point == pytest.approx((0.2 - 0.1959964, 0.2 + 0.1959964), abs=1e-4)
    wide = stoye_interval(SetEnds(0.0, 9.0, 0.1, 0.2, 0.3), 0.95, 1000)
    assert wide == pytest.approx((-0.1644854, 9 + 2 * 0.1644854), abs=1e-4)
    assert stoye_interval(SetEnds(0.1, 0.4, 0.0, 0.0, 0.0), 0.95, 1000) == pytest.approx((0.1, 0.4))
    assert stoye_interval(SetEnds(0.9, 0.1, 0.1, 0.1, 0.0), 0.95, 1000) is None


# ---------------------------------------------------------------- one term, and ties
@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_single_term_has_the_usual_interval(method: str) -> None:
    given = of_counts(2000, 3000, 2500, 2500)
    result = found(method, terms(given, {"a": 1}), terms(given, {"a": 1}, sign=-1), given, draws=100_000)
    error = math.sqrt(0.2 * 0.8 / 10_000)
    tolerance = 0.1 if method == "subsampling" else 0.03
    assert result.set_interval == pytest.approx((0.2 - 1.96 * error, 0.2 + 1.96 * error), abs=tolerance * error)
    if "parameter_interval" in METHODS[method].gives:
        assert result.parameter_interval
        assert result.parameter_interval == pytest.approx(result.set_interval, abs=2 * tolerance * error)


def test_directional_at_a_tie_is_the_quantile_of_the_max() -> None:
    given = of_counts(10_000, 10_000, 10_000, 10_000)
    lower, upper = terms(given, [{"a": 1}, {"b": 1}]), terms(given, [{"c": 1, "d": 1}], sign=-1)
    error = math.sqrt(0.25 * 0.75 / 40_000)
    correlation = np.array([[1, -1 / 3], [-1 / 3, 1]])
    result = found("directional", lower, upper, given, draws=200_000)
    assert result.kept == ((0, 1), (0,))
    assert result.half_median_unbiased
    for end, level in ((result.half_median_unbiased[0], 0.5), (result.set_interval[0], 0.975)):
        assert end == pytest.approx(0.25 - exact_quantile(correlation, level) * error, abs=0.02 * error)


def test_what_counts_as_a_tie() -> None:
    """Terms that coincide always; others by standard errors of their difference."""
    given = of_counts(2500, 2400, 2000, 3100)
    several = terms(given, [{"a": 1}, {"b": 1}, {"c": 1}, {"a": 1}])
    difference = math.sqrt((0.25 + 0.24 - 0.01**2) / 10_000)
    assert 0.01 < math.sqrt(math.log(10_000)) * difference < 0.05
    assert nearly_active(several, given.sample).tolist() == [True, True, False, True]


@pytest.mark.slow
def test_coverage_at_a_tie() -> None:
    """Four equal lower terms: one-sided 95% bounds. What the labels say is what happens."""
    chance, rounds, n = np.random.default_rng(21), 160, 2000
    below = dict.fromkeys(METHODS, 0)
    for _ in range(rounds):
        given = of_counts(*chance.multinomial(n, [0.25] * 4))
        lower, upper = terms(given, [{cell: 1} for cell in CELLS]), terms(given, {"a": 1, "b": 1, "c": 1}, sign=-1)
        for method in METHODS:
            below[method] += found(method, lower, upper, given, level=0.9, draws=500).set_interval[0] <= 0.25
    shares = {method: count / rounds for method, count in below.items()}
    assert min(shares["intersection"], shares["directional"]) > 0.92
    assert shares["subsampling"] > 0.85
    assert shares["stoye"] < 0.9
    assert shares["bootstrap"] < 0.8


def test_the_directional_parameter_interval_covers_the_end_of_the_set() -> None:
    """Both ends of a narrow set and of a wide one, with two tied terms below."""
    chance, rounds, n = np.random.default_rng(5), 300, 2000
    for upper_cells, end in (({"a": 1}, 0.25), ({"a": 1, "b": 1, "c": 1}, 0.75)):
        covered = [0, 0]
        for _ in range(rounds):
            given = of_counts(*chance.multinomial(n, [0.25] * 4))
            lower, upper = terms(given, [{"a": 1}, {"b": 1}]), terms(given, upper_cells, sign=-1)
            interval = found("directional", lower, upper, given, draws=500).parameter_interval
            if interval:
                covered[0] += interval[0] <= 0.25 <= interval[1]
                covered[1] += interval[0] <= end <= interval[1]
        assert min(covered) / rounds > 0.92


# ---------------------------------------------------------------- invariance
def close(one: EstimatedBounds, other: EstimatedBounds, tolerance: float) -> bool:
    pairs = [(one.interval(name), other.interval(name)) for name in INTERVALS]
    assert all((a is None) == (b is None) for a, b in pairs)
    return all(a == pytest.approx(b, abs=tolerance) for a, b in pairs if a is not None)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_order_and_repetition_of_terms_do_not_matter(method: str) -> None:
    given = of_counts(260, 250, 240, 250)
    listed = [{"a": 1}, {"b": 1}, {"c": 1}]
    upper = terms(given, [{"a": 1, "b": 1}, {"c": 1, "d": 1}], sign=-1)
    first = found(method, terms(given, listed), upper, given)
    tolerance = 0.002 if method == "intersection" else 1e-6
    assert close(first, found(method, terms(given, listed[::-1]), upper, given), tolerance)
    assert close(first, found(method, terms(given, [*listed, *listed]), upper, given), tolerance)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_same_seed_same_numbers(method: str) -> None:
    given = of_counts(260, 250, 240, 250)
    lower, upper = terms(given, [{"a": 1}, {"b": 1}, {"c": 1}]), terms(given, {"a": 1, "b": 1}, sign=-1)
    one, same, other = (found(method, lower, upper, given, seed=seed, draws=1000) for seed in (3, 3, 4))
    assert one == same
    assert (one == other) == (method in ("cox-shi", "stoye"))


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("data", ["boundsdata", "jobs", "transphobia", "bursztyn", "framing"])
def test_intervals_of_the_shipped_data(method: str, data: str) -> None:
    """Nested, and what a method does not give is not there."""
    model = catalogue.load("mediation_mmr")
    for each in estimate(derive(model), read_data(model, data), method=method, draws=20_000).estimates:
        assert {name for name in INTERVALS if each.found.interval(name)} == set(METHODS[method].gives)
        low, high = each.found.set_interval
        assert low <= each.found.plug_in[0] <= each.found.plug_in[1] <= high
        for inner in (each.found.parameter_interval, each.found.half_median_unbiased):
            assert inner is None or (low - 1e-3 <= inner[0] <= inner[1] <= high + 1e-3)


# ---------------------------------------------------------------- labels
@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_answer_says_what_its_method_assumes(method: str, run: Run) -> None:
    words = ("estimate", "mediation_mmr", "jobs", "--method", method, "--draws", "2000")
    text = run(*words)
    assert (text.status, text.err) == (0, "")
    flat = " ".join(text.out.split())
    assert f"Method: {method}" in flat
    assert METHODS[method].assumes in flat
    assert ("half-median-unbiased" in flat) == ("half_median_unbiased" in METHODS[method].gives)
    stated = json.loads(run(*words, "--format", "json").out)
    assert (stated["method"], stated["assumes"]) == (method, METHODS[method].assumes)
    for each in stated["estimates"]:
        assert {name for name in INTERVALS if each[name] is not None} == set(METHODS[method].gives)
        assert each["crossed"] == []
    assert f",{method}," in run(*words, "--format", "csv").out
    assert run(*words, "--format", "latex").out.count("parameter") == ("parameter_interval" in METHODS[method].gives)


def test_the_plain_bootstrap_is_marked_invalid() -> None:
    assert METHODS["bootstrap"].assumes.startswith("INVALID where terms tie")


def test_bad_options(run: Run) -> None:
    model = catalogue.load("mediation_mmr")
    assert_refused(
        run("estimate", "mediation_mmr", "jobs", "--method", "directional", "--draws", "0"),
        "the method directional resamples, and 0 draws are too few\n"
        "  At least 200; exact critical values (0) are for the method intersection.",
    )
    with pytest.raises(DataError, match="there is no method 'magic'"):
        estimate(model.bound("delta1"), read_data(model, "jobs"), method="magic")
    unknown = run("estimate", "mediation_mmr", "jobs", "--method", "magic")
    assert (unknown.status, unknown.out) == (2, "")
    assert "'magic' is not one of 'intersection'" in unknown.err


def test_parts_of_small_arms(run: Run) -> None:
    from pathlib import Path

    lines = [f"{a},{m},{y},{10 + 3 * a * m}" for a in (0, 1) for m in (0, 1) for y in (0, 1)]
    Path("small.csv").write_text("\n".join(["A,M,Y,count", *lines]) + "\n", encoding="utf-8")
    assert run("estimate", "mediation_mmr", "small.csv", "--method", "subsampling").status == 0
    lines = [f"{a},{m},{y},{4 + 500 * a}" for a in (0, 1) for m in (0, 1) for y in (0, 1)]
    Path("small.csv").write_text("\n".join(["A,M,Y,count", *lines]) + "\n", encoding="utf-8")
    assert_refused(
        run("estimate", "mediation_mmr", "small.csv", "--method", "subsampling"),
        "subsampling would take 1 units of the smallest arm (16 units)\n"
        "  It needs 5 at least. Use --method intersection.",
    )


# ---------------------------------------------------------------- samples outside the model
MODELS = (
    "mediation_mmr_average",
    "iv_ate",
    "mediation_limited_defiers",
    "mediation_instrument",
    "causation_both",
    "confounded_treatment",
    "mediation_encouragement",
)


# Others ask for conditions too; some samples give those of delta0_moved no probability.
NAMED = {"causation_both": ["pns"], "mediation_encouragement": ["delta0_moved"]}


def random_sample(model: Model, blocks: Any, seed: int) -> Any:
    chance = np.random.default_rng(seed)
    counts: dict[str, int] = {}
    for block in blocks:
        size = len(block.cells)
        drawn = chance.multinomial(300, chance.dirichlet(np.full(size, 0.5)))
        counts |= {cell.name: int(count) for cell, count in zip(block.cells, drawn, strict=True)}
    return read_data(model, counts, kind="counts")


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("name", MODELS)
def test_nothing_crossed_without_saying_so(name: str, method: str) -> None:
    """Samples of any distribution, with parameters and conditional estimands: what is no interval is called none."""
    model = catalogue.load(name)
    derived = derive(model, NAMED.get(name, ()))
    seen = 0
    for seed in range(6):
        values = {parameter.name: "1/20" for parameter in model.parameters}
        try:
            result = estimate(derived, random_sample(model, derived.arms, seed), values, method=method, draws=300)
        except DataError as error:
            if "does not have a positive probability" not in str(error):
                raise
            continue
        stated, text = result.json(), " ".join(result.text().split())
        for each, answer in zip(result.estimates, stated["estimates"], strict=True):
            wrong = [i for i in INTERVALS if answer[i] is not None and answer[i][0] > answer[i][1] + 1e-9]
            assert list(each.crossed) == answer["crossed"] == wrong
            if wrong:
                seen += 1
                assert "Lower is above upper in" in text
                assert "assumptions and sample disagree" in text
                assert answer["violations"]
            if "parameter_interval" in METHODS[method].gives and answer["parameter_interval"] is None:
                assert "is empty: every value is rejected" in text
        assert [row["crossed"].split() for row in result.rows()] == [list(each.crossed) for each in result.estimates]
    assert seen or name in ("iv_ate", "mediation_limited_defiers", "confounded_treatment")


def test_a_point_is_not_crossed_by_rounding() -> None:
    """A complier effect is identified: both of its ends are the same term."""
    model = catalogue.load("iv_ate_monotone")
    derived = derive(model, ["late"])
    for seed in range(40):
        chance = np.random.default_rng(seed)
        counts: dict[str, int] = {}
        for block, p in zip(derived.arms, ([0.5, 0.3, 0.1, 0.1], [0.2, 0.1, 0.3, 0.4]), strict=True):
            counts |= dict(zip((cell.name for cell in block.cells), map(int, chance.multinomial(211, p)), strict=True))
        result = estimate(derived, read_data(model, counts, kind="counts"), draws=300)
        assert result.estimates[0].crossed == ()


def test_a_condition_without_probability_is_refused() -> None:
    model = catalogue.load("iv_ate_monotone")
    shares = ([0.2, 0.1, 0.3, 0.4], [0.5, 0.3, 0.1, 0.1])
    counts = {
        cell.name: int(200 * share)
        for block, arm in zip(derive(model).arms, shares, strict=True)
        for cell, share in zip(block.cells, arm, strict=True)
    }
    data = read_data(model, counts, kind="counts")
    with pytest.raises(DataError, match="the condition of late does not have a positive probability"):
        estimate(derive(model, ["late"]), data)
    both = estimate(derive(model), data, draws=1000)
    assert [each.estimand for each in both.estimates] == ["ate"]
    assert [each.name for each in both.unanswered] == ["late"]
    result = estimate(derive(model, ["ate"]), data, draws=1000, project=True)
    assert result.estimates[0].conditions
    assert result.estimates[0].conditions.violations
    assert result.estimates[0].nearest
    low, high = result.estimates[0].nearest
    assert low <= high + 1e-6
