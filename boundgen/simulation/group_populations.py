"""Populations of groups whose effects differ, for the simulations of `heterogeneity` (Fu 2023, Section 6.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boundgen.exact.arrays import Array


@dataclass(frozen=True)
class GroupPopulation:
    """Groups with γₖ ~ N(2, 1) and τₖ = 4 + βₖγₖ + N(0, 1), seen with errors of known size: Fu's design.

    Parameters
    ----------
    groups : int
    beta : float
        The mean of βₖ.
    noise : float
        The scale of the gamma distributed standard errors; 1 in Fu's design, where the reliability is 1/3.
    direct : float
        What δₖ has of γₖ: Assumption 1 fails unless it is zero.
    curved : float
        What βₖ has of γₖ: Proposition 1(2) fails unless it is zero.
    understated : float
        By which factor the stated errors are too small: Assumption 2 fails unless it is one.
    """

    groups: int = 50
    beta: float = 2.0
    noise: float = 0.3
    direct: float = 0.0
    curved: float = 0.0
    understated: float = 1.0

    def effects(self, chance: np.random.Generator) -> tuple[Array, Array, Array, Array]:
        """γ̂, τ̂ and their stated standard errors: arrays of shape (groups,)."""
        return self.seen(self.true_effects(chance), chance)

    def true_effects(self, chance: np.random.Generator) -> tuple[Array, Array, Array, Array]:
        """γ, τ and the standard errors with which they will be seen."""
        gamma, tau = self._true(chance)
        return gamma, tau, self.noise * chance.gamma(1, 1, self.groups), self.noise * chance.gamma(1, 1, self.groups)

    def seen(
        self, true: tuple[Array, Array, Array, Array], chance: np.random.Generator
    ) -> tuple[Array, Array, Array, Array]:
        """The same effects with errors, and the errors' stated sizes."""
        gamma, tau, u, v = true
        estimates = gamma + u * chance.normal(size=self.groups), tau + v * chance.normal(size=self.groups)
        return *estimates, u / self.understated, v / self.understated

    def units(self, size: int, chance: np.random.Generator) -> tuple[list[str], Array, Array, Array]:
        """Subgroup, treatment, mediator and outcome of ``size`` units a group; mediator and outcome are confounded."""
        gamma, tau = self._true(chance)
        slope = self.beta + self.curved * (gamma - 2)
        which = np.repeat(np.arange(self.groups), size)
        treated = np.tile(np.arange(size) % 2, self.groups).astype(np.float64)
        hidden = chance.normal(size=len(which))
        mediator = gamma[which] * treated + hidden
        direct = (tau - slope * gamma)[which] * treated
        outcome = slope[which] * mediator + direct + hidden + chance.normal(size=len(which))
        return [f"group {k + 1}" for k in which], treated, mediator, outcome

    def _true(self, chance: np.random.Generator) -> tuple[Array, Array]:
        gamma = chance.normal(2, 1, self.groups)
        slope = self.beta + self.curved * (gamma - 2)
        return gamma, 4 + self.direct * gamma + slope * gamma + chance.normal(size=self.groups)
