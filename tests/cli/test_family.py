"""The verb `family`: what it answers, what it refuses, and with which exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command import Run, assert_refused
from support.scalable import scalable


@pytest.fixture
def model(tmp_path: Path) -> str:
    (tmp_path / "m.bounds").write_text(str(scalable("outcome")), encoding="utf-8")
    return "m.bounds"


def test_forms(run: Run, model: str) -> None:
    text = run("family", model, "--levels", "Y=2..4", "--ascii")
    assert (text.status, text.err) == (0, "")
    assert "sum_{j<i} p_j.0 + sum_{j>i} p_j.1  for all 0 <= i <= k - 1" in text.out
    assert "Sharp for k = 2, ..., 4; conjectured beyond." in text.out
    assert "estimand,side,number,term,for" in run("family", model, "--levels", "Y=2..4", "--format", "csv").out
    assert "\\sum_{j<i}" in run("family", model, "--levels", "Y=2..4", "--format", "latex").out
    assert '"boundgen.family/1"' in run("family", model, "--levels", "Y=2..4", "--format", "json").out


def test_files_and_their_check(run: Run, model: str, tmp_path: Path) -> None:
    words = ("family", model, "--levels", "Y=2..4", "--format")
    found = run(*words, "certificate", "-o", "family.json")
    assert found.out == "family.json: outcome for every number of levels of Y\n"
    checked = run("check-certificate", "family.json")
    assert (checked.status, checked.out.splitlines()[-1]) == (0, "Every step holds.")
    text = (tmp_path / "family.json").read_text(encoding="utf-8")
    (tmp_path / "family.json").write_text(text.replace('"few levels"', '"dropped arms"'), encoding="utf-8")
    wrong = run("check-certificate", "family.json")
    assert wrong.status == 1
    assert "Y is not randomized" in wrong.out
    assert run(*words, "python", "-o", "family.py").status == 0
    assert "def bounds(" in (tmp_path / "family.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ("Y", "write a variable with the fewest and the most levels: Z=3..8."),
        ("Y=4..4", "Y=4..4 has no two numbers of levels: write the smaller one first, Z=3..8."),
        ("Y=4..2", "Y=4..2 has no two numbers of levels: write the smaller one first, Z=3..8."),
    ],
)
def test_levels_that_cannot_be_read(run: Run, model: str, levels: str, said: str) -> None:
    message = f"boundgen: Invalid value for '--levels': {said}\n  Try: boundgen family --help"
    assert_refused(run("family", model, "--levels", levels), message)


def test_what_is_named_and_not_there(run: Run, model: str) -> None:
    found = run("family", model, "--levels", "X=1..3")
    assert (found.status, found.out) == (2, "")
    assert "X=1 is named, and is not among 1 levels" in found.err
    assert "Begin with 2 levels: --levels X=2..5" in found.err


def test_kinds_that_do_not_come_back(run: Run, tmp_path: Path) -> None:
    text = str(scalable("outcome_of_instrument")).replace("P(Y(1)=1)", "E[Y(1) - Y(0)]")
    (tmp_path / "m.bounds").write_text(text, encoding="utf-8")
    found = run("family", "m.bounds", "--levels", "Y=2..3")
    assert (found.status, found.out) == (3, "")
    assert "have no kinds that come back" in found.err
    assert "--levels Y=2..5" in found.err


def test_an_estimand_without_kinds_does_not_take_the_others_down(run: Run, tmp_path: Path) -> None:
    (tmp_path / "m.bounds").write_text(
        f"{scalable('outcome')}estimand ratio = P(Y(1)=1) / P(Y(0)=1)\n", encoding="utf-8"
    )
    found = run("family", "m.bounds", "--levels", "Y=2..4")
    assert found.status == 3
    assert "helped ≥" in found.out
    assert found.err.startswith("boundgen: ratio: not answered")


@pytest.mark.slow
def test_time_ends_the_derivations_and_not_the_answer(run: Run, tmp_path: Path) -> None:
    (tmp_path / "m.bounds").write_text(str(scalable("instrument")), encoding="utf-8")
    found = run("family", "m.bounds", "--levels", "Z=2..40", "--time-limit", "4")
    assert found.status == 3
    assert "ate ≥ max{" in found.out
    assert "levels were not derived" in found.err
