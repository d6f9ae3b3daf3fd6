"""Canonical names of cells as people write them: with spaces, in any order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from boundgen.strata.cells import Cell

NAME = re.compile(r"\s*P\s*\(([^()|]*)(?:\|(.*))?\)\s*", re.DOTALL)
DO = re.compile(r"do\s*\(([^()]*)\)")


@dataclass(frozen=True)
class CellName:
    """Event, arm and interventions, each as a set of ``variable=value``."""

    event: frozenset[str]
    arm: frozenset[str]
    set_to: frozenset[str]

    @property
    def context(self) -> tuple[frozenset[str], frozenset[str]]:
        return self.arm, self.set_to


def parsed(text: str) -> CellName | None:
    """What a name says, or None where it is not the name of a cell.

    >>> parsed("P(Y=1, M=0 | A=1)") == parsed("P(M=0,Y=1|A=1)")
    True
    >>> parsed("Y=1") is None
    True
    """
    match = NAME.fullmatch(text)
    if not match:
        return None
    behind = match[2] or ""
    interventions = ",".join(DO.findall(behind))
    return CellName(_settings(match[1]), _settings(DO.sub("", behind)), _settings(interventions))


def name_of(cell: Cell) -> CellName:
    """The name of a cell of the model, taken apart."""
    found = parsed(cell.name)
    assert found, "canonical names can be read"
    return found


def _settings(text: str) -> frozenset[str]:
    return frozenset(re.sub(r"\s+", "", part) for part in text.split(",") if part.strip())
