"""Hard polyhedra, engine against engine in one run: ``make bench`` writes docs/benchmarks.md and its picture.

Each engine derives each problem in a process of its own, whose time is limited; seconds are of the stages inside it.
causaloptim runs too, on the same problems, where R and it are installed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import starts

from page import write_into_page

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
ENGINES = ("orbits", "ppl", "cdd")
DONE = "orbits of vertices"
# The decomposition is given more time than the others: it is the one that may finish.
PATIENCE = 5
REPEATS, LONG = 3, 5


def instrument(levels: int, treatments: int = 2, outcomes: int = 2, estimand: str = "P(Y(1)=1) - P(Y(0)=1)") -> str:
    return f"""model iv
variable Z in 0..{levels - 1} randomized
variable X(Z) in 0..{treatments - 1}
variable Y(X) in 0..{outcomes - 1}
observe P(X, Y | Z)
estimand effect = {estimand}
"""


THREE_INSTRUMENTS = """model three
variable Z1 in {0, 1} randomized
variable Z2 in {0, 1} randomized
variable Z3 in {0, 1} randomized
variable X(Z1, Z2, Z3) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z1, Z2, Z3)
estimand effect = E[Y(1) - Y(0)]
"""
MEDIATOR_INSTRUMENT = """model kim
variable A in {0, 1} randomized
variable Z in 0..2 randomized
variable M(A, Z) in {0, 1}
variable Y(A, M) in {0, 1}
observe P(Y, M | A, Z)
estimand effect = E[Y(1, M(1, 0)) - Y(1, M(0, 0))]
"""
# Name, text, and the seconds that were the goal.
PROBLEMS: list[tuple[str, str, float | None]] = [
    *((f"instrument, {k} levels", instrument(k), goal) for k, goal in ((3, None), (4, None), (5, None))),
    *((f"instrument, {k} levels", instrument(k), goal) for k, goal in ((6, 2), (7, 6), (8, 20))),
    ("instrument 4 levels, treatment 3", instrument(4, 3), 8),
    ("three binary instruments", THREE_INSTRUMENTS, None),
    ("mediator with a 3-level instrument", MEDIATOR_INSTRUMENT, 1),
    ("3 x 3 x 3 levels, one value of Y", instrument(3, 3, 3), None),
    ("3 x 3 x 3 levels, mean of Y", instrument(3, 3, 3, "E[Y(1) - Y(0)]"), None),
    ("instrument 5 levels, treatment 5", instrument(5, 5), None),
]


def measure(text: str, engine: str) -> dict[str, Any]:
    """One derivation, without testable implications, in this process."""
    import time

    from boundgen import Model
    from boundgen.bounds.posing import estimand_program
    from boundgen.derivation import derive
    from boundgen.program.reduced import reduce
    from boundgen.strata.cells import observed_arms
    from boundgen.work.limits import Budget, Limits, memory_used

    model = Model.parse(text)
    limits = Limits(strata=10**6, entries=10**8)
    start = time.perf_counter()
    program = estimand_program(model, observed_arms(model, limits), model.estimands[0], Budget(limits)).program
    strata = time.perf_counter()
    reduced = reduce(program)
    reductions = time.perf_counter()
    # The best of a few runs: noise only adds, and the first one imports libraries.
    whole = float("inf")
    for _ in range(REPEATS):
        remarks: list[str] = []
        begun = time.perf_counter()
        found = derive(model, engine=engine, conditions=False, limits=limits, remark=remarks.append)
        whole = min(whole, time.perf_counter() - begun)
        if time.perf_counter() - reductions > LONG:
            break
    dual = found.stages[0].lower.dual
    return {
        "strata": sum(column.merged for column in program.columns),
        "columns": len(reduced.program.columns),
        "dimension": dual.dimension,
        "terms": f"{len(found.bounds[0].lower.terms)} + {len(found.bounds[0].upper.terms)}",
        "orbits": next((remark.split()[0] for remark in remarks if DONE in remark), ""),
        "strata_seconds": strata - start,
        "reduction_seconds": reductions - strata,
        "seconds": whole,
        "memory": memory_used(),
    }


def in_child(text: str, engine: str, timeout: float) -> dict[str, Any] | None:
    """The measures, or None where the time is over."""
    command = [sys.executable, __file__, "--one", engine]
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=timeout, check=True)
    except subprocess.TimeoutExpired:
        return None
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def causaloptim(timeout: float) -> dict[str, float]:
    """Seconds of the R peer for the problems that it can state; empty where it is not installed."""
    if shutil.which("Rscript") is None:
        return {}
    try:
        done = subprocess.run(
            ["Rscript", str(HERE / "causaloptim.R")], capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return {}
    lines = [line.rsplit(",", 1) for line in done.stdout.splitlines() if "," in line]
    return {name: float(seconds) for name, seconds in lines}


def row(name: str, found: dict[str, dict[str, Any] | None], goal: float | None, peer: dict[str, float]) -> str:
    best = found["orbits"]
    shown = best or next((each for each in found.values() if each), {})
    cells = [name, *(str(shown.get(key, "")) for key in ("strata", "columns", "dimension", "terms"))]
    cells.append(str(best["orbits"]) if best else "")
    cells += [f"{shown[key]:.2f}" if shown else "" for key in ("strata_seconds", "reduction_seconds")]
    cells += [f"{each['seconds']:.2f}" if each else "not in time" for each in found.values()]
    cells += [f"{best['memory']:.0f}" if best else "", f"{peer[name]:.1f}" if name in peer else "", f"{goal or ''}"]
    return f"| {' | '.join(cells)} |"


def table(results: dict[str, dict[str, dict[str, Any] | None]], peer: dict[str, float]) -> list[str]:
    heads = ["problem", "strata", "columns", "dimension", "terms", "orbits", "strata (s)", "reductions (s)"]
    heads += [f"{engine} (s)" for engine in ENGINES] + ["peak (MiB)", "causaloptim (s)", "goal (s)"]
    goals = {name: goal for name, _, goal in PROBLEMS}
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    return lines + [row(name, found, goals[name], peer) for name, found in results.items()]


def short_table(results: dict[str, dict[str, dict[str, Any] | None]]) -> list[str]:
    """What the page of large models shows: sizes and seconds."""
    goals = {name: goal for name, _, goal in PROBLEMS}
    lines = ["| problem | terms | orbits (s) | ppl (s) | cdd (s) | goal (s) |", "|" + " --- |" * 6]
    for name, found in results.items():
        shown = next((each for each in found.values() if each), None)
        seconds = [f"{each['seconds']:.2f}" if each else "not in time" for each in found.values()]
        cells = [name, shown["terms"] if shown else "", *seconds, f"{goals[name] or ''}"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def picture(results: dict[str, dict[str, dict[str, Any] | None]], file: Path) -> None:
    """Seconds against the number of terms, one line style for each engine."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "boundgen"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    styles = {"orbits": ("o-", "black"), "ppl": ("s--", "0.35"), "cdd": ("^:", "0.55")}
    for engine in ENGINES:
        points = sorted(
            (int(each["terms"].split()[0]), each["seconds"])
            for found in results.values()
            if (each := found[engine]) is not None
        )
        style, colour = styles[engine]
        axes.loglog(*zip(*points, strict=True), style, color=colour, label=engine, markersize=5)
    axes.set_xlabel("terms of the lower bound")
    axes.set_ylabel("seconds, both sides")
    axes.legend(title="engine", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", metavar="ENGINE", help="measure the model on standard input, in this process")
    parser.add_argument("--timeout", type=float, default=30, help="seconds for direct enumeration of each problem")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(sys.stdin.read(), options.one)))
        return
    results: dict[str, dict[str, dict[str, Any] | None]] = {}
    for name, text, _ in PROBLEMS:
        limits = {engine: options.timeout * (PATIENCE if engine == "orbits" else 1) for engine in ENGINES}
        found = {engine: in_child(text, engine, seconds) for engine, seconds in limits.items()}
        results[name] = found
        print(row(name, found, None, {}), flush=True)
    lines = table(results, causaloptim(20 * options.timeout))
    text = (HERE / "benchmarks_head.md").read_text(encoding="utf-8").replace("TIMEOUT", f"{options.timeout:g}")
    parts = (text, "\n".join(lines) + "\n", starts.section(print))
    (DOCS / "benchmarks.md").write_text("\n".join(parts), encoding="utf-8")
    picture(results, DOCS / "benchmarks.svg")
    write_into_page("engines", short_table(results))


if __name__ == "__main__":
    main()
