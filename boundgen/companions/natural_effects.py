"""The natural effects, as combinations of four means of potential outcomes."""

from __future__ import annotations

import numpy as np

from boundgen.exact.arrays import Array

EFFECTS = {
    "delta0": ("δ(0)", "effect through the mediator, at treatment 0"),
    "delta1": ("δ(1)", "effect through the mediator, at treatment 1"),
    "zeta0": ("ζ(0)", "effect past the mediator, at the mediator of treatment 0"),
    "zeta1": ("ζ(1)", "effect past the mediator, at the mediator of treatment 1"),
    "total": ("τ", "total effect"),
}
# Each effect as a combination of the means E[Y(0,M(0))], E[Y(1,M(1))], E[Y(0,M(1))], E[Y(1,M(0))].
CONTRASTS = np.array([[-1, 0, 1, 0], [0, 1, 0, -1], [-1, 0, 0, 1], [0, 1, -1, 0], [-1, 1, 0, 0]], dtype=np.float64)


def with_total(covariance: Array | None) -> dict[str, Array | None]:
    """The covariances of each indirect effect with the total effect."""
    names, total = list(EFFECTS), CONTRASTS[-1]
    pairs = {name: np.stack([CONTRASTS[names.index(name)], total]) for name in ("delta0", "delta1")}
    return {name: None if covariance is None else pair @ covariance @ pair.T for name, pair in pairs.items()}
