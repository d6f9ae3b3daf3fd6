"""Executors of this machine and of others behind one interface, that of `concurrent.futures`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from boundgen.errors import LONGEST_VALUE, SchedulerError, shortened
from boundgen.work.libraries import library

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Item = TypeVar("Item")
Result = TypeVar("Result")
POLL_SECONDS = 0.2
CONNECT_SECONDS = 10


@contextmanager
def local_executor(kind: str, jobs: int) -> Iterator[Executor | None]:
    """Threads or processes of this machine; None for one job. Work that has not begun is given up at the end."""
    if jobs == 1:
        yield None
        return
    # Imported here: one job needs none of it.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

    # Processes that start anew hold no copy of what the parent has open, on any system.
    executor: Executor = (
        ThreadPoolExecutor(jobs)
        if kind == "threads"
        else ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    )
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def scheduler_executor(address: str) -> Iterator[Executor]:
    """The workers of a Dask scheduler, such as ``tcp://127.0.0.1:8786``. Work of a worker that is lost is done again.

    Raises
    ------
    LibraryError
        If distributed is not installed.
    SchedulerError
        If nobody answers there.
    """
    client_of = library("distributed", "distributed", "a scheduler of Dask needs").Client
    try:
        client = client_of(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SchedulerError(
            f"no scheduler answers at {shortened(address, LONGEST_VALUE)}: {shortened(reason, LONGEST_VALUE)}",
            remedy="Start one with: dask scheduler; and workers with: dask worker ADDRESS.",
        ) from None
    try:
        # Functions are pure, so work that was lost may be done again.
        yield client.get_executor(pure=False, retries=3)
    finally:
        client.close()


def ordered_results(
    executor: Executor | None,
    function: Callable[[Item], Result],
    items: Iterable[Item],
    done: Callable[[int, int], None] = lambda *_: None,
) -> list[Result]:
    """The results in the order of the items, wherever and in whatever order they were computed.

    Parameters
    ----------
    executor : Executor or None
        None computes one after the other here.
    function : picklable function
    items : iterable
    done : function of (done, total)
        Called now and then; what it raises ends the work, and what has not begun is given up.
    """
    given = list(items)
    if executor is None:
        found: list[Result] = []
        for item in given:
            done(len(found), len(given))
            found.append(function(item))
        return found
    from concurrent.futures import FIRST_COMPLETED, wait

    futures: list[Future[Result]] = [executor.submit(function, item) for item in given]
    try:
        waiting = set(futures)
        while waiting:
            done(len(given) - len(waiting), len(given))
            _, waiting = wait(waiting, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        return [future.result() for future in futures]
    finally:
        for future in futures:
            future.cancel()
