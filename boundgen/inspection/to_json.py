"""The stages of a derivation as JSON (``boundgen.stage/1``); numbers are texts, rows and columns count from 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.derived import EstimandDerivation, SideDerivation
from boundgen.bounds.problem import EstimandProgram
from boundgen.bounds.to_json import term_json
from boundgen.inspection.posed_json import posed_json
from boundgen.inspection.shown import Shown
from boundgen.polyhedra.dual import dual_polyhedron
from boundgen.program.linear_program import Column, LinearProgram, Row, right_side
from boundgen.program.reduced import ReducedProgram, reduce
from boundgen.work.unanswered import unanswered_json

SCHEMA = "boundgen.stage/1"
StageJson = dict[str, Any]
StageOrder = tuple[str, ...]


def shown_json(shown: Shown) -> StageJson:
    """The stage of each estimand; at the stage of the model its statements."""
    document: StageJson = {"schema": SCHEMA, "model": shown.model.name, "stage": shown.stage}
    if shown.asked is None:
        return {**document, "text": str(shown.model)}
    order = shown.notation.order
    others = ((each.name, posed_json(each, shown)) for each in shown.posed)
    if shown.stage == "vertices":
        linear = [(each.estimand.name, _vertices(shown, each)) for each in shown.derived]
    else:
        linear = [(each.estimand.name, STAGES[shown.stage](each, order)) for each in shown.problem.programs]
    estimands = shown.in_order(((name, {"name": name, **stage}) for name, stage in linear), others)
    return {**document, "estimands": estimands, **unanswered_json(shown.unanswered)}


# ---------------------------------------------------------------- programs
def _program(asked: EstimandProgram, order: StageOrder) -> StageJson:
    return _program_json(asked.program, order)


def _program_json(program: LinearProgram, order: StageOrder) -> StageJson:
    """The upper bound is the maximum of the same costs."""
    return {
        "rows": [_row(row, order) for row in program.rows],
        "columns": [_column(column) for column in program.columns],
        "offset": term_json(program.offset, order),
    }


def _row(row: Row, order: StageOrder) -> StageJson:
    return {"kind": row.kind, "name": row.name, "relation": row.relation, "right": term_json(row.right, order)}


def _column(column: Column) -> StageJson:
    return {
        "stratum": str(column.stratum),
        "entries": {str(i): str(entry) for i, entry in column.entries},
        "cost": str(column.cost),
        "in_condition": bool(column.event),
        "merged": column.merged,
    }


def _reduced(asked: EstimandProgram, order: StageOrder) -> StageJson:
    """Both sides as minima; a column is one of the program before, by its number there."""
    return {side: _reduced_side(reduced, order) for side, reduced in _sides(asked).items()}


def _sides(asked: EstimandProgram) -> dict[str, ReducedProgram]:
    """The upper side is minus the lower side of minus the estimand."""
    return {"lower": reduce(asked.program), "upper": reduce(asked.program.negated())}


def _reduced_side(reduced: ReducedProgram, order: StageOrder) -> StageJson:
    passes = [
        {
            "name": each.name,
            "columns": len(each.program.columns),
            "rows": len(each.program.rows),
            "demands": [term_json(equality, order) for equality in each.equalities],
        }
        for each in reduced.passes
    ]
    return {"passes": passes, "kept": list(reduced.columns), **_program_json(reduced.program, order)}


# ---------------------------------------------------------------- duals
def _dual(asked: EstimandProgram, order: StageOrder) -> StageJson:
    return {side: _dual_side(reduced, order) for side, reduced in _sides(asked).items()}


def _dual_side(reduced: ReducedProgram, order: StageOrder) -> StageJson:
    """Each inequality ``(b, a)`` means ``b + a · y >= 0``; `y · right sides` is to be maximised."""
    dual = dual_polyhedron(reduced.program)
    rows = [_row(row, order) for row in reduced.program.rows]
    return {"rows": rows, "inequalities": [list(map(str, each)) for each in dual.inequalities]}


def _vertices(shown: Shown, derived: EstimandDerivation) -> StageJson:
    return {"lower": _generators(shown, derived.lower, 1), "upper": _generators(shown, derived.upper, -1)}


def _generators(shown: Shown, side: SideDerivation, sign: int) -> StageJson:
    """Points have an entry for each row; vertices give terms, rays demand that a condition is not negative."""
    program, plain, order = side.reduced.program, shown.simplifier.plain, shown.notation.order
    vertices = [
        {
            "point": list(map(str, vertex)),
            "term": term_json(plain(term.scaled(sign)), order),
            "active": term in side.active,
        }
        for vertex, term in zip(side.generators.vertices, side.terms, strict=True)
    ]
    conditions = [plain(-right_side(program, ray)) for ray in side.generators.rays]
    rays = [
        {
            "point": list(map(str, ray)),
            "condition": term_json(condition, order),
            "always_true": is_trivial(condition, shown.everything),
        }
        for ray, condition in zip(side.generators.rays, conditions, strict=True)
    ]
    return {"rows": [_row(row, order) for row in program.rows], "vertices": vertices, "rays": rays}


STAGES: dict[str, Callable[[EstimandProgram, StageOrder], StageJson]] = {
    "strata": _program,
    "program": _program,
    "reduced": _reduced,
    "dual": _dual,
}
