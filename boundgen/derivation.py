"""The whole way from a model to its bounds. Read this first.

    Model -> BoundingProblem: observed arms, and each estimand as a program over strata             (bounds/posing)
       one linear program with constant coefficients:
          -> both sides: reduced program, dual polyhedron, vertices, terms that can be active  (bounds/sides)
       a ratio, or weights that are functions of the data:
          -> unknowns in which entries are numbers, then edges of a dual polyhedron, or a cone
             with a coordinate for each weight; or why there is no closed form  (bounds/closing)
          -> testable implications: the rays of a dual polyhedron  (bounds/implications); where rows have
             coefficients that depend on the data, in the same unknowns  (bounds/weighted_implications)
          -> Bounds, PiecewiseBounds: the terms in the form in which they are printed  (bounds/printing)

Every arrow is one function from one frozen value to the next; a `Derivation` keeps them all.

What most models do not need is imported where it is used: it is half of the code, and a small model starts without.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial as partial_of
from typing import TYPE_CHECKING

from boundgen.bounds.derived import NO_IMPLICATIONS, Derivation, EstimandDerivation
from boundgen.bounds.implications import binding_equalities, implications, implying_sides, patient
from boundgen.bounds.posing import bounding_problem, chosen_estimands
from boundgen.bounds.printing import printed_bounds, shown_conditions
from boundgen.bounds.problem import BoundingProblem, EstimandProgram
from boundgen.bounds.proved import proved
from boundgen.bounds.sides import both_sides, known_of, settled
from boundgen.bounds.symbols import Notation, notation
from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.errors import LimitError, ModelError
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.polyhedra.engine import Enumerate, Known
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.work import clock
from boundgen.work.limits import Budget, Limits, Report, Resources, ignore
from boundgen.work.unanswered import Unanswered, attempt, parted

if TYPE_CHECKING:
    from boundgen.bounds.closing import ClosedSides
    from boundgen.bounds.independent_problem import IndependentProblem
    from boundgen.bounds.piecewise_bounds import PiecewiseBounds
    from boundgen.bounds.product_conditions import ProductCondition

__all__ = ["Derivation", "derivation_within", "derive", "derived_from", "posed"]


@public
def derive(
    model: Model | str | os.PathLike[str],
    estimands: str | Sequence[str] = (),
    *,
    engine: str = "auto",
    conditions: bool = True,
    limits: Limits = Limits(),
    report: Report = ignore,
    remark: Callable[[str], None] = ignore,
    resources: Resources = Resources(),
    partial: bool = False,
    programs: bool = False,
) -> Derivation:
    """Derive the sharp bounds of a model's estimands.

    An estimand that has no answer does not take the others down: `Derivation.unanswered` names it with the reason.

    Parameters
    ----------
    model : Model, or str or path
        A name of the catalogue, a file, or a text of several lines, stand for their model.
    estimands : str or sequence of str
        Names of estimands; all of them where none is named.
    engine : {"auto", "cdd", "ppl", "orbits"}
    conditions : bool
        Whether to derive the testable implications; there can be thousands.
    limits : Limits
    report : function of (what, done, total)
        Called while long work goes on.
    remark : function of str
        Is told how the enumeration is done.
    resources : Resources
        Executor and checkpoints for long enumerations.
    partial : bool
        Whether bounds that are valid, but not proved sharp within the limits of time and memory, are an answer;
        `Derivation.missing` then says what is missing. Otherwise they are a `LimitError`.
    programs : bool
        Whether the programs of estimands are an answer where no bounds were found in time: `estimate` needs no more.

    Returns
    -------
    Derivation

    Raises
    ------
    ModelError
        Nothing observed, no estimand, contradicting assumptions; denominators that are not identified and the like,
        where no estimand has an answer.
    LimitError
        The model is larger than the limits.
    EngineError
        The engine is not installed.

    Examples
    --------
    >>> from boundgen import catalogue, derive
    >>> print(derive(catalogue.load("mediation_mmr"), ["delta1"]).text(unicode=False))
    mediation_mmr: Randomized treatment, monotonic mediator response
    <BLANKLINE>
      p_ym.a = P(Y=y, M=m | A=a)
      ATM = P(M=1 | A=1) - P(M=1 | A=0)
    <BLANKLINE>
      max{-ATM, -p01.1} <= delta1 <= min{ATM, p11.1}
    <BLANKLINE>
    Testable implications:
    <BLANKLINE>
      ATM >= 0
    <BLANKLINE>
    """
    model = given_model(model)
    try:
        budget = Budget(limits, report, remark=remark, resources=resources)
        enumerate_dual = engine_named(engine)
        if resources.cache is not None:
            from boundgen.polyhedra.cache import cached

            enumerate_dual = cached(enumerate_dual, resources.cache)
        return derivation_within(model, estimands, enumerate_dual, conditions, budget, partial, programs)
    except RecursionError:
        raise LimitError(
            "the model nests potential outcomes more deeply than can be evaluated",
            model.where,
            "Shorten chains of variables that affect one another: only those that matter need a name.",
        ) from None


def derivation_within(
    model: Model,
    estimands: str | Sequence[str],
    enumerate_dual: Enumerate,
    conditions: bool,
    budget: Budget,
    partial: bool = False,
    programs: bool = False,
) -> Derivation:
    """`derive`, as part of work that may have begun before."""
    chosen = chosen_estimands(model, estimands)
    if model.factored:
        return _of_factors(model, chosen, enumerate_dual, conditions, budget, partial, programs)
    problem = bounding_problem(model, chosen, budget)
    return derived_from(problem, enumerate_dual, conditions, budget, partial, programs)


def _of_factors(
    model: Model,
    chosen: Sequence[Estimand],
    enumerate_dual: Enumerate,
    conditions: bool,
    budget: Budget,
    partial: bool,
    programs: bool,
) -> Derivation:
    """Where variables share no causes."""
    from boundgen.bounds.factored_form import with_formulas, with_source
    from boundgen.bounds.independent import in_cells_of_factors, independent_problem

    independent = independent_problem(model, chosen, budget)
    problem = in_cells_of_factors(independent, budget)
    if partial and not problem.posed:
        return with_formulas(_without_bounds(problem, ()), independent)
    derived = with_formulas(derived_from(problem, enumerate_dual, False, budget, partial, programs), independent)
    found = _implied_by_types(independent, enumerate_dual, budget) if conditions else None
    return with_source(replace(derived, conditions=found, shown_conditions=found), model)


def _implied_by_types(
    independent: IndependentProblem, enumerate_dual: Enumerate, budget: Budget
) -> tuple[Term, ...] | None:
    """What the response types of each factor demand of its cells; None where it was not derived."""
    from boundgen.bounds.factoring import has_overlapping_causes

    if independent.factored is None or has_overlapping_causes(independent.model):
        return None
    found: list[Term] = []
    for alone, names in map(independent.factored.alone, range(len(independent.factored.factors))):
        try:
            problem = bounding_problem(alone, alone.estimands, budget)
            alone_derived = derived_from(problem, enumerate_dual, True, patient(budget, ()))
        except (ModelError, LimitError):
            return None
        terms = alone_derived.conditions
        if terms is None or alone_derived.conditions_missing:
            return None
        found += [Term.of(t.constant, {names.get(cell, cell): c for cell, c in t.coefficients}) for t in terms]
    # What is built as a product of conditional probabilities meets some of them whatever the data are.
    return tuple(term for term in found if not independent.factored.is_trivial(term))


def posed(
    model: Model, estimands: str | Sequence[str] = (), *, limits: Limits = Limits(), report: Report = ignore
) -> Derivation:
    """The programs of a model's estimands, without their bounds: nothing is enumerated.

    It is for `estimate`, where terms would be thousands.

    Parameters
    ----------
    model, estimands, limits, report
        As for `derive`.

    Returns
    -------
    Derivation
    """
    problem = bounding_problem(model, chosen_estimands(model, estimands), Budget(limits, report))
    error = LimitError(
        "its bounds were not derived, and without them there are intervals by the methods intersection and cox-shi "
        "alone, and where no coefficient depends on the data",
        remedy="Derive them: leave --numeric out.",
    )
    return _without_bounds(problem, [Unanswered(name, error.message, error) for name in problem.names])


def _without_bounds(problem: BoundingProblem, unanswered: Sequence[Unanswered]) -> Derivation:
    with clock.held():
        symbols = notation(problem.model, problem.arms)
    return Derivation(problem, (), (), None, None, symbols, "", (*problem.unanswered, *unanswered))


def derived_from(
    problem: BoundingProblem,
    enumerate_dual: Enumerate,
    conditions: bool,
    budget: Budget,
    partial: bool = False,
    programs: bool = False,
) -> Derivation:
    """The stages one after the other."""
    stages, late = _stages(problem, enumerate_dual, budget)
    piecewise, without = _pieces(problem, enumerate_dual, budget)
    if programs and not stages and not piecewise and problem.posed:
        return _without_bounds(problem, [*late, *without])
    if not stages and not piecewise and not (partial and problem.weighted):
        raise (*late, *without, *problem.unanswered)[0].error
    sides = implying_sides(problem, stages, budget)
    with clock.held():
        equalities = binding_equalities(problem, sides) if sides else ()
    found, products, missing = None, None, ""
    if conditions and sides:
        own = patient(budget, sides) if partial else budget
        found, missing = implications(problem, sides, equalities, enumerate_dual, own)
    elif conditions:
        from boundgen.bounds.weighted_implications import weighted_implications

        known = weighted_implications(problem, patient(budget, ()))
        found, products, missing = (known.terms, known.products, "") if known else (None, None, NO_IMPLICATIONS)
    with clock.held():
        symbols = notation(problem.model, problem.arms)
        bounds = printed_bounds(problem, stages, equalities, found, symbols)
        shown = None if found is None else shown_conditions(problem, found)
        pieces = _printed_pieces(problem, piecewise, equalities, found, symbols, products)
    unanswered = (*problem.unanswered, *late, *without)
    derived = Derivation(problem, stages, bounds, found, shown, symbols, missing, unanswered, pieces, products)
    return derived if partial else proved(derived)


def _pieces(
    problem: BoundingProblem, enumerate_dual: Enumerate, budget: Budget
) -> tuple[tuple[ClosedSides, ...], tuple[Unanswered, ...]]:
    """The closed forms of ratios and weights, and of the others why there is none."""
    if not problem.weighted:
        return (), ()
    from boundgen.bounds.closing import piecewise_bounds

    return piecewise_bounds(problem, enumerate_dual, budget)


def _printed_pieces(
    problem: BoundingProblem,
    sides: Sequence[ClosedSides],
    equalities: tuple[Term, ...],
    conditions: tuple[Term, ...] | None,
    symbols: Notation,
    products: tuple[ProductCondition, ...] | None,
) -> tuple[PiecewiseBounds, ...]:
    if not sides:
        return ()
    from boundgen.bounds.closing import printed_pieces

    return printed_pieces(problem, sides, equalities, conditions, symbols, products)


def _stages(
    problem: BoundingProblem, enumerate_dual: Enumerate, budget: Budget
) -> tuple[tuple[EstimandDerivation, ...], tuple[Unanswered, ...]]:
    """The stages of the estimands that are reached in time, and the others; each learns from those before it."""
    total = len(problem.posed)
    stages: list[EstimandDerivation | Unanswered] = []
    for done, asked in enumerate(problem.programs):
        known = known_of(side for stage in parted(stages)[0] for side in (stage.lower, stage.upper))
        share = replace(budget, shares=2 * (total - done))
        in_time = partial_of(_stage_in_time, problem, asked, enumerate_dual, known, share, done)
        stages.append(attempt(asked.estimand.name, in_time))
    reached, late = parted(stages)
    return tuple(reached), late


def _stage_in_time(
    problem: BoundingProblem, asked: EstimandProgram, enumerate_dual: Enumerate, known: Known, budget: Budget, done: int
) -> EstimandDerivation:
    budget.step("deriving estimands", done, len(problem.programs))
    sides = both_sides(asked.program, problem.model.parameters, enumerate_dual, known, budget)
    return EstimandDerivation(asked, *settled(asked.program, problem.model.parameters, sides, budget))
