"""Bounds at data: plug-in values, the terms that give them, and the testable implications that fail."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, overload

from boundgen.bounds.closed_form import checked_values
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.problem import WeightedEstimand
from boundgen.bounds.product_conditions import AnyCondition
from boundgen.calls import public
from boundgen.data.given import check_no_strata, given_data
from boundgen.data.laws import check_laws
from boundgen.data.observed import ObservedData
from boundgen.data.options import choices, several_values
from boundgen.derivation import Derivation
from boundgen.errors import DataError, did_you_mean, quoted
from boundgen.evaluation.asked import AnyBounds, Asked, WrittenValues, bounds_request, declared_parameters, model_alone
from boundgen.evaluation.evaluations import Evaluation, EvaluationMethod, Evaluations, Violation
from boundgen.evaluation.independent import cells_of_factors, independent_evaluation, interval_where_defined
from boundgen.exact.rational import Written, measured, shown
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.weighted_optimum import UNDEFINED, Ends, is_possible, weighted_bounds_at
from boundgen.strata.cells import Arm
from boundgen.work.limits import Budget, Limits, Report, ignore

if TYPE_CHECKING:
    from boundgen.evaluation.whole_law import LawEvaluations

# Larger ones would be no figures in a report.
LARGEST = 10**100


@overload
def evaluate(
    asked: Asked,
    data: Any,
    parameters: WrittenValues | None = ...,
    *,
    law: None = ...,
    report: Report = ...,
    limits: Limits = ...,
    **options: Any,
) -> Evaluations: ...
@overload
def evaluate(
    asked: Asked,
    data: Any,
    parameters: WrittenValues | None = ...,
    *,
    law: str,
    report: Report = ...,
    limits: Limits = ...,
    **options: Any,
) -> LawEvaluations: ...
@public
def evaluate(
    asked: Asked,
    data: Any,
    parameters: WrittenValues | None = None,
    *,
    law: str | None = None,
    report: Report = ignore,
    limits: Limits = Limits(),
    **options: Any,
) -> Evaluations | LawEvaluations:
    """Bounds at an observed distribution: one `Evaluation` for each estimand and each choice of parameters.

    Where an estimand has no closed form, the program that these data make is solved in rational numbers;
    `Evaluation.method` says which.

    The values are plug-in estimates without sampling error: in finite samples max and min make them too narrow.

    Parameters
    ----------
    asked : Model, str, path, Bounds, PiecewiseBounds, Derivation or sequence of bounds
        A name of the catalogue or a file stands for its model.
    data : ObservedData, mapping of cell to probability, or what `read_data` reads
        Probabilities sum to one in each complete arm; floats are taken at their decimal text.
    parameters : mapping of name to number, or to several
        Several values of several parameters: every combination. Fractions, integers, texts, floats.
    law : str, optional
        A numeric outcome of which every distinct value in the data is used, of a model:
        `boundgen.evaluation.whole_law.evaluate_law`.
    report : function of (what, done, total)
    limits : Limits
        Of time and memory, for programs at data that may take long.
    **options
        Those of `read_data`; names of variables, for their columns; names of parameters, for their values;
        ``estimands``, of a model: a name or several.

    Returns
    -------
    Evaluations, or LawEvaluations with `law`

    Raises
    ------
    DataError
        For parameters that miss, are unknown or out of range, and data of another shape.

    Examples
    --------
    >>> from boundgen import catalogue, derive
    >>> from boundgen.data.reading import read_data
    >>> model = catalogue.load("mediation_mmr")
    >>> (found,) = evaluate(model.bound("delta1"), read_data(model, "boundsdata"))
    >>> print(f"{float(found.lower):.6f} {float(found.upper):.6f}")
    -0.045752 0.273450
    """
    if law is not None:
        from boundgen.evaluation.whole_law import evaluate_law

        return evaluate_law(model_alone(asked), law, data, parameters, report=report, **options)
    check_no_strata(options)
    put = bounds_request(asked, parameters, options)
    derived, parameters, data = put.derived, put.parameters, given_data(put.model, data, put.reading)
    bounds = derived.closed_forms if isinstance(derived, Derivation) else derived
    derivation = derived if isinstance(derived, Derivation) else None
    observed = data if isinstance(data, ObservedData) else None
    cells = data.probabilities if isinstance(data, ObservedData) else data
    if observed is None:
        check_laws(_observed_arms(derivation, bounds), cells)
    if derivation is not None and derivation.independent is not None:
        return _with_independent_causes(derivation, cells, observed, parameters or {}, Budget(limits, report))
    chosen = list(choices(checked_parameters(declared_parameters(derived), parameters or {})))
    found = []
    for each in _in_order(derivation, bounds):
        for number, choice in enumerate(chosen, 1):
            found.append(_evaluation(each, derivation, cells, choice))
            report(f"evaluating {_name(each)}", number, len(chosen))
    return Evaluations(tuple(found), bounds, cells, observed, derivation)


def _observed_arms(derivation: Derivation | None, bounds: Sequence[AnyBounds]) -> tuple[Arm, ...]:
    if derivation is None:
        return bounds[0].arms
    return derivation.independent.arms if derivation.independent else derivation.arms


def _with_independent_causes(
    derivation: Derivation,
    cells: Mapping[str, Written],
    observed: ObservedData | None,
    parameters: WrittenValues,
    budget: Budget,
) -> Evaluations:
    """The same where variables share no causes: bounds are in cells of factors, which the data give."""
    independent = derivation.independent
    assert independent is not None
    closed = {each.name: each for each in derivation.closed_forms}
    places = []
    for choice in choices(checked_parameters(independent.model.parameters, parameters)):
        at = cells_of_factors(derivation, cells, choice)
        places.append((choice, at, _violations(*_defined(derivation.known_conditions, at))))
    asked = list(itertools.product(independent.posed, places))
    found = []
    for done, (each, (choice, at, failing)) in enumerate(asked):
        share = replace(budget, shares=len(asked) - done)
        one = independent_evaluation(each, closed.get(each.estimand.name), at, choice, share)
        found.append(replace(one, violations=failing))
    return Evaluations(tuple(found), derivation.closed_forms, cells, observed, derivation)


def _defined(
    conditions: Sequence[AnyCondition] | None, at: Mapping[str, Fraction | int | None]
) -> tuple[Sequence[AnyCondition] | None, dict[str, Fraction | int]]:
    """The conditions in cells that these data give: where one is given what has no units nothing is demanded."""
    known = {name: value for name, value in at.items() if value is not None}
    if conditions is None:
        return None, known
    linear = (each for each in conditions if isinstance(each, Term))
    return [each for each in linear if all(name in known for name, _ in each.coefficients)], known


def _in_order(derivation: Derivation | None, bounds: Sequence[AnyBounds]) -> list[AnyBounds | WeightedEstimand]:
    """Closed forms, and in their places the estimands that have none and a program at data."""
    if derivation is None:
        return list(bounds)
    closed = {each.name: each for each in bounds}
    programs = {each.estimand.name: each for each in derivation.problem.weighted}
    names = [name for name in derivation.problem.names if name in closed or name in programs]
    return [closed.get(name) or programs[name] for name in names]


def _name(each: AnyBounds | WeightedEstimand) -> str:
    return each.estimand.name if isinstance(each, WeightedEstimand) else each.name


def _evaluation(
    each: AnyBounds | WeightedEstimand,
    derivation: Derivation | None,
    cells: Mapping[str, Written],
    choice: Mapping[str, Fraction],
) -> Evaluation:
    chosen = tuple(choice.items())
    if isinstance(each, WeightedEstimand):
        assert derivation is not None, "estimands without a closed form come from a derivation"
        at = checked_values(derivation.arms, derivation.model.parameters, cells, choice)
        ends = weighted_bounds_at(each.program, at)
        failing = _violations(derivation.known_conditions, at)
        return Evaluation(each.estimand.name, chosen, *ends, (), (), failing, "linear program")
    at = checked_values(each.arms, each.parameters, cells, choice)
    failing = _violations(each.known_conditions, at)
    if isinstance(each, PiecewiseBounds):
        ends, closed = each.ends(at)
        # Failing implications of constant rows leave an interval that crosses, as linear bounds have it.
        unsure = failing is None or (failing and each.program.varies)
        if unsure and closed and not is_possible(each.program, at):
            ends, closed = UNDEFINED, False
        method: EvaluationMethod = "closed form" if closed else "linear program"
        return Evaluation(each.name, chosen, *ends, *_active_pieces(each, ends, at), failing, method)
    low, high = each.active(cells, choice)
    return Evaluation(each.name, chosen, *interval_where_defined(each, cells, choice), low, high, failing)


def _active_pieces(
    bounds: PiecewiseBounds, ends: Ends, at: Mapping[str, Fraction | int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The pieces that give the ends; where cells are zero none may, and the exact ends are narrower."""
    over = bounds.denominator.value(at) if bounds.denominator else Fraction(1)
    low, high = (
        tuple(i for i, value in enumerate(side.values(at)) if value is not None and value == end * over)
        if isinstance(end, Fraction) and over
        else ()
        for side, end in zip((bounds.lower, bounds.upper), ends, strict=True)
    )
    return low, high


def _violations(
    conditions: Sequence[AnyCondition] | None, at: Mapping[str, Fraction | int]
) -> tuple[Violation, ...] | None:
    if conditions is None:
        return None
    values = ((condition, condition.value(at)) for condition in conditions)
    return tuple(Violation(condition, -value) for condition, value in values if value < 0)


# ---------------------------------------------------------------- parameters
def checked_parameters(parameters: Iterable[Parameter], given: WrittenValues) -> dict[str, tuple[Fraction, ...]]:
    """The values of each parameter, in the order of the model; refused where they miss or are out of range."""
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise DataError(
                f"the model has no parameter {quoted(name)}",
                remedy=f"{did_you_mean(name, known)}parameters: {', '.join(known) or 'none'}",
            )
    return {name: _checked(parameter, given) for name, parameter in known.items()}


def _checked(parameter: Parameter, given: WrittenValues) -> tuple[Fraction, ...]:
    if parameter.name not in given:
        raise DataError(
            f"parameter {quoted(parameter.name)} has no value",
            remedy=f'Give it one of {_range(parameter)}: --at "{parameter.name}=0.1", or a grid 0:0.3:0.01.',
        )
    written = given[parameter.name]
    several = several_values(parameter.name, written)
    return tuple(dict.fromkeys(_in_range(parameter, value) for value in several))


def _in_range(parameter: Parameter, written: Written) -> Fraction:
    value = measured(written, parameter.name, remedy="Write a number: 0.1 or 1/10.")
    below = parameter.low is not None and value < parameter.low
    if below or (parameter.high is not None and value > parameter.high):
        raise DataError(
            f"{parameter.name} = {shown(value)} is out of its range", remedy=f"Its range is {_range(parameter)}."
        )
    if abs(value) > LARGEST:
        raise DataError(f"{parameter.name} = {shown(written)} is too large", remedy="Its size is at most 1e100.")
    return value


def _range(parameter: Parameter) -> str:
    low = "(-inf" if parameter.low is None else f"[{parameter.low}"
    high = "inf)" if parameter.high is None else f"{parameter.high}]"
    return f"{low}, {high}"
