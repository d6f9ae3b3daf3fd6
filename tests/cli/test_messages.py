"""Messages stay short whatever they quote: values of 5,000 characters, in every place where somebody can write one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boundgen import BoundgenError, Model, catalogue, derive
from boundgen.errors import LONGEST_MESSAGE, LONGEST_VALUE, DataError, brief
from support.command import Run

# One word; words; words with quotation marks among them; digits; letters with spaces that are none.
LONG = {
    "word": "x" * 5000,
    "words": "ab cd " * 850,
    "quotes": "it's 'so' \"so\" " * 350,
    "digits": "7" * 5000,
    "lines": "ab\ncd\n" * 850,
    "letters": "é\u00a0ü" * 1700,
}
SHORT = 1000
DATA = "A,M,Y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n"


def cut(value: str) -> str:
    """Where more than the allowed part of a value stands in a message, that is found by this."""
    return value[: LONGEST_VALUE + 1]


OPTIONS = {
    "model": ("derive", "{}"),
    "estimand": ("derive", "mediation_mmr", "{}"),
    "format": ("derive", "mediation_mmr", "--format", "{}"),
    "engine": ("derive", "mediation_mmr", "--engine", "{}"),
    "verb": ("{}",),
    "option": ("derive", "mediation_mmr", "--{}"),
    "seconds": ("derive", "mediation_mmr", "--time-limit", "{}"),
    "strata": ("derive", "mediation_mmr", "--max-strata", "x{}"),
    "cache": ("derive", "mediation_mmr", "--cache", "{}/x"),
    "stage": ("show", "mediation_mmr", "--at", "{}"),
    "check": ("check", "{}"),
    "import": ("import", "{}"),
    "randomized": ("import", "g.dag", "--randomized", "{}"),
    "levels": ("import", "g.dag", "--levels", "{}"),
    "levels of": ("import", "g.dag", "--levels", "{}=3"),
    "export": ("export", "{}"),
    "graph format": ("export", "mediation_mmr", "--format", "{}"),
    "verify": ("verify", "{}"),
    "certify": ("certify", "mediation_mmr", "{}"),
    "certificate": ("check-certificate", "{}"),
    "generate": ("generate", "{}", "-o", "out"),
    "target": ("generate", "mediation_mmr", "-o", "out", "--target", "{}"),
    "folder": ("generate", "mediation_mmr", "-o", "file/{}"),
    "ask": ("ask", "mediation_mmr", "{}"),
    "value": ("ask", "mediation_mmr", "--value", "{}"),
    "compare": ("compare", "mediation_mmr", "{}"),
    "data": ("evaluate", "mediation_mmr", "{}"),
    "ending": ("evaluate", "mediation_mmr", "data.{}"),
    "map": ("evaluate", "mediation_mmr", "d.csv", "--map", "{}"),
    "map variable": ("evaluate", "mediation_mmr", "d.csv", "--map", "{}=A"),
    "map column": ("evaluate", "mediation_mmr", "d.csv", "--map", "A={}"),
    "where": ("evaluate", "mediation_mmr", "d.csv", "--where", "{}"),
    "where column": ("evaluate", "mediation_mmr", "d.csv", "--where", "{}=1"),
    "where value": ("evaluate", "mediation_mmr", "d.csv", "--where", "A>{}"),
    "dichotomize": ("evaluate", "mediation_mmr", "d.csv", "--dichotomize", "{}"),
    "dichotomize variable": ("evaluate", "mediation_mmr", "d.csv", "--dichotomize", "{}>1"),
    "dichotomize value": ("evaluate", "mediation_mmr", "d.csv", "--dichotomize", "M>{}"),
    "weights": ("evaluate", "mediation_mmr", "d.csv", "--weights", "{}"),
    "kind": ("evaluate", "mediation_mmr", "d.csv", "--kind", "{}"),
    "at": ("evaluate", "mediation_limited_defiers", "d.csv", "--at", "{}"),
    "at name": ("evaluate", "mediation_limited_defiers", "d.csv", "--at", "{}=1"),
    "at value": ("evaluate", "mediation_limited_defiers", "d.csv", "--at", "gamma={}"),
    "at range": ("evaluate", "mediation_limited_defiers", "d.csv", "--at", "gamma=0:{}:0.1"),
    "picture": ("evaluate", "mediation_mmr", "d.csv", "--plot", "{}"),
    "output": ("evaluate", "mediation_mmr", "d.csv", "-o", "file/{}"),
    "cluster": ("estimate", "mediation_mmr", "d.csv", "--cluster", "{}"),
    "within": ("estimate", "mediation_mmr", "d.csv", "--within", "{}"),
    "level": ("estimate", "mediation_mmr", "d.csv", "--level", "{}"),
    "method": ("estimate", "mediation_mmr", "d.csv", "--method", "{}"),
    "breakdown": ("estimate", "mediation_limited_defiers", "d.csv", "--breakdown", "{}"),
    "threshold": ("estimate", "mediation_limited_defiers", "d.csv", "--breakdown", "gamma", "--threshold", "{}"),
    "response": ("response", "{}", "--covariates", "Y"),
    "covariates": ("response", "d.csv", "--covariates", "{}"),
    "response map": ("response", "d.csv", "--map", "X={}"),
    "companion": ("mediate", "{}", "d.csv"),
    "companion data": ("mediate", "ignorability", "{}"),
    "companion map": ("mediate", "ignorability", "d.csv", "--map", "{}"),
    "companion column": ("mediate", "ignorability", "d.csv", "--map", "X={}"),
    "catalogue": ("catalogue", "{}"),
    "shipped data": ("catalogue", "--data", "{}"),
    "draw": ("draw", "mediation_mmr", "-o", "{}"),
    "always": ("sweep", "mediation_mmr", "--always", "{}", "--no-cache"),
    "sweep": ("sweep", "mediation_mmr", "--estimand", "{}", "--no-cache"),
}


@pytest.mark.parametrize("kind", list(LONG))
@pytest.mark.parametrize("place", list(OPTIONS))
def test_options(place: str, kind: str, run: Run) -> None:
    Path("d.csv").write_text(DATA, encoding="utf-8")
    Path("g.dag").write_text("X -> Y", encoding="utf-8")
    Path("file").write_text("", encoding="utf-8")
    found = run(*(word.replace("{}", LONG[kind]) for word in OPTIONS[place]))
    if place == "cache":
        assert found.status == 0
    elif found.status == 0:
        pytest.fail("this value is no mistake")
    assert 0 < len(found.err) < SHORT, found.err
    assert cut(LONG[kind]) not in found.err or "/" in "".join(OPTIONS[place]), found.err


FILES = {
    "model": ("derive", "bad.bounds"),
    "compare": ("compare", "mediation_mmr", "bad.bounds"),
    "graph": ("import", "bad.dag"),
    "certificate": ("check-certificate", "bad.json"),
    "data": ("evaluate", "mediation_mmr", "bad.csv"),
    "estimate": ("estimate", "mediation_mmr", "bad.csv"),
    "mediate": ("mediate", "ignorability", "bad.csv"),
    "response": ("response", "bad.csv", "--covariates", "X"),
    "sweep": ("sweep", "bad.bounds", "--no-cache"),
}
TEMPLATES = {
    "bad.bounds": (
        "{}",
        "model {}",
        'model m "{}',
        "model m\nvariable {}\n",
        "model m\nvariable X in {{0, {}}}\n",
        "model m\nvariable X in 0..{}\nobserve P(X)\nestimand a = E[X(1)]\n",
        "model m\nvariable X({}) in {{0, 1}}\n",
        "model m\nvariable X in {{0, 1}}\nobserve P({})\n",
        "model m\nvariable X in {{0, 1}}\nobserve P(X)\nestimand {} = E[X] * E[X]\n",
        "model m\nvariable X in {{0, 1}}\nvariable Y(X) in {{0, 1}}\nobserve P(X, Y)\nestimand a = E[Y({})]\n",
        "model m\nvariable X in {{0, 1}}\nvariable Y(X) in {{0, 1}}\nobserve P(X, Y)\nestimand a = P(Y(1)={})\n",
        "model m\nvariable X in {{0, 1}}\nparameter g in [{}, 1]\nobserve P(X)\n",
        "model m\nvariable X in {{0, 1}}\nassume {} <= 1\nobserve P(X)\nestimand a = E[X]\n",
    ),
    "bad.dag": (
        "{}",
        "dag {{ {} [levels=0] -> ",
        'dag {{ "{}" -> "{}" }}',
        'dag {{ a -> "{}" -> a }}',
        'dag {{ a -> b; b [levels="{}"] }}',
        'dag {{ a -> b; b [domain="{}"] }}',
        'dag {{ a -> b }} "{}"',
        '{{"nodes": [{{"id": "{}"}}, {{"id": "{}"}}], "edges": []}}',
        '<graphml><graph><node id="a"/><edge source="a" target="{}"/></graph></graphml>',
    ),
    "bad.csv": (
        "{}\n1\n",
        "A,M,{}\n0,0,0\n",
        "A,M,Y\n0,0,{}\n0,1,0\n1,0,1\n1,1,1\n",
        "cell,probability\n{},1\n",
        'cell,probability\n"P(Y=1, M=1 | A=1)",{}\n',
        "A,M,Y,count\n0,0,0,{}\n",
        'A,M,Y\n0,0,"{}\n',
    ),
    "bad.json": ("{}", '{{"{}": 1}}', '{{"schema": "{}"}}', "[{}]"),
}


@pytest.mark.parametrize("kind", list(LONG))
@pytest.mark.parametrize(
    ("verb", "template"),
    [
        (verb, k)
        for verb, words in FILES.items()
        for k in range(len(TEMPLATES[words[-1]] if words[-1] in TEMPLATES else TEMPLATES[words[1]]))
    ],
)
def test_files(verb: str, template: int, kind: str, run: Run) -> None:
    words = FILES[verb]
    (name,) = (word for word in words if word in TEMPLATES)
    value = LONG[kind]
    text = TEMPLATES[name][template].replace("{}", value).replace("{{", "{").replace("}}", "}")
    Path(name).write_text(text, encoding="utf-8")
    found = run(*words)
    assert len(found.err) < SHORT, found.err
    assert cut(value) not in _without_pictures(found.err), found.err


def _without_pictures(message: str) -> str:
    """A message without the line of the model that it shows, and the mark under it."""
    return re.sub(r"\n  [^\n]*\n *\^+", "", message)


API: dict[str, Callable[[str], Any]] = {
    "estimand": lambda value: derive(catalogue.load("mediation_mmr"), [value]),
    "engine": lambda value: derive(catalogue.load("mediation_mmr"), engine=value),
    "catalogue": catalogue.load,
    "name of a file": lambda value: Model.parse("model", value),
    "cell": lambda value: derive(catalogue.load("mediation_mmr")).bounds[0].evaluate({value: 1}),
    "number": lambda value: _evaluated({"P(Y=1, M=1 | A=1)": value}),
    "parameter": lambda value: _evaluated({}, {value: 1}),
}


def _evaluated(cells: dict[str, Any], parameters: dict[str, Any] | None = None) -> Any:
    bounds = derive(catalogue.load("mediation_mmr")).bounds[0]
    given: dict[str, Any] = {cell.name: "1/4" for block in bounds.arms for cell in block.cells}
    return bounds.evaluate({**given, **cells}, parameters)


@pytest.mark.parametrize("kind", list(LONG))
@pytest.mark.parametrize("place", list(API))
def test_python(place: str, kind: str) -> None:
    with pytest.raises(BoundgenError) as caught:
        API[place](LONG[kind])
    assert 0 < len(str(caught.value)) < SHORT
    if place != "name of a file":
        assert cut(LONG[kind]) not in str(caught.value)


# ---------------------------------------------------------------- what is cut, and what is not
def test_a_value_is_cut_and_the_sentence_goes_on() -> None:
    assert brief(f"unknown cell '{'ab ' * 100}'; there are 8") == f"unknown cell '{('ab ' * 100)[:80]}...'; there are 8"
    assert brief(f'"{"q" * 81}" is no name') == f'"{"q" * 80}..." is no name'
    assert brief(f"{'y' * 200}: not read") == f"{'y' * 80}...: not read"


def test_what_can_be_read_stays() -> None:
    for text in (
        f"'{'x' * 80}' is a name",
        "the model's cells don't sum to one, and those of the estimand's condition aren't what the users' table has",
        "line one\n  'a' and 'b'\n  " + "word " * 60,
        "/a/path/" + "of/many/folders/" * 11,
    ):
        assert brief(text) == text


def test_cutting_twice_changes_nothing() -> None:
    for value in LONG.values():
        for text in (value, f"'{value}' is no cell", f"no {value}: none", f"({value})"):
            assert brief(brief(text)) == brief(text)
            assert len(brief(text)) <= LONGEST_MESSAGE + 3


def test_long_lists_of_choices_are_cut() -> None:
    error = DataError("no such cell", remedy=f"cells: {', '.join(f'P(Y={k})' for k in range(5000))}")
    assert len(str(error)) < SHORT
    assert json.dumps(error.remedy).endswith('..."')
