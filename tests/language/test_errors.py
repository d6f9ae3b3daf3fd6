"""Bad models: each ends in one paragraph that says where, what, and what to do.

A bad model is tests/golden/errors/NAME.bounds, its message NAME.txt. Refresh the messages with
``BOUNDGEN_UPDATE_GOLDEN=1 python -m pytest tests/language/test_errors.py`` and read the difference.
"""

from __future__ import annotations

import os
import random
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from boundgen import derive
from boundgen.catalogue import names, text
from boundgen.catalogue.model_files import LARGEST, read_model
from boundgen.errors import (
    BoundgenError,
    ContradictionError,
    EngineError,
    FileError,
    LimitError,
    ModelError,
    ModelSyntaxError,
    NotIdentifiedError,
    NotLinearError,
)
from boundgen.inspection.check import check
from boundgen.language.model import Model
from boundgen.work.limits import Budget, Limits
from support.paths import GOLDEN

MESSAGES = GOLDEN / "errors"
BAD = sorted(file.stem for file in MESSAGES.glob("*.bounds"))

STUDY = """model study
variable X in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y)
"""
INSTRUMENT = """model late
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
"""
ATE = "estimand ate = E[Y(1) - Y(0)]\n"


def refused(model: str, file: str = "bad.bounds", **options: Any) -> BoundgenError:
    """The error that reading and deriving a model ends in."""
    with pytest.raises(BoundgenError) as caught:
        derive(Model.parse(model, file), **options)
    return caught.value


def ending(model: str, limits: Limits, conditions: bool = True) -> str:
    """The message in which a model ends; empty where it has bounds that can be printed."""
    try:
        derive(Model.parse(model, "bad.bounds"), conditions=conditions, limits=limits).text()
    except BoundgenError as error:
        return str(error)
    return ""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail what takes more processor time, also when it would never end; a busy machine makes no difference."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail(f"not over within {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


# ---------------------------------------------------------------- the golden files
def bad_model(name: str) -> str:
    return (MESSAGES / f"{name}.bounds").read_bytes().decode()


@pytest.mark.parametrize("name", BAD)
def test_message(name: str) -> None:
    found = f"{refused(bad_model(name), f'{name}.bounds')}\n"
    file = MESSAGES / f"{name}.txt"
    if os.environ.get("BOUNDGEN_UPDATE_GOLDEN"):
        file.write_bytes(found.encode())
    assert found == file.read_bytes().decode()


@pytest.mark.parametrize("name", BAD)
def test_form(name: str) -> None:
    """The recorded message is one paragraph with a remedy, and its mark stands under the place that it names."""
    lines = (MESSAGES / f"{name}.txt").read_bytes().decode().removesuffix("\n").split("\n")
    assert all(line.strip() for line in lines)
    assert all(line.startswith("  ") for line in lines[1:])
    placed = re.match(rf"{name}\.bounds:(\d+):(\d+): ", lines[0])
    assert len(lines) == (4 if placed else 2)
    if placed:
        source = bad_model(name).split("\n")[int(placed[1]) - 1]
        mark = lines[2].index("^")
        if source.isascii() and source.isprintable():
            assert lines[1][mark:] in source[int(placed[2]) - 1 :]
            assert lines[1][mark : mark + 1] == source[int(placed[2]) - 1 : int(placed[2])]


def test_every_bad_model_has_a_message() -> None:
    assert sorted(file.stem for file in MESSAGES.glob("*.txt")) == BAD


# ---------------------------------------------------------------- files
@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_ends_do_not_move_the_place(ending: str) -> None:
    model = f"{INSTRUMENT}# a comment\nestimand ate = E[Y(M=1)]\n"
    error = refused(model.replace("\n", ending))
    assert str(error) == str(refused(model))
    assert error.where is not None
    assert (error.where.line, error.where.column) == (7, 18)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", 'bad.bounds: the text is empty\n  A model starts with: model NAME "title"'),
        (b"\xef\xbb\xbf", 'bad.bounds: the text is empty\n  A model starts with: model NAME "title"'),
        (b"model m\0\n", "bad.bounds: this is a binary file, not a model\n  Model files are UTF-8 text."),
        (bytes(range(256)), "bad.bounds: this is a binary file, not a model\n  Model files are UTF-8 text."),
        ("model m\n".encode("utf-16"), "bad.bounds: this is a binary file, not a model\n  Model files are UTF-8 text."),
        (b"model m\n# \xdcberleben\n", "bad.bounds:2:3: not UTF-8 text\n  Save the file as UTF-8."),
        ("# é\n# éé".encode() + b"\xff\n", "bad.bounds:2:5: not UTF-8 text\n  Save the file as UTF-8."),
        (b"x" * (LARGEST + 1), f"bad.bounds: larger than {LARGEST} bytes, so not a model\n  Is it a data file?"),
        (
            b"\xef\xbb\xbfmodel m x\n",
            "bad.bounds:1:9: unexpected 'x'\n  model m x\n          ^\n"
            "  expected a text in quotes or the end of the statement or the end of the text",
        ),
    ],
    ids=["empty", "mark only", "zero byte", "all bytes", "utf-16", "latin-1", "column", "large", "mark"],
)
def test_files(content: bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.bounds").write_bytes(content)
    with pytest.raises(BoundgenError) as caught:
        read_model("bad.bounds")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.bounds", "none.bounds: there is no such file\n  See boundgen.catalogue.names() for the shipped models."),
        ("folder", "folder: this is a folder, not a model file\n  Name a file in it."),
        ("x" * 300, f"{'x' * 80}...: cannot be read: File name too long\n  Name a file that you may read."),
        ("/dev/zero", "/dev/zero: larger than 1000000 bytes, so not a model\n  Is it a data file?"),
    ],
    ids=["missing", "folder", "long name", "device"],
)
def test_what_is_not_a_file(name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name.startswith("/dev") and not Path(name).exists():
        pytest.skip("no such device here")
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(FileError) as caught:
        read_model(name)
    assert str(caught.value) == message


# ---------------------------------------------------------------- limits
@pytest.mark.parametrize(
    ("limits", "what", "option"),
    [
        (Limits(strata=3), r"the model has more than 3 principal strata( \(\d+\))?", "--max-strata"),
        (Limits(cells=7), r"the model has more than 7 observed cells( \(8\))?", "--max-cells"),
        (Limits(entries=20), r"the model has more than 20 entries of the linear program \(\d+\)", "--max-entries"),
        (Limits(seconds=0), r"the time limit of 0 s was reached while .* done\); nothing was derived", "--time-limit"),
    ],
    ids=["strata", "cells", "entries", "seconds"],
)
def test_limit(limits: Limits, what: str, option: str) -> None:
    error = refused(INSTRUMENT + ATE, limits=limits)
    assert isinstance(error, LimitError)
    assert re.fullmatch(what, error.message)
    assert option in error.remedy


def test_limit_is_not_reached_by_what_it_allows() -> None:
    assert derive(Model.parse(INSTRUMENT + ATE), limits=Limits(cells=8, entries=10_000, seconds=60)).bounds


def test_assumptions_do_not_lower_the_number_of_cells() -> None:
    assert "assumptions" not in refused(INSTRUMENT + ATE, limits=Limits(cells=7)).remedy


BINARY_CHAIN = "".join(f"variable V{i}(V{i - 1}) in {{0, 1}}\n" for i in range(1, 2000))
MANY = ", ".join(f"a{i} in X" for i in range(26))
REFUSED = ["domains", "quantifiers", "product of quantified names", "brackets", "values", "line", "words"]
HUGE = {
    "domains": "model m\nvariable A in 0..999\nvariable B in 0..999\nvariable C in 0..999\n"
    "observe P(A, B, C)\nestimand a = E[A]\n",
    "quantifiers": STUDY + f"assume {' + '.join(f'a{i}' for i in range(26))} >= Y(1) - Y(0) for all {MANY}\n" + ATE,
    "product of quantified names": STUDY
    + f"assume P(Y(1)=1) + {' * '.join(f'(a{i} + 1)' for i in range(26))} >= 0 for all {MANY}\n"
    + ATE,
    "product of outcomes": STUDY + f"estimand a = E[{' * '.join(f'(Y({i % 2}) + {i} * X + 1)' for i in range(60))}]\n",
    "chain of variables": f"model m\nvariable V0 in {{0, 1}}\n{BINARY_CHAIN}observe P(V1999)\n"
    "estimand a = E[V1999(V0=1)]\n",
    "chain of implications": f"{STUDY}assume {' -> '.join(['Y(1)=1'] * 5000)}\n{ATE}",
    "product of numbers": f"{STUDY}estimand a = {' * '.join(['9' * 40] * 200)} * E[Y(1)]\n",
    "brackets": f"{STUDY}estimand a = {'(' * 100_000}\n",
    "values": f"model m\nvariable X in {{{', '.join(f'v{i}' for i in range(20_000))}}}\n",
    "line": f"{STUDY}estimand a = {'0 + ' * 25_000}W\n",
    "words": "model m\n" + "word " * 100_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_huge_models_end_soon(name: str) -> None:
    """In one short paragraph, or with bounds where the size is harmless."""
    with within(8):
        message = ending(HUGE[name], Limits(seconds=3))
    assert len(message) < 1000
    assert "\n\n" not in message
    if name in REFUSED:
        assert message.count("\n") in (1, 3)


@pytest.mark.parametrize(
    "model",
    [
        f"{STUDY}estimand a = E[{'w' * 100_000}]\n",
        f"{STUDY}estimand a = E[Y(1)] {'q' * 100_000}\n",
        f"{STUDY}{''.join(f'parameter g{i} in [0, 1]' + chr(10) for i in range(300))}estimand a = E[W]\n",
    ],
    ids=["unknown name", "unexpected name", "many declared names"],
)
def test_messages_are_short(model: str) -> None:
    assert len(str(refused(model))) < 1000


def test_many_statements_are_read_soon() -> None:
    with within(3):
        assert len(Model.parse("model m\n" + 'source "x"\n' * 3000).sources) == 3000
    with within(3):
        assert len(Model.parse(STUDY + "observe P(X, Y)\n" * 500).observations) == 501


# ---------------------------------------------------------------- engines and names in a call
def test_unknown_engine() -> None:
    error = refused(INSTRUMENT + ATE, engine="lrs")
    assert isinstance(error, EngineError)
    assert str(error) == "unknown engine 'lrs'\n  engines: auto, cdd, ppl, orbits"


@pytest.mark.parametrize("installed", [(), ("cdd",)], ids=["nothing", "floats only"])
def test_engine_that_is_not_installed(installed: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boundgen.polyhedra.libraries.find_spec", lambda name: name if name in installed else None)
    error = refused(INSTRUMENT + ATE, engine="cdd")
    assert isinstance(error, EngineError)
    assert error.message == "engine 'cdd' is not installed"
    assert "pip install" in error.remedy


def test_unknown_estimand() -> None:
    error = refused(INSTRUMENT + ATE, estimands=["ate", "late"])
    assert str(error) == "model late has no estimand 'late'\n  Did you mean 'ate'? estimands: ate"


@pytest.mark.parametrize("name", ["contradiction_of_two", "definition_not_identified", "divisor_of_either_sign"])
def test_check_says_the_same(name: str) -> None:
    model = Model.parse(bad_model(name), f"{name}.bounds")
    with pytest.raises(BoundgenError) as caught:
        check(model, Budget())
    assert f"{caught.value}\n" == (MESSAGES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("ends_early", (ModelSyntaxError, ValueError)),
        ("unknown_variable", (ModelError, ValueError)),
        ("ratio_of_ratios", (NotLinearError, ModelError)),
        ("divisor_of_either_sign", (NotLinearError, ModelError)),
        ("compared_conditions_not_identified", (NotIdentifiedError, ModelError)),
        ("contradiction_of_two", (ContradictionError, ModelError)),
    ],
)
def test_kind(name: str, kinds: tuple[type[Exception], ...]) -> None:
    error = refused(bad_model(name))
    assert all(isinstance(error, kind) for kind in kinds)


# ---------------------------------------------------------------- slips of the pen
TOKEN = re.compile(r'"[^"\n]*"|#[^\n]*|\w+|->|<=|>=|!=|\.\.|\n|[ \t]+|.')
STRAY = [
    "(",
    ")",
    "[",
    "]",
    "|",
    ",",
    "=",
    ">=",
    "->",
    "not",
    "P",
    "E",
    "do",
    "2",
    "1/0",
    "A",
    "Y(",
    "\n  ",
    "ψ",
    '"',
    "^",
]


def slip(model: str, chance: random.Random) -> str:
    """A model with one token deleted, inserted, replaced or swapped with another."""
    tokens = TOKEN.findall(model)
    written = [i for i, token in enumerate(tokens) if not token.isspace() and token[0] not in '#"']
    here, there = chance.sample(written, 2)
    match chance.randrange(4):
        case 0:
            tokens[here] = ""
        case 1:
            tokens[here] += " " + chance.choice(STRAY)
        case 2:
            tokens[here] = chance.choice(STRAY)
        case _:
            tokens[here], tokens[there] = tokens[there], tokens[here]
    return "".join(tokens)


# Where a slip widens a domain, the strata of this one are many.
LONG = "richardson_robins_ace_z3"


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n == LONG else n for n in names()])
def test_slips_never_end_in_another_error(name: str) -> None:
    chance = random.Random(name)
    messages = []
    for _ in range(25):
        model = slip(text(name), chance)
        messages.append(ending(model, Limits(seconds=5), conditions=False))
        placed = re.match(r"bad\.bounds:(\d+):\d+: ", messages[-1])
        assert "\n\n" not in messages[-1]
        assert not placed or int(placed[1]) <= model.count("\n") + 1
    assert any(messages)
