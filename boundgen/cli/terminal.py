"""The terminal: what is printed, what is complained of, and how the program ends. Only here is printed or exited."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from boundgen.errors import FileError
from boundgen.rendering.text import printed

if TYPE_CHECKING:
    from boundgen.derivation import Derivation
    from boundgen.work.unanswered import Unanswered

UNEXPECTED, USAGE_ERROR, INCOMPLETE, INTERRUPTED = 1, 2, 3, 130


@dataclass(frozen=True)
class VerbOutcome:
    """What a verb prints, and an exit status that is an answer rather than an error."""

    text: str
    status: int
    complaint: str = ""


# ---------------------------------------------------------------- printing
def write(text: str) -> None:
    """Text on stdout, in characters that it can show."""
    if sys.stdout is None:
        fail("boundgen: there is no standard output\n  Redirect it to a file.")
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        sys.stdout.write(printed(text if text.endswith("\n") else text + "\n"))
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
    except OSError as error:
        _silence_stdout()
        fail(f"boundgen: the output cannot be written: {error.strerror}\n  Write it to another place.")


def _silence_stdout() -> None:
    """The interpreter must not try, and complain, again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str) -> None:
    """A paragraph on stderr."""
    if sys.stderr is not None:
        sys.stderr.reconfigure(errors="replace")  # type: ignore[union-attr]
        sys.stderr.write(printed(message + "\n"))


def fail(message: str) -> NoReturn:
    """The last paragraph, of what cannot be done."""
    complain(message)
    sys.exit(USAGE_ERROR)


def unicode_wanted(ascii_only: bool) -> bool:
    """Whether the terminal can show unicode, and nobody asked for ASCII."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    return not ascii_only and encoding in ("utf8", "utf16", "utf32", "utf8sig")


@contextmanager
def answer_kept(text: str) -> Iterator[None]:
    """Where a picture cannot be written, the answer that it shows is printed all the same."""
    try:
        yield
    except FileError as error:
        error.unwritten = error.unwritten or text
        raise


# ---------------------------------------------------------------- what is not answered
def incomplete(derivation: Derivation) -> str:
    """What is not proved, then a line for each estimand without an answer; empty where everything is answered."""
    return "\n".join([*missing(derivation), *without(derivation.unanswered)])


def missing(derivation: Derivation) -> list[str]:
    """What of bounds and testable implications is not proved."""
    if not derivation.missing:
        return []
    if derivation.missing == (derivation.conditions_missing,):
        return [
            f"boundgen: the bounds are complete, the testable implications are not: {derivation.conditions_missing}"
        ]
    return ["boundgen: the derivation is not complete: " + " ".join(derivation.missing)]


def without(unanswered: Sequence[Unanswered]) -> list[str]:
    """A line for each estimand that has no answer."""
    return [f"boundgen: {each.line}" for each in unanswered]


def beside(text: str, unanswered: Sequence[Unanswered], said: Sequence[str] = (), status: int = 0) -> VerbOutcome:
    """What is answered; a line on stderr, and an exit status of its own, for what is not."""
    return VerbOutcome(text, status or (INCOMPLETE if unanswered else 0), "\n".join([*said, *without(unanswered)]))
