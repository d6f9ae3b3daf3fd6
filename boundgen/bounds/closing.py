"""Estimands that are not one linear program: which closed form they have, or why none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from boundgen.bounds.piecewise import PiecewiseSide
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.problem import BoundingProblem, WeightedEstimand
from boundgen.bounds.simplest_form import simplifier
from boundgen.bounds.symbols import Notation
from boundgen.errors import NoClosedFormError
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.terms import Term
from boundgen.polyhedra.engine import Enumerate
from boundgen.work.limits import Work
from boundgen.work.unanswered import Unanswered, attempt, parted


@dataclass(frozen=True)
class ClosedSides:
    """Both sides of an estimand before they are printed."""

    asked: WeightedEstimand
    lower: PiecewiseSide
    upper: PiecewiseSide
    denominator: Polynomial | None
    identified: bool
    missing: tuple[str, ...] = ()


def piecewise_bounds(
    problem: BoundingProblem, enumerate_dual: Enumerate, work: Work
) -> tuple[tuple[ClosedSides, ...], tuple[Unanswered, ...]]:
    """The closed forms that there are, and of the others why there is none."""
    attempts = (attempt(each.estimand.name, partial(_closed, each, enumerate_dual, work)) for each in problem.weighted)
    found, without = parted(attempts)
    return tuple(found), without


def _closed(asked: WeightedEstimand, enumerate_dual: Enumerate, work: Work) -> ClosedSides:
    raise no_closed_form(asked, "its coefficients are functions of the data")


def no_closed_form(asked: WeightedEstimand, why: str) -> NoClosedFormError:
    """The reason, and the command that gives numbers."""
    return NoClosedFormError(
        f"{asked.estimand.name} has no closed form: {why}; its bounds at data are exact: boundgen evaluate FILE DATA",
        asked.estimand.where,
    )


def printed_pieces(
    problem: BoundingProblem,
    sides: Sequence[ClosedSides],
    equalities: tuple[Term, ...],
    conditions: tuple[Term, ...] | None,
    symbols: Notation,
) -> tuple[PiecewiseBounds, ...]:
    """Closed forms in the form in which they are printed."""
    reading = simplifier(problem.model, problem.arms, problem.definitions, equalities)
    return tuple(
        PiecewiseBounds(
            name=each.asked.estimand.name,
            lower=each.lower,
            upper=each.upper,
            denominator=each.denominator,
            identified=each.identified,
            conditions=conditions,
            notation=symbols,
            arms=problem.arms,
            parameters=problem.model.parameters,
            program=each.asked.program,
            simplifier=reading,
            missing=each.missing,
        )
        for each in sides
    )
