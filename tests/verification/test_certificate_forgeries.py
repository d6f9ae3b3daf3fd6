"""Forged certificates: each is refused, or what the checker prints of it is true."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings

from boundgen import Model, catalogue, certify
from boundgen.errors import BoundgenError
from boundgen.verification import check_certificate
from boundgen.verification.check_certificate import Malformed, Wrong, check
from boundgen.work.limits import Limits
from support.certificates import HALF, RECORDS, SYMMETRIC, ZERO, Json, Path_, leaves, parent, signed
from support.command import Run
from support.strategies import Draft, drafts

PLAIN = Model.parse("""
model plain
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
assume no_defiers: X(1) >= X(0)
estimand ate = E[Y(1) - Y(0)]
estimand late = E[Y(1) - Y(0) | X(1)=1, X(0)=0]
""")
LIMITED = Model.parse("""
model limited
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
parameter g in [0, 1]
parameter t in [0, inf)
observe P(X=1 | Z)
assume few: P(X(1)=0, X(0)=1) <= g
estimand moved = P(X(1)=1, X(0)=0) + 1/3 + 2 * t
""")
NAMED = Model.parse("""
model named
variable A in {no, yes} randomized
variable M(A) in {low, mid, high}
variable Y(A, M) in {0, 1}
observe P(M | A)
observe P(Y | A, do(M=low))
assume rising: M(no) <= M(yes)
assume either_way: Y(a, low) = 1 -> Y(a, mid) = 1 or Y(a, mid) > 0 for all a in A
estimand pns = P(M(yes)=high, M(no)!=high)
""")


def of_catalogue(name: str, *estimands: str) -> Callable[[], Json]:
    return lambda: certify(catalogue.load(name), estimands)


# Every kind of model: conditional, selection, population-level rows, known conditions, parameters, symmetries.
MODELS: dict[str, Callable[[], Json]] = {
    "plain": lambda: certify(PLAIN),
    "limited": lambda: certify(LIMITED),
    "named": lambda: certify(NAMED),
    "zero": lambda: certify(Model.parse(ZERO)),
    "mediation_mmr": of_catalogue("mediation_mmr", "delta1"),
    "half": lambda: certify(Model.parse(HALF)),
    "causation_both": of_catalogue("causation_both", "pn"),
    "sace_mono": of_catalogue("sace_mono"),
    "horowitz_manski_missing": of_catalogue("horowitz_manski_missing"),
    "records": lambda: certify(Model.parse(RECORDS)),
    "mediation_limited_defiers_small": of_catalogue("mediation_limited_defiers_small", "delta1"),
}


@pytest.fixture(scope="module")
def made() -> dict[str, Json]:
    return {name: json.loads(json.dumps(make())) for name, make in MODELS.items()}


def refused(document: Json, complaint: str) -> None:
    """Refused whatever the digest says."""
    with pytest.raises((Wrong, Malformed), match=complaint):
        check(signed(document))


def exchanged(document: Json, one: str, other: str) -> Json:
    """Two strings exchanged everywhere but in the text."""
    pattern = re.compile("|".join(map(re.escape, (one, other))))

    def change(part: Any) -> Any:
        text = json.dumps(part)
        return json.loads(pattern.sub(lambda found: other if found[0] == one else one, text))

    return {key: value if key == "text" else change(value) for key, value in document.items()}


# ---------------------------------------------------------------- forgeries that once passed
@pytest.mark.parametrize("name", MODELS)
def test_the_honest_certificate_holds_and_says_of_what(name: str, made: dict[str, Json]) -> None:
    report = check(made[name])
    assert report.endswith("Every step holds.")
    shown = [line for line in made[name]["text"].splitlines() if line and not line.startswith(("model", "estimand"))]
    assert report.splitlines()[1 : len(shown) + 1] == [f"  {line}" for line in shown]


def test_exchanged_names_of_cells(made: dict[str, Json]) -> None:
    """(a) The names everywhere but in the text, and in ever fewer of the parts that are compared with it."""
    document = made["plain"]
    parts = {
        "cells": "not the observed cells of the text",
        "arms": "not the observed arms of the text",
        "estimands": r"rows\[\d\]\.name: not what the text says",
    }
    for x, z in (("0", "0"), ("1", "0"), ("1", "1")):
        forged = exchanged(document, f"P(X={x},Y=0|Z={z})", f"P(X={x},Y=1|Z={z})")
        for part, complaint in parts.items():
            refused(forged, complaint)
            forged[part] = document[part] if part != "estimands" else forged[part]
        for estimand, honest in zip(forged["estimands"], document["estimands"], strict=True):
            estimand["rows"] = honest["rows"]
        refused(forged, ".")


def test_exchanged_values_are_another_model(made: dict[str, Json]) -> None:
    """Y=0 and Y=1 exchanged in strata, events and names alike: the estimand of the text is another one then."""
    forged = exchanged(made["plain"], "Y=0", "Y=1")
    for cell in forged["cells"]:
        cell["event"]["Y"] = re.findall(r"Y=(\d)", cell["name"])[0]
    forged["cells"].sort(key=lambda cell: [c["name"] for c in made["plain"]["cells"]].index(cell["name"]))
    for arm, honest in zip(forged["arms"], made["plain"]["arms"], strict=True):
        arm["cells"] = honest["cells"]
    refused(forged, "not what the text says|the entry of")


def test_a_changed_offset(made: dict[str, Json]) -> None:
    """(b) A number, a parameter or a cell that is added to all bounds."""
    for name in ("plain", "limited", "mediation_mmr"):
        for k, estimand in enumerate(made[name]["estimands"]):
            cell = made[name]["cells"][0]["name"]
            coefficients = estimand["offset"]["coefficients"]
            for offset in (
                {"constant": str(Fraction(estimand["offset"]["constant"]) + 1), "coefficients": coefficients},
                {"constant": estimand["offset"]["constant"], "coefficients": {**coefficients, cell: "1"}},
            ):
                document = copy.deepcopy(made[name])
                document["estimands"][k]["offset"] = offset
                refused(document, r"offset: not what the text says")
                refused(shifted(document, k, offset, estimand["offset"]), r"offset: not what the text says")


def shifted(document: Json, k: int, offset: Json, before: Json) -> Json:
    """The terms of an estimand moved by the new offset, as a forger would."""
    found = copy.deepcopy(document)
    for side in ("lower", "upper"):
        for vertex in found["estimands"][k][side]["vertices"]:
            term = vertex["term"]
            term["constant"] = str(
                Fraction(term["constant"]) + Fraction(offset["constant"]) - Fraction(before["constant"])
            )
            for name in offset["coefficients"].keys() - before["coefficients"].keys():
                term["coefficients"][name] = str(Fraction(term["coefficients"].get(name, 0)) + 1)
    return found


@pytest.mark.parametrize(("key", "place", "value"), [("high", 0, "1/2"), ("low", 0, "1/3"), ("high", 1, "5")])
def test_another_range_of_a_parameter(key: str, place: int, value: str, made: dict[str, Json]) -> None:
    """(c) Refused, and what is printed says the range."""
    document = copy.deepcopy(made["limited"])
    document["parameters"][place][key] = value
    refused(document, "not the parameters and ranges of the text")
    assert "  parameter g in [0, 1]\n  parameter t in [0, inf)\n" in check(made["limited"])


def test_a_condition_that_is_left_out(made: dict[str, Json]) -> None:
    """(d) No denominator, all events 1; and other events with a denominator."""
    for name in ("plain", "sace_mono", "causation_both"):
        document = copy.deepcopy(made[name])
        estimand = document["estimands"][-1]
        estimand["denominator"] = None
        refused(document, "the estimand has a condition, and there is no denominator")
        for column in estimand["columns"]:
            column["event"] = "1"
        refused(document, r"event: it is 0")


def test_what_stands_twice(made: dict[str, Json]) -> None:
    """(e) One estimand, also with other bounds; arms; cells; conditions; columns."""
    document = copy.deepcopy(made["plain"])
    document["estimands"].append(copy.deepcopy(document["estimands"][0]))
    refused(document, "one stands twice")
    other = copy.deepcopy(made["plain"])
    other["estimands"][1]["name"] = "ate"
    refused(other, "not the expression of the text")
    for part in ("arms", "cells", "variables", "conditions"):
        document = copy.deepcopy(made["plain"])
        document[part].append(copy.deepcopy(document[part][0]))
        refused(document, "not the|alone")


@pytest.mark.parametrize(
    ("found", "doubled"),
    [
        ('"digest":', '"digest": "", "digest":'),
        ('"offset":', '"offset": {"constant": "1", "coefficients": {}}, "offset":'),
        ('"name": "ate"', '"name": "late", "name": "ate"'),
        ('"cost": "1"', '"cost": "0", "cost": "1"'),
    ],
)
def test_keys_that_stand_twice(found: str, doubled: str, made: dict[str, Json], run: Run) -> None:
    """(e) The last one counts in most readers, and here neither."""
    text = json.dumps(made["plain"])
    assert found in text
    Path("cert.json").write_text(text.replace(found, doubled, 1))
    answer = run("check-certificate", "cert.json")
    assert (answer.status, answer.out) == (2, "")
    assert "stands twice in one object" in answer.err


def test_a_text_without_the_assumption(made: dict[str, Json]) -> None:
    """(f) Or with another assumption, variable, range of values, observation."""
    document = made["plain"]
    lines = {
        "assume no_defiers: X(1) >= X(0)\n": ("", "assume no_defiers: X(1) <= X(0)\n"),
        "variable X(Z) in {0, 1}": ("variable X(Z) in {0, 1, 2}", "variable X in {0, 1}"),
        "variable Y(X) in {0, 1}": ("variable Y(X, Z) in {0, 1}", "variable Y(Z) in {0, 1}"),
        "observe P(X, Y | Z)": ("observe P(Y, X | Z)", "observe P(X, Y=1 | Z)", "observe P(X, Y | Z=1)"),
        "ate = E[Y(1) - Y(0)]": ("ate = E[Y(0) - Y(1)]", "ate = E[Y(1) - Y(0)] + 1", "ate = P(Y(1)=1)"),
    }
    for line, others in lines.items():
        assert line in document["text"]
        for other in others:
            refused({**document, "text": document["text"].replace(line, other)}, ".")


def test_another_estimand_s_name_and_expression(made: dict[str, Json]) -> None:
    """(f) With the program of the first one."""
    document = copy.deepcopy(made["plain"])
    first, second = document["estimands"][:2]
    for key in ("name", "expression"):
        first[key], second[key] = second[key], first[key]
    refused(document, r"estimands\[0\]\.columns\[\d+\]: the stratum leaves open|cost: it is|event: it is|the entry of")


HIDDEN = [
    "\n",
    "\r",
    "\t",
    "\x00",
    "\x1b",
    "\x85",
    "\u00a0",
    "\u200b",
    "\u202e",
    "\u2066",
    "\u2028",
    "\ufeff",
    "é",
    "\ud800",
]


@pytest.mark.parametrize("mark", HIDDEN)
def test_hidden_characters(mark: str, made: dict[str, Json]) -> None:
    """(f) In names, expressions, the text and keys."""
    document = made["plain"]
    for path in (("model",), ("text",), ("estimands", 0, "name"), ("estimands", 0, "expression"), ("cells", 0, "name")):
        value = parent(document, path)[path[-1]]
        for changed in (value + mark, mark + value, value[:9] + mark + value[9:]):
            if path != ("text",) or mark != "\n":
                refused(changed_at(document, path, changed), "printable ASCII|not a name|written")
    refused({**document, mark: "1"}, "unknown key|printable ASCII")


@pytest.mark.parametrize("digits", ["٣", "１", "²", "१", "1_0", "1e0", "0x1"])
def test_digits_of_other_scripts(digits: str, made: dict[str, Json]) -> None:
    for path, value in leaves(made["limited"]):
        if isinstance(value, str) and re.fullmatch(r"-?\d+(/\d+)?", value):
            refused(changed_at(made["limited"], path, digits), ".")
    text = made["limited"]["text"]
    refused({**made["limited"], "text": text.replace("[0, 1]", f"[0, {digits}]")}, ".")


def test_a_stratum_that_cannot_be_there_or_is_missing(made: dict[str, Json]) -> None:
    document = copy.deepcopy(made["plain"])
    columns = document["estimands"][0]["columns"]
    defier = copy.deepcopy(columns[0])
    defier["stratum"] = {"X(0)": "1", "X(1)": "0", "Y(0)": "0", "Y(1)": "0"}
    numbers = {row["name"]: str(i) for i, row in enumerate(document["estimands"][0]["rows"])}
    inside = ("P(X=1,Y=0|Z=0)", "P(X=0,Y=0|Z=1)", "total")
    defier |= {"entries": {numbers[name]: "1" for name in inside}, "cost": "0", "event": "1"}
    columns.append(defier)
    refused(document, "the assumptions exclude the stratum")
    for k in range(len(made["plain"]["estimands"][0]["columns"])):
        document = copy.deepcopy(made["plain"])
        del document["estimands"][0]["columns"][k]
        refused(document, ".")
    document = copy.deepcopy(made["plain"])
    del document["estimands"][0]["columns"][-1]
    refused(document, "a stratum of the model is missing|is not a number from")


def test_what_was_not_compared_comes_first(made: dict[str, Json], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many response types to go through; the exit status says it too."""
    monkeypatch.setattr(check_certificate, "MOST_STEPS", 5)
    Path("cert.json").write_text(json.dumps(made["mediation_mmr"]))
    found = run("check-certificate", "cert.json")
    assert (found.status, found.err) == (3, "")
    first, *_, last = found.out.splitlines()
    assert first.startswith("NOT COMPARED with the model's statements: whether the strata of delta1 are those")
    assert last == "Every step that was compared holds."


# ---------------------------------------------------------------- what cannot be read
def test_large_files_end_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("large.json").open("wb") as file:
        file.truncate(120_000_000)
    Path("many.json").write_text("[" + "[]," * check_certificate.MOST_PARTS + "[]]")
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("it was read"))
    for name, complaint in (("large.json", "it is larger than"), ("many.json", "it has more than")):
        answer = run("check-certificate", name)
        assert (answer.status, answer.out) == (2, "")
        assert complaint in answer.err
        assert len(answer.err) < 300


TEXTS = [
    "",
    "model",
    "model m",
    "model m\nmodel m",
    'model m "a title"',
    "observe P(Y)",
    "model m\nvariable Y in {0, 1}\nobserve P(Y) # Every step holds.",
    "model m\nvariable Y in {0, 0}\nobserve P(Y)",
    "model m\nvariable Y(Y) in {0, 1}\nobserve P(Y)",
    "model m\nvariable Y in 0..100000\nobserve P(Y)",
    "model m\nvariable Y in {0, 1}\nobserve P(Y)\nestimand e = " + "(" * 100_000,
    "model m\nvariable Y in {0, 1}\nobserve P(Y)\nassume " + "not (" * 100_000,
    "model m\nvariable Y in {0, 1}\nobserve P(Y)\ndefine a = a",
    "model m\nvariable Y in {0, 1}\nobserve P(Y)\nestimand e = P(Y=1) * P(Y=0)",
    "model m\nvariable Y in {0, 1}\nobserve P(Y)\nestimand e = 1/0 * P(Y=1)",
    "model m\nvariable Y in {0, 1}\nobserve P(Y)\nestimand e = P(Y=high)",
    "model m\nvariable Y in {0, 1} randomized\nvariable X(Y) in {0, 1}\nobserve P(X)",
    "model m\nvariable Y in {0, 1}\nobserve P(Y)\nassume Y = Y "
    + "for all "
    + ", ".join(f"i{k} in Y" for k in range(60)),
    "model m\n"
    + "\n".join(f"variable V{k} in {{0, 1}}" for k in range(60))
    + "\nobserve P("
    + ", ".join(f"V{k}" for k in range(60))
    + ")",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_texts_that_cannot_be_read(text: str, made: dict[str, Json]) -> None:
    refused({**made["plain"], "text": text}, ".")


# ---------------------------------------------------------------- any change at all
def changed_at(document: Json, path: Path_, value: Any) -> Json:
    """The document with one value changed; what is not on the path is shared."""
    if not path:
        return value
    found = dict(document) if isinstance(document, dict) else list(document)
    found[path[0]] = changed_at(document[path[0]], path[1:], value)
    return found


def hostile(value: Any) -> Iterator[Any]:
    """What a leaf might become."""
    if isinstance(value, bool) or value is None:
        yield from (not value, "0", "1", {}, 1)
    elif isinstance(value, int):
        yield from (value + 1, value - 1, str(value), 0, -1, 10**9)
    elif "\n" in value:
        yield from changed_texts(value)
    elif re.fullmatch(r"-?\d+(/\d+)?", value):
        yield from {str(Fraction(value) + 1), str(-Fraction(value)), str(Fraction(value) / 2), "0", "1"}
        yield from (int(Fraction(value)), "\u0661")
    else:
        yield from (value + "1", value[:-1], "0", None, value + "\n")
        yield re.sub("[01]", lambda digit: "1" if digit[0] == "0" else "0", value)


def changed_texts(text: str) -> Iterator[str]:
    """Lines dropped and doubled, tokens dropped and changed."""
    lines = text.splitlines()
    for k, line in enumerate(lines):
        for other in ([], [line, line]):
            yield "\n".join([*lines[:k], *other, *lines[k + 1 :]]) + "\n"
        for token in re.finditer(r"\w+|[^\w\s]+", line):
            for word in ("", *{"0": ("1", "2", "-0"), "1": ("0", "1/2"), ">=": ("<=", "=", ">")}.get(token[0], ("Q",))):
                yield text.replace(line, line[: token.start()] + word + line[token.end() :], 1)


def containers(node: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    if isinstance(node, dict | list):
        yield path, node
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from containers(value, (*path, key))


def rebuilt(node: Any) -> Iterator[Any]:
    """A list or object with a part left out, doubled, exchanged, renamed or added."""
    if isinstance(node, list):
        for k, item in enumerate(node):
            yield [*node[:k], *node[k + 1 :]]
            yield [*node[: k + 1], item, *node[k + 1 :]]
        yield [*node, {}]
        return
    for key in node:
        yield {name: value for name, value in node.items() if name != key}
        other = next(name for name in ("0", "1", "2", "x") if name not in node)
        yield {other if name == key else name: value for name, value in node.items()}
    yield {**node, "unknown": "1"}
    yield {**node, "1": "1"}
    values = list(node.values())
    yield dict(zip(node, [*values[1:], *values[:1]], strict=True))


def all_changes(document: Json) -> Iterator[tuple[Path_, Json]]:
    for path, value in leaves(document):
        for other in hostile(value):
            if other != value or type(other) is not type(value):
                yield path, changed_at(document, path, other)
    for path, node in containers(document):
        for other in rebuilt(node):
            if other != node:
                yield path, changed_at(document, path, other)


def is_refused_or_true(path: Path_, document: Json, honest: str) -> bool:
    """The report is the honest one; where the text is changed, that of the model whose statements are printed."""
    try:
        report = check(signed(document))
    except (Wrong, Malformed):
        return True
    if path != ("text",):
        return report == honest
    model = Model.parse(document["text"])
    own = certify(model, [estimand["name"] for estimand in document["estimands"]])
    return proved(report) == proved(check(own)) and Model.parse(own["text"]) == model


def proved(report: str) -> list[str]:
    """A report without the statements, which may be spelled in other ways."""
    found = report[report.index("\ntestable implications:") :].splitlines()
    return [re.sub(r"^(\w+) = .*", r"\1", line) for line in found]


@pytest.mark.parametrize("name", MODELS)
def test_some_changes_are_refused_or_do_no_harm(name: str, made: dict[str, Json]) -> None:
    changes = list(all_changes(made[name]))
    honest = check(made[name])
    for path, document in changes[:: max(1, len(changes) // 40)]:
        assert is_refused_or_true(path, document, honest), path


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_every_change_is_refused_or_does_no_harm(name: str, made: dict[str, Json]) -> None:
    honest = check(made[name])
    for path, document in all_changes(made[name]):
        assert is_refused_or_true(path, document, honest), path


@pytest.mark.slow
def test_changes_of_a_certificate_with_symmetries() -> None:
    document = certify(SYMMETRIC)
    assert all(document["estimands"][0][side]["symmetries"] for side in ("lower", "upper"))
    honest = check(document)
    for path, forged in list(all_changes(document))[::97]:
        assert is_refused_or_true(path, forged, honest), path


# ---------------------------------------------------------------- honest certificates of any model
@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(drafts(estimands=2))
def test_the_checker_reads_every_model_as_the_engine_does(draft: Draft) -> None:
    """Arithmetic, quantified names, nested outcomes, several sources: a statement read otherwise is refused."""
    try:
        document = certify(draft.model, limits=Limits(seconds=5))
    except BoundgenError:
        assume(False)
    assert check(document).endswith("Every step holds.")
