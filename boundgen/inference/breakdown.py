"""Breakdown values: how much of a violation a conclusion bears, with what a sample says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import inf
from typing import Any

from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.calls import public
from boundgen.data.given import given_sample
from boundgen.data.options import choices
from boundgen.derivation import Derivation
from boundgen.errors import DataError, did_you_mean, quoted
from boundgen.evaluation.asked import AnyBounds, Asked, WrittenValues, bounds_request
from boundgen.evaluation.breakdown_points import (
    CONCLUSIONS,
    BreakdownPoint,
    BreakdownRange,
    Conclusion,
    breakdown_points,
)
from boundgen.evaluation.evaluate import checked_parameters
from boundgen.exact.rational import Written, rational, real, shown, whole
from boundgen.inference.breakdown_limits import BreakdownLimits, limits_of
from boundgen.inference.breakdown_values import Breakdown, Breakdowns
from boundgen.inference.critical import DRAWS
from boundgen.inference.estimand_range import Range, estimand_range
from boundgen.inference.estimate import all_bounds, check_options, sample_notes, without_intervals
from boundgen.inference.from_data import sample_of
from boundgen.inference.methods import DEFAULT, method_named
from boundgen.inference.piecewise_estimate import check_closed_form
from boundgen.inference.piecewise_range import piecewise_range
from boundgen.inference.resampling import resampling_of
from boundgen.inference.sample import Sample
from boundgen.language.statements import Parameter
from boundgen.work.limits import Report, ignore
from boundgen.work.unanswered import answered, attempt


@public
def breakdown(
    asked: Asked,
    data: Any,
    parameter: str,
    parameters: WrittenValues | None = None,
    *,
    low: Written | None = None,
    high: Written | None = None,
    threshold: Written = 0,
    conclusion: Conclusion | None = None,
    level: float = 0.95,
    seed: int = 1,
    draws: int = DRAWS,
    report: Report = ignore,
    **options: Any,
) -> Breakdowns:
    """The smallest value of a parameter at which a conclusion is lost, with limits and an interval.

    The conclusion is that the estimand is above the threshold, or below it: it is lost where the bound on its side is
    not beyond the threshold. The plug-in value is the exact root. Limits are values of the parameter that the test of
    intersection bounds does not reject (Chernozhukov, Lee & Rosen 2013), as in Kline & Santos (2013) and Masten &
    Poirier (2020) those that a confidence band allows; bounds need not be monotone in the parameter.

    Parameters
    ----------
    asked, data
        As for `estimate`.
    parameter : str
    parameters : mapping of name to number, or to several
        The other parameters.
    low, high : exact number, optional
        From where to where to look; by default the parameter's declared range.
    threshold : exact number
    conclusion : {"above", "below"}, optional
        By default the one that the sample supports at the start of the range. The lower limit then pays for both.
    level : float
    seed, draws : int
        As for `estimate`.
    report : function of (what, done, total)
    **options
        As for `evaluate`.

    Returns
    -------
    Breakdowns

    Raises
    ------
    DataError
        As `estimate`, for ranges without start or outside of the declared one, and for strata.

    Examples
    --------
    >>> from boundgen import catalogue
    >>> from boundgen.data.reading import read_data
    >>> model = catalogue.load("mediation_limited_defiers")
    >>> found = breakdown(model.bound("zeta0"), read_data(model, "bursztyn"), "gamma").breakdowns[0]
    >>> found.conclusion, f"{float(found.plug_in):.4f}"
    ('above', '0.0531')
    """
    put = bounds_request(asked, parameters, options)
    if isinstance(put.derived, Derivation):
        put.derived.with_shared_causes("breakdown values")
    derived, parameters, data = put.derived, put.parameters, given_sample(put.model, data, put.reading)
    level, draws, seed = real(level, "the level"), whole(draws, "draws"), whole(seed, "the seed")
    check_options(level, draws, seed)
    if conclusion is not None and conclusion not in CONCLUSIONS:
        raise DataError(f"there is no conclusion {quoted(conclusion)}", remedy=f"conclusions: {', '.join(CONCLUSIONS)}")
    bounds = all_bounds(derived)
    within = breakdown_range(bounds[0].parameters, parameter, low, high)
    chosen = _others(bounds[0].parameters, parameter, parameters or {})
    beyond = rational(threshold, "the threshold")
    if data.strata is not None:
        raise DataError(
            "breakdown values are of bounds without strata", remedy="Leave --within out: they hold all the same."
        )
    sample = sample_of(data)

    def all_choices(each: AnyBounds) -> list[Breakdown]:
        found = []
        for number, choice in enumerate(chosen):
            report(f"breakdown values of {each.name}", number, len(chosen))
            found.append(breakdown_value(each, sample, within, choice, beyond, conclusion, level, seed, draws))
        return found

    found, without = answered(attempt(each.name, partial(all_choices, each)) for each in bounds)
    flat = tuple(each for several in found for each in several)
    undefined = {each.name for each in without}
    answers = tuple(each for each in bounds if each.name not in undefined)
    return Breakdowns(
        data.model,
        answers,
        data,
        within,
        beyond,
        conclusion,
        level,
        seed,
        draws,
        sample.n,
        flat,
        (
            *sample_notes(data, resampling_of(data, sample), bounds, method_named(DEFAULT)),
            *_said(flat, answers, within),
        ),
        (*(without_intervals(derived) if isinstance(derived, Derivation) else ()), *without),
    )


def breakdown_range(
    parameters: Sequence[Parameter], name: str, low: Written | None, high: Written | None
) -> BreakdownRange:
    """From where to where to look: what was asked for, within what was declared; the upper end may be infinite.

    Returns
    -------
    BreakdownRange

    Raises
    ------
    DataError
    """
    declared = {each.name: each for each in parameters}
    if name not in declared:
        raise DataError(
            f"the model has no parameter {quoted(name)}",
            remedy=f"{did_you_mean(name, declared)}parameters: {', '.join(declared) or 'none'}",
        )
    own = declared[name]
    for end in (low, high):
        if end is not None:
            checked_parameters([own], {name: end})
    start = own.low if low is None else rational(low, name)
    end = own.high if high is None else rational(high, name)
    if start is None:
        raise DataError(
            f"the range of parameter {name} has no start",
            remedy=f"Say from where to where to look: --at {name}=0:1:1.",
        )
    if end is not None and end <= start:
        raise DataError(
            f"the range of parameter {name} from {shown(start)} to {shown(end)} is empty",
            remedy="A breakdown value is looked for along a range: give two different values.",
        )
    return BreakdownRange(name, start, inf if end is None else end)


def _others(parameters: Sequence[Parameter], name: str, given: WrittenValues) -> list[dict[str, Fraction]]:
    if name in given:
        raise DataError(f"parameter {name} varies, and has a value too", remedy="Give its range by low and high.")
    return list(choices(checked_parameters([each for each in parameters if each.name != name], given)))


def breakdown_value(
    bounds: AnyBounds,
    sample: Sample,
    within: BreakdownRange,
    fixed: Mapping[str, Fraction],
    threshold: Fraction,
    asked: Conclusion | None,
    level: float,
    seed: int,
    draws: int,
) -> Breakdown:
    """One estimand at one choice of the other parameters; arguments as for `breakdown`.

    Returns
    -------
    Breakdown

    Raises
    ------
    DataError
    """
    _check_threshold(bounds, within, fixed, threshold)
    cells = dict(zip(sample.cells, sample.variation.shares, strict=True))
    points = breakdown_points(bounds, cells, within, fixed, threshold)
    if isinstance(bounds, PiecewiseBounds):
        check_closed_form(bounds, {**cells, **fixed, within.parameter: points["above"].start})
    supported = [each for each in CONCLUSIONS if points[each].value != points[each].start]
    if len(supported) == 2:
        raise DataError(
            f"the bounds of {bounds.name} cross at {within.parameter} = {shown(points['above'].start)}, where both "
            "conclusions would hold",
            remedy="Assumptions and sample disagree there: look from a larger value on.",
        )
    conclusion = asked or (supported[0] if supported else None)
    if conclusion is None:
        start = points["above"].start
        low = float(within.low)
        return Breakdown(bounds.name, tuple(fixed.items()), None, start, start, low, low, (low, None))
    limits = limits_of(bounds, sample, within, fixed, threshold, conclusion, seed, draws)
    return _limited(bounds.name, fixed, conclusion, points[conclusion], limits, level, asked is not None)


def _check_threshold(
    bounds: AnyBounds, within: BreakdownRange, fixed: Mapping[str, Fraction], threshold: Fraction
) -> None:
    """Whatever the data are, an estimand is not beyond its range: a conclusion about that needs no sample."""
    ends = [end for end in (within.low, within.high) if isinstance(end, Fraction)]
    ranges = [_range(bounds, {**fixed, within.parameter: end}) for end in ends]
    known = [each for each in ranges if each is not None]
    below, above = (all(threshold < each.low for each in known), all(threshold > each.high for each in known))
    if len(known) == 2 and (below or above):
        low, high = min(each.low for each in known), max(each.high for each in known)
        raise DataError(
            f"the threshold {shown(threshold)} is outside of what {bounds.name} can be, from {low} to {high}",
            remedy="Give one between them: the conclusion is about the sample then.",
        )


def _range(bounds: AnyBounds, at: Mapping[str, Fraction]) -> Range | None:
    return piecewise_range(bounds, at) if isinstance(bounds, PiecewiseBounds) else estimand_range(bounds, at)


def _limited(
    name: str,
    fixed: Mapping[str, Fraction],
    conclusion: Conclusion,
    point: BreakdownPoint,
    limits: BreakdownLimits,
    level: float,
    asked: bool,
) -> Breakdown:
    """A sample that chooses its conclusion could be wrong of either: each is then tested at half of what is left."""
    outer = (1 + level) / 2
    low = limits.first_unsupported(outer)
    return Breakdown(
        name,
        tuple(fixed.items()),
        conclusion,
        point.start,
        point.value,
        limits.first_unsupported(0.5),
        limits.first_unsupported(level) if asked else low,
        (low, limits.last_unrefuted(outer)),
        point.regained,
    )


def _said(breakdowns: Sequence[Breakdown], bounds: Sequence[AnyBounds], within: BreakdownRange) -> Iterator[str]:
    """What a reader should know of single values."""
    late = {each.start: None for each in breakdowns if each.start > within.low}
    for start in late:
        names = ", ".join(dict.fromkeys(each.estimand for each in breakdowns if each.start == start))
        yield (
            f"below {within.parameter} = {float(start):.4g} a testable implication fails in the sample, so that "
            f"plug-in values of {names} are looked for from there"
        )
    if any(each.conditions is None for each in bounds):
        yield "testable implications were left out: whether the sample allows the assumptions is not known"
    for each in breakdowns:
        if each.regained is not None:
            yield (
                f"{each.estimand}: bounds are not monotone in {within.parameter}, the conclusion holds again beyond "
                f"{float(each.regained):.4g}; the value is the first at which it is lost, the upper limit the last "
                "that is not refuted"
            )
