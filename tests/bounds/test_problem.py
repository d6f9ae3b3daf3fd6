"""The problem that is posed before anything is enumerated, by small models that can be checked by eye."""

from __future__ import annotations

from fractions import Fraction

import pytest

from boundgen import Model, derive
from boundgen.bounds.posing import bounding_problem, program_problem
from boundgen.bounds.problem import kind_of
from boundgen.errors import NotIdentifiedError
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
    assert [kind_of(asked) for asked in problem.programs] == ["linear program"] * 2


def test_a_ratio_of_two_unknowns_is_of_no_kind() -> None:
    model = Model.parse(TRIAL + LATE + "estimand ate = E[Y(1) - Y(0)]\n")
    problem = bounding_problem(model, model.estimands, Budget())
    assert [asked.estimand.name for asked in problem.programs] == ["ate"]
    assert [each.name for each in problem.unanswered] == ["late"]
    with pytest.raises(NotIdentifiedError, match="the denominator of estimand 'late' is not identified"):
        bounding_problem(model, model.estimands[:1], Budget())


def test_programs_alone_do_not_ask_what_is_identified() -> None:
    model = Model.parse(TRIAL + "define d = P(Y(1)=1)\n" + LATE)
    problem = program_problem(model, model.estimands, Budget())
    assert [(asked.estimand.name, asked.denominator) for asked in problem.programs] == [("late", None)]
    assert problem.definitions == problem.unanswered == ()
    with pytest.raises(NotIdentifiedError, match="definition 'd' is not identified"):
        bounding_problem(model, model.estimands, Budget())


def test_a_derivation_keeps_its_problem() -> None:
    model = Model.parse(TRIAL + LATE + "estimand ate = E[Y(1) - Y(0)]\n")
    derivation = derive(model, conditions=False)
    assert derivation.problem == bounding_problem(model, model.estimands, Budget())
    assert [stage.asked for stage in derivation.stages] == list(derivation.problem.programs)
    assert (derivation.model, derivation.arms) == (model, derivation.problem.arms)
    assert derivation.unanswered == derivation.problem.unanswered
