"""What long enumerations may use beside their own process: other processes, and a folder for what they have found."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def processes(jobs: int) -> Iterator[Executor | None]:
    """Worker processes, or None for a single job; work that has not begun is given up at the end."""
    if jobs == 1:
        yield None
        return
    # Processes that start anew hold no copy of what the parent has open, on any system.
    executor = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def checkpoint_folder(given: str | None) -> Path:
    """The folder for checkpoints: the one that is named, or one in the user's folder for caches."""
    if given is not None:
        return Path(given)
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "boundgen" / "checkpoints"
