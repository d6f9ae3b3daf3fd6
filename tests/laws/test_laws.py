"""The laws of bounds, on random models and random distributions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from boundgen import Model, P, derive, variable
from boundgen.derivation import Derivation
from boundgen.errors import ContradictionError, LimitError, ModelError, NotIdentifiedError
from boundgen.exact.terms import Term
from boundgen.polyhedra.libraries import cdd_installed
from boundgen.polyhedra.optimum import Constraint, Optimum, maximum
from boundgen.program.linear_program import LinearProgram, lifted, right_side
from boundgen.program.reduced import ReducedProgram
from support.derivations import SMALL, Case, Numbers, case, derived, linear_function, read
from support.independent import Problem, problem
from support.strategies import (
    Draft,
    distributions,
    drafts,
    drafts_and_assumption,
    observed,
    parameter_values,
    region,
    renamings,
    wide_drafts,
)

CLEAR = 1e-7


# ---------------------------------------------------------------- helpers
def largest_margin(term: Term, others: Sequence[Term], judge: Problem) -> Fraction:
    """By how much a term can be above all others at a distribution of the model: at most one."""
    size = len(judge.columns) + len(judge.model.parameters)
    demands = [linear_function(term - other, judge) for other in others]
    above = [Constraint({**f, size: -1}, constant) for f, constant in demands]
    best = maximum(size + 1, {size: 1}, [*region(judge), *above, Constraint({size: -1}, 1)], range(len(judge.columns)))
    assert best, "the model has a distribution"
    return best.value


def cell_region(judge: Problem) -> tuple[dict[str, int], list[Constraint]]:
    """All distributions of the cells and parameter values in range: numbers of the names, and constraints."""
    names = [*judge.cells, *(parameter.name for parameter in judge.model.parameters)]
    number = {name: i for i, name in enumerate(names)}
    constraints = [
        Constraint({number[name]: -1 for name in arm}, 1, "=" if whole else ">=") for arm, whole in judge.arms
    ]
    for parameter in judge.model.parameters:
        if parameter.low is not None:
            constraints.append(Constraint({number[parameter.name]: 1}, -parameter.low))
        if parameter.high is not None:
            constraints.append(Constraint({number[parameter.name]: -1}, parameter.high))
    return number, constraints


def failing_alone(term: Term, others: Sequence[Term], judge: Problem) -> bool:
    """Whether some data break one condition and no other."""
    number, constraints = cell_region(judge)
    hold = [Constraint({number[n]: c for n, c in other.coefficients}, other.constant) for other in others]
    objective = {number[n]: -c for n, c in term.coefficients}
    box = [Constraint({number[p.name]: sign}, 50) for p in judge.model.parameters for sign in (1, -1)]
    best = maximum(len(number), objective, [*constraints, *hold, *box], range(len(judge.cells)))
    return best is not None and best.value > term.constant


def solved(program: LinearProgram, at: Numbers) -> Optimum | None:
    """The exact minimum of a program at observed data and parameter values, as the maximum of minus the cost."""
    rows: list[dict[int, Any]] = [{} for _ in program.rows]
    for j, column in enumerate(program.columns):
        for i, entry in column.entries:
            rows[i][j] = -entry
    constraints = [
        Constraint(entries, row.right.value(at), "=" if row.relation == "=" else ">=")
        for entries, row in zip(rows, program.rows, strict=True)
    ]
    objective = {j: -column.cost for j, column in enumerate(program.columns) if column.cost}
    return maximum(len(program.columns), objective, constraints, range(len(program.columns)))


def cost(program: LinearProgram, point: Sequence[Fraction]) -> Fraction:
    return sum((Fraction(c.cost) * x for c, x in zip(program.columns, point, strict=True)), Fraction(0))


def is_feasible(program: LinearProgram, point: Sequence[Fraction], at: Numbers) -> bool:
    """Whether a solution meets every row."""
    sums = [Fraction(0)] * len(program.rows)
    for column, x in zip(program.columns, point, strict=True):
        for i, entry in column.entries:
            sums[i] += entry * x
    gaps = [(row, row.right.value(at) - total) for row, total in zip(program.rows, sums, strict=True)]
    return min(point) >= 0 and all(gap == 0 or (gap > 0 and row.relation == "<=") for row, gap in gaps)


def is_dual_feasible(program: LinearProgram, vertex: Sequence[Fraction]) -> bool:
    """Whether multiples of rows bound the cost of every column from below."""
    signs = all(y <= 0 for y, row in zip(vertex, program.rows, strict=True) if row.relation == "<=")
    return signs and all(sum(vertex[i] * e for i, e in column.entries) <= column.cost for column in program.columns)


def sides(derivation: Derivation) -> list[tuple[ReducedProgram, Any]]:
    """The reduced program and the generators of both sides of the first estimand."""
    stage = derivation.stages[0]
    return [(side.reduced, side.generators) for side in (stage.lower, stage.upper)]


# ---------------------------------------------------------------- (1) the truth lies inside
@given(drafts(), st.data())
def test_truth_lies_inside(draft: Draft, data: st.DataObject) -> None:
    """The true estimand of a distribution that meets the assumptions lies inside the bounds at its data."""
    found = case(draft)
    for _ in range(3):
        weights, parameters = data.draw(distributions(found.judge))
        assert found.judge.meets(weights, parameters)
        cells = found.judge.data(weights)
        assert found.bounds.violations(cells, parameters) == ()
        numerator, denominator = found.judge.estimand(weights, parameters)
        if found.bounds.denominator:
            assert found.bounds.denominator.value({**cells, **parameters}) == denominator
        if denominator:
            low, high = found.bounds.evaluate(cells, parameters)
            assert low <= numerator / denominator <= high
            assert not found.bounds.identified or low == high


# ---------------------------------------------------------------- (2) the closed form is the program
def check_against_program(found: Case, cells: Numbers, parameters: Numbers) -> None:
    """Conditions fail where the numeric program is infeasible; elsewhere both give the same bounds."""
    numeric = found.judge.numeric(cells, parameters)
    if found.bounds.violations(cells, parameters):
        assert numeric.violation > CLEAR
        return
    assert numeric.violation < CLEAR
    assert numeric.lower is not None
    assert numeric.upper is not None
    at = {**cells, **parameters}
    assert max(t.value(at) for t in found.bounds.lower.terms) == pytest.approx(numeric.lower, abs=CLEAR)
    assert min(t.value(at) for t in found.bounds.upper.terms) == pytest.approx(numeric.upper, abs=CLEAR)


@given(drafts(), st.data())
def test_closed_form_is_the_program_inside(draft: Draft, data: st.DataObject) -> None:
    """At data of the model, sparse or full, the closed form equals the program over all response types."""
    found = case(draft)
    weights, parameters = data.draw(distributions(found.judge))
    check_against_program(found, found.judge.data(weights), parameters)


@pytest.mark.parametrize(
    "estimand", ["E[C(B=1) - C(B=0) | A=1]", "P(C(B=B(0)) = 1 | A=1)", "E[C(B=1) | do(A=1)]", "E[C(A=0) | A=1, B=1]"]
)
def test_interventions_keep_the_arm(estimand: str) -> None:
    """What an intervention does not set stays as it is in the arm behind the bar."""
    text = """model m
variable A in {0, 1} randomized
variable B(A) in {0, 1}
variable C(A, B) in {0, 1}
observe P(B, C | A)
"""
    model = Model.parse(f"{text}estimand e0 = {estimand}\n")
    found = Case(derive(model), problem(model))
    size = len(found.judge.columns)
    weights = [Fraction(2 * i + 2, size * (size + 1)) for i in range(size)]
    check_against_program(found, found.judge.data(weights), {})


@given(drafts(), st.data())
def test_conditions_are_feasibility(draft: Draft, data: st.DataObject) -> None:
    """At any data, near the edge of the model or far from it, a condition fails iff the program is infeasible."""
    found = case(draft)
    weights, parameters = data.draw(distributions(found.judge))
    near = data.draw(observed(found.judge, found.judge.data(weights)))
    check_against_program(found, near, parameters)
    check_against_program(found, data.draw(observed(found.judge)), data.draw(parameter_values(found.judge)))


# ---------------------------------------------------------------- refusals
@given(drafts(assumptions=5))
def test_refusals_are_right(draft: Draft) -> None:
    """A contradiction leaves no distribution over people; a denominator that is refused differs at equal data."""
    model = read(draft)
    try:
        derive(model, limits=SMALL)
    except ContradictionError:
        judge = problem(model)
        size = len(judge.columns)
        assert not size or maximum(size + len(model.parameters), {}, region(judge), range(size)) is None
    except NotIdentifiedError:
        judge = problem(model)
        assert widest_event(judge) > 0
    except (LimitError, ModelError):
        reject()
    else:
        assert problem(model).columns


def widest_event(judge: Problem) -> Fraction:
    """The largest difference of the condition's probability between two distributions with the same data."""
    size, extra = len(judge.columns), len(judge.model.parameters)
    first = region(judge)
    shift = [*range(size + extra, 2 * size + extra), *range(size, size + extra)]
    second = [
        Constraint({shift[i]: c for i, c in one.coefficients.items()}, one.constant, one.relation) for one in first
    ]
    same = [
        Constraint(
            {i: 1 for i, k in enumerate(judge.columns) if name in k.cells}
            | {size + extra + i: -1 for i, k in enumerate(judge.columns) if name in k.cells},
            0,
            "=",
        )
        for name in judge.cells
    ]
    objective = {i: k.event for i, k in enumerate(judge.columns) if k.event}
    objective |= {size + extra + i: -k.event for i, k in enumerate(judge.columns) if k.event}
    unknowns = [*range(size), *range(size + extra, 2 * size + extra)]
    best = maximum(2 * size + extra, objective, [*first, *second, *same], unknowns)
    assert best
    return best.value


# ---------------------------------------------------------------- (3) engines
@pytest.mark.skipif(not cdd_installed(), reason="pycddlib with exact arithmetic is not installed")
@given(drafts(estimands=2))
def test_engines_agree(draft: Draft) -> None:
    """Both engines give the same derivation."""
    model = read(draft)
    assert derived(model, "cdd").json() == derived(model, "ppl").json()


# ---------------------------------------------------------------- (4) assumptions
@given(drafts_and_assumption())
def test_assumption_never_widens(drawn: tuple[Draft, str]) -> None:
    """With one more assumption, no term of the weaker model is ever above all terms of the stronger one."""
    draft, more = drawn
    weak, strong = case(draft), case(draft.assuming(more))
    for term in weak.bounds.lower.terms:
        assert largest_margin(term, strong.bounds.lower.terms, strong.judge) <= 0
    for term in weak.bounds.upper.terms:
        assert largest_margin(-term, [-other for other in strong.bounds.upper.terms], strong.judge) <= 0
    for condition in weak.derivation.conditions or ():
        assert largest_margin(-condition, [Term()], strong.judge) <= 0


# ---------------------------------------------------------------- (5) names
def renamed(text: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\b[A-Za-z_]\w*\b", lambda match: names.get(match.group(), match.group()), text)


def canonical(derivation: Mapping[str, Any]) -> str:
    """A derivation without the order of its terms."""
    estimands = [
        {**e, **{side: sorted(json.dumps(t, sort_keys=True) for t in e[side]["terms"]) for side in ("lower", "upper")}}
        for e in derivation["estimands"]
    ]
    conditions = sorted(json.dumps(term, sort_keys=True) for term in derivation["conditions"])
    return json.dumps({**derivation, "estimands": estimands, "conditions": conditions}, sort_keys=True)


@given(st.data())
def test_names_are_names(data: st.DataObject) -> None:
    """Renaming variables, values, parameters and all else renames the derivation; only the order may differ."""
    draft = data.draw(drafts(estimands=2))
    names = data.draw(renamings(draft))
    before = derived(read(draft)).json()
    after = derived(Model.parse(renamed(draft.text, names))).json()
    assert canonical(after) == canonical(json.loads(renamed(json.dumps(before), names)))


@given(st.data())
def test_names_in_the_same_order_change_nothing_else(data: st.DataObject) -> None:
    """Where new names sort as the old ones do, the derivation is the same to the letter."""
    draft = data.draw(drafts(estimands=2))
    names = {old: f"{old}_new" for old in data.draw(renamings(draft))}
    before = derived(read(draft)).json()
    after = derived(Model.parse(renamed(draft.text, names))).json()
    assert after == json.loads(renamed(json.dumps(before), names))


# ---------------------------------------------------------------- (6) text
@settings(max_examples=4 * settings().max_examples)
@given(wide_drafts())
def test_text_gives_the_model_back(draft: Draft) -> None:
    """Reading what a model prints gives the same model."""
    model = read(draft)
    assert Model.parse(str(model)) == model
    assert str(Model.parse(str(model))) == str(model)


SMALLEST = "model m\nvariable A in {0, 1} randomized\nvariable Y(A) in {0, 1}\nobserve P(Y | A)\n"


@pytest.mark.parametrize("formula", ["2 * Y(1) - Y(1) >= Y(0)", "Y(1) + 0 >= Y(0)", "P(1 * Y(1) = 1) <= 1/2"])
def test_text_with_arithmetic_that_cancels(formula: str) -> None:
    """Arithmetic that comes to one potential outcome is that potential outcome."""
    model = Model.parse(f"{SMALLEST}assume {formula}\n")
    assert Model.parse(str(model)) == model


def test_text_with_a_definition_in_an_assumption() -> None:
    """A model built in Python whose assumption uses a definition can be read back too."""
    treatment = variable("A", [0, 1], randomized=True)
    outcome = variable("Y", [0, 1], parents=[treatment])
    model = Model("m", [treatment, outcome]).observe(P(outcome | treatment)).define("D1", "P(Y=1 | A=1)")
    model = model.assume("P(Y(1)=1, Y(0)=0) <= D1").estimand("e0", "P(Y(1)=1, Y(0)=0)")
    assert Model.parse(str(model)) == model


# ---------------------------------------------------------------- (7) reductions
@given(drafts(), st.data())
def test_reductions_keep_the_optimum(draft: Draft, data: st.DataObject) -> None:
    """Every pass keeps the optimum, and its solutions are solutions of the program before."""
    found = case(draft)
    weights, parameters = data.draw(distributions(found.judge))
    at = {**found.judge.data(weights), **parameters}
    for reduced, _ in sides(found.derivation):
        before = reduced.original
        for reduction in reduced.passes:
            larger, smaller = solved(before, at), solved(reduction.program, at)
            assert larger
            assert smaller
            assert larger.value == smaller.value, reduction.name
            point = lifted(smaller.point, reduction.columns, len(before.columns))
            assert is_feasible(before, point, at), reduction.name
            assert cost(before, point) == -larger.value, reduction.name
            before = reduction.program


@given(drafts(), st.data())
def test_reductions_can_be_undone(draft: Draft, data: st.DataObject) -> None:
    """The optimum and the vertices of the last program are those of the original one, put back in place."""
    found = case(draft)
    weights, parameters = data.draw(distributions(found.judge))
    at = {**found.judge.data(weights), **parameters}
    for reduced, generators in sides(found.derivation):
        last = solved(reduced.program, at)
        assert last
        point = reduced.strata(last.point)
        assert is_feasible(reduced.original, point, at)
        assert cost(reduced.original, point) == -last.value
        assert all(equality.value(at) == 0 for equality in reduced.equalities)
        values = []
        for vertex in generators.vertices:
            multiples = reduced.dual(vertex)
            assert is_dual_feasible(reduced.original, multiples)
            values.append(right_side(reduced.original, multiples).value(at))
        assert max(values) == -last.value


def test_vertices_survive_strata_of_probability_zero() -> None:
    """A vertex put back in place is dual feasible for strata that an assumption row leaves no weight, too."""
    text = "model m\nvariable Y in {0, 1}\nvariable W in {0, 1}\nobserve P(W)\nassume P(Y=1) <= 0\n"
    for reduced, generators in sides(derive(Model.parse(f"{text}estimand e0 = P(Y=1, W=1)\n"))):
        for vertex in generators.vertices:
            assert is_dual_feasible(reduced.original, reduced.dual(vertex))


# ---------------------------------------------------------------- (8) nothing superfluous
@given(drafts())
def test_every_term_is_needed(draft: Draft) -> None:
    """Every printed term is strictly the largest (smallest) at some data of the model."""
    found = case(draft)
    for terms in (found.bounds.lower.terms, [-term for term in found.bounds.upper.terms]):
        for i, term in enumerate(terms):
            assert largest_margin(term, [*terms[:i], *terms[i + 1 :]], found.judge) > 0


@given(drafts())
def test_every_condition_is_needed(draft: Draft) -> None:
    """No printed condition is implied by the others, or met by every distribution of the cells."""
    found = case(draft)
    conditions = list(found.derivation.conditions or ())
    for i, condition in enumerate(conditions):
        assert failing_alone(condition, [*conditions[:i], *conditions[i + 1 :]], found.judge)


# ---------------------------------------------------------------- (9) what is shown
@given(drafts(), st.data())
def test_shown_terms_have_the_same_values(draft: Draft, data: st.DataObject) -> None:
    """A term as shown, with definitions at their true values, has the value of the term in the JSON."""
    found = case(draft)
    assume(found.judge.model.definitions)
    weights, parameters = data.draw(distributions(found.judge))
    at = {**found.judge.data(weights), **parameters}
    shown_at = at | {d.name: definition_value(draft, d.name, at) for d in found.judge.model.definitions}
    for side in (found.bounds.lower, found.bounds.upper):
        assert [t.value(at) for t in side.terms] == [t.value(shown_at) for t in side.shown]
    conditions, shown = found.derivation.conditions, found.derivation.shown_conditions
    assert [t.value(at) for t in conditions or ()] == [t.value(shown_at) for t in shown or ()]


def definition_value(draft: Draft, name: str, cells: Numbers) -> Fraction:
    """A definition of a draft, which is a margin or a difference of two, from the cells that it sums."""
    first, _, second = draft.definitions[("D1", "D2").index(name)].partition(" - ")
    return margin(first, cells) - (margin(second, cells) if second else 0)


def margin(probability: str, cells: Numbers) -> Fraction:
    """The sum of the cells of one observed distribution that make up an event in an arm.

    A distribution of which only some cells are observed may lack a part, so the largest sum is the whole.
    """
    event, arm = parts_of(probability)
    groups: dict[tuple[str, ...], Fraction] = {}
    for name, value in cells.items():
        if name.startswith("P("):
            inside, behind = parts_of(name)
            if behind == arm and event <= inside:
                group = tuple(sorted(item.split("=")[0] for item in inside))
                groups[group] = groups.get(group, Fraction(0)) + value
    return max(groups.values(), default=Fraction(0))


MARK = "\0"


def parts_of(probability: str) -> tuple[set[str], set[str]]:
    event, _, arm = outside_quotes("|", probability.removeprefix("P(").removesuffix(")")).partition(MARK)
    parts = (outside_quotes(",", part).split(MARK) for part in (event, arm))
    return ({item.strip() for item in part if item.strip()} for part in parts)  # type: ignore


def outside_quotes(sign: str, text: str) -> str:
    """The text with a mark for each sign that does not stand in a quoted label."""
    pieces = text.split('"')
    return '"'.join(piece.replace(sign, MARK) if i % 2 == 0 else piece for i, piece in enumerate(pieces))


@pytest.mark.slow
def test_laws_at_length() -> None:
    """Every law on many more models, new ones in each run."""
    command = [sys.executable, "-m", "pytest", __file__, "-q", "-m", "not slow", "-p", "no:cacheprovider"]
    subprocess.run(command, check=True, env={**os.environ, "HYPOTHESIS_PROFILE": "thorough"})
