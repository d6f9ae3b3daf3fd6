"""Populations whose effects are known: for tests, simulations and the notebook on companion methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from boundgen.exact.arrays import Array

# M(0,0), M(0,1), M(1,0), M(1,1): the mediator with treatment d and instrument z.
Responses = tuple[int, int, int, int]
# Y(d, m): two rows of two.
Outcomes = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class ResponseGroup:
    """Units that respond alike.

    Parameters
    ----------
    share : float
    mediator : (int, int, int, int)
        M(0,0), M(0,1), M(1,0), M(1,1): treatment first, instrument second.
    outcome : ((float, float), (float, float))
        Y(d, m) at [d][m].
    """

    share: float
    mediator: Responses
    outcome: Outcomes

    def response(self, treatment: int, instrument: int) -> int:
        """M(d, z)."""
        return self.mediator[2 * treatment + instrument]


@dataclass(frozen=True)
class InstrumentPopulation:
    """Kim's setting (2022): a treatment and an instrument that are randomized independently of each other.

    Parameters
    ----------
    strata : sequence of ResponseGroup
        Their shares sum to one.
    treated, encouraged : float
        P(D=1), P(Z=1).

    >>> up = ResponseGroup(1.0, (0, 1, 1, 1), ((0, 1), (0, 1)))
    >>> InstrumentPopulation([up]).truth()["nie0"]  # the treatment moves M where Z = 0
    0.5
    """

    strata: Sequence[ResponseGroup]
    treated: float = 0.5
    encouraged: float = 0.5

    def columns(self) -> tuple[Array, Array, Array, Array, Array]:
        """Treatment, instrument, mediator, outcome, and the share of the population that each row is."""
        rows = [
            (d, z, m, stratum.outcome[d][m], stratum.share * self._arm(d, z))
            for stratum in self.strata
            for d, z in product((0, 1), repeat=2)
            for m in (stratum.response(d, z),)
        ]
        d, z, m, y, w = np.array(rows, dtype=np.float64).T
        return d, z, m, y, w

    def _arm(self, d: int, z: int) -> float:
        return (self.treated if d else 1 - self.treated) * (self.encouraged if z else 1 - self.encouraged)

    def truth(self) -> Mapping[str, float]:
        """The natural effects, Kim (2022), equations (15)-(18)."""
        found = dict.fromkeys(("nie0", "nie1", "nde0", "nde1"), 0.0)
        for stratum in self.strata:
            y = stratum.outcome
            for z, of_z in ((0, 1 - self.encouraged), (1, self.encouraged)):
                share, m0, m1 = stratum.share * of_z, stratum.response(0, z), stratum.response(1, z)
                found["nie0"] += share * (y[0][m1] - y[0][m0])
                found["nie1"] += share * (y[1][m1] - y[1][m0])
                found["nde0"] += share * (y[1][m0] - y[0][m0])
                found["nde1"] += share * (y[1][m1] - y[0][m1])
        return found

    def mediator_effects(self) -> Mapping[str, float]:
        """The effect of the mediator on those who have it: ``ett0`` without treatment, ``ett1`` with it."""
        found = {}
        for d in (0, 1):
            have = [
                stratum.share
                * sum(w for z, w in enumerate((1 - self.encouraged, self.encouraged)) if stratum.response(d, z))
                for stratum in self.strata
            ]
            moved = [stratum.outcome[d][1] - stratum.outcome[d][0] for stratum in self.strata]
            found[f"ett{d}"] = sum(w * effect for w, effect in zip(have, moved, strict=True)) / sum(have)
        return found

    def sample(self, n: int, chance: np.random.Generator, noise: float = 0.0) -> tuple[Array, Array, Array, Array]:
        """Treatment, instrument, mediator and outcome of n units, the outcome with normal noise."""
        kinds = chance.choice(len(self.strata), size=n, p=[stratum.share for stratum in self.strata])
        d, z = chance.random(n) < self.treated, chance.random(n) < self.encouraged
        mediators = np.array([stratum.mediator for stratum in self.strata])
        outcomes = np.array([stratum.outcome for stratum in self.strata], dtype=np.float64)
        m = mediators[kinds, 2 * d + z]
        y = outcomes[kinds, d.astype(int), m] + noise * chance.normal(size=n)
        return d.astype(np.float64), z.astype(np.float64), m.astype(np.float64), y


@dataclass(frozen=True)
class IgnorablePopulation:
    """Sequential ignorability: the mediator is random within arms, the outcome within cells.

    Parameters
    ----------
    shares : ((float, ...), (float, ...))
        P(M=m | A=a) at [a][m].
    means : ((float, ...), (float, ...))
        P(Y=1 | A=a, M=m) at [a][m].
    """

    shares: tuple[tuple[float, ...], tuple[float, ...]]
    means: tuple[tuple[float, ...], tuple[float, ...]]

    def truth(self) -> Mapping[str, float]:
        """The natural effects, and the total effect."""
        at = {(a, b): float(np.dot(self.means[a], self.shares[b])) for a, b in product((0, 1), repeat=2)}
        return {
            "delta0": at[0, 1] - at[0, 0],
            "delta1": at[1, 1] - at[1, 0],
            "zeta0": at[1, 0] - at[0, 0],
            "zeta1": at[1, 1] - at[0, 1],
            "total": at[1, 1] - at[0, 0],
        }

    def sample(self, n: int, chance: np.random.Generator) -> tuple[Array, Array, Array]:
        """Treatment, mediator and outcome of n units."""
        a = chance.integers(0, 2, n)
        ends = np.cumsum(self.shares, axis=1)
        m = np.minimum((chance.random(n)[:, None] >= ends[a]).sum(axis=1), ends.shape[1] - 1)
        y = chance.random(n) < np.array(self.means)[a, m]
        return a.astype(np.float64), m.astype(np.float64), y.astype(np.float64)
