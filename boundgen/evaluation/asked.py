"""What bounds at data are asked of, in whatever form it is given: a model or its name, a derivation, bounds."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.catalogue.model_files import given_model
from boundgen.data.reading import read_data
from boundgen.derivation import Derivation, derive
from boundgen.errors import DataError, ModelError, NoClosedFormError, did_you_mean, quoted
from boundgen.exact.rational import Written
from boundgen.language.model import Model
from boundgen.language.statements import Parameter

AnyBounds = Bounds | PiecewiseBounds
WrittenValues = Mapping[str, Written | Sequence[Written]]
# What is asked, once a model is derived and bounds that stand alone are a tuple of one.
Derived = Derivation | tuple[AnyBounds, ...]
# What may be asked.
Asked = Model | str | os.PathLike[str] | AnyBounds | Derivation | Sequence[AnyBounds]
# The options of `read_data` that others pass on.
READING = tuple(
    name
    for name, parameter in inspect.signature(read_data).parameters.items()
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in ("limits", "report")
)


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

    Raises
    ------
    DataError
        For keywords that are nothing of these.
    """
    derived = _derived(asked)
    model = derived.model if isinstance(derived, Derivation) else derived[0].model
    declared = [each.name for each in declared_parameters(derived)]
    reading: dict[str, Any] = {}
    columns: dict[str, str] = {}
    values = dict(_checked(parameters))
    variables = list(model.by_name) if model else []
    for name, value in keywords.items():
        homes = [name in READING, name in variables, name in declared]
        if sum(homes) > 1:
            raise DataError(
                f"{name!r} is both an option and a name of the model",
                remedy="Say it by columns={...} or parameters={...}.",
            )
        if name in READING:
            reading[name] = value
        elif name in variables:
            columns[name] = str(value)
        elif name in declared:
            values[name] = value
        else:
            known = [*variables, *declared, *READING]
            raise DataError(
                f"there is no option {quoted(name)}", remedy=f"{did_you_mean(name, known)}options: {', '.join(known)}"
            )
    if columns:
        reading["columns"] = _with_columns(reading.get("columns", ()), columns)
    return BoundsRequest(derived, model, reading, values)


def declared_parameters(derived: Derived) -> tuple[Parameter, ...]:
    """The parameters of what is asked."""
    return derived.model.parameters if isinstance(derived, Derivation) else derived[0].parameters


def _derived(asked: Asked) -> Derived:
    if isinstance(asked, Derivation):
        return asked
    if isinstance(asked, Bounds | PiecewiseBounds):
        return (asked,)
    if isinstance(asked, Model | str | os.PathLike):
        model = given_model(asked)
        try:
            return derive(model)
        except NoClosedFormError:
            # The program of these data answers.
            return derive(model, partial=True)
    several = [each for each in asked if isinstance(each, Bounds | PiecewiseBounds)] if _is_several(asked) else []
    if several and len(several) == len(asked):
        return tuple(several)
    raise ModelError(
        f"{type(asked).__name__} is neither a model nor bounds",
        remedy="Give a Model, the name of one, a Derivation, or Bounds.",
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


def _with_columns(given: Any, more: Mapping[str, str]) -> Any:
    if isinstance(given, Mapping):
        return {**given, **more}
    return (*((given,) if isinstance(given, str) else tuple(given)), *(f"{name}={c}" for name, c in more.items()))
