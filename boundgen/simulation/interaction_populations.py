"""Trials in which covariates moderate the effect of treatment on the mediator, with known effects (Small 2011)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from boundgen.exact.arrays import Array

ColumnArrays = Mapping[str, Array]


@dataclass(frozen=True)
class ModeratedPopulation:
    """Model (1) with a hidden cause of mediator and outcome.

    Parameters
    ----------
    strength : float
        By how much a unit of ``x1`` changes the effect of treatment on the mediator; half of it for ``x2``.
    direct, mediator : float
        θ_R, θ_M: average effects.
    tau_r, tau_m : (float, float)
        By how much a unit of each covariate raises the direct effect, and the effect of the mediator (IV-A2: zero).
    selection : float
        By how much the hidden cause's part of the mediator goes with the mediator's effect (IV-A3: zero).
    spread : float
        The standard deviation of effects between units.
    unequal : bool
        Whether the outcome's variance rises with ``x1``.
    """

    strength: float = 1.0
    direct: float = 0.5
    mediator: float = 1.0
    tau_r: tuple[float, float] = (0.0, 0.0)
    tau_m: tuple[float, float] = (0.0, 0.0)
    selection: float = 0.0
    spread: float = 0.0
    unequal: bool = False

    @property
    def indirect(self) -> float:
        """θ_M E[M(1) − M(0)], where IV-A2 and IV-A3 hold: the average effect on the mediator is 0.3."""
        return 0.3 * self.mediator

    def sample(self, n: int, chance: np.random.Generator) -> ColumnArrays:
        """Columns ``y``, ``r``, ``m``, ``x1``, ``x2`` of n units; covariates have mean zero."""
        x = np.column_stack([chance.normal(size=n), chance.integers(0, 2, n) - 0.5])
        r = chance.integers(0, 2, n).astype(np.float64)
        hidden, own = chance.normal(size=n), chance.normal(size=n)
        moved = 0.3 + self.strength * (x @ np.array([1.0, 0.5]))
        m = 0.5 * x[:, 0] + hidden + own + moved * r
        of_r = self.direct + x @ np.array(self.tau_r) + self.spread * chance.normal(size=n)
        of_m = self.mediator + x @ np.array(self.tau_m) + self.spread * chance.normal(size=n)
        of_m = of_m + self.selection * r * x[:, 0] * own
        noise = chance.normal(size=n) * (1 + self.unequal * x[:, 0] ** 2)
        y = 1 + x @ np.array([0.4, -0.3]) + 1.5 * hidden + noise + of_r * r + of_m * m
        return {"y": y, "r": r, "m": m, "x1": x[:, 0], "x2": x[:, 1]}
