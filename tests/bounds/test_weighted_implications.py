"""Testable implications where coefficients depend on the data: they fail if and only if no population has the data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, catalogue, derive, evaluate
from boundgen.data.reading import read_data
from boundgen.derivation import Derivation
from boundgen.inference.estimate import estimate
from boundgen.polyhedra.weighted_optimum import is_possible
from boundgen.strata.cells import Arm
from support.piece_models import COMPLIERS

CHAIN = """model chain
variable X in 0..2
variable Y(X) in {0, 1}
observe P(X, Y)
assume first: E[Y(2) | X=1] >= E[Y(2) | X=0]
assume second: E[Y(2) | X=2] >= E[Y(2) | X=1]
assume never: Y(2) = Y(0)
estimand risk = E[Y(2)]
"""
MULTIPLIED = """model multiplied
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter b in [0, 2]
assume few: E[Y(1)] <= b * E[Y(0)]
estimand ate = E[Y(1) - Y(0)]
"""
SIGNED = """model signed
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
parameter b in [-1, 1]
assume paid: b * P(Y(1)=1) + P(X=1) * P(Y(0)=1) = 1/2
estimand ate = E[Y(1) - Y(0)]
"""
RECORDED = """model recorded
variable D in {0, 1}
variable M(D) in {0, 1}
variable Y(D, M) in {0, 1}
observe P(D, Y | M=1)
assume mono: M(1) >= M(0)
assume more: P(D=1, M(1)=1) <= P(D=0, M(0)=1)
estimand effect = E[Y(1, 1) - Y(0, 1) | D=1, M=1]
"""
TWO_SOURCES = """model two_sources
variable D in {0, 1}
variable M(D) in {0, 1}
variable Y(D, M) in {0, 1}
observe P(D, Y | M=1)
observe P(M, D)
assume low: E[Y(1, 1) | D=1] <= E[Y(0, 1) | D=0]
estimand effect = E[Y(1, 1) - Y(0, 1) | D=1, M=1]
"""
TEXTS = (CHAIN, COMPLIERS, MULTIPLIED, SIGNED, RECORDED, TWO_SOURCES)
SHIPPED = ("mts_ate", "mtr_mts_x3_2v0", "miv_mtr", "miv_v3", "manski_iv_marginal", "police_records")
MTR_MTS = catalogue.load("mtr_mts_ate")


@cache
def derived(model: str) -> Derivation:
    return derive(Model.parse(model) if "\n" in model else catalogue.load(model), partial=True)


@st.composite
def arm_laws(draw: st.DrawFn, arms: Sequence[Arm]) -> dict[str, Fraction]:
    """A law of every arm by itself: small numbers of units, so that many are zero or equal."""
    law: dict[str, Fraction] = {}
    for arm in arms:
        units = draw(st.lists(st.integers(0, 4), min_size=len(arm.cells), max_size=len(arm.cells)).filter(any))
        total = sum(units) + (0 if arm.complete else draw(st.integers(0, 4)))
        law |= {cell.name: Fraction(n, total) for cell, n in zip(arm.cells, units, strict=True)}
    return law


def failing(derivation: Derivation, at: Mapping[str, Fraction]) -> bool:
    assert derivation.known_conditions is not None
    return any(condition.value(at) < 0 for condition in derivation.known_conditions)


def parameters_of(data: st.DataObject, derivation: Derivation) -> dict[str, Fraction]:
    return {
        parameter.name: data.draw(st.fractions(parameter.low, parameter.high, max_denominator=2))
        for parameter in derivation.model.parameters
    }


# ---------------------------------------------------------------- laws
@pytest.mark.parametrize("model", [*TEXTS, *SHIPPED])
@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_they_fail_where_no_population_has_the_data(model: str, data: st.DataObject) -> None:
    derivation = derived(model)
    at = {**data.draw(arm_laws(derivation.arms)), **parameters_of(data, derivation)}
    program = derivation.problem.weighted[0].program
    if failing(derivation, at):
        assert not is_possible(program, at)
    elif all(share.value(at) for share in program.shares):
        # They are complete where no group that is compared is empty.
        assert is_possible(program, at)


@given(units=st.lists(st.integers(1, 6), min_size=4, max_size=4))
def test_a_law_on_the_edge_of_the_model_is_allowed(units: list[int]) -> None:
    """Equal conditional probabilities, and then ever so little less."""
    a, b, c, d = units
    both = Fraction(a, a + b)
    edge = {"P(Y=1,X=0)": both * Fraction(c, c + d), "P(Y=1,X=1)": both * Fraction(d, c + d)}
    edge |= {"P(Y=0,X=0)": Fraction(c, c + d) - edge["P(Y=1,X=0)"]}
    edge |= {"P(Y=0,X=1)": Fraction(d, c + d) - edge["P(Y=1,X=1)"]}
    derivation = derived("mtr_mts_ate")
    (program,) = (each.program for each in derivation.problem.weighted)
    assert not failing(derivation, edge)
    assert is_possible(program, edge)
    step = min(edge["P(Y=1,X=1)"], Fraction(1, 10**9))
    beyond = {**edge, "P(Y=1,X=1)": edge["P(Y=1,X=1)"] - step, "P(Y=0,X=1)": edge["P(Y=0,X=1)"] + step}
    assert failing(derivation, beyond)
    assert not is_possible(program, beyond)


P0, P1 = Fraction(3, 5), Fraction(2, 5)
PINNED = Model.parse(str(MTR_MTS).replace("assume mtr:", "assume share: P(X=1) = 2/5\nassume mtr:"))


@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_with_a_share_that_is_a_number_they_are_the_linear_ones(data: st.DataObject) -> None:
    """The share by which groups are divided is a number then, and the rays are those of one linear program."""
    linear = derived(str(PINNED))
    assert linear.conditions
    assert not linear.problem.weighted
    ones = [data.draw(st.integers(0, 6)) for _ in range(2)]
    at = {f"P(Y=1,X={x})": share * Fraction(n, 6) for x, share, n in zip((0, 1), (P0, P1), ones, strict=True)}
    at |= {f"P(Y=0,X={x})": share - at[f"P(Y=1,X={x})"] for x, share in enumerate((P0, P1))}
    assert failing(linear, at) == failing(derived("mtr_mts_ate"), at)


# ---------------------------------------------------------------- what is said
def lines(model: str) -> list[str]:
    return derived(model).text(unicode=False).partition("Testable implications:\n\n")[2].split("\n")[:-1]


def test_manski_and_peppers_test_of_monotone_response_and_selection() -> None:
    """Manski & Pepper (2000), section 3: E[Y | X=x] increases with x."""
    assert lines("mtr_mts_x3_2v0") == ["  P(Y=1|X=1) >= P(Y=1|X=0)", "  P(Y=1|X=2) >= P(Y=1|X=1)"]
    assert r"\mathrm{P}(Y=1 \mid X=1) \geq \mathrm{P}(Y=1 \mid X=0)" in derived("mtr_mts_x3_2v0").latex()


def test_an_instrument_without_randomization_has_the_instrumental_inequalities() -> None:
    """Manski (1990): of mean independence; the same as Pearl's (1995) of two values."""
    assert sorted(lines("manski_iv_marginal")) == [
        f"  P(Y={y},X={x}|Z=0) + P(Y={1 - y},X={x}|Z=1) <= 1" for y, x in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]


def test_what_all_data_meet_is_left_out() -> None:
    assert derived("mts_ate").conditions == ()
    assert "No testable implications" in derived("mts_ate").text()


def test_opposite_ones_are_one_equality() -> None:
    """P(D, M=1) is observed twice: as it is, and as a share of M=1 times that."""
    assert lines(TWO_SOURCES)[0] == "  q10 = (p00 + p01) (q10 + q11)"


def test_a_parameter_that_multiplies_an_unknown_probability() -> None:
    assert lines(MULTIPLIED) == ["  b >= p11 + b p00"]


def test_a_selection_of_unknown_probability_has_linear_ones() -> None:
    assert derived(RECORDED).conditions is not None
    assert lines(RECORDED) == ["  p00 + p01 >= p10 + p11"]


def test_groups_between_which_an_empty_one_stands_are_not_compared() -> None:
    first, *_ = [line for line in lines("miv_v3") if line.startswith("  if")]
    assert first == "  if P(V=1) > 0: P(Y=1,X=1|V=0) + P(Y=0,X=1|V=2) <= 1"
    at = {"P(Y=1,X=1,V=0)": Fraction(1, 2), "P(Y=0,X=1,V=2)": Fraction(1, 2)}
    assert not failing(derived("miv_v3"), at)
    assert is_possible(derived("miv_v3").problem.weighted[0].program, at)


def test_cases_by_the_sign_of_a_parameter() -> None:
    assert lines(SIGNED)[0] == "  if b >= 0: 1 >= 2p01 p10 + 2p01 p11 + 2b p11"
    assert len(lines(SIGNED)) == 4


def test_json_has_quotients_and_what_must_hold() -> None:
    document = derived("miv_v3").json()
    guards = [condition.get("if") for condition in document["conditions"]]
    assert sum(guard is not None for guard in guards) == 2
    first = document["conditions"][0]
    assert first["numerator"]["coefficients"]["P(Y=0,X=1,V=1)*P(Y=1,X=1,V=0)"] == "-1"
    assert first["denominator"]["constant"] == "0"


def test_where_they_are_not_known_nothing_is_said() -> None:
    """Two assumptions that multiply by parameters: what they leave to one another is no bound on either."""
    text = MULTIPLIED.replace("estimand", "assume also: E[Y(0)] <= b * P(Y(0) < Y(1))\nestimand")
    derivation = derive(Model.parse(text), partial=True)
    assert derivation.known_conditions is None
    assert derivation.json()["conditions"] is None
    assert "were not derived: assumptions or selections have coefficients" in derivation.text()


# ---------------------------------------------------------------- in samples
def sample(tmp_path: object, counts: Mapping[tuple[int, int], int]) -> str:
    rows = "".join(f"{x},{y},{n}\n" for (x, y), n in counts.items())
    path = f"{tmp_path}/counts.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("X,Y,count\n" + rows)
    return path


def test_a_difference_of_means_is_tested_with_its_own_standard_error(tmp_path: object) -> None:
    data = read_data(MTR_MTS, sample(tmp_path, {(0, 0): 20, (0, 1): 40, (1, 0): 30, (1, 1): 10}))
    (found,) = estimate(derive(MTR_MTS), data, project=True).estimates
    assert found.conditions is not None
    (violation,) = found.conditions.violations
    assert math.isclose(violation.amount, 2 / 3 - 1 / 4)
    # A little larger than that of the shares of the sample: it allows for units that were not seen.
    plain = math.sqrt(2 / 3 * 1 / 3 / 60 + 1 / 4 * 3 / 4 / 40)
    assert plain < violation.standard_error < 1.06 * plain
    assert found.conditions.p_value < 1e-3
    # In the nearest law of the model the two means are equal.
    assert found.nearest is not None
    assert abs(found.nearest[1]) < 1e-6


def test_of_three_means_the_pair_that_is_out_of_order_fails(tmp_path: object) -> None:
    model = catalogue.load("mtr_mts_x3_2v0")
    counts = {(0, 0): 10, (0, 1): 90, (1, 0): 50, (1, 1): 50, (2, 0): 40, (2, 1): 60}
    found, *_ = estimate(derived("mtr_mts_x3_2v0"), read_data(model, sample(tmp_path, counts))).estimates
    assert found.conditions is not None
    (violation,) = found.conditions.violations
    assert math.isclose(violation.amount, 9 / 10 - 1 / 2)
    assert found.conditions.p_value < 1e-3


def test_evaluate_says_which_fail_and_by_how_much() -> None:
    law = {"P(Y=0,X=0)": "1/5", "P(Y=1,X=0)": "3/10", "P(Y=0,X=1)": "3/10", "P(Y=1,X=1)": "1/5"}
    (found,) = evaluate(derived("mtr_mts_ate"), law)
    assert found.violations is not None
    assert [violation.amount for violation in found.violations] == [Fraction(1, 5)]
    assert (found.lower, found.upper) == (None, None)
