"""One derivation of a sweep, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.text import all_conditions_text, terms_text
from boundgen.derivation import Derivation, derivation_within
from boundgen.errors import BoundgenError, ContradictionError, LimitError, NoClosedFormError
from boundgen.evaluation.evaluate import evaluate
from boundgen.language.model import Model
from boundgen.polyhedra.cache import cached
from boundgen.polyhedra.engine import engine
from boundgen.sweep.tasks import Task
from boundgen.work.limits import Budget, Limits, Resources

DERIVED, CONTRADICTION, UNFINISHED, REFUSED = "derived", "contradiction", "unfinished", "refused"
AT_DATA_ALONE = "no closed form"


@dataclass(frozen=True)
class Case:
    """One choice of assumptions for one estimand, and what came of its derivation.

    Parameters
    ----------
    model, estimand : str
    assumptions : tuple of str
    status : {"derived", "no closed form", "contradiction", "unfinished", "refused"}
    reason : str
        Of a status other than "derived".
    lower, upper : tuple of str
        The terms as text, in ASCII; a max and a min. Of bounds that are no linear terms the pieces, with what must
        hold for them.
    identified : bool
    conditions : tuple of str
    interval : tuple of str, or None
        Lower and upper bound at the given data, as exact rationals, "inf" or "-inf"; None too where the estimand is
        undefined there.
    violations : int or None
        How many testable implications fail there; None too where they are not linear.
    method : str
        How the interval was found: "closed form" or "linear program"; empty without data.
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
    method: str = ""
    complaints: tuple[str, ...] = ()

    @property
    def has_answer(self) -> bool:
        """Without a closed form, bounds at data are an answer; so is that assumptions contradict one another."""
        return self.status in (DERIVED, CONTRADICTION) or (self.status == AT_DATA_ALONE and bool(self.method))


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
    enumerate_dual = engine("auto")
    if task.cache is not None:
        enumerate_dual = cached(enumerate_dual, Path(task.cache))
    budget = Budget(Limits(seconds=task.seconds), resources=resources)
    model = Model.parse(task.model)
    try:
        found = derivation_within(model, (task.estimand,), enumerate_dual, True, budget)
    except NoClosedFormError as error:
        # Partial, it keeps the program that data make numbers of.
        found = derivation_within(model, (task.estimand,), enumerate_dual, True, budget, partial=True)
        start = Case(task.name, task.estimand, task.assumptions, AT_DATA_ALONE, error.message)
        return _at_data(start, found, task)
    (bounds,) = found.closed_forms
    lower, upper = _terms(bounds)
    start = Case(
        task.name,
        task.estimand,
        task.assumptions,
        DERIVED,
        "",
        lower,
        upper,
        bounds.identified,
        tuple(all_conditions_text(found, unicode=False)),
    )
    return _at_data(start, found, task)


def _terms(bounds: Bounds | PiecewiseBounds) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Both sides as text."""
    if isinstance(bounds, Bounds):
        lower, upper = (
            tuple(terms_text(side.shown, bounds.notation, unicode=False)) for side in (bounds.lower, bounds.upper)
        )
        return lower, upper
    lower, upper = (tuple(row["term"] for row in bounds.rows() if row["side"] == side) for side in ("lower", "upper"))
    return lower, upper


def _at_data(start: Case, derivation: Derivation, task: Task) -> Case:
    """With the bounds at the data, if there are any."""
    if task.cells is None:
        return start
    cells, parameters = ({name: Fraction(text) for name, text in each} for each in (task.cells, task.parameters))
    (found,) = evaluate(derivation, cells, parameters)
    interval = None if found.lower is None or found.upper is None else (str(found.lower), str(found.upper))
    violations = None if found.violations is None else len(found.violations)
    return replace(start, interval=interval, violations=violations, method=found.method)
