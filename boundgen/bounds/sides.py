"""Both sides of a linear program: reduced, dual, vertices, and the terms that can be active."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from boundgen.bounds.activity import active_terms
from boundgen.bounds.derived import EstimandDerivation, SideDerivation
from boundgen.bounds.identification import identified_cost, is_identified, row_space_vertex, settled_point
from boundgen.bounds.order import simplest_first
from boundgen.bounds.proved import not_proved
from boundgen.errors import BudgetError, LimitError
from boundgen.exact.terms import Term
from boundgen.language.statements import Parameter
from boundgen.polyhedra.dual import DualPolyhedron, dual_of
from boundgen.polyhedra.engine import Enumerate, Generators, Known
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.polyhedra.region import model_region
from boundgen.program.linear_program import LinearProgram, right_side
from boundgen.program.reduced import ReducedProgram, reduce
from boundgen.work import clock
from boundgen.work.limits import Budget

Parameters = Sequence[Parameter]


def both_sides(
    program: LinearProgram, parameters: Parameters, enumerate_dual: Enumerate, known: Known, budget: Budget
) -> tuple[SideDerivation, SideDerivation]:
    """The minimum of a program, and minus the minimum of its negative, as functions of the data.

    Parameters
    ----------
    program : LinearProgram
    parameters : sequence of Parameter
    enumerate_dual : Enumerate
    known : Known
        What is enumerated already.
    budget : Budget
        Its `shares` count both sides.
    """
    low, high = ((each, dual_of(each)) for each in (reduce(program), reduce(program.negated())))
    lower = _side(*low, parameters, enumerate_dual, known, replace(budget, shares=_shares(low[1], high[1], budget)))
    later = replace(budget, shares=budget.shares - 1)
    return lower, _side(*high, parameters, enumerate_dual, (*known, *known_of([lower])), later)


def _shares(low: DualPolyhedron, high: DualPolyhedron, budget: Budget) -> int:
    """An upper bound that is the lower one relabelled needs no time of its own."""
    if budget.limits.seconds is None:
        return budget.shares
    from boundgen.polyhedra.mirror import is_relabelled

    return budget.shares - is_relabelled(low, high, budget)


def empty_sides(program: LinearProgram) -> tuple[SideDerivation, SideDerivation]:
    """Both sides of a program without an estimand: testable implications need no other."""
    reduced = reduce(program)
    side = _at_one_point(reduced, dual_of(reduced), (Fraction(0),) * len(reduced.program.rows))
    return side, side


def settled(
    program: LinearProgram, parameters: Parameters, sides: tuple[SideDerivation, SideDerivation], budget: Budget
) -> tuple[SideDerivation, SideDerivation, bool]:
    """Both sides, and whether they are one; what is found identified misses nothing, whatever ended its enumeration.

    Parameters
    ----------
    program : LinearProgram
    parameters : sequence of Parameter
    sides : pair of SideDerivation
        As `both_sides` found them.
    budget : Budget
    """
    lower, upper = sides
    try:
        identified = is_identified(program, parameters, partial(budget.step, "finding what is identified", 0))
        if identified:
            lower, upper = _settled(lower, parameters), _settled(upper, parameters)
    except BudgetError:
        # It then is not known to be, and of bounds that are not complete nothing more is said.
        identified = False
    return lower, upper, identified


def identified_quantity(program: LinearProgram, parameters: Parameters, budget: Budget) -> Term | None:
    """The mean of the cost over strata as a function of the data, or None where it is not identified.

    It is identified where it is a combination of rows; otherwise inequality rows may still leave it one value,
    and then any term of its bound is that value.
    """
    found = identified_cost(program)
    if found is None and is_identified(program, parameters, partial(budget.step, "finding what is identified", 0)):
        reduced = reduce(program)
        side = _side(reduced, dual_of(reduced), parameters, engine_named("auto"), (), budget)
        return _settled(side, parameters).active[0]
    return found


def known_of(sides: Iterable[SideDerivation]) -> Known:
    """What the enumerations of some sides found."""
    return tuple((side.dual, side.generators) for side in sides if side.enumerated and side.generators.vertices)


def reason_of(error: LimitError) -> str:
    """Why work was ended."""
    return error.message.removesuffix("; nothing was derived")


# ---------------------------------------------------------------- one side
def _side(
    reduced: ReducedProgram,
    dual: DualPolyhedron,
    parameters: Parameters,
    enumerate_dual: Enumerate,
    known: Known,
    budget: Budget,
) -> SideDerivation:
    """The terms whose max is the minimum of the program.

    With cells and the total alone every vertex is the unique optimum at the data of some ψ that is positive
    exactly on its tight columns. The right sides of assumption rows do not vary freely, so with them some
    vertices may be never active.
    """
    vertex = row_space_vertex(reduced.program)
    if vertex is not None:
        return _at_one_point(reduced, dual, vertex)
    try:
        found = enumerate_dual(dual, budget, known)
    except BudgetError as error:
        found = Generators((), (), f"{reason_of(error)}: no term is known but the end of the estimand's range.")
    terms = _terms(reduced, found)
    if found.missing:
        # What is valid: the terms that were found, or the end of the range.
        terms = terms or (_end_of_range(reduced.program),)
        return SideDerivation(reduced, dual, found, terms, terms, found.missing)
    if not reduced.original.restricted:
        return SideDerivation(reduced, dual, found, terms, terms)
    try:
        return SideDerivation(reduced, dual, found, terms, _active(reduced, parameters, terms, budget))
    except BudgetError as error:
        missing = f"{reason_of(error)}: the bound is sharp, but terms that are never active may be left."
        return SideDerivation(reduced, dual, found, terms, terms, missing)


def _at_one_point(reduced: ReducedProgram, dual: DualPolyhedron, point: tuple[Fraction, ...]) -> SideDerivation:
    """The side of an identified estimand, without an enumeration."""
    found = Generators((point,), ())
    terms = _terms(reduced, found)
    return SideDerivation(reduced, dual, found, terms, terms, enumerated=False)


def _terms(reduced: ReducedProgram, generators: Generators) -> tuple[Term, ...]:
    """What each vertex says of the data: not interrupted, for what was found would be lost."""
    program = reduced.program
    with clock.held():
        return tuple(right_side(program, vertex) + program.offset for vertex in generators.vertices)


def _end_of_range(program: LinearProgram) -> Term:
    return Term(Fraction(min(column.cost for column in program.columns))) + program.offset


def _settled(side: SideDerivation, parameters: Parameters) -> SideDerivation:
    """The side of an identified estimand, by one linear program where the enumeration did not finish."""
    if not side.missing:
        return side
    return _at_one_point(side.reduced, side.dual, settled_point(side.reduced, parameters))


def _active(reduced: ReducedProgram, parameters: Parameters, terms: Sequence[Term], budget: Budget) -> tuple[Term, ...]:
    """Terms that can be active; of terms that are equal wherever the assumptions hold, the simplest."""
    cells = [row.name for row in reduced.original.rows if row.kind == "cell"]
    order = simplest_first([*cells, *(parameter.name for parameter in parameters)])
    return active_terms(sorted(terms, key=order), model_region(reduced.complete, parameters), budget)


# ---------------------------------------------------------------- rays
def with_rays(side: SideDerivation, enumerate_dual: Enumerate, budget: Budget, known: Known = ()) -> SideDerivation:
    """A side with all vertices and extreme rays of its dual polyhedron, also where the bound did not need them.

    Raises
    ------
    LimitError
        Where time or memory do not suffice.
    """
    if side.enumerated:
        return side
    found = enumerate_dual(side.dual, budget, known)
    missing = found.missing
    if not missing and side.generators.vertices[0] not in found.vertices:
        missing = "the estimand is identified, but its dual polyhedron could not be enumerated in time"
    if missing:
        raise not_proved(missing)
    return replace(side, generators=found, terms=_terms(side.reduced, found), enumerated=True)


def stage_with_rays(stage: EstimandDerivation, enumerate_dual: Enumerate, budget: Budget) -> EstimandDerivation:
    """`with_rays` on both sides of an estimand; the second is often the first one relabelled."""
    lower = with_rays(stage.lower, enumerate_dual, budget)
    return replace(stage, lower=lower, upper=with_rays(stage.upper, enumerate_dual, budget, known_of([lower])))
