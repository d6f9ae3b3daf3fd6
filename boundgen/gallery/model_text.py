"""What stands in a model file besides its statements: the parts as they were written, and the comments on claims."""

from __future__ import annotations

from collections.abc import Sequence

from boundgen.language.statements import Claim, ConditionsClaim

CORRECTED = ", corrected"
AnyClaim = Claim | ConditionsClaim


def question_text(text: str) -> str:
    """The file from the first variable to the last estimand: without names, citations and claims."""
    kept: list[str] = []
    inside = True
    for line in text.splitlines():
        if line.startswith("claim "):
            break
        if line and not line[0].isspace():
            inside = not line.startswith(("model ", "source "))
        if inside:
            kept.append(line)
    while kept and kept[-1].startswith("#"):
        kept.pop()
    return "\n".join(kept).strip("\n")


def claim_text(text: str, claim: AnyClaim) -> str:
    """The formulas of a claim as they stand in the file."""
    found: list[str] = []
    for line in text.splitlines()[_line(claim) :]:
        if not line.startswith("  ") or line.startswith("  expect "):
            break
        found.append(line.removeprefix("  "))
    return "\n".join(found)


def is_correction(claim: AnyClaim) -> bool:
    """Whether the claim is the catalogue's own correction of a published one."""
    return claim.where.endswith(CORRECTED)


def what_is_wrong(text: str, claims: Sequence[AnyClaim], claim: AnyClaim) -> str:
    """The sentence on a claim: the comment directly above it, or above its correction."""
    for other in claims:
        if type(other) is type(claim) and _subject(other) == _subject(claim) and other.where in _headings(claim):
            found = _comment_above(text, _line(other))
            if found:
                return found
    return ""


def _headings(claim: AnyClaim) -> tuple[str, str]:
    return claim.where, claim.where + CORRECTED


def _subject(claim: AnyClaim) -> str:
    return claim.estimand if isinstance(claim, Claim) else ""


def _line(claim: AnyClaim) -> int:
    assert claim.place, "claims that were read from a file have a place"
    return claim.place.line


def _comment_above(text: str, line: int) -> str:
    found: list[str] = []
    for above in reversed(text.splitlines()[: line - 1]):
        if not above.startswith("#"):
            break
        found.insert(0, above.lstrip("# "))
    return " ".join(found)
