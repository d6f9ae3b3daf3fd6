"""Laws of every interval: figures are numbers, whatever cells are empty, within what the estimand can be."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from boundgen import Model, catalogue, derive, estimate, read_data
from boundgen.errors import DataError
from boundgen.exact.terms import Term
from boundgen.inference.estimand_range import Range, cut, estimand_range
from boundgen.inference.estimated_bounds import INTERVALS, EstimatedBounds, is_crossed
from boundgen.inference.estimated_terms import estimated_terms
from boundgen.inference.estimation import Estimation
from boundgen.inference.from_data import counted_sample, sample_of
from boundgen.inference.methods import METHODS
from support.catalogue import derived

pandas = pytest.importorskip("pandas")
CELLS = [(x, y) for x in (0, 1) for y in (0, 1)]
NAMED = {0: (17, 0, 0, 33), 1: (15, 5, 8, 22)}


def instrument(counts: dict[int, tuple[int, ...]]) -> Any:
    return pandas.DataFrame(
        [{"Z": z, "X": x, "Y": y, "n": n} for z, row in counts.items() for (x, y), n in zip(CELLS, row, strict=True)]
    )


# ---------------------------------------------------------------- cells without units
# The covariance of 3.84 units that are spread evenly over four cells.
SPREAD = 3.841459 * (np.eye(4) / 4 - 1 / 16)


def larger(slopes: np.ndarray, counts: np.ndarray, covariance: np.ndarray) -> float:
    """A term's variance in an arm, or that with unseen units where the term is least, if it is larger."""
    weights = counts + 3.841459 * np.eye(4)[int(np.argmin(slopes))]
    shares = weights / weights.sum()
    unseen = (shares @ slopes**2 - (shares @ slopes) ** 2) / weights.sum()
    return max(float(slopes @ covariance @ slopes) / counts.sum(), float(unseen))


def expected_interval(counts: dict[int, tuple[int, ...]]) -> tuple[float, float]:
    """The 95% interval of the estimand by inversion, worked out from counts alone."""
    bounds = derived("iv_ate").bounds[0]
    place = {f"P(X={x},Y={y}|Z={z})": (z, i) for z in (0, 1) for i, (x, y) in enumerate(CELLS)}
    chance = np.random.default_rng(5)
    sizes = {z: sum(row) for z, row in counts.items()}
    covariances = {z: np.diag(p := np.array(row) / sizes[z]) - np.outer(p, p) for z, row in counts.items()}
    drawn = {
        z: chance.multivariate_normal(np.zeros(4), c / sizes[z] + SPREAD / (sizes[z] + 3.841459) ** 2, 50_000)
        for z, c in covariances.items()
    }
    values, signs, errors, studentised = [], [], [], []
    for sign, terms in ((1, bounds.lower.terms), (-1, bounds.upper.terms)):
        for term in terms:
            slopes = {z: np.zeros(4) for z in counts}
            for name, slope in term.coefficients:
                z, i = place[name]
                slopes[z][i] = sign * int(slope)
            # In every arm one slope: nothing moves the term.
            varies = any(len(set(slopes[z])) > 1 for z in counts)
            values.append(sign * int(term.constant) + sum(slopes[z] @ counts[z] / sizes[z] for z in counts))
            signs.append(-sign)
            variance = (
                sum(larger(slopes[z], np.array(row), covariances[z]) for z, row in counts.items()) if varies else 0.0
            )
            errors.append(math.sqrt(variance))
            moved = sum(drawn[z] @ slopes[z] for z in counts)
            studentised.append(moved / moved.std() if varies else None)
    value, sign, error = np.array(values), np.array(signs), np.array(errors)
    draws = [each for each in studentised if each is not None]
    numbers = [i for i, each in enumerate(studentised) if each is not None]

    def critical(kept: np.ndarray, level: float) -> float:
        chosen = [each for i, each in zip(numbers, draws, strict=True) if kept[i]]
        return float(np.quantile(np.max(chosen, axis=0), level)) if chosen else 0.0

    first = NormalDist().inv_cdf(1 - 0.1 / math.log(sum(sizes.values())) / np.count_nonzero(error))
    known: dict[bytes, float] = {}

    def rejected(at: float) -> bool:
        moved = value + sign * at
        kept = moved >= (moved - first * error).max() - 2 * first * error
        key = kept.tobytes()
        known.setdefault(key, critical(kept, 0.95))
        return bool((moved - known[key] * error).max() > 0)

    inside = [at for at in np.linspace(-0.4, 1, 701) if not rejected(at - 1e-12 if at > 0 else at + 1e-12)]
    return min(inside), max(inside)


def test_an_instrument_that_leaves_cells_empty() -> None:
    """An arm has units in two of four cells, and all terms vary."""
    found = estimate(derived("iv_ate").bounds[0], read_data(catalogue.load("iv_ate"), instrument(NAMED), kind="counts"))
    interval = found.estimates[0].found.parameter_interval
    assert interval == pytest.approx(expected_interval(NAMED), abs=0.004)
    assert interval == pytest.approx((-0.082, 0.876), abs=0.002)


def standard_error(counts: Sequence[int], slopes: Sequence[int]) -> float:
    sample = counted_sample([("", "abcdefgh"[: len(counts)], counts)])
    term = Term.of(0, dict(zip(sample.cells, slopes, strict=True)))
    return float(estimated_terms([term], None, sample, {}).errors[0])


@pytest.mark.parametrize("slope", [1, -7, 10**20])
@pytest.mark.parametrize("counts", [(17, 0, 0, 33), (1, 0, 0, 10**9), (3, 0, 0, 7), (9, 9, 9, 9)])
def test_what_is_the_same_in_all_cells_does_not_vary(slope: int, counts: tuple[int, ...]) -> None:
    assert standard_error(counts, (slope,) * 4) == 0
    assert standard_error(counts, (slope, slope, slope, slope + 1)) > 0


@pytest.mark.parametrize("counts", [(17, 33), (1, 10**9), (150, 0), (0, 150), (40, 60), (1, 1)])
def test_a_share_varies_as_with_unseen_units_where_it_is_less(counts: tuple[int, int]) -> None:
    """The variance of the share, or that with 3.84 units more on the side where the term is less, if it is larger."""
    n, seen = sum(counts), counts[0]
    for slopes, x in (((-1, 0), seen), ((1, 0), n - seen)):
        p, q = seen / n, (x + 3.841459) / (n + 3.841459)
        expected = max(p * (1 - p) / n, q * (1 - q) / (n + 3.841459))
        assert standard_error(counts, slopes) == pytest.approx(math.sqrt(expected), rel=1e-9)


def test_a_term_of_many_cells_varies_as_the_mean_of_its_slopes() -> None:
    """Cells together where slopes are equal; unseen units are where the slope is least."""
    counts, slopes = (30, 50, 20, 0, 60), (2, 5, 2, -1, 0)
    n = sum(counts)

    def variance(more: float) -> float:
        weights = np.array(counts) + more * (np.array(slopes) == min(slopes))
        shares = weights / weights.sum()
        return float(shares @ np.square(slopes) - (shares @ slopes) ** 2) / (n + more)

    assert standard_error(counts, slopes) == pytest.approx(math.sqrt(max(variance(0), variance(3.841459))), rel=1e-9)


@pytest.mark.parametrize("n", [40, 150, 1000])
def test_no_unit_allows_what_clopper_and_pearson_allow(n: int) -> None:
    """0 of n: the upper end is that of Clopper & Pearson, or a little beyond."""
    reach = 1.959964 * standard_error((0, n), (-1, 0))
    exact = 1 - 0.025 ** (1 / n)
    assert exact * 0.94 <= reach <= exact * 1.06


@pytest.mark.parametrize(("p", "n"), [(0.02, 40), (0.006, 300), (0.006, 1000), (0.02, 300), (0.05, 150), (0.1, 150)])
def test_one_sided_coverage_of_a_rare_cell(p: float, n: int) -> None:
    """Exactly, by the binomial distribution: nominal 0.975."""
    stats = pytest.importorskip("scipy.stats")
    x = range(n + 1)
    covers = [k / n + 1.959964 * standard_error((k, n - k), (-1, 0)) >= p for k in x if k < 60]
    covers += [True] * (n + 1 - len(covers))
    assert float(np.array(covers) @ stats.binom.pmf(x, n, p)) >= 0.965


# ---------------------------------------------------------------- every figure is a number
def figures(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for each in value.values():
            yield from figures(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from figures(each)
    elif isinstance(value, float):
        yield value


def check_all(name: str, data: Any, **options: Any) -> None:
    """Every estimand of which the condition can happen in the data."""
    for bounds in derived(name).bounds:
        over = bounds.denominator
        if over is None or over.value(data.probabilities) > 0:
            check(estimate(bounds, data, draws=400, **options))


def check(found: Estimation) -> None:
    """Finite, and no interval beyond its estimand."""
    assert all(map(math.isfinite, figures(found.json())))
    json.dumps(found.json(), allow_nan=False)
    assert "nan" not in found.text().lower().replace("covariance", "")
    for each in found.estimates:
        assert each.range
        for one in (each.found, *([each.within.found] if each.within else [])):
            for name in INTERVALS[1:]:
                ends = one.interval(name)
                if ends and not is_crossed(ends):
                    assert float(each.range.low) <= ends[0] <= float(each.range.high)
                    assert float(each.range.low) <= ends[1] <= float(each.range.high)


def sparse(chance: random.Random, size: int) -> tuple[int, ...]:
    """Counts of which many are zero, and not all."""
    counts = [0 if chance.random() < 0.5 else chance.randint(1, 60) for _ in range(size)]
    counts[chance.randrange(size)] += 40
    return tuple(counts)


def micro(chance: random.Random, columns: tuple[str, str, str], counts: dict[int, tuple[int, ...]]) -> Any:
    first, second, third = columns
    rows = [
        {first: a, second: b, third: c, "x": chance.randint(0, 1), "w": chance.choice(["0.5", "1", "3"]), "c": i % 17}
        for a, row in counts.items()
        for (b, c), count in zip(CELLS, row, strict=True)
        for i in range(count)
    ]
    return pandas.DataFrame(rows)


STUDIES = {"iv_ate": ("Z", "X", "Y"), "mediation_mmr": ("A", "M", "Y"), "iv_ate_monotone": ("Z", "X", "Y")}


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(6))
def test_counts_with_empty_cells(name: str, method: str, seed: int) -> None:
    chance = random.Random(seed)
    rows = micro(chance, STUDIES[name], {0: sparse(chance, 4), 1: sparse(chance, 4)})
    data = read_data(catalogue.load(name), rows[list(STUDIES[name])])
    check_all(name, data, method=method, project=name == "mediation_mmr" and seed < 3)


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("options", [{"weights": "w"}, {"cluster": "c"}, {"weights": "w", "cluster": "c"}])
def test_weights_and_clusters_with_empty_cells(name: str, method: str, options: dict[str, str]) -> None:
    chance = random.Random(name + method)
    rows = micro(chance, STUDIES[name], {0: sparse(chance, 4), 1: sparse(chance, 4)})
    data = read_data(catalogue.load(name), rows, **options)
    if method == "subsampling":
        with pytest.raises(DataError, match="subsampling draws units"):
            estimate(derived(name), data, method=method, draws=400)
    else:
        check_all(name, data, method=method)


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize("options", [{}, {"weights": "w"}, {"cluster": "c"}])
@pytest.mark.parametrize("seed", range(3))
def test_strata_with_empty_cells(name: str, options: dict[str, str], seed: int) -> None:
    chance = random.Random(seed)
    rows = micro(chance, STUDIES[name], {0: sparse(chance, 4), 1: sparse(chance, 4)})
    data = read_data(catalogue.load(name), rows, within="x", **options)
    check_all(name, data)


@pytest.mark.parametrize("level", [0.01, 0.5, 0.98, 0.999999])
@pytest.mark.parametrize("method", METHODS)
def test_levels(level: float, method: str) -> None:
    if level > 0.99 and method in ("directional", "subsampling", "bootstrap"):
        return  # 400 resamples do not show it, and that is refused.
    data = read_data(catalogue.load("iv_ate"), instrument(NAMED), kind="counts")
    check(estimate(derived("iv_ate"), data, method=method, level=level, draws=400))


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_without_any_variation(method: str) -> None:
    """All units of an arm in one cell: other cells may be what the sample has not seen, but for the bootstrap."""
    data = read_data(catalogue.load("iv_ate"), instrument({0: (300, 0, 0, 0), 1: (0, 0, 0, 300)}), kind="counts")
    found = estimate(derived("iv_ate"), data, method=method, draws=400)
    check(found)
    low, high = found.estimates[0].found.set_interval
    assert high == 1.0
    assert (low == 1.0) if method in ("subsampling", "bootstrap") else (0.95 < low < 0.995)


# ---------------------------------------------------------------- weights
@pytest.mark.parametrize("method", ["intersection", "stoye", "directional"])
@pytest.mark.parametrize("cluster", [None, "c"])
@pytest.mark.parametrize("scale", ["1e160", "1e-165", "1e300", "3", "1e-9"])
def test_the_scale_of_weights_does_not_matter(method: str, cluster: str | None, scale: str) -> None:
    rows = micro(random.Random(3), ("Z", "X", "Y"), NAMED)
    scaled = rows.assign(
        w=[
            f"{format(float(weight) * 1, '.1f')}e{scale[2:]}" if "e" in scale else str(float(weight) * int(scale))
            for weight in rows.w
        ]
    )
    model, bounds = catalogue.load("iv_ate"), derived("iv_ate")
    plain, other = (read_data(model, each, weights="w", cluster=cluster) for each in (rows, scaled))
    assert plain.probabilities == other.probabilities
    assert (sample_of(plain).covariance == sample_of(other).covariance).all()
    first, second = (estimate(bounds, each, method=method, draws=400).estimates for each in (plain, other))
    assert first == second
    assert sample_of(plain).covariance.max() > 0


# ---------------------------------------------------------------- the range of an estimand
FORMS = {
    "E[Y(1) - Y(0)]": (-3, 3),
    "P(Y(1)=3)": (0, 1),
    "E[Y(1)] / 3 + g": (Fraction(1, 4), Fraction(5, 4)),
    "2 * P(Y(1)=0) - 1": (-1, 1),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_range_without_assumptions(form: str) -> None:
    model = Model.parse(f"""model m
variable X in {{0, 1}} randomized
variable Y(X) in {{0, 1, 2, 3}}
parameter g in [0, 1]
observe P(Y | X)
estimand e = {form}
""")
    bounds = derive(model).bounds[0]
    assert estimand_range(bounds, {"g": Fraction(1, 4)}) == Range(*map(Fraction, FORMS[form]))


@pytest.mark.parametrize(
    ("assumption", "ends"),
    [
        ("assume Y(1) >= Y(0)", (0, 1)),
        ("assume E[Y(1)] >= E[Y(0)]", (0, 1)),
        ("assume P(Y(1)=0, Y(0)=1) <= g", (Fraction(-1, 4), 1)),
        ("assume E[Y(0)] >= 1/3\nassume E[Y(1)] = 1/2", (Fraction(-1, 2), Fraction(1, 6))),
    ],
)
def test_the_range_under_assumptions(assumption: str, ends: tuple[Fraction, Fraction]) -> None:
    model = Model.parse(f"""model m
variable X in {{0, 1}}
variable Y(X) in {{0, 1}}
parameter g in [0, 1]
observe P(X, Y)
{assumption}
estimand e = E[Y(1) - Y(0)]
estimand among = E[Y(1) - Y(0) | X=1]
""")
    bounds = derive(model).bounds
    assert estimand_range(bounds[0], {"g": Fraction(1, 4)}) == Range(*map(Fraction, ends))
    # Among few treated an assumption on the whole population says nothing.
    few = Range(Fraction(0 if "Y(1) >= Y(0)" in assumption else -1), Fraction(1))
    assert estimand_range(bounds[1], {"g": Fraction(1, 4)}) == few


def bounds_of(**intervals: Any) -> EstimatedBounds:
    given: dict[str, Any] = dict.fromkeys(INTERVALS) | {"plug_in": (0.0, 0.0), "set_interval": (0.0, 0.0)} | intervals
    return EstimatedBounds(**given, kept=((), ()), critical_values=())


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((-0.2, 1.3), (0.0, 1.0)),
        ((0.2, 1.3), (0.2, 1.0)),
        ((0.2, 0.3), (0.2, 0.3)),
        ((1.2, 1.3), (1.2, 1.0)),
        ((-0.3, -0.1), (0.0, -0.1)),
        ((1.3, 1.2), (1.3, 1.0)),
        ((1 + 1e-12, 1.5), (1.0, 1.0)),
    ],
)
def test_cutting(ends: tuple[float, float], expected: tuple[float, float]) -> None:
    """What lies outside altogether is crossed afterwards and does not become a point."""
    found = cut(bounds_of(set_interval=ends, parameter_interval=ends), Range(Fraction(0), Fraction(1)))
    assert found.set_interval == expected
    assert found.plug_in == (0.0, 0.0)
    if not is_crossed(ends):
        assert found.parameter_interval == (None if is_crossed(expected) else expected)


def test_what_was_cut_is_said() -> None:
    data = read_data(catalogue.load("iv_ate"), instrument({0: (17, 1, 0, 0), 1: (0, 1, 0, 12)}), kind="counts")
    found = estimate(derived("iv_ate"), data, draws=1000, robust="never")
    assert "ate: intervals are cut at its range, [-1, 1]" in found.notes
    assert found.json()["estimates"][0]["range"] == [-1.0, 1.0]
    assert found.estimates[0].found.set_interval[1] == 1.0
