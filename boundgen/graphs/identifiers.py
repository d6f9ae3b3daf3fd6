"""Names of nodes as identifiers of the language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from boundgen.language.values import KEYWORDS


def identifiers(names: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """An identifier for each name, its own where it is one.

    Parameters
    ----------
    names : iterable of str
    taken : collection of str
        What may not be used: values that are names.

    Returns
    -------
    dict

    Examples
    --------
    >>> identifiers(["X", "IL-6", "IL_6", "in", "7 days", "Größe"])
    {'X': 'X', 'IL-6': 'IL_6_2', 'IL_6': 'IL_6', 'in': 'in_', '7 days': 'V7_days', 'Größe': 'Groe'}
    """
    names = list(names)
    used = {name for name in names if _is_identifier(name) and name not in taken}
    found = {}
    for name in names:
        if name not in used:
            found[name] = free_name(plain_name(name), used | set(taken))
            used.add(found[name])
        else:
            found[name] = name
    return found


def plain_name(text: str, prefix: str = "V") -> str:
    """The letters, digits and underscores of a text as an identifier.

    Returns
    -------
    str

    Examples
    --------
    >>> plain_name("My graph (2)"), plain_name("2", "model_")
    ('My_graph_2', 'model_2')
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", ascii_text).strip("_")
    plain = plain if re.match(r"[A-Za-z]", plain) else f"{prefix}{plain}".rstrip("_")
    return f"{plain}_" if plain in KEYWORDS else plain


def _is_identifier(name: str) -> bool:
    return name.isascii() and name.isidentifier() and name not in KEYWORDS


def free_name(name: str, used: Collection[str], between: str = "_") -> str:
    """The name, with a number behind it where it is used already.

    Returns
    -------
    str

    Examples
    --------
    >>> free_name("U", {"X"}), free_name("U", {"U", "U_2"})
    ('U', 'U_3')
    """
    number, candidate = 2, name
    while candidate in used:
        candidate = f"{name}{between}{number}"
        number += 1
    return candidate
