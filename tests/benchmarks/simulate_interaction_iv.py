"""Two-stage least squares with R × X as instruments, at populations that meet its assumptions and that do not.

Run by `make simulate`. Status 1 if an interval, or an Anderson-Rubin set, covers too rarely where it must cover; if the
sensitivity analysis at the true τ does not take away the bias.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from boundgen.companions.interaction_iv import interaction_iv
from boundgen.companions.regression.covariance import cov_type_called
from boundgen.companions.result import CompanionResult
from boundgen.simulation.interaction_populations import ModeratedPopulation

LEVEL, TOLERANCE, NONE = 0.95, 0.02, 0.05
POPULATIONS = {
    "assumptions hold": ModeratedPopulation(),
    "unequal variances, effects differ": ModeratedPopulation(spread=0.5, unequal=True),
    "weak instruments": ModeratedPopulation(strength=0.05),
    "very weak instruments": ModeratedPopulation(strength=0.01),
    "IV-A2 fails": ModeratedPopulation(tau_r=(0.4, 0.0), tau_m=(0.3, 0.0)),
    "IV-A3 fails": ModeratedPopulation(selection=0.5),
}
# Where the intervals of two-stage least squares are right; Anderson-Rubin sets are right in the weak ones too.
RIGHT = ("assumptions hold", "unequal variances, effects differ")
HONEST = (*RIGHT, "weak instruments", "very weak instruments")


def main() -> int:
    options = _options()
    start, missed = time.monotonic(), []
    print(f"{'population':36}{'errors':14}{'F':>7}{'θ_R bias':>10}{'cover':>7}{'θ_M bias':>10}{'cover':>7}", end="")
    print(f"{'AR cover':>10}{'unbounded':>11}{'at τ: θ_R':>11}{'θ_M':>7}{'indirect':>10}")
    for name, population in POPULATIONS.items():
        for errors in ("homoskedastic", "robust"):
            row = _study(population, errors, options)
            print(_line(name, errors, row))
            missed += _missed(name, errors, row)
    print(f"\nn = {options.size}, {options.replications} replications, seed {options.seed}", end="")
    print(f", {time.monotonic() - start:.0f} s")
    print("\n".join(missed) or "Intervals and sets cover where they must.")
    return 1 if missed else 0


Row = dict[str, float]


def _study(population: ModeratedPopulation, errors: str, options: argparse.Namespace) -> Row:
    chance, found = np.random.default_rng(options.seed), []
    for _ in range(options.replications):
        result = interaction_iv(
            population.sample(options.size, chance),
            outcome="y",
            treatment="r",
            mediator="m",
            interactions=("x1", "x2"),
            cov_type=cov_type_called(errors),
            tau_r=[population.tau_r],
            tau_m=[population.tau_m],
            bounds=False,
        )
        found.append(_measured(result, population))
    each = {key: np.array([one[key] for one in found], dtype=float) for key in found[0]}
    return {key: float((np.median if key in MEDIANS else np.mean)(values)) for key, values in each.items()}


MEDIANS = ("F", "direct", "mediator", "shifted_direct", "shifted_mediator")


def _measured(result: CompanionResult, population: ModeratedPopulation) -> Row:
    direct, mediator, indirect = (result.estimate(name) for name in ("direct", "mediator", "indirect"))
    pieces = mediator.others[0].pieces
    (shifted,) = next(table for table in result.tables if table.name == "sensitivity").records()
    return {
        "F": result.diagnostics[0].value,
        "direct": direct.value - population.direct,
        "direct_covered": direct.low <= population.direct <= direct.high,
        "mediator": mediator.value - population.mediator,
        "mediator_covered": mediator.low <= population.mediator <= mediator.high,
        "ar_covered": any(low <= population.mediator <= high for low, high in pieces),
        "unbounded": any(not np.isfinite(piece).all() for piece in pieces),
        "shifted_direct": shifted["direct"] - population.direct,
        "shifted_mediator": shifted["mediator"] - population.mediator,
        "indirect_covered": indirect.low <= population.indirect <= indirect.high,
    }


def _line(name: str, errors: str, row: Row) -> str:
    return (
        f"{name:36}{errors:14}{row['F']:7.1f}{row['direct']:10.3f}{row['direct_covered']:7.3f}{row['mediator']:10.3f}"
        f"{row['mediator_covered']:7.3f}{row['ar_covered']:10.3f}{row['unbounded']:11.3f}{row['shifted_direct']:11.3f}"
        f"{row['shifted_mediator']:7.3f}{row['indirect_covered']:10.3f}"
    )


def _missed(name: str, errors: str, row: Row) -> list[str]:
    # Homoskedastic errors are not promised under unequal variances.
    promised = errors == "robust" or "unequal" not in name
    keys = [*(("direct_covered", "mediator_covered", "indirect_covered") if name in RIGHT and promised else ())]
    keys += ["ar_covered"] if name in HONEST and promised else []
    said = [f"{name}, {errors}: {key} in {row[key]:.3f}" for key in keys if row[key] < LEVEL - TOLERANCE]
    if name == "IV-A2 fails" and max(abs(row["shifted_direct"]), abs(row["shifted_mediator"])) > NONE:
        said.append(f"{name}, {errors}: biased at the true τ")
    return said


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=1000)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
