"""Simulation: how often limits and intervals of breakdown values cover what they should, where these are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np

from boundgen import catalogue
from boundgen.bounds.closed_form import Bounds
from boundgen.derivation import derive
from boundgen.evaluation.breakdown_points import BreakdownRange, breakdown_points
from boundgen.inference.breakdown import breakdown_value
from boundgen.inference.breakdown_values import Breakdown
from boundgen.inference.from_data import counted_sample
from boundgen.inference.sample import Sample
from boundgen.simulation.coverage import COVERAGE_GOAL, DRAWS, HALF_MEDIAN_GOAL, LEVEL, MANY, two_sided_goal


@dataclass(frozen=True)
class KnownBreakdown:
    """A distribution of the cells of complete arms, exact, and where the sign is lost there.

    Parameters
    ----------
    name : str
    bounds : Bounds
    cells : mapping of name to Fraction
    within : BreakdownRange
    """

    name: str
    bounds: Bounds
    cells: Mapping[str, Fraction]
    within: BreakdownRange

    @property
    def truth(self) -> Fraction | float:
        """Where the estimand is no longer known to be positive; infinite where it is in the whole range."""
        value = breakdown_points(self.bounds, self.cells, self.within, {}, Fraction(0))["above"].value
        return inf if value is None else value


@dataclass(frozen=True)
class BreakdownCoverage:
    """What was found at one population and sample size, in shares of replications.

    Parameters
    ----------
    population : str
    asked : bool
        Whether the conclusion was named, or chosen by each sample.
    n, replications : int
    half_median : float
        How often the half-median-unbiased value is not above the truth: 0.5 at least.
    lower_limit : float
        How often the lower limit is not: 0.95 at least.
    interval : float
        How often the interval covers the truth: 0.95 at least.
    """

    population: str
    asked: bool
    n: int
    replications: int
    half_median: float
    lower_limit: float
    interval: float


def breakdown_populations() -> tuple[KnownBreakdown, ...]:
    """A direct effect whose sign is lost where one term is the bound, at a tie, at the start, and nowhere."""
    (direct,) = derive(catalogue.load("mediation_limited_defiers"), ["zeta0"]).bounds
    whole = BreakdownRange("gamma", Fraction(0), Fraction(1))
    regular = _arms("7/20 1/20 1/2 1/10", "1/4 1/10 3/20 1/2")
    return (
        KnownBreakdown("one term", direct, regular, whole),
        KnownBreakdown("tie", direct, _arms("3/10 1/10 1/2 1/10", "1/5 1/5 1/5 2/5"), whole),
        KnownBreakdown("start", direct, _arms("3/10 1/5 3/10 1/5", "3/10 1/10 1/5 2/5"), whole),
        KnownBreakdown("nowhere", direct, regular, BreakdownRange("gamma", Fraction(0), Fraction(29, 100))),
    )


def _arms(*shares: str) -> dict[str, Fraction]:
    """Cells in the order ym = 00, 10, 01, 11."""
    places = [(y, m) for m in (0, 1) for y in (0, 1)]
    return {
        f"P(Y={y},M={m}|A={a})": Fraction(share)
        for a, listed in enumerate(shares)
        for (y, m), share in zip(places, listed.split(), strict=True)
    }


def breakdown_coverage(
    population: KnownBreakdown, n: int, replications: int, seed: int = 1, draws: int = DRAWS
) -> list[BreakdownCoverage]:
    """One row for a named conclusion, and one for those that samples choose.

    Parameters
    ----------
    population : KnownBreakdown
    n : int
        Units in all arms, which share them equally.
    replications, seed, draws : int

    Returns
    -------
    list of BreakdownCoverage
    """
    samples = list(_samples(population, n, replications, seed))
    return [
        _summary(population, asked, n, [_found(population, each, asked, seed, draws) for each in samples])
        for asked in (True, False)
    ]


def missed_breakdowns(rows: Iterable[BreakdownCoverage]) -> list[str]:
    """Where limits, half-median-unbiased values or intervals cover too rarely: goals as for bounds."""
    return [
        f"breakdown value, {row.population}, {_who(row)}, n = {row.n}: {what} {got:.3f} < {goal}"
        for row in rows
        for what, got, goal in _goals(row)
        if got < goal
    ]


def _who(row: BreakdownCoverage) -> str:
    return "asked" if row.asked else "chosen"


def _goals(row: BreakdownCoverage) -> Iterator[tuple[str, float, float]]:
    yield "lower limit", row.lower_limit, COVERAGE_GOAL
    yield "interval", row.interval, two_sided_goal(row.n)
    if row.n >= MANY:
        yield "half-median-unbiasedness", row.half_median, HALF_MEDIAN_GOAL


def _samples(population: KnownBreakdown, n: int, replications: int, seed: int) -> Iterator[Sample]:
    chance = np.random.default_rng([seed, n])
    arms = [[cell.name for cell in arm.cells] for arm in population.bounds.arms]
    for _ in range(replications):
        counts = [
            chance.multinomial(n // len(arms), [float(population.cells[c]) for c in arm]).tolist() for arm in arms
        ]
        yield counted_sample([("", arm, listed) for arm, listed in zip(arms, counts, strict=True)])


def _found(population: KnownBreakdown, sample: Sample, asked: bool, seed: int, draws: int) -> Breakdown:
    return breakdown_value(
        population.bounds, sample, population.within, {}, Fraction(0), "above" if asked else None, LEVEL, seed, draws
    )


def _summary(population: KnownBreakdown, asked: bool, n: int, breakdowns: Sequence[Breakdown]) -> BreakdownCoverage:
    lines = np.array([_line(each, float(population.truth), float(population.within.low)) for each in breakdowns])
    half, limit, interval = (float(mean) for mean in lines.mean(axis=0))
    return BreakdownCoverage(population.name, asked, n, len(lines), half, limit, interval)


def _line(each: Breakdown, truth: float, start: float) -> tuple[bool, bool, bool]:
    """Of the wrong conclusion the truth is the start of the range: it holds nowhere."""
    own = start if each.conclusion == "below" else truth
    low, high = (inf if end is None else end for end in each.interval)
    limits = (inf if end is None else end for end in (each.half_median_unbiased, each.lower_limit))
    half, limit = (end <= own or truth == end == inf for end in limits)
    return half, limit, (low <= own or own == low == inf) and own <= high
