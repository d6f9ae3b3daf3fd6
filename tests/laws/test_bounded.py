"""Laws of bounded outcomes: of them means are used, and their bounds are those of two values with these means."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundgen import Model, derive, evaluate, read_data
from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.inference.from_data import sample_of

MEDIATION = """model mediation
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in DOMAIN
observe P(Y, M | A)
assume M(1) >= M(0)
assume Y(1, m) >= Y(0, m) for all m in M
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
estimand direct = E[Y(1, M(0)) - Y(0, M(0))]
"""
SURVIVORS = """model survivors
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in DOMAIN
observe P(Y, S=1 | A)
estimand sace = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""
INSTRUMENT = """model instrument
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in DOMAIN
observe P(X, Y | Z)
estimand ate = E[Y(1) - Y(0)]
estimand late = E[Y(1) - Y(0) | X(0)=0, X(1)=1]
"""
MODELS = {"mediation": MEDIATION, "survivors": SURVIVORS, "instrument": INSTRUMENT}
ENDS = [(Fraction(0), Fraction(1)), (Fraction(-3, 2), Fraction(2)), (Fraction(1), Fraction(5))]


@cache
def forms(name: str, domain: str) -> dict[str, Bounds | PiecewiseBounds]:
    derivation = derive(Model.parse(MODELS[name].replace("DOMAIN", domain)))
    return {bounds.name: bounds for bounds in derivation.closed_forms}


def means(cells: dict[str, Fraction], domain: tuple[Fraction, ...]) -> dict[str, Fraction]:
    """Shares and means of cells of an outcome with these values."""
    found: dict[str, Fraction] = {}
    for name, share in cells.items():
        event, _, behind = name.removeprefix("P(").removesuffix(")").partition("|")
        settings = dict(part.split("=") for part in event.split(","))
        value, rest = Fraction(settings.pop("Y")), ",".join(f"{n}={v}" for n, v in settings.items())
        for key, amount in ((f"P({rest}|{behind})", share), (f"E[Y;{rest}|{behind}]", share * value)):
            found[key] = found.get(key, Fraction(0)) + amount
    assert domain
    return found


@st.composite
def laws(draw: st.DrawFn, name: str, domain: tuple[Fraction, ...]) -> dict[str, Fraction]:
    """The cells of a random population of the model without its assumptions about Y: each arm sums to one."""
    arms, other = {"mediation": ("A", "M"), "survivors": ("A", "S"), "instrument": ("Z", "X")}[name]
    found = {}
    for arm in (0, 1):
        weights = draw(st.lists(st.integers(1, 9), min_size=2 * len(domain), max_size=2 * len(domain)))
        total = sum(weights)
        for i, weight in enumerate(weights):
            level, y = divmod(i, len(domain))
            event = f"Y={domain[y]},{other}={level}" if name != "instrument" else f"{other}={level},Y={domain[y]}"
            if name != "survivors" or level == 1:
                found[f"P({event}|{arms}={arm})"] = Fraction(weight, total)
    return found


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=10)
@given(data=st.data())
def test_bounds_are_those_of_two_values_with_the_same_means(
    name: str, ends: tuple[Fraction, Fraction], data: st.DataObject
) -> None:
    low, high = ends
    cells = data.draw(laws(name, ends))
    bounded, two_valued = (forms(name, text) for text in (f"[{low}, {high}]", f"{{{low}, {high}}}"))
    for estimand, bounds in bounded.items():
        assert bounds.evaluate(means(cells, ends)) == two_valued[estimand].evaluate(cells)


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=10)
@given(data=st.data())
def test_bounds_hold_those_of_an_outcome_with_more_values(name: str, data: st.DataObject) -> None:
    """Its whole law says more than its means."""
    values = (Fraction(-1), Fraction(0), Fraction(2))
    cells = data.draw(laws(name, values))
    whole = forms(name, "{-1, 0, 2}")
    for estimand, bounds in forms(name, "[-1, 2]").items():
        if bounds.conditions and bounds.violations(means(cells, values)):
            continue
        if whole[estimand].conditions and whole[estimand].violations(cells):
            continue
        (low, high), (least, most) = bounds.evaluate(means(cells, values)), whole[estimand].evaluate(cells)
        if None not in (low, high, least, most):
            assert low <= least <= most <= high  # type: ignore[operator]


@pytest.mark.parametrize("name", MODELS)
def test_shown_terms_are_the_terms(name: str) -> None:
    """What is printed and what is evaluated are one function, at means that no unit has."""
    low, high = ENDS[1]
    chance = np.random.default_rng(3)
    for bounds in forms(name, f"[{low}, {high}]").values():
        known = dict(bounds.notation.of_cells)
        cells = {cell.name: Fraction(int(chance.integers(1, 50)), 97) for arm in bounds.arms for cell in arm.cells}
        for arm in bounds.arms:
            if arm.complete:
                names = [cell.name for cell in arm.cells]
                cells[names[-1]] = 1 - sum((cells[each] for each in names[:-1]), Fraction(0))
        at = {**cells, **{each: term.value(cells) for each, term in known.items()}}
        if isinstance(bounds, Bounds):
            for side in (bounds.lower, bounds.upper):
                for term, observed in zip(side.terms, side.observed, strict=True):
                    assert term.value(at) == observed.value(at)
                assert {n for term in side.observed for n, _ in term.coefficients} <= known.keys()
        else:
            for one, other in ((bounds.lower, bounds.observed.lower), (bounds.upper, bounds.observed.upper)):
                assert one.value(at) == other.value(at)


# ---------------------------------------------------------------- data
def test_means_vary_by_the_values_of_their_units(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The variance of E[Y; M=1 | A=1] is that of a mean of Y times an indicator, weights and clusters counted."""
    chance = np.random.default_rng(1)
    n = 200
    rows = np.column_stack([np.repeat([0, 1], n // 2), chance.integers(0, 2, n), chance.integers(0, 9, n) / 8])
    weights, clusters = chance.integers(1, 4, n), chance.integers(0, 30, n)
    file = tmp_path / "rows.csv"
    lines = [f"{a:g},{m:g},{y:g},{w},{c}" for (a, m, y), w, c in zip(rows, weights, clusters, strict=True)]
    file.write_text("A,M,Y,w,c\n" + "\n".join(lines) + "\n")
    model = Model.parse(MEDIATION.replace("DOMAIN", "[0, 1]"))
    arm = rows[:, 0] == 1
    value = rows[arm, 2] * (rows[arm, 1] == 1)
    for options, weight, group in (
        ({}, np.ones(n), np.arange(n)),
        ({"weights": "w"}, weights * 1.0, np.arange(n)),
        ({"weights": "w", "cluster": "c"}, weights * 1.0, clusters),
    ):
        data = read_data(model, str(file), kind="microdata", **options)  # type: ignore[arg-type]
        found = sample_of(data)
        gradient = np.array([float(cell == "P(Y=1,M=1|A=1)") for cell in found.cells])
        w, g = weight[arm], group[arm]
        mean = (w * value).sum() / w.sum()
        sums = np.bincount(g, weights=w * (value - mean))
        assert gradient @ found.probabilities == pytest.approx(mean)
        assert gradient @ found.covariance @ gradient == pytest.approx((sums**2).sum() / w.sum() ** 2)
        assert float(data.observed["E[Y;M=1|A=1]"]) == pytest.approx(mean)


def test_rows_and_tables_say_the_same(tmp_path) -> None:  # type: ignore[no-untyped-def]
    model = Model.parse(MEDIATION.replace("DOMAIN", "[0, 2]"))
    rows = ["0,0,0.5", "0,0,2", "0,1,1.25", "0,1,1/4", "1,1,2", "1,1,1.5", "1,0,.5", "1,1,0"]
    counts = [f"{row},3" for row in rows]
    files = {
        "rows.csv": "A,M,Y\n" + "\n".join(rows * 3) + "\n",
        "counts.csv": "A,M,Y,n\n" + "\n".join(counts) + "\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = read_data(model, str(tmp_path / "rows.csv"))
    table = tmp_path / "cells.csv"
    table.write_text("cell,value\n" + "".join(f'"{cell}",{value}\n' for cell, value in found.observed.items()))
    others = [
        read_data(model, str(tmp_path / "counts.csv")),
        read_data(model, str(table)),
        read_data(model, found.observed),
    ]
    assert all(each.observed == found.observed for each in others)
    assert found.observed["E[Y;M=1|A=1]"] == Fraction(7, 8)
    derivation = derive(model)
    assert len({tuple((e.lower, e.upper) for e in evaluate(derivation, each)) for each in [found, *others]}) == 1
