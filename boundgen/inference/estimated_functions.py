"""Polynomials of observed probabilities at a sample: their values and derivatives, exactly."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from boundgen.exact.polynomials import Polynomial, RationalFunction
from boundgen.exact.rational import Number
from boundgen.inference.sample import Sample
from boundgen.inference.variation import ExactEstimate, combined


def known(value: Number) -> ExactEstimate:
    """A number, which no unit moves."""
    return ExactEstimate(Fraction(value), {})


def times(one: ExactEstimate, other: ExactEstimate) -> ExactEstimate:
    """The product, by the rule of products."""
    slopes = combined([(other.value, one), (one.value, other)])
    if slopes.curvature is None:
        return ExactEstimate(one.value * other.value, slopes.gradient)
    curvature = dict(slopes.curvature)
    for (i, slope), (j, step) in itertools.product(one.gradient.items(), other.gradient.items()):
        for places in ((i, j), (j, i)):
            curvature[places] = curvature.get(places, Fraction(0)) + slope * step
    return ExactEstimate(one.value * other.value, slopes.gradient, curvature)


@dataclass(frozen=True, eq=False)
class EstimatedFunctions:
    """Functions of cells and parameters at one sample.

    Parameters
    ----------
    sample : Sample
    parameters : mapping of name to number
    curved : bool
        Whether second derivatives are followed too.
    """

    sample: Sample
    parameters: Mapping[str, Number]
    curved: bool = False
    _known: dict[Polynomial, ExactEstimate] = field(default_factory=dict, init=False)

    def polynomial(self, polynomial: Polynomial) -> ExactEstimate:
        """Its value and its derivatives."""
        if polynomial not in self._known:
            self._known[polynomial] = combined((c, self._product(names)) for names, c in polynomial.terms)
        return self._known[polynomial]

    def over(self, parts: Iterable[tuple[Fraction, RationalFunction]], divisors: Iterable[Polynomial]) -> ExactEstimate:
        """A combination of quotients times all of these divisors, so that nothing is divided.

        Parameters
        ----------
        parts : iterable of (factor, RationalFunction)
            Their denominators are one, or among the divisors.
        divisors : iterable of Polynomial
            Each once.
        """
        below = tuple(divisors)
        return combined((factor, self._above(function, below)) for factor, function in parts)

    def _above(self, function: RationalFunction, divisors: tuple[Polynomial, ...]) -> ExactEstimate:
        found = self.polynomial(function.numerator)
        for divisor in divisors:
            found = found if divisor == function.denominator else times(found, self.polynomial(divisor))
        return found

    def _product(self, names: Iterable[str]) -> ExactEstimate:
        found = known(1)
        for name in names:
            found = times(found, self.named(name))
        return found

    def named(self, name: str) -> ExactEstimate:
        """A cell of the sample, or a parameter."""
        place = self.sample.place.get(name)
        if place is None:
            return known(self.parameters[name])
        return ExactEstimate(self.sample.variation.shares[place], {place: Fraction(1)}, {} if self.curved else None)
