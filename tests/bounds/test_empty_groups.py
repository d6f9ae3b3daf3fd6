"""A comparison with the mean of an empty group demands nothing, wherever it stands in a chain of comparisons."""

from __future__ import annotations

from fractions import Fraction

import pytest

from boundgen import Model, derive, evaluate
from boundgen.errors import ModelError
from boundgen.inspection.check import check
from boundgen.work.limits import Budget

CHAIN = """
model chain "Selection of three levels"
variable X in 0..2
variable Y(X) in {0, 1}
observe P(X, Y)
assume first: E[Y(2) | X=1] >= E[Y(2) | X=0]
assume second: E[Y(2) | X=2] >= E[Y(2) | X=1]
estimand risk = E[Y(2)]
"""


def test_a_chain_is_broken_by_an_empty_group() -> None:
    derived = derive(Model.parse(CHAIN))
    whole = {"P(X=0,Y=0)": "1/4", "P(X=1,Y=0)": "1/4", "P(X=2,Y=0)": "1/4", "P(X=2,Y=1)": "1/4"}
    (found,) = evaluate(derived, whole)
    # Half of those with X=2 have Y(2)=1: at most half of the others.
    assert (found.upper, found.method) == (Fraction(1, 2), "closed form")
    broken = {"P(X=0,Y=0)": "1/2", "P(X=2,Y=0)": "1/4", "P(X=2,Y=1)": "1/4"}
    (found,) = evaluate(derived, broken)
    # Nothing is said of those with X=0.
    assert (found.upper, found.method) == (Fraction(3, 4), "linear program")


STUDY = """model study
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand risk = E[Y(1)]
"""


@pytest.mark.parametrize(
    "assumption",
    ["E[Y(1) | Y(1) > 1] >= 1/2", "P(X=1 | X=0, X=1) <= P(X=0)", "E[Y(x) | X=x, X != x] >= 1/2 for all x in X"],
)
def test_a_group_that_nobody_can_be_in_is_refused(assumption: str) -> None:
    model = Model.parse(f"{STUDY}assume {assumption}\n")
    with pytest.raises(ModelError, match=r"the condition of assumption .* has probability zero"):
        derive(model)
    with pytest.raises(ModelError, match=r"the condition of assumption .* has probability zero"):
        check(model, Budget())


@pytest.mark.parametrize(
    ("assumptions", "remark"),
    [
        (
            "E[Y(1) | X=1] >= 2",
            "under the assumptions P(X=1) is zero: nobody is in this group of assumption 'E[Y(1) | X=1] >= 2'",
        ),
        (
            "E[Y(x) | X=x] >= 1 + x for all x in X",
            "under the assumptions P(X=x) is zero, x = 1: nobody is in this group of assumption "
            "'E[Y(x) | X=x] >= 1 + x for all x in X'",
        ),
        (
            "few: Y(1) >= Y(0)\nassume harmed: E[X | Y(1) < Y(0)] >= 1/2",
            "under the assumptions P(Y(1) < Y(0)) is zero: nobody is in this group of assumption harmed",
        ),
        (
            "gap: E[Y(1) | X=1] >= E[Y(1) | X=0] + 2",
            "assumption gap holds only where nobody is in one of the groups it compares",
        ),
        ("gap: E[Y(1) | X=1] >= E[Y(1) | X=0] + 1", None),
        ("E[Y(1) | X=1] >= 1", None),
        ("E[Y(1) | X=1] = 1 + E[Y(0) | X=1]", None),
    ],
)
def test_check_says_which_groups_are_empty(assumptions: str, remark: str | None) -> None:
    found = check(Model.parse(f"{STUDY}assume {assumptions}\n"), Budget())
    assert found.notes == (() if remark is None else (remark,))
    assert remark is None or f"\n  {remark}\n" in found.text()
    assert found.json().get("notes") == (None if remark is None else [remark])


def test_data_with_such_a_group_break_the_assumption() -> None:
    """What `check` remarks is what the testable implications say."""
    derived = derive(Model.parse(f"{STUDY}assume E[Y(1) | X=1] >= 2\n"))
    (found,) = evaluate(derived, {"P(X=0,Y=0)": "1/2", "P(X=1,Y=1)": "1/2"})
    assert found.violations
    (found,) = evaluate(derived, {"P(X=0,Y=0)": "1/2", "P(X=0,Y=1)": "1/2"})
    assert found.violations == ()
