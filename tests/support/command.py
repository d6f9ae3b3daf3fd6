"""What a command answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


Run = Callable[..., Result]


def assert_refused(found: Result, message: str) -> None:
    """One paragraph on stderr, nothing on stdout, exit status 2."""
    assert found.err == f"{message}\n"
    assert "\n\n" not in message
    assert found.out == ""
    assert found.status == 2
