"""Numbers in reports."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isinf, isnan

from boundgen.rendering.signs import signs

DIGITS = 4
# From here on digits behind the point say nothing.
LARGE = 1e6
# Rounding errors of sums of units.
ZERO = 1e-12


def decimal(value: Fraction | float, unicode: bool = False) -> str:
    """Four digits behind the point; zero has no sign.

    >>> decimal(-0.000001), decimal(Fraction(-1, 3), unicode=True)
    ('0.0000', '−0.3333')
    """
    text = f"{float(value):.{DIGITS}f}"
    return with_minus(text.removeprefix("-") if float(text) == 0 else text, unicode)


def end(value: float, unicode: bool = False) -> str:
    """The end of an interval, which may be infinite.

    >>> end(-float("inf")), end(float("inf"), unicode=True), end(0.5)
    ('-inf', '∞', '0.5000')
    """
    if isinf(value):
        return with_minus(f"{'-' if value < 0 else ''}{'∞' if unicode else 'inf'}", unicode)
    return decimal(value, unicode)


def end_json(value: float | None) -> float | str | None:
    """JSON has no infinities: they are texts."""
    return str(value) if value is not None and isinf(value) else value


def short(value: Fraction | float, unicode: bool = False) -> str:
    """As many digits as are needed, six at most.

    >>> short(Fraction(-1, 3)), short(0.5)
    ('-0.333333', '0.5')
    """
    return with_minus(f"{float(value):g}", unicode)


def percent_of(level: Fraction | float) -> str:
    """A level in percent, with all of its digits: 0.999999999 is not 100.

    >>> percent_of(0.95), percent_of(0.999999999), percent_of(1 - Fraction("0.95"))
    ('95', '99.9999999', '5')
    """
    exact = level if isinstance(level, Fraction) else Fraction(repr(float(level)))
    # Levels are decimal numbers; what is not has as many digits as a float.
    return f"{Decimal((100 * exact).numerator) / (100 * exact).denominator:.17g}"


def of_any_size(value: float) -> str:
    """Four digits behind the point, of what is small or large three digits in all; in unicode.

    >>> of_any_size(-0.00002), of_any_size(float("inf")), of_any_size(float("nan"))
    ('−2e−05', '∞', 'undefined')
    """
    if isnan(value):
        return "undefined"
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) < ZERO:
        return decimal(0.0)
    form = f".{DIGITS}f" if 10**-DIGITS <= abs(value) < LARGE else ".3g"
    return with_minus(f"{value:{form}}", True)


def with_minus(text: str, unicode: bool) -> str:
    """A number's text with the minus sign that is wanted."""
    return text.replace("-", signs(unicode).minus)
