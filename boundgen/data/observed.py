"""The observed distribution: what stands in each cell, and of how many units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import prod
from typing import Any

from boundgen.data.joint import CovariateStratum, Joint, Units
from boundgen.data.tally import Amount
from boundgen.errors import DataError
from boundgen.rendering.rendered import Rendered
from boundgen.rendering.text import in_ascii
from boundgen.strata.cells import Arm, MeanCell

# A name of a cell up to its bar; labels in quotation marks may hold one.
BEFORE_BAR = re.compile(r'(?:"[^"]*"|[^"|])*\|?')
# Values of covariates that are one stratum together.
StratumGroup = tuple[CovariateStratum, ...]
SUM_ROUNDING = Fraction(1, 10**9)


@dataclass(frozen=True)
class ObservedArm:
    """One arm of one `observe` statement.

    Parameters
    ----------
    observation : int
        The statement, from 0.
    name : str
        ``A=0``, ``A=0,do(M=1)``; empty where there are no arms.
    cells : tuple of str
        Canonical names.
    complete : bool
        Whether every unit of the arm is in one of the cells.
    amounts : tuple of Amount
        What stands in each cell: units, sum of weights, sum of squared weights.
    whole : Amount
        The same for the whole arm.
    units : int or None
        Units in the arm; None where probabilities were given, so that nobody knows.
    means : tuple of MeanCell
        Of a bounded outcome, whose stand-in has the cells.
    """

    observation: int
    name: str
    cells: tuple[str, ...]
    complete: bool
    amounts: tuple[Amount, ...]
    whole: Amount
    units: int | None
    means: tuple[MeanCell, ...] = ()

    @property
    def observed(self) -> tuple[tuple[str, Fraction], ...]:
        """What is observed, exact: cells with their shares; with a bounded outcome, shares and means."""
        shares = dict(zip(self.cells, self.probabilities, strict=True))
        if not self.means:
            return tuple(shares.items())
        found = [(m.share, shares[m.low_cell] + shares[m.high_cell]) for m in self.means if m.share]
        return (*found, *((m.name, m.low * shares[m.low_cell] + m.high * shares[m.high_cell]) for m in self.means))

    @property
    def probabilities(self) -> tuple[Fraction, ...]:
        """Shares of the arm, exact."""
        return tuple(amount.total / self.whole.total for amount in self.amounts)


@dataclass(frozen=True)
class DataSource:
    """What was read from one file.

    Parameters
    ----------
    name : str
    kind : {"micro-data", "weighted micro-data", "cell counts", "probabilities"}
    units : int or None
        In the file; None for probabilities. With weights, rows.
    used : int or None
    left_out : int
        Units that no condition or arm of the statements asks for.
    dropped : tuple of (column, int)
        Units that were dropped because they miss a value, by column; one unit may miss several.
    dropped_units : int
    notes : tuple of str
        What the reader should know: cuts, outcomes that do not vary.
    """

    name: str
    kind: str
    units: int | None
    used: int | None
    left_out: int = 0
    dropped: tuple[tuple[str, int], ...] = ()
    dropped_units: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CovariateStrata:
    """The observed distribution within each stratum of covariates.

    Parameters
    ----------
    covariates : tuple of str
        Columns.
    groups : tuple of tuple of values
        Of the covariates, in each stratum; sorted. Merged strata have several.
    arms : tuple of tuple of ObservedArm
        For each stratum the arms of the model. Cells have the canonical name and the stratum behind it.
    shares : tuple of ObservedArm
        For each source an arm of all its units that are used, of which the cells are the strata.
    joints : tuple of Joint
        For each source; arms are numbered stratum by stratum, and shares come last.
    """

    covariates: tuple[str, ...]
    groups: tuple[StratumGroup, ...]
    arms: tuple[tuple[ObservedArm, ...], ...]
    shares: tuple[ObservedArm, ...]
    joints: tuple[Joint, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """``sex=1, educ=2``; merged strata ``sex=1, educ=2 or 3``."""
        return tuple(merged_name(self.covariates, group) for group in self.groups)

    @property
    def all_arms(self) -> tuple[ObservedArm, ...]:
        """In the order in which joints number them."""
        return (*chain.from_iterable(self.arms), *self.shares)

    @property
    def units(self) -> tuple[int, ...]:
        """Units in each stratum, whatever their source."""
        return tuple(sum(arm.amounts[i].units for arm in self.shares) for i in range(len(self.groups)))


def stratum_name(covariates: Sequence[str], values: CovariateStratum) -> str:
    """A stratum of covariates as people read it.

    >>> stratum_name(["sex", "educ"], ("1", "2"))
    'sex=1, educ=2'
    """
    return ", ".join(f"{name}={value}" for name, value in zip(covariates, values, strict=True))


def merged_name(covariates: Sequence[str], group: StratumGroup) -> str:
    """A stratum that may be merged of several, as people read it.

    >>> merged_name(["sex", "educ"], (("1", "2"), ("1", "3"))), merged_name(["sex", "educ"], (("0", "2"), ("1", "3")))
    ('sex=1, educ=2 or 3', '(sex=0, educ=2) or (sex=1, educ=3)')
    """
    held = [tuple(dict.fromkeys(values[i] for values in group)) for i in range(len(covariates))]
    if len(group) == prod(map(len, held)):
        return stratum_name(covariates, tuple(" or ".join(each) for each in held))
    return " or ".join(f"({stratum_name(covariates, values)})" for values in group)


@dataclass(frozen=True, repr=False)
class ObservedData(Rendered):
    """The observed distribution of a model's cells, from files.

    Parameters
    ----------
    model : str
        The model's name.
    arms : tuple of ObservedArm
        In the order of the model's cells.
    sources : tuple of DataSource
    joints : tuple of Joint
        For each source, how its units fall in cells together; none where the arms are all there is to know.
    strata : CovariateStrata or None
        The same within strata of covariates, where they were asked for.
    """

    model: str
    arms: tuple[ObservedArm, ...]
    sources: tuple[DataSource, ...]
    joints: tuple[Joint, ...] = ()
    strata: CovariateStrata | None = None

    def __post_init__(self) -> None:
        found: dict[str, Fraction] = {}
        for arm in self.arms:
            for cell, share in zip(arm.cells, arm.probabilities, strict=True):
                if found.setdefault(cell, share) != share:
                    raise DataError(
                        f"two observe statements share the cell {cell}, and their data give it "
                        f"{float(found[cell]):.6g} and {float(share):.6g}",
                        remedy="Pool the data of both in one file.",
                    )

    @property
    def probabilities(self) -> Mapping[str, Fraction]:
        """Every cell's share of its arm, exact."""
        return {cell: share for arm in self.arms for cell, share in zip(arm.cells, arm.probabilities, strict=True)}

    @property
    def observed(self) -> Mapping[str, Fraction]:
        """What is observed, exact: every cell's share of its arm; of a bounded outcome, shares and means."""
        return dict(pair for arm in self.arms for pair in arm.observed)

    @property
    def counts(self) -> Mapping[str, Fraction]:
        """Every cell's units, or the sum of their weights; for probabilities, themselves."""
        return {cell: amount.total for arm in self.arms for cell, amount in zip(arm.cells, arm.amounts, strict=True)}

    @property
    def units(self) -> tuple[tuple[str, int | None], ...]:
        """Each arm with its units."""
        return tuple((arm.name, arm.units) for arm in self.arms)

    def text(self, unicode: bool = True) -> str:
        """What was read, how many units each arm has, and what the reader should know."""
        from boundgen.data.report import data_text

        text = data_text(self)
        return text if unicode else in_ascii(text)

    def json(self) -> dict[str, Any]:
        """What was read, and the exact share of each cell: the schema ``boundgen.data/1``."""
        from boundgen.data.report import data_json

        return data_json(self)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each cell of each arm: its units, their weight, and its share of the arm."""
        from boundgen.data.report import data_rows

        return data_rows(self)

    def __repr__(self) -> str:
        return f"<ObservedData of {self.model}: {len(self.probabilities)} cells in {len(self.arms)} arms>"


def observed_arm(model_arm: Arm, amounts: Sequence[Amount], whole: Amount, units: int | None) -> ObservedArm:
    """What was observed of an arm of the model."""
    names = tuple(cell.name for cell in model_arm.cells)
    return ObservedArm(
        model_arm.observation,
        arm_name(model_arm),
        names,
        model_arm.complete,
        tuple(amounts),
        whole,
        units,
        model_arm.means,
    )


def arms_apart(arms: Iterable[tuple[int, ObservedArm]], apart: str = "") -> Joint:
    """Arms (with their numbers) of which the units are different units."""
    units: list[Units] = []
    for i, arm in arms:
        units += [Units((), ((i, number),), amount) for number, amount in enumerate(arm.amounts)]
        units.append(Units((), ((i, None),), _rest(arm)))
    return Joint(tuple(units), apart=apart)


def _rest(arm: ObservedArm) -> Amount:
    """Units in none of the cells."""
    return arm.whole - sum(arm.amounts, Amount())


def arm_name(model_arm: Arm) -> str:
    """``A=0``, ``A=0,do(M=1)``: what stands behind the bar of the names of its cells."""
    return BEFORE_BAR.sub("", model_arm.cells[0].name.removesuffix(")"), count=1)


def rescaled(model_arm: Arm, shares: Sequence[Fraction], name: str) -> ObservedArm:
    """Probabilities that sum to one but for rounding, made to sum to one exactly.

    Raises
    ------
    DataError
        Where a complete arm's do not sum to one, or an incomplete arm's to more.
    """
    total = sum(shares, Fraction(0))
    if total > 1 + SUM_ROUNDING or (model_arm.complete and total < 1 - SUM_ROUNDING):
        where = f" of the arm {arm_name(model_arm)}" if arm_name(model_arm) else ""
        raise DataError(
            f"{name}: the probabilities{where} sum to {float(total):.10g}",
            remedy="They must sum to 1." if model_arm.complete else "They must sum to 1 at most.",
        )
    whole = total if model_arm.complete or total > 1 else Fraction(1)
    return observed_arm(model_arm, [Amount(0, share / whole) for share in shares], Amount(0, Fraction(1)), None)
