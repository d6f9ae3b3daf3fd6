"""The terms of one side at a sample: estimates, standard errors, joint covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from boundgen.inference.sample import Array, Sample
from boundgen.terms import Number, Term

# A standard error below this is rounding of zero: estimates are of order one.
ZERO = 1e-12


@dataclass(frozen=True, eq=False)
class EstimatedTerms:
    """Estimated functions of the data, of which the largest is the bound.

    The upper side is the lower side of minus the upper terms.

    Parameters
    ----------
    values : array of shape (terms,)
    gradients : array of shape (terms, cells)
    errors : array of shape (terms,)
        Standard errors; zero for terms that do not vary, such as constants.
    """

    values: Array
    gradients: Array
    errors: Array

    def beside(self, other: EstimatedTerms) -> EstimatedTerms:
        """These terms and others, in this order."""
        return EstimatedTerms(
            np.concatenate([self.values, other.values]),
            np.vstack([self.gradients, other.gradients]),
            np.concatenate([self.errors, other.errors]),
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
    constants, gradients = _affine(terms, sample, parameters)
    values = constants + gradients @ sample.probabilities
    if denominator is not None:
        constant, slope = _affine([denominator], sample, parameters)
        below = float(constant[0] + slope[0] @ sample.probabilities)
        values = values / below
        gradients = (gradients - np.outer(values, slope[0])) / below
    return with_errors(sign * values, sign * gradients, sample.covariance)


def with_errors(values: Array, gradients: Array, covariance: Array) -> EstimatedTerms:
    """Estimated functions of the data with their standard errors."""
    variances = ((gradients @ covariance) * gradients).sum(axis=1)
    errors = np.sqrt(np.clip(variances, 0.0, None))
    return EstimatedTerms(values, gradients, np.where(errors < ZERO, 0.0, errors))


def _affine(terms: Sequence[Term], sample: Sample, parameters: Mapping[str, Number]) -> tuple[Array, Array]:
    """Constants (with parameters put in) and coefficients of cells."""
    place = {cell: i for i, cell in enumerate(sample.cells)}
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
