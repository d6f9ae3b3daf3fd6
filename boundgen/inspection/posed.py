"""An estimand that is not one linear program over strata: of which kind it is, and what of it is enumerated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from boundgen.bounds.closing import kind_of, known_form, no_closed_form, weight_names
from boundgen.bounds.derived import SideDerivation
from boundgen.bounds.identification import is_identified
from boundgen.bounds.normal_form import NormalProgram, with_objective
from boundgen.bounds.problem import BoundingProblem, WeightedEstimand
from boundgen.bounds.ratio import with_divisor
from boundgen.bounds.ratio_side import RatioSide
from boundgen.bounds.weight_space import weight_space
from boundgen.bounds.weighted import reduced_weights
from boundgen.errors import NoClosedFormError
from boundgen.exact.polynomials import ONE, Polynomial
from boundgen.polyhedra.dual import DualPolyhedron, dual_polyhedron
from boundgen.program.dependence import drop_dependent_rows
from boundgen.program.linear_program import LinearProgram, Reduction
from boundgen.program.reduced import reduce
from boundgen.program.zeros import remove_zeros
from boundgen.work.limits import Budget

EstimandKind = Literal["linear program", "ratio", "weights", "no closed form"]
Goal = Literal["minimise", "maximise"]
# What unknowns stand for: strata, strata of a group over its share, or strata over the probability of a selection.
Unknowns = Literal["strata", "shares", "selection"]


@dataclass(frozen=True)
class PosedSide:
    """One side as a minimum: that of the upper side is of minus the estimand.

    Parameters
    ----------
    goal : {"minimise", "maximise"}
    passes : tuple of Reduction
    columns : tuple of int
        Which column of the first program each of the last one is.
    costs : tuple of Polynomial
        One for each column of the last program.
    dual : DualPolyhedron or None
        Of a ratio, its last coordinate is l; None where costs are functions of the data.
    found : SideDerivation, RatioSide or None
        Vertices, rays and edges; at the stage of vertices alone.
    """

    goal: Goal
    passes: tuple[Reduction, ...]
    columns: tuple[int, ...]
    costs: tuple[Polynomial, ...]
    dual: DualPolyhedron | None
    found: SideDerivation | RatioSide | None = None

    @property
    def program(self) -> LinearProgram:
        """The last program."""
        return self.passes[-1].program


@dataclass(frozen=True)
class PosedEstimand:
    """An estimand that is not one linear program over strata, before anything is enumerated.

    Parameters
    ----------
    asked : WeightedEstimand
    kind : {"linear program", "ratio", "weights", "no closed form"}
        A linear program is one in other unknowns than strata.
    reason : str
        Why there is no closed form; empty where there is none of that.
    normal : NormalProgram or None
    identified : bool or None
        Whether the lower bound is the upper one at all data; None where that is not known.
    sides : tuple of PosedSide
    """

    asked: WeightedEstimand
    kind: EstimandKind
    reason: str = ""
    normal: NormalProgram | None = None
    identified: bool | None = None
    sides: tuple[PosedSide, ...] = ()

    @property
    def name(self) -> str:
        """The estimand's."""
        return self.asked.estimand.name

    @property
    def form(self) -> NormalProgram:
        """What is enumerated, where there is a closed form."""
        assert self.normal is not None, "an estimand without a closed form has no other program"
        return self.normal

    @property
    def error(self) -> NoClosedFormError:
        """What is said where there is no closed form."""
        return no_closed_form(self.asked, self.reason)

    @property
    def unknowns(self) -> Unknowns:
        """What the unknowns of the normal form are."""
        entries = [entry for column in self.asked.program.columns for _, entry in column.entries]
        if all(entry.denominator == ONE and entry.numerator.constant is not None for entry in entries):
            return "strata"
        return "selection" if any(column.selected for column in self.asked.program.columns) else "shares"


def posed_estimand(asked: WeightedEstimand, problem: BoundingProblem, budget: Budget) -> PosedEstimand:
    """Of which kind an estimand is, and the program of each side."""
    normal = known_form(asked, problem)
    if isinstance(normal, str):
        return PosedEstimand(asked, "no closed form", normal)
    kind = kind_of(normal)
    if kind == "weights":
        return PosedEstimand(asked, kind, "", normal, _is_point(normal, problem), _weighted_sides(normal))
    program = with_objective(normal)
    whole = program if kind == "linear program" else with_divisor(program)
    identified = None
    if kind == "linear program":
        parameters = (*problem.model.parameters, *normal.free)
        identified = is_identified(program, parameters, partial(budget.step, "finding what is identified", 0))
    sides = _linear_side("minimise", whole), _linear_side("maximise", whole.negated())
    return PosedEstimand(asked, kind, "", normal, identified, sides)


def _linear_side(goal: Goal, program: LinearProgram) -> PosedSide:
    reduced = reduce(program)
    costs = tuple(Polynomial.number(column.cost) for column in reduced.program.columns)
    return PosedSide(goal, reduced.passes, reduced.columns, costs, dual_polyhedron(reduced.program))


def _weighted_sides(normal: NormalProgram) -> tuple[PosedSide, PosedSide]:
    """Weights decide only in the end which strata are worth it: no column is dominated."""
    possible = remove_zeros(normal.program)
    independent = drop_dependent_rows(possible.program)
    costs = [normal.costs[j] for j in possible.columns]
    lower = PosedSide("minimise", (possible, independent), possible.columns, tuple(costs), None)
    return lower, replace(lower, goal="maximise", costs=tuple(-cost for cost in costs))


def _is_point(normal: NormalProgram, problem: BoundingProblem) -> bool:
    """Whether rows identify the mean of the costs at all weights."""
    program, costs = reduced_weights(normal.program, normal.costs)
    return not weight_space(program, costs, weight_names(problem)).corners
