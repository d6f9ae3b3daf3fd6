"""The stages of estimands that are not one linear program, as tidy rows with the keys of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from boundgen.exact.polynomials import ONE
from boundgen.inspection.posed import PosedEstimand, PosedSide
from boundgen.inspection.posed_views import (
    PosedView,
    cells_of,
    dual_inequalities,
    dual_objective,
    generators_of,
    normal_objective,
    normal_rows,
    objective,
    weighted_rows,
)
from boundgen.inspection.shown import Shown

PosedRows = Iterator[dict[str, Any]]
SIDE_OF = {"minimise": "lower", "maximise": "upper"}


def posed_rows(posed: PosedEstimand, shown: Shown) -> PosedRows:
    """The rows of one estimand at the stage that is shown, in ASCII."""
    yield from POSED_ROWS[shown.stage](PosedView(posed, shown, False))


def _strata(view: PosedView) -> PosedRows:
    program = view.posed.asked.program
    for j, column in enumerate(program.columns, 1):
        entries = dict(column.entries)
        assumed = [
            f"{row.name}: {view.function(entries[i]) if i in entries else 0}"
            for i, row in enumerate(program.rows)
            if row.kind == "assumption"
        ]
        divisor = "" if column.divisor in (ONE, ONE - ONE) else f" over {view.polynomial(column.divisor)}"
        yield {
            "estimand": view.name,
            "number": j,
            "stratum": str(column.stratum),
            "cells": cells_of(view, program, j - 1),
            "value": view.polynomial(column.cost) + divisor,
            "in_condition": bool(column.divisor),
            "assumptions": "; ".join(assumed),
        }


def _program(view: PosedView) -> PosedRows:
    program, start = view.posed.asked.program, {"estimand": view.name, "side": "both"}
    over = view.function(program.over)
    left = objective(view) if over == "1" else f"({objective(view)}) / ({over})"
    yield {**start, "kind": "objective", "name": "", "left": left, "relation": "", "right": "0"}
    for row, (left, relation, right) in zip(program.rows, weighted_rows(view), strict=True):
        yield {**start, "kind": row.kind, "name": row.name, "left": left, "relation": relation, "right": right}


def _reduced(view: PosedView) -> PosedRows:
    for side in view.posed.sides:
        start = _start(view, side)
        left = normal_objective(view, side)
        yield {**start, "kind": "objective", "name": "", "left": left, "relation": "", "right": "0"}
        for row, (kind, left, relation, right) in zip(side.program.rows, normal_rows(view, side), strict=True):
            name = view.row_name(row) if row.kind == "assumption" else row.name
            yield {**start, "kind": kind, "name": name, "left": left, "relation": relation, "right": right}


def _dual(view: PosedView) -> PosedRows:
    for side in view.posed.sides:
        start, left = _start(view, side), dual_objective(view, side)
        yield {**start, "kind": "objective", "number": None, "left": left, "relation": "", "right": ""}
        for i, (left, right) in enumerate(dual_inequalities(view, side), 1):
            yield {**start, "kind": "inequality", "number": i, "left": left, "relation": "<=", "right": right}


def _vertices(view: PosedView) -> PosedRows:
    if view.posed.kind == "weights":
        yield from _summands(view)
        return
    for side in view.posed.sides:
        for each in generators_of(view, side):
            yield {
                **_start(view, side),
                "kind": each.kind,
                "point": each.place,
                "term": each.term,
                "matters": each.matters,
            }


def _summands(view: PosedView) -> PosedRows:
    """The weight in place of the point, and each function of the data beside it."""
    bounds = view.shown.piecewise_of(view.posed.name)
    for name, side in (("lower", bounds.lower), ("upper", bounds.upper)):
        for piece in side.pieces:
            where = f" where {view.script.guards(piece.guards)}" if piece.guards else ""
            for summand in piece.summands:
                for option in summand.options:
                    yield {
                        "estimand": view.name,
                        "side": name,
                        "kind": "vertex",
                        "point": f"weight {view.polynomial(summand.weight)}{where}",
                        "term": view.function(option),
                        "matters": True,
                    }


def _start(view: PosedView, side: PosedSide) -> dict[str, Any]:
    return {"estimand": view.name, "side": SIDE_OF[side.goal]}


POSED_ROWS: dict[str, Callable[[PosedView], PosedRows]] = {
    "strata": _strata,
    "program": _program,
    "reduced": _reduced,
    "dual": _dual,
    "vertices": _vertices,
}
