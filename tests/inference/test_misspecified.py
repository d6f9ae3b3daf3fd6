"""Intervals where assumptions and sample disagree: never empty, valid in a wrong model, and marked in every form."""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from boundgen import Model, catalogue, derive, estimate, read_data
from boundgen.errors import DataError
from boundgen.inference.bound_lines import BoundLine
from boundgen.inference.estimated_bounds import is_crossed
from boundgen.inference.estimated_functions import known
from boundgen.inference.estimated_terms import error_of
from boundgen.inference.from_data import counted_sample
from boundgen.inference.linear_lines import robust_linear
from boundgen.inference.misspecified import MOST_RELAXATIONS
from boundgen.inference.sample import Sample
from boundgen.inference.scales import scale_of
from boundgen.inference.variation import ExactEstimate
from support.catalogue import derived
from support.command import Run

pandas = pytest.importorskip("pandas")
CELLS = tuple(itertools.product((0, 1), (0, 1)))
# The average effect on the mediator is negative, and the model says that no one's is.
BROKEN = {0: (90, 110, 80, 135), 1: (110, 116, 76, 113)}
FITTING = {0: (110, 116, 76, 113), 1: (60, 90, 90, 175)}


def counts(table: Mapping[int, tuple[int, ...]], names: str = "AMY") -> Any:
    a, m, y = names
    rows = [{a: arm, m: x, y: v, "n": n} for arm, row in table.items() for (x, v), n in zip(CELLS, row, strict=True)]
    return pandas.DataFrame(rows)


def sample() -> Sample:
    return counted_sample([("A=0", ["a", "b", "c"], [30, 50, 20]), ("A=1", ["d", "e"], [80, 40])])


def of(sample: Sample, constant: str, **slopes: int) -> ExactEstimate:
    gradient = {sample.place[name]: Fraction(slope) for name, slope in slopes.items()}
    moved = sum((slope * sample.variation.shares[place] for place, slope in gradient.items()), Fraction(0))
    return ExactEstimate(Fraction(constant) + moved, gradient)


# ---------------------------------------------------------------- the interval
@pytest.mark.parametrize("apart", ["-1/2", "-1/50", "0", "1/50", "1/5"])
def test_one_term_on_each_side_is_stoyes_interval(apart: str) -> None:
    """Stoye (2020): the ordinary interval, and that of the average of the ends weighted by the other's error.

    The weights are estimated too, and the average moves with them.
    """
    drawn = sample()
    low, high = of(drawn, apart, a=1), of(drawn, "3/10", d=-1, e=-1, a=0)
    high = of(drawn, "-7/10", b=2)  # The upper end is 1 - 2 * 0.5 + ... = 0.3 exactly.
    upper = ExactEstimate(-high.value, {i: -slope for i, slope in high.gradient.items()})
    found = robust_linear([low], [upper], None, [], drawn, 0.95, 1, 100_000)
    assert found
    scales = [scale_of(BoundLine(each, known(1)), drawn) for each in (low, upper)]
    s, t = (float(scale.value) for scale in scales)
    value = (t * float(low.value) + s * float(high.value)) / (s + t)
    slopes = {}
    for i in range(5):
        own, others, ds, dt = (float(each.gradient.get(i, 0)) for each in (low, high, *scales))
        weighed = t * own + s * others
        slopes[i] = (weighed + dt * (float(low.value) - value) + ds * (float(high.value) - value)) / (s + t)
    average = ExactEstimate(Fraction(value), {i: Fraction(slope) for i, slope in slopes.items()})
    reach = norm.ppf(0.975)
    ends = [(value - reach * error_of(average, drawn), value + reach * error_of(average, drawn, -1))]
    ends += [own] if (own := (float(low.value) - reach * s, float(high.value) + reach * t))[0] <= own[1] else []
    expected = min(low for low, _ in ends), max(high for _, high in ends)
    assert found.set_interval == pytest.approx(expected, abs=1e-6)
    assert found.relaxation == pytest.approx(max(0.0, float(low.value - high.value) / (s + t)))
    assert found.set_interval[0] <= found.parameter_interval[0] <= value <= found.parameter_interval[1]


def test_an_implication_relaxes_the_terms() -> None:
    """By as many standard errors as it fails by."""
    drawn = sample()
    low, high, short = of(drawn, "0", a=1), of(drawn, "-1", d=1), of(drawn, "1/10", c=1)
    alone = robust_linear([low], [high], None, [], drawn, 0.95, 1, 20_000)
    with_it = robust_linear([low], [high], None, [short], drawn, 0.95, 1, 20_000)
    assert alone
    assert with_it
    assert alone.relaxation == 0
    assert with_it.relaxation == pytest.approx(0.3 / error_of(short, drawn))
    assert with_it.set_interval[0] < alone.set_interval[0]
    assert with_it.set_interval[1] > alone.set_interval[1]


def test_the_range_of_the_estimand_holds_in_a_wrong_model() -> None:
    from boundgen.inference.estimand_range import Range

    drawn = sample()
    low, high = of(drawn, "1", a=1), of(drawn, "-1", a=-1)
    found = robust_linear([low], [high], Range(Fraction(0), Fraction(1)), [], drawn, 0.95, 1, 20_000)
    assert found
    assert 0 <= found.set_interval[0] <= found.set_interval[1] <= 1


def test_more_relaxations_than_have_an_interval_each() -> None:
    """One longer interval instead: it contains the one of few relaxations of the same terms."""
    drawn = sample()
    low = [of(drawn, str(Fraction(1, 5) + Fraction(i, 10_000)), a=1, b=Fraction(i, 1000)) for i in range(12)]  # type: ignore[arg-type]
    high = [of(drawn, str(-Fraction(1, 5) + Fraction(i, 10_000)), d=1, b=Fraction(i, 1000)) for i in range(12)]  # type: ignore[arg-type]
    assert len(low) * len(high) > MOST_RELAXATIONS
    many = robust_linear(low, high, None, [], drawn, 0.95, 1, 20_000)
    few = robust_linear(low[-1:], high[-1:], None, [], drawn, 0.95, 1, 20_000)
    assert many
    assert few
    assert many.set_interval[0] < few.set_interval[0]
    assert many.set_interval[1] > few.set_interval[1]


def test_a_certain_contradiction_has_no_interval() -> None:
    drawn = sample()
    assert robust_linear([known(0)], [known(-1)], None, [known(1)], drawn, 0.95, 1, 1000) is None


def test_lines_are_scaled_where_they_are_zero() -> None:
    drawn = sample()
    line = BoundLine(of(drawn, "0", a=1), of(drawn, "0", a=2, b=0))
    assert scale_of(line, drawn) == known(0), "at one half it does not vary"
    ranged = BoundLine(of(drawn, "0", a=1), of(drawn, "0", a=2), high=Fraction(1, 4))
    expected = error_of(ExactEstimate(Fraction(0), {drawn.place["a"]: Fraction(1, 2)}), drawn)
    assert float(scale_of(ranged, drawn).value) == pytest.approx(expected)


SLOPES = st.fixed_dictionaries({name: st.integers(-2, 2) for name in "abcde"})


@settings(max_examples=20, deadline=None)
@given(SLOPES, st.none() | SLOPES, st.booleans(), st.booleans())
def test_scales_are_standard_errors_and_move_with_the_cells(
    above: dict[str, int], below: dict[str, int] | None, first: bool, rare: bool
) -> None:
    """Derivatives against differences; of a term, the scale is its standard error."""

    def scale(moved: int) -> tuple[Sample, BoundLine, ExactEstimate]:
        own, other = (moved, 0) if first else (0, moved)
        arms = [[3_000_000 + own, 5_000_000 - own, 2_000_000 * (not rare)], [8_000_000 + other, 4_000_000 - other]]
        drawn = counted_sample([("A=0", ["a", "b", "c"], arms[0]), ("A=1", ["d", "e"], arms[1])])
        line = BoundLine(of(drawn, "1/10", **above), of(drawn, "1" if below is None else "7", **(below or {})))
        return drawn, line, scale_of(line, drawn)

    (drawn, line, here), (moved, _, after) = scale(0), scale(1000)
    if below is None:
        assert float(here.value) == pytest.approx(error_of(line.numerator, drawn), rel=1e-6, abs=1e-12)
    steps = zip(moved.variation.shares, drawn.variation.shares, strict=True)
    along = sum(float(here.gradient.get(i, 0) * (one - other)) for i, (one, other) in enumerate(steps))
    assert float(after.value - here.value) == pytest.approx(along, rel=1e-2, abs=2e-10)


TABLES = st.tuples(*[st.tuples(*[st.integers(0, 12)] * 4).filter(lambda row: sum(row) > 1)] * 2)


@settings(max_examples=25, deadline=None)
@given(TABLES, st.sampled_from(["iv_ate", "mediation_mmr", "sace_nomono"]))
def test_never_empty(tables: tuple[tuple[int, ...], ...], name: str) -> None:
    """Whatever the sample is; and an interval that takes the model to be right is inside."""
    names = {"iv_ate": "ZXY", "sace_nomono": "ZSY"}.get(name, "AMY")
    if name == "sace_nomono" and min(row[2] + row[3] for row in tables) < 2:
        return
    data = read_data(catalogue.load(name), counts(dict(enumerate(tables)), names), kind="counts")
    found = estimate(derived(name), data, draws=500)
    for each in found.estimates:
        assert each.found.set_interval is not None
        if each.misfit is None or each.misfit.relaxation is None:
            continue
        ordinary = each.misfit.ordinary
        assert ordinary
        assert "set_interval" not in each.crossed
        assert each.found.parameter_interval is not None
        for interval in ("set_interval", "parameter_interval"):
            inner, outer = ordinary.interval(interval), each.found.interval(interval)
            assert outer
            if inner is not None and not is_crossed(inner):
                limits = (
                    (-math.inf, math.inf) if each.range is None else (float(each.range.low), float(each.range.high))
                )
                assert outer[0] <= max(inner[0], limits[0]) + 1e-6
                assert outer[1] >= min(inner[1], limits[1]) - 1e-6


def pseudo_true_set(low: np.ndarray, high: np.ndarray, short: np.ndarray, scales: Any) -> tuple[float, float]:
    s, t, r = scales
    pairs = (low[:, None] - high[None]) / (s[:, None] + t[None])
    delta = max(0.0, pairs.max(), (short / r).max())
    return float((low - delta * s).max()), float((high + delta * t).min())


@pytest.mark.slow
def test_coverage_in_a_wrong_model() -> None:
    """The pseudo-true set of a population outside the model is covered."""
    bounds = derived("mediation_mmr").bounds[2]
    names = [[cell.name for cell in arm.cells] for arm in bounds.arms]
    laws = [np.array([0.20, 0.26, 0.20, 0.34]), np.array([0.28, 0.28, 0.19, 0.25])]
    chance, units = np.random.default_rng(7), 400
    truth = dict(zip(itertools.chain(*names), np.concatenate(laws), strict=True))
    place = {name: i for i, name in enumerate(truth)}
    covariance = np.zeros((8, 8))
    for arm, law in enumerate(laws):
        part = slice(4 * arm, 4 * arm + 4)
        covariance[part, part] = np.diag(law) - np.outer(law, law)

    def parts(terms: Any, sign: int) -> tuple[np.ndarray, np.ndarray]:
        slopes = np.zeros((len(terms), 8))
        for row, term in zip(slopes, terms, strict=True):
            for name, slope in term.coefficients:
                row[place[name]] = sign * float(slope)
        values = np.array([sign * float(term.constant) for term in terms]) + slopes @ np.array(list(truth.values()))
        return values, np.sqrt(np.clip(((slopes @ covariance) * slopes).sum(axis=1), 0, None))

    (low, s), (high, t), (short, r) = (
        parts(bounds.lower.terms, 1),
        parts(bounds.upper.terms, 1),
        parts(bounds.conditions, -1),
    )
    ends = pseudo_true_set(low, high, short, (s, t, r))
    covered = {"set_interval": 0, "parameter_interval": 0}
    for _ in range(300):
        drawn = counted_sample(
            [(f"A={a}", names[a], [int(n) for n in chance.multinomial(units, laws[a])]) for a in (0, 1)]
        )
        sides = [
            [_exact(drawn, term, sign) for term in terms]
            for terms, sign in ((bounds.lower.terms, 1), (bounds.upper.terms, -1), (bounds.conditions, -1))
        ]
        found = robust_linear(sides[0], sides[1], None, sides[2], drawn, 0.95, 1, 2000)
        assert found
        for name in covered:
            interval = getattr(found, name)
            covered[name] += interval[0] <= ends[0] + 1e-9 and ends[1] - 1e-9 <= interval[1]
    assert min(covered.values()) >= 0.93 * 300, covered


def _exact(drawn: Sample, term: Any, sign: int) -> ExactEstimate:
    gradient = {drawn.place[name]: sign * Fraction(slope) for name, slope in term.coefficients}
    moved = sum((slope * drawn.variation.shares[place] for place, slope in gradient.items()), Fraction(0))
    return ExactEstimate(sign * Fraction(term.constant) + moved, gradient)


# ---------------------------------------------------------------- what is said
def test_marked_in_every_form(run: Run) -> None:
    counts(BROKEN).to_csv("broken.csv", index=False)
    words = ("estimate", "mediation_mmr", "broken.csv", "--draws", "2000")
    text = run(*words).out
    assert "\n  δ(0) †  " in text
    assert "  † Narrow because assumptions and sample disagree." in text
    assert "(!) Narrow because assumptions and sample disagree." in run(*words, "--ascii").out.replace("\n  ", "\n")
    latex = run(*words, "--format", "latex").out
    assert r"$\delta(0)$$^{\dagger}$ & " in latex
    assert r"{\footnotesize $^{\dagger}$ Narrow because assumptions and sample disagree." in latex
    rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "csv").out)))
    assert [row["contradicted"] for row in rows] == ["1"] * 6
    assert all(float(row["relaxation"]) > 1 for row in rows)
    found = estimate(
        derived("mediation_mmr"), read_data(catalogue.load("mediation_mmr"), counts(BROKEN), kind="counts")
    )
    one = found.json()["estimates"][0]
    assert one["contradicted"] is True
    assert one["ordinary"]["parameter_interval"] is None
    assert one["parameter_interval"] is not None
    legend = [text.get_text() for text in found.plot().legends[0].get_texts()]
    assert "narrow because assumptions and data disagree" in legend


def test_a_sample_that_fits_is_not_marked(run: Run) -> None:
    counts(FITTING).to_csv("fits.csv", index=False)
    words = ("estimate", "mediation_mmr", "fits.csv", "--draws", "2000")
    assert "†" not in run(*words).out
    assert "dagger" not in run(*words, "--format", "latex").out
    data = read_data(catalogue.load("mediation_mmr"), counts(FITTING), kind="counts")
    by_itself, always, never = (
        estimate(derived("mediation_mmr"), data, draws=2000, robust=robust) for robust in ("auto", "always", "never")
    )
    assert [each.found for each in by_itself.estimates] == [each.found for each in never.estimates]
    assert all(each.misfit and not each.misfit.fails for each in always.estimates)
    assert [each["relaxation"] for each in always.json()["estimates"]] == [0.0] * 6


def test_intervals_that_take_the_model_to_be_right(run: Run) -> None:
    counts(BROKEN).to_csv("broken.csv", index=False)
    words = ("estimate", "mediation_mmr", "broken.csv", "--draws", "2000")
    never = run(*words, "--robust", "never").out
    assert "Intervals that do not allow for it take the assumptions to be right." in " ".join(never.split())
    assert " empty " in never
    stoye = run(*words, "--method", "stoye").out
    assert "\n  δ(0) †  " in stoye
    assert "take the assumptions to be right" in " ".join(stoye.split())


def test_within_strata(run: Run) -> None:
    frame = pandas.concat([counts(BROKEN).assign(x=0), counts(FITTING).assign(x=1)])
    frame.to_csv("strata.csv", index=False)
    text = run("estimate", "mediation_mmr", "strata.csv", "--within", "x", "--estimand", "zeta1", "--draws", "2000").out
    lines = text.splitlines()
    overall = next(line for line in lines if line.startswith("  ζ"))
    inside = next(line for line in lines if line.startswith("    within"))
    assert "†" not in overall
    assert "within x †" in inside


def test_choices_that_there_are_not() -> None:
    data = read_data(catalogue.load("mediation_mmr"), counts(BROKEN), kind="counts")
    with pytest.raises(DataError, match="there is no choice 'sometimes' for robust"):
        estimate(derived("mediation_mmr"), data, robust="sometimes")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="intervals that stay valid in a wrong model are of the method intersection"):
        estimate(derived("mediation_mmr"), data, robust="always", method="stoye")


# ---------------------------------------------------------------- denominators
SURVIVORS = """
model survivors "Effect among survivors, monotone"
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
assume S(0) <= S(1)
estimand sace = E[Y(1) - Y(0) | S(0) = 1]
"""


def test_denominators_are_said() -> None:
    survivors = derive(Model.parse(SURVIVORS))
    frame = counts({0: (120, 0, 9, 11), 1: (60, 0, 30, 50)}, "ASY")
    found = estimate(survivors, read_data(survivors.model, frame, kind="counts"), draws=2000)
    (one,) = found.estimates
    assert one.denominator
    assert one.denominator.value == pytest.approx(1 / 7)
    assert one.denominator.standard_error == pytest.approx(math.sqrt(6 / 49 / 140))
    assert " is divided by " in found.text()
    assert " of them from zero)" in found.text()
    assert found.json()["estimates"][0]["denominator"]["strength"] == pytest.approx(one.denominator.strength)
    few = counts({0: (138, 0, 1, 1), 1: (60, 0, 30, 50)}, "ASY")
    assert " of them from zero, weak)" in estimate(survivors, read_data(survivors.model, few, kind="counts")).text()


@pytest.mark.slow
def test_nothing_is_divided() -> None:
    """At a denominator of 0.06 intervals by inversion cover on both sides, those of the delta method less often."""
    survivors = derive(Model.parse(SURVIVORS))
    laws = {0: (0.94, 0.0, 0.036, 0.024), 1: (0.5, 0.0, 0.46, 0.04)}
    cells = {f"P(Y={y},S=1|A={a})": Fraction(str(laws[a][2 + y])) for a in (0, 1) for y in (0, 1)}
    low, high = map(float, survivors.bounds[0].evaluate(cells))
    chance, replications = np.random.default_rng(11), 200
    covered = {method: np.zeros(2) for method in ("intersection", "stoye")}
    for _ in range(replications):
        table = {a: tuple(int(n) for n in chance.multinomial(150, law)) for a, law in laws.items()}
        if not sum(table[0][2:]):
            continue
        data = read_data(survivors.model, counts(table, "ASY"), kind="counts")
        for method, inside in covered.items():
            ends = estimate(survivors, data, method=method, draws=2000, robust="never").estimates[0].found.set_interval
            inside += (ends[0] <= low + 1e-9, high - 1e-9 <= ends[1])
    assert covered["intersection"].min() >= 0.955 * replications, covered
    assert covered["stoye"].min() < covered["intersection"].min()
