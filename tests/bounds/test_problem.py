"""The problem that is posed before anything is enumerated, by small models that can be checked by eye."""

from __future__ import annotations

from fractions import Fraction

import pytest

from boundgen import Model, derive
from boundgen.bounds.closing import kind_of, known_form
from boundgen.bounds.posing import bounding_problem, program_problem
from boundgen.bounds.problem import EstimandProgram, WeightedEstimand
from boundgen.errors import ModelError, NotIdentifiedError
from boundgen.work.limits import Budget

TRIAL = """model trial
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
LATE = "estimand late = E[Y(1) - Y(0) | X(0)=0, X(1)=1]\n"
SHARE = "define share = P(X=1 | Z=1) - P(X=1 | Z=0)\n"


def test_a_problem_holds_what_is_known_before_the_enumeration() -> None:
    model = Model.parse(TRIAL + SHARE + "assume X(1) >= X(0)\nestimand ate = E[Y(1) - Y(0)]\n" + LATE)
    problem = bounding_problem(model, model.estimands, Budget())
    assert [len(arm.cells) for arm in problem.arms] == [4, 4]
    ((name, share),) = problem.definitions
    ate, late = problem.programs
    data = {"P(X=1,Y=0|Z=0)": Fraction(1, 8), "P(X=0,Y=0|Z=0)": Fraction(7, 8), "P(X=1,Y=1|Z=1)": Fraction(1)}
    assert name == "share"
    assert ate.denominator is None
    assert late.denominator is not None
    assert share.value(data) == late.denominator.value(data) == 1 - Fraction(1, 8)
    # Never-takers, always-takers and compliers, each with four pairs of Y(0) and Y(1).
    assert len(ate.program.columns) == 3 * 4
    assert all(isinstance(asked, EstimandProgram) for asked in problem.posed)


def test_a_ratio_of_two_unknowns_is_posed_beside_linear_programs() -> None:
    model = Model.parse(TRIAL + LATE + "estimand ate = E[Y(1) - Y(0)]\n")
    problem = bounding_problem(model, model.estimands, Budget())
    assert problem.names == ("late", "ate")
    assert [asked.estimand.name for asked in problem.programs] == ["ate"]
    (late,) = problem.weighted
    assert isinstance(late, WeightedEstimand)
    assert not late.program.identified
    # Compliers: each is one in the divisor.
    assert {column.divisor.constant for column in late.program.columns} == {0, 1}
    assert problem.unanswered == ()


def test_programs_alone_do_not_ask_for_definitions() -> None:
    model = Model.parse(TRIAL + "define d = P(Y(1)=1)\n" + LATE)
    problem = program_problem(model, model.estimands, Budget())
    assert [asked.estimand.name for asked in problem.weighted] == ["late"]
    assert problem.definitions == problem.unanswered == ()
    with pytest.raises(NotIdentifiedError, match="definition 'd' is not identified"):
        bounding_problem(model, model.estimands, Budget())


@pytest.mark.parametrize(
    ("assumed", "asked", "kind"),
    [
        ("", "E[Y(1) - Y(0) | X(0)=0, X(1)=1]", "ratio"),
        ("", "P(Y(1) > Y(0)) - b * P(Y(1) < Y(0))", "weights"),
        ("assume E[Y(1) | Z=1, X=1] >= E[Y(1) | Z=1, X=0]\n", "E[Y(1) - Y(0)]", "linear program"),
    ],
)
def test_what_is_to_be_enumerated_is_known_before(assumed: str, asked: str, kind: str) -> None:
    model = Model.parse(f"{TRIAL}parameter b in [-1, 1]\n{assumed}estimand e = {asked}\n")
    problem = bounding_problem(model, model.estimands, Budget())
    normal = known_form(problem.weighted[0], problem)
    assert not isinstance(normal, str)
    assert kind_of(normal) == kind


def test_without_a_form_there_is_a_reason() -> None:
    model = Model.parse(f"{TRIAL}parameter b in [-1, 1]\nestimand e = b * {LATE.split('= ')[1].strip()} + E[Y(1)]\n")
    with pytest.raises(ModelError, match="conditions behind the bars"):
        bounding_problem(model, model.estimands, Budget())
    model = Model.parse(f"{TRIAL}parameter b in [-1, 1]\nestimand e = b * {LATE.partition('= ')[2]}")
    problem = bounding_problem(model, model.estimands, Budget())
    reason = known_form(problem.weighted[0], problem)
    assert reason == "its divisor is unknown, and its weights are functions of the data"


def test_a_derivation_keeps_its_problem() -> None:
    model = Model.parse(TRIAL + LATE + "estimand ate = E[Y(1) - Y(0)]\n")
    derivation = derive(model, conditions=False)
    assert [bounds.name for bounds in derivation.closed_forms] == ["late", "ate"]
    assert derivation.problem == bounding_problem(model, model.estimands, Budget())
    assert [stage.asked for stage in derivation.stages] == list(derivation.problem.programs)
    assert (derivation.model, derivation.arms) == (model, derivation.problem.arms)
    assert derivation.unanswered == derivation.problem.unanswered
