"""Signs of mathematics, for terminals that can show them and for those that cannot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signs:
    """How relations, operations and the probabilities of strata are written."""

    minus: str
    at_most: str
    at_least: str
    unequal: str
    inside: str
    sum: str
    psi: str
    dot: str

    def relation(self, ascii_sign: str) -> str:
        """The sign of ``<=``, ``>=`` or ``=``."""
        return {"<=": self.at_most, ">=": self.at_least}.get(ascii_sign, ascii_sign)


UNICODE = Signs("−", "≤", "≥", "≠", "∈", "Σ", "ψ", "·")
ASCII = Signs("-", "<=", ">=", "!=", " in ", "sum", "psi", ".")


def signs(unicode: bool) -> Signs:
    """The signs that a terminal can show.

    >>> signs(False).at_most, signs(True).relation(">=")
    ('<=', '≥')
    """
    return UNICODE if unicode else ASCII
