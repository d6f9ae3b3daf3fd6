"""What `boundgen check` says of a model: sizes, consistency, identification."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from boundgen.bounds.consistency import is_empty, refuse_contradiction
from boundgen.bounds.identification import is_identified
from boundgen.bounds.posing import bounding_problem
from boundgen.bounds.problem import BoundingProblem, EstimandProgram
from boundgen.bounds.symbols import pretty
from boundgen.exact.terms import Term
from boundgen.language.expressions import Inequality
from boundgen.language.model import Model
from boundgen.language.statements import Claim, ConditionsClaim, Parameter, named_claim
from boundgen.polyhedra.dual import dual_polyhedron
from boundgen.polyhedra.region import Region, model_region
from boundgen.program.from_strata import linear_program
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import ReducedProgram, reduce
from boundgen.strata.cells import distinct_cells, observed_arms
from boundgen.verification.claimed_terms import claimed_conditions, claimed_side
from boundgen.work.limits import Work
from boundgen.work.unanswered import Told, Unanswered, answered, attempt


def check(model: Model, work: Work, unicode: bool) -> str:
    """What `checked` tells."""
    return checked(model, work, unicode).text


def checked(model: Model, work: Work, unicode: bool) -> Told:
    """A report on the model, and the estimands that have no answer.

    Raises
    ------
    ContradictionError
        With a smallest set of assumptions that contradict one another.
    BoundgenError
        Where estimands are stated and none has an answer.
    """
    lines = [*_about_model(model, work)]
    if not model.observations:
        return Told("\n".join(lines) + "\n")
    problem = bounding_problem(model, model.estimands, work)
    attempts = _in_order(problem, work, unicode)
    found, without = answered(attempts)
    for each in attempts:
        lines += [each.said(unicode)] if isinstance(each, Unanswered) else each.lines
    lines += [] if model.estimands else ["  no estimand is stated"]
    refused = _refused_claims(problem, found, work)
    lines += [each.said(unicode) for each in refused]
    return Told("\n".join(lines) + "\n", (*without, *refused))


def _about_model(model: Model, work: Work) -> Iterator[str]:
    yield f"{model.name}: {model.title}" if model.title else model.name
    yield f"  {_count(len(model.variables), 'variable')}: {', '.join(map(str, model.variables))}"
    units = sum(not isinstance(a.body, Inequality) for a in model.assumptions)
    yield (
        f"  {_count(len(model.assumptions), 'assumption')} ({units} unit-level), "
        f"{_count(len(model.parameters), 'parameter')}, {_count(len(model.definitions), 'definition')}, "
        f"{_count(len(model.estimands), 'estimand')}, {_count(len(model.claims), 'claim')}"
    )
    if is_empty(linear_program(model, (), None, work), model):
        refuse_contradiction(model, work)
    yield "  the assumptions are consistent" if model.assumptions else "  nothing is assumed beyond the declarations"
    if not model.observations:
        yield "  nothing is observed: bounds need a statement such as 'observe P(Y, M | A)'"
        return
    arms = observed_arms(model, work.limits)
    yield f"  {_count(len(distinct_cells(arms)), 'observed cell')} in {_count(len(arms), 'arm')}"


@dataclass(frozen=True)
class Checked:
    """What is said of an estimand, and what its claims are held against: denominator, and what the model allows."""

    name: str
    lines: tuple[str, ...]
    over: Term | None
    region: Region


def _in_order(problem: BoundingProblem, work: Work, unicode: bool) -> list[Checked | Unanswered]:
    """What is to be said of each estimand, in the order of the model."""
    said: dict[str, Checked | Unanswered] = {each.name: each for each in problem.unanswered}
    for asked in problem.programs:
        name = asked.estimand.name
        said[name] = attempt(name, partial(_estimand, asked, problem.model.parameters, work, unicode))
    return [said[estimand.name] for estimand in problem.model.estimands]


def _estimand(asked: EstimandProgram, parameters: tuple[Parameter, ...], work: Work, unicode: bool) -> Checked:
    program, over, name = asked.program, asked.denominator, asked.estimand.name
    lower, upper = reduce(program), reduce(program.negated())
    step = partial(work.step, "finding what is identified", 0)
    identified = is_identified(program, parameters, step)
    verdict = ("identified" if identified else "not identified") + (", denominator identified" if over else "")
    lines = _estimand_lines(pretty(name, unicode), verdict, program, lower, upper)
    return Checked(name, tuple(lines), over, model_region(lower.complete, parameters))


def _estimand_lines(
    name: str, verdict: str, program: LinearProgram, lower: ReducedProgram, upper: ReducedProgram
) -> Iterator[str]:
    yield f"{name}: {verdict}"
    yield f"  program: {program.size()}"
    before = program.size(), program.size()
    for low, high in zip(lower.passes, upper.passes, strict=True):
        sizes = low.program.size(), high.program.size()
        text = sizes[0] + (f"; upper side {sizes[1]}" if sizes[0] != sizes[1] else "")
        yield f"  {low.name}: {'no change' if sizes == before else text}"
        before = sizes
    duals = [dual_polyhedron(side.program) for side in (lower, upper)]
    shapes = [f"dimension {dual.dimension}, {len(dual.inequalities)} inequalities" for dual in duals]
    yield f"  dual polyhedron: {shapes[0]}" + (f"; upper side {shapes[1]}" if shapes[0] != shapes[1] else "")


def _refused_claims(problem: BoundingProblem, checks: list[Checked], work: Work) -> tuple[Unanswered, ...]:
    """Claims that cannot be judged: terms that are not identified, other denominators than the estimand's."""
    of = {each.name: each for each in checks}
    claims = [claim for claim in problem.model.claims if isinstance(claim, ConditionsClaim) or claim.estimand in of]
    _, refused = answered(
        attempt(named_claim(claim), partial(_check_claim, problem, claim, of, work)) for claim in claims
    )
    return refused


def _check_claim(
    problem: BoundingProblem, claim: Claim | ConditionsClaim, of: Mapping[str, Checked], work: Work
) -> None:
    if isinstance(claim, ConditionsClaim):
        claimed_conditions(problem, claim, work)
        return
    against = of[claim.estimand]
    for side in (claim.lower, claim.upper):
        if side:
            claimed_side(problem, claim, side, against.over, against.region, work)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
