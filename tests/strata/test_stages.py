"""What is asked of each unit: restrictions one by one, inequalities as `form <= 0`, the cell that it falls into."""

from __future__ import annotations

from boundgen.language.model import Model
from boundgen.strata.cells import observed_arms
from boundgen.strata.forms import linear_form
from boundgen.strata.stages import arm_stage, form_stage, inequality_forms, restrictions
from boundgen.strata.unit import Unit
from boundgen.work.limits import Limits

MODEL = Model.parse("""
model m
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M=1 | A)
parameter g in [0, 1]
assume rising: Y(a, 1) >= Y(a, 0) and M(1) >= M(0) for all a in A
assume few: P(M(1)=0, M(0)=1) <= g
assume many: P(M(1)=1) >= 1/2
assume same: P(M(1)=1) = P(M(0)=1)
estimand e = P(Y(A=1)=1 | M(1)=1)
""")
BY_NAME = {assumption.name: assumption for assumption in MODEL.assumptions}


def unit(m0: int, m1: int, y: int = 1) -> Unit:
    """Y is y whatever is set."""
    outcomes = {("Y", (a, m)): y for a in (0, 1) for m in (0, 1)}
    return Unit(MODEL.by_name, {("M", (0,)): m0, ("M", (1,)): m1, **outcomes})


def test_conjunctions_part_by_part_and_names_value_by_value() -> None:
    """Two parts at two values of a: four restrictions."""
    found = restrictions(MODEL, BY_NAME["rising"])
    assert [restriction.indices for restriction in found] == [(("a", 0),)] * 2 + [(("a", 1),)] * 2
    assert all(restriction.decided(unit(0, 1)) for restriction in found)
    assert [restriction.decided(unit(1, 0)) for restriction in found] == [True, False] * 2


def test_inequalities_become_at_most_zero() -> None:
    """P(...) - g <= 0, and 1/2 - P(...) <= 0."""
    ((few, relation),) = inequality_forms(MODEL, BY_NAME["few"])
    assert (relation, few.constant, few.parameters) == ("<=", 0, (("g", -1),))
    assert [few.value(one) for one in (unit(1, 0), unit(0, 1))] == [1, 0]
    ((many, relation),) = inequality_forms(MODEL, BY_NAME["many"])
    assert (relation, 2 * many.constant) == ("<=", 1)
    assert [many.value(one) for one in (unit(0, 1), unit(0, 0))] == [-1, 0]


def test_equalities_stay_equalities() -> None:
    ((same, relation),) = inequality_forms(MODEL, BY_NAME["same"])
    assert (relation, [same.value(one) for one in (unit(0, 1), unit(1, 1), unit(1, 0))]) == ("=", [1, 0, -1])


def test_the_stage_of_a_conditional_form_keeps_numerator_and_condition_apart() -> None:
    stage = form_stage(linear_form(MODEL, MODEL.estimands[0].expression, {}))
    assert [stage(one) for one in (unit(0, 1), unit(0, 1, y=0), unit(0, 0))] == [((1, 1),), ((0, 1),), ((0, 0),)]


def test_the_cell_that_a_unit_falls_into() -> None:
    """Cells of the arm A=1 are numbered 5 and 6; M=0 is in none of them."""
    _, treated = observed_arms(MODEL, Limits())
    assert [cell.name for cell in treated.cells] == ["P(Y=0,M=1|A=1)", "P(Y=1,M=1|A=1)"]
    stage = arm_stage(treated, {treated.cells[0].name: 5, treated.cells[1].name: 6})
    assert [stage(one) for one in (unit(0, 1, y=0), unit(0, 1, y=1), unit(1, 0))] == [5, 6, -1]


def test_a_unit_outside_is_not_asked_for_the_rest() -> None:
    """M(1) = 0 is enough to know: Y need not be known."""
    _, treated = observed_arms(MODEL, Limits())
    stage = arm_stage(treated, {cell.name: i for i, cell in enumerate(treated.cells)})
    assert stage(Unit(MODEL.by_name, {("M", (1,)): 0})) == -1
