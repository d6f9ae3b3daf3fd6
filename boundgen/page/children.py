"""The children that answer: copies of one warm process, a few at a time, each ended when nobody waits for it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from boundgen.page.child import ENDED, answer
from boundgen.page.questions import PageQuestion

# What is imported before children are copied.
PRELOADED = ["boundgen.cli.main", "boundgen.page.warm"]
# Beyond the time that a question may take: for writing down what was found.
GRACE_SECONDS = 3.0
# Derivations side by side, on a machine with few cores.
LEAST_PLACES = 12
# Questions that wait for a child; more are refused.
MOST_WAITING = 200

Event = tuple[str, dict[str, Any]]


class BusyError(RuntimeError):
    """More questions wait than will be answered."""


class Children:
    """Answers questions, each in a child of its own.

    Parameters
    ----------
    main : function
        The command line.
    mebibytes : int or None
        Memory of each child.
    """

    def __init__(self, main: Callable[[], None], mebibytes: int | None) -> None:
        self.main, self.mebibytes = main, mebibytes
        # One warm process that is copied; systems without that start each child anew.
        kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        self.context: Any = multiprocessing.get_context(kind)
        if kind == "forkserver":
            self.context.set_forkserver_preload(PRELOADED)
        # What is typed is answered while derivations take their time, and a small one does not wait for ten long ones.
        cores = os.cpu_count() or 2
        self.places = {True: asyncio.Semaphore(2), False: asyncio.Semaphore(max(LEAST_PLACES, cores))}
        self.waiting = 0
        self.running: set[BaseProcess] = set()

    async def warm(self) -> None:
        """Have the process ready that is copied."""
        async for _ in self.events(PageQuestion("read", given={"text": ""})):
            pass

    async def events(self, question: PageQuestion) -> AsyncIterator[Event]:
        """What a child says: ``progress`` any number of times, and ``answer`` once.

        Yields
        ------
        pair of str and dict

        Raises
        ------
        BusyError
            Where too many wait.
        """
        if self.waiting >= MOST_WAITING:
            raise BusyError
        self.waiting += 1
        try:
            async with self.places[question.quick]:
                async for event in self._events(question):
                    yield event
        finally:
            self.waiting -= 1

    async def _events(self, question: PageQuestion) -> AsyncIterator[Event]:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(
            target=answer, args=(question, theirs, self.main, self.mebibytes), name="boundgen answer", daemon=True
        )
        heard = None
        try:
            await asyncio.to_thread(process.start)
            self.running.add(process)
            theirs.close()
            heard = _Ear(ours)
            end = asyncio.get_running_loop().time() + question.seconds + GRACE_SECONDS
            while True:
                event = await heard.next(end - asyncio.get_running_loop().time())
                if event is None:
                    yield "answer", {"status": ENDED, "complaint": _how_it_ended(question, heard)}
                    return
                yield event
                if event[0] == "answer":
                    return
        finally:
            _end(process)
            self.running.discard(process)
            theirs.close()
            if heard is None:
                ours.close()

    def end(self) -> None:
        """End all children that are at work."""
        for process in list(self.running):
            _end(process)


class _Ear:
    """Listens to a pipe in a thread, which ends with the answer or the child.

    The thread alone closes the pipe: closed by others while it reads, its number may be that of the next child's pipe.
    """

    def __init__(self, pipe: Connection) -> None:
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self.closed = False
        threading.Thread(target=self._listen, args=(pipe, asyncio.get_running_loop()), daemon=True).start()

    def _listen(self, pipe: Connection, loop: asyncio.AbstractEventLoop) -> None:
        with pipe, suppress(OSError, EOFError, RuntimeError):
            while True:
                event = pipe.recv()
                loop.call_soon_threadsafe(self.queue.put_nowait, event)
                if event[0] == "answer":
                    break
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._close)

    def _close(self) -> None:
        self.closed = True
        self.queue.put_nowait(None)

    async def next(self, seconds: float) -> Event | None:
        """What is said next; None where the time is over, or the child has ended."""
        try:
            return await asyncio.wait_for(self.queue.get(), max(seconds, 0))
        except TimeoutError:
            return None


def _how_it_ended(question: PageQuestion, heard: _Ear) -> str:
    if heard.closed:
        return (
            "The work was ended by the system, most likely because its memory was full. "
            "Coarsen variables, or start boundgen serve with more --memory-limit."
        )
    return f"The time limit of {question.seconds:g} s was reached. Raise it, coarsen variables, or add assumptions."


def _end(process: BaseProcess) -> None:
    """End a child, and what it started."""
    if process.pid is None:
        return
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError, ValueError, AttributeError):
        process.kill()
    threading.Thread(target=process.join, daemon=True).start()
