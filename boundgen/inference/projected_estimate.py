"""Intervals where independent causes leave no closed form: the bounds over all data that the sample does not exclude.

Each cell has an interval (Clopper & Pearson 1934), all of which are right together with the stated probability
(Bonferroni). Where they are, the population is one whose cells lie in them, and its bounds are between the least and
the greatest value of the estimand over all populations of the model whose cells do: a polynomial program, solved to
global optimality, whose outer ends are guaranteed. So the interval covers all of the bounds, whatever the sample's
size; as no projection of a region it is longer than needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import nan

from boundgen.bounds.independent_problem import FactoredEstimand, IndependentProblem, PolynomialEstimand
from boundgen.bounds.polynomial_rows import PolynomialProblem, polynomial_problem
from boundgen.derivation import Derivation
from boundgen.errors import DataError
from boundgen.evaluation.independent import cells_of_factors, independent_evaluation
from boundgen.evaluation.polynomial_bounds import CLOSED, polynomial_bounds_at
from boundgen.inference.estimated_bounds import EstimatedBounds, Interval
from boundgen.inference.estimation import DataProjection, Estimate
from boundgen.inference.sample import Sample
from boundgen.work.libraries import scipy_function
from boundgen.work.limits import Budget

betaincinv = scipy_function("special", "betaincinv")


def projected_estimate(
    derived: Derivation,
    asked: FactoredEstimand | PolynomialEstimand,
    sample: Sample,
    choice: Mapping[str, Fraction],
    level: float,
    budget: Budget,
) -> Estimate:
    """The estimate at one choice of parameters.

    Parameters
    ----------
    derived : Derivation
        Of a model with independent causes.
    asked : FactoredEstimand or PolynomialEstimand
        Without a closed form.
    sample : Sample
        Of the observed cells.
    choice : mapping of parameter to Fraction
    level : float
    budget : Budget
        Shared with others, of which the interval and the plug-in bounds are two.

    Returns
    -------
    Estimate

    Raises
    ------
    DataError
        Where no population near the sample meets what is assumed, and for what has no interval of this kind.
    """
    independent = derived.independent
    assert independent is not None
    name, problem = asked.estimand.name, _problem(independent, asked, budget)
    ends = cell_intervals(sample, level)
    if not {each for each, *_ in problem.cells} <= ends.keys() or _needs_laws(problem, choice):
        raise DataError(
            f"{name} has no closed form, and intervals without one need counts of the units in every cell, and no law "
            "of a randomized variable",
            remedy="boundgen evaluate gives the bounds at the shares of the sample.",
        )
    exact = _plug_in(derived, asked, sample, choice, budget)
    # What the plug-in bounds leave of the time is the interval's.
    found = polynomial_bounds_at(problem.within(ends, choice), replace(budget, shares=budget.shares - 1))
    if found.lower is None or found.upper is None:
        raise DataError(
            f"no population whose cells are near those of the sample meets what is assumed for {name}",
            remedy="The sample contradicts the assumptions.",
        )
    whole = float(found.lower), float(found.upper)
    gaps = [found.gap_lower, found.gap_upper, *exact.gaps]
    gap = None if None in gaps else float(max(each for each in gaps if each is not None))
    return Estimate(
        name,
        tuple(choice.items()),
        EstimatedBounds(exact.ends, None, whole, whole, None, ((), ()), ()),
        None,
        projection=DataProjection(len(ends), found.closed and exact.closed, gap),
    )


def _problem(
    independent: IndependentProblem, asked: FactoredEstimand | PolynomialEstimand, budget: Budget
) -> PolynomialProblem:
    if isinstance(asked, PolynomialEstimand):
        return asked.problem
    return polynomial_problem(independent.model, independent.arms, asked.estimand, budget)


def _needs_laws(problem: PolynomialProblem, choice: Mapping[str, Fraction]) -> bool:
    """Whether the estimand is also a function of observed laws of randomized variables."""
    shares = {name for group in problem.groups for name in group.share({}).names}
    return not (problem.numerator.names | problem.divisor.names) <= shares | choice.keys()


def cell_intervals(sample: Sample, level: float) -> dict[str, tuple[Fraction, Fraction]]:
    """An interval for each cell; with this probability all of them are right.

    Parameters
    ----------
    sample : Sample
        Of units that are independent and weigh the same.
    level : float

    Returns
    -------
    dict of name to (Fraction, Fraction)

    Raises
    ------
    DataError
        For clusters and weights, where counts are no binomial numbers.
    """
    places = [(int(place), arm) for arm in sample.precision for place in arm.places]
    tail = (1 - level) / (2 * max(1, len(places)))
    found = {}
    for place, arm in places:
        if arm.clustered or arm.pieces != arm.units:
            raise DataError(
                "intervals without a closed form are for independent units of equal weight where causes are "
                "independent",
                remedy="boundgen evaluate gives the bounds at the shares of the sample.",
            )
        n, k = arm.units, round(float(sample.probabilities[place]) * arm.units)
        low = Fraction(float(betaincinv(k, n - k + 1, tail))) if k else Fraction(0)
        high = Fraction(float(betaincinv(k + 1, n - k, 1 - tail))) if k < n else Fraction(1)
        found[sample.cells[place]] = low, high
    return found


@dataclass(frozen=True)
class _PlugIn:
    """The bounds at the shares of the sample; no numbers where no population has exactly these."""

    ends: Interval = (nan, nan)
    closed: bool = True
    gaps: tuple[Fraction | None, ...] = ()


def _plug_in(
    derived: Derivation,
    asked: FactoredEstimand | PolynomialEstimand,
    sample: Sample,
    choice: Mapping[str, Fraction],
    budget: Budget,
) -> _PlugIn:
    shares = dict(zip(sample.cells, sample.variation.shares, strict=True))
    evaluation = independent_evaluation(asked, None, cells_of_factors(derived, shares, choice), choice, budget)
    low, high, gap = evaluation.lower, evaluation.upper, evaluation.gap
    if low is None or high is None:
        return _PlugIn()
    ends = float(low), float(high)
    if evaluation.method != "polynomial program":
        return _PlugIn(ends)
    return _PlugIn(ends, gap is not None and gap <= CLOSED, (gap,))
