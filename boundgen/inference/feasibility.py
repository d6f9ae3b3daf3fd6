"""Samples that break testable implications: which, by how much, and the nearest distribution that breaks none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

import numpy as np

from boundgen.bounds.product_conditions import AnyCondition
from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.inference.critical import DRAWS, CriticalValues
from boundgen.inference.estimated_terms import EstimatedTerms, affine, estimated_terms, small_sample_scores
from boundgen.inference.intersection import selected, selection_value
from boundgen.inference.sample import Sample
from boundgen.strata.cells import Arm
from boundgen.work.libraries import scipy_function

minimize = scipy_function("optimize", "minimize")


@dataclass(frozen=True)
class EstimatedViolation:
    """A testable implication ``condition >= 0`` that fails in the sample.

    Parameters
    ----------
    condition : Term or ProductCondition
    amount : float
        By how much it fails; positive.
    standard_error : float
    p_value : float
        Of this condition by itself, one-sided.
    """

    condition: AnyCondition
    amount: float
    standard_error: float
    p_value: float


@dataclass(frozen=True)
class ConditionsTest:
    """The testable implications of a model at a sample.

    Parameters
    ----------
    violations : tuple of EstimatedViolation
    p_value : float
        Of all conditions together: the chance of a violation as clear as the clearest one if all of them hold.
    """

    violations: tuple[EstimatedViolation, ...]
    p_value: float


def conditions_test(
    conditions: Sequence[AnyCondition], sample: Sample, parameters: Mapping[str, Number], seed: int, draws: int = DRAWS
) -> ConditionsTest:
    """Test ``condition >= 0`` for all conditions, as an intersection bound on the largest shortfall.

    What is no linear function varies like the one that touches it at the sample's shares (the delta method), so that
    the shares of groups, which are estimated too, are not taken for known.
    """
    if not conditions:
        return ConditionsTest((), 1.0)
    terms = estimated_terms(tangents(conditions, sample, parameters), None, sample, parameters, sign=-1)
    scores = small_sample_scores(terms, sample)
    violations = _violations(conditions, terms, scores)
    if any(violation.standard_error == 0 for violation in violations):
        return ConditionsTest(violations, 0.0)
    varying = terms.errors > 0
    if not violations or not varying.any():
        return ConditionsTest(violations, 1.0)
    critical = CriticalValues(terms, sample.smoothed, seed, draws)
    kept = selected(terms.values, terms.errors, selection_value(sample.n, int(varying.sum())))
    clearest = float(scores[varying].max())
    return ConditionsTest(violations, critical.exceedance(kept, clearest))


def tangents(conditions: Sequence[AnyCondition], sample: Sample, parameters: Mapping[str, Number]) -> list[Term]:
    """Linear functions with the values and derivatives that conditions have at the sample's shares."""
    at = {**dict(zip(sample.cells, sample.variation.shares, strict=True)), **parameters}
    return [_tangent(each, at) for each in conditions]


def _tangent(condition: AnyCondition, at: Mapping[str, Number]) -> Term:
    return condition if isinstance(condition, Term) else condition.tangent(at)


def violations_of(
    conditions: Sequence[AnyCondition], sample: Sample, parameters: Mapping[str, Number]
) -> tuple[EstimatedViolation, ...]:
    """The conditions that fail, each by itself."""
    terms = estimated_terms(tangents(conditions, sample, parameters), None, sample, parameters, sign=-1)
    return _violations(conditions, terms, small_sample_scores(terms, sample))


def _violations(
    conditions: Sequence[AnyCondition], terms: EstimatedTerms, scores: Array
) -> tuple[EstimatedViolation, ...]:
    return tuple(
        EstimatedViolation(condition, float(value), float(error), _p_value(float(score), float(error)))
        for condition, value, error, score in zip(conditions, terms.values, terms.errors, scores, strict=True)
        if value > 0
    )


def _p_value(score: float, error: float) -> float:
    return NormalDist().cdf(-score) if error else 0.0


def nearest_in_model(
    conditions: Sequence[AnyCondition], arms: Sequence[Arm], sample: Sample, parameters: Mapping[str, Number]
) -> Array:
    """The cells of the distribution nearest to the sample that meets every condition.

    Where conditions are no linear functions it is the nearest one around, found by their linear parts step by step.

    Near is meant in the metric of the sample's covariance: for the cells of an arm of n units, differences are
    squared, divided by the estimated cell (at least one unit) and multiplied by n.

    Raises
    ------
    DataError
        If none is found.
    """
    place = sample.place

    linear = affine([each for each in conditions if isinstance(each, Term)], sample, parameters)

    def room(q: Array) -> tuple[Array, Array]:
        """The conditions and their derivatives: values are ``constants + gradients @ q``."""
        if len(linear[0]) == len(conditions):
            return linear
        at = {**dict(zip(sample.cells, map(Fraction, q), strict=True)), **parameters}
        return affine([_tangent(each, at) for each in conditions], sample, parameters)

    def values(q: Array) -> Array:
        constants, gradients = room(q)
        return constants + gradients @ q

    weights = _weights(sample)
    sums = np.array([[cell in {c.name for c in arm.cells} for cell in place] for arm in arms], dtype=float)
    complete = np.array([arm.complete for arm in arms])
    demands = [
        {"type": "ineq", "fun": values, "jac": lambda q: room(q)[1]},
        {"type": "eq", "fun": lambda q: sums[complete] @ q - 1, "jac": lambda _q: sums[complete]},
        {"type": "ineq", "fun": lambda q: 1 - sums[~complete] @ q, "jac": lambda _q: -sums[~complete]},
    ]
    used = [d for d, rows in zip(demands, (len(conditions), complete.sum(), (~complete).sum()), strict=True) if rows]
    found = minimize(
        lambda q: float(weights @ (q - sample.probabilities) ** 2) / weights.sum(),
        sample.probabilities,
        jac=lambda q: 2 * weights * (q - sample.probabilities) / weights.sum(),
        bounds=[(0.0, 1.0)] * len(place),
        constraints=used,
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-14},
    )
    if not found.success:
        raise DataError(
            f"no distribution of the model near these data was found: {found.message}",
            remedy="Ask for the bounds without the projection.",
        )
    return np.asarray(found.x, dtype=np.float64)


def _weights(sample: Sample) -> Array:
    """One over the variance of a cell, of which an empty one has that of one unit."""
    least = 1 / max(sample.n, 1)
    variances = np.diag(sample.covariance)
    p = np.maximum(sample.probabilities, least)
    # variance = p (1 - p) / n, so n / p = (1 - p) / variance; cells without variance take the size of all arms.
    sizes = np.where(
        variances > 0,
        sample.probabilities * (1 - sample.probabilities) / np.where(variances > 0, variances, 1),
        sample.n,
    )
    return np.asarray(sizes / p)
