"""Whoever calls a public function with too little or with what it does not take gets an error of boundgen's own."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

import boundgen
from boundgen import BoundgenError, Limits, Model, catalogue, derive, evaluate
from boundgen.calls import public
from boundgen.errors import CallError

FUNCTIONS = [name for name in boundgen.__all__ if inspect.isfunction(getattr(boundgen, name))]


def methods() -> Iterator[tuple[str, Any]]:
    """The public methods of a model and of results, of which some need arguments."""
    model = catalogue.load("confounded_treatment")
    data = {"P(X=0,Y=0)": "1/2", "P(X=1,Y=1)": "1/2"}
    for value in (model, derive(model), model.bound("ate"), evaluate(model, data)):
        for name, member in inspect.getmembers(type(value), inspect.isfunction):
            needed = [
                each
                for each in list(inspect.signature(member).parameters.values())[1:]
                if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
            ]
            if needed and not name.startswith("_") and member.__module__.startswith("boundgen"):
                yield f"{type(value).__name__}.{name}", getattr(value, name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    function = getattr(boundgen, name)
    kinds = [each.kind for each in inspect.signature(function).parameters.values()]
    if any(each.default is each.empty for each in inspect.signature(function).parameters.values() if each.kind < 2):
        with pytest.raises(BoundgenError, match="missing"):
            function()
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        with pytest.raises(CallError, match="takes no 'no_such_argument'"):
            function(no_such_argument=1)
    assert pickle.loads(pickle.dumps(function)) is function


def test_methods() -> None:
    called = 0
    for name, method in methods():
        with pytest.raises(CallError, match=f"^{name.split('.')[0]}.*missing"):
            method()
        called += 1
    assert called > 20


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Model(nme="x"), "Model takes no 'nme'\n  Did you mean 'name'?"),
        (lambda: Limits(second=3), "Did you mean 'seconds'?"),
        (lambda: derive("iv_ate", model="iv_ate"), "derive: 'model' is given twice"),
        (lambda: catalogue.load("iv_ate").bound("ate", "a", "b", 4, 5, 6, 7), "7 arguments by place"),
        (lambda: evaluate("iv_ate", X="treated"), "evaluate: 'data' is missing\n  Call evaluate(asked, data, ...)."),
    ],
)
def test_what_is_said(call: Any, said: str) -> None:
    with pytest.raises(CallError) as caught:
        call()
    assert said in str(caught.value)


def test_an_error_inside_a_function_stays_what_it_is() -> None:
    @public
    def joined(text: str, number: int) -> str:
        return text + number  # type: ignore[operator]

    with pytest.raises(TypeError) as caught:
        joined("a", 1)
    assert not isinstance(caught.value, CallError)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: derive("iv_ate", 3), "derive: 'estimands' is '3'\n  Give a text or a list."),
        (lambda: Limits(seconds="soon"), "Limits: 'seconds' is 'soon'\n  Give a number or None."),
        (lambda: Model(3), "Model: 'name' is '3'\n  Give a text."),
        (lambda: Model.parse(3), "Model.parse: 'text' is '3'"),
        (lambda: evaluate("iv_ate", {"P(X=0,Y=0|Z=0)": 3}, kind="tables"), "'kind' is 'tables'\n  Give one of auto,"),
        (lambda: boundgen.mediate("ignorability", "framing", draws="many"), "'draws' is 'many'\n  Give an integer."),
        (lambda: boundgen.variable("A", 3), "variable: 'domain' is '3'"),
        (lambda: boundgen.side_by_side(3, "jobs"), "side_by_side: 'models' is '3'"),
    ],
)
def test_arguments_of_another_type(call: Any, said: str) -> None:
    with pytest.raises(CallError) as caught:
        call()
    assert said in str(caught.value)
