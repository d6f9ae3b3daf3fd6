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
- of a ratio the vertices and rays of the polyhedron of duals and ratios, closed in the same way; each fraction with its
  edges, and where there is one a population at which it alone is the bound;
- of a program whose coefficients are functions of the data how it is one of numbers, and for each cell of the cone of
  its weights a point inside, see `weighted_certificate`;
- of testable implications beside ratios and weights how they and the demands of rows follow from one another, see
  `implication_certificate`;
- of an estimand that independent causes identify its formula, see `factored_certificate`;
- for each testable implication a proof that the model implies it, and data that break no other one; for each dual
  ray and dependent row a proof that the testable implications imply what it demands.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import numpy as np

from boundgen.bounds.closed_form import Bounds
from boundgen.bounds.conditions import is_trivial
from boundgen.bounds.derived import Derivation, EstimandDerivation, SideDerivation
from boundgen.bounds.identification import event_program
from boundgen.bounds.independent_problem import FactoredEstimand, PolynomialEstimand
from boundgen.bounds.piecewise_bounds import PiecewiseBounds
from boundgen.bounds.sides import stage_with_rays
from boundgen.bounds.simplest_form import simplifier_of
from boundgen.calls import public
from boundgen.catalogue.model_files import given_model
from boundgen.derivation import derive
from boundgen.errors import BoundgenError, LimitError, ModelError, PiecewiseError
from boundgen.exact.integers import integers, primitive, product
from boundgen.exact.rational import Number
from boundgen.exact.terms import Term
from boundgen.language.expressions import Inequality, Quantity, Sum
from boundgen.language.model import Model
from boundgen.language.printer import print_sum
from boundgen.language.statements import Definition, Parameter
from boundgen.polyhedra.dual import DualPolyhedron
from boundgen.polyhedra.engine import engine as engine_named
from boundgen.polyhedra.functions import AffineFunctions
from boundgen.polyhedra.orbit_engine import cone_of
from boundgen.polyhedra.proof import mean_proof
from boundgen.polyhedra.region import Region, model_region
from boundgen.program.factored_program import Factor
from boundgen.program.linear_program import Column, LinearProgram, lifted, right_side
from boundgen.program.zeros import remove_zeros
from boundgen.strata.cells import Arm, distinct_cells
from boundgen.verification import check_certificate as checker
from boundgen.verification.certificate_parts import (
    CertifiedData,
    Json,
    NotCertifiedError,
    PossibleProgram,
    cell_json,
    certified_conditions,
    certified_data,
    column_json,
    dependence_json,
    dependent_rows,
    end_json,
    labelled,
    multiples_json,
    numbers_json,
    possible_program,
    row_json,
    term_of,
)
from boundgen.verification.factored_certificate import (
    Formulas,
    factored_document,
    given_json,
    group_model,
    identified_formula,
    laws_json,
    unknown_groups,
)
from boundgen.verification.implication_certificate import implications_json
from boundgen.verification.quotient_certificate import quotient_json
from boundgen.verification.ratio_certificate import is_certifiable, ratio_json, ratio_program
from boundgen.verification.weighted_certificate import certifiable, weighted_json
from boundgen.work.limits import Budget, Limits, Report, ignore
from boundgen.work.unanswered import Unanswered

SCHEMA = "boundgen.certificate/1"
# Up to so many vertices the checker is quick without symmetries.
FEW = 30


@public
def certify(
    model: Model | str | os.PathLike[str],
    estimands: str | Sequence[str] = (),
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
    model = given_model(model)
    return certified(model, estimands, engine=engine, limits=limits, report=report)[0]


def certified(
    model: Model,
    estimands: str | Sequence[str] = (),
    *,
    engine: str = "auto",
    limits: Limits = Limits(),
    report: Report = ignore,
) -> tuple[Json, tuple[Unanswered, ...]]:
    """The certificate of the bounds that there are, and the estimands that have none."""
    budget = Budget(limits, report)
    if model.factored:
        derived = derive(model, estimands, engine=engine, conditions=False, limits=limits, partial=True)
        return _factored(derived, engine, limits, report)
    derivation = derive(model, estimands, engine=engine, limits=limits, report=report)
    data = certified_data(derivation)
    derivation, others = _certifiable(derivation, data, budget)
    whole = tuple(stage_with_rays(stage, engine_named(engine), budget) for stage in derivation.stages)
    derivation = replace(derivation, stages=whole)
    document = _document(derivation, others, data, budget)
    implications = implications_json(derivation, document, budget)
    if implications is not None:
        document["implications"] = implications
    return _signed(document), derivation.unanswered


def _signed(document: Json) -> Json:
    """The digest shows changes that no proof depends on, such as another multiple that proves as much."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return {**document, "digest": hashlib.sha256(text.encode()).hexdigest()}


def _factored(
    derivation: Derivation, engine: str, limits: Limits, report: Report
) -> tuple[Json, tuple[Unanswered, ...]]:
    """The certificate of what is identified where variables share no causes, but for one group at most."""
    independent = derivation.independent
    assert independent is not None
    formulas: Formulas = {}
    given: list[Json] = []
    left = list(independent.unanswered)
    for each in independent.posed:
        name = each.estimand.name
        formula = identified_formula(each) if isinstance(each, FactoredEstimand) else None
        if formula is not None:
            formulas[name] = formula
            continue
        try:
            given.append(_of_group(derivation, each, engine, limits, report))
        except BoundgenError as error:
            left.append(_left_out(name, error))
    if not formulas and not given:
        raise _none_made(left)
    try:
        return _checked(_of_factors(derivation, formulas, given)), tuple(left)
    except PiecewiseError as error:
        whole = PiecewiseError(f"no certificate was made: {error.message}")
    for name, formula in list(formulas.items()):
        try:
            _checked(_of_factors(derivation, {name: formula}, []))
        except PiecewiseError as error:
            left.append(_left_out(name, error))
            del formulas[name]
    if not formulas and not given:
        raise _none_made(left)
    try:
        return _checked(_of_factors(derivation, formulas, given)), tuple(left)
    except PiecewiseError:
        raise whole from None


def _none_made(left: Sequence[Unanswered]) -> BoundgenError:
    """Why no estimand has a certificate: each has its own reason."""
    if len(left) == 1:
        return left[0].error
    said = (f"{each.name}: {each.reason.removeprefix(_none_of(each.name))}" for each in left)
    kind = PiecewiseError if any(isinstance(each.error, LimitError) for each in left) else ModelError
    return kind("; ".join(["no certificate was made", *said]))


def _none_of(name: str) -> str:
    return f"no certificate of {name} was made: "


def _left_out(name: str, error: BoundgenError) -> Unanswered:
    """An estimand that the certificate does not hold, and why; the others have theirs."""
    why = PiecewiseError(f"{_none_of(name)}{error.message}")
    return Unanswered(name, why.message, why)


def _of_factors(derivation: Derivation, formulas: Formulas, given: list[Json]) -> Json:
    """The certificate of formulas, and of estimands of one group."""
    assert derivation.independent is not None
    names = [*formulas, *(each["name"] for each in given)]
    head = _head(derivation, names, derivation.independent.arms)
    return _signed(factored_document(derivation, formulas, given, head))


def _checked(document: Json) -> Json:
    """A certificate that the checker believes."""
    try:
        checker.check(document)
    except (checker.Wrong, checker.Malformed) as error:
        raise PiecewiseError(f"the checker says: {str(error).removeprefix('text: ')}") from None
    return document


def _of_group(
    derivation: Derivation,
    asked: FactoredEstimand | PolynomialEstimand,
    engine: str,
    limits: Limits,
    report: Report,
) -> Json:
    """An estimand that is not identified in one group."""
    independent = derivation.independent
    assert independent is not None
    if isinstance(asked, PolynomialEstimand) or independent.factored is None:
        at_data = asked.at_data if isinstance(asked, PolynomialEstimand) else "not of factors"
        corners = isinstance(asked, PolynomialEstimand) and asked.levels
        raise PiecewiseError(
            f"its bounds are {at_data}{', and no certificate is of such a form yet' if corners else ''}"
        )
    group = group_model(independent.factored, asked)
    if group is None:
        raise PiecewiseError(
            "where variables share no causes certificates are of no ratio that is not identified, and of what is given "
            "a condition only where its probability is known and one group of variables is left"
        )
    assumed = [names for names, factor in _outer(asked) if any(row.kind == "assumption" for row in factor.rows)]
    if assumed:
        names = " and of ".join(map(", ".join, assumed))
        raise PiecewiseError(f"probabilities of {names} are assumed, and this group would go over its laws")
    name = asked.estimand.name
    inner, _ = certified(group.model, engine=engine, limits=limits, report=report)
    found = given_json(independent.model, name, group, inner)
    if not group.others:
        return found
    own = [variable.name for variable in group.model.variables if not variable.randomized]
    try:
        laws = laws_json(_head(derivation, [name], independent.arms), name, own, group.others)
    except checker.Malformed as error:
        raise PiecewiseError(f"the checker says: {str(error).removeprefix('text: ')}") from None
    return {**found, "laws": laws}


def _outer(asked: FactoredEstimand) -> list[tuple[tuple[str, ...], Factor]]:
    """The groups that go over their laws."""
    factors = [asked.program.factors[k] for k in unknown_groups(asked)[:-1]]
    return [(factor.variables, factor) for factor in factors]


@dataclass(frozen=True)
class _Others:
    """The proofs of estimands that are not one linear program, by kind, and the programs that they are about."""

    proofs: Mapping[str, Sequence[Json]]
    programs: tuple[tuple[LinearProgram, Sequence[Parameter]], ...]


def _document(derivation: Derivation, others: _Others, data: CertifiedData, budget: Budget) -> Json:
    proved = [each for entries in others.proofs.values() for each in entries]
    parameters = derivation.model.parameters
    programs = [*((stage.program, parameters) for stage in derivation.stages), *others.programs]
    known = certified_conditions(derivation) is not None
    return {
        **_head(derivation, [*(bounds.name for bounds in derivation.bounds), *(each["name"] for each in proved)]),
        "conditions": _conditions(derivation, *programs[0], data, budget) if known else None,
        "estimands": [_estimand(derivation, data, k, budget) for k in range(len(derivation.bounds))],
        **others.proofs,
    }


def _head(derivation: Derivation, names: Iterable[str], arms: Sequence[Arm] | None = None) -> Json:
    """What a certificate says of the model and of the estimands of these names; of other arms than are bounded in."""
    arms = derivation.arms if arms is None else arms
    model, cells = derivation.model, distinct_cells(arms)
    estimands = tuple(replace(model.estimand_named(name), label="") for name in names)
    return {
        "schema": SCHEMA,
        "model": model.name,
        "text": str(statements(replace(model, claims=(), estimands=estimands))),
        "variables": [{"name": variable.name, "parents": list(variable.parents)} for variable in model.variables],
        "cells": [cell_json(cell) for cell in cells],
        "arms": [{"cells": [c.name for c in arm.cells], "complete": arm.complete} for arm in arms],
        "parameters": [{"name": p.name, "low": end_json(p.low), "high": end_json(p.high)} for p in model.parameters],
        "conditions": None,
    }


def _certifiable(derivation: Derivation, data: CertifiedData, budget: Budget) -> tuple[Derivation, _Others]:
    """The linear programs, and the proofs of the others; an estimand without a proof is without an answer then."""
    # A ratio whose divisor is known has no form of its own.
    kept = [k for k, stage in enumerate(derivation.stages) if stage.asked.form.means]
    linear = [derivation.bounds[k] for k in kept]
    head = _head(derivation, [bounds.name for bounds in derivation.closed_forms])
    proved: dict[str, list[Json]] = {"ratios": [], "weighted": [], "quotients": []}
    programs: list[tuple[LinearProgram, Sequence[Parameter]]] = []
    left: list[Unanswered] = []
    for bounds in derivation.closed_forms:
        if bounds in linear:
            continue
        budget.step("proving what is not linear", len(programs), len(derivation.closed_forms))
        try:
            kind, document, program, free = _proof(derivation, bounds, data, head, budget)
            proved[kind].append(document)
            programs.append((program, (*derivation.model.parameters, *free)))
        except NotCertifiedError as error:
            why = PiecewiseError(f"no certificate of {bounds.name} was made: {error}")
            left.append(Unanswered(bounds.name, why.message, why))
    if not (kept or programs):
        raise left[0].error
    linear_alone = replace(
        derivation,
        stages=tuple(derivation.stages[k] for k in kept),
        bounds=tuple(linear),
        piecewise=(),
        unanswered=(*derivation.unanswered, *left),
    )
    return linear_alone, _Others({key: found for key, found in proved.items() if found}, tuple(programs))


def _proof(
    derivation: Derivation, bounds: Bounds | PiecewiseBounds, data: CertifiedData, head: Json, budget: Budget
) -> tuple[str, Json, LinearProgram, Sequence[Parameter]]:
    """The kind of an estimand that is not one linear program, its proof, its program, and names on the right there."""
    if isinstance(bounds, PiecewiseBounds) and is_certifiable(derivation, bounds):
        return "ratios", ratio_json(derivation, bounds, data, budget), ratio_program(bounds), ()
    if isinstance(bounds, PiecewiseBounds) and bounds.ratio is not None:
        document = quotient_json(derivation, bounds, head, budget)
        return "quotients", document, ratio_program(bounds), bounds.normal.free
    each = certifiable(derivation, bounds, budget)
    return "weighted", weighted_json(derivation, each, head, budget), each.normal.program, each.normal.free


def statements(model: Model) -> Model:
    """The model without what has no part in a proof: title, sources, and definitions that nothing uses.

    In place of a bounded outcome stands the two-valued one of which the proof is.
    """
    model = replace(model, variables=tuple(replace(variable, bounded=False) for variable in model.variables))
    bodies = [a.body for a in model.assumptions if isinstance(a.body, Inequality)]
    sums = [
        *(side for body in bodies for side in (body.left, body.right)),
        *(s for e in model.estimands for s in (e.expression, e.divisor or Sum())),
    ]
    used: list[Definition] = []
    # A definition uses those above it.
    for definition in reversed(model.definitions):
        if any(Quantity(definition.name) in atoms for found in sums for _, atoms in found.terms):
            used.insert(0, definition)
            sums.append(definition.expression)
    return replace(model, title="", sources=(), definitions=tuple(used))


# ---------------------------------------------------------------- testable implications
def _conditions(
    derivation: Derivation,
    first: LinearProgram,
    parameters: Sequence[Parameter],
    data: CertifiedData,
    budget: Budget,
) -> list[Json]:
    """Each is implied by the model, and broken alone by some data."""
    program = possible_program(parameters, first)
    functions = AffineFunctions(data.all, data.conditions)
    found = []
    for k, condition in enumerate(data.conditions):
        budget.step("proving testable implications", k, len(data.conditions))
        alone, points = functions.violated_alone(k, [other for other in range(len(data.conditions)) if other != k])
        assert alone
        found.append(
            {
                "term": term_of(derivation, condition),
                "implied": program.proof(program.region.function(condition)),
                "broken": numbers_json(_named(data.all, points[-1])),
            }
        )
    return found


def _named(region: Region, point: tuple[tuple[int, ...], int]) -> Iterable[tuple[str, Fraction]]:
    numerators, denominator = point
    for name, function in region.names.items():
        yield name, sum((c * Fraction(numerators[i], denominator) for i, c in function.items()), Fraction(0))


def _estimand(derivation: Derivation, data: CertifiedData, number: int, budget: Budget) -> Json:
    stage, bounds = derivation.stages[number], derivation.bounds[number]
    program = possible_program(derivation.model.parameters, stage.program)
    dependent = dependent_rows(program.program)
    return {
        "name": stage.estimand.name,
        "expression": print_sum(stage.estimand.expression, derivation.model.by_name),
        "rows": [row_json(derivation, row) for row in stage.program.rows],
        "columns": [column_json(column) for column in stage.program.columns],
        "offset": term_of(derivation, stage.program.offset),
        "impossible": [
            {"row": forced.row, "columns": list(forced.columns)} for forced in remove_zeros(stage.program).forced
        ],
        "dependent": [dependence_json(stage.program, data, i, multiples) for i, multiples in dependent.items()],
        "denominator": _denominator(derivation, program, bounds.denominator),
        "lower": _side(derivation, stage, "lower", bounds.lower.terms, program, dependent, data, budget),
        "upper": _side(derivation, stage, "upper", bounds.upper.terms, program, dependent, data, budget),
    }


def _denominator(derivation: Derivation, program: PossibleProgram, over: Term | None) -> Json | None:
    """The probability of the condition is this function of the data."""
    if over is None:
        return None
    coefficients, constant = program.region.function(over)
    difference: dict[int, Number] = {
        j: column.cost - coefficients.get(j, 0) for j, column in enumerate(event_program(program.program).columns)
    }
    difference |= {i: -c for i, c in coefficients.items() if i >= len(difference)}
    return {"term": term_of(derivation, over), "equal": program.equality((difference, -constant))}


# ---------------------------------------------------------------- sides
def _side(
    derivation: Derivation,
    stage: EstimandDerivation,
    name: str,
    printed: Sequence[Term],
    program: PossibleProgram,
    dependent: dict[int, dict[int, Fraction]],
    data: CertifiedData,
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
        entry: Json = {"multiples": multiples_json(multiples)}
        if k in shown:
            rivals = [shown[k], *(other for i, other in shown.items() if i != k)]
            entry["term"] = term_of(derivation, shown[k].scaled(sign))
            entry["equal"] = program.equality(program.region.function((shown[k] - term).scaled(sign)))
            entry["witness"] = _witness(derivation, replace(program, program=priced), multiples, rivals)
        else:
            entry["term"] = term_of(derivation, term.scaled(sign))
            entry["superfluous"] = _superfluous(program, term, shown)
        vertices.append(entry)
    rays = [lifted(tuple(map(Fraction, ray)), rows, size) for ray in side.generators.rays]
    # An inequality row in which only dominated strata had a part is a ray of its own.
    alone = [i for i in range(size) if i not in rows and i not in dependent]
    rays += [tuple(Fraction(-(i == row)) for i in range(size)) for row in alone]
    found: Json = {
        "vertices": vertices,
        "rays": [{"multiples": multiples_json(ray), "implied": data.implied(-right_side(priced, ray))} for ray in rays],
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
            found.append([numbers_json((str(k), c) for k, c in enumerate(line)) for line in there.tolist()])
    return found


def _integral(values: Sequence[Fraction | int]) -> list[int]:
    scale = lcm(*(value.denominator for value in values))
    return [int(value * scale) for value in values]


def _printed_forms(
    derivation: Derivation, program: PossibleProgram, side: SideDerivation, printed: Sequence[Term]
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


def _witness(
    derivation: Derivation, program: PossibleProgram, vertex: Sequence[Fraction], rivals: Sequence[Term]
) -> Json:
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
        "strata": numbers_json((str(program.places[j]), value) for j, value in zip(on, values, strict=False)),
        "parameters": {name: str(value) for name, value in zip(names, values[len(on) :], strict=True)},
    }


def _price(column: Column, vertex: Sequence[Fraction]) -> Fraction:
    return sum((entry * vertex[i] for i, entry in column.entries), Fraction(0))


def _superfluous(program: PossibleProgram, term: Term, shown: dict[int, Term]) -> Json:
    """Weights of printed terms whose mean is nowhere below this term."""
    proof = mean_proof(program.region, [program.region.function(other - term) for other in shown.values()])
    assert proof is not None
    weights = zip(map(str, shown), proof.weights, strict=True)
    return {"weights": numbers_json(weights), "proof": labelled(program.labels, proof.multiples)}
