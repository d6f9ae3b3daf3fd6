"""Coverage of `ignorability` and `iv` where their assumptions hold, and the bias of `iv` where effects vary.

Part of ``make simulate``. Exit status 1 where an interval covers too rarely.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np

from boundgen.companions.ignorability import ignorability
from boundgen.companions.iv import iv
from boundgen.companions.result import CompanionResult
from boundgen.simulation.mediation_populations import IgnorablePopulation, InstrumentPopulation, ResponseGroup

LEVEL, TOLERANCE = 0.95, 0.02
IGNORABLE = {
    "two levels": IgnorablePopulation(((0.7, 0.3), (0.4, 0.6)), ((0.2, 0.5), (0.3, 0.9))),
    "four levels": IgnorablePopulation(
        ((0.4, 0.3, 0.2, 0.1), (0.1, 0.2, 0.3, 0.4)), ((0.1, 0.3, 0.4, 0.8), (0.2, 0.3, 0.6, 0.7))
    ),
}


def _constant(u: float) -> tuple[tuple[float, float], tuple[float, float]]:
    return (u, u + 1.0), (u + 0.5, u + 1.2)


INSTRUMENT = {
    "constant effects": InstrumentPopulation(
        [
            ResponseGroup(0.3, (0, 1, 0, 1), _constant(0.0)),
            ResponseGroup(0.3, (0, 0, 1, 1), _constant(2.0)),
            ResponseGroup(0.2, (0, 1, 1, 1), _constant(-1.0)),
            ResponseGroup(0.2, (0, 0, 0, 1), _constant(1.0)),
        ]
    ),
    "effects of those whom Z moves": InstrumentPopulation(
        [ResponseGroup(0.5, (0, 1, 0, 1), ((0, 1), (0, 1))), ResponseGroup(0.5, (0, 0, 1, 1), ((0, 0), (0, 0)))]
    ),
}
# Populations in which the estimator is not of the natural effects, so that it must not be right.
BIASED = ("effects of those whom Z moves",)


def main() -> int:
    options = _options()
    start, missed = time.monotonic(), []
    print(f"{'method':14}{'population':32}{'n':>6}  {'effect':8}{'truth':>9}{'bias':>9}{'coverage':>10}")
    for method, name, n, truth, draw in _studies(options.sizes):
        for effect, bias, covered in _counted(truth, draw, options.replications, options.seed):
            print(f"{method:14}{name:32}{n:6}  {effect:8}{truth[effect]:9.4f}{bias:9.4f}{covered:10.3f}")
            if name not in BIASED and covered < LEVEL - TOLERANCE:
                missed.append(f"{method}, {name}, n = {n}: the interval of {effect} covers in {covered:.3f}")
    print(f"\n{options.replications} replications, seed {options.seed}, {time.monotonic() - start:.0f} s")
    print("\n".join(missed) or "All intervals cover where the assumptions hold.")
    return 1 if missed else 0


Draw = Callable[[np.random.Generator], CompanionResult]


def _studies(sizes: list[int]) -> Iterator[tuple[str, str, int, dict[str, float], Draw]]:
    for n in sizes:
        for name, ignorable in IGNORABLE.items():
            yield "ignorability", name, n, dict(ignorable.truth()), _formula_draw(ignorable, n)
        for name, population in INSTRUMENT.items():
            yield "iv", name, n, dict(population.truth()), _instrument_draw(population, n)


def _formula_draw(population: IgnorablePopulation, n: int) -> Draw:
    def draw(chance: np.random.Generator) -> CompanionResult:
        columns = dict(zip("AMY", population.sample(n, chance), strict=True))
        return ignorability(columns, draws=0, bounds=False)

    return draw


def _instrument_draw(population: InstrumentPopulation, n: int) -> Draw:
    def draw(chance: np.random.Generator) -> CompanionResult:
        columns = dict(zip("AZMY", population.sample(n, chance, noise=1.0), strict=True))
        return iv(columns, draws=0, bounds=False)

    return draw


def _counted(truth: dict[str, float], draw: Draw, replications: int, seed: int) -> Iterator[tuple[str, float, float]]:
    chance = np.random.default_rng(seed)
    results = [draw(chance) for _ in range(replications)]
    for effect, value in truth.items():
        found = [result.estimate(effect) for result in results]
        # The median: a ratio of normal variables has no mean.
        bias = float(np.median([each.value for each in found])) - value
        yield effect, bias, float(np.mean([each.low <= value <= each.high for each in found]))  # type: ignore[operator]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 2000])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
