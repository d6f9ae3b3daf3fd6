"""Coverage of intervals of a ratio whose divisor is near zero."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from boundgen.errors import DataError
from boundgen.simulation.ratio_coverage import RatioPopulation, _samples, ratio_coverage, ratio_populations

POPULATIONS = {population.name: population for population in ratio_populations()}


def test_divisors_and_truth() -> None:
    assert list(POPULATIONS) == ["survivors, 0.5", "survivors, 0.1", "survivors, 0.02"]
    for population, divisor in zip(POPULATIONS.values(), ("1/2", "1/10", "1/50"), strict=True):
        cells = population.cells
        assert sum(cells.values()) - 1 == Fraction(divisor)
        assert cells["P(Y=1,S=1|A=0)"] + cells["P(Y=0,S=1|A=1)"] == Fraction(2, 5) * Fraction(divisor)
        assert population.truth == (0.6, 1.0)


def test_samples_are_of_the_population() -> None:
    population = POPULATIONS["survivors, 0.1"]
    drawn = list(_samples(population, 401, 300, seed=3))
    assert [size for _, size in drawn[0].arms] == [201, 200]
    mean = np.mean([each.probabilities for each in drawn], axis=0)
    shares = dict(zip(drawn[0].cells, mean.tolist(), strict=True))
    for name, share in population.cells.items():
        assert shares[name] == pytest.approx(float(share), abs=0.01)


@pytest.mark.parametrize("population", POPULATIONS.values(), ids=lambda population: population.name)
@pytest.mark.slow
def test_the_inverted_test_covers(population: RatioPopulation) -> None:
    """60 replications know a share of 0.95 to 0.03."""
    rows = {row.method: row for row in ratio_coverage(population, 2000, 60, seed=4, draws=500)}
    assert min(rows["intersection"].one_sided) > 0.86
    assert min(rows["intersection"].half_median) > 0.33
    assert rows["intersection"].parameter
    assert min(rows["intersection"].parameter) > 0.86


@pytest.mark.slow
def test_the_delta_method_does_not_cover_near_zero() -> None:
    """At a divisor of 0.02, which is smaller than its standard error, fractions are no normal terms."""
    rows = {row.method: row for row in ratio_coverage(POPULATIONS["survivors, 0.02"], 500, 120, seed=2, draws=500)}
    assert min(rows["delta method"].one_sided) < 0.9 < min(rows["intersection"].one_sided)
    assert rows["delta method"].parameter is None


@pytest.mark.parametrize(("n", "replications"), [(59, 10), (500, 0)])
def test_too_small_studies_are_refused(n: int, replications: int) -> None:
    with pytest.raises(DataError, match=f"{replications} replications of samples of {n} units"):
        ratio_coverage(POPULATIONS["survivors, 0.5"], n, replications)
