"""How units fall in cells together: what the covariance of estimated cells needs beside the arms themselves.

One unit may be in a cell of each of several `observe` statements, and units may come in clusters. The estimated
shares are then correlated across arms too. Units that fall in the same cells (and are in the same cluster) are alike
to the covariance, so they are counted together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from boundgen.data.tally import Amount, Weight

CovariateStratum = tuple[str, ...]
# Cells of the stand-in of a bounded outcome, with how much of a unit is in each.
Mixture = tuple[tuple[int, Fraction], ...]
Pattern = tuple[tuple[int, int | Mixture | None], ...]
UnitKind = tuple[CovariateStratum, Pattern]


@dataclass(frozen=True)
class Units:
    """Units that are alike.

    Parameters
    ----------
    stratum : tuple of str
        Their values of covariates; empty where none were asked for.
    pattern : tuple of (int, int, mixture or None)
        Each arm that they are in, and the number of their cell there; None is in none of its cells, and a mixture are
        cells of which a bounded outcome has parts of a unit.
    amount : Amount
    """

    stratum: CovariateStratum
    pattern: Pattern
    amount: Amount


@dataclass(frozen=True)
class Clusters:
    """Units that are not independent of each other.

    Parameters
    ----------
    column : str
    count : int
        Clusters with a positive weight.
    weights : tuple of mapping of str to number
        For each of the joint's units: how much of their weight each cluster has.
    """

    column: str
    count: int
    weights: tuple[Mapping[str, Weight], ...]

    @staticmethod
    def of(column: str, weights: tuple[Mapping[str, Weight], ...]) -> Clusters:
        return Clusters(column, len(set().union(*map(_positive, weights))), weights)


def _positive(weights: Mapping[str, Weight]) -> Collection[str]:
    """The names of clusters with a positive weight."""
    return weights if all(weights.values()) else [name for name, weight in weights.items() if weight]


@dataclass(frozen=True)
class Joint:
    """The units of one source.

    Parameters
    ----------
    units : tuple of Units
    clusters : Clusters or None
        Without clusters every unit is one by itself.
    apart : str
        What is not known and was assumed: that statements are about different units.
    """

    units: tuple[Units, ...]
    clusters: Clusters | None = None
    apart: str = ""

    def with_one_cluster(self) -> Iterator[int]:
        """The arms of which all units are in the same cluster."""
        arms = dict.fromkeys(arm for each in self.units for arm, _ in each.pattern)
        for arm in arms if self.clusters else ():
            if self._is_alone(arm):
                yield arm

    def _is_alone(self, arm: int) -> bool:
        assert self.clusters
        inside = [arm in dict(each.pattern) for each in self.units]
        found = [weights for weights, is_in in zip(self.clusters.weights, inside, strict=True) if is_in]
        names = [name for weights in found for name in islice(_positive(weights), 2)]
        return len(set(names)) == 1
