"""How much work a derivation may do, and how it reports on the way."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from boundgen.calls import check_fields, public_class
from boundgen.errors import BudgetError, LimitError
from boundgen.work.clock import began, doing

T = TypeVar("T")

if TYPE_CHECKING:
    from concurrent.futures import Executor


@public_class
@dataclass(frozen=True)
class Limits:
    """Sizes and time above which a derivation stops and says what it did not finish.

    Parameters
    ----------
    strata : int
        Principal strata that the enumeration may visit.
    cells : int
        Observed probabilities.
    entries : int
        Columns times rows of the linear program.
    assumptions : int
        Assumptions, each counted once for every choice of its quantified names.
    seconds : float or None
        Wall-clock time of the whole derivation; None is no limit.
    mebibytes : int or None
        Memory of the process; None is no limit.

    Examples
    --------
    >>> from boundgen import BoundgenError, catalogue, derive
    >>> try:
    ...     derive(catalogue.load("iv_ate"), limits=Limits(cells=5))
    ... except BoundgenError as error:
    ...     print(error.message)
    the model has more than 5 observed cells (8)
    """

    strata: int = 200_000
    cells: int = 2_000
    entries: int = 2_000_000
    assumptions: int = 10_000
    seconds: float | None = None
    mebibytes: int | None = None

    def __post_init__(self) -> None:
        check_fields(self)

    def check(
        self,
        what: str,
        size: int,
        limit: int,
        option: str,
        advice: str = "coarsen variables, or add assumptions",
    ) -> None:
        """Refuse a size above its limit, with the way to raise it."""
        if size > limit:
            raise LimitError(
                f"the model has more than {limit} {what}" + (f" ({size})" if size > limit + 1 else ""),
                remedy=f"Raise the limit with {option}, or {advice}.",
            )


# Of the time of an enumeration; the rest is for writing down what it found.
KEPT_FOR_WORK = 0.9

Report = Callable[[str, int, int | None], None]


def ignore(*_told: object) -> None:
    """Where nobody waits to hear of it: progress and remarks."""


def warn(text: str) -> None:
    """A warning of Python's."""
    warnings.warn(text, RuntimeWarning, stacklevel=2)


@dataclass(frozen=True)
class Resources:
    """What a long enumeration may use beside its own process.

    Parameters
    ----------
    executor : Executor or None
        Where the neighbours of orbits are computed, several at a time; None is here.
    checkpoints : Path or None
        A folder for what is found on the way.
    resume : bool
        Whether to go on from what an earlier process left there.
    cache : Path or None
        A folder in which enumerations are kept.
    complain : function of str
        Is told where something could not be kept; bounds do not depend on it. A warning, where nothing else is given.
    """

    executor: Executor | None = None
    checkpoints: Path | None = None
    resume: bool = False
    cache: Path | None = None
    complain: Callable[[str], None] = warn


@dataclass(frozen=True)
class Budget:
    """The limits of one derivation, its start, and where progress and remarks go.

    Parameters
    ----------
    limits : Limits
    report : Report
    start : float
        Of the monotonic clock; of a command with a limit when that began, so that reading counts.
    remark : function of str
        Is told what a reader of `--verbose` wants to know.
    resources : Resources
        What long enumerations may use beside this process.
    shares : int
        Among how many enumerations the time that is left is to be divided.
    deadline : float or None
        When a part of the work must end, on the monotonic clock, so that time is left for what comes after it.
    """

    limits: Limits = Limits()
    report: Report = ignore
    start: float = field(default_factory=began)
    remark: Callable[[str], None] = ignore
    resources: Resources = Resources()
    shares: int = 1
    deadline: float | None = None

    def counted(self, what: str, many: Sequence[T]) -> Iterator[T]:
        """Things one by one, in time, with progress."""
        for done, each in enumerate(many):
            self.step(what, done, len(many))
            yield each

    def own_share(self) -> Budget:
        """The same budget, which ends when its share of the time that is left is used up.

        Some of the time is kept back for writing down what was found.
        """
        if self.limits.seconds is None:
            return self
        now = time.monotonic()
        return replace(self, deadline=now + (self.end - now) * KEPT_FOR_WORK / self.shares)

    @property
    def end(self) -> float:
        """When time is over, on the monotonic clock."""
        if self.deadline is not None:
            return self.deadline
        return float("inf") if self.limits.seconds is None else self.start + self.limits.seconds

    def step(self, what: str, done: int, total: int | None = None, reserve: float = 0) -> None:
        """Say how far the work is; stop it when its time is over or its memory full.

        Parameters
        ----------
        what, done, total
            For the reader.
        reserve : float
            Seconds that will be needed to write down what was found.

        Raises
        ------
        BudgetError
        """
        self.report(what, done, total)
        doing(what)
        of = f" of {total}" if total is not None else ""
        where = f"while {what} ({done}{of} done)"
        if time.monotonic() + reserve > self.end:
            raise BudgetError(
                f"{self._used_up(reserve)} {where}; nothing was derived",
                remedy="Raise it with --time-limit SECONDS, coarsen variables, or add assumptions.",
            )
        if self.limits.mebibytes is not None and memory_used() > self.limits.mebibytes:
            raise BudgetError(
                f"the memory limit of {self.limits.mebibytes} MiB was reached {where}; nothing was derived",
                remedy="Raise it with --memory-limit MIB, coarsen variables, or add assumptions.",
            )

    def _used_up(self, reserve: float) -> str:
        """Which time is over: all of it, or what this part of the work may take of it."""
        if self.limits.seconds is None:
            return "the time that this may take without --time-limit was used up"
        # What an enumeration keeps back for writing is no reason to speak of parts.
        left = self.start + self.limits.seconds - time.monotonic() - reserve
        if left > 2 * (1 - KEPT_FOR_WORK) * self.limits.seconds:
            return f"the part of the time limit of {self.limits.seconds:g} s that may go into this was used up"
        return f"the time limit of {self.limits.seconds:g} s was reached"


def memory_used() -> float:
    """The most memory that the process has used so far, in MiB; zero where the system does not say."""
    try:
        # On Linux getrusage tells of the process before it became this program, too.
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**10
    except (OSError, StopIteration):
        pass
    try:
        import resource
    except ImportError:
        return 0
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 2**10
