"""The stages of a derivation in the field's words: the teaching view and the debugging view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from boundgen.bounds.normal_form import with_objective
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.posing import chosen_estimands, program_problem
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.sides import both_sides, settled, stage_with_rays, with_rays
from boundgen.derivation import derive
from boundgen.errors import ModelError, quoted
from boundgen.inspection.names import STAGES
from boundgen.inspection.posed import PosedEstimand, posed_estimand
from boundgen.inspection.shown import Shown
from boundgen.language.model import Model
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.work.limits import Budget
from boundgen.work.unanswered import Unanswered


def show(model: Model, estimands: Sequence[str], stage: str, engine: str, budget: Budget) -> Shown:
    """One stage of the derivation of each estimand; nothing beyond that stage is computed.

    Parameters
    ----------
    model : Model
    estimands : sequence of str
        All of them, where none is named.
    stage : {"model", "strata", "program", "reduced", "dual", "vertices"}
    engine : {"auto", "cdd", "ppl", "orbits"}
    budget : Budget

    Raises
    ------
    ModelError
        Where there is no such stage.
    BoundgenError
        Where no estimand has an answer.
    """
    if stage not in STAGES:
        raise ModelError(f"unknown stage {quoted(stage)}", remedy=f"stages: {', '.join(STAGES)}")
    chosen = chosen_estimands(model, estimands) if estimands or stage != "model" else ()
    if stage == "model":
        return Shown(model, stage)
    if stage == "vertices":
        return _vertices(model, estimands, engine, budget)
    problem = program_problem(model, chosen, budget)
    posed, without = _posed(problem, stage, budget)
    if not problem.programs and not posed:
        raise without[0].error
    return Shown(model, stage, problem, posed=posed, unanswered=(*problem.unanswered, *without))


def _posed(
    problem: BoundingProblem, stage: str, budget: Budget
) -> tuple[tuple[PosedEstimand, ...], tuple[Unanswered, ...]]:
    """Estimands that are not one linear program; without a closed form they have no stage after the program."""
    found = [posed_estimand(each, problem, budget) for each in problem.weighted]
    if stage in ("strata", "program"):
        return tuple(found), ()
    without = [each for each in found if each.normal is None]
    said = tuple(Unanswered(each.name, each.error.message, each.error) for each in without)
    return tuple(each for each in found if each.normal is not None), said


def _vertices(model: Model, estimands: Sequence[str], engine: str, budget: Budget) -> Shown:
    """The stage that needs the derivation."""
    found = derive(
        model, estimands, engine=engine, conditions=False, limits=budget.limits, report=budget.report
    ).with_shared_causes("pictures of a dual polyhedron")
    stages = tuple(stage_with_rays(each, engine_named(engine), budget) for each in found.stages)
    known = {bounds.name: bounds for bounds in found.piecewise}
    closed = [each for each in found.problem.weighted if each.estimand.name in known]
    posed = tuple(
        _enumerated(posed_estimand(each, found.problem, budget), known[each.estimand.name], engine, budget)
        for each in closed
    )
    return Shown(model, "vertices", found.problem, stages, posed, found.piecewise, found.unanswered)


def _enumerated(posed: PosedEstimand, bounds: PiecewiseBounds, engine: str, budget: Budget) -> PosedEstimand:
    """With vertices, rays and edges; weights have the summands of their bounds instead."""
    low, high = posed.sides
    if bounds.ratio is not None:
        below, above = bounds.ratio
        return replace(posed, sides=(replace(low, found=below), replace(high, found=above)))
    if posed.kind != "linear program":
        return posed
    enumerate_dual = engine_named(engine)
    program, parameters = with_objective(posed.form), (*bounds.parameters, *posed.form.free)
    sides = both_sides(program, parameters, enumerate_dual, (), budget)
    *settled_sides, _ = settled(program, parameters, sides, budget)
    lower, upper = (with_rays(side, enumerate_dual, budget) for side in settled_sides)
    return replace(posed, sides=(replace(low, found=lower), replace(high, found=upper)))
