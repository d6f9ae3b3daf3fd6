"""The stages of a derivation in the field's words: the teaching view and the debugging view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.derived import EstimandDerivation
from boundgen.bounds.posing import chosen_estimands, program_problem
from boundgen.bounds.printing import plain_reader
from boundgen.bounds.problem import BoundingProblem
from boundgen.bounds.sides import stage_with_rays
from boundgen.bounds.simplest_form import Simplifier
from boundgen.bounds.symbols import Notation, notation, pretty
from boundgen.bounds.text import legend_text, term_text
from boundgen.derivation import derive
from boundgen.errors import ModelError, quoted
from boundgen.exact.terms import Term
from boundgen.inspection.names import STAGES
from boundgen.language.model import Model
from boundgen.polyhedra.dual import dual_polyhedron
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.polyhedra.region import Region, data_region
from boundgen.program.linear_program import Column, LinearProgram, Row, right_side
from boundgen.program.reduced import ReducedProgram, reduce
from boundgen.rendering.layout import indented
from boundgen.rendering.signs import signs
from boundgen.rendering.table import table
from boundgen.work.limits import Work
from boundgen.work.unanswered import Told, Unanswered


@dataclass(frozen=True)
class Shown:
    """What a view may look at: an estimand's program, and on demand the later stages of its two sides."""

    name: str
    program: LinearProgram
    names: Names
    everything: Region

    def reduced(self) -> tuple[tuple[str, ReducedProgram, int], ...]:
        """Goal, reduced program and sign of both sides."""
        return ("minimise", reduce(self.program), 1), ("maximise", reduce(self.program.negated()), -1)


def show(model: Model, estimands: Sequence[str], stage: str, engine: str, work: Work, unicode: bool) -> str:
    """What `shown` tells."""
    return shown(model, estimands, stage, engine, work, unicode).text


def shown(model: Model, estimands: Sequence[str], stage: str, engine: str, work: Work, unicode: bool) -> Told:
    """One stage of the derivation of each estimand; nothing beyond that stage is computed.

    Parameters
    ----------
    stage : {"model", "strata", "program", "reduced", "dual", "vertices"}

    Raises
    ------
    BoundgenError
        Where no estimand has an answer.
    """
    if stage not in STAGES:
        raise ModelError(f"unknown stage {quoted(stage)}", remedy=f"stages: {', '.join(STAGES)}")
    chosen = chosen_estimands(model, estimands) if estimands or stage != "model" else ()
    if stage == "model":
        return Told(str(model))
    if stage == "vertices":
        return _shown_vertices(model, estimands, engine, work, unicode)
    problem = program_problem(model, chosen, work)
    names, region = _names_and_data(problem, unicode)
    seen = [Shown(pretty(asked.estimand.name, unicode), asked.program, names, region) for asked in problem.programs]
    return _told(names, ["\n".join(VIEWS[stage](each)) for each in seen], problem.unanswered)


def _shown_vertices(model: Model, estimands: Sequence[str], engine: str, work: Work, unicode: bool) -> Told:
    """The stage that needs the derivation."""
    found = derive(model, estimands, engine=engine, conditions=False, limits=work.limits, report=work.report)
    names, region = _names_and_data(found.problem, unicode)
    plain = plain_reader(found.problem)
    stages = [stage_with_rays(each, engine_named(engine), work) for each in found.stages]
    return _told(names, ["\n".join(_vertices(each, names, plain, region)) for each in stages], found.unanswered)


def _names_and_data(problem: BoundingProblem, unicode: bool) -> tuple[Names, Region]:
    """How things are called, and all distributions of the data."""
    names = Names(notation(problem.model, problem.arms), unicode)
    return names, data_region(problem.arms, problem.model.parameters)


def _told(names: Names, views: Sequence[str], without: tuple[Unanswered, ...]) -> Told:
    said = ["\n".join(each.said(names.unicode) for each in without)] if without else []
    return Told("\n\n".join([legend_text(names.notation, names.unicode), *views, *said]) + "\n", without)


class Names:
    """How rows, columns and terms are written in one view."""

    def __init__(self, notation: Notation, unicode: bool) -> None:
        self.notation, self.unicode = notation, unicode
        sign = signs(unicode)
        self.minus, self.psi, self.at_most, self.at_least = sign.minus, sign.psi, sign.at_most, sign.at_least

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


# ---------------------------------------------------------------- strata and program
def _strata(shown: Shown) -> Iterator[str]:
    """Each principal stratum with its cells, assumption entries and estimand value."""
    program, names = shown.program, shown.names
    yield f"{shown.name}: {len(program.columns)} principal strata"
    conditional = any(column.event != 1 for column in program.columns)
    head = ["", "stratum", "cells", "estimand"]
    head += ["in the condition"] if conditional else []
    assumptions = [i for i, row in enumerate(program.rows) if row.kind == "assumption"]
    head += [program.rows[i].name for i in assumptions]
    body = []
    for j, column in enumerate(program.columns, 1):
        entries = dict(column.entries)
        cells = " ".join(names.row(row) for i, row in enumerate(program.rows) if row.kind == "cell" and entries.get(i))
        line = [f"{names.psi}{j}", str(column.stratum), cells, _number(column.cost, names)]
        line += ["yes" if column.event else "no"] if conditional else []
        body.append(line + [_number(entries.get(i, 0), names) for i in assumptions])
    yield indented(table([head, *body]))
    for i in assumptions:
        row = program.rows[i]
        yield f"  assumption row: {row.name}: the entries' mean {names.relation(row.relation)} {names.term(row.right)}"
    if program.offset != Term():
        yield f"  plus {names.term(program.offset)}"


def _number(value: Fraction | int, names: Names) -> str:
    return str(value).replace("-", names.minus)


def _program(shown: Shown) -> Iterator[str]:
    """The linear program before any reduction."""
    yield f"{shown.name}: {shown.program.size()}"
    numbers = range(1, len(shown.program.columns) + 1)
    yield from _rows(shown.program, numbers, shown.names, "minimise and maximise", 1)


def _rows(program: LinearProgram, numbers: Sequence[int], names: Names, goal: str, sign: int) -> Iterator[str]:
    columns = list(zip(numbers, program.columns, strict=True))
    cost = [(sign * column.cost, f"{names.psi}{j}") for j, column in columns if column.cost]
    offset = "" if program.offset == Term() else f" + ({names.term(program.offset.scaled(sign))})"
    yield f"  {goal}: {names.sum(cost)}{offset}"
    yield f"  over {names.psi} {names.at_least} 0 with"
    for i, row in enumerate(program.rows):
        entries = [(e, f"{names.psi}{j}") for j, column in columns for k, e in column.entries if k == i]
        yield f"    {names.sum(entries)} {names.relation(row.relation)} {names.term(row.right)}"


def _reduced(shown: Shown) -> Iterator[str]:
    """What each pass did, and the last program of both sides."""
    names, region = shown.names, shown.everything
    for goal, reduced, sign in shown.reduced():
        yield f"{shown.name}, {goal}: {shown.program.size()}"
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
TITLES = {"minimise": "lower bound", "maximise": "upper bound (as minus a lower bound)"}


def _dual(shown: Shown) -> Iterator[str]:
    """The inequalities of the dual polyhedra."""
    names = shown.names
    for goal, reduced, _ in shown.reduced():
        rows, dual = reduced.program.rows, dual_polyhedron(reduced.program)
        yield (
            f"{shown.name}, {TITLES[goal]}: dual polyhedron of dimension {dual.dimension}, "
            f"{len(dual.inequalities)} inequalities"
        )
        yield f"  maximise {names.sum([(1, f'y[{names.row(row)}] {_times(row, names)}') for row in rows])}"
        for constant, *coefficients in dual.inequalities:
            left = [(-c, f"y[{names.row(row)}]") for c, row in zip(coefficients, rows, strict=True) if c]
            yield f"    {names.sum(left)} {names.at_most} {_number(constant, names)}"


def _times(row: Row, names: Names) -> str:
    text = names.term(row.right)
    return f"({text})" if " " in text else text


def _vertices(stage: EstimandDerivation, names: Names, plain: Simplifier, everything: Region) -> Iterator[str]:
    """Each dual vertex with its term, each extreme ray with its testable implication."""
    for goal, side, sign in (("minimise", stage.lower, 1), ("maximise", stage.upper, -1)):
        rows = side.reduced.program.rows
        vertices, rays = side.generators.vertices, side.generators.rays
        sizes = f"{len(vertices)} vertices, {len(rays)} extreme rays"
        yield f"{pretty(stage.estimand.name, names.unicode)}, {TITLES[goal]}: {sizes}"
        for vertex, term in zip(vertices, side.terms, strict=True):
            never = "" if term in side.active else "  (never active)"
            yield f"  vertex {_point(vertex, rows, names)}  gives  {names.term(plain.plain(term.scaled(sign)))}{never}"
        for ray in rays:
            condition = plain.plain(-right_side(side.reduced.program, ray))
            always = "  (always true)" if is_trivial(condition, everything) else ""
            yield f"  ray    {_point(ray, rows, names)}  demands  {names.term(condition)} {names.at_least} 0{always}"


def _point(values: Sequence[Fraction | int], rows: Sequence[Row], names: Names) -> str:
    shown = [f"y[{names.row(row)}]={_number(value, names)}" for value, row in zip(values, rows, strict=True) if value]
    return ", ".join(shown) or "origin"


VIEWS: dict[str, Callable[[Shown], Iterator[str]]] = {
    "strata": _strata,
    "program": _program,
    "reduced": _reduced,
    "dual": _dual,
}
