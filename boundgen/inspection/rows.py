"""The stages of a derivation as tidy rows, in ASCII."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.derived import EstimandDerivation, SideDerivation
from boundgen.bounds.symbols import pretty
from boundgen.exact.terms import Term
from boundgen.inspection.posed_rows import posed_rows
from boundgen.inspection.shown import Shown
from boundgen.inspection.views import Names, View, number, point, times, views_of
from boundgen.polyhedra.dual import dual_polyhedron
from boundgen.program.linear_program import LinearProgram, right_side

StageRows = Iterator[dict[str, Any]]
SIDES = {"minimise": "lower", "maximise": "upper"}


def shown_rows(shown: Shown) -> list[dict[str, Any]]:
    """A row for each statement, stratum, row of a program, inequality, or vertex and ray."""
    if shown.asked is None:
        lines = [line for line in str(shown.model).splitlines() if line]
        return [{"number": i, "statement": line} for i, line in enumerate(lines, 1)]
    names = Names(shown.notation, False)
    others = ((each.name, posed_rows(each, shown)) for each in shown.posed)
    if shown.stage == "vertices":
        linear = [(each.estimand.name, _vertices(shown, each, names)) for each in shown.derived]
    else:
        views = zip(shown.problem.programs, views_of(shown, names), strict=True)
        linear = [(asked.estimand.name, ROWS[shown.stage](view)) for asked, view in views]
    return [row for rows in shown.in_order(linear, others) for row in rows]


def _strata(view: View) -> StageRows:
    """Principal strata; what they are in the rows of assumptions is one text, as models differ in these."""
    names, rows = view.names, view.program.rows
    for j, column in enumerate(view.program.columns, 1):
        entries = dict(column.entries)
        cells = [names.row(row) for i, row in enumerate(rows) if row.kind == "cell" and entries.get(i)]
        assumed = [(row.name, entries.get(i, 0)) for i, row in enumerate(rows) if row.kind == "assumption"]
        yield {
            "estimand": view.name,
            "number": j,
            "stratum": str(column.stratum),
            "cells": " ".join(cells),
            "value": number(column.cost, names),
            "in_condition": bool(column.event),
            "assumptions": "; ".join(f"{name}: {entry}" for name, entry in assumed),
        }


def _program(view: View) -> StageRows:
    yield from _rows(view, view.program, range(1, len(view.program.columns) + 1), "both", 1)


def _reduced(view: View) -> StageRows:
    for goal, reduced, sign in view.reduced():
        yield from _rows(view, reduced.program, [j + 1 for j in reduced.columns], SIDES[goal], sign)


def _rows(view: View, program: LinearProgram, numbers: Sequence[int], side: str, sign: int) -> StageRows:
    """The objective, whose right side is what is added to it, then the constraints; columns by their first numbers."""
    names = view.names
    symbols = [f"{names.psi}{j}" for j in numbers]
    cost = [(sign * column.cost, symbol) for column, symbol in zip(program.columns, symbols, strict=True)]
    start = {"estimand": view.name, "side": side}
    objective = names.sum([entry for entry in cost if entry[0]])
    offset = names.term(program.offset.scaled(sign))
    yield {**start, "kind": "objective", "name": "", "left": objective, "relation": "", "right": offset}
    for row, entries in zip(program.rows, _entries(program, symbols), strict=True):
        left, right = names.sum(entries), names.term(row.right)
        shown = {"name": row.name, "left": left, "relation": row.relation, "right": right}
        yield {**start, "kind": row.kind, **shown}


def _entries(program: LinearProgram, symbols: Sequence[str]) -> list[list[tuple[Fraction | int, str]]]:
    """The entries of each row with their columns."""
    found: list[list[tuple[Fraction | int, str]]] = [[] for _ in program.rows]
    for column, symbol in zip(program.columns, symbols, strict=True):
        for i, entry in column.entries:
            found[i].append((entry, symbol))
    return found


def _dual(view: View) -> StageRows:
    """The objective of each side, to be maximised, then its inequalities."""
    names = view.names
    for goal, reduced, _ in view.reduced():
        start = {"estimand": view.name, "side": SIDES[goal]}
        variables = [f"y[{names.row(row)}]" for row in reduced.program.rows]
        priced = zip(variables, reduced.program.rows, strict=True)
        objective = names.sum([(1, f"{variable} {times(row, names)}") for variable, row in priced])
        yield {**start, "kind": "objective", "number": None, "left": objective, "relation": "", "right": ""}
        for i, (constant, *coefficients) in enumerate(dual_polyhedron(reduced.program).inequalities, 1):
            left = names.sum([(-c, variable) for c, variable in zip(coefficients, variables, strict=True) if c])
            shown = {"left": left, "relation": "<=", "right": number(constant, names)}
            yield {**start, "kind": "inequality", "number": i, **shown}


def _vertices(shown: Shown, derived: EstimandDerivation, names: Names) -> StageRows:
    """Vertices with their terms, of which some are never active; rays with conditions, of which some always hold."""
    for side, name, sign in ((derived.lower, "lower", 1), (derived.upper, "upper", -1)):
        start = {"estimand": pretty(derived.estimand.name, names.unicode), "side": name}
        for kind, at, term, matters in _generators(shown, side, sign):
            place = point(at, side.reduced.program.rows, names)
            yield {**start, "kind": kind, "point": place, "term": names.term(term), "matters": matters}


def _generators(
    shown: Shown, side: SideDerivation, sign: int
) -> Iterator[tuple[str, Sequence[Fraction | int], Term, bool]]:
    plain = shown.simplifier.plain
    for vertex, term in zip(side.generators.vertices, side.terms, strict=True):
        yield "vertex", vertex, plain(term.scaled(sign)), term in side.active
    for ray in side.generators.rays:
        condition = plain(-right_side(side.reduced.program, ray))
        yield "ray", ray, condition, not is_trivial(condition, shown.everything)


ROWS: dict[str, Callable[[View], StageRows]] = {
    "strata": _strata,
    "program": _program,
    "reduced": _reduced,
    "dual": _dual,
}
