"""What the R package's door says to R: tests of the package itself are run by R (.ci/r)."""

from __future__ import annotations

import doctest
import importlib.util
import json
import pickle
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from support.paths import ROOT

MODEL = """model few
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
estimand ate = E[Y(1) - Y(0)]
"""


@pytest.fixture(scope="module")
def bridge() -> Any:
    path = ROOT / "r" / "boundgen" / "inst" / "python" / "boundgen_r.py"
    spec = importlib.util.spec_from_file_location("boundgen_r", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def host(bridge: Any) -> Iterator[Any]:
    found = bridge.Host(sys.executable)
    yield found
    found.end()
    assert not found.is_alive()


def test_messages_in_terms_of_r(bridge: Any) -> None:
    assert doctest.testmod(bridge).failed == 0
    assert bridge.in_r("--map 'A=my column' and --numeric") == "map = c(A = my column) and numeric = TRUE"


def answer(host: Any, verb: str, **arguments: Any) -> dict[str, Any]:
    assert host.ask(verb, arguments)
    while (said := host.answer(60)) and said["kind"] == "progress":
        pass
    assert said is not None
    return dict(said)


def test_a_child_answers_call_after_call(host: Any) -> None:
    read = answer(host, "read", given=MODEL, options={})
    said = answer(host, "derive", model={"text": read["text"], "file": ""}, estimands=["ate"])
    assert pickle.loads(said["object"]).text() == said["text"]
    assert json.loads(said["json"])["estimands"][0]["name"] == "ate"
    wrong = answer(host, "derive", model={"text": read["text"], "file": ""}, limits={"cells": 1.0})
    assert (wrong["class"], wrong["message"].splitlines()[1]) == (
        "LimitError",
        "  Raise the limit with cells =, or coarsen variables.",
    )
    columns = [
        {"name": "X", "codes": [0, 1, 1, -1], "values": ["none", "some"]},
        {"name": "Y", "codes": [0, 0, 1, 1], "values": [0.0, 1.0], "labels": [[0.0, 1.0], ["no", "yes"]]},
    ]
    options = {"recode": {"X": {"none": 0.0, "some": 1.0}}, "drop_missing": True}
    at = answer(host, "evaluate", model={"text": read["text"], "file": ""}, data={"columns": columns}, **options)
    assert [(each.lower, each.upper) for each in pickle.loads(at["object"])] == [(Fraction(-1, 3), Fraction(2, 3))]
    host.end()
    assert host.answer(60)["kind"] == "ended"
