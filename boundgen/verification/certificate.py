"""Everything that is needed to believe a derivation without trusting the engine, schema ``boundgen.certificate/1``.

The checker (`check_certificate`) shares no code with this. What it is told, and what each part proves:

- `text`: the statements that have a part in the proof, in canonical spelling. The checker reads them itself;
- the program: rows, strata with their entries and costs. All of it is computed again from the statements;
- `impossible`: strata that an assumption with right side zero forbids;
- `dependent`: rows that are combinations of others;
- `symmetries`, where there are many vertices: linear maps that carry the polyhedron to itself;
- every dual vertex and ray. A feasible vertex is a valid term (weak duality), and the list is complete because it
  is closed under adjacency: every edge at every vertex ends in a listed vertex or is a listed ray. With symmetries
  the edges at one vertex of each orbit are enough;
- for each term a population at which it alone is the bound, or a proof that it is nowhere needed;
- for each testable implication a proof that the model implies it, and data that break no other one; for each dual
  ray and dependent row a proof that the testable implications imply what it demands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.derived import Derivation, EstimandDerivation, SideDerivation
from boundgen.bounds.identification import event_program
from boundgen.bounds.sides import stage_with_rays
from boundgen.bounds.simplest_form import simplifier_of
from boundgen.bounds.to_json import term_json
from boundgen.derivation import derive
from boundgen.exact.integers import integers, primitive, product
from boundgen.exact.linear_algebra import Span, transpose
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.expressions import Inequality, Quantity
from boundgen.language.model import Model
from boundgen.language.printer import print_sum
from boundgen.language.statements import Definition, Parameter
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.polyhedra.functions import AffineFunctions
from boundgen.polyhedra.optimum import Constraint
from boundgen.polyhedra.orbit_engine import cone_of
from boundgen.polyhedra.proof import mean_proof, nonnegativity_proof
from boundgen.polyhedra.region import AffineFunction, Region, data_region, model_region
from boundgen.program.linear_program import Column, LinearProgram, Row, lifted, right_side
from boundgen.program.zeros import remove_zeros
from boundgen.strata.cells import Assignment
from boundgen.strata.stratum import response_name
from boundgen.work.limits import Budget, Limits, Report, ignore
from boundgen.work.unanswered import Unanswered

SCHEMA = "boundgen.certificate/1"
# Up to so many vertices the checker is quick without symmetries.
FEW = 30
Json = dict[str, Any]
ProofLabels = Sequence[tuple[str, str]]


def certify(
    model: Model,
    estimands: Sequence[str] = (),
    *,
    engine: str = "auto",
    limits: Limits = Limits(),
    report: Report = ignore,
) -> Json:
    """The certificate of a model's bounds, ready for `json.dump`.

    Parameters
    ----------
    model, estimands, engine, limits, report
        As in `derive`.

    Returns
    -------
    dict
        In the schema ``boundgen.certificate/1``.

    Raises
    ------
    BoundgenError
        As `derive` does.

    Examples
    --------
    >>> from boundgen import catalogue, certify
    >>> from boundgen.verification.check_certificate import check
    >>> certificate = certify(catalogue.load("mediation_mmr"), ["delta1"])
    >>> print(check(certificate).splitlines()[-1])
    Every step holds.
    """
    return certified(model, estimands, engine=engine, limits=limits, report=report)[0]


def certified(
    model: Model,
    estimands: Sequence[str] = (),
    *,
    engine: str = "auto",
    limits: Limits = Limits(),
    report: Report = ignore,
) -> tuple[Json, tuple[Unanswered, ...]]:
    """The certificate of the bounds that there are, and the estimands that have none."""
    budget = Budget(limits, report)
    derivation = derive(model, estimands, engine=engine, limits=limits, report=report)
    derivation = derivation.linear("certificates are made of linear programs whose coefficients are numbers")
    whole = tuple(stage_with_rays(stage, engine_named(engine), budget) for stage in derivation.stages)
    derivation = replace(derivation, stages=whole)
    document = _document(derivation, _data(derivation), budget)
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    # The digest shows changes that no proof depends on, such as another multiple that proves as much.
    return {**document, "digest": hashlib.sha256(text.encode()).hexdigest()}, derivation.unanswered


def _document(derivation: Derivation, data: _Data, budget: Budget) -> Json:
    model, cells = derivation.model, derivation.cells
    return {
        "schema": SCHEMA,
        "model": model.name,
        "text": str(_statements(replace(model, claims=(), estimands=tuple(s.estimand for s in derivation.stages)))),
        "variables": [{"name": variable.name, "parents": list(variable.parents)} for variable in model.variables],
        "cells": [{"name": c.name, "event": _values(c.event), "context": _values(c.context)} for c in cells],
        "arms": [{"cells": [c.name for c in arm.cells], "complete": arm.complete} for arm in derivation.arms],
        "parameters": [{"name": p.name, "low": _end(p.low), "high": _end(p.high)} for p in model.parameters],
        "conditions": _conditions(derivation, data, budget),
        "estimands": [_estimand(derivation, data, k, budget) for k in range(len(derivation.bounds))],
    }


def _statements(model: Model) -> Model:
    """The model without what has no part in a proof: title, sources, and definitions that nothing uses."""
    bodies = [a.body for a in model.assumptions if isinstance(a.body, Inequality)]
    sums = [*(side for body in bodies for side in (body.left, body.right)), *(e.expression for e in model.estimands)]
    used: list[Definition] = []
    # A definition uses those above it.
    for definition in reversed(model.definitions):
        if any(Quantity(definition.name) in atoms for found in sums for _, atoms in found.terms):
            used.insert(0, definition)
            sums.append(definition.expression)
    return replace(model, title="", sources=(), definitions=tuple(used))


# ---------------------------------------------------------------- testable implications
@dataclass(frozen=True)
class _Data:
    """Observable distributions: without and with the testable implications."""

    all: Region
    allowed: Region
    conditions: tuple[Term, ...]
    labels: ProofLabels

    def implied(self, term: Term) -> Json:
        """Why a function of the data is not negative where the testable implications hold."""
        multiples = nonnegativity_proof(self.allowed, self.allowed.function(term))
        assert multiples is not None
        return _labelled(self.labels, multiples)


def _data(derivation: Derivation) -> _Data:
    parameters, conditions = derivation.model.parameters, derivation.conditions or ()
    region = data_region(derivation.arms, parameters)
    demands = tuple(Constraint(*region.function(term)) for term in conditions)
    labels = [
        *_ends(parameters),
        *(("arms", str(k)) for k in range(len(derivation.arms))),
        *(("conditions", str(k)) for k in range(len(conditions))),
    ]
    return _Data(region, replace(region, constraints=(*region.constraints, *demands)), conditions, labels)


def _conditions(derivation: Derivation, data: _Data, budget: Budget) -> list[Json]:
    """Each is implied by the model, and broken alone by some data."""
    program = _program(derivation, derivation.stages[0].program)
    functions = AffineFunctions(data.all, data.conditions)
    found = []
    for k, condition in enumerate(data.conditions):
        budget.step("proving testable implications", k, len(data.conditions))
        alone, points = functions.violated_alone(k, [other for other in range(len(data.conditions)) if other != k])
        assert alone
        found.append(
            {
                "term": _term(derivation, condition),
                "implied": program.proof(program.region.function(condition)),
                "broken": _numbers(_named(data.all, points[-1])),
            }
        )
    return found


def _named(region: Region, point: tuple[tuple[int, ...], int]) -> Iterable[tuple[str, Fraction]]:
    numerators, denominator = point
    for name, function in region.names.items():
        yield name, sum((c * Fraction(numerators[i], denominator) for i, c in function.items()), Fraction(0))


# ---------------------------------------------------------------- programs
@dataclass(frozen=True)
class _Program:
    """A program without its impossible strata, and where its columns stand in the whole one."""

    program: LinearProgram
    places: tuple[int, ...]
    region: Region
    labels: ProofLabels

    def proof(self, function: AffineFunction) -> Json:
        """Why a function of strata and parameters is nowhere negative."""
        multiples = nonnegativity_proof(self.region, function)
        assert multiples is not None
        return _labelled(self.labels, multiples)

    def equality(self, function: AffineFunction) -> list[Json]:
        """Why a function is zero: nowhere negative, nowhere positive."""
        coefficients, constant = function
        return [self.proof(function), self.proof(({i: -c for i, c in coefficients.items()}, -constant))]


def _program(derivation: Derivation, original: LinearProgram) -> _Program:
    parameters = derivation.model.parameters
    zeros = remove_zeros(original)
    demands = [("rows", str(i)) for i, row in enumerate(original.rows) if row.kind != "cell"]
    region = model_region(zeros.program, parameters)
    return _Program(zeros.program, zeros.columns, region, [*_ends(parameters), *demands])


def _estimand(derivation: Derivation, data: _Data, number: int, budget: Budget) -> Json:
    stage, bounds = derivation.stages[number], derivation.bounds[number]
    program = _program(derivation, stage.program)
    dependent = _dependent_rows(program.program)
    return {
        "name": stage.estimand.name,
        "expression": print_sum(stage.estimand.expression, derivation.model.by_name),
        "rows": [_row(derivation, row) for row in stage.program.rows],
        "columns": [_column(column) for column in stage.program.columns],
        "offset": _term(derivation, stage.program.offset),
        "impossible": [
            {"row": forced.row, "columns": list(forced.columns)} for forced in remove_zeros(stage.program).forced
        ],
        "dependent": [_dependence(stage.program, data, i, multiples) for i, multiples in dependent.items()],
        "denominator": _denominator(derivation, program, bounds.denominator),
        "lower": _side(derivation, stage, "lower", bounds.lower.terms, program, dependent, data, budget),
        "upper": _side(derivation, stage, "upper", bounds.upper.terms, program, dependent, data, budget),
    }


def _dependent_rows(program: LinearProgram) -> dict[int, dict[int, Fraction]]:
    """Equality rows that are combinations of earlier ones."""
    rows = transpose((column.entries for column in program.columns), len(program.rows))
    span = Span()
    found: dict[int, dict[int, Fraction]] = {}
    for i in program.equalities:
        multiples = span.add(i, rows[i])
        if multiples is not None:
            found[i] = multiples
    return found


def _dependence(program: LinearProgram, data: _Data, row: int, multiples: dict[int, Fraction]) -> Json:
    """The demand that a dependent row makes of the data is among the testable implications."""
    full = [multiples.get(i, Fraction(0)) for i in range(len(program.rows))]
    demand = program.rows[row].right - right_side(program, full)
    return {
        "row": row,
        "multiples": _numbers((str(i), c) for i, c in multiples.items()),
        "implied": [data.implied(demand), data.implied(-demand)],
    }


def _denominator(derivation: Derivation, program: _Program, over: Term | None) -> Json | None:
    """The probability of the condition is this function of the data."""
    if over is None:
        return None
    coefficients, constant = program.region.function(over)
    difference: dict[int, Number] = {
        j: column.cost - coefficients.get(j, 0) for j, column in enumerate(event_program(program.program).columns)
    }
    difference |= {i: -c for i, c in coefficients.items() if i >= len(difference)}
    return {"term": _term(derivation, over), "equal": program.equality((difference, -constant))}


# ---------------------------------------------------------------- sides
def _side(
    derivation: Derivation,
    stage: EstimandDerivation,
    name: str,
    printed: Sequence[Term],
    program: _Program,
    dependent: dict[int, dict[int, Fraction]],
    data: _Data,
    budget: Budget,
) -> Json:
    """Vertices with their terms, and rays; for the upper side costs are negated."""
    side, sign = (stage.lower, 1) if name == "lower" else (stage.upper, -1)
    priced = program.program if sign == 1 else program.program.negated()
    size, rows = len(priced.rows), side.reduced.passes[-1].rows
    shown = _printed_forms(derivation, program, side, [term.scaled(sign) for term in printed])
    vertices = []
    for k, (vertex, term) in enumerate(zip(side.generators.vertices, side.terms, strict=True)):
        budget.step("finding a witness for each term", k, len(side.terms))
        multiples = lifted(vertex, rows, size)
        entry: Json = {"multiples": _multiples(multiples)}
        if k in shown:
            rivals = [shown[k], *(other for i, other in shown.items() if i != k)]
            entry["term"] = _term(derivation, shown[k].scaled(sign))
            entry["equal"] = program.equality(program.region.function((shown[k] - term).scaled(sign)))
            entry["witness"] = _witness(derivation, replace(program, program=priced), multiples, rivals)
        else:
            entry["term"] = _term(derivation, term.scaled(sign))
            entry["superfluous"] = _superfluous(program, term, shown)
        vertices.append(entry)
    rays = [lifted(tuple(map(Fraction, ray)), rows, size) for ray in side.generators.rays]
    # An inequality row in which only dominated strata had a part is a ray of its own.
    alone = [i for i in range(size) if i not in rows and i not in dependent]
    rays += [tuple(Fraction(-(i == row)) for i in range(size)) for row in alone]
    found: Json = {
        "vertices": vertices,
        "rays": [{"multiples": _multiples(ray), "implied": data.implied(-right_side(priced, ray))} for ray in rays],
    }
    if len(vertices) > FEW and not alone:
        found["symmetries"] = _symmetries(side.dual, priced, [i for i in range(size) if i not in dependent])
    return found


def _symmetries(dual: DualPolyhedron, priced: LinearProgram, kept: Sequence[int]) -> list[list[Json]]:
    """Linear maps that carry the polyhedron to itself, so that one vertex of each orbit is enough for closure.

    The checker knows the program before reductions, whose polyhedron has further inequalities that follow from the
    others; a map that does not carry these to one another is left out.
    """
    # Points have their denominator last there, and first here.
    order = [*range(1, dual.dimension + 1), 0]
    place = {row: k for k, row in enumerate(kept)}
    rows: dict[tuple[Fraction | int, ...], Fraction | int] = {}
    for column in priced.columns:
        left: list[Fraction | int] = [0] * len(kept)
        for i, entry in column.entries:
            if i in place:
                left[place[i]] = -entry
        rows[tuple(left)] = min(column.cost, rows.get(tuple(left), column.cost))
    signs = [tuple(-int(k == place[i]) for k in range(len(kept))) for i in kept if priced.rows[i].relation == "<="]
    rows |= {sign: min(0, rows.get(sign, 0)) for sign in signs}
    covectors = primitive(integers([_integral((*left, cost)) for left, cost in rows.items()]))
    wanted = {tuple(row) for row in covectors.tolist()}
    found = []
    for matrix in cone_of(dual).maps():
        there = matrix[np.ix_(order, order)]
        if {tuple(row) for row in primitive(product(covectors, there.T)).tolist()} == wanted:
            found.append([_numbers((str(k), c) for k, c in enumerate(line)) for line in there.tolist()])
    return found


def _integral(values: Sequence[Fraction | int]) -> list[int]:
    scale = lcm(*(value.denominator for value in values))
    return [int(value * scale) for value in values]


def _printed_forms(
    derivation: Derivation, program: _Program, side: SideDerivation, printed: Sequence[Term]
) -> dict[int, Term]:
    """The number of the vertex of each printed term, with the term as printed."""
    plain = simplifier_of(derivation.model, derivation.arms, (), ())
    found = {}
    for term in side.active:
        own = plain.plain(term)
        found[side.terms.index(term)] = (
            own if own in printed else next(other for other in printed if _same(program.region, own, other))
        )
    return found


def _same(region: Region, one: Term, other: Term) -> bool:
    return is_trivial(one - other, region) and is_trivial(other - one, region)


def _witness(derivation: Derivation, program: _Program, vertex: Sequence[Fraction], rivals: Sequence[Term]) -> Json:
    """A population at which the first term alone is the bound.

    By complementary slackness its strata are those whose inequality the vertex meets as an equality, and it meets
    as equalities the rows that the vertex has a share in.
    """
    on = [j for j, column in enumerate(program.program.columns) if _price(column, vertex) == column.cost]
    rows = tuple(replace(row, relation="=") if vertex[i] else row for i, row in enumerate(program.program.rows))
    small = LinearProgram(rows, tuple(program.program.columns[j] for j in on))
    region = model_region(small, derivation.model.parameters)
    alone, points = AffineFunctions(region, rivals).strictly_active(0, range(1, len(rivals)))
    assert alone
    numerators, denominator = points[-1]
    values = [Fraction(x, denominator) for x in numerators]
    names = [parameter.name for parameter in derivation.model.parameters]
    return {
        "strata": _numbers((str(program.places[j]), value) for j, value in zip(on, values, strict=False)),
        "parameters": {name: str(value) for name, value in zip(names, values[len(on) :], strict=True)},
    }


def _price(column: Column, vertex: Sequence[Fraction]) -> Fraction:
    return sum((entry * vertex[i] for i, entry in column.entries), Fraction(0))


def _superfluous(program: _Program, term: Term, shown: dict[int, Term]) -> Json:
    """Weights of printed terms whose mean is nowhere below this term."""
    proof = mean_proof(program.region, [program.region.function(other - term) for other in shown.values()])
    assert proof is not None
    weights = zip(map(str, shown), proof.weights, strict=True)
    return {"weights": _numbers(weights), "proof": _labelled(program.labels, proof.multiples)}


# ---------------------------------------------------------------- pieces of JSON
def _ends(parameters: Sequence[Parameter]) -> list[tuple[str, str]]:
    """The labels of the constraints of parameter ranges, in the order of a region."""
    found = []
    for parameter in parameters:
        found += [("low", parameter.name)] if parameter.low is not None else []
        found += [("high", parameter.name)] if parameter.high is not None else []
    return found


def _labelled(labels: ProofLabels, multiples: Sequence[Fraction]) -> Json:
    found: Json = {}
    for (kind, name), value in zip(labels, multiples, strict=True):
        if value:
            found.setdefault(kind, {})[name] = str(value)
    return found


def _term(derivation: Derivation, term: Term) -> Json:
    return term_json(term, derivation.order)


def _row(derivation: Derivation, row: Row) -> Json:
    return {"kind": row.kind, "name": row.name, "relation": row.relation, "right": _term(derivation, row.right)}


def _column(column: Column) -> Json:
    return {
        "stratum": {response_name(response): str(value) for response, value in column.stratum.responses},
        "entries": _numbers((str(i), entry) for i, entry in column.entries),
        "cost": str(column.cost),
        "event": str(column.event),
    }


def _multiples(values: Sequence[Fraction]) -> Json:
    return _numbers((str(i), value) for i, value in enumerate(values))


def _numbers(pairs: Iterable[tuple[str, Number]]) -> Json:
    """Rationals as strings, without zeros."""
    return {name: str(value) for name, value in pairs if value}


def _values(assignment: Assignment) -> Json:
    return {name: str(value) for name, value in assignment}


def _end(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
