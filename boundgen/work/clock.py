"""The clock of a command: its time limit holds also for work that never looks at the clock, such as reading a model.

Long work looks at its `Budget` and stops where it can say what it found. What does not is interrupted: when the time is
over the operating system sends a signal, and a `BudgetError` rises between two instructions. Systems and threads
without that signal have the limit of long work alone.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from boundgen.errors import BudgetError

REMEDY = "Raise it with --time-limit SECONDS, or make the model smaller."


class _Clock:
    """When the command began, how long it may take, and what it is doing."""

    began: float | None = None
    seconds: float = 0
    what: str = "reading the command"


_clock = _Clock()


def begin(seconds: float) -> None:
    """From now on a command may take so many seconds."""
    _clock.began, _clock.seconds = time.monotonic(), seconds
    _arm(seconds)


def quiet() -> None:
    """No more interruptions: what was found is being written."""
    if _clock.began is not None and hasattr(signal, "SIGALRM"):
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def held() -> Iterator[None]:
    """No interruption here, where what was found would be lost; nor later, if the time is over by then."""
    if _clock.began is None:
        yield
        return
    quiet()
    yield
    _arm(_clock.began + _clock.seconds - time.monotonic())


def _arm(seconds: float) -> None:
    if seconds > 0 and hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGALRM, _over)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def end() -> None:
    """The command is over."""
    quiet()
    _clock.began = None


def began() -> float:
    """When the work that is going on began, on the monotonic clock: with the command, if that has a limit."""
    return time.monotonic() if _clock.began is None else _clock.began


def doing(what: str) -> None:
    """Note what an interruption would interrupt."""
    _clock.what = what


def _over(_number: int, _frame: FrameType | None) -> NoReturn:
    raise BudgetError(
        f"the time limit of {_clock.seconds:g} s was reached while {_clock.what}; nothing was derived", remedy=REMEDY
    )
