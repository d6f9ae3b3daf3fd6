"""The arms within strata of discrete covariates, and how large the strata are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from boundgen.data.joint import CovariateStratum, Joint, Units
from boundgen.data.observed import CovariateStrata, ObservedArm, StratumGroup, merged_name
from boundgen.data.tally import Amount
from boundgen.data.texts import listed
from boundgen.data.thin_strata import MIN_UNITS_PER_ARM, counted_again
from boundgen.errors import DataError

MOST_STRATA = 50


def cell_within(cell: str, stratum: str) -> str:
    """The name of a cell within a stratum.

    >>> cell_within("P(Y=1|A=0)", "sex=1")
    'P(Y=1|A=0) where sex=1'
    """
    return f"{cell} where {stratum}"


def covariate_strata_of(
    covariates: Sequence[str], arms: Sequence[ObservedArm], joints: Sequence[Joint], groups: Sequence[StratumGroup]
) -> CovariateStrata:
    """Arms within strata, from the units of each source.

    Parameters
    ----------
    covariates : sequence of str
    arms : sequence of ObservedArm
    joints : sequence of Joint
    groups : sequence of StratumGroup
        Values of the covariates that are one stratum, as `strata_of` finds them.

    Raises
    ------
    DataError
        For too many strata, arms with too few units in a stratum, and arms with one cluster in a stratum.
    """
    if len(groups) > MOST_STRATA:
        raise DataError(
            f"{', '.join(covariates)}: {len(groups)} strata, more than {MOST_STRATA}",
            remedy="Use fewer covariates, or coarsen them: --recode 'COLUMN=quantiles(4)'.",
        )
    names = [merged_name(covariates, group) for group in groups]
    numbers = {values: i for i, group in enumerate(groups) for values in group}
    moved = tuple(_numbered(joint, numbers, len(groups), source, len(arms)) for source, joint in enumerate(joints))
    found = tuple(
        tuple(_arm(arm, name, s * len(arms) + a, moved) for a, arm in enumerate(arms)) for s, name in enumerate(names)
    )
    shares = tuple(_shares(joint, numbers, names, source) for source, joint in enumerate(joints))
    strata = CovariateStrata(tuple(covariates), tuple(groups), found, shares, moved)
    _refuse_thin(strata)
    _refuse_few_clusters(strata)
    return strata


def _numbered(joint: Joint, numbers: Mapping[CovariateStratum, int], count: int, source: int, arms: int) -> Joint:
    """The same units, by the arms within strata and the share of their stratum."""

    def moved(each: Units) -> Units:
        stratum = numbers[each.stratum]
        share = (count * arms + source, stratum)
        return replace(each, pattern=(*((stratum * arms + arm, cell) for arm, cell in each.pattern), share))

    return replace(joint, units=tuple(map(moved, joint.units)))


def _arm(arm: ObservedArm, stratum: str, number: int, joints: Sequence[Joint]) -> ObservedArm:
    return replace(counted_again(arm, number, joints), cells=tuple(cell_within(cell, stratum) for cell in arm.cells))


def _shares(joint: Joint, numbers: Mapping[CovariateStratum, int], names: Sequence[str], source: int) -> ObservedArm:
    amounts = [Amount()] * len(names)
    for each in joint.units:
        amounts[numbers[each.stratum]] += each.amount
    whole = sum(amounts, Amount())
    cells = tuple(f"{name} in source {source + 1}" for name in names)
    return ObservedArm(-1, "strata", cells, True, tuple(amounts), whole, whole.units)


# ---------------------------------------------------------------- what is refused
def _refuse_thin(strata: CovariateStrata) -> None:
    thin = list(_thin(strata))
    if thin:
        raise DataError(
            f"strata are too thin: {listed(thin, 6)}",
            remedy=f"Every arm needs {MIN_UNITS_PER_ARM} units in every stratum: --thin-strata merge or leave-out, "
            "fewer covariates, or coarser ones, --recode 'COLUMN=quantiles(4)'.",
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
