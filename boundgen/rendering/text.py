"""Texts on a terminal, and in reports as text."""

from __future__ import annotations

import re

from boundgen.rendering.characters import plain_line

MOVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def printed(report: str) -> str:
    r"""A report in which only its own line breaks and tabs move the cursor: names of files may hold escape sequences.

    >>> printed("data: \x1b[2Jx.csv\n")
    'data: ?[2Jx.csv\n'
    """
    return MOVING.sub("?", report)


def inline(name: str) -> str:
    """A name inside a line of a report, which it does not end."""
    return plain_line(name)


def in_ascii(report: str) -> str:
    """A report in ASCII: probabilities of strata are spelled, what else has no spelling is a question mark.

    >>> in_ascii("ψ₁")
    'psi?'
    """
    return report.replace("ψ", "psi").encode("ascii", errors="replace").decode("ascii")
