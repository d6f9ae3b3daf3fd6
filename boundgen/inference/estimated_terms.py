"""The terms of one side at a sample: estimates, standard errors, joint covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from boundgen.companions.student import student_ratio
from boundgen.exact.arrays import Array
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.inference.sample import UNSEEN, ArmPrecision, Sample
from boundgen.inference.variation import ExactEstimate, ExactEstimates, combined
from boundgen.work.libraries import scipy_function

ndtri, stdtr, stdtrit = (scipy_function("special", name) for name in ("ndtri", "stdtr", "stdtrit"))

# Of the slopes of an arm. Rounding is thousands of times smaller, so that slopes which differ by more do differ, and by
# how much is known well; where they differ by less, differences are computed exactly.
CANCELLED = 1e-6
# Of a variance, a larger share that is of second order is notable.
FLAT = 0.1
# Student's quantile is the normal one at infinitely many degrees of freedom; both are taken here.
TAIL = 0.975


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
    second : array of shape (terms,), optional
        What second derivatives add to their variances, which is in the errors.
    """

    values: Array
    gradients: Array
    errors: Array
    exact: ExactEstimates | None = None
    second: Array | None = None

    @property
    def bent(self) -> Array:
        """What second derivatives add to variances where that is a notable share: such terms are hardly normal."""
        if self.second is None:
            return np.zeros(len(self.values))
        return np.where(self.second > FLAT * self.errors**2, self.second, 0.0)

    def beside(self, other: EstimatedTerms) -> EstimatedTerms:
        """These terms and others, in this order."""
        one, two = self.second, other.second
        return EstimatedTerms(
            np.concatenate([self.values, other.values]),
            np.vstack([self.gradients, other.gradients]),
            np.concatenate([self.errors, other.errors]),
            second=None if one is None or two is None else np.concatenate([one, two]),
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
    return linearised(exact_estimates(terms, sample, parameters, sign, denominator), sample)


def exact_estimates(
    terms: Sequence[Term],
    sample: Sample,
    parameters: Mapping[str, Number],
    sign: int = 1,
    denominator: Term | None = None,
) -> list[ExactEstimate]:
    """Terms at the exact shares of a sample, with their derivatives; arguments as for `estimated_terms`."""
    exact = ExactTerms(terms, denominator, sample, parameters, sign)
    return [exact(number) for number in range(len(terms))]


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

    The errors are those of estimates that are too large, as a term must be for the bound to be wrong. A sample may be
    without units where the term is least. So the variance is never below that with `UNSEEN` units more there: of a
    share, the variance of Agresti & Coull (1998) with all of their units on one side. It is positive unless the term
    is the same in all cells of each arm, which is decided exactly.

    A variance from few clusters or from few large weights is itself imprecise: errors are larger by the quotient of
    the quantiles (at 0.975) of Student's and the normal distribution, with Satterthwaite's degrees of freedom.
    """
    moving = from_least(gradients, sample, exact)
    variances = np.clip(((moving @ sample.corrected) * moving).sum(axis=1), 0.0, None)
    parts = [_of_arm(moving, sample, arm) for arm in sample.precision]
    unseen = sum((more for _, more in parts), np.zeros(len(moving)))
    # Rounding of a variance that is zero has a root that is not small.
    errors = np.where(np.any(moving != 0, axis=1), np.sqrt(variances + unseen), 0.0)
    freedom = _freedom([own + more for own, more in parts], [arm.freedom for arm in sample.precision])
    return errors * student_ratio(freedom), moving


def errors_below(terms: EstimatedTerms, sample: Sample) -> Array:
    """Standard errors of estimates that are too small; those of the terms are of estimates that are too large."""

    def negative(number: int) -> ExactEstimate:
        assert terms.exact
        return combined([(Fraction(-1), terms.exact(number))])

    first, _ = standard_errors(-terms.gradients, sample, negative)
    return first if terms.second is None else np.sqrt(first**2 + terms.second)


def small_sample_scores(terms: EstimatedTerms, sample: Sample) -> Array:
    """Values by their errors as if normal: by Student's t, with as many degrees of freedom as arms have units but one.

    Errors of shares of few units are not normal, and a test of two arms of three would be far too sure.
    """
    parts = [own + more for own, more in (_of_arm(terms.gradients, sample, arm) for arm in sample.precision)]
    freedom = _freedom(parts, [max(1.0, min(arm.freedom, arm.units - 1)) for arm in sample.precision])
    varies = terms.errors > 0
    scores = np.divide(terms.values, terms.errors, out=np.zeros(len(varies)), where=varies)
    known = ~varies | np.isinf(freedom)
    used = np.where(known, 1.0, freedom)
    # Both tails are taken where they are small numbers.
    tails = stdtr(used, -np.abs(scores) * np.sqrt(used / (used + 1)))
    return np.asarray(np.where(known, scores, -np.sign(scores) * ndtri(tails)))


def _freedom(parts: Sequence[Array], freedoms: Sequence[float]) -> Array:
    """Satterthwaite's degrees of freedom of sums of variances."""
    total = sum(parts, np.zeros_like(parts[0]))
    weighed = sum((part**2 / freedom for part, freedom in zip(parts, freedoms, strict=True)), np.zeros_like(parts[0]))
    return np.asarray(np.divide(total**2, weighed, out=np.full(len(total), np.inf), where=weighed > 0))


def error_of(estimate: ExactEstimate, sample: Sample, sign: int = 1) -> float:
    """The standard error of one function of the data, of estimates that are too large (or, with -1, too small)."""
    signed = combined([(Fraction(sign), estimate)])
    errors, _ = standard_errors(gradients_of([signed], len(sample.cells)), sample, lambda _: signed)
    return float(errors[0])


def from_least(gradients: Array, sample: Sample, exact: ExactEstimates) -> Array:
    """Gradients in each arm from the least on, where all units are in cells: a constant moves nothing there."""
    found = gradients.copy()
    doubtful = np.zeros(len(gradients), dtype=bool)
    wholes = [arm.places for arm in sample.precision if arm.whole]
    for places in wholes:
        own = gradients[:, places]
        moved = own - own.min(axis=1, keepdims=True)
        found[:, places] = moved
        doubtful |= (moved.max(axis=1) <= CANCELLED * np.abs(own).max(axis=1)) & np.any(own != 0, axis=1)
    for number in np.flatnonzero(doubtful):
        slopes = exact(int(number)).gradient
        for places in wholes:
            own_slopes = [slopes.get(int(place), Fraction(0)) for place in places]
            least = min(own_slopes)
            found[number, places] = [float(slope - least) for slope in own_slopes]
    return found


def _of_arm(moving: Array, sample: Sample, arm: ArmPrecision) -> tuple[Array, Array]:
    """What an arm adds to variances, and what unseen units would add beyond that."""
    own, places = moving[:, arm.places], arm.places
    variance = np.clip(((own @ sample.corrected[np.ix_(places, places)]) * own).sum(axis=1), 0.0, None)
    if not arm.whole:
        own = np.hstack([own, np.zeros((len(own), 1))])
    shares = sample.probabilities[places]
    if not arm.whole:
        shares = np.append(shares, max(0.0, 1 - float(shares.sum())))
    above = own - own.min(axis=1, keepdims=True)
    mean, square = above @ shares, above**2 @ shares
    simple = np.clip(square - mean**2, 0.0, None) / arm.size
    kept = arm.size / (arm.size + UNSEEN)
    smoothed = (kept * square - (kept * mean) ** 2) / (arm.size + UNSEEN)
    return variance, np.clip(smoothed - simple, 0.0, None)


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
