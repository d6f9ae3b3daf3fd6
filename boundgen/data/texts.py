"""Values as texts: whatever file they come from, equal values are equal texts."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from fractions import Fraction
from typing import Any

from boundgen.errors import LONGEST_VALUE, shortened
from boundgen.exact.rational import as_float, is_decimal, number_in

Text = str | None

# Without regard to case; "none" is a level (of education, of debt) as often as it is no value, "None" is Python's.
MISSING_WORDS = frozenset(
    (
        *("", ".", "na", "n/a", "n.a.", "#na", "#n/a", "#n/a n/a", "<na>", "nan", "-nan", "null", "(null)", "\\n"),
        *("na_integer_", "na_real_", "na_character_", "1.#qnan", "-1.#ind"),
        *("#null!", "#div/0!", "#value!", "#ref!", "#num!", "#name?"),
    )
)
LONGEST_MISSING = max(map(len, MISSING_WORDS))
PYTHON_NONE = "None"
TRUTH = {"true": 1, "false": 0}
EXACT_FLOAT = 2**53
NUMERIC = re.compile(r"'?[+\-\u2212]?[.,]?\d[\d.,'_ \u2019\u00a0\u202f]*(e[+-]?\d+)?\s*%?", re.IGNORECASE)


def text_of(value: Any) -> Text:
    """A value of a typed file as CSV would have it; None where it is missing.

    >>> text_of(1.0), text_of(0.1), text_of(True), text_of(float("nan")), text_of("low")
    ('1', '0.1', 'True', None, 'low')
    """
    if value is None or value != value:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if _is_float(value) and math.isfinite(value) and value == int(value) and abs(value) <= EXACT_FLOAT:
        return str(int(value))
    return str(value)


def _is_float(value: Any) -> bool:
    """Also the floats of numpy, whatever their width."""
    return isinstance(value, float) or type(value).__name__ in ("float16", "float32", "float64")


def is_missing(text: Text) -> bool:
    """Whether the text stands for no value: empty, ``NA``, ``NaN``, ``.`` and the like."""
    return text is None or _is_missing(text.strip())


def _is_missing(text: str) -> bool:
    return text == PYTHON_NONE or (len(text) <= LONGEST_MISSING and text.lower() in MISSING_WORDS)


def missing_among(texts: Collection[Text]) -> set[Text]:
    """Those that stand for no value; fast where there are none.

    >>> missing_among(["a", " NA", "b"]), missing_among({"a": 1})
    ({' NA'}, set())
    """
    return {text for text in set(texts) if is_missing(text)}


def as_number(text: str) -> int | float | None:
    """The finite number that a text is, or None.

    >>> as_number("01"), as_number("1.0"), as_number(" 2.5 "), as_number("1_000"), as_number("low"), as_number("1/4")
    (1, 1.0, 2.5, None, None, 0.25)
    """
    text = text.strip(" \t\r\n")
    if is_decimal(text):
        number = int(text) if text.isdecimal() else float(text)
        return number if math.isfinite(number) else None
    exact = number_in(text)
    return None if exact is None or not math.isfinite(as_float(exact)) else as_float(exact)


def number_or_truth(text: str) -> int | float | None:
    """The number that a text is, also where statistics programs write truth for 1 and 0.

    >>> number_or_truth("TRUE"), number_or_truth("1.0"), number_or_truth("yes")
    (1, 1.0, None)
    """
    return TRUTH[text.lower()] if text.lower() in TRUTH else as_number(text)


def exact_number(text: str) -> Fraction | None:
    """The same, exactly.

    >>> exact_number("TRUE"), exact_number(".5"), exact_number("1/2"), exact_number("low")
    (Fraction(1, 1), Fraction(1, 2), Fraction(1, 2), None)
    """
    truth = TRUTH.get(text.lower())
    return number_in(text) if truth is None else Fraction(truth)


def label_text(text: str) -> str:
    """A label as it is compared: whole numbers without decimals, however a program wrote them.

    >>> label_text(" 1.0"), label_text("1e+05"), label_text("01"), label_text("1.5"), label_text("a b ")
    ('1', '100000', '01', '1.5', 'a b')
    """
    plain = text.strip()
    number = as_number(plain) if plain and not plain.isdecimal() else None
    return str(int(number)) if number is not None and abs(number) < EXACT_FLOAT and number == int(number) else plain


def looks_numeric(text: str) -> bool:
    """Whether a person would read a number, also where `as_number` does not.

    >>> [looks_numeric(text) for text in ("1,5", "1 234", "12%", "1.5", "low", "2020-01-01")]
    [True, True, True, True, False, False]
    """
    return NUMERIC.fullmatch(text.strip()) is not None


def listed(items: list[str] | tuple[str, ...], most: int = 12) -> str:
    """Some of many for a message."""
    shown = ", ".join(shortened(item, LONGEST_VALUE) for item in items[:most])
    return f"{shown}, and {len(items) - most} more" if len(items) > most else shown
