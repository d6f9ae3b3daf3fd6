"""Where rows belong: the arm and the cell of `observe P(Y, S=1 | A)`, or nowhere."""

from __future__ import annotations

import pytest

from boundgen.data.matching import MISSING, Code, Unknown
from boundgen.data.placing import Needs, Placed, PlacedStatement, usable
from boundgen.language.model import Model

MODEL = Model.parse("""
model m
variable A in {0, 1} randomized
variable S(A) in {0, 1}
variable Y(A) in {0, 1}
observe P(Y, S=1 | A)
estimand e = P(Y(1)=1)
""")
# A key holds a condition, A, S and Y, in this order; arms have the numbers 4 and 5.
STATEMENT = PlacedStatement(0, MODEL.observations[0], {(("A", 0),): 4, (("A", 1),): 5}, (0,), {"A": 1, "S": 2, "Y": 3})


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ((1, 1, 1, 0), Placed(5, (("Y", 0), ("S", 1)))),
        ((1, 0, 1, 1), Placed(4, (("Y", 1), ("S", 1)))),
        # Not selected: in the arm, in none of its cells; Y may then be missing.
        ((1, 1, 0, 1), Placed(5, None)),
        ((1, 1, 0, MISSING), Placed(5, None)),
        # The condition does not hold, or cannot be told.
        ((0, 1, 1, 0), None),
        ((MISSING, 1, 1, 0), None),
        # What is needed and not there.
        ((1, MISSING, 1, 0), Needs((1,))),
        ((1, 1, 1, Unknown("2")), Needs((3,))),
        ((1, 1, MISSING, MISSING), Needs((3, 2))),
    ],
)
def test_place(key: tuple[Code, ...], place: Placed | Needs | None) -> None:
    assert STATEMENT.place(key) == place


def test_an_arm_that_is_not_asked_about() -> None:
    alone = PlacedStatement(0, MODEL.observations[0], {(("A", 1),): 5}, (), {"A": 0, "S": 1, "Y": 2})
    assert alone.place((0, 1, 1)) is None
    assert alone.place((1, 1, 1)) == Placed(5, (("Y", 1), ("S", 1)))


def test_usable() -> None:
    assert [usable(code) for code in (0, "low", MISSING, Unknown("x"))] == [True, True, False, False]
