"""Estimates where variables share no causes: cells of factors by the delta method, and the intervals made of them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen.bounds.factoring import FactoredModel
from boundgen.data.reading import read_data
from boundgen.derivation import Derivation, derive
from boundgen.errors import NoClosedFormError
from boundgen.evaluation.evaluate import evaluate
from boundgen.exact.arrays import Array
from boundgen.exact.polynomials import Polynomial
from boundgen.inference.estimate import estimate
from boundgen.inference.estimated_functions import EstimatedFunctions
from boundgen.inference.factor_sample import factor_sample
from boundgen.inference.from_data import counted_sample, sample_of
from boundgen.inference.inversion import inversion
from boundgen.inference.sample import Sample
from boundgen.language.model import Model
from support.command import Run

FRONT_DOOR = """\
model front_door

variable X in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}

confounded X, Y

observe P(X, M, Y)

estimand ate = E[Y(X=1) - Y(X=0)]
estimand switch = P(M(X=1)=1, M(X=0)=0)
estimand pns = P(Y(X=1)=1, Y(X=0)=0)
"""
SECOND_STAGE = """\
model second_stage

variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}

confounded X, M

observe P(X, M, Y | Z)

estimand ate = E[Y(X=1) - Y(X=0)]
"""
LAW_KNOWN = SECOND_STAGE.replace("observe P(X, M, Y | Z)", "observe P(X, M, Y | Z)\nobserve P(Z)")
Z975 = 1.959963984540054


def _derived(text: str) -> Derivation:
    return derive(Model.parse(text), partial=True)


def _factored(text: str) -> FactoredModel:
    independent = _derived(text).independent
    assert independent is not None
    assert independent.factored is not None
    return independent.factored


FACTORED = {name: _factored(text) for name, text in (("front door", FRONT_DOOR), ("stage", SECOND_STAGE))}
FACTORED["law known"] = _factored(LAW_KNOWN)


def _counted(factored: FactoredModel, counts: list[int]) -> Sample:
    left = iter(counts)
    arms = [
        (str(i), [c.name for c in arm.cells], [next(left) for _ in arm.cells]) for i, arm in enumerate(factored.arms)
    ]
    return counted_sample(arms)


def _at(factored: FactoredModel, cells: tuple[str, ...], shares: Array) -> Array:
    """Cells of factors as floats."""
    at = {name: float(share) for name, share in zip(cells, shares, strict=True)}

    def total(terms: tuple) -> float:
        return sum(float(c) * float(np.prod([at[name] for name in names])) for names, c in terms)

    known = {name: total(f.numerator.terms) / total(f.denominator.terms) for name, f in factored.cells}
    return np.array([known.get(c.name, at.get(c.name)) for arm in factored.pseudo_arms for c in arm.cells], dtype=float)


@given(st.sampled_from(sorted(FACTORED)), st.data())
@settings(max_examples=15, deadline=None)
def test_the_covariance_is_that_of_the_delta_method(name: str, data: st.DataObject) -> None:
    """Derivatives by differences; laws of arms sum to one, and do so whatever the sample."""
    factored = FACTORED[name]
    size = sum(len(arm.cells) for arm in factored.arms)
    sample = _counted(factored, data.draw(st.lists(st.integers(3, 60), min_size=size, max_size=size)))
    found = factor_sample(factored, sample)
    step = 1e-6
    slopes = np.array(
        [
            (
                _at(factored, sample.cells, sample.probabilities + move)
                - _at(factored, sample.cells, sample.probabilities - move)
            )
            / (2 * step)
            for move in step * np.eye(size)
        ]
    )
    np.testing.assert_allclose(found.probabilities, _at(factored, sample.cells, sample.probabilities), atol=1e-12)
    np.testing.assert_allclose(found.covariance, slopes.T @ sample.covariance @ slopes, atol=1e-9)
    for arm in found.precision:
        assert sum(found.variation.shares[place] for place in arm.places) == 1
        np.testing.assert_allclose(found.covariance[arm.places].sum(axis=0), 0, atol=1e-12)


def _front_door_effect(shares: Array) -> float:
    """Front-door adjustment, by hand; shares of (X, M, Y)."""
    law = shares.reshape(2, 2, 2)
    mediator = law.sum(axis=2) / law.sum(axis=(1, 2))[:, None]
    outcome = law[:, :, 1] / law.sum(axis=2)
    at_mediator = law.sum(axis=(1, 2)) @ outcome
    return float((mediator[1] - mediator[0]) @ at_mediator)


COUNTS = {
    f"P(X={x},M={m},Y={y})": count
    for (x, m, y), count in zip(
        itertools.product((0, 1), repeat=3), (702, 300, 250, 460, 210, 96, 270, 712), strict=True
    )
}


def test_the_front_door_has_the_interval_of_wald() -> None:
    """The bound is the formula; its interval is that of the delta method by hand, a little longer."""
    model = Model.parse(FRONT_DOOR)
    (ate,) = estimate(derive(model, ["ate"]), read_data(model, COUNTS)).estimates
    counts = np.array(list(COUNTS.values()), dtype=float)
    n, shares = counts.sum(), counts / counts.sum()
    slope = np.array(
        [_front_door_effect(shares + move) - _front_door_effect(shares - move) for move in 1e-6 * np.eye(8)]
    )
    slope /= 2e-6
    error = np.sqrt((slope**2 @ shares - (slope @ shares) ** 2) / n)
    value = _front_door_effect(shares)
    assert ate.found.plug_in == pytest.approx((value, value), abs=1e-9)
    assert ate.found.set_interval is not None
    for end in ate.found.set_interval:
        assert Z975 * error <= abs(end - value) + 2e-6 <= 1.02 * Z975 * error
    # The estimand's own is of both sides together, with a simulated critical value.
    assert ate.found.parameter_interval == pytest.approx(ate.found.set_interval, abs=0.02 * error)


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3), min_size=1, max_size=3), st.data())
@settings(max_examples=15, deadline=None)
def test_second_derivatives_are_those_of_the_polynomial(products: list[list[str]], data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.integers(1, 9), min_size=3, max_size=3))
    asked = Polynomial.of([(tuple(sorted(names)), 1) for names in products])
    sample = counted_sample([("", ["a", "b", "c"], counts)])
    at = dict(zip(sample.cells, sample.variation.shares, strict=True))
    found = EstimatedFunctions(sample, {}, curved=True).polynomial(asked).curvature
    assert found is not None
    for (i, one), (j, other) in itertools.product(enumerate(sample.cells), repeat=2):
        assert found.get((i, j), 0) == asked.slope(one).slope(other).value(at)


@pytest.mark.parametrize("method", ["intersection", "cox-shi"])
def test_a_product_of_two_effects_of_zero_has_the_variance_of_aroian(method: str) -> None:
    """First derivatives vanish; each effect has the variance 1/800, and the product that squared."""
    derived = derive(Model.parse(FRONT_DOOR), ["ate"])
    found = estimate(derived, dict.fromkeys(COUNTS, 100), method=method)
    (ate,) = found.estimates
    low, high = ate.found.set_interval
    assert high == pytest.approx(-low, abs=1e-5)
    assert high == pytest.approx(Z975 / 800, rel=0.03)
    assert any("ate: a bound is nearly flat in the shares" in note for note in found.notes)
    assert not any("flat" in note for note in estimate(derived, COUNTS, method=method).notes)


def test_clusters_widen_and_every_method_answers_or_says_why() -> None:
    model = Model.parse(FRONT_DOOR)
    rows = [
        {"X": x, "M": m, "Y": y, "C": f"{x}{m}{y}{i // 5}"}
        for (x, m, y), count in zip(itertools.product((0, 1), repeat=3), COUNTS.values(), strict=True)
        for i in range(count // 10)
    ]
    derived = derive(model, ["ate", "switch"])
    alone, clustered = (
        [each.found.set_interval for each in estimate(derived, rows, draws=500, **how).estimates]
        for how in ({}, {"cluster": "C"})
    )
    for one, other in zip(alone, clustered, strict=True):
        assert other[1] - other[0] > 1.5 * (one[1] - one[0])
    for method in ("cox-shi", "stoye", "directional", "bootstrap"):
        found = estimate(derived, rows, method=method, draws=500)
        assert [each.estimand for each in found.estimates][-1:] == ["switch"]
        assert [each.name for each in found.unanswered] == ([] if method == "cox-shi" else ["ate"])


def test_a_condition_that_nobody_meets_is_said() -> None:
    model = Model.parse(FRONT_DOOR)
    none = {name: 0 if "X=1,M=0" in name else count for name, count in COUNTS.items()}
    with pytest.raises(NoClosedFormError, match=r"nobody in the sample meets the condition of P\(X=1,Y=0\|do\(M=0\)\)"):
        estimate(derive(model, ["ate"]), none)


def test_rare_conditions_are_small_arms() -> None:
    model = Model.parse(FRONT_DOOR)
    few = {name: 6 if "X=1,M=0" in name else count for name, count in COUNTS.items()}
    sample = factor_sample(FACTORED["front door"], sample_of(read_data(model, few)))
    assert {arm.name: arm.units for arm in sample.precision}["do(M=0)"] == 12
    notes = estimate(derive(model, ["ate"]), few, draws=500).notes
    assert any("small arms (do(M=0): 12)" in note for note in notes)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--within", "G"], "bounds within strata are not made where variables share no causes"),
        (["--robust", "always"], "equations cannot be relaxed as inequalities can"),
    ],
)
def test_what_is_not_done_is_said(run: Run, tmp_path: Path, options: list[str], said: str) -> None:
    (tmp_path / "m.bounds").write_text(FRONT_DOOR)
    rows = [
        "X,M,Y,G",
        *(f"{x},{m},{y},{(x + i) % 2}" for i in range(9) for x, m, y in itertools.product((0, 1), repeat=3)),
    ]
    (tmp_path / "d.csv").write_text("\n".join(rows) + "\n")
    found = run("estimate", str(tmp_path / "m.bounds"), str(tmp_path / "d.csv"), *options)
    assert found.status == 3
    assert said in found.err


# ---------------------------------------------------------------- coverage
def _front_door_law() -> tuple[Array, float]:
    """X and Y share a cause that is even; the effect is that of M on Y times that of X on M."""
    law = np.zeros((2, 2, 2))
    for u, x, m, y in itertools.product((0, 1), repeat=4):
        px, pm, py = 0.3 + 0.4 * u, 0.25 + 0.45 * x, 0.2 + 0.35 * m + 0.25 * u
        law[x, m, y] += 0.5 * (px if x else 1 - px) * (pm if m else 1 - pm) * (py if y else 1 - py)
    return law.ravel(), 0.45 * 0.35


def _second_stage_laws() -> list[Array]:
    laws = [np.zeros((2, 2, 2)), np.zeros((2, 2, 2))]
    for z, u, x, m, y in itertools.product((0, 1), repeat=5):
        px, pm, py = 0.15 + 0.5 * z + 0.2 * u, 0.2 + 0.4 * x + 0.25 * u, 0.2 + 0.5 * m
        laws[z][x, m, y] += 0.5 * (px if x else 1 - px) * (pm if m else 1 - pm) * (py if y else 1 - py)
    return [law.ravel() for law in laws]


def _replicated(text: str, laws: list[Array], sizes: list[int], covers: Callable[..., list[bool]]) -> Array:
    model = Model.parse(text)
    derived, chance, seen = derive(model, ["ate"]), np.random.default_rng(17), []
    names = [[cell.name for cell in arm.cells] for arm in derived.independent.arms]  # type: ignore[union-attr]
    for number in range(300):
        counts = {
            name: int(count)
            for own, law, size in zip(names, laws, sizes, strict=True)
            for name, count in zip(own, chance.multinomial(size, law), strict=True)
        }
        (found,) = estimate(derived, counts, draws=500, seed=number).estimates
        seen.append(covers(found.found))
    return np.mean(seen, axis=0)


@pytest.mark.slow
def test_the_front_door_effect_is_covered() -> None:
    """300 replications know a share of 0.95 to 0.013."""
    law, truth = _front_door_law()
    assert _front_door_effect(law) == pytest.approx(truth)
    (share,) = _replicated(
        FRONT_DOOR, [law], [1000], lambda found: [found.parameter_interval[0] <= truth <= found.parameter_interval[1]]
    )
    assert 0.92 <= share <= 0.98


@pytest.mark.slow
def test_bounds_of_an_instrument_with_a_second_stage_are_covered() -> None:
    """Each end by the interval of the estimand, and both by that of the set; where terms tie it is conservative."""
    laws = _second_stage_laws()
    names = [cell.name for arm in FACTORED["stage"].arms for cell in arm.cells]
    cells = {name: Fraction(f"{share:.9f}") for name, share in zip(names, np.concatenate(laws), strict=True)}
    (at_law,) = evaluate(Model.parse(SECOND_STAGE), cells).evaluations
    assert at_law.lower is not None
    assert at_law.upper is not None
    low, high = float(at_law.lower), float(at_law.upper)

    def covers(found: object) -> list[bool]:
        one, both = found.parameter_interval, found.set_interval  # type: ignore[attr-defined]
        return [one[0] <= low <= one[1], one[0] <= high <= one[1], both[0] <= low and high <= both[1]]

    shares = _replicated(SECOND_STAGE, laws, [500, 500], covers)
    assert min(shares) >= 0.925, shares
    assert max(shares) < 1, shares


# ---------------------------------------------------------------- several extreme laws
LEVELS = """\
model levels
variable X in {0, 1} randomized
variable M(X) in {0, 1, 2}
variable Y(M) in {0, 1}
unconfounded
observe P(M, Y | X)
estimand pns = P(Y(X=1)=1, Y(X=0)=0)
"""


@pytest.fixture(scope="module")
def levels() -> Derivation:
    return derive(Model.parse(LEVELS))


@pytest.mark.parametrize("counts", [[60, 30, 40, 45, 15, 25, 30, 20, 40, 42, 30, 55], [20, 30, 25, 25, 30, 20] * 2])
def test_an_end_is_the_worst_of_the_ends_at_each_law_that_may_be_possible(
    levels: Derivation, counts: list[int]
) -> None:
    """A value is rejected where it is rejected at all of them."""
    assert levels.independent is not None
    assert levels.independent.factored is not None
    (bounds,) = levels.piecewise
    assert bounds.over_laws
    names = [cell.name for arm in levels.independent.arms for cell in arm.cells]
    observed = counted_sample([("", names[:6], counts[:6]), ("", names[6:], counts[6:])])
    sample = factor_sample(levels.independent.factored, observed)
    whole = inversion(bounds, sample, {}, 1, 1000)
    for k, side in enumerate((bounds.lower, bounds.upper)):
        ends = []
        for pieces in side.laws.values():
            alone = replace(side, pieces=pieces)
            one = replace(bounds, lower=alone) if k == 0 else replace(bounds, upper=alone)
            inverted = inversion(one, sample, {}, 1, 1000)
            if inverted.sides[k].chambers != ((),):
                ends.append(inverted.end(k, 0.975))
        assert whole.end(k, 0.975) == pytest.approx((min, max)[k](ends), abs=1e-5)


def test_the_interval_of_several_laws_is_around_the_bounds(run: Run) -> None:
    Path("m.bounds").write_text(LEVELS)
    rows = [
        f"{x},{m},{y},{n}"
        for (x, m, y), n in zip(itertools.product((0, 1), (0, 1, 2), (0, 1)), range(20, 32), strict=True)
    ]
    Path("d.csv").write_text("\n".join(["X,M,Y,n", *rows]) + "\n")
    found = json.loads(run("estimate", "m.bounds", "d.csv", "--counts", "n", "--draws", "1000", "--format", "json").out)
    (each,) = found["estimates"]
    low, high = each["plug_in"]
    assert each["set_interval"][0] <= low <= high <= each["set_interval"][1]
    assert each["set_interval"][0] < high


def test_estimands_are_explained_as_the_model_writes_them() -> None:
    """The factors have other variables and no estimands; what is printed is in words of the model."""
    text = estimate(derive("front_door"), "smoking").text(unicode=False)
    assert "\n  ate = E[Y(X=1) - Y(X=0)]: effect of X on Y\n" in text
    assert "\n  pns = P(Y(X=1)=1, Y(X=0)=0): share of units" in text
