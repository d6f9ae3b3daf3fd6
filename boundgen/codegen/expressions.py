"""A term as an expression that Python, R, Stata and JavaScript all read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from boundgen.bounds.phrases import phraser
from boundgen.codegen.content import ModuleContent, ModuleMean, ParameterRange, TermFunction
from boundgen.errors import LimitError
from boundgen.exact.polynomials import ONE, Polynomial
from boundgen.exact.terms import Term

# Every integer up to here is a float, so that 1 / 3 in the target is the float nearest to the fraction.
EXACT = 2**53


def number(value: Fraction) -> str:
    """An integer, a quotient of integers, or where these are too long the nearest float.

    >>> number(Fraction(-1, 3)), number(Fraction(2))
    ('-1 / 3', '2')
    """
    if abs(value.numerator) <= EXACT and value.denominator <= EXACT:
        return str(value.numerator) + ("" if value.denominator == 1 else f" / {value.denominator}")
    try:
        return repr(float(value))
    except OverflowError:
        raise LimitError(
            "a number of this model is too large for floating point, so no evaluator can hold it",
            remedy="Bounds.evaluate is exact and takes numbers of any size.",
        ) from None


def ends(parameter: ParameterRange, unbounded: Sequence[str]) -> tuple[str, str]:
    """The ends of a range, or what the target says for unbounded ones."""
    low, high = (
        word if end is None else number(end)
        for word, end in zip(unbounded, (parameter.low, parameter.high), strict=True)
    )
    return low, high


def mean_ends(mean: ModuleMean) -> tuple[str, str]:
    """The ends of a bounded outcome."""
    return number(mean.low), number(mean.high)


def operands(term: Term, order: tuple[str, ...], names: Mapping[str, str]) -> list[str]:
    """The summands in the order of print, each with its sign: ``["p11_1", "- 2 * p00_0", "- 1 / 3"]``.

    >>> operands(Term.of(1, {"g": -2}), ("g",), {"g": "gamma"})
    ['1', '- 2 * gamma']
    """
    found = []
    for i, (coefficient, symbol) in enumerate(phraser(order, names)(term)):
        size = abs(coefficient)
        factor = symbol if symbol and size == 1 else number(size) + (f" * {symbol}" if symbol else "")
        found.append((("-" if i == 0 else "- ") if coefficient < 0 else "+ " if i else "") + factor)
    return found


def terms(function: TermFunction, order: tuple[str, ...], names: Mapping[str, str], absolute: str) -> list[str]:
    """The terms of a function as expressions; ``absolute`` is the function of absolute values."""
    sums = [" ".join(operands(formula.term, order, names)) for formula in function.formulas]
    return [f"{absolute}({term})" if flag else term for term, flag in zip(sums, function.absolute, strict=True)]


def given_names(content: ModuleContent) -> dict[Polynomial, str]:
    """What cells of factors are divided by, and a name for each."""
    divisors = dict.fromkeys(each.function.denominator for each in content.factors)
    divisors.pop(ONE, None)
    return {divisor: f"given{i}" for i, divisor in enumerate(divisors)}


def polynomial_parts(polynomial: Polynomial, names: Mapping[str, str]) -> list[str]:
    """A polynomial as summands with their signs: ``a * b``, ``- 2 * c``."""
    parts: list[str] = []
    for factors, coefficient in polynomial.terms:
        size = number(abs(coefficient))
        written = " * ".join([*([size] if size != "1" or not factors else []), *(names[name] for name in factors)])
        sign = "-" if coefficient < 0 else "+" if parts else ""
        parts.append(f"{sign}{' ' * bool(parts)}{written}")
    return parts or ["0"]
