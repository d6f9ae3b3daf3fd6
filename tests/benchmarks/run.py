"""Times and sizes of the published peers' models: ``make bench``.

For each model: the closed form derived inside a running process, the whole process from the command line,
its peak memory, and the same enumeration by the other exact engine in the same run. The R peer's seconds
are those of causaloptim inside R, on another machine; compare them as orders of magnitude.

Each run adds a line to ``docs/benchmarks/history.jsonl``. Status 1 where something takes half as long again as in
earlier runs.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import history

from boundgen import Model, derive
from boundgen.polyhedra.libraries import cdd_installed
from page import write_into_page

REPEATS = 3
ENOUGH = 0.5  # seconds
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


@dataclass(frozen=True)
class Seconds:
    """By the clock, and of the processor, which a busy machine changes less."""

    clock: float
    processor: float


def best(action: Callable[[], object]) -> Seconds:
    """The shortest of some runs, more of short ones: the machine is noisy, and noise only adds."""
    clock: list[float] = []
    processor: list[float] = []
    while len(clock) < REPEATS or sum(clock) < ENOUGH:
        start, used = time.perf_counter(), processor_time()
        action()
        clock.append(time.perf_counter() - start)
        processor.append(processor_time() - used)
    return Seconds(min(clock), min(processor))


def processor_time() -> float:
    """Seconds of this process and of children that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


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


@dataclass(frozen=True)
class Measured:
    """What was measured of a case; seconds, but for the terms and the memory."""

    case: Case
    terms: str
    inside: Seconds
    yardstick: Seconds
    cdd: Seconds | None
    process: float
    memory: int

    @property
    def faster(self) -> float | None:
        """How many times faster than the R peer."""
        return None if self.case.peer is None else self.case.peer / self.inside.clock


def measured(case: Case) -> Measured:
    model = Model.parse(case.text)
    bounds = derive(model, conditions=False).bounds[0]
    terms = f"{len(bounds.lower.terms)} + {len(bounds.upper.terms)}"
    unit = best(history.yardstick)
    inside = best(lambda: derive(model, conditions=False))
    process, memory = min(whole_process(case.text) for _ in range(REPEATS))
    cdd = None
    if cdd_installed() and case.name not in SLOW_FOR_CDD:
        cdd = best(lambda: derive(model, engine="cdd", conditions=False))
    return Measured(case, terms, inside, unit, cdd, process, memory)


def row(result: Measured) -> str:
    case = result.case
    cdd = "not run" if result.cdd is None else f"{result.cdd.clock:.3f}"
    peer = "" if case.peer is None else f"{case.peer:g}"
    faster = "" if result.faster is None else f"{result.faster:.0f}"
    goal = "" if case.goal is None else f"{case.goal:g}"
    times = [f"{result.inside.clock:.3f}", cdd, f"{result.process:.2f}"]
    return f"| {' | '.join([case.name, result.terms, *times, str(result.memory), peer, faster, goal])} |"


def head() -> list[str]:
    names = "model, terms, inside (s), engine cdd (s), process (s), peak (MiB), causaloptim (s), times faster, goal"
    return [f"| {names.replace(', ', ' | ')} |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into docs/guide/large-models.md")
    options = parser.parse_args()
    print(*head(), sep="\n", flush=True)
    results: list[Measured] = []
    for case in CASES:
        results.append(measured(case))
        print(row(results[-1]), flush=True)
    if options.write:
        write_into_page("speed", [*head(), *map(row, results)])
    slower = kept_run(results)
    if slower:
        raise SystemExit("\n".join(["slower than it was:", *slower]))


def kept_run(results: Sequence[Measured]) -> list[str]:
    """Add the run to the history, and say what has become slower since the last ones."""
    run = history.line(
        {result.case.name: result.inside.processor / result.yardstick.processor for result in results},
        {result.case.name: result.inside.processor for result in results},
    )
    earlier = history.read()
    history.append(run)
    return history.regressions(earlier, run)


if __name__ == "__main__":
    main()
