"""How a simulated sample is drawn: how large its arms are, in clusters or not, with weights or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count

import numpy as np

from boundgen.data.joint import Clusters, Joint, Units
from boundgen.data.observed import ObservedArm, ObservedData, arms_apart, observed_arm
from boundgen.data.tally import Amount
from boundgen.errors import DataError
from boundgen.strata.cells import Arm

# Mean, variance and so on are of units; every arm has at least so many.
FEWEST_PER_ARM = 2


@dataclass(frozen=True)
class SampleDesign:
    """How units are drawn.

    Parameters
    ----------
    ratio : tuple of int
        The sizes of the arms, in proportion; empty where they are equal.
    clusters : int
        In all arms; each is in one arm. 0 where units are independent.
    likeness : float
        The intra-cluster correlation: shares within clusters follow a Dirichlet distribution.
    uneven : float
        The standard deviation of the logarithm of the sizes of clusters, which are lognormal; 0 where they are equal.
    spread : float
        The standard deviation of the logarithm of the weights, which are lognormal; 0 where there are none.
    """

    ratio: tuple[int, ...] = ()
    clusters: int = 0
    likeness: float = 0.0
    uneven: float = 0.0
    spread: float = 0.0

    def samples(
        self, arms: Sequence[Arm], cells: Mapping[str, Fraction], n: int, chance: np.random.Generator
    ) -> Iterator[ObservedData]:
        """Samples without end, of n units in all arms.

        Yields
        ------
        ObservedData

        Raises
        ------
        DataError
            For samples that are too small.
        """
        sizes = self.sizes(len(arms), n)
        if min(sizes) < FEWEST_PER_ARM:
            raise DataError(f"a sample of {n} units is too small", remedy=f"Arms have {FEWEST_PER_ARM} units at least.")
        shares = [np.array([float(cells[cell.name]) for cell in arm.cells]) for arm in arms]
        while True:
            yield self._sample(arms, shares, sizes, chance)

    def sizes(self, arms: int, n: int) -> list[int]:
        """The units of each arm."""
        ratio = self.ratio or (1,) * arms
        sizes = [n * part // sum(ratio) for part in ratio]
        return [size + (i < n - sum(sizes)) for i, size in enumerate(sizes)]

    def _sample(
        self, arms: Sequence[Arm], shares: Sequence[np.ndarray], sizes: Sequence[int], chance: np.random.Generator
    ) -> ObservedData:
        found: list[ObservedArm] = []
        units: list[Units] = []
        clusters: list[Mapping[str, int]] = []
        names = count()
        for number, (arm, own, size) in enumerate(zip(arms, shares, sizes, strict=True)):
            rest = max(0.0, 1 - own.sum())
            amounts, held = self._amounts(np.append(own, rest), size, len(arms), names, chance)
            whole = sum(amounts, Amount())
            found.append(observed_arm(arm, amounts[:-1], whole, whole.units))
            for cell, amount in enumerate(amounts):
                units.append(Units((), ((number, cell if cell < len(own) else None),), amount))
            clusters += held
        if self.clusters:
            joint = Joint(tuple(units), Clusters.of("cluster", tuple(clusters)))
        else:
            joint = arms_apart(enumerate(found))
        return ObservedData("", tuple(found), (), (joint,))

    def _amounts(
        self, shares: np.ndarray, size: int, arms: int, names: Iterator[int], chance: np.random.Generator
    ) -> tuple[list[Amount], list[dict[str, int]]]:
        """What is in each cell of an arm, and of each cell how many units each cluster has."""
        if self.spread:
            return [_weighed(n, self.spread, chance) for n in chance.multinomial(size, shares)], []
        if not self.clusters:
            return [Amount.of_units(int(n)) for n in chance.multinomial(size, shares)], []
        several = self.clusters // arms
        sizes = self._cluster_sizes(size, several, chance)
        alike = shares * (1 - self.likeness) / self.likeness
        drawn = chance.dirichlet(np.maximum(alike, 1e-12), size=several)
        counts = [chance.multinomial(m, p / p.sum()) for m, p in zip(sizes, drawn, strict=True)]
        called = [str(next(names)) for _ in counts]
        held = [{name: int(c[cell]) for name, c in zip(called, counts, strict=True)} for cell in range(len(shares))]
        return [Amount.of_units(sum(each.values())) for each in held], held

    def _cluster_sizes(self, units: int, several: int, chance: np.random.Generator) -> list[int]:
        """Of so many clusters, each with a unit at least."""
        if not self.uneven:
            return [units // several + (i < units % several) for i in range(several)]
        parts = np.exp(self.uneven * chance.standard_normal(several))
        more = chance.multinomial(units - several, parts / parts.sum())
        return [1 + int(n) for n in more]


def _weighed(units: int, spread: float, chance: np.random.Generator) -> Amount:
    weights = np.exp(spread * chance.standard_normal(units))
    return Amount(int(units), *(Fraction(float((weights**power).sum())) for power in (1, 2, 4)))
