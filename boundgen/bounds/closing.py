"""Estimands that are not one linear program: which closed form they have, or why none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Literal

from boundgen.bounds.conditional_laws import ConditionalLaw, conditional_laws, named, with_laws
from boundgen.bounds.corner_form import corner_sides
from boundgen.bounds.identification import identified_cost
from boundgen.bounds.normal_form import NormalProgram, constant_rows, is_numeric, normal_form, with_objective
from boundgen.bounds.over_laws import sides_over_laws
from boundgen.bounds.piecewise import Guard, Piece, PiecewiseSide, Summand
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.piecewise_printing import printed_piecewise, printed_side, side_in_means
from boundgen.bounds.problem import BoundingProblem, WeightedEstimand
from boundgen.bounds.product_conditions import ProductCondition
from boundgen.bounds.ratio import ratio_sides
from boundgen.bounds.ratio_side import RatioSide
from boundgen.bounds.sides import both_sides, settled
from boundgen.bounds.signs import sign_of
from boundgen.bounds.simplest_form import Simplifier, simplifier_in_means, simplifier_of
from boundgen.bounds.superfluous import Homogeneous, needed_options, without_idle_guards, without_superfluous
from boundgen.bounds.symbols import Notation
from boundgen.bounds.weight_space import WeightNames
from boundgen.bounds.weighted import weighted_sides
from boundgen.errors import BudgetError, LimitError, NoClosedFormError
from boundgen.exact.polynomials import ONE, Polynomial, RationalFunction
from boundgen.exact.terms import Term
from boundgen.language.model import Model
from boundgen.polyhedra.engine import Enumerate
from boundgen.strata.means import polynomial_in_means
from boundgen.work.limits import Budget
from boundgen.work.unanswered import Unanswered, attempt, parted

WITHOUT_SIGN = 0
# In other unknowns than strata.
ProgramKind = Literal["linear program", "ratio", "weights"]


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
    shown : pair of PiecewiseSide, or None
        The sides in conditional probabilities with names, where there are such.
    laws : tuple of ConditionalLaw
    """

    asked: WeightedEstimand
    normal: NormalProgram
    lower: PiecewiseSide
    upper: PiecewiseSide
    denominator: Polynomial | None
    identified: bool
    ratio: tuple[RatioSide, RatioSide] | None = None
    missing: tuple[str, ...] = ()
    shown: tuple[PiecewiseSide, PiecewiseSide] | None = None
    laws: tuple[ConditionalLaw, ...] = ()


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
    if asked.corners is not None:
        lower, upper = corner_sides(asked.corners.levels)
        return ClosedSides(asked, constant_rows(asked.program), lower, upper, None, _are_one(lower, upper))
    normal = known_form(asked, problem)
    if isinstance(normal, str):
        raise no_closed_form(asked, normal)
    if asked.outer:
        return _over_laws(asked, normal, problem, budget)
    kind = kind_of(normal)
    if kind == "linear program":
        return _linear(asked, normal, problem, enumerate_dual, budget)
    if kind == "ratio":
        return _ratio(asked, normal, problem, enumerate_dual, budget)
    return _weighted(asked, normal, problem, budget)


def known_form(asked: WeightedEstimand, problem: BoundingProblem) -> NormalProgram | str:
    """The program in unknowns that make its entries numbers, or why it has no closed form; nothing is enumerated."""
    normal = normal_form(asked.program)
    if isinstance(normal, str):
        if not asked.program.identified or asked.program.mean is None:
            return _reason(asked, normal, problem.model)
        # What the data identify whatever else is assumed.
        normal = constant_rows(asked.program)
    known = Homogeneous.of(problem.model, problem.arms)
    normal = named(_with_known_divisor(_without_factors(normal, known)), conditional_laws(normal, problem.arms))
    if not normal.identified and not (is_numeric(normal.costs) and is_numeric(normal.divisors)):
        return "its divisor is unknown, and its weights are functions of the data"
    return normal


def kind_of(normal: NormalProgram) -> ProgramKind:
    """What is to be enumerated."""
    if not normal.identified:
        return "ratio"
    return "linear program" if is_numeric(normal.costs) else "weights"


def _without_factors(normal: NormalProgram, known: Homogeneous) -> NormalProgram:
    """Weights that are one function times numbers stand before the whole ratio."""
    if normal.identified or (is_numeric(normal.costs) and is_numeric(normal.divisors)):
        return normal
    costs, above = _factored(normal.costs, known)
    divisors, below = _factored(normal.divisors, known)
    over = (normal.over * RationalFunction(below, above)).without([above, below])
    return replace(normal, costs=costs, divisors=divisors, over=over)


def _factored(polynomials: Sequence[Polynomial], known: Homogeneous) -> tuple[tuple[Polynomial, ...], Polynomial]:
    """Numbers and what they are multiplied by, if there is such, and it is never negative."""
    factor = next(filter(None, polynomials), ONE)
    if not known.is_nonnegative(factor):
        factor = -factor
    multiples = [polynomial.multiple_of(factor) for polynomial in polynomials]
    numbers = [Polynomial.number(multiple) for multiple in multiples if multiple is not None]
    if len(numbers) < len(multiples) or not known.is_nonnegative(factor):
        return tuple(polynomials), ONE
    return tuple(numbers), factor


def _with_known_divisor(normal: NormalProgram) -> NormalProgram:
    """In other unknowns the data may identify the divisor."""
    if normal.identified or not is_numeric(normal.divisors):
        return normal
    numbers = [divisor.constant or Fraction(0) for divisor in normal.divisors]
    term = identified_cost(normal.costing(numbers))
    return normal if term is None else normal.divided(normal.expanded(term))


def _reason(asked: WeightedEstimand, reason: str, model: Model) -> str:
    """Where a parameter is a coefficient of the unknowns, that is what a user can change."""
    names = {name for column in asked.program.columns for _, entry in column.entries for name in entry.names}
    multiplying = [parameter.name for parameter in model.parameters if parameter.name in names]
    if not multiplying:
        return reason
    return f"assumptions multiply an unknown probability by {', '.join(multiplying)}; with a number there may be one"


# ---------------------------------------------------------------- the kinds
def _linear(
    asked: WeightedEstimand, normal: NormalProgram, problem: BoundingProblem, enumerate_dual: Enumerate, budget: Budget
) -> ClosedSides:
    parameters = (*problem.model.parameters, *normal.free)
    program = with_objective(normal)
    sides = both_sides(program, parameters, enumerate_dual, (), replace(budget, shares=2))
    lower, upper, identified = settled(program, parameters, sides, budget)
    reading = reading_of(problem, normal)
    least = tuple(_function(normal, reading, term) for term in lower.active)
    most = tuple(_function(normal, reading, -term) for term in upper.active)
    forms = (
        PiecewiseSide("max", (Piece((), (Summand(ONE, least),)),)),
        PiecewiseSide("min", (Piece((), (Summand(ONE, most),)),)),
    )
    missing = tuple(dict.fromkeys(side.missing for side in (lower, upper) if side.missing))
    forms = (_needed(forms[0], asked, normal, problem), _needed(forms[1], asked, normal, problem))
    return _over(asked, normal, problem.model, forms, identified, missing, budget)


def _ratio(
    asked: WeightedEstimand, normal: NormalProgram, problem: BoundingProblem, enumerate_dual: Enumerate, budget: Budget
) -> ClosedSides:
    parameters = (*problem.model.parameters, *normal.free)
    sides = ratio_sides(with_objective(normal), parameters, budget, enumerate_dual)
    forms = [_needed(expanded_side(normal, side.piecewise()), asked, normal, problem) for side in sides]
    missing = tuple(dict.fromkeys(side.missing for side in sides if side.missing))
    identified = not missing and _are_one(forms[0], forms[1])
    found = _over(asked, normal, problem.model, (forms[0], forms[1]), identified, missing, budget)
    return ClosedSides(asked, normal, found.lower, found.upper, found.denominator, identified, sides, missing)


def _are_one(lower: PiecewiseSide, upper: PiecewiseSide) -> bool:
    """Whether both sides are one function."""
    return lower.pieces == upper.pieces and len(lower.pieces) == 1 and not lower.pieces[0].guards


def _needed(
    side: PiecewiseSide, asked: WeightedEstimand, normal: NormalProgram, problem: BoundingProblem
) -> PiecewiseSide:
    """What is needed of a side whose right sides have names, which it takes for numbers of their own."""
    if not normal.symbols:
        return side
    return without_superfluous(side, Homogeneous.of(problem.model, problem.arms, asked.program.shares))


def _weighted(asked: WeightedEstimand, normal: NormalProgram, problem: BoundingProblem, budget: Budget) -> ClosedSides:
    model = problem.model
    if len(normal.costs) == 1 and [row.kind for row in normal.program.rows] == ["total"]:
        # One stratum, of which the data say all: nothing is to be enumerated.
        piece = Piece((), (Summand(ONE, (RationalFunction(normal.costs[0]),)),))
        return _over(
            asked, normal, model, (PiecewiseSide("max", (piece,)), PiecewiseSide("min", (piece,))), True, (), budget
        )
    names, reading = weight_names(problem), reading_of(problem, normal)
    lower, upper = weighted_sides(normal.program, normal.costs, names, model.parameters, reading, budget)
    if lower.form is None or upper.form is None:
        raise no_closed_form(asked, lower.reason or upper.reason)
    known = Homogeneous.of(model, problem.arms, asked.program.shares)
    sides = [_without_worse_options(normal, side, known) for side in (lower.form, upper.form)]
    forms = tuple(without_idle_guards(expanded_side(normal, side), known) for side in sides)
    found = _over(asked, normal, model, (forms[0], forms[1]), lower.identified, (), budget)
    laws = conditional_laws(normal, problem.arms)
    if not laws or normal.over != RationalFunction(ONE):
        return found
    whole = _are_whole(laws, reading)
    shown = [without_idle_guards(_in_laws(normal, side, laws, whole), known) for side in sides]
    return replace(found, shown=(shown[0], shown[1]), laws=laws)


def _over_laws(asked: WeightedEstimand, normal: NormalProgram, problem: BoundingProblem, budget: Budget) -> ClosedSides:
    """The closed form of the last factor at each extreme law of the others, of which the worst counts."""
    try:
        lower, upper = sides_over_laws(
            asked, normal, problem, weight_names(problem), reading_of(problem, normal), budget
        )
    except BudgetError:
        raise
    except LimitError as error:
        raise no_closed_form(asked, error.message) from None
    return _over(asked, normal, problem.model, (lower, upper), False, (), budget)


def _without_worse_options(normal: NormalProgram, side: PiecewiseSide, known: Homogeneous) -> PiecewiseSide:
    """A side without options that another of the same maximum is nowhere worse than, with right sides in cells."""
    if not normal.symbols:
        return side
    pieces = []
    for piece in side.pieces:
        expanded = _expanded_piece(normal, piece)
        summands = (
            replace(own, options=tuple(own.options[k] for k in needed_options(other.options, side.op, known)))
            for own, other in zip(piece.summands, expanded.summands, strict=True)
        )
        pieces.append(replace(piece, summands=tuple(summands)))
    return replace(side, pieces=tuple(pieces))


def _are_whole(laws: Sequence[ConditionalLaw], reading: Simplifier) -> bool:
    """Whether the events of conditional laws are all that there is."""
    total = Polynomial.total(law.share for law in laws).term
    return total is not None and reading.number(total) == 1


def _in_laws(normal: NormalProgram, side: PiecewiseSide, laws: Sequence[ConditionalLaw], whole: bool) -> PiecewiseSide:
    """A side whose maxima hold conditional probabilities, and whose weights have names; single functions in cells."""
    nameless = normal.symbols.keys() - {name for law in laws for name in law.names.values()}
    pieces = []
    for piece in side.pieces:
        expanded = _expanded_piece(normal, piece)
        summands = [
            other
            if any(nameless & option.names for option in own.options) or _is_in_cells(other)
            else Summand(_in_shares(own.weight, laws, whole), own.options)
            for own, other in zip(piece.summands, expanded.summands, strict=True)
        ]
        pieces.append(Piece(expanded.guards, tuple(summands)))
    return PiecewiseSide(side.op, tuple(pieces))


def _is_in_cells(summand: Summand) -> bool:
    """Whether a summand is one polynomial in cells: the weight is the share by which its function is divided."""
    if len(summand.options) != 1:
        return False
    (option,) = summand.options
    return (option * RationalFunction(summand.weight)).without([option.denominator]).denominator == ONE


def _in_shares(weight: Polynomial, laws: Sequence[ConditionalLaw], whole: bool) -> Polynomial:
    """A weight with the probabilities of events by their names; where they are the whole, one is their sum."""
    constant = dict(weight.terms).get((), Fraction(0))
    if whole and constant and len(weight.terms) > 1:
        rest = weight - Polynomial.number(constant)
        weight = rest + Polynomial.total(law.share for law in laws).scaled(constant)
    for law in laws:
        left = weight - law.share
        if len(left.terms) == len(weight.terms) - len(law.share.terms):
            weight = left + Polynomial.name(law.given)
    return weight


def weight_names(problem: BoundingProblem) -> WeightNames:
    """What is known of cells and parameters in weights."""
    laws = tuple(tuple(cell.name for cell in arm.cells) for arm in problem.arms if arm.complete)
    ranges: dict[str, tuple[Fraction | None, Fraction | None]] = {
        cell.name: (Fraction(0), Fraction(1))
        for arm in problem.arms
        for cell in arm.cells
        if not any(cell.name in law for law in laws)
    }
    ranges |= {p.name: (p.low, p.high) for p in problem.model.parameters}
    return WeightNames(ranges, laws)


def reading_of(problem: BoundingProblem, normal: NormalProgram) -> Simplifier:
    """Reads terms whose names are those of the normal program."""
    found = simplifier_of(problem.model, problem.arms, problem.definitions, ())
    return found if not normal.symbols else _of_symbols(found, normal, conditional_laws(normal, problem.arms))


def _of_symbols(reading: Simplifier, normal: NormalProgram, laws: Sequence[ConditionalLaw]) -> Simplifier:
    """With the right sides of a normal program: conditional laws sum to one, nothing is known of the others."""
    names = [name for name in normal.symbols if name not in reading.order]
    baseline = {name: reading.baseline.get(cell, 0) for law in laws for cell, name in law.names.items()}
    return replace(
        reading,
        complete=(*reading.complete, *(tuple(law.names.values()) for law in laws)),
        baseline={**dict.fromkeys(names, 0), **baseline, **reading.baseline},
        order=(*reading.order, *names),
    )


# ---------------------------------------------------------------- functions of the data
def _function(normal: NormalProgram, reading: Simplifier, term: Term) -> RationalFunction:
    return normal.expanded(
        term if any(name in normal.symbols for name, _ in term.coefficients) else reading.plain(term)
    )


def expanded_side(normal: NormalProgram, side: PiecewiseSide) -> PiecewiseSide:
    """A side in cells and parameters instead of the right sides of rows."""
    if not normal.symbols:
        return side
    return replace(side, pieces=tuple(_expanded_piece(normal, piece) for piece in side.pieces))


def _expanded_piece(normal: NormalProgram, piece: Piece) -> Piece:
    guards = []
    for guard in piece.guards:
        function = normal.substituted(guard.polynomial)
        guards.append(Guard(function.numerator, guard.relation))
    summands = [
        Summand(each.weight, tuple(_expanded_function(normal, option) for option in each.options))
        for each in piece.summands
    ]
    return replace(piece, guards=tuple(guards), summands=tuple(summands))


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
    budget: Budget,
) -> ClosedSides:
    """Both sides over the known divisor; where that has either sign, in two pieces."""
    over = normal.over
    lower, upper = (_times(side, RationalFunction(over.denominator)) for side in sides)
    numerator, constant = over.numerator, over.numerator.constant
    sign = sign_of(numerator, normal.program, model, normal.free, budget)
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
    return side if factor == RationalFunction(ONE) else _mapped(side, side.op, lambda option: option * factor)


def _negated(side: PiecewiseSide) -> PiecewiseSide:
    return _mapped(side, "min" if side.op == "max" else "max", lambda option: -option)


def _mapped(
    side: PiecewiseSide, op: Literal["max", "min"], change: Callable[[RationalFunction], RationalFunction]
) -> PiecewiseSide:
    """A side with each option changed."""
    pieces = (
        replace(piece, summands=tuple(Summand(s.weight, tuple(map(change, s.options))) for s in piece.summands))
        for piece in side.pieces
    )
    return PiecewiseSide(op, tuple(pieces))


def _both_signs(own: PiecewiseSide, other: PiecewiseSide, divisor: Polynomial) -> PiecewiseSide:
    """A side over a divisor of either sign: where that is negative, the other side over it."""
    above = _guarded(_times(own, RationalFunction(ONE, divisor)), divisor)
    below = _guarded(_times(_negated(other), RationalFunction(ONE, -divisor)), -divisor)
    return PiecewiseSide(own.op, (*above, *below))


def _guarded(side: PiecewiseSide, divisor: Polynomial) -> tuple[Piece, ...]:
    return tuple(replace(piece, guards=(Guard(divisor), *piece.guards)) for piece in side.pieces)


# ---------------------------------------------------------------- print
def printed_pieces(
    problem: BoundingProblem,
    sides: Sequence[ClosedSides],
    equalities: tuple[Term, ...],
    conditions: tuple[Term, ...] | None,
    symbols: Notation,
    products: tuple[ProductCondition, ...] | None = None,
) -> tuple[PiecewiseBounds, ...]:
    """Closed forms in the form in which they are printed."""
    reading = simplifier_of(problem.model, problem.arms, problem.definitions, equalities)
    printed = (_printed(problem, each, conditions, symbols, reading) for each in sides)
    found = tuple(replace(bounds, product_conditions=products) for bounds in printed)
    if not symbols.means:
        return found
    reader = simplifier_in_means(problem.model, problem.arms, problem.definitions, equalities)
    return tuple(_in_means(bounds, reader) for bounds in found)


def _in_means(bounds: PiecewiseBounds, reader: Simplifier) -> PiecewiseBounds:
    """The bounds with their form in shares and means, which is the one that is shown."""
    known = dict(bounds.notation.means)
    lower, upper = (side_in_means(side, known) for side in (bounds.lower, bounds.upper))
    over = bounds.denominator and polynomial_in_means(bounds.denominator, known)
    form = printed_piecewise(replace(bounds, lower=lower, upper=upper, denominator=over, simplifier=reader, shown=None))
    return replace(bounds, shown=form, in_means=form)


def _printed(
    problem: BoundingProblem,
    each: ClosedSides,
    conditions: tuple[Term, ...] | None,
    symbols: Notation,
    reading: Simplifier,
) -> PiecewiseBounds:
    found = printed_piecewise(
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
            model=problem.model,
            factored=each.asked.factored,
            corners=each.asked.corners,
        )
    )
    if each.shown is None:
        return found
    known = _of_symbols(reading, each.normal, each.laws)
    shares = tuple(law.given for law in each.laws)
    whole = _are_whole(each.laws, reading)
    known = replace(
        known,
        complete=(*known.complete, *([shares] if whole else [])),
        baseline={**known.baseline, **dict.fromkeys(shares, 0)},
        order=(*shares, *known.order),
    )
    lower, upper = (printed_side(side, known) for side in each.shown)
    shown = replace(found, lower=lower, upper=upper, notation=with_laws(symbols, each.laws), simplifier=known)
    return replace(found, shown=shown)
