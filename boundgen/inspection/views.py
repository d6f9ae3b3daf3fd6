"""The stages of a derivation as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.derived import EstimandDerivation
from boundgen.bounds.symbols import Notation, pretty
from boundgen.bounds.text import legend_text, term_text
from boundgen.exact.terms import Term
from boundgen.inspection.posed_views import TITLES, posed_lines
from boundgen.inspection.shown import Shown
from boundgen.polyhedra.dual import dual_polyhedron
from boundgen.polyhedra.region import Region
from boundgen.program.linear_program import Column, LinearProgram, Row, right_side
from boundgen.program.reduced import ReducedProgram, reduce
from boundgen.rendering.layout import indented
from boundgen.rendering.signs import signs
from boundgen.rendering.table import table


@dataclass(frozen=True)
class View:
    """What a view looks at: an estimand's program, and on demand the later stages of its two sides."""

    name: str
    program: LinearProgram
    names: Names
    everything: Region

    def reduced(self) -> tuple[tuple[str, ReducedProgram, int], ...]:
        """Goal, reduced program and sign of both sides."""
        return ("minimise", reduce(self.program), 1), ("maximise", reduce(self.program.negated()), -1)


def shown_text(shown: Shown, unicode: bool) -> str:
    """The symbols, a view of each estimand, and what has no answer."""
    if shown.asked is None:
        return str(shown.model)
    names = Names(shown.notation, unicode)
    views = ["\n".join(lines) for lines in _views(shown, names)]
    without = ["\n".join(each.said(unicode) for each in shown.unanswered)] if shown.unanswered else []
    return "\n\n".join([legend_text(names.notation, unicode), *views, *without]) + "\n"


def _views(shown: Shown, names: Names) -> list[Iterator[str]]:
    """In the order in which estimands were asked for."""
    others = ((each.name, posed_lines(each, shown, names.unicode)) for each in shown.posed)
    if shown.stage == "vertices":
        linear = [(each.estimand.name, _vertices(each, names, shown)) for each in shown.derived]
    else:
        views = zip(shown.problem.programs, views_of(shown, names), strict=True)
        linear = [(asked.estimand.name, VIEWS[shown.stage](view)) for asked, view in views]
    return shown.in_order(linear, others)


def views_of(shown: Shown, names: Names) -> list[View]:
    """The programs that are looked at."""
    return [
        View(pretty(asked.estimand.name, names.unicode), asked.program, names, shown.everything)
        for asked in shown.problem.programs
    ]


class Names:
    """How rows, columns and terms are written in one view."""

    def __init__(self, notation: Notation, unicode: bool) -> None:
        self.notation, self.unicode = notation, unicode
        sign = signs(unicode)
        self.minus, self.psi, self.at_most, self.at_least = sign.minus, sign.psi, sign.at_most, sign.at_least

    def term(self, term: Term) -> str:
        """A function of the data."""
        return term_text(term, self.notation, self.unicode)

    def row(self, row: Row) -> str:
        """The symbol of a cell; an assumption as it was written."""
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
        """``≤`` where the terminal can show it."""
        return self.at_most if relation == "<=" else "="


# ---------------------------------------------------------------- strata and program
def _strata(view: View) -> Iterator[str]:
    """Each principal stratum with its cells, assumption entries and estimand value."""
    program, names = view.program, view.names
    yield f"{view.name}: {len(program.columns)} principal strata"
    conditional = any(column.event != 1 for column in program.columns)
    head = ["", "stratum", "cells", "estimand"]
    head += ["in the condition"] if conditional else []
    assumptions = [i for i, row in enumerate(program.rows) if row.kind == "assumption"]
    head += [program.rows[i].name for i in assumptions]
    body = []
    for j, column in enumerate(program.columns, 1):
        entries = dict(column.entries)
        cells = " ".join(names.row(row) for i, row in enumerate(program.rows) if row.kind == "cell" and entries.get(i))
        line = [f"{names.psi}{j}", str(column.stratum), cells, number(column.cost, names)]
        line += ["yes" if column.event else "no"] if conditional else []
        body.append(line + [number(entries.get(i, 0), names) for i in assumptions])
    yield indented(table([head, *body]))
    for i in assumptions:
        row = program.rows[i]
        yield f"  assumption row: {row.name}: the entries' mean {names.relation(row.relation)} {names.term(row.right)}"
    if program.offset != Term():
        yield f"  plus {names.term(program.offset)}"


def number(value: Fraction | int, names: Names) -> str:
    """A number with the view's minus."""
    return str(value).replace("-", names.minus)


def _program(view: View) -> Iterator[str]:
    """The linear program before any reduction."""
    yield f"{view.name}: {view.program.size()}"
    numbers = range(1, len(view.program.columns) + 1)
    yield from _rows(view.program, numbers, view.names, "minimise and maximise", 1)


def _rows(program: LinearProgram, numbers: Sequence[int], names: Names, goal: str, sign: int) -> Iterator[str]:
    columns = list(zip(numbers, program.columns, strict=True))
    cost = [(sign * column.cost, f"{names.psi}{j}") for j, column in columns if column.cost]
    offset = "" if program.offset == Term() else f" + ({names.term(program.offset.scaled(sign))})"
    yield f"  {goal}: {names.sum(cost)}{offset}"
    yield f"  over {names.psi} {names.at_least} 0 with"
    for i, row in enumerate(program.rows):
        entries = [(e, f"{names.psi}{j}") for j, column in columns for k, e in column.entries if k == i]
        yield f"    {names.sum(entries)} {names.relation(row.relation)} {names.term(row.right)}"


def _reduced(view: View) -> Iterator[str]:
    """What each pass did, and the last program of both sides."""
    names, region = view.names, view.everything
    for goal, reduced, sign in view.reduced():
        yield f"{view.name}, {goal}: {view.program.size()}"
        for reduction in reduced.passes:
            yield f"  {reduction.name}: {reduction.program.size()}"
            for equality in reduction.equalities:
                always = "  (always true)" if is_trivial(equality, region) and is_trivial(-equality, region) else ""
                yield f"    a dropped row demands of the data: {names.term(equality)} = 0{always}"
        numbers = [j + 1 for j in reduced.columns]
        for j, column in zip(numbers, reduced.program.columns, strict=True):
            yield f"  {names.psi}{j}: {column.stratum}{_alike(column)}"
        yield from _rows(reduced.program, numbers, names, goal, sign)


def _alike(column: Column) -> str:
    return f" (merged with {column.merged - 1} more)" if column.merged > 1 else ""


# ---------------------------------------------------------------- dual
def _dual(view: View) -> Iterator[str]:
    """The inequalities of the dual polyhedra."""
    names = view.names
    for goal, reduced, _ in view.reduced():
        rows, dual = reduced.program.rows, dual_polyhedron(reduced.program)
        yield (
            f"{view.name}, {TITLES[goal]}: dual polyhedron of dimension {dual.dimension}, "
            f"{len(dual.inequalities)} inequalities"
        )
        yield f"  maximise {names.sum([(1, f'y[{names.row(row)}] {times(row, names)}') for row in rows])}"
        for constant, *coefficients in dual.inequalities:
            left = [(-c, f"y[{names.row(row)}]") for c, row in zip(coefficients, rows, strict=True) if c]
            yield f"    {names.sum(left)} {names.at_most} {number(constant, names)}"


def times(row: Row, names: Names) -> str:
    """A right side that something is multiplied with."""
    text = names.term(row.right)
    return f"({text})" if " " in text else text


def _vertices(stage: EstimandDerivation, names: Names, shown: Shown) -> Iterator[str]:
    """Each dual vertex with its term, each extreme ray with its testable implication."""
    plain, everything = shown.simplifier, shown.everything
    for goal, side, sign in (("minimise", stage.lower, 1), ("maximise", stage.upper, -1)):
        rows = side.reduced.program.rows
        vertices, rays = side.generators.vertices, side.generators.rays
        sizes = f"{len(vertices)} vertices, {len(rays)} extreme rays"
        yield f"{pretty(stage.estimand.name, names.unicode)}, {TITLES[goal]}: {sizes}"
        for vertex, term in zip(vertices, side.terms, strict=True):
            never = "" if term in side.active else "  (never active)"
            yield f"  vertex {point(vertex, rows, names)}  gives  {names.term(plain.plain(term.scaled(sign)))}{never}"
        for ray in rays:
            condition = plain.plain(-right_side(side.reduced.program, ray))
            always = "  (always true)" if is_trivial(condition, everything) else ""
            yield f"  ray    {point(ray, rows, names)}  demands  {names.term(condition)} {names.at_least} 0{always}"


def point(values: Sequence[Fraction | int], rows: Sequence[Row], names: Names) -> str:
    """The entries of a vertex or ray that are not zero."""
    entries = [f"y[{names.row(row)}]={number(value, names)}" for value, row in zip(values, rows, strict=True) if value]
    return ", ".join(entries) or "origin"


VIEWS: dict[str, Callable[[View], Iterator[str]]] = {
    "strata": _strata,
    "program": _program,
    "reduced": _reduced,
    "dual": _dual,
}
