"""Estimates of bounds that are ratios or sums of maxima, and in words where the data say little of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import inf, isinf

from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.errors import DataError
from boundgen.inference.cox_shi import NAME as COX_SHI
from boundgen.inference.cox_shi import cox_shi_inverted, implications_test
from boundgen.inference.estimand_range import Range
from boundgen.inference.estimated_bounds import EstimatedBounds, Interval
from boundgen.inference.estimated_terms import exact_estimates
from boundgen.inference.estimation import Estimate
from boundgen.inference.feasibility import conditions_test, nearest_in_model, tangents
from boundgen.inference.inversion import inversion
from boundgen.inference.misspecified import misfit_of
from boundgen.inference.names import Robust
from boundgen.inference.piecewise_range import piecewise_range
from boundgen.inference.sample import Sample
from boundgen.polyhedra.weighted_optimum import is_possible

NAMED = {
    "half_median_unbiased": "half-median-unbiased bounds",
    "set_interval": "set interval",
    "parameter_interval": "parameter interval",
}


def piecewise_estimate(
    bounds: PiecewiseBounds,
    sample: Sample,
    choice: Mapping[str, Fraction],
    method: str,
    level: float,
    seed: int,
    draws: int,
    project: bool,
    robust: Robust,
) -> Estimate:
    """The estimate at one choice of parameters; arguments as for `estimate`."""
    known = bounds.known_conditions
    shortfalls = exact_estimates(tangents(known or (), sample, choice), sample, choice, -1)
    inverted = inversion(bounds, sample, choice, seed, draws)
    if method == COX_SHI:
        found, misfit = misfit_of(cox_shi_inverted(inverted, bounds, choice, level), shortfalls, "never")
        tested = implications_test(bounds, sample, choice)
    else:
        found, misfit = inverted.reported(shortfalls, level, robust)
        tested = None if known is None else conditions_test(known, sample, choice, seed, draws)
    nearest = _nearest(bounds, sample, choice) if project and tested and tested.violations else None
    limits = piecewise_range(bounds, choice)
    cuts = (*_said(bounds.name, found, limits), *([_flat(bounds.name)] if inverted.flat else []))
    return Estimate(bounds.name, tuple(choice.items()), found, tested, nearest, None, limits, cuts, misfit=misfit)


def check_closed_form(bounds: PiecewiseBounds, at: Mapping[str, Fraction]) -> None:
    """Intervals are made from the closed form: it has to hold at the shares of the sample."""
    ends, is_closed = bounds.ends(at)
    if not is_closed:
        raise DataError(
            f"a share by which the bounds of {bounds.name} divide is zero in the sample, so that the closed form, from "
            "which intervals are made, does not hold there",
            remedy="boundgen evaluate gives the exact bounds at these data.",
        )
    if bounds.known_conditions is None and ends[0] is not None and not is_possible(bounds.program, at):
        raise DataError(
            f"no population has the shares of the sample and meets what is assumed for {bounds.name}",
            remedy="The sample contradicts the assumptions, by chance or because they do not hold.",
        )


def _nearest(bounds: PiecewiseBounds, sample: Sample, choice: Mapping[str, Fraction]) -> Interval | None:
    """The bounds at the nearest distribution of the model; None where they are not defined there."""
    cells = nearest_in_model(bounds.known_conditions or (), bounds.arms, sample, choice)
    at = {**dict(zip(sample.cells, map(Fraction, cells), strict=True)), **choice}
    low, high = bounds.ends(at)[0]
    return None if low is None or high is None else (float(low), float(high))


def _said(name: str, estimated: EstimatedBounds, limits: Range | None) -> Iterator[str]:
    """Which intervals are all that the estimand may be, and which have no end."""
    whole = (-inf, inf) if limits is None else (float(limits.low), float(limits.high))
    said: dict[str, list[str]] = {}
    for interval, called in NAMED.items():
        ends = estimated.interval(interval)
        if ends == whole:
            said.setdefault("these are its whole range, so that the data say nothing of it", []).append(called)
        elif ends is not None and any(map(isinf, ends)):
            side = "below" if ends[0] == -inf else "above"
            words = f"these have no end {side}, for what it is divided by may be zero"
            said.setdefault(words, []).append(called)
    for words, names in said.items():
        yield f"{name}: {words}: {', '.join(names)}"


def _flat(name: str) -> str:
    """What is said where first derivatives say little of how a bound varies."""
    return (
        f"{name}: a bound is nearly flat in the shares, as a product of two effects near zero is: its intervals count "
        "second derivatives too, and hold only roughly"
    )
