"""Estimates of bounds without a closed form: the program over strata is tested at each value (Cox & Shi 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from math import isinf

from boundgen.bounds.problem import EstimandProgram, WeightedEstimand
from boundgen.errors import DataError
from boundgen.inference.critical import CriticalValue
from boundgen.inference.estimand_range import Range
from boundgen.inference.estimated_bounds import EstimatedBounds
from boundgen.inference.estimation import Estimate, ModelTest
from boundgen.inference.inversion import Position
from boundgen.inference.misspecified import Misfit
from boundgen.inference.rejection import Search
from boundgen.inference.sample import Sample
from boundgen.inference.strata_arrays import strata_arrays
from boundgen.inference.strata_test import StrataTest

Program = EstimandProgram | WeightedEstimand
# The ends of a range are found in floating point.
DIGITS = 9


def numeric_estimate(asked: Program, sample: Sample, choice: Mapping[str, Fraction], level: float) -> Estimate | None:
    """The estimate at one choice of parameters; None where its program has coefficients that depend on the data.

    Returns
    -------
    Estimate or None

    Raises
    ------
    DataError
        Where the sample contradicts the model so clearly that no interval is left.
    """
    arrays = strata_arrays(asked, choice)
    if arrays is None:
        return None
    name, test = asked.estimand.name, StrataTest(arrays, sample)
    model = test.model
    outer = 1 - (1 - level) / 2
    if test.nearest is None or model.rejected(outer):
        raise DataError(
            f"no population near the sample meets what is assumed for {name} (p = {model.p_value:.2g})",
            remedy="The sample contradicts the assumptions.",
        )
    plug_in, limits = test.bounds(), _range(test)
    low, high = (Position.of(max(limits.low, min(limits.high, end))) for end in plug_in)
    least, most = Position.of(limits.low), Position.of(limits.high)
    ends = [
        Search(partial(test.at, relation="lower"), outer, test.dimension, (low, high)).outermost(low, least) or low,
        Search(partial(test.at, relation="upper"), outer, test.dimension, (low, high)).outermost(high, most) or high,
    ]
    search = Search(test.at, level, test.dimension, (low, high))
    values = search.values(low.middle(high), least, most)
    found = EstimatedBounds(
        plug_in=plug_in,
        half_median_unbiased=None,
        set_interval=(ends[0].level, ends[1].level),
        parameter_interval=None if values is None else (values.low.level, values.high.level),
        parameter_interval_adaptive=None,
        kept=((), ()),
        critical_values=()
        if values is None
        else (
            ("parameter, lower end", CriticalValue(search.at(values.low).critical(level), 0.0)),
            ("parameter, upper end", CriticalValue(search.at(values.high).critical(level), 0.0)),
        ),
    )
    said = (
        f"{name}: the sample is outside of the model (p = {model.p_value:.3f}): "
        "plug-in bounds are those at the nearest distribution of the model"
    )
    return Estimate(
        name,
        tuple(choice.items()),
        found,
        None,
        range=limits,
        cuts=(said,) if model.statistic else (),
        misfit=Misfit(True) if model.statistic else None,
        numeric=ModelTest(model.statistic, model.freedom, model.p_value),
    )


def _range(test: StrataTest) -> Range:
    low, high = test.range
    return Range(*(end if isinf(end) else round(Fraction(end), DIGITS) for end in (low, high)))
