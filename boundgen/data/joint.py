"""How units fall in cells together: what the covariance of estimated cells needs beside the arms themselves.

One unit may be in a cell of each of several `observe` statements, and units may come in clusters. The estimated
shares are then correlated across arms too. Units that fall in the same cells are alike to the covariance, so it is
enough to know, for each two such groups of units, the sum over clusters of the products of their weights there.
"""

from __future__ import annotations

import decimal
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TypeVar

from boundgen.data.tally import EXACT, Amount, Number

Stratum = tuple[str, ...]
Pattern = tuple[tuple[int, int | None], ...]
Kind = tuple[Stratum, Pattern]
Key = TypeVar("Key")


@dataclass(frozen=True)
class Units:
    """Units that are alike.

    Parameters
    ----------
    stratum : tuple of str
        Their values of covariates; empty where none were asked for.
    pattern : tuple of (int, int or None)
        Each arm that they are in, and the number of their cell there; None is in none of its cells.
    amount : Amount
    """

    stratum: Stratum
    pattern: Pattern
    amount: Amount


@dataclass(frozen=True)
class Clusters:
    """How many clusters there are.

    Parameters
    ----------
    column : str
    count : int
        With a positive weight.
    in_arms : mapping of arm to int
        One cluster may be in several arms.
    in_strata : mapping of (stratum, arm) to int
    """

    column: str
    count: int
    in_arms: Mapping[int, int]
    in_strata: Mapping[tuple[Stratum, int], int]


@dataclass(frozen=True)
class Joint:
    """The units of one source.

    Parameters
    ----------
    units : tuple of Units
    products : mapping of (int, int) to Fraction
        For two places in `units`, the first not behind the second: the sum over clusters of the product of their
        weights in both. Without clusters every unit is one by itself.
    clusters : Clusters or None
    apart : str
        What is not known and was assumed: that statements are about different units.
    """

    units: tuple[Units, ...]
    products: Mapping[tuple[int, int], Fraction]
    clusters: Clusters | None = None
    apart: str = ""


def joint_of_units(amounts: Mapping[Kind, Amount], apart: str = "") -> Joint:
    """Every unit is independent of the others."""
    units = tuple(Units(*kind, amount) for kind, amount in amounts.items())
    products = {(i, i): each.amount.squares for i, each in enumerate(units) if each.amount.squares}
    return Joint(units, products, None, apart)


def joint_of_clusters(
    column: str, amounts: Mapping[Kind, Amount], weights: Mapping[Kind, Mapping[str, Number]]
) -> Joint:
    """Clusters are independent of each other; `weights` holds their weights among units of each kind."""
    units = tuple(Units(*kind, amount) for kind, amount in amounts.items())
    totals = [weights[each.stratum, each.pattern] for each in units]
    counted = [
        ({name for name, weight in each.items() if weight}, one) for each, one in zip(totals, units, strict=True)
    ]
    by_arm: defaultdict[int, list[set[str]]] = defaultdict(list)
    by_stratum: defaultdict[tuple[Stratum, int], list[set[str]]] = defaultdict(list)
    for names, one in counted:
        for arm, _ in one.pattern:
            by_arm[arm].append(names)
            by_stratum[one.stratum, arm].append(names)
    clusters = Clusters(column, _different(names for names, _ in counted), _counts(by_arm), _counts(by_stratum))
    return Joint(units, _products(totals), clusters)


def _counts(names: Mapping[Key, Sequence[set[str]]]) -> dict[Key, int]:
    return {key: _different(sets) for key, sets in names.items()}


def _different(sets: Iterable[set[str]]) -> int:
    return len(set().union(*sets))


def _products(totals: Sequence[Mapping[str, Number]]) -> dict[tuple[int, int], Fraction]:
    """Clusters among units of one kind alone are many, and have no products but squares."""
    with decimal.localcontext(EXACT):
        found: defaultdict[tuple[int, int], Number] = defaultdict(int)
        for i, each in enumerate(totals):
            found[i, i] = sum(map(_square, each.values()))
        for held in _in_several(totals):
            for (i, weight), (j, other) in combinations(held, 2):
                found[i, j] += weight * other  # type: ignore[operator]
    return {pair: Fraction(product) for pair, product in found.items() if product}


def _square(weight: Number) -> Number:
    return weight * weight  # type: ignore[operator]


def _in_several(totals: Sequence[Mapping[str, Number]]) -> Iterable[list[tuple[int, Number]]]:
    """For each cluster among units of several kinds, its weight among each of them."""
    seen: set[str] = set()
    several: set[str] = set()
    for each in totals:
        several.update(seen.intersection(each))
        seen.update(each)
    found: defaultdict[str, list[tuple[int, Number]]] = defaultdict(list)
    for i, each in enumerate(totals):
        for name in several.intersection(each):
            found[name].append((i, each[name]))
    return found.values()
