"""Derive every choice of a model's assumptions for every estimand, on any executor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from boundgen.errors import ModelError
from boundgen.exact.rational import Written, rational
from boundgen.language.model import Model
from boundgen.rendering.rendered import Rendered
from boundgen.sweep.assumption_effects import Matter, matter, questions
from boundgen.sweep.cases import Case, case
from boundgen.sweep.tasks import Task, tasks
from boundgen.work.executors import ordered_results
from boundgen.work.folders import refuse_doubtful
from boundgen.work.unanswered import Unanswered

MOST_SUBSETS = 256


@dataclass(frozen=True)
class Sweep(Rendered):
    """All derivations of a sweep, in the order of models, subsets of assumptions, and estimands.

    Parameters
    ----------
    cases : tuple of Case
    matters : tuple of Matter
        What each assumption adds to the others; empty for a sweep over several models.
    """

    cases: tuple[Case, ...]
    matters: tuple[Matter, ...] = ()

    @property
    def unanswered(self) -> tuple[Unanswered, ...]:
        """Estimands that have no answer under some choice of assumptions, with the first reason; the cases say all."""
        found: dict[tuple[str, str], list[Case]] = {}
        for each in self.cases:
            found.setdefault((each.model, each.estimand), []).append(each)
        return tuple(missing for cases in found.values() if (missing := _without_answer(cases)) is not None)

    @property
    def has_answers(self) -> bool:
        """Whether an estimand has an answer under a choice of assumptions."""
        return any(each.has_answer for each in self.cases)

    @property
    def complaints(self) -> tuple[str, ...]:
        """What could not be kept in the cache; no bound depends on it."""
        return tuple(dict.fromkeys(text for case in self.cases for text in case.complaints))

    def rows(self) -> list[dict[str, Any]]:
        """A row for each derivation."""
        from boundgen.sweep.report import case_row

        return [case_row(each) for each in self.cases]

    def text(self, unicode: bool = True) -> str:
        """A table of the derivations, and one of what each assumption adds."""
        from boundgen.sweep.report import sweep_text

        return sweep_text(self, unicode)

    def json(self) -> dict[str, Any]:
        """The schema ``boundgen.sweep/1``."""
        from boundgen.sweep.report import sweep_json

        return sweep_json(self)

    def latex(self) -> str:
        """The table of the derivations as LaTeX."""
        from boundgen.sweep.report import sweep_latex

        return sweep_latex(self)


def _without_answer(cases: Sequence[Case]) -> Unanswered | None:
    """Of one estimand; None where each case has an answer."""
    missing = [each for each in cases if not each.has_answer]
    if not missing:
        return None
    first = missing[0]
    some = f"under {len(missing)} of {len(cases)} choices of assumptions: " if len(missing) < len(cases) else ""
    return Unanswered(first.estimand, some + first.reason, ModelError(first.reason))


def sweep(
    model: Model | Sequence[Model],
    estimands: Sequence[str] = (),
    *,
    always: Sequence[str] = (),
    cells: Mapping[str, Written] | None = None,
    parameters: Mapping[str, Written] | None = None,
    executor: Executor | None = None,
    cache: Path | None = None,
    seconds: float | None = None,
    most: int = MOST_SUBSETS,
    done: Callable[[int, int], None] = lambda *_: None,
) -> Sweep:
    """Derive every subset of a model's assumptions; of several models, each as it is.

    Parameters
    ----------
    model : Model or sequence of Model
    estimands : sequence of str
        Names; all of them where none is named.
    always : sequence of str
        Assumptions that stand in every subset.
    cells, parameters : mapping, optional
        An observed distribution, and values of parameters, at which bounds are wanted too.
    executor : Executor, optional
        Of `concurrent.futures`, or what behaves like it; the result does not depend on it.
    cache : Path, optional
        A folder in which enumerations are kept.
    seconds : float, optional
        For each derivation; one that takes longer is a case that says so.
    most : int
        How many subsets there may be.
    done : function of (done, total)

    Raises
    ------
    ModelError, LimitError
        No estimand, an unknown name, too many subsets. What a single derivation refuses is said in its case.
    FileError
        The folder for the cache is none, or others can write in it.

    Examples
    --------
    >>> from boundgen import catalogue
    >>> found = sweep(catalogue.load("mediation_mmr"), ["delta1"])
    >>> [(each.assumptions, len(each.lower)) for each in found.cases]
    [((), 3), (('mmr',), 2)]
    >>> found.matters[0].verdict
    'narrows the bounds'
    """
    if cache is not None:
        refuse_doubtful(cache, "cache", "--cache")
    models = [model] if isinstance(model, Model) else list(model)
    for each in models:
        if not each.estimands:
            raise ModelError(f"model {each.name} has no estimand", each.where, "Add one: estimand ate = E[Y(1) - Y(0)]")
    alone = len(models) == 1
    given = [task for each in models for task in _tasks(each, estimands, always, most, alone)]
    at = None if cells is None else _exact(cells)
    values = _exact(parameters or {})
    given = [replace(task, cells=at, parameters=_own(task, values), seconds=seconds) for task in given]
    given = [replace(task, cache=str(cache) if cache else None) for task in given]
    asked = questions(models[0], estimands or [e.name for e in models[0].estimands], seconds) if alone else ()
    total = len(given) + len(asked)
    cases = ordered_results(executor, case, given, lambda k, _: done(k, total))
    matters = ordered_results(executor, matter, asked, lambda k, _: done(len(given) + k, total))
    return Sweep(tuple(cases), tuple(matters))


def _exact(given: Mapping[str, Written]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(rational(value, name))) for name, value in given.items())


def _tasks(model: Model, estimands: Sequence[str], always: Sequence[str], most: int, alone: bool) -> tuple[Task, ...]:
    if alone:
        return tasks(model, estimands, always, most)
    own = [estimand.name for estimand in model.estimands]
    chosen = [name for name in estimands if name in own] if estimands else own
    everything = tasks(replace(model, assumptions=()), chosen, (), 1) if chosen else ()
    from boundgen.sweep.tasks import assumption_names

    text = str(replace(model, claims=()))
    return tuple(replace(task, model=text, assumptions=assumption_names(model)) for task in everything)


def _own(task: Task, values: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The values of the parameters that the task's model has: dropping an assumption keeps its parameters."""
    names = {parameter.name for parameter in Model.parse(task.model).parameters} if values else set()
    return tuple((name, value) for name, value in values if name in names)
