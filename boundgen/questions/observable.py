"""The distributions that a model lets be observed, with the reason for each of their constraints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region, data_region
from boundgen.strata.cells import Arm

PartKind = Literal["probability", "implication", "range", "arm", "number"]


@dataclass(frozen=True)
class Reason:
    """Something that is not negative (or that is zero), and why.

    Parameters
    ----------
    kind : str
        ``probability``: a cell. ``implication``: a testable implication. ``range``: of a parameter. ``arm``: what
        the cells of an arm leave of one. ``number``: a number that is not negative.
    """

    kind: PartKind
    term: Term


@dataclass(frozen=True)
class Observable:
    """All distributions of the cells and parameter values that meet the testable implications, which are complete.

    Parameters
    ----------
    region : Region
        Its unknowns are the cells and the parameters themselves.
    reasons : tuple of Reason
        One for each constraint of the region.
    """

    region: Region
    reasons: tuple[Reason, ...]

    def cell(self, unknown: int) -> Reason:
        """The reason why an unknown is not negative."""
        return Reason("probability", Term.of(0, {self.names[unknown]: 1}))

    @property
    def names(self) -> dict[int, str]:
        """The name of each unknown."""
        return {i: name for name, function in self.region.names.items() for i in function}


def observable(arms: Sequence[Arm], parameters: Sequence[Parameter], conditions: Sequence[Term]) -> Observable:
    """What can be observed where each condition is not negative."""
    everything = data_region(arms, parameters)
    more = [Constraint(*everything.function(condition)) for condition in conditions]
    found = Observable(everything.within(more), ())
    names = found.names
    ranges = len(everything.constraints) - len(arms)
    given = [
        Reason(
            "range" if k < ranges else "arm",
            Term.of(constraint.constant, {names[i]: c for i, c in constraint.coefficients.items()}),
        )
        for k, constraint in enumerate(everything.constraints)
    ]
    return Observable(found.region, (*given, *(Reason("implication", condition) for condition in conditions)))
