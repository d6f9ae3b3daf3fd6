"""Each assumption against the others: redundant, testable, and what it adds to the bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.derived import Derivation
from boundgen.derivation import derivation_within
from boundgen.errors import BoundgenError, LimitError
from boundgen.exact.terms import Term
from boundgen.language.expressions import Formula, Inequality, Not, Probability, Sum, Value
from boundgen.language.model import Model
from boundgen.language.printer import print_assumption
from boundgen.language.statements import Assumption
from boundgen.polyhedra.engine import Enumerate
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import AffineFunction, Region, model_region
from boundgen.program.from_strata import linear_program
from boundgen.program.linear_program import LinearProgram
from boundgen.questions.comparison import EstimandComparison, compared
from boundgen.questions.distributions import Distribution, Populations, populations
from boundgen.questions.sampled import SampledComparison
from boundgen.strata.forms import linear_form
from boundgen.work.limits import Budget

BROKEN = "by how much it is broken"


@dataclass(frozen=True)
class Addition:
    """What an assumption adds to the bounds on one estimand.

    Parameters
    ----------
    estimand : str
    comparison : EstimandComparison or None
        The model without it against the model.
    unanswered : str
        Why there is no comparison, such as a denominator that is not identified without it; else empty.
    sampled : SampledComparison or None
        At random distributions, where the bounds of one of the models are no linear terms.
    """

    estimand: str
    comparison: EstimandComparison | None
    unanswered: str = ""
    sampled: SampledComparison | None = None


@dataclass(frozen=True)
class AssumptionAnswer:
    """What is to be said of one assumption.

    Parameters
    ----------
    written : str
        The assumption as the language writes it.
    name : str or None
    redundant : bool or None
        Whether the others imply it; None where that cannot be said.
    violation : Distribution or None
        Where it is not: a population that meets the others and breaks it.
    testable : bool or None
        Whether it allows fewer observed distributions.
    implications : tuple of Term
        The testable implications of the model that data can break without it.
    refuting : Distribution or None
        A population that meets the others and whose data break the first of them.
    additions : tuple of Addition
    unanswered : str
        Why nothing can be said of the model without it; else empty.
    """

    written: str
    name: str | None
    redundant: bool | None = None
    violation: Distribution | None = None
    testable: bool | None = None
    implications: tuple[Term, ...] = ()
    refuting: Distribution | None = None
    additions: tuple[Addition, ...] = ()
    unanswered: str = ""


def assumption_answers(
    derivation: Derivation, enumerate_dual: Enumerate, budget: Budget
) -> tuple[AssumptionAnswer, ...]:
    """One answer for each assumption of the model."""
    return tuple(
        _answer(derivation, number, enumerate_dual, budget) for number in range(len(derivation.model.assumptions))
    )


def _answer(derivation: Derivation, number: int, enumerate_dual: Enumerate, budget: Budget) -> AssumptionAnswer:
    model = derivation.model
    assumption = model.assumptions[number]
    others = (*model.assumptions[:number], *model.assumptions[number + 1 :])
    without = replace(model, assumptions=others, claims=())
    text = print_assumption(assumption, model.by_name).removeprefix("assume ")
    empty = AssumptionAnswer(text, assumption.name)
    budget.step("asking about assumptions", number, len(model.assumptions))
    try:
        violations = _violations(without, assumption, budget)
        people = populations(linear_program(without, derivation.arms, None, budget), model.parameters)
    except BoundgenError as error:
        return replace(empty, unanswered=_reason(error, budget))
    violation = _first(violations)
    broken = tuple(term for term in derivation.conditions or () if not is_trivial(term, people.region))
    return replace(
        empty,
        redundant=violation is None,
        violation=violation,
        testable=bool(broken),
        implications=broken,
        refuting=people.smallest([[-broken[0]]]) if broken else None,
        additions=_additions(derivation, without, enumerate_dual, budget),
    )


def _reason(error: BoundgenError, budget: Budget) -> str:
    """Why a question has no answer; where the time is over, all questions end."""
    if isinstance(error, LimitError):
        budget.step("asking about assumptions", 0)
    return error.message


# ---------------------------------------------------------------- redundant
def _violations(without: Model, assumption: Assumption, budget: Budget) -> list[tuple[Populations, Term]]:
    """For each way to break the assumption, the populations of the other assumptions and by how much they do."""
    body = assumption.body
    if isinstance(body, Inequality):
        return _population_violations(without, assumption, budget)
    return [
        _unit_violation(without, body, indices, budget)
        for indices in without.environments(assumption.indices, assumption.orders)
    ]


def _unit_violation(
    without: Model, body: Formula, indices: dict[str, Value], budget: Budget
) -> tuple[Populations, Term]:
    """The probability that a unit breaks a unit-level assumption."""
    broken = Sum.of((1, (Probability((Not(body),)),)))
    program = linear_program(without, (), linear_form(without, broken, indices), budget)
    cost = {j: column.cost for j, column in enumerate(program.columns) if column.cost}
    return _named(program, without, (cost, 0))


def _population_violations(without: Model, assumption: Assumption, budget: Budget) -> list[tuple[Populations, Term]]:
    """By how much each row of a population-level assumption is broken, in the program without these rows."""
    name = next(f"row{i}" for i in range(len(without.assumptions) + 1) if _is_free(without, f"row{i}"))
    whole = replace(without, assumptions=(*without.assumptions, replace(assumption, name=name)))
    program = linear_program(whole, (), None, budget)
    region = model_region(program, without.parameters)
    # The constraints of a model's region end with one for each row that is not a cell.
    rows = [row for row in program.rows if row.kind != "cell"]
    own = [row.kind == "assumption" and row.name == name for row in rows]
    start = len(region.constraints) - len(rows)
    kept = [c for k, c in enumerate(region.constraints) if k < start or not own[k - start]]
    slacks = [c for k, c in enumerate(region.constraints) if k >= start and own[k - start]]
    found = []
    for slack in slacks:
        for sign in (1,) if slack.relation == ">=" else (1, -1):
            amount = {i: -sign * c for i, c in slack.coefficients.items()}, -sign * slack.constant
            found.append(_named(program, without, amount, kept))
    return found


def _is_free(model: Model, name: str) -> bool:
    return name not in (assumption.name for assumption in model.assumptions)


def _named(
    program: LinearProgram, model: Model, amount: AffineFunction, kept: Sequence[Constraint] | None = None
) -> tuple[Populations, Term]:
    """Populations in which an amount has a name, and the amount as a term."""
    people = populations(program, model.parameters)
    coefficients, constant = amount
    region: Region = replace(people.region, names=people.region.names | {BROKEN: coefficients})
    if kept is not None:
        region = replace(region, constraints=tuple(kept))
    return replace(people, region=region), Term.of(constant, {BROKEN: 1})


def _first(violations: Sequence[tuple[Populations, Term]]) -> Distribution | None:
    """A smallest population of the first way to break an assumption that is possible."""
    for people, amount in violations:
        found = people.smallest([[amount]])
        if found:
            return replace(found, cells=())
    return None


# ---------------------------------------------------------------- what it adds
def _additions(
    derivation: Derivation, without: Model, enumerate_dual: Enumerate, budget: Budget
) -> tuple[Addition, ...]:
    """For each estimand the bounds without the assumption against those with it."""
    names = [bounds.name for bounds in derivation.closed_forms]
    try:
        weak = derivation_within(without, names, enumerate_dual, True, budget)
    except BoundgenError as error:
        return tuple(Addition(name, None, _reason(error, budget)) for name in names)
    comparison = compared(weak, _only(derivation, [bounds.name for bounds in weak.closed_forms]), budget)
    answers = {each.estimand: Addition(each.estimand, each) for each in comparison.estimands}
    answers |= {each.estimand: Addition(each.estimand, None, "", each) for each in comparison.sampled}
    answers |= {each.name: Addition(each.name, None, _reason(each.error, budget)) for each in weak.unanswered}
    return tuple(answers[name] for name in names)


def _only(derivation: Derivation, names: Sequence[str]) -> Derivation:
    """The derivation of some of its estimands alone."""
    return replace(
        derivation,
        stages=tuple(stage for stage in derivation.stages if stage.estimand.name in names),
        bounds=tuple(bounds for bounds in derivation.bounds if bounds.name in names),
        piecewise=tuple(bounds for bounds in derivation.piecewise if bounds.name in names),
    )
