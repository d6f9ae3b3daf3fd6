"""Estimates of bounds that are maxima of linear terms, over a denominator or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import isinf

from boundgen.bounds.closed_form import Bounds
from boundgen.errors import DataError
from boundgen.inference.cox_shi import NAME as COX_SHI
from boundgen.inference.cox_shi import cox_shi_inverted, implications_test
from boundgen.inference.estimand_range import Range, cut, estimand_range, is_cut, outside
from boundgen.inference.estimated_bounds import ROUNDING, EstimatedBounds, Interval
from boundgen.inference.estimated_functions import known
from boundgen.inference.estimated_terms import exact_estimates, linearised, ratio
from boundgen.inference.estimation import Estimate
from boundgen.inference.feasibility import conditions_test, nearest_in_model
from boundgen.inference.linear_lines import estimated_denominator, inversion_over, robust_linear
from boundgen.inference.methods import DEFAULT, Method
from boundgen.inference.misspecified import misfit_of
from boundgen.inference.names import Robust
from boundgen.inference.resampling import Resampling
from boundgen.inference.sample import Sample
from boundgen.inference.variation import ExactEstimate
from boundgen.inference.within import StrataSample, averaged_bounds


def linear_estimate(
    bounds: Bounds,
    resampling: Resampling,
    strata: StrataSample | None,
    choice: Mapping[str, Fraction],
    by: Method,
    level: float,
    seed: int,
    draws: int,
    project: bool,
    robust: Robust,
) -> Estimate:
    """The estimate at one choice of parameters; arguments as for `estimate`."""
    sample, limits = resampling.sample, estimand_range(bounds, choice)
    below = None if bounds.denominator is None else exact_estimates([bounds.denominator], sample, choice)[0]
    if below is not None and below.value <= 0:
        raise DataError(
            f"the condition of {bounds.name} does not have a positive probability in these data",
            remedy="Name the other estimands; boundgen evaluate says which testable implications fail.",
        )
    low, high = (
        exact_estimates(bounds.lower.terms, sample, choice),
        exact_estimates(bounds.upper.terms, sample, choice, -1),
    )
    shortfalls = exact_estimates(bounds.conditions or (), sample, choice, -1)
    if by.name == COX_SHI:
        inverted = inversion_over(low, high, known(1) if below is None else below, limits, sample, seed, draws)
        found, misfit = misfit_of(cox_shi_inverted(inverted, bounds, choice, level), shortfalls, "never")
    elif by.name == DEFAULT and below is not None:
        inverted = inversion_over(low, high, below, limits, sample, seed, draws)
        found, misfit = inverted.reported(shortfalls, level, robust)
    else:
        # The other methods divide (the delta method).
        lower, upper = (linearised(_divided(side, below), sample) for side in (low, high))
        found, misfit = misfit_of(
            by.found(lower, upper, resampling, level, seed, draws),
            shortfalls,
            robust,
            lambda: robust_linear(low, high, limits, shortfalls, sample, level, seed, draws),
        )
    if by.name == COX_SHI:
        tested = implications_test(bounds, sample, choice)
    else:
        tested = None if bounds.conditions is None else conditions_test(bounds.conditions, sample, choice, seed, draws)
    nearest = _nearest(bounds, sample, choice) if project and tested and tested.violations else None
    within = averaged_bounds(bounds, strata, choice, limits, level, seed, draws, robust) if strata else None
    one = Estimate(
        bounds.name,
        tuple(choice.items()),
        found,
        tested,
        nearest,
        within,
        limits,
        denominator=None if below is None else estimated_denominator(below, sample),
        misfit=misfit,
    )
    return _within_range(one, limits)


def _divided(side: Sequence[ExactEstimate], below: ExactEstimate | None) -> Sequence[ExactEstimate]:
    return side if below is None else [ratio(each, below) for each in side]


def _within_range(each: Estimate, limits: Range | None) -> Estimate:
    """The estimate with its intervals cut at the range of the estimand."""
    found, within = cut(each.found, limits), each.within and replace(each.within, found=cut(each.within.found, limits))
    pairs = [(each.found, found), *([(each.within.found, within.found)] if each.within and within else [])]
    cuts = tuple(dict.fromkeys(text for pair in pairs for text in _cuts(each.estimand, limits, *pair)))
    return replace(each, found=found, within=within, cuts=cuts)


def _cuts(name: str, limits: Range | None, before: EstimatedBounds, after: EstimatedBounds) -> Iterator[str]:
    if limits is None or not is_cut(before, after):
        return
    ends = _ends_text(limits)
    lost = [one.replace("_", " ") for one in outside(before, after)]
    if lost:
        yield f"{name}: nothing of these is in its range {ends}, the data speak against the model: {', '.join(lost)}"
    else:
        yield f"{name}: intervals are cut at its range, {ends}"


def _ends_text(limits: Range) -> str:
    if not isinf(limits.low) and not isinf(limits.high):
        return f"[{limits.low}, {limits.high}]"
    return f"from {limits.low} on" if isinf(limits.high) else f"up to {limits.high}"


def _nearest(bounds: Bounds, sample: Sample, choice: Mapping[str, Fraction]) -> Interval:
    cells = nearest_in_model(bounds.conditions or (), bounds.arms, sample, choice)
    at = {**dict(zip(sample.cells, map(Fraction, cells), strict=True)), **choice}
    over = Fraction(1) if bounds.denominator is None else bounds.denominator.value(at)
    if over <= ROUNDING:
        raise DataError(
            f"at the nearest distribution of the model the condition of {bounds.name} has probability zero",
            remedy="Ask for the bounds without the projection.",
        )
    low = max(term.value(at) for term in bounds.lower.terms)
    high = min(term.value(at) for term in bounds.upper.terms)
    return float(low / over), float(high / over)
