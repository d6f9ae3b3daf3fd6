"""The stages of a derivation in the field's words: the teaching view and the debugging view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from boundgen.bounds.symbols import Notation, pretty
from boundgen.bounds.text import legend_text, term_text
from boundgen.derivation import Derivation, EstimandDerivation, SideDerivation, right_side
from boundgen.program.linear_program import Column, LinearProgram, Row
from boundgen.terms import Term

Entries = tuple[tuple[int, Fraction | int], ...]


def show_strata(derivation: Derivation, unicode: bool) -> str:
    """Each principal stratum with its cells, assumption entries and estimand value."""
    return _each(derivation, unicode, _strata)


def show_program(derivation: Derivation, unicode: bool) -> str:
    """The linear program before any reduction."""
    return _each(derivation, unicode, _program)


def show_reduced(derivation: Derivation, unicode: bool) -> str:
    """What each pass did, and the last program of both sides."""
    return _each(derivation, unicode, _reduced)


def show_dual(derivation: Derivation, unicode: bool) -> str:
    """The inequalities of the dual polyhedra."""
    return _each(derivation, unicode, _dual)


def show_vertices(derivation: Derivation, unicode: bool) -> str:
    """Each dual vertex with its term, each extreme ray with its testable implication."""
    return _each(derivation, unicode, _vertices)


View = Callable[[EstimandDerivation, "Names"], Iterator[str]]
VIEWS = {
    "strata": show_strata,
    "program": show_program,
    "reduced": show_reduced,
    "dual": show_dual,
    "vertices": show_vertices,
}


class Names:
    """How rows, columns and terms are written in one view."""

    def __init__(self, notation: Notation, unicode: bool) -> None:
        self.notation, self.unicode = notation, unicode
        self.minus = "−" if unicode else "-"
        self.psi = "ψ" if unicode else "psi"
        self.at_most = "≤" if unicode else "<="

    def term(self, term: Term) -> str:
        return term_text(term, self.notation, self.unicode)

    def row(self, row: Row) -> str:
        return self.notation.texts(self.unicode)[row.name] if row.kind == "cell" else row.name

    def sum(self, entries: Sequence[tuple[Fraction | int, str]]) -> str:
        """``a + 2 b − c``."""
        text = ""
        for coefficient, symbol in entries:
            sign = self.minus if coefficient < 0 else "+"
            size = abs(coefficient)
            text += (f" {sign} " if text else (sign if coefficient < 0 else "")) + (
                symbol if size == 1 else f"{size} {symbol}"
            )
        return text or "0"

    def relation(self, relation: str) -> str:
        return self.at_most if relation == "<=" else "="


def _each(derivation: Derivation, unicode: bool, view: View) -> str:
    names = Names(derivation.notation, unicode)
    parts = [legend_text(derivation.notation, unicode)]
    parts += ["\n".join(view(stage, names)) for stage in derivation.stages]
    return "\n\n".join(parts) + "\n"


def _title(stage: EstimandDerivation, names: Names) -> str:
    return pretty(stage.estimand.name, names.unicode)


# ---------------------------------------------------------------- strata and program
def _strata(stage: EstimandDerivation, names: Names) -> Iterator[str]:
    program = stage.program
    yield f"{_title(stage, names)}: {len(program.columns)} principal strata"
    conditional = any(column.event != 1 for column in program.columns)
    head = ["", "stratum", "cells", "estimand"]
    head += ["in the condition"] if conditional else []
    assumptions = [i for i, row in enumerate(program.rows) if row.kind == "assumption"]
    head += [program.rows[i].name for i in assumptions]
    body = []
    for j, column in enumerate(program.columns, 1):
        entries = dict(column.entries)
        cells = " ".join(names.row(row) for i, row in enumerate(program.rows) if row.kind == "cell" and entries.get(i))
        many = f" (and {column.merged - 1} more alike)" if column.merged > 1 else ""
        line = [f"{names.psi}{j}", f"{column.stratum}{many}", cells, _number(column.cost, names)]
        line += ["yes" if column.event else "no"] if conditional else []
        body.append(line + [_number(entries.get(i, 0), names) for i in assumptions])
    yield from _table([head, *body])
    for i in assumptions:
        row = program.rows[i]
        yield f"  assumption row: {row.name}: the entries' mean {names.relation(row.relation)} {names.term(row.right)}"
    if program.offset != Term():
        yield f"  plus {names.term(program.offset)}"


def _number(value: Fraction | int, names: Names) -> str:
    return str(value).replace("-", names.minus)


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        yield ("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()


def _program(stage: EstimandDerivation, names: Names) -> Iterator[str]:
    yield f"{_title(stage, names)}: {stage.program.size()}"
    yield from _rows(stage.program, names, "minimise and maximise", 1)


def _rows(program: LinearProgram, names: Names, goal: str, sign: int) -> Iterator[str]:
    cost = [(sign * column.cost, f"{names.psi}{j}") for j, column in enumerate(program.columns, 1) if column.cost]
    offset = "" if program.offset == Term() else f" + ({names.term(program.offset.scaled(sign))})"
    yield f"  {goal}: {names.sum(cost)}{offset}"
    yield f"  over {names.psi} >= 0 with"
    for i, row in enumerate(program.rows):
        entries = [
            (e, f"{names.psi}{j}") for j, column in enumerate(program.columns, 1) for k, e in column.entries if k == i
        ]
        yield f"    {names.sum(entries)} {names.relation(row.relation)} {names.term(row.right)}"


def _reduced(stage: EstimandDerivation, names: Names) -> Iterator[str]:
    for side, goal, sign in ((stage.lower, "minimise", 1), (stage.upper, "maximise", -1)):
        yield f"{_title(stage, names)}, {goal}: {stage.program.size()}"
        for reduction in side.reduced.passes:
            yield f"  {reduction.name}: {reduction.program.size()}"
            for equality in reduction.equalities:
                yield f"    a dropped row demands of the data: {names.term(equality)} = 0"
        last = side.reduced.program
        for j, column in enumerate(last.columns, 1):
            yield f"  {names.psi}{j}: {column.stratum}{_alike(column)}"
        yield from _rows(last, names, goal, sign)


def _alike(column: Column) -> str:
    return f" (and {column.merged - 1} more)" if column.merged > 1 else ""


# ---------------------------------------------------------------- dual
def _sides(stage: EstimandDerivation) -> Iterator[tuple[str, SideDerivation, int]]:
    yield "lower bound", stage.lower, 1
    yield "upper bound (as minus a lower bound)", stage.upper, -1


def _dual(stage: EstimandDerivation, names: Names) -> Iterator[str]:
    for title, side, _ in _sides(stage):
        rows = side.reduced.program.rows
        yield (
            f"{_title(stage, names)}, {title}: dual polyhedron of dimension {side.dual.dimension}, "
            f"{len(side.dual.inequalities)} inequalities"
        )
        yield f"  maximise {names.sum([(1, f'y[{names.row(row)}] {_times(row, names)}') for row in rows])}"
        for constant, *coefficients in side.dual.inequalities:
            left = [(-c, f"y[{names.row(row)}]") for c, row in zip(coefficients, rows, strict=True) if c]
            yield f"    {names.sum(left)} {names.at_most} {_number(constant, names)}"


def _times(row: Row, names: Names) -> str:
    text = names.term(row.right)
    return f"({text})" if " " in text else text


def _vertices(stage: EstimandDerivation, names: Names) -> Iterator[str]:
    for title, side, sign in _sides(stage):
        rows = side.reduced.program.rows
        vertices, rays = side.generators.vertices, side.generators.rays
        yield f"{_title(stage, names)}, {title}: {len(vertices)} vertices, {len(rays)} extreme rays"
        for vertex, term in zip(vertices, side.terms, strict=True):
            never = "" if term in side.active else "  (never active)"
            yield f"  vertex {_point(vertex, rows, names)}  gives  {names.term(term.scaled(sign))}{never}"
        for ray in rays:
            condition = -right_side(side.reduced.program, ray)
            yield f"  ray    {_point(ray, rows, names)}  demands  {names.term(condition)} >= 0"


def _point(values: Sequence[Fraction | int], rows: Sequence[Row], names: Names) -> str:
    shown = [
        f"y[{names.row(row)}]={_number(value, names)}" for value, row in zip(values, rows, strict=True) if value
    ]
    return ", ".join(shown) or "origin"
