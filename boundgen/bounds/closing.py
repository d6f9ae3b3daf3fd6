"""Estimands that are not one linear program: which closed form they have, or why none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from boundgen.bounds.identification import identified_cost
from boundgen.bounds.normal_form import NormalProgram, is_numeric, normal_form, with_objective
from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_printing import printed_piecewise
from boundgen.bounds.problem import BoundingProblem, WeightedEstimand
from boundgen.bounds.ratio import ratio_sides
from boundgen.bounds.ratio_side import RatioSide
from boundgen.bounds.sides import both_sides, settled
from boundgen.bounds.simplest_form import Simplifier, simplifier_of
from boundgen.bounds.symbols import Notation
from boundgen.bounds.weight_space import WeightNames
from boundgen.bounds.weighted import weighted_sides
from boundgen.errors import NoClosedFormError
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.polyhedra.engine import Enumerate
from boundgen.polyhedra.optimum import maximum
from boundgen.polyhedra.region import model_region
from boundgen.work.limits import Budget
from boundgen.work.unanswered import Unanswered, attempt, parted

WITHOUT_SIGN = 0


@dataclass(frozen=True)
class ClosedSides:
    """Both sides of an estimand before they are printed.

    Parameters
    ----------
    asked : WeightedEstimand
    normal : NormalProgram
    lower, upper : PiecewiseSide
    denominator : Polynomial or None
        What both are divided by.
    identified : bool
    ratio : pair of RatioSide, or None
        Where the divisor is not identified: what the values at data are found by.
    missing : tuple of str
    """

    asked: WeightedEstimand
    normal: NormalProgram
    lower: PiecewiseSide
    upper: PiecewiseSide
    denominator: Polynomial | None
    identified: bool
    ratio: tuple[RatioSide, RatioSide] | None = None
    missing: tuple[str, ...] = ()


def piecewise_bounds(
    problem: BoundingProblem, enumerate_dual: Enumerate, budget: Budget
) -> tuple[tuple[ClosedSides, ...], tuple[Unanswered, ...]]:
    """The closed forms that there are, and of the others why there is none."""
    attempts = (
        attempt(each.estimand.name, partial(_closed, each, problem, enumerate_dual, budget))
        for each in problem.weighted
    )
    found, without = parted(attempts)
    return tuple(found), without


def no_closed_form(asked: WeightedEstimand, why: str) -> NoClosedFormError:
    """The reason, and the command that gives numbers."""
    return NoClosedFormError(
        f"there is no closed form: {why}. boundgen evaluate gives the exact bounds at data",
        asked.estimand.where,
    )


def _closed(
    asked: WeightedEstimand, problem: BoundingProblem, enumerate_dual: Enumerate, budget: Budget
) -> ClosedSides:
    """Here the ways part by the kind of problem: linear in other unknowns, a ratio, or weights."""
    normal = normal_form(asked.program)
    if isinstance(normal, str):
        raise no_closed_form(asked, normal)
    normal = _with_known_divisor(normal)
    if is_numeric(normal.costs) and normal.identified:
        return _linear(asked, normal, problem, enumerate_dual, budget)
    if is_numeric(normal.costs) and is_numeric(normal.divisors):
        return _ratio(asked, normal, problem, enumerate_dual, budget)
    if normal.identified:
        return _weighted(asked, normal, problem, budget)
    raise no_closed_form(asked, "its divisor is unknown, and its weights are functions of the data")


def _with_known_divisor(normal: NormalProgram) -> NormalProgram:
    """In other unknowns the data may identify the divisor."""
    if normal.identified or not is_numeric(normal.divisors):
        return normal
    numbers = [divisor.constant or Fraction(0) for divisor in normal.divisors]
    term = identified_cost(normal.costing(numbers))
    return normal if term is None else normal.divided(normal.expanded(term))


# ---------------------------------------------------------------- the kinds
def _linear(
    asked: WeightedEstimand, normal: NormalProgram, problem: BoundingProblem, enumerate_dual: Enumerate, budget: Budget
) -> ClosedSides:
    parameters = (*problem.model.parameters, *normal.free)
    program = with_objective(normal)
    sides = both_sides(program, parameters, enumerate_dual, (), budget)
    lower, upper, identified = settled(program, parameters, sides, budget)
    reading = _reading(problem, normal)
    least = tuple(_function(normal, reading, term) for term in lower.active)
    most = tuple(_function(normal, reading, -term) for term in upper.active)
    forms = (
        PiecewiseSide("max", (Piece((), (Summand(ONE, least),)),)),
        PiecewiseSide("min", (Piece((), (Summand(ONE, most),)),)),
    )
    missing = tuple(dict.fromkeys(side.missing for side in (lower, upper) if side.missing))
    return _over(asked, normal, problem.model, forms, identified, missing)


def _ratio(
    asked: WeightedEstimand, normal: NormalProgram, problem: BoundingProblem, enumerate_dual: Enumerate, budget: Budget
) -> ClosedSides:
    parameters = (*problem.model.parameters, *normal.free)
    sides = ratio_sides(with_objective(normal), parameters, budget, enumerate_dual)
    forms = [_expanded_side(normal, side.piecewise()) for side in sides]
    missing = tuple(dict.fromkeys(side.missing for side in sides if side.missing))
    found = _over(asked, normal, problem.model, (forms[0], forms[1]), False, missing)
    return ClosedSides(asked, normal, found.lower, found.upper, found.denominator, False, sides, missing)


def _weighted(asked: WeightedEstimand, normal: NormalProgram, problem: BoundingProblem, budget: Budget) -> ClosedSides:
    model = problem.model
    laws = tuple(tuple(cell.name for cell in arm.cells) for arm in problem.arms if arm.complete)
    ranges: dict[str, tuple[Fraction | None, Fraction | None]] = {
        cell.name: (Fraction(0), Fraction(1))
        for arm in problem.arms
        for cell in arm.cells
        if not any(cell.name in law for law in laws)
    }
    ranges |= {p.name: (p.low, p.high) for p in model.parameters}
    names = WeightNames(ranges, laws)
    reading = _reading(problem, normal)
    lower, upper = weighted_sides(normal.program, normal.costs, names, model.parameters, reading, budget)
    if lower.form is None or upper.form is None:
        raise no_closed_form(asked, lower.reason or upper.reason)
    forms = (_expanded_side(normal, lower.form), _expanded_side(normal, upper.form))
    return _over(asked, normal, model, forms, lower.identified, ())


def _reading(problem: BoundingProblem, normal: NormalProgram) -> Simplifier:
    """Reads terms whose names are those of the normal program: no arm of symbols sums to one."""
    found = simplifier_of(problem.model, problem.arms, problem.definitions, ())
    return found if not normal.symbols else _of_symbols(found, normal)


def _of_symbols(reading: Simplifier, normal: NormalProgram) -> Simplifier:
    names = [name for name in normal.symbols if name not in reading.order]
    baseline = {**reading.baseline, **dict.fromkeys(names, 0)}
    return Simplifier(reading.complete, reading.definitions, (), baseline, (*reading.order, *names))


# ---------------------------------------------------------------- functions of the data
def _function(normal: NormalProgram, reading: Simplifier, term: Term) -> RationalFunction:
    return normal.expanded(
        term if any(name in normal.symbols for name, _ in term.coefficients) else reading.plain(term)
    )


def _expanded_side(normal: NormalProgram, side: PiecewiseSide) -> PiecewiseSide:
    """A side in cells and parameters instead of the right sides of rows."""
    if not normal.symbols:
        return side
    return PiecewiseSide(side.op, tuple(_expanded_piece(normal, piece) for piece in side.pieces))


def _expanded_piece(normal: NormalProgram, piece: Piece) -> Piece:
    guards = []
    for guard in piece.guards:
        function = normal.substituted(guard.polynomial)
        guards.append(Guard(function.numerator, guard.relation))
    summands = [
        Summand(each.weight, tuple(_expanded_function(normal, option) for option in each.options))
        for each in piece.summands
    ]
    return Piece(tuple(guards), tuple(summands))


def _expanded_function(normal: NormalProgram, option: RationalFunction) -> RationalFunction:
    top, bottom = normal.substituted(option.numerator), normal.substituted(option.denominator)
    return RationalFunction.of(top.numerator * bottom.denominator, top.denominator * bottom.numerator)


# ---------------------------------------------------------------- what the estimand is divided by
def _over(
    asked: WeightedEstimand,
    normal: NormalProgram,
    model: Model,
    sides: tuple[PiecewiseSide, PiecewiseSide],
    identified: bool,
    missing: tuple[str, ...],
) -> ClosedSides:
    """Both sides over the known divisor; where that has either sign, in two pieces."""
    over = normal.over
    lower, upper = (_times(side, RationalFunction(over.denominator)) for side in sides)
    numerator, constant = over.numerator, over.numerator.constant
    sign = _sign(numerator, normal, model)
    if sign < 0:
        lower, upper = _negated(upper), _negated(lower)
        numerator, constant = -numerator, None if constant is None else -constant
    if constant is not None:
        factor = RationalFunction(Polynomial.number(1 / constant))
        lower, upper, numerator = _times(lower, factor), _times(upper, factor), ONE
    if sign != WITHOUT_SIGN:
        denominator = None if numerator == ONE else numerator
        return ClosedSides(asked, normal, lower, upper, denominator, identified, None, missing)
    return ClosedSides(
        asked, normal, _both_signs(lower, upper, numerator), _both_signs(upper, lower, numerator), None, identified
    )


def _times(side: PiecewiseSide, factor: RationalFunction) -> PiecewiseSide:
    """A side times a function that is not negative."""
    if factor == RationalFunction(ONE):
        return side
    return PiecewiseSide(
        side.op,
        tuple(
            Piece(piece.guards, tuple(Summand(s.weight, tuple(o * factor for o in s.options)) for s in piece.summands))
            for piece in side.pieces
        ),
    )


def _negated(side: PiecewiseSide) -> PiecewiseSide:
    pieces = (
        Piece(piece.guards, tuple(Summand(s.weight, tuple(-o for o in s.options)) for s in piece.summands))
        for piece in side.pieces
    )
    return PiecewiseSide("min" if side.op == "max" else "max", tuple(pieces))


def _both_signs(own: PiecewiseSide, other: PiecewiseSide, divisor: Polynomial) -> PiecewiseSide:
    """A side over a divisor of either sign: where that is negative, the other side over it."""
    above = _guarded(_times(own, RationalFunction(ONE, divisor)), divisor)
    below = _guarded(_times(_negated(other), RationalFunction(ONE, -divisor)), -divisor)
    return PiecewiseSide(own.op, (*above, *below))


def _guarded(side: PiecewiseSide, divisor: Polynomial) -> tuple[Piece, ...]:
    return tuple(Piece((Guard(divisor), *piece.guards), piece.summands) for piece in side.pieces)


def _sign(polynomial: Polynomial, normal: NormalProgram, model: Model) -> int:
    """1 where a function of the data is nowhere negative, -1 where nowhere positive, 0 where it has both signs."""
    signed = {p.name for p in model.parameters if p.low is None or p.low < 0}
    if all(c > 0 and not signed & set(names) for names, c in polynomial.terms):
        return 1
    term = polynomial.term
    if term is None:
        return WITHOUT_SIGN
    region = model_region(normal.program, (*model.parameters, *normal.free))
    if not polynomial.names <= set(region.names):
        return WITHOUT_SIGN
    coefficients, constant = region.function(term)
    for sign in (1, -1):
        try:
            worst = maximum(
                region.size, {i: -sign * c for i, c in coefficients.items()}, region.constraints, region.nonnegative
            )
        except ArithmeticError:
            continue
        if worst is not None and worst.value - sign * constant <= 0:
            return sign
    return WITHOUT_SIGN


# ---------------------------------------------------------------- print
def printed_pieces(
    problem: BoundingProblem,
    sides: Sequence[ClosedSides],
    equalities: tuple[Term, ...],
    conditions: tuple[Term, ...] | None,
    symbols: Notation,
) -> tuple[PiecewiseBounds, ...]:
    """Closed forms in the form in which they are printed."""
    reading = simplifier_of(problem.model, problem.arms, problem.definitions, equalities)
    found = (
        PiecewiseBounds(
            name=each.asked.estimand.name,
            lower=each.lower,
            upper=each.upper,
            denominator=each.denominator,
            identified=each.identified,
            conditions=conditions,
            notation=symbols,
            arms=problem.arms,
            parameters=problem.model.parameters,
            program=each.asked.program,
            normal=each.normal,
            ratio=each.ratio,
            simplifier=reading,
            missing=each.missing,
        )
        for each in sides
    )
    return tuple(map(printed_piecewise, found))
