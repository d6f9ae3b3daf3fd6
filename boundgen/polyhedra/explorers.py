"""Where the neighbours of rays are computed: one after the other here, or several at a time on an executor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from typing import Protocol

from boundgen.exact.integers import Integers
from boundgen.polyhedra.cones import Cone, Step, neighbours
from boundgen.polyhedra.decomposition import extreme_rays

POLL_SECONDS = 0.1


class Explorer(Protocol):
    """A queue of rays, and what comes out at its end: a ray with its neighbours."""

    def add(self, ray: Integers) -> None: ...

    def next(self) -> tuple[Integers, Integers] | None:
        """The next ray whose neighbours are known; None where the queue is empty."""


@contextmanager
def explorer(cone: Cone, most: int, step: Step, executor: Executor | None) -> Iterator[Explorer]:
    """A queue for the rays of a cone; what is left in it is given up at the end."""
    if executor is None:
        yield Here(cone, most, step)
        return
    found = Elsewhere(cone, most, step, executor)
    try:
        yield found
    finally:
        found.give_up()


class Here:
    """One ray after the other, in the order of arrival."""

    def __init__(self, cone: Cone, most: int, step: Step) -> None:
        self._cone, self._most, self._step = cone, most, step
        self._queue: deque[Integers] = deque()

    def add(self, ray: Integers) -> None:
        self._queue.append(ray)

    def next(self) -> tuple[Integers, Integers] | None:
        if not self._queue:
            return None
        ray = self._queue.popleft()
        return ray, all_neighbours(self._cone, ray, self._most, self._step)


class Elsewhere:
    """All rays at once on an executor, in the order in which they are done."""

    def __init__(self, cone: Cone, most: int, step: Step, executor: Executor) -> None:
        self._cone, self._most, self._step, self._executor = cone, most, step, executor
        self._rays: dict[Future[Integers], Integers] = {}

    def add(self, ray: Integers) -> None:
        self._rays[self._executor.submit(all_neighbours, self._cone, ray, self._most)] = ray

    def next(self) -> tuple[Integers, Integers] | None:
        while self._rays:
            done, _ = wait(self._rays, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
            self._step()
            for future in done:
                return self._rays.pop(future), future.result()
        return None

    def give_up(self) -> None:
        for future in self._rays:
            future.cancel()


def no_step() -> None:
    """Where nobody waits to hear of progress."""


def all_neighbours(cone: Cone, ray: Integers, most: int, step: Callable[[], None] = no_step) -> Integers:
    """The extreme rays that span a two-dimensional face with a ray: a pure function, for any process."""
    return neighbours(cone, ray, lambda local: extreme_rays(local, step, most))
