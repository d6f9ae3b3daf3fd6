"""The Parma Polyhedra Library, imported in one place.

On import cysignals, which pplpy uses, puts its own handlers of SIGINT and SIGALRM into the process. These jump out of
the middle of C++ code, after which the heap may be broken: an interrupted process sometimes hung instead of ending.
Python's handlers wait for the call to return. Calls are short; what may be long runs in a process of its own.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def _own_handlers() -> Iterator[None]:
    """Python's handlers stay; and where signals cannot be set, as in a thread of a worker, nobody fails for trying."""
    original: Any = signal.signal
    if threading.current_thread() is not threading.main_thread():
        signal.signal = lambda *_: None
        try:
            yield
        finally:
            signal.signal = original
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGALRM") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    with _blocked(numbers):
        yield
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)


@contextmanager
def _blocked(numbers: list[int]) -> Iterator[None]:
    """A signal that comes meanwhile waits: cysignals would take an alarm for an interrupt of the user."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


with _own_handlers():
    import ppl

__all__ = ["ppl"]
