"""Values that are missing by selection: refused with the statement that says so, which then works with that file."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from boundgen import Model, read_data
from boundgen.errors import DataError
from support.command import Run

TEXT = """model selected
variable D in {0, 1} randomized
variable S(D) in {0, 1}
variable Y(D, S) in {0, 1}
observe P(Y, S | D)
estimand e = E[Y(1, 1) - Y(0, 1)]
"""
# D, S, Y, how many: Y is seen where S is 1.
ROWS = [(0, 0, "", 12), (0, 1, 0, 10), (0, 1, 1, 20), (1, 0, "", 9), (1, 1, 0, 8), (1, 1, 1, 22)]
WHERE = "P(Y={y},S=1|D={d})"
EXPECTED = {WHERE.format(y=y, d=d): n / (42 if d == 0 else 39) for d, s, y, n in ROWS if s}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(rows: list[tuple[Any, ...]], names: str = "D,S,Y", *, counts: bool = False) -> str:
    lines = [",".join(map(str, row[: None if counts else -1])) for row in rows for _ in range(1 if counts else row[-1])]
    Path("d.csv").write_text("\n".join([names + ",count" * counts, *lines]) + "\n")
    return "d.csv"


def refusal(text: str, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        read_data(Model.parse(text), "d.csv", **options)
    assert "\n\n" not in str(caught.value)
    return str(caught.value)


def advised(text: str, message: str) -> Model:
    """The model with the statements that a message advises."""
    match = re.search(r"seen: (.*) instead of (observe P\(.*\))\.$", message)
    assert match, message
    return Model.parse(text.replace(match[2], match[1].replace(" and observe", "\nobserve")))


@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize("code", ["", "NA", "99"])
def test_an_outcome_that_is_seen_where_selected(drop: bool, counts: bool, code: str) -> None:
    write([(d, s, code if y == "" else y, n) for d, s, y, n in ROWS], counts=counts)
    message = refusal(TEXT, drop_missing=drop)
    assert message == (
        "d.csv: Y is missing in every unit with S=0, 21 of 81: without these units the bounds would be about selected "
        "units alone\n  Let the model say where Y is seen: observe P(Y, S=1 | D) instead of observe P(Y, S | D)."
    )
    found = read_data(advised(TEXT, message), "d.csv").probabilities
    assert {cell: float(share) for cell, share in found.items()} == EXPECTED


def test_the_command_gives_bounds_of_all_units(run: Run) -> None:
    write(ROWS)
    Path("m.bounds").write_text(TEXT)
    for verb, more in itertools.product(("evaluate", "estimate"), ((), ("--drop-missing",))):
        found = run(verb, "m.bounds", "d.csv", *more)
        assert (found.status, found.out) == (2, "")
        assert "observe P(Y, S=1 | D)" in found.err
    Path("m.bounds").write_text(TEXT.replace("P(Y, S |", "P(Y, S=1 |"))
    # Y(1,1) is 1 in 22 of 39 units at least, and at most where it is not seen to be 0.
    low, high = 22 / 39 - (1 - 10 / 42), (1 - 8 / 39) - 20 / 42
    assert f"{low:.4f}".replace("-", "\u2212") in (text := run("evaluate", "m.bounds", "d.csv").out)
    assert f"{high:.4f}" in text


def test_some_outcomes_that_are_missing_among_the_selected_too() -> None:
    write([*ROWS, (1, 1, "", 3)])
    message = refusal(TEXT, drop_missing=True)
    assert "observe P(Y, S=1 | D) instead of" in message
    model = advised(TEXT, message)
    with pytest.raises(DataError, match="3 of 84 rows miss a value: Y 3"):
        read_data(model, "d.csv")
    assert read_data(model, "d.csv", drop_missing=True).sources[0].used == 81


def test_what_is_missing_here_and_there_may_be_dropped() -> None:
    write([*ROWS[1:3], *ROWS[4:], (0, 0, 1, 5), (1, 0, 0, 5), (1, 0, "", 1), (0, 1, "", 2)])
    assert refusal(TEXT).endswith("drop_missing=True leaves them out.")
    assert read_data(Model.parse(TEXT), "d.csv", drop_missing=True).sources[0].dropped_units == 3


def test_one_unit_alone_in_its_level_may_be_dropped() -> None:
    write([*ROWS[1:3], *ROWS[4:], (0, 0, "", 1)])
    assert refusal(TEXT).endswith("drop_missing=True leaves them out.")


def test_other_outcomes_and_levels_keep_their_law() -> None:
    text = (
        TEXT.replace("S(D) in {0, 1}", "S(D) in 0..3")
        .replace("observe P(Y, S | D)", "variable W(D) in {0, 1}\nobserve P(Y, W, S | D)")
        .replace("Y(D, S) in {0, 1}", "Y(D, S) in {0, 1}")
    )
    rows = [
        (d, s, w, "" if s < 2 else y, 2 + d + s) for d, s, w, y in itertools.product((0, 1), range(4), (0, 1), (0, 1))
    ]
    write(rows, "D,S,W,Y")
    message = refusal(text, drop_missing=True)
    assert "with S=0, 1, " in message
    model = advised(text, message)
    assert "observe P(Y, W, S=2 | D)\nobserve P(Y, W, S=3 | D)\nobserve P(W, S | D)" in str(model)
    found = read_data(model, "d.csv").probabilities
    whole = sum(n for d, *_, n in rows if d == 0)
    assert found["P(W=1,S=0|D=0)"] * whole == sum(n for d, s, w, _, n in rows if (d, s, w) == (0, 0, 1))
    assert found["P(Y=1,W=0,S=3|D=0)"] * whole == 5


def test_the_selection_may_stand_in_another_statement() -> None:
    text = TEXT.replace("observe P(Y, S | D)", "observe P(Y | D)\nobserve P(S | D)")
    write(ROWS)
    message = refusal(text, drop_missing=True)
    assert "observe P(Y, S=1 | D) instead of observe P(Y | D)." in message
    found = read_data(advised(text, message), "d.csv").probabilities
    assert {cell: float(found[cell]) for cell in EXPECTED} == EXPECTED


def test_selection_in_one_arm_alone() -> None:
    write([(0, 0, 0, 6), (0, 0, 1, 6), *ROWS[1:]])
    message = refusal(TEXT, drop_missing=True)
    assert "Y is missing in every unit" in message
    found = read_data(advised(TEXT, message), "d.csv").probabilities
    assert {cell: float(share) for cell, share in found.items()} == EXPECTED


def test_a_value_that_no_domain_has_is_no_selection() -> None:
    write([(d, s, 2 if y == "" else y, n) for d, s, y, n in ROWS] + [(0, 1, 2, 3)])
    assert "holds values that are not in {0, 1}: '2' 24 times" in refusal(TEXT)


@pytest.mark.parametrize("where", [{}, {"where": "S=1"}])
def test_rows_of_the_selected_alone_are_refused_as_their_counts_are(where: dict[str, str]) -> None:
    text = TEXT.replace("P(Y, S |", "P(Y, S=1 |")
    selected = [row for row in ROWS if row[1]]
    write(ROWS if where else selected)
    assert refusal(text, **where) == (
        "d.csv: every row has S=1, so nothing says how many units have not\n"
        "  Add a row for each unit without S=1; what is not seen of it stays empty. "
        "If there are none, give counts, with such a row of count 0 in each arm."
    )
    write(selected, counts=True)
    assert "nothing says how many units of the arm D=0 are in none of the observed cells" in refusal(text)
    write([*selected, (0, 0, "", 0), (1, 0, "", 0)], counts=True)
    assert read_data(Model.parse(text), "d.csv").counts["P(Y=1,S=1|D=0)"] == 20


def test_an_arm_where_all_are_selected() -> None:
    write([row for row in ROWS if row[0] == 0 or row[1]])
    found = read_data(Model.parse(TEXT.replace("P(Y, S |", "P(Y, S=1 |")), "d.csv").probabilities
    assert found["P(Y=1,S=1|D=1)"] * 30 == 22
