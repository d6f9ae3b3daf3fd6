"""Testable implications: what the stages of a derivation say of the data alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from boundgen.bounds.conditions import conditions, is_zero
from boundgen.bounds.derived import EstimandDerivation, SideDerivation
from boundgen.bounds.order import simplest_first
from boundgen.bounds.posing import has_constant_rows
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.sides import empty_sides, known_of, reason_of, with_rays
from boundgen.errors import BudgetError, LimitError, NotLinearError
from boundgen.exact.terms import Term
from boundgen.polyhedra.engine import Enumerate
from boundgen.polyhedra.region import data_region
from boundgen.program.from_strata import linear_program
from boundgen.program.linear_program import right_side
from boundgen.work.limits import Budget

# What testable implications may take where the bounds took no enumeration and no limit is set.
SECONDS_FOR_CONDITIONS = 20.0


def implying_sides(
    problem: BoundingProblem, stages: Sequence[EstimandDerivation], budget: Budget
) -> tuple[SideDerivation, ...]:
    """Sides whose dual polyhedra hold the testable implications; none where some rows have no constant entries."""
    if stages:
        return tuple(side for stage in stages for side in (stage.lower, stage.upper))
    if not has_constant_rows(problem.model):
        return ()
    try:
        return empty_sides(linear_program(problem.model, problem.arms, None, budget))
    except NotLinearError:
        return ()


def binding_equalities(problem: BoundingProblem, sides: Sequence[SideDerivation]) -> tuple[Term, ...]:
    """The demands of dropped rows that some data would break."""
    everything = data_region(problem.arms, problem.model.parameters)
    return tuple(e for e in _first_complete(sides).reduced.equalities if not is_zero(e, everything))


def implications(
    problem: BoundingProblem,
    sides: Sequence[SideDerivation],
    equalities: tuple[Term, ...],
    enumerate_dual: Enumerate,
    budget: Budget,
) -> tuple[tuple[Term, ...] | None, str]:
    """The testable implications, each to be non-negative, or None and what is missing of them.

    Parameters
    ----------
    problem : BoundingProblem
    sides : sequence of SideDerivation
        Of the estimands that were reached, the lower one of each first.
    equalities : tuple of Term
        Their `binding_equalities`.
    enumerate_dual : Enumerate
    budget : Budget
    """
    side = _side_with_rays(sides)
    if not side.enumerated:
        try:
            side = with_rays(side, enumerate_dual, replace(budget, shares=1), known_of(sides))
        except LimitError as error:
            return None, f"{reason_of(error).rstrip('.')}: testable implications were not derived."
    if side.generators.missing:
        return None, "Testable implications were not derived: they need the complete enumeration."
    try:
        return _implications(problem, side, equalities, budget), ""
    except BudgetError as error:
        return None, f"{reason_of(error)}: testable implications were not derived."


def patient(budget: Budget, sides: Sequence[SideDerivation]) -> Budget:
    """Where no bound took an enumeration and no limit is set, testable implications do not hold the bounds up."""
    if budget.limits.seconds is not None or any(side.enumerated for side in sides):
        return budget
    return replace(budget, deadline=time.monotonic() + SECONDS_FOR_CONDITIONS)


def _side_with_rays(sides: Sequence[SideDerivation]) -> SideDerivation:
    """The side whose rays are the testable implications: the first one, or one that is enumerated already.

    Without assumption rows the rays are the facets of the cone of observable distributions, whatever the estimand.
    """
    first = _first_complete(sides)
    if first.enumerated or first.reduced.original.restricted:
        return first
    return next((side for side in sides if side.enumerated and not side.missing), first)


def _first_complete(sides: Sequence[SideDerivation]) -> SideDerivation:
    return next((side for side in sides[::2] if not side.generators.missing), sides[0])


def _implications(
    problem: BoundingProblem, side: SideDerivation, equalities: tuple[Term, ...], budget: Budget
) -> tuple[Term, ...]:
    plain = problem.reader
    rays = [plain.sign(-right_side(side.reduced.program, ray)) for ray in side.generators.rays]
    order = simplest_first(plain.order)
    equal = [plain.plain(equality) for equality in equalities]
    everything = data_region(problem.arms, problem.model.parameters)
    irredundant = not side.reduced.original.restricted
    return tuple(sorted(conditions(sorted(rays, key=order), equal, everything, irredundant, budget), key=order))
