"""Small models: whole processes beside the import of two libraries, and derivations inside a running process.

``python tests/benchmarks/starts.py`` prints the tables; with ``--write`` they become the last section of
docs/benchmarks.md, where ``enumeration.py`` puts them too.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from run import best, instrument

from boundgen import Model, derive

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEADING = "## Small ones at once"
ABOUT = (
    "Seconds of the processor, the least of some runs. A process is counted from its start to its end, with Python's "
    "own start; beside it stands what the import of numpy and sympy takes in the same minute, which this page takes "
    "for a yardstick. Inside a running process both sides of the average effect of an instrument are derived, with "
    "testable implications.\n"
)
RUNS = 5
YARDSTICK = ("-c", "import numpy, sympy")
Command = tuple[str, ...]


@dataclass(frozen=True)
class Process:
    """What is started, and the goal: seconds, or times the yardstick."""

    name: str
    command: Command
    seconds: float | None = None
    times: float | None = None


PROCESSES = (
    Process("`import boundgen`", ("-c", "import boundgen"), 0.1),
    Process("`boundgen catalogue`", ("-m", "boundgen", "catalogue"), 0.3),
    Process("`boundgen derive iv_ate`", ("-m", "boundgen", "derive", "iv_ate"), None, 1),
    Process("`boundgen derive mediation_mmr`", ("-m", "boundgen", "derive", "mediation_mmr"), None, 1),
    Process("`boundgen verify --all`", ("-m", "boundgen", "verify", "--all"), 5),
)
# Levels of the instrument, and the goal in milliseconds.
INSIDE = ((2, 4), (3, None), (4, 60), (5, 150))


def processor_seconds(command: Command) -> float:
    """What one process takes, its system's time included."""
    sink = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    child = os.posix_spawn(sys.executable, [sys.executable, *command], dict(os.environ), file_actions=sink)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime


def least_in_turn(commands: Sequence[Command], runs: int = RUNS) -> list[float]:
    """The least seconds of each command; they run in turn, so that a busy minute is one for all."""
    rounds = [[processor_seconds(command) for command in commands] for _ in range(runs)]
    return [min(of_command) for of_command in zip(*rounds, strict=True)]


def process_row(process: Process) -> str:
    own, yardstick = least_in_turn((process.command, YARDSTICK))
    goal = f"{process.seconds:g} s" if process.seconds else f"{process.times:g} times"
    return f"| {process.name} | {own:.2f} | {own / yardstick:.2f} | {goal} |"


def inside_row(levels: int, goal: float | None) -> str:
    model = Model.parse(instrument(levels))
    bounds, conditions = derive(model).bounds[0], derive(model).conditions or ()
    terms = f"{len(bounds.lower.terms)} + {len(bounds.upper.terms)}"
    milliseconds = 1000 * best(lambda: derive(model)).processor
    return f"| {levels} | {terms} | {len(conditions)} | {milliseconds:.1f} | {goal or ''} |"


def section(shown: Callable[[str], object] = lambda _: None) -> str:
    """Both tables, below a heading; lines are shown as they come."""
    lines: list[str] = []

    def add(line: str) -> None:
        lines.append(line)
        shown(line)

    for line in ("| process | processor (s) | times numpy and sympy | goal |", "| --- | --- | --- | --- |"):
        add(line)
    for process in PROCESSES:
        add(process_row(process))
    for line in ("", "| levels of the instrument | terms | implications | inside (ms) | goal (ms) |"):
        add(line)
    add("| --- | --- | --- | --- | --- |")
    for levels, goal in INSIDE:
        add(inside_row(levels, goal))
    return "\n".join([HEADING, "", ABOUT, *lines]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the tables into docs/benchmarks.md")
    options = parser.parse_args()
    text = section(print)
    if options.write:
        before = PAGE.read_text(encoding="utf-8").partition(HEADING)[0].rstrip("\n")
        PAGE.write_text(f"{before}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
