"""Shares and means of bounded outcomes to the cells of their two-valued stand-ins, and back.

Y = LO + (HI - LO) B: a cell of B = 1 is (E[Y;M=m] - LO P(M=m)) / (HI - LO), a cell of B = 0 is
(HI P(M=m) - E[Y;M=m]) / (HI - LO), so that a stand-in has probabilities exactly where the outcome is between its ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from boundgen.errors import DataError
from boundgen.exact.polynomials import Polynomial
from boundgen.exact.rational import Number, shown
from boundgen.exact.terms import Term, combination
from boundgen.strata.cells import Arm, MeanCell, mean_cells

# Means are given in decimals: by so much they may be beyond what is possible.
ROUNDING = Fraction(1, 10**9)


def in_means(arms: Iterable[Arm]) -> dict[str, Term]:
    """Each cell of a stand-in as a function of shares and means."""
    found: dict[str, Term] = {}
    for mean in mean_cells(arms):
        found[mean.low_cell], found[mean.high_cell] = _ends(mean)
    return found


def _ends(mean: MeanCell) -> tuple[Term, Term]:
    width = mean.high - mean.low
    share = Term.of(0, {mean.share: 1}) if mean.share else Term(Fraction(1))
    value = Term.of(0, {mean.name: 1})
    return (
        combination([(mean.high / width, share), (-1 / width, value)]),
        combination([(1 / width, value), (-mean.low / width, share)]),
    )


def term_in_means(term: Term, known: Mapping[str, Term]) -> Term:
    """A function of cells as one of shares and means; whatever else stands in it stays."""
    if not known.keys() & {name for name, _ in term.coefficients}:
        return term
    parts: list[tuple[Number, Term]] = [(1, Term.of(term.constant))]
    parts += [(c, known.get(name, Term.of(0, {name: 1}))) for name, c in term.coefficients]
    return combination(parts)


def polynomial_in_means(polynomial: Polynomial, known: Mapping[str, Term]) -> Polynomial:
    """The same of a polynomial."""
    if not known.keys() & polynomial.names:
        return polynomial
    total = Polynomial()
    for names, coefficient in polynomial.terms:
        product = Polynomial.number(coefficient)
        for name in names:
            product *= Polynomial.linear(known[name]) if name in known else Polynomial.name(name)
        total += product
    return total


def of_means(arms: Iterable[Arm]) -> dict[str, Term]:
    """Each share and mean as a function of the cells of stand-ins."""
    found: dict[str, Term] = {}
    for mean in mean_cells(arms):
        found[mean.name] = Term.of(0, {mean.low_cell: mean.low, mean.high_cell: mean.high})
        if mean.share:
            found.setdefault(mean.share, Term.of(0, {mean.low_cell: 1, mean.high_cell: 1}))
    return found


def values_of_means(arms: Iterable[Arm], values: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Values of cells with those of shares and means in place of stand-ins."""
    functions = of_means(arms)
    hidden = {name for mean in mean_cells(arms) for name in (mean.low_cell, mean.high_cell)}
    if not hidden & values.keys():
        return dict(values)
    at = {name: values.get(name, Fraction(0)) for name in hidden}
    found = {name: function.value(at) for name, function in functions.items()}
    return found | {name: value for name, value in values.items() if name not in hidden}


def stand_in_values(arms: Iterable[Arm], values: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Values of cells, where those of shares and means were given, with the cells of stand-ins in their place.

    What is left out counts zero.

    Returns
    -------
    dict
        A mean that no outcome between its ends has is a `DataError`.
    """
    found = dict(values)
    shares: set[str] = set()
    given: set[str] = set()
    for mean in mean_cells(arms):
        if mean.name not in values and mean.share not in values:
            continue
        share = values.get(mean.share, Fraction(0)) if mean.share else Fraction(1)
        value = _checked_mean(mean, share, values)
        found[mean.low_cell] = (mean.high * share - value) / (mean.high - mean.low)
        found[mean.high_cell] = (value - mean.low * share) / (mean.high - mean.low)
        shares.add(mean.share)
        given.add(mean.name)
    return {name: value for name, value in found.items() if name not in shares | given}


def _checked_mean(mean: MeanCell, share: Fraction, values: Mapping[str, Fraction]) -> Fraction:
    """The mean, between the ends times the share."""
    if mean.name not in values:
        if not share:
            return Fraction(0)
        raise DataError(
            f"the mean {mean.name} is not given, and the cell has the probability {shown(share)}",
            remedy=f"Give the mean of {mean.outcome} times the indicator of the cell.",
        )
    value = values[mean.name]
    low, high = mean.low * share, mean.high * share
    if low - ROUNDING <= value <= high + ROUNDING:
        return min(max(value, low), high)
    of = f" of a cell whose probability is {shown(share)}" if mean.share else ""
    raise DataError(
        f"{mean.name} = {shown(value)}: no {mean.outcome} between {mean.low} and {mean.high} has this mean{of}",
        remedy=f"It lies between {shown(low)} and {shown(high)}"
        + (
            f": it is the mean of {mean.outcome} times the indicator of the cell, not the mean in it."
            if mean.share
            else "."
        ),
    )
