"""Numbers that people write: read alike and exactly everywhere, and what is none is refused at once everywhere."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boundgen import Model, estimate, evaluate, parameter, read_data
from boundgen.bounds.closed_form import Bounds
from boundgen.data.options import parameter_values
from boundgen.data.tally import count_value, probability_value, weight_value
from boundgen.data.texts import as_number
from boundgen.errors import BoundgenError, DataError
from boundgen.exact.rational import rational, real, whole
from boundgen.questions.answers import ask
from boundgen.sweep import sweep
from support.command import Run

NUMBERS = {
    "1/3": Fraction(1, 3),
    "0.25": Fraction(1, 4),
    ".5": Fraction(1, 2),
    "1e-3": Fraction(1, 1000),
    "2.5E-4": Fraction(1, 4000),
    "1/1e2": Fraction(1, 100),
    "1 / 4": Fraction(1, 4),
    "+0.10": Fraction(1, 10),
    "0.1234567890123456789012345678": Fraction(1234567890123456789012345678, 10**28),
}
HOSTILE = [
    "1e5000",
    "1e999999999",
    "1e-99999999",
    "-1e99999999",
    "True",
    "1_0",
    "0x1F",
    "inf",
    "-Infinity",
    "nan",
    "٠.٣",
    "¹",
    "1/0",
    "1/0e5",
    "1/1e99999999",
    "1" * 41,
    "9" * 5000,
    "1e",
    "--1",
]
MODEL = """model small
variable X in {0, 1}
variable Y(X) in {0, 1}
parameter g in [0, 1]
observe P(X, Y)
assume P(Y(0)=1, X=1) <= g
estimand risk = P(Y(0)=1)
"""
CELLS = {"P(X=0,Y=0)": "1/2", "P(X=1,Y=1)": "1/2"}
CSV = "X,Y,{}\n0,0,{}\n1,1,{}\n"


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """No reading takes seconds, however large the number is said to be."""

    def stop(*_: Any) -> None:
        pytest.fail("not over within 20 s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 20)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@cache
def bounds() -> Bounds:
    return Model.parse(MODEL).bound("risk")


def frame(column: str, value: Any) -> Any:
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame({"X": [0, 1], "Y": [0, 1], column: [value, value]})


# What reads a number in Python: from the text to what was read, or an error.
READERS: dict[str, Callable[[Any], Any]] = {
    "reader": lambda value: rational(value, "it"),
    "evaluate, parameter": lambda value: evaluate(bounds(), CELLS, {"g": value})[0].parameters[0][1],
    "evaluate, several": lambda value: evaluate(bounds(), CELLS, {"g": [value, "1/7"]})[0].parameters[0][1],
    "Bounds.evaluate, parameter": lambda value: (
        bounds().checked(CELLS, {"g": value})["g"],
        bounds().evaluate(CELLS, {"g": value}),
    )[0],
    "Bounds.evaluate, cell": lambda value: bounds().checked(
        {"P(X=0,Y=0)": value, "P(X=1,Y=1)": 1 - rational(value, "it")}, {"g": 1}
    )["P(X=0,Y=0)"],
    "range, low": lambda value: parameter("h", value, 10).parameter.low,
    "range, high": lambda value: parameter("h", 0, value).parameter.high,
    "ask": lambda value: ask(Model.parse(MODEL), value=value).value,
    "sweep": lambda value: sweep(Model.parse(MODEL), cells=CELLS, parameters={"g": value}) and rational(value, "it"),
}
TEXT_READERS: dict[str, Callable[[str], Any]] = {
    "--at": lambda text: parameter_values(f"g={text}")["g"][0],
    "grid": lambda text: parameter_values(f"g={text}:1:1/2")["g"][0],
    "probability": probability_value,
    "weight": lambda text: None if (found := weight_value(text)) is None else Fraction(found),
    "language": lambda text: Model.parse(f"model m\nparameter g in [{text}, 1]\n").parameters[0].low,
}


@pytest.mark.parametrize("reader", [*READERS, *TEXT_READERS])
@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_are_read_alike_and_exactly(reader: str, text: str) -> None:
    if (reader, text) == ("language", ".5"):
        pytest.skip("a decimal of the language starts with a digit, for ranges have dots")
    assert (READERS | TEXT_READERS)[reader](text) == NUMBERS[text]


@pytest.mark.parametrize("reader", [*READERS, *TEXT_READERS])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_what_is_no_number_is_refused(reader: str, text: str) -> None:
    read = (READERS | TEXT_READERS)[reader]
    if reader in ("probability", "weight"):
        assert read(text) is None
        return
    with pytest.raises(BoundgenError) as caught:
        read(text)
    assert "\n\n" not in str(caught.value)
    assert len(caught.value.message) < 200


AT_DATA = ("evaluate, parameter", "evaluate, several", "Bounds.evaluate, parameter")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", [True, np.bool_(True), 0.5, np.float64(0.5), float("nan"), float("inf"), None])
def test_values_of_python_that_are_not_exact(reader: str, value: Any) -> None:
    if value is None and reader.startswith("range"):
        return
    if value == 0.5 and reader in AT_DATA:
        assert READERS[reader](value) == Fraction(1, 2), "a float among data is the number as which it prints"
        return
    with pytest.raises(BoundgenError):
        READERS[reader](value)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", [1, Fraction(1, 3), Decimal("0.25"), np.int64(1), np.uint8(1), np.str_("1/3")])
def test_exact_values_of_python(reader: str, value: Any) -> None:
    assert READERS[reader](value) == Fraction(value if not isinstance(value, np.integer) else int(value))


LARGE = {"int": 10**5000, "Fraction": Fraction(1, 10**5000), "Decimal": Decimal("1e999999999"), "nan": Decimal("nan")}


@pytest.mark.parametrize("name", LARGE)
def test_values_that_no_message_can_hold(name: str) -> None:
    with pytest.raises(DataError, match=r"has more than 4000 digits|is not a finite number"):
        rational(LARGE[name], "it")


def test_booleans_are_no_numbers_of_a_model() -> None:
    with pytest.raises(BoundgenError, match="True cannot stand in a model"):
        parameter("h") + True


def test_a_number_of_the_language_may_have_an_exponent() -> None:
    model = Model.parse(MODEL.replace("<= g", "<= 1e-1 g + 2.5E+1/1e2"))
    assert Model.parse(str(model)) == model
    assert "1/4" in str(model)
    assert Model.parse(MODEL.replace("parameter g", "parameter e3").replace("<= g", "<= 2 e3")).parameters


# ---------------------------------------------------------------- options and files
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
@pytest.mark.parametrize(
    "command",
    [
        ("evaluate", "MODEL", "DATA", "--at", "g={}"),
        ("evaluate", "MODEL", "DATA", "--at", "g=0:{}:1/10"),
        ("estimate", "MODEL", "DATA", "--at", "g=0.1,{}"),
        ("estimate", "MODEL", "DATA", "--at", "g=0.1", "--level={}"),
        ("estimate", "MODEL", "DATA", "--at", "g=0.1", "--seed={}"),
        ("estimate", "MODEL", "DATA", "--at", "g=0.1", "--draws={}"),
        ("ask", "MODEL", "--value={}"),
        ("derive", "MODEL", "--time-limit={}"),
        ("derive", "MODEL", "--max-strata={}"),
        ("sweep", "MODEL", "--data", "DATA", "--at", "g={}", "--no-cache"),
        ("mediate", "interaction-iv", "DATA", "--tau-r={}"),
        ("mediate", "iv", "DATA", "--level={}"),
    ],
)
def test_options(run: Run, tmp_path: Path, command: tuple[str, ...], text: str) -> None:
    (tmp_path / "small.bounds").write_text(MODEL)
    (tmp_path / "data.csv").write_text(CSV.format("n", 10, 20))
    put = {"MODEL": str(tmp_path / "small.bounds"), "DATA": str(tmp_path / "data.csv")}
    found = run(*(put.get(part, part.format(text)) for part in command))
    assert_one_paragraph(found)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
@pytest.mark.parametrize("kind", ["count", "probability", "weight"])
def test_columns(run: Run, tmp_path: Path, kind: str, text: str) -> None:
    (tmp_path / "small.bounds").write_text(MODEL)
    (tmp_path / "data.csv").write_text(CSV.format("w" if kind == "weight" else kind, text, "1"), encoding="utf-8")
    options = ("--weights", "w") if kind == "weight" else ()
    found = run("evaluate", str(tmp_path / "small.bounds"), str(tmp_path / "data.csv"), "--at", "g=0.1", *options)
    assert_one_paragraph(found)


def assert_one_paragraph(found: Any) -> None:
    assert (found.status, found.out) == (2, "")
    assert "\n\n" not in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_texts_that_are_compared_with_numbers(text: str) -> None:
    assert as_number(text) is None
    assert count_value(text) is None


@pytest.mark.parametrize(
    ("text", "weight"), [("1e160", Fraction(10**160)), ("1e-165", Fraction(1, 10**165)), ("1/3", Fraction(1, 3))]
)
def test_weights_of_any_size(text: str, weight: Fraction) -> None:
    pandas = pytest.importorskip("pandas")
    rows = pandas.DataFrame({"X": [0, 1, 1], "Y": [0, 1, 1], "w": [text, text, "0.5"]})
    data = read_data(Model.parse(MODEL), rows, weights="w")
    whole_weight = 2 * weight + Fraction(1, 2)
    assert data.probabilities["P(X=0,Y=0)"] == weight / whole_weight
    assert data.arms[0].whole.squares == 2 * weight**2 + Fraction(1, 4)


def test_parameters_of_a_report_are_figures() -> None:
    model = Model.parse(MODEL.replace("[0, 1]", "[0, inf)"))
    with pytest.raises(DataError, match="too large"):
        evaluate(model.bound("risk"), CELLS, {"g": "1e400"})


def test_floats_where_floats_are_good_enough() -> None:
    assert (real("1/4", "it"), real(0.9, "it"), real(np.float32(0.5), "it"), whole(np.int64(7), "it")) == (
        0.25,
        0.9,
        0.5,
        7,
    )
    for value in ("1e400", True, float("nan"), None):
        with pytest.raises(DataError):
            real(value, "it")
    with pytest.raises(DataError, match="not an integer"):
        whole("1.5", "it")


@pytest.mark.parametrize("scale", ["e160", "e-165", "e3"])
def test_the_scale_of_weights_does_not_matter_to_companions(run: Run, tmp_path: Path, scale: str) -> None:
    rows = [(z, (i + z) % 2, (i * z + i // 3) % 2, 1 + i % 3) for z in (0, 1) for i in range(30)]
    found = []
    for name, power in (("plain", ""), ("scaled", scale)):
        file = tmp_path / name / "data.csv"
        file.parent.mkdir()
        lines = [f"{z},{x},{y},{w}{power}" for z, x, y, w in rows]
        file.write_text("\n".join(["A,M,Y,w", *lines]) + "\n")
        answer = run("mediate", "ignorability", str(file), "--weights", "w", "--draws", "0", "--format", "csv")
        assert answer.status == 0, answer.err
        found.append(answer.out)
    first, second = ([line.split(",") for line in text.splitlines()] for text in found)
    assert len(first) == len(second) > 1
    for one, other in zip(chain(*first), chain(*second), strict=True):
        assert one == other or float(one) == pytest.approx(float(other), rel=1e-9, abs=1e-12)


def test_weights_that_floats_do_not_hold_are_refused_by_companions(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("A,M,Y,w\n0,0,1,1\n1,1,0,1e400\n")
    assert_one_paragraph(run("mediate", "ignorability", str(tmp_path / "data.csv"), "--weights", "w"))


@pytest.mark.parametrize(
    "option", [{"level": True}, {"level": "1_0"}, {"seed": 0.5}, {"draws": "1e99999"}, {"seed": True}]
)
def test_options_of_an_estimate(option: dict[str, Any]) -> None:
    data = read_data(Model.parse(MODEL), frame("n", 10), kind="counts")
    with pytest.raises(DataError, match=r"the level|the seed|draws"):
        estimate(bounds(), data, {"g": "0.1"}, **option)
    with pytest.raises(DataError, match="draws"):
        estimate(bounds(), data, {"g": "0.1"}, draws=10**5000)
