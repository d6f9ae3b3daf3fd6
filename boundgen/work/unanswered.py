"""What could not be answered beside what could: one estimand never takes the others of its file down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from boundgen.errors import BoundgenError, ContradictionError, DataError, LimitError, ModelError
from boundgen.rendering.text import in_ascii

T = TypeVar("T")
TOO_DEEP = "the estimand nests potential outcomes more deeply than can be evaluated"


@dataclass(frozen=True)
class Unanswered:
    """An estimand (or a claim) that has no answer.

    Parameters
    ----------
    name : str
        The estimand; a claim is named with its place in the literature.
    reason : str
        One line.
    error : BoundgenError
        With place and remedy: what is raised where nothing else has an answer.
    """

    name: str
    reason: str
    error: BoundgenError = field(compare=False, repr=False)

    @property
    def line(self) -> str:
        """Name and reason in one line, as text output says it."""
        return f"{self.name}: not answered: {self.reason}"

    def said(self, unicode: bool) -> str:
        """The line, for terminals that can show it."""
        return self.line if unicode else in_ascii(self.line)

    def json(self) -> dict[str, str]:
        """An entry of the key ``unanswered``, which documents have where something was not answered."""
        return {"name": self.name, "reason": self.reason}


def attempt(name: str, action: Callable[[], T]) -> T | Unanswered:
    """What the action gives, or why this one has no answer. Assumptions that contradict one another concern all."""
    try:
        return action()
    except ContradictionError:
        raise
    except (ModelError, LimitError, DataError) as error:
        return Unanswered(name, " ".join(error.message.split()), error)
    except RecursionError:
        deep = LimitError(TOO_DEEP, remedy="Shorten chains of variables that affect one another.")
        return Unanswered(name, deep.message, deep)


def parted(attempts: Iterable[T | Unanswered]) -> tuple[list[T], tuple[Unanswered, ...]]:
    """Answers, and what has none, each in their order."""
    found = list(attempts)
    answers = [each for each in found if not isinstance(each, Unanswered)]
    return answers, tuple(each for each in found if isinstance(each, Unanswered))


def answered(attempts: Iterable[T | Unanswered]) -> tuple[list[T], tuple[Unanswered, ...]]:
    """As `parted`; where nothing has an answer, the first error is raised."""
    answers, without = parted(attempts)
    if without and not answers:
        raise without[0].error
    return answers, without


def unanswered_json(without: Sequence[Unanswered]) -> dict[str, list[dict[str, str]]]:
    """The key ``unanswered``; complete answers do not have it."""
    return {"unanswered": [each.json() for each in without]} if without else {}
