"""Progress on stderr: a line that appears when work takes long, on a terminal only; or told to who listens instead."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from boundgen.work.limits import Report, ignore

PATIENCE = 0.7
REFRESH = 0.1
# Who is told of progress where there is no terminal.
LISTENER: ContextVar[Report] = ContextVar("LISTENER", default=ignore)


@contextmanager
def progress() -> Iterator[Report]:
    """A report function that shows what goes on, and cleans up after itself."""
    if not sys.stderr.isatty():
        yield LISTENER.get()
        return
    shown = _Line()
    try:
        yield shown.report
    finally:
        shown.stop()


class _Line:
    """One line of rich's status display, started only when the work has taken a while."""

    def __init__(self) -> None:
        self._start = self._last = time.monotonic()
        self._stop: Callable[[], None] = lambda: None
        self._update: Callable[[str], None] = self._begin

    def report(self, what: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._start > PATIENCE and now - self._last > REFRESH:
            self._last = now
            self._update(f"{what}: {done}" + (f" of {total}" if total is not None else ""))

    def _begin(self, text: str) -> None:
        from rich.console import Console

        status = Console(stderr=True).status(text)
        status.start()
        self._stop, self._update = status.stop, status.update

    def stop(self) -> None:
        self._stop()
