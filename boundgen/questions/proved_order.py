"""Bounds of two models, one of which has pieces, compared at all laws that the model with pieces allows: proofs.

The functions of the other bounds are held against that model's estimand, as claims are, and its own functions against
them. What holds at all laws of one model holds at those that both allow. What refutes is a law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from boundgen.bounds.piecewise import Guard
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import UndecidedError
from boundgen.evaluation.asked import AnyBounds
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.verification.claimed_functions import ClaimedFunction
from boundgen.verification.law_order import Law
from boundgen.verification.law_space import law_space
from boundgen.verification.piecewise_judgement import PiecewiseCase, SharpFunction, WhichSide, sharp_functions
from boundgen.work.limits import Budget

# Above so many functions of both nothing is tried: each is held against each.
MOST_FUNCTIONS = 40
SIDES: tuple[WhichSide, WhichSide] = ("lower", "upper")


@dataclass(frozen=True)
class Ordered:
    """Whether bounds are nowhere narrower than others: proved, or laws at which they may be, or neither."""

    proved: bool
    refuting: tuple[Law, ...] = ()


UNKNOWN = Ordered(False)


def never_narrower(other: AnyBounds, own: PiecewiseBounds, budget: Budget) -> Ordered:
    """Whether other bounds are nowhere narrower than those with pieces, at the laws of the latter."""
    return _over_sides(other, own, lambda case: (case.validity(each) for each in case.claimed), budget)


def never_wider(other: AnyBounds, own: PiecewiseBounds, budget: Budget) -> Ordered:
    """Whether other bounds are nowhere wider than those with pieces, at the laws of the latter."""
    return _over_sides(other, own, lambda case: (case.reached(each, case.claimed) for each in case.sharp), budget)


def _over_sides(
    other: AnyBounds,
    own: PiecewiseBounds,
    asked: Callable[[PiecewiseCase], Iterator[bool | Law | None]],
    budget: Budget,
) -> Ordered:
    proved = True
    for side in SIDES:
        case = _case(other, own, side)
        if case is None:
            return UNKNOWN
        for done, answer in enumerate(asked(case)):
            budget.step("comparing functions of the data", done, len(case.claimed) + len(case.sharp))
            if isinstance(answer, dict):
                return Ordered(False, (answer,))
            proved = proved and answer is True
            if not proved:
                return UNKNOWN
    return Ordered(proved)


def _case(other: AnyBounds, own: PiecewiseBounds, side: WhichSide) -> PiecewiseCase | None:
    """One side of the bounds with pieces, and the functions of the others as what is claimed of it."""
    space = law_space(own)
    sign, form = (1, own.lower) if side == "lower" else (-1, own.upper)
    if space is None:
        return None
    try:
        sharp = tuple(sharp_functions(form, own.denominator, sign))
        functions = tuple(_functions(other, side, sign))
    except UndecidedError:
        return None
    names = frozenset[str]().union(*(function.function.names for function in functions))
    if len(sharp) + len(functions) > MOST_FUNCTIONS or not names <= set(space.places):
        return None
    claimed = tuple(_as_claimed(function) for function in functions)
    return PiecewiseCase(side, space, sharp, claimed, own)


def _functions(bounds: AnyBounds, side: WhichSide, sign: int) -> Iterator[SharpFunction]:
    if isinstance(bounds, PiecewiseBounds):
        yield from sharp_functions(bounds.lower if side == "lower" else bounds.upper, bounds.denominator, sign)
        return
    over = ONE if bounds.denominator is None else Polynomial.linear(bounds.denominator)
    for term in (bounds.lower if side == "lower" else bounds.upper).terms:
        yield SharpFunction(RationalFunction.of(Polynomial.linear(term), over).scaled(sign), ())


def _as_claimed(function: SharpFunction) -> ClaimedFunction:
    return ClaimedFunction("", function.function, tuple(Guard(each, ">=") for each in function.guards))
