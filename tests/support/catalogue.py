"""The catalogue, for tests that ask what comes after: models are read once in a process, and derived once.

Models and derivations are frozen, so tests may share them. Tests of reading and of deriving themselves call
`Model.parse` and `derive`. Processes do not share them: to derive the whole catalogue takes a second or two.
"""

from __future__ import annotations

import random
from functools import cache

from boundgen import Derivation, Model, catalogue, derive

# Models with estimands that are ratios or have weights, for tests of what is asked of linear bounds alone.
WITH_PIECES = {
    "iv_treated",
    "late_nomono",
    "li_pearl_benefit_sigma_neg",
    "manski_iv_marginal",
    "mediation_always_takers",
    "mediation_instrument_law",
    "miv_ate",
    "miv_mtr",
    "miv_v3",
    "mtr_mts_ate",
    "mtr_mts_x3_2v0",
    "mtr_mts_x4",
    "mts_ate",
    "paf_bounds",
    "police_records",
    "proportion_mediated",
    "responders_benefit",
    "risk_ratio",
    "risk_ratio_iv",
    "sace_nomono",
}
# Models some of whose variables share no causes.
INDEPENDENT = tuple(name for name in catalogue.names() if catalogue.load(name).causes is not None)
LINEAR = tuple(name for name in catalogue.names() if name not in {*WITH_PIECES, *INDEPENDENT})


@cache
def derived(name: str, estimands: tuple[str, ...] = ()) -> Derivation:
    """The derivation of a shipped model, with its estimands, or some of them, and conditions."""
    return derive(catalogue.load(name), estimands, partial=name in INDEPENDENT)


def random_counts(model: Model, chance: random.Random) -> dict[str, int]:
    """Every cell of the model with a count; rows beside incomplete arms too."""
    counts = {cell.name: chance.randrange(9) + 1 for cell in derived(model.name).cells}
    for block in derived(model.name).arms:
        if not block.complete:
            observation = model.observations[block.observation]
            fixed = next((n, v) for n, v in observation.outcomes if v is not None)
            other = next(v for v in model.by_name[fixed[0]].domain if v != fixed[1])
            behind = block.cells[0].name.partition("|")[2]
            counts[f"P({fixed[0]}={other}|{behind}" if behind else f"P({fixed[0]}={other})"] = 5
    return counts
