"""Values as texts: whatever file they come from, equal values are equal texts."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from boundgen.exact.rational import as_float, is_decimal, number_in

Text = str | None

MISSING_TEXTS = frozenset(("", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "null", "NULL", "None", "."))
EXACT_FLOAT = 2**53


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
    return text is None or text.strip() in MISSING_TEXTS


def missing_among(texts: Collection[Text]) -> set[Text]:
    """Those that stand for no value; fast where there are none.

    >>> missing_among(["a", " NA", "b"]), missing_among({"a": 1})
    ({' NA'}, set())
    """
    stated = [text for text in texts if text is not None]
    found: set[Text] = (
        set(filter(is_missing, stated)) if not MISSING_TEXTS.isdisjoint(map(str.strip, stated)) else set()
    )
    return found if len(stated) == len(texts) else {*found, None}


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


def listed(items: list[str] | tuple[str, ...], most: int = 12) -> str:
    """Some of many for a message."""
    shown = ", ".join(items[:most])
    return f"{shown}, and {len(items) - most} more" if len(items) > most else shown
