"""The multisite estimators at trials that violate each of the nine assumptions in turn.

Run by `make simulate`. Status 1 if an estimator is biased, or its interval covers too rarely, where the assumptions
hold; if a violation shows no bias; if a non-parallel mediator's direct effect, or the compliance-weighted effect of
equation (5), is not what is found.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

# Small matrices: threads only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from boundgen.companions.multisite import study_of
from boundgen.companions.multisite.site_effects import nonlinearity, site_effects, site_level
from boundgen.companions.regression.strength import first_stage, sanderson_windmeijer
from boundgen.companions.regression.two_stage import overidentification, t_interval, two_stage
from boundgen.data.columns import columns_of
from boundgen.simulation.multisite_populations import DIRECT, VIOLATIONS, compliance_trial, trial

LEVEL, ALPHA = 0.95, 0.05
PARTS = {"Y": "y", "A": "t", "M": ("m1", "m2"), "S": "site"}
# What counts as no bias, and as a bias that shows.
NONE, SHOWN, TOO_RARE = 0.03, 0.08, 0.04


def main() -> int:
    options = _options()
    start, missed = time.monotonic(), []
    print(f"{options.sites} sites of {options.units} units, two mediators; medians; errors clustered by site")
    print(f"{'violated':9}{'':4}{'truth':>7}{'2SLS':>8}{'bias':>8}{'cover':>7}  {'site-level':>10}{'cover':>7}", end="")
    print(f"{'least sq.':>11}{'F':>7}  non-linear  overid.")
    for violation in VIOLATIONS:
        rows = _study(violation, options)
        for j, row in enumerate(rows):
            print(_line(violation if j == 0 else "", j, row))
        missed += _missed(violation, rows)
    missed += _equation_5(options)
    print(f"\n{options.replications} replications, seed {options.seed}, {time.monotonic() - start:.0f} s")
    print("\n".join(missed) or "Where assumptions hold the estimators are right; each violation shows.")
    return 1 if missed else 0


Row = dict[str, float]


def _study(violation: str, options: argparse.Namespace) -> list[Row]:
    """A row for each mediator."""
    chance = np.random.default_rng(options.seed)
    found = [_once(violation, options, chance) for _ in range(options.replications)]
    rows = []
    for j in range(2):
        each = {key: np.array([one[j][key] for one in found]) for key in found[0][j]}
        row = {key: float(np.median(values)) for key, values in each.items()}
        row |= {key: float(np.mean(each[key])) for key in ("covered", "covered_level", "bent", "scattered")}
        rows.append(row | {"bias": row["one_step"] - row["truth"]})
    return rows


def _once(violation: str, options: argparse.Namespace, chance: np.random.Generator) -> list[Row]:
    drawn = trial(violation, options.sites, options.units, chance)
    study = study_of(columns_of(drawn.columns, PARTS), "clustered")
    fit = two_stage(study.design, "clustered", study.sites)
    effects = site_effects(study.design, np.full(options.sites, 1 / options.sites))
    level, bent = site_level(effects), nonlinearity(effects)
    scattered = overidentification(study.design, "unadjusted", None)
    plain = np.linalg.lstsq(study.design.endogenous, study.design.outcome, rcond=None)[0]
    stage, rows = first_stage(study.design), []
    for j, truth in enumerate(drawn.truth):
        low, high = fit.interval(fit.parameters[j], fit.std_errors[j], LEVEL)
        low_level, high_level = t_interval(level.parameters[j], level.std_errors[j], level.df_resid, LEVEL)
        rows.append(
            {
                "truth": truth,
                "one_step": fit.parameters[j],
                "covered": low <= truth <= high,
                "site_level": level.parameters[j],
                "covered_level": low_level <= truth <= high_level,
                "least_squares": plain[j],
                "strength": sanderson_windmeijer(stage, j),
                "bent": bent.p < ALPHA,
                "scattered": scattered.p < ALPHA,
            }
        )
    return rows


def _line(violation: str, j: int, row: Row) -> str:
    return (
        f"{violation:9}m{j + 1:<3}{row['truth']:7.3f}{row['one_step']:8.3f}{row['bias']:8.3f}{row['covered']:7.3f}"
        f"  {row['site_level']:10.3f}{row['covered_level']:7.3f}{row['least_squares']:11.3f}{row['strength']:7.1f}"
        f"  {row['bent']:10.3f}{row['scattered']:9.3f}"
    )


def _missed(violation: str, rows: list[Row]) -> list[str]:
    if violation == "none":
        said = [
            f"none: m{j + 1} is biased by {row['bias']:.3f}" for j, row in enumerate(rows) if abs(row["bias"]) > NONE
        ]
        for key in ("covered", "covered_level"):
            rare = min(row[key] for row in rows)
            said += [f"none: {key} in {rare:.3f}"] if rare < LEVEL - TOO_RARE else []
        return said
    said = [] if max(abs(row["bias"]) for row in rows) > SHOWN else [f"{violation}: no bias shows"]
    if violation == "(v)" and abs(rows[0]["one_step"] - DIRECT) > NONE:
        said.append(f"(v): {rows[0]['one_step']:.3f} is not the direct effect {DIRECT:g}")
    return said


def _equation_5(options: argparse.Namespace) -> list[str]:
    """One site, effects that covary with compliance: what is found is the compliance-weighted effect."""
    chance, found = np.random.default_rng(options.seed), []
    for _ in range(options.replications):
        columns, average, weighted = compliance_trial(options.sites * options.units, chance)
        found.append(two_stage(study_of(columns_of(columns, PARTS | {"M": "m1"})).design).parameters[0])
    middle = float(np.median(found))
    print(f"\nEquation (5), one site: E Δ {average:.3f}, Σ Γ Δ / Σ Γ {weighted:.3f}, found {middle:.3f}")
    return [] if abs(middle - weighted) < NONE else [f"equation (5): {middle:.3f} instead of {weighted:.3f}"]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sites", type=int, default=40)
    parser.add_argument("--units", type=int, default=250)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
