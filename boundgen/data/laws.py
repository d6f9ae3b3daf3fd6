"""Observed laws of randomized variables that must agree: those of Z and of Z and W give Z one law."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction

from boundgen.data.observed import SUM_ROUNDING
from boundgen.errors import DataError
from boundgen.exact.rational import as_float
from boundgen.strata.cells import Arm, Assignment


def check_laws(arms: Sequence[Arm], shares: Mapping[str, Fraction]) -> None:
    """Refuse two laws that give the same event different probabilities.

    Raises
    ------
    DataError
        No testable implication of the model would say so: laws only weigh arms.
    """
    for first, second in itertools.combinations([arm for arm in arms if arm.law], 2):
        names = {name for name, _ in first.cells[0].event} & {name for name, _ in second.cells[0].event}
        margins = _margin(first, names, shares), _margin(second, names, shares)
        for event, one in margins[0].items() if names else ():
            other = margins[1][event]
            if abs(one - other) > SUM_ROUNDING:
                raise DataError(
                    f"two observed laws give {', '.join(f'{name}={value}' for name, value in event)} the probabilities "
                    f"{as_float(one):.6g} and {as_float(other):.6g}: {_law(first)} and {_law(second)}",
                    remedy="Take both laws from the same units.",
                )


def _margin(law: Arm, names: set[str], shares: Mapping[str, Fraction]) -> dict[Assignment, Fraction]:
    found: dict[Assignment, Fraction] = {}
    for cell in law.cells:
        event = tuple(
            sorted((setting for setting in cell.event if setting[0] in names), key=lambda setting: setting[0])
        )
        found[event] = found.get(event, Fraction(0)) + shares.get(cell.name, Fraction(0))
    return found


def _law(law: Arm) -> str:
    return f"P({', '.join(name for name, _ in law.cells[0].event)})"
