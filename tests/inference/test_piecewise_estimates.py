"""Intervals of ratios and sums of maxima: what they tend to, what they are the inversion of, what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from math import inf, isinf, isnan
from pathlib import Path

import numpy as np
import pytest

from boundgen import derive, estimate, read_data
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.data.joint import Joint, Units
from boundgen.data.observed import ObservedArm
from boundgen.data.tally import Amount
from boundgen.derivation import Derivation
from boundgen.errors import DataError, NoClosedFormError, PiecewiseError
from boundgen.exact.polynomials import Polynomial
from boundgen.inference.estimated_functions import EstimatedFunctions
from boundgen.inference.estimated_terms import gradients_of
from boundgen.inference.estimation import Estimate
from boundgen.inference.from_data import counted_sample, sample
from boundgen.inference.inversion import ACCURACY, Inversion, Position, inversion, inverted_bounds
from boundgen.inference.piecewise_range import piecewise_range
from boundgen.language.model import Model
from support.command import Run

IV = """
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
LAW = IV.replace("P(X, Y | Z)", "P(X, Y, Z)")
CONFOUNDED = "variable X in {0, 1}\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\n"
MEDIATION = """
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A)
"""
MODELS = {
    "late": IV + "estimand target = E[Y(1) - Y(0) | X(0)=0, X(1)=1]",
    "necessity": IV + "estimand target = P(Y(0)=0 | Y(1)=1)",
    "risk ratio": IV + "estimand target = E[Y(1)] / E[Y(0)]",
    "observed risk ratio": CONFOUNDED + "estimand target = E[Y(1)] / E[Y(0)]",
    "treated": LAW + "estimand target = E[Y(1) - Y(0) | X=1]",
    "joint": LAW + "estimand target = P(Y(1)=1, Y(0)=0, X=1)",
    "over a factor": IV + "estimand target = P(Y(1)=1, Y(0)=0 | Z=0, X=1) / P(Y(1)=1)",
    "unmoved": MEDIATION + "estimand target = E[Y(A=1) - Y(A=0) | M(0) = M(1)]",
    "share": MEDIATION + "estimand target = (E[Y(A=1)] - E[Y(1, M(0))]) / (E[Y(A=1)] - E[Y(A=0)])",
    "survivors": """
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in 0..2
observe P(Y, S=1 | A)
estimand target = E[Y(1) - Y(0) | S(0)=1, S(1)=1]""",
    "stops": """
variable D in {0, 1}
variable M(D) in {0, 1}
variable Y(D, M) in {0, 1}
observe P(D, Y | M=1)
assume more_stops: M(1) >= M(0)
assume no_force: Y(d, 0) = 0 for all d in D
estimand target = E[Y(D=1) - Y(D=0) | M=1]""",
    "mts": CONFOUNDED + "assume mts: E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X\nestimand target = E[Y(1) - Y(0)]",
    "capped": MEDIATION
    + """parameter g in [0, 1]
assume few: P(M(1)=0, M(0)=1) <= g
estimand target = P(Y(1, 1) != Y(0, 1) | M(0)=1, M(1)=1)""",
    "miv": """
variable V in {0, 1}
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(V, X, Y)
assume miv: E[Y(x) | V=1] >= E[Y(x) | V=0] for all x in X
estimand target = E[Y(1) - Y(0)]""",
    "pay-offs": CONFOUNDED
    + """observe P(Y | do(X))
parameter b in [-2, 2]
parameter c in [-1, 1]
estimand target = b * P(Y(1)=1, Y(0)=0) + c * P(Y(1)=1, Y(0)=1) - P(Y(1)=0, Y(0)=1)""",
}
WITH_PARAMETERS = {"pay-offs": {"b": Fraction(3, 2), "c": Fraction(-1, 4)}, "capped": {"g": Fraction(1, 5)}}
CHANCE = np.random.default_rng(20)


@cache
def derivation(name: str) -> Derivation:
    return derive(Model.parse(f'model m "{name}"\n{MODELS[name].strip()}\n'), partial=True)


def bounds_of(name: str) -> PiecewiseBounds:
    (found,) = derivation(name).piecewise
    return found


def population(bounds: PiecewiseBounds, chance: np.random.Generator) -> dict[str, Fraction]:
    """Cells of a random distribution over the strata of a program whose entries are numbers."""
    drawn = chance.integers(1, 20, size=len(bounds.program.columns)).tolist()
    cells = {
        cell.name: Fraction(number)
        for arm in bounds.arms
        for cell, number in zip(arm.cells, chance.integers(2, 9, size=len(arm.cells)).tolist(), strict=True)
    }
    if all(row.name in cells for row in bounds.program.rows if row.kind == "cell"):
        for i, row in enumerate(bounds.program.rows):
            parts = zip(bounds.program.columns, drawn, strict=True)
            entries = ((dict(column.entries).get(i), weight) for column, weight in parts)
            if row.kind == "cell":
                cells[row.name] = sum((e.numerator.constant or 0) * w for e, w in entries if e) / Fraction(sum(drawn))
    for arm in bounds.arms:
        total = sum(cells[cell.name] for cell in arm.cells)
        cells |= {cell.name: cells[cell.name] / total for cell in arm.cells if arm.complete}
    return cells


def inverted(
    bounds: PiecewiseBounds,
    cells: Mapping[str, Fraction],
    n: int,
    parameters: Mapping[str, Fraction] | None = None,
    draws: int = 2000,
) -> Inversion:
    """At counts of n units in each arm, as near to these shares as integers are."""
    arms = []
    for arm in bounds.arms:
        counts = [round(n * cells[cell.name]) for cell in arm.cells]
        names = [cell.name for cell in arm.cells]
        rest = [] if arm.complete else [max(0, n - sum(counts))]
        arms.append((str(len(arms)), [*names, *(f"rest {len(arms)}" for _ in rest)], [*counts, *rest]))
    return inversion(bounds, counted_sample(arms), parameters or {}, 1, draws)


# Cells that the assumptions allow: the means of the treated, and at V=1, are the larger ones; few respond less.
KNOWN = {
    "mts": "0.4 0.1 0.15 0.35",
    "miv": "0.15 0.1 0.15 0.1 0.1 0.15 0.05 0.2",
    "capped": "0.2 0.3 0.2 0.3 0.1 0.4 0.2 0.3",
}


def cells_of(name: str, seed: int = 1) -> dict[str, Fraction]:
    if name in KNOWN:
        cells = [cell.name for arm in bounds_of(name).arms for cell in arm.cells]
        return dict(zip(cells, map(Fraction, KNOWN[name].split()), strict=True))
    return population(bounds_of(name), np.random.default_rng(seed))


# ---------------------------------------------------------------- large samples
@pytest.mark.parametrize("name", MODELS)
def test_intervals_tend_to_the_exact_bounds(name: str) -> None:
    bounds, cells, parameters = bounds_of(name), cells_of(name), WITH_PARAMETERS.get(name, {})
    exact = [float(end) for end in bounds.evaluate(cells, parameters) if end is not None]
    found = inverted_bounds(inverted(bounds, cells, 10**13, parameters), 0.95)
    for interval in (found.plug_in, found.half_median_unbiased, found.set_interval, found.parameter_interval):
        assert interval == pytest.approx(exact, abs=3e-5, rel=1e-4)


@pytest.mark.parametrize("name", ["late", "risk ratio", "treated", "mts", "unmoved"])
def test_intervals_hold_one_another(name: str) -> None:
    found = inverted_bounds(inverted(bounds_of(name), cells_of(name, 3), 400), 0.95)
    half, whole, values = found.half_median_unbiased, found.set_interval, found.parameter_interval
    assert half
    assert values
    assert whole[0] <= values[0] <= values[1] <= whole[1]
    assert whole[0] <= half[0] <= found.plug_in[0] + ACCURACY
    assert found.plug_in[1] - ACCURACY <= half[1] <= whole[1]


# ---------------------------------------------------------------- the test that is inverted
@pytest.mark.parametrize("name", ["late", "risk ratio", "treated", "survivors"])
def test_ends_are_where_rejection_ends(name: str) -> None:
    bounds = bounds_of(name)
    found = inverted(bounds, cells_of(name, 2), 300)
    for level in (0.5, 0.975):
        ends = found.end(0, level), found.end(1, level)
        for side, end in enumerate(ends):
            tests = found.tests(side)
            grid = [Fraction(i, 50) for i in range(-150, 151) if found.sides[0].least <= Fraction(i, 50)]
            grid = [each for each in grid if each <= found.sides[0].most]
            accepted = [each for each in grid if not tests.rejects(Position.of(each), level)]
            beyond = [each for each in accepted if (each < end - ACCURACY if side == 0 else each > end + ACCURACY)]
            within = [each for each in grid if each not in accepted and (each > end if side == 0 else each < end)]
            assert not beyond
            assert not within


def least(bounds: PiecewiseBounds, values: Mapping[str, Fraction], level: Fraction, sign: int) -> float:
    """The least of ``sign * numerator - level * divisor`` over the populations with these cells, by another program."""
    linprog = pytest.importorskip("scipy.optimize").linprog
    program = bounds.program.at(values)
    entries = np.zeros((len(program.rows), len(program.costs)))
    for i, row in enumerate(program.rows):
        for j, entry in row.entries.items():
            entries[i, j] = float(entry)
    rights = np.array([float(row.right) for row in program.rows])
    equal = np.array([row.relation == "=" for row in program.rows])
    costs = [float(sign * c - level * d) for c, d in zip(program.costs, program.divisors, strict=True)]
    given = {"A_ub": entries[~equal], "b_ub": rights[~equal]} if not equal.all() else {}
    return float(linprog(costs, A_eq=entries[equal], b_eq=rights[equal], method="highs", **given).fun)


@pytest.mark.parametrize("name", ["late", "necessity", "risk ratio", "unmoved", "survivors", "capped"])
def test_lines_are_the_linear_bound_of_the_numerator_less_l_times_the_divisor(name: str) -> None:
    """Where that is positive; elsewhere no line is."""
    bounds, cells, parameters = bounds_of(name), cells_of(name, 6), WITH_PARAMETERS.get(name, {})
    found = inverted(bounds, cells, 10**12, parameters)
    for side, sign in ((0, 1), (1, -1)):
        (lines,) = found.sides[side].chambers
        for level in (Fraction(i, 10) for i in range(-15, 16) if found.sides[side].least < Fraction(i, 10)):
            values = [
                float(line.numerator.value - level * line.divisor.value)
                for line in lines
                if line.low <= level <= line.high
            ]
            best = least(bounds, {**cells, **parameters}, level, sign)
            if best > 1e-9:
                assert max(values) == pytest.approx(best, abs=1e-7)
            else:
                assert max(values, default=0.0) <= 1e-7


def test_values_are_those_that_are_not_rejected() -> None:
    found = inverted(bounds_of("late"), cells_of("late", 2), 300)
    values = found.values(0.95)
    assert values
    grid = [Fraction(i, 40) for i in range(-40, 41)]
    accepted = [each for each in grid if not found.joint_tests.rejects(Position.of(each), 0.95)]
    assert accepted == [each for each in grid if values[0] <= each <= values[1]]


def test_positions() -> None:
    for level in (-inf, Fraction(-7, 3), Fraction(0), Fraction(1, 5), Fraction(10**6), inf):
        position = Position.of(level)
        assert position.level == pytest.approx(float(level))
        assert position.negative.level == pytest.approx(-float(level))
        assert abs(position.v) + position.u == 1
    middle = Position.of(-inf).middle(Position.of(Fraction(0)))
    assert middle.level == -1


# ---------------------------------------------------------------- what changes nothing
def one_interval(text: str, counts: Mapping[str, int]) -> list[float]:
    model = Model.parse(f'model m "m"\n{text.strip()}\n')
    (found,) = estimate(derive(model, partial=True), read_data(model, counts), draws=50_000).estimates
    ends = (found.found.plug_in, found.found.half_median_unbiased, found.found.set_interval)
    return [end for pair in (*ends, found.found.parameter_interval) if pair for end in pair]


IV_COUNTS = {
    "P(X=0,Y=0|Z=0)": 60,
    "P(X=0,Y=1|Z=0)": 24,
    "P(X=1,Y=0|Z=0)": 8,
    "P(X=1,Y=1|Z=0)": 8,
    "P(X=0,Y=0|Z=1)": 30,
    "P(X=0,Y=1|Z=1)": 14,
    "P(X=1,Y=0|Z=1)": 22,
    "P(X=1,Y=1|Z=1)": 34,
}


def test_a_divisor_of_one_gives_the_linear_interval() -> None:
    """It is the same linear program."""
    linear = one_interval(f"{IV}estimand target = E[Y(1) - Y(0)]", IV_COUNTS)
    ratio = one_interval(f"{IV}estimand target = E[Y(1) - Y(0)] / (P(Y(1)=1) + P(Y(1)=0))", IV_COUNTS)
    assert ratio == linear


@pytest.mark.parametrize("factor", ["2", "1/3"])
def test_scaling_both_parts_changes_nothing(factor: str) -> None:
    plain = one_interval(f"{IV}estimand target = E[Y(1)] / E[Y(0)]", IV_COUNTS)
    scaled = one_interval(f"{IV}estimand target = ({factor} * E[Y(1)]) / ({factor} * E[Y(0)])", IV_COUNTS)
    assert scaled == pytest.approx(plain, abs=5 * ACCURACY)


# ---------------------------------------------------------------- whatever the data are
@pytest.mark.parametrize("name", MODELS)
def test_ends_are_numbers_whatever_cells_are_empty(name: str) -> None:
    bounds, parameters, chance = bounds_of(name), WITH_PARAMETERS.get(name, {}), np.random.default_rng(5)
    limits = piecewise_range(bounds, parameters)
    low, high = (-inf, inf) if limits is None else (float(limits.low), float(limits.high))
    for _ in range(6):
        arms = []
        for i, arm in enumerate(bounds.arms):
            counts = chance.integers(0, 6, size=len(arm.cells) + 1) * chance.integers(0, 2, size=len(arm.cells) + 1)
            counts[int(chance.integers(len(arm.cells)))] += 3
            names = [cell.name for cell in arm.cells]
            arms.append(
                (str(i), names if arm.complete else [*names, f"rest {i}"], counts[: len(names) + (not arm.complete)])
            )
        found = inverted_bounds(inversion(bounds, counted_sample(arms), parameters, 1, 300), 0.9)
        for interval in (found.half_median_unbiased, found.set_interval, found.parameter_interval):
            for end in interval or ():
                assert low - ACCURACY <= end <= high + ACCURACY


def estimated(text: str, counts: Mapping[str, int], **options: object) -> Estimate:
    model = Model.parse(f'model m "m"\n{text.strip()}\n')
    data = read_data(model, counts)
    (found,) = estimate(derive(model, partial=True), data, draws=2000, **options).estimates  # type: ignore[arg-type]
    return found


NEAR_ZERO = {**IV_COUNTS, "P(X=0,Y=0|Z=1)": 58, "P(X=0,Y=1|Z=1)": 24, "P(X=1,Y=0|Z=1)": 9, "P(X=1,Y=1|Z=1)": 9}


def test_the_whole_range_is_said_in_words() -> None:
    found = estimated(MODELS["late"], NEAR_ZERO)
    assert found.found.set_interval == (-1, 1)
    assert found.range
    assert (found.range.low, found.range.high) == (-1, 1)
    assert found.cuts[0].startswith("target: these are its whole range, so that the data say nothing of it: ")
    assert found.cuts[0].endswith("set interval, parameter interval")


def test_an_interval_without_an_end_is_said_in_words() -> None:
    counts = {"P(X=0,Y=0)": 50, "P(X=0,Y=1)": 30, "P(X=1,Y=0)": 40, "P(X=1,Y=1)": 0}
    model = Model.parse(
        f'model m "m"\n{MODELS["observed risk ratio"].replace("E[Y(1)] / E[Y(0)]", "E[Y(0)] / E[Y(1)]")}\n'
    )
    found = estimate(derive(model, partial=True), read_data(model, counts), draws=2000)
    (one,) = found.estimates
    assert one.found.set_interval[1] == inf
    assert isinf(one.found.plug_in[1])
    assert one.found.set_interval[0] > 0
    assert found.notes == (
        "no unit in P(X=1,Y=1): intervals allow for what may be unseen there",
        "target: these have no end above, for what it is divided by may be zero: "
        "half-median-unbiased bounds, set interval, parameter interval",
    )
    assert "∞]" in found.text()
    assert "inf]" in found.text(unicode=False)
    assert r"\infty]" in found.latex()
    document = json.loads(json.dumps(found.json(), allow_nan=False))
    assert document["estimates"][0]["set_interval"][1] == "inf"
    assert document["estimates"][0]["range"] == [0.0, "inf"]


def test_what_has_no_end_is_not_drawn() -> None:
    text = MODELS["observed risk ratio"].replace("E[Y(1)] / E[Y(0)]", "E[Y(0)] / E[Y(1)]")
    model = Model.parse(f'model m "m"\n{text}\nestimand ate = E[Y(1) - Y(0)]\n')
    counts = {"P(X=0,Y=0)": 50, "P(X=0,Y=1)": 30, "P(X=1,Y=0)": 40, "P(X=1,Y=1)": 0}
    figure = estimate(derive(model, partial=True), read_data(model, counts), draws=500).plot()
    axes = figure.axes[0]
    assert [label.get_text().partition(":")[0] for label in axes.get_yticklabels()] == ["ate"]
    titles = "\n".join(axes.get_title(loc=loc) for loc in ("left", "center", "right"))
    assert "target: what has no end is not drawn" in titles.split("\n")


def test_a_divisor_of_either_sign() -> None:
    """Far from zero its sign is taken as known; near zero both are possible, and the interval has no end."""
    text = MODELS["share"]
    arms = {0: (40, 30, 10, 20), 1: (10, 10, 30, 50)}
    places = [(y, m) for y in (0, 1) for m in (0, 1)]

    def counts(of: Mapping[int, tuple[int, ...]]) -> dict[str, int]:
        return {f"P(Y={y},M={m}|A={a})": n for a, row in of.items() for (y, m), n in zip(places, row, strict=True)}

    clear, reversed_ = estimated(text, counts(arms)).found, estimated(text, counts({0: arms[1], 1: arms[0]})).found
    unclear = estimated(text, counts({0: arms[0], 1: (38, 30, 12, 20)})).found
    assert all(np.isfinite([*clear.set_interval, *reversed_.set_interval]))
    assert unclear.set_interval == unclear.half_median_unbiased == (-inf, inf)


def test_a_chamber_that_parameters_choose() -> None:
    """Pay-offs of opposite signs of s = b - c - 1: each interval is that of the sum of maxima that holds there."""
    bounds, cells = bounds_of("pay-offs"), cells_of("pay-offs")
    for b in (Fraction(2), Fraction(-2)):
        parameters = {"b": b, "c": Fraction(0)}
        found = inverted(bounds, cells, 10**12, parameters)
        assert [len(side.chambers) for side in found.sides] == [1, 1]
        ends = inverted_bounds(found, 0.95).set_interval
        assert ends == pytest.approx([float(end or 0) for end in bounds.evaluate(cells, parameters)], abs=1e-4)


# ---------------------------------------------------------------- ranges
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("late", (-1, 1)),
        ("survivors", (-2, 2)),
        ("observed risk ratio", (0, inf)),
        ("treated", (-1, 1)),
        ("joint", (0, 1)),
        ("stops", (-1, 1)),
        ("mts", (-1, 1)),
        ("pay-offs", (-1, Fraction(3, 2))),
        ("share", None),
    ],
)
def test_ranges(name: str, expected: tuple[float, float] | None) -> None:
    found = piecewise_range(bounds_of(name), WITH_PARAMETERS.get(name, {}))
    assert (None if found is None else (found.low, found.high)) == expected


# ---------------------------------------------------------------- covariances
def test_derivatives_of_polynomials() -> None:
    found = counted_sample([("", ["a", "b", "c"], [20, 30, 50])])
    functions = EstimatedFunctions(found, {"g": Fraction(1, 3)})
    polynomial = Polynomial.of([(("a", "a", "b"), 2), (("b", "g"), -3), ((), 1)])
    value = functions.polynomial(polynomial)
    a, b, g = Fraction(1, 5), Fraction(3, 10), Fraction(1, 3)
    assert value.value == 2 * a * a * b - 3 * b * g + 1
    assert value.gradient == {0: 4 * a * b, 1: 2 * a * a - 3 * g}


def test_a_law_from_the_same_rows() -> None:
    """The mean over arms by their law is the mean of all rows, with the variance of that."""
    counts = {(z, y): n for (z, y), n in zip([(0, 0), (0, 1), (1, 0), (1, 1)], (11, 19, 45, 25), strict=True)}
    sizes = {z: counts[z, 0] + counts[z, 1] for z in (0, 1)}

    def arm(name: str, cells: tuple[str, ...], amounts: list[int]) -> ObservedArm:
        each = tuple(map(Amount.of_units, amounts))
        return ObservedArm(0, name, cells, True, each, sum(each, Amount()), sum(amounts))

    arms = [arm(f"Z={z}", (f"P(Y=0|Z={z})", f"P(Y=1|Z={z})"), [counts[z, 0], counts[z, 1]]) for z in (0, 1)]
    arms.append(arm("", ("P(Z=0)", "P(Z=1)"), [sizes[0], sizes[1]]))
    rows = [Units((), ((z, y), (2, z)), Amount.of_units(n)) for (z, y), n in counts.items()]
    mean = Polynomial.of([(("P(Z=0)", "P(Y=1|Z=0)"), 1), (("P(Z=1)", "P(Y=1|Z=1)"), 1)])
    found = sample(arms, (Joint(tuple(rows)),))
    estimate_of_mean = EstimatedFunctions(found, {}).polynomial(mean)
    share = Fraction(44, 100)
    assert estimate_of_mean.value == share
    slopes = gradients_of([estimate_of_mean], len(found.cells))[0]
    assert slopes @ found.covariance @ slopes == pytest.approx(float(share * (1 - share) / 100), rel=1e-12)


# ---------------------------------------------------------------- what is not answered
@pytest.mark.parametrize("method", ["stoye", "directional", "subsampling", "bootstrap"])
def test_other_methods_say_which_one_answers(method: str) -> None:
    model = Model.parse(f'model m "m"\n{MODELS["late"]}\nestimand ate = E[Y(1) - Y(0)]\n')
    found = estimate(derive(model, partial=True), read_data(model, IV_COUNTS), method=method, draws=300)
    assert [each.estimand for each in found.estimates] == ["ate"]
    (without,) = found.unanswered
    assert without.reason == (
        f"the method {method} is for a maximum of linear terms, which the bounds of target are not; "
        "the method intersection inverts its test for them, and so does cox-shi"
    )
    with pytest.raises(PiecewiseError, match=f"the method {method} is for a maximum"):
        estimate(bounds_of("late"), read_data(model, IV_COUNTS), method=method)


# A weight that is a function of the data, in an assumption: neither a closed form nor a program in numbers.
WITHOUT = f"""{MODELS["late"]}
estimand hard = E[Y(1) | X(0)=0, X(1)=1] - P(X=1 | Z=0) * E[Y(0) | X(0)=0, X(1)=1]
"""


def test_intervals_need_a_closed_form_or_a_program_in_numbers() -> None:
    model = Model.parse(f'model m "m"\n{WITHOUT}')
    data = read_data(model, IV_COUNTS)
    with pytest.raises(NoClosedFormError, match="intervals need a closed form, and there is no closed form: ") as error:
        estimate(derive(model, ["hard"], partial=True), data)
    assert "hard: not answered" in error.value.derived


def test_an_estimand_without_a_closed_form_takes_no_other_down() -> None:
    model = Model.parse(f'model m "m"\n{WITHOUT}')
    found = estimate(derive(model, partial=True), read_data(model, IV_COUNTS), draws=500)
    assert [each.estimand for each in found.estimates] == ["target"]
    (without,) = found.unanswered
    assert without.name == "hard"
    assert without.reason.startswith("intervals need a closed form, and there is no closed form: ")


def test_the_command_line(run: Run, tmp_path: Path) -> None:
    """What is answered is printed; what is not is said on stderr, with an exit status of its own."""
    (tmp_path / "m.bounds").write_text(
        f'model m "m"\n{MODELS["late"]}\nestimand ate = E[Y(1) - Y(0)]\n', encoding="utf-8"
    )
    lines = [f'"{name}",{count}' for name, count in IV_COUNTS.items()]
    (tmp_path / "m.csv").write_text("\n".join(["cell,count", *lines, ""]), encoding="utf-8")
    found = run("estimate", "m.bounds", "m.csv", "--draws", "2000")
    assert (found.status, found.err) == (0, "")
    assert "Those of target are the values that its test does not reject" in found.out
    other = run("estimate", "m.bounds", "m.csv", "--method", "stoye")
    assert other.status == 3
    assert other.err.startswith("boundgen: target: not answered: the method stoye is for a maximum of linear terms")
    assert "ate" in other.out
    alone = run("estimate", "m.bounds", "m.csv", "--estimand", "target", "--method", "stoye")
    assert (alone.status, alone.out) == (3, "")
    assert alone.err.startswith("the method stoye is for a maximum of linear terms")


def test_strata_are_for_linear_terms() -> None:
    pandas = pytest.importorskip("pandas")
    model = Model.parse(f'model m "m"\n{MODELS["late"]}\n')
    rows = [
        {"Z": z, "X": x, "Y": y, "w": w, "n": 6 + z + x + 2 * y}
        for z in (0, 1)
        for x in (0, 1)
        for y in (0, 1)
        for w in (0, 1)
    ]
    data = read_data(model, pandas.DataFrame(rows), within="w")
    with pytest.raises(PiecewiseError, match="bounds within strata are averages of maxima of linear terms"):
        estimate(derive(model, partial=True), data)


def test_the_nearest_distribution_of_the_model() -> None:
    """Counts that no instrument gives; the bounds at the nearest law that one gives are no longer crossed."""
    counts = {**IV_COUNTS, "P(X=0,Y=0|Z=0)": 90, "P(X=0,Y=1|Z=0)": 2, "P(X=1,Y=0|Z=0)": 4, "P(X=1,Y=1|Z=0)": 4}
    counts |= {"P(X=0,Y=0|Z=1)": 10, "P(X=0,Y=1|Z=1)": 60, "P(X=1,Y=0|Z=1)": 10, "P(X=1,Y=1|Z=1)": 20}
    found = estimated(MODELS["necessity"], counts, project=True)
    assert found.conditions
    assert found.conditions.violations
    assert found.nearest
    assert not any(map(isnan, found.nearest))
    assert found.nearest[0] <= found.nearest[1] + 1e-6


# ---------------------------------------------------------------- where there is no closed form to invert
CHAIN = (
    "model chain\nvariable X in {0, 1, 2}\nvariable Y(X) in {0, 1}\nobserve P(X, Y)\n"
    "assume E[Y(x) | X=1] >= E[Y(x) | X=0] for all x in X\nassume E[Y(x) | X=2] >= E[Y(x) | X=1] for all x in X\n"
    "assume Y(0) <= Y(1)\nassume Y(1) <= Y(2)\nestimand ate = E[Y(2) - Y(0)]\n"
)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ((80, 0, 0, 0, 20, 0), "a share by which the bounds of ate divide is zero in the sample"),
        ((10, 90, 50, 50, 90, 10), "no population has the shares of the sample and meets what is assumed for ate"),
    ],
    ids=["empty group", "contradiction"],
)
def test_no_interval_where_the_closed_form_does_not_hold(counts: tuple[int, ...], reason: str, tmp_path: Path) -> None:
    pairs = [(x, y) for x in (0, 1, 2) for y in (0, 1)]
    rows = "".join(f"{x},{y},{n}\n" for (x, y), n in zip(pairs, counts, strict=True))
    (tmp_path / "data.csv").write_text(f"X,Y,count\n{rows}", encoding="utf-8")
    model = Model.parse(CHAIN)
    # Testable implications would say which fail.
    with pytest.raises(DataError, match=reason):
        estimate(derive(model, conditions=False), read_data(model, [str(tmp_path / "data.csv")]))
