"""On which side of a value a ratio is: a linear question, though its bounds are fractions.

n / d > v is n - v d > 0 where d > 0, and the bounds of n - v d are maxima of linear terms: the dual polyhedron of the
ratio cut at l = v.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.closing import kind_of
from boundgen.bounds.derived import Derivation, EstimandDerivation
from boundgen.bounds.normal_form import with_objective
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.posing import has_constant_rows
from boundgen.bounds.printing import printed_bounds
from boundgen.bounds.problem import EstimandProgram
from boundgen.bounds.sides import both_sides as program_sides
from boundgen.bounds.sides import settled
from boundgen.exact.polynomials import ONE, RationalFunction
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.polyhedra.engine import Enumerate
from boundgen.program.linear_program import LinearProgram
from boundgen.questions.distributions import Populations, populations
from boundgen.questions.extremes import SideAnswer, both_sides
from boundgen.questions.observable import Observable
from boundgen.strata.forms import LinearForm
from boundgen.work.limits import Budget

DIVISOR = "the divisor"


@dataclass(frozen=True)
class RatioSign:
    """What is to be said of the side of a value on which a ratio is.

    Parameters
    ----------
    bounds : PiecewiseBounds
        Of the ratio.
    difference : Bounds
        Of its numerator minus the value times its divisor.
    lower, upper : SideAnswer
        About the difference and zero.
    """

    bounds: PiecewiseBounds
    difference: Bounds
    lower: SideAnswer
    upper: SideAnswer

    @property
    def contains_value(self) -> bool:
        """Whether no observable distribution shows that the ratio is on one side of the value."""
        return self.lower.always and self.upper.always


def is_linear_question(derivation: Derivation, bounds: PiecewiseBounds) -> bool:
    """Whether the bounds are those of a ratio of linear functions of populations, which numbers alone constrain."""
    return (
        has_constant_rows(derivation.model)
        and not bounds.normal.symbols
        and kind_of(bounds.normal) != "weights"
        and bounds.ratio is not None
        and bounds.normal.over == RationalFunction(ONE)
    )


def ratio_sign(
    derivation: Derivation,
    bounds: PiecewiseBounds,
    seen: Observable,
    value: Fraction,
    enumerate_dual: Enumerate,
    budget: Budget,
) -> RatioSign:
    """On which side of a value data can show a ratio to be, where that is a linear question."""
    asked = next(each for each in derivation.problem.weighted if each.estimand.name == bounds.name)
    whole = with_objective(bounds.normal)
    program = _difference(whole, value)
    parameters = derivation.model.parameters
    sides = program_sides(program, parameters, enumerate_dual, (), budget)
    lower, upper, identified = settled(program, parameters, sides, budget)
    form = LinearForm(Fraction(0), (), ())
    stage = EstimandDerivation(EstimandProgram(asked.estimand, form, program), lower, upper, identified)
    equalities = _equalities(derivation.conditions or ())
    (difference,) = printed_bounds(derivation.problem, [stage], equalities, derivation.conditions, derivation.notation)
    low, high = both_sides(derivation, stage, difference, seen, Fraction(0), budget)
    people = _with_divisor(populations(whole, parameters))
    return RatioSign(
        bounds,
        difference,
        _defined(low, people, difference.lower.terms, 1),
        _defined(high, people, difference.upper.terms, -1),
    )


def _with_divisor(people: Populations) -> Populations:
    """Populations in which the divisor has a name."""
    events: dict[int, Number] = {j: c.event for j, c in enumerate(people.program.columns) if c.event}
    return replace(people, region=replace(people.region, names={**people.region.names, DIVISOR: events}))


def _defined(side: SideAnswer, people: Populations, terms: Sequence[Term], sign: int) -> SideAnswer:
    """With a population whose divisor is not zero; data without one say nothing of the ratio."""
    if side.always:
        return side
    witness = people.smallest([term.scaled(sign), Term.of(0, {DIVISOR: 1})] for term in terms)
    told = None if witness is None else replace(witness, cells=tuple(c for c in witness.cells if c[0] != DIVISOR))
    return replace(side, always=told is None, witness=told)


def _difference(program: LinearProgram, value: Fraction) -> LinearProgram:
    """The numerator minus the value times the divisor."""
    columns = (replace(column, cost=column.cost - value * column.event, event=1) for column in program.columns)
    return replace(program, columns=tuple(columns))


def _equalities(conditions: Sequence[Term]) -> tuple[Term, ...]:
    return tuple(condition for condition in conditions if -condition in conditions)
