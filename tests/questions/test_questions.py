"""Answers about bounds and assumptions: the founding paper's statements, laws on random models, the catalogue."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pulp
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from boundgen import BoundgenError, Bounds, Model, ask, catalogue, compare
from boundgen.errors import NotLinearError
from boundgen.exact.terms import Term, combination
from boundgen.language.expressions import Inequality
from boundgen.polyhedra.optimum import Constraint, maximum
from boundgen.questions.answers import Answers, EstimandAnswers
from boundgen.questions.comparison import EstimandComparison
from boundgen.questions.containment import ContainmentProof
from boundgen.questions.distributions import Distribution
from boundgen.questions.point_identification import Collapse
from support.catalogue import LINEAR
from support.certificates import HALF
from support.derivations import SMALL, derived, linear_function, read
from support.independent import Problem, problem, solve
from support.independent import _is_allowed as is_allowed
from support.independent import people as everybody
from support.strategies import Draft, distributions, drafts, drafts_and_assumption, observed, parameter_values, region

SLOW = {
    "mediation_encouragement",
    "gabriel2024_ordinal_psi_noncomp",
    "mediation_instrument",
    "mediation_limited_defiers_small",
    "mediation_parallel",
    "mtr_mts_x3_2v0",
}
FEWER = settings(max_examples=settings().max_examples // 2)
ONE = Term(Fraction(1))


def one(model: str | Model, estimand: str, **options: Any) -> EstimandAnswers:
    """The answers about one estimand of a catalogue model."""
    found = catalogue.load(model) if isinstance(model, str) else model
    return ask(found, [estimand], **options).estimands[0]


# ---------------------------------------------------------------- the founding paper
@pytest.mark.parametrize("model", ["mediation_randomization", "mediation_mmr", "mediation_mmr_average"])
@pytest.mark.parametrize("estimand", ["delta0", "delta1"])
def test_the_bounds_always_contain_zero(model: str, estimand: str) -> None:
    """Section 4.2 ("will always contain [...] a precisely zero ANIE"), Propositions 1 and 2."""
    found = one(model, estimand)
    assert found.contains_value
    assert len(found.lower.proofs) == len(found.bounds.lower.terms)
    assert len(found.upper.proofs) == len(found.bounds.upper.terms)
    assert (found.lower.extreme, found.upper.extreme) == (0, 0)


def test_proposition_2_as_text() -> None:
    """'All lower bounds are nonpositive, and all upper bounds are nonnegative.'"""
    text = ask(catalogue.load("mediation_mmr_average"), ["delta1"]).text()
    assert "Do the bounds contain 0 at every observable distribution? Yes." in text
    assert "All lower bounds are nonpositive:" in text
    assert "All upper bounds are nonnegative:" in text
    assert "−ATM ≤ 0: ATM ≥ 0 is a testable implication" in text
    assert "−p01·1 ≤ 0: a probability is not negative" in text
    assert "Can data establish the sign? No." in text


@pytest.mark.parametrize("estimand", ["delta0", "delta1"])
def test_a_zero_atm_implies_a_zero_indirect_effect(estimand: str) -> None:
    """Section 4.3: 'if the ATM is zero, then the ANIE is also point identified as zero', and nowhere else."""
    found = ask(catalogue.load("mediation_mmr"), [estimand])
    (face,) = found.estimands[0].identified.faces
    assert [found.simplifier.with_definitions(term) for term in face.equations] == [Term.of(0, {"ATM": 1})]
    assert face.value == 0
    assert "ATM = 0 implies δ" in found.text()


def test_without_monotonicity_a_zero_atm_says_nothing() -> None:
    """Section 4.2: 'IOTs alone cannot rule out an indirect effect'."""
    found = ask(catalogue.load("mediation_randomization"), ["delta1"])
    faces = found.estimands[0].identified.faces
    balanced = {f"P(Y={y},M={m}|A={a})": Fraction(1, 4) for y in (0, 1) for m in (0, 1) for a in (0, 1)}
    assert faces
    assert not any(on(face, balanced) for face in faces)


def test_limited_defiers() -> None:
    """Supplement B: with defiers a zero ATM leaves up to 2 gamma; without them it identifies."""
    found = ask(catalogue.load("mediation_limited_defiers"), ["delta1"])
    assert "γ = 0 and ATM = 0 implies δ(1) = 0" in found.text()


def test_what_monotonicity_adds_to_randomization() -> None:
    text = compare(catalogue.load("mediation_randomization"), catalogue.load("mediation_mmr"), ["delta1"]).text()
    assert "only in mediation_mmr: −ATM, −p01·1" in text
    assert "The bounds of mediation_mmr are never wider than those of mediation_randomization." in text
    assert "Testable implications that appear: ATM ≥ 0" in text


# ---------------------------------------------------------------- helpers
Numbers = Mapping[str, Fraction]


def on(face: Collapse, at: Numbers) -> bool:
    return all(term.value(at) == 0 for term in face.equations)


def answered(model: Model, **options: Any) -> Answers:
    """The answers about a model that can be derived."""
    derived(model)
    try:
        return ask(model, limits=SMALL, **options)
    except NotLinearError:
        raise AssertionError("what can be derived can be asked about") from None


def judge_maximum(judge: Problem, term: Term) -> float | None:
    """The largest value of a term over people and parameters, by CBC; None where there is none."""
    program, unknowns = judge_program(judge)
    coefficients, constant = linear_function(term, judge)
    program.setObjective(pulp.lpSum(float(c) * unknowns[i] for i, c in coefficients.items()) + 0 * unknowns[0])
    solve(program)
    if program.status != pulp.LpStatusOptimal:
        return None
    return float(pulp.value(program.objective) or 0.0) + float(constant)


def judge_program(judge: Problem) -> tuple[Any, list[Any]]:
    """A numeric program over people and parameters that meet the assumptions."""
    size = len(judge.columns)
    program = pulp.LpProblem("judge", -1)
    weights = [program.add_variable(f"w{i}", 0) for i in range(size)]
    free = [
        program.add_variable(p.name, *(None if e is None else float(e) for e in (p.low, p.high)))
        for p in judge.model.parameters
    ]
    unknowns = [*weights, *free]
    for constraint in region(judge):
        expression = pulp.lpSum(float(c) * unknowns[i] for i, c in constraint.coefficients.items())
        expression += float(constraint.constant)
        program += expression == 0 if constraint.relation == "=" else expression >= 0
    return program, unknowns


def attained(found: Distribution, bounds: Bounds, side: str) -> Fraction:
    low, high = found.bounds(bounds)
    return low if side == "lower" else high


# ---------------------------------------------------------------- extremes and proofs
@FEWER
@given(drafts(assumptions=2), st.sampled_from(["0", "1/3", "-1/2"]))
def test_extremes_are_those_of_an_independent_program(draft: Draft, value: str) -> None:
    """No term goes beyond the extreme anywhere, by CBC; the population attains it, by exact evaluation."""
    model = read(draft)
    derived(model)
    found = ask(model, value=value, limits=SMALL).estimands[0]
    judge, bounds, number = problem(model), found.bounds, Fraction(value)
    for side, sign, terms in ((found.lower, 1, bounds.lower.terms), (found.upper, -1, bounds.upper.terms)):
        over = bounds.denominator or ONE
        if side.extreme is None:
            assert any(judge_maximum(judge, term.scaled(sign)) is None for term in terms)
            assert not side.always
            continue
        most = [judge_maximum(judge, (term - over.scaled(side.extreme)).scaled(sign)) for term in terms]
        assert all(value is not None and value < 1e-7 for value in most)
        assert side.at is not None
        assert attained(side.at, bounds, side.side) == side.extreme
        assert bounds.violations(dict(side.at.cells), dict(side.at.parameters)) == ()
        assert side.always == (sign * side.extreme <= sign * number)
        assert (side.witness is None) == side.always
        if side.witness:
            assert sign * attained(side.witness, bounds, side.side) > sign * number


@FEWER
@given(drafts(assumptions=2), st.data())
def test_proofs_add_up(draft: Draft, data: st.DataObject) -> None:
    """The parts of a proof sum to the distance from the value at any data at all, and none is negative in the model."""
    model = read(draft)
    found = answered(model).estimands[0]
    judge = problem(model)
    weights, parameters = data.draw(distributions(judge))
    inside = {**judge.data(weights), **parameters}
    anywhere = {**data.draw(observed(judge)), **data.draw(parameter_values(judge))}
    for side in (found.lower, found.upper):
        assert bool(side.proofs) == side.always
        for proof in side.proofs:
            assert_adds_up(proof, anywhere, inside)


def assert_adds_up(proof: ContainmentProof, anywhere: Numbers, inside: Numbers) -> None:
    difference = proof.right - proof.term if proof.relation == "<=" else proof.term - proof.right
    total = combination((part.multiple, part.reason.term) for part in proof.parts)
    assert total.value(anywhere) == difference.value(anywhere)
    assert all(part.multiple > 0 and part.reason.term.value(inside) >= 0 for part in proof.parts)


# ---------------------------------------------------------------- where bounds are a point
@FEWER
@given(drafts(assumptions=2), st.data())
def test_bounds_are_a_point_exactly_on_the_faces(draft: Draft, data: st.DataObject) -> None:
    model = read(draft)
    found = answered(model).estimands[0]
    judge = problem(model)
    assume(found.identified.where != "not attempted")
    for face in found.identified.faces:
        at = face_point(data, judge, face)
        assert at is not None
        assert_point(found, face, at)
    for face, other in itertools.permutations(found.identified.faces, 2):
        assert leaves(judge, face, other)
    for _ in range(3):
        weights, parameters = data.draw(distributions(judge))
        cells = judge.data(weights)
        if found.bounds.denominator and not found.bounds.denominator.value({**cells, **parameters}):
            continue
        low, high = found.bounds.evaluate(cells, parameters)
        somewhere = any(on(face, {**cells, **parameters}) for face in found.identified.faces)
        assert (low == high) == (somewhere or found.identified.where == "everywhere")


def face_point(data: st.DataObject, judge: Problem, face: Collapse) -> dict[str, Fraction] | None:
    """Cells and parameters at a point of a face that lies far in a random direction."""
    size, extra = len(judge.columns), len(judge.model.parameters)
    constraints = [*region(judge)]
    for term in face.equations:
        coefficients, constant = linear_function(term, judge)
        constraints.append(Constraint(coefficients, constant, "="))
    constraints += [Constraint({i: sign}, 9) for i in range(size, size + extra) for sign in (1, -1)]
    liked = data.draw(st.lists(st.integers(0, size + extra - 1), min_size=1, max_size=4))
    best = maximum(size + extra, {i: k + 1 for k, i in enumerate(liked)}, constraints, range(size))
    if best is None:
        return None
    names = [parameter.name for parameter in judge.model.parameters]
    return {**judge.data(best.point[:size]), **dict(zip(names, best.point[size:], strict=True))}


def leaves(judge: Problem, face: Collapse, other: Collapse) -> bool:
    """Whether a face is not inside another one."""
    size = len(judge.columns) + len(judge.model.parameters)
    same = [Constraint(*linear_function(term, judge), "=") for term in face.equations]
    for term in other.equations:
        coefficients, constant = linear_function(term, judge)
        for sign in (1, -1):
            box = [Constraint({i: s}, 50) for i in range(len(judge.columns), size) for s in (1, -1)]
            objective = {i: sign * c for i, c in coefficients.items()}
            best = maximum(size, objective, [*region(judge), *same, *box], range(len(judge.columns)))
            if best and best.value + sign * constant > 0:
                return True
    return False


def assert_point(found: EstimandAnswers, face: Collapse, at: Numbers) -> None:
    bounds = found.bounds
    over = bounds.denominator.value(at) if bounds.denominator else Fraction(1)
    low = max(term.value(at) for term in bounds.lower.terms)
    high = min(term.value(at) for term in bounds.upper.terms)
    assert low == high == face.term.value(at)
    if face.value is not None:
        assert low == face.value * over


# ---------------------------------------------------------------- comparisons
def gains(first: Bounds, second: Bounds, cells: Numbers, parameters: Numbers) -> dict[str, Fraction]:
    """By how much the second bounds are narrower at some data."""
    (low, high), (other_low, other_high) = (
        bounds.evaluate(cells, {p.name: parameters[p.name] for p in bounds.parameters}) for bounds in (first, second)
    )
    lower, upper = other_low - low, high - other_high
    return {"lower": lower, "upper": upper, "width": lower + upper}


def check_narrowings(found: EstimandComparison, first: Bounds, second: Bounds) -> None:
    for each in found.narrowings:
        assert (each.at is not None) == (each.most is not None and each.most > 0)
        if each.at:
            assert gains(first, second, dict(each.at.cells), dict(each.at.parameters))[each.of] == each.most
            assert second.violations(dict(each.at.cells), dict(each.at.parameters)) == ()


@FEWER
@given(drafts_and_assumption(), st.data())
def test_an_assumption_never_widens_and_the_most_is_the_most(drawn: tuple[Draft, str], data: st.DataObject) -> None:
    draft, more = drawn
    weak, strong = read(draft), read(draft.assuming(more))
    derived(weak)
    derived(strong)
    found = compare(weak, strong, limits=SMALL)
    estimand, first, second = found.estimands[0], found.first.bounds[0], found.second.bounds[0]
    assert found.disappear == ()
    assert estimand.relation in ("the same", "never wider", "not compared")
    check_narrowings(estimand, first, second)
    judge = problem(strong)
    for _ in range(3):
        weights, parameters = data.draw(distributions(judge))
        cells = judge.data(weights)
        if estimand.relation == "not compared":
            continue
        if second.denominator and not second.denominator.value({**cells, **parameters}):
            continue
        for name, gain in gains(first, second, cells, parameters).items():
            narrowing = next(each for each in estimand.narrowings if each.of == name)
            assert gain >= 0
            assert narrowing.most is None or gain <= narrowing.most
            assert estimand.relation != "the same" or gain == 0


PAIRS = [
    ("mediation_randomization", "mediation_mmr"),
    ("mediation_randomization", "mediation_limited_defiers"),
    ("mediation_limited_defiers", "mediation_limited_defiers_small"),
    ("mediation_mmr", "mediation_mmr_average"),
    ("mediation_mmr_average", "mediation_full_monotonicity"),
    ("iv_ate", "iv_ate_monotone"),
    ("robins_natural_iv", "iv_mono_z2_implications"),
]


@pytest.mark.parametrize(("weak", "strong"), PAIRS)
def test_the_most_is_that_of_an_independent_program(weak: str, strong: str) -> None:
    """Each narrowing of the second estimand at most is the largest over people, by CBC and without the engine."""
    pair = [catalogue.load(name) for name in (weak, strong)]
    names = [e.name for e in pair[0].estimands if e.name in [other.name for other in pair[1].estimands]]
    name = names[min(1, len(names) - 1)]
    found = compare(*pair, [name])
    first, second = found.first.bounds[0], found.second.bounds[0]
    check_narrowings(found.estimands[0], first, second)
    judge = problem(pair[1], name)
    for each in found.estimands[0].narrowings:
        assert each.most is not None
        assert float(each.most) == pytest.approx(judged_most(judge, first, second, each.of), abs=1e-7)


def judged_most(judge: Problem, first: Bounds, second: Bounds, of: str) -> float:
    """The largest gain: for each choice of the second's terms one program, bounded by all of the first's."""
    lows = [Term()] if of == "upper" else second.lower.terms
    highs = [Term()] if of == "lower" else second.upper.terms
    below = [Term()] if of == "upper" else first.lower.terms
    above = [Term()] if of == "lower" else first.upper.terms
    others = [high - low for high in above for low in below]
    return max(judged_least(judge, [other + low - high for other in others]) for low in lows for high in highs)


def judged_least(judge: Problem, terms: Sequence[Term]) -> float:
    """The largest value of the smallest of some terms."""
    program, unknowns = judge_program(judge)
    least = program.add_variable("least")
    for term in terms:
        coefficients, constant = linear_function(term, judge)
        program += pulp.lpSum(float(c) * unknowns[i] for i, c in coefficients.items()) + float(constant) >= least
    program.setObjective(least)
    solve(program)
    assert program.status == pulp.LpStatusOptimal
    return float(pulp.value(program.objective))


@FEWER
@given(drafts(assumptions=1))
def test_a_model_is_the_same_as_itself(draft: Draft) -> None:
    model = read(draft)
    derived(model)
    found = compare(model, model, limits=SMALL)
    assert (found.appear, found.disappear, found.notes) == ((), (), ())
    for estimand in found.estimands:
        assert estimand.relation == "the same"
        assert all(side.appear == side.disappear == () for side in estimand.sides)
        assert all(each.most == 0 and each.at is None for each in estimand.narrowings)


# ---------------------------------------------------------------- assumptions
@FEWER
@given(drafts(assumptions=2), st.data())
def test_assumptions_are_judged_as_people_are(draft: Draft, data: st.DataObject) -> None:
    """Redundant: nobody breaks it. Testable: data without it break an implication, or no drawn data do."""
    model = read(draft)
    found = answered(model)
    bounds = found.derivation.bounds[0]
    for number, answer in enumerate(found.assumptions):
        others = tuple(a for k, a in enumerate(model.assumptions) if k != number)
        without = replace(model, assumptions=others)
        if answer.unanswered:
            continue
        if not any(isinstance(a.body, Inequality) for a in model.assumptions):
            breaks = any(is_allowed(without, p) and not is_allowed(model, p) for p in everybody(model))
            assert answer.redundant != breaks
        assert (answer.violation is None) == answer.redundant
        assert not (answer.redundant and answer.testable)
        assert (answer.refuting is None) != answer.testable
        if answer.refuting:
            cells, parameters = dict(answer.refuting.cells), dict(answer.refuting.parameters)
            assert answer.implications[0] in [term for term, _ in bounds.violations(cells, parameters)]
            judge = problem(without)
            assert judge.numeric(dict.fromkeys(judge.cells, Fraction(0)) | cells, parameters).violation < 1e-7
        else:
            judge = problem(without)
            weights, parameters = data.draw(distributions(judge))
            assert bounds.violations(judge.data(weights), parameters) == ()


def test_a_redundant_assumption() -> None:
    model = catalogue.load("mediation_mmr").assume("P(M(1)=0, M(0)=1) <= 1/2", name="few")
    mmr, few = ask(model, ["delta1"]).assumptions
    assert (mmr.redundant, few.redundant, few.testable) == (False, True, False)
    text = ask(model, ["delta1"]).text()
    assert "Redundant: whatever meets the other assumptions meets it." in text
    assert "It adds nothing to the bounds on δ(1)." in text


def test_two_assumptions_that_imply_each_other() -> None:
    model = catalogue.load("mediation_mmr").assume("P(M(1)=0, M(0)=1) = 0", name="none")
    assert [answer.redundant for answer in ask(model, ["delta1"]).assumptions] == [True, True]


@pytest.mark.parametrize(("known", "redundant"), [(">= 1/4", False), ("<= 1/4", False), ("= 1/4", True)])
def test_an_equality_can_be_broken_in_two_ways(known: str, redundant: bool) -> None:
    model = catalogue.load("mediation_randomization").assume(f"known: P(M(1)=0, M(0)=1) {known}")
    model = model.assume("asked: P(M(1)=0, M(0)=1) = 1/4")
    assert ask(model, ["delta1"]).assumptions[1].redundant == redundant


def test_what_cannot_be_asked_without_an_assumption_is_said() -> None:
    (no_defiers,) = ask(catalogue.load("iv_ate_monotone")).assumptions
    ate, late = no_defiers.additions
    assert ate.comparison is not None
    assert (late.comparison, late.unanswered) == (None, "")
    assert late.sampled is not None
    assert late.sampled.relation == "never wider"
    half, *_ = ask(Model.parse(HALF)).assumptions
    assert "not linear" in half.unanswered


# ---------------------------------------------------------------- parameters without limit, and conditions
OPEN = """model open
variable A in {0, 1} randomized
variable Y(A) in {0, 1}
observe P(Y | A)
parameter g in [0, inf)
estimand e = E[Y(1) - Y(0)] + g
"""


def test_a_parameter_without_limit_is_said() -> None:
    found = one(Model.parse(OPEN), "e")
    assert (found.lower.extreme, found.upper.extreme) == (None, -1)
    assert "There is no largest lower bound: a parameter has no limit." in ask(Model.parse(OPEN)).text()


def test_a_divisor_near_zero_is_said() -> None:
    text = OPEN.replace("parameter g in [0, inf)\n", "").replace("E[Y(1) - Y(0)] + g", "E[Y(1)] / E[Y(0)]")
    said = "There is no largest lower bound: what divides it may be as near zero as you like."
    assert said in ask(Model.parse(text)).text()


def test_a_conditional_estimand_is_a_ratio() -> None:
    """E[Y(1) - Y(0) | X=1] is P(Y=1 | X=1) minus what is not known: at most 0 can be sure from below."""
    found = one("manski_att", "att")
    assert (found.lower.extreme, found.upper.extreme) == (0, 0)
    assert found.contains_value
    third = one("manski_att", "att", value="-1/3")
    assert (third.lower.always, third.upper.always) == (False, True)
    assert third.lower.witness is not None
    assert third.lower.witness.bounds(third.bounds)[0] > Fraction(-1, 3)


# ---------------------------------------------------------------- the catalogue
@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in LINEAR])
def test_every_model_of_the_catalogue_answers(name: str) -> None:
    found = ask(catalogue.load(name))
    assert found.text()
    assert json.loads(json.dumps(found.json())) == ask(catalogue.load(name)).json()
    for each in found.estimands:
        for side in (each.lower, each.upper):
            assert (side.witness is None) == side.always
            assert side.at is not None
            assert attained(side.at, each.bounds, side.side) == side.extreme
    for answer in found.assumptions:
        for addition in answer.additions:
            assert bool(addition.unanswered) == (addition.comparison is None and addition.sampled is None)
            if addition.comparison:
                assert addition.comparison.relation in ("the same", "never wider", "not compared")


# ---------------------------------------------------------------- JSON and refusals
def test_json_of_answers() -> None:
    found = ask(catalogue.load("mediation_mmr"), ["delta1"], value="1/2").json()
    assert list(found) == ["schema", "model", "value", "estimands", "assumptions"]
    assert (found["schema"], found["model"], found["value"]) == ("boundgen.answers/1", "mediation_mmr", "1/2")
    (estimand,) = found["estimands"]
    assert (estimand["contains_value"], estimand["lower"]["largest"]) == (False, "0")
    assert estimand["upper"]["witness"]["bounds"][1] == "0"
    assert sum(map(Fraction, estimand["upper"]["witness"]["strata"].values())) == 1
    assert estimand["identified"]["faces"][0]["value"] == "0"
    (mmr,) = found["assumptions"]
    assert (mmr["name"], mmr["redundant"], mmr["testable"]) == ("mmr", False, True)


def test_json_of_a_comparison() -> None:
    found = compare(catalogue.load("mediation_randomization"), catalogue.load("mediation_mmr"), ["delta1"]).json()
    assert found["schema"] == "boundgen.comparison/1"
    (estimand,) = found["estimands"]
    assert (estimand["estimand"], estimand["second_is"]) == ("delta1", "never wider")
    assert len(estimand["lower"]["appear"]) == 2
    width = estimand["narrower_by_at_most"]["width"]
    assert (width["most"], width["attained_at"]["second_bounds"]) == ("1", ["0", "0"])
    assert found["conditions"]["disappear"] == []


BASE = """model base
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand ate = E[Y(1) - Y(0)]
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("estimand ate", "estimand effect", "base and other have no estimand of the same name: ate and effect"),
        ("Y(X) in {0, 1}", "Y(X) in {0, 1, 2}", "variable 'Y' has the values {0, 1} in base and {0, 1, 2} in other"),
        ("P(X, Y)", "P(X, Y=1)", "base and other do not observe the same cells: P(X=0,Y=0), P(X=1,Y=0) only in base"),
        ("estimand", "parameter X in [0, 1]\nestimand", "'X' is"),
    ],
)
def test_models_that_cannot_be_compared(old: str, new: str, message: str) -> None:
    with pytest.raises(BoundgenError) as caught:
        compare(Model.parse(BASE), Model.parse(BASE.replace("model base", "model other").replace(old, new)))
    assert message in str(caught.value)
    # What the files do not share stands at no line of one of them.
    assert ("no estimand" in message) == (caught.value.where is None)
    assert "\n\n" not in str(caught.value)


def test_conditions_that_exclude_each_other() -> None:
    low, high = (
        Model.parse(BASE.replace("model base", f"model {name}") + f"assume P(X=1) {relation}\n")
        for name, relation in (("low", "<= 1/4"), ("high", ">= 3/4"))
    )
    found = compare(low, high)
    assert found.estimands[0].relation == "not compared"
    assert "no distribution can be observed under both models" in found.text()
    assert (len(found.appear), len(found.disappear)) == (1, 1)


def test_denominators_that_differ() -> None:
    other = "estimand ate = E[Y(1) - Y(0) | X={}]"
    pair = [Model.parse(BASE.replace("estimand ate = E[Y(1) - Y(0)]", other.format(x))) for x in (0, 1)]
    found = compare(*pair)
    assert found.estimands[0].note == "the denominators differ, so the terms alone are compared"
    assert found.notes == ("ate is E[Y(1) - Y(0) | X=0] in base and E[Y(1) - Y(0) | X=1] in base",)


@pytest.mark.parametrize("value", ["abc", "1/0", "inf", "1e9999", 0.5, "1" * 50, True, "1_0"])
def test_values_that_are_not_rational(value: Any) -> None:
    with pytest.raises(BoundgenError, match=r"the value = .* (is|has|divides)|the value is a float"):
        ask(catalogue.load("confounded_treatment"), ["ate"], value=value)
