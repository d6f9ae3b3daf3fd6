"""The design of Fu's Table 1 (2023): how often each estimator rejects beta = 0 at the 5% level.

    python tests/benchmarks/fu_table.py [REPETITIONS] [DRAWS]

His text leaves open whether errors and effects are drawn anew in each repetition (here they are) and how the pairs
bootstrap treats samples without an estimate (here a repetition without an estimate, or without an interval, is counted
apart and not in the rate). A difference beyond three standard errors of simulation is called a disagreement; his own
number of repetitions is not stated, so his numbers are taken as exact.
"""

from __future__ import annotations

import sys
from math import sqrt

import numpy as np
from scipy import stats

from boundgen.companions.bces import bces, resample
from boundgen.companions.simex import simex
from boundgen.errors import DataError

METHODS = ("BCES", "pairs", "wild", "SIMEX")
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


def rejections(beta: float, groups: int, seed: int, draws: int) -> list[bool | None]:
    """Whether each method rejects beta = 0 in one sample; None without an answer."""
    chance = np.random.default_rng(seed)
    gamma = chance.normal(2, 1, groups)
    tau = 4 + beta * gamma + chance.normal(size=groups)
    u, v = chance.gamma(1, 1, groups), chance.gamma(1, 1, groups)
    seen, outcome = gamma + u * chance.normal(size=groups), tau + v * chance.normal(size=groups)
    line = simex(seen, outcome, u, seed, 100)
    by_simex = abs(line.slope / line.error) > stats.t.ppf(0.975, groups - 2) if np.isfinite(line.error) else None
    try:
        fit = bces(seen, outcome, u)
    except DataError:
        return [None, None, None, by_simex]
    found = resample(seen, outcome, u, 0.95, seed, draws)
    pairs = None if found.interval is None else not found.interval.pieces[0][0] <= 0 <= found.interval.pieces[0][1]
    return [abs(fit.slope / fit.error) > 1.96, pairs, found.p_wild <= 0.05, by_simex]


def main(repetitions: int = 500, draws: int = 399) -> None:
    """Print the table, a line for each number."""
    print(f"{repetitions} repetitions, {draws} bootstrap draws\n")
    print("beta    K  method  rejects  (s.e.)  without  printed")
    for beta, table in PRINTED.items():
        for groups, printed in table.items():
            every = [rejections(beta, groups, 1000 * groups + k, draws) for k in range(repetitions)]
            for method, column, stated in zip(METHODS, zip(*every, strict=True), printed, strict=True):
                print(f"{beta:4} {groups:4}  {method:6}  {line_text(column, stated)}", flush=True)


def line_text(column: tuple[bool | None, ...], stated: float | None) -> str:
    """The rate, its error, the share without an answer, and what Fu prints."""
    answered = [bool(each) for each in column if each is not None]
    without = 1 - len(answered) / len(column)
    if not answered:
        return f"      -       -    {without:5.3f}  {'-' if stated is None else stated}"
    rate = float(np.mean(answered))
    error = sqrt(max(rate * (1 - rate), 0.25 / len(answered)) / len(answered))
    said = "-" if stated is None else f"{stated:5.3f} " + ("agrees" if abs(rate - stated) < 3 * error else "DISAGREES")
    return f"{rate:7.3f}  {error:6.3f}    {without:5.3f}  {said}"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
