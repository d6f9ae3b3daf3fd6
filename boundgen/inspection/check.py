"""What `boundgen check` looks at in a model: sizes, consistency, identification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from boundgen.bounds.consistency import is_empty, refuse_contradiction
from boundgen.bounds.empty_groups import empty_groups, refuse_impossible_groups
from boundgen.bounds.identification import is_identified
from boundgen.bounds.independent import independent_problem, known_factors
from boundgen.bounds.independent_problem import FactoredEstimand, PolynomialEstimand
from boundgen.bounds.posing import bounding_problem
from boundgen.bounds.problem import BoundingProblem, EstimandProgram
from boundgen.errors import NotLinearError
from boundgen.inspection.checked import Checked, CheckedEstimand, CheckedFactored
from boundgen.inspection.posed import PosedEstimand, posed_estimand
from boundgen.language.expressions import Inequality
from boundgen.language.model import Model
from boundgen.language.statements import Assumption, Claim, ConditionsClaim, Parameter, named_claim
from boundgen.polyhedra.dual import dual_polyhedron
from boundgen.polyhedra.region import model_region
from boundgen.program.from_strata import linear_program
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import reduce
from boundgen.strata.averages import is_plain
from boundgen.strata.cells import Arm, distinct_cells, observed_arms
from boundgen.verification.claimed_functions import ClaimReading
from boundgen.verification.claimed_terms import claimed_conditions, claimed_side, is_over
from boundgen.work.limits import Budget
from boundgen.work.unanswered import Unanswered, answered, attempt


def check(model: Model, budget: Budget) -> Checked:
    """The model's sizes, what is identified, and what has no answer.

    Raises
    ------
    ContradictionError
        With a smallest set of assumptions that contradict one another.
    BoundgenError
        Where estimands are stated and none has an answer.
    """
    refuse_impossible_groups(model, budget)
    plain, program = _with_numbers(model, budget)
    functions = len(model.assumptions) - len(plain.assumptions)
    if is_empty(program, plain):
        refuse_contradiction(plain, budget)
    notes = empty_groups(model, plain, budget)
    if not model.observations:
        return Checked(model, functions=functions, notes=notes)
    arms = observed_arms(model, budget.limits)
    if not model.estimands:
        return Checked(model, len(arms), len(distinct_cells(arms)), functions=functions, notes=notes)
    if model.factored:
        return replace(_independent(model, arms, functions, budget), notes=notes)
    problem = bounding_problem(model, model.estimands, budget)
    estimands = _in_order(problem, budget)
    found, _ = answered(estimands)
    refused = _refused_claims(problem, [each for each in found if isinstance(each, CheckedEstimand)], budget)
    return Checked(model, len(arms), len(distinct_cells(arms)), tuple(estimands), refused, functions, notes)


def _independent(model: Model, arms: Sequence[Arm], functions: int, budget: Budget) -> Checked:
    """Where variables share no causes: what the data identify of each component."""
    problem = independent_problem(model, model.estimands, budget)
    found: dict[str, CheckedFactored | Unanswered] = {each.name: each for each in problem.unanswered}
    for each in problem.posed:
        found[each.estimand.name] = _factored(each)
    estimands = tuple(found[estimand.name] for estimand in model.estimands)
    return Checked(model, len(arms), len(distinct_cells(arms)), estimands, functions=functions)


def _factored(asked: FactoredEstimand | PolynomialEstimand) -> CheckedFactored:
    if isinstance(asked, PolynomialEstimand) and asked.formula:
        return CheckedFactored(asked.estimand.name, True)
    if isinstance(asked, PolynomialEstimand):
        corners = sum(not level.whole for level in asked.levels)
        return CheckedFactored(asked.estimand.name, None, linear=asked.problem.linear, corners=corners)
    known = known_factors(asked.program)
    factors = tuple(
        (each.factor.variables, len(each.factor.columns), len(each.factor.rows), None not in each.events)
        for each in known
    )
    return CheckedFactored(asked.estimand.name, all(identified for *_, identified in factors), factors)


def _with_numbers(model: Model, budget: Budget) -> tuple[Model, LinearProgram]:
    """The model with the assumptions alone whose coefficients are numbers, and its program without an estimand."""
    own = [each for each in model.assumptions if not isinstance(each.body, Inequality)]
    waiting = [
        each
        for each in model.assumptions
        if isinstance(each.body, Inequality) and is_plain(model, each.body.left) and is_plain(model, each.body.right)
    ]
    try:
        return _only(model, [*own, *waiting], budget)
    except NotLinearError:
        found = _only(model, own, budget)
    # Means given conditions are compared by numbers only where other assumptions make their probabilities numbers.
    while True:
        for each in waiting:
            try:
                found = _only(model, [*own, each], budget)
            except NotLinearError:
                continue
            own.append(each)
            waiting.remove(each)
            break
        else:
            return found


def _only(model: Model, assumptions: Sequence[Assumption], budget: Budget) -> tuple[Model, LinearProgram]:
    """A model with some of its assumptions, in their order."""
    kept = replace(model, assumptions=tuple(each for each in model.assumptions if each in assumptions))
    return kept, linear_program(kept, (), None, budget)


def _in_order(problem: BoundingProblem, budget: Budget) -> list[CheckedEstimand | PosedEstimand | Unanswered]:
    """What is found of each estimand, in the order of the model."""
    found: dict[str, CheckedEstimand | PosedEstimand | Unanswered] = {each.name: each for each in problem.unanswered}
    for weighted in problem.weighted:
        name = weighted.estimand.name
        found[name] = attempt(name, partial(posed_estimand, weighted, problem, budget))
    for asked in problem.programs:
        name = asked.estimand.name
        found[name] = attempt(name, partial(_estimand, asked, problem.model.parameters, budget))
    return [found[estimand.name] for estimand in problem.model.estimands]


def _estimand(asked: EstimandProgram, parameters: tuple[Parameter, ...], budget: Budget) -> CheckedEstimand:
    program = asked.program
    lower, upper = reduce(program), reduce(program.negated())
    step = partial(budget.step, "finding what is identified", 0)
    return CheckedEstimand(
        asked.estimand.name,
        is_identified(program, parameters, step),
        asked.denominator,
        lower,
        upper,
        dual_polyhedron(lower.program),
        dual_polyhedron(upper.program),
        model_region(lower.complete, parameters),
    )


def _refused_claims(problem: BoundingProblem, checks: list[CheckedEstimand], budget: Budget) -> tuple[Unanswered, ...]:
    """Claims that cannot be judged: terms that are not identified, other denominators than the estimand's."""
    of = {each.name: each for each in checks}
    claims = [claim for claim in problem.model.claims if isinstance(claim, ConditionsClaim) or claim.estimand in of]
    _, refused = answered(
        attempt(named_claim(claim), partial(_check_claim, problem, claim, of, budget)) for claim in claims
    )
    return refused


def _check_claim(
    problem: BoundingProblem, claim: Claim | ConditionsClaim, of: Mapping[str, CheckedEstimand], budget: Budget
) -> None:
    if isinstance(claim, ConditionsClaim):
        claimed_conditions(problem, claim, budget)
        return
    against = of[claim.estimand]
    for side in (claim.lower, claim.upper):
        if side and against.denominator is not None and not is_over(side):
            ClaimReading(problem, claim, budget).functions(side, "max" if side is claim.lower else "min")
        elif side:
            claimed_side(problem, claim, side, against.denominator, against.region, budget)
