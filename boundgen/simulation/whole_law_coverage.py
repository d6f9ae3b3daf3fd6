"""How often intervals by the whole law of an outcome cover the bounds: trimming bounds (Lee 2009).

In one population a treatment makes more units seen, the outcome is continuous, and the bounds are a trimmed normal's.
In the other it changes nothing, the outcome has few values, and both bounds are zero: the bounds have a kink there (in
half of the samples fewer are seen with the treatment, which the model excludes).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.inference.law_estimation import estimate_law
from boundgen.language.model import Model
from boundgen.work.libraries import library

MODEL = """
model trimmed "Effect among those seen with and without treatment"
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in [-10, 20]
observe P(S=1, Y | A)
assume monotone: S(1) >= S(0)
estimand effect = E[Y(1) - Y(0) | S(0)=1, S(1)=1]
"""
SEEN, SHIFT = (0.5, 0.7), 0.3


@dataclass(frozen=True)
class LawPopulation:
    """A population with its sharp bounds.

    Parameters
    ----------
    name : str
    seen : (float, float)
        The share that is seen in each arm.
    outcomes : function of (generator, arm, number)
        Outcomes of those who are seen.
    truth : (float, float)
    """

    name: str
    seen: tuple[float, float]
    outcomes: Callable[[np.random.Generator, int, int], Array]
    truth: tuple[float, float]


@dataclass(frozen=True)
class LawCoverage:
    """What replications found.

    Parameters
    ----------
    covers, lower, upper : float
        How often the interval covers both bounds, and each limit its bound.
    width : float
        The mean width of the intervals.
    plug_in : (float, float)
        The means of the plug-in bounds.
    """

    population: str
    n: int
    replications: int
    covers: float
    lower: float
    upper: float
    width: float
    plug_in: tuple[float, float]


def law_populations() -> tuple[LawPopulation, ...]:
    """One with a trimmed share and a continuous outcome, one at the kink with an outcome of few values."""
    normal, share = NormalDist(), SEEN[0] / SEEN[1]
    trimmed = normal.pdf(normal.inv_cdf(share)) / share
    return (
        LawPopulation(
            "trimmed",
            SEEN,
            lambda chance, arm, number: chance.normal(SHIFT * arm, 1, number),
            (SHIFT - trimmed, SHIFT + trimmed),
        ),
        LawPopulation(
            "kink", (0.6, 0.6), lambda chance, _, number: chance.binomial(10, 0.3, number).astype(float), (0.0, 0.0)
        ),
    )


def law_coverage(population: LawPopulation, n: int, replications: int, seed: int = 1) -> LawCoverage:
    """Coverage of the 95% intervals over samples of n units, half of them in each arm.

    Returns
    -------
    LawCoverage

    Raises
    ------
    DataError
        For samples or numbers of replications that are too small.
    """
    if replications < 1 or n < 40:
        raise DataError(f"{replications} replications of samples of {n} units", remedy="At least one, of 40 units.")
    model, lines = Model.parse(MODEL.strip() + "\n"), []
    low, high = population.truth
    for number in range(replications):
        frame = _drawn(population, n, np.random.default_rng([seed, n, number]))
        (found,) = estimate_law(model, "Y", frame, seed=number).estimates
        (first, last), plug_in = found.interval, found.plug_in
        assert first is not None
        assert last is not None
        lines.append([first <= low + 1e-9, last >= high - 1e-9, last - first, *plug_in])
    seen = np.array(lines, dtype=float)
    both = float(np.mean(seen[:, 0] * seen[:, 1]))
    lower, upper, width, *means = (float(each) for each in seen.mean(axis=0))
    return LawCoverage(population.name, n, replications, both, lower, upper, width, (means[0], means[1]))


def _drawn(population: LawPopulation, n: int, chance: np.random.Generator) -> Any:
    arms = np.arange(n) % 2
    seen = chance.random(n) < np.where(arms == 1, population.seen[1], population.seen[0])
    outcomes = np.full(n, np.nan)
    for arm in (0, 1):
        rows = seen & (arms == arm)
        outcomes[rows] = population.outcomes(chance, arm, int(rows.sum()))
    pandas = library("pandas", "data", "simulated samples need")
    return pandas.DataFrame({"A": arms, "S": seen.astype(int), "Y": outcomes})
