"""The one reader of numbers that people write: exact, and guarded against what no computer can hold."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Rational, Real

from boundgen.errors import BoundgenError, DataError

Number = Fraction | int
# What a caller may give where a number is wanted; integers and floats of numpy are taken too.
Written = Fraction | int | str | Decimal

LONGEST = 40
LONGEST_EXPONENT = 3
# Digits of numbers that a program made; Python prints no integer above 4300.
MOST_DIGITS = 4000
INEXACT = "is a float, which is not exact"
EXACT_REMEDY = "Give a Fraction, an int or a text: '0.1'."
REMEDY = "Write a number: 0.25, 1/4 or 2.5e-3."

_DECIMAL = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?(?P<exponent{}>[0-9]+))?"
TEXT = re.compile(rf"[+-]?{_DECIMAL.format(1)}(?:[ \t]*/[ \t]*(?P<below>{_DECIMAL.format(2)}))?", re.ASCII)

SHORT = re.compile(rf"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{{1,{LONGEST_EXPONENT}}})?", re.ASCII)


def rational(value: object, what: str, error: type[BoundgenError] = DataError, remedy: str = REMEDY) -> Fraction:
    """The exact number that somebody gave.

    Parameters
    ----------
    value : str, int, Fraction or Decimal
        Texts are integers, decimals, fractions of these, and decimals with an exponent: ``1/3``, ``0.25``, ``1e-3``.
    what : str
        What the number is to be, for the message.
    error : type
        Of the exception.
    remedy : str
        What to do about what is no number.

    Raises
    ------
    error
        For what is no number or not exact (a float), texts longer than 40 characters, exponents of more than three
        digits, infinities, booleans, underscores, and digits that are not those of ASCII.

    Examples
    --------
    >>> rational("1/3", "the share"), rational("2.5E+4", "the share"), rational(" -0.25 ", "the share")
    (Fraction(1, 3), Fraction(25000, 1), Fraction(-1, 4))
    """
    found = rational_or_reason(value)
    if isinstance(found, Fraction):
        return found
    if found == INEXACT:
        raise error(f"{what} {found}", None, EXACT_REMEDY)
    raise error(f"{what} = {shown(value)} {found}", None, remedy)


def measured(value: object, what: str, remedy: str = REMEDY) -> Fraction:
    """The exact number that data give: a float is the decimal number as which it prints, 0.1 one tenth.

    >>> measured(0.1, "the share"), measured("1/3", "the share")
    (Fraction(1, 10), Fraction(1, 3))
    """
    if isinstance(value, Real) and not isinstance(value, Rational) and math.isfinite(value):
        # Of numpy, a float of 32 bits prints fewer digits than it has as one of 64.
        text = str(value) if type(value).__module__ == "numpy" else repr(float(value))
        return rational(text, what, remedy=remedy)
    if isinstance(value, float):
        raise DataError(f"{what} = {value} is not a number", remedy=remedy)
    return rational(value, what, remedy=remedy)


def real(value: object, what: str, remedy: str = REMEDY) -> float:
    """A number for what floats are good enough: also a finite float.

    >>> real(0.9, "the level"), real("1/4", "the level")
    (0.9, 0.25)
    """
    if isinstance(value, Real) and not isinstance(value, Rational) and math.isfinite(value):
        return float(value)
    exact = rational(value, what, remedy=remedy)
    number = as_float(exact)
    if not math.isfinite(number):
        raise DataError(f"{what} = {shown(value)} is too large", remedy=remedy)
    return number


def whole(value: object, what: str, remedy: str = "Give an integer.") -> int:
    """An integer.

    >>> whole("12", "the seed"), whole("1e3", "the seed"), whole(1e3, "draws")
    (12, 1000, 1000)
    """
    number = measured(value, what, remedy=remedy)
    if number.denominator != 1:
        raise DataError(f"{what} = {shown(value)} is not an integer", remedy=remedy)
    return int(number)


def number_in(text: str) -> Fraction | None:
    """The number that a text is; None where it is none.

    >>> number_in("1e-3"), number_in("1_0"), number_in("nan"), number_in("1e9999")
    (Fraction(1, 1000), None, None, None)
    """
    found = rational_or_reason(text)
    return found if isinstance(found, Fraction) else None


def is_decimal(text: str) -> bool:
    """Whether a text is a number without a fraction bar: what `float` and `Decimal` may then read, many times faster.

    >>> is_decimal("2.5e-3"), is_decimal("1/3"), is_decimal("1_0"), is_decimal("1e9999")
    (True, False, False, False)
    """
    return len(text) <= LONGEST and SHORT.fullmatch(text) is not None


def rational_or_reason(value: object) -> Fraction | str:
    """The number, or in words why there is none."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return "is not a number but true or false"
    if isinstance(value, str):
        return _of_text(value.strip(" \t\r\n"))
    if isinstance(value, Decimal):
        return _of_decimal(value)
    if isinstance(value, Rational):
        digits = max(int(value.numerator).bit_length(), int(value.denominator).bit_length()) * math.log10(2)
        if digits > MOST_DIGITS:
            return f"has more than {MOST_DIGITS} digits"
        return Fraction(int(value.numerator), int(value.denominator))
    return INEXACT if isinstance(value, Real) else "is not a number"


def _of_text(text: str) -> Fraction | str:
    if len(text) > LONGEST:
        return f"is longer than {LONGEST} characters"
    match = TEXT.fullmatch(text)
    if match is None:
        return "is not a number"
    if any(_is_long(match[group]) for group in ("exponent1", "exponent2")):
        return f"has an exponent of more than {LONGEST_EXPONENT} digits"
    above, _, below = text.partition("/")
    divisor = Fraction(below.strip() or 1)
    return Fraction(above.strip()) / divisor if divisor else "divides by zero"


def _is_long(exponent: str | None) -> bool:
    return exponent is not None and len(exponent) > LONGEST_EXPONENT


def _of_decimal(value: Decimal) -> Fraction | str:
    if not value.is_finite():
        return "is not a finite number"
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) + abs(exponent) > MOST_DIGITS:
        return f"has more than {MOST_DIGITS} digits"
    return Fraction(value)


def as_float(number: Number) -> float:
    """The nearest float, infinite where that is too large.

    >>> as_float(Fraction(1, 4)), as_float(10**400)
    (0.25, inf)
    """
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def shown(value: object) -> str:
    """A value for a message, cut to what a reader takes in; nothing in it may act on a terminal."""
    if isinstance(value, Integral | Rational) and not isinstance(value, bool):
        large = max(int(value.numerator).bit_length(), int(value.denominator).bit_length()) > LONGEST * 4
        return "a number of very many digits" if large else str(value)
    text = str(value)
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")
