"""One line of JSON for each run of the benchmarks, so that a regression is seen: ``docs/benchmarks/history.jsonl``.

Machines differ, and so do days on one machine. So the processor's time is kept as a ratio to a yardstick, a fixed
piece of exact arithmetic that is timed in the same minute.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

from boundgen.version import VERSION

HISTORY = Path(__file__).parents[2] / "docs" / "benchmarks" / "history.jsonl"
# A run is compared with the median of so many runs before it, and has regressed where a ratio is so many times theirs.
RUNS = 5
TOLERATED = 1.5

Line = dict[str, Any]


def yardstick() -> int:
    """Exact arithmetic that takes some hundredths of a second and never changes."""
    total = Fraction(0)
    for k in range(1, 2400):
        total += Fraction(k, k * k + 1)
    return total.denominator.bit_length()


def line(ratios: Mapping[str, float], seconds: Mapping[str, float]) -> Line:
    """What is kept of a run: when, what, where, and for each problem its ratio to the yardstick and its seconds."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "version": VERSION,
        "commit": _commit(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "ratios": {name: round(ratio, 4) for name, ratio in ratios.items()},
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
    }


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, cwd=HISTORY.parents[2], capture_output=True, text=True, check=False).stdout.strip()


def read() -> list[Line]:
    """The runs that were kept, the first one first."""
    if not HISTORY.exists():
        return []
    return [json.loads(text) for text in HISTORY.read_text(encoding="utf-8").splitlines()]


def append(run: Line) -> None:
    """Keep a run as one more line."""
    HISTORY.parent.mkdir(exist_ok=True)
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")


def regressions(earlier: Sequence[Line], run: Line) -> list[str]:
    """A sentence for each problem that has become much slower than it was in the last runs."""
    said = []
    for name, ratio in run["ratios"].items():
        before = [kept["ratios"][name] for kept in earlier[-RUNS:] if name in kept["ratios"]]
        if before and ratio > TOLERATED * median(before):
            said.append(f"{name}: {ratio / median(before):.1f} times as long as in the last {len(before)} runs")
    return said
