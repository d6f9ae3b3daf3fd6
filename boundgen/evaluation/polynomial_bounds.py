"""Bounds at one distribution as a polynomial program, to global optimality by SCIP: numeric, outer ends guaranteed."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from boundgen.errors import LimitError
from boundgen.exact.polynomials import Polynomial
from boundgen.polyhedra.children import answer_of_child
from boundgen.program.polynomial_program import PolynomialProgram
from boundgen.work import clock
from boundgen.work.libraries import library
from boundgen.work.limits import Budget

SCRIPT = Path(__file__).with_name("scip_script.py")
# What SCIP's arithmetic may be off by. Measured against exact programs: 1e-6 with its own settings (beyond_linear 2c).
TOLERANCE = Fraction(1, 500_000)
# A gap up to this is called closed.
CLOSED = Fraction(1, 200_000)
# Where no limit of time is set, for each side.
SECONDS = 60.0
# Where there is a limit: the least for a side, how late one may be, and what is kept for writing down what was found.
LEAST = 0.5
LATE = 0.5
KEPT = 0.3


@dataclass(frozen=True)
class NumericInterval:
    """What is proved of the bounds of an estimand at data, in floating point.

    Parameters
    ----------
    lower, upper : Fraction or None
        No population that gives these data has a value outside, up to `TOLERANCE`, which is included. None where no
        population gives them.
    gap_lower, gap_upper : Fraction or None
        How far inside of each end the sharp bound may at most lie; None where no population was found at all.
    """

    lower: Fraction | None
    upper: Fraction | None
    gap_lower: Fraction | None = None
    gap_upper: Fraction | None = None

    @property
    def closed(self) -> bool:
        """Whether both ends are the sharp bounds, up to `CLOSED`."""
        return self.lower is None or all(gap is not None and gap <= CLOSED for gap in (self.gap_lower, self.gap_upper))


def polynomial_bounds_at(program: PolynomialProgram, budget: Budget) -> NumericInterval:
    """The least and the greatest value of an estimand over the shares that meet a polynomial program.

    Where time ends first, the outer ends are still right, and the gaps say how far in the sharp bounds may be.

    Raises
    ------
    LibraryError
        If pyscipopt is not installed.
    BudgetError
        If memory is full.
    """
    library("pyscipopt", "polynomial", "a polynomial program needs")
    end = _end(budget)
    # Each side ends in its time; an interruption would lose what is found.
    with clock.held():
        low = _side(program, "minimize", budget, end, 2)
        high = None if low is None else _side(program, "maximize", budget, end, 1)
    if low is None or high is None:
        return NumericInterval(None, None)
    lower, upper = max(low[0] - TOLERANCE, program.low), min(high[0] + TOLERANCE, program.high)
    return NumericInterval(
        lower,
        upper,
        None if low[1] is None else max(low[1] - lower, Fraction(0)),
        None if high[1] is None else max(upper - high[1], Fraction(0)),
    )


class _LateError(Exception):
    """SCIP did not end in its time."""


def _end(budget: Budget) -> float:
    """When both sides must have ended, on the monotonic clock: the rest is for writing them down."""
    if budget.limits.seconds is None:
        return float("inf")
    share = budget.own_share().end
    return share if budget.shares > 1 else min(share, budget.end - KEPT)


def _side(
    program: PolynomialProgram, sense: str, budget: Budget, end: float, sides_left: int
) -> tuple[Fraction, Fraction | None] | None:
    """What is proved of a side, and the value of the best population found; None where no shares meet the rows."""
    now = time.monotonic()
    until = now + (SECONDS if end == float("inf") else max((end - now) / sides_left, LEAST))
    given = {
        # The clock that processes share; to start one takes a part of the time.
        "until": time.time() + until - now,
        "mebibytes": budget.limits.mebibytes,
        "shares": program.shares,
        "rows": [(_written(row.polynomial), row.relation) for row in program.rows],
        "numerator": _written(program.numerator),
        "divisor": _written(program.divisor),
        "low": float(program.low),
        "high": float(program.high),
        "sense": sense,
    }
    polls = itertools.count()
    told = f"solving the polynomial program ({sense[:-3]}um), tenths of seconds"

    def step() -> None:
        budget.report(told, next(polls), None)
        # SCIP does not look at its clock in all that it does.
        if time.monotonic() > until + LATE:
            raise _LateError

    try:
        answer = answer_of_child(SCRIPT, given, step, "the polynomial program")
    except _LateError:
        answer = {"status": "late", "proved": None, "found": None}
    except ArithmeticError as error:
        raise LimitError(
            f"SCIP ended before the polynomial program was solved: {error}",
            remedy="Give it more memory, coarsen variables, or state fewer independent causes.",
        ) from None
    if answer["status"] == "infeasible":
        return None
    outermost = program.low if sense == "minimize" else program.high
    proved = answer["proved"]
    outer = Fraction(proved) if proved is not None and abs(proved) < 1e18 else outermost
    return outer, None if answer["found"] is None else Fraction(answer["found"])


def _written(polynomial: Polynomial) -> list[tuple[tuple[str, ...], float]]:
    return [(names, float(coefficient)) for names, coefficient in polynomial.terms]
