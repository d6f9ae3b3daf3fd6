"""Testable implications where assumptions or selections have coefficients that depend on the data.

The data are those of some population if and only if ``y · right >= 0`` for every extreme ray y of ``{y : A'y >= 0}``.
In unknowns that make the entries of A numbers the rays are numbers too, and the right sides are functions of the data.
Where no unknowns do that and one assumption alone has such entries, it is a bound on what it restricts: the least value
that the other rows leave to it may not be above its right side.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm, prod

from boundgen.bounds.chambers import recession_rays
from boundgen.bounds.closing import expanded_side, reading_of, weight_names
from boundgen.bounds.conditional_laws import ConditionalLaw, conditional_laws, named, with_laws
from boundgen.bounds.conditions import conditions
from boundgen.bounds.normal_form import NormalProgram, constant_rows, normal_form, without_varying_rows
from boundgen.bounds.order import simplest_first
from boundgen.bounds.piecewise import Guard, Piece
from boundgen.bounds.piecewise_writing import Script
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.product_conditions import ProductCondition
from boundgen.bounds.simplest_form import simplifier_in_means
from boundgen.bounds.superfluous import Homogeneous
from boundgen.bounds.symbols import notation
from boundgen.bounds.weighted import weighted_sides
from boundgen.errors import LimitError
from boundgen.exact.linear_algebra import Span
from boundgen.exact.polynomials import ONE, ZERO, Monomial, Polynomial, RationalFunction, over_one_denominator
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.region import Region, data_region
from boundgen.program.dependence import drop_dependent_rows
from boundgen.program.linear_program import LinearProgram, right_side
from boundgen.program.merging import merge
from boundgen.program.weighted_program import WeightedProgram
from boundgen.program.zeros import remove_zeros
from boundgen.strata.cells import Arm
from boundgen.work.limits import Budget

# More products than these are no formula that anyone would read.
MOST_PRODUCTS = 200
MOST_MULTIPLIED = 2 * MOST_PRODUCTS
TOO_LONG = f"a testable implication has more than {MOST_PRODUCTS} products"
MOST_CHOICES = 500


@dataclass(frozen=True)
class Implications:
    """What data and parameters must meet, each to be non-negative: linear functions alone, or also products.

    Parameters
    ----------
    terms : tuple of Term, or None
        None where some are no linear functions.
    products : tuple of ProductCondition, or None
        All of them then; None where all are linear.
    """

    terms: tuple[Term, ...] | None
    products: tuple[ProductCondition, ...] | None


@dataclass(frozen=True)
class _Demand:
    """``function >= 0``, a function of right sides, where the divisors of these assumption rows are not zero."""

    function: Term
    rows: frozenset[int]


def weighted_implications(problem: BoundingProblem, budget: Budget) -> Implications | None:
    """What data and parameters must meet; None where it is not known, or too much for the limits.

    With non-negativity and normalisation they are complete where all groups that assumptions compare have units. Linear
    ones that all data meet, or that follow from others, are left out, and of products those that are seen to be so.

    Parameters
    ----------
    problem : BoundingProblem
    budget : Budget

    Returns
    -------
    Implications or None
    """
    try:
        return _implications(problem, budget)
    except LimitError:
        return None


def _implications(problem: BoundingProblem, budget: Budget) -> Implications | None:
    programs = [each.program.unasked() for each in problem.weighted]
    for program in programs:
        normal = normal_form(program)
        if not isinstance(normal, str):
            return _distinct(_of_rays(problem, program, normal, budget), problem, budget)
    found = _of_one_row(problem, programs[0], budget)
    return None if found is None else _distinct(found, problem, budget)


# ---------------------------------------------------------------- rows of numbers
def _of_rays(
    problem: BoundingProblem, program: WeightedProgram, normal: NormalProgram, budget: Budget
) -> list[ProductCondition]:
    laws = conditional_laws(normal, problem.arms)
    normal = named(normal, laws)
    reading = reading_of(problem, normal)
    by_term: dict[Term, frozenset[int]] = {}
    for demand in _demands(_numbered(normal.program, program), program, budget):
        by_term.setdefault(reading.sign(demand.function), demand.rows)
    region = _region(problem, normal, Homogeneous.of(problem.model, problem.arms, program.shares))
    kept = conditions(sorted(by_term, key=simplest_first(reading.order)), (), region, False, budget)
    return [_of_term(term, _divisors(program, by_term[term]), problem, normal, laws) for term in kept]


def _numbered(linear: LinearProgram, program: WeightedProgram) -> LinearProgram:
    """Assumption rows by their numbers: their order is that of the program that they come from."""
    numbers = iter(i for i, row in enumerate(program.rows) if row.kind == "assumption")
    rows = (replace(row, name=str(next(numbers))) if row.kind == "assumption" else row for row in linear.rows)
    return replace(linear, rows=tuple(rows))


def _demands(linear: LinearProgram, program: WeightedProgram, budget: Budget) -> list[_Demand]:
    """What the rows demand of their right sides, those with fewer divisors first."""
    possible = remove_zeros(linear)
    independent = drop_dependent_rows(merge(possible.program).program)
    small = independent.program
    of_row = [frozenset({int(row.name)} if row.kind == "assumption" else ()) for row in small.rows]
    everywhere = frozenset(int(linear.rows[each.row].name) for each in possible.forced)
    equal = everywhere.union(
        *(
            {int(row.name)}
            for row in linear.rows
            if row.kind == "assumption" and row.relation == "=" and row not in small.rows
        ),
    )
    found = [_Demand(term, equal) for each in independent.equalities for term in (each, -each)]
    for ray in recession_rays(small, budget):
        rows = everywhere.union(*(own for own, multiple in zip(of_row, ray, strict=True) if multiple))
        found.append(_Demand(-right_side(small, ray).primitive(), rows))
    return sorted(found, key=lambda demand: len(_divisors(program, demand.rows)))


def _divisors(program: WeightedProgram, rows: Iterable[int]) -> tuple[Polynomial, ...]:
    """What assumptions divide by: where one is zero they demand nothing."""
    chosen = frozenset(rows)
    entries = (entry for column in program.columns for i, entry in column.entries if i in chosen)
    functions = itertools.chain(entries, (program.rows[i].right for i in sorted(chosen)))
    return tuple(dict.fromkeys(f.denominator for f in functions if f.denominator.constant is None))


def _of_term(
    term: Term,
    divisors: Sequence[Polynomial],
    problem: BoundingProblem,
    normal: NormalProgram,
    laws: Sequence[ConditionalLaw],
) -> ProductCondition:
    """A combination of right sides as a function of the data, and as one of conditional probabilities."""
    parts: dict[Polynomial, Polynomial] = {ONE: Polynomial.number(term.constant)}
    for name, c in term.coefficients:
        f = normal.symbols.get(name, RationalFunction(Polynomial.name(name)))
        parts[f.denominator] = parts.get(f.denominator, Polynomial()) + f.numerator.scaled(c)
    numerators, over = over_one_denominator([RationalFunction.of(top, bottom) for bottom, top in parts.items()])
    symbols = normal.symbols.keys() & term.mapping().keys()
    shown = term if symbols and symbols <= {name for law in laws for name in law.names.values()} else None
    return _condition(RationalFunction.of(Polynomial.total(numerators), over), (), divisors, problem, laws, shown)


def _condition(
    function: RationalFunction,
    guards: Sequence[Guard],
    divisors: Sequence[Polynomial],
    problem: BoundingProblem,
    laws: Sequence[ConditionalLaw] = (),
    shown: Term | None = None,
) -> ProductCondition:
    """A condition with a guard for each divisor that it does not divide by, where it is not zero anyway.

    What is no function of conditional probabilities is multiplied by its denominator, which has its sign.

    Raises
    ------
    LimitError
        Where it is too long to be read.

    Returns
    -------
    ProductCondition
    """
    if len(function.numerator.terms) > MOST_MULTIPLIED:
        raise LimitError(TOO_LONG)
    known = Homogeneous.of(problem.model, problem.arms)
    top, bottom = known.shorter(function.numerator), known.shorter(function.denominator)
    if len(top.terms) > MOST_PRODUCTS:
        raise LimitError(TOO_LONG)
    needed = [bottom] if not known.is_nonnegative(bottom) else []
    function = RationalFunction.of(top, bottom) if shown is not None else RationalFunction(primitive(top))
    needed += [d for d in divisors if function.denominator.divided_by(d) is None and not _vanishes(top, d)]
    every = tuple(dict.fromkeys((*guards, *map(Guard, needed))))
    symbols = with_laws(notation(problem.model, problem.arms), laws)
    shares = {law.share: dict(law.symbols)[law.given] for law in laws}
    reader = problem.reader
    if symbols.means:
        reader = simplifier_in_means(problem.model, problem.arms, problem.definitions, ())
    script = Script(symbols, reader, (), shares, latex=False, unicode=True)
    return ProductCondition(function, every, shown, script)


def _vanishes(polynomial: Polynomial, divisor: Polynomial) -> bool:
    """Whether a polynomial is seen to be zero where a sum of probabilities is."""
    if divisor.term is not None and all(names and c > 0 for names, c in divisor.terms):
        return not polynomial.at({}, divisor.names)
    return polynomial.divided_by(divisor) is not None


# ---------------------------------------------------------------- what is known of right sides
def _region(problem: BoundingProblem, normal: NormalProgram, known: Homogeneous) -> Region:
    """The values of cells, parameters and right sides, as far as linear functions say what they are."""
    data = data_region(problem.arms, problem.model.parameters)
    place = {name: data.size + k for k, name in enumerate(normal.symbols)}
    names: dict[str, dict[int, Number]] = {**data.names, **{name: {i: 1} for name, i in place.items()}}
    positive = [i for name, i in place.items() if _is_nonnegative(normal.symbols[name], known)]
    region = Region(data.size + len(place), data.constraints, (*data.nonnegative, *positive), names)
    relations = (Constraint(*region.function(term), "=") for term in _relations(problem.arms, normal, [*data.names]))
    return region.within(relations)


def _is_nonnegative(function: RationalFunction, known: Homogeneous) -> bool:
    return known.has_sign(function.numerator) and known.has_sign(function.denominator)


def _relations(arms: Sequence[Arm], normal: NormalProgram, names: Sequence[str]) -> Iterator[Term]:
    """Combinations of right sides with one denominator, of cells and of one, that are zero."""
    denominators = dict.fromkeys([ONE, *(f.denominator for f in normal.symbols.values())])
    for denominator in denominators:
        own = {name: f.numerator for name, f in normal.symbols.items() if f.denominator == denominator}
        functions = {"": denominator, **own}
        if denominator == ONE:
            functions = {"": ONE, **{name: Polynomial.name(name) for name in names}, **own}
        span, labels = Span(), list(functions)
        place: dict[tuple[str, ...], int] = {}
        for k, name in enumerate(labels):
            vector = {
                place.setdefault(names_, len(place)): c for names_, c in without_last(functions[name], arms).terms
            }
            multiples = span.add(k, vector)
            if multiples is not None and name in normal.symbols:
                found = {labels[i]: -c for i, c in multiples.items()}
                yield Term.of(found.pop("", Fraction(0)), {**found, name: 1})


def without_last(polynomial: Polynomial, arms: Sequence[Arm]) -> Polynomial:
    """The polynomial without the last cell of each complete arm, which is one minus the others.

    Parameters
    ----------
    polynomial : Polynomial
    arms : sequence of Arm

    Returns
    -------
    Polynomial
    """
    for arm in arms:
        *others, last = (cell.name for cell in arm.cells)
        if not arm.complete or last not in polynomial.names:
            continue
        rest = ONE - Polynomial.total(map(Polynomial.name, others))
        # By powers of the last cell.
        powers: dict[int, list[tuple[Monomial, Fraction]]] = {}
        for names, c in polynomial.terms:
            powers.setdefault(names.count(last), []).append((tuple(name for name in names if name != last), c))
        polynomial = Polynomial()
        for power in range(max(powers), -1, -1):
            polynomial = polynomial * rest + Polynomial.of(powers.get(power, []))
    return polynomial


# ---------------------------------------------------------------- one assumption with entries that are functions
def _of_one_row(problem: BoundingProblem, program: WeightedProgram, budget: Budget) -> list[ProductCondition] | None:
    """The other rows' implications, and that the bounds of what the assumption restricts allow it."""
    varying = {i for column in program.columns for i, entry in column.entries if entry.number is None}
    if len(varying) != 1 or any(column.selected for column in program.columns):
        return None
    (i,) = varying
    entries = [dict(column.entries).get(i, RationalFunction(ZERO)) for column in program.columns]
    (right, *costs), over = over_one_denominator([program.rows[i].right, *entries])
    if not Homogeneous.of(problem.model, problem.arms, program.shares).has_sign(over):
        return None
    rest = constant_rows(program)
    names, reading = weight_names(problem), reading_of(problem, rest)
    sides = weighted_sides(rest.program, costs, names, problem.model.parameters, reading, budget)
    used = sides if program.rows[i].relation == "=" else sides[:1]
    forms = [expanded_side(rest, side.form) for side in used if side.form is not None]
    pieces = [piece for form in forms for piece in form.pieces]
    if len(forms) < len(used) or sum(map(_choices, pieces)) > MOST_CHOICES:
        return None
    found = _of_rays(problem, without_varying_rows(program), rest, budget)
    for sign, form in zip((1, -1), forms, strict=False):
        for piece in form.pieces:
            for bound in _bounds(piece):
                # bound <= right; an upper one, of sign -1, is not below it.
                room = (RationalFunction(right) + -bound).scaled(sign) * RationalFunction(ONE, over)
                found.append(_condition(room, piece.guards, (over,), problem))
    return found


def _choices(piece: Piece) -> int:
    return prod(len(summand.options) for summand in piece.summands)


def _bounds(piece: Piece) -> Iterator[RationalFunction]:
    """The sums of weights times options, one of each maximum."""
    for chosen in itertools.product(*(summand.options for summand in piece.summands)):
        parts = (RationalFunction(s.weight) * option for s, option in zip(piece.summands, chosen, strict=True))
        yield sum(parts, RationalFunction(ZERO))


# ---------------------------------------------------------------- the shortest list
def _distinct(candidates: Sequence[ProductCondition], problem: BoundingProblem, budget: Budget) -> Implications:
    """Linear ones without what follows from others; then products that are not seen to hold whatever the data are."""
    plain, known = problem.reader, Homogeneous.of(problem.model, problem.arms)
    order = simplest_first(plain.order)
    linear = dict.fromkeys(plain.sign(term) for each in candidates if (term := _linear(each)) is not None)
    everything = data_region(problem.arms, problem.model.parameters)
    terms = sorted(conditions(sorted(linear, key=order), (), everything, False, budget), key=order)
    products = _without_copies([each for each in candidates if _linear(each) is None], problem.arms)
    products = [each for each in products if not _is_trivial(each, known)]
    if not products:
        return Implications(tuple(terms), None)
    shown = [
        _condition(RationalFunction(Polynomial.linear(term)), (), (), problem, (), plain.with_definitions(term))
        for term in terms
    ]
    return Implications(None, (*shown, *sorted(products, key=_length)))


def _without_copies(products: Sequence[ProductCondition], arms: Sequence[Arm]) -> list[ProductCondition]:
    """Without what is the same at all data, or zero; of two that are opposite the second one is minus the first."""
    found: dict[tuple[object, ...], ProductCondition] = {}
    for each in products:
        top, *rest = without_last(each.function.numerator, arms), each.function.denominator, each.guards
        other = found.get((-top, *rest))
        if other is not None:
            each = replace(each, function=-other.function, shown=None if other.shown is None else -other.shown)
        if top:
            found.setdefault((top, *rest), each)
    return list(found.values())


def primitive(polynomial: Polynomial) -> Polynomial:
    """A positive multiple with coprime integer coefficients."""
    numbers = [c for _, c in polynomial.terms]
    return (
        polynomial.scaled(Fraction(lcm(*(c.denominator for c in numbers)), gcd(*(c.numerator for c in numbers))))
        if numbers
        else polynomial
    )


def _linear(condition: ProductCondition) -> Term | None:
    function = condition.function
    return None if condition.guards or function.denominator != ONE else function.numerator.term


def _is_trivial(condition: ProductCondition, known: Homogeneous) -> bool:
    """Whether it holds whatever the data are; what is divided by is not negative where it demands something."""
    return known.is_nonnegative(condition.function.numerator)


def _length(condition: ProductCondition) -> tuple[int, int, str]:
    function = condition.function
    return len(condition.guards), len(function.numerator.terms), str(function)
