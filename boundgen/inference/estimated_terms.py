"""The terms of one side at a sample: estimates, standard errors, joint covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from boundgen.exact.arrays import Array
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.inference.sample import Sample
from boundgen.inference.variation import ExactEstimate, ExactEstimates

# Of the variance that a term would have if nothing cancelled. Rounding is thousands of times smaller, so a variance
# above this share is certainly positive and known well; one below it is computed exactly.
CANCELLED = 1e-6


@dataclass(frozen=True, eq=False)
class EstimatedTerms:
    """Estimated functions of the data, of which the largest is the bound.

    The upper side is the lower side of minus the upper terms.

    Parameters
    ----------
    values : array of shape (terms,)
    gradients : array of shape (terms, cells)
        In directions in which the sample varies: of a term that does not vary all are zero.
    errors : array of shape (terms,)
        Standard errors; zero for terms that do not vary, such as constants.
    exact : function of int
        The exact value and gradient of a term; None for terms that are combined from several sides.
    """

    values: Array
    gradients: Array
    errors: Array
    exact: ExactEstimates | None = None

    def beside(self, other: EstimatedTerms) -> EstimatedTerms:
        """These terms and others, in this order."""
        return EstimatedTerms(
            np.concatenate([self.values, other.values]),
            np.vstack([self.gradients, other.gradients]),
            np.concatenate([self.errors, other.errors]),
        )


@dataclass(frozen=True, eq=False)
class ExactTerms:
    """Terms (divided by the denominator, where there is one) at the exact shares of a sample, times a sign."""

    terms: Sequence[Term]
    denominator: Term | None
    sample: Sample
    parameters: Mapping[str, Number]
    sign: int

    def __call__(self, number: int) -> ExactEstimate:
        found = self._at(self.terms[number])
        if self.denominator is not None:
            found = ratio(found, self._at(self.denominator))
        return ExactEstimate(self.sign * found.value, {i: self.sign * slope for i, slope in found.gradient.items()})

    def _at(self, term: Term) -> ExactEstimate:
        place, shares = self.sample.place, self.sample.variation.shares
        gradient = {place[name]: c for name, c in term.coefficients if name in place}
        others = (c * self.parameters[name] for name, c in term.coefficients if name not in place)
        moving = (c * shares[i] for i, c in gradient.items())
        return ExactEstimate(sum(others, term.constant) + sum(moving, Fraction(0)), gradient)


def ratio(above: ExactEstimate, below: ExactEstimate) -> ExactEstimate:
    """The quotient, by the rule of quotients (the delta method)."""
    value = above.value / below.value
    places = above.gradient.keys() | below.gradient.keys()
    zero = Fraction(0)
    return ExactEstimate(
        value,
        {i: (above.gradient.get(i, zero) - value * below.gradient.get(i, zero)) / below.value for i in places},
    )


def estimated_terms(
    terms: Sequence[Term],
    denominator: Term | None,
    sample: Sample,
    parameters: Mapping[str, Number],
    sign: int = 1,
) -> EstimatedTerms:
    """Terms (divided by the denominator, by the delta method) at a sample, times a sign.

    Parameters
    ----------
    terms : sequence of Term
    denominator : Term or None
    sample : Sample
    parameters : mapping of name to number
    sign : {1, -1}
    """
    exact = ExactTerms(terms, denominator, sample, parameters, sign)
    found = [exact(number) for number in range(len(terms))]
    return linearised(found, sample)


def linearised(estimates: Sequence[ExactEstimate], sample: Sample) -> EstimatedTerms:
    """Functions of the data by their values and derivatives."""
    values, slopes = np.array([float(each.value) for each in estimates]), gradients_of(estimates, len(sample.cells))
    return with_errors(values, slopes, sample, estimates.__getitem__)


def gradients_of(estimates: Sequence[ExactEstimate], cells: int) -> Array:
    """The derivatives of functions of so many cells."""
    found = np.zeros((len(estimates), cells))
    for row, each in zip(found, estimates, strict=True):
        row[list(each.gradient)] = [float(slope) for slope in each.gradient.values()]
    return found


def with_errors(values: Array, gradients: Array, sample: Sample, exact: ExactEstimates) -> EstimatedTerms:
    """Estimated functions of the data with their standard errors.

    Parameters
    ----------
    values : array of shape (terms,)
    gradients : array of shape (terms, cells)
    sample : Sample
    exact : function of int
        The same exactly, for terms whose variance floats cannot tell from zero.
    """
    errors, moving = standard_errors(gradients, sample, exact)
    return EstimatedTerms(values, moving, errors, exact)


def standard_errors(gradients: Array, sample: Sample, exact: ExactEstimates) -> tuple[Array, Array]:
    """Standard errors, and gradients without what moves nothing; arguments as for `with_errors`.

    Whether a term varies is decided exactly: rounding of a zero variance is not zero, and its root is not small.
    """
    variances = ((gradients @ sample.covariance) * gradients).sum(axis=1)
    most = (np.abs(gradients) @ np.sqrt(np.diag(sample.covariance))) ** 2
    errors, moving = np.sqrt(np.clip(variances, 0.0, None)), gradients.copy()
    for number in np.flatnonzero(variances <= CANCELLED * most):
        gradient = exact(int(number)).gradient
        errors[number] = sample.variation.standard_error(gradient)
        centred = sample.variation.centred(gradient) if errors[number] else {}
        moving[number] = [float(centred.get(i, 0)) for i in range(len(sample.cells))]
    return errors, moving


def affine(terms: Sequence[Term], sample: Sample, parameters: Mapping[str, Number]) -> tuple[Array, Array]:
    """Constants (with parameters put in) and coefficients of cells."""
    place = sample.place
    constants = np.zeros(len(terms))
    gradients = np.zeros((len(terms), len(sample.cells)))
    for t, term in enumerate(terms):
        constants[t] = float(term.constant)
        for name, coefficient in term.coefficients:
            if name in place:
                gradients[t, place[name]] = float(coefficient)
            else:
                constants[t] += float(coefficient * parameters[name])
    return constants, gradients
