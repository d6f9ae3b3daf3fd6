"""The arms within strata of discrete covariates, and how large the strata are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from boundgen.data.cell_places import parts
from boundgen.data.joint import CovariateStratum, Joint, Units
from boundgen.data.observed import CovariateStrata, ObservedArm, stratum_name
from boundgen.data.tally import Amount
from boundgen.data.texts import as_number, listed
from boundgen.errors import DataError

# A level of a column that was cut: (-inf, 12], (12, 16], [16, inf).
INTERVAL = re.compile(r"[(\[](?:-inf|(.+)), .+[)\]]")
MOST_STRATA = 50
# With fewer units the normal approximation is of no use, and a cell that is empty by chance looks certain.
MIN_UNITS_PER_ARM = 5


def cell_within(cell: str, stratum: str) -> str:
    """The name of a cell within a stratum.

    >>> cell_within("P(Y=1|A=0)", "sex=1")
    'P(Y=1|A=0) where sex=1'
    """
    return f"{cell} where {stratum}"


def covariate_strata_of(
    covariates: Sequence[str], arms: Sequence[ObservedArm], joints: Sequence[Joint]
) -> CovariateStrata:
    """Arms within strata, from the units of each source.

    Raises
    ------
    DataError
        For too many strata, arms with too few units in a stratum, and arms with one cluster in a stratum.
    """
    values = tuple(sorted({each.stratum for joint in joints for each in joint.units}, key=_order))
    names = [stratum_name(covariates, each) for each in values]
    if len(values) > MOST_STRATA:
        raise DataError(
            f"{', '.join(covariates)}: {len(values)} strata, more than {MOST_STRATA}",
            remedy="Use fewer covariates, or coarsen them: --recode 'COLUMN=quantiles(4)'.",
        )
    numbers = {each: i for i, each in enumerate(values)}
    moved = tuple(_numbered(joint, numbers, source, len(arms)) for source, joint in enumerate(joints))
    found = tuple(
        tuple(_arm(arm, name, s * len(arms) + a, moved) for a, arm in enumerate(arms)) for s, name in enumerate(names)
    )
    shares = tuple(_shares(joint, values, names, source) for source, joint in enumerate(joints))
    strata = CovariateStrata(tuple(covariates), values, found, shares, moved)
    _refuse_thin(strata)
    _refuse_few_clusters(strata)
    return strata


def _order(values: CovariateStratum) -> tuple[tuple[float, str], ...]:
    """Numbers by size, before texts."""
    return tuple(_rank(value) for value in values)


def _rank(value: str) -> tuple[float, str]:
    interval = INTERVAL.fullmatch(value)
    if interval and interval[1] is None:
        return float("-inf"), value
    number = as_number(interval[1] if interval else value)
    return (float("inf"), value) if number is None else (float(number), value)


def _numbered(joint: Joint, numbers: dict[CovariateStratum, int], source: int, arms: int) -> Joint:
    """The same units, by the arms within strata and the share of their stratum."""

    def moved(each: Units) -> Units:
        stratum = numbers[each.stratum]
        share = (len(numbers) * arms + source, stratum)
        return replace(each, pattern=(*((stratum * arms + arm, cell) for arm, cell in each.pattern), share))

    return replace(joint, units=tuple(map(moved, joint.units)))


def _arm(arm: ObservedArm, stratum: str, number: int, joints: Iterable[Joint]) -> ObservedArm:
    held: dict[int | None, Amount] = {}
    for joint in joints:
        for each in joint.units:
            for one, cell in each.pattern:
                if one == number:
                    for k, (place, share) in enumerate([(None, Fraction(1))] if cell is None else parts(cell)):
                        held[place] = held.get(place, Amount()) + each.amount.part(share, counted=not k)
    whole = sum(held.values(), Amount())
    return replace(
        arm,
        cells=tuple(cell_within(cell, stratum) for cell in arm.cells),
        amounts=tuple(held.get(i, Amount()) for i in range(len(arm.cells))),
        whole=whole,
        units=whole.units,
    )


def _shares(joint: Joint, values: Sequence[CovariateStratum], names: Sequence[str], source: int) -> ObservedArm:
    amounts = [sum((each.amount for each in joint.units if each.stratum == value), Amount()) for value in values]
    whole = sum(amounts, Amount())
    cells = tuple(f"{name} in source {source + 1}" for name in names)
    return ObservedArm(-1, "strata", cells, True, tuple(amounts), whole, whole.units)


# ---------------------------------------------------------------- what is refused
def _refuse_thin(strata: CovariateStrata) -> None:
    thin = list(_thin(strata))
    if thin:
        raise DataError(
            f"strata are too thin: {listed(thin, 6)}",
            remedy=f"Every arm needs {MIN_UNITS_PER_ARM} units in every stratum: "
            "use fewer covariates, or coarsen them, --recode 'COLUMN=quantiles(4)'.",
        )


def _thin(strata: CovariateStrata) -> Iterator[str]:
    for name, arms in zip(strata.names, strata.arms, strict=True):
        for arm in arms:
            if (arm.units or 0) < MIN_UNITS_PER_ARM:
                units = f"{arm.units} unit{'' if arm.units == 1 else 's'}"
                yield f"{name} has {units}{f' in {arm.name}' if arm.name else ''}"


def _refuse_few_clusters(strata: CovariateStrata) -> None:
    arms = strata.all_arms
    for joint in strata.joints:
        for number in joint.with_one_cluster():
            stratum = number // len(strata.arms[0])
            where = f" in {arms[number].name}" if arms[number].name else ""
            raise DataError(
                f"all units of {strata.names[stratum]}{where} are in one cluster",
                remedy="A variance needs two clusters in every arm of every stratum: use fewer covariates.",
            )
