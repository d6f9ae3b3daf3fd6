"""Coverage of the intervals in full: ``make coverage``. Exit status 1 where a goal is missed.

Replications of every population and sample size, spread over processes; what they do is in
``boundgen/simulation/coverage.py`` and ``ratio_coverage.py``, and the notebook ``06_coverage.ipynb`` shows the same at
small size.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

# Many small matrices: threads inside the linear algebra would only get into each other's way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from boundgen.simulation.coverage import Coverage, coverage, missed_goals, populations
from boundgen.simulation.ratio_coverage import ratio_coverage, ratio_populations

SIZES = (300, 1000, 3000)


def main() -> int:
    options = _options()
    start = time.monotonic()
    places = range(len(populations()) + len(ratio_populations()))
    jobs = [(place, n) for place in places for n in options.sizes]
    work = partial(_one, replications=options.replications, seed=options.seed)
    with ProcessPoolExecutor(options.processes) as pool:
        found = [row for rows in pool.map(work, jobs) for row in rows]
    print(table(found))
    print(f"\n{options.replications} replications, seed {options.seed}, {time.monotonic() - start:.0f} s")
    missed = missed_goals(found)
    print("\n".join(missed) or "All goals are met.")
    return 1 if missed else 0


def _one(job: tuple[int, int], replications: int, seed: int) -> list[Coverage]:
    place, n = job
    linear = len(populations())
    if place < linear:
        return coverage(populations()[place], n, replications, seed)
    return ratio_coverage(ratio_populations()[place - linear], n, replications, seed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    return parser.parse_args()


def table(found: list[Coverage]) -> str:
    """The worse side of each share, and the mean of both sides' slack; last what samples without a warning do."""
    heads = ("plug-in", "half-median", "one-sided", "parameter", "set", "slack", "no warning", "parameter", "set")
    lines = [f"{'population':24} {'n':>5}  {'method':13}" + "".join(f"{head:>12}" for head in heads)]
    for row in found:
        silent = row.unwarned
        shares = (min(row.plug_in), min(row.half_median), min(row.one_sided), _least(row.parameter), row.whole)
        last = (_least(silent.parameter), silent.whole) if silent.replications else (None, None)
        cells = [*map(_cell, shares), f"{sum(row.slack) / 2:12.4f}", f"{silent.replications:12}", *map(_cell, last)]
        lines.append(f"{row.population:24} {row.n:5}  {row.method:13}{''.join(cells)}".rstrip())
    return "\n".join(lines)


def _least(shares: tuple[float, float] | None) -> float | None:
    return None if shares is None else min(shares)


def _cell(share: float | None) -> str:
    return f"{'':12}" if share is None else f"{share:12.3f}"


if __name__ == "__main__":
    sys.exit(main())
