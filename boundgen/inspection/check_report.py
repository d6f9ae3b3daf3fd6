"""What `boundgen check` says of a model: text, rows and JSON (``boundgen.check/1``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from boundgen.bounds.symbols import pretty
from boundgen.inspection.checked import Checked, CheckedEstimand
from boundgen.language.expressions import Inequality
from boundgen.language.model import Model
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import ReducedProgram
from boundgen.work.unanswered import Unanswered, unanswered_json

SCHEMA = "boundgen.check/1"
# What a row says of an estimand with an answer; else each is empty.
SIZES = ("columns", "rows", "reduced_columns", "reduced_rows", "dual_dimension", "dual_inequalities")


# ---------------------------------------------------------------- text
def checked_text(checked: Checked, unicode: bool) -> str:
    """The model, then a paragraph for each estimand, then claims that cannot be judged."""
    lines = [*_about_model(checked)]
    for each in checked.estimands:
        lines += [each.said(unicode)] if isinstance(each, Unanswered) else _estimand_lines(each, unicode)
    if checked.model.observations and not checked.model.estimands:
        lines.append("  no estimand is stated")
    lines += [each.said(unicode) for each in checked.refused]
    return "\n".join(lines) + "\n"


def _about_model(checked: Checked) -> Iterator[str]:
    model = checked.model
    yield f"{model.name}: {model.title}" if model.title else model.name
    yield f"  {_count(len(model.variables), 'variable')}: {', '.join(map(str, model.variables))}"
    yield (
        f"  {_count(len(model.assumptions), 'assumption')} ({_unit_level(model)} unit-level), "
        f"{_count(len(model.parameters), 'parameter')}, {_count(len(model.definitions), 'definition')}, "
        f"{_count(len(model.estimands), 'estimand')}, {_count(len(model.claims), 'claim')}"
    )
    yield "  the assumptions are consistent" if model.assumptions else "  nothing is assumed beyond the declarations"
    if not model.observations:
        yield "  nothing is observed: bounds need a statement such as 'observe P(Y, M | A)'"
        return
    yield f"  {_count(checked.cells, 'observed cell')} in {_count(checked.arms, 'arm')}"


def _unit_level(model: Model) -> int:
    return sum(not isinstance(each.body, Inequality) for each in model.assumptions)


def _estimand_lines(estimand: CheckedEstimand, unicode: bool) -> Iterator[str]:
    verdict = "identified" if estimand.identified else "not identified"
    yield f"{pretty(estimand.name, unicode)}: {verdict}{', denominator identified' if estimand.denominator else ''}"
    size = estimand.lower.original.size()
    yield f"  program: {size}"
    before = size, size
    for low, high in zip(estimand.lower.passes, estimand.upper.passes, strict=True):
        sizes = low.program.size(), high.program.size()
        yield f"  {low.name}: {'no change' if sizes == before else _both(*sizes)}"
        before = sizes
    shapes = [_shape(dual) for dual in (estimand.lower_dual, estimand.upper_dual)]
    yield f"  dual polyhedron: {_both(*shapes)}"


def _both(lower: str, upper: str) -> str:
    return lower + (f"; upper side {upper}" if lower != upper else "")


def _shape(dual: DualPolyhedron) -> str:
    return f"dimension {dual.dimension}, {len(dual.inequalities)} inequalities"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


# ---------------------------------------------------------------- rows, JSON
def checked_rows(checked: Checked) -> list[dict[str, Any]]:
    """A row for each side of each estimand."""
    return [row for each in checked.estimands for row in _rows(each)]


def _rows(estimand: CheckedEstimand | Unanswered) -> Iterator[dict[str, Any]]:
    for side in ("lower", "upper"):
        if isinstance(estimand, Unanswered):
            start: dict[str, Any] = {"estimand": estimand.name, "identified": None, "conditional": None, "side": side}
            yield {**start, **dict.fromkeys(SIZES), "reason": estimand.reason}
            continue
        reduced, dual = _side(estimand, side)
        sizes = (*_size(reduced.original), *_size(reduced.program), dual.dimension, len(dual.inequalities))
        yield {
            "estimand": estimand.name,
            "identified": estimand.identified,
            "conditional": estimand.denominator is not None,
            "side": side,
            **dict(zip(SIZES, sizes, strict=True)),
            "reason": "",
        }


def _side(estimand: CheckedEstimand, side: str) -> tuple[ReducedProgram, DualPolyhedron]:
    if side == "lower":
        return estimand.lower, estimand.lower_dual
    return estimand.upper, estimand.upper_dual


def _size(program: LinearProgram) -> tuple[int, int]:
    return len(program.columns), len(program.rows)


def checked_json(checked: Checked) -> dict[str, Any]:
    """The model's statements counted, and the sizes after each pass."""
    model = checked.model
    return {
        "schema": SCHEMA,
        "model": model.name,
        "title": model.title,
        "variables": [str(variable) for variable in model.variables],
        "assumptions": len(model.assumptions),
        "unit_level_assumptions": _unit_level(model),
        "parameters": [parameter.name for parameter in model.parameters],
        "definitions": [definition.name for definition in model.definitions],
        "claims": len(model.claims),
        "arms": checked.arms,
        "cells": checked.cells,
        "estimands": [_estimand_json(each) for each in checked.estimands if not isinstance(each, Unanswered)],
        **unanswered_json(checked.unanswered),
    }


def _estimand_json(estimand: CheckedEstimand) -> dict[str, Any]:
    return {
        "name": estimand.name,
        "identified": estimand.identified,
        "conditional": estimand.denominator is not None,
        "program": _size_json(estimand.lower.original),
        "lower": _side_json(estimand.lower, estimand.lower_dual),
        "upper": _side_json(estimand.upper, estimand.upper_dual),
    }


def _side_json(reduced: ReducedProgram, dual: DualPolyhedron) -> dict[str, Any]:
    return {
        "passes": [{"name": each.name, **_size_json(each.program)} for each in reduced.passes],
        "dual": {"dimension": dual.dimension, "inequalities": len(dual.inequalities)},
    }


def _size_json(program: LinearProgram) -> dict[str, int]:
    """The columns, and the rows by what they are of."""
    kinds = [row.kind for row in program.rows]
    assumed = kinds.count("assumption")
    return {"columns": len(program.columns), "rows": len(kinds), "cells": kinds.count("cell"), "assumptions": assumed}
