"""Model to problem: the programs of its estimands, and what the data identify of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from boundgen.bounds.consistency import is_empty, refuse_contradiction
from boundgen.bounds.empty_groups import refuse_impossible_groups
from boundgen.bounds.identification import event_program
from boundgen.bounds.problem import BoundingProblem, EstimandProgram, WeightedEstimand
from boundgen.bounds.sides import identified_quantity
from boundgen.errors import ModelError, NotIdentifiedError, NotLinearError
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.expressions import Inequality
from boundgen.language.model import Model
from boundgen.language.statements import Definition, Estimand
from boundgen.polyhedra.optimum import maximum
from boundgen.polyhedra.region import model_region
from boundgen.program.from_strata import linear_program
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import reduce
from boundgen.strata.averages import is_plain
from boundgen.strata.cells import Arm, observed_arms
from boundgen.strata.enumeration import enumerate_strata
from boundgen.strata.forms import linear_form
from boundgen.strata.stages import form_stage
from boundgen.work.limits import Budget
from boundgen.work.unanswered import Unanswered, answered, attempt


def bounding_problem(model: Model, estimands: Sequence[Estimand], budget: Budget) -> BoundingProblem:
    """The problem of a model: programs and denominators of its estimands, its definitions.

    What has no answer, such as a denominator that is not identified, is said here: before any enumeration.

    Raises
    ------
    ModelError
        Nothing observed, contradicting assumptions, definitions that are not identified; any reason where none of the
        estimands has a program.
    LimitError
        The model is larger than the limits.
    """
    arms = observed_arms(model, budget.limits)
    definitions = _definitions(model, arms, budget)
    return BoundingProblem(model, arms, definitions, *_all_posed(model, arms, estimands, budget))


def program_problem(model: Model, estimands: Sequence[Estimand], budget: Budget) -> BoundingProblem:
    """The problem as far as programs, without the model's definitions."""
    arms = observed_arms(model, budget.limits)
    return BoundingProblem(model, arms, (), *_all_posed(model, arms, estimands, budget))


def chosen_estimands(model: Model, names: str | Sequence[str]) -> tuple[Estimand, ...]:
    """The estimands of those names, or of that one; all of them where none is named."""
    names = (names,) if isinstance(names, str) else names
    if not model.estimands:
        raise ModelError(
            f"model {model.name} has no estimand", model.where, "Add a statement such as: estimand ate = E[Y(1) - Y(0)]"
        )
    return tuple(model.estimand_named(name) for name in dict.fromkeys(names)) if names else model.estimands


def _all_posed(
    model: Model, arms: Sequence[Arm], estimands: Sequence[Estimand], budget: Budget
) -> tuple[tuple[EstimandProgram | WeightedEstimand, ...], tuple[Unanswered, ...]]:
    """What has a program, and what has none."""
    refuse_impossible_groups(model, budget)
    attempts: list[EstimandProgram | WeightedEstimand | Unanswered] = [
        attempt(each.name, partial(_posed, model, arms, each, budget)) for each in estimands
    ]
    posed: list[EstimandProgram | WeightedEstimand]
    posed, unanswered = answered(attempts)
    return tuple(posed), unanswered


def _posed(model: Model, arms: Sequence[Arm], estimand: Estimand, budget: Budget) -> EstimandProgram | WeightedEstimand:
    """Here the ways part by the kind of problem: one linear program, perhaps divided by what is known, or not."""
    if estimand.refusal is not None:
        raise estimand.refusal
    if model.factored:
        raise NotLinearError(
            f"the laws of the response types of {' and of '.join(', '.join(own) for own in model.components)} are "
            "independent, and this is done for variables that share all causes",
            estimand.where,
            "boundgen derive and boundgen evaluate do it.",
        )
    if is_linear(model, estimand):
        try:
            asked = _linear(model, arms, estimand, budget)
        except NotLinearError:
            asked = None
        if asked is not None:
            return asked
    from boundgen.bounds.weighted_posing import as_linear, program_with_closed_form

    program = program_with_closed_form(model, arms, estimand, budget)
    return as_linear(model, estimand, program, budget) or WeightedEstimand(estimand, program)


def is_linear(model: Model, estimand: Estimand) -> bool:
    """Whether an estimand and what its model assumes and observes have the form of one linear program."""
    return estimand.divisor is None and is_plain(model, estimand.expression) and has_constant_rows(model)


def has_constant_rows(model: Model) -> bool:
    """Whether assumptions and observed distributions have the form of rows whose entries are numbers."""
    bodies = [a.body for a in model.assumptions if isinstance(a.body, Inequality)]
    selected = any(observation.selection for observation in model.observations)
    return not selected and all(is_plain(model, side) for body in bodies for side in (body.left, body.right))


def _linear(model: Model, arms: Sequence[Arm], estimand: Estimand, budget: Budget) -> EstimandProgram | None:
    """An estimand as a linear program; None where its denominator is not identified."""
    asked = estimand_program(model, arms, estimand, budget)
    if not asked.form.conditional:
        return asked
    over = identified_quantity(event_program(asked.program), model.parameters, budget)
    if over == Term():
        raise _impossible_condition(estimand)
    return None if over is None else replace(asked, denominator=over)


# ---------------------------------------------------------------- programs
def estimand_program(model: Model, arms: Sequence[Arm], estimand: Estimand, budget: Budget) -> EstimandProgram:
    """The program of an estimand, after the checks that need the strata; not its denominator."""
    if estimand.refusal is not None:
        raise estimand.refusal
    asked = unchecked_program(model, arms, estimand, budget)
    if is_empty(asked.program, model):
        refuse_contradiction(model, budget)
    if not _can_happen(model, asked.program):
        raise _impossible_condition(estimand)
    if len({column.cost for column in asked.program.columns}) == 1:
        _refuse_constant(model, asked, budget)
    return asked


def unchecked_program(model: Model, arms: Sequence[Arm], estimand: Estimand, budget: Budget) -> EstimandProgram:
    """The program of an estimand, which may be empty, or the same for every unit."""
    form = linear_form(model, estimand.expression, {})
    return EstimandProgram(estimand, form, linear_program(model, arms, form, budget))


def _can_happen(model: Model, program: LinearProgram) -> bool:
    """Whether the condition of the estimand has a positive probability somewhere in the model."""
    if not any(column.event for column in program.columns):
        return False
    if not program.restricted or all(column.event for column in program.columns):
        return True
    most = reduce(event_program(program).negated()).complete
    region = model_region(most, model.parameters)
    found = maximum(
        region.size, {j: -c.cost for j, c in enumerate(most.columns)}, region.constraints, region.nonnegative
    )
    return found is not None and found.value > 0


def _impossible_condition(estimand: Estimand) -> ModelError:
    return ModelError(
        f"the condition of estimand '{estimand.name}' has probability zero",
        estimand.where,
        "Condition on an event that can happen.",
    )


def _refuse_constant(model: Model, asked: EstimandProgram, budget: Budget) -> None:
    """An estimand that has one value for every unit whatever is assumed is a slip."""
    values = [values[0] for values in enumerate_strata(model.by_name, [], [form_stage(asked.form)], budget)]
    if len(values) == 1 and not asked.form.parameters:
        raise ModelError(
            f"estimand '{asked.estimand.name}' is constant: every unit contributes the same, whatever the data are",
            asked.estimand.where,
            "Ask for something that differs between units.",
        )


# ---------------------------------------------------------------- definitions
def _definitions(model: Model, arms: Sequence[Arm], budget: Budget) -> tuple[tuple[str, Term], ...]:
    """Each definition as a function of the observed cells; those that are not linear have no name in print."""
    found = []
    for definition in model.definitions:
        function = _definition(model, arms, definition, budget)
        if function is None:
            raise NotIdentifiedError(
                f"definition '{definition.name}' is not identified by the observed data",
                definition.where,
                "A definition names a quantity that the data identify; bound others as estimands.",
            )
        term = function.numerator.term if function.denominator == ONE else None
        if term is not None:
            found.append((definition.name, term))
    return tuple(found)


def _definition(model: Model, arms: Sequence[Arm], definition: Definition, budget: Budget) -> RationalFunction | None:
    try:
        linear = is_linear(model, Estimand(definition.name, definition.expression))
        form = linear_form(model, definition.expression, {}) if linear else None
        program = linear_program(model, arms, form, budget) if form else None
    except NotLinearError:  # of an assumption that compares conditional means
        program = None
    if program is None:
        from boundgen.bounds.assembly import identified_function

        return identified_function(model, arms, definition.expression, budget)
    if is_empty(program, model):
        refuse_contradiction(model, budget)
    term = identified_quantity(program, model.parameters, budget)
    return None if term is None else RationalFunction(Polynomial.linear(term))
