"""How much work a derivation may do, and how it reports on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from boundgen.errors import LimitError


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


Report = Callable[[str, int, int | None], None]


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Work:
    """The limits of one derivation, its start, and where progress is shown."""

    limits: Limits = Limits()
    report: Report = silent
    start: float = field(default_factory=time.monotonic)

    def step(self, what: str, done: int, total: int | None = None) -> None:
        """Say how far the work is; stop it when its time is over."""
        self.report(what, done, total)
        seconds = self.limits.seconds
        if seconds is not None and time.monotonic() - self.start > seconds:
            of = f" of {total}" if total is not None else ""
            raise LimitError(
                f"the time limit of {seconds:g} s was reached while {what} ({done}{of} done); nothing was derived",
                remedy="Raise it with --time-limit SECONDS, coarsen variables, or add assumptions.",
            )
