"""What `boundgen check` says of a model: text, rows and JSON (``boundgen.check/1``)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from boundgen.bounds.symbols import pretty
from boundgen.exact.polynomials import ONE, RationalFunction
from boundgen.inspection.checked import Checked, CheckedEstimand, CheckedFactored
from boundgen.inspection.posed import PosedEstimand, PosedSide
from boundgen.inspection.posed_rows import SIDE_OF
from boundgen.inspection.posed_views import kind_in_words, normal_size, weighted_size
from boundgen.language.expressions import Inequality
from boundgen.language.model import Model
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.program.linear_program import LinearProgram
from boundgen.program.reduced import ReducedProgram
from boundgen.work.unanswered import Unanswered, unanswered_json

SCHEMA = "boundgen.check/1"
WIDTH = 100
# What a row says of an estimand with an answer; else each is empty.
VERDICTS = {True: "; identified", False: "; not identified", None: ""}
SIZES = ("columns", "rows", "reduced_columns", "reduced_rows", "dual_dimension", "dual_inequalities")


# ---------------------------------------------------------------- text
def checked_text(checked: Checked, unicode: bool) -> str:
    """The model, then a paragraph for each estimand, then claims that cannot be judged."""
    lines = [*_about_model(checked)]
    for each in checked.estimands:
        lines += _said_of(each, unicode)
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
    if model.causes is not None:
        parts = ", ".join(f"{{{', '.join(part)}}}" for part in model.components)
        yield f"  {_count(len(model.components), 'component')} by shared causes: {parts}"
    yield f"  {_consistent(checked)}"
    yield from (f"  {note}" for note in checked.notes)
    if not model.observations:
        yield "  nothing is observed: bounds need a statement such as 'observe P(Y, M | A)'"
        return
    yield f"  {_count(checked.cells, 'observed cell')} in {_count(checked.arms, 'arm')}"
    for remark in checked.remarks:
        yield textwrap.fill(remark, WIDTH, initial_indent="  Remark: ", subsequent_indent="    ")


def _consistent(checked: Checked) -> str:
    if not checked.model.assumptions:
        return "nothing is assumed beyond the declarations"
    if not checked.functions:
        return "the assumptions are consistent"
    which = "1 assumption" if checked.functions == 1 else f"each of {checked.functions} assumptions"
    own = f"coefficients of {which} depend on the data, which say whether it can hold"
    rest = "; the other assumptions are consistent" if checked.functions < len(checked.model.assumptions) else ""
    return own + rest


def _said_of(estimand: CheckedEstimand | CheckedFactored | PosedEstimand | Unanswered, unicode: bool) -> Iterable[str]:
    if isinstance(estimand, Unanswered):
        return [estimand.said(unicode)]
    if isinstance(estimand, PosedEstimand):
        return _posed_lines(estimand, unicode)
    if isinstance(estimand, CheckedFactored):
        return _factored_lines(estimand, unicode)
    return _estimand_lines(estimand, unicode)


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


def _factored_lines(estimand: CheckedFactored, unicode: bool) -> Iterator[str]:
    name = pretty(estimand.name, unicode)
    if estimand.corners:
        yield f"{name}: a closed form over {_count(estimand.corners, 'corner')}, one for each level that selects units"
        return
    if estimand.identified is None:
        program = "a linear program" if estimand.linear else "a polynomial program"
        yield f"{name}: {program} at data: a variable has several causes, or not all are observed together"
        return
    yield f"{name}: over independent components{VERDICTS[estimand.identified]}"
    for variables, columns, rows, identified in estimand.factors:
        size = f"{_count(columns, 'column')}, {_count(rows, 'row')}"
        yield f"  {{{', '.join(variables)}}}: {size}{VERDICTS[identified]}"


def _posed_lines(estimand: PosedEstimand, unicode: bool) -> Iterator[str]:
    """Of which kind an estimand is, and how large what is enumerated of it."""
    name, program = pretty(estimand.name, unicode), estimand.asked.program
    if estimand.normal is None:
        yield f"{name}: {estimand.error.message}"
        yield f"  program: {weighted_size(program)}"
        return
    kind = kind_in_words(estimand)
    has_divisor = program.identified and program.over != RationalFunction(ONE) and "divisor" not in kind
    known = ", divisor identified" if has_divisor else ""
    yield f"{name}: {kind}{VERDICTS[estimand.identified]}{known}"
    yield f"  program: {weighted_size(program)}"
    before = [""]
    low, high = estimand.sides
    for one, other in zip(low.passes, high.passes, strict=True):
        sizes = [normal_size(estimand, each.program) for each in (one, other)]
        yield f"  {one.name}: {'no change' if sizes == before else _both(*sizes)}"
        before = sizes
    yield f"  dual polyhedron: {_both(*(_posed_shape(side) for side in (low, high)))}"


def _posed_shape(side: PosedSide) -> str:
    return f"dimension {len(side.program.rows)}, {_inequalities(side)} inequalities"


def _inequalities(side: PosedSide) -> int:
    """At costs that are functions as many as there are columns, and a sign for each row that is no equation."""
    if side.dual is not None:
        return len(side.dual.inequalities)
    return len(side.program.columns) + sum(row.relation == "<=" for row in side.program.rows)


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


def _rows(estimand: CheckedEstimand | CheckedFactored | PosedEstimand | Unanswered) -> Iterator[dict[str, Any]]:
    if isinstance(estimand, PosedEstimand):
        yield from _posed_rows(estimand)
        return
    if isinstance(estimand, CheckedFactored):
        known = {"estimand": estimand.name, "identified": estimand.identified, "conditional": None}
        yield from (
            {**known, "side": side, **dict.fromkeys(SIZES), "reason": estimand.kind} for side in ("lower", "upper")
        )
        return
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


def _posed_rows(estimand: PosedEstimand) -> Iterator[dict[str, Any]]:
    """The reason says of which kind the estimand is."""
    program = estimand.asked.program
    size = len(program.columns), len(program.rows)
    for k, side in enumerate(("lower", "upper")):
        sizes: tuple[int | None, ...] = (None,) * 4
        if estimand.sides:
            own = estimand.sides[k]
            sizes = (*_size(own.program), len(own.program.rows), _inequalities(own))
        yield {
            "estimand": estimand.name,
            "identified": estimand.identified,
            "conditional": estimand.asked.program.over != RationalFunction(ONE) or not program.identified,
            "side": side,
            **dict(zip(SIZES, (*size, *sizes), strict=True)),
            "reason": kind_in_words(estimand),
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
        **({"components": [list(part) for part in model.components]} if model.causes is not None else {}),
        "assumptions": len(model.assumptions),
        "unit_level_assumptions": _unit_level(model),
        "parameters": [parameter.name for parameter in model.parameters],
        "definitions": [definition.name for definition in model.definitions],
        "claims": len(model.claims),
        "arms": checked.arms,
        "cells": checked.cells,
        **({"assumptions_with_functions": checked.functions} if checked.functions else {}),
        **({"notes": list(checked.notes)} if checked.notes else {}),
        **({"remarks": list(checked.remarks)} if checked.remarks else {}),
        "estimands": [_said_json(each) for each in checked.estimands if not isinstance(each, Unanswered)],
        **unanswered_json(checked.unanswered),
    }


def _said_json(estimand: CheckedEstimand | CheckedFactored | PosedEstimand) -> dict[str, Any]:
    if isinstance(estimand, CheckedFactored):
        return _factored_json(estimand)
    return _posed_json(estimand) if isinstance(estimand, PosedEstimand) else _estimand_json(estimand)


def _factored_json(estimand: CheckedFactored) -> dict[str, Any]:
    factors = [
        {"variables": list(variables), "columns": columns, "rows": rows, "identified": identified}
        for variables, columns, rows, identified in estimand.factors
    ]
    return {"name": estimand.name, "kind": estimand.kind, "identified": estimand.identified, "factors": factors}


def _posed_json(estimand: PosedEstimand) -> dict[str, Any]:
    """An estimand that is not one linear program over strata has a key ``kind``."""
    kinds = [row.kind for row in estimand.asked.program.rows]
    counted = {"cells": kinds.count("cell") + kinds.count("selection"), "assumptions": kinds.count("assumption")}
    sides = {SIDE_OF[side.goal]: _posed_side_json(side) for side in estimand.sides}
    return {
        "name": estimand.name,
        "kind": estimand.kind,
        **({"reason": estimand.reason} if estimand.reason else {}),
        "identified": estimand.identified,
        "divisor_identified": estimand.asked.program.identified,
        "program": {"columns": len(estimand.asked.program.columns), "rows": len(kinds), **counted},
        **sides,
    }


def _posed_side_json(side: PosedSide) -> dict[str, Any]:
    return {
        "passes": [{"name": each.name, **_size_json(each.program)} for each in side.passes],
        "dual": {"dimension": len(side.program.rows), "inequalities": _inequalities(side)},
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
