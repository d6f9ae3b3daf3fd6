"""One derivation of a sweep, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from boundgen.errors import BoundgenError, ContradictionError, LimitError
from boundgen.language.model import Model
from boundgen.polyhedra.cache import cached
from boundgen.polyhedra.engine import engine
from boundgen.sweep.tasks import Task
from boundgen.work.limits import Budget, Limits, Resources

DERIVED, CONTRADICTION, UNFINISHED, REFUSED = "derived", "contradiction", "unfinished", "refused"


@dataclass(frozen=True)
class Case:
    """One choice of assumptions for one estimand, and what came of its derivation.

    Parameters
    ----------
    model, estimand : str
    assumptions : tuple of str
    status : {"derived", "contradiction", "unfinished", "refused"}
    reason : str
        Of a status other than "derived".
    lower, upper : tuple of str
        The terms as text, in ASCII; a max and a min.
    identified : bool
    conditions : tuple of str
    interval : tuple of str, or None
        Lower and upper bound at the given data, as exact rationals; None too where the estimand is undefined there.
    violations : int or None
        How many testable implications fail there.
    complaints : tuple of str
        What could not be kept in the cache; no bound depends on it.
    """

    model: str
    estimand: str
    assumptions: tuple[str, ...]
    status: str
    reason: str = ""
    lower: tuple[str, ...] = ()
    upper: tuple[str, ...] = ()
    identified: bool = False
    conditions: tuple[str, ...] = ()
    interval: tuple[str, str] | None = None
    violations: int | None = None
    complaints: tuple[str, ...] = ()


def case(task: Task) -> Case:
    """Derive one task: a pure function of what is sent, for any thread, process or machine."""
    status, reason = DERIVED, ""
    complaints: list[str] = []
    try:
        return replace(
            _derived(task, Resources(complain=complaints.append)), complaints=tuple(dict.fromkeys(complaints))
        )
    except ContradictionError as error:
        status, reason = CONTRADICTION, error.message
    except LimitError as error:
        status, reason = UNFINISHED, error.message
    except BoundgenError as error:
        status, reason = REFUSED, error.message
    return Case(task.name, task.estimand, task.assumptions, status, reason, complaints=tuple(dict.fromkeys(complaints)))


def _derived(task: Task, resources: Resources) -> Case:
    from boundgen.bounds.text import conditions_text, terms_text
    from boundgen.derivation import derivation_within

    enumerate_dual = engine("auto")
    if task.cache is not None:
        enumerate_dual = cached(enumerate_dual, Path(task.cache))
    budget = Budget(Limits(seconds=task.seconds), resources=resources)
    found = derivation_within(Model.parse(task.model), (task.estimand,), enumerate_dual, True, budget)
    (bounds,) = found.bounds
    interval, violations = None, None
    if task.cells is not None:
        cells, parameters = ({name: Fraction(text) for name, text in each} for each in (task.cells, task.parameters))
        violations = len(bounds.violations(cells, parameters))
        at = bounds.checked(cells, parameters)
        if bounds.denominator is None or bounds.denominator.value(at) > 0:
            low, high = bounds.evaluate(cells, parameters)
            interval = str(low), str(high)
    return Case(
        task.name,
        task.estimand,
        task.assumptions,
        DERIVED,
        "",
        tuple(terms_text(bounds.lower.shown, bounds.notation, unicode=False)),
        tuple(terms_text(bounds.upper.shown, bounds.notation, unicode=False)),
        bounds.identified,
        tuple(conditions_text(found.shown_conditions or (), bounds.notation, unicode=False)),
        interval,
        violations,
    )
