"""Times and sizes of the published peers' models: ``make bench``.

For each model: the closed form derived inside a running process, the whole process from the command line,
its peak memory, and the same enumeration by the other exact engine in the same run. The R peer's seconds
are those of causaloptim inside R, on another machine; compare them as orders of magnitude.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from page import write_into_page

from boundgen import Model, derive
from boundgen.polyhedra.libraries import cdd_installed

REPEATS = 3
SLOW_FOR_CDD = {"instrument, 5 levels", "instrument 3 levels, treatment 3 levels"}


@dataclass(frozen=True)
class Case:
    """A model, the R peer's seconds, and how many times faster the derivation should be."""

    name: str
    text: str
    peer: float | None = None
    goal: float | None = None


def instrument(levels: int, treatments: int = 2) -> str:
    return f"""model instrument
variable Z in 0..{levels - 1} randomized
variable X(Z) in 0..{treatments - 1}
variable Y(X) in {{0, 1}}
observe P(X, Y | Z)
estimand ate = E[Y(1) - Y(0)]
"""


def mediator(levels: int, estimand: str = "E[Y(1, M(0)) - Y(0, M(0))]") -> str:
    return f"""model mediator
variable A in {{0, 1}} randomized
variable M(A) in 0..{levels - 1}
variable Y(A, M) in {{0, 1}}
observe P(Y, M | A)
estimand effect = {estimand}
"""


def two_mediators(second: str, estimand: str) -> str:
    return f"""model two_mediators
variable X in {{0, 1}} randomized
variable M1(X) in {{0, 1}}
variable M2({second}) in {{0, 1}}
variable Y(X, M1, M2) in {{0, 1}}
observe P(M1, M2, Y | X)
estimand effect = {estimand}
"""


CASES = [
    Case("binary instrument", instrument(2), 0.07, 4),
    Case("natural direct effect, 2-level mediator", mediator(2), 0.23),
    Case("natural direct effect, 3-level mediator", mediator(3), 2.2, 20),
    Case("natural direct effect, 4-level mediator", mediator(4), 20.5, 100),
    Case(
        "two parallel mediators, joint direct effect",
        two_mediators("X", "E[Y(1, M1(0), M2(0)) - Y(0, M1(0), M2(0))]"),
        25,
        100,
    ),
    Case(
        "two sequential mediators, controlled direct effect",
        two_mediators("X, M1", "P(Y(1, 0, 0)=1) - P(Y(0, 0, 0)=1)"),
        126,
        500,
    ),
    Case("instrument 3 levels, treatment 3 levels", instrument(3, 3), 1.5, 4),
    Case("instrument, 4 levels", instrument(4), 0.67, 4),
    Case("instrument, 5 levels", instrument(5), 5.5, 4),
    Case("natural indirect effect, 10-level mediator", mediator(10, "E[Y(1, M(1)) - Y(1, M(0))]")),
]


def best(action: Callable[[], object]) -> float:
    """The shortest of a few runs: the machine is noisy, and noise only adds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def whole_process(text: str) -> tuple[float, int]:
    """Seconds and peak memory (MiB) of ``boundgen derive`` on a file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "model.bounds")
        file.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "boundgen", "derive", str(file), "--no-conditions", "--format", "json"]
        sink = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
        start = time.perf_counter()
        child = os.posix_spawn(sys.executable, command, dict(os.environ), file_actions=sink)
        _, status, usage = os.wait4(child, 0)
        seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"boundgen failed on\n{text}")
    kibibytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return seconds, round(kibibytes / 1024)


def row(case: Case) -> str:
    model = Model.parse(case.text)
    bounds = derive(model, conditions=False).bounds[0]
    inside = best(lambda: derive(model, conditions=False))
    process, memory = min(whole_process(case.text) for _ in range(REPEATS))
    cdd = "not run"
    if cdd_installed() and case.name not in SLOW_FOR_CDD:
        cdd = f"{best(lambda: derive(model, engine='cdd', conditions=False)):.3f}"
    peer = "" if case.peer is None else f"{case.peer:g}"
    faster = "" if case.peer is None else f"{case.peer / inside:.0f}"
    goal = "" if case.goal is None else f"{case.goal:g}"
    terms = f"{len(bounds.lower.terms)} + {len(bounds.upper.terms)}"
    cells = [case.name, terms, f"{inside:.3f}", cdd, f"{process:.2f}", str(memory), peer, faster, goal]
    return f"| {' | '.join(cells)} |"


def table() -> Iterator[str]:
    head = (
        "model, terms, inside (s), engine cdd (s), whole process (s), peak (MiB), causaloptim (s), times faster, goal"
    )
    yield f"| {head.replace(', ', ' | ')} |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for case in CASES:
        yield row(case)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into docs/guide/large-models.md")
    options = parser.parse_args()
    lines = []
    for line in table():
        print(line, flush=True)
        lines.append(line)
    if options.write:
        write_into_page("speed", lines)


if __name__ == "__main__":
    main()
