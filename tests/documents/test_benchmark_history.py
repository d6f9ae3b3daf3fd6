"""The history of the benchmarks: every line can be read, and what has become slower is named."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support.paths import ROOT

FOLDER = ROOT / "tests" / "benchmarks"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_history", FOLDER / "history.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


history = load()


def run(**ratios: float) -> dict[str, Any]:
    return {"ratios": ratios}


def test_what_takes_half_as_long_again_is_named() -> None:
    earlier = [run(iv=1.0, nde=2.0), run(iv=1.2, nde=2.0), run(iv=0.8, nde=2.0)]
    assert history.regressions(earlier, run(iv=1.4, nde=2.9)) == []
    assert history.regressions(earlier, run(iv=1.6, nde=2.9)) == ["iv: 1.6 times as long as in the last 3 runs"]


def test_the_last_five_runs_count() -> None:
    earlier = [run(iv=1.0), *[run(iv=3.0)] * 5]
    assert history.regressions(earlier, run(iv=4.0)) == []


def test_the_first_run_and_a_new_problem_have_nothing_to_be_compared_with() -> None:
    assert history.regressions([], run(iv=9.0)) == []
    assert history.regressions([run(iv=1.0)], run(nde=9.0)) == []


def test_a_run_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "HISTORY", tmp_path / "docs" / "history.jsonl")
    (tmp_path / "docs").mkdir()
    for ratio in (1.0, 2.0):
        history.append(run(iv=ratio))
    assert history.read() == [run(iv=1.0), run(iv=2.0)]


def test_kept_runs_say_when_what_and_where() -> None:
    for kept in history.read():
        assert set(kept) == {"date", "version", "commit", "python", "machine", "ratios", "seconds"}
        assert set(kept["ratios"]) == set(kept["seconds"])
