"""One part of a result by its name, as of a mapping."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from boundgen.errors import CallError, did_you_mean, quoted


def named_part(result: object, parts: Iterable[tuple[str, Any]], name: object) -> Any:
    """What a result has under a name, or at a place: one part, or a tuple of several (at values of parameters).

    Parameters
    ----------
    result : object
        Of which the parts are, for the error.
    parts : iterable of (str, object)
    name : str or int

    Returns
    -------
    object or tuple

    Raises
    ------
    CallError
        If nothing has that name.
    """
    given = list(parts)
    if isinstance(name, int):
        return given[name][1]
    found = tuple(part for own, part in given if own == name)
    if found:
        return found[0] if len(found) == 1 else found
    names = dict.fromkeys(own for own, _ in given)
    raise CallError(
        f"{type(result).__name__} has nothing for {quoted(name)}",
        remedy=f"{did_you_mean(name, names)}It has: {', '.join(names) or 'none'}.",
    )
