"""An estimand where causes are independent: coefficients times the probabilities of potential outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.bounds.needed_responses import KnownValues, leaves
from boundgen.errors import NotLinearError
from boundgen.exact.polynomials import Polynomial
from boundgen.language.expressions import Sum
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.strata.averages import Average, products
from boundgen.strata.forms import Mean


@dataclass(frozen=True)
class Expanded:
    """A coefficient and the responses that a part of an estimand needs."""

    coefficient: Polynomial
    responses: KnownValues


@dataclass(frozen=True)
class EstimandParts:
    """An estimand as sums of coefficients times the probabilities of responses.

    Parameters
    ----------
    numerator, divisor : sequence of (Polynomial, KnownValues)
        No divisor is one.
    low, high : Fraction
        What it lies between without data.
    """

    numerator: Sequence[tuple[Polynomial, KnownValues]]
    divisor: Sequence[tuple[Polynomial, KnownValues]] | None
    low: Fraction
    high: Fraction

    @property
    def leaves(self) -> list[tuple[int, KnownValues]]:
        """The responses of both."""
        return [(1, known) for _, known in (*self.numerator, *(self.divisor or ()))]


def estimand_parts(model: Model, estimand: Estimand) -> EstimandParts:
    """An estimand taken apart, whatever the data are.

    Raises
    ------
    NotLinearError
        For products of probabilities, means given different conditions, and ratios of linear expressions.
    """
    if estimand.divisor is not None:
        raise NotLinearError(
            f"estimand '{estimand.name}' is a ratio, and independent causes make a polynomial program",
            estimand.where,
            "Ask for its numerator and its divisor, each by itself.",
        )
    numerator, divisor = parts_of(model, estimand)
    low = high = Fraction(0)
    for each in products(model, estimand.expression, {}, estimand.where):
        sizes = [Fraction(1)]
        for average in each.averages:
            values = [value for _, mean in average.parts for value, _ in leaves(model, mean.value)]
            sizes = [Fraction(min(values)), Fraction(max(values))]
        number = each.coefficient.constant
        if number is None:
            raise NotLinearError(
                f"estimand '{estimand.name}' multiplies by a parameter, and its bounds are a polynomial program",
                estimand.where,
                "Put a number in their place.",
            )
        ends = [number * size for size in sizes]
        low, high = low + min(ends), high + max(ends)
    return EstimandParts(
        [(each.coefficient, each.responses) for each in numerator],
        None if divisor is None else [(each.coefficient, each.responses) for each in divisor],
        low,
        high,
    )


def parts_of(model: Model, estimand: Estimand) -> tuple[list[Expanded], list[Expanded] | None]:
    """The numerator, and the divisor where there is one."""
    numerator, conditions = _sum(model, estimand.expression, estimand)
    if estimand.divisor is not None:
        below, more = _sum(model, estimand.divisor, estimand)
        if conditions or more:
            raise _not_one_ratio(estimand)
        return numerator, below
    if not conditions:
        return numerator, None
    if len(conditions) > 1 or any(None in each for each in conditions):
        raise _not_one_ratio(estimand)
    return numerator, list(next(iter(conditions.values())))


def _not_one_ratio(estimand: Estimand) -> NotLinearError:
    return NotLinearError(
        f"estimand '{estimand.name}' adds or divides means given different conditions, and causes are independent",
        estimand.where,
        "Ask for each mean by itself.",
    )


def _sum(
    model: Model, expression: Sum, estimand: Estimand
) -> tuple[list[Expanded], dict[tuple[object, ...], tuple[Expanded, ...]]]:
    """The parts of an expression, and the conditions that its means are given; all share one where there is any."""
    parts: list[Expanded] = []
    conditions: dict[tuple[object, ...], tuple[Expanded, ...]] = {}
    plain = False
    for each in products(model, expression, {}, estimand.where):
        if len(each.averages) > 1:
            raise NotLinearError(
                f"estimand '{estimand.name}' multiplies two probabilities, and causes are independent",
                estimand.where,
                "Ask for each by itself.",
            )
        if not each.averages:
            parts.append(Expanded(each.coefficient, ()))
            plain = True
            continue
        (average,) = each.averages
        for weight, mean in average.parts:
            parts += [
                Expanded((each.coefficient * weight).scaled(value), known)
                for single in _single(mean)
                for value, known in leaves(model, single.value)
                if value
            ]
        if average.conditional:
            key = tuple((weight, m.condition, m.context, m.indices) for weight, m in average.parts)
            conditions[key] = tuple(_condition(model, average))
        else:
            plain = True
    if conditions and plain:
        raise _not_one_ratio(estimand)
    return parts, conditions


def _condition(model: Model, average: Average) -> Iterator[Expanded]:
    for weight, mean in average.parts:
        for value, known in leaves(model, mean.meets_condition):
            if value:
                yield Expanded(weight, known)


def _single(mean: Mean) -> Iterator[Mean]:
    """A mean of a sum as means of its terms: each may be identified where their sum is not one event."""
    if isinstance(mean.content, Sum) and len(mean.content.terms) > 1:
        for term in mean.content.terms:
            yield replace(mean, content=Sum((term,)))
    else:
        yield mean
