"""Bounds within strata of discrete covariates, averaged over the distribution of the strata.

Within each stratum x of covariates that are measured before treatment the model holds as it does overall (the
treatment is randomized there too), so the bounds are valid there, and the estimand is the average of what it is
within the strata. The averaged lower bound, the sum over strata of ``share_x * max over v of theta_v(x)``, is
therefore valid. It is never below the bound without covariates at the same distribution, because a sum of maxima is
at least the maximum of the sums: terms are linear in the cells, so ``max over v of sum of share_x * theta_v(x)`` is
the bound without. That is also how inference goes: exchanging sum and max, the averaged bound is the maximum over
all combinations of one term for each stratum of their averages, and intersection bounds are for such a maximum.

In a sample the cells overall are averages of the cells within strata with the shares *of each arm*. Where those
differ by chance between arms, the plug-in bounds without covariates may lie a little inside the averaged ones.

For a conditional estimand both the bounds' numerator and the probability of the condition are averaged, and then
divided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod

import numpy as np
import numpy.typing as npt

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.data.covariate_strata import cell_within
from boundgen.data.observed import CovariateStrata, ObservedData
from boundgen.errors import DataError
from boundgen.exact.arrays import Array
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.inference.cautions import WithinStrata
from boundgen.inference.critical import draws_for
from boundgen.inference.estimand_range import Range
from boundgen.inference.estimated_bounds import EstimatedBounds
from boundgen.inference.estimated_terms import (
    EstimatedTerms,
    estimated_terms,
    exact_estimates,
    gradients_of,
    with_errors,
)
from boundgen.inference.feasibility import ConditionsTest, EstimatedViolation, conditions_test
from boundgen.inference.from_data import sample
from boundgen.inference.intersection import intersection_bounds, selected, selection_value
from boundgen.inference.linear_lines import inversion_over, robust_linear
from boundgen.inference.misspecified import Misfit, misfit_of
from boundgen.inference.names import Robust
from boundgen.inference.sample import Sample
from boundgen.inference.variation import ExactEstimate, combined

# Up to so many combinations on a side, the terms of each stratum are all used.
FEW_COMBINATIONS = 256
MOST_COMBINATIONS = 20_000


@dataclass(frozen=True)
class StratumViolation:
    """A testable implication that fails within a stratum.

    Parameters
    ----------
    stratum : str
        ``sex=1``.
    violation : EstimatedViolation
    """

    stratum: str
    violation: EstimatedViolation


@dataclass(frozen=True)
class AveragedBounds:
    """Averaged bounds of one estimand.

    Parameters
    ----------
    found : EstimatedBounds
        Numbers of kept terms are those of combinations.
    combinations : (int, int)
        Of one term for each stratum, on either side.
    draws : int
        Of the critical values: fewer than asked for where there are very many combinations.
    violations : tuple of StratumViolation, or None
        Testable implications that fail within strata; None where they were left out.
    p_value : float or None
        Of all of them in all strata together.
    misfit : Misfit or None
        As for `Estimate`.
    """

    found: EstimatedBounds
    combinations: tuple[int, int]
    draws: int
    violations: tuple[StratumViolation, ...] | None
    p_value: float | None
    misfit: Misfit | None = None


@dataclass(frozen=True, eq=False)
class StrataSample:
    """The estimated cells within all strata, and the shares of these.

    Parameters
    ----------
    names : tuple of str
        Of the strata.
    sample : Sample
        Cells within strata, and shares of strata by source, with their joint covariance.
    shares : array of shape (strata,)
    slopes : array of shape (strata, cells)
        The derivatives of the shares.
    exact_shares : tuple of ExactEstimate
        Both exactly.
    """

    names: tuple[str, ...]
    sample: Sample
    shares: Array
    slopes: Array
    exact_shares: tuple[ExactEstimate, ...]

    def cautioned(self, overall: Sample) -> WithinStrata:
        """Its cells, and what the model calls them, by the sample of all units."""
        called = {cell_within(cell, name): cell for name in self.names for cell in overall.cells}
        return WithinStrata(self.sample, called)


def strata_sample(data: ObservedData, strata: CovariateStrata) -> StrataSample:
    """The estimates within strata.

    Sources are samples of the same population, so the shares of strata are those among the units of all of them.
    """
    found = replace(sample(strata.all_arms, strata.joints), arms=tuple((arm.name, arm.units or 0) for arm in data.arms))
    units = [arm.units or 0 for arm in strata.shares]
    exact = tuple(_share(found, strata, units, stratum) for stratum in range(len(strata.groups)))
    shares = np.array([float(share.value) for share in exact])
    return StrataSample(strata.names, found, shares, gradients_of(exact, len(found.cells)), exact)


def _share(sample: Sample, strata: CovariateStrata, units: Sequence[int], stratum: int) -> ExactEstimate:
    places = [sample.place[arm.cells[stratum]] for arm in strata.shares]
    gradient = {place: Fraction(size, sum(units)) for place, size in zip(places, units, strict=True)}
    value = sum((slope * sample.variation.shares[place] for place, slope in gradient.items()), Fraction(0))
    return ExactEstimate(value, gradient)


def averaged_bounds(
    bounds: Bounds,
    data: StrataSample,
    parameters: Mapping[str, Number],
    limits: Range | None,
    level: float,
    seed: int,
    draws: int,
    robust: Robust,
) -> AveragedBounds:
    """Bounds averaged over strata, with intervals.

    Parameters
    ----------
    bounds : Bounds
    data : StrataSample
    parameters : mapping of name to number
    limits : Range or None
        Of the estimand.
    level : float
    seed, draws : int
    robust : {"auto", "always", "never"}
        As for `estimate`.

    Raises
    ------
    DataError
        For too many combinations of terms.
    """
    lower, upper = (_side(bounds, data, parameters, sign) for sign in (1, -1))
    below, shortfalls = _below(bounds, data, parameters), _shortfalls(bounds, data, parameters)

    def exactly(side: EstimatedTerms) -> Iterator[ExactEstimate]:
        assert side.exact
        return map(side.exact, range(len(side.values)))

    n, covariance = data.sample.n, data.sample.smoothed
    if below is None:
        found, misfit = misfit_of(
            intersection_bounds(lower, upper, covariance, n, level=level, seed=seed, draws=draws),
            shortfalls,
            robust,
            lambda: robust_linear(exactly(lower), exactly(upper), limits, shortfalls, data.sample, level, seed, draws),
        )
    else:
        inverted = inversion_over(exactly(lower), exactly(upper), below, limits, data.sample, seed, draws)
        found, misfit = inverted.reported(shortfalls, level, robust)
    tested = None if bounds.conditions is None else _tested(bounds, data, parameters, seed, draws)
    violations, p_value = (None, None) if tested is None else tested
    sizes = len(lower.values), len(upper.values)
    return AveragedBounds(found, sizes, draws_for(sum(sizes), draws), violations, p_value, misfit)


def _side(bounds: Bounds, data: StrataSample, parameters: Mapping[str, Number], sign: int) -> EstimatedTerms:
    terms = bounds.lower.terms if sign == 1 else bounds.upper.terms
    inside = [_terms_within(terms, bounds, data, name, parameters, sign) for name in data.names]
    return _averaged(inside, _combinations(inside, data), data)


def _below(bounds: Bounds, data: StrataSample, parameters: Mapping[str, Number]) -> ExactEstimate | None:
    """The probability of the estimand's condition.

    Raises
    ------
    DataError
        Where that is not positive.
    """
    if bounds.denominator is None:
        return None
    inside = [_terms_within([bounds.denominator], bounds, data, name, parameters, 1) for name in data.names]
    found = _exact(inside, [0] * len(inside), data)
    if found.value <= 0:
        raise DataError(
            f"the condition of {bounds.name} does not have a positive probability within strata",
            remedy="Leave the covariates out, or name the other estimands.",
        )
    return found


def _shortfalls(bounds: Bounds, data: StrataSample, parameters: Mapping[str, Number]) -> list[ExactEstimate]:
    """Minus the testable implications in all strata."""
    terms = [_moved([term], bounds, name)[0] for name in data.names for term in bounds.conditions or ()]
    return exact_estimates(terms, data.sample, parameters, -1)


def _terms_within(
    terms: Sequence[Term],
    bounds: Bounds,
    data: StrataSample,
    stratum: str,
    parameters: Mapping[str, Number],
    sign: int,
) -> EstimatedTerms:
    """The terms (without a denominator) at the cells within a stratum."""
    return estimated_terms(_moved(terms, bounds, stratum), None, data.sample, parameters, sign)


def _moved(terms: Sequence[Term], bounds: Bounds, stratum: str) -> list[Term]:
    cells = {cell.name for arm in bounds.arms for cell in arm.cells}

    def name_of(name: str) -> str:
        return cell_within(name, stratum) if name in cells else name

    return [Term.of(term.constant, {name_of(name): c for name, c in term.coefficients}) for term in terms]


# ---------------------------------------------------------------- combinations
def _combinations(inside: Sequence[EstimatedTerms], data: StrataSample) -> npt.NDArray[np.intp]:
    """Numbers of terms, one for each stratum: all combinations, or those of terms that may be the largest."""
    kept = [np.arange(len(terms.values)) for terms in inside]
    if prod(map(len, kept)) > FEW_COMBINATIONS:
        kept = [_plausible(terms, data) for terms in inside]
    count = prod(map(len, kept))
    if count > MOST_COMBINATIONS:
        raise DataError(
            f"{count} combinations of one term for each of {len(inside)} strata, more than {MOST_COMBINATIONS}",
            remedy="Use fewer covariates or coarsen them, --recode 'COLUMN=quantiles(2)', so that strata are fewer.",
        )
    return np.stack(np.meshgrid(*kept, indexing="ij"), axis=-1).reshape(-1, len(kept))


def _plausible(terms: EstimatedTerms, data: StrataSample) -> npt.NDArray[np.intp]:
    """The terms of a stratum that inequality selection keeps, at a level that is for all strata together."""
    critical = selection_value(data.sample.n, len(data.names) * len(terms.values))
    return np.flatnonzero(selected(terms.values, terms.errors, critical))


def _averaged(inside: Sequence[EstimatedTerms], chosen: npt.NDArray[np.intp], data: StrataSample) -> EstimatedTerms:
    """The sum over strata of shares times chosen terms; shares are estimated too (delta method)."""
    values, gradients = np.zeros(len(chosen)), np.zeros((len(chosen), len(data.sample.cells)))
    for stratum, terms in enumerate(inside):
        own = chosen[:, stratum]
        values += data.shares[stratum] * terms.values[own]
        gradients += data.shares[stratum] * terms.gradients[own]
        gradients += np.outer(terms.values[own], data.slopes[stratum])
    return with_errors(values, gradients, data.sample, lambda number: _exact(inside, chosen[number], data))


def _exact(inside: Sequence[EstimatedTerms], chosen: Iterable[int], data: StrataSample) -> ExactEstimate:
    parts: list[tuple[Fraction, ExactEstimate]] = []
    for share, terms, number in zip(data.exact_shares, inside, chosen, strict=True):
        assert terms.exact
        term = terms.exact(int(number))
        parts += [(share.value, term), (term.value, ExactEstimate(Fraction(0), share.gradient))]
    return combined(parts)


# ---------------------------------------------------------------- testable implications
def _tested(
    bounds: Bounds, data: StrataSample, parameters: Mapping[str, Number], seed: int, draws: int
) -> tuple[tuple[StratumViolation, ...], float]:
    """Every testable implication in every stratum."""
    conditions = bounds.conditions or ()
    moved = [(name, term, _moved([term], bounds, name)[0]) for name in data.names for term in conditions]
    found: ConditionsTest = conditions_test([term for _, _, term in moved], data.sample, parameters, seed, draws)
    origin: dict[AnyCondition, tuple[str, Term]] = {term: (name, condition) for name, condition, term in moved}
    violations = []
    for violation in found.violations:
        name, condition = origin[violation.condition]
        violations.append(StratumViolation(name, replace(violation, condition=condition)))
    return tuple(violations), found.p_value


def share(strata: CovariateStrata, stratum: int) -> Fraction:
    """The share of a stratum among the units of all sources."""
    units = [arm.units or 0 for arm in strata.shares]
    parts = zip(strata.shares, units, strict=True)
    return sum((arm.probabilities[stratum] * size for arm, size in parts), Fraction(0)) / sum(units)
