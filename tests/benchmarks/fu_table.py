"""The design of Fu's Table 1 (2023): how often each estimator rejects beta = 0 at the 5% level.

    python tests/benchmarks/fu_table.py [POPULATIONS] [REPETITIONS] [DRAWS]

His Algorithm 1 draws effects and errors' sizes once, and then repeats the errors alone. So each of his numbers belongs
to one population that he does not print, and at beta = 0 the effects of that one population have some slope by chance.
Here the algorithm runs for many populations: the rate over all of them, and the lowest and highest of any.

His number `agrees` if it is within three standard errors of the rate over all populations, is `possible` if it is
between the lowest and the highest, and else DISAGREES. A sample without an estimate, or without an interval, is counted
apart and not in the rate; how he counts it is not said. Nor is his number of repetitions, so his numbers are taken as
exact.
"""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np
from scipy import stats

from boundgen.companions.heterogeneity.bces import bces, resample
from boundgen.companions.heterogeneity.simex import simex
from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.simulation.group_populations import GroupPopulation

METHODS = ("BCES", "pairs", "wild", "SIMEX")
LEVEL, FEWEST = 0.05, 5
PRINTED = {
    0: {
        100: (0.034, 0.042, 0.038, 0.092),
        50: (0.067, 0.082, 0.04, 0.09),
        30: (0.166, 0.002, 0.05, 0.066),
        10: (0.338, 0.228, 0.05, 0.084),
        5: (0.422, 0.184, 0.018, 0.058),
    },
    2: {
        100: (None, 0.192, 0.548, 0.988),
        50: (None, 0.16, 0.302, 0.854),
        30: (None, 0.024, 0.438, 0.926),
        10: (None, 0.384, 0.166, 0.27),
        5: (None, 0.222, 0.102, 0.168),
    },
}


def rejections(gamma: Array, tau: Array, u: Array, seed: int, draws: int) -> list[float]:
    """Whether each method rejects beta = 0 in one sample, 0 or 1; NaN without an answer."""
    line = simex(gamma, tau, u, seed, 100)
    usable = np.isfinite(line.error)
    by_simex = float(abs(line.slope / line.error) > stats.t.ppf(1 - LEVEL / 2, len(u) - 2)) if usable else np.nan
    try:
        fit = bces(gamma, tau, u)
    except DataError:
        return [np.nan, np.nan, np.nan, by_simex]
    found = resample(gamma, tau, u, 1 - LEVEL, seed, draws)
    pairs = np.nan if found.interval is None else float(not covers_zero(found.interval.pieces[0]))
    return [float(abs(fit.slope / fit.error) > 1.96), pairs, float(found.p_wild <= LEVEL), by_simex]


def covers_zero(piece: tuple[float, float]) -> bool:
    """Whether zero is between the ends."""
    return piece[0] <= 0 <= piece[1]


def algorithm_1(population: GroupPopulation, repetitions: int, seed: int, draws: int) -> Array:
    """Fu's Algorithm 1 for one population: rejections of shape (repetitions, methods)."""
    chance = np.random.default_rng(seed)
    true = population.true_effects(chance)
    samples = [population.seen(true, chance) for _ in range(repetitions)]
    return np.array([rejections(g, t, u, seed + k, draws) for k, (g, t, u, _) in enumerate(samples)])


def main(populations: int = 30, repetitions: int = 20, draws: int = 199) -> None:
    """Print the table, a line for each number, and how many agree."""
    print(f"{populations} populations of {repetitions} repetitions, {draws} bootstrap draws\n")
    print("beta    K  method  rejects  (s.e.)  lowest  highest  without  printed")
    verdicts: Counter[str] = Counter()
    for beta, table in PRINTED.items():
        for groups, printed in table.items():
            population = GroupPopulation(groups, float(beta), noise=1.0)
            every = np.array(
                [algorithm_1(population, repetitions, 1000 * groups + 7 * k, draws) for k in range(populations)]
            )
            for number, (method, stated) in enumerate(zip(METHODS, printed, strict=True)):
                text, verdict = line_of(every[:, :, number], stated)
                verdicts[verdict] += stated is not None
                print(f"{beta:4} {groups:4}  {method:6}  {text}", flush=True)
    agree, possible, disagree = (verdicts[each] for each in ("agrees", "possible", "DISAGREES"))
    print(f"\nOf {verdicts.total()} printed numbers {agree} agree, {possible} are possible, {disagree} disagree.")


def line_of(rejected: Array, stated: float | None) -> tuple[str, str]:
    """The rates of one method, of shape (populations, repetitions), beside what Fu prints; and the verdict."""
    answered = np.isfinite(rejected)
    without = 1 - answered.mean()
    if not answered.any():
        return f"      -       -       -        -    {without:5.3f}  -", ""
    rate = float(rejected[answered].mean())
    each = np.array([row[seen].mean() for row, seen in zip(rejected, answered, strict=True) if seen.sum() >= FEWEST])
    lowest, highest = (float(each.min()), float(each.max())) if len(each) else (np.nan, np.nan)
    # The populations are independent, their repetitions are not.
    error = float(max(each.std(), 0.5 / answered.sum() ** 0.5) / len(each) ** 0.5) if len(each) else 0.5
    verdict = ""
    if stated is not None:
        inside = lowest <= stated <= highest
        verdict = "agrees" if abs(rate - stated) <= 3 * error else "possible" if inside else "DISAGREES"
    said = "-" if stated is None else f"{stated:5.3f} {verdict}"
    return f"{rate:7.3f}  {error:6.3f}  {lowest:6.3f}   {highest:6.3f}    {without:5.3f}  {said}", verdict


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
