"""What independent causes imply for a sample: equations, each tested by itself and all together (Wald's test)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from boundgen.bounds.derived import Derivation
from boundgen.bounds.factoring import FactoredModel
from boundgen.bounds.independences import Independence
from boundgen.exact.arrays import Array
from boundgen.exact.terms import Term
from boundgen.inference.estimated_functions import EstimatedFunctions, times
from boundgen.inference.estimated_terms import gradients_of
from boundgen.inference.factor_sample import factor_estimate
from boundgen.inference.sample import Sample
from boundgen.inference.variation import ExactEstimate, combined
from boundgen.work.libraries import scipy_function

chdtrc = scipy_function("special", "chdtrc")

# Of a correlation matrix: directions that vary less are those in which equations follow from one another.
RANK = 1e-9
# In standard errors: what is off in a direction in which nothing varies.
OFF = 1e-6

Equation = Independence | Term


@dataclass(frozen=True)
class EquationTest:
    """An equation that the model implies, at a sample.

    Parameters
    ----------
    equation : Independence or Term
        A conditional independence, or a function of the cells of factors that is zero.
    distance : float
        The most that the two sides differ by.
    statistic : float
        Wald's: the squared distance from zero in standard errors; infinite where the sample varies in no direction in
        which it is off.
    freedom : int
        So many equations that do not follow from one another.
    p_value : float
    """

    equation: Equation
    distance: float
    statistic: float
    freedom: int
    p_value: float


@dataclass(frozen=True)
class EquationTests:
    """All of them, and the test of all together.

    Parameters
    ----------
    tests : tuple of EquationTest
    statistic, p_value : float
    freedom : int
    """

    tests: tuple[EquationTest, ...]
    statistic: float
    freedom: int
    p_value: float


def equations_test(derivation: Derivation, factored: FactoredModel, sample: Sample) -> EquationTests | None:
    """Test the conditional independences and the equations among cells of factors (of Verma's kind).

    Differences of products are functions of the observed shares: their covariance is that of the shares to first order
    (the delta method), so that weights and clusters count.

    Parameters
    ----------
    derivation : Derivation
    factored : FactoredModel
    sample : Sample
        Of the observed cells.

    Returns
    -------
    EquationTests or None
        None where the model implies no equation.
    """
    functions = EstimatedFunctions(sample, {})
    parts: list[tuple[Equation, list[ExactEstimate], float]] = []
    for each in derivation.independences:
        at = dict(zip(sample.cells, sample.variation.shares, strict=True))
        parts.append((each, list(_products(each, factored, functions)), float(each.distance(factored.law, at))))
    known = dict(factored.cells)
    for term in equalities(derivation.conditions or (), {p.name for p in factored.model.parameters}):
        cells = ((c, factor_estimate(name, known.get(name), functions)) for name, c in term.coefficients)
        found = combined(cells)
        found = ExactEstimate(found.value + term.constant, found.gradient)
        parts.append((term, [found], abs(float(found.value))))
    if not parts:
        return None
    tests = tuple(EquationTest(each, distance, *_wald(own, sample)) for each, own, distance in parts)
    return EquationTests(tests, *_wald([one for _, own, _ in parts for one in own], sample))


def equalities(conditions: Sequence[Term], parameters: Collection[str]) -> Iterator[Term]:
    """Testable implications that are two opposite inequalities without parameters, each once."""
    before: set[Term] = set()
    for term in conditions:
        if -term in before and not any(name in parameters for name, _ in term.coefficients):
            yield -term
        before.add(term)


def inequalities(conditions: Sequence[Term], parameters: Collection[str]) -> tuple[Term, ...]:
    """The others."""
    equal = {sign for term in equalities(conditions, parameters) for sign in (term, -term)}
    return tuple(term for term in conditions if term not in equal)


def _products(
    independence: Independence, factored: FactoredModel, functions: EstimatedFunctions
) -> Iterator[ExactEstimate]:
    for left, right in independence.equations(factored.law):
        one, other = (times(functions.polynomial(a), functions.polynomial(b)) for a, b in (left, right))
        yield one - other


def _wald(estimates: Sequence[ExactEstimate], sample: Sample) -> tuple[float, int, float]:
    """The statistic, its degrees of freedom and the p-value."""
    values = np.array([float(each.value) for each in estimates])
    slopes = gradients_of(estimates, len(sample.cells))
    # With some units more in each arm: without them it rejects too often where cells have few units.
    covariance = slopes @ sample.smoothed @ slopes.T
    errors = np.sqrt(np.clip(np.diag(covariance), 0, None))
    varies = errors > 0
    if (values[~varies] != 0).any():
        return np.inf, int(varies.sum()) or 1, 0.0
    if not varies.any():
        return 0.0, 0, 1.0
    scores = values[varies] / errors[varies]
    return _chi_squared(scores, covariance[np.ix_(varies, varies)] / np.outer(errors[varies], errors[varies]))


def _chi_squared(scores: Array, correlation: Array) -> tuple[float, int, float]:
    sizes, directions = np.linalg.eigh(correlation)
    along = directions.T @ scores
    moving = sizes > RANK * len(sizes)
    freedom = int(moving.sum())
    if (np.abs(along[~moving]) > OFF).any():
        return np.inf, freedom, 0.0
    statistic = float((along[moving] ** 2 / sizes[moving]).sum())
    return statistic, freedom, float(chdtrc(freedom, statistic))
