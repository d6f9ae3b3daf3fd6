"""The simulation study itself: its populations, its samples, its counting and its goals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from boundgen.errors import DataError
from boundgen.inference.from_data import sample_of
from boundgen.inference.methods import METHODS
from boundgen.simulation.coverage import Coverage, _samples, coverage, missed_goals, populations
from boundgen.simulation.misspecified_coverage import missed_in_wrong, wrong_coverage, wrong_populations

POPULATIONS = {population.name: population for population in populations()}


def test_the_models_allow_the_populations() -> None:
    for population in populations():
        assert population.bounds.violations(population.cells) == ()
        low, high = population.truth
        assert low == high if population.name.startswith("experiment") else low < high
    ties = {name: population.active for name, population in POPULATIONS.items() if min(population.active) > 1}
    assert ties == {"mediation, tie": (2, 2), "instrument, ties": (4, 4)}


@pytest.mark.parametrize("design", ["no tie", "9:1", "60 clusters", "60 uneven", "weights"])
def test_samples_are_of_the_population(design: str) -> None:
    """On average shares are those of the population, and vary as the estimated covariance says."""
    population = POPULATIONS[f"mediation, {design}"]
    drawn = [sample_of(data) for data in _samples(population, 401, 250, seed=3)]
    assert [size for _, size in drawn[0].arms] == ([361, 40] if design == "9:1" else [201, 200])
    mean = np.mean([each.probabilities for each in drawn], axis=0)
    expected = [float(population.cells[cell]) for cell in drawn[0].cells]
    assert mean == pytest.approx(expected, abs=0.015)
    spread = np.cov(np.array([each.probabilities for each in drawn]).T)
    corrected = np.mean([each.corrected for each in drawn], axis=0)
    assert spread == pytest.approx(
        corrected, abs=(0.4 if design in ("weights", "60 uneven") else 0.2) * corrected.max()
    )


@pytest.fixture(scope="module")
def tied() -> dict[str, Coverage]:
    return {row.method: row for row in coverage(POPULATIONS["instrument, ties"], 2000, 150, seed=2, draws=1000)}


@pytest.mark.slow
def test_what_covers_and_what_does_not(tied: dict[str, Coverage]) -> None:
    """Four terms tie on each side; 150 replications know a share of 0.95 to 0.02."""
    assert set(tied) == {*METHODS, "numeric"}
    assert min(tied["intersection"].one_sided) > 0.89
    assert min(tied["intersection"].half_median) > 0.4
    assert tied["intersection"].parameter
    assert min(tied["intersection"].parameter) > 0.89
    assert max(tied["intersection"].plug_in) < 0.3
    assert max(tied["bootstrap"].one_sided) < 0.75
    assert max(tied["stoye"].one_sided) < 0.93
    assert tied["bootstrap"].parameter is None


@pytest.mark.slow
def test_all_methods_see_the_same_samples(tied: dict[str, Coverage]) -> None:
    assert len({row.plug_in for row in tied.values()}) == 1
    assert tied["stoye"].half_median == tied["stoye"].plug_in


@pytest.mark.slow
def test_goals_can_be_missed(tied: dict[str, Coverage]) -> None:
    silent = replace(tied["intersection"].unwarned, parameter=(0.94, 0.95), whole=0.95)
    good = replace(
        tied["intersection"], one_sided=(0.95, 0.95), half_median=(0.5, 0.5), parameter=(0.95, 0.95), unwarned=silent
    )
    where = "instrument, ties, n = 2000:"
    assert missed_goals([good]) == []
    assert missed_goals([replace(good, one_sided=(0.95, 0.91))]) == [f"{where} one-sided coverage 0.910 < 0.92"]
    assert missed_goals([replace(good, half_median=(0.45, 0.6))]) == [f"{where} half-median-unbiasedness 0.450 < 0.46"]
    assert missed_goals([replace(good, n=500, half_median=(0.45, 0.6))]) == []
    assert missed_goals([replace(good, plug_in=(0.1, 0.4))]) == [f"{where} plug-in 0.400 >= 0.4"]
    assert missed_goals([replace(good, tied=False, plug_in=(0.5, 0.5))]) == []
    assert missed_goals([replace(good, parameter=(0.95, 0.89))]) == [f"{where} coverage of the parameter 0.890 < 0.9"]
    less = replace(good, unwarned=replace(silent, whole=0.935))
    assert missed_goals([less]) == [f"{where} coverage of the set without a warning 0.935 < 0.94"]
    assert missed_goals([replace(less, n=500)]) == []
    assert missed_goals([replace(good, unwarned=replace(less.unwarned, replications=20))]) == []
    assert missed_goals([replace(tied["bootstrap"], one_sided=(0.1, 0.1))]) == []
    assert missed_goals([replace(tied["numeric"], parameter=(0.89, 0.95), unwarned=silent)]) == [
        "instrument, ties (numeric), n = 2000: coverage of the parameter 0.890 < 0.9"
    ]


@pytest.mark.slow
def test_programs_accept_what_terms_accept(tied: dict[str, Coverage]) -> None:
    """The same test of the same model: without terms it may be a little longer, as part of the room is found."""
    for side in (0, 1):
        assert tied["numeric"].parameter
        assert tied["cox-shi"].parameter
        assert tied["numeric"].parameter[side] >= tied["cox-shi"].parameter[side] - 0.02
    assert min(tied["numeric"].parameter or (0.0,)) > 0.89


# ---------------------------------------------------------------- populations that the model does not allow
def test_pseudo_true_sets() -> None:
    """Zero standard errors at the edge; with one implication that fails, its shortfall over its standard error."""
    by_name = {population.name: population for population in wrong_populations()}
    edge, wrong = by_name["mediation, edge"], by_name["mediation, wrong"]
    assert edge.bounds.violations(edge.cells) == ()
    assert edge.pseudo_true_set(1000) == (tuple(map(float, edge.bounds.evaluate(edge.cells))), 0.0)
    assert wrong.bounds.violations(wrong.cells)
    (low, high), relaxation = wrong.pseudo_true_set(1000)
    errors = (0.6 * 0.4 / 500 + 0.53 * 0.47 / 500) ** 0.5
    assert relaxation == pytest.approx(0.07 / errors)
    assert low == pytest.approx(high, abs=1e-12)
    assert by_name["instrument, wrong"].pseudo_true_set(4000)[1] == pytest.approx(
        2 * by_name["instrument, wrong"].pseudo_true_set(1000)[1]
    )


@pytest.mark.slow
def test_intervals_cover_pseudo_true_sets() -> None:
    """80 replications know a share of 0.95 to 0.025."""
    population = next(each for each in wrong_populations() if each.name == "instrument, a little wrong")
    always, auto = wrong_coverage(population, 1000, 80, seed=3, draws=500)
    assert (always.robust, auto.robust) == ("always", "auto")
    assert always.contradicted > 0.9
    assert min(always.whole, *always.parameter) > 0.87
    assert missed_in_wrong([replace(always, whole=0.9)])[0].endswith("coverage of the pseudo-true set 0.900 < 0.94")


def test_same_seed_same_rows() -> None:
    population = POPULATIONS["mediation, tie"]
    first, same, other = (coverage(population, 500, 5, seed=seed, draws=300) for seed in (1, 1, 2))
    # What is not computed is NaN, which equals nothing.
    assert repr(first) == repr(same)
    assert repr(first) != repr(other)


@pytest.mark.parametrize(("n", "replications"), [(59, 10), (500, 0)])
def test_too_small_studies_are_refused(n: int, replications: int) -> None:
    with pytest.raises(DataError, match=f"{replications} replications of samples of {n} units"):
        coverage(POPULATIONS["mediation, tie"], n, replications)
