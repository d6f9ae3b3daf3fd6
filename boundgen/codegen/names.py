"""Names that a target language accepts, and that stand for one thing each."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def free_names(wanted: Iterable[str], reserved: Collection[str], most: int = 0) -> tuple[str, ...]:
    """Each name, with underscores behind it where it is reserved or taken.

    Parameters
    ----------
    wanted : iterable of str
    reserved : collection of str
        Keywords of the language, and what the module itself uses.
    most : int
        The longest name that the language allows; 0 where it does not care.

    >>> free_names(["gamma", "lambda", "lambda_"], {"lambda"})
    ('gamma', 'lambda__', 'lambda_')
    """
    names = [name[:most] if most else name for name in wanted]
    taken = {*reserved, *names}
    found: list[str] = []
    for name in names:
        free = name if name not in reserved and name not in found else _free(name, taken | set(found), most)
        found.append(free)
    return tuple(found)


def _free(name: str, taken: Collection[str], most: int) -> str:
    """A name of the same beginning that is not taken."""
    i = 1
    while True:
        tail = "_" * i if i < 3 else f"_{i}"
        free = (name[: most - len(tail)] if most else name) + tail
        if free not in taken:
            return free
        i += 1
