"""Canonical names of cells as people write them: with spaces, in any order, with numbers as they come."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from boundgen.exact.rational import number_in
from boundgen.language.values import value_text

NAME = re.compile(r"\s*P\s*\(([^()|]*)(?:\|(.*))?\)\s*", re.DOTALL)
MEAN = re.compile(r"\s*E\s*\[\s*(\w+)\s*(?:;([^\[\]|]*))?(?:\|(.*))?\]\s*", re.DOTALL)
DO = re.compile(r"do\s*\(([^()]*)\)")
# Labels in quotation marks may hold any sign: numbers stand for them while a name is taken apart.
LABEL = re.compile(r'"([^"]*)"')
HIDDEN = re.compile(r"\0([0-9]+)")


@dataclass(frozen=True)
class CellName:
    """Event, arm and interventions, each as a set of ``variable=value``; and the outcome of which it is the mean."""

    event: frozenset[str]
    arm: frozenset[str]
    set_to: frozenset[str]
    mean: str = ""

    @property
    def context(self) -> tuple[frozenset[str], frozenset[str]]:
        return self.arm, self.set_to


def parsed(text: str) -> CellName | None:
    """What a name says, or None where it is not the name of a cell.

    >>> parsed("P(Y=0.5, M=0 | A=1)") == parsed("P(M=0,Y=1/2|A=1)")
    True
    >>> parsed("E[Y; M=0 | A=1]").mean
    'Y'
    >>> parsed('P(X="1st class")') == parsed("P(X = 1st class)")
    True
    >>> parsed("Y=1") is None
    True
    """
    labels = LABEL.findall(text)
    hidden = LABEL.sub(lambda match: f"\0{labels.index(match[1])}", text)
    match = None if "\0" in text else NAME.fullmatch(hidden) or MEAN.fullmatch(hidden)
    if not match:
        return None
    mean, before, behind = (
        (match[1], match[2] or "", match[3] or "") if match.re is MEAN else ("", match[1], match[2] or "")
    )
    interventions = ",".join(DO.findall(behind))
    event, arm, set_to = (_settings(part, labels) for part in (before, DO.sub("", behind), interventions))
    return CellName(event, arm, set_to, mean)


def name_of(name: str) -> CellName:
    """The name of a cell of the model, taken apart."""
    found = parsed(name)
    assert found, "canonical names can be read"
    return found


def _settings(text: str, labels: Sequence[str]) -> frozenset[str]:
    return frozenset(_setting(part, labels) for part in text.split(",") if part.strip())


def _setting(text: str, labels: Sequence[str]) -> str:
    """``variable=value`` in its one spelling."""
    name, equal, value = text.partition("=")
    name, value = re.sub(r"\s+", "", name), " ".join(value.split())
    hidden = HIDDEN.fullmatch(value)
    number = None if hidden else number_in(value)
    written = labels[int(hidden[1])] if hidden else value
    return f"{name}{equal}{(value_text(written) if number is None else str(number)) if equal else ''}"
