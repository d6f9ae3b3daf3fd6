"""What bounds at data are asked of, in whatever form it is given: a model or its name, a derivation, bounds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.catalogue.model_files import given_model
from boundgen.data.given import keywords_of
from boundgen.derivation import Derivation, derive
from boundgen.errors import DataError, ModelError, NoClosedFormError
from boundgen.exact.rational import Written
from boundgen.language.model import Model
from boundgen.language.statements import Parameter
from boundgen.work.limits import Limits, Report, ignore

AnyBounds = Bounds | PiecewiseBounds
WrittenValues = Mapping[str, Written | Sequence[Written]]
# What is asked, once a model is derived and bounds that stand alone are a tuple of one.
Derived = Derivation | tuple[AnyBounds, ...]
# What may be asked.
Asked = Model | str | os.PathLike[str] | AnyBounds | Derivation | Sequence[AnyBounds]


@dataclass(frozen=True)
class BoundsRequest:
    """What is asked, of which model, and what was said beside it.

    Parameters
    ----------
    derived : Derivation, or tuple of Bounds or PiecewiseBounds
    model : Model or None
        None where bounds do not know it.
    reading : mapping
        Options of `read_data`.
    parameters : mapping of name to number, or to several
    """

    derived: Derived
    model: Model | None
    reading: Mapping[str, Any]
    parameters: WrittenValues


def bounds_request(asked: Asked, parameters: WrittenValues | None, keywords: Mapping[str, Any]) -> BoundsRequest:
    """What was given, by its kinds: a model is derived; keywords are options, variables' columns and parameters.

    Returns
    -------
    BoundsRequest
    """
    chosen = {name: keywords[name] for name in keywords if name == "estimands"}
    derived = _derived(asked, **chosen)
    model = derived.model if isinstance(derived, Derivation) else derived[0].model
    others = {name: value for name, value in keywords.items() if name not in chosen}
    reading, values = keywords_of(model, declared_parameters(derived), others, ("parameters", "estimands"))
    return BoundsRequest(derived, model, reading, {**_checked(parameters), **values})


def declared_parameters(derived: Derived) -> tuple[Parameter, ...]:
    """The parameters of what is asked."""
    return derived.model.parameters if isinstance(derived, Derivation) else derived[0].parameters


def model_alone(asked: Asked) -> Model:
    """The model that is asked about, where bounds that were derived before are of no use.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        For bounds alone.
    """
    if isinstance(asked, Derivation):
        return asked.model
    if isinstance(asked, Model | str | os.PathLike):
        return given_model(asked)
    raise ModelError(
        "the whole law of an outcome is for a model, and not for bounds that were derived without it",
        remedy="Give the model, or the name of one.",
    )


def _derived(asked: Asked, estimands: str | Sequence[str] = ()) -> Derived:
    if isinstance(asked, Model | str | os.PathLike):
        return derived_for_data(given_model(asked), estimands)
    if estimands:
        raise DataError(
            f"{type(asked).__name__} has its estimands already", remedy="Give the model, or derive(model, estimands)."
        )
    if isinstance(asked, Derivation):
        return asked
    if isinstance(asked, Bounds | PiecewiseBounds):
        return _with_sources((asked,))
    several = [each for each in asked if isinstance(each, Bounds | PiecewiseBounds)] if _is_several(asked) else []
    if several and len(several) == len(asked):
        return _with_sources(tuple(several))
    raise ModelError(
        f"{type(asked).__name__} is neither a model nor bounds",
        remedy="Give a Model, the name of one, a Derivation, or Bounds.",
    )


def derived_for_data(
    model: Model, estimands: str | Sequence[str] = (), limits: Limits = Limits(), report: Report = ignore
) -> Derivation:
    """Closed forms; where there are none what is posed, for the program of the data answers."""
    try:
        return derive(model, estimands, limits=limits, report=report)
    except NoClosedFormError:
        return derive(model, estimands, limits=limits, report=report, partial=True)


def _with_sources(bounds: tuple[AnyBounds, ...]) -> Derived:
    """Where variables share no causes: the derivation of these bounds alone, by which data become cells of factors."""
    sources = [each.source for each in bounds if each.source is not None]
    if not sources:
        return bounds
    problems = [source.independent for source in sources if source.independent is not None]
    if len(problems) < len(bounds) or any(each.arms != problems[0].arms for each in problems):
        raise ModelError(
            "these bounds are of several models, some of whose variables share no causes",
            remedy="Ask for those of one model at a time.",
        )
    posed, asked = [], []
    for each, source, problem in zip(bounds, sources, problems, strict=True):
        posed += [program for program in source.problem.posed if program.estimand.name == each.name]
        asked += [program for program in problem.posed if program.estimand.name == each.name]
    model = replace(problems[0].model, estimands=tuple(each.estimand for each in asked))
    linear = tuple(each for each in bounds if isinstance(each, Bounds))
    stages = {stage.asked.estimand.name: stage for source in sources for stage in source.stages}
    return replace(
        sources[0],
        problem=replace(sources[0].problem, posed=tuple(posed), unanswered=()),
        stages=tuple(stages[each.name] for each in linear),
        bounds=linear,
        piecewise=tuple(each for each in bounds if isinstance(each, PiecewiseBounds)),
        unanswered=(),
        independent=replace(problems[0], model=model, posed=tuple(asked), unanswered=()),
    )


def _is_several(asked: object) -> TypeGuard[Sequence[object]]:
    return isinstance(asked, Sequence)


def _checked(parameters: object) -> WrittenValues:
    if parameters is None:
        return {}
    if not isinstance(parameters, Mapping):
        raise DataError(
            f"parameters are of type {type(parameters).__name__}", remedy="Write {'gamma': 0.1}, or gamma=0.1."
        )
    return parameters
