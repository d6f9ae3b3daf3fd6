"""Slopes of effects of groups where Fu's assumptions hold, and where each of them fails.

Part of ``make simulate``. Exit status 1 where an interval covers too rarely, or a slope has a bias, though all
assumptions hold.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from boundgen.companions.heterogeneity import heterogeneity, heterogeneity_units
from boundgen.companions.result import CompanionResult
from boundgen.data.parts import EFFECTS
from boundgen.simulation.group_populations import GroupPopulation

# SIMEX extrapolates by a quadratic, which is a few hundredths short.
LEVEL, TOLERANCE, NONE = 0.95, 0.03, 0.1
POPULATIONS = {
    "assumptions hold": GroupPopulation(100),
    "assumptions hold, 30 groups": GroupPopulation(30),
    "no errors": GroupPopulation(30, noise=1e-9),
    "1 fails: direct effects go along": GroupPopulation(100, direct=0.7),
    "1(2) fails: slopes go along": GroupPopulation(100, curved=0.5),
    "2 fails: errors are understated": GroupPopulation(100, understated=2.0),
    "reliability of 1/3": GroupPopulation(100, noise=1.0),
}
UNITS = {"units, assumptions hold": GroupPopulation(30), "units, 1 fails": GroupPopulation(30, direct=0.7)}
# The estimators that must be right, by population. Least squares is where there are no errors.
RIGHT = {
    "assumptions hold": ("beta_simex", "beta_bces"),
    "assumptions hold, 30 groups": ("beta_simex",),
    "no errors": ("beta_ols", "beta_simex"),
    "units, assumptions hold": ("beta_simex", "beta_individual"),
}


def main() -> int:
    options = _options()
    start, missed = time.monotonic(), []
    print(f"{'population':36}{'estimator':18}{'median bias':>12}{'coverage':>10}{'pairs':>8}{'without':>9}")
    for name, population in (POPULATIONS | UNITS).items():
        for estimator, bias, covered, pairs, without in _study(name, population, options):
            print(f"{name:36}{estimator:18}{bias:12.4f}{covered:10.3f}{pairs:8.3f}{without:9.3f}", flush=True)
            if estimator in RIGHT.get(name, ()) and (covered < LEVEL - TOLERANCE or abs(bias) > NONE):
                missed.append(f"{name}: {estimator} covers in {covered:.3f}, with a bias of {bias:.4f}")
    print(f"\n{options.replications} replications, seed {options.seed}, {time.monotonic() - start:.0f} s")
    print("\n".join(missed) or "Where all assumptions hold, intervals cover.")
    return 1 if missed else 0


Row = tuple[str, float, float, float, float]


def _study(name: str, population: GroupPopulation, options: argparse.Namespace) -> list[Row]:
    chance = np.random.default_rng(options.seed)
    results = [_result(name, population, options, chance) for _ in range(options.replications)]
    estimators = dict.fromkeys(e.name for result in results for e in result.estimates if e.name.startswith("beta"))
    return [_row(results, estimator, population.beta) for estimator in estimators]


def _result(
    name: str, population: GroupPopulation, options: argparse.Namespace, chance: np.random.Generator
) -> CompanionResult:
    if name in UNITS:
        units = dict(zip("SAMY", population.units(options.size, chance), strict=True))
        return heterogeneity_units(units, draws=options.draws, bounds=False)
    effects = dict(zip(EFFECTS, population.effects(chance), strict=True))
    return heterogeneity(effects, draws=options.draws)


def _row(results: list[CompanionResult], estimator: str, beta: float) -> Row:
    """The median, since a ratio has no mean; coverage of Student's t and of the pairs bootstrap."""
    found = [each for result in results for each in result.estimates if each.name == estimator]
    covered = [each.low <= beta <= each.high for each in found if each.low is not None and each.high is not None]
    pieces = [other.pieces[0] for each in found for other in each.others]
    pairs = float(np.mean([low <= beta <= high for low, high in pieces])) if pieces else float("nan")
    bias = float(np.median([each.value for each in found])) - beta
    return estimator, bias, float(np.mean(covered)), pairs, 1 - len(covered) / len(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=500)
    parser.add_argument("--draws", type=int, default=199)
    parser.add_argument("--size", type=int, default=60, help="units in each group")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
