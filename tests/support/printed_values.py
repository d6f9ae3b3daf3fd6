"""The value of a printed form at data, read from its text in ASCII."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from boundgen.bounds.symbols import Notation

Names = Mapping[str, Fraction]


def printed_value(text: str, notation: Notation, at: Names, more: Names | None = None) -> Fraction:
    """The value of ``P(Z=0) p1.0 + 2 max{p1.0, 1/2 p1.1} / (1 - g)``; `more` has values of what is printed besides.

    Raises
    ------
    ZeroDivisionError
    """
    own = {short: at.get(name, Fraction(0)) for name, short in notation.texts(unicode=False).items()}
    values = {**(more or {}), **own}
    pattern = "|".join(re.escape(short) for short in sorted(values, key=len, reverse=True))
    tokens = re.findall(rf"max\{{|min\{{|{pattern}|\d+|[-+*/(),}}]", text)
    assert "".join(tokens) == text.replace(" ", ""), text
    code, before = "", ""
    for token in tokens:
        is_factor = token in values or token in ("max{", "min{", "(") or token.isdigit()
        if is_factor and (before in values or before in (")", "}") or before.isdigit()):
            code += "*"
        if token in values:
            code += f"values[{token!r}]"
        else:
            code += f"Fraction({token})" if token.isdigit() else token.replace("{", "(").replace("}", ")")
        before = token
    return Fraction(eval(code, {"values": values, "Fraction": Fraction, "max": max, "min": min}))
