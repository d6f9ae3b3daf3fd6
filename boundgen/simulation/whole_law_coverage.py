"""How often intervals by the whole law of an outcome cover the bounds.

Trimming bounds (Lee 2009): where a treatment makes more units seen and the outcome is continuous, the bounds are a
trimmed normal's, in all units or averaged over two strata of a covariate, and without monotonicity those of Zhang &
Rubin (2003). Where it changes nothing and the outcome has few values, both bounds are zero and have a kink there (in
half of the samples fewer are seen with the treatment, which the model excludes). With an instrument, the average effect
has bounds, as treatment is known to change the outcomes of compliers alone; their effect is identified.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
ANYHOW = MODEL.replace("assume monotone: S(1) >= S(0)\n", "")
CHOSEN = """
model chosen "Effect of a treatment that is taken by choice"
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in [0, 5]
observe P(X, Y | Z)
assume no_defiers: X(1) >= X(0)
"""
AVERAGE = CHOSEN + "estimand effect = E[Y(1) - Y(0)]\n"
AMONG_COMPLIERS = CHOSEN + "estimand effect = E[Y(1) - Y(0) | X(0)=0, X(1)=1]\n"
SEEN, SHIFT = (0.5, 0.7), 0.3
OFTEN = (0.8, 0.9)
# Of two strata of a covariate, as many units in each: who is seen, and what the outcome gains in both arms.
STRATA = ((0.5, 0.7, 0.0), (0.7, 0.8, 2.0))
# Always-takers, never-takers and compliers: their shares, and the means of Y(0) and Y(1) as shares of 5.
CHOOSERS = ((0.2, 0.5, 0.6), (0.4, 0.3, 0.4), (0.4, 0.4, 0.6))
MOST = 5

Drawn = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class LawPopulation:
    """A population with its sharp bounds.

    Parameters
    ----------
    name, model : str
    drawn : function of (generator, number)
        Columns of a sample.
    truth : (float, float)
    within : str
        A column of strata, where bounds are averaged over them.
    """

    name: str
    model: str
    drawn: Callable[[np.random.Generator, int], Drawn]
    truth: tuple[float, float]
    within: str = ""


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
    """Trimmed shares, with strata and without monotonicity too; a kink; and an instrument."""
    both = OFTEN[0] + OFTEN[1] - 1
    loosest = _trimmed(both / OFTEN[0]) + _trimmed(both / OFTEN[1])
    half = sum(seen * _trimmed(seen / more) for seen, more, _ in STRATA) / sum(seen for seen, _, _ in STRATA)
    (always, _, at_1), (never, never_0, _), (compliers, change_0, change_1) = CHOOSERS
    moved = compliers * (change_1 - change_0) * MOST
    least = moved + always * (at_1 - 1) * MOST - never * never_0 * MOST
    return (
        LawPopulation("trimmed", MODEL, partial(_seen, SEEN, _normal), _around(_trimmed(SEEN[0] / SEEN[1]))),
        LawPopulation("kink", MODEL, partial(_seen, (0.6, 0.6), _few), (0.0, 0.0)),
        LawPopulation("trimmed within strata", MODEL, _seen_in_strata, _around(half), "x"),
        LawPopulation("not monotone", ANYHOW, partial(_seen, OFTEN, _normal), _around(loosest)),
        LawPopulation("instrument", AVERAGE, _chosen, (least, least + (always + never) * MOST)),
        LawPopulation("compliers", AMONG_COMPLIERS, _chosen, (moved / compliers,) * 2),
    )


def _around(half: float) -> tuple[float, float]:
    return SHIFT - half, SHIFT + half


def _trimmed(share: float) -> float:
    """How far the mean of the largest share of a standard normal is from zero."""
    normal = NormalDist()
    return normal.pdf(normal.inv_cdf(share)) / share


def _normal(chance: np.random.Generator, arms: NDArray[Any]) -> Array:
    found: Array = chance.normal(SHIFT * arms, 1)
    return found


def _few(chance: np.random.Generator, arms: NDArray[Any]) -> Array:
    return chance.binomial(10, 0.3, len(arms)).astype(float)


def _seen(
    shares: tuple[float, float],
    outcomes: Callable[[np.random.Generator, NDArray[Any]], Array],
    chance: np.random.Generator,
    n: int,
) -> Drawn:
    arms = np.arange(n) % 2
    seen = chance.random(n) < np.where(arms == 1, shares[1], shares[0])
    return {"A": arms, "S": seen.astype(int), "Y": np.where(seen, outcomes(chance, arms), np.nan)}


def _seen_in_strata(chance: np.random.Generator, n: int) -> Drawn:
    arms, strata = np.arange(n) % 2, chance.integers(0, 2, n)
    seen = chance.random(n) < np.array(STRATA)[strata, arms]
    outcomes = _normal(chance, arms) + np.array([gain for _, _, gain in STRATA])[strata]
    return {"A": arms, "x": strata, "S": seen.astype(int), "Y": np.where(seen, outcomes, np.nan)}


def _chosen(chance: np.random.Generator, n: int) -> Drawn:
    arms = np.arange(n) % 2
    kinds = chance.choice(3, n, p=[share for share, _, _ in CHOOSERS])
    treated = np.array([1, 0, -1])[kinds]
    treated = np.where(treated < 0, arms, treated)
    means = np.array([means for _, *means in CHOOSERS])[kinds, treated]
    return {"Z": arms, "X": treated, "Y": chance.binomial(MOST, means).astype(float)}


def law_coverage(population: LawPopulation, n: int, replications: int, seed: int = 1) -> LawCoverage:
    """Coverage of the 95% intervals over samples of n units, half of them in each arm of the randomized variable.

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
    pandas = library("pandas", "data", "simulated samples need")
    model, lines = Model.parse(population.model.strip() + "\n"), []
    options: dict[str, Any] = {"within": population.within} if population.within else {}
    low, high = population.truth
    for number in range(replications):
        frame = pandas.DataFrame(population.drawn(np.random.default_rng([seed, n, number]), n))
        (found,) = estimate_law(model, "Y", frame, seed=number, **options).estimates
        (first, last), plug_in = found.interval, found.plug_in
        assert first is not None
        assert last is not None
        lines.append([first <= low + 1e-9, last >= high - 1e-9, last - first, *plug_in])
    seen = np.array(lines, dtype=float)
    both = float(np.mean(seen[:, 0] * seen[:, 1]))
    lower, upper, width, *means = (float(each) for each in seen.mean(axis=0))
    return LawCoverage(population.name, n, replications, both, lower, upper, width, (means[0], means[1]))
