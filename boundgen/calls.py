"""Calls that do not fit: what is missing, is no argument, or is of another type, is said as other errors are.

Public functions are marked `public`. Of a `public_class` so are the public methods and, where it has one, `__init__`.
Types are looked at where a call has failed, and not before: what works, works.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from numbers import Integral, Real
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from boundgen.errors import BoundgenError, CallError, did_you_mean, quoted

NUMBERS: dict[Any, type] = {float: Real, int: Integral}
WORDS: dict[Any, str] = {
    str: "a text",
    int: "an integer",
    float: "a number",
    bool: "True or False",
    type(None): "None",
    Sequence: "a list",
    Mapping: "a mapping",
    Callable: "a function",
}
Called = TypeVar("Called", bound=Callable[..., Any])
Class = TypeVar("Class", bound=type)


def public(function: Called) -> Called:
    """A function that says in an error of ours when it is called with too little, or with what it does not take.

    Returns
    -------
    function

    Examples
    --------
    >>> @public
    ... def half(number, digits=2):
    ...     return round(number / 2, digits)
    >>> half()
    Traceback (most recent call last):
    boundgen.errors.CallError: half: 'number' is missing
      Call half(number, ...).
    """

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        except BoundgenError:
            raise
        except (TypeError, AttributeError, KeyError) as error:
            # A call that does not fit has not entered the function.
            entered = error.__traceback__ is not None and error.__traceback__.tb_next is not None
            if not entered:
                raise _misfit(function, given, named) from None
            wrong = _of_another_type(function, given, named)
            if wrong is None:
                raise
            raise wrong from None

    return called  # type: ignore[return-value]


def public_class(made: Class) -> Class:
    """A class with its public methods, and how it is made, `public`.

    Returns
    -------
    class
    """
    for name, member in list(vars(made).items()):
        if name.startswith("_") and name != "__init__":
            continue
        if inspect.isfunction(member):
            setattr(made, name, public(member))
        elif isinstance(member, classmethod | staticmethod):
            setattr(made, name, type(member)(public(member.__func__)))
    return made


def check_fields(value: Any) -> None:
    """Refuse a dataclass of which a field is of another type than it says.

    Raises
    ------
    _wrong
        The error of that field.
    """
    hints = get_type_hints(type(value))
    for name, hint in hints.items():
        if not _fits(getattr(value, name), hint):
            raise _wrong(type(value).__name__, name, getattr(value, name), hint)


def _misfit(function: Callable[..., Any], given: tuple[Any, ...], named: Mapping[str, Any]) -> CallError:
    """What does not fit, and how the function is called."""
    declared = list(inspect.signature(function).parameters.values())
    method = bool(declared) and declared[0].name in ("self", "cls")
    own = declared[1:] if method else declared
    name = function.__qualname__.removesuffix(".__init__")
    by_place = [each for each in own if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    known = [each.name for each in own if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    placed = [each.name for each in by_place[: len(given) - method]]
    open_ended = any(each.kind == each.VAR_KEYWORD for each in own)
    unknown = [each for each in named if each not in known and not open_ended]
    if unknown:
        arguments = f"{did_you_mean(unknown[0], known)}arguments: {', '.join(known)}"
        return CallError(f"{name} takes no {quoted(unknown[0])}", remedy=arguments)
    needed = [each.name for each in own if each.name in known and each.default is each.empty]
    more = ["..."] if len(own) > len(needed) else []
    remedy = f"Call {name.rpartition('.')[2]}({', '.join([*needed, *more])})."
    twice = [each for each in named if each in placed]
    if twice:
        return CallError(f"{name}: {quoted(twice[0])} is given twice", remedy=remedy)
    if len(given) - method > len(by_place):
        return CallError(f"{name}: {len(given) - method} arguments by place, of {len(by_place)}", remedy=remedy)
    missing = [quoted(each) for each in needed if each not in placed and each not in named]
    are = "is" if len(missing) == 1 else "are"
    return CallError(f"{name}: {' and '.join(missing)} {are} missing", remedy=remedy)


# ---------------------------------------------------------------- types
def _of_another_type(
    function: Callable[..., Any], given: tuple[Any, ...], named: Mapping[str, Any]
) -> CallError | None:
    """The first argument of a failed call that is not of the type that is declared for it."""
    signature = inspect.signature(function)
    for name, value in signature.bind(*given, **named).arguments.items():
        parameter = signature.parameters[name]
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        hint = _hint(parameter.annotation, function)
        if value is not parameter.default and not _fits(value, hint):
            return _wrong(function.__qualname__.removesuffix(".__init__"), name, value, hint)
    return None


def _wrong(of: str, name: str, value: Any, hint: Any) -> CallError:
    shown = quoted(value) if isinstance(value, str | int | float) else f"of type {type(value).__name__}"
    return CallError(f"{of}: {quoted(name)} is {shown}", remedy=f"Give {_said(hint)}.")


def _hint(annotation: Any, function: Callable[..., Any]) -> Any:
    """The type that an annotation names; any, where it can be known to type checkers alone."""
    try:
        return eval(annotation, function.__globals__) if isinstance(annotation, str) else annotation
    except (NameError, TypeError):
        return Any


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value may be of this type, as far as can be seen from outside."""
    origin = get_origin(hint)
    if hint in (Any, inspect.Parameter.empty):
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, each) for each in get_args(hint))
    if origin is Literal:
        return value in get_args(hint)
    if hint in (None, type(None)):
        return value is None
    kind = NUMBERS.get(hint, origin or hint)
    if not isinstance(kind, type):
        return True
    return isinstance(value, kind) and not (kind is Sequence and isinstance(value, str))


def _said(hint: Any) -> str:
    """A type in words."""
    if get_origin(hint) is Literal:
        return f"one of {', '.join(map(str, get_args(hint)))}"
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(dict.fromkeys(_said(each) for each in get_args(hint)))
    return WORDS.get(get_origin(hint) or hint, getattr(get_origin(hint) or hint, "__name__", "something else"))
