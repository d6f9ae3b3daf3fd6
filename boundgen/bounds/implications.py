"""Testable implications: what the stages of a derivation say of the data alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from boundgen.bounds.conditions import conditions, is_zero
from boundgen.bounds.derived import EstimandDerivation, SideDerivation
from boundgen.bounds.order import simplest_first
from boundgen.bounds.printing import plain_reader
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.sides import known_of, reason_of, with_rays
from boundgen.errors import BudgetError, LimitError
from boundgen.exact.terms import Term
from boundgen.polyhedra.engine import Enumerate
from boundgen.polyhedra.region import data_region
from boundgen.program.linear_program import right_side
from boundgen.work.limits import Budget

# What testable implications may take where the bounds took no enumeration and no limit is set.
SECONDS_FOR_CONDITIONS = 20.0


def binding_equalities(problem: BoundingProblem, stages: Sequence[EstimandDerivation]) -> tuple[Term, ...]:
    """The demands of dropped rows that some data would break."""
    everything = data_region(problem.arms, problem.model.parameters)
    return tuple(e for e in _first_complete(stages).reduced.equalities if not is_zero(e, everything))


def implications(
    problem: BoundingProblem,
    stages: Sequence[EstimandDerivation],
    equalities: tuple[Term, ...],
    enumerate_dual: Enumerate,
    budget: Budget,
) -> tuple[tuple[Term, ...] | None, str]:
    """The testable implications, each to be non-negative, or None and what is missing of them.

    Parameters
    ----------
    problem : BoundingProblem
    stages : sequence of EstimandDerivation
        Of the estimands that were reached.
    equalities : tuple of Term
        Their `binding_equalities`.
    enumerate_dual : Enumerate
    budget : Budget
    """
    side = _side_with_rays(stages)
    if not side.enumerated:
        known = known_of(side for stage in stages for side in (stage.lower, stage.upper))
        try:
            side = with_rays(side, enumerate_dual, replace(budget, shares=1), known)
        except LimitError as error:
            return None, f"{reason_of(error).rstrip('.')}: testable implications were not derived."
    if side.generators.missing:
        return None, "Testable implications were not derived: they need the complete enumeration."
    try:
        return _implications(problem, side, equalities, budget), ""
    except BudgetError as error:
        return None, f"{reason_of(error)}: testable implications were not derived."


def patient(budget: Budget, stages: Sequence[EstimandDerivation]) -> Budget:
    """Where no bound took an enumeration and no limit is set, testable implications do not hold the bounds up."""
    if budget.limits.seconds is not None or any(stage.lower.enumerated or stage.upper.enumerated for stage in stages):
        return budget
    return replace(budget, deadline=time.monotonic() + SECONDS_FOR_CONDITIONS)


def _side_with_rays(stages: Sequence[EstimandDerivation]) -> SideDerivation:
    """The side whose rays are the testable implications: the first one, or one that is enumerated already.

    Without assumption rows the rays are the facets of the cone of observable distributions, whatever the estimand.
    """
    first = _first_complete(stages)
    sides = [side for stage in stages for side in (stage.lower, stage.upper)]
    if first.enumerated or first.reduced.original.restricted:
        return first
    return next((side for side in sides if side.enumerated and not side.missing), first)


def _first_complete(stages: Sequence[EstimandDerivation]) -> SideDerivation:
    return next((stage.lower for stage in stages if not stage.lower.generators.missing), stages[0].lower)


def _implications(
    problem: BoundingProblem, side: SideDerivation, equalities: tuple[Term, ...], budget: Budget
) -> tuple[Term, ...]:
    plain = plain_reader(problem)
    rays = [plain.sign(-right_side(side.reduced.program, ray)) for ray in side.generators.rays]
    order = simplest_first(plain.order)
    equal = [plain.plain(equality) for equality in equalities]
    everything = data_region(problem.arms, problem.model.parameters)
    irredundant = not side.reduced.original.restricted
    return tuple(sorted(conditions(sorted(rays, key=order), equal, everything, irredundant, budget), key=order))
