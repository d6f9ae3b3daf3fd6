"""Independent causes to programs that the engine knows: in cells of factors, where all but one are identified."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from boundgen.bounds.corner_form import Corners, corner_program, levels_of
from boundgen.bounds.factored_programs import factored_program
from boundgen.bounds.factoring import FactoredModel, factored_model, has_overlapping_causes, unassigned_assumption
from boundgen.bounds.identified_formulas import formulas_elsewhere, identified_formula
from boundgen.bounds.independent_problem import FactoredEstimand, IndependentProblem, PolynomialEstimand
from boundgen.bounds.outer_factors import OuterFactor, outer_factors
from boundgen.bounds.polynomial_rows import polynomial_problem
from boundgen.bounds.problem import BoundingProblem, EstimandProgram, WeightedEstimand
from boundgen.bounds.weighted_posing import as_linear
from boundgen.errors import NoClosedFormError
from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ONE, ZERO, Polynomial, RationalFunction, over_one_denominator
from boundgen.language.model import Model
from boundgen.language.statements import Estimand
from boundgen.program.factored_program import Factor, FactoredProgram, FactoredTerm
from boundgen.program.weighted_program import WeightedColumn, WeightedProgram, WeightedRow
from boundgen.strata.cells import Arm, observed_arms
from boundgen.strata.stratum import Stratum
from boundgen.work.limits import Budget
from boundgen.work.unanswered import Unanswered, answered, attempt

UNIT = RationalFunction(ONE)


def independent_problem(model: Model, estimands: Sequence[Estimand], budget: Budget) -> IndependentProblem:
    """The factors of a model, and its estimands in them."""
    arms = observed_arms(model, budget.limits)
    factored = factored_model(model, budget)
    is_polynomial = factored is None or has_overlapping_causes(model) or unassigned_assumption(factored) is not None
    pose = (
        partial(_polynomial, model, arms, factored) if factored is None or is_polynomial else partial(_posed, factored)
    )
    attempts: list[FactoredEstimand | PolynomialEstimand | Unanswered] = [
        attempt(each.name, partial(pose, each, budget)) for each in estimands
    ]
    posed: list[FactoredEstimand | PolynomialEstimand]
    posed, unanswered = answered(attempts)
    if is_polynomial and not any(isinstance(each, PolynomialEstimand) and each.formula for each in posed):
        factored = None
    return IndependentProblem(model, arms, factored, tuple(posed), unanswered)


def _polynomial(
    model: Model, arms: Sequence[Arm], factored: FactoredModel | None, estimand: Estimand, budget: Budget
) -> PolynomialEstimand:
    if estimand.refusal is not None:
        raise estimand.refusal
    formula = () if factored is None else identified_formula(factored, estimand)
    problem = polynomial_problem(model, arms, estimand, budget)
    if formula and factored is not None:
        return PolynomialEstimand(estimand, problem, formula, elsewhere=formulas_elsewhere(factored, estimand))
    return PolynomialEstimand(estimand, problem, (), levels_of(problem))


def _posed(factored: FactoredModel, estimand: Estimand, budget: Budget) -> FactoredEstimand:
    if estimand.refusal is not None:
        raise estimand.refusal
    return FactoredEstimand(estimand, factored_program(factored, estimand, budget))


def in_cells_of_factors(independent: IndependentProblem, budget: Budget) -> BoundingProblem:
    """The same as a problem in cells of factors, with what has no closed form left out, and why."""
    factored = independent.factored
    if factored is None:
        return _in_corners(independent)
    posed: list[EstimandProgram | WeightedEstimand] = []
    without: list[Unanswered] = []
    for each in independent.posed:
        found = _weighted(each) if isinstance(each, FactoredEstimand) else _of_formula(each)
        if isinstance(found, str):
            without.append(_without((each.estimand, found)))
        else:
            linear = None if found.outer else as_linear(factored.pseudo, each.estimand, found.program, budget)
            posed.append(linear or found)
    unanswered = (*independent.unanswered, *without)
    return BoundingProblem(factored.pseudo, factored.pseudo_arms, (), tuple(posed), unanswered)


def _in_corners(independent: IndependentProblem) -> BoundingProblem:
    """Where there are no factors there are closed forms of what is selected by the levels of something."""
    posed: list[EstimandProgram | WeightedEstimand] = []
    without: list[Unanswered] = []
    for each in independent.posed:
        if isinstance(each, PolynomialEstimand) and each.levels:
            corners = Corners(each.levels, each.problem)
            posed.append(WeightedEstimand(each.estimand, corner_program(each.levels), corners=corners))
        else:
            without.append(_without((each.estimand, _at_data(each))))
    unanswered = (*independent.unanswered, *without)
    return BoundingProblem(independent.model, independent.arms, (), tuple(posed), unanswered)


def _at_data(asked: FactoredEstimand | PolynomialEstimand) -> str:
    """What the bounds at data are, where there are no factors."""
    linear = isinstance(asked, PolynomialEstimand) and asked.problem.linear
    return f"independent causes that the data do not part make a {'linear' if linear else 'polynomial'} program at data"


def _without(pair: tuple[Estimand, str]) -> Unanswered:
    estimand, why = pair
    error = NoClosedFormError(
        f"there is no closed form: {why}. boundgen evaluate gives the bounds at data", estimand.where
    )
    return Unanswered(estimand.name, error.message, error)


# ---------------------------------------------------------------- the one factor that is not identified
@dataclass(frozen=True)
class KnownFactor:
    """A factor and, for each event, its probability in cells of factors where the rows give it."""

    factor: Factor
    events: tuple[Polynomial | None, ...]


def _known(factor: Factor) -> KnownFactor:
    span, rights = Span(), {}
    for number, row in enumerate(factor.rows):
        if row.kind in ("cell", "total"):
            rights[number] = Polynomial.name(row.name) if row.kind == "cell" else ONE
            span.add(number, dict(row.entries))
    found: list[Polynomial | None] = []
    for event in factor.events:
        multiples = span.depends({j: Fraction(1) for j in event})
        found.append(None if multiples is None else Polynomial.total(rights[k].scaled(c) for k, c in multiples.items()))
    return KnownFactor(factor, tuple(found))


def known_factors(program: FactoredProgram) -> list[KnownFactor]:
    """What the cells of factors identify of each."""
    return [_known(factor) for factor in program.factors]


def _weighted(asked: FactoredEstimand) -> WeightedEstimand | str:
    """The program over the last factor that is not identified, with the others as weights; or why there is none."""
    program = asked.program
    known = known_factors(program)
    unknown = sorted((k for k, each in enumerate(known) if None in each.events), key=lambda k: _size(program, k))
    if not unknown:
        return WeightedEstimand(asked.estimand, _identified(program, known))
    if len(unknown) == 1:
        return WeightedEstimand(asked.estimand, _program(program, known, unknown[0]))
    if any(known[k].events[event] is None for term in program.divisor or () for k, event in term.events):
        names = " and of ".join(", ".join(program.factors[k].variables) for k in unknown)
        return f"the laws of the response types of {names} are independent, and its divisor is not identified"
    coefficients = [times_known(term, known, unknown) for term in program.numerator]
    outer = outer_factors(program.numerator, program.factors, coefficients, unknown)
    for k, each in zip(unknown, outer, strict=False):
        known[k] = replace(known[k], events=tuple(_share(each, known[k], e) for e in range(len(known[k].events))))
    return WeightedEstimand(asked.estimand, _program(program, known, unknown[-1]), outer, program)


def _size(program: FactoredProgram, k: int) -> tuple[int, int]:
    return len(program.factors[k].columns), k


def _share(outer: OuterFactor, known: KnownFactor, event: int) -> Polynomial:
    """The probability of an event in cells, or else in the names of the columns."""
    found = known.events[event]
    if found is not None:
        return found
    return Polynomial.total(Polynomial.name(outer.shares[j]) for j in known.factor.events[event])


def _program(program: FactoredProgram, known: Sequence[KnownFactor], number: int) -> WeightedProgram:
    """Over one factor, with what is known of the others as weights."""
    factor = program.factors[number]
    costs = _by_column(program.numerator, known, number)
    divisors = None if program.divisor is None else _by_column(program.divisor, known, number)
    rows: list[WeightedRow] = []
    entries: list[list[tuple[int, RationalFunction]]] = [[] for _ in factor.columns]
    for row in factor.rows:
        if row.kind == "part":
            continue
        for j, entry in row.entries:
            entries[j].append((len(rows), RationalFunction.of_number(entry)))
        right = RationalFunction(Polynomial.name(row.name)) if row.kind == "cell" else row.right
        rows.append(WeightedRow(row.kind, row.name, row.relation, right))
    columns = tuple(
        WeightedColumn(stratum, tuple(own), costs[j], ONE if divisors is None else divisors[j])
        for j, (stratum, own) in enumerate(zip(factor.columns, entries, strict=True))
    )
    below = _divisor(program, known) if divisors is None or len(set(divisors)) > 1 else divisors[0]
    if below is not None:
        over = RationalFunction(below)
        columns = tuple(WeightedColumn(c.stratum, c.entries, c.cost, ONE) for c in columns)
        return WeightedProgram(tuple(rows), columns, over, True).merged()
    return WeightedProgram(tuple(rows), columns, UNIT, divisors is None).merged()


def _divisor(program: FactoredProgram, known: Sequence[KnownFactor]) -> Polynomial | None:
    """The divisor in cells of factors, where all that it speaks of is identified; None elsewhere, and without one."""
    terms = program.divisor or ()
    if not terms or any(known[k].events[event] is None for term in terms for k, event in term.events):
        return None
    return Polynomial.total(times_known(term, known) for term in terms)


def times_known(term: FactoredTerm, known: Sequence[KnownFactor], but: Collection[int] = ()) -> Polynomial:
    """The coefficient of a term times the probabilities of its events, but for those of some factors."""
    product = term.coefficient
    for k, event in term.events:
        if k not in but:
            value = known[k].events[event]
            assert value is not None, "the other factors are identified"
            product *= value
    return product


def _by_column(terms: Sequence[FactoredTerm], known: Sequence[KnownFactor], number: int) -> list[Polynomial]:
    factor = known[number].factor
    by_event: dict[int | None, Polynomial] = {}
    for term in terms:
        own = dict(term.events).get(number)
        by_event[own] = by_event.get(own, ZERO) + times_known(term, known, [number])
    parts: list[list[Polynomial]] = [[] for _ in factor.columns]
    for asked, weight in by_event.items():
        for j in range(len(parts)) if asked is None else factor.events[asked]:
            parts[j].append(weight)
    return [Polynomial.total(each) for each in parts]


def _of_formula(asked: PolynomialEstimand) -> WeightedEstimand | str:
    """What the data identify although a variable has several causes."""
    if not asked.formula:
        return _at_data(asked)
    numerators, below = over_one_denominator(asked.formula)
    return WeightedEstimand(asked.estimand, _everybody(Polynomial.total(numerators), below))


def _identified(program: FactoredProgram, known: Sequence[KnownFactor]) -> WeightedProgram:
    """One stratum, everybody: its value is the formula."""
    value = Polynomial.total(times_known(term, known) for term in program.numerator)
    below = ONE if program.divisor is None else Polynomial.total(times_known(term, known) for term in program.divisor)
    return _everybody(value, below)


def _everybody(value: Polynomial, below: Polynomial) -> WeightedProgram:
    over = RationalFunction(below)
    row = WeightedRow("total", "total", "=", UNIT)
    column = WeightedColumn(Stratum(()), ((0, UNIT),), value, ONE)
    return WeightedProgram((row,), (column,), over, True, (), RationalFunction(value))
