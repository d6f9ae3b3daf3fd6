"""Values of variables: integers, other rational numbers, and labels, which are quoted where they are no identifiers."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from boundgen.errors import ModelError, Place
from boundgen.exact.rational import number_in
from boundgen.rendering.characters import character_name, first_unplain

Value = int | Fraction | str
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
KEYWORDS = frozenset(
    "model source variable in randomized confounded unconfounded observe parameter assume for all define estimand "
    "claim conditions lower upper expect sharp valid invalid holds do and or not max min inf P E".split()
)
LONGEST_LABEL = 60
ONE_LINE = "Texts are one line of letters, digits and signs, which every output can hold as they are."


def is_number(value: object) -> bool:
    """Whether a value may be used in arithmetic."""
    return isinstance(value, int | Fraction)


def number_value(number: Fraction) -> int | Fraction:
    """A number as a value: integers are int.

    Returns
    -------
    int or Fraction

    Examples
    --------
    >>> number_value(Fraction(4, 2)), number_value(Fraction(1, 2))
    (2, Fraction(1, 2))
    """
    return int(number) if number.denominator == 1 else number


def is_plain_label(label: str) -> bool:
    """Whether a label is written without quotation marks: an identifier that is no reserved word."""
    return label.isascii() and label.isidentifier() and label not in KEYWORDS


def value_text(value: Value) -> str:
    """A value as it is written in models and in names of cells.

    Returns
    -------
    str

    Examples
    --------
    >>> value_text(Fraction(-1, 2)), value_text("low"), value_text("1st class")
    ('-1/2', 'low', '"1st class"')
    """
    return f'"{value}"' if isinstance(value, str) and not is_plain_label(value) else str(value)


def values_text(values: tuple[Value, ...]) -> str:
    """Values, with commas between them."""
    return ", ".join(map(value_text, values))


def check_label(label: str, variable: str, where: Place | None = None) -> None:
    """Labels are one short line, without quotation marks, and no numbers."""
    fault = _fault(label)
    if fault:
        raise ModelError(f"a value of '{variable}' {fault[0]}", where, fault[1])


def _fault(label: str) -> tuple[str, str] | None:
    at = first_unplain(label)
    if at is not None:
        return f"holds {character_name(label[at])}", ONE_LINE
    if '"' in label:
        return f"is the text {label!r}, which holds a quotation mark", "Leave it out: texts have no escapes."
    if not label or label != re.sub(r"\s+", " ", label).strip():
        return (
            f"is the text {label!r}, which is empty or begins, ends or is divided with blanks too many",
            "Write words with one blank between them.",
        )
    if len(label) > LONGEST_LABEL:
        return f"is a text of {len(label)} characters", f"A label has at most {LONGEST_LABEL}: shorten it."
    if number_in(label) is not None:
        return f'is the text "{label}", which is a number', "Write the number itself, without quotation marks."
    return None
