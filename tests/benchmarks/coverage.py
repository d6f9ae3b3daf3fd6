"""Coverage of the intervals in full: ``make coverage``. Exit status 1 where a goal is missed.

Replications of every population and sample size, spread over processes; what they do is in
``boundgen/simulation``: bounds and ratios, populations that the model does not allow, and breakdown values. The
notebook ``06_coverage.ipynb`` shows the same at small size.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

# Many small matrices: threads inside the linear algebra would only get into each other's way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from boundgen.simulation.breakdown_coverage import (
    BreakdownCoverage,
    breakdown_coverage,
    breakdown_populations,
    missed_breakdowns,
)
from boundgen.simulation.coverage import Coverage, coverage, missed_goals, populations
from boundgen.simulation.misspecified_coverage import WrongCoverage, missed_in_wrong, wrong_coverage, wrong_populations
from boundgen.simulation.ratio_coverage import ratio_coverage, ratio_populations

SIZES = (300, 1000, 3000)
Population = TypeVar("Population")
Row = TypeVar("Row")


@dataclass(frozen=True)
class Study(Generic[Population, Row]):
    """Populations, what counts at each, and how rows are shown and judged."""

    populations: Callable[[], Sequence[Population]]
    count: Callable[[Population, int, int, int], list[Row]]
    table: Callable[[list[Row]], str]
    missed: Callable[[list[Row]], list[str]]

    def rows(self, place: int, n: int, replications: int, seed: int) -> list[Row]:
        """Of one population."""
        return self.count(self.populations()[place], n, replications, seed)


def main() -> int:
    options = _options()
    start = time.monotonic()
    places = ((which, place) for which, study in enumerate(STUDIES) for place in range(len(study.populations())))
    jobs = [(which, place, n) for which, place in places for n in options.sizes]
    work = partial(_one, replications=options.replications, seed=options.seed)
    found: list[list[Any]] = [[] for _ in STUDIES]
    with ProcessPoolExecutor(options.processes) as pool:
        for (which, _, _), rows in zip(jobs, pool.map(work, jobs), strict=True):
            found[which] += rows
    for study, rows in zip(STUDIES, found, strict=True):
        print(study.table(rows), end="\n\n")
    print(f"{options.replications} replications, seed {options.seed}, {time.monotonic() - start:.0f} s")
    missed = [goal for study, rows in zip(STUDIES, found, strict=True) for goal in study.missed(rows)]
    print("\n".join(missed) or "All goals are met.")
    return 1 if missed else 0


def _one(job: tuple[int, int, int], replications: int, seed: int) -> list[Any]:
    which, place, n = job
    return STUDIES[which].rows(place, n, replications, seed)


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
        slack = sum(row.slack) / 2
        cells = [
            *map(_cell, shares),
            f"{slack:12.4f}" if slack == slack else f"{'':12}",
            f"{silent.replications:12}",
            *map(_cell, last),
        ]
        lines.append(f"{row.population:24} {row.n:5}  {row.method:13}{''.join(cells)}".rstrip())
    return "\n".join(lines)


def wrong_table(found: list[WrongCoverage]) -> str:
    """Of populations outside of the model: how far, how often samples say so, and coverage of the pseudo-true set."""
    heads = ("relaxation", "said", "parameter", "set", "longer by")
    lines = [f"{'outside of the model':26} {'n':>5}  {'robust':8}" + "".join(f"{head:>12}" for head in heads)]
    for row in found:
        shares = (row.relaxation, row.contradicted, min(row.parameter), row.whole, row.length)
        lines.append(f"{row.population:26} {row.n:5}  {row.robust:8}{''.join(map(_cell, shares))}")
    return "\n".join(lines)


def breakdown_table(found: list[BreakdownCoverage]) -> str:
    """Of breakdown values."""
    heads = ("half-median", "limit", "interval")
    lines = [f"{'breakdown value':24} {'n':>5}  {'conclusion':10}" + "".join(f"{head:>12}" for head in heads)]
    for row in found:
        shares = "".join(map(_cell, (row.half_median, row.lower_limit, row.interval)))
        lines.append(f"{row.population:24} {row.n:5}  {'asked' if row.asked else 'chosen':10}{shares}")
    return "\n".join(lines)


def _least(shares: tuple[float, float] | None) -> float | None:
    return None if shares is None else min(shares)


def _cell(share: float | None) -> str:
    return f"{'':12}" if share is None else f"{share:12.3f}"


STUDIES: tuple[Study[Any, Any], ...] = (
    Study(populations, coverage, table, missed_goals),
    Study(ratio_populations, ratio_coverage, table, missed_goals),
    Study(wrong_populations, wrong_coverage, wrong_table, missed_in_wrong),
    Study(breakdown_populations, breakdown_coverage, breakdown_table, missed_breakdowns),
)


if __name__ == "__main__":
    sys.exit(main())
