"""Calls that do not fit: what is missing, or is no argument, is said as other errors are.

Public functions are marked `public`. Of a `public_class` so are the public methods and, where it has one, `__init__`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from boundgen.errors import CallError, did_you_mean, quoted

Called = TypeVar("Called", bound=Callable[..., Any])
Class = TypeVar("Class", bound=type)


def public(function: Called) -> Called:
    """A function that says in an error of its own when it is called with too little, or with what it does not take.

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
        except TypeError as error:
            # A call that does not fit has not entered the function.
            entered = error.__traceback__ is not None and error.__traceback__.tb_next is not None
            if entered:
                raise
            raise _misfit(function, given, named) from None

    return called  # type: ignore[return-value]


def public_class(made: Class) -> Class:
    """A class with its public methods, and how it is made, `public`.

    Returns
    -------
    class
    """
    for name, member in list(vars(made).items()):
        if inspect.isfunction(member) and (name == "__init__" or not name.startswith("_")):
            setattr(made, name, public(member))
    return made


def _misfit(function: Callable[..., Any], given: tuple[Any, ...], named: Mapping[str, Any]) -> CallError:
    """What does not fit, and how the function is called."""
    declared = list(inspect.signature(function).parameters.values())
    method = bool(declared) and declared[0].name == "self"
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
