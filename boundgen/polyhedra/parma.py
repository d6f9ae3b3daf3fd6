"""The Parma Polyhedra Library, imported in one place.

On import cysignals, which pplpy uses, puts its own handler of SIGINT into the process. That jumps out of the middle of
C++ code, after which the heap may be broken: an interrupted process sometimes hung instead of ending. Python's handler
waits for the call to return. Calls are short; what may be long runs in a process of its own.
"""

from __future__ import annotations

import signal
import threading

_before = signal.getsignal(signal.SIGINT)

import ppl  # noqa: E402

if threading.current_thread() is threading.main_thread() and _before is not None:
    signal.signal(signal.SIGINT, _before)

__all__ = ["ppl"]
