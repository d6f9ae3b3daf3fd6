"""Cells of factors at a sample, where variables share no causes: functions of observed shares (the delta method)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from boundgen.bounds.factoring import DistrictFactor, FactoredModel
from boundgen.errors import NoClosedFormError
from boundgen.exact.polynomials import RationalFunction
from boundgen.inference.estimated_functions import EstimatedFunctions
from boundgen.inference.estimated_terms import gradients_of, ratio
from boundgen.inference.sample import ArmPrecision, Sample
from boundgen.inference.variation import ExactEstimate, Variation
from boundgen.language.expressions import Value
from boundgen.strata.cells import Arm, Cell


def factor_sample(factored: FactoredModel, sample: Sample) -> Sample:
    """Estimated cells of factors with the covariance that the observed shares give them, to first order.

    Parameters
    ----------
    factored : FactoredModel
    sample : Sample
        Of the observed cells.

    Returns
    -------
    Sample
        Its `arms` are those of the data. An arm of a factor counts as having as many units as the rarest condition
        whose probability its cells are divided by.

    Raises
    ------
    NoClosedFormError
        Where nobody in the sample meets a condition of these.
    """
    functions = EstimatedFunctions(sample, {})
    known = dict(factored.cells)
    cells = [cell.name for arm in factored.pseudo_arms for cell in arm.cells]
    estimates = [factor_estimate(name, known.get(name), functions) for name in cells]
    slopes = gradients_of(estimates, len(sample.cells))
    place = {name: i for i, name in enumerate(cells)}
    precision = tuple(map(partial(_precision, factored, sample, place), factored.pseudo_arms))
    return replace(
        sample,
        cells=tuple(cells),
        probabilities=np.array([float(each.value) for each in estimates]),
        covariance=slopes @ sample.covariance @ slopes.T,
        variation=Variation(tuple(each.value for each in estimates)),
        precision=precision,
    )


def factor_estimate(name: str, function: RationalFunction | None, functions: EstimatedFunctions) -> ExactEstimate:
    """A cell of a factor, or of the law of randomized variables, which is observed as it is."""
    if function is None:
        return functions.named(name)
    above, below = functions.polynomial(function.numerator), functions.polynomial(function.denominator)
    if not below.value:
        raise NoClosedFormError(
            f"nobody in the sample meets the condition of {name}, so that it has no estimate, and intervals need one",
            remedy="boundgen evaluate gives the exact bounds at these data.",
        )
    return ratio(above, below)


def _precision(factored: FactoredModel, sample: Sample, place: Mapping[str, int], arm: Arm) -> ArmPrecision:
    """What stands behind the cells of a factor in one arm: the observed arms that they are functions of."""
    places = np.array([place[cell.name] for cell in arm.cells])
    if arm.law:
        own = {sample.place[cell.name] for cell in arm.cells}
        return replace(next(each for each in sample.precision if own & set(each.places.tolist())), places=places)
    functions = dict(factored.cells)
    used = {sample.place[name] for cell in arm.cells for name in functions[cell.name].names}
    behind = [each for each in sample.precision if used & set(each.places.tolist())]
    least = min(behind, key=lambda each: each.pieces)
    size = _fewest(factored.factors[arm.observation], sample, arm)
    return ArmPrecision(
        _name(arm),
        places,
        arm.complete,
        int(size),
        size,
        least.pieces,
        min(each.freedom for each in behind),
        least.count,
        any(each.clustered for each in behind),
    )


def _fewest(factor: DistrictFactor, sample: Sample, arm: Arm) -> float:
    """The number of units (of equal weight) in the rarest condition."""
    sizes = {int(where): each.size for each in sample.precision for where in each.places}
    units = {name: float(sample.probabilities[where]) * sizes[where] for name, where in sample.place.items()}
    conditions = (given for cell in arm.cells for given in _divided_by(factor, cell))
    return min(sum(units[name] for name in factor.law.cells(given)) for given in conditions)


def _divided_by(factor: DistrictFactor, cell: Cell) -> list[Mapping[str, Value]]:
    """The conditions whose probabilities a cell is divided by.

    ``P(X | Z) P(M | X, Z)`` is ``P(X, M | Z)``: nobody need meet the condition of a conditional probability whose
    divisor is the probability before it.

    Returns
    -------
    list of mapping of name to value
    """
    values = dict(cell.event)
    steps = list(factor.given(cell.event, cell.context))
    above = [{}, *({**given, name: values[name]} for name, given in steps)]
    return [given for (_, given), before in zip(steps, above, strict=False) if not before or given != before]


def _name(arm: Arm) -> str:
    """The first variable's name with what is set: ``do(X=0)``."""
    first = arm.cells[0].name
    return first.removeprefix("P(").removesuffix(")").partition("|")[2]
