"""The stages of estimands that are not one linear program, in ``boundgen.stage/1``: coefficients may be functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from boundgen.bounds.derived import SideDerivation
from boundgen.bounds.functions_json import function_json, polynomial_json
from boundgen.bounds.piecewise_json import side_json
from boundgen.bounds.ratio import edge_limits
from boundgen.bounds.ratio_side import RatioSide
from boundgen.exact.polynomials import Polynomial
from boundgen.inspection.posed import PosedEstimand, PosedSide
from boundgen.inspection.posed_rows import SIDE_OF
from boundgen.inspection.posed_views import PosedView, edge_fraction
from boundgen.inspection.shown import Shown
from boundgen.program.linear_program import right_side

PosedJson = dict[str, Any]
NamePlaces = dict[str, int]


def posed_json(posed: PosedEstimand, shown: Shown) -> PosedJson:
    """One estimand; ``kind`` says of which it is."""
    place = {name: i for i, name in enumerate(shown.notation.order)}
    view = PosedView(posed, shown, False)
    return {"name": posed.name, "kind": posed.kind, **POSED_STAGES[shown.stage](view, place)}


def _program(view: PosedView, place: NamePlaces) -> PosedJson:
    program = view.posed.asked.program
    return {
        "rows": [
            {"kind": r.kind, "name": r.name, "relation": r.relation, "right": function_json(r.right, place)}
            for r in program.rows
        ],
        "columns": [
            {
                "stratum": str(column.stratum),
                "entries": {str(i): function_json(entry, place) for i, entry in column.entries},
                "cost": polynomial_json(column.cost, place),
                "divisor": polynomial_json(column.divisor, place),
                "selected": bool(column.selected),
            }
            for column in program.columns
        ],
        "divided_by": function_json(program.over, place),
        "divisor_identified": program.identified,
    }


def _reduced(view: PosedView, place: NamePlaces) -> PosedJson:
    sides = {SIDE_OF[side.goal]: _reduced_side(view, side, place) for side in view.posed.sides}
    over = function_json(view.posed.form.over, place)
    return {"unknowns": view.posed.unknowns, "divided_by": over, **sides}


def _reduced_side(view: PosedView, side: PosedSide, place: NamePlaces) -> PosedJson:
    passes = [
        {"name": each.name, "columns": len(each.program.columns), "rows": len(each.program.rows)}
        for each in side.passes
    ]
    columns = [
        {
            "stratum": str(column.stratum),
            "entries": {str(i): str(entry) for i, entry in column.entries},
            "cost": polynomial_json(cost, place),
            "merged": column.merged,
        }
        for column, cost in zip(side.program.columns, side.costs, strict=True)
    ]
    return {"passes": passes, "kept": list(side.columns), "rows": _rows(view, side, place), "columns": columns}


def _rows(view: PosedView, side: PosedSide, place: NamePlaces) -> list[PosedJson]:
    """The rows of the last program; the last one of a ratio is its divisor, which has no right side."""
    found = [
        {
            "kind": row.kind,
            "name": row.name,
            "relation": row.relation,
            "right": None
            if view.posed.kind == "ratio" and i == len(side.program.rows) - 1
            else function_json(view.posed.form.expanded(row.right), place),
        }
        for i, row in enumerate(side.program.rows)
    ]
    if view.posed.kind == "ratio":
        found[-1] |= {"kind": "divisor", "name": "l"}
    return found


def _dual(view: PosedView, place: NamePlaces) -> PosedJson:
    return {SIDE_OF[side.goal]: _dual_side(view, side, place) for side in view.posed.sides}


def _dual_side(view: PosedView, side: PosedSide, place: NamePlaces) -> PosedJson:
    """Each inequality ``(b, a)`` means ``b + a · y >= 0``; b is a function where costs are."""
    rows = _rows(view, side, place)
    if side.dual is not None:
        return {"rows": rows, "inequalities": [list(map(str, each)) for each in side.dual.inequalities]}
    size = len(side.program.rows)
    inequalities: list[list[Any]] = []
    for column, cost in zip(side.program.columns, side.costs, strict=True):
        entries = dict(column.entries)
        inequalities.append([polynomial_json(cost, place), *(str(-entries.get(i, 0)) for i in range(size))])
    zero = polynomial_json(Polynomial(), place)
    signs = [i for i, row in enumerate(side.program.rows) if row.relation == "<="]
    inequalities += [[zero, *(str(-int(k == i)) for k in range(size))] for i in signs]
    return {"rows": rows, "inequalities": inequalities}


def _vertices(view: PosedView, place: NamePlaces) -> PosedJson:
    if view.posed.kind == "weights":
        bounds = view.shown.piecewise_of(view.posed.name)
        return {name: side_json(side, place) for name, side in (("lower", bounds.lower), ("upper", bounds.upper))}
    sides = {SIDE_OF[side.goal]: _generators(view, side, place) for side in view.posed.sides}
    return {"divided_by": function_json(view.posed.form.over, place), **sides}


def _generators(view: PosedView, side: PosedSide, place: NamePlaces) -> PosedJson:
    found, sign = side.found, 1 if side.goal == "minimise" else -1
    assert found is not None, "at the stage of vertices there are some"
    start = {"rows": _rows(view, side, place)}
    if isinstance(found, SideDerivation):
        return {**start, **_of_program(view, side, found, place, sign)}
    points = found.generators
    return {
        **start,
        "vertices": [{"point": _texts(vertex)} for vertex in points.vertices],
        "rays": [{"point": _texts(ray)} for ray in points.rays],
        "edges": [_edge(view, side, found, e, place, sign) for e in range(len(found.edges))],
    }


def _of_program(view: PosedView, side: PosedSide, derived: SideDerivation, place: NamePlaces, sign: int) -> PosedJson:
    normal = view.posed.form
    vertices = [
        {
            "point": _texts(vertex),
            "term": function_json(normal.expanded(term.scaled(sign)), place),
            "active": term in derived.active,
        }
        for vertex, term in zip(derived.generators.vertices, derived.terms, strict=True)
    ]
    rays = [
        {"point": _texts(ray), "condition": function_json(normal.expanded(-right_side(side.program, ray)), place)}
        for ray in derived.generators.rays
    ]
    return {"vertices": vertices, "rays": rays}


def _edge(view: PosedView, side: PosedSide, ratio: RatioSide, e: int, place: NamePlaces, sign: int) -> PosedJson:
    """An edge by the numbers of its ends, from 0; the bound is its term where that is between the limits."""
    edge = ratio.edges[e]
    low, high = edge_limits(ratio.generators, edge)
    limits = (low, high) if sign > 0 else tuple(None if x is None else -x for x in (high, low))
    term = edge_fraction(view, side, ratio, e, sign)
    return {
        "vertex": edge.vertex,
        "ray" if edge.unbounded else "other_vertex": edge.other,
        "limits": [None if x is None else str(x) for x in limits],
        "term": None if term is None else function_json(term, place),
        "active": any(e in each.edges for each in ratio.terms),
    }


def _texts(point: Sequence[Fraction | int]) -> list[str]:
    return list(map(str, point))


POSED_STAGES: dict[str, Callable[[PosedView, NamePlaces], PosedJson]] = {
    "strata": _program,
    "program": _program,
    "reduced": _reduced,
    "dual": _dual,
    "vertices": _vertices,
}
