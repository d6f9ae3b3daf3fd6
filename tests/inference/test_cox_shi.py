"""The conditional chi-squared test: closed forms, invariances, and that terms and programs over strata agree."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from boundgen import Model, catalogue, derive, estimate, evaluate, read_data
from boundgen.bounds.closed_form import Bounds
from boundgen.companions.student import student_ratio
from boundgen.derivation import Derivation, posed
from boundgen.errors import DataError
from boundgen.exact.terms import Term
from boundgen.inference.common_covariance import common_covariance
from boundgen.inference.conditional_test import Projection, of_length_one, projection
from boundgen.inference.cox_shi import SidesAtSample, cox_shi_inverted, implications_test, sides_at_sample
from boundgen.inference.estimand_range import estimand_range
from boundgen.inference.estimated_functions import known
from boundgen.inference.estimated_terms import EstimatedTerms, ExactTerms, estimated_terms
from boundgen.inference.from_data import counted_sample, sample_of
from boundgen.inference.inversion import Inversion, Position
from boundgen.inference.linear_lines import inversion_over
from boundgen.inference.numeric_estimate import numeric_estimate
from boundgen.inference.sample import UNSEEN, Sample
from boundgen.inference.strata_arrays import StrataArrays, strata_arrays
from boundgen.inference.strata_test import StrataTest
from support.catalogue import derived
from support.command import Run

LEVEL = 0.95
ONE_SIDED = float(norm.ppf(LEVEL))


def outcome(normals: list[list[float]], slacks: list[float]) -> Projection:
    return projection(of_length_one(np.array(normals, dtype=float)), np.array(slacks, dtype=float))


# ---------------------------------------------------------------- closed forms
@pytest.mark.parametrize("distance", [0.1, 1.6, 1.7, 4.0])
def test_one_inequality_is_the_one_sided_test(distance: float) -> None:
    found = outcome([[3.0, 4.0]], [-distance])
    assert (found.statistic, found.freedom) == (pytest.approx(distance**2), 1)
    assert found.p_value == pytest.approx(norm.sf(distance))
    assert found.critical(LEVEL) == pytest.approx(ONE_SIDED**2)
    assert found.rejected(LEVEL) == (distance > ONE_SIDED)


def test_an_equality_is_the_two_sided_test() -> None:
    found = outcome([[1.0], [-1.0]], [-1.8, 1.8])
    assert (found.freedom, found.p_value) == (1, pytest.approx(2 * norm.sf(1.8)))


def test_inequalities_at_right_angles_that_both_bind() -> None:
    found = outcome([[1.0, 0.0], [0.0, 1.0]], [-1.0, -2.0])
    assert (found.statistic, found.freedom) == (pytest.approx(5.0), 2)
    assert found.p_value == pytest.approx(chi2.sf(5.0, 2))


@pytest.mark.parametrize("slack", [0.0, 0.5, 2.0, 9.0])
def test_the_refinement_by_the_second_inequality(slack: float) -> None:
    """At right angles the ball is as large as the slack; against one another, half as large."""
    beside, against = outcome([[1.0, 0.0], [0.0, 1.0]], [-1.7, slack]), outcome([[1.0], [-1.0]], [-1.7, 1.7 + slack])
    tail = 2 * norm.sf(1.7)
    if slack:
        assert beside.p_value == pytest.approx(tail / (2 * norm.cdf(slack)))
    else:
        assert beside.freedom == 2
    assert against.p_value == pytest.approx(tail / (2 * norm.cdf(slack / 2)))


def test_what_is_met_and_what_cannot_be() -> None:
    assert outcome([[1.0], [-1.0]], [0.0, 0.2]).p_value == 1.0
    never = outcome([[1.0], [-1.0]], [-1.0, 0.5])
    assert (never.statistic, never.p_value) == (math.inf, 0.0)


# ---------------------------------------------------------------- invariances
CASES = st.integers(0, 10_000)


def random_inequalities(seed: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    size, dimensions = int(chance.integers(1, 9)), int(chance.integers(1, 5))
    normals, centre = chance.normal(size=(size, dimensions)), chance.normal(size=dimensions) * 2
    return normals, np.abs(chance.normal(size=size)) + normals @ centre


@settings(max_examples=60, deadline=None)
@given(seed=CASES)
def test_neither_order_nor_units_nor_repetition_nor_what_follows_matters(seed: int) -> None:
    normals, slacks = random_inequalities(seed)
    chance = np.random.default_rng(seed)
    order = np.concatenate([chance.permutation(len(slacks)), chance.integers(len(slacks), size=2)])
    units = np.exp(chance.normal(size=len(order)))
    # What follows from the others: a mixture of two of them, and a little more room.
    mixed, rest = normals[order[:1]] + normals[order[-1:]], slacks[order[:1]] + slacks[order[-1:]] + 0.1
    if np.linalg.norm(mixed) < 1e-3:
        return
    turn = np.linalg.qr(chance.normal(size=(normals.shape[1],) * 2))[0]

    def whole(rows: np.ndarray, right: np.ndarray) -> Projection:
        return projection(of_length_one(rows), right / np.linalg.norm(rows, axis=1))

    first = whole(normals, slacks)
    other = whole(
        np.vstack([normals[order] * units[:, None], mixed]) @ turn, np.concatenate([slacks[order] * units, rest])
    )
    assert other.statistic == pytest.approx(first.statistic, rel=1e-6, abs=1e-9)
    assert (other.freedom, other.p_value) == (first.freedom, pytest.approx(first.p_value, rel=1e-5))


def test_the_level_of_the_test_where_inequalities_bind() -> None:
    """In a normal model, at a corner, on an edge, and between two parallel borders."""
    chance = np.random.default_rng(7)
    cone = of_length_one(np.array([[1.0, 0.2], [-0.3, 1.0]]))
    strip = of_length_one(np.array([[1.0, 0.0], [-1.0, 0.0]]))
    for normals, slack in ((cone, [0.0, 0.0]), (cone, [0.0, 1.0]), (strip, [0.0, 0.7])):
        draws = chance.standard_normal((1500, 2))
        rejected = [projection(normals, np.array(slack) - normals @ z).rejected(LEVEL) for z in draws]
        assert np.mean(rejected) < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1500)
    assert np.mean(rejected) > 0.025


# ---------------------------------------------------------------- terms and programs
MODELS = ("mediation_mmr", "iv_ate", "iv_ate_monotone", "mediation_limited_defiers", "mediation_instrument")
CHOICE = Fraction(1, 20)


def random_sample(arms: Any, seed: int) -> Sample:
    chance = np.random.default_rng(seed)
    listed = []
    for arm in arms:
        shares = chance.dirichlet(np.full(len(arm.cells), (1.0, 3.0, 0.3)[seed % 3]))
        counts = chance.multinomial((400, 60, 150)[seed % 3], shares)
        listed.append(("", [cell.name for cell in arm.cells], counts.tolist()))
    return counted_sample(listed)


# Laws that both models allow.
SHARES = ((0.4, 0.1, 0.2, 0.3), (0.2, 0.2, 0.2, 0.4))


def likely_sample(arms: Any, seed: int, size: int = 300) -> Sample:
    chance = np.random.default_rng(seed)
    counts = [chance.multinomial(size, shares).tolist() for shares in SHARES]
    return counted_sample([("", [c.name for c in arm.cells], n) for arm, n in zip(arms, counts, strict=True)])


def both_ways(name: str, seed: int) -> list[tuple[SidesAtSample, StrataTest]]:
    derivation = derived(name)
    choice = {parameter.name: CHOICE for parameter in derivation.model.parameters}
    sample = random_sample(derivation.arms, seed)
    programs = {program.estimand.name: program for program in derivation.problem.posed}
    found = []
    for bounds in derivation.bounds:
        at = {**dict(zip(sample.cells, sample.variation.shares, strict=True)), **choice}
        if bounds.denominator is None or bounds.denominator.value(at) > 0:
            arrays = strata_arrays(programs[bounds.name], choice)
            assert arrays
            sides = replace(linear_sides(bounds, sample, choice), implied=with_cells(bounds, sample, choice))
            found.append((sides, StrataTest(arrays, sample)))
    return found


def with_cells(bounds: Bounds, sample: Sample, choice: dict[str, Fraction]) -> EstimatedTerms:
    """All that the program says of the data: its cells are not negative, and those of an arm no more than one."""
    cells = [Term.of(0, {cell: 1}) for cell in sample.cells]
    rest = [Term.of(1, {cell.name: -1 for cell in arm.cells}) for arm in bounds.arms if not arm.complete]
    return estimated_terms([*(bounds.conditions or ()), *cells, *rest], None, sample, choice, sign=-1)


# Statistics beyond are of no interest: their p-values are zero.
FAR = 900


@pytest.mark.parametrize("seed", [0, 2])
@pytest.mark.parametrize("name", MODELS)
def test_terms_and_programs_agree(name: str, seed: int) -> None:
    for sides, program in both_ways(name, seed):
        low, high = sides.plug_in
        for value in (low - 0.1, low - 0.01, (low + high) / 2, high + 0.03):
            position = sides.within(value)
            terms, strata = sides.both.at(position), program.at(position)
            assert strata.statistic == pytest.approx(terms.statistic, rel=1e-5, abs=1e-6)
            # Far out, small weights of the nearest point are not told from zero: more degrees of freedom.
            assert strata.freedom >= terms.freedom or terms.statistic <= 1e-6
            if 1e-6 < terms.statistic < FAR:
                assert strata.freedom == terms.freedom
                # A part of the room is found: never more than there is.
                assert terms.p_value <= strata.p_value * (1 + 1e-6)
                assert strata.p_value <= 2 * terms.p_value


@pytest.mark.parametrize("name", MODELS)
def test_bounds_of_the_program_are_those_of_the_terms(name: str) -> None:
    for sides, program in both_ways(name, 0):
        low, high = sides.plug_in
        if program.model.statistic == 0:
            assert program.bounds() == pytest.approx((low, high), abs=1e-7)
        assert program.range == pytest.approx((float(sides.least), float(sides.most)), abs=1e-7)


@pytest.mark.parametrize("name", ["mediation_mmr", "iv_ate"])
def test_intervals_of_the_program_contain_those_of_the_terms(name: str) -> None:
    derivation = derived(name)
    sample = likely_sample(derivation.arms, 3)
    for bounds, program in list(zip(derivation.bounds, derivation.problem.posed, strict=True))[:1]:
        numeric = numeric_estimate(program, sample, {}, LEVEL)
        assert numeric
        assert numeric.found.parameter_interval
        listed = interval(bounds, sample)
        low, high = numeric.found.parameter_interval
        assert low <= listed[0] + 1e-5
        assert high >= listed[1] - 1e-5
        width = listed[1] - listed[0]
        assert high - low < 1.06 * width
        assert numeric.numeric
        assert numeric.numeric.p_value == program_p_value(bounds, sample)


def lines_of(bounds: Bounds, sample: Sample, choice: dict[str, Fraction]) -> Inversion:
    signed = ((bounds.lower, 1), (bounds.upper, -1))
    lower, upper = (ExactTerms(side.terms, None, sample, choice, sign) for side, sign in signed)
    below = known(1) if bounds.denominator is None else ExactTerms([bounds.denominator], None, sample, choice, 1)(0)
    return inversion_over(
        map(lower, range(len(bounds.lower.terms))),
        map(upper, range(len(bounds.upper.terms))),
        below,
        estimand_range(bounds, choice),
        sample,
        seed=0,
        draws=0,
    )


def linear_sides(bounds: Bounds, sample: Sample, choice: dict[str, Fraction]) -> SidesAtSample:
    return sides_at_sample(lines_of(bounds, sample, choice), bounds, choice)


def interval(bounds: Bounds, sample: Sample) -> tuple[float, float]:
    found = cox_shi_inverted(lines_of(bounds, sample, {}), bounds, {}, LEVEL).parameter_interval
    assert found
    return found


def program_p_value(bounds: Bounds, sample: Sample) -> Any:
    tested = implications_test(bounds, sample, {})
    assert tested
    return pytest.approx(tested.p_value, abs=1e-6)


# ---------------------------------------------------------------- the covariance
@settings(max_examples=60, deadline=None)
@given(counts=st.lists(st.integers(0, 60), min_size=2, max_size=6).filter(lambda row: sum(row) > 1))
def test_shares_vary_as_with_units_more_in_their_cells(counts: list[int]) -> None:
    names = [f"c{i}" for i in range(len(counts))]
    sample = counted_sample([("", names, counts)])
    found, n = common_covariance(sample), sum(counts)
    assert np.linalg.eigvalsh(found)[0] > -1e-12
    assert found.sum(axis=1) == pytest.approx(np.zeros(len(counts)), abs=1e-12)
    for i, count in enumerate(counts):
        more = (count + UNSEEN) / (n + UNSEEN)
        assert found[i, i] >= max(more * (1 - more) / (n + UNSEEN), count * (n - count) / n**3) - 1e-12
    # What moves the same in every cell is certain, and nothing else is.
    assert np.linalg.matrix_rank(found, tol=1e-9) == len(counts) - 1


def test_few_clusters_have_students_t() -> None:
    pandas = pytest.importorskip("pandas")
    chance = np.random.default_rng(5)
    frame = pandas.DataFrame(chance.integers(0, 2, size=(240, 3)), columns=["A", "M", "Y"])
    frame["village"] = np.arange(240) // 20 * 2 + frame["A"]
    sample = sample_of(read_data(catalogue.load("mediation_mmr"), frame, cluster="village"))
    for arm in sample.precision:
        ratio = common_covariance(sample)[arm.places, arm.places] / sample.corrected[arm.places, arm.places]
        assert ratio.min() >= float(student_ratio(np.array(arm.freedom))) ** 2 - 1e-9
        assert arm.freedom < 12


# ---------------------------------------------------------------- intervals
@pytest.mark.parametrize("seed", range(4))
def test_the_interval_is_what_the_test_accepts(seed: int) -> None:
    derivation = derived("iv_ate")
    sample = likely_sample(derivation.arms, seed)
    sides = linear_sides(derivation.bounds[0], sample, {})
    low, high = interval(derivation.bounds[0], sample)
    accepted = [
        value for value in np.linspace(-1, 1, 801) if not sides.both.at(Position.of(float(value))).rejected(LEVEL)
    ]
    assert low <= min(accepted) <= low + 0.0026
    assert high >= max(accepted) >= high - 0.0026


def test_scale_of_weights_and_names_of_arms_do_not_matter() -> None:
    pandas = pytest.importorskip("pandas")
    model = catalogue.load("iv_ate")
    chance = np.random.default_rng(2)
    frame = pandas.DataFrame(chance.integers(0, 2, size=(300, 3)), columns=["Z", "X", "Y"])
    frame["w"], frame["v"] = chance.integers(1, 5, size=300), 0
    frame["v"] = frame["w"] * 1000
    turned = frame.assign(Z=1 - frame["Z"])
    bound = derive(model, ["ate"])
    first, scaled, other = (
        estimate(bound, read_data(model, data, weights=weights), method="cox-shi").estimates[0].found
        for data, weights in ((frame, "w"), (frame, "v"), (turned, "w"))
    )
    assert scaled.parameter_interval == pytest.approx(first.parameter_interval, abs=3e-6)
    assert other.parameter_interval == pytest.approx(first.parameter_interval, abs=3e-6)


def test_swapped_values_of_the_outcome_mirror_the_interval() -> None:
    arms = derived("iv_ate").arms
    counts = ((30, 20, 10, 40), (5, 35, 45, 15))
    names = [[cell.name for cell in arm.cells] for arm in arms]
    swapped = [[c[1], c[0], c[3], c[2]] for c in counts]
    one, other = (
        interval(
            derived("iv_ate").bounds[0], counted_sample([("", n, list(c)) for n, c in zip(names, each, strict=True)])
        )
        for each in (counts, swapped)
    )
    assert other == pytest.approx((-one[1], -one[0]), abs=3e-6)


def test_a_sample_outside_of_the_model_is_told_by_its_test() -> None:
    model = catalogue.load("mediation_mmr")
    cells = {"P(Y=0,M=0|A=0)": 20, "P(Y=0,M=1|A=0)": 30, "P(Y=1,M=0|A=0)": 20, "P(Y=1,M=1|A=0)": 30}
    cells |= {name.replace("A=0", "A=1"): 50 - count for name, count in cells.items()}
    data = read_data(model, cells, kind="counts")
    found = estimate(derived("mediation_mmr"), data, method="cox-shi")
    conditions = found.estimates[0].conditions
    assert conditions
    # One condition, ATM >= 0: its one-sided test, with an allowance for unseen units in each of its cells.
    (violation,) = conditions.violations
    assert violation.p_value < conditions.p_value < 1.2 * violation.p_value
    assert conditions.p_value < 0.01
    numeric = estimate(posed(model, ["delta1"]), data, level=0.999).estimates[0]
    assert numeric.numeric
    assert numeric.numeric.p_value == pytest.approx(conditions.p_value, rel=0.1)
    with pytest.raises(DataError, match="no population near the sample"):
        estimate(posed(model, ["delta1"]), data)


# ---------------------------------------------------------------- without a closed form
FEW_DEFIERS = """model few
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
parameter g in [0, 1]
assume few: P(M(1)=0, M(0)=1) <= g * P(M(1)=1, M(0)=0)
estimand target = E[Y(1, M(1)) - Y(1, M(0))]
"""


def test_an_estimand_without_a_closed_form_has_intervals() -> None:
    model = Model.parse(FEW_DEFIERS)
    derivation, data = derive(model, partial=True), read_data(model, "boundsdata")
    result = estimate(derivation, data, {"g": ["0", "0.1"]})
    exact = evaluate(derivation, data, {"g": ["0", "0.1"]})
    before = (math.inf, -math.inf)
    for each, ends in zip(result.estimates, exact, strict=True):
        assert each.found.plug_in == pytest.approx((float(ends.lower), float(ends.upper)), abs=1e-7)
        assert each.found.parameter_interval
        low, high = each.found.parameter_interval
        assert low < each.found.plug_in[0] <= each.found.plug_in[1] < high
        assert low < before[0]
        assert high > before[1]
        before = (low, high)
    text = " ".join(result.text(unicode=False).split())
    assert "Numeric, without a closed form: target." in text
    assert "Method: intersection" not in text
    assert result.json()["estimates"][0]["numeric"] == {"statistic": 0.0, "degrees_of_freedom": 0, "p_value": 1.0}
    assert {row["method"] for row in result.rows()} == {"cox-shi, numeric"}
    assert result.latex().startswith("% target: numeric, by cox-shi")
    assert result.plot()
    assert estimate(derivation, data, {"g": ["0", "0.2", "0.4"]}).plot()
    # Without defiers it is the model of which bounds have a closed form.
    same = estimate(derive(catalogue.load("mediation_mmr"), ["delta1"]), data, method="cox-shi").estimates[0].found
    assert same.parameter_interval == pytest.approx(result.estimates[0].found.parameter_interval, abs=0.004)


@pytest.mark.parametrize("first", [(6, 0, 0, 0), (3, 0, 0, 3)])
@pytest.mark.parametrize("second", [(0, 6, 0, 0), (2, 0, 4, 0), (6, 0, 0, 6)])
def test_tables_with_empty_cells_have_figures(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    model = catalogue.load("iv_ate")
    program = posed(model, ["ate"])
    cells = [cell.name for arm in program.arms for cell in arm.cells]
    data = read_data(model, dict(zip(cells, (*first, *second), strict=True)), kind="counts")
    bounds = derived("iv_ate").bounds[0]
    check_figures(estimate(bounds, data, method="cox-shi").json()["estimates"][0])
    contradicted = StrataTest(arrays_of(program), sample_of(data)).model.rejected(0.975)
    if contradicted:
        with pytest.raises(DataError, match="no population near the sample"):
            estimate(program, data)
    else:
        check_figures(estimate(program, data).json()["estimates"][0])


def arrays_of(program: Derivation) -> StrataArrays:
    arrays = strata_arrays(program.problem.posed[0], {})
    assert arrays
    return arrays


def check_figures(answer: dict[str, Any]) -> None:
    json.dumps(answer, allow_nan=False)
    for name in ("plug_in", "set_interval", "parameter_interval"):
        assert answer[name] is None or all(-1 - 1e-9 <= end <= 1 + 1e-9 for end in answer[name])


def test_the_command_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "few.bounds").write_text(FEW_DEFIERS, encoding="utf-8")
    found = run("estimate", "few.bounds", "boundsdata", "--at", "g=0.1")
    assert (found.status, found.err) == (0, "")
    assert "numeric" in found.out
    other = run("estimate", "mediation_mmr", "boundsdata", "--estimand", "delta1", "--numeric", "--format", "csv")
    assert (other.status, other.err) == (0, "")
    assert "cox-shi, numeric" in other.out
    refused = run("estimate", "mediation_mmr", "boundsdata", "--numeric", "--method", "stoye")
    assert refused.status in (2, 3)
    assert "Traceback" not in refused.err
