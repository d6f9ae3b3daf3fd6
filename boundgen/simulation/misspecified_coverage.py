"""How often intervals cover what they promise at populations that the model does not allow.

There the bounds cross or a testable implication fails. What robust intervals promise to cover is the pseudo-true set
(`boundgen.inference.misspecified`): terms and implications are all relaxed by the same number of their standard errors,
the least at which they hold together. It is computed here from the population, and not by the code that is tested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import islice

import numpy as np

from boundgen import catalogue
from boundgen.bounds.closed_form import Bounds
from boundgen.data.observed import ObservedData
from boundgen.derivation import derive
from boundgen.exact.arrays import Array
from boundgen.exact.terms import Term
from boundgen.inference.estimated_bounds import ROUNDING, EstimatedBounds, Interval
from boundgen.inference.estimated_terms import exact_estimates, linearised
from boundgen.inference.from_data import sample_of
from boundgen.inference.intersection import intersection_bounds
from boundgen.inference.linear_lines import robust_linear
from boundgen.inference.misspecified import RobustIntervals, misfit_of
from boundgen.inference.names import Robust
from boundgen.simulation.coverage import DRAWS, INSTRUMENT, LEVEL, MEDIATION, arm_shares, two_sided_goal
from boundgen.simulation.designs import SampleDesign

# Shares of cells arm by arm: the average effect on a mediator that responds monotonically is zero, a little or clearly
# negative; an instrument that affects the outcome, a little and clearly.
AT_THE_EDGE = "7/25 11/50 6/25 13/50 | 1/4 6/25 27/100 6/25"
A_LITTLE = "1/5 13/50 1/5 17/50 | 7/30 4/15 13/60 17/60"
CLEARLY = "1/5 13/50 1/5 17/50 | 7/25 7/25 19/100 1/4"
LEAKY = "11/20 1/20 1/5 1/5 | 1/20 1/2 1/5 1/4"
MORE_LEAKY = "7/10 1/20 1/10 3/20 | 1/20 3/5 1/10 1/4"
POPULATIONS: tuple[tuple[str, str, str, SampleDesign], ...] = (
    ("mediation, edge", MEDIATION, AT_THE_EDGE, SampleDesign()),
    ("mediation, a little wrong", MEDIATION, A_LITTLE, SampleDesign()),
    ("mediation, wrong", MEDIATION, CLEARLY, SampleDesign()),
    ("instrument, a little wrong", INSTRUMENT, LEAKY, SampleDesign()),
    ("instrument, wrong", INSTRUMENT, MORE_LEAKY, SampleDesign()),
)


@dataclass(frozen=True)
class WrongPopulation:
    """A distribution of the cells, exact, that the model does not allow, or hardly.

    Parameters
    ----------
    name : str
    bounds : Bounds
        Without a denominator and parameters, of a model whose arms are complete.
    cells : mapping of name to Fraction
    design : SampleDesign
        Of independent units that weigh the same.
    """

    name: str
    bounds: Bounds
    cells: Mapping[str, Fraction]
    design: SampleDesign

    def pseudo_true_set(self, n: int) -> tuple[Interval, float]:
        """The set, and by how many standard errors of samples of n units it is relaxed."""
        covariance = self._covariance(n)
        (low, s), (high, t), (short, r) = (
            self._values_and_errors(terms, sign, covariance)
            for terms, sign in (
                (self.bounds.lower.terms, 1),
                (self.bounds.upper.terms, 1),
                (self.bounds.conditions or (), -1),
            )
        )
        apart, together = low[:, None] - high[None], s[:, None] + t[None]
        relaxations = np.divide(apart, together, out=np.full(apart.shape, -np.inf), where=together > 0)
        delta = max(0.0, float(relaxations.max()), float((short / r).max(initial=0.0)))
        return (float((low - delta * s).max()), float((high + delta * t).min())), delta

    def _covariance(self, n: int) -> Array:
        place = {name: i for i, name in enumerate(self.cells)}
        found = np.zeros((len(place), len(place)))
        for arm, size in zip(self.bounds.arms, self.design.sizes(len(self.bounds.arms), n), strict=True):
            places = [place[cell.name] for cell in arm.cells]
            shares = np.array([float(self.cells[cell.name]) for cell in arm.cells])
            found[np.ix_(places, places)] = (np.diag(shares) - np.outer(shares, shares)) / size
        return found

    def _values_and_errors(self, terms: Sequence[Term], sign: int, covariance: Array) -> tuple[Array, Array]:
        slopes = np.array([[float(dict(term.coefficients).get(name, 0)) for name in self.cells] for term in terms])
        slopes = slopes.reshape(len(terms), len(self.cells))
        values = np.array([float(sign * term.value(self.cells)) for term in terms])
        return values, np.sqrt(np.clip(((slopes @ covariance) * slopes).sum(axis=1), 0.0, None))


@cache
def wrong_populations() -> tuple[WrongPopulation, ...]:
    """At the edge of a model, a little and clearly outside."""
    bounds = {
        MEDIATION: derive(catalogue.load(MEDIATION), ["delta1"]).bounds[0],
        INSTRUMENT: derive(catalogue.load(INSTRUMENT), ["ate"]).bounds[0],
    }
    return tuple(
        WrongPopulation(name, bounds[model], arm_shares(bounds[model], *shares.split("|")), design)
        for name, model, shares, design in POPULATIONS
    )


@dataclass(frozen=True)
class WrongCoverage:
    """What intervals did at one population and sample size, in shares of replications.

    Parameters
    ----------
    population : str
    robust : str
        As for `estimate`: "always", or "auto", which takes the ordinary interval where nothing fails in the sample.
    n, replications : int
    relaxation : float
        Of the population, in standard errors; zero where the model is right.
    contradicted : float
        How often terms cross or an implication fails in the sample.
    parameter : (lower, upper)
        How often the parameter interval covers either end of the pseudo-true set.
    whole : float
        How often the set interval covers all of it.
    length : float
        Of the set interval, on average, less that of the set.
    """

    population: str
    robust: Robust
    n: int
    replications: int
    relaxation: float
    contradicted: float
    parameter: tuple[float, float]
    whole: float
    length: float


def wrong_coverage(
    population: WrongPopulation, n: int, replications: int, seed: int = 1, draws: int = DRAWS
) -> list[WrongCoverage]:
    """A row for robust intervals always, and one for what is printed by itself.

    Parameters
    ----------
    population : WrongPopulation
    n : int
        Units in both arms.
    replications, seed, draws : int

    Returns
    -------
    list of WrongCoverage
    """
    truth, delta = population.pseudo_true_set(n)
    chance = np.random.default_rng([seed, n])
    samples = islice(population.design.samples(population.bounds.arms, population.cells, n, chance), replications)
    lines: dict[Robust, list[list[float]]] = {"always": [], "auto": []}
    for number, data in enumerate(samples):
        ordinary, robust, fails = _intervals(population.bounds, data, seed + number, draws)
        lines["always"].append(_line(robust, fails, truth))
        lines["auto"].append(_line(robust if fails else ordinary, fails, truth))
    return [_summary(population.name, robust, n, delta, np.array(each)) for robust, each in lines.items()]


def _intervals(
    bounds: Bounds, data: ObservedData, seed: int, draws: int
) -> tuple[EstimatedBounds, EstimatedBounds, bool]:
    """Ordinary and robust ones, and whether the sample contradicts the model."""
    sample = sample_of(data)
    low, high, short = (
        exact_estimates(terms, sample, {}, sign)
        for terms, sign in ((bounds.lower.terms, 1), (bounds.upper.terms, -1), (bounds.conditions or (), -1))
    )

    def intervals() -> RobustIntervals | None:
        return robust_linear(low, high, None, short, sample, LEVEL, seed, draws)

    one, other = (linearised(side, sample) for side in (low, high))
    ordinary = intersection_bounds(one, other, sample.smoothed, sample.n, level=LEVEL, seed=seed, draws=draws)
    robust, misfit = misfit_of(ordinary, short, "always", intervals)
    return ordinary, robust, misfit is not None and misfit.fails


def _line(estimated: EstimatedBounds, fails: bool, truth: Interval) -> list[float]:
    low, high = (estimated.set_interval[0] - ROUNDING, estimated.set_interval[1] + ROUNDING)
    inner = estimated.parameter_interval
    covered = [inner is not None and inner[0] - ROUNDING <= end <= inner[1] + ROUNDING for end in truth]
    return [fails, *covered, low <= truth[0] and truth[1] <= high, high - low - (truth[1] - truth[0])]


def _summary(name: str, robust: Robust, n: int, delta: float, lines: Array) -> WrongCoverage:
    contradicted, low, high, whole, length = (float(mean) for mean in lines.mean(axis=0))
    return WrongCoverage(name, robust, n, len(lines), delta, contradicted, (low, high), whole, length)


def missed_in_wrong(rows: Sequence[WrongCoverage]) -> list[str]:
    """Where intervals of the pseudo-true set cover too rarely: goals as for intervals without a warning."""
    shares = ((row, (("set", row.whole), ("parameter", min(row.parameter)))) for row in rows)
    return [
        f"{row.population} ({row.robust}), n = {row.n}: coverage of the pseudo-true {what} {got:.3f} < {goal}"
        for row, several in shares
        for what, got in several
        if got < (goal := two_sided_goal(row.n))
    ]
