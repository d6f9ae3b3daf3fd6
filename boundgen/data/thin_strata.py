"""Strata of covariates with few units: merged with their nearest, left out, or left to be refused.

Bounds within merged strata are bounds within a coarser covariate, so they stay valid. Which are merged depends on how
many units of each arm they have, and not on what was observed of these units.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.data.cell_places import parts
from boundgen.data.joint import Clusters, CovariateStratum, Joint
from boundgen.data.names import ThinStrata
from boundgen.data.observed import ObservedArm, StratumGroup, merged_name
from boundgen.data.tally import Amount
from boundgen.data.texts import as_number, listed
from boundgen.errors import DataError

# With fewer units the normal approximation is of no use, and a cell that is empty by chance looks certain.
MIN_UNITS_PER_ARM = 5
# Before any are merged.
MOST_VALUES = 500
# A level of a column that was cut: (-inf, 12], (12, 16], [16, inf).
INTERVAL = re.compile(r"[(\[](?:-inf|(.+)), .+[)\]]")
UnitsByArm = Counter[int]


@dataclass(frozen=True)
class Strata:
    """The strata that are used, and what was done with thin ones, for print.

    Parameters
    ----------
    groups : tuple of StratumGroup
    left_out : tuple of values
    notes : tuple of str
    """

    groups: tuple[StratumGroup, ...]
    left_out: tuple[CovariateStratum, ...] = ()
    notes: tuple[str, ...] = ()


def strata_of(covariates: Sequence[str], arms: int, joints: Sequence[Joint], thin: ThinStrata) -> Strata:
    """The strata of covariates.

    Merging begins with the stratum that has fewest units in some arm. It joins the stratum from which it differs in
    the fewest covariates, of those the nearest in the order of values, of those the one with fewest units; and so on,
    until no stratum is thin.

    Parameters
    ----------
    covariates : sequence of str
    arms : int
        How many there are.
    joints : sequence of Joint
    thin : {"merge", "leave-out", "refuse"}

    Raises
    ------
    DataError
        For too many values to merge.
    """
    held = _units(joints)
    values = sorted(held, key=lambda each: tuple(map(_rank, each)))
    plain = tuple((each,) for each in values)
    few = [each for each in values if _fewest(held[each], arms) < MIN_UNITS_PER_ARM]
    if thin == "refuse" or not few:
        return Strata(plain)
    if thin == "leave-out":
        kept = tuple((each,) for each in values if each not in few)
        if not kept:
            return Strata(plain)
        names = [merged_name(covariates, (each,)) for each in few]
        return Strata(kept, tuple(few), (_left_out_note(names, joints, few),))
    if len(values) > MOST_VALUES:
        raise DataError(
            f"{', '.join(covariates)}: {len(values)} strata, more than {MOST_VALUES}, are too many to merge",
            remedy="Use fewer covariates, or coarsen them: --recode 'COLUMN=quantiles(4)'.",
        )
    groups = _merged(values, held, arms)
    names = [merged_name(covariates, group) for group in groups if len(group) > 1]
    note = (
        f"{len(few)} of {len(values)} strata have fewer than {MIN_UNITS_PER_ARM} units in an arm; merged with the "
        f"nearest: {listed(names, 6)}"
    )
    return Strata(groups, (), (note,))


def _units(joints: Sequence[Joint]) -> dict[CovariateStratum, UnitsByArm]:
    held: dict[CovariateStratum, UnitsByArm] = {}
    for joint in joints:
        for each in joint.units:
            found = held.setdefault(each.stratum, Counter())
            for arm, _ in each.pattern:
                found[arm] += each.amount.units
    return held


def _fewest(units: UnitsByArm, arms: int) -> int:
    return min(units[arm] for arm in range(arms))


def _rank(value: str) -> tuple[float, str]:
    """Numbers by size, before texts; intervals by where they begin."""
    interval = INTERVAL.fullmatch(value)
    if interval and interval[1] is None:
        return float("-inf"), value
    number = as_number(interval[1] if interval else value)
    return (float("inf"), value) if number is None else (float(number), value)


def _left_out_note(names: list[str], joints: Sequence[Joint], few: Sequence[CovariateStratum]) -> str:
    units = sum(each.amount.units for joint in joints for each in joint.units if each.stratum in few)
    what = f"{len(few)} strat{'um' if len(few) == 1 else 'a'} with fewer than {MIN_UNITS_PER_ARM} units in an arm"
    return f"{units} units in {what} left out, so that the bounds are about the others: {listed(names, 6)}"


# ---------------------------------------------------------------- merging
def _merged(
    values: Sequence[CovariateStratum], held: Mapping[CovariateStratum, UnitsByArm], arms: int
) -> tuple[StratumGroup, ...]:
    places = [
        {v: i for i, v in enumerate(sorted({each[c] for each in values}, key=_rank))} for c in range(len(values[0]))
    ]
    spots = {each: tuple(place[v] for place, v in zip(places, each, strict=True)) for each in values}
    groups: list[StratumGroup] = [(each,) for each in values]
    units = [held[each] for each in values]
    while len(groups) > 1:
        thinnest = min(range(len(groups)), key=lambda i: _fewest(units[i], arms))
        if _fewest(units[thinnest], arms) >= MIN_UNITS_PER_ARM:
            break
        others = [i for i in range(len(groups)) if i != thinnest]
        near = min(others, key=lambda i: (_distance(groups[thinnest], groups[i], spots), units[i].total()))
        first, second = sorted((thinnest, near))
        groups[first], units[first] = (*groups[first], *groups[second]), units[first] + units[second]
        del groups[second], units[second]
    return tuple(tuple(sorted(group, key=lambda each: spots[each])) for group in groups)


def _distance(
    one: StratumGroup, other: StratumGroup, spots: Mapping[CovariateStratum, tuple[int, ...]]
) -> tuple[int, int]:
    """In how many covariates the nearest two values differ, and by how many places."""

    def apart(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, int]:
        steps = [abs(i - j) for i, j in zip(first, second, strict=True)]
        return sum(map(bool, steps)), sum(steps)

    return min(apart(spots[first], spots[second]) for first in one for second in other)


# ---------------------------------------------------------------- leaving out
def without(joint: Joint, values: Sequence[CovariateStratum]) -> Joint:
    """The units of a source that are not in these strata."""
    kept = [i for i, each in enumerate(joint.units) if each.stratum not in values]
    units = tuple(joint.units[i] for i in kept)
    if joint.clusters is None:
        return replace(joint, units=units)
    weights = tuple(joint.clusters.weights[i] for i in kept)
    return replace(joint, units=units, clusters=Clusters.of(joint.clusters.column, weights))


def counted_again(arm: ObservedArm, number: int, joints: Sequence[Joint]) -> ObservedArm:
    """An arm of the units of these sources alone."""
    held: dict[int | None, Amount] = {}
    for joint in joints:
        for each in joint.units:
            for one, cell in each.pattern:
                if one == number:
                    for k, (place, share) in enumerate([(None, Fraction(1))] if cell is None else parts(cell)):
                        held[place] = held.get(place, Amount()) + each.amount.part(share, counted=not k)
    whole = sum(held.values(), Amount())
    amounts = tuple(held.get(i, Amount()) for i in range(len(arm.cells)))
    return replace(arm, amounts=amounts, whole=whole, units=whole.units)
