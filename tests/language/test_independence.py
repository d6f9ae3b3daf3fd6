"""``confounded`` and ``unconfounded``: read, written, refused, and what they say of the variables."""

from __future__ import annotations

import re

import pytest

from boundgen import Model, variable
from boundgen.errors import BoundgenError, ModelError
from boundgen.pictures.layout import _sharing

TEXT = """model graph
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable M(X) in {0, 1}
variable Y(M) in {0, 1}
CAUSES
observe P(X, M, Y | Z)
"""


def stated(causes: str) -> Model:
    return Model.parse(TEXT.replace("CAUSES", causes))


@pytest.mark.parametrize(
    ("causes", "found", "components"),
    [
        ("", None, (("X", "M", "Y"),)),
        ("unconfounded", (), (("X",), ("M",), ("Y",))),
        ("confounded X, Y", (("X", "Y"),), (("X", "Y"), ("M",))),
        ("confounded X, M\nconfounded M, Y", (("X", "M"), ("M", "Y")), (("X", "M", "Y"),)),
    ],
)
def test_causes_are_read_and_written_back(causes: str, found: object, components: object) -> None:
    model = stated(causes)
    assert (model.causes, model.components) == (found, components)
    assert Model.parse(str(model)) == model


def test_python_and_text_are_one() -> None:
    z = variable("Z", [0, 1], randomized=True)
    x = variable("X", [0, 1], parents=[z])
    m = variable("M", [0, 1], parents=[x])
    y = variable("Y", [0, 1], parents=[m])
    plain = Model("graph", tuple(each.variable for each in (z, x, m, y)))
    both = plain.confounded(x, m).confounded("M", y)
    assert both.causes == stated("confounded X, M\nconfounded M, Y").causes
    assert plain.causes is None
    assert plain.unconfounded().causes == ()
    with pytest.raises(ModelError, match="beside"):
        both.unconfounded()
    with pytest.raises(ModelError, match="beside"):
        plain.unconfounded().confounded(x, y)


@pytest.mark.parametrize(
    ("causes", "factored"), [("confounded X, M, Y", False), ("confounded X, M", True), ("", False)]
)
def test_one_cause_of_all_is_no_independence(causes: str, factored: bool) -> None:
    assert stated(causes).factored is factored


@pytest.mark.parametrize(
    ("causes", "words"),
    [
        ("confounded X", "one variable"),
        ("confounded X, Z", "randomized variable 'Z'"),
        ("confounded X, W", "unknown variable 'W'"),
        ("confounded X, X", "twice"),
        ("confounded X, Y\nunconfounded", "beside"),
        ("unconfounded\nunconfounded", "twice"),
        ("confounded X, Y\nassume M(1) >= X(1)", "share no unmeasured cause"),
        ("confounded X, M\nconfounded M, Y\nassume Y(1) >= X(1)", "share no unmeasured cause"),
        ("unconfounded\nassume Y(X=1) >= Y(X=0)", "share no unmeasured cause"),
    ],
)
def test_refusals_say_where_and_what_to_do(causes: str, words: str) -> None:
    with pytest.raises(BoundgenError, match=re.escape(words)) as caught:
        stated(causes)
    assert "\n\n" not in str(caught.value)
    assert "<text>:" in str(caught.value)


def test_an_assumption_may_speak_of_variables_with_one_cause() -> None:
    assert stated("confounded X, M\nassume M(1) >= X(1)\nassume Y(1) >= Y(0)").assumptions


def test_a_picture_shows_exactly_the_shared_causes() -> None:
    assert _sharing(stated("confounded X, M\nconfounded M, Y")) == [("X", "M"), ("M", "Y")]
    assert _sharing(stated("unconfounded")) == []
    assert len(_sharing(stated(""))) == 3
