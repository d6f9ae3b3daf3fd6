"""The same information gives the same bytes, or is refused in one paragraph: at the command line, in any dialect."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.command import Result, Run

MODEL = (
    "model two\nvariable A in {0, 1} randomized\nvariable M(A) in {0, 1}\nvariable Y(A) in {0, 1}\n"
    "observe P(Y, M | A)\nestimand e = E[Y(1) - Y(0)]\nestimand both = P(Y(0)=0, Y(1)=1)\n"
)
ALL = list(itertools.product((0, 1), repeat=3))
# Thousands: of these a comma, a point or a blank may be read as a decimal one.
COUNTS = dict(zip(ALL, (2031, 200, 23, 1870, 310, 1001, 7, 12000), strict=True))
ARMS = {a: sum(n for row, n in COUNTS.items() if row[0] == a) for a in (0, 1)}
TOTAL = sum(ARMS.values())
Row = Sequence[object]
NO_FIXTURE = [HealthCheck.function_scoped_fixture]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("two.bounds").write_text(MODEL)


@dataclass(frozen=True)
class Form:
    """A table of the units, and what is said of it at the command line."""

    header: Row
    rows: Sequence[Row]
    options: tuple[str, ...] = ()


WORDS = {0: ("control", "never", "no"), 1: ("treated", "2nd, or later", "yes")}
FORMS = {
    "counts": Form("A M Y n".split(), [[*row, n] for row, n in COUNTS.items()]),
    "joint": Form("A M Y prob".split(), [[*row, f"{n}/{TOTAL}"] for row, n in COUNTS.items()]),
    "shares": Form("A M Y prob".split(), [[*row, f"{n}/{ARMS[row[0]]}"] for row, n in COUNTS.items()]),
    "labels": Form(
        "A M Y n".split(),
        [[*(WORDS[value][i] for i, value in enumerate(row)), n] for row, n in COUNTS.items()],
        ("--recode", "A=values(control=0, treated=1), M=values(never=0, else=1), Y=values(no=0, yes=1)"),
    ),
    "weights": Form(
        "A M Y w".split(), [[*row, n] for row, n in COUNTS.items()], ("--weights", "w", "--kind", "microdata")
    ),
    "events": Form(
        "A M deaths total".split(),
        [[a, m, COUNTS[a, m, 1], COUNTS[a, m, 0] + COUNTS[a, m, 1]] for a, m in itertools.product((0, 1), repeat=2)],
        ("--events", "Y=deaths", "--totals", "total"),
    ),
    "across": Form(
        ["A", "M", "Y=0", "Y=1"],
        [[a, m, COUNTS[a, m, 0], COUNTS[a, m, 1]] for a, m in itertools.product((0, 1), repeat=2)],
    ),
    "cells": Form(
        ["cell", "count"], [[f"P(Y={y},M={m}|A={a})", n] for (a, m, y), n in COUNTS.items()]
    ),
    "renamed": Form(
        ["P", "E, or not", "Y", "Freq"], [[*row, n] for row, n in COUNTS.items()], ("--map", 'A=P,M="E, or not"')
    ),
}  # fmt: skip
UNITS = [name for name in FORMS if name not in ("joint", "shares", "weights")]


def written(form: Form) -> str:
    """The plain file, comma separated."""
    lines = [",".join(f'"{value}"' for value in row) for row in (form.header, *form.rows)]
    Path("t.csv").write_text("\n".join(lines) + "\n")
    return "t.csv"


def rows_file() -> str:
    """One row for each unit."""
    lines = [f"{a},{m},{y}\n" * n for (a, m, y), n in COUNTS.items()]
    Path("rows.csv").write_text("".join(["A,M,Y\n", *lines]))
    return "rows.csv"


def asked(run: Run, verb: str, source: str, *options: str, form: str = "csv") -> Result:
    return run(verb, "two.bounds", source, *options, "--format", form)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_evaluate_gives_the_same_bytes(run: Run, form: str) -> None:
    expected = asked(run, "evaluate", rows_file(), form=form)
    assert (expected.status, expected.err) == (0, "")
    for name, table in FORMS.items():
        assert asked(run, "evaluate", written(table), *table.options, form=form) == expected, name


def test_estimate_gives_the_same_bytes_where_units_are_known(run: Run) -> None:
    expected = asked(run, "estimate", rows_file())
    assert (expected.status, expected.err) == (0, "")
    for name in UNITS:
        assert asked(run, "estimate", written(FORMS[name]), *FORMS[name].options) == expected, name


def test_shares_give_no_intervals_and_weights_the_same_bounds(run: Run) -> None:
    for name in ("joint", "shares"):
        found = asked(run, "estimate", written(FORMS[name]), *FORMS[name].options)
        assert_one_paragraph(found)
        assert "probabilities" in found.err
    rows, weights = (
        [line.split(",")[:6] for line in asked(run, "estimate", source, *options).out.splitlines()]
        for source, options in ((rows_file(), ()), (written(FORMS["weights"]), FORMS["weights"].options))
    )
    assert [row[:3] for row in rows] == [row[:3] for row in weights]


def assert_one_paragraph(found: Result) -> None:
    assert (found.status, found.out) == (2, ""), found
    assert found.err.endswith("\n")
    assert found.err.strip()
    assert "\n\n" not in found.err
    assert "Traceback" not in found.err


# ---------------------------------------------------------------- dialects
NUMBERS: dict[str, Callable[[int], str]] = {
    "plain": str,
    "float": lambda n: f"{n}.0",
    "padded": lambda n: f"{n}.000",
    "scientific": lambda n: f"{n:.6e}",
    "plus": lambda n: f"+{n}",
    "zeros": lambda n: f"0{n}",
    "English": lambda n: f"{n:,}",
    "German": lambda n: f"{n:,}".replace(",", "."),
    "French": lambda n: f"{n:,}".replace(",", "\u202f"),
    "spaced": lambda n: f"{n:,}".replace(",", " "),
    "Swiss": lambda n: f"{n:,}".replace(",", "\u2019"),
    "decimal comma": lambda n: f"{n},0",
    "underscore": lambda n: f"{n:_}",
    "percent": lambda n: f"{n}%",
}
NAMES: dict[str, Callable[[str], str]] = {
    "same": str,
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "spaced": lambda name: f" {name} ",
    "hard blank": lambda name: f"{name}\u00a0",
    "full width": lambda name: name.replace("A", "\uff21"),
    "Cyrillic": lambda name: name.replace("A", "\u0410"),
    "doubled": lambda name: f"{name}.1",
}


@st.composite
def dialects(draw: Any) -> tuple[str, str, str, tuple[str, ...]]:
    """The name of a form, the text of its file, how it is encoded, and the options."""
    name = draw(st.sampled_from(sorted(FORMS)))
    form = FORMS[name]
    number = NUMBERS[draw(st.sampled_from([*["plain"] * 6, *NUMBERS]))]
    called = NAMES[draw(st.sampled_from([*["same"] * 6, *NAMES]))]
    columns = draw(st.permutations(range(len(form.header))))
    rows = draw(st.permutations(form.rows))
    header = [called(str(name)) for name in form.header]
    # A level of a variable, and an amount, may be written in different ways.
    which = draw(st.sampled_from(["all", "amounts", "one"]))
    one = draw(st.tuples(st.integers(0, len(rows) - 1), st.integers(0, len(header) - 1)))
    found = []
    for i, row in enumerate(rows):
        texts = []
        for j, value in enumerate(row):
            chosen = which == "all" or (which == "amounts" and j == len(row) - 1) or (i, j) == one
            texts.append(number(value) if isinstance(value, int) and chosen else str(value))
        found.append(texts)
    separator = draw(st.sampled_from([",", ";", "\t", "|", " ", ":"]))
    quote = draw(st.sampled_from(["needed", "needed", "all", "none", "single"]))
    pad = draw(st.sampled_from(["", "", " ", "\t"]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    before = draw(st.sampled_from(["", "", "\ufeff", "# a note\n", "\n", "Table 1\n", "sep=;\n"]))
    after = draw(st.sampled_from(["", end, end * 3, f"{end}Total", f"{end}# end"]))
    extra = draw(st.sampled_from(["", "", "id", "n", "count", "A", "weight"]))

    def field(text: str) -> str:
        bare = quote == "none" or (quote == "needed" and separator not in text and '"' not in text)
        mark = "'" if quote == "single" else '"'
        return f"{pad}{text if bare else mark + text + mark}{pad}"

    lines = []
    for i, texts in enumerate([header, *found]):
        more = [extra if i == 0 else str(i)] if extra else []
        lines.append(separator.join(map(field, [*(texts[j] for j in columns), *more])))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "latin-1", "cp1252"]))
    return name, before + end.join(lines) + after, encoding, form.options


@settings(max_examples=60, deadline=None, suppress_health_check=NO_FIXTURE)
@given(dialects())
def test_no_dialect_gives_other_numbers(run: Run, drawn: tuple[str, str, str, tuple[str, ...]]) -> None:
    name, text, encoding, options = drawn
    Path("d.csv").write_bytes(text.encode(encoding, errors="replace"))
    found = asked(run, "evaluate", "d.csv", *options)
    if found.status:
        assert_one_paragraph(found)
    else:
        assert found.out == asked(run, "evaluate", written(FORMS["counts"])).out, name
