"""Assumption (ix) of Reardon & Raudenbush at a sample, exactly: the rank of the site-by-mediator compliance matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from boundgen.data.columns import Labels
from boundgen.exact.arrays import Array
from boundgen.exact.linear_algebra import Span


@dataclass(frozen=True)
class RankConditions:
    """What assumption (ix) asks of the effects of treatment on the mediators.

    Parameters
    ----------
    effects : tuple of tuple of Fraction
        A row for each site: the effect of a unit of treatment on each mediator, exact.
    rank : int
    varying : tuple of bool
        Which mediators have effects that differ between sites (ix.a: all but one of them must).
    independent : tuple of int
        Sites whose rows are linearly independent, as many as the rank (ix.c).
    multiples : dict of int to Fraction, or None
        Where the rank is too small: the first mediator that depends on those before it, and how, in `dependent`.
    dependent : int or None
    """

    effects: tuple[tuple[Fraction, ...], ...]
    rank: int
    varying: tuple[bool, ...]
    independent: tuple[int, ...]
    dependent: int | None
    multiples: tuple[tuple[int, Fraction], ...]

    @property
    def sites(self) -> int:
        """How many sites there are."""
        return len(self.effects)

    @property
    def mediators(self) -> int:
        """How many mediators there are."""
        return len(self.varying)

    @property
    def enough_vary(self) -> bool:
        """Whether all mediators but one have effects that differ between sites (ix.a)."""
        return sum(self.varying) >= self.mediators - 1

    @property
    def enough_sites(self) -> bool:
        """Whether there are as many sites as mediators (ix.b)."""
        return self.sites >= self.mediators

    @property
    def sufficient(self) -> bool:
        """Whether effects are independent (ix.c), and so (ix) holds."""
        return self.rank == self.mediators


def rank_conditions(treatment: Array, mediators: Array, sites: Labels, weights: Array | None = None) -> RankConditions:
    """The conditions at a sample's effects, with numbers as they are written in decimals.

    Parameters
    ----------
    treatment : array of shape (n,)
        Varies in each site.
    mediators : array of shape (n, P)
    sites : Labels
    weights : array of shape (n,), optional

    Notes
    -----
    Reardon & Raudenbush, assumption (ix). In a site with a binary treatment the effect is a difference of means; with
    other treatments it is the slope of least squares.
    """
    return conditions_of(exact_effects(treatment, mediators, sites, weights))


def conditions_of(effects: Sequence[Sequence[Fraction]]) -> RankConditions:
    """The conditions at given effects: a row for each site, a column for each mediator.

    >>> found = conditions_of([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(4)]])
    >>> found.rank, found.dependent, found.multiples
    (1, 1, ((0, Fraction(2, 1)),))
    """
    rows, columns = Span(), Span()
    independent = [i for i, row in enumerate(effects) if rows.add(i, dict(enumerate(row))) is None]
    count = len(effects[0])
    dependent: int | None = None
    multiples: dict[int, Fraction] = {}
    for j in range(count):
        found = columns.add(j, {i: row[j] for i, row in enumerate(effects)})
        if found is not None and dependent is None:
            dependent, multiples = j, found
    return RankConditions(
        tuple(tuple(row) for row in effects),
        len(independent),
        tuple(len({row[j] for row in effects}) > 1 for j in range(count)),
        tuple(independent),
        dependent,
        tuple(multiples.items()),
    )


def exact_effects(
    treatment: Array, mediators: Array, sites: Labels, weights: Array | None = None
) -> list[list[Fraction]]:
    """The effect of a unit of treatment on each mediator in each site, without rounding."""
    t, unit = integers(treatment)
    w, _ = integers(np.ones(len(t)) if weights is None else weights)
    found: list[list[Fraction]] = [[] for _ in sites.names]
    for column in mediators.T:
        m, scale = integers(column)
        sums = [[0] * 5 for _ in sites.names]
        for s, a, b, c in zip(sites.codes.tolist(), t, m, w, strict=True):
            held = sums[s]
            held[0] += c
            held[1] += c * a
            held[2] += c * b
            held[3] += c * a * a
            held[4] += c * a * b
        for row, (n, a, b, aa, ab) in zip(found, sums, strict=True):
            row.append(Fraction((n * ab - a * b) * unit, (n * aa - a * a) * scale))
    return found


def integers(column: Array) -> tuple[list[int], int]:
    """A column as integers on a common scale: ``values[i] / scale``, each as its shortest decimal."""
    values, codes = np.unique(column, return_inverse=True)
    exact = [Fraction(repr(float(value))) for value in values]
    scale = lcm(*(each.denominator for each in exact))
    scaled = [int(each * scale) for each in exact]
    return [scaled[code] for code in codes.tolist()], scale
