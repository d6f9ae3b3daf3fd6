"""The stages of a derivation in the field's words: the teaching view and the debugging view."""

from __future__ import annotations

from collections.abc import Sequence

from boundgen.bounds.posing import chosen_estimands, program_problem
from boundgen.bounds.sides import stage_with_rays
from boundgen.derivation import derive
from boundgen.errors import ModelError, quoted
from boundgen.inspection.names import STAGES
from boundgen.inspection.shown import Shown
from boundgen.language.model import Model
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.work.limits import Budget


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
    return Shown(model, stage, problem, unanswered=problem.unanswered)


def _vertices(model: Model, estimands: Sequence[str], engine: str, budget: Budget) -> Shown:
    """The stage that needs the derivation."""
    found = derive(model, estimands, engine=engine, conditions=False, limits=budget.limits, report=budget.report)
    stages = tuple(stage_with_rays(each, engine_named(engine), budget) for each in found.stages)
    return Shown(model, "vertices", found.problem, stages, found.unanswered)
