"""A claim's formulas as terms of cells and parameters."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from boundgen.bounds.conditions import is_zero
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.sides import identified_quantity
from boundgen.errors import ModelError, NotIdentifiedError, Place
from boundgen.exact.terms import Term, combination
from boundgen.language.claims import place_of
from boundgen.language.expressions import Comparison, Expectation, Formula, Label, Outcome, Probability, Sum, Value
from boundgen.language.model import Model
from boundgen.language.printer import print_observation, print_sum
from boundgen.language.resolution import is_conditional
from boundgen.language.statements import Claim, ClaimedPiece, ClaimedRatio, ClaimSide, ConditionsClaim, Holds
from boundgen.polyhedra.region import Region
from boundgen.program.from_strata import linear_program
from boundgen.strata.cells import Arm
from boundgen.strata.forms import LinearForm, Mean, linear_form
from boundgen.strata.unit import Unit, UnknownOutcome
from boundgen.work.limits import Budget

MULTIPLES = (2, 3, 4, Fraction(1, 2), Fraction(1, 3), Fraction(1, 4), -1)


def claimed_term(
    problem: BoundingProblem,
    expression: Sum,
    indices: dict[str, Value],
    where: Place | None,
    budget: Budget,
) -> Term:
    """An expression as a function of the observed cells and the parameters.

    Probabilities of factual events in an observed arm are sums of its cells, as printed; anything else is
    expressed by the cells that identify it.

    Raises
    ------
    NotIdentifiedError
        If data and assumptions do not identify it.
    """
    model = problem.model
    parts: list[tuple[int, Term]] = []
    for coefficient, atoms in expression.terms:
        form = linear_form(model, Sum.of((coefficient, atoms)), indices)
        parts.append((1, Term.of(form.constant, dict(form.parameters))))
        for mean in form.means:
            found = _cells_of(problem, mean) or _identified(problem, mean, budget)
            if found is None:
                raise not_identified(model, Sum.of((1, atoms)), where)
            parts.append((1, found))
    return combination(parts)


def not_identified(model: Model, part: Sum, where: Place | None) -> NotIdentifiedError:
    """The error for what no data say."""
    observed = " and ".join(print_observation(each).removeprefix("observe ") for each in model.observations)
    return NotIdentifiedError(
        f"the claim uses {print_sum(part, model.by_name)}, which the observed data do not identify",
        place_of(part, where),
        f"A claim is written in what the data identify, parameters and definitions. Observed: {observed}.",
    )


def claimed_side(
    problem: BoundingProblem, claim: Claim, side: ClaimSide, over: Term | None, region: Region, budget: Budget
) -> list[Term]:
    """The claimed terms, multiplied by the denominator of the estimand where it has one; then the side `is_over` it.

    Parameters
    ----------
    problem : BoundingProblem
        Of the claim's model.
    claim : Claim
    side : ClaimSide
        The lower or the upper side of the claim.
    over : Term or None
        The denominator of the estimand.
    region : Region
        What the model allows: there a claimed denominator must be the estimand's.
    budget : Budget

    Raises
    ------
    NotIdentifiedError
        If a term uses what is not identified.
    ModelError
        If it is divided by something else than the denominator.
    """
    if side.code:
        # What a function gives is not known before it is called, and it is called where claims are judged alone.
        for _, argument in side.code.arguments or ():
            claimed_term(problem, argument, {}, claim.place, budget)
        return []
    found = []
    for numerator, own in linear_side(side, claim).terms:
        term = claimed_term(problem, numerator, {}, claim.place, budget)
        under = own or side.denominator
        if under is not None and over is not None:
            where = place_of(under, claim.place)
            _check_denominator(claimed_term(problem, under, {}, where, budget), over, region, where)
        elif over is not None:
            assert numerator.constant is not None, "what else has no divisor is judged as a function"
            term = over.scaled(numerator.constant)
        found.append(term)
    return found


def is_over(side: ClaimSide) -> bool:
    """Whether the terms of a side, times what divides them, are linear: all but numbers have a divisor of their own."""
    if any(_is_no_sum(part) for part in (*(p for term in side.terms for p in term if p), side.denominator or Sum())):
        return False
    if side.denominator is not None:
        return True
    return not side.pieces and all(own is not None or part.constant is not None for part, own in side.terms)


def linear_side(side: ClaimSide, claim: Claim) -> ClaimSide:
    """A side without pieces: numbers times maxima are added up, each choice of their options a term.

    Raises
    ------
    ModelError
        Where that is not so, or a term is not linear.
    """
    op: Literal["max", "min"] = "max" if side is claim.lower else "min"
    terms = (*side.terms, *(term for piece in side.pieces for term in _choices(piece, op, claim)))
    for part in (*(part for term in terms for part in term if part), side.denominator or Sum()):
        if _is_no_sum(part):
            raise _not_linear(claim, place_of(part, claim.place))
    return ClaimSide(side.op, terms, side.denominator)


def _is_no_sum(part: Sum) -> bool:
    return is_conditional(part) or any(len(atoms) > 1 for _, atoms in part.terms)


def _choices(piece: ClaimedPiece, op: Literal["max", "min"], claim: Claim) -> Iterator[ClaimedRatio]:
    divisors = [
        piece.term[1],
        *(m.coefficient[1] for m in piece.maxima),
        *(d for m in piece.maxima for _, d in m.options),
    ]
    numbers = [maximum.coefficient[0].constant for maximum in piece.maxima]
    if piece.guards or any(divisors) or None in numbers:
        raise _not_linear(claim, claim.place)
    for number, maximum in zip(numbers, piece.maxima, strict=True):
        if number and (number > 0) != (maximum.op == op):
            raise ModelError(
                f"the claim adds {number} times a {maximum.op} to a {op}, which is no {op} of terms",
                claim.place,
                f"Terms of one {op} are valid each by itself: write a claim for each.",
            )
    for options in itertools.product(*(maximum.options for maximum in piece.maxima)):
        parts = (option.scaled(number or 0) for number, (option, _) in zip(numbers, options, strict=True))
        yield Sum.total((piece.term[0], *parts)), None


def _not_linear(claim: Claim, where: Place | None) -> ModelError:
    return ModelError(
        f"bounds of '{claim.estimand}' are linear, and the claim holds a product, a condition or a quotient",
        where,
        "Terms are sums of numbers times P(event | arm), parameters and definitions; a conditional estimand's are "
        "divided by the probability of its condition.",
    )


def _check_denominator(under: Term, over: Term, region: Region, where: Place | None) -> None:
    if is_zero(under - over, region):
        return
    factor = next((f for f in MULTIPLES if is_zero(under - over.scaled(f), region)), None)
    if factor is not None:
        message = f"the claim divides by {factor} times the probability of the condition"
        raise ModelError(message, where, "Divide by the probability itself, and the terms by the number.")
    raise ModelError(
        f"the claim divides by {under}, and the probability of the condition is {over}",
        where,
        "The denominator is the probability of the estimand's condition itself.",
    )


def claimed_conditions(problem: BoundingProblem, claim: ConditionsClaim, budget: Budget) -> list[tuple[Holds, Term]]:
    """What must not be negative if the claimed implications hold, each with the line that says so."""
    found = []
    for holds in claim.holds:
        for indices in problem.model.environments(holds.indices, holds.orders):
            left, right = (
                claimed_term(problem, side, indices, claim.place, budget)
                for side in (holds.body.left, holds.body.right)
            )
            if holds.body.relation != ">=":
                found.append((holds, right - left))
            if holds.body.relation != "<=":
                found.append((holds, left - right))
    return found


def _cells_of(problem: BoundingProblem, mean: Mean) -> Term | None:
    """The mean as a sum over the cells of one observed arm, where it is one.

    Where sources overlap it is one of several arms: the cell itself is meant, not others that add up to it.
    """
    if not mean.factual:
        return None
    arms = (arm for arm in problem.arms if set(arm.cells[0].context) == set(mean.context))
    sums = (_sum_over(problem.model, arm, mean) for arm in arms)
    return min((term for term in sums if term is not None), key=lambda term: len(term.coefficients), default=None)


def _sum_over(model: Model, arm: Arm, mean: Mean) -> Term | None:
    if not (arm.complete or _is_inside(model, arm, mean)):
        return None
    unit = Unit(model.by_name, {})
    try:
        return Term.of(0, {cell.name: mean.value(unit, dict(cell.context + cell.event)) for cell in arm.cells})
    except UnknownOutcome:
        return None


def selected_cells(problem: BoundingProblem, alone: Sum, indices: Mapping[str, Value]) -> Term | None:
    """A mean among selected units as a sum over the cells that are observed of them, where it is one."""
    atom = alone.terms[0][1][0]
    if not isinstance(atom, Probability | Expectation) or not atom.given.event:
        return None
    (mean,) = linear_form(problem.model, alone, indices).means
    selected = _settings(mean.condition)
    inner = replace(mean, condition=())
    for arm in problem.arms:
        first = arm.cells[0]
        own = {(name, str(value)) for name, value in first.selection}
        if own and own == selected and set(first.context) == set(mean.context) and arm.complete:
            unit = Unit(problem.model.by_name, {})
            try:
                return Term.of(
                    0, {c.name: inner.value(unit, dict(c.context + c.event + c.selection)) for c in arm.cells}
                )
            except UnknownOutcome:
                return None
    return None


def _is_inside(model: Model, arm: Arm, mean: Mean) -> bool:
    """Whether the mean is of an event that says itself what all observed cells of an arm have in common."""
    said = _settings(mean.content if isinstance(mean.content, tuple) else ())
    outcomes = model.observations[arm.observation].outcomes
    return all((name, str(value)) in said for name, value in outcomes if value is not None)


def _settings(parts: tuple[Formula, ...]) -> set[tuple[str, str]]:
    """The factual values that equalities among formulas name."""
    said = set()
    for part in parts:
        match part:
            case Comparison("=", Outcome(name, ()), Label(label)):
                said.add((name, label))
            case Comparison("=", Outcome(name, ()), Sum() as number) if number.constant is not None:
                said.add((name, str(number.constant)))
    return said


def _identified(problem: BoundingProblem, mean: Mean, budget: Budget) -> Term | None:
    form = LinearForm(Fraction(0), (), (mean,))
    program = linear_program(problem.model, problem.arms, form, budget)
    return identified_quantity(program, problem.model.parameters, budget)
