"""The range of an estimand, whatever the data are: of ratios and where variables share no causes; what is cut there."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import exp, inf, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import catalogue, derive, estimate, read_data
from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import DataError
from boundgen.inference.breakdown import breakdown
from boundgen.inference.estimand_range import Range, estimand_range
from boundgen.inference.estimation import Estimation
from boundgen.inference.factor_sample import factor_sample
from boundgen.inference.from_data import sample_of
from boundgen.inference.piecewise_range import piecewise_range
from boundgen.language.model import Model

TRIAL = "model m\nvariable A in {0, 1} randomized\nvariable Y(A) in {0, 1}\nobserve P(Y | A)\n"
OBSERVED = "model m\nvariable X in {0, 1}\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\n"
BOUNDED = TRIAL.replace("Y(A) in {0, 1}", "Y(A) in [0, 10]")
SENSITIVE = TRIAL + "parameter g in [0, 1]\nassume E[Y(1)] >= E[Y(0)] - g\n"
# Beside each its smallest and its largest value, by hand.
RATIOS = {
    f"{TRIAL}estimand e = E[Y(1)] / E[Y(0)]": (0, inf),
    f"{TRIAL}estimand e = (E[Y(1)] - E[Y(0)]) / E[Y(0)]": (-1, inf),
    f"{TRIAL}estimand e = P(Y(1) > Y(0)) / P(Y(0)=0)": (0, 1),
    f"{TRIAL}estimand e = P(Y(1)=1, Y(0)=1) / E[Y(0)]": (0, 1),
    f"{TRIAL}estimand e = E[Y(1)] / (1 + E[Y(0)])": (0, 1),
    f"{BOUNDED}estimand e = E[Y(1)] / E[Y(0)]": (0, inf),
    f"{BOUNDED}estimand e = E[Y(1)] / (E[Y(0)] + 5)": (0, 2),
    f"{OBSERVED}estimand e = 1 - E[Y(0)] / E[Y]": (-inf, 1),
    f"{OBSERVED}estimand e = E[Y(1)] / E[Y]": (0, inf),
    f"{TRIAL}assume Y(1) >= Y(0)\nestimand e = E[Y(1)] / E[Y(0)]": (1, inf),
    f"{TRIAL}assume E[Y(1)] <= E[Y(0)]\nestimand e = E[Y(1)] / E[Y(0)]": (0, 1),
    f"{TRIAL}assume E[Y(0)] >= 1/4\nestimand e = E[Y(1)] / E[Y(0)]": (0, 4),
}


@cache
def one_bound(text: str) -> Bounds:
    (found,) = derive(Model.parse(text)).bounds
    assert isinstance(found, Bounds)
    return found


# ---------------------------------------------------------------- ratios whose divisor is identified
@pytest.mark.parametrize(("text", "ends"), RATIOS.items())
def test_the_range_is_that_of_the_whole_ratio(text: str, ends: tuple[float, float]) -> None:
    assert one_bound(text).denominator
    assert estimand_range(one_bound(text), {}) == Range(*ends)


@given(st.sampled_from([text for text in RATIOS if "assume" not in text]), st.data())
@settings(deadline=None, max_examples=40)
def test_no_population_has_a_ratio_outside_of_it(text: str, data: st.DataObject) -> None:
    bounds = one_bound(text)
    limits, program = estimand_range(bounds, {}), bounds.program
    assert limits
    assert program
    assert bounds.denominator
    size = len(program.columns)
    weights = data.draw(st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any))
    law = [Fraction(weight, sum(weights)) for weight in weights]
    cells = {
        row.name: sum((w * dict(c.entries).get(i, 0) for w, c in zip(law, program.columns, strict=True)), Fraction(0))
        for i, row in enumerate(program.rows)
    }
    above = sum((w * c.cost for w, c in zip(law, program.columns, strict=True)), Fraction(0))
    below = bounds.denominator.value(cells)
    assert limits.low * below <= above if limits.low != -inf else True
    assert above <= limits.high * below if limits.high != inf else True


def test_the_interval_of_a_risk_ratio_is_near_that_of_its_logarithm() -> None:
    counts = {"P(Y=0|A=0)": 80, "P(Y=1|A=0)": 20, "P(Y=0|A=1)": 60, "P(Y=1|A=1)": 40}
    model = Model.parse(f"{TRIAL}estimand rr = E[Y(1)] / E[Y(0)]")
    error = sqrt(1 / 40 - 1 / 100 + 1 / 20 - 1 / 100)
    usual = (2 * exp(-1.959964 * error), 2 * exp(1.959964 * error))
    for method in ("intersection", "cox-shi", "stoye"):
        (one,) = estimate(model, read_data(model, counts), method=method, draws=2000).estimates
        assert one.found.plug_in == (2, 2)
        assert one.found.parameter_interval
        for found in (one.found.set_interval, one.found.parameter_interval):
            # Stoye's is symmetric about the estimate.
            assert found == pytest.approx(usual, abs=0.35 if method != "stoye" else 0.6)
            assert found[0] < 2 < found[1]
        assert one.range == Range(0, inf)


def test_a_conclusion_may_be_about_a_ratio_above_one() -> None:
    counts = {"P(Y=0|A=0)": 80, "P(Y=1|A=0)": 20, "P(Y=0|A=1)": 60, "P(Y=1|A=1)": 40}
    model = Model.parse(f"{SENSITIVE}estimand rr = E[Y(1)] / E[Y(0)]")
    found = breakdown(model, read_data(model, counts), "g", threshold="1.1", draws=2000)
    assert found.breakdowns[0].conclusion == "above"
    with pytest.raises(DataError, match=r"outside of what rr can be"):
        breakdown(model, read_data(model, counts), "g", threshold="-1", draws=2000)


# ---------------------------------------------------------------- shipped models at their data
SHIPPED = {
    "front_door": "smoking",
    "chain": "jobs",
    "unconfounded_mediator": "jobs",
    "iv_second_stage": "jobs_stages",
    "napkin": "napkin",
    "risk_ratio": {"P(X=0,Y=0)": 40, "P(X=0,Y=1)": 10, "P(X=1,Y=0)": 15, "P(X=1,Y=1)": 35},
    "risk_ratio_iv": "jobs_take_up",
    "proportion_mediated": "jobs",
}


@cache
def shipped(name: str, method: str) -> Estimation:
    model = catalogue.load(name)
    return estimate(derive(model, partial=True), read_data(model, SHIPPED[name]), method=method, draws=2000)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        *((name, "intersection") for name in SHIPPED),
        ("iv_second_stage", "cox-shi"),
        ("chain", "cox-shi"),
        *(pytest.param(name, "cox-shi", marks=pytest.mark.slow) for name in ("front_door", "unconfounded_mediator")),
    ],
)
def test_plug_in_bounds_are_in_the_range_and_in_the_set_interval(name: str, method: str) -> None:
    found = shipped(name, method)
    for each in found.estimates:
        low, high = each.found.plug_in
        if each.range is not None:
            assert each.range.low - 1e-9 <= low
            assert high <= each.range.high + 1e-9
        if each.conditions is not None and not each.conditions.violations:
            assert each.found.set_interval[0] <= low + 1e-6
            assert high - 1e-6 <= each.found.set_interval[1]
            assert each.found.parameter_interval is not None


@pytest.mark.parametrize(
    ("name", "estimand"), [("front_door", "pns"), ("chain", "pns"), ("unconfounded_mediator", "helped")]
)
def test_a_probability_over_independent_types_is_between_zero_and_one(name: str, estimand: str) -> None:
    bounds = derive(catalogue.load(name), estimand, partial=True).closed_forms[0]
    assert isinstance(bounds, PiecewiseBounds)
    assert bounds.factored
    assert piecewise_range(bounds, {}) == Range(0, 1)


# ---------------------------------------------------------------- what is observed directly needs no condition
def test_nobody_need_meet_a_condition_that_is_not_divided_by() -> None:
    model = catalogue.load("iv_second_stage")
    (one,) = shipped("iv_second_stage", "intersection").estimates
    low, high = one.found.set_interval
    assert -0.05 < low < one.found.plug_in[0] < one.found.plug_in[1] < high < 0.05
    derived = derive(model)
    assert derived.independent
    assert derived.independent.factored
    found = factor_sample(derived.independent.factored, sample_of(read_data(model, "jobs_stages")))
    sizes = {arm.name: arm.units for arm in found.precision}
    # All of an arm of Z, though nobody was treated in one; of the outcome, those with the value of the mediator.
    assert [size for name, size in sizes.items() if "Z=" in name] == [299, 600]


# ---------------------------------------------------------------- equations
def test_an_equation_that_is_rejected_is_no_implication_that_holds() -> None:
    model = Model.parse(
        "model m\nvariable Z in {0, 1} randomized\nvariable X(Z) in {0, 1}\nvariable Y(X) in {0, 1}\n"
        "unconfounded\nobserve P(X, Y | Z)\nestimand ate = E[Y(X=1) - Y(X=0)]"
    )
    right = {f"P(X={x},Y={y}|Z={z})": 25 for x in (0, 1) for y in (0, 1) for z in (0, 1)}
    wrong = {**right, "P(X=1,Y=1|Z=1)": 80}
    said = "No testable implication fails."
    assert said in estimate(model, read_data(model, right), draws=2000).text()
    text = estimate(model, read_data(model, wrong), draws=2000).text()
    assert said not in text
    assert "No inequality that the model implies fails; an equation below is rejected at 95%." in text


# ---------------------------------------------------------------- the whole law
def test_a_ratio_by_the_whole_law_may_have_no_end() -> None:
    pandas = pytest.importorskip("pandas")
    rows = [(i % 2, (0, 0, 2, 4, 6)[i % 5]) for i in range(200)]
    trial = Model.parse(f"{BOUNDED}estimand rr = E[Y(1)] / E[Y(0)]")
    (one,) = estimate(trial, pandas.DataFrame(rows, columns=["A", "Y"]), law="Y").estimates
    assert one.plug_in == pytest.approx((1, 1))
    low, high = one.interval
    assert low
    assert high
    assert 0.6 < low < 1 < high < 1.6
    observed = Model.parse(
        f"{OBSERVED.replace('{0, 1}', '[0, 10]', 2).replace('[0, 10]', '{0, 1}', 1)}estimand rr = E[Y(1)] / E[Y(0)]"
    )
    frame = pandas.DataFrame([(x, y if x else 0) for x, y in rows], columns=["X", "Y"])
    found = estimate(observed, frame, law="Y")
    (one,) = found.estimates
    assert one.plug_in[1] == one.interval[1] == inf
    assert one.interval[0]
    assert one.plug_in[0]
    assert 0 < one.interval[0] < one.plug_in[0] < 1
    assert found.json()["estimates"][0]["plug_in"][1] == "inf"
    assert "∞]" in found.text()
